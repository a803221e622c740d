//! A text as it is compared: units with their places, digits as figures.

use call_model::Language;
use spoken_text::{digit_words, normalise, units, words};
use std::collections::BTreeSet;

/// What was said, cut into units that compare: an English word, a Chinese
/// character, a single figure. Spoken digits are figures here, so that 幺二三幺五,
/// 一二三一五 and 12315 are one word.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub units: Vec<String>,
    /// The same as they were written.
    written: Vec<String>,
    /// For each unit, the characters before it in the normalised text.
    pub places: Vec<usize>,
}

impl Text {
    pub fn of(text: &str, language: Language) -> Self {
        let normalised: Vec<char> = normalise(text, language).chars().collect();
        let mut cut = Self {
            units: Vec::new(),
            written: Vec::new(),
            places: Vec::new(),
        };
        let mut place = 0;
        for unit in units(text, language) {
            while normalised.get(place) == Some(&' ') {
                place += 1;
            }
            cut.push(&unit, place, language);
            place += unit.chars().count();
        }
        cut
    }

    fn push(&mut self, unit: &str, place: usize, language: Language) {
        if unit.chars().all(|c| c.is_ascii_digit()) {
            for (offset, figure) in unit.chars().enumerate() {
                self.push_one(figure.to_string(), &figure.to_string(), place + offset);
            }
            return;
        }
        let known = digit_words(language).iter();
        let figure = known.clone().find(|(word, _)| *word == unit);
        let compared = figure.map_or_else(|| unit.to_owned(), |(_, digit)| digit.to_string());
        self.push_one(compared, unit, place);
    }

    fn push_one(&mut self, unit: String, written: &str, place: usize) {
        self.units.push(unit);
        self.written.push(written.to_owned());
        self.places.push(place);
    }

    /// Whether `phrase` stands at `at` as it is written, not only as it compares.
    pub fn reads_at(&self, at: usize, phrase: &Self) -> bool {
        self.written[at..].starts_with(&phrase.written)
    }

    /// Every place at which `phrase` begins.
    pub fn occurrences(&self, phrase: &[String]) -> Vec<usize> {
        if phrase.is_empty() || phrase.len() > self.units.len() {
            return Vec::new();
        }
        let windows = self.units.windows(phrase.len()).enumerate();
        windows
            .filter(|(_, window)| *window == phrase)
            .map(|(at, _)| at)
            .collect()
    }
}

/// The units of a phrase of the plan, to be compared with those of a [`Text`].
pub(super) fn comparable(phrase: &str, language: Language) -> Vec<String> {
    Text::of(phrase, language).units
}

/// The units at which a word of the text begins.
pub(super) fn word_starts(text: &str, language: Language) -> BTreeSet<usize> {
    let mut start = 0;
    let mut starts = BTreeSet::new();
    for word in words(text, language) {
        starts.insert(start);
        start += comparable(&word, language).len();
    }
    starts
}

pub(super) fn is_figure(unit: &str) -> bool {
    unit.len() == 1 && unit.as_bytes()[0].is_ascii_digit()
}

/// What stands for a feature of this kind and these parts: their FNV-1a hash.
pub(super) fn key(mark: &str, parts: &[&str]) -> u64 {
    let add = |hash: u64, text: &str| {
        text.bytes().fold(hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let begun = add(0xcbf2_9ce4_8422_2325, mark);
    parts
        .iter()
        .fold(begun, |hash, part| add(add(hash, "\0"), part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};

    #[test]
    fn places_are_those_of_the_normalised_text() {
        let text = Text::of("拨打 12315，谢谢", Zh);
        assert_eq!(
            text.units,
            ["拨", "打", "1", "2", "3", "1", "5", "谢", "谢"]
        );
        assert_eq!(text.places, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let text = Text::of("I'd  like an agent!", En);
        assert_eq!(text.places, [0, 4, 9, 12]);
    }

    #[test]
    fn a_number_is_the_same_word_in_figures_and_in_speech() {
        let number = comparable("12315", Zh);
        for spoken in ["一二三一五", "幺二三幺五", "１２３１５"] {
            assert_eq!(comparable(spoken, Zh), number);
        }
        assert_eq!(comparable("nine one one", En), comparable("911", En));
    }
}
