//! FunASR's WebSocket protocol, two passes: a streaming model's text as it comes, and a better
//! model's text for each stretch of speech (`runtime/docs/websocket_protocol.md` of FunASR).
//!
//! The service cuts at pauses by itself and sends one `2pass-offline` text a stretch, so the final
//! of a turn is all of them in order. Its `is_final` means different things in its two servers and
//! is not looked at; the first `2pass-offline` after our end of speech is the last word.

use super::dialect::{Dialect, Refusal, Said};
use super::hints::{self, Ears};
use crate::{HearingRequest, SpeechError};
use call_model::{CallTime, Heard, Hypothesis, Language, PerMille, Private, TurnId};
use dsp::Doubler;
use serde::{Deserialize, Serialize};
use spoken_text::normalise;
use std::collections::BTreeMap;

/// Samples of one binary message at 16 kHz: 60 ms, a tenth of the model's chunk.
const PIECE: usize = 960;
/// How sure the service is: it does not say.
const CONFIDENCE: PerMille = PerMille::new(800);
/// How much more likely a hot word is; 20 is what the service's documents show.
const HOT: u32 = 20;
/// What a turn's text may grow to, in bytes.
const TEXT_MAX: usize = 8 * 1_024;

/// One turn.
pub(super) struct FunAsrDialect {
    turn: TurnId,
    ears: Ears,
    hot_words: String,
    doubler: Doubler,
    waiting: Vec<i16>,
    /// What the better model made of the stretches so far.
    settled: String,
    /// What the streaming model makes of the stretch that is still spoken.
    passing: String,
    is_over: bool,
}

/// The first message.
#[derive(Serialize)]
struct Opening<'a> {
    mode: &'static str,
    wav_name: String,
    wav_format: &'static str,
    is_speaking: bool,
    chunk_size: [u8; 3],
    chunk_interval: u8,
    audio_fs: u32,
    /// A JSON object in a string, from word to weight.
    hotwords: &'a str,
    /// Spoken numbers stay words: plans know them as they are spoken.
    itn: bool,
}

/// What comes back; everything else in it is ignored.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    text: String,
}

impl FunAsrDialect {
    pub(super) fn new(request: &HearingRequest) -> Result<Self, SpeechError> {
        let hot: BTreeMap<String, u32> = hints::of(request)
            .into_iter()
            .map(|word| (word, HOT))
            .collect();
        Ok(Self {
            turn: request.turn,
            ears: Ears::of(request)?,
            hot_words: serde_json::to_string(&hot).expect("words and numbers are JSON"),
            doubler: Doubler::new(),
            waiting: Vec::new(),
            settled: String::new(),
            passing: String::new(),
            is_over: false,
        })
    }

    /// Everything understood so far, as plans know words.
    fn text(&self) -> String {
        let whole = format!("{}{}", self.settled, self.passing);
        let language = self.ears.language(&whole);
        let text = normalise(&whole, language);
        match language {
            Language::En => text,
            Language::Zh => text.chars().filter(|c| !c.is_whitespace()).collect(),
        }
    }

    fn last(&self) -> Heard {
        let text = self.text();
        let language = self.ears.told(&text);
        if text.is_empty() {
            return Heard::NoMatch {
                turn: self.turn,
                rejected: None,
                spotted: Vec::new(),
                language: None,
            };
        }
        Heard::Final {
            turn: self.turn,
            best: Hypothesis {
                text: Private::new(text),
                confidence: CONFIDENCE,
                words: Vec::new(),
            },
            others: Vec::new(),
            spotted: Vec::new(),
            language,
        }
    }
}

/// Words of English stand apart, whatever stretch they came in.
fn add(whole: &mut String, text: &str) {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    if whole.ends_with(is_word) && text.starts_with(is_word) {
        whole.push(' ');
    }
    whole.push_str(text);
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|it| it.to_le_bytes()).collect()
}

impl Dialect for FunAsrDialect {
    fn subprotocol(&self) -> Option<&'static str> {
        Some("binary")
    }

    fn opening(&mut self) -> String {
        self.doubler = Doubler::new();
        self.waiting.clear();
        self.settled.clear();
        self.passing.clear();
        self.is_over = false;
        let opening = Opening {
            mode: "2pass",
            wav_name: format!("turn-{}", self.turn.0),
            wav_format: "pcm",
            is_speaking: true,
            chunk_size: [5, 10, 5],
            chunk_interval: 10,
            audio_fs: 16_000,
            hotwords: &self.hot_words,
            itn: false,
        };
        serde_json::to_string(&opening).expect("text and numbers are JSON")
    }

    /// The service counts messages: each is one piece.
    fn sound(&mut self, samples: &[i16]) -> Vec<Vec<u8>> {
        self.doubler.extend(samples, &mut self.waiting);
        let whole = self.waiting.len() / PIECE * PIECE;
        let pieces: Vec<i16> = self.waiting.drain(..whole).collect();
        pieces.chunks(PIECE).map(bytes).collect()
    }

    fn ending(&mut self) -> (Option<Vec<u8>>, String) {
        self.is_over = true;
        let rest = std::mem::take(&mut self.waiting);
        let rest = (!rest.is_empty()).then(|| bytes(&rest));
        (rest, r#"{"is_speaking": false}"#.to_owned())
    }

    /// It has no word for that.
    fn cancelling(&self) -> Option<String> {
        None
    }

    fn hear(&mut self, message: &str, _began: CallTime) -> Result<Said, Refusal> {
        let answer: Answer =
            serde_json::from_str(message).map_err(|error| Refusal::json(&error))?;
        if self.settled.len() + self.passing.len() + answer.text.len() > TEXT_MAX {
            return Err(Refusal::new("text without end"));
        }
        if answer.mode.ends_with("offline") {
            self.passing.clear();
            add(&mut self.settled, &answer.text);
            if self.is_over {
                return Ok(Said::Last(self.last()));
            }
        } else if answer.mode.ends_with("online") {
            add(&mut self.passing, &answer.text);
        } else {
            return Ok(Said::Nothing);
        }
        let text = self.text();
        if text.is_empty() {
            return Ok(Said::Nothing);
        }
        let place = self.ears.place(&text);
        Ok(Said::Partial(Heard::Partial {
            turn: self.turn,
            text: Private::new(text),
            is_complete: place.is_complete,
            can_continue: place.can_continue,
            is_doubtful: false,
            spotted: Vec::new(),
        }))
    }

    /// Where the better model is late, what was understood until then stands.
    fn left_over(&mut self) -> Option<Heard> {
        let last = self.last();
        (self.is_over && matches!(last, Heard::Final { .. })).then_some(last)
    }

    fn is_kept(&self) -> bool {
        false
    }
}
