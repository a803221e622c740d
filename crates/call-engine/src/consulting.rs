//! What the rules leave open goes to the intent tier: asked under deadlines, its
//! answer spoken as it comes, its wishes followed as far as the rules allow.

use crate::asking::Failure;
use crate::call::{Call, LineState};
use crate::deadline::limits;
use crate::mouth::Author;
use crate::phase::{Arrival, Asking, Closing, Consulting, Phase, Stream};
use crate::put_off::TurnResult;
use call_model::{
    CallAction, Decision, EscalationReason, HangUpCause, Hypothesis, IntentFact, IntentFailure,
    IntentNews, IntentQuestion, IntentQuestionId, Interruption, PerMille, Private, PromptPiece,
    PromptText,
};
use dialplan::{AnswerBy, Line, Node, Prompt};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a call knows of the tier.
#[derive(Debug, Default)]
pub(crate) struct Tier {
    /// Questions asked so far.
    asked: u32,
    /// The question whose answer is awaited.
    open: Option<IntentQuestionId>,
    /// Questions that brought no answer.
    failures: u32,
    presence: Presence,
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
        let has_words = |reading: &&Hypothesis| !reading.text.reveal().is_empty();
        let is_open = |reading: &Hypothesis| {
            self.plan
                .is_open(node, self.language, reading.text.reveal())
        };
        let mut all = result.readings.iter().chain(&result.rejected);
        self.has_tier_at(node)
            && (result
                .readings
                .iter()
                .filter(|reading| reading.confidence >= least)
                .any(|reading| has_words(&reading))
                || all.any(is_open))
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
        self.ask_tier();
    }

    fn ask_tier(&mut self) {
        self.cancel_question();
        let (Phase::Consulting(consulting), Some(policy)) =
            (&mut self.phase, self.plan.policy().intent)
        else {
            return;
        };
        self.tier.asked += 1;
        let question = IntentQuestionId(self.tier.asked);
        self.tier.open = Some(question);
        consulting.since = self.now;
        let millis =
            |time: std::time::Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let question = IntentQuestion {
            question,
            call: self.id,
            plan: self.plan.name().to_owned(),
            node: consulting.asking.node.clone(),
            language: self.language,
            attempt: consulting.attempt,
            readings: consulting.readings.clone(),
            rejected: consulting.rejected.clone(),
            slots: self.story.slots.clone(),
            emotion: self.ledger.latest_emotion().cloned(),
            history: self.story.heard(),
            nodes: self.plan.nodes().map(|(name, _)| name.to_owned()).collect(),
            first_piece_ms: millis(policy.first_piece),
            whole_ms: millis(policy.whole),
        };
        self.act(CallAction::AskIntent(Box::new(question)));
    }

    /// The question at hand no longer matters to anyone.
    fn cancel_question(&mut self) {
        if let Some(question) = self.tier.open.take() {
            self.act(CallAction::CancelIntent(question));
        }
    }

    /// Whatever took the conversation elsewhere, the tier need not go on.
    pub(crate) fn cancel_if_left(&mut self) {
        match &self.phase {
            Phase::Consulting(_) => {}
            Phase::Over => self.tier.open = None,
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

    /// The tier says something.
    pub(crate) fn tier_said(&mut self, question: IntentQuestionId, news: &IntentNews) {
        if self.tier.open != Some(question) {
            return;
        }
        let now = self.now;
        let Phase::Consulting(consulting) = &mut self.phase else {
            return;
        };
        match news {
            IntentNews::Set { slot, value } => {
                let (slot, value) = (slot.clone(), value.clone());
                self.tier_fills(slot, value);
            }
            IntentNews::Escalate { .. } => self.tier_escalates(),
            IntentNews::Failed { why } => self.tier_gives_up(*why),
            IntentNews::Say { .. }
            | IntentNews::Ask { .. }
            | IntentNews::Goto { .. }
            | IntentNews::End
            | IntentNews::Done => {
                if consulting.script.len() >= limits::TIER_SCRIPT {
                    return self.tier_overruns();
                }
                consulting.news_at = Some(now);
                consulting.script.push_back(news.clone());
                if !matches!(news, IntentNews::Say { .. }) {
                    consulting.stream = Stream::Over;
                    self.tier.open = None;
                }
            }
        }
    }

    fn tier_fills(&mut self, slot: String, value: Private<String>) {
        let is_sound =
            self.plan.has_slot(&slot) && value.reveal().chars().count() <= limits::TIER_VALUE;
        if !is_sound {
            return self.remark("the intent tier fills a slot that the plan does not have");
        }
        self.story.slots.insert(slot.clone(), value.clone());
        self.decide(Decision::Collected {
            slot,
            value,
            confidence: PerMille::ONE,
        });
    }

    /// A person, in the tier's judgement. It stands at once, so that no interruption
    /// undoes it; what the tier has said before is still said.
    fn tier_escalates(&mut self) {
        let Phase::Consulting(consulting) = &mut self.phase else {
            return;
        };
        let mut said: Option<PromptText> = None;
        for news in consulting.script.drain(..) {
            if let IntentNews::Say { text } = news {
                let piece = PromptPiece::Text(text);
                match &mut said {
                    Some(said) => said.pieces.push(piece),
                    None => {
                        said = Some(PromptText {
                            language: self.language,
                            pieces: vec![piece],
                        });
                    }
                }
            }
        }
        self.tier.open = None;
        self.remark("the intent tier asks for a person");
        self.mouth.let_finish();
        let said = said.map(|text| (text, Interruption::Never));
        self.escalate(EscalationReason::IntentTransfer, said);
    }

    /// No more will come of the question. What came before is said first, but what
    /// has no end is cut off.
    fn tier_gives_up(&mut self, why: IntentFailure) {
        let Phase::Consulting(consulting) = &mut self.phase else {
            return;
        };
        self.tier.open = None;
        consulting.stream = Stream::Over;
        let has_more = !consulting.script.is_empty() || self.mouth.speaks_for_tier();
        match why {
            IntentFailure::NotConfigured | IntentFailure::Overrun => self.tier_failed(why),
            IntentFailure::Unreachable | IntentFailure::TimedOut | IntentFailure::Garbled
                if has_more =>
            {
                consulting.script.push_back(IntentNews::Failed { why });
            }
            IntentFailure::Unreachable | IntentFailure::TimedOut | IntentFailure::Garbled => {
                self.tier_failed(why);
            }
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
    fn tier_failed(&mut self, why: IntentFailure) {
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

    /// The next of what the tier has said, once nothing else sounds.
    pub(crate) fn follow_tier(&mut self) {
        for _ in 0..=limits::TIER_SCRIPT {
            if !self.mouth.is_silent() || self.line == LineState::HeldByCaller {
                return;
            }
            let Phase::Consulting(consulting) = &mut self.phase else {
                return;
            };
            let Some(next) = consulting.script.pop_front() else {
                return;
            };
            match next {
                IntentNews::Say { text } => self.say_for_tier(text),
                IntentNews::Ask { text: Some(text) } => {
                    consulting.script.push_front(IntentNews::Ask { text: None });
                    self.say_for_tier(text);
                }
                IntentNews::Ask { text: None } => self.floor_to_caller(),
                IntentNews::Done if consulting.pieces == 0 => {
                    self.tier_failed(IntentFailure::Garbled);
                }
                IntentNews::Done => self.floor_to_caller(),
                IntentNews::Goto { node } => self.tier_goes_to(&node),
                IntentNews::End => self.tier_ends(None),
                IntentNews::Failed { why } => self.tier_failed(why),
                IntentNews::Set { .. } | IntentNews::Escalate { .. } => {}
            }
        }
    }

    fn say_for_tier(&mut self, text: Private<String>) {
        if let Phase::Consulting(consulting) = &mut self.phase {
            consulting.pieces += 1;
        }
        let text = PromptText {
            language: self.language,
            pieces: vec![PromptPiece::Text(text)],
        };
        self.say_by(Author::Tier, text, Interruption::ByVoiceAndKeys);
    }

    /// The answer is over; the caller has the floor, and the rules come first again.
    fn floor_to_caller(&mut self) {
        let Phase::Consulting(consulting) = &self.phase else {
            return;
        };
        let asking = consulting.asking.clone();
        self.remark("the caller has the intent tier's answer, and the floor");
        self.progress = self.now;
        self.wait.reset(self.now);
        self.phase = Phase::Asking(Asking {
            closing: Closing::No,
            ..asking
        });
        self.quiet_since = self.now;
    }

    fn tier_goes_to(&mut self, node: &str) {
        let Phase::Consulting(consulting) = &self.phase else {
            return;
        };
        let from = consulting.asking.node.clone();
        let plan = Arc::clone(&self.plan);
        match plan.node(node) {
            None => {
                self.remark("the intent tier leads to a node that the plan does not have");
                self.tier_failed(IntentFailure::Garbled);
            }
            Some(Node::End(end)) => self.tier_ends(end.prompt.as_ref()),
            Some(
                Node::Say(_) | Node::Ask(_) | Node::Collect(_) | Node::Api(_) | Node::Handoff(_),
            ) => {
                self.decide(Decision::Routed {
                    node: from,
                    to: node.to_owned(),
                    by: Private::new("the intent tier".to_owned()),
                    confidence: PerMille::ONE,
                });
                self.enter(node, Arrival::ByCaller);
            }
        }
    }

    /// The tier would end the call: not while a request for a person is open, and not
    /// before the caller has said so.
    fn tier_ends(&mut self, prompt: Option<&Prompt>) {
        let Phase::Consulting(consulting) = &self.phase else {
            return;
        };
        let asking = consulting.asking.clone();
        let has_said_so = consulting
            .readings
            .iter()
            .any(|reading| self.plan.says_goodbye(self.language, reading.text.reveal()));
        if self.ledger.has_open_ask() {
            self.remark("the end is refused: a request for a person is open");
            self.phase = Phase::Asking(asking);
            self.offer(EscalationReason::Asked);
        } else if has_said_so {
            let said = prompt.map(|p| (self.render(&p.wording), p.interruption));
            self.leave(HangUpCause::PlanEnded, said);
        } else {
            self.remark("the end is refused: the caller has not said goodbye");
            self.phase = Phase::Asking(Asking {
                closing: Closing::Asked,
                ..asking
            });
            self.say_line(Line::AnythingElse, Interruption::ByVoiceAndKeys);
        }
    }

    /// The caller speaks over the tier's words: they say the rest to nobody.
    pub(crate) fn interrupt_tier(&mut self) {
        if let Phase::Consulting(consulting) = &self.phase {
            self.phase = Phase::Asking(consulting.asking.clone());
        }
    }

    /// A turn of the caller while the tier thinks or speaks: what they say now counts.
    pub(crate) fn answer_consulting(&mut self, result: &TurnResult) {
        let Phase::Consulting(consulting) = &self.phase else {
            return;
        };
        let asking = consulting.asking.clone();
        let is_over_prompt = self.mouth.level().is_some();
        match self.meaning(&asking.node, result) {
            crate::meaning::Meaning::Goes(goes) => {
                self.interrupt_tier();
                self.go(goes);
            }
            crate::meaning::Meaning::Backchannel => self.resume("backchannel"),
            crate::meaning::Meaning::Open => {
                if !(is_over_prompt && self.barge_in()) {
                    self.consult(asking, result);
                }
            }
            crate::meaning::Meaning::Repeat | crate::meaning::Meaning::Nothing => {
                let is_for_tier = self.is_for_tier(&asking.node, result);
                if is_over_prompt {
                    match self.misfit(result) {
                        crate::answering::Misfit::Failed => self.left_open(result),
                        crate::answering::Misfit::Ignored | crate::answering::Misfit::Escalated => {
                        }
                    }
                } else if is_for_tier {
                    self.consult(asking, result);
                }
            }
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

const fn named(failure: IntentFailure) -> &'static str {
    match failure {
        IntentFailure::NotConfigured => "there is none",
        IntentFailure::Unreachable => "unreachable",
        IntentFailure::TimedOut => "no word in time",
        IntentFailure::Garbled => "an answer that cannot be followed",
        IntentFailure::Overrun => "an answer without end",
    }
}
