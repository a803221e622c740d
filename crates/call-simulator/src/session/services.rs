//! The ear, the voice and the people: slow, late, wrong or gone.

use crate::dice::Dice;
use crate::phrases::phrases;
use call_model::{
    CallTime, Heard, HungUp, Hypothesis, Language, PerMille, PersonFailure, PersonOutcome, Private,
    PromptId, TurnId,
};
use call_session::{EarOrder, SessionInput};
use std::time::Duration;

/// News that comes at a time.
pub(crate) type Later = (CallTime, SessionInput<'static>);

/// The hum of every prompt.
pub(crate) const PROMPT_HZ: f32 = 620.0;
/// The hums of whispers and of music.
const WHISPER_HZ: f32 = 1_410.0;
const MUSIC_HZ: f32 = 520.0;

pub(crate) struct Services {
    dice: Dice,
    language: Language,
    frames: u64,
}

impl Services {
    pub(crate) const fn new(dice: Dice, language: Language) -> Self {
        Self {
            dice,
            language,
            frames: 0,
        }
    }

    /// A prompt is made at once, later, never, or not at all.
    pub(crate) fn make(&mut self, now: CallTime, prompt: PromptId) -> Option<Later> {
        let audio = match self.dice.below(40) {
            0 => return None,
            1 => None,
            2 => Some([].into()),
            _ => {
                let samples = 800 + self.dice.below(24_000);
                let samples = usize::try_from(samples).unwrap_or(0);
                Some(dsp::tone(PROMPT_HZ, 8_000, samples, 7_000).into())
            }
        };
        let delay = match self.dice.below(6) {
            0 => self.dice.millis(100, 7_000),
            1 | 2 => self.dice.millis(1, 100),
            _ => Duration::ZERO,
        };
        Some((now + delay, SessionInput::PromptReady { prompt, audio }))
    }

    /// A whisper likewise; it may be longer than it may last.
    pub(crate) fn whisper(&mut self, now: CallTime) -> Option<Later> {
        let audio = match self.dice.below(10) {
            0 => return None,
            1 => None,
            2 => Some([].into()),
            _ => {
                let samples = usize::try_from(800 + self.dice.below(48_000)).unwrap_or(0);
                Some(dsp::tone(WHISPER_HZ, 8_000, samples, 7_000).into())
            }
        };
        let delay = match self.dice.below(4) {
            0 => self.dice.millis(100, 3_000),
            _ => self.dice.millis(0, 80),
        };
        Some((now + delay, SessionInput::WhisperReady { audio }))
    }

    /// Hold music; a few calls have none.
    pub(crate) fn music(&mut self) -> SessionInput<'static> {
        let samples = usize::try_from(1 + self.dice.below(24_000)).unwrap_or(0);
        let music = || dsp::tone(MUSIC_HZ, 8_000, samples, 6_000).into();
        SessionInput::Music(self.dice.percent(90).then(music))
    }

    /// What the ear says to an order, if it says anything.
    pub(crate) fn hear(&mut self, now: CallTime, order: &EarOrder) -> Option<Later> {
        match order {
            EarOrder::Start { .. } => None,
            EarOrder::Audio { turn, .. } => {
                self.frames += 1;
                let speaks = self.frames.is_multiple_of(16);
                speaks.then(|| self.partial(now, *turn))
            }
            EarOrder::Finish(turn) => match self.dice.below(12) {
                0 => None,
                1 => Some(self.last_word(now, *turn, 2_000, 5_000)),
                _ => Some(self.last_word(now, *turn, 10, 200)),
            },
            EarOrder::Cancel(turn) => {
                let speaks = self.dice.percent(30);
                speaks.then(|| self.last_word(now, *turn, 0, 500))
            }
        }
    }

    /// What becomes of fetching a person.
    pub(crate) fn fetch(&mut self, now: CallTime) -> Vec<Later> {
        let rings = now + self.dice.millis(100, 2_000);
        let ends = rings + self.dice.millis(500, 20_000);
        let leaves = ends + self.dice.millis(500, 20_000);
        let person = |outcome| SessionInput::Person(outcome);
        let mut news = vec![(rings, person(PersonOutcome::Ringing))];
        match self.dice.below(6) {
            0 => {}
            1 => news.push((ends, person(PersonOutcome::Failed(PersonFailure::Busy)))),
            2 => news.push((ends, person(PersonOutcome::Failed(PersonFailure::NoAnswer)))),
            3 => {
                news.push((ends, person(PersonOutcome::Connected)));
                news.push((leaves, person(PersonOutcome::Left)));
            }
            _ => {
                news.push((ends, person(PersonOutcome::Connected)));
                news.push((leaves, SessionInput::HungUp(HungUp::Transferred)));
            }
        }
        news
    }

    fn partial(&mut self, now: CallTime, turn: TurnId) -> Later {
        let heard = Heard::Partial {
            turn,
            text: Private::new(self.text()),
            is_complete: self.dice.percent(50),
            can_continue: self.dice.percent(50),
            is_doubtful: false,
            spotted: vec![],
        };
        (now + self.dice.millis(5, 80), SessionInput::Heard(heard))
    }

    fn last_word(&mut self, now: CallTime, turn: TurnId, from: u64, to: u64) -> Later {
        let best = Hypothesis {
            text: Private::new(self.text()),
            confidence: PerMille::new(200 + self.dice.below(800) as u16),
            words: vec![],
        };
        let heard = if self.dice.percent(20) {
            Heard::NoMatch {
                turn,
                rejected: Some(best),
                spotted: vec![],
                language: None,
            }
        } else {
            Heard::Final {
                turn,
                best,
                others: vec![],
                spotted: vec![],
                language: None,
            }
        };
        (now + self.dice.millis(from, to), SessionInput::Heard(heard))
    }

    fn text(&mut self) -> String {
        let words = self.dice.one_of(phrases(self.language)).words;
        let words = words.replace(['*', '!'], "");
        match self.language {
            Language::En => words,
            Language::Zh => words.replace(' ', ""),
        }
    }
}
