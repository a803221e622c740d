//! Requests of ours over HTTP: one client for back ends and webhooks.

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outside_line::{Connector, RootCertStore, connector, system_roots};
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
    client: Client<Connector, Full<Bytes>>,
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

/// Why an answer did not begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenFailure {
    /// Nobody took the connection.
    NotConnected,
    /// The connection broke.
    Broken,
}

impl HttpClient {
    /// Trusts whom the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
    pub fn new() -> Self {
        let roots = system_roots().unwrap_or_else(|error| {
            tracing::warn!(%error, "nothing is reached over https");
            RootCertStore::empty()
        });
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

    /// Sends a request and gives the answer while its body still comes. The caller sets the deadlines.
    pub async fn open(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, OpenFailure> {
        let _place = self.places.acquire().await;
        let response = self.client.request(request).await;
        response.map_err(|error| match error.is_connect() {
            true => OpenFailure::NotConnected,
            false => OpenFailure::Broken,
        })
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
