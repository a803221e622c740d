//! What a plan makes of a labelled text, whether that is right, and how such verdicts add up.

use call_model::Language;
use dialplan::{Counts, Plan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;

/// What a caller meant, as a set has it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "String")]
pub enum Expected {
    /// This way on.
    Route(String),
    /// Something that the plan has no route for.
    Nothing,
    /// A human being.
    Person,
}

impl From<String> for Expected {
    fn from(text: String) -> Self {
        match text.as_str() {
            "none" => Self::Nothing,
            PERSON => Self::Person,
            _ => Self::Route(text),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Route(to) => f.write_str(to),
            Self::Nothing => f.write_str("none"),
            Self::Person => f.write_str(PERSON),
        }
    }
}

/// The target that every plan has, and a set's word for it.
const PERSON: &str = "person";

/// What a plan makes of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Given {
    /// A way on, by this phrase.
    Route { to: String, by: String },
    /// A person, by this word.
    Person { by: String },
    /// Something about the conversation itself, such as to hear it again.
    Conversation(&'static str),
    /// Nothing that it is sure of.
    Nothing,
}

impl Given {
    /// What a call without an intent tier would do: escalation words are weighed
    /// before the text is an answer, and what fits no route may be about the conversation.
    pub fn of(plan: &Plan, node: &str, language: Language, text: &str) -> Self {
        let words = plan.escalation(node, language, text);
        if let Some(word) = words.into_iter().find(|word| word.counts == Counts::Yes) {
            return Self::Person { by: word.word };
        }
        match plan.way_on(node, language, text) {
            Some(route) if route.to == PERSON => Self::Person { by: route.by },
            Some(route) => Self::Route {
                to: route.to,
                by: route.by,
            },
            None if plan.wants_repeat(language, text) => Self::Conversation("repeat"),
            None if plan.wants_time(language, text) => Self::Conversation("hold_on"),
            None => match plan.command(language, text) {
                Some(command) => Self::Conversation(command.name()),
                None => Self::Nothing,
            },
        }
    }

    /// Whether it is what was meant.
    pub fn against(&self, expected: &Expected) -> Verdict {
        match (expected, self) {
            (Expected::Nothing, Self::Nothing) | (Expected::Person, Self::Person { .. }) => {
                Verdict::Right
            }
            (Expected::Route(meant), Self::Route { to, .. }) if meant == to => Verdict::Right,
            (Expected::Route(_) | Expected::Person, Self::Nothing) => Verdict::NotSure,
            (
                Expected::Route(_) | Expected::Nothing | Expected::Person,
                Self::Route { .. } | Self::Person { .. } | Self::Conversation(_),
            ) => Verdict::Wrong,
        }
    }
}

/// As a list of misses shows it, e.g. `bill by 'my bill'`.
impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Route { to, by } => write!(f, "{to} by '{by}'"),
            Self::Person { by } => write!(f, "{PERSON} by '{by}'"),
            Self::Conversation(what) => f.write_str(what),
            Self::Nothing => f.write_str("not sure"),
        }
    }
}

/// Whether a text was understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As it was meant.
    Right,
    /// As something else: the caller is led astray.
    Wrong,
    /// Not at all: the caller is asked again.
    NotSure,
}

/// Verdicts, counted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Count {
    /// Understood as they were meant.
    pub right: usize,
    /// Understood as something else.
    pub wrong: usize,
    /// Not understood.
    pub not_sure: usize,
}

impl Count {
    /// Counts one more.
    pub const fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Right => self.right += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::NotSure => self.not_sure += 1,
        }
    }

    /// All texts.
    pub const fn texts(&self) -> usize {
        self.right + self.wrong + self.not_sure
    }

    /// For machines.
    pub fn as_json(&self) -> Value {
        json!({
            "texts": self.texts(),
            "right": Share(self.right, self.texts()).as_json(),
            "wrong": Share(self.wrong, self.texts()).as_json(),
            "not_sure": Share(self.not_sure, self.texts()).as_json(),
        })
    }
}

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share(pub usize, pub usize);

impl Share {
    /// In percent; none of none is 0.
    pub fn percent(self) -> f64 {
        100.0 * self.0 as f64 / self.1.max(1) as f64
    }

    /// Where the true share lies with 95 % confidence, in percent: E. B. Wilson's
    /// score interval (JASA 22, 1927), which holds for few texts and near 0 and 100 too.
    pub fn interval(self) -> (f64, f64) {
        /// The normal quantile of 97.5 %.
        const Z: f64 = 1.959_964;
        if self.1 == 0 {
            return (0.0, 100.0);
        }
        let (n, share) = (self.1 as f64, self.0 as f64 / self.1 as f64);
        let z2 = Z * Z / n;
        let middle = share + z2 / 2.0;
        let reach = Z * (share * (1.0 - share) / n + z2 / (4.0 * n)).sqrt();
        let percent = |bound: f64| (100.0 * bound / (1.0 + z2)).clamp(0.0, 100.0);
        (percent(middle - reach), percent(middle + reach))
    }

    /// For machines.
    pub fn as_json(self) -> Value {
        let (low, high) = self.interval();
        json!({ "count": self.0, "percent": self.percent(), "low": low, "high": high })
    }
}

/// As a table shows it, e.g. `36  90.0 % (77–96)`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        let told = format!("{} {:5.1} % ({low:.0}–{high:.0})", self.0, self.percent());
        f.pad(&told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(to: &str) -> Given {
        Given::Route {
            to: to.to_owned(),
            by: "words".to_owned(),
        }
    }

    #[test]
    fn nothing_is_right_only_where_nothing_was_meant() {
        let bill = Expected::from("bill".to_owned());
        assert_eq!(Given::Nothing.against(&Expected::Nothing), Verdict::Right);
        assert_eq!(Given::Nothing.against(&bill), Verdict::NotSure);
        assert_eq!(Given::Nothing.against(&Expected::Person), Verdict::NotSure);
    }

    #[test]
    fn whatever_else_is_done_is_wrong() {
        let bill = Expected::from("bill".to_owned());
        let person = Given::Person {
            by: "agent".to_owned(),
        };
        assert_eq!(route("bill").against(&bill), Verdict::Right);
        assert_eq!(person.against(&Expected::Person), Verdict::Right);
        for (given, expected) in [
            (&route("desk"), &bill),
            (&person, &bill),
            (&Given::Conversation("back"), &bill),
            (&route("bill"), &Expected::Nothing),
            (&Given::Conversation("repeat"), &Expected::Nothing),
            (&route("bill"), &Expected::Person),
        ] {
            assert_eq!(given.against(expected), Verdict::Wrong, "{given}");
        }
    }

    #[test]
    fn an_interval_is_wilsons() {
        // Brown, Cai and DasGupta, Statistical Science 16 (2001): the bounds for 0 of n are 0 and z²/(n + z²).
        let near = |one: f64, other: f64| (one - other).abs() < 0.05;
        let (low, high) = Share(0, 20).interval();
        assert!(near(low, 0.0) && near(high, 16.1), "{low} {high}");
        let (low, high) = Share(36, 40).interval();
        assert!(near(low, 76.9) && near(high, 96.0), "{low} {high}");
        assert_eq!(Share(0, 0).interval(), (0.0, 100.0));
    }
}
