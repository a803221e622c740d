//! What no peer should send, and some do.

use crate::support::{Bench, OFFER, Peer, media, settings};
use sip_trunk::TrunkEvent;

/// A small generator of numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).expect("a small number")
    }

    /// Changes, cuts and doubles some bytes; mostly those that mean something.
    pub fn twist(&mut self, message: &str) -> Vec<u8> {
        const SPICE: &[u8] = b"\0\r\n\t ;:,=<>\"\\/@?%[]\xff\x80()09a";
        let mut bytes = message.as_bytes().to_vec();
        for _ in 0..=self.roll(6) {
            let at = self.roll(bytes.len());
            match self.roll(4) {
                0 => bytes[at] = SPICE[self.roll(SPICE.len())],
                1 => bytes.insert(at, SPICE[self.roll(SPICE.len())]),
                2 => drop(bytes.drain(at..(at + self.roll(12)).min(bytes.len()))),
                _ => {
                    let end = (at + self.roll(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        bytes
    }
}

#[tokio::test]
async fn twisted_messages_do_not_hurt_the_next_call() {
    let mut patient = settings();
    patient.requests_per_second = 1_000_000;
    patient.invites_per_second = 1_000_000;
    let mut bench = Bench::start(patient).await;
    let peer = Peer::new(&bench).await;
    let (_, tag) = peer.establish(&mut bench, "c0").await;
    let ok = peer.request("BYE", "c0", 9).text().replacen(
        "BYE sip:100@bellhop.example SIP/2.0",
        "SIP/2.0 200 OK",
        1,
    );
    let plain = [
        peer.invite("twisted")
            .header("Record-Route: <sip:a;lr>, <sip:b>")
            .text(),
        peer.request("ACK", "c0", 1).tag(&tag).body(OFFER).text(),
        peer.request("CANCEL", "twisted", 1).text(),
        peer.request("INVITE", "c0", 2).tag(&tag).body(OFFER).text(),
        peer.request("NOTIFY", "c0", 3)
            .tag(&tag)
            .header("Event: refer")
            .text(),
        peer.request("OPTIONS", "c0", 4).tag(&tag).text(),
        ok,
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..150_u32 {
        for _ in 0..40 {
            let message = &plain[dice.roll(plain.len())];
            peer.send(dice.twist(message)).await;
        }
        // The gate has read them all once it answers this.
        let sentinel = format!("sentinel-{round}");
        peer.send(peer.request("OPTIONS", &sentinel, 1).text())
            .await;
        while peer.next().await.header("Call-ID") != sentinel {}
        while let Ok(event) = bench.events.try_recv() {
            match event {
                TrunkEvent::Incoming(call) => drop(bench.trunk.answer(call.leg, media())),
                TrunkEvent::Failed { what } => panic!("{what}"),
                _ => {}
            }
        }
    }
    let fresh = Peer::new(&bench).await;
    fresh.send(fresh.invite("after").text()).await;
    loop {
        match bench.event().await {
            TrunkEvent::Incoming(call) if call.sip_call_id == "after" => break,
            TrunkEvent::Failed { what } => panic!("{what}"),
            _ => {}
        }
    }
    let counts = bench.trunk.counts();
    let passed = counts.iter().find(|(name, _)| *name == "messages_passed");
    assert!(
        passed.is_some_and(|(_, count)| *count > 1_000),
        "{counts:?}"
    );
}
