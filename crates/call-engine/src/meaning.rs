//! What an answer means at a question of the plan.

use crate::call::Call;
use crate::put_off::TurnResult;
use call_model::{Hypothesis, PerMille};
use dialplan::{Collected, Command, Node, RouteKind, Wanted};

/// The meaning of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// It leads on.
    Goes(Goes),
    /// The caller wants to hear it again.
    Repeat,
    /// The caller wants a moment.
    HoldOn,
    /// The caller asks something of the conversation itself.
    Command(Command),
    /// The plan leaves it to the intent tier.
    Open,
    /// A mere "uh-huh".
    Backchannel,
    /// It fits nothing here.
    Nothing,
}

/// An answer that leads on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Goes {
    /// The question that was answered.
    pub(crate) node: String,
    pub(crate) answer: Answered,
    pub(crate) confidence: PerMille,
}

/// What an answer gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    /// A way on, by this phrase or key.
    Route { to: String, by: String },
    /// A value.
    Value(String),
}

impl Call {
    /// The meaning of a turn's readings at the question `node`, the best first.
    pub(crate) fn meaning(&self, node: &str, result: &TurnResult) -> Meaning {
        let text = result.text();
        let is_backchannel = !text.is_empty() && self.plan.is_backchannel(self.language, text);
        if is_backchannel && self.mouth.level().is_some() {
            return Meaning::Backchannel;
        }
        let least = self.plan.policy().listening.confidence_min;
        let sure = || result.readings.iter().filter(|r| r.confidence >= least);
        if let Some(goes) = sure().find_map(|reading| self.goes(node, reading)) {
            return Meaning::Goes(goes);
        }
        if sure().any(|reading| self.is_left_to_tier(node, reading.text.reveal())) {
            return Meaning::Open;
        }
        if self.plan.wants_repeat(self.language, text) {
            Meaning::Repeat
        } else if self.plan.wants_time(self.language, text) {
            Meaning::HoldOn
        } else if let Some(command) = self.plan.command(self.language, text) {
            Meaning::Command(command)
        } else if is_backchannel {
            Meaning::Backchannel
        } else {
            Meaning::Nothing
        }
    }

    /// The way on that a reading gives. To a yes-or-no question that was not heard
    /// yet nothing is an answer.
    fn goes(&self, node: &str, reading: &Hypothesis) -> Option<Goes> {
        let text = reading.text.reveal();
        let is_unheard = self.mouth.is_waiting() || self.mouth.is_making();
        let answer = match self.plan.node(node)? {
            Node::Collect(collect) if is_unheard && collect.wanted == Wanted::YesNo => {
                return None;
            }
            Node::Ask(_) => self.route(node, text)?,
            Node::Collect(_) => match self.collected(node, text)? {
                Collected::Value { value, .. } => Answered::Value(value),
                Collected::TooShort(_) | Collected::TooLong(_) => return None,
            },
            Node::Say(_)
            | Node::Api(_)
            | Node::ApiAll(_)
            | Node::Decide(_)
            | Node::Set(_)
            | Node::Handoff(_)
            | Node::End(_) => return None,
        };
        Some(Goes {
            node: node.to_owned(),
            answer,
            confidence: reading.confidence,
        })
    }

    pub(crate) fn collected(&self, node: &str, text: &str) -> Option<Collected> {
        self.plan.collect(node, self.language, text, self.today())
    }

    /// The best way on, unless another is just as good.
    fn route(&self, node: &str, text: &str) -> Option<Answered> {
        let best = self.plan.way_on(node, self.language, text)?;
        // Words that the plan has just so outweigh a part of other words.
        if best.kind < RouteKind::Contained && self.is_left_to_tier(node, text) {
            return None;
        }
        Some(Answered::Route {
            to: best.to,
            by: best.by,
        })
    }

    fn is_left_to_tier(&self, node: &str, text: &str) -> bool {
        self.has_tier_at(node) && self.plan.is_open(node, self.language, text)
    }
}
