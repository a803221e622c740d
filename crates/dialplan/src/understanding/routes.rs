//! Where an answer to an open question leads.

use super::evidence::{Evidence, Fit};
use super::lexicon::Lexicon;
use super::ranker::{Aim, Likely, Ranker};
use super::said::{Said, corrections, last_request};
use super::text::Text;
use super::{Route, RouteKind};
use crate::{Ask, Node, Plan};
use call_model::{Language, PerMille};
use std::cmp::Reverse;

/// What an exact phrase scores, what one within more words at least, and what a
/// phrase that stands there in part at most.
const EXACT: u16 = 1_000;
const CONTAINED: u16 = 700;
const PARTIAL: u16 = 600;
/// The least that must speak for a target, in thousandths of a word that it alone has.
const STRENGTH_MIN: u32 = 420;
/// What a second target may have of the strength of the first before it is a guess between
/// them, in thousandths.
const RIVAL_MAX: u32 = 850;
/// How likely the examples must find another target to overrule the rules, to doubt them, to
/// settle which of two it is, and to lead where the rules tell nothing.
const OVERRULES: f32 = 0.5;
const DOUBTS: f32 = 0.5;
const SETTLES: f32 = 0.65;
const LEADS: f32 = 0.55;
/// And how likely a wish for a person must be where the rules tell nothing.
const PERSON: f32 = 0.5;

impl Plan {
    /// Where an answer to an open question leads, best first; empty where nothing
    /// fits, where it would be a guess, or `node` is no [`Node::Ask`]. The text need not be
    /// normalised.
    ///
    /// Of each target only its best phrase is told; a phrase that is a yes, a no or one
    /// Chinese character must be all that was said. A phrase that is denied ("not
    /// the balance", 不要查余额) or taken back ("the balance, no sorry, …") leads nowhere.
    /// Equal scores keep the plan's order; a check sees to it that no phrase leads to two targets.
    pub fn understand(&self, node: &str, language: Language, text: &str) -> Vec<Route> {
        let language = self.spoken(language);
        let Some(asked) = self.asked(node, language) else {
            return Vec::new();
        };
        let text = Text::of(text, language);
        let behind = corrections(&text, language).into_iter();
        let mut corrected = behind.map(|at| asked.answer(&text.units[at..]));
        let corrected = corrected.find(|answer| matches!(answer, Answer::Leads(_)));
        let answer = corrected.unwrap_or_else(|| asked.answer(&text.units));
        let answer = match (answer, last_request(&text, language)) {
            (Answer::Torn, Some(at)) => asked.answer(&text.units[at..]),
            (answer, _) => answer,
        };
        match answer {
            Answer::Leads(routes) => routes,
            Answer::Torn | Answer::Nothing => Vec::new(),
        }
    }

    fn asked(&self, node: &str, language: Language) -> Option<Asked<'_>> {
        let Some(Node::Ask(ask)) = self.node(node) else {
            return None;
        };
        let lexicon = self.lexicon(language);
        Some(Asked {
            ask,
            evidence: lexicon.routes.get(node)?,
            lexicon,
            ranker: lexicon.rankers.get(node),
            language,
        })
    }

    /// Whether what was said at an open question is like the sentences with which callers wish for
    /// a person, where they use none of the words for one.
    pub(super) fn wishes_for_person(&self, node: &str, language: Language, text: &Text) -> bool {
        let asked = self.asked(node, language);
        asked.is_some_and(|asked| asked.wishes_for_person(&text.units))
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

/// What the phrases of a question make of an answer.
enum Answer {
    Leads(Vec<Route>),
    /// Two targets are spoken of alike: what is asked for last may tell.
    Torn,
    Nothing,
}

/// A question that is answered.
struct Asked<'p> {
    ask: &'p Ask,
    evidence: &'p Evidence,
    lexicon: &'p Lexicon,
    ranker: Option<&'p Ranker>,
    language: Language,
}

