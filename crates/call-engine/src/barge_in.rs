//! Speech over a prompt: when it is an interruption.

use crate::deadline::limits::VOICE_HANGOVER;
use call_model::{CallTime, Interruption};
use dialplan::BargeInPolicy;
use std::time::Duration;

/// What is understood of speech over a prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OverPrompt {
    /// No word yet, or none that fits better than other sounds: perhaps noise.
    Nothing,
    /// A mere "uh-huh".
    Backchannel,
    /// Words that mean something.
    Words,
    /// A word that asks for a person, or another that is sought everywhere.
    Sought,
}

/// The first words that a recogniser guesses are often none: "uh-huh" begins as
/// "I", then "what", and a busy recogniser says so late. What stands when speech has
/// lasted so long is believed: most murmurs have been heard to end by then, and their own
/// last word decides. Of 16 murmurs 12 stopped a prompt after 480 ms, two after this; of 33
/// callers all did with either (`bellhop eval bargein`).
const WORDS_SETTLE: Duration = Duration::from_millis(700);
/// Who wants a person is not spoken over: a word that is sought was held against everyday ones before
/// it was told, and needs to stand no longer than a first guess takes to be corrected.
const SOUGHT_SETTLE: Duration = Duration::from_millis(480);

/// When speech that began at `began` and goes on is confirmed as an
/// interruption. The detector's own delay is allowed for: a voice that has just
/// fallen silent still counts as speaking, so that speech is known to have lasted
/// its time only when the delay is over as well.
pub(crate) fn confirmed_from(
    policy: &BargeInPolicy,
    began: CallTime,
    understood: OverPrompt,
) -> CallTime {
    let length: Duration = match understood {
        OverPrompt::Words => return began + WORDS_SETTLE,
        OverPrompt::Sought => return began + SOUGHT_SETTLE,
        OverPrompt::Backchannel => policy.backchannel_max,
        OverPrompt::Nothing => policy.confirm_after,
    };
    began + length + VOICE_HANGOVER
}

/// Whether speech may interrupt.
pub(crate) const fn by_voice(interruption: Interruption) -> bool {
    match interruption {
        Interruption::ByVoiceAndKeys | Interruption::ByVoice => true,
        Interruption::ByKeys | Interruption::Never | Interruption::LegalNotice => false,
    }
}

/// Whether keys may interrupt.
pub(crate) const fn by_keys(interruption: Interruption) -> bool {
    match interruption {
        Interruption::ByVoiceAndKeys | Interruption::ByKeys => true,
        Interruption::ByVoice | Interruption::Never | Interruption::LegalNotice => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_interrupt_once_they_settle_and_an_uh_huh_only_when_it_will_not_end() {
        let policy = BargeInPolicy::default();
        let began = CallTime::from_millis(1_000);
        let after = |understood| (confirmed_from(&policy, began, understood) - began).as_millis();
        assert_eq!(after(OverPrompt::Words), 700);
        assert_eq!(after(OverPrompt::Sought), 480);
        assert_eq!(after(OverPrompt::Backchannel), 1_100);
        assert_eq!(after(OverPrompt::Nothing), 1_100);
    }
}
