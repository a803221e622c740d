//! The ear on one turn.

use super::agreement::Agreement;
use super::guards::{self, Doubt, Sample};
use super::look::{Look, Sound, Stop, WIDE_RATE};
use super::pool::{Haste, PassPool, Ticket};
use super::reading::Reading;
use super::voiced::{Voiced, VoicedPart};
use crate::{HearingStream, PhraseAutomaton, SpeechError};
use call_model::{
    CallTime, EscalationWords, FRAME_SAMPLES, FRAME_TIME, Heard, Language, PcmFrame, Private,
    SpottedWord, TurnId,
};
use dsp::Doubler;
use std::sync::Arc;
use std::time::Duration;

/// The longest turn that is heard: a minute. What is said after it is not.
const FRAMES_MAX: usize = 3_000;
/// Quiet that is looked at before and after the voice: 300 ms.
const FRAMES_AROUND: usize = 15;
/// Samples of a frame once it is doubled.
const WIDE_FRAME: usize = 2 * FRAME_SAMPLES;

/// What is listened for in one language.
pub(super) struct Expected {
    pub(super) language: Language,
    /// The question's grammar; none: only escalation words are listened for.
    pub(super) automaton: Option<Arc<PhraseAutomaton>>,
    pub(super) words: Arc<EscalationWords>,
    pub(super) hints: String,
}

/// How a turn is heard.
pub(super) struct Hearing {
    pub(super) turn: TurnId,
    pub(super) asked: Expected,
    /// Another language that may be spoken instead.
    pub(super) also: Option<Expected>,
    /// A look after so much more sound, while the caller speaks; none: only at the end.
    pub(super) look_every: Option<Duration>,
    /// How long the last look may take, waiting for its turn included.
    pub(super) limit: Duration,
}

pub(super) struct WhisperStream {
    hearing: Hearing,
    pool: Arc<PassPool>,
    began: Option<CallTime>,
    doubler: Doubler,
    wide: Vec<i16>,
    voiced: Voiced,
    frames: usize,
    passing: Option<Passing>,
    agreement: Agreement,
    /// Frames that there were when the latest look was ordered.
    looked_at: usize,
}

/// A look at a turn under way.
struct Passing {
    ticket: Ticket,
    part: VoicedPart,
}

/// What a look says, with what it is worth.
struct Weighed {
    reading: Reading,
    spotted: Vec<SpottedWord>,
    doubt: Option<Doubt>,
    has_grammar: bool,
}

impl WhisperStream {
    pub(super) fn open(hearing: Hearing, pool: Arc<PassPool>) -> Self {
        Self {
            hearing,
            pool,
            began: None,
            doubler: Doubler::new(),
            wide: Vec::new(),
            voiced: Voiced::default(),
            frames: 0,
            passing: None,
            agreement: Agreement::default(),
            looked_at: 0,
        }
    }

    fn order(&self, haste: Haste, part: VoicedPart) -> Result<Ticket, SpeechError> {
        let Hearing { asked, also, .. } = &self.hearing;
        let hints = |expected: &Expected| expected.hints.clone();
        self.pool
            .order(haste, self.hearing.limit, |stop: Arc<Stop>| Sound {
                samples: self.cut(part),
                language: asked.language,
                also: also.as_ref().map(|also| also.language),
                hints: [hints(asked), also.as_ref().map(hints).unwrap_or_default()],
                stop,
            })
    }

    /// The voice with a little quiet around it.
    fn cut(&self, part: VoicedPart) -> Vec<f32> {
        let from = first_frame(part) * WIDE_FRAME;
        let to = ((part.end + FRAMES_AROUND) * WIDE_FRAME).min(self.wide.len());
        let voice = self.wide.get(from..to).unwrap_or_default();
        let scale = 1.0 / -f32::from(i16::MIN);
        voice.iter().map(|it| f32::from(*it) * scale).collect()
    }

    fn weigh(&self, look: &Look, part: VoicedPart) -> Weighed {
        let Hearing { asked, also, .. } = &self.hearing;
        let expected = match also {
            Some(also) if also.language == look.language => also,
            Some(_) | None => asked,
        };
        let began = self.began.unwrap_or_default() + frames(first_frame(part));
        let heard = Reading::of(look, began);
        let spotted = heard.spotted(&expected.words);
        let (reading, is_expected) = heard.placed(expected.automaton.as_deref());
        let doubt = guards::doubt(&Sample {
            text: &look.text(),
            language: look.language,
            no_speech: look.no_speech,
            mean_log: look.mean_log(),
            voiced_s: frames(part.frames).as_secs_f32(),
            is_expected: is_expected || !spotted.is_empty(),
        });
        Weighed {
            reading,
            spotted,
            doubt,
            has_grammar: expected.automaton.is_some(),
        }
    }

