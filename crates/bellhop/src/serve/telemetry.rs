//! What operators see: logs with one span a call, and metrics.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Calls that ended, by how.
pub const CALLS_ENDED: &str = "bellhop_calls_ended_total";
/// Calls going on.
pub const CALLS_ACTIVE: &str = "bellhop_calls_active";
/// Calls refused before a session existed, by SIP status.
pub const CALLS_REFUSED: &str = "bellhop_calls_refused_total";
/// Callers owed a person, by reason.
pub const ESCALATIONS: &str = "bellhop_escalations_total";
/// From the end of the caller's speech to the first packet of the reply, in seconds.
pub const REPLY_SECONDS: &str = "bellhop_reply_seconds";
/// Requests of plans to back ends, by outcome.
pub const API_REQUESTS: &str = "bellhop_api_requests_total";
/// Handoffs told to the webhook, by outcome.
pub const WEBHOOKS: &str = "bellhop_webhooks_total";
/// Times the plans were read again, by outcome.
pub const RELOADS: &str = "bellhop_reloads_total";
/// RTP packets, by direction.
pub const RTP_PACKETS: &str = "bellhop_rtp_packets_total";
/// RTP packets from an address the call did not agree on.
pub const RTP_FOREIGN: &str = "bellhop_rtp_foreign_total";
/// How late a media tick began, in seconds.
pub const TICK_LATE_SECONDS: &str = "bellhop_tick_late_seconds";
/// Frames the recogniser never got because it could not keep up.
pub const EAR_DROPPED: &str = "bellhop_ear_frames_dropped";
/// Frames the voice scorer never got because it could not keep up.
pub const SCORE_DROPPED: &str = "bellhop_score_frames_dropped";
/// Turns that an engine missed which should have heard or corrected them.
pub const EAR_WITHOUT: &str = "bellhop_ear_turns_without";
/// Streams the recogniser works on.
pub const EAR_STREAMS: &str = "bellhop_ear_streams";

/// Calls that were over and due to be heard again, by outcome.
pub const CALLS_HEARD_AGAIN: &str = "bellhop_calls_heard_again_total";

/// Installs the recorder of metrics; once a process.
pub fn install_metrics() -> anyhow::Result<PrometheusHandle> {
    let seconds = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.5, 5.0];
    let lateness = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REPLY_SECONDS.into()), &seconds)?
        .set_buckets_for_metric(Matcher::Full(TICK_LATE_SECONDS.into()), &lateness)?
        .install_recorder()?;
    describe_counter!(CALLS_ENDED, "Calls that ended, by how");
    describe_gauge!(CALLS_ACTIVE, "Calls going on");
    describe_counter!(CALLS_REFUSED, "Calls refused, by SIP status");
    describe_counter!(ESCALATIONS, "Callers owed a person, by reason");
    describe_histogram!(
        REPLY_SECONDS,
        Unit::Seconds,
        "End of speech to first packet of reply"
    );
    describe_counter!(API_REQUESTS, "Requests to back ends, by outcome");
    describe_counter!(WEBHOOKS, "Handoffs told to the webhook, by outcome");
    describe_counter!(RELOADS, "Times the plans were read again, by outcome");
    describe_counter!(RTP_PACKETS, "RTP packets, by direction");
    describe_counter!(
        RTP_FOREIGN,
        "RTP packets from an address the call did not agree on"
    );
    describe_histogram!(
        TICK_LATE_SECONDS,
        Unit::Seconds,
        "How late media ticks begin"
    );
    describe_gauge!(EAR_DROPPED, "Frames dropped before recognition");
    describe_gauge!(
        EAR_WITHOUT,
        "Turns that went without an engine that should have heard or corrected them"
    );
    describe_counter!(
        CALLS_HEARD_AGAIN,
        "Calls heard again when they were over, or left as they are, by outcome"
    );
    describe_gauge!(EAR_STREAMS, "Streams in recognition");
    describe_gauge!(SCORE_DROPPED, "Frames dropped before the voice was scored");
    Ok(handle)
}

/// Libraries that log whole messages when asked for more: they hold words and numbers.
const QUIET: &str =
    "rsipstack=warn,tungstenite=info,tokio_tungstenite=info,hyper=info,hyper_util=info,rustls=info";

/// Starts logging to standard error. `BELLHOP_LOG` sets the filter. Libraries that
/// log whole messages are heard from the level on that shows none, unless the filter
/// names them.
///
/// Lines go through a bounded queue to a thread of their own; when nobody reads
/// them they are dropped rather than hold up a call. The guard writes out what is left.
pub fn install_logs() -> WorkerGuard {
    let asked = std::env::var("BELLHOP_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::new(format!("{QUIET},{asked}"));
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    guard
}
