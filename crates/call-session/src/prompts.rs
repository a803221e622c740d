//! The prompts between `Play` and their ends.

use call_model::{CallTime, PromptId};
use std::collections::VecDeque;
use std::sync::Arc;

/// What stopping a prompt comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stopping {
    /// It was not made yet, and is over.
    NotBegun,
    /// It was given to the leg, which will tell its end.
    OnTheLeg,
    /// There is no such prompt.
    Unknown,
}

/// What a made prompt comes to.
#[derive(Debug)]
pub(crate) enum Made {
    /// Play it.
    Play(Arc<[i16]>),
    /// It could not be made, and is over.
    Failed,
    /// Nobody waits for it any more.
    TooLate,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Making { until: CallTime },
    OnTheLeg,
}

/// Every prompt that was played and has not ended. The engine plays one at a time.
#[derive(Debug, Default)]
pub(crate) struct Prompts {
    open: VecDeque<(PromptId, Stage)>,
    too_late: u64,
}

impl Prompts {
    /// A prompt is to be made by a certain time.
    pub(crate) fn begin(&mut self, prompt: PromptId, until: CallTime) {
        self.open.push_back((prompt, Stage::Making { until }));
    }

    /// A prompt was made, or could not be.
    pub(crate) fn made(&mut self, prompt: PromptId, audio: Option<Arc<[i16]>>) -> Made {
        match (self.stage(prompt), audio) {
            (Some(stage @ Stage::Making { .. }), Some(audio)) => {
                *stage = Stage::OnTheLeg;
                Made::Play(audio)
            }
            (Some(Stage::Making { .. }), None) => {
                self.end(prompt);
                Made::Failed
            }
            (Some(Stage::OnTheLeg) | None, _) => {
                self.too_late += 1;
                Made::TooLate
            }
        }
    }

    /// A prompt is to stop.
    pub(crate) fn stop(&mut self, prompt: PromptId) -> Stopping {
        match self.stage(prompt) {
            Some(Stage::Making { .. }) => {
                self.end(prompt);
                Stopping::NotBegun
            }
            Some(Stage::OnTheLeg) => Stopping::OnTheLeg,
            None => Stopping::Unknown,
        }
    }

    /// A prompt is over; false if it was so before.
    pub(crate) fn end(&mut self, prompt: PromptId) -> bool {
        let before = self.open.len();
        self.open.retain(|(open, _)| *open != prompt);
        self.open.len() < before
    }

    /// Takes out a prompt that was not made in time.
    pub(crate) fn take_overdue(&mut self, now: CallTime) -> Option<PromptId> {
        let overdue = self
            .open
            .iter()
            .find(|(_, stage)| matches!(stage, Stage::Making { until } if *until <= now));
        let prompt = overdue.map(|(prompt, _)| *prompt)?;
        self.end(prompt);
        Some(prompt)
    }

    /// When the next prompt must have been made.
    pub(crate) fn due(&self) -> Option<CallTime> {
        let untils = self.open.iter().filter_map(|(_, stage)| match stage {
            Stage::Making { until } => Some(*until),
            Stage::OnTheLeg => None,
        });
        untils.min()
    }

    /// The prompt that has been open longest.
    pub(crate) fn oldest(&self) -> Option<PromptId> {
        self.open.front().map(|(prompt, _)| *prompt)
    }

    /// Prompts that were made when nobody waited for them any more.
    pub(crate) const fn too_late(&self) -> u64 {
        self.too_late
    }

    fn stage(&mut self, prompt: PromptId) -> Option<&mut Stage> {
        self.open
            .iter_mut()
            .find(|(open, _)| *open == prompt)
            .map(|(_, stage)| stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: PromptId = PromptId(1);

    fn at(millis: u64) -> CallTime {
        CallTime::from_millis(millis)
    }

    fn sound() -> Option<Arc<[i16]>> {
        Some(Arc::from([1_i16; 160]))
    }

    #[test]
    fn a_prompt_that_was_stopped_before_it_was_made_is_never_played() {
        let mut prompts = Prompts::default();
        prompts.begin(ONE, at(5_000));
        assert_eq!(prompts.stop(ONE), Stopping::NotBegun);
        assert!(matches!(prompts.made(ONE, sound()), Made::TooLate));
        assert_eq!(prompts.too_late(), 1);
        assert_eq!(prompts.stop(ONE), Stopping::Unknown);
    }

    #[test]
    fn a_prompt_fails_once_whether_unmade_or_overdue() {
        let mut prompts = Prompts::default();
        prompts.begin(ONE, at(5_000));
        assert!(matches!(prompts.made(ONE, None), Made::Failed));
        assert!(matches!(prompts.made(ONE, None), Made::TooLate));
        prompts.begin(PromptId(2), at(6_000));
        assert_eq!(prompts.due(), Some(at(6_000)));
        assert_eq!(prompts.take_overdue(at(5_999)), None);
        assert_eq!(prompts.take_overdue(at(6_000)), Some(PromptId(2)));
        assert_eq!(prompts.take_overdue(at(6_000)), None);
        assert!(!prompts.end(PromptId(2)));
    }

    #[test]
    fn a_made_prompt_has_no_deadline_and_is_stopped_on_the_leg() {
        let mut prompts = Prompts::default();
        prompts.begin(ONE, at(5_000));
        assert!(matches!(prompts.made(ONE, sound()), Made::Play(_)));
        assert_eq!(prompts.due(), None);
        assert_eq!(prompts.stop(ONE), Stopping::OnTheLeg);
        assert!(prompts.end(ONE));
    }
}
