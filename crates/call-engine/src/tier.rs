//! What the rules leave open is put to the intent tier, under deadlines; and what
//! becomes of a question that it does not answer.

use crate::ahead::{Ahead, Haste};
use crate::asking::Failure;
use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Asking, Consulting, Phase, Stream};
use crate::put_off::TurnResult;
use call_model::{
    CallAction, CallHeader, EscalationReason, HandoffTurn, Hypothesis, IntentFact, IntentFailure,
    IntentQuestion, IntentQuestionId,
};
use dialplan::{AnswerBy, Line, Node};
use std::collections::VecDeque;
use std::time::Duration;

/// What a call knows of the tier.
#[derive(Debug, Default)]
pub(crate) struct Tier {
    /// Questions asked so far.
    asked: u32,
    /// The question whose answer is awaited.
    pub(crate) open: Option<IntentQuestionId>,
    /// The question that was asked before its turn is over.
    pub(crate) ahead: Option<Ahead>,
    pub(crate) haste: Haste,
    /// Questions that brought no answer.
    pub(crate) failures: u32,
    presence: Presence,
}

impl Tier {
    pub(crate) fn of(header: &CallHeader) -> Self {
        Self {
            haste: match header.tier_is_asked_ahead {
                true => Haste::Ahead,
                false => Haste::AfterTurns,
            },
            ..Self::default()
        }
    }
}

/// What is put to the tier.
#[derive(Debug)]
pub(crate) struct Matter {
    pub(crate) node: String,
    pub(crate) attempt: u8,
    pub(crate) readings: Vec<Hypothesis>,
    pub(crate) rejected: Option<Hypothesis>,
    pub(crate) history: Vec<HandoffTurn>,
    pub(crate) is_ahead: bool,
}

/// Whether there is a tier at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Presence {
    #[default]
    Assumed,
    /// The server has none: the plan's rules stand alone for this call.
    Absent,
}

impl Call {
    /// The node's questions go on to the tier where the rules have no answer.
    pub(crate) fn has_tier_at(&self, node: &str) -> bool {
        let by_voice = match self.answer_by(node) {
            AnswerBy::VoiceAndKeys | AnswerBy::Voice => true,
            AnswerBy::Keys => false,
        };
        by_voice
            && self.plan.policy().intent.is_some()
            && self.tier.presence == Presence::Assumed
            && matches!(self.plan.node(node), Some(Node::Ask(_)))
    }

    /// Whether a turn that fits no route is a question for the tier: words that were
    /// understood, or rejected ones that the plan would have liked to hear.
    pub(crate) fn is_for_tier(&self, node: &str, result: &TurnResult) -> bool {
        let least = self.plan.policy().listening.confidence_min;
        let is_sure =
            |reading: &Hypothesis| reading.confidence >= least && !reading.text.reveal().is_empty();
        let is_open = |reading: &Hypothesis| {
            self.plan
                .is_open(node, self.language, reading.text.reveal())
        };
        let mut all = result.readings.iter().chain(&result.rejected);
        self.has_tier_at(node) && (result.readings.iter().any(is_sure) || all.any(is_open))
    }

    /// The turn fits nothing: to the tier, or a rung up the ladder.
    pub(crate) fn left_open(&mut self, result: &TurnResult) {
        let Phase::Asking(asking) = &self.phase else {
            return;
        };
        if self.is_for_tier(&asking.node, result) {
            let asking = asking.clone();
            self.consult(asking, result);
        } else {
            self.climb(Failure::NoMatch);
        }
    }

    /// Puts a turn to the tier.
    pub(crate) fn consult(&mut self, asking: Asking, result: &TurnResult) {
        let ahead = self.take_ahead(&asking, result);
        self.mouth.forget_waiting();
        self.hush_since = self.now;
        self.phase = Phase::Consulting(Consulting {
            asking: Asking {
                entry: Vec::new(),
                ..asking
            },
            readings: result.readings.clone(),
            rejected: result.rejected.clone(),
            attempt: 1,
            since: self.now,
            began: self.now,
            news_at: None,
            script: VecDeque::new(),
            stream: Stream::Open,
            pieces: 0,
            held: 0,
        });
        match ahead {
            Some(ahead) => self.adopt(ahead),
            None => self.ask_tier(),
        }
    }

