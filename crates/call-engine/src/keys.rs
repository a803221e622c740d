//! Keys: they interrupt at once, answer, collect, and 0 asks for a person.

use crate::asking::Failure;
use crate::barge_in::by_keys;
use crate::call::{Call, LineState};
use crate::closing_key::ClosingKey;
use crate::meaning::{Answered, Goes};
use crate::phase::{CallbackNumber, Phase, Stranded};
use crate::put_off::{PutOff, Words};
use call_model::{CallTime, Decision, IntentFact, Key, PerMille};
use dialplan::{Answer, AnswerBy, Collect, Collected, Node, Wanted};
use std::sync::Arc;

impl Call {
    pub(crate) fn key_pressed(&mut self, key: Key) {
        if self.line == LineState::HeldByCaller {
            return;
        }
        self.story.caller_keyed(self.now, key.face());
        self.quiet_since = self.now;
        self.take_time_back();
        let at = self.now;
        if self.is_followed_by_tier() {
            self.tell_tier(IntentFact::Key { key });
        }
        if self.mouth.holds_notice() {
            let words = Words::Unweighed;
            self.put_offs.add(PutOff::Key { key, at, words });
        } else {
            self.key(key, at, Words::Unweighed);
        }
    }

    /// Takes a key where the phase wants one.
    pub(crate) fn key(&mut self, key: Key, at: CallTime, words: Words) {
        if self.closing_key.take().is_some_and(|own| own.is(key, at)) {
            return;
        }
        if words == Words::Unweighed && key == Key::ZERO && self.zero_asks() {
            self.zero(at);
            return;
        }
        let is_closed = self.mouth.interruption().is_some_and(|by| !by_keys(by));
        match &self.phase {
            Phase::Fetching(fetching) if fetching.has_offered() => {
                if let Some(answer) = yes_no_key(key) {
                    self.stop_for_key();
                    self.answered_callback_offer(answer);
                }
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
                let words = Words::Weighed;
                self.put_offs.add(PutOff::Key { key, at, words });
            }
            Phase::Telling(telling) => {
                if self.question_after(&telling.next).is_some() {
                    let words = Words::Weighed;
                    self.put_offs.pass_on(PutOff::Key { key, at, words });
                    self.skip_telling();
                }
            }
            Phase::Asking(asking) => {
                let node = asking.node.clone();
                self.key_at_question(&node, key, at);
            }
            Phase::Consulting(consulting) => {
                let node = consulting.asking.node.clone();
                // A key that leads nowhere is no reason to drop an answer.
                if self.takes_key(&node, key) {
                    self.interrupt_tier();
                    self.key_at_question(&node, key, at);
                }
            }
            Phase::Offering(_) => self.key_at_offer(key, at),
            Phase::Stranded(stranded) if is_number(stranded) => self.key_of_number(key, at),
            Phase::Stranded(stranded) => {
                if let (Some(answer), Some(_)) = (yes_no_key(key), stranded.heard_from) {
                    self.stop_for_key();
                    self.answered_stranded(answer);
                }
            }
            Phase::Parted(parted) => {
                if let (Some(answer), Some(_)) = (yes_no_key(key), parted.heard_from) {
                    self.stop_for_key();
                    self.answered_parted(answer);
                }
            }
        }
    }

    /// Whether key 0 asks for a person here: it does unless a question routes or
    /// collects it.
    fn zero_asks(&self) -> bool {
        match &self.phase {
            Phase::Telling(telling) => self
                .question_after(&telling.next)
                .is_none_or(|node| self.plan.key_zero_asks(&node)),
            Phase::Asking(asking) => self.plan.key_zero_asks(&asking.node),
            Phase::Consulting(consulting) => self.plan.key_zero_asks(&consulting.asking.node),
            Phase::Stranded(stranded) => !is_number(stranded),
            Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Parted(_)
            | Phase::Leaving(_) => true,
            Phase::Ringing | Phase::WithPerson | Phase::Over => false,
        }
    }

    fn zero(&mut self, at: CallTime) {
        self.ledger.count_key_zero(at);
        let count = self.ledger.asks();
        self.decide(Decision::AskCounted { count });
        if !self.judged() {
            self.asked(at);
        }
    }

