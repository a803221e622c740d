//! A service that answers as FunASR's page on its protocol says.

use super::*;
use serde_json::Value;
use std::sync::Mutex;

/// What the service was sent: text messages, and the sizes of binary ones.
#[derive(Default)]
struct Sent {
    texts: Vec<Value>,
    sizes: Vec<usize>,
}

/// Answers the first sound with some texts, and the end of speech with others.
fn funasr(
    on_sound: &'static [&'static str],
    on_end: &'static [&'static str],
) -> (RemoteRecognizer, Arc<Mutex<Sent>>) {
    let sent = Arc::new(Mutex::new(Sent::default()));
    let kept = Arc::clone(&sent);
    let url = service(move |mut socket| {
        let kept = Arc::clone(&kept);
        async move {
            while let Some(Ok(message)) = socket.next().await {
                let mut answers: &[&str] = &[];
                match message {
                    Message::Binary(bytes) => {
                        let mut kept = kept.lock().expect("kept");
                        if kept.sizes.is_empty() {
                            answers = on_sound;
                        }
                        kept.sizes.push(bytes.len());
                    }
                    Message::Text(text) => {
                        let text: Value = serde_json::from_str(&text).expect("json");
                        if text["is_speaking"] == Value::Bool(false) {
                            answers = on_end;
                        }
                        kept.lock().expect("kept").texts.push(text);
                    }
                    _ => {}
                }
                for answer in answers {
                    let _ = socket.send(Message::text(*answer)).await;
                }
            }
        }
    });
    let settings = RemoteSettings {
        kind: RemoteKind::FunAsr,
        ..patient(vec![url])
    };
    (RemoteRecognizer::open(settings).expect("settings"), sent)
}

#[test]
fn a_turn_is_told_as_the_service_wants_it() {
    let (ear, sent) = funasr(&[], &[r#"{"mode":"2pass-offline","text":"好的。"}"#]);
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames());
    assert_eq!(text(&stream.finish().expect("ends")), "好的");
    let sent = sent.lock().expect("sent");
    let opening = &sent.texts[0];
    assert_eq!(opening["mode"], "2pass");
    assert_eq!(opening["audio_fs"], 16_000);
    assert_eq!(opening["is_speaking"], true);
    assert_eq!(opening["chunk_size"], serde_json::json!([5, 10, 5]));
    // Hot words are a JSON object in a string.
    let hot: Value =
        serde_json::from_str(opening["hotwords"].as_str().expect("a string")).expect("json");
    assert_eq!(hot, serde_json::json!({ "人工": 20 }));
    assert_eq!(sent.texts[1], serde_json::json!({ "is_speaking": false }));
    // 60 ms at 16 kHz a message, and the rest at the end.
    let (rest, whole) = sent.sizes.split_last().expect("sound");
    assert!(whole.iter().all(|size| *size == 1_920), "{whole:?}");
    assert_eq!(whole.len() * 1_920 + rest, 100 * 640);
}

#[test]
fn passing_text_grows_until_the_better_model_replaces_it() {
    let (ear, _) = funasr(
        &[
            r#"{"mode":"2pass-online","text":"我要","is_final":false}"#,
            r#"{"mode":"2pass-online","text":"查帐","is_final":true}"#,
        ],
        &[
            r#"{"mode":"2pass-offline","text":"我要查账单，","timestamp":"[[0,200]]","is_final":false}"#,
        ],
    );
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames());
    let mut heard = news(&mut *stream).expect("news");
    while text(&heard) != "我要查帐" {
        assert_eq!(text(&heard), "我要");
        heard = news(&mut *stream).expect("news");
    }
    assert_eq!(text(&stream.finish().expect("ends")), "我要查账单");
}

#[test]
fn stretches_that_the_service_cut_are_one_turn() {
    let (ear, _) = funasr(
        &[r#"{"mode":"2pass-offline","text":"Five six."}"#],
        &[r#"{"mode":"2pass-offline","text":"Seven!"}"#],
    );
    let english = HearingRequest {
        escalation: Arc::new(EscalationWords {
            language: Language::En,
            words: Vec::new(),
        }),
        ..request()
    };
    let mut stream = ear.open(english).expect("opens");
    push_all(&mut *stream, &frames());
    news(&mut *stream).expect("the first stretch");
    assert_eq!(text(&stream.finish().expect("ends")), "five six seven");
}

#[test]
fn without_the_better_models_text_the_passing_one_stands() {
    let (mut settings, says) = (
        patient(Vec::new()),
        r#"{"mode":"2pass-online","text":"查账单"}"#,
    );
    settings.urls = vec![service(move |mut socket| async move {
        let _ = socket.send(Message::text(says)).await;
        while socket.next().await.is_some() {}
    })];
    settings.kind = RemoteKind::FunAsr;
    settings.deadlines.last = Duration::from_millis(200);
    let ear = RemoteRecognizer::open(settings).expect("settings");
    let mut stream = ear.open(request()).expect("opens");
    news(&mut *stream).expect("news");
    assert_eq!(text(&stream.finish().expect("ends")), "查账单");
}

#[test]
fn an_empty_text_is_no_match() {
    let (ear, _) = funasr(
        &[],
        &[r#"{"mode":"2pass-offline","text":"","is_final":true}"#],
    );
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames());
    assert_eq!(text(&stream.finish().expect("ends")), "nothing");
}
