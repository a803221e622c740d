//! When a pause is the end of a turn.

use crate::ear::Understood;
use call_model::Language;
use dialplan::{Pauses, TurnTaking};
use std::time::Duration;

/// The kind of answer that is awaited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum QuestionKind {
    /// One of several answers, or none in particular.
    Choice,
    /// Digits, which people say in groups.
    Digits,
    /// A date, an amount, a plate, within which people pause as within a number.
    Value,
    /// Yes or no.
    YesNo,
}

/// How far what was said fills the question's grammar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fullness {
    /// It is an answer, and nothing can follow.
    Complete,
    /// It is an answer, but more could follow.
    Open,
    /// It is no answer yet.
    Incomplete,
}

/// A pause and why it is enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pause {
    /// Counted from the last voiced moment.
    pub(crate) length: Duration,
    /// For the journal.
    pub(crate) why: &'static str,
}

/// A filled pause keeps the turn for so many times an incomplete one.
const FILLED_NUMERATOR: u32 = 3;
const FILLED_DENOMINATOR: u32 = 2;

/// A number that is long enough, and might be longer, is waited on for so many times another answer that could go on: the
/// pauses between its groups are as long as the one after its end.
const DIGITS_NUMERATOR: u32 = 3;
const DIGITS_DENOMINATOR: u32 = 2;

/// The pause that ends a turn in which so much was understood.
pub(crate) fn pause(
    rules: &TurnTaking,
    kind: QuestionKind,
    understood: &Understood,
    fullness: Fullness,
    language: Language,
) -> Pause {
    let pauses = of_kind(rules, kind);
    // Otherwise 嗯 is a yes.
    let is_thinking = kind == QuestionKind::Digits && understood.text.ends_with('嗯');
    if is_thinking || ends_in_filler(&understood.text, language) {
        return Pause {
            length: pauses.incomplete * FILLED_NUMERATOR / FILLED_DENOMINATOR,
            why: "filled pause",
        };
    }
    let (length, why) = match fullness {
        Fullness::Complete => (pauses.complete, "grammar complete"),
        Fullness::Open if kind == QuestionKind::Digits => (
            pauses.open * DIGITS_NUMERATOR / DIGITS_DENOMINATOR,
            "more digits could follow",
        ),
        Fullness::Open => (pauses.open, "grammar could end here"),
        Fullness::Incomplete if understood.text.is_empty() => (pauses.incomplete, "no words yet"),
        Fullness::Incomplete => (pauses.incomplete, "grammar incomplete"),
    };
    Pause { length, why }
}

const fn of_kind(rules: &TurnTaking, kind: QuestionKind) -> &Pauses {
    match kind {
        QuestionKind::Choice => &rules.choice,
        QuestionKind::Digits | QuestionKind::Value => &rules.digits,
        QuestionKind::YesNo => &rules.yes_no,
    }
}

/// Words with which people hold a turn while they think.
const fn fillers(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &["um", "uh", "er", "erm", "hmm", "well", "and", "let me see"],
        Language::Zh => &["那个", "呃", "然后", "我想想", "还有"],
    }
}

fn ends_in_filler(text: &str, language: Language) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    fillers(language).iter().any(|filler| {
        let Some(before) = text.strip_suffix(filler) else {
            return false;
        };
        language == Language::Zh || before.is_empty() || before.ends_with(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(language: Language, kind: QuestionKind, text: &str, fullness: Fullness) -> u128 {
        let understood = Understood {
            text: text.to_owned(),
            ..Understood::default()
        };
        let rules = TurnTaking::usual(language);
        pause(&rules, kind, &understood, fullness, language)
            .length
            .as_millis()
    }

    #[test]
    fn a_yes_on_a_phone_line_is_not_waited_on() {
        for (language, text) in [(Language::En, "yes"), (Language::Zh, "是的")] {
            let pause = judged(language, QuestionKind::YesNo, text, Fullness::Complete);
            assert!(pause <= 300, "{pause} ms after {text}");
        }
    }

    #[test]
    fn the_less_complete_an_answer_the_longer_its_pause() {
        for language in Language::ALL {
            for kind in [
                QuestionKind::Choice,
                QuestionKind::Digits,
                QuestionKind::Value,
                QuestionKind::YesNo,
            ] {
                let [complete, open, incomplete] =
                    [Fullness::Complete, Fullness::Open, Fullness::Incomplete]
                        .map(|fullness| judged(language, kind, "", fullness));
                assert!(complete < open && open < incomplete, "{language} {kind:?}");
            }
        }
    }

    #[test]
    fn a_filled_pause_keeps_the_turn_also_with_a_full_stop_behind_it() {
        for (language, text) in [
            (Language::En, "check my um"),
            (Language::En, "um."),
            (Language::Zh, "我想查那个"),
            (Language::Zh, "那个。"),
        ] {
            let pause = judged(language, QuestionKind::Choice, text, Fullness::Complete);
            assert!(pause > 900, "{pause} ms after {text}");
        }
        let pause = judged(
            Language::En,
            QuestionKind::Choice,
            "premium",
            Fullness::Complete,
        );
        assert!(pause <= 300, "a word that only ends like a filler is none");
        let said = |kind| judged(Language::Zh, kind, "四五嗯", Fullness::Complete);
        assert!(said(QuestionKind::Digits) > 900);
        assert!(said(QuestionKind::YesNo) <= 300, "there it is a yes");
        let pause = judged(
            Language::Zh,
            QuestionKind::Choice,
            "查余额",
            Fullness::Complete,
        );
        assert!(pause <= 300, "额 is a filler and half of many words");
    }
}
