//! The mouth: the one prompt that is in the air, or waits to be.

use crate::deadline::{Deadline, limits};
use call_model::{CallAction, CallTime, Interruption, PromptEnd, PromptId, PromptText};
use std::collections::VecDeque;

/// Something to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Saying {
    pub(crate) text: PromptText,
    pub(crate) interruption: Interruption,
}

/// The bot's voice. One prompt at a time: the next is played when the one
/// before it has ended.
#[derive(Debug)]
pub(crate) struct Mouth {
    state: State,
    last_prompt: u32,
    failures: u32,
}

#[derive(Debug)]
enum State {
    Silent,
    /// The caller has the floor; this is said when they are done.
    Waiting(Saying),
    InAir(Prompt),
}

/// A prompt between `Play` and its end.
#[derive(Debug)]
struct Prompt {
    id: PromptId,
    saying: Saying,
    stage: Stage,
    /// It did not begin to sound, or to end, when it should have.
    is_overdue: bool,
    /// Said when this one is over.
    next: Option<Saying>,
}

/// How far a prompt has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Played, but no packet has gone out.
    Making { since: CallTime },
    /// Sounding.
    Sounding { since: CallTime, level: Level },
    /// Told to stop.
    Stopping { since: CallTime },
}

/// How loud a prompt sounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    Full,
    /// The caller may be speaking.
    Ducked,
}

/// A prompt that is over, with nothing waiting behind it.
#[derive(Debug)]
pub(crate) struct Over {
    pub(crate) saying: Saying,
    pub(crate) end: PromptEnd,
    /// Nothing follows of itself: the conversation must go on.
    pub(crate) is_last: bool,
}

