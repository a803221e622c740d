//! The recognisers, as configurations and commands name them.

use crate::config::WhisperKeys;
use clap::{Args, ValueEnum};
use speech::{Recognizer, SphinxModels, SphinxRecognizer, SphinxSettings};
use std::path::PathBuf;
use std::sync::Arc;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;

/// Which engine a command measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum EngineName {
    /// The grammar recogniser over CMU Sphinx models
    Sphinx,
    /// The recogniser of free speech, a whisper model
    Whisper,
}

/// The engine of a command, and what it is opened with.
#[derive(Args, Debug)]
pub struct EngineChoice {
    /// The engine
    #[arg(long, value_enum, default_value_t = EngineName::Sphinx)]
    pub engine: EngineName,
    /// The whisper model, a ggml file
    #[arg(long, value_name = "FILE", required_if_eq("engine", "whisper"))]
    pub model: Option<PathBuf>,
    /// Folders with sphinx models
    #[arg(long, default_value = "/usr/share/pocketsphinx/model")]
    pub models: Vec<PathBuf>,
}

impl EngineChoice {
    /// Opens it, for one stream at a time and in no hurry.
    pub fn open(&self) -> anyhow::Result<Arc<dyn Recognizer>> {
        match (self.engine, &self.model) {
            (EngineName::Whisper, Some(model)) => whisper(&WhisperKeys {
                limit_ms: 600_000,
                ..WhisperKeys::of(model.clone())
            }),
            (EngineName::Whisper | EngineName::Sphinx, _) => Ok(Arc::new(self.sphinx()?)),
        }
    }

    /// The sphinx engine with its dictionaries, whichever was chosen.
    pub fn sphinx(&self) -> anyhow::Result<SphinxRecognizer> {
        Ok(SphinxRecognizer::open(SphinxSettings {
            models: SphinxModels::find(&self.models),
            max_decoders: DECODERS,
        })?)
    }
}

/// The whisper engine.
#[cfg(feature = "whisper")]
pub fn whisper(keys: &WhisperKeys) -> anyhow::Result<Arc<dyn Recognizer>> {
    use crate::config::Config;
    use speech::{WhisperRecognizer, WhisperSettings};
    use std::time::Duration;

    let threads = match keys.threads {
        0 => (Config::threads(0) / keys.passes.max(1)).max(1),
        threads => threads,
    };
    let recognizer = WhisperRecognizer::open(&WhisperSettings {
        model: keys.model.clone(),
        passes: keys.passes,
        threads,
        partial_every: keys.partial_every_ms.map(Duration::from_millis),
        limit: Duration::from_millis(keys.limit_ms),
    })?;
    tracing::info!(model = %keys.model.display(), passes = keys.passes, threads, "whisper");
    Ok(Arc::new(recognizer))
}

/// This build has none.
#[cfg(not(feature = "whisper"))]
pub fn whisper(_keys: &WhisperKeys) -> anyhow::Result<Arc<dyn Recognizer>> {
    anyhow::bail!("this bellhop was built without whisper; build it with its usual features")
}
