//! Pronunciations of a plan's words, from a dictionary too large to keep.

use crate::distance::distance;
use crate::{SpeechError, UnknownWord};
use call_model::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The most pronunciations of one word that are searched.
const PRONUNCIATIONS_MAX: usize = 4;
/// A word this many letters away may be what was meant.
const NEAR: usize = 2;

/// The pronunciations of each word, each a list of phones parted by spaces.
pub(super) type Pronunciations = BTreeMap<String, Vec<String>>;

/// What a dictionary says about some words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Lookup {
    pub(super) known: Pronunciations,
    /// The words that have none, with what may have been meant.
    pub(super) unknown: Vec<UnknownWord>,
}

/// Finds the pronunciations of all `words`.
///
/// A Chinese word that is not there is put together from the longest parts that
/// are; an English one may differ by its apostrophes, and a phrase (its words
/// parted by spaces) counts as one word.
///
/// # Errors
/// [`SpeechError::ModelUnusable`] when the dictionary cannot be read.
pub(super) fn look_up(
    path: &Path,
    language: Language,
    words: &BTreeSet<String>,
) -> Result<Lookup, SpeechError> {
    let wanted = wanted(language, words);
    let mut entries = Pronunciations::new();
    scan(path, |word, pronunciation| {
        if let Some(entry) = wanted.get(word) {
            let found = entries.entry(entry.clone()).or_default();
            if found.len() < PRONUNCIATIONS_MAX && !found.iter().any(|known| known == pronunciation)
            {
                found.push(pronunciation.to_owned());
            }
        }
    })?;
    let mut known = Pronunciations::new();
    let mut unknown = Vec::new();
    for word in words {
        match spoken(language, word, &entries) {
            Some(pronunciations) => {
                known.insert(word.clone(), pronunciations);
            }
            None => unknown.push(UnknownWord {
                parts: without_entry(language, word, &entries),
                word: word.clone(),
                suggestion: None,
            }),
        }
    }
    Ok(Lookup {
        known,
        unknown: with_suggestions(path, language, unknown)?,
    })
}

/// The dictionary's entries that are needed, and the plan's spelling of each.
fn wanted(language: Language, words: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    for word in words {
        match language {
            Language::En => {
                for part in word.split(' ') {
                    wanted.insert(bare(part), part.to_owned());
                }
            }
            Language::Zh => {
                for part in parts(word) {
                    wanted.insert(part.to_owned(), part.to_owned());
                }
            }
        }
    }
    // A word's own spelling comes before another's without its apostrophe.
    for part in words.iter().flat_map(|word| word.split(' ')) {
        wanted.insert(part.to_owned(), part.to_owned());
    }
    wanted
}

/// Every run of characters within a word.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = word
        .char_indices()
        .map(|(at, _)| at)
        .chain([word.len()])
        .collect();
    (0..ends.len()).flat_map({
        let ends = ends.clone();
        move |from| {
            let ends = ends.clone();
            (from + 1..ends.len()).map(move |to| &word[ends[from]..ends[to]])
        }
    })
}

fn bare(word: &str) -> String {
    word.replace('\'', "")
}

fn spoken(language: Language, word: &str, entries: &Pronunciations) -> Option<Vec<String>> {
    if let Some(found) = entries.get(word) {
        return Some(found.clone());
    }
    let parts: Vec<&[String]> = match language {
        Language::En => word
            .split(' ')
            .map(|part| entries.get(part).map(Vec::as_slice))
            .collect::<Option<_>>()?,
        Language::Zh => longest_parts(word, entries)?,
    };
    joined(&parts)
}

/// The fewest parts of a word that have entries; of as many, those with the longest at the end.
fn longest_parts<'e>(word: &str, entries: &'e Pronunciations) -> Option<Vec<&'e [String]>> {
    // Of each beginning: how few parts make it up, and where the last of them starts.
    let mut fewest: Vec<Option<(usize, usize)>> = vec![None; word.len() + 1];
    fewest[0] = Some((0, 0));
    let is_place = |at: &usize| word.is_char_boundary(*at);
    for end in (1..=word.len()).filter(is_place) {
        for from in (0..end).rev().filter(is_place) {
            let Some((parts, _)) = fewest[from] else {
                continue;
            };
            let is_fewer = fewest[end].is_none_or(|(known, _)| parts < known);
            if is_fewer && entries.contains_key(&word[from..end]) {
                fewest[end] = Some((parts + 1, from));
            }
        }
    }
    let (mut parts, mut end) = (Vec::new(), word.len());
    while end > 0 {
        let (_, from) = fewest[end]?;
        parts.push(entries.get(&word[from..end])?.as_slice());
        end = from;
    }
    parts.reverse();
    Some(parts)
}

