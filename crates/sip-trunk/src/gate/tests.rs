//! The gate's verdicts on requests, told as a peer would see them.

use super::*;
use crate::TrunkEntry;
use proptest::prelude::*;

const PEER: &str = "127.0.0.1:5070";

fn settings() -> TrunkSettings {
    let mut settings = TrunkSettings::new("127.0.0.1:0".parse().expect("an address"));
    settings.trunks = vec![TrunkEntry {
        name: "carrier".to_owned(),
        allow: vec!["127.0.0.0/8".parse().expect("a network")],
        max_calls: 2,
        max_calls_per_second: None,
    }];
    settings
}

fn gate() -> Gate {
    Gate::new(&settings(), Instant::now())
}

fn request(method: &str, call: &str, more: &str) -> String {
    let to_tag = if more.contains("in-dialog") {
        ";tag=t"
    } else {
        ""
    };
    format!(
        "{method} sip:100@bellhop SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-{call}\r\n\
         From: <sip:200@peer>;tag=f\r\nTo: <sip:100@bellhop>{to_tag}\r\nCall-ID: {call}\r\n\
         CSeq: 1 {method}\r\nContact: <sip:200@127.0.0.1:5070>\r\n{more}\r\n"
    )
}

/// What the gate says, in one line: `pass`, `drop`, or the answer's status line
/// and the headers that explain it.
fn verdict(gate: &Gate, source: &str, message: &str) -> String {
    let source = source.parse().expect("an address");
    match gate.judge(Instant::now(), source, message.as_bytes()) {
        Verdict::Pass { .. } => "pass".to_owned(),
        Verdict::Drop => "drop".to_owned(),
        Verdict::Deliver { .. } => "deliver".to_owned(),
        Verdict::Answer { response, .. } => {
            let response = String::from_utf8(response).expect("UTF-8");
            let explains = ["SIP/2.0", "Warning", "Retry-After", "Unsupported", "Allow"];
            let lines = response
                .lines()
                .filter(|line| explains.iter().any(|name| line.starts_with(name)));
            lines.collect::<Vec<_>>().join(" | ")
        }
    }
}

#[test]
fn each_kind_of_request_gets_its_answer() {
    let gate = gate();
    for (message, expected) in [
        (request("INVITE", "a", ""), "pass"),
        (request("INVITE", "a", ""), "pass"),
        (request("ACK", "x", ""), "pass"),
        (request("CANCEL", "x", ""), "pass"),
        (request("BYE", "x", "X: in-dialog\r\n"), "pass"),
        (
            request("BYE", "x", ""),
            "SIP/2.0 481 Call/Transaction Does Not Exist",
        ),
        (
            request("OPTIONS", "x", ""),
            "SIP/2.0 200 OK | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, NOTIFY, INFO",
        ),
        (
            request("REGISTER", "x", ""),
            "SIP/2.0 405 Method Not Allowed | Warning: 399 bellhop \"REGISTER is not served here\" | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, NOTIFY, INFO",
        ),
        (
            request("WOBBLE", "x", "X: in-dialog\r\n"),
            "SIP/2.0 405 Method Not Allowed | Warning: 399 bellhop \"WOBBLE is not served here\" | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, NOTIFY, INFO",
        ),
        (
            request("INVITE", "b", "Require: 100rel\r\n"),
            "SIP/2.0 420 Bad Extension | Unsupported: 100rel",
        ),
        (
            request("INVITE", "c", "Max-Forwards: 0\r\n"),
            "SIP/2.0 483 Too Many Hops | Warning: 399 bellhop \"Max-Forwards ran out: the call goes in circles before it gets here\"",
        ),
        (
            request("INVITE", "d", "Content-Length: 9\r\n"),
            "SIP/2.0 400 Bad Request | Warning: 399 bellhop \"The body is shorter than Content-Length says\"",
        ),
        (
            request("INVITE", "d", "").replace("Contact", "X-Contact"),
            "SIP/2.0 400 Bad Request | Warning: 399 bellhop \"The Contact header is missing or is no SIP address\"",
        ),
        (request("INVITE", "e", ""), "pass"),
        (
            request("INVITE", "f", ""),
            "SIP/2.0 503 Service Unavailable | Warning: 399 bellhop \"All 2 lines of trunk 'carrier' are busy\" | Retry-After: 5",
        ),
        (
            request("INVITE", "a", "").replace("branch=", "branch=z9hG4bKother"),
            "SIP/2.0 482 Loop Detected | Warning: 399 bellhop \"This call has reached us already by another way\"",
        ),
    ] {
        assert_eq!(verdict(&gate, PEER, &message), expected, "{message}");
    }
    assert_eq!(gate.live(), 2);
}

