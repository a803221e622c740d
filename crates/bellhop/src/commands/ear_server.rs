//! `bellhop ear-server`: this machine hears for others.

use crate::cli::EarServerOptions;
use crate::config::Config;
use crate::serve;
use anyhow::{Context, bail};
use call_model::{EscalationWords, Language};
use speech::remote::{EarServer, EarServerSettings};
use speech::{Recognizer, SpeechError};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Hears until a signal.
pub fn run(options: &EarServerOptions) -> anyhow::Result<ExitCode> {
    let _logs = serve::install_logs();
    let config = Config::read(&options.config)?;
    let mut settings = EarServerSettings::new(options.listen, options.turns);
    settings.token = match &options.token_env {
        Some(name) => Some(serve::secret("--token-env", name)?),
        None if options.listen.ip().is_loopback() => None,
        None => bail!(
            "--listen {}: others than this machine could send sound there; name a key with --token-env",
            options.listen
        ),
    };
    let recognizer = serve::recognizer(&config.speech)?;
    let recognizer =
        recognizer.context("speech.recognizer is \"none\", so there is nothing to hear with")?;
    check(&*recognizer)?;
    let engine = recognizer.name().to_owned();
    let server = EarServer::start(recognizer, settings)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let (address, turns) = (server.address(), options.turns);
    tracing::info!(%address, engine, turns, "hears for others");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        anyhow::Ok(())
    })?;
    tracing::info!("ends; those who are heard go on elsewhere");
    Ok(ExitCode::SUCCESS)
}

/// Loads the models of all languages that there are any for, so that no caller waits for them.
fn check(recognizer: &dyn Recognizer) -> anyhow::Result<()> {
    let mut heard = 0;
    for language in Language::ALL {
        let words = Vec::new();
        let none = Arc::new(EscalationWords { language, words });
        match recognizer.prepare(&[], &[none]) {
            Ok(()) => heard += 1,
            Err(error @ SpeechError::ModelMissing { .. }) => {
                tracing::warn!(%language, %error, "not heard");
            }
            Err(error) => return Err(error.into()),
        }
    }
    if heard == 0 {
        bail!("there is no model for any language; fetch one with 'bellhop models fetch'");
    }
    Ok(())
}