/// The characters of a Chinese word, or the words of an English phrase, that have no entry.
fn without_entry(language: Language, word: &str, entries: &Pronunciations) -> Vec<String> {
    let parts: Vec<String> = match language {
        Language::En => word.split(' ').map(str::to_owned).collect(),
        Language::Zh => word.chars().map(String::from).collect(),
    };
    let unknown = parts.into_iter().filter(|part| !entries.contains_key(part));
    unknown.collect()
}

/// Every way to say the parts one after the other, up to the limit.
fn joined(parts: &[&[String]]) -> Option<Vec<String>> {
    let (first, rest) = parts.split_first()?;
    let mut made = first.to_vec();
    for sounds in rest {
        made = made
            .iter()
            .flat_map(|before| sounds.iter().map(move |sound| format!("{before} {sound}")))
            .take(PRONUNCIATIONS_MAX)
            .collect();
    }
    Some(made)
}

/// Calls `each` with every word (without its number) and its pronunciation; an
/// English word is offered without its apostrophes too.
fn scan(path: &Path, mut each: impl FnMut(&str, &str)) -> Result<(), SpeechError> {
    let unusable = |error: std::io::Error| SpeechError::ModelUnusable {
        path: path.to_owned(),
        what: error.to_string(),
    };
    let mut lines = BufReader::new(File::open(path).map_err(unusable)?);
    let (mut line, mut phones) = (String::new(), String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line).map_err(unusable)? == 0 {
            return Ok(());
        }
        let mut parts = line.split_whitespace();
        let Some(word) = parts.next() else { continue };
        let word = word.split_once('(').map_or(word, |(word, _)| word);
        phones.clear();
        for phone in parts {
            if !phones.is_empty() {
                phones.push(' ');
            }
            phones.push_str(phone);
        }
        if phones.is_empty() || word.is_empty() {
            continue;
        }
        each(word, &phones);
        if word.contains('\'') {
            each(&bare(word), &phones);
        }
    }
}

fn with_suggestions(
    path: &Path,
    language: Language,
    unknown: Vec<UnknownWord>,
) -> Result<Vec<UnknownWord>, SpeechError> {
    let mut words: Vec<(usize, UnknownWord)> =
        unknown.into_iter().map(|word| (NEAR + 1, word)).collect();
    if language == Language::En && !words.is_empty() {
        scan(path, |entry, _| {
            for (near, unknown) in &mut words {
                let away = letters_apart(&unknown.word, entry, *near);
                if away < *near {
                    *near = away;
                    unknown.suggestion = Some(entry.to_owned());
                }
            }
        })?;
    }
    Ok(words.into_iter().map(|(_, word)| word).collect())
}

/// How many letters must be changed, added or left out; `limit` where it is no less.
fn letters_apart(one: &str, other: &str, limit: usize) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) >= limit || one.first() != other.first() {
        return limit;
    }
    distance(one, other, |letter, candidate| letter == candidate).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn dictionary(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("bellhop-{name}-{}.dict", std::process::id()));
        std::fs::write(&path, text).expect("writes");
        path
    }

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_chinese_word_is_put_together_from_its_longest_parts() {
        let text = "人工\tr en g ong\n转 zh uan\n长\tch ang\n长(2)\tzh ang\n工 g ong\n人 r en\n";
        let path = dictionary("zh", text);
        let found = look_up(&path, Language::Zh, &set(&["转人工", "长工"])).expect("known");
        assert_eq!(found.known["转人工"], ["zh uan r en g ong"]);
        assert_eq!(found.known["长工"], ["ch ang g ong", "zh ang g ong"]);
        std::fs::remove_file(path).expect("removes");
    }

    #[test]
    fn a_character_known_only_within_a_word_is_used_there_and_an_unknown_one_is_named() {
        let text = "甲乙\tj ia y i\n甲\tj ia\n乙丙\ty i b ing\n";
        let path = dictionary("zh-parts", text);
        let found = look_up(&path, Language::Zh, &set(&["甲乙丙", "甲囧"])).expect("reads");
        assert_eq!(found.known["甲乙丙"], ["j ia y i b ing"]);
        let named: Vec<String> = found.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["'甲囧' (for '囧')"]);
        std::fs::remove_file(path).expect("removes");
    }

    #[test]
    fn an_unknown_english_word_is_named_with_the_nearest_one() {
        let path = dictionary("en", "agent EY JH AH N T\ni'd AY D\ndon't D OW N T\n");
        let known = look_up(&path, Language::En, &set(&["i'd", "dont"])).expect("known");
        assert_eq!(known.known["dont"], ["D OW N T"]);
        let found = look_up(&path, Language::En, &set(&["agnet", "zzz"])).expect("reads");
        let named: Vec<String> = found.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["'agnet' (did you mean 'agent'?)", "'zzz'"]);
        let phrase = look_up(&path, Language::En, &set(&["don't agent"])).expect("reads");
        assert_eq!(phrase.known["don't agent"], ["D OW N T EY JH AH N T"]);
        std::fs::remove_file(path).expect("removes");
    }
}
