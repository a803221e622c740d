//! One call, whole: its legs, voice activity, engine and journal, still pure.
//!
//! [`CallSession`] is told of packets, of the 20 ms ticks of the media clock and of
//! whatever else happens to its call, each with the time; it answers with outputs.
//! It opens nothing, reads no clock and never waits.
//!
//! ```text
//! packet ─► leg ─┬► key ─────────────────────────────┐
//!                └► frame ─┬► voice activity ─► news ─┤
//!                          ├► ear stream (if open)    ▼
//!                          ├► scorer (if allowed)     │
//!                          └► recording ◄─ sent     engine ─► actions ─► prompts, ear,
//!                                              ▲      │                  people, goodbye
//!                  PromptStarted, PromptEnded ─┘      └► journal
//! ```
//!
//! A person who was fetched gets a leg of the same session: first the whisper, then the
//! bridge, over which frames go from leg to leg and pass engine, ear and scorer by.
//!
//! ```text
//! caller's leg ─► frame ─► agent's leg       recording: caller left,
//! caller's leg ◄─ frame ◄─ agent's leg                  what the caller hears right
//! ```
//!
//! ```text
//! session.handle(now, SessionInput::Packet(&bytes));
//! while let Some(output) = session.poll_output() { shell.act(output); }
//! ```

mod acting;
mod bridge;
mod desk;
mod due;
mod ear_line;
mod echo;
mod io;
mod prompts;
mod score_line;
mod session;
mod settings;
mod sounding;
mod standing;

pub use io::{AlsoHeard, EarOrder, ScoreOrder, SessionInput, SessionOutput};
pub use session::{CallSession, SessionStats};
pub use settings::{SessionLimits, SessionSettings, VoiceScorer};
