//! A call over real sockets to a bot of a few lines: it answers, plays a prompt, waits for a key,
//! plays another and hangs up.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

use loadtest::call::{self, CallRecord, Dial, Ending};
use loadtest::judge::{Library, Reference};
use loadtest::rtp::{Header, Pacer};
use loadtest::scenario::{Clips, MeasureKind, Run};
use loadtest::sip::{Callee, Codec, Message, RemoteMedia, read_answer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

const CODEC: Codec = Codec::Pcma;

fn library() -> Arc<Library> {
    let prompt = |name: &str, tones: [f32; 4]| {
        let samples: Vec<i16> = tones
            .iter()
            .flat_map(|&tone| dsp::tone(tone, 8_000, 3_000, 8_000))
            .collect();
        Reference::new(name.to_owned(), samples.into())
    };
    Arc::new(Library::new(vec![
        prompt("greeting.en", [400.0, 700.0, 500.0, 900.0]),
        prompt("done.en", [900.0, 350.0, 610.0, 440.0]),
    ]))
}

/// What the bot is to do with its one call.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Serves,
    Refuses,
    NeverReplies,
}

struct Bot {
    sip: UdpSocket,
    rtp: UdpSocket,
    manner: Manner,
}

impl Bot {
    async fn open(manner: Manner) -> (Self, SocketAddr) {
        let bind = || UdpSocket::bind("127.0.0.1:0");
        let (sip, rtp) = (bind().await.unwrap(), bind().await.unwrap());
        let address = sip.local_addr().unwrap();
        (Self { sip, rtp, manner }, address)
    }

    async fn receive(&self, method: &str) -> (Message, SocketAddr) {
        let mut datagram = vec![0; 4_096];
        loop {
            let (length, from) = self.sip.recv_from(&mut datagram).await.unwrap();
            let message = Message::parse(&datagram[..length]).unwrap();
            if message.method() == Some(method) {
                return (message, from);
            }
        }
    }

    async fn answer(&self, request: &Message, to: SocketAddr, status: u16, sdp: Option<String>) {
        let mut answer = Message::answer_to(request, status, "Because");
        answer.append_to("To", ";tag=bot");
        answer.push(
            "Contact",
            format!("<sip:bot@{}>", self.sip.local_addr().unwrap()),
        );
        if let Some(sdp) = sdp {
            answer = answer.with_sdp(sdp);
        }
        self.sip.send_to(&answer.to_bytes(), to).await.unwrap();
    }

    async fn run(self) {
        let (invite, caller) = self.receive("INVITE").await;
        self.answer(&invite, caller, 100, None).await;
        if self.manner == Manner::Refuses {
            self.answer(&invite, caller, 486, None).await;
            self.receive("ACK").await;
            return;
        }
        let port = self.rtp.local_addr().unwrap().port();
        let sdp = format!(
            "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio {port} RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n"
        );
        self.answer(&invite, caller, 200, Some(sdp)).await;
        self.receive("ACK").await;
        let media = read_answer(&invite.body).unwrap();
        tokio::select! {
            () = self.talk(media) => {}
            (bye, from) = self.receive("BYE") => return self.answer(&bye, from, 200, None).await,
        }
        let bye = Message::request("BYE", "sip:loadtest@127.0.0.1")
            .with("Via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbye")
            .with("From", "<sip:bot@127.0.0.1>;tag=bot")
            .with("To", invite.header("From").unwrap())
            .with("Call-ID", invite.header("Call-ID").unwrap())
            .with("CSeq", "1 BYE");
        self.sip.send_to(&bye.to_bytes(), caller).await.unwrap();
    }