impl Asked<'_> {
    fn answer(&self, units: &[String]) -> Answer {
        let core = self.lexicon.empty.taken_from(units);
        let exact = self.evidence.exactly(units, &core);
        if !exact.is_empty() {
            let place = |place: &super::evidence::Place| {
                self.route(
                    Fit {
                        place: *place,
                        strength: 0,
                        is_whole: true,
                    },
                    RouteKind::Exact,
                    PerMille::new(EXACT),
                )
            };
            let mut routes: Vec<Route> = exact.iter().filter_map(place).collect();
            routes.dedup_by(|later, first| later.to == first.to);
            return Answer::Leads(routes);
        }
        let said = Said::of(units, self.language, self.evidence);
        let fits = self.evidence.fits(&said);
        let likely = self.ranker.and_then(|ranker| ranker.likely(said.kept()));
        match likely {
            Some(likely) => self.weighed(fits, likely),
            None => self.ruled(fits),
        }
    }

    fn wishes_for_person(&self, units: &[String]) -> bool {
        let Some(ranker) = self.ranker else {
            return false;
        };
        let said = Said::of(units, self.language, self.evidence);
        let likely = ranker.likely(said.kept());
        let Some(likely) = likely.filter(|likely| likely.aim == Aim::Person) else {
            return false;
        };
        let core = self.lexicon.empty.taken_from(units);
        if !self.evidence.exactly(units, &core).is_empty() {
            return false;
        }
        match self.ruled(self.evidence.fits(&said)) {
            Answer::Leads(_) => likely.surely > OVERRULES,
            Answer::Torn | Answer::Nothing => likely.surely > PERSON,
        }
    }

    /// What the rules and the examples make of an answer together. Where the rules tell nothing
    /// the examples must be sure; where both tell something else, one must be far surer.
    fn weighed(&self, fits: Vec<Fit>, likely: Likely) -> Answer {
        let ruled = self.ruled(fits);
        let by_examples = || match likely.aim {
            Aim::Choice(choice) => self.by_examples(choice, likely.surely),
            Aim::Nowhere | Aim::Person => Answer::Nothing,
        };
        let is_same = |route: &Route| match likely.aim {
            Aim::Choice(choice) => {
                let choice = self.ask.choices.get(choice);
                choice.is_some_and(|choice| choice.to == route.to)
            }
            Aim::Nowhere | Aim::Person => false,
        };
        match ruled {
            Answer::Leads(routes) if routes.first().is_some_and(is_same) => Answer::Leads(routes),
            Answer::Leads(_) if likely.surely > OVERRULES => by_examples(),
            Answer::Leads(_) if likely.likelihood > DOUBTS => Answer::Torn,
            Answer::Torn if likely.likelihood > SETTLES => by_examples(),
            Answer::Nothing if likely.surely > LEADS => by_examples(),
            ruled @ (Answer::Leads(_) | Answer::Torn | Answer::Nothing) => ruled,
        }
    }

    /// A way that the examples alone tell.
    fn by_examples(&self, choice: usize, surely: f32) -> Answer {
        let Some(choice) = self.ask.choices.get(choice) else {
            return Answer::Nothing;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1"
        )]
        let strength = (surely.clamp(0.0, 1.0) * 1_000.0) as u32;
        Answer::Leads(vec![Route {
            to: choice.to.clone(),
            by: String::new(),
            score: scaled(strength, 0, PARTIAL),
            kind: RouteKind::Learnt,
        }])
    }

    /// What the rules alone make of an answer.
    fn ruled(&self, mut fits: Vec<Fit>) -> Answer {
        fits.retain(|fit| fit.strength >= STRENGTH_MIN);
        fits.sort_by_key(|fit| Reverse(fit.strength));
        if let [best, rival, ..] = fits.as_slice()
            && rival.strength * 1_000 > best.strength * RIVAL_MAX
        {
            return Answer::Torn;
        }
        if fits.is_empty() {
            return Answer::Nothing;
        }
        let told = fits.into_iter().filter_map(|fit| {
            let (kind, score) = if fit.is_whole {
                (
                    RouteKind::Contained,
                    scaled(fit.strength, CONTAINED, EXACT - 1),
                )
            } else {
                (RouteKind::Partial, scaled(fit.strength, 0, PARTIAL))
            };
            self.route(fit, kind, score)
        });
        Answer::Leads(told.collect())
    }

    fn route(&self, fit: Fit, kind: RouteKind, score: PerMille) -> Option<Route> {
        let choice = self.ask.choices.get(fit.place.choice)?;
        let phrases = choice.words.get(&self.language)?;
        Some(Route {
            to: choice.to.clone(),
            by: phrases.get(fit.place.phrase)?.clone(),
            score,
            kind,
        })
    }
}

/// A strength between `least` and `most`, which none reaches.
fn scaled(strength: u32, least: u16, most: u16) -> PerMille {
    let room = u32::from(most - least);
    let more = room * strength / (strength + 1_000);
    PerMille::new(least + u16::try_from(more).unwrap_or(0))
}
