//! Tells a web address about every caller who is handed to a person. The shape and
//! the signature are documented in `deploy/WEBHOOK.md`.

use super::backend::{Failure, HttpClient};
use super::telemetry::WEBHOOKS;
use call_model::{CallId, Handoff, Private};
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

mod story;

/// Deliveries that wait for their turn; one more is given up.
const QUEUE: usize = 256;
/// Deliveries under way at the same time.
const AT_ONCE: usize = 8;
/// How often a delivery is tried.
const TRIES: u32 = 6;
/// How long one try may take, to the last byte of its answer.
const TRY_MAX: Duration = Duration::from_secs(5);
/// The answer is of no interest; more than this of it is not read.
const ANSWER_MAX: usize = 16 * 1_024;

const TIMESTAMP: HeaderName = HeaderName::from_static("x-bellhop-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-bellhop-signature");
const DELIVERY: HeaderName = HeaderName::from_static("x-bellhop-delivery");

/// Where to, and how it is proved that it was us.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    pub url: Uri,
    pub secret: Private<String>,
    /// How long the second try waits; each later one twice as long as the one before.
    pub back_off: Duration,
}

impl WebhookSettings {
    /// The usual patience: six tries within about a minute.
    pub fn new(url: Uri, secret: Private<String>) -> Self {
        Self {
            url,
            secret,
            back_off: Duration::from_secs(1),
        }
    }
}

/// The way to the web address: a queue that never holds up a call.
pub struct Webhook {
    deliveries: mpsc::Sender<Delivery>,
    courier: JoinHandle<()>,
}

/// One handoff on its way.
struct Delivery {
    call: CallId,
    /// The same for every try, so that the receiver can tell repetitions.
    id: String,
    body: Bytes,
}

impl Webhook {
    /// Starts the courier on the runtime it is called in.
    pub fn start(http: HttpClient, settings: WebhookSettings) -> Self {
        let (deliveries, queue) = mpsc::channel(QUEUE);
        let courier = Courier { http, settings };
        Self {
            deliveries,
            courier: tokio::spawn(work(Arc::new(courier), queue)),
        }
    }

    /// Tells of a handoff, with where its recording is found. Returns at once.
    pub fn send(&self, handoff: &Handoff, recording: Option<&str>) {
        let now = Timestamp::now();
        let id = format!("{}-{}", handoff.call, now.as_microsecond());
        let told = story::of(handoff, recording, &id, now);
        let delivery = Delivery {
            call: handoff.call,
            id,
            body: told.to_string().into(),
        };
        if let Err(error) = self.deliveries.try_send(delivery) {
            let delivery = match error {
                mpsc::error::TrySendError::Full(one) | mpsc::error::TrySendError::Closed(one) => {
                    one
                }
            };
            given_up(&delivery, "too many deliveries wait");
        }
    }

    /// Ends: what waits is delivered, or as much of it as the time allows.
    pub async fn finish(self, within: Duration) {
        drop(self.deliveries);
        let abort = self.courier.abort_handle();
        if tokio::time::timeout(within, self.courier).await.is_err() {
            abort.abort();
            tracing::error!("the webhook was not told of every handoff before the end");
        }
    }
}

/// Who brings deliveries, and where.
struct Courier {
    http: HttpClient,
    settings: WebhookSettings,
}

async fn work(courier: Arc<Courier>, mut queue: mpsc::Receiver<Delivery>) {
    let mut under_way = JoinSet::new();
    while let Some(delivery) = queue.recv().await {
        while under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let courier = Arc::clone(&courier);
        under_way.spawn(async move { courier.deliver(&delivery).await });
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
}

/// What one try came to.
enum Try {
    Delivered,
    /// Another one may succeed.
    Again(String),
    /// No further one will.
    Refused(String),
}

impl Courier {
    async fn deliver(&self, delivery: &Delivery) {
        let mut pause = self.settings.back_off;
        for number in 1..=TRIES {
            match self.one_try(delivery).await {
                Try::Delivered => {
                    metrics::counter!(WEBHOOKS, "outcome" => "delivered").increment(1);
                    return;
                }
                Try::Again(why) if number < TRIES => {
                    let call = delivery.call;
                    tracing::warn!(%call, number, why, "the webhook is tried again");
                }
                Try::Again(why) | Try::Refused(why) => return given_up(delivery, &why),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn one_try(&self, delivery: &Delivery) -> Try {
        let request = match self.request(delivery) {
            Ok(request) => request,
            Err(error) => return Try::Refused(error.to_string()),
        };
        match self.http.send(request, TRY_MAX, ANSWER_MAX).await {
            Ok(reply) => judge(reply.status),
            // The status came, and whatever else is said does not matter.
            Err(Failure::TooLarge) => Try::Delivered,
            Err(Failure::TimedOut) => Try::Again("no answer in time".to_owned()),
            Err(Failure::NotConnected) => Try::Again("cannot connect".to_owned()),
            Err(Failure::Broken) => Try::Again("the connection broke".to_owned()),
        }
    }

    fn request(&self, delivery: &Delivery) -> Result<Request<Full<Bytes>>, http::Error> {
        let timestamp = Timestamp::now().as_second();
        let signature = signature(self.settings.secret.reveal(), timestamp, &delivery.body);
        Request::builder()
            .method(Method::POST)
            .uri(self.settings.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static("bellhop"))
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, signature)
            .header(DELIVERY, delivery.id.as_str())
            .body(Full::new(delivery.body.clone()))
    }
}

fn judge(status: StatusCode) -> Try {
    let why = format!("status {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Try::Delivered,
        408 | 425 | 429 | 500.. => Try::Again(why),
        _ => Try::Refused(format!("{why}; check webhook.url and webhook.secret_env")),
    }
}

fn given_up(delivery: &Delivery, why: &str) {
    metrics::counter!(WEBHOOKS, "outcome" => "given_up").increment(1);
    let call = delivery.call;
    tracing::error!(%call, why, "the webhook is not told of a handoff");
}

/// `v1=` and the HMAC-SHA256 over `timestamp.body` in hexadecimal digits.
fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(body);
    let mut text = "v1=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
