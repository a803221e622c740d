//! The ear on one turn.

use super::agreement::Agreement;
use super::guards::{self, Doubt, Sample};
use super::guide::Guide;
use super::look::{Look, Sound, Stop, WIDE_RATE};
use super::pool::{PassPool, Ticket};
use super::reading::Reading;
use crate::voiced::{Voiced, VoicedPart};
use crate::{FinishSink, HearingStream, PhraseAutomaton, SpeechError};
use call_model::{
    CallTime, EscalationWords, FRAME_SAMPLES, FRAME_TIME, Heard, Language, PcmFrame, Private,
    SpottedWord, TurnId,
};
use dsp::Doubler;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// The longest turn that is heard: a minute. What is said after it is not.
const FRAMES_MAX: usize = 3_000;
/// Quiet that is looked at before and after the voice: 300 ms.
const FRAMES_AROUND: usize = 15;
/// A voice is this much louder than the turn's quiet: what is not is not looked at.
const ABOVE_QUIET_DB: f32 = 9.0;
/// Samples of a frame once it is doubled.
const WIDE_FRAME: usize = 2 * FRAME_SAMPLES;

/// What is listened for in one language.
pub(super) struct Expected {
    pub(super) language: Language,
    /// The question's grammar; none: only escalation words are listened for.
    pub(super) automaton: Option<Arc<PhraseAutomaton>>,
    /// The grammar again, as a model's writing is led by it.
    pub(super) guide: Option<Arc<Guide>>,
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
    turn: Turn,
    pool: Arc<PassPool>,
    doubler: Doubler,
    wide: Vec<i16>,
    voiced: Voiced,
    frames: usize,
    passing: Option<Passing>,
    agreement: Agreement,
    /// Frames that there were when the latest look was ordered.
    looked_at: usize,
}

/// What must be known of a turn to say what a look at it means.
struct Turn {
    hearing: Hearing,
    began: Option<CallTime>,
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
            turn: Turn {
                hearing,
                began: None,
            },
            pool,
            doubler: Doubler::new(),
            wide: Vec::new(),
            voiced: Voiced::default(),
            frames: 0,
            passing: None,
            agreement: Agreement::default(),
            looked_at: 0,
        }
    }

    fn sound(&self, part: VoicedPart, stop: Arc<Stop>, is_over: bool) -> Sound {
        let Hearing { asked, also, .. } = &self.turn.hearing;
        let hints = |expected: &Expected| expected.hints.clone();
        let guide = |expected: &Expected| expected.guide.clone().filter(|_| is_over);
        Sound {
            samples: self.cut(part),
            language: asked.language,
            also: also.as_ref().map(|also| also.language),
            hints: [hints(asked), also.as_ref().map(hints).unwrap_or_default()],
            guides: [guide(asked), also.as_ref().and_then(guide)],
            stop,
        }
    }

    /// The voice with a little quiet around it.
    fn cut(&self, part: VoicedPart) -> Vec<f32> {
        let from = first_frame(part) * WIDE_FRAME;
        let to = ((part.end + FRAMES_AROUND) * WIDE_FRAME).min(self.wide.len());
        let voice = self.wide.get(from..to).unwrap_or_default();
        let scale = 1.0 / -f32::from(i16::MIN);
        voice.iter().map(|it| f32::from(*it) * scale).collect()
    }

    /// Takes the latest look's news, and orders the next look when it is time.
    fn look_in_passing(&mut self) -> Result<Option<Heard>, SpeechError> {
        let Hearing {
            look_every, limit, ..
        } = self.turn.hearing;
        let Some(every) = look_every else {
            return Ok(None);
        };
        let mut news = None;
        if let Some(passing) = &self.passing {
            let Some(looked) = passing.ticket.seen() else {
                return Ok(None);
            };
            let part = passing.part;
            self.passing = None;
            // Where it was given up the end of the turn has a look of its own.
            if let Some(looked) = looked {
                news = self.turn.agreed(&looked?, part, &mut self.agreement);
            }
        }
        let fresh = frames(self.frames - self.looked_at);
        if fresh >= every
            && let Some(part) = self.voiced.part(ABOVE_QUIET_DB)
        {
            self.looked_at = self.frames;
            // Where others wait, this one is left out.
            let ticket = self
                .pool
                .order_in_passing(limit, |stop| self.sound(part, stop, false));
            self.passing = ticket.ok().map(|ticket| Passing { ticket, part });
        }
        Ok(news)
    }
}

