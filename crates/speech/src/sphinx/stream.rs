//! The ear on one turn: one language's model, or two on the same sound.

use super::listening::{Listening, Opening, Passing, Reading, Understood};
use super::noise::TurnSound;
use crate::voiced::Voiced;
use crate::{HearingStream, SpeechError};
use call_model::{CallTime, Heard, Hypothesis, Language, PcmFrame, Private, SpottedWord, TurnId};

/// A voice is this much louder than the turn's quiet, even in a noisy street.
const ABOVE_QUIET_DB: f32 = 6.0;
/// So many frames pass between two looks at the paths.
const LOOK_EVERY: u32 = 4;

pub(super) struct SphinxStream {
    turn: TurnId,
    asked: Listening,
    also: Option<Listening>,
    began: Option<CallTime>,
    frames: u32,
    voiced: Voiced,
    sound: TurnSound,
    /// What of it is ready for the searches; kept for its room.
    ready: Vec<i16>,
    last: Option<Heard>,
}

impl SphinxStream {
    pub(super) fn open(
        turn: TurnId,
        asked: Opening,
        also: Option<Opening>,
    ) -> Result<Self, SpeechError> {
        Ok(Self {
            turn,
            asked: Listening::open(asked)?,
            also: also.map(Listening::open).transpose()?,
            began: None,
            frames: 0,
            voiced: Voiced::default(),
            sound: TurnSound::new(),
            ready: Vec::new(),
            last: None,
        })
    }

    /// Gives every search what is ready.
    fn search_on(&mut self) -> Result<(), SpeechError> {
        self.asked.push(&self.ready)?;
        if let Some(also) = &mut self.also {
            also.push(&self.ready)?;
        }
        self.ready.clear();
        Ok(())
    }

    /// What is understood so far, by the language that leads.
    fn partial(&mut self) -> Result<Heard, SpeechError> {
        let began = self.began.unwrap_or_default();
        let asked = self.asked.passing(began)?;
        let Passing {
            text,
            place,
            spotted,
            fit,
        } = match &mut self.also {
            Some(also) => leading(asked, also.passing(began)?),
            None => asked,
        };
        Ok(Heard::Partial {
            turn: self.turn,
            text: Private::new(text),
            is_complete: place.is_some_and(|place| place.is_complete),
            can_continue: place.is_some_and(|place| place.can_continue),
            is_doubtful: fit.distance.is_some_and(|distance| distance < 0.0),
            spotted,
        })
    }
}

impl HearingStream for SphinxStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        self.began.get_or_insert(frame.at);
        if self.asked.is_full() {
            return Ok(None);
        }
        self.voiced.push(&frame.samples);
        self.sound.push(&frame.samples, &mut self.ready);
        self.search_on()?;
        self.frames += 1;
        let is_pausing =
            self.asked.is_pausing() || self.also.as_ref().is_some_and(Listening::is_pausing);
        if !is_pausing && !self.frames.is_multiple_of(LOOK_EVERY) {
            return Ok(None);
        }
        let news = self.partial()?;
        let is_news = match &self.last {
            Some(last) => *last != news,
            None => !is_empty(&news),
        };
        if !is_news {
            return Ok(None);
        }
        self.last = Some(news.clone());
        Ok(Some(news))
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, SpeechError> {
        let began = self.began.unwrap_or_default();
        if self.voiced.part(ABOVE_QUIET_DB).is_none() {
            // Phones fit silence and steady noise as badly as words do, so the searches would believe some.
            return Ok(Heard::NoMatch {
                turn: self.turn,
                rejected: None,
                spotted: Vec::new(),
                language: None,
            });
        }
        self.sound.end(&mut self.ready);
        self.search_on()?;
        let asked = self.asked.finish(began)?;
        let (understood, language) = match &mut self.also {
            Some(also) => {
                let of_also = also.finish(began)?;
                let (understood, is_also) = nearer(asked, of_also);
                let language = if is_also {
                    also.language
                } else {
                    self.asked.language
                };
                (understood, Some(language))
            }
            None => (asked, None),
        };
        Ok(told(self.turn, understood, language))
    }
}

/// The partial result of the language that leads, with the escalation words of both.
fn leading(asked: Passing, also: Passing) -> Passing {
    let (mut leader, other) = if asked.fit.yields_to(&also.fit) {
        (also, asked)
    } else {
        (asked, also)
    };
    leader.spotted.extend(other.spotted);
    leader
}

/// What the language that came nearer understood, with the escalation words of both, and
/// whether it is the second one.
fn nearer(asked: Understood, also: Understood) -> (Understood, bool) {
    let is_also = asked.fit.yields_to(&also.fit);
    let (mut nearer, other) = if is_also {
        (also, asked)
    } else {
        (asked, also)
    };
    nearer.spotted.extend(other.spotted);
    (nearer, is_also)
}

fn told(turn: TurnId, understood: Understood, language: Option<Language>) -> Heard {
    let Understood {
        reading, spotted, ..
    } = understood;
    match reading {
        Some(Reading { best, distance }) if distance >= 0.0 => Heard::Final {
            turn,
            spotted: said_in(&best, spotted),
            best,
            others: Vec::new(),
            language,
        },
        rejected => Heard::NoMatch {
            turn,
            rejected: rejected.map(|reading| reading.best),
            spotted,
            language,
        },
    }
}

/// Of the escalation words found, those that an understood utterance holds: where the
/// whole fits the grammar, what seemed to be another word was a part of it.
fn said_in(best: &Hypothesis, spotted: Vec<SpottedWord>) -> Vec<SpottedWord> {
    let text = best.text.reveal();
    spotted
        .into_iter()
        .filter(|found| text.contains(&found.word))
        .collect()
}

fn is_empty(news: &Heard) -> bool {
    match news {
        Heard::Partial { text, spotted, .. } => text.reveal().is_empty() && spotted.is_empty(),
        Heard::Final { .. } | Heard::NoMatch { .. } => false,
    }
}