impl Mouth {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Silent,
            last_prompt: 0,
            failures: 0,
        }
    }

    /// Says something: at once, or after the prompt in the air (which is stopped,
    /// where that is allowed), or when the caller has left the floor.
    pub(crate) fn say(
        &mut self,
        now: CallTime,
        saying: Saying,
        is_callers_floor: bool,
        out: &mut VecDeque<CallAction>,
    ) {
        if let State::InAir(prompt) = &mut self.state {
            if prompt.may_be_stopped() {
                prompt.stop(now, out);
            }
            prompt.next = Some(saying);
        } else if is_callers_floor {
            self.state = State::Waiting(saying);
        } else {
            self.play(now, saying, out);
        }
    }

    fn play(&mut self, now: CallTime, saying: Saying, out: &mut VecDeque<CallAction>) {
        self.last_prompt += 1;
        let id = PromptId(self.last_prompt);
        out.push_back(CallAction::Play {
            prompt: id,
            text: saying.text.clone(),
            interruption: saying.interruption,
        });
        self.state = State::InAir(Prompt {
            id,
            saying,
            stage: Stage::Making { since: now },
            is_overdue: false,
            next: None,
        });
    }

    /// The caller has left the floor: what waited is said.
    pub(crate) fn release(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Waiting(saying) => self.play(now, saying, out),
            other @ (State::Silent | State::InAir(_)) => self.state = other,
        }
    }

    /// Forgets what waits; true if something did.
    pub(crate) fn forget_waiting(&mut self) -> bool {
        match &mut self.state {
            State::Waiting(_) => {
                self.state = State::Silent;
                true
            }
            State::InAir(prompt) => prompt.next.take().is_some(),
            State::Silent => false,
        }
    }

    /// Stops the prompt in the air, and says nothing after it.
    pub(crate) fn stop(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        self.forget_waiting();
        if let State::InAir(prompt) = &mut self.state {
            prompt.stop(now, out);
        }
    }

    /// The caller began to speak before the prompt was to be heard: it is taken
    /// back and waits. True if there was such a prompt.
    pub(crate) fn take_back(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) -> bool {
        let State::InAir(prompt) = &mut self.state else {
            return false;
        };
        if !matches!(prompt.stage, Stage::Making { .. }) {
            return false;
        }
        prompt.next.get_or_insert_with(|| prompt.saying.clone());
        prompt.stop(now, out);
        true
    }

    pub(crate) fn duck(&mut self, out: &mut VecDeque<CallAction>) {
        if let State::InAir(Prompt {
            id,
            stage: Stage::Sounding { level, .. },
            ..
        }) = &mut self.state
            && *level == Level::Full
        {
            *level = Level::Ducked;
            out.push_back(CallAction::Duck(*id));
        }
    }

    /// Brings the prompt back to its level; true if it was lowered.
    pub(crate) fn unduck(&mut self, out: &mut VecDeque<CallAction>) -> bool {
        if let State::InAir(Prompt {
            id,
            stage: Stage::Sounding { level, .. },
            ..
        }) = &mut self.state
            && *level == Level::Ducked
        {
            *level = Level::Full;
            out.push_back(CallAction::Unduck(*id));
            return true;
        }
        false
    }

    /// The first packet of a prompt went out; true if it is the one in the air.
    pub(crate) fn started(&mut self, id: PromptId, now: CallTime) -> bool {
        match &mut self.state {
            State::InAir(prompt) if prompt.id == id => {
                if let Stage::Making { .. } = prompt.stage {
                    let level = Level::Full;
                    prompt.stage = Stage::Sounding { since: now, level };
                    return true;
                }
                false
            }
            State::InAir(_) | State::Silent | State::Waiting(_) => false,
        }
    }

    /// A prompt is over; none if it is not the one in the air.
    pub(crate) fn ended(
        &mut self,
        now: CallTime,
        id: PromptId,
        end: PromptEnd,
        is_callers_floor: bool,
        out: &mut VecDeque<CallAction>,
    ) -> Option<Over> {
        match std::mem::replace(&mut self.state, State::Silent) {
            State::InAir(prompt) if prompt.id == id => {
                self.failures = match end {
                    PromptEnd::Finished => 0,
                    PromptEnd::Stopped { .. } => self.failures + u32::from(prompt.is_overdue),
                    PromptEnd::Failed => self.failures + 1,
                };
                let is_last = prompt.next.is_none();
                if let Some(next) = prompt.next {
                    self.say(now, next, is_callers_floor, out);
                }
                Some(Over {
                    saying: prompt.saying,
                    end,
                    is_last,
                })
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// The prompt that does not begin or end in time is given up.
    pub(crate) fn give_up(
        &mut self,
        now: CallTime,
        is_callers_floor: bool,
        out: &mut VecDeque<CallAction>,
    ) -> Option<Over> {
        let State::InAir(prompt) = &mut self.state else {
            return None;
        };
        let id = prompt.id;
        if !matches!(prompt.stage, Stage::Stopping { .. }) {
            prompt.is_overdue = true;
            prompt.stop(now, out);
            return None;
        }
        self.ended(
            now,
            id,
            PromptEnd::Stopped { heard_ms: 0 },
            is_callers_floor,
            out,
        )
    }

    /// Too many prompts in a row could not be played.
    pub(crate) const fn is_failing(&self) -> bool {
        self.failures >= limits::PROMPTS_FAILED
    }

    /// Nothing sounds and nothing waits.
    pub(crate) const fn is_silent(&self) -> bool {
        matches!(self.state, State::Silent)
    }

    /// Something waits for the floor.
    pub(crate) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting(_))
    }

    /// Another prompt follows the one in the air.
    pub(crate) const fn has_next(&self) -> bool {
        matches!(&self.state, State::InAir(Prompt { next: Some(_), .. }))
    }

    /// A prompt was told to stop and is not over yet.
    pub(crate) const fn is_stopping(&self) -> bool {
        matches!(
            self.state,
            State::InAir(Prompt {
                stage: Stage::Stopping { .. },
                ..
            })
        )
    }

    /// The caller waits for a prompt that has not begun to sound.
    pub(crate) const fn is_making(&self) -> bool {
        matches!(
            self.state,
            State::InAir(Prompt {
                stage: Stage::Making { .. },
                ..
            })
        )
    }

    /// What may interrupt the prompt that can be heard, or is about to be.
    pub(crate) const fn in_air(&self) -> Option<Interruption> {
        match &self.state {
            State::InAir(prompt) => match prompt.stage {
                Stage::Making { .. } | Stage::Sounding { .. } => Some(prompt.saying.interruption),
                Stage::Stopping { .. } => None,
            },
            State::Silent | State::Waiting(_) => None,
        }
    }

    /// The level of the prompt that sounds.
    pub(crate) const fn level(&self) -> Option<Level> {
        match &self.state {
            State::InAir(Prompt {
                stage: Stage::Sounding { level, .. },
                ..
            }) => Some(*level),
            State::InAir(_) | State::Silent | State::Waiting(_) => None,
        }
    }

    /// A legal notice is in the air or due: nothing takes effect before it is over.
    pub(crate) fn holds_notice(&self) -> bool {
        let is_notice = |saying: &Saying| saying.interruption == Interruption::LegalNotice;
        match &self.state {
            State::Silent => false,
            State::Waiting(saying) => is_notice(saying),
            State::InAir(prompt) => {
                is_notice(&prompt.saying) || prompt.next.as_ref().is_some_and(is_notice)
            }
        }
    }

    /// What may interrupt the prompt that is in the air or waits for the floor.
    pub(crate) const fn interruption(&self) -> Option<Interruption> {
        match &self.state {
            State::Waiting(saying) => Some(saying.interruption),
            State::InAir(_) | State::Silent => self.in_air(),
        }
    }

    /// The next deadline of the prompt in the air.
    pub(crate) fn due(&self) -> Option<(CallTime, Deadline)> {
        let State::InAir(prompt) = &self.state else {
            return None;
        };
        Some(match prompt.stage {
            Stage::Making { since } => (since + limits::PROMPT_READY, Deadline::PromptReady),
            Stage::Sounding { since, .. } => {
                (since + limits::PROMPT_LENGTH, Deadline::PromptLength)
            }
            Stage::Stopping { since } => (since + limits::PROMPT_STOP, Deadline::PromptStop),
        })
    }
}

impl Prompt {
    /// What nobody may interrupt is finished, once it has begun to sound.
    const fn may_be_stopped(&self) -> bool {
        match self.saying.interruption {
            Interruption::ByVoiceAndKeys | Interruption::ByVoice | Interruption::ByKeys => true,
            Interruption::Never => matches!(self.stage, Stage::Making { .. }),
            Interruption::LegalNotice => false,
        }
    }

    fn stop(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        if !matches!(self.stage, Stage::Stopping { .. }) {
            self.stage = Stage::Stopping { since: now };
            out.push_back(CallAction::StopPlaying(self.id));
        }
    }
}
