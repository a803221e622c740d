//! From the configuration to the recogniser.

use super::services::secret;
use crate::config::{RecognizerKind, RemoteEarKind, RemoteKeys, Speech, WhisperKeys};
use crate::engines;
use anyhow::Context;
use speech::remote::{Deadlines, RemoteKind, RemoteRecognizer, RemoteSettings};
use speech::{FallBack, Recognizer, SphinxModels, SphinxRecognizer, SphinxSettings, TwoPass};
use std::sync::Arc;
use std::time::Duration;

/// What a turn of a call that is over may take.
const PATIENCE_MS: u64 = 120_000;
/// Decoders for one turn at a time: two languages, each with its loop of phones and its search for words.
const DECODERS_AFTERWARDS: usize = 8;

/// The configured recogniser, its models loaded; with the one that corrects it.
pub fn recognizer(speech: &Speech) -> anyhow::Result<Option<Arc<dyn Recognizer>>> {
    let Some(fast) = engine(speech, speech.recognizer)? else {
        return Ok(None);
    };
    let corrector = speech.corrector.map(|kind| engine(speech, kind));
    Ok(Some(match corrector.transpose()?.flatten() {
        Some(better) => Arc::new(TwoPass::new(fast, better)),
        None => fast,
    }))
}

/// The recogniser of `[speech.again]`, opened for itself: nobody waits for its answers.
pub fn recognizer_afterwards(
    speech: &Speech,
    kind: RecognizerKind,
) -> anyhow::Result<Arc<dyn Recognizer>> {
    let patient = Speech {
        recognizer: kind,
        corrector: None,
        decoders: DECODERS_AFTERWARDS,
        remote: speech.remote.clone().map(|keys| RemoteKeys {
            first_ms: PATIENCE_MS,
            final_ms: PATIENCE_MS,
            fall_back: Some(RecognizerKind::None),
            ..keys
        }),
        whisper: speech.whisper.clone().map(|keys| WhisperKeys {
            passes: 1,
            threads: 1,
            partial_every_ms: None,
            limit_ms: PATIENCE_MS,
            ..keys
        }),
        ..speech.clone()
    };
    let opened = engine(&patient, kind).context("speech.again")?;
    opened.context("speech.again.engine is \"none\"")
}

fn engine(speech: &Speech, kind: RecognizerKind) -> anyhow::Result<Option<Arc<dyn Recognizer>>> {
    Ok(match kind {
        RecognizerKind::None => None,
        RecognizerKind::Sphinx => {
            let settings = SphinxSettings {
                models: SphinxModels::find(&speech.models),
                max_decoders: speech.decoders,
            };
            Some(Arc::new(SphinxRecognizer::open(settings)?))
        }
        RecognizerKind::Whisper => {
            let keys = speech.whisper.as_ref();
            let keys = keys.context("speech.whisper: the table is missing")?;
            Some(engines::whisper(keys)?)
        }
        RecognizerKind::Remote => {
            let keys = speech.remote.as_ref();
            let keys = keys.context("speech.remote: the table is missing")?;
            let remote = Arc::new(remote(keys)?);
            let is_alone = speech.recognizer != RecognizerKind::Remote;
            let fall_back = keys.fall_back.unwrap_or(RecognizerKind::Sphinx);
            match is_alone {
                // Whoever it corrects stands in for it.
                true => Some(remote),
                false => match engine(speech, fall_back)? {
                    Some(second) => Some(Arc::new(FallBack::new(remote, second))),
                    None => Some(remote),
                },
            }
        }
    })
}

fn remote(keys: &RemoteKeys) -> anyhow::Result<RemoteRecognizer> {
    let token = keys.token_env.as_deref();
    let token = token.map(|name| secret("speech.remote.token_env", name));
    let settings = RemoteSettings {
        kind: match keys.kind {
            RemoteEarKind::Bellhop => RemoteKind::Bellhop,
            RemoteEarKind::FunAsr => RemoteKind::FunAsr,
        },
        urls: keys.urls.clone(),
        token: token.transpose()?,
        deadlines: Deadlines {
            connect: Duration::from_millis(keys.connect_ms),
            first: Duration::from_millis(keys.first_ms),
            last: Duration::from_millis(keys.final_ms),
        },
    };
    RemoteRecognizer::open(settings).context("speech.remote")
}
