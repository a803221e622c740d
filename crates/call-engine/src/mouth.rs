//! The mouth: the one prompt that is in the air, or waits to be.

use crate::deadline::{Deadline, limits};
use call_model::{CallAction, CallTime, Interruption, PromptEnd, PromptId, PromptText};
use std::collections::VecDeque;
use std::time::Duration;

/// Something to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Saying {
    pub(crate) text: PromptText,
    pub(crate) interruption: Interruption,
    pub(crate) attempt: Attempt,
    pub(crate) author: Author,
}

/// Whose words they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Author {
    /// The plan's, or the system's.
    Plan,
    /// The intent tier's.
    Tier,
}

/// How often something was tried: only a legal notice is tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Attempt {
    First,
    Second,
}

impl Saying {
    fn is_notice(&self) -> bool {
        self.interruption == Interruption::LegalNotice
    }
}

/// The bot's voice. One prompt at a time: the next is played when the one
/// before it has ended.
#[derive(Debug)]
pub(crate) struct Mouth {
    in_air: Option<Prompt>,
    /// What is said next: when the prompt in the air is over, or the caller has
    /// left the floor. One saying, and before it the notices that must be read.
    due: VecDeque<Saying>,
    last_prompt: u32,
    failures: u32,
}

/// A prompt between `Play` and its end.
#[derive(Debug)]
struct Prompt {
    id: PromptId,
    saying: Saying,
    stage: Stage,
    /// It did not begin to sound, or to end, when it should have.
    is_overdue: bool,
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

/// A prompt that is over.
#[derive(Debug)]
pub(crate) struct Over {
    pub(crate) saying: Saying,
    pub(crate) end: PromptEnd,
    /// For how long it could be heard.
    pub(crate) sounded: Duration,
    pub(crate) reading: Reading,
    /// Nothing follows of itself: the conversation must go on.
    pub(crate) is_last: bool,
}

/// Whether what had to be read out was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading {
    /// It was, or need not be, or will be tried again.
    Settled,
    /// A legal notice could not be read out.
    Failed,
}

impl Mouth {
    pub(crate) const fn new() -> Self {
        Self {
            in_air: None,
            due: VecDeque::new(),
            last_prompt: 0,
            failures: 0,
        }
    }

    /// Says something: at once, or after the prompt in the air (which is stopped,
    /// where that is allowed), or when the caller has left the floor. It takes the
    /// place of what was due, but for a legal notice, which is read out first.
    pub(crate) fn say(
        &mut self,
        now: CallTime,
        saying: Saying,
        is_callers_floor: bool,
        out: &mut VecDeque<CallAction>,
    ) {
        self.due.retain(|due| due.is_notice() && *due != saying);
        self.due.push_back(saying);
        match &mut self.in_air {
            Some(prompt) if prompt.may_be_stopped() => prompt.stop(now, out),
            None if !is_callers_floor => self.play_next(now, out),
            Some(_) | None => {}
        }
    }

    fn play_next(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        let Some(saying) = self.due.pop_front() else {
            return;
        };
        self.last_prompt += 1;
        let id = PromptId(self.last_prompt);
        out.push_back(CallAction::Play {
            prompt: id,
            text: saying.text.clone(),
            interruption: saying.interruption,
        });
        self.in_air = Some(Prompt {
            id,
            saying,
            stage: Stage::Making { since: now },
            is_overdue: false,
        });
    }

    /// The caller has left the floor: what waited is said.
    pub(crate) fn release(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        if self.in_air.is_none() {
            self.play_next(now, out);
        }
    }

    /// Forgets what is due, but for a notice.
    pub(crate) fn forget_waiting(&mut self) {
        self.due.retain(Saying::is_notice);
    }

    /// Stops the prompt in the air, and says nothing after it but a notice that is due.
    pub(crate) fn stop(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        self.forget_waiting();
        if let Some(prompt) = &mut self.in_air {
            prompt.stop(now, out);
        }
    }

    /// Says nothing more at all.
    pub(crate) fn fall_silent(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        self.stop(now, out);
        self.due.clear();
    }

    /// The caller began to speak before the prompt was to be heard: it is taken
    /// back and waits. True if there was such a prompt.
    pub(crate) fn take_back(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) -> bool {
        let Some(prompt) = &mut self.in_air else {
            return false;
        };
        if !matches!(prompt.stage, Stage::Making { .. }) {
            return false;
        }
        if self.due.is_empty() || prompt.saying.is_notice() {
            self.due.push_front(prompt.saying.clone());
        }
        prompt.stop(now, out);
        true
    }

    pub(crate) fn duck(&mut self, out: &mut VecDeque<CallAction>) {
        if let Some(Prompt {
            id,
            stage: Stage::Sounding { level, .. },
            ..
        }) = &mut self.in_air
            && *level == Level::Full
        {
            *level = Level::Ducked;
            out.push_back(CallAction::Duck(*id));
        }
    }

