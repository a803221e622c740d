//! Requests of ours over HTTP: one client for back ends and webhooks.

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Requests under way at the same time; one more waits within its deadline.
const REQUESTS: usize = 256;
/// How long an unused connection is kept.
const CONNECTION_KEPT: Duration = Duration::from_secs(30);
/// Unused connections that are kept to one host.
const CONNECTIONS_KEPT: usize = 8;

/// Asks over HTTP/1.1, with TLS where the address says `https`. Follows no redirect.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    places: Arc<Semaphore>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Bytes,
}

/// Why nothing came back that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The deadline passed.
    TimedOut,
    /// Nobody took the connection: the request was not sent.
    NotConnected,
    /// The connection broke after the request may have been sent.
    Broken,
    /// The body is larger than allowed.
    TooLarge,
}

impl HttpClient {
    /// Trusts whom the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            tracing::warn!(
                "this system trusts no certificate authority, so nothing is reached over https; \
                 install ca-certificates, or name a file in SSL_CERT_FILE"
            );
        }
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(CONNECTION_KEPT)
            .pool_max_idle_per_host(CONNECTIONS_KEPT)
            .build(connector(roots));
        Self {
            client,
            places: Arc::new(Semaphore::new(REQUESTS)),
        }
    }

    /// Sends a request and reads the whole answer, of at most so many bytes.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        deadline: Duration,
        bytes_max: usize,
    ) -> Result<Reply, Failure> {
        let sent = tokio::time::timeout(deadline, self.exchange(request, bytes_max));
        sent.await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        bytes_max: usize,
    ) -> Result<Reply, Failure> {
        let _place = self.places.acquire().await.map_err(|_| Failure::Broken)?;
        let response = self.client.request(request).await;
        let response = response.map_err(|error| match error.is_connect() {
            true => Failure::NotConnected,
            false => Failure::Broken,
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), bytes_max)
            .collect()
            .await;
        let body = body.map_err(|error| match error.is::<LengthLimitError>() {
            true => Failure::TooLarge,
            false => Failure::Broken,
        })?;
        let body = body.to_bytes();
        Ok(Reply { status, body })
    }
}

fn connector(roots: RootCertStore) -> HttpsConnector<HttpConnector> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the usual versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp)
}
