//! Scenarios of several parties over real sockets, with a switchboard of a few lines: it answers,
//! plays music, calls an agent's phone when it is spoken to, whispers, and joins the two.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

use clap::Parser;
use loadtest::call::{self, Acted, Dial};
use loadtest::cli::Cli;
use loadtest::judge::{Library, Reference};
use loadtest::rtp::{FRAME, Header, Pacer};
use loadtest::scenario::{Clips, MeasureKind, Run};
use loadtest::sip::{Callee, Codec, Message, StartLine, read_answer};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

const CODEC: Codec = Codec::Pcmu;

/// Four tones after another, so that no two places of it are alike.
fn voice(tones: [f32; 4], samples: usize) -> Vec<i16> {
    let tones = tones.iter();
    tones
        .flat_map(|&tone| dsp::tone(tone, 8_000, samples / 4, 8_000))
        .collect()
}

fn music() -> Vec<i16> {
    [
        voice([310.0, 420.0, 530.0, 640.0], 16_000),
        voice([333.0, 555.0, 444.0, 777.0], 16_000),
    ]
    .concat()
}

fn library() -> Arc<Library> {
    let music = Reference::new("music".into(), music().into());
    Arc::new(Library::new(vec![music]))
}

fn clips() -> Clips {
    Clips::from([
        ("hello", voice([500.0, 900.0, 700.0, 1_100.0], 8_000).into()),
        ("welcome", voice([800.0, 450.0, 650.0, 350.0], 8_000).into()),
    ])
}

/// What the switchboard does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Faultless,
    /// It never takes a call to the phone back.
    LetsRing,
    /// It joins signalling and no sound.
    JoinsNoSound,
}

/// One leg's sockets and where its other side is.
struct Leg {
    sip: UdpSocket,
    rtp: UdpSocket,
    peer: Option<SocketAddr>,
    media: Option<SocketAddr>,
    tick: u32,
    came: VecDeque<Vec<i16>>,
    plays: bool,
}

impl Leg {
    async fn open() -> Self {
        let bind = || UdpSocket::bind("127.0.0.1:0");
        Self {
            sip: bind().await.unwrap(),
            rtp: bind().await.unwrap(),
            peer: None,
            media: None,
            tick: 0,
            came: VecDeque::new(),
            plays: false,
        }
    }

    fn next_message(&mut self) -> Option<(Message, SocketAddr)> {
        let mut datagram = [0; 4_096];
        let (length, from) = self.sip.try_recv_from(&mut datagram).ok()?;
        Some((Message::parse(&datagram[..length]).unwrap(), from))
    }

    fn send(&self, message: &Message, to: SocketAddr) {
        let _ = self.sip.try_send_to(&message.to_bytes(), to);
    }

    fn answer(&self, request: &Message, status: u16, sdp: bool, to: SocketAddr) {
        let mut answer = Message::answer_to(request, status, "Because");
        answer.append_to("To", ";tag=board");
        let address = self.sip.local_addr().unwrap();
        answer.push("Contact", format!("<sip:board@{address}>"));
        if sdp {
            answer = answer.with_sdp(self.sdp());
        }
        self.send(&answer, to);
    }

    fn sdp(&self) -> String {
        let port = self.rtp.local_addr().unwrap().port();
        format!("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio {port} RTP/AVP 0\r\n")
    }

    /// The next frame of what came, 40 ms after it did: the two ends' clocks never agree.
    fn hear(&mut self) -> Option<Vec<i16>> {
        let mut datagram = [0; 2_048];
        while let Ok(length) = self.rtp.try_recv(&mut datagram) {
            let (_, payload) = Header::parse(&datagram[..length]).unwrap();
            let frame = payload.iter().map(|&byte| CODEC.decode(byte)).collect();
            self.came.push_back(frame);
        }
        self.plays |= self.came.len() > 2;
        if self.plays {
            self.came.pop_front()
        } else {
            None
        }
    }

    fn speak(&mut self, samples: &[i16]) {
        let Some(to) = self.media else {
            return;
        };
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: self.tick as u16,
            timestamp: self.tick * FRAME as u32,
            ssrc: 7,
        };
        self.tick += 1;
        let coded: Vec<u8> = samples.iter().map(|&sample| CODEC.encode(sample)).collect();
        let mut datagram = Vec::new();
        header.write(&coded, &mut datagram);
        let _ = self.rtp.try_send_to(&datagram, to);
    }
}

