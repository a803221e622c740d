//! Options about ears elsewhere.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `bellhop ear-server …`
#[derive(Args, Debug)]
pub struct EarServerOptions {
    /// The configuration whose [speech] says which engine hears
    #[arg(long, default_value = "bellhop.toml")]
    pub config: PathBuf,
    /// Where connections are taken
    #[arg(long, default_value = "127.0.0.1:9300", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// Turns that are heard at the same time; the next one is refused as busy
    #[arg(long, default_value_t = 64)]
    pub turns: usize,
    /// The environment variable with the key that connections must bring; beyond loopback one is needed
    #[arg(long, value_name = "VARIABLE")]
    pub token_env: Option<String>,
}

/// Which engine is measured.
#[derive(Args, Debug)]
pub struct EngineOptions {
    /// The engine
    #[arg(long, value_enum, default_value_t = Engine::Sphinx)]
    pub engine: Engine,
    /// Another engine that has the last word of every turn, as 'final' in the configuration
    #[arg(long = "final", value_enum, value_name = "ENGINE")]
    pub last: Option<Engine>,
    /// The machine that hears, with an engine that is elsewhere: ws://… or wss://…; its key stands in BELLHOP_EAR_KEY
    #[arg(long, value_name = "URL", required_if_eq_any = [("engine", "remote"), ("engine", "funasr"), ("last", "remote"), ("last", "funasr")])]
    pub remote: Option<String>,
    /// The whisper model, a ggml file, with --engine whisper or --final whisper
    #[arg(long, value_name = "FILE", required_if_eq_any = [("engine", "whisper"), ("last", "whisper")])]
    pub model: Option<PathBuf>,
    /// Folders with sphinx models
    #[arg(
        long,
        default_value = "/usr/share/pocketsphinx/model",
        value_name = "DIR"
    )]
    pub models: Vec<PathBuf>,
}

/// The engines that can be measured.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The grammar recogniser on this machine
    Sphinx,
    /// The recogniser of free speech on this machine, a whisper model
    Whisper,
    /// Another machine, in the protocol of 'bellhop ear-server'
    Remote,
    /// Another machine, in FunASR's protocol
    Funasr,
}
