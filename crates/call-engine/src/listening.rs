//! The caller's voice: floor, partial results, interruptions, ends of turns.

use crate::barge_in::{OverPrompt, by_voice, confirmed_from};
use crate::call::{Call, LineState};
use crate::ear::{Speech, Turn, Understood, Voice};
use crate::mouth::Level;
use crate::phase::Phase;
use crate::put_off::{PutOff, TurnResult, Words};
use crate::turn_taking::{Fullness, Pause, pause};
use call_model::{
    CallTime, Decision, Heard, Hypothesis, IntentFact, Language, PerMille, SpottedWord,
};
use dialplan::{Collected, Node, TurnTaking, Wanted as WantedValue};

impl Call {
    pub(crate) fn speech_started(&mut self, since: CallTime) {
        self.ear.speech_started(since.min(self.now));
        if self.line == LineState::HeldByCaller || self.ear.is_lost() {
            return;
        }
        if self.mouth.take_back(self.now, &mut self.out) {
            return;
        }
        if self.mouth.in_air().is_some_and(by_voice) {
            self.mouth.duck(&mut self.out);
        }
    }

    pub(crate) fn speech_ended(&mut self, since: CallTime) {
        self.ear.speech_ended(since.min(self.now));
        if self.ear.is_lost() {
            return;
        }
        if !self.callers_floor() {
            self.resume("noise");
        }
        self.quiet_since = self.now;
        self.hush_since = self.now;
        self.end_turn_if_due();
        self.ask_ahead_if_due();
    }

    pub(crate) fn heard(&mut self, heard: &Heard) {
        match heard {
            Heard::Partial {
                turn,
                text,
                is_complete,
                can_continue,
                is_doubtful,
                spotted,
            } => {
                let understood = Understood {
                    text: text.reveal().clone(),
                    is_complete: *is_complete,
                    can_continue: *can_continue,
                    is_doubtful: *is_doubtful,
                };
                if self.ear.open_turn().is_some_and(|open| open.id == *turn) {
                    self.understood_so_far(understood, spotted);
                }
            }
            Heard::Final {
                turn,
                best,
                others,
                spotted,
                language,
            } => {
                let mut readings = vec![best.clone()];
                readings.extend(others.iter().cloned());
                if let Some(turn) = self.ear.take(*turn) {
                    self.turn_result(turn, readings, None, spotted.clone(), *language);
                }
            }
            Heard::NoMatch {
                turn,
                rejected,
                spotted,
                language,
            } => {
                if let Some(turn) = self.ear.take(*turn) {
                    // The plan has the last word on how sure is sure enough.
                    let least = self.plan.policy().listening.confidence_min;
                    let (readings, rejected) = match rejected {
                        Some(reading) if reading.confidence >= least => {
                            (vec![reading.clone()], None)
                        }
                        Some(_) | None => (Vec::new(), rejected.clone()),
                    };
                    self.turn_result(turn, readings, rejected, spotted.clone(), *language);
                }
            }
        }
    }

    fn understood_so_far(&mut self, understood: Understood, spotted: &[SpottedWord]) {
        let now = self.now;
        let Some(turn) = self.ear.open_turn() else {
            return;
        };
        let span = turn.speech.span(now);
        let believed = match understood.is_doubtful {
            true => "",
            false => understood.text.as_str(),
        };
        let words = self.sightings_in(believed, &[], PerMille::ONE, spotted, span);
        if self.is_followed_by_tier() && !understood.text.is_empty() {
            let text = understood.text.clone().into();
            self.tell_tier(IntentFact::Partial { text });
        }
        if let Some(turn) = self.ear.open_turn_mut() {
            turn.watch.update(now, words);
            if turn.understood.text != understood.text {
                turn.foresight.words_changed(now);
            }
            turn.understood = understood;
        }
        self.barge_in_if_confirmed();
        self.end_turn_if_due();
        self.ask_ahead_if_due();
    }

    /// What is understood of speech over a prompt.
    pub(crate) fn over_prompt(&self, turn: &Turn) -> OverPrompt {
        let text = turn.understood.text.trim();
        if !turn.watch.is_empty() {
            OverPrompt::Sought
        } else if text.is_empty() || turn.understood.is_doubtful {
            OverPrompt::Nothing
        } else if self.plan.is_backchannel(self.tongue_of(text), text) {
            OverPrompt::Backchannel
        } else {
            OverPrompt::Words
        }
    }

    /// Stops the prompt once the speech over it is confirmed as an interruption.
    pub(crate) fn barge_in_if_confirmed(&mut self) {
        let Some(due) = self.barge_in_due() else {
            return;
        };
        if due <= self.now {
            self.barge_in();
        }
    }

    /// When speech over the prompt in the air is confirmed, if it goes on.
    pub(crate) fn barge_in_due(&self) -> Option<CallTime> {
        self.mouth.level()?;
        self.mouth.in_air().filter(|by| by_voice(*by))?;
        let turn = self.ear.open_turn()?;
        let understood = self.over_prompt(turn);
        match (turn.speech, understood) {
            // A sound that outlasted an utterance interrupts only by its words.
            (Speech::Going { .. }, OverPrompt::Nothing | OverPrompt::Backchannel)
                if self.ear.voice == Voice::Droning =>
            {
                None
            }
            (Speech::Going { began }, _) => {
                let policy = &self.plan.policy().barge_in;
                Some(confirmed_from(policy, began, understood))
            }
            // It is over, and its result is near: that decides.
            (Speech::Paused { .. } | Speech::None, _) => None,
        }
    }

