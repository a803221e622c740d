//! The recognisers that commands measure, and the one that a model's file makes.

use crate::cli::{Engine, EngineOptions};
use crate::config::WhisperKeys;
use anyhow::Context;
use speech::remote::{Deadlines, RemoteKind, RemoteRecognizer, RemoteSettings};
use speech::{Recognizer, SphinxModels, SphinxRecognizer, SphinxSettings, TwoPass};
use std::sync::Arc;
use std::time::Duration;

/// The most decoders that one stream takes.
const DECODERS: usize = 8;
/// What an engine is given that is measured. Whole clips come at once, so the last word waits for all of the work.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the key of a machine elsewhere is looked for.
const EAR_KEY: &str = "BELLHOP_EAR_KEY";

/// Opens an engine, or two of which the second has the last word, for so many streams at once.
pub fn open(options: &EngineOptions, streams: usize) -> anyhow::Result<Arc<dyn Recognizer>> {
    let first = of_kind(options.engine, options, streams)?;
    let Some(last) = options.last else {
        return Ok(first);
    };
    let last = of_kind(last, options, streams)?;
    Ok(Arc::new(TwoPass::new(first, last)))
}

fn of_kind(
    engine: Engine,
    options: &EngineOptions,
    streams: usize,
) -> anyhow::Result<Arc<dyn Recognizer>> {
    Ok(match engine {
        Engine::Sphinx => Arc::new(sphinx(options, streams)?),
        Engine::Whisper => {
            let model = options.model.clone().context("--model names no file")?;
            whisper(&WhisperKeys {
                limit_ms: PATIENCE.as_millis() as u64,
                ..WhisperKeys::of(model)
            })?
        }
        Engine::Remote => Arc::new(elsewhere(RemoteKind::Bellhop, options)?),
        Engine::Funasr => Arc::new(elsewhere(RemoteKind::FunAsr, options)?),
    })
}

/// The sphinx engine with its dictionaries, whichever is measured.
pub fn sphinx(options: &EngineOptions, streams: usize) -> anyhow::Result<SphinxRecognizer> {
    Ok(SphinxRecognizer::open(SphinxSettings {
        models: SphinxModels::find(&options.models),
        max_decoders: DECODERS * streams.max(1),
    })?)
}

fn elsewhere(kind: RemoteKind, options: &EngineOptions) -> anyhow::Result<RemoteRecognizer> {
    let settings = RemoteSettings {
        kind,
        urls: options.remote.iter().cloned().collect(),
        token: std::env::var(EAR_KEY).ok().map(Into::into),
        deadlines: Deadlines {
            first: PATIENCE,
            last: PATIENCE,
            ..Deadlines::default()
        },
    };
    Ok(RemoteRecognizer::open(settings)?)
}

/// The whisper engine.
#[cfg(feature = "whisper")]
pub fn whisper(keys: &WhisperKeys) -> anyhow::Result<Arc<dyn Recognizer>> {
    use crate::config::Config;
    use speech::{WhisperRecognizer, WhisperSettings};

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
