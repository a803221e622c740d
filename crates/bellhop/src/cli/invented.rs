//! Options of `bellhop eval invented`.

use super::{EngineOptions, LineCodec};
use clap::Args;
use std::path::PathBuf;

/// `bellhop eval invented …`
#[derive(Args, Debug)]
pub struct EvalInvented {
    /// The plan whose questions are listened for, and its words that ask for a person
    #[arg(long, default_value = "dialplans/front-desk", value_name = "DIR")]
    pub plan: PathBuf,
    /// Only in this language
    #[arg(long)]
    pub language: Option<call_model::Language>,
    /// Minutes of each kind of sound
    #[arg(long, default_value_t = 10)]
    pub minutes: u32,
    /// Folders of music on hold, WAV or FLAC
    #[arg(long, default_value = "/usr/share/asterisk/moh", value_name = "DIR")]
    pub music: Vec<PathBuf>,
    /// Recordings of noise, WAV or FLAC
    #[arg(long, value_name = "FILE")]
    pub noise: Vec<PathBuf>,
    #[command(flatten)]
    pub engine: EngineOptions,
    /// The line's codec
    #[arg(long, value_enum, default_value_t = LineCodec::Ulaw)]
    pub codec: LineCodec,
    /// Print the counts as JSON
    #[arg(long)]
    pub json: bool,
    /// Fail when more turns are understood, or words found, in a language
    #[arg(long, value_name = "COUNT")]
    pub require_most: Option<usize>,
}
