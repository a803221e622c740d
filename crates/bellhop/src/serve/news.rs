//! How a call reaches its shard, and what it is told there.

use super::ports::PortLease;
use call_archive::CallWriter;
use call_model::{
    ApiOutcome, ApiRequestId, EmotionScore, Heard, HungUp, IntentNews, IntentQuestionId, Key,
    PayloadMap, PersonOutcome, PromptId,
};
use call_session::SessionSettings;
use mio::net::UdpSocket;
use sip_trunk::{LegId, MediaDirection};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Everything a call is opened with.
pub struct NewCall {
    pub session: SessionSettings,
    pub leg: LegId,
    /// When the INVITE arrived: the call's time zero.
    pub began: Instant,
    /// Bound, not blocking.
    pub socket: UdpSocket,
    pub lease: PortLease,
    /// Where the caller's RTP comes from and ours goes; unknown until an answer in the ACK.
    pub remote: Option<SocketAddr>,
    /// Whether the first valid packets may correct `remote`.
    pub is_nat: bool,
    pub writer: CallWriter,
    /// The plan's folder, for its audio files.
    pub plan_folder: PathBuf,
}

/// News for one call from outside its shard.
pub enum CallNews {
    /// The ACK came; with the media it agreed, for an INVITE without SDP.
    Acked(Option<(SocketAddr, PayloadMap)>),
    /// A re-INVITE agreed on other media.
    Media(SocketAddr, PayloadMap),
    Heard(Heard),
    EarLost,
    Emotion(EmotionScore),
    Prompt(PromptId, Option<Arc<[i16]>>),
    /// What the agent is told alone was made, or could not be.
    Whisper(Option<Arc<[i16]>>),
    /// What the caller hears while waiting.
    Music(Option<Arc<[i16]>>),
    Person(PersonOutcome),
    /// The agent hung up.
    AgentGone,
    /// The agent's phone agreed on other media.
    AgentMedia(SocketAddr, PayloadMap),
    AgentDirection(MediaDirection),
    /// A key that came by SIP INFO.
    Key(Key),
    Api(ApiRequestId, ApiOutcome),
    Intent(IntentQuestionId, IntentNews),
    /// Who sends and who listens from now on.
    Direction(MediaDirection),
    Failed(String),
    HungUp(HungUp),
}
