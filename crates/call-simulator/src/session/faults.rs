//! What is wrong on purpose, so that the checks are checked.

use super::rules::SessionRule;
use call_model::{CallInput, JournalEntry, JournalLine, TurnId};
use call_session::{EarOrder, SessionOutput};

/// Something wrong between a session and its checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlantedSessionFault {
    /// Every tenth tick is not recorded.
    TicksLost,
    /// The bot's side is recorded too quietly.
    BotFaded,
    /// Ends of prompts are swallowed.
    EndsSwallowed,
    /// Ends of prompts come twice.
    EndsDoubled,
    /// The journal's last line is missing.
    JournalTorn,
    /// Actions are missing from the journal.
    ActionsLost,
    /// Every tenth packet is not sent.
    PacketsLost,
    /// The ear is told to finish what it never began.
    EarConfused,
    /// `Over` comes twice.
    OverDoubled,
    /// Keys are doubled.
    KeysDoubled,
}

impl PlantedSessionFault {
    /// Every fault.
    pub const ALL: [Self; 10] = [
        Self::TicksLost,
        Self::BotFaded,
        Self::EndsSwallowed,
        Self::EndsDoubled,
        Self::JournalTorn,
        Self::ActionsLost,
        Self::PacketsLost,
        Self::EarConfused,
        Self::OverDoubled,
        Self::KeysDoubled,
    ];

    /// The rule that it breaks.
    pub const fn breaks(self) -> SessionRule {
        match self {
            Self::TicksLost => SessionRule::RecordingIsWhole,
            Self::BotFaded => SessionRule::RecordingIsTrue,
            Self::EndsSwallowed | Self::EndsDoubled => SessionRule::PromptEndsOnce,
            Self::JournalTorn => SessionRule::JournalIsWhole,
            Self::ActionsLost => SessionRule::ReplayIsSame,
            Self::PacketsLost => SessionRule::PacketsAreInOrder,
            Self::EarConfused => SessionRule::EarIsInOrder,
            Self::OverDoubled => SessionRule::NothingAfterOver,
            Self::KeysDoubled => SessionRule::KeysAreTrue,
        }
    }

    /// What the checks see instead of the session's output number `count`.
    pub(crate) fn disturb(self, count: u64, output: SessionOutput) -> Vec<SessionOutput> {
        let tenth = count.is_multiple_of(10);
        match (self, output) {
            (Self::TicksLost, SessionOutput::Record { .. }) if tenth => vec![],
            (Self::BotFaded, SessionOutput::Record { caller, bot }) => {
                let bot = bot.map(|sample| sample / 4);
                vec![SessionOutput::Record { caller, bot }]
            }
            (Self::JournalTorn, SessionOutput::Journal(JournalLine::End(..))) => vec![],
            (Self::PacketsLost, SessionOutput::Packet(_)) if tenth => vec![],
            (Self::EarConfused, SessionOutput::Ear(order)) => {
                let strange = SessionOutput::Ear(EarOrder::Finish(TurnId(999)));
                vec![SessionOutput::Ear(order), strange]
            }
            (Self::OverDoubled, SessionOutput::Over(outcome)) => {
                vec![SessionOutput::Over(outcome), SessionOutput::Over(outcome)]
            }
            (_, SessionOutput::Journal(line)) => {
                let copies = self.copies(&line);
                let copy = || SessionOutput::Journal(line.clone());
                std::iter::repeat_with(copy).take(copies).collect()
            }
            (_, output) => vec![output],
        }
    }

    /// How often a line of the journal is seen.
    fn copies(self, line: &JournalLine) -> usize {
        match (self, line) {
            (Self::EndsSwallowed, JournalLine::At(_, entry)) if is_end(entry) => 0,
            (Self::EndsDoubled, JournalLine::At(_, entry)) if is_end(entry) => 2,
            (Self::ActionsLost, JournalLine::At(_, JournalEntry::Out(_))) => 0,
            (Self::KeysDoubled, JournalLine::At(_, JournalEntry::In(CallInput::KeyPressed(_)))) => {
                2
            }
            _ => 1,
        }
    }
}

const fn is_end(entry: &JournalEntry) -> bool {
    matches!(entry, JournalEntry::In(CallInput::PromptEnded { .. }))
}