    /// The caller interrupts; true if that was the last straw and a person is fetched.
    pub(crate) fn barge_in(&mut self) -> bool {
        self.ledger.add_interruption();
        self.mouth.stop(self.now, &mut self.out);
        self.decide(Decision::BargedIn);
        self.interrupt_tier();
        self.judged()
    }

    /// It was nothing: the prompt comes back to its level.
    pub(crate) fn resume(&mut self, why: &str) {
        if self.mouth.unduck(&mut self.out) {
            self.decide(Decision::Resumed {
                why: why.to_owned(),
            });
        }
    }

    /// Unconfirmed speech over a prompt has been over for long enough.
    pub(crate) fn resume_due(&self) -> Option<CallTime> {
        let turn = self.ear.open_turn()?;
        match (self.mouth.level()?, turn.speech) {
            (Level::Ducked, Speech::Paused { ended, .. }) => {
                Some(ended + self.plan.policy().barge_in.resume_after)
            }
            (Level::Ducked | Level::Full, Speech::None | Speech::Going { .. })
            | (Level::Full, Speech::Paused { .. }) => None,
        }
    }

    /// Why speech over a prompt was nothing.
    pub(crate) fn why_nothing(&self) -> &'static str {
        let understood = self.ear.open_turn().map(|turn| self.over_prompt(turn));
        match understood {
            Some(OverPrompt::Backchannel) => "backchannel",
            Some(OverPrompt::Nothing | OverPrompt::Words | OverPrompt::Sought) | None => "noise",
        }
    }

    /// The pause that would end the open turn, counted from the last voiced moment.
    pub(crate) fn pause_due(&self) -> Option<(CallTime, Pause)> {
        let turn = self.ear.open_turn()?;
        let Speech::Paused { ended, .. } = turn.speech else {
            return None;
        };
        let kind = self.question_kind();
        let usual = TurnTaking::usual(self.language);
        let rules = self.plan.policy().turn_taking.get(&self.language);
        let fullness = self.fullness(&turn.understood);
        let mut pause = pause(
            rules.unwrap_or(&usual),
            kind,
            &turn.understood,
            fullness,
            self.tongue_of(&turn.understood.text),
        );
        pause.length = self.patience(pause.length);
        let is_cough = turn.speech.length(self.now) < crate::deadline::limits::COUGH;
        if is_cough && turn.understood.text.is_empty() {
            let resume = self.plan.policy().barge_in.resume_after;
            pause.length = pause.length.min(resume);
            pause.why = "a cough";
        }
        Some((ended + pause.length, pause))
    }

    /// How far what was said fills the question: by the ear's grammar, and where
    /// a value is collected by the value itself.
    fn fullness(&self, understood: &Understood) -> Fullness {
        let of_value = match &self.phase {
            // What a grammar accepts is a value whether or not more may follow: of that the ear
            // knows more.
            Phase::Asking(asking) if self.is_by_grammar(&asking.node) => None,
            Phase::Asking(asking) => self.collected(&asking.node, &understood.text),
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => None,
        };
        match of_value {
            Some(Collected::Value {
                can_continue: true, ..
            }) => Fullness::Open,
            Some(
                Collected::Value {
                    can_continue: false,
                    ..
                }
                | Collected::TooLong(_),
            ) => Fullness::Complete,
            Some(Collected::TooShort(_)) => Fullness::Incomplete,
            None if !understood.is_complete => Fullness::Incomplete,
            None if understood.can_continue => Fullness::Open,
            None => Fullness::Complete,
        }
    }

    fn is_by_grammar(&self, node: &str) -> bool {
        let wanted = match self.plan.node(node) {
            Some(Node::Collect(collect)) => &collect.wanted,
            Some(
                Node::Say(_)
                | Node::Ask(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => {
                return false;
            }
        };
        match wanted {
            WantedValue::Grammar { .. } | WantedValue::Value(_) => true,
            WantedValue::Digits { .. } | WantedValue::YesNo | WantedValue::OneOf(_) => false,
        }
    }

    pub(crate) fn end_turn_if_due(&mut self) {
        if let Some((due, pause)) = self.pause_due()
            && due <= self.now
        {
            self.end_turn(pause);
        }
    }

    pub(crate) fn end_turn(&mut self, pause: Pause) {
        let pause_ms = u32::try_from(pause.length.as_millis()).unwrap_or(u32::MAX);
        self.ear.finish(self.now, &mut self.out);
        self.decide(Decision::TurnEnded {
            pause_ms,
            why: pause.why.to_owned(),
        });
        // The ear's last word takes its time too.
        self.ask_ahead();
    }

    /// An utterance without end is cut off, and the sound that goes on holds no floor.
    pub(crate) fn cut_off(&mut self) {
        if let Voice::Speaking { .. } = self.ear.voice {
            self.ear.voice = Voice::Droning;
        }
        self.ear.finish(self.now, &mut self.out);
        self.remark("an utterance without end was cut off");
    }

    /// The ear's last word on a turn came, or never will.
    pub(crate) fn turn_result(
        &mut self,
        turn: Turn,
        readings: Vec<Hypothesis>,
        rejected: Option<Hypothesis>,
        spotted: Vec<SpottedWord>,
        language: Option<Language>,
    ) {
        let result = TurnResult {
            span: turn.speech.span(self.now),
            turn,
            readings,
            rejected,
            spotted,
            language,
            words: Words::Unweighed,
        };
        self.quiet_since = self.now;
        if let Some(text) = result.any_text() {
            self.story.caller_said(result.span.0, text.reveal());
        }
        if self.mouth.holds_notice() {
            self.put_offs.add(PutOff::Turn(Box::new(result)));
        } else {
            self.weigh_result(result);
        }
    }
}
