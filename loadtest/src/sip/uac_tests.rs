//! Calls as tables: what comes in, what must go out.

use super::*;
use crate::sip::Codec;

const NOW: Duration = Duration::from_secs(1);
const SDP: &str = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n";

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

struct Story {
    uac: Uac,
    invite: Message,
}

impl Story {
    fn begin() -> Self {
        let caller = Caller {
            user: "alice".into(),
            sip: address(6000),
            media: address(6002),
            codec: Codec::Pcmu,
        };
        let callee = Callee {
            user: "front-desk".into(),
            address: address(5060),
        };
        let mut uac = Uac::new(caller, callee, 7);
        uac.invite(Duration::ZERO);
        let (_, bytes) = uac.poll_transmit().unwrap();
        let invite = Message::parse(&bytes).unwrap();
        Self { uac, invite }
    }

    fn answered() -> Self {
        let mut story = Self::begin();
        story.reply(200, Some(SDP));
        assert_eq!(story.sent(), ["ACK"]);
        assert!(matches!(
            story.uac.poll_event(),
            Some(UacEvent::Answered(_))
        ));
        story
    }

    fn reply(&mut self, status: u16, sdp: Option<&str>) {
        let mut answer = Message::answer_to(&self.invite, status, "Some Reason");
        answer.append_to("To", ";tag=peer");
        answer.push("Contact", "<sip:bot@127.0.0.1:5099>");
        if let Some(sdp) = sdp {
            answer = answer.with_sdp(sdp.to_owned());
        }
        self.uac.handle(NOW, &answer.to_bytes());
    }

    fn ask(&mut self, method: &str) {
        let request = Message::request(method, "sip:alice@127.0.0.1:6000")
            .with(
                "Via",
                format!("SIP/2.0/UDP 127.0.0.1:5099;branch=z9{method}"),
            )
            .with("Call-ID", self.uac.call_id().to_owned())
            .with("CSeq", format!("9 {method}"));
        self.uac.handle(NOW, &request.to_bytes());
    }

    /// Method of each request, status of each response that went out.
    fn sent(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((_, bytes)) = self.uac.poll_transmit() {
            lines.push(match Message::parse(&bytes).unwrap().start {
                StartLine::Request { method, .. } => method,
                StartLine::Response { status, .. } => status.to_string(),
            });
        }
        lines
    }
}

#[test]
fn a_call_is_answered_acknowledged_and_hung_up_by_us() {
    let mut story = Story::answered();
    story.uac.hang_up(NOW);
    let (to, bytes) = story.uac.poll_transmit().unwrap();
    let bye = Message::parse(&bytes).unwrap();
    assert_eq!(
        (to, bye.method(), bye.tag("To")),
        (address(5099), Some("BYE"), Some("peer"))
    );
    story
        .uac
        .handle(NOW, &Message::answer_to(&bye, 200, "OK").to_bytes());
    assert_eq!(story.uac.poll_event(), Some(UacEvent::Ended(EndedBy::Us)));
    assert_eq!(story.uac.poll_timeout(), None);
}

#[test]
fn the_other_side_hangs_up_once_however_often_it_says_so() {
    let mut story = Story::answered();
    story.ask("BYE");
    story.ask("BYE");
    assert_eq!(story.sent(), ["200", "200"]);
    assert_eq!(story.uac.poll_event(), Some(UacEvent::Ended(EndedBy::Peer)));
    assert_eq!(story.uac.poll_event(), None);
}

#[test]
fn a_repeated_200_is_acknowledged_again() {
    let mut story = Story::answered();
    story.reply(200, Some(SDP));
    assert_eq!(story.sent(), ["ACK"]);
    assert_eq!(story.uac.poll_event(), None);
}

#[test]
fn a_refusal_is_acknowledged_in_the_invites_own_transaction() {
    let mut story = Story::begin();
    story.reply(503, None);
    let (to, bytes) = story.uac.poll_transmit().unwrap();
    let ack = Message::parse(&bytes).unwrap();
    assert_eq!(to, address(5060));
    assert_eq!(ack.header("Via"), story.invite.header("Via"));
    assert_eq!(ack.tag("To"), Some("peer"));
    let refused = UacEvent::Refused {
        status: 503,
        reason: "Some Reason".into(),
    };
    assert_eq!(story.uac.poll_event(), Some(refused));
}

#[test]
fn a_cancel_waits_for_the_first_provisional_answer() {
    let mut story = Story::begin();
    story.uac.hang_up(NOW);
    assert!(story.sent().is_empty());
    story.reply(180, None);
    assert_eq!(story.sent(), ["CANCEL"]);
    story.reply(487, None);
    assert_eq!(story.sent(), ["ACK"]);
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_left() {
    let mut story = Story::begin();
    story.reply(180, None);
    story.uac.hang_up(NOW);
    story.reply(200, Some(SDP));
    assert_eq!(story.sent(), ["CANCEL", "ACK", "BYE"]);
}

#[test]
fn an_answer_without_a_stream_ends_the_call_with_the_reason() {
    let mut story = Story::begin();
    story.reply(200, None);
    assert_eq!(story.sent(), ["ACK", "BYE"]);
    let failed = UacEvent::Failed("the answer has no audio stream".into());
    assert_eq!(story.uac.poll_event(), Some(failed));
}

#[test]
fn an_invite_is_sent_again_until_something_comes_back() {
    let mut story = Story::begin();
    let wake = story.uac.poll_timeout().unwrap();
    assert_eq!(wake, Duration::from_millis(500));
    story.uac.handle_timeout(wake);
    assert_eq!(story.sent(), ["INVITE"]);
    story.reply(100, None);
    assert_eq!(story.uac.poll_timeout(), None);
}

#[test]
fn media_that_moves_is_told_and_strange_methods_are_refused() {
    let mut story = Story::answered();
    story.ask("REFER");
    story.ask("OPTIONS");
    assert_eq!(story.sent(), ["501", "200"]);
    story.ask("INVITE");
    assert_eq!(story.sent(), ["200"]);
}

#[test]
fn messages_of_other_calls_do_nothing() {
    let mut story = Story::answered();
    let other = Message::request("BYE", "sip:x").with("Call-ID", "other");
    story.uac.handle(NOW, &other.to_bytes());
    assert!(story.sent().is_empty());
    assert_eq!(story.uac.poll_event(), None);
}
