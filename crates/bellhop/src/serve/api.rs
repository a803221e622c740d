//! Asks the back ends that plans name.

use super::backend::{Failure, HttpClient};
use super::telemetry::API_REQUESTS;
use call_model::{ApiFailure, ApiMethod, ApiOutcome, ApiRequest};
use dialplan::outcome_of;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use std::time::Duration;

/// The largest answer that is read.
const ANSWER_MAX: usize = 64 * 1_024;
/// How long the first further try waits; each later one waits so much longer. The
/// engine grants a second for all of them.
const BACK_OFF: Duration = Duration::from_millis(100);

/// By it a back end knows a request again (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says what an environment variable holds.
type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Asks back ends on behalf of calls. What is asked and answered reaches no log.
pub struct ApiClient {
    http: HttpClient,
    environment: Box<Environment>,
}

impl ApiClient {
    /// A client whose header values come from the process's environment.
    pub fn new(http: HttpClient) -> Self {
        Self {
            http,
            environment: Box::new(|name| std::env::var(name).ok()),
        }
    }

    /// Asks, and asks again where that is harmless: after any failure that may pass for GET
    /// and for what a back end knows again by its key, for another POST only where no
    /// connection was made.
    pub async fn call(&self, request: ApiRequest) -> ApiOutcome {
        let outcome = self.all_tries(&request).await;
        let shown = match &outcome {
            ApiOutcome::Answered { .. } => "answered",
            ApiOutcome::Failed { why } => name(*why),
        };
        metrics::counter!(API_REQUESTS, "outcome" => shown).increment(1);
        outcome
    }

    async fn all_tries(&self, request: &ApiRequest) -> ApiOutcome {
        let mut tries = 0;
        loop {
            let (outcome, may_try_again) = self.one_try(request).await;
            tries += 1;
            if !may_try_again || tries > u32::from(request.retries) {
                return outcome;
            }
            tokio::time::sleep(BACK_OFF * tries).await;
        }
    }

    /// The outcome, and whether another try may help and harms nothing.
    async fn one_try(&self, request: &ApiRequest) -> (ApiOutcome, bool) {
        let sent = match self.assemble(request) {
            Ok(sent) => sent,
            Err(what) => {
                let request = request.request.0;
                tracing::error!(request, what, "a back end cannot be asked");
                return (failed(ApiFailure::Unreachable), false);
            }
        };
        let deadline = Duration::from_millis(request.deadline_ms.into());
        let is_harmless = request.method == ApiMethod::Get || request.idempotency_key.is_some();
        match self.http.send(sent, deadline, ANSWER_MAX).await {
            Ok(reply) => {
                let may_pass = is_harmless && is_passing(reply.status);
                let status = reply.status.as_u16();
                (outcome_of(status, &reply.body, &request.keep), may_pass)
            }
            Err(Failure::TimedOut) => (failed(ApiFailure::TimedOut), is_harmless),
            Err(Failure::NotConnected) => (failed(ApiFailure::Unreachable), true),
            Err(Failure::Broken) => (failed(ApiFailure::Unreachable), is_harmless),
            Err(Failure::TooLarge) => (failed(ApiFailure::Garbled), false),
        }
    }

    /// The request, or what about it the operator must mend.
    fn assemble(&self, request: &ApiRequest) -> Result<Request<Full<Bytes>>, String> {
        let body = request.body.as_ref().map(|body| body.reveal().clone());
        let mut sent = Request::new(Full::new(Bytes::from(body.unwrap_or_default())));
        let uri = request.url.reveal().parse();
        *sent.uri_mut() = uri.map_err(|_| "the node's url is no URL")?;
        *sent.method_mut() = match request.method {
            ApiMethod::Get => Method::GET,
            ApiMethod::Post => Method::POST,
        };
        let headers = sent.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("bellhop"));
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(key) = &request.idempotency_key {
            let key = HeaderValue::try_from(key).map_err(|_| "the node's name is no header")?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        for (header, variable) in &request.headers_env {
            let name = HeaderName::try_from(header)
                .map_err(|_| format!("'{header}' is no name of a header"))?;
            let value = (self.environment)(variable).ok_or_else(|| {
                format!("header '{header}' needs {variable}, which is not in the environment")
            })?;
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| format!("{variable} holds what no header '{header}' may hold"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(sent)
    }
}

const fn failed(why: ApiFailure) -> ApiOutcome {
    ApiOutcome::Failed { why }
}

const fn name(why: ApiFailure) -> &'static str {
    match why {
        ApiFailure::TimedOut => "timed_out",
        ApiFailure::Unreachable => "unreachable",
        ApiFailure::Status(_) => "status",
        ApiFailure::Garbled => "garbled",
    }
}

/// Whether the same question may be answered a moment later (RFC 9110 §15.6, RFC 6585 §4).
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests;
