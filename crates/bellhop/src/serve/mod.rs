//! `bellhop serve`: sockets, threads and clocks around the calls.

mod agent_side;
mod api;
mod backend;
mod bookings;
mod call;
mod calling_number;
mod control;
mod ear;
mod hearing;
mod http;
mod legs;
mod mailbox;
mod minds;
mod news;
mod people;
mod phones;
mod ports;
mod reload;
mod remote;
mod request;
mod scoring;
mod services;
mod shard;
mod shutdown;
mod start;
mod telemetry;
mod transfers;
mod voice;
mod webhook;

pub use backend::{HttpClient, OpenFailure};
pub use hearing::{recognizer, recognizer_afterwards};
pub use services::secret;
pub use start::open_prompts;
pub use telemetry::{CALLS_HEARD_AGAIN, install_logs};

use crate::config::Config;
use crate::plans::Shelf;
use anyhow::Context;
use control::Control;
use http::Pages;
use request::Outbox;
use shard::ShardHandle;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Requests of calls that may wait for the control plane.
const REQUESTS_MAX: usize = 4_096;

/// Takes calls until a signal.
pub fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let _logs = telemetry::install_logs();
    let config = Config::read(path)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(256)
        .thread_name("control")
        .enable_all()
        .build()?;
    runtime.block_on(serve(config, path))
}

async fn serve(config: Config, path: &Path) -> anyhow::Result<ExitCode> {
    let metrics = telemetry::install_metrics()?;
    let shelf = Shelf::read(&config.plans.dir)?;
    let archive = Arc::new(start::open_archive(&config, &shelf)?);
    let routes = start::routes(&config, &shelf, &archive)?;
    let (minds, webhook) = start::minds(&config)?;
    let people = start::people(&config)?;
    start::check_queues(&routes, &people)?;
    let workers = Arc::new(start::workers(&config)?);
    start::make_ready(&workers, &routes)?;
    let (sender, mut requests) = tokio::sync::mpsc::channel(REQUESTS_MAX);
    let (shards, threads) = start_shards(&config, &workers, &sender)?;
    let listener = tokio::net::TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("cannot serve HTTP on {}", config.http.listen))?;
    let (trunk, mut events) = sip_trunk::Trunk::start(start::trunk_settings(&config)?).await?;
    let control = Arc::new(Control {
        trunk: trunk.clone(),
        archive: Arc::clone(&archive),
        shards: shards.clone(),
        ports: start::ports(&config),
        routes: reload::RouteTable::new(routes),
        zone: config.zone()?,
        legs: legs::Legs::default(),
        people,
        minds,
        webhook: std::sync::Mutex::new(webhook),
        is_nat: config.media.nat,
        inactivity: Duration::from_secs(config.media.inactivity_s),
        longest_call: Duration::from_secs(config.media.longest_call_s),
        is_broken: AtomicBool::new(false),
        bookings: std::sync::Mutex::default(),
    });
    tokio::spawn(people::keep_time(Arc::clone(&control)));
    let revising = start::revising(&config, &archive, &control.legs, &workers)?;
    let drain = shutdown::Drain::new(Duration::from_secs(config.drain.limit_s));
    let reloader = Arc::new(reload::Reloader {
        config: path.to_owned(),
        control: Arc::clone(&control),
        workers: Arc::clone(&workers),
    });
    let pages = pages(&config, metrics, &drain, &reloader)?;
    tokio::spawn(async move {
        if let Err(error) = http::serve(listener, pages).await {
            tracing::error!(%error, "HTTP is no longer served");
        }
    });
    tracing::info!(
        sip = %trunk.local_address(), http = %config.http.listen, shards = shards.len(), "ready"
    );
    let mut signals = shutdown::Signals::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let code = loop {
        tokio::select! {
            Some(event) = events.recv() => {
                control.take(event);
                if control.is_broken.load(Ordering::Relaxed) {
                    break ExitCode::FAILURE;
                }
            }
            Some(request) = requests.recv() => control.serve(request),
            Some(()) = hangup.recv() => {
                let reloader = Arc::clone(&reloader);
                tokio::task::spawn_blocking(move || reloader.reload());
            }
            step = drain.next(&mut signals, &control.legs) => match step {
                shutdown::Step::StopTaking => {
                    trunk.set_accepting(false);
                    tracing::info!(calls = control.legs.count(), "draining");
                }
                shutdown::Step::SayGoodbye => {
                    for shard in &shards {
                        shard.send(shard::ShardOrder::Drain);
                    }
                }
                shutdown::Step::End(code) => break code,
            },
        }
    };
    for shard in &shards {
        shard.send(shard::ShardOrder::Stop);
    }
    let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(join));
    joined.await?;
    while let Ok(request) = requests.try_recv() {
        control.serve(request);
    }
    bookings::finish_bookings(&control).await;
    control.finish_webhook().await;
    trunk.stop().await;
    drop(revising);
    if let Some(ear) = &workers.ear {
        ear.stop();
    }
    if let Some(score) = &workers.score {
        score.stop();
    }
    archive.flush()?;
    tracing::info!("down");
    Ok(code)
}

