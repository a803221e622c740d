//! The scorer of voices: there or not, quick or slow, calm or not.

use super::services::Later;
use crate::dice::Dice;
use call_model::{CallTime, EmotionScore, FRAME_TIME, PcmFrame, PerMille, Score};
use call_session::{ScoreOrder, SessionInput, VoiceScorer};

/// Nothing is told of less: one second.
const FRAMES_MIN: u64 = 50;
/// Something is told so often: twice a second.
const FRAMES_EACH: u64 = 25;

pub(crate) struct Scorer {
    dice: Dice,
    pub(crate) presence: VoiceScorer,
    /// How angry this caller usually sounds, in points.
    temper: u64,
    utterance: u32,
    frames: u64,
    last: CallTime,
}

impl Scorer {
    pub(crate) fn draw(mut dice: Dice) -> Self {
        Self {
            presence: match dice.percent(70) {
                true => VoiceScorer::Present,
                false => VoiceScorer::Absent,
            },
            temper: dice.below(90),
            dice,
            utterance: 0,
            frames: 0,
            last: CallTime::ZERO,
        }
    }

    /// What it says to an order, if it says anything. What is under way at a `Drop` may
    /// still arrive.
    pub(crate) fn hear(&mut self, now: CallTime, order: &ScoreOrder) -> Option<Later> {
        match order {
            ScoreOrder::Begin(_) => {
                self.utterance += 1;
                self.frames = 0;
                None
            }
            ScoreOrder::Audio(PcmFrame { at, .. }) => {
                self.frames += 1;
                self.last = *at + FRAME_TIME;
                let is_due = self.frames.is_multiple_of(FRAMES_EACH);
                is_due.then(|| self.score(now)).flatten()
            }
            ScoreOrder::End => self.score(now),
            ScoreOrder::Drop => None,
        }
    }

    fn score(&mut self, now: CallTime) -> Option<Later> {
        if self.frames < FRAMES_MIN {
            return None;
        }
        let points = (self.temper + self.dice.below(30)).min(100);
        let score = EmotionScore {
            utterance: self.utterance,
            at: self.last,
            anger: Score::from_points(u16::try_from(points).unwrap_or(100)),
            log_odds_milli: 0,
            probability: PerMille::new(500),
            arousal: Score::ZERO,
            speech_micros: self.frames * 15_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        };
        let delay = match self.dice.below(10) {
            0 => self.dice.millis(100, 3_000),
            _ => self.dice.millis(1, 40),
        };
        Some((now + delay, SessionInput::Emotion(score)))
    }
}