struct Board {
    caller: Leg,
    agent: Leg,
    desk: SocketAddr,
    manner: Manner,
    /// The caller's own INVITE, once it came.
    invite: Option<Message>,
    /// Ticks since then.
    ticks: usize,
    /// Calls so far.
    calls: usize,
    /// Ticks since the caller's voice was last heard.
    spoken: Option<usize>,
    /// The INVITE to the phone.
    calling: Option<Message>,
    /// Ticks since the phone answered.
    answered: Option<usize>,
    is_over: bool,
}

impl Board {
    async fn open(manner: Manner, desk: SocketAddr) -> (Self, SocketAddr) {
        let board = Self {
            caller: Leg::open().await,
            agent: Leg::open().await,
            desk,
            manner,
            invite: None,
            ticks: 0,
            calls: 0,
            spoken: None,
            calling: None,
            answered: None,
            is_over: false,
        };
        let address = board.caller.sip.local_addr().unwrap();
        (board, address)
    }

    async fn run(mut self) {
        let started = Instant::now();
        let mut pacer = Pacer::starting(Duration::ZERO);
        loop {
            tokio::time::sleep_until((started + pacer.next_due()).into()).await;
            pacer.tick(started.elapsed());
            self.signal();
            if !self.is_over {
                self.sound();
                self.ticks += 1;
            }
        }
    }

    fn signal(&mut self) {
        while let Some((message, from)) = self.caller.next_message() {
            match message.method() {
                Some("INVITE") => {
                    self.begin_call();
                    self.caller.peer = Some(from);
                    self.caller.media = Some(read_answer(&message.body).unwrap().address);
                    self.caller.answer(&message, 200, true, from);
                    self.invite = Some(message);
                }
                Some("BYE") => {
                    self.caller.answer(&message, 200, false, from);
                    self.part_from_phone();
                    self.is_over = true;
                }
                _ => {}
            }
        }
        while let Some((message, from)) = self.agent.next_message() {
            self.hear_from_phone(&message, from);
        }
    }

    /// One call after another.
    fn begin_call(&mut self) {
        (self.ticks, self.spoken, self.calling, self.answered) = (0, None, None, None);
        self.calls += 1;
        self.is_over = false;
        self.agent.media = None;
        for leg in [&mut self.caller, &mut self.agent] {
            while leg.hear().is_some() {}
            leg.plays = false;
        }
    }

    fn hear_from_phone(&mut self, message: &Message, from: SocketAddr) {
        if message.method() == Some("BYE") {
            self.agent.answer(message, 200, false, from);
            let invite = self.invite.clone().unwrap();
            let bye = Message::request("BYE", "sip:x@127.0.0.1")
                .with("Via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbye")
                .with("From", "<sip:board@127.0.0.1>;tag=board")
                .with("To", invite.header("From").unwrap())
                .with("Call-ID", invite.header("Call-ID").unwrap())
                .with("CSeq", "1 BYE");
            self.caller.send(&bye, self.caller.peer.unwrap());
            self.is_over = true;
        }
        let StartLine::Response { status, .. } = message.start else {
            return;
        };
        let is_other = message.cseq().is_none_or(|(_, method)| method != "INVITE");
        if status < 200 || is_other {
            return;
        }
        let ack = self.to_phone("ACK", message.header("To").unwrap());
        self.agent.send(&ack, self.desk);
        if status == 200 && self.answered.is_none() {
            self.agent.media = Some(read_answer(&message.body).unwrap().address);
            self.answered = Some(0);
        }
    }

    fn to_phone(&self, method: &str, to: &str) -> Message {
        let agent = self.agent.sip.local_addr().unwrap();
        let number = match method {
            "BYE" => 2,
            _ => 1,
        };
        Message::request(method, &format!("sip:desk@{}", self.desk))
            .with(
                "Via",
                format!(
                    "SIP/2.0/UDP {agent};branch=z9hG4bKring{}-{number}",
                    self.calls
                ),
            )
            .with(
                "From",
                "\"Complaint·order\" <sip:loadtest@127.0.0.1>;tag=board",
            )
            .with("To", to)
            .with("Call-ID", format!("to-the-phone-{}", self.calls))
            .with("CSeq", format!("{number} {method}"))
            .with("Contact", format!("<sip:board@{agent}>"))
            .with("X-Bellhop-Reason", "demand")
    }

