//! What the caller said, once the escalation words are weighed: the answer.

use crate::barge_in::by_voice;
use crate::call::Call;
use crate::deadline::limits::COUGH;
use crate::meaning::{Answered, Goes, Meaning};
use crate::phase::{Arrival, Closing, Phase};
use crate::put_off::{PutOff, TurnResult};
use call_model::{Decision, HangUpCause, Private};
use dialplan::{Answer, AnswerBy, Node};
use std::sync::Arc;

/// What speech that fits nothing amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misfit {
    /// Nothing: a cough, or words before the question was heard.
    Ignored,
    /// The caller answered, and it was not understood.
    Failed,
    /// It was the last straw: a person is being fetched.
    Escalated,
}

impl Call {
    /// Takes an answer where the phase wants one.
    pub(crate) fn answer(&mut self, result: TurnResult) {
        let is_for_here = self.awaited().is_some_and(|awaited| {
            awaited.in_one(self.language) == result.turn.wanted.in_one(self.language)
        });
        if !is_for_here {
            self.resume("noise");
            return;
        }
        let is_closed = self.mouth.interruption().is_some_and(|by| !by_voice(by));
        match &self.phase {
            Phase::Fetching(fetching) if fetching.is_offering() => {
                self.answer_callback_offer(&result);
            }
            Phase::Ringing
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Offering(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
                if is_closed =>
            {
                self.put_offs.add(PutOff::Turn(Box::new(result)));
            }
            Phase::Telling(telling) => {
                let next = telling.next.clone();
                self.answer_over_telling(&next, result);
            }
            Phase::Asking(asking) if asking.entry.is_empty() => {
                let node = asking.node.clone();
                self.answer_question(&node, &result);
            }
            Phase::Asking(_) => {}
            Phase::Consulting(_) => self.answer_consulting(&result),
            Phase::Offering(_) => self.answer_offer(&result),
            Phase::Stranded(_) => self.answer_stranded(&result),
            Phase::Parted(_) => self.answer_parted(&result),
        }
    }

    /// Speech over something told may already answer the question that follows.
    fn answer_over_telling(&mut self, next: &str, result: TurnResult) {
        let Some(question) = self.question_after(next) else {
            return;
        };
        match self.meaning(&question, &result) {
            Meaning::Goes(_) | Meaning::Open => {
                self.put_offs.pass_on(PutOff::Turn(Box::new(result)));
                self.skip_telling();
            }
            Meaning::Repeat => self.repeat(),
            Meaning::Command(command) => self.obey(command),
            Meaning::Backchannel => self.resume("backchannel"),
            // What is told wants no answer: there is nothing to take time for.
            Meaning::HoldOn | Meaning::Nothing => self.resume("noise"),
        }
    }

    /// Goes on from what is told to what follows, once the prompt is over.
    pub(crate) fn skip_telling(&mut self) {
        if self.mouth.level().is_some() {
            self.barge_in();
            return;
        }
        if self.mouth.in_air().is_some() {
            self.mouth.stop(self.now, &mut self.out);
            return;
        }
        self.mouth.forget_waiting();
        if let Phase::Telling(telling) = &self.phase {
            let (next, arrival) = (telling.next.clone(), telling.arrival);
            self.enter(&next, arrival);
        }
    }

    fn answer_question(&mut self, node: &str, result: &TurnResult) {
        match self.answer_by(node) {
            AnswerBy::Keys => return self.resume("noise"),
            AnswerBy::VoiceAndKeys | AnswerBy::Voice => {}
        }
        if self.closes(result) {
            return;
        }
        match self.meaning(node, result) {
            Meaning::Goes(goes) => self.go(goes),
            Meaning::Open => {
                if !(self.mouth.level().is_some() && self.barge_in()) {
                    self.left_open(result);
                }
            }
            Meaning::Repeat => self.repeat(),
            Meaning::HoldOn => self.give_time(),
            Meaning::Command(command) => self.obey(command),
            Meaning::Backchannel => self.resume("backchannel"),
            Meaning::Nothing => match self.misfit(result) {
                Misfit::Failed => self.left_open(result),
                Misfit::Ignored | Misfit::Escalated => {}
            },
        }
    }

    /// "Is there anything else?" – a no, or a goodbye, ends the call; a yes has the
    /// plan's question asked again. True if it was either.
    fn closes(&mut self, result: &TurnResult) -> bool {
        let Phase::Asking(asking) = &self.phase else {
            return false;
        };
        let was_heard = !self.mouth.is_waiting() && !self.mouth.is_making();
        if asking.closing == Closing::No || !was_heard {
            return false;
        }
        let text = result.text();
        let answer = match self.plan.says_goodbye(self.language, text) {
            true => Some(Answer::No),
            false => self.plan.yes_no(self.language, text),
        };
        let is_route = matches!(self.meaning(&asking.node.clone(), result), Meaning::Goes(_));
        match answer {
            None => false,
            Some(_) if is_route => false,
            Some(answer) => {
                let question = asking.clone();
                if self.mouth.level().is_some() && self.barge_in() {
                    return true;
                }
                match answer {
                    Answer::No => self.leave(HangUpCause::PlanEnded, None),
                    Answer::Yes => self.ask_again(question),
                }
                true
            }
        }
    }

    /// Follows an answer.
    pub(crate) fn go(&mut self, goes: Goes) {
        if self.mouth.level().is_some() && self.barge_in() {
            return;
        }
        self.mouth.forget_waiting();
        let Goes {
            node,
            answer,
            confidence,
        } = goes;
        let to = match answer {
            Answered::Route { to, by } => {
                self.decide(Decision::Routed {
                    node,
                    to: to.clone(),
                    by: Private::new(by),
                    confidence,
                });
                to
            }
            Answered::Value(value) => {
                let plan = Arc::clone(&self.plan);
                let Some(Node::Collect(collect)) = plan.node(&node) else {
                    return;
                };
                let kept = Private::new(value.clone());
                self.story.slots.insert(collect.slot.clone(), kept.clone());
                self.decide(Decision::Collected {
                    slot: collect.slot.clone(),
                    value: kept,
                    confidence,
                });
                if let Some(question) = collect.confirms.as_ref().filter(|_| value == "no") {
                    self.ask_anew(question, &collect.slot);
                    return;
                }
                let least = plan.policy().listening.confirm_below;
                match &collect.sure {
                    Some(sure) if confidence >= least => sure.clone(),
                    Some(_) | None => {
                        self.keep_question(&node);
                        collect.next.after(&value).to_owned()
                    }
                }
            }
        };
        self.enter(&to, Arrival::ByCaller);
    }

    /// Says the same again.
    pub(crate) fn repeat(&mut self) {
        if self.mouth.level().is_some() && self.barge_in() {
            return;
        }
        self.remark("the caller asked to hear it again");
        self.say_again();
    }

    /// Says what was last said at this place once more.
    pub(crate) fn say_again(&mut self) {
        match &self.phase {
            Phase::Telling(telling) => {
                let (node, arrival) = (telling.node.clone(), telling.arrival);
                self.enter(&node, arrival);
            }
            Phase::Asking(_) => self.pose(),
            Phase::Offering(_) => self.say_offer(),
            Phase::Stranded(_) => self.say_stranded(),
            Phase::Parted(_) => self.say_parted(),
            Phase::Fetching(fetching) if fetching.is_offering() => self.say_callback_offer(),
            Phase::Ringing
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
        }
    }

    /// Weighs speech that fits nothing: over a prompt only speech with some
    /// length is an interruption, before the question was heard none is an answer.
    pub(crate) fn misfit(&mut self, result: &TurnResult) -> Misfit {
        let length = result.span.1.since(result.span.0);
        let has_words = result
            .any_text()
            .is_some_and(|text| !text.reveal().is_empty());
        if self.mouth.level().is_some() {
            let policy = &self.plan.policy().barge_in;
            if length < policy.backchannel_max || !has_words {
                self.resume("noise");
                return Misfit::Ignored;
            }
            return match self.barge_in() {
                true => Misfit::Escalated,
                false => Misfit::Failed,
            };
        }
        let was_heard = !self.mouth.is_waiting() && self.mouth.in_air().is_none();
        if was_heard && (has_words || length >= COUGH) {
            Misfit::Failed
        } else {
            Misfit::Ignored
        }
    }
}
