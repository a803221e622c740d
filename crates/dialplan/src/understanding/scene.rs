//! How a word that brings a person stands in its sentence, and what else that says: what learns whether
//! such words are meant looks at this and at nothing else.

use super::SetAside;
use super::text::{comparable, key};
use call_model::{Language, WordClass};
use std::collections::BTreeMap;
use std::ops::Range;

/// So many words on each side count by their distance too.
const NEAR: usize = 4;
/// What a word and a pair anywhere on a side count beside one with its distance.
const ANYWHERE: f32 = 1.0;
const PAIR: f32 = 0.7;
/// What the kind of a word counts: few sentences share words, many share kinds.
const KIND: f32 = 1.5;
/// What the word itself counts.
const ITSELF: f32 = 0.7;
const SLIGHT: f32 = 0.5;
/// What a word of the sentence counts wherever it stands, and its begin and end, beside a pair.
const SINGLE: f32 = 0.7;
/// What contracted words end in, and what that stands for: "don't" is "do not", "I'll" is "I will".
const CONTRACTED: [(&str, &str); 7] = [
    ("n't", "not"),
    ("'ll", "will"),
    ("'m", "am"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'d", "'d"),
    ("'s", "'s"),
];

/// Features by their hash, with what each counts.
pub(super) type Features = BTreeMap<u64, f32>;

/// Words and phrases by what they tell about a sentence: who is spoken of, when, whether it is over.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    /// By their first piece, the longest first.
    around: BTreeMap<String, Vec<(Vec<String>, String)>>,
    /// Those of the words themselves that bring a person.
    words: BTreeMap<Vec<String>, String>,
}