impl Turn {
    fn expected(&self, language: Language) -> &Expected {
        match &self.hearing.also {
            Some(also) if also.language == language => also,
            Some(_) | None => &self.hearing.asked,
        }
    }

    /// The moment that a look at this part begins with.
    fn moment(&self, part: VoicedPart) -> CallTime {
        self.began.unwrap_or_default() + frames(first_frame(part))
    }

    fn weigh(&self, look: &Look, part: VoicedPart) -> Weighed {
        let expected = self.expected(look.language);
        let heard = Reading::of(look, self.moment(part));
        let mut spotted = heard.spotted(&expected.words);
        let (mut reading, mut is_expected) = heard.placed(expected.automaton.as_deref());
        let (mut text, mut mean_log) = (look.text(), look.mean_log());
        let voiced_s = frames(part.frames).as_secs_f32();
        let guided = look.guided.as_ref().filter(|it| it.is_credible(voiced_s));
        if let Some(guided) = guided.filter(|_| !is_expected) {
            reading = Reading::guided(look, guided, self.moment(part));
            is_expected = true;
            (text, mean_log) = (reading.text(), guided.mean_log);
            if spotted.is_empty() {
                spotted = reading.spotted(&expected.words);
            }
        }
        if is_expected {
            reading = reading.expected();
        }
        let doubt = guards::doubt(&Sample {
            text: &text,
            language: look.language,
            no_speech: look.no_speech,
            mean_log,
            voiced_s,
            is_expected: is_expected || !spotted.is_empty(),
        });
        Weighed {
            reading,
            spotted,
            doubt,
            has_grammar: expected.automaton.is_some(),
        }
    }

    /// What two looks agree on now, if it is more than before.
    fn agreed(&self, look: &Look, part: VoicedPart, agreement: &mut Agreement) -> Option<Heard> {
        if self.weigh(look, part).doubt.is_some() {
            return None;
        }
        let reading = Reading::of(look, self.moment(part));
        if !agreement.hear(&reading.text(), look.language) {
            return None;
        }
        let expected = self.expected(look.language);
        let reading = reading.first(agreement.length());
        let spotted = reading.spotted(&expected.words);
        let automaton = expected.automaton.as_deref();
        let (reading, _) = reading.placed(automaton);
        let text = reading.text();
        let place = automaton.and_then(|automaton| automaton.place_of_text(&text));
        Some(Heard::Partial {
            turn: self.hearing.turn,
            text: Private::new(text),
            is_complete: place.is_some_and(|place| place.is_complete),
            can_continue: place.is_some_and(|place| place.can_continue),
            is_doubtful: false,
            spotted,
        })
    }

    fn outcome(&self, look: &Look, part: VoicedPart) -> Heard {
        let language = self.hearing.also.as_ref().map(|_| look.language);
        let weighed = self.weigh(look, part);
        match weighed.doubt {
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
        }
    }

    const fn nothing(&self, spotted: Vec<SpottedWord>, language: Option<Language>) -> Heard {
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
        self.turn.began.get_or_insert(frame.at);
        if self.frames == FRAMES_MAX {
            return Ok(None);
        }
        self.frames += 1;
        self.voiced.push(&frame.samples);
        self.doubler.extend(&frame.samples, &mut self.wide);
        self.look_in_passing()
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let (tell, outcome) = sync_channel(1);
        self.finish_to(Box::new(move |heard| {
            // This very thread waits for it.
            let _ = tell.send(heard);
        }));
        let ended = |_| SpeechError::Engine("it ended".to_owned());
        outcome.recv().map_err(ended)?
    }

    fn finish_to(mut self: Box<Self>, told: FinishSink) {
        // A look under way is called off: its place is needed.
        self.passing = None;
        let Some(part) = self.voiced.part(ABOVE_QUIET_DB) else {
            return told(Ok(self.turn.nothing(Vec::new(), None)));
        };
        let limit = self.turn.hearing.limit;
        let sound = self.sound(part, Arc::new(Stop::at(Instant::now() + limit)), true);
        // Only what is needed to understand goes along: the pool must not be let go of by its own threads.
        let Self { turn, pool, .. } = *self;
        let told = Box::new(move |looked: Result<Look, SpeechError>| {
            told(looked.map(|look| turn.outcome(&look, part)));
        });
        pool.order(limit, sound, told);
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