#[test]
fn a_stranger_is_told_whom_to_ask() {
    let gate = gate();
    let answer = verdict(&gate, "192.0.2.1:5060", &request("INVITE", "a", ""));
    assert!(answer.starts_with(
        "SIP/2.0 403 Forbidden | Warning: 399 bellhop \"This address is on no trunk's allow-list"
    ));
    assert_eq!(
        verdict(&gate, "192.0.2.1:5060", &request("ACK", "a", "")),
        "drop"
    );
    assert_eq!(gate.live(), 0);
}

#[test]
fn strangers_cannot_make_us_answer_without_end() {
    let gate = gate();
    let answers = (0..1_000)
        .map(|_| verdict(&gate, "192.0.2.1:5060", &request("INVITE", "a", "")))
        .filter(|answer| answer != "drop");
    assert!(answers.count() < 200);
}

#[test]
fn while_draining_new_calls_are_refused_and_old_ones_served() {
    let gate = gate();
    assert_eq!(verdict(&gate, PEER, &request("INVITE", "a", "")), "pass");
    gate.set_accepting(false);
    assert_eq!(verdict(&gate, PEER, &request("INVITE", "a", "")), "pass");
    assert_eq!(
        verdict(&gate, PEER, &request("BYE", "a", "X: in-dialog\r\n")),
        "pass"
    );
    for method in ["INVITE", "OPTIONS"] {
        let answer = verdict(&gate, PEER, &request(method, "b", ""));
        assert!(
            answer.starts_with("SIP/2.0 503") && answer.contains("Retry-After: 5"),
            "{answer}"
        );
    }
}

#[test]
fn a_flood_from_one_address_is_dropped() {
    let mut settings = settings();
    settings.requests_per_second = 10;
    let gate = Gate::new(&settings, Instant::now());
    let passed = (0..1_000)
        .filter(|_| verdict(&gate, PEER, &request("OPTIONS", "x", "")) != "drop")
        .count();
    assert!((20..40).contains(&passed), "{passed}");
}

#[test]
fn an_answer_goes_where_via_says_unless_rport_asks_otherwise() {
    let gate = gate();
    let source = "127.0.0.1:40000".parse().expect("an address");
    let plain = request("OPTIONS", "x", "");
    let asking = plain.replace(";branch", ";rport;branch");
    for (message, port) in [(plain, 5070), (asking, 40_000)] {
        match gate.judge(Instant::now(), source, message.as_bytes()) {
            Verdict::Answer { to, .. } => assert_eq!(to.port(), port),
            other => panic!("an answer was expected: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_gate_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let gate = gate();
        let source = PEER.parse().expect("an address");
        gate.judge(Instant::now(), source, &bytes);
    }

    #[test]
    fn no_twisted_header_makes_the_gate_panic(
        which in 0_usize..6,
        start in prop::sample::select(vec!["INVITE sip:1@h SIP/2.0", "BYE sip:1@h SIP/2.0", "SIP/2.0 200 OK", "CANCEL sip:[ SIP/2.0"]),
        twist in "[A-Za-z0-9:;,=<>\"/ \\\\\t.@?%é\\[\\]-]{0,80}",
    ) {
        let mut headers = vec![
            ("Via", "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1"), ("From", "<sip:2@p>;tag=f"),
            ("To", "<sip:1@h>"), ("Call-ID", "c"), ("CSeq", "1 INVITE"), ("Contact", "<sip:2@p>"),
        ];
        headers[which].1 = &twist;
        let mut message = format!("{start}\r\n");
        for (name, value) in headers {
            message.push_str(&format!("{name}: {value}\r\n"));
        }
        message.push_str("\r\n");
        let source = PEER.parse().expect("an address");
        gate().judge(Instant::now(), source, message.as_bytes());
    }
}
