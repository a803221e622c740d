//! Where two calls part, step by step, as a reader is told.

use call_model::{CallAction, CallTime, Decision, EscalationReason, HangUpCause};
use std::fmt;

/// The first step that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// The node both were at.
    pub node: String,
    /// The last news before it.
    pub after: String,
    /// What happened then, and when.
    pub then: Option<(CallTime, Step)>,
    /// What would happen now, and when.
    pub now: Option<(CallTime, Step)>,
}

/// One step of the way that a call takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// To a node.
    To(String),
    /// A value was taken.
    Filled(String, String),
    /// A person was owed.
    Owed(EscalationReason),
    /// A person was asked for but only counted.
    AskCounted(u32),
    /// A person was offered.
    Offered(EscalationReason),
    /// A callback was booked.
    CallbackBooked,
    /// A remote mind was asked.
    AskedIntent,
    /// The bot hung up.
    HungUp(HangUpCause),
}

impl Step {
    /// The step that an action is, if it is one.
    pub(super) fn of(action: &CallAction) -> Option<Self> {
        Some(match action {
            CallAction::Escalate { reason, .. } => Self::Owed(*reason),
            CallAction::BookCallback(_) => Self::CallbackBooked,
            CallAction::AskIntent(_) => Self::AskedIntent,
            CallAction::HangUp(cause) => Self::HungUp(*cause),
            CallAction::Decide(Decision::Entered { node, .. }) => Self::To(node.clone()),
            CallAction::Decide(Decision::Collected { slot, value, .. }) => {
                Self::Filled(slot.clone(), value.reveal().clone())
            }
            CallAction::Decide(Decision::AskCounted { count }) => Self::AskCounted(*count),
            CallAction::Decide(Decision::PersonOffered { reason }) => Self::Offered(*reason),
            _ => return None,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(node) => write!(f, "goes to '{node}'"),
            Self::Filled(slot, value) => write!(f, "takes {slot} = {value}"),
            Self::Owed(reason) => write!(f, "owes a person ({reason:?})"),
            Self::AskCounted(count) => write!(f, "counts request {count} for a person"),
            Self::Offered(reason) => write!(f, "offers a person ({reason:?})"),
            Self::CallbackBooked => f.write_str("books a callback"),
            Self::AskedIntent => f.write_str("asks the intent tier"),
            Self::HungUp(cause) => write!(f, "hangs up ({cause:?})"),
        }
    }
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, after, .. } = self;
        write!(f, "at '{node}', {after}: ")?;
        match (&self.then, &self.now) {
            (Some((then, step)), Some((now, same))) if step == same => write!(
                f,
                "it {step} at {} instead of {}",
                seconds(*now),
                seconds(*then)
            ),
            (then, now) => write!(f, "then it {}, now it {}", told_of(then), told_of(now)),
        }
    }
}

fn seconds(at: CallTime) -> String {
    format!("{:.1} s", at.as_millis() as f64 / 1e3)
}

fn told_of(step: &Option<(CallTime, Step)>) -> String {
    match step {
        Some((at, step)) => format!("{step} at {}", seconds(*at)),
        None => "goes on".to_owned(),
    }
}
