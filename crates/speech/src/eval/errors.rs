//! How far a text is from what was said.

use super::TextErrors;
use crate::distance::distance;
use call_model::Language;
use spoken_text::normalise;

/// The errors in words and those in letters of what was understood, against what was said. The
/// words of Mandarin are its characters, which are its letters too; one that sounds like the
/// one that was said is no error.
pub(super) fn of(
    heard: &str,
    said: &str,
    language: Language,
    sounds_alike: &dyn Fn(&str, &str) -> bool,
) -> (TextErrors, TextErrors) {
    let (heard, said) = (normalise(heard, language), normalise(said, language));
    let count = |units: fn(&str) -> Vec<&str>| {
        let (heard, said) = (units(&heard), units(&said));
        TextErrors {
            errors: distance(&heard, &said, |one, other| match language {
                Language::En => one == other,
                Language::Zh => one == other || sounds_alike(one, other),
            }),
            said: said.len(),
        }
    };
    let words: fn(&str) -> Vec<&str> = match language {
        Language::En => |text| text.split(' ').filter(|word| !word.is_empty()).collect(),
        Language::Zh => letters,
    };
    (count(words), count(letters))
}

fn letters(text: &str) -> Vec<&str> {
    let ends = text
        .char_indices()
        .map(|(at, letter)| (at, letter.len_utf8()));
    ends.map(|(at, long)| &text[at..at + long])
        .filter(|letter| *letter != " ")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(heard: &str, said: &str, language: Language) -> [usize; 4] {
        let alike =
            |one: &str, other: &str| ["克", "客"].contains(&one) && ["克", "客"].contains(&other);
        let (words, letters) = of(heard, said, language, &alike);
        [words.errors, words.said, letters.errors, letters.said]
    }

    #[test]
    fn words_left_out_put_in_and_changed_are_each_one_error() {
        assert_eq!(
            told("call me back", "Call me back.", Language::En),
            [0, 3, 0, 10]
        );
        assert_eq!(
            told("call back", "call me back", Language::En),
            [1, 3, 2, 10]
        );
        assert_eq!(
            told("please call me bag", "call me back", Language::En),
            [2, 3, 8, 10]
        );
        assert_eq!(told("", "one", Language::En), [1, 1, 3, 3]);
    }

    #[test]
    fn mandarin_is_counted_by_characters_and_one_that_sounds_alike_is_right() {
        assert_eq!(told("克服", "客服", Language::Zh), [0, 2, 0, 2]);
        assert_eq!(told("客户", "客服", Language::Zh), [1, 2, 1, 2]);
    }
}
