//! How common everyday words are, so that ordinary speech finds its own words and not escalation words.
//!
//! The lists hold facts, a word and how rare it is: the five thousand commonest English words as
//! Debian's `pocketsphinx-en-us` counts them, and the six thousand commonest Mandarin ones as the
//! dictionary of `jieba` does, both set right for telephone talk by hand. Beside them stand words that sound like an
//! escalation word (`soup`, `agency`) and phrases that hold one and mean something else
//! (`human resources`, `人工智能`).

use call_model::Language;

const ENGLISH: &str = include_str!("../../data/common-en.txt");
const MANDARIN: &str = include_str!("../../data/common-zh.txt");

/// A word or phrase and the logarithm (base ten) of its share in speech.
pub(super) fn words(language: Language) -> impl Iterator<Item = (&'static str, f32)> {
    let list = match language {
        Language::En => ENGLISH,
        Language::Zh => MANDARIN,
    };
    list.lines().filter_map(|line| {
        let (word, rarity) = line.split_once('\t')?;
        Some((word, -rarity.parse::<f32>().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_of_the_lists_is_a_word_with_its_share_and_stands_once() {
        for (language, list) in [(Language::En, ENGLISH), (Language::Zh, MANDARIN)] {
            let read: Vec<(&str, f32)> = words(language).collect();
            assert_eq!(read.len(), list.lines().count());
            assert!(read.iter().all(|(_, share)| (-6.5..-1.0).contains(share)));
            let once: BTreeSet<&str> = read.iter().map(|(word, _)| *word).collect();
            assert_eq!(once.len(), read.len());
        }
    }
}
