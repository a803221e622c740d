//! The agent's side of a call: whether a person is wanted, and the leg of the one who came.

use crate::settings::SessionLimits;
use crate::standing::Media;
use call_audio::{AudioLeg, LegSettings, LegStats};
use call_model::{CallTime, PromptId, PromptText};
use std::sync::Arc;

/// The one prompt of an agent's leg; its numbers have nothing to do with the caller's.
pub(crate) const WHISPER: PromptId = PromptId(0);

/// Where the agents are, as one call sees it.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    wanted: Wanted,
    line: Option<Box<AgentLine>>,
    legs_opened: u64,
    last_stats: Option<LegStats>,
}

/// Whether a person is wanted.
#[derive(Debug, Default)]
enum Wanted {
    /// Whoever answers now comes too late.
    #[default]
    Nobody,
    /// Whoever answers is told this before the bridge.
    Somebody { whisper: Option<PromptText> },
}

/// An agent's open leg.
#[derive(Debug)]
pub(crate) struct AgentLine {
    pub(crate) leg: AudioLeg,
    pub(crate) stage: Stage,
    pub(crate) media: Media,
}

/// How far the agent has come to the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// The whisper is being made; the agent hears nothing yet.
    Waiting { until: CallTime },
    /// The agent alone hears the whisper, which is cut then.
    Whispering { until: CallTime },
    /// Caller and agent hear each other, unless one of them holds the other.
    Bridged,
}

/// What is due on the agent's side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeskDue {
    /// The whisper was not made in time, or has lasted long enough: bridge.
    Bridge,
    /// Nothing has come from the agent for too long.
    AgentSilent,
}

/// What an agent's answer comes to.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nobody wants a person any more.
    TooLate,
    /// One has the caller already.
    Taken,
    /// Have this whisper made.
    Brief(PromptText),
    /// There is nothing to tell: bridge.
    Bridge,
}

impl Desk {
    /// A person is wanted, and this is what they are told.
    pub(crate) fn want(&mut self, whisper: Option<PromptText>) {
        self.wanted = Wanted::Somebody { whisper };
    }

    /// No person is wanted any more.
    pub(crate) fn want_nobody(&mut self) {
        self.wanted = Wanted::Nobody;
    }

    /// An agent answered: a leg is opened for them, if they are wanted.
    pub(crate) fn answer(
        &mut self,
        now: CallTime,
        settings: LegSettings,
        limits: &SessionLimits,
    ) -> Answer {
        let whisper = match &self.wanted {
            Wanted::Nobody => return Answer::TooLate,
            Wanted::Somebody { .. } if self.line.is_some() => return Answer::Taken,
            Wanted::Somebody { whisper } => whisper.clone(),
        };
        self.legs_opened += 1;
        self.line = Some(Box::new(AgentLine {
            leg: AudioLeg::new(settings),
            stage: Stage::Waiting {
                until: now + limits.whisper_making,
            },
            media: Media::Expected { last: now },
        }));
        whisper.map_or(Answer::Bridge, Answer::Brief)
    }

    /// Closes the agent's leg; it, if there was one.
    pub(crate) fn close(&mut self) -> Option<AgentLine> {
        let line = self.line.take()?;
        self.last_stats = Some(line.leg.stats());
        Some(*line)
    }

    /// The agent's leg, if one is open.
    pub(crate) fn line(&mut self) -> Option<&mut AgentLine> {
        self.line.as_deref_mut()
    }

    /// The agent's leg, if caller and agent are bridged.
    pub(crate) fn bridged(&mut self) -> Option<&mut AgentLine> {
        self.line().filter(|line| line.stage == Stage::Bridged)
    }

    pub(crate) fn is_bridged(&self) -> bool {
        let line = self.line.as_ref();
        line.is_some_and(|line| line.stage == Stage::Bridged)
    }

    /// An agent has answered and hears the whisper, or is about to.
    pub(crate) fn is_briefing(&self) -> bool {
        let line = self.line.as_ref();
        line.is_some_and(|line| line.stage != Stage::Bridged)
    }

    /// The caller waits for an agent who has answered, or who holds them.
    pub(crate) fn keeps_caller_waiting(&self) -> bool {
        self.line.as_ref().is_some_and(|line| !line.is_through())
    }

    /// Agents' legs opened until now.
    pub(crate) const fn legs_opened(&self) -> u64 {
        self.legs_opened
    }