    /// Brings the prompt back to its level; true if it was lowered.
    pub(crate) fn unduck(&mut self, out: &mut VecDeque<CallAction>) -> bool {
        if let Some(Prompt {
            id,
            stage: Stage::Sounding { level, .. },
            ..
        }) = &mut self.in_air
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
        match &mut self.in_air {
            Some(prompt) if prompt.id == id => {
                if let Stage::Making { .. } = prompt.stage {
                    let level = Level::Full;
                    prompt.stage = Stage::Sounding { since: now, level };
                    return true;
                }
                false
            }
            Some(_) | None => false,
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
        let prompt = self.in_air.take_if(|prompt| prompt.id == id)?;
        self.failures = match end {
            PromptEnd::Finished => 0,
            PromptEnd::Stopped { .. } => self.failures + u32::from(prompt.is_overdue),
            PromptEnd::Failed => self.failures + 1,
        };
        let reading = self.read_again_if_lost(&prompt, end);
        let is_last = self.due.is_empty();
        if !is_callers_floor {
            self.play_next(now, out);
        }
        Some(Over {
            sounded: prompt.sounded(now, end),
            saying: prompt.saying,
            end,
            reading,
            is_last,
        })
    }

    /// A notice that was not heard to its end counts as unread: it is said once more.
    fn read_again_if_lost(&mut self, prompt: &Prompt, end: PromptEnd) -> Reading {
        if !prompt.saying.is_notice() || !prompt.is_lost(end) {
            return Reading::Settled;
        }
        match prompt.saying.attempt {
            Attempt::First => {
                self.due.push_front(Saying {
                    attempt: Attempt::Second,
                    ..prompt.saying.clone()
                });
                Reading::Settled
            }
            Attempt::Second => Reading::Failed,
        }
    }

    /// The prompt that does not begin or end in time is given up.
    pub(crate) fn give_up(
        &mut self,
        now: CallTime,
        is_callers_floor: bool,
        out: &mut VecDeque<CallAction>,
    ) -> Option<Over> {
        let Some(prompt) = &mut self.in_air else {
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

    /// What is in the air is said to its end, whatever else is to be said.
    pub(crate) fn let_finish(&mut self) {
        if let Some(Prompt {
            saying,
            stage: Stage::Sounding { .. },
            ..
        }) = &mut self.in_air
            && !saying.is_notice()
        {
            saying.interruption = Interruption::Never;
        }
    }

    /// The intent tier's words are in the air.
    pub(crate) fn speaks_for_tier(&self) -> bool {
        self.in_air
            .as_ref()
            .is_some_and(|prompt| prompt.saying.author == Author::Tier)
    }

    /// Too many prompts in a row could not be played.
    pub(crate) const fn is_failing(&self) -> bool {
        self.failures >= limits::PROMPTS_FAILED
    }

    /// Nothing sounds and nothing waits.
    pub(crate) fn is_silent(&self) -> bool {
        self.in_air.is_none() && self.due.is_empty()
    }

    /// Something waits for the floor.
    pub(crate) fn is_waiting(&self) -> bool {
        self.in_air.is_none() && !self.due.is_empty()
    }

    /// Another prompt follows the one in the air.
    pub(crate) fn has_next(&self) -> bool {
        self.in_air.is_some() && !self.due.is_empty()
    }

    /// A prompt was told to stop and is not over yet.
    pub(crate) const fn is_stopping(&self) -> bool {
        matches!(
            self.in_air,
            Some(Prompt {
                stage: Stage::Stopping { .. },
                ..
            })
        )
    }

    /// The caller waits for a prompt that has not begun to sound.
    pub(crate) const fn is_making(&self) -> bool {
        matches!(
            self.in_air,
            Some(Prompt {
                stage: Stage::Making { .. },
                ..
            })
        )
    }

    /// What may interrupt the prompt that can be heard, or is about to be.
    pub(crate) const fn in_air(&self) -> Option<Interruption> {
        match &self.in_air {
            Some(prompt) => match prompt.stage {
                Stage::Making { .. } | Stage::Sounding { .. } => Some(prompt.saying.interruption),
                Stage::Stopping { .. } => None,
            },
            None => None,
        }
    }

    /// The level of the prompt that sounds.
    pub(crate) const fn level(&self) -> Option<Level> {
        match &self.in_air {
            Some(Prompt {
                stage: Stage::Sounding { level, .. },
                ..
            }) => Some(*level),
            Some(_) | None => None,
        }
    }

    /// A legal notice is in the air or due: nothing takes effect before it is over.
    pub(crate) fn holds_notice(&self) -> bool {
        let in_air = self.in_air.iter().map(|prompt| &prompt.saying);
        in_air.chain(&self.due).any(Saying::is_notice)
    }

    /// What may interrupt the prompt that is in the air or waits for the floor.
    pub(crate) fn interruption(&self) -> Option<Interruption> {
        match self.in_air {
            Some(_) => self.in_air(),
            None => self.due.front().map(|saying| saying.interruption),
        }
    }

    /// The next deadline of the prompt in the air.
    pub(crate) fn due(&self) -> Option<(CallTime, Deadline)> {
        let prompt = self.in_air.as_ref()?;
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

    /// For how long it could be heard, given how it ended.
    fn sounded(&self, now: CallTime, end: PromptEnd) -> Duration {
        match (end, self.stage) {
            (PromptEnd::Stopped { heard_ms }, _) => Duration::from_millis(heard_ms.into()),
            (PromptEnd::Finished, Stage::Sounding { since, .. }) => now.since(since),
            (PromptEnd::Finished, Stage::Making { .. } | Stage::Stopping { .. })
            | (PromptEnd::Failed, _) => Duration::ZERO,
        }
    }

    /// Whether it ended before its end, and not because we would have it so.
    const fn is_lost(&self, end: PromptEnd) -> bool {
        let was_stopped = matches!(self.stage, Stage::Stopping { .. }) && !self.is_overdue;
        match end {
            PromptEnd::Finished => false,
            PromptEnd::Stopped { .. } | PromptEnd::Failed => !was_stopped,
        }
    }

    fn stop(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        if !matches!(self.stage, Stage::Stopping { .. }) {
            self.stage = Stage::Stopping { since: now };
            out.push_back(CallAction::StopPlaying(self.id));
        }
    }
}
