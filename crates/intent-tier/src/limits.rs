//! What an answer may hold at most. What goes beyond is an `Overrun`.

use std::time::Duration;

/// Bytes of one piece of words, and of a slot's value.
pub const PIECE_BYTES: usize = 2_048;
/// Pieces of one answer.
pub const PIECES: usize = 64;
/// Bytes of all pieces of one answer.
pub const ANSWER_BYTES: usize = 16 * 1_024;
/// Slots that one answer may fill.
pub const SLOTS: usize = 32;
/// Bytes of the name of a slot or a node.
pub const NAME_BYTES: usize = 128;
/// Characters that are kept of the reason given for an escalation.
pub const WHY_CHARS: usize = 200;

/// Bytes of one message of a service.
pub const MESSAGE_BYTES: usize = 16 * 1_024;
/// Messages of a service in one second.
pub const MESSAGES_A_SECOND: u32 = 200;
/// Messages in a row that answer no open question.
pub const STRAY_MESSAGES: u32 = 256;
/// Connections of a tier at the same time: one for each call that asks.
pub const CONNECTIONS: usize = 2_000;
/// A connection over which nothing was asked or told for so long is closed.
pub const CONNECTION_IDLE: Duration = Duration::from_secs(600);

/// Bytes of one line of a chat endpoint's stream.
pub const STREAM_LINE_BYTES: usize = 64 * 1_024;
/// Bytes of a chat endpoint's whole stream.
pub const STREAM_BYTES: usize = 512 * 1_024;
/// Tools that one reply of a chat endpoint may call.
pub const TOOL_CALLS: usize = 16;
