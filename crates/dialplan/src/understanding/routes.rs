//! Where an answer to an open question leads.

use super::escalation::is_negated;
use super::lexicon::Lexicon;
use super::patterns::patterns;
use super::text::Text;
use super::{Route, RouteKind};
use crate::{Node, Plan};
use call_model::{Language, PerMille, WordClass};
use std::ops::Range;

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
    /// Of each target only its best phrase is told; a phrase that is a yes, a no or one
    /// Chinese character must be all that was said. A phrase that is denied ("not
    /// the balance", 不要查余额) leads nowhere. Equal scores keep the plan's order;
    /// a check sees to it that no phrase leads to two targets.
    pub fn understand(&self, node: &str, language: Language, text: &str) -> Vec<Route> {
        let Some(Node::Ask(ask)) = self.node(node) else {
            return Vec::new();
        };
        let language = self.spoken(language);
        let lexicon = self.lexicon(language);
        let said = Said::of(text, language, lexicon);
        let mut routes: Vec<Route> = ask
            .choices
            .iter()
            .zip(lexicon.routes.get(node).into_iter().flatten())
            .filter_map(|(choice, cut)| {
                let fit = said.best_of(choice.words.get(&language)?, cut)?;
                Some(fit.leading_to(&choice.to))
            })
            .collect();
        routes.sort_by_key(|route| std::cmp::Reverse((route.kind, route.score)));
        routes
    }

    /// The best way on of [`understand`](Self::understand), unless another is just as good.
    pub fn way_on(&self, node: &str, language: Language, text: &str) -> Option<Route> {
        let mut routes = self.understand(node, language, text).into_iter();
        let best = routes.next()?;
        let is_tied = routes.any(|other| {
            other.to != best.to && (other.kind, other.score) == (best.kind, best.score)
        });
        (!is_tied).then_some(best)
    }
}

/// How one phrase stands in what was said.
struct Fit<'p> {
    kind: RouteKind,
    score: PerMille,
    phrase: &'p str,
}

impl Fit<'_> {
    fn leading_to(&self, to: &str) -> Route {
        Route {
            to: to.to_owned(),
            by: self.phrase.to_owned(),
            score: self.score,
            kind: self.kind,
        }
    }
}

/// What was said, ready to be held against phrases.
struct Said<'l> {
    text: Text,
    /// The units that tell something: no fillers, no politeness.
    core: Vec<String>,
    lexicon: &'l Lexicon,
    language: Language,
}

impl<'l> Said<'l> {
    fn of(text: &str, language: Language, lexicon: &'l Lexicon) -> Self {
        let text = Text::of(text, language);
        Self {
            core: lexicon.empty.taken_from(&text.units),
            text,
            lexicon,
            language,
        }
    }

    /// The phrase of one target that fits best. What lies within a denied phrase
    /// of the same target is denied with it: no 余额 is heard in 不要查余额.
    fn best_of<'p>(&self, phrases: &'p [String], cut: &[Vec<String>]) -> Option<Fit<'p>> {
        let denied: Vec<Range<usize>> = cut
            .iter()
            .flat_map(|units| self.spans(units))
            .filter(|span| self.is_denied(span))
            .collect();
        let fits = phrases.iter().zip(cut).filter_map(|(phrase, units)| {
            let (kind, score) = self.fit(units, &denied)?;
            Some(Fit {
                kind,
                score,
                phrase,
            })
        });
        fits.reduce(|best, fit| {
            if (fit.kind, fit.score) > (best.kind, best.score) {
                fit
            } else {
                best
            }
        })
    }

    fn fit(&self, phrase: &[String], denied: &[Range<usize>]) -> Option<(RouteKind, PerMille)> {
        let is_core = !self.core.is_empty() && self.core == self.lexicon.empty.taken_from(phrase);
        if self.text.units == phrase || is_core {
            return Some((RouteKind::Exact, PerMille::new(EXACT)));
        }
        if self.is_small(phrase) {
            return None;
        }
        let mut spans = self.spans(phrase).peekable();
        if spans.peek().is_none() {
            return self.partial(phrase, denied);
        }
        let stands = spans.any(|span| !denied.iter().any(|no| overlap(no, &span)));
        stands.then(|| (RouteKind::Contained, self.contained(phrase.len())))
    }

    /// Yes, no and single Chinese characters say nothing within other words.
    fn is_small(&self, phrase: &[String]) -> bool {
        let is_one_character = self.language == Language::Zh && phrase.len() == 1;
        is_one_character || self.lexicon.yes.has(phrase) || self.lexicon.no.has(phrase)
    }

    /// Where a phrase stands.
    fn spans(&self, phrase: &[String]) -> impl Iterator<Item = Range<usize>> + use<> {
        let length = phrase.len();
        self.text
            .occurrences(phrase)
            .into_iter()
            .map(move |at| at..at + length)
    }

    fn is_denied(&self, span: &Range<usize>) -> bool {
        let units = &self.text.units;
        let (before, after) = (&units[..span.start], &units[span.end..]);
        is_negated(before, after, WordClass::Ask, patterns(self.language))
    }

    /// The more of what was said it covers, the more it scores; never as much as all.
    fn contained(&self, length: usize) -> PerMille {
        let room = usize::from(EXACT - CONTAINED - 1);
        let more = share(length.min(self.core.len()), self.core.len(), room);
        PerMille::new(CONTAINED + more)
    }

    /// Most of the phrase's words stand there, in their order, none of them denied.
    fn partial(&self, phrase: &[String], denied: &[Range<usize>]) -> Option<(RouteKind, PerMille)> {
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
        let first = *places.first()?;
        let is_denied =
            self.is_denied(&(first..first + 1)) || denied.iter().any(|no| no.contains(&first));
        if !is_enough || is_denied {
            return None;
        }
        let score = share(places.len(), weighty, usize::from(PARTIAL));
        Some((RouteKind::Partial, PerMille::new(score)))
    }
}

fn overlap(left: &Range<usize>, right: &Range<usize>) -> bool {
    left.start < right.end && right.start < left.end
}

/// `part` of `whole` on a scale from 0 to `all`.
fn share(part: usize, whole: usize, all: usize) -> u16 {
    u16::try_from(part * all / whole.max(1)).unwrap_or(EXACT)
}

/// Words too common to speak for a phrase by themselves.
pub(crate) fn is_slight(unit: &str, language: Language) -> bool {
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