    fn part_from_phone(&self) {
        match (&self.calling, self.answered) {
            (Some(_), Some(_)) => {
                let bye = self.to_phone("BYE", "<sip:desk@127.0.0.1>;tag=desk");
                self.agent.send(&bye, self.desk);
            }
            (Some(_), None) if self.manner != Manner::LetsRing => {
                let cancel = self.to_phone("CANCEL", "<sip:desk@127.0.0.1>");
                self.agent.send(&cancel, self.desk);
            }
            (Some(_) | None, _) => {}
        }
    }

    fn sound(&mut self) {
        let from_caller = self.caller.hear();
        let from_agent = self.agent.hear();
        let is_loud = |frame: &Vec<i16>| dsp::level::dbfs(frame) > -40.0;
        if from_caller.as_ref().is_some_and(is_loud) {
            self.spoken = Some(0);
        }
        if let Some(ticks) = &mut self.spoken {
            *ticks += 1;
        }
        // Half a second after its last sound the caller has finished.
        if self.calling.is_none() && self.spoken.is_some_and(|ticks| ticks > 25) {
            let invite = self.to_phone("INVITE", "<sip:desk@127.0.0.1>");
            let invite = invite.with_sdp(self.agent.sdp());
            self.agent.send(&invite, self.desk);
            self.calling = Some(invite);
        }
        let silence = vec![0; FRAME];
        let music = music();
        let at = self.ticks * FRAME % music.len();
        let mut to_caller = match (self.spoken, self.ticks) {
            // A greeting of a second, then music once the caller has spoken.
            (None, 50..) => silence.clone(),
            (None, _) | (Some(_), _) => music[at..at + FRAME].to_vec(),
        };
        let mut to_agent = silence.clone();
        if let Some(ticks) = &mut self.answered {
            *ticks += 1;
            let whisper = voice([650.0, 450.0, 850.0, 550.0], 8_000);
            if let Some(frame) = whisper.chunks(FRAME).nth(*ticks) {
                to_agent = frame.to_vec();
            } else {
                to_caller = from_agent.unwrap_or_else(|| silence.clone());
                to_agent = from_caller.unwrap_or_else(|| silence.clone());
                if self.manner == Manner::JoinsNoSound {
                    (to_caller, to_agent) = (silence.clone(), silence);
                }
            }
        }
        self.caller.speak(&to_caller);
        self.agent.speak(&to_agent);
    }
}

/// A port that nobody had a moment ago.
async fn free_port() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.local_addr().unwrap()
}

async fn play(manner: Manner, script: &str) -> Acted {
    let desk = free_port().await;
    let (board, address) = Board::open(manner, desk).await;
    let board = tokio::spawn(board.run());
    let dial = Dial {
        callee: Callee {
            user: "front-desk".into(),
            address,
        },
        from: "loadtest".into(),
        codec: CODEC,
        seed: u64::from(address.port()),
        keep_audio: true,
        answer_within: Duration::from_secs(2),
        allow_remote: false,
        longest: Duration::from_secs(30),
    };
    let script = script.replace("PORT", &desk.port().to_string());
    let run = Run::new(script.parse().unwrap(), clips(), library(), "loadtest");
    let acted = call::act(&dial, run, &mut |verdict| println!("{verdict}"))
        .await
        .unwrap();
    board.abort();
    acted
}

const SERVED: &str = "\
agent desk on 127.0.0.1:PORT rings 300ms then answers
caller: call
caller: say hello
caller: expect music within 2s
desk: expect ring within 4s
desk: expect display complaint
desk: expect number of caller
desk: expect whisper within 1s
caller: expect no whisper
caller: say hello
desk: expect voice of caller within 1s
desk: say welcome
caller: expect voice of desk within 1s
desk: hang up
caller: expect bye within 2s
";