    /// Plays the greeting, and 200 ms after a key the other prompt.
    async fn talk(&self, media: RemoteMedia) {
        let prompts = library();
        let frame_of = |name: &str, frame: usize| {
            let prompt = prompts
                .references()
                .iter()
                .find(|prompt| prompt.answers_to(name))
                .unwrap();
            prompt
                .samples
                .chunks_exact(160)
                .nth(frame)
                .map_or([0; 160], |frame| frame.try_into().unwrap())
        };
        let started = Instant::now();
        let mut pacer = Pacer::starting(Duration::ZERO);
        let (mut datagram, mut incoming) = (Vec::new(), [0; 2_048]);
        let mut keyed_at: Option<usize> = None;
        for tick in 0..500usize {
            tokio::time::sleep_until((started + pacer.next_due()).into()).await;
            pacer.tick(started.elapsed());
            while let Ok(length) = self.rtp.try_recv(&mut incoming) {
                let (header, _) = Header::parse(&incoming[..length]).unwrap();
                if header.payload_type == 96 && self.manner == Manner::Serves {
                    keyed_at.get_or_insert(tick);
                }
            }
            let samples = match keyed_at {
                None => frame_of("greeting", tick),
                Some(keyed) if tick > keyed + 110 => return,
                Some(keyed) if tick >= keyed + 10 => frame_of("done", tick - keyed - 10),
                Some(_) => [0; 160],
            };
            let header = Header {
                marker: false,
                payload_type: 8,
                sequence: tick as u16,
                timestamp: tick as u32 * 160,
                ssrc: 7,
            };
            header.write(&samples.map(|sample| CODEC.encode(sample)), &mut datagram);
            let _ = self.rtp.send_to(&datagram, media.address).await;
        }
    }
}

async fn play(manner: Manner, script: &str) -> (Run, CallRecord) {
    let (bot, address) = Bot::open(manner).await;
    let bot = tokio::spawn(bot.run());
    let played = play_to(address, script).await;
    bot.abort();
    played
}

async fn play_to(address: SocketAddr, script: &str) -> (Run, CallRecord) {
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
        longest: Duration::from_secs(20),
    };
    let mut run = Run::new(
        script.parse().unwrap(),
        Clips::default(),
        library(),
        "loadtest",
    );
    let record = call::place(&dial, &mut run).await.unwrap();
    (run, record)
}

const SERVED: &str = "expect prompt greeting within 2s\nwait for quiet 200ms within 5s\nkey 5\n\
                      expect prompt done within 2s\nexpect bye within 5s";

#[tokio::test]
async fn a_whole_call_is_heard_keyed_timed_and_recorded() {
    let (run, record) = play(Manner::Serves, SERVED).await;
    assert!(run.went_as_told(), "{:#?}", run.verdicts());
    assert_eq!(record.ending, Ending::ByPeer);
    let measures: Vec<_> = run
        .verdicts()
        .iter()
        .flat_map(|verdict| &verdict.measures)
        .collect();
    assert_eq!(measures.len(), 1);
    assert_eq!(measures[0].kind, MeasureKind::ReplyToKeys);
    let took = measures[0].took.as_millis();
    assert!((160..600).contains(&took), "the bot waits 200 ms: {took}");
    assert_eq!(record.stats.lost, 0);
    assert!(record.heard.len() > 24_000 && record.said.len() > 16_000);
}

#[tokio::test]
async fn a_bot_that_never_replies_fails_the_call() {
    let script = "expect prompt greeting within 2s\nwait for quiet 200ms within 5s\nkey 5\nexpect prompt done within 1s";
    let (run, record) = play(Manner::NeverReplies, script).await;
    assert!(!run.went_as_told());
    assert_eq!(run.verdicts().last().unwrap().finding, "heard nothing");
    assert_eq!(record.ending, Ending::ByUs);
}

#[tokio::test]
async fn a_refusal_is_told_with_its_status() {
    let (run, record) = play(Manner::Refuses, SERVED).await;
    assert_eq!(record.ending, Ending::Refused(486, "Because".into()));
    assert!(!record.was_held() && !run.went_as_told());
}

#[tokio::test]
async fn a_call_that_nobody_answers_ends_by_itself() {
    let unheard = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (run, record) = play_to(unheard.local_addr().unwrap(), SERVED).await;
    assert_eq!(
        record.ending,
        Ending::Failed("nobody answered within 2s".into())
    );
    assert!(!run.went_as_told());
}
