//! Real sockets on this machine: the server of this crate over a scripted engine, and services that
//! die, say nothing, or say nonsense.

mod failing;
mod funasr;

use super::*;
use crate::{CallerChannel, FallBack, ScriptedRecognizer, ScriptedTurn};
use call_model::{CallTime, EscalationWord, Language, PerMille, SpottedWord, TurnId, WordClass};
use futures_util::{SinkExt, StreamExt};
use std::sync::mpsc::channel;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// What nothing good misses.
const AMPLE: Duration = Duration::from_secs(20);

fn request() -> HearingRequest {
    let word = EscalationWord {
        text: "人工".to_owned(),
        class: WordClass::Ask,
    };
    HearingRequest {
        turn: TurnId(1),
        grammar: None,
        escalation: Arc::new(EscalationWords {
            language: Language::Zh,
            words: vec![word],
        }),
        also: None,
        channel: CallerChannel::default(),
    }
}

fn patient(urls: Vec<String>) -> RemoteSettings {
    RemoteSettings {
        kind: RemoteKind::Bellhop,
        urls,
        token: None,
        deadlines: Deadlines {
            connect: AMPLE,
            first: AMPLE,
            last: AMPLE,
        },
    }
}

fn remote(urls: Vec<String>) -> RemoteRecognizer {
    RemoteRecognizer::open(patient(urls)).expect("settings")
}

fn server(engine: ScriptedRecognizer) -> EarServer {
    let listen = "127.0.0.1:0".parse().expect("an address");
    EarServer::start(Arc::new(engine), EarServerSettings::new(listen, 4)).expect("a server")
}

fn url(server: &EarServer) -> String {
    format!("ws://{}/", server.address())
}

/// Says at once that it has heard something, and at the end what it was.
fn saying(text: &str) -> ScriptedRecognizer {
    let mut turn = ScriptedTurn::saying(text);
    turn.partials = vec![(Duration::ZERO, "我".to_owned())];
    ScriptedRecognizer::by_turn([(TurnId(1), turn)])
}

/// Understands who hears both bursts of [`frames`].
fn counting() -> ScriptedRecognizer {
    let said = [
        (1, ScriptedTurn::saying("一声")),
        (2, ScriptedTurn::saying("两声")),
    ];
    ScriptedRecognizer::by_bursts(said)
}

/// Two seconds with a burst in the first half and one in the second.
fn frames() -> Vec<PcmFrame> {
    let loud = |n: u64| (10..20).contains(&n) || (80..90).contains(&n);
    let frame = |n: u64| {
        let mut frame = PcmFrame::silent(CallTime::from_millis(5_000 + n * 20));
        if loud(n) {
            for (at, sample) in frame.samples.iter_mut().enumerate() {
                *sample = if at % 8 < 4 { 8_000 } else { -8_000 };
            }
        }
        frame
    };
    (0..100).map(frame).collect()
}

/// Goes on with silence until something is said or the stream fails.
fn news(stream: &mut dyn HearingStream) -> Result<Heard, SpeechError> {
    let until = Instant::now() + AMPLE;
    while Instant::now() < until {
        let silence = PcmFrame::silent(CallTime::from_millis(5_000));
        if let Some(heard) = stream.push(&silence)? {
            return Ok(heard);
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("nothing was said");
}

fn push_all(stream: &mut dyn HearingStream, frames: &[PcmFrame]) {
    for frame in frames {
        stream.push(frame).expect("hears");
    }
}

fn text(heard: &Heard) -> &str {
    match heard {
        Heard::Final { best, .. } => best.text.reveal(),
        Heard::Partial { text, .. } => text.reveal(),
        Heard::NoMatch { .. } => "nothing",
    }
}

/// A service that does this with every connection.
fn service<F, Fut>(serve: F) -> String
where
    F: Fn(WebSocketStream<TcpStream>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (sender, address) = channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port");
            let _ = sender.send(listener.local_addr().expect("an address"));
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                    tokio::spawn(serve(socket));
                }
            }
        });
    });
    format!("ws://{}/", address.recv().expect("a service"))
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("ws://{}/", listener.local_addr().expect("an address"))
}

#[test]
fn what_the_engine_hears_there_is_heard_here() {
    let mut turn = ScriptedTurn::saying("我要找人工");
    turn.partials = vec![(Duration::ZERO, "我要".to_owned())];
    turn.confidence = PerMille::new(820);
    let spotted = SpottedWord {
        word: "人工".to_owned(),
        class: WordClass::Ask,
        from: CallTime::from_millis(600),
        to: CallTime::from_millis(1_000),
        confidence: PerMille::new(700),
    };
    turn.spotted = vec![(Duration::from_millis(500), spotted.clone())];
    let server = server(ScriptedRecognizer::by_turn([(TurnId(1), turn)]));
    let ear = remote(vec![url(&server)]);
    let mut stream = ear.open(request()).expect("opens");
    stream.push(&frames()[0]).expect("hears");
    assert_eq!(text(&news(&mut *stream).expect("news")), "我要");
    push_all(&mut *stream, &frames());
    let heard = stream.finish().expect("ends");
    assert_eq!(text(&heard), "我要找人工");
    let Heard::Final {
        best,
        spotted: words,
        turn,
        ..
    } = heard
    else {
        panic!("a final");
    };
    assert_eq!((turn, best.confidence), (TurnId(1), PerMille::new(820)));
    // Times are those of this call.
    let began = Duration::from_millis(5_000);
    let expected = SpottedWord {
        from: spotted.from + began,
        to: spotted.to + began,
        ..spotted
    };
    assert_eq!(words, [expected]);
}

