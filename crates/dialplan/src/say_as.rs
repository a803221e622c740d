//! How a voice is to say words that it says wrong.

use call_model::{Language, Private, PromptPiece, PromptText};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By language, what is spoken in the place of what is written.
///
/// Only voices are told: journals, pictures and people read what was written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SayAs(pub BTreeMap<Language, BTreeMap<String, String>>);

impl SayAs {
    /// Whether everything is said as it is written.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }

    /// A prompt as a voice is to say it. Latin words count whole and whatever their case, the
    /// longest first; what is put in is not looked at again.
    pub fn spoken(&self, mut prompt: PromptText) -> PromptText {
        let Some(words) = self.0.get(&prompt.language) else {
            return prompt;
        };
        for piece in &mut prompt.pieces {
            if let PromptPiece::Text(text) = piece {
                *text = Private::new(replaced(text.reveal(), words));
            }
        }
        prompt
    }
}

fn replaced(text: &str, words: &BTreeMap<String, String>) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let here = words
            .iter()
            .filter_map(|(written, spoken)| Some((stands(written, &said, rest)?, spoken)))
            .max_by_key(|(length, _)| *length);
        let length = match here {
            Some((length, spoken)) => {
                said.push_str(spoken);
                length
            }
            None => {
                said.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    said
}

/// The bytes of `rest` that are the word `written`, if it begins with it.
fn stands(written: &str, before: &str, rest: &str) -> Option<usize> {
    let beginning = rest.get(..written.len())?;
    let after = rest.get(written.len()..)?;
    let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let goes_on = |outer: Option<char>, inner: Option<char>| is_latin(outer) && is_latin(inner);
    let is_whole = !goes_on(before.chars().next_back(), written.chars().next())
        && !goes_on(after.chars().next(), written.chars().next_back());
    let is_it = !written.is_empty() && beginning.eq_ignore_ascii_case(written);
    (is_it && is_whole).then_some(written.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use call_model::Pace;
    use proptest::prelude::*;

    fn say_as() -> SayAs {
        let words = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(written, spoken)| ((*written).to_owned(), (*spoken).to_owned()))
                .collect()
        };
        SayAs(BTreeMap::from([
            (
                En,
                words(&[("IBAN", "eye ban"), ("IBAN number", "eye ban")]),
            ),
            (Zh, words(&[("重庆", "崇庆"), ("IBAN", "爱班")])),
        ]))
    }

    fn spoken(text: &str, language: Language) -> String {
        let prompt = PromptText {
            language,
            pieces: vec![
                PromptPiece::Text(Private::new(text.to_owned())),
                PromptPiece::Pause(300),
            ],
            pace: Pace::USUAL,
        };
        let mut said = say_as().spoken(prompt).pieces;
        assert_eq!(said.pop(), Some(PromptPiece::Pause(300)));
        match said.pop() {
            Some(PromptPiece::Text(text)) => text.reveal().clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whole_words_are_said_otherwise_the_longest_first() {
        for (language, text, wanted) in [
            (En, "Your IBAN, please.", "Your eye ban, please."),
            (En, "Your iban number, please.", "Your eye ban, please."),
            (En, "An IBANK is none.", "An IBANK is none."),
            (En, "IBAN", "eye ban"),
            (En, "重庆", "重庆"),
            (Zh, "您在重庆的IBAN号码", "您在崇庆的爱班号码"),
        ] {
            assert_eq!(spoken(text, language), wanted);
        }
    }

    proptest! {
        #[test]
        fn what_no_hint_names_is_said_as_it_stands(text in "[a-h ,.重天]{0,40}") {
            for language in Language::ALL {
                prop_assert_eq!(spoken(&text, language), text.clone());
            }
        }

        #[test]
        fn any_text_may_come(text in "\\PC{0,40}") {
            for language in Language::ALL {
                let _ = spoken(&text, language);
            }
        }
    }
}
