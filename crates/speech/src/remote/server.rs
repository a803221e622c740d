//! The reference server: an engine of this crate behind our protocol, so that one machine hears for many.

mod connection;
mod heard;

use crate::Recognizer;
use call_model::Private;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

/// Threads that carry messages.
const COURIERS: usize = 2;

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct EarServerSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Connections at the same time; more are closed at once.
    pub connections_max: usize,
    /// Turns at the same time, a thread each; more are refused as busy.
    pub turns_max: usize,
    /// Without it connections need no key; with it they need this one as a bearer token.
    pub token: Option<Private<String>>,
    /// A connection over which nothing comes for so long is closed.
    pub idle_max: Duration,
}

impl EarServerSettings {
    /// The usual limits: so many turns as are given, and four connections for each.
    pub fn new(listen: SocketAddr, turns_max: usize) -> Self {
        Self {
            listen,
            connections_max: turns_max.saturating_mul(4),
            turns_max,
            token: None,
            idle_max: Duration::from_secs(30),
        }
    }
}

/// A server that runs until it is dropped.
pub struct EarServer {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

/// What all connections share.
struct House {
    recognizer: Arc<dyn Recognizer>,
    settings: EarServerSettings,
    turns: Arc<Semaphore>,
}

impl EarServer {
    /// Starts to listen.
    ///
    /// # Errors
    /// What the system says: the address is taken, or none of ours.
    pub fn start(
        recognizer: Arc<dyn Recognizer>,
        settings: EarServerSettings,
    ) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(COURIERS)
            .max_blocking_threads(settings.turns_max.max(1))
            .thread_name("ear-server")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(settings.listen))?;
        let address = listener.local_addr()?;
        let turns = Arc::new(Semaphore::new(settings.turns_max));
        let house = House {
            recognizer,
            settings,
            turns,
        };
        runtime.spawn(welcome(listener, Arc::new(house)));
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for EarServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn welcome(listener: TcpListener, house: Arc<House>) {
    let places = Arc::new(Semaphore::new(house.settings.connections_max));
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files pass; what does not will say so again.
                tracing::warn!(%error, "a connection cannot be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(%from, "too many connections; one is closed");
            continue;
        };
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let _place = place;
            if let Err(why) = connection::serve(stream, &house).await {
                tracing::info!(%from, why, "a connection was given up");
            }
        });
    }
}