#[test]
fn one_connection_serves_turn_after_turn() {
    let turns = (1..=5).map(|n| (TurnId(n), ScriptedTurn::saying("好")));
    let listen = "127.0.0.1:0".parse().expect("an address");
    let mut settings = EarServerSettings::new(listen, 1);
    settings.connections_max = 1;
    let engine = Arc::new(ScriptedRecognizer::by_turn(turns));
    let server = EarServer::start(engine, settings).expect("a server");
    let ear = remote(vec![url(&server)]);
    for turn in 1..=5 {
        let request = HearingRequest {
            turn: TurnId(turn),
            ..request()
        };
        let mut stream = ear.open(request).expect("opens");
        push_all(&mut *stream, &frames());
        assert_eq!(text(&stream.finish().expect("ends")), "好", "{turn}");
    }
}

#[test]
fn a_server_that_dies_in_the_middle_of_an_utterance_costs_no_word() {
    let server = server(saying("不会说完"));
    let first = Arc::new(remote(vec![url(&server)]));
    let ear = FallBack::new(first, Arc::new(counting()));
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames()[..50]);
    news(&mut *stream).expect("it was heard there");
    drop(server);
    push_all(&mut *stream, &frames()[50..]);
    assert_eq!(text(&stream.finish().expect("ends")), "两声");
}

#[test]
fn another_machine_hears_the_turn_from_its_beginning() {
    let dying = server(saying("不会说完"));
    let other = server(counting());
    let ear = remote(vec![url(&dying), url(&other)]);
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames()[..50]);
    news(&mut *stream).expect("it was heard there");
    drop(dying);
    push_all(&mut *stream, &frames()[50..]);
    assert_eq!(text(&stream.finish().expect("ends")), "两声");
}

#[test]
fn where_nobody_listens_the_next_address_is_asked() {
    let server = server(counting());
    let ear = remote(vec![nobody(), url(&server)]);
    for _ in 0..3 {
        let mut stream = ear.open(request()).expect("opens");
        push_all(&mut *stream, &frames());
        assert_eq!(text(&stream.finish().expect("ends")), "两声");
    }
    let ear = remote(vec![nobody()]);
    let stream = ear.open(request()).expect("opens");
    let error = stream.finish().expect_err("nobody").to_string();
    assert!(error.contains("cannot connect"), "{error}");
}

#[test]
fn whoever_ends_a_turn_does_not_wait_for_the_outcome() {
    let server = server(counting());
    let ear = remote(vec![url(&server)]);
    let mut stream = ear.open(request()).expect("opens");
    push_all(&mut *stream, &frames());
    let (sender, told) = channel();
    let here = std::thread::current().id();
    stream.finish_to(Box::new(move |heard| {
        let _ = sender.send((heard, std::thread::current().id()));
    }));
    let (heard, there) = told.recv_timeout(AMPLE).expect("told");
    assert_eq!(text(&heard.expect("heard")), "两声");
    assert_ne!(here, there);
}

#[test]
fn what_a_server_learns_of_a_line_comes_back_with_the_next_turn() {
    let remembering = service(|mut socket| async move {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else {
                continue;
            };
            if text.contains(r#""type":"end""#) {
                let _ = socket
                    .send(Message::text(
                        r#"{"type":"no_match","turn":1,"memory":"as it was"}"#,
                    ))
                    .await;
            } else if text.contains(r#""memory":"as it was""#) {
                let _ = socket.send(Message::text(
                    r#"{"type":"final","turn":1,"readings":[{"text":"知道","confidence":1.0}]}"#,
                )).await;
            }
        }
    });
    let ear = remote(vec![remembering]);
    let request = request();
    let first = ear.open(request.clone()).expect("opens").finish();
    assert_eq!(text(&first.expect("ends")), "nothing");
    let second = ear.open(request).expect("opens").finish();
    assert_eq!(text(&second.expect("ends")), "知道");
}

#[test]
fn two_languages_are_listened_for_there_too_and_the_one_that_was_spoken_is_told() {
    let yes = ScriptedTurn::saying("yes").in_language(Language::En);
    let server = server(ScriptedRecognizer::by_turn([(TurnId(1), yes)]));
    let ear = remote(vec![url(&server)]);
    let english = EscalationWords {
        language: Language::En,
        words: Vec::new(),
    };
    let both = HearingRequest {
        also: Some((None, Arc::new(english))),
        ..request()
    };
    let heard = ear.open(both).expect("opens").finish().expect("ends");
    assert_eq!(text(&heard), "yes");
    assert!(matches!(
        heard,
        Heard::Final {
            language: Some(Language::En),
            ..
        }
    ));
    let alone = ear.open(request()).expect("opens").finish();
    assert_eq!(text(&alone.expect("ends")), "nothing");
}
