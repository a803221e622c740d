//! Which values of slots a text holds.

use super::EvalClip;
use call_model::Language;
use spoken_text::units;

/// All values that slots have in a set of recordings.
///
/// A value is found in a text as whole words (in Mandarin: characters), and where several values begin at one
/// place the longest counts: neither is "seven" found in "seventeen", nor "coffee" in "iced coffee" where both are values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SlotValues {
    /// Each cut into words, the longest first.
    values: Vec<Vec<String>>,
}

impl SlotValues {
    /// The values of these recordings.
    pub fn of(clips: &[EvalClip]) -> Self {
        let said = clips
            .iter()
            .flat_map(|clip| clip.slots.iter().map(|slot| units(slot, clip.language)));
        let mut values: Vec<_> = said.filter(|value| !value.is_empty()).collect();
        values.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        values.dedup();
        Self { values }
    }

    /// How many of the slots said are found in a text; a value that was said twice must be there twice.
    pub(super) fn found(&self, said: &[String], text: &str, language: Language) -> usize {
        let text = units(text, language);
        let mut heard = self.heard(&text);
        let found = said.iter().filter(|slot| {
            let slot = units(slot, language);
            let place = heard.iter().position(|value| **value == *slot);
            place.map(|place| heard.swap_remove(place)).is_some()
        });
        found.count()
    }

    fn heard<'t>(&self, mut text: &'t [String]) -> Vec<&'t [String]> {
        let mut heard = Vec::new();
        while !text.is_empty() {
            let length = self.values.iter().find(|value| text.starts_with(value));
            let (value, rest) = text.split_at(length.map_or(1, Vec::len));
            heard.extend(length.map(|_| value));
            text = rest;
        }
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&str], said: &[&str], text: &str, language: Language) -> usize {
        let owned = |of: &[&str]| of.iter().map(|&it| it.to_owned()).collect();
        let clip = EvalClip {
            path: String::new(),
            corpus: String::new(),
            speaker: String::new(),
            language,
            text: String::new(),
            slots: owned(values),
        };
        let said: Vec<String> = owned(said);
        SlotValues::of(&[clip]).found(&said, text, language)
    }

    #[test]
    fn a_value_is_no_part_of_a_word_and_no_part_of_a_longer_value() {
        let numbers = ["seven", "seventeen"];
        let seven = |text| found(&numbers, &["seven"], text, Language::En);
        assert_eq!(seven("a table for seven please"), 1);
        assert_eq!(seven("a table for seventeen"), 0);
        let drinks = ["coffee", "iced coffee", "milk", "a bit of milk"];
        let drink = |said, text| found(&drinks, &[said], text, Language::En);
        assert_eq!(drink("coffee", "get me an iced coffee"), 0);
        assert_eq!(drink("iced coffee", "get me an iced coffee"), 1);
        assert_eq!(drink("milk", "coffee with a bit of milk"), 0);
    }

    #[test]
    fn a_value_said_twice_is_found_twice_or_not() {
        let both = |text| found(&["seven", "two"], &["seven", "seven"], text, Language::En);
        assert_eq!(both("from seven to seven"), 2);
        assert_eq!(both("from seven to two"), 1);
    }

    #[test]
    fn mandarin_is_matched_by_characters_and_the_longer_value_counts() {
        let values = ["七", "十七", "拿铁"];
        let one = |said, text| found(&values, &[said], text, Language::Zh);
        assert_eq!(one("七", "要七杯拿铁"), 1);
        assert_eq!(one("七", "要十七杯拿铁"), 0);
        assert_eq!(one("拿铁", "要十七杯拿鐵"), 1);
    }
}
