//! Going down: the first signal drains, the second one ends at once.

use super::legs::Legs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// How long callers may be told goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(10);
/// How often it is looked whether the last call is over.
const LOOK: Duration = Duration::from_millis(100);

/// SIGTERM and SIGINT, which mean the same.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes over the process's signals.
    pub fn new() -> std::io::Result<Self> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Self {
            terminate: signal(terminate)?,
            interrupt: signal(interrupt)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What is to be done now.
pub enum Step {
    /// Refuse new calls.
    StopTaking,
    /// Tell those who are still here goodbye.
    SayGoodbye,
    /// End, with this exit status.
    End(ExitCode),
}

/// How far going down has come.
#[derive(Clone)]
pub struct Drain {
    stage: Arc<AtomicU8>,
    limit: Duration,
    began: Arc<std::sync::OnceLock<Instant>>,
}

const SERVING: u8 = 0;
const DRAINING: u8 = 1;
const PARTING: u8 = 2;

impl Drain {
    /// Nothing has begun.
    pub fn new(limit: Duration) -> Self {
        Self {
            stage: Arc::default(),
            limit,
            began: Arc::default(),
        }
    }

    /// Whether new calls are refused.
    pub fn has_begun(&self) -> bool {
        self.stage.load(Ordering::Relaxed) != SERVING
    }

    /// Waits for the next step. May be dropped and called again at any time.
    pub async fn next(&self, signals: &mut Signals, legs: &Legs) -> Step {
        let stage = self.stage.load(Ordering::Relaxed);
        if stage == SERVING {
            signals.next().await;
            let _ = self.began.set(Instant::now());
            self.stage.store(DRAINING, Ordering::Relaxed);
            return Step::StopTaking;
        }
        let began = *self.began.get_or_init(Instant::now);
        let limit = if stage == DRAINING {
            self.limit
        } else {
            self.limit + GOODBYE_MAX
        };
        while began.elapsed() < limit {
            if legs.count() == 0 {
                return Step::End(ExitCode::SUCCESS);
            }
            tokio::select! {
                () = signals.next() => {
                    tracing::warn!(calls = legs.count(), "ended by a second signal");
                    return Step::End(ExitCode::FAILURE);
                }
                () = tokio::time::sleep_until((began + limit).min(Instant::now() + LOOK)) => {}
            }
        }
        if stage == DRAINING {
            self.stage.store(PARTING, Ordering::Relaxed);
            Step::SayGoodbye
        } else {
            tracing::warn!(
                calls = legs.count(),
                "calls were left at the end of the drain"
            );
            Step::End(ExitCode::SUCCESS)
        }
    }
}
