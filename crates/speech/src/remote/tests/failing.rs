//! Services that are full, locked, gone, silent or mad.

use super::*;

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
