//! Deliveries to a small local server that is good, busy, refusing or gone.

use super::*;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use call_model::{
    AngerEvidence, AngerTerms, AskEvidence, AskMeans, CallTime, EmotionScore, EscalationReason,
    Evidence, HandoffTurn, Language, PerMille, Score, Speaker, Urgency, WordEvidence,
};
use serde_json::{Value, json};
use std::sync::{LazyLock, Mutex};

const SECRET: &str = "open sesame";
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server got, and the statuses it answers with, the last one for ever.
struct Desk {
    statuses: Mutex<Vec<u16>>,
    got: mpsc::UnboundedSender<(HeaderMap, String)>,
}

type Got = mpsc::UnboundedReceiver<(HeaderMap, String)>;

async fn desk(statuses: &[u16]) -> (Uri, Got) {
    let (sender, got) = mpsc::unbounded_channel();
    let desk = Arc::new(Desk {
        statuses: Mutex::new(statuses.to_vec()),
        got: sender,
    });
    let router = Router::new().fallback(take).with_state(desk);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let url = format!(
        "http://{}/handoff",
        listener.local_addr().expect("an address")
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url.parse().expect("a url"), got)
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> StatusCode {
    desk.got.send((headers, body)).expect("the test listens");
    let mut statuses = desk.statuses.lock().expect("a lock");
    let status = match statuses.len() {
        0 | 1 => statuses[0],
        _ => statuses.remove(0),
    };
    StatusCode::from_u16(status).expect("a status")
}

fn webhook(url: Uri) -> Webhook {
    let mut settings = WebhookSettings::new(url, SECRET.to_owned().into());
    settings.back_off = Duration::from_millis(1);
    Webhook::start(HttpClient::new(), settings)
}

fn handoff() -> Handoff {
    let score = EmotionScore {
        utterance: 3,
        at: CallTime::from_millis(9_000),
        anger: Score::from_tenths(875),
        log_odds_milli: 1_900,
        probability: PerMille::new(870),
        arousal: Score::from_points(70),
        speech_micros: 5_200_000,
        confidence: PerMille::new(900),
        is_calibrated: false,
        reasons: vec!["loud".to_owned()],
    };
    Handoff {
        call: CallId::new(1_764_000_000_000, 9),
        reason: EscalationReason::Demand,
        evidence: Evidence {
            demands: vec![WordEvidence {
                word: "投诉".to_owned(),
                at: CallTime::from_millis(8_500),
                confidence: PerMille::new(910),
                text: "我要投诉你们".to_owned().into(),
            }],
            asks: vec![AskEvidence {
                means: AskMeans::KeyZero,
                at: CallTime::from_millis(4_000),
            }],
            anger: AngerEvidence {
                voice: Score::from_tenths(800),
                fused: Score::from_tenths(875),
                terms: AngerTerms {
                    words: Score::from_points(5),
                    no_inputs: Score::from_tenths(25),
                    ..AngerTerms::default()
                },
                speech_micros: 5_200_000,
                series: vec![score],
            },
            unserved_micros: 12_000_000,
            ..Evidence::default()
        },
        has_priority: true,
        urgency: Urgency::new(4).expect("from 0 to 9"),
        language: Language::Zh,
        skill: Some("cards".to_owned()),
        target: None,
        queue: Some("desk".to_owned()),
        display: "愤怒87·挂失·已核身".to_owned().into(),
        whisper: None,
        callback_within_s: Some(14_400),
        callback_number: None,
        slots: [("card".to_owned(), "6222021234567890".to_owned().into())].into(),
        turns: vec![HandoffTurn {
            at: CallTime::from_millis(8_000),
            speaker: Speaker::Caller,
            text: "我要投诉你们".to_owned().into(),
        }],
    }
}

async fn next(got: &mut Got) -> (HeaderMap, String) {
    let next = tokio::time::timeout(PATIENCE, got.recv()).await;
    next.expect("in time").expect("a delivery")
}

/// RFC 4231 §4.3; ours by an independent implementation.
#[test]
fn the_signature_is_the_published_one() {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").expect("a key");
    mac.update(b"what do ya want for nothing?");
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(
        hex,
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        signature("key", 1_764_000_000, b"{}"),
        "v1=135a1a8c79ff2a07661486422c8068924d01c7a70da314a29ce512bc61231899"
    );
}

#[tokio::test]
async fn a_handoff_is_told_whole_and_signed() {
    let (url, mut got) = desk(&[200]).await;
    let webhook = webhook(url);
    webhook.send(&handoff(), Some("2026/11/25/9.wav"));
    let (headers, body) = next(&mut got).await;
    let header = |name: &HeaderName| headers[name].to_str().expect("text").to_owned();
    let timestamp: i64 = header(&TIMESTAMP).parse().expect("seconds");
    assert!((Timestamp::now().as_second() - timestamp).abs() < 60);
    assert_eq!(
        header(&SIGNATURE),
        signature(SECRET, timestamp, body.as_bytes())
    );
    let told: Value = serde_json::from_str(&body).expect("json");
    assert_eq!(told["delivery"], header(&DELIVERY));
    let expected = json!({
        "type": "handoff", "version": 1, "delivery": told["delivery"], "time": told["time"],
        "call": handoff().call.to_string(), "reason": "demand", "priority": true, "urgency": 4,
        "language": "zh", "queue": "desk", "skill": "cards", "display": "愤怒87·挂失·已核身",
        "slots": {"card": "6222021234567890"},
        "turns": [{"at_ms": 8000, "speaker": "caller", "text": "我要投诉你们"}],
        "emotion": {"at_ms": 9000, "anger": 87.5, "arousal": 70.0, "confidence": 0.9,
                    "speech_ms": 5200, "calibrated": false, "reasons": ["loud"]},
        "evidence": {
            "demands": [{"word": "投诉", "at_ms": 8500, "confidence": 0.91, "text": "我要投诉你们"}],
            "asks": [{"means": "key_zero", "word": null, "at_ms": 4000}],
            "anger": {"voice": 80.0, "fused": 87.5, "added": {
                "words": 5.0, "interruptions": 0.0, "no_matches": 0.0, "no_inputs": 2.5}},
            "angry_words": 0, "unserved_ms": 12000,
            "no_matches": 0, "no_inputs": 0, "interruptions": 0,
        },
        "callback_within_s": 14400, "callback_number": null, "recording": "2026/11/25/9.wav",
    });
    assert_eq!(told, expected);
    webhook.finish(PATIENCE).await;
}

#[tokio::test]
async fn a_busy_server_is_tried_again_with_the_same_delivery() {
    let (url, mut got) = desk(&[503, 429, 204]).await;
    let webhook = webhook(url);
    webhook.send(&handoff(), None);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (headers, _) = next(&mut got).await;
        ids.push(headers[&DELIVERY].clone());
    }
    assert!(ids[0] == ids[1] && ids[1] == ids[2]);
    webhook.finish(PATIENCE).await;
    assert!(got.try_recv().is_err(), "delivered once is enough");
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_what_never_works_only_so_often() {
    for (status, tries) in [(401, 1), (500, TRIES)] {
        let (url, mut got) = desk(&[status]).await;
        let webhook = webhook(url);
        webhook.send(&handoff(), None);
        webhook.finish(PATIENCE).await;
        let mut count = 0;
        while got.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, tries, "status {status}");
    }
}

/// Everything that was logged in this process. A subscriber of one thread would not do: what
/// another thread logs first, while nobody listens there, is remembered as never wanted.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter("info,bellhop=trace")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    log
});

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_given_up_is_an_error_that_shows_the_call_and_no_words() {
    let log = &*LOG;
    let (url, _got) = desk(&[403]).await;
    let webhook = webhook(url);
    webhook.send(&handoff(), None);
    webhook.finish(PATIENCE).await;
    let text = String::from_utf8(log.0.lock().expect("a lock").clone()).expect("text");
    assert!(
        text.contains("ERROR") && text.contains("status 403"),
        "{text}"
    );
    assert!(text.contains(&handoff().call.to_string()), "{text}");
    for private in ["6222021234567890", "投诉", "挂失", SECRET] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

#[tokio::test]
async fn a_server_that_holds_everything_up_holds_up_no_call() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let webhook = webhook(url.parse().expect("a url"));
    // More than can wait: each returns at once, the last ones are given up.
    for _ in 0..2 * QUEUE {
        webhook.send(&handoff(), None);
    }
    webhook.finish(Duration::from_millis(50)).await;
}
