//! Our own protocol, from the media server's side.

use super::contract::{
    Final, FromEar, Listening, NoMatch, Reading, Spotted, Start, TimedWord, ToEar, VERSION, Wanted,
};
use super::dialect::{Dialect, Refusal, Said};
use super::hints::{self, Ears};
use crate::{CallerChannel, HearingRequest, SpeechError};
use call_model::{
    CallTime, EscalationWords, Heard, Hypothesis, PerMille, PhraseGrammar, Private, SAMPLE_RATE,
    SpottedWord, TurnId, WordSpan,
};
use std::time::Duration;

/// What a caller's last turn may leave behind for the next one, in bytes.
const MEMORY_MAX: usize = 8 * 1_024;

/// One turn.
pub(super) struct BellhopDialect {
    turn: TurnId,
    opening: String,
    ears: Ears,
    channel: CallerChannel,
}

impl BellhopDialect {
    pub(super) fn new(request: &HearingRequest) -> Result<Self, SpeechError> {
        let asked = listening(request.grammar.as_deref(), &request.escalation);
        let also = request.also.as_ref();
        let also = also.map(|(grammar, words)| listening(grammar.as_deref(), words));
        let start = ToEar::Start(Box::new(Start {
            version: VERSION,
            turn: request.turn.0,
            sample_rate: SAMPLE_RATE,
            languages: std::iter::once(asked).chain(also).collect(),
            phrases: hints::of(request),
            memory: request.channel.memory_elsewhere(),
        }));
        Ok(Self {
            turn: request.turn,
            opening: json(&start),
            ears: Ears::of(request)?,
            channel: request.channel.clone(),
        })
    }

    fn remember(&self, memory: Option<String>) {
        if let Some(memory) = memory.filter(|memory| memory.len() <= MEMORY_MAX) {
            self.channel.learn_elsewhere(memory);
        }
    }

    fn final_of(&self, last: Final, began: CallTime) -> Result<Said, Refusal> {
        self.remember(last.memory);
        let mut readings = last.readings.into_iter().map(|it| hypothesis(it, began));
        let best = readings.next();
        let best = best.ok_or_else(|| Refusal::new("a final without a reading"))?;
        Ok(Said::Last(Heard::Final {
            turn: self.turn,
            best,
            others: readings.collect(),
            spotted: spotted(last.spotted, began),
            language: last.language,
        }))
    }

    fn no_match(&self, last: NoMatch, began: CallTime) -> Said {
        self.remember(last.memory);
        Said::Last(Heard::NoMatch {
            turn: self.turn,
            rejected: last.rejected.map(|it| hypothesis(it, began)),
            spotted: spotted(last.spotted, began),
            language: last.language,
        })
    }
}

impl Dialect for BellhopDialect {
    fn subprotocol(&self) -> Option<&'static str> {
        None
    }

    fn opening(&mut self) -> String {
        self.opening.clone()
    }

    fn sound(&mut self, samples: &[i16]) -> Vec<Vec<u8>> {
        vec![samples.iter().flat_map(|it| it.to_le_bytes()).collect()]
    }

    fn ending(&mut self) -> (Option<Vec<u8>>, String) {
        (None, json(&ToEar::End { turn: self.turn.0 }))
    }

    fn cancelling(&self) -> Option<String> {
        Some(json(&ToEar::Cancel { turn: self.turn.0 }))
    }

    fn hear(&mut self, message: &str, began: CallTime) -> Result<Said, Refusal> {
        let message: FromEar =
            serde_json::from_str(message).map_err(|error| Refusal::json(&error))?;
        // What is said late about an earlier turn of the same connection is no news.
        if message.turn().is_some_and(|turn| turn != self.turn.0) {
            return Ok(Said::Nothing);
        }
        match message {
            FromEar::Listening { .. } => Ok(Said::Nothing),
            FromEar::Partial(news) => {
                let text = news.text.into_revealed();
                let place = self.ears.place(&text);
                Ok(Said::Partial(Heard::Partial {
                    turn: self.turn,
                    is_complete: news.is_complete.unwrap_or(place.is_complete),
                    can_continue: news.can_continue.unwrap_or(place.can_continue),
                    text: Private::new(text),
                    is_doubtful: news.is_doubtful,
                    spotted: spotted(news.spotted, began),
                }))
            }
            FromEar::Final(last) => self.final_of(last, began),
            FromEar::NoMatch(last) => Ok(self.no_match(last, began)),
            FromEar::Error { code, .. } => Err(Refusal::new(format!("the ear says {code:?}"))),
        }
    }

    fn left_over(&mut self) -> Option<Heard> {
        None
    }

    fn is_kept(&self) -> bool {
        true
    }
}

impl FromEar {
    /// The turn that a message is about; none: the connection.
    pub fn turn(&self) -> Option<u32> {
        match self {
            Self::Listening { turn } => Some(*turn),
            Self::Partial(news) => Some(news.turn),
            Self::Final(last) => Some(last.turn),
            Self::NoMatch(last) => Some(last.turn),
            Self::Error { turn, .. } => *turn,
        }
    }
}

fn json(message: &ToEar) -> String {
    serde_json::to_string(message).expect("text, numbers and lists are JSON")
}

fn listening(grammar: Option<&PhraseGrammar>, words: &EscalationWords) -> Listening {
    let wanted = words.words.iter().map(|word| Wanted {
        text: word.text.clone(),
        class: word.class,
    });
    Listening {
        language: grammar.map_or(words.language, |grammar| grammar.language),
        grammar: grammar.map(|grammar| grammar.root.clone()),
        escalation: wanted.collect(),
    }
}

fn hypothesis(reading: Reading, began: CallTime) -> Hypothesis {
    let words = reading.words.into_iter();
    Hypothesis {
        text: reading.text,
        confidence: sure(reading.confidence),
        words: words.map(|word| span(word, began)).collect(),
    }
}

fn span(word: TimedWord, began: CallTime) -> WordSpan {
    WordSpan {
        word: word.word,
        from: after(began, word.from_ms),
        to: after(began, word.to_ms),
        confidence: sure(word.confidence),
    }
}

fn spotted(found: Vec<Spotted>, began: CallTime) -> Vec<SpottedWord> {
    let found = found.into_iter().map(|it| SpottedWord {
        word: it.word,
        class: it.class,
        from: after(began, it.from_ms),
        to: after(began, it.to_ms),
        confidence: sure(it.confidence),
    });
    found.collect()
}

fn after(began: CallTime, ms: u32) -> CallTime {
    began + Duration::from_millis(ms.into())
}

fn sure(confidence: f64) -> PerMille {
    PerMille::from_share(confidence as f32)
}
