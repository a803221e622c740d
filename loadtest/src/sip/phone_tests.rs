//! Phones as tables: what comes in, what must go out.

use super::*;

const SDP: &str = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8 96\r\n\
                   a=rtpmap:96 telephone-event/8000\r\n";
const SECOND: Duration = Duration::from_secs(1);

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

struct Story {
    phone: Phone,
    invite: Message,
}

fn invite(call_id: &str) -> Message {
    Message::request("INVITE", "sip:desk@127.0.0.1:5071")
        .with(
            "Via",
            format!("SIP/2.0/UDP 127.0.0.1:5060;branch=z9{call_id}"),
        )
        .with("From", "\"Complaint\" <sip:5550101@127.0.0.1>;tag=bot")
        .with("To", "<sip:desk@127.0.0.1:5071>")
        .with("Call-ID", call_id)
        .with("CSeq", "1 INVITE")
        .with("Contact", "<sip:bot@127.0.0.1:5060>")
        .with_sdp(SDP.to_owned())
}

impl Story {
    fn of(manner: Manner) -> Self {
        let seat = Seat {
            user: "desk".into(),
            sip: address(5071),
            media: address(6002),
        };
        let mut story = Self {
            phone: Phone::new(seat, manner, 3),
            invite: invite("one"),
        };
        story.hear(Duration::ZERO, &story.invite.clone());
        story
    }

    fn hear(&mut self, now: Duration, message: &Message) {
        self.phone.handle(now, address(5060), &message.to_bytes());
    }

    fn ask(&mut self, now: Duration, method: &str) {
        let branch = match method {
            "ACK" | "CANCEL" => "z9one".to_owned(),
            other => format!("z9{other}"),
        };
        let mut request = Message::request(method, "sip:desk@127.0.0.1:5071")
            .with("Via", format!("SIP/2.0/UDP 127.0.0.1:5060;branch={branch}"))
            .with("From", "<sip:5550101@127.0.0.1>;tag=bot")
            .with("To", "<sip:desk@127.0.0.1:5071>;tag=x")
            .with("Call-ID", "one")
            .with("CSeq", format!("2 {method}"));
        if method == "INVITE" {
            request = request.with_sdp(format!("{SDP}a=sendonly\r\n"));
        }
        self.hear(now, &request);
    }

    fn sent(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((_, bytes)) = self.phone.poll_transmit() {
            lines.push(match Message::parse(&bytes).unwrap().start {
                StartLine::Request { method, .. } => method,
                StartLine::Response { status, .. } => status.to_string(),
            });
        }
        lines
    }

    fn news(&mut self) -> Vec<PhoneEvent> {
        std::iter::from_fn(|| self.phone.poll_event()).collect()
    }
}

const ANSWERS: Manner = Manner::Answers {
    rings: SECOND,
    leaves_after: None,
};

#[test]
fn it_rings_for_a_while_answers_and_is_left_by_the_other_side() {
    let mut story = Story::of(ANSWERS);
    assert_eq!(story.sent(), ["180"]);
    story.phone.handle_timeout(SECOND / 2);
    assert!(story.sent().is_empty());
    story.phone.handle_timeout(SECOND);
    assert_eq!(story.sent(), ["200"]);
    story.ask(SECOND, "ACK");
    story.ask(SECOND * 2, "INVITE");
    story.ask(SECOND * 3, "BYE");
    story.ask(SECOND * 3, "BYE");
    assert_eq!(story.sent(), ["200", "200", "200"]);
    let news = story.news();
    let PhoneEvent::Rings(ring) = &news[0] else {
        panic!("it rang: {news:?}");
    };
    assert_eq!(
        (ring.display.as_str(), ring.number.as_str()),
        ("Complaint", "5550101")
    );
    assert!(matches!(news[1], PhoneEvent::Answered(media) if media.audio == 8));
    assert!(matches!(news[2], PhoneEvent::MediaMoved(_)));
    assert_eq!(news[3..], [PhoneEvent::Ended(EndedBy::Peer)]);
    assert!(story.phone.is_idle());
}

