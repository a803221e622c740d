//! Requests to a small local back end that is good, slow, large, garbled or gone.

use super::*;
use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use call_model::ApiRequestId;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A deadline that nothing good misses.
const AMPLE_MS: u32 = 20_000;

fn client() -> ApiClient {
    let environment = |name: &str| match name {
        "DESK_TOKEN" => Some("Bearer sesame".to_owned()),
        "BROKEN" => Some("a\nb".to_owned()),
        _ => None,
    };
    ApiClient {
        http: HttpClient::new(),
        environment: Box::new(environment),
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn request(method: ApiMethod, url: String) -> ApiRequest {
    let body = (method == ApiMethod::Post).then(|| r#"{"order":"1234"}"#.to_owned().into());
    ApiRequest {
        request: ApiRequestId(1),
        method,
        url: url.into(),
        body,
        headers_env: BTreeMap::new(),
        keep: [("state".to_owned(), "/order/state".to_owned())].into(),
        deadline_ms: AMPLE_MS,
        retries: 0,
        idempotency_key: None,
    }
}

fn answered(status: u16, fields: &[(&str, &str)]) -> ApiOutcome {
    let fields = fields.iter();
    let fields = fields.map(|(slot, text)| ((*slot).to_owned(), (*text).to_owned().into()));
    ApiOutcome::Answered {
        status,
        fields: fields.collect(),
    }
}

/// Answers every request with this, and counts them.
async fn back_end<R>(reply: R) -> (String, Arc<AtomicU32>)
where
    R: Fn(u32) -> Response + Clone + Send + Sync + 'static,
{
    let count = Arc::<AtomicU32>::default();
    let counted = Arc::clone(&count);
    let handler = move || {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let reply = reply(number);
        async move { reply }
    };
    let address = serve(Router::new().fallback(any(handler))).await;
    (format!("http://{address}/orders/1234"), count)
}

#[tokio::test]
async fn the_fields_that_are_kept_come_back_as_text() {
    let json =
        r#"{"order":{"state":"已发货","count":3,"paid":true,"items":[{"name":"书"}],"note":null}}"#;
    let (url, _) = back_end(move |_| json.into_response()).await;
    let mut request = request(ApiMethod::Get, url);
    request.keep = [
        ("state", "/order/state"),
        ("count", "/order/count"),
        ("paid", "/order/paid"),
        ("first", "/order/items/0/name"),
        ("items", "/order/items"),
        ("note", "/order/note"),
        ("missing", "/order/missing"),
    ]
    .map(|(slot, pointer)| (slot.to_owned(), pointer.to_owned()))
    .into();
    let fields = [
        ("state", "已发货"),
        ("count", "3"),
        ("paid", "true"),
        ("first", "书"),
    ];
    assert_eq!(client().call(request).await, answered(200, &fields));
}

#[tokio::test]
async fn body_and_secret_headers_are_sent() {
    let echo = |headers: HeaderMap, body: String| async move {
        let token = headers["authorization"].to_str().expect("text").to_owned();
        serde_json::json!({"order": {"state": format!("{token} {body}")}}).to_string()
    };
    let address = serve(Router::new().route("/", axum::routing::post(echo))).await;
    let mut request = request(ApiMethod::Post, format!("http://{address}/"));
    request.headers_env = [("Authorization".to_owned(), "DESK_TOKEN".to_owned())].into();
    let state = r#"Bearer sesame {"order":"1234"}"#;
    assert_eq!(
        client().call(request).await,
        answered(200, &[("state", state)])
    );
}

#[tokio::test]
async fn what_a_back_end_knows_again_is_sent_again_under_the_same_key() {
    let keys = Arc::<std::sync::Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&keys);
    let busy_once = move |headers: HeaderMap| {
        let key = headers["idempotency-key"]
            .to_str()
            .expect("text")
            .to_owned();
        let mut seen = seen.lock().expect("nobody broke it");
        seen.push(key);
        let status = if seen.len() == 1 { 503 } else { 200 };
        async move { StatusCode::from_u16(status).expect("a status") }
    };
    let address = serve(Router::new().route("/", axum::routing::post(busy_once))).await;
    let mut request = request(ApiMethod::Post, format!("http://{address}/"));
    request.retries = 1;
    request.idempotency_key = Some("call-freeze-1".to_owned());
    assert_eq!(client().call(request).await, answered(200, &[]));
    let keys = keys.lock().expect("nobody broke it");
    assert_eq!(*keys, ["call-freeze-1", "call-freeze-1"]);
}

#[tokio::test]
async fn a_header_without_its_variable_is_not_sent_without_it() {
    let (url, count) = back_end(|_| "{}".into_response()).await;
    for variable in ["NOBODY_SET_THIS", "BROKEN"] {
        let mut request = request(ApiMethod::Get, url.clone());
        request.headers_env = [("Authorization".to_owned(), variable.to_owned())].into();
        let outcome = client().call(request).await;
        assert_eq!(outcome, failed(ApiFailure::Unreachable));
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(ANSWER_MAX));
    let cases = [
        (
            StatusCode::NOT_FOUND,
            "{}".to_owned(),
            failed(ApiFailure::Status(404)),
        ),
        (
            StatusCode::FOUND,
            String::new(),
            failed(ApiFailure::Status(302)),
        ),
        (
            StatusCode::OK,
            "<html>".to_owned(),
            failed(ApiFailure::Garbled),
        ),
        (StatusCode::OK, large, failed(ApiFailure::Garbled)),
        (StatusCode::NO_CONTENT, String::new(), answered(204, &[])),
    ];
    for (status, body, outcome) in cases {
        let (url, _) = back_end(move |_| (status, body.clone()).into_response()).await;
        assert_eq!(client().call(request(ApiMethod::Get, url)).await, outcome);
    }
}

#[tokio::test]
async fn a_question_is_asked_again_and_an_order_is_not() {
    let busy_once = |number| match number {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => r#"{"order":{"state":"sent"}}"#.into_response(),
    };
    let (url, count) = back_end(busy_once).await;
    let mut question = request(ApiMethod::Get, url);
    question.retries = 1;
    assert_eq!(
        client().call(question).await,
        answered(200, &[("state", "sent")])
    );
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let (url, count) = back_end(busy_once).await;
    let mut order = request(ApiMethod::Post, url);
    order.retries = 3;
    assert_eq!(client().call(order).await, failed(ApiFailure::Status(503)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_back_end_that_is_not_there_is_unreachable_after_every_try() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    for method in [ApiMethod::Get, ApiMethod::Post] {
        let mut request = request(method, format!("http://{address}/"));
        request.retries = 2;
        assert_eq!(
            client().call(request).await,
            failed(ApiFailure::Unreachable)
        );
    }
}

#[tokio::test]
async fn the_deadline_holds_for_the_body_too() {
    let headers_only = || async {
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        Body::from_stream(never)
    };
    let mute = || async { std::future::pending::<()>().await };
    let router = Router::new()
        .route("/body", get(headers_only))
        .route("/mute", get(mute));
    let address = serve(router).await;
    for path in ["body", "mute"] {
        let mut request = request(ApiMethod::Get, format!("http://{address}/{path}"));
        request.deadline_ms = 200;
        assert_eq!(client().call(request).await, failed(ApiFailure::TimedOut));
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_told_and_not_asked() {
    for url in ["", "not a url", "/orders"] {
        let outcome = client().call(request(ApiMethod::Get, url.to_owned())).await;
        assert_eq!(outcome, failed(ApiFailure::Unreachable), "{url}");
    }
}
