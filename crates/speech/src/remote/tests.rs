//! Real sockets on this machine: the server of this crate over a scripted engine, and services that
//! die, say nothing, or say nonsense.

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
fn a_service_that_says_nothing_is_not_waited_for() {
    let silent = service(|mut socket| async move { while socket.next().await.is_some() {} });
    let mut settings = patient(vec![silent.clone()]);
    settings.deadlines.first = Duration::from_millis(50);
    let ear = RemoteRecognizer::open(settings).expect("settings");
    let mut stream = ear.open(request()).expect("opens");
    let error = news(&mut *stream).expect_err("it failed").to_string();
    assert!(error.contains("in time"), "{error}");
    // A final that does not come, after signs of life.
    let alive = service(|mut socket| async move {
        let sign = r#"{"type":"listening","turn":1}"#;
        let _ = socket.send(Message::text(sign)).await;
        while socket.next().await.is_some() {}
    });
    let mut settings = patient(vec![alive]);
    settings.deadlines.last = Duration::from_millis(50);
    let ear = RemoteRecognizer::open(settings).expect("settings");
    let stream = ear.open(request()).expect("opens");
    let (sender, told) = channel();
    stream.finish_to(Box::new(move |heard| {
        let _ = sender.send(heard.map_err(|error| error.to_string()));
    }));
    let heard = told.recv_timeout(AMPLE).expect("told");
    assert!(heard.expect_err("late").contains("in time"));
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
fn nonsense_fails_the_stream_and_nothing_else() {
    let nonsense = [
        "no json",
        r#"{"type":"final","turn":1,"readings":[]}"#,
        r#"{"type":"unheard_of","turn":1}"#,
        r#"{"type":"error","turn":1,"code":"failed","message":"planted"}"#,
    ];
    for said in nonsense {
        let garbled = service(move |mut socket| async move {
            let _ = socket.send(Message::text(said)).await;
            while socket.next().await.is_some() {}
        });
        let ear = FallBack::new(Arc::new(remote(vec![garbled])), Arc::new(counting()));
        let mut stream = ear.open(request()).expect("opens");
        push_all(&mut *stream, &frames());
        assert_eq!(text(&stream.finish().expect("ends")), "两声", "{said}");
    }
}

#[test]
fn a_server_without_a_place_says_so_and_one_with_a_key_wants_it() {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let engine = Arc::new(counting());
    let full = EarServer::start(
        engine.clone(),
        EarServerSettings {
            connections_max: 4,
            ..EarServerSettings::new(listen, 0)
        },
    );
    let full = full.expect("a server");
    let heard = remote(vec![url(&full)])
        .open(request())
        .expect("opens")
        .finish();
    assert!(heard.expect_err("full").to_string().contains("Busy"));
    let mut settings = EarServerSettings::new(listen, 2);
    settings.token = Some("sesame".to_owned().into());
    let locked = EarServer::start(engine, settings).expect("a server");
    for (token, is_right) in [
        (None, false),
        (Some("sesam"), false),
        (Some("sesame"), true),
    ] {
        let mut settings = patient(vec![url(&locked)]);
        settings.token = token.map(|it| it.to_owned().into());
        let ear = RemoteRecognizer::open(settings).expect("settings");
        let mut stream = ear.open(request()).expect("opens");
        let _ = frames().iter().try_for_each(|it| stream.push(it).map(drop));
        let heard = stream.finish();
        assert_eq!(heard.is_ok(), is_right, "{token:?}: {heard:?}");
    }
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
fn addresses_and_keys_that_cannot_be_used_are_told_at_the_start() {
    for urls in [
        vec![],
        vec!["http://host/".to_owned()],
        vec!["ws://".to_owned()],
    ] {
        let error = RemoteRecognizer::open(patient(urls))
            .err()
            .expect("an error");
        assert!(matches!(error, SpeechError::Remote(_)), "{error}");
    }
}

#[test]
fn a_machine_that_cannot_be_reached_costs_one_turn_its_time_and_not_every_turn() {
    // Takes connections and never greets.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("ws://{}/", listener.local_addr().expect("an address"));
    let mut settings = patient(vec![url]);
    settings.deadlines.connect = Duration::from_millis(100);
    let ear = RemoteRecognizer::open(settings).expect("settings");
    let error = |stream: Box<dyn HearingStream>| stream.finish().expect_err("nobody").to_string();
    let late = error(ear.open(request()).expect("opens"));
    assert!(late.contains("in time"), "{late}");
    let at_once = error(ear.open(request()).expect("opens"));
    assert!(at_once.contains("just now"), "{at_once}");
}