#[test]
fn a_caller_who_gives_up_silences_it_and_the_refusal_is_sent_until_its_ack() {
    let mut story = Story::of(Manner::RingsOn);
    story.phone.handle_timeout(SECOND * 20);
    assert_eq!(story.sent(), ["180"]);
    story.ask(SECOND * 20, "CANCEL");
    assert_eq!(story.sent(), ["200", "487"]);
    assert_eq!(story.news().last(), Some(&PhoneEvent::StoppedRinging));
    story.phone.handle_timeout(SECOND * 21);
    story.ask(SECOND * 21, "CANCEL");
    assert_eq!(story.sent(), ["487", "200"]);
    story.ask(SECOND * 21, "ACK");
    assert!(story.phone.is_idle());
}

#[test]
fn busy_and_refusal_have_their_own_status() {
    for (with, status) in [(Decline::Busy, "486"), (Decline::Refused, "603")] {
        let rings = Duration::ZERO;
        let mut story = Story::of(Manner::Declines { rings, with });
        assert_eq!(story.sent(), ["180", status]);
        story.hear(SECOND, &story.invite.clone());
        assert_eq!(story.sent(), [status], "an INVITE that comes again");
        story.ask(SECOND, "ACK");
        assert!(story.phone.is_idle());
        assert_eq!(story.news().len(), 2);
    }
}

#[test]
fn a_dead_phone_says_nothing_and_counts_a_call_once() {
    let mut story = Story::of(Manner::Dead);
    story.hear(SECOND, &invite("two"));
    story.hear(SECOND, &story.invite.clone());
    story.ask(SECOND, "CANCEL");
    assert!(story.sent().is_empty());
    assert_eq!(story.news().len(), 2);
}

#[test]
fn a_phone_that_is_taken_tells_a_second_call_busy_and_remembers_it() {
    let mut story = Story::of(Manner::RingsOn);
    story.hear(SECOND, &invite("two"));
    assert_eq!(story.sent(), ["180", "486"]);
    assert!(matches!(story.news()[1], PhoneEvent::Intruded(_)));
}

#[test]
fn it_hangs_up_by_itself_only_after_the_ack() {
    let mut story = Story::of(Manner::Answers {
        rings: Duration::ZERO,
        leaves_after: Some(SECOND),
    });
    assert_eq!(story.sent(), ["180", "200"]);
    story.phone.handle_timeout(SECOND * 2);
    assert_eq!(story.sent(), ["200"], "no ACK came yet");
    story.ask(SECOND * 2, "ACK");
    let (to, bytes) = story.phone.poll_transmit().unwrap();
    let bye = Message::parse(&bytes).unwrap();
    assert_eq!((to, bye.method()), (address(5060), Some("BYE")));
    assert_eq!(bye.tag("To"), Some("bot"));
    story.hear(SECOND * 2, &Message::answer_to(&bye, 200, "OK"));
    assert_eq!(story.news().last(), Some(&PhoneEvent::Ended(EndedBy::Us)));
    assert!(story.phone.is_idle());
}

#[test]
fn what_belongs_to_no_call_is_told_so() {
    let mut story = Story::of(Manner::RingsOn);
    story.ask(SECOND, "CANCEL");
    story.ask(SECOND, "ACK");
    story.sent();
    story.ask(SECOND, "BYE");
    story.ask(SECOND, "CANCEL");
    assert_eq!(story.sent(), ["481", "481"]);
}

#[test]
fn a_phone_whose_bye_is_not_answered_yet_rings_for_the_next_call() {
    let mut story = Story::of(Manner::Answers {
        rings: Duration::ZERO,
        leaves_after: None,
    });
    story.ask(SECOND, "ACK");
    story.phone.hang_up(SECOND);
    story.sent();
    story.hear(SECOND, &invite("two"));
    assert_eq!(story.sent(), ["180", "200"]);
    story.ask(SECOND, "BYE");
    assert_eq!(story.sent(), ["200"], "both had hung up at once");
    assert!(!story.phone.is_idle());
}
