//! The intent tier's answer: spoken as it comes, its wishes followed as far as the
//! rules allow, and given up as soon as the caller says something else.

use crate::answering::Misfit;
use crate::call::{Call, LineState};
use crate::deadline::limits;
use crate::meaning::Meaning;
use crate::mouth::Author;
use crate::phase::{Arrival, Asking, Closing, Phase, Stream};
use crate::put_off::TurnResult;
use call_model::{
    Decision, EscalationReason, HangUpCause, IntentFailure, IntentNews, IntentQuestionId,
    Interruption, Pace, PerMille, Private, PromptPiece, PromptText,
};
use dialplan::{Line, Node, Prompt};
use std::sync::Arc;

impl Call {
    /// The tier says something.
    pub(crate) fn tier_said(&mut self, question: IntentQuestionId, news: &IntentNews) {
        if self.tier.is_ahead(question) {
            return self.tier_said_ahead(news);
        }
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
                if consulting.script.len() >= limits::TIER_SCRIPT || is_overlong(news) {
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
        self.judge_profile();
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
                            pace: Pace::USUAL,
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
            pace: Pace::USUAL,
        };
        self.say_by(Author::Tier, text, Interruption::ByVoiceAndKeys);
    }

    /// The answer is over; the caller has the floor, and the rules come first again.
    fn floor_to_caller(&mut self) {
        let Phase::Consulting(consulting) = &self.phase else {
            return;
        };
        let asking = consulting.asking.clone();
        let has_said_nothing = consulting.pieces == 0;
        self.remark("the caller has the intent tier's answer, and the floor");
        self.progress = self.now;
        self.wait.reset(self.now);
        self.phase = Phase::Asking(Asking {
            closing: Closing::No,
            ..asking
        });
        self.quiet_since = self.now;
        // Nobody has a floor who does not know it.
        if has_said_nothing {
            self.pose();
        }
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
                Node::Say(_)
                | Node::Ask(_)
                | Node::Collect(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_),
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
            Meaning::Goes(goes) => {
                self.interrupt_tier();
                self.go(goes);
            }
            Meaning::Command(command) => {
                self.interrupt_tier();
                self.obey(command);
            }
            Meaning::HoldOn => {
                self.interrupt_tier();
                self.give_time();
            }
            Meaning::Backchannel => self.resume("backchannel"),
            Meaning::Open => {
                if !(is_over_prompt && self.barge_in()) {
                    self.consult(asking, result);
                }
            }
            Meaning::Repeat | Meaning::Nothing => {
                let is_for_tier = self.is_for_tier(&asking.node, result);
                if is_over_prompt {
                    match self.misfit(result) {
                        Misfit::Failed => self.left_open(result),
                        Misfit::Ignored | Misfit::Escalated => {}
                    }
                } else if is_for_tier {
                    self.consult(asking, result);
                }
            }
        }
    }
}

/// No sentence is so long that anybody would listen to it.
fn is_overlong(news: &IntentNews) -> bool {
    let text = match news {
        IntentNews::Say { text } | IntentNews::Ask { text: Some(text) } => text.reveal(),
        IntentNews::Ask { text: None }
        | IntentNews::Set { .. }
        | IntentNews::Goto { .. }
        | IntentNews::Escalate { .. }
        | IntentNews::End
        | IntentNews::Done
        | IntentNews::Failed { .. } => return false,
    };
    text.chars().count() > limits::TIER_PIECE
}
