//! A caller made of software: places real SIP and RTP calls, says what a scenario tells it and
//! judges what it hears by comparing sound. It knows nothing of the server's insides.

pub mod answers;
pub mod back_end;
pub mod call;
pub mod cli;
pub mod commands;
pub mod judge;
pub mod manifest;
pub mod report;
pub mod rtp;
pub mod scenario;
pub mod scripted_mind;
pub mod sip;
#[cfg(test)]
mod stage;
pub mod wav;
