//! Whether complaints, lawyers and people that are only mentioned send callers to a person.

use super::understood::Share;
use call_model::{Language, WordClass};
use dialplan::{Counts, Plan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// One row of the set.
#[derive(Deserialize, Debug)]
pub struct Mention {
    /// The caller's.
    pub language: Language,
    /// What the text should do.
    pub expected: Pull,
    /// What was said.
    pub text: String,
}

/// How strongly a text pulls towards a person; the stronger the later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// Not at all.
    Stay,
    /// A person is asked for, and counted.
    Ask,
    /// A person is owed at once.
    Demand,
}

impl Pull {
    /// By the words that count in a text.
    pub fn of(plan: &Plan, node: &str, language: Language, text: &str) -> Self {
        let words = plan.escalation(node, language, text);
        let counted = words.iter().filter(|word| word.counts == Counts::Yes);
        let pulls = counted.map(|word| match word.class {
            WordClass::Ask => Self::Ask,
            WordClass::Demand => Self::Demand,
        });
        pulls.max().unwrap_or(Self::Stay)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Ask => "ask",
            Self::Demand => "demand",
        }
    }
}

impl fmt::Display for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a plan made of mentions in one language.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Pulls {
    /// How many, by what they should do and what they did.
    counted: BTreeMap<(Pull, Pull), usize>,
}

impl Pulls {
    /// Counts one more.
    pub fn add(&mut self, expected: Pull, given: Pull) {
        *self.counted.entry((expected, given)).or_default() += 1;
    }

    /// Of the texts that should stay, those that led to a person at once.
    pub fn escalated(&self) -> Share {
        let demanded = self.count(Pull::Stay, Pull::Demand);
        Share(demanded, self.expected(Pull::Stay))
    }

    /// And those that were counted as a request, which the first two times only has a person offered.
    pub fn counted(&self) -> Share {
        let asked = self.count(Pull::Stay, Pull::Ask);
        Share(asked, self.expected(Pull::Stay))
    }

    /// Of the texts that should ask, those that did at least that.
    pub fn asked(&self) -> Share {
        let all = self.expected(Pull::Ask);
        Share(all - self.count(Pull::Ask, Pull::Stay), all)
    }

    /// Of the texts that should demand, those that did.
    pub fn demanded(&self) -> Share {
        Share(
            self.count(Pull::Demand, Pull::Demand),
            self.expected(Pull::Demand),
        )
    }

    fn count(&self, expected: Pull, given: Pull) -> usize {
        self.counted
            .get(&(expected, given))
            .copied()
            .unwrap_or_default()
    }

    fn expected(&self, pull: Pull) -> usize {
        let of_it = self.counted.iter().filter(|((meant, _), _)| *meant == pull);
        of_it.map(|(_, count)| count).sum()
    }

    /// For machines.
    pub fn as_json(&self) -> Value {
        let mut told: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for ((expected, given), count) in &self.counted {
            let of_it = told.entry(expected.name()).or_default();
            of_it.insert(given.name(), *count);
        }
        json!({
            "escalated": self.escalated().as_json(),
            "counted": self.counted().as_json(),
            "asked": self.asked().as_json(),
            "demanded": self.demanded().as_json(),
            "expected_and_given": told,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_heard_as_an_ask_is_not_found_but_an_ask_heard_as_a_demand_is() {
        let mut pulls = Pulls::default();
        pulls.add(Pull::Demand, Pull::Ask);
        pulls.add(Pull::Ask, Pull::Demand);
        pulls.add(Pull::Stay, Pull::Ask);
        pulls.add(Pull::Stay, Pull::Stay);
        assert_eq!(pulls.demanded(), Share(0, 1));
        assert_eq!(pulls.asked(), Share(1, 1));
        pulls.add(Pull::Stay, Pull::Demand);
        assert_eq!(pulls.escalated(), Share(1, 3));
        assert_eq!(pulls.counted(), Share(1, 3));
    }
}