    /// Takes the latest look's news, and orders the next look when it is time.
    fn look_in_passing(&mut self) -> Result<Option<Heard>, SpeechError> {
        let Some(every) = self.hearing.look_every else {
            return Ok(None);
        };
        let mut news = None;
        if let Some(passing) = &self.passing {
            let Some(looked) = passing.ticket.seen() else {
                return Ok(None);
            };
            let part = passing.part;
            self.passing = None;
            match looked {
                Ok(look) => news = self.agreed(&look, part),
                // The end of the turn has a look of its own.
                Err(SpeechError::EarTooSlow { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let fresh = frames(self.frames - self.looked_at);
        if fresh >= every
            && let Some(part) = self.voiced.part()
        {
            self.looked_at = self.frames;
            // Where others wait, this one is left out.
            let ticket = self.order(Haste::UnderWay, part).ok();
            self.passing = ticket.map(|ticket| Passing { ticket, part });
        }
        Ok(news)
    }

    fn agreed(&mut self, look: &Look, part: VoicedPart) -> Option<Heard> {
        let weighed = self.weigh(look, part);
        if weighed.doubt.is_some() {
            return None;
        }
        let language = look.language;
        let is_news = self
            .agreement
            .hear(&Reading::of(look, CallTime::ZERO).text(), language);
        is_news.then(|| {
            let expected = match &self.hearing.also {
                Some(also) if also.language == language => also,
                Some(_) | None => &self.hearing.asked,
            };
            let began = self.began.unwrap_or_default() + frames(first_frame(part));
            let reading = Reading::of(look, began).first(self.agreement.length());
            let spotted = reading.spotted(&expected.words);
            let automaton = expected.automaton.as_deref();
            let (reading, _) = reading.placed(automaton);
            let text = reading.text();
            let place = automaton.and_then(|automaton| automaton.place_of_text(&text));
            Heard::Partial {
                turn: self.hearing.turn,
                text: Private::new(text),
                is_complete: place.is_some_and(|place| place.is_complete),
                can_continue: place.is_some_and(|place| place.can_continue),
                spotted,
            }
        })
    }

    fn nothing(&self, spotted: Vec<SpottedWord>, language: Option<Language>) -> Heard {
        Heard::NoMatch {
            turn: self.hearing.turn,
            rejected: None,
            spotted,
            language,
        }
    }
}

impl HearingStream for WhisperStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        self.began.get_or_insert(frame.at);
        if self.frames == FRAMES_MAX {
            return Ok(None);
        }
        self.frames += 1;
        self.voiced.push(&frame.samples);
        self.doubler.extend(&frame.samples, &mut self.wide);
        self.look_in_passing()
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, SpeechError> {
        // A look under way is called off: its place is needed.
        self.passing = None;
        let Some(part) = self.voiced.part() else {
            return Ok(self.nothing(Vec::new(), None));
        };
        let look = self.order(Haste::TurnOver, part)?.wait()?;
        let language = self.hearing.also.as_ref().map(|_| look.language);
        let weighed = self.weigh(&look, part);
        Ok(match weighed.doubt {
            Some(Doubt::Unlikely) if weighed.has_grammar => Heard::NoMatch {
                turn: self.hearing.turn,
                rejected: Some(weighed.reading.hypothesis()),
                spotted: Vec::new(),
                language,
            },
            Some(_) => self.nothing(Vec::new(), language),
            None if !weighed.has_grammar => self.nothing(weighed.spotted, language),
            None => Heard::Final {
                turn: self.hearing.turn,
                best: weighed.reading.hypothesis(),
                others: Vec::new(),
                spotted: weighed.spotted,
                language,
            },
        })
    }
}

/// The frame that is looked at first.
const fn first_frame(part: VoicedPart) -> usize {
    part.first.saturating_sub(FRAMES_AROUND)
}

fn frames(count: usize) -> Duration {
    FRAME_TIME * u32::try_from(count).unwrap_or(u32::MAX)
}

const _: () = assert!(WIDE_RATE == 50 * WIDE_FRAME);

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