    fn ask_tier(&mut self) {
        self.cancel_question();
        let Phase::Consulting(consulting) = &mut self.phase else {
            return;
        };
        consulting.since = self.now;
        consulting.stream = Stream::Open;
        let matter = Matter {
            node: consulting.asking.node.clone(),
            attempt: consulting.attempt,
            readings: consulting.readings.clone(),
            rejected: consulting.rejected.clone(),
            history: self.story.heard(),
            is_ahead: false,
        };
        self.tier.open = Some(self.put_to_tier(matter));
    }

    pub(crate) fn put_to_tier(&mut self, matter: Matter) -> IntentQuestionId {
        self.tier.asked += 1;
        let question = IntentQuestionId(self.tier.asked);
        let policy = self.plan.policy().intent.unwrap_or_default();
        let millis = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let asked = IntentQuestion {
            question,
            call: self.id,
            plan: self.plan.name().to_owned(),
            node: matter.node,
            language: self.language,
            attempt: matter.attempt,
            is_ahead: matter.is_ahead,
            readings: matter.readings,
            rejected: matter.rejected,
            slots: self.plan.shown(&self.story.slots),
            emotion: self.ledger.latest_emotion().cloned(),
            history: matter.history,
            nodes: self.plan.nodes().map(|(name, _)| name.to_owned()).collect(),
            first_piece_ms: millis(policy.first_piece),
            whole_ms: millis(policy.whole),
        };
        self.act(CallAction::AskIntent(Box::new(asked)));
        question
    }

    /// The question at hand no longer matters to anyone.
    pub(crate) fn cancel_question(&mut self) {
        if let Some(question) = self.tier.open.take() {
            self.act(CallAction::CancelIntent(question));
        }
    }

    /// Whatever took the conversation elsewhere, the tier need not go on.
    pub(crate) fn cancel_if_left(&mut self) {
        match &self.phase {
            Phase::Consulting(_) => {}
            Phase::Over => {
                self.tier.open = None;
                self.tier.ahead = None;
            }
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Offering(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_)
            | Phase::WithPerson => self.cancel_question(),
        }
    }

    /// No first word, or no next one, came in time.
    pub(crate) fn tier_is_late(&mut self) {
        self.cancel_question();
        self.tier_failed(IntentFailure::TimedOut);
    }

    /// The answer has no end.
    pub(crate) fn tier_overruns(&mut self) {
        self.cancel_question();
        self.tier_failed(IntentFailure::Overrun);
    }

    /// Once more where nothing was said yet; then the plan's own rules, and from the
    /// second such failure of a call on the offer of a person.
    pub(crate) fn tier_failed(&mut self, why: IntentFailure) {
        self.remark(format!("the intent tier failed: {}", named(why)));
        let Phase::Consulting(consulting) = &mut self.phase else {
            return;
        };
        if why == IntentFailure::NotConfigured {
            self.tier.presence = Presence::Absent;
        } else if consulting.news_at.is_none() && consulting.attempt < limits::TIER_ATTEMPTS {
            consulting.attempt += 1;
            return self.ask_tier();
        } else {
            self.tier.failures += 1;
        }
        let was_heard = consulting.pieces > 0;
        self.phase = Phase::Asking(consulting.asking.clone());
        if self.tier.failures >= limits::TIER_FAILURES {
            self.offer(EscalationReason::NoProgress);
        } else if was_heard {
            let lead = self.plan.line(Line::AnswerBroke, self.language);
            self.pose_after(Some(lead));
        } else {
            self.climb(Failure::NoMatch);
        }
    }

    /// Tells the tier a fact, if it was ever asked anything.
    pub(crate) fn tell_tier(&mut self, fact: IntentFact) {
        if self.tier.asked > 0 {
            self.act(CallAction::TellIntent(fact));
        }
    }

    /// The tier follows what the caller does at this place.
    pub(crate) fn is_followed_by_tier(&self) -> bool {
        let node = match &self.phase {
            Phase::Asking(asking) => &asking.node,
            Phase::Consulting(consulting) => &consulting.asking.node,
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Offering(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => return false,
        };
        self.tier.asked > 0 && self.has_tier_at(node)
    }
}

pub(crate) const fn named(failure: IntentFailure) -> &'static str {
    match failure {
        IntentFailure::NotConfigured => "there is none",
        IntentFailure::Unreachable => "unreachable",
        IntentFailure::TimedOut => "no word in time",
        IntentFailure::Garbled => "an answer that cannot be followed",
        IntentFailure::Overrun => "an answer without end",
    }
}
