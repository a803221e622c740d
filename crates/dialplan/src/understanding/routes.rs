//! Where an answer to an open question leads.

use super::escalation::is_negated;
use super::patterns::patterns;
use super::text::{Text, comparable};
use super::{Route, RouteKind};
use crate::{Node, Plan};
use call_model::{Language, PerMille, WordClass};
use spoken_text::fillers;
use std::collections::BTreeMap;

/// What an exact phrase scores, what one within more words at least, and what a
/// phrase that stands there in part at most.
const EXACT: u16 = 1_000;
const CONTAINED: u16 = 700;
const PARTIAL: u16 = 600;
/// The least share of a phrase's words that is a partial match, in thousandths.
const PARTIAL_SHARE: usize = 600;

impl Plan {
    /// Where an answer to an open question leads, best first; empty where nothing
    /// fits or `node` is no [`Node::Ask`]. The text need not be normalised.
    ///
    /// Of each target only its best phrase is told. A phrase that is denied ("not
    /// the balance", 不要查余额) leads nowhere. Equal scores keep the plan's order;
    /// a check sees to it that no phrase leads to two targets.
    pub fn understand(&self, node: &str, language: Language, text: &str) -> Vec<Route> {
        let Some(Node::Ask(ask)) = self.node(node) else {
            return Vec::new();
        };
        let language = self.spoken(language);
        let said = Said::of(text, language);
        let mut best: BTreeMap<usize, Route> = BTreeMap::new();
        for (place, choice) in ask.choices.iter().enumerate() {
            let phrases = choice.words.get(&language).into_iter().flatten();
            for phrase in phrases {
                let Some((kind, score)) = said.fit(phrase) else {
                    continue;
                };
                let is_better = best
                    .get(&place)
                    .is_none_or(|known| (kind, score) > (known.kind, known.score));
                if is_better {
                    let (to, by) = (choice.to.clone(), phrase.clone());
                    best.insert(
                        place,
                        Route {
                            to,
                            by,
                            score,
                            kind,
                        },
                    );
                }
            }
        }
        let mut routes: Vec<Route> = best.into_values().collect();
        routes.sort_by_key(|route| std::cmp::Reverse((route.kind, route.score)));
        routes
    }
}

/// What was said, ready to be held against phrases.
struct Said {
    text: Text,
    /// The units that tell something: no fillers, no politeness.
    core: Vec<String>,
    language: Language,
}

impl Said {
    fn of(text: &str, language: Language) -> Self {
        let text = Text::of(text, language);
        let empty: Vec<Vec<String>> = fillers(language)
            .iter()
            .chain(courtesies(language))
            .map(|phrase| comparable(phrase, language))
            .collect();
        let core = without(&text.units, &empty);
        Self {
            text,
            core,
            language,
        }
    }

    fn fit(&self, phrase: &str) -> Option<(RouteKind, PerMille)> {
        let phrase = comparable(phrase, self.language);
        if phrase.is_empty() {
            return None;
        }
        if self.text.units == phrase || self.core == phrase {
            return Some((RouteKind::Exact, PerMille::new(EXACT)));
        }
        let places = self.text.occurrences(&phrase);
        if !places.is_empty() {
            let stands = places.iter().any(|at| !self.is_denied(*at, phrase.len()));
            return stands.then(|| (RouteKind::Contained, self.contained(phrase.len())));
        }
        self.partial(&phrase)
    }

    fn is_denied(&self, at: usize, length: usize) -> bool {
        let (before, rest) = self.text.units.split_at(at);
        is_negated(
            before,
            &rest[length..],
            WordClass::Ask,
            patterns(self.language),
        )
    }

    /// The more of what was said it covers, the more it scores; never as much as all.
    fn contained(&self, length: usize) -> PerMille {
        let room = usize::from(EXACT - CONTAINED - 1);
        let more = share(length.min(self.core.len()), self.core.len(), room);
        PerMille::new(CONTAINED + more)
    }

    /// Most of the phrase's words stand there, in their order, none of them denied.
    fn partial(&self, phrase: &[String]) -> Option<(RouteKind, PerMille)> {
        let mut places = Vec::new();
        let mut from = 0;
        for unit in phrase.iter().filter(|unit| !is_slight(unit, self.language)) {
            if let Some(step) = self.text.units[from..].iter().position(|said| said == unit) {
                places.push(from + step);
                from += step + 1;
            }
        }
        let weighty = phrase
            .iter()
            .filter(|unit| !is_slight(unit, self.language))
            .count();
        let is_enough = places.len() >= 2 && places.len() * 1_000 >= weighty * PARTIAL_SHARE;
        if !is_enough || self.is_denied(*places.first()?, 1) {
            return None;
        }
        let score = share(places.len(), weighty, usize::from(PARTIAL));
        Some((RouteKind::Partial, PerMille::new(score)))
    }
}

/// `part` of `whole` on a scale from 0 to `all`.
fn share(part: usize, whole: usize, all: usize) -> u16 {
    u16::try_from(part * all / whole.max(1)).unwrap_or(EXACT)
}

/// Takes every phrase of `empty` out of `units`, the longest first.
fn without(units: &[String], empty: &[Vec<String>]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = units;
    while let Some((first, tail)) = rest.split_first() {
        let longest = empty
            .iter()
            .filter(|phrase| !phrase.is_empty() && rest.starts_with(phrase))
            .map(Vec::len)
            .max();
        match longest {
            Some(length) => rest = &rest[length..],
            None => {
                kept.push(first.clone());
                rest = tail;
            }
        }
    }
    kept
}

/// Phrases around an answer that tell nothing.
pub(crate) const fn courtesies(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "please",
            "thanks",
            "thank you",
            "i want",
            "i want to",
            "i'd like",
            "i'd like to",
            "i would like",
            "i would like to",
            "i need",
            "i need to",
            "can i",
            "can you",
            "could you",
            "could i",
            "hello",
            "hi",
            "i'm calling about",
            "i am calling about",
            "it's about",
            "yes",
        ],
        Language::Zh => &[
            "请",
            "请问",
            "谢谢",
            "我要",
            "我想",
            "我想要",
            "我需要",
            "帮我",
            "请帮我",
            "麻烦",
            "麻烦帮我",
            "你好",
            "您好",
            "我想问",
            "我想问一下",
            "问一下",
            "一下",
        ],
    }
}

/// Words too common to speak for a phrase by themselves.
fn is_slight(unit: &str, language: Language) -> bool {
    let slight: &[&str] = match language {
        Language::En => &[
            "a", "an", "the", "my", "is", "are", "to", "of", "for", "i", "you", "what", "when",
            "where", "do", "your", "in", "on", "at", "it", "me", "about", "and",
        ],
        Language::Zh => &[
            "的", "了", "吗", "我", "你", "是", "在", "们", "个", "什", "么",
        ],
    };
    slight.contains(&unit)
}