fn start_shards(
    config: &Config,
    workers: &Arc<call::Workers>,
    sender: &tokio::sync::mpsc::Sender<request::Request>,
) -> anyhow::Result<(Vec<ShardHandle>, Vec<JoinHandle<()>>)> {
    let mut shards = Vec::new();
    let mut threads = Vec::new();
    for number in 0..Config::threads(config.media.shards) {
        let outbox = Outbox::new(sender.clone());
        let (shard, thread) = shard::start(number, Arc::clone(workers), outbox)?;
        shards.push(shard);
        threads.push(thread);
    }
    Ok((shards, threads))
}

fn pages(
    config: &Config,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    drain: &shutdown::Drain,
    reloader: &Arc<reload::Reloader>,
) -> anyhow::Result<Arc<Pages>> {
    let token = match &config.http.metrics_token_env {
        Some(name) => Some(std::env::var(name).with_context(|| {
            format!("http.metrics_token_env names {name}, which is not in the environment")
        })?),
        None => None,
    };
    let (drain, reloader) = (drain.clone(), Arc::clone(reloader));
    let (control, workers) = (Arc::clone(&reloader.control), Arc::clone(&reloader.workers));
    let readiness = move || {
        let health = control.archive.health();
        if control.is_broken.load(Ordering::Relaxed) {
            return Err("the SIP trunk is gone".to_owned());
        }
        if !control.shards.iter().all(ShardHandle::is_alive) {
            return Err("a media thread is gone".to_owned());
        }
        if drain.has_begun() {
            return Err("draining".to_owned());
        }
        if !health.is_well {
            let error = health.last_error.unwrap_or_default();
            return Err(format!("the archive cannot write: {error}"));
        }
        Ok(())
    };
    let refresh = move || {
        if let Some(ear) = &workers.ear {
            metrics::gauge!(telemetry::EAR_DROPPED).set(ear.dropped_frames() as f64);
            metrics::gauge!(telemetry::EAR_WITHOUT).set(ear.turns_without() as f64);
            metrics::gauge!(telemetry::EAR_STREAMS).set(ear.open_streams() as f64);
        }
        if let Some(score) = &workers.score {
            metrics::gauge!(telemetry::SCORE_DROPPED).set(score.dropped_frames() as f64);
        }
    };
    let reload = move || reloader.reload().map_err(|error| format!("{error:#}"));
    let (readiness, refresh, reload) = (Box::new(readiness), Box::new(refresh), Box::new(reload));
    Ok(Arc::new(Pages {
        metrics,
        token,
        readiness,
        refresh,
        reload,
    }))
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a media shard had ended in a panic");
    }
}
