//! What became of a step.

use serde::{Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// One step's end, as the report shows it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Verdict {
    /// The step's line in its file.
    pub line: usize,
    /// The step as written.
    pub step: String,
    /// When it was settled, since the INVITE.
    #[serde(rename = "at_ms", serialize_with = "as_millis")]
    pub at: Duration,
    /// Whether it went as told.
    pub passed: bool,
    /// What was heard or done, in words.
    pub finding: String,
    /// What was measured on the way.
    pub measures: Vec<Measure>,
}

impl Verdict {
    /// Something went wrong that no step asked for.
    pub fn of_nobody(at: Duration, step: String, finding: String) -> Self {
        Self {
            line: 0,
            step,
            at,
            passed: false,
            finding,
            measures: Vec::new(),
        }
    }
}

/// A time measured by sound.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Measure {
    /// What was measured.
    pub kind: MeasureKind,
    /// How long it took.
    #[serde(rename = "ms", serialize_with = "as_millis")]
    pub took: Duration,
}

/// What is measured by sound.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// From the last packet with the caller's voice sent to the first packet with sound heard.
    ReplyToSpeech,
    /// From the first packet of the last key sent to the first packet with sound heard.
    ReplyToKeys,
    /// From the first packet with the caller's voice sent to the first packet that brought the
    /// prompt 12 dB lower (11.5 or more, as G.711 rounds).
    Duck,
    /// From the first packet with the caller's voice sent to the first packet without the prompt.
    Stop,
    /// From the last packet with the caller's voice sent to the INVITE at an agent's phone.
    SpeechToRing,
    /// From whatever ended the ringing's reason to the CANCEL at an agent's phone.
    StopsRinging,
    /// How long an agent was spoken to alone.
    Whisper,
    /// From a packet with one party's voice sent to the packet that brought it to the other.
    VoiceDelay,
}

impl MeasureKind {
    /// Every kind, in the order of tables.
    pub const ALL: [Self; 8] = [
        Self::ReplyToSpeech,
        Self::ReplyToKeys,
        Self::Duck,
        Self::Stop,
        Self::SpeechToRing,
        Self::StopsRinging,
        Self::Whisper,
        Self::VoiceDelay,
    ];
}

impl fmt::Display for MeasureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ReplyToSpeech => "end of speech to reply",
            Self::ReplyToKeys => "last key to reply",
            Self::Duck => "onset to -12 dB",
            Self::Stop => "onset to silence",
            Self::SpeechToRing => "end of speech to ringing",
            Self::StopsRinging => "left to phone silent",
            Self::Whisper => "whisper",
            Self::VoiceDelay => "voice to the other's ear",
        })
    }
}

/// `  3.420  ok    expect prompt greeting within 5s — greeting.en at 0.620 s`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed { "ok  " } else { "FAIL" };
        write!(f, "{:>8.3}  {word}  {}", self.at.as_secs_f64(), self.step)?;
        if !self.finding.is_empty() {
            write!(f, " — {}", self.finding)?;
        }
        Ok(())
    }
}

/// Milliseconds with their fraction.
pub fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}