    /// The counts of the agent's leg that is open, or was last.
    pub(crate) fn stats(&self) -> Option<LegStats> {
        let open = self.line.as_ref().map(|line| line.leg.stats());
        open.or(self.last_stats)
    }

    /// The next thing that is due and when, if the world stays as it is.
    pub(crate) fn due(&self, limits: &SessionLimits) -> Option<(CallTime, DeskDue)> {
        let line = self.line.as_ref()?;
        match (line.stage, line.media) {
            (Stage::Waiting { until } | Stage::Whispering { until }, _) => {
                Some((until, DeskDue::Bridge))
            }
            (Stage::Bridged, Media::Expected { last }) => {
                Some((last + limits.media_silence, DeskDue::AgentSilent))
            }
            (Stage::Bridged, Media::Held) => None,
        }
    }
}

impl AgentLine {
    /// The whisper was made; plays it, if it is still waited for.
    pub(crate) fn whisper(&mut self, audio: Arc<[i16]>, now: CallTime, limits: &SessionLimits) {
        match self.stage {
            Stage::Waiting { .. } => {
                let until = now + limits.whisper;
                self.stage = Stage::Whispering { until };
                self.leg.play(WHISPER, audio);
            }
            Stage::Whispering { .. } | Stage::Bridged => {}
        }
    }

    /// Sound goes both ways.
    pub(crate) fn is_through(&self) -> bool {
        self.stage == Stage::Bridged && self.media != Media::Held
    }

    /// Sound came from the agent.
    pub(crate) fn heard_from(&mut self, now: CallTime) {
        match &mut self.media {
            Media::Expected { last } => *last = now,
            Media::Held => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_audio::JitterSettings;
    use call_model::Pace;
    use call_model::{Codec, Language, PayloadMap};
    use std::time::Duration;

    const LEG: LegSettings = LegSettings {
        payloads: PayloadMap {
            codec: Codec::Pcma,
            audio: 8,
            telephone_event: None,
        },
        ssrc: 1,
        first_sequence: 1,
        first_timestamp: 1,
        jitter: JitterSettings {
            start: Duration::from_millis(60),
            margin: Duration::from_millis(20),
            max: Duration::from_millis(240),
        },
    };

    fn at(millis: u64) -> CallTime {
        CallTime::from_millis(millis)
    }

    fn brief() -> Option<PromptText> {
        Some(PromptText {
            language: Language::Zh,
            pieces: vec![],
            pace: Pace::USUAL,
        })
    }

    #[test]
    fn whoever_answers_unwanted_or_second_gets_no_leg() {
        let limits = SessionLimits::default();
        let mut desk = Desk::default();
        assert!(matches!(desk.answer(at(0), LEG, &limits), Answer::TooLate));
        desk.want(None);
        assert!(matches!(desk.answer(at(0), LEG, &limits), Answer::Bridge));
        assert!(matches!(desk.answer(at(0), LEG, &limits), Answer::Taken));
        assert!(desk.close().is_some() && desk.close().is_none());
        desk.want_nobody();
        assert!(matches!(desk.answer(at(0), LEG, &limits), Answer::TooLate));
        assert_eq!(desk.legs_opened(), 1);
    }

    #[test]
    fn each_stage_has_its_deadline_and_a_hold_has_none() {
        let limits = SessionLimits::default();
        let mut desk = Desk::default();
        desk.want(brief());
        assert!(matches!(desk.answer(at(0), LEG, &limits), Answer::Brief(_)));
        assert_eq!(desk.due(&limits), Some((at(1_500), DeskDue::Bridge)));
        let line = desk.line().expect("open");
        line.whisper([1; 800].into(), at(200), &limits);
        line.whisper([1; 800].into(), at(900), &limits);
        assert_eq!(desk.due(&limits), Some((at(4_200), DeskDue::Bridge)));
        assert!(desk.keeps_caller_waiting() && !desk.is_bridged());
        desk.line().expect("open").stage = Stage::Bridged;
        assert_eq!(desk.due(&limits), Some((at(30_000), DeskDue::AgentSilent)));
        desk.line().expect("open").media = Media::Held;
        assert!(desk.keeps_caller_waiting() && desk.is_bridged());
        assert_eq!(desk.due(&limits), None);
    }
}
