//! What a session is made from.

use call_model::{CallHeader, PayloadMap};
use dialplan::Plan;
use std::sync::Arc;
use std::time::Duration;
use voice_activity::VoiceSettings;

/// What one call needs to begin.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The call; its seed also draws what RFC 3550 §5.1 wants unpredictable.
    pub header: CallHeader,
    /// The plan it follows.
    pub plan: Arc<Plan>,
    /// What offer and answer agreed on.
    pub payloads: PayloadMap,
    /// How long things may take.
    pub limits: SessionLimits,
    /// When sound counts as speech.
    pub voice: VoiceSettings,
    /// Whether there is a scorer for the caller's voice.
    pub scorer: VoiceScorer,
}

/// Whether a call's voice can be scored; the plan and the caller may still say no.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VoiceScorer {
    /// A model is configured.
    Present,
    /// There is none: nothing is computed.
    #[default]
    Absent,
}

impl SessionSettings {
    /// A call with the usual limits.
    pub fn new(header: CallHeader, plan: Arc<Plan>, payloads: PayloadMap) -> Self {
        Self {
            header,
            plan,
            payloads,
            limits: SessionLimits::default(),
            voice: VoiceSettings::default(),
            scorer: VoiceScorer::Absent,
        }
    }
}

/// How long things outside the conversation may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLimits {
    /// The greeting waits so long after the ACK for the caller's first packet, so that its
    /// first word is not cut.
    pub first_packet: Duration,
    /// A prompt that was not made by then has failed.
    pub prompt_making: Duration,
    /// A whisper that was not made by then is left out.
    pub whisper_making: Duration,
    /// A whisper is cut then.
    pub whisper: Duration,
    /// Without a packet for so long, the caller is gone, and so is an agent.
    pub media_silence: Duration,
    /// No call lasts longer, counted from its answer.
    pub longest_call: Duration,
    /// Between the bot's last word and the hang-up, so that the word is not cut in the
    /// caller's jitter buffer.
    pub farewell: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            first_packet: Duration::from_millis(300),
            prompt_making: Duration::from_secs(10),
            whisper_making: Duration::from_millis(1_500),
            whisper: Duration::from_secs(4),
            media_silence: Duration::from_secs(30),
            longest_call: Duration::from_secs(3_600),
            farewell: Duration::from_millis(200),
        }
    }
}