#[tokio::test]
async fn a_caller_and_an_agent_hear_each_other_over_real_sockets() {
    let acted = play(Manner::Faultless, SERVED).await;
    assert!(acted.run.went_as_told(), "{:#?}", acted.run.verdicts());
    let measures = || {
        acted
            .run
            .verdicts()
            .iter()
            .flat_map(|verdict| &verdict.measures)
    };
    let of = |kind: MeasureKind| {
        let found = measures().find(|measure| measure.kind == kind).unwrap();
        found.took.as_millis()
    };
    assert!(
        (400..900).contains(&of(MeasureKind::SpeechToRing)),
        "{}",
        of(MeasureKind::SpeechToRing)
    );
    assert!(
        of(MeasureKind::VoiceDelay) < 120,
        "{}",
        of(MeasureKind::VoiceDelay)
    );
    assert!((900..1_200).contains(&of(MeasureKind::Whisper)));
    let (_, phone_call) = &acted.answered[0];
    assert!(phone_call.heard.len() > 16_000 && phone_call.said.len() > 16_000);
}

#[tokio::test]
async fn a_bridge_without_sound_fails_where_the_agent_should_hear_the_caller() {
    let acted = play(Manner::JoinsNoSound, SERVED).await;
    let last = acted.run.verdicts().last().unwrap();
    assert_eq!(last.step, "desk: expect voice of caller within 1s");
    assert!(
        !last.passed && last.finding.contains("0.00 of it like caller's voice"),
        "{last}"
    );
}

const LEAVES: &str = "\
agent desk on 127.0.0.1:PORT never answers
caller: say hello
desk: expect ring within 4s
caller: hang up
";

#[tokio::test]
async fn a_phone_falls_silent_when_the_caller_leaves_and_its_time_is_told() {
    let script = format!("{LEAVES}desk: expect stops ringing within 1s\n");
    let acted = play(Manner::Faultless, &script).await;
    assert!(acted.run.went_as_told(), "{:#?}", acted.run.verdicts());
    let last = acted.run.verdicts().last().unwrap();
    assert!(last.finding.ends_with("after caller hung up"), "{last}");
}

#[tokio::test]
async fn a_phone_that_is_left_ringing_fails_the_scenario_by_itself() {
    let acted = play(Manner::LetsRing, LEAVES).await;
    assert!(!acted.run.went_as_told());
    let last = acted.run.verdicts().last().unwrap();
    assert!(last.finding.ends_with("still rings there"), "{last}");
}

/// The commands with an agent's phone, against the switchboard; whether all was as told.
async fn command(manner: Manner, arguments: &str) -> bool {
    let desk = free_port().await;
    let (board, address) = Board::open(manner, desk).await;
    let board = tokio::spawn(board.run());
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../audio-fixtures");
    let line =
        format!("loadtest {arguments} --target sip:{address} --agent {desk} --fixtures {fixtures}")
            .replace("FIXTURES", fixtures);
    let cli = Cli::parse_from(line.split(' '));
    let went_well = loadtest::commands::run(cli).await.unwrap();
    board.abort();
    went_well
}

#[tokio::test]
async fn the_matrix_passes_where_phones_fall_silent_and_fails_where_one_rings_on() {
    let arguments = "agents-matrix --says rms/agent.wav --settle 1 --patience 2 --only busy";
    assert!(command(Manner::Faultless, arguments).await);
    let arguments = "agents-matrix --says rms/agent.wav --settle 1 --only no-answer/ringing";
    assert!(!command(Manner::LetsRing, arguments).await);
}

#[tokio::test]
async fn from_the_word_to_the_ring_is_measured_and_held_to_its_bar() {
    let arguments =
        "reaching --words FIXTURES/words.csv --most 1 --require-p95 2500 --require-found 100";
    assert!(command(Manner::Faultless, arguments).await);
    let arguments = "reaching --words FIXTURES/words.csv --most 1 --require-p95 1";
    assert!(!command(Manner::Faultless, arguments).await);
}

#[tokio::test]
async fn a_phones_port_that_is_taken_is_told_with_its_place() {
    let taken = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let script = format!("agent desk on {address}\ncaller: call\n");
    let dial = Dial {
        callee: Callee {
            user: "x".into(),
            address,
        },
        from: "loadtest".into(),
        codec: CODEC,
        seed: 1,
        keep_audio: true,
        answer_within: Duration::from_secs(1),
        allow_remote: false,
        longest: Duration::from_secs(1),
    };
    let run = Run::new(script.parse().unwrap(), clips(), library(), "loadtest");
    let error = call::act(&dial, run, &mut |_| {}).await.unwrap_err();
    let told = error.to_string();
    assert!(
        told.starts_with(&format!("phone 'desk' on {address}: ")),
        "{told}"
    );
}