    fn key_at_question(&mut self, node: &str, key: Key, at: CallTime) {
        match self.answer_by(node) {
            AnswerBy::Voice => return,
            AnswerBy::VoiceAndKeys | AnswerBy::Keys => {}
        }
        self.stop_for_key();
        let plan = Arc::clone(&self.plan);
        match plan.node(node) {
            Some(Node::Ask(ask)) => match ask.by_key(key) {
                Some(to) => self.go_by_key(node, route(to, key)),
                None => self.climb(Failure::NoMatch),
            },
            Some(Node::Collect(collect)) => self.key_of_entry(node, collect, key, at),
            Some(
                Node::Say(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => {}
        }
    }

    /// A key stops the prompt at once; that is the caller's right, not anger.
    pub(crate) fn stop_for_key(&mut self) {
        self.mouth.stop(self.now, &mut self.out);
    }

    fn go_by_key(&mut self, node: &str, answer: Answered) {
        self.go(Goes {
            node: node.to_owned(),
            answer,
            confidence: PerMille::ONE,
        });
    }

    fn key_of_entry(&mut self, node: &str, collect: &Collect, key: Key, at: CallTime) {
        let is_end = collect.terminator == Some(key);
        let Phase::Asking(asking) = &mut self.phase else {
            return;
        };
        if is_end && asking.entry.is_empty() {
            self.climb(Failure::NoMatch);
            return;
        }
        if is_end {
            self.end_entry();
            return;
        }
        asking.entry.push((key, at));
        let keys: Vec<Key> = asking.entry.iter().map(|(key, _)| *key).collect();
        match self.collected_keys(node, &keys) {
            Some(Collected::Value {
                value,
                can_continue: false,
            }) => {
                self.closing_key = ClosingKey::after(collect, at);
                self.go_by_key(node, Answered::Value(value));
            }
            Some(Collected::Value {
                can_continue: true, ..
            })
            | Some(Collected::TooShort(_)) => {}
            Some(Collected::TooLong(_)) | None => self.climb(Failure::NoMatch),
        }
    }

    fn collected_keys(&self, node: &str, keys: &[Key]) -> Option<Collected> {
        let today = self.today();
        self.plan.collect_keys(node, self.language, keys, today)
    }

    /// No further key comes: the entry stands as it is.
    pub(crate) fn end_entry(&mut self) {
        let Phase::Asking(asking) = &mut self.phase else {
            return;
        };
        let entry = std::mem::take(&mut asking.entry);
        let node = asking.node.clone();
        let keys: Vec<Key> = entry.iter().map(|(key, _)| *key).collect();
        match self.collected_keys(&node, &keys) {
            Some(Collected::Value { value, .. }) => {
                self.go_by_key(&node, Answered::Value(value));
            }
            Some(Collected::TooShort(_)) if keys.iter().all(|key| *key == Key::ZERO) => {
                self.zeros(&entry);
            }
            Some(Collected::TooShort(_) | Collected::TooLong(_)) | None => {
                self.climb(Failure::NoMatch);
            }
        }
    }

    /// An entry of nothing but zeros that is no value was never an entry: each
    /// asked for a person.
    fn zeros(&mut self, entry: &[(Key, CallTime)]) {
        let mut last = None;
        for (_, at) in entry {
            self.ledger.count_key_zero(*at);
            let count = self.ledger.asks();
            self.decide(Decision::AskCounted { count });
            last = Some(*at);
        }
        if let Some(at) = last
            && !self.judged()
        {
            self.asked(at);
        }
    }

    /// The plan's own question first; otherwise 1 is yes and 2 is no.
    fn key_at_offer(&mut self, key: Key, at: CallTime) {
        let Phase::Offering(offering) = &self.phase else {
            return;
        };
        let reason = offering.reason;
        if let Some(question) = offering.question.clone()
            && self.takes_key(&question.node, key)
        {
            let node = question.node.clone();
            self.stop_for_key();
            self.phase = Phase::Asking(question);
            self.key_at_question(&node, key, at);
            return;
        }
        if let Some(answer) = yes_no_key(key)
            && offering.heard_from.is_some()
        {
            self.stop_for_key();
            self.answered_offer(answer, reason);
        }
    }

    /// Whether a key could answer a question.
    fn takes_key(&self, node: &str, key: Key) -> bool {
        let by_keys = match self.answer_by(node) {
            AnswerBy::VoiceAndKeys | AnswerBy::Keys => true,
            AnswerBy::Voice => false,
        };
        by_keys
            && match self.plan.node(node) {
                Some(Node::Ask(ask)) => ask.by_key(key).is_some(),
                Some(Node::Collect(collect)) => match &collect.wanted {
                    Wanted::Digits { .. } => key.face().is_ascii_digit(),
                    Wanted::Value(kind) => kind.takes_key(key.face()),
                    Wanted::YesNo | Wanted::Grammar { .. } => false,
                    Wanted::OneOf(all) => all.iter().any(|listed| listed.key == Some(key)),
                },
                Some(
                    Node::Say(_)
                    | Node::Api(_)
                    | Node::ApiAll(_)
                    | Node::Decide(_)
                    | Node::Set(_)
                    | Node::Handoff(_)
                    | Node::End(_),
                )
                | None => false,
            }
    }
}

fn route(to: &str, key: Key) -> Answered {
    Answered::Route {
        to: to.to_owned(),
        by: format!("key {key}"),
    }
}

/// Whether a number is being keyed in.
const fn is_number(stranded: &Stranded) -> bool {
    matches!(stranded.number, CallbackNumber::Keyed(_))
}

/// Key 1 is yes, key 2 is no.
const fn yes_no_key(key: Key) -> Option<Answer> {
    match key.face() {
        '1' => Some(Answer::Yes),
        '2' => Some(Answer::No),
        _ => None,
    }
}