impl Kinds {
    /// Cuts lists of phrases, each with the name of its kind.
    pub fn of(
        around: &[(String, Vec<String>)],
        words: &[(String, Vec<String>)],
        language: Language,
    ) -> Self {
        let mut kinds = Self::default();
        for (kind, phrases) in around {
            for phrase in phrases {
                let units = comparable(phrase, language);
                let pieces: Vec<String> = pieces(&units, language).map(str::to_owned).collect();
                if let Some(first) = pieces.first() {
                    let starting = kinds.around.entry(first.clone()).or_default();
                    starting.push((pieces, kind.clone()));
                }
            }
        }
        for starting in kinds.around.values_mut() {
            starting.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        for (kind, phrases) in words {
            let phrases = phrases.iter().map(|phrase| comparable(phrase, language));
            kinds
                .words
                .extend(phrases.map(|phrase| (phrase, kind.clone())));
        }
        kinds
    }

    /// The kinds in a sequence, the longest phrase at each place, with where each stands.
    fn found_in<'k>(&'k self, pieces: &[&'k str]) -> Vec<(Range<usize>, &'k str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let here = pieces.get(at..).unwrap_or_default();
            let stands = |phrase: &[String]| {
                phrase.len() <= here.len() && phrase.iter().zip(here).all(|(a, b)| a == b)
            };
            let starting = self.around.get(here[0]).into_iter().flatten();
            match starting.clone().find(|(phrase, _)| stands(phrase)) {
                Some((phrase, kind)) => {
                    found.push((at..at + phrase.len(), kind.as_str()));
                    at += phrase.len();
                }
                None if is_place(here[0]) => {
                    found.push((at..at + 1, here[0]));
                    at += 1;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// The words of a sentence that bring a person, and what stands around them.
pub(super) struct Scene<'s> {
    pub units: &'s [String],
    /// Where they stand, in units, in order.
    pub words: &'s [(Range<usize>, WordClass)],
    pub language: Language,
}

impl Scene<'_> {
    /// How the word of this number stands there; `ruled` is what the rules hold against it.
    pub fn features(&self, number: usize, ruled: Option<SetAside>, kinds: &Kinds) -> Features {
        let (span, class) = &self.words[number];
        let (pieces, place) = self.pieces(number);
        let units = &self.units[span.clone()];
        let word = units.join(" ");
        let group = kinds.words.get(units).map_or(&*word, String::as_str);
        let mut features = Features::new();
        let mut add = |mark: &str, parts: &[&str], counts: f32| {
            features.insert(key(mark, parts), counts);
        };
        add("word", &[&word], ITSELF);
        add("group", &[group], ITSELF);
        add("class", &[of_class(*class)], SLIGHT);
        add("any", &[], SLIGHT);
        let held = ruled.map_or_else(|| "nothing".to_owned(), |why| why.to_string());
        for parts in [&[&*held][..], &[&*held, of_class(*class)]] {
            add("ruled", parts, 1.0);
        }
        let against = if ruled.is_some() {
            "set aside"
        } else {
            "counts"
        };
        add("verdict", &[against, of_class(*class)], 1.0);
        add("verdict", &[against], 1.0);

        let found = kinds.found_in(&pieces);
        let before: Vec<&str> = pieces[..place]
            .iter()
            .rev()
            .copied()
            .chain([START])
            .collect();
        let after: Vec<&str> = pieces[place + 1..].iter().copied().chain([END]).collect();
        let ahead = found.iter().filter(|(span, _)| span.end <= place).rev();
        let behind = found.iter().filter(|(span, _)| span.start > place);
        let touches = |span: &Range<usize>| span.end == place || span.start == place + 1;
        let mut nearest = Vec::new();
        for (side, words, kinds) in [
            ("before", before, ahead.collect::<Vec<_>>()),
            ("after", after, behind.collect()),
        ] {
            for (distance, piece) in words.iter().enumerate() {
                add(side, &[piece], ANYWHERE);
                if distance < NEAR {
                    add(side, &[DISTANCES[distance], piece], 1.0);
                }
                if let Some(next) = words.get(distance + 1) {
                    add(side, &["pair", piece, next], PAIR);
                }
            }
            for length in [2, 3] {
                if let Some(run) = words.get(..length) {
                    add(side, &[&["run"], run].concat(), 1.0);
                }
            }
            add(side, &["with", group, words[0]], 1.0);
            for (distance, (span, kind)) in kinds.iter().enumerate() {
                add(side, &["kind", kind], KIND);
                if touches(span) {
                    add(side, &["beside", kind], KIND);
                }
                if distance < 2 {
                    add(side, &["kind", DISTANCES[distance], kind], KIND);
                }
                if let Some((_, next)) = kinds.get(distance + 1) {
                    add(side, &["kinds", kind, next], KIND);
                }
            }
            nearest.extend(kinds.first().map(|(_, kind)| *kind));
        }
        if let [before, after] = nearest[..] {
            add("around", &[before, after], KIND);
        }
        let mut features = of_one_length(features);
        features.extend(self.sentence(*class));
        of_one_length(features)
    }

    /// What the whole sentence says, for a word of this class.
    fn sentence(&self, class: WordClass) -> Features {
        let class = of_class(class);
        let mut features = Features::new();
        let words = || self.units.iter().map(String::as_str);
        let mut add = |mark: &str, words: &[&str], counts: f32| {
            features.insert(key(mark, &[&[class], words].concat()), counts);
        };
        for word in words() {
            add("says", &[word], SINGLE);
        }
        for pair in self.units.windows(2) {
            add("says", &[&pair[0], &pair[1]], 1.0);
        }
        let (first, last): (Vec<&str>, Vec<&str>) =
            (words().take(2).collect(), words().rev().take(2).collect());
        for length in 1..=first.len() {
            add("begins", &first[..length], SINGLE);
            add("ends", &last[..length], SINGLE);
        }
        of_one_length(features)
    }

    /// The sentence in pieces, each of its words one, and which piece the word of this number is.
    fn pieces(&self, number: usize) -> (Vec<&str>, usize) {
        let mut made = Vec::new();
        let (mut place, mut at) = (0, 0);
        for (n, (span, class)) in self.words.iter().enumerate() {
            made.extend(pieces(&self.units[at..span.start], self.language));
            if n == number {
                place = made.len();
            }
            made.push(if n == number { PLACE } else { of_class(*class) });
            at = span.end;
        }
        made.extend(pieces(&self.units[at..], self.language));
        (made, place)
    }
}

const START: &str = "<start>";
const END: &str = "<end>";
const PLACE: &str = "<word>";
const DISTANCES: [&str; NEAR] = ["1", "2", "3", "4"];

const fn of_class(class: WordClass) -> &'static str {
    match class {
        WordClass::Demand => "<demand>",
        WordClass::Ask => "<ask>",
    }
}

fn is_place(piece: &str) -> bool {
    piece.starts_with('<')
}

/// Units, contractions as the two words they are.
fn pieces(units: &[String], language: Language) -> impl Iterator<Item = &str> {
    let pair = move |unit| match language {
        Language::En => contracted(unit),
        Language::Zh => (unit, ""),
    };
    let pieces = units
        .iter()
        .flat_map(move |unit| <[&str; 2]>::from(pair(unit)));
    pieces.filter(|piece| !piece.is_empty())
}

fn contracted(unit: &str) -> (&str, &str) {
    match unit {
        "can't" | "cannot" => ("can", "not"),
        "won't" => ("will", "not"),
        "shan't" => ("shall", "not"),
        "dont" => ("do", "not"),
        "gonna" => ("going", "to"),
        "wanna" => ("want", "to"),
        "gotta" => ("have", "to"),
        unit => {
            let mut endings = CONTRACTED.into_iter();
            let cut = endings.find_map(|(ending, whole)| Some((unit.strip_suffix(ending)?, whole)));
            match cut {
                Some((word, whole)) if !word.is_empty() => (word, whole),
                _ => (unit, ""),
            }
        }
    }
}

/// Long sentences weigh no more than short ones.
fn of_one_length(mut features: Features) -> Features {
    let length: f32 = features.values().map(|counts| counts * counts).sum();
    let length = length.sqrt().max(f32::MIN_POSITIVE);
    features.values_mut().for_each(|counts| *counts /= length);
    features
}
