//! A chat-completion endpoint of the OpenAI kind as the remote mind.

mod events;
mod prompt;
mod reply;
mod request;
mod sentences;

use crate::answer::{self, Source};
use crate::tier::{AskHandle, IntentTier, IntentTierError, NewsSink};
use crate::trouble::Trouble;
use call_model::{CallId, IntentFact, IntentNews, IntentQuestion, Private};
use events::EventReader;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outside_line::{Address, Connector};
use reply::Reply;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long an unused connection is kept for the next question.
const CONNECTION_KEPT: Duration = Duration::from_secs(60);
/// Unused connections that are kept.
const CONNECTIONS_KEPT: usize = 16;

/// How much may follow a whole answer, and for how long.
const REST_BYTES: usize = 16 * 1_024;
const REST_MAX: Duration = Duration::from_secs(1);

/// Where a chat endpoint is, and which model answers.
#[derive(Clone, Debug)]
pub struct ChatSettings {
    /// The whole address, e.g. `https://…/v1/chat/completions`.
    pub url: String,
    /// The model's name, as the endpoint knows it.
    pub model: String,
    /// Sent as `Authorization: Bearer …`.
    pub key: Option<Private<String>>,
}

/// A chat-completion endpoint that streams and calls tools.
///
/// Text is cut into sentences and passed on as it comes; the verbs are tools. Each
/// question holds the whole conversation, so nothing is kept between questions, and
/// what is told in between is not sent.
pub struct ChatTier {
    runtime: Handle,
    address: Address,
    model: String,
    client: Client<Connector, Full<Bytes>>,
}

impl ChatTier {
    /// Checks the settings; nothing is connected before the first question.
    ///
    /// # Errors
    ///
    /// When the address or the key cannot be used.
    pub fn new(runtime: Handle, settings: &ChatSettings) -> Result<Self, IntentTierError> {
        let (schemes, key) = (["http", "https"], settings.key.as_ref());
        let address = Address::new(&settings.url, schemes, "http:// or https://", key)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(CONNECTION_KEPT)
            .pool_max_idle_per_host(CONNECTIONS_KEPT)
            .build(address.connector.clone());
        Ok(Self {
            runtime,
            address,
            model: settings.model.clone(),
            client,
        })
    }

    fn request(&self, question: &IntentQuestion) -> Request<Full<Bytes>> {
        let body = request::body(&self.model, question).to_string();
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.address.uri.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, "application/json".parse().expect("a header"));
        headers.insert(ACCEPT, "text/event-stream".parse().expect("a header"));
        if let Some(value) = &self.address.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        request
    }
}

impl IntentTier for ChatTier {
    fn ask(&self, question: IntentQuestion, news: NewsSink) -> AskHandle {
        let stream = Stream {
            client: self.client.clone(),
            request: Some(self.request(&question)),
            body: None,
            events: EventReader::default(),
            reply: Reply::default(),
            ready: VecDeque::new(),
        };
        answer::follow(&self.runtime, &question, news, stream)
    }

    /// Every question holds what was heard; there is nobody to tell in between.
    fn tell(&self, _call: CallId, _fact: IntentFact) {}
}

/// One answer as it streams in.
struct Stream {
    client: Client<Connector, Full<Bytes>>,
    /// Taken when it is sent.
    request: Option<Request<Full<Bytes>>>,
    body: Option<Incoming>,
    events: EventReader,
    reply: Reply,
    ready: VecDeque<Result<IntentNews, Trouble>>,
}

impl Source for Stream {
    async fn next(&mut self) -> Result<IntentNews, Trouble> {
        loop {
            if let Some(news) = self.ready.pop_front() {
                return news;
            }
            if let Some(request) = self.request.take() {
                self.body = Some(send(&self.client, request).await?);
            }
            let Some(body) = &mut self.body else {
                return Err(Trouble::unreachable("the stream is over"));
            };
            match body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.read(&data);
                    }
                }
                Some(Err(_)) => return Err(Trouble::unreachable("the stream broke")),
                None => {
                    self.body = None;
                    self.ready.extend(self.reply.stream_ended());
                }
            }
        }
    }
}

impl Drop for Stream {
    /// What follows a whole answer is read off, so that its connection serves the next question.
    fn drop(&mut self) {
        if let (Some(body), true) = (self.body.take(), self.reply.is_over()) {
            let rest = Limited::new(body, REST_BYTES).collect();
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(tokio::time::timeout(REST_MAX, rest));
            }
        }
    }
}

impl Stream {
    fn read(&mut self, data: &[u8]) {
        match self.events.push(data) {
            Ok(events) => {
                let news = events.iter().flat_map(|event| self.reply.take(event));
                self.ready.extend(news);
            }
            Err(trouble) => self.ready.push_back(Err(trouble)),
        }
    }
}

async fn send(
    client: &Client<Connector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Incoming, Trouble> {
    let response = client.request(request).await;
    let response = response.map_err(|error| {
        let step = if error.is_connect() { "connect" } else { "ask" };
        Trouble::unreachable(format!("cannot {step}"))
    })?;
    if response.status() != StatusCode::OK {
        return Err(Trouble::status(response.status()));
    }
    if !is_event_stream(&response) {
        return Err(Trouble::garbled("the reply is no text/event-stream"));
    }
    Ok(response.into_body())
}

fn is_event_stream(response: &Response<Incoming>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("text/event-stream")
}
