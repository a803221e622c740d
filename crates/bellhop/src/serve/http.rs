//! `/healthz`, `/readyz`, `/metrics` and `/reload`.

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often collected histograms are folded, so that they stay small.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the pages show.
pub struct Pages {
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// The token that `/metrics` asks of peers beyond loopback; none: loopback alone.
    pub token: Option<String>,
    /// Whether new calls are taken; if not, why.
    pub readiness: Box<dyn Fn() -> Result<(), String> + Send + Sync>,
    /// Brings gauges up to date before they are shown.
    pub refresh: Box<dyn Fn() + Send + Sync>,
    /// Reads the plans again: what answers now, or why nothing was changed. May take long.
    pub reload: Box<dyn Fn() -> Result<Vec<String>, String> + Send + Sync>,
}

/// Serves the pages until the task is dropped.
pub async fn serve(listener: tokio::net::TcpListener, pages: Arc<Pages>) -> std::io::Result<()> {
    let upkeep = Arc::clone(&pages);
    tokio::spawn(async move {
        let mut beat = tokio::time::interval(UPKEEP);
        loop {
            beat.tick().await;
            upkeep.metrics.run_upkeep();
        }
    });
    let router = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .route("/reload", post(reload))
        .with_state(pages);
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await
}

async fn readyz(State(pages): State<Arc<Pages>>) -> (StatusCode, String) {
    match (pages.readiness)() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

async fn show_metrics(
    State(pages): State<Arc<Pages>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    if is_allowed(peer, &headers, pages.token.as_deref()) {
        (pages.refresh)();
        (StatusCode::OK, pages.metrics.render())
    } else {
        let remedy =
            "metrics are for loopback, or for the bearer token of http.metrics_token_env\n";
        (StatusCode::FORBIDDEN, remedy.to_owned())
    }
}

/// Reads the plans again: 200 and the plans that answer now, one a line, or 422 and the
/// problems; then nothing has changed.
async fn reload(
    State(pages): State<Arc<Pages>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
) -> (StatusCode, String) {
    if !peer.ip().is_loopback() {
        let remedy = "plans are read again for loopback alone\n";
        return (StatusCode::FORBIDDEN, remedy.to_owned());
    }
    let done = tokio::task::spawn_blocking(move || (pages.reload)()).await;
    match done {
        Ok(Ok(plans)) => (StatusCode::OK, plans.join("\n") + "\n"),
        Ok(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why + "\n"),
        Err(error) => {
            tracing::error!(%error, "reading the plans again broke off");
            let why = "a part of ours failed; the plans of before go on\n";
            (StatusCode::INTERNAL_SERVER_ERROR, why.to_owned())
        }
    }
}

fn is_allowed(peer: SocketAddr, headers: &HeaderMap, token: Option<&str>) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    match (token, shown) {
        (Some(token), Some(shown)) => is_same(token.as_bytes(), shown.as_bytes()),
        _ => peer.ip().is_loopback(),
    }
}

/// Compares in a time that tells nothing about where two tokens differ.
fn is_same(token: &[u8], shown: &[u8]) -> bool {
    token.len() == shown.len()
        && token
            .iter()
            .zip(shown)
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_for_loopback_or_the_token() {
        let far: SocketAddr = "192.0.2.1:9".parse().expect("an address");
        let near: SocketAddr = "127.0.0.1:9".parse().expect("an address");
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect("a value"));
            headers
        };
        assert!(is_allowed(near, &HeaderMap::new(), None));
        assert!(!is_allowed(far, &HeaderMap::new(), Some("secret")));
        assert!(is_allowed(far, &with("Bearer secret"), Some("secret")));
        assert!(!is_allowed(near, &with("Bearer sEcret"), Some("secret")));
        assert!(!is_allowed(far, &with("Bearer "), None));
    }
}
