//! Scenarios of several parties in virtual time: who is told what, as a report that reads like the
//! calls sounded.

use super::*;
use crate::judge::Reference;
use crate::rtp::{FRAME, TICK};
use crate::scenario::player::PhoneOrder;
use crate::sip::Ring;
use crate::stage::{babble, packet, remote};

/// One party's media, while its call stands.
struct Legs {
    ear: Ear,
    mouth: Mouth,
    /// The frames of its own call.
    tick: usize,
}

impl Legs {
    fn new() -> Self {
        Self {
            ear: Ear::new(remote(), true),
            mouth: Mouth::new(remote(), 1),
            tick: 0,
        }
    }

    fn hear(&mut self, now: Duration, frame: &[i16]) {
        self.ear.handle_packet(now, &packet(self.tick, frame));
        self.ear.tick(now);
        self.tick += 1;
    }

    /// Sends a packet, and gives what is in it.
    fn speak(&mut self, now: Duration) -> [i16; FRAME] {
        let mut datagram = Vec::new();
        self.mouth.tick(now, &mut datagram);
        let mut frame = [0; FRAME];
        if datagram.len() == FRAME + 12 {
            for (slot, &byte) in frame.iter_mut().zip(&datagram[12..]) {
                *slot = crate::stage::CODEC.decode(byte);
            }
        }
        frame
    }
}

/// A switchboard in virtual time: one phone, callers 0 and 1.
struct Board {
    run: Run,
    callers: [Option<Legs>; 2],
    phone: Option<Legs>,
    now: Duration,
    frame: usize,
}

/// What it connects in a tick.
#[derive(Clone, Copy, PartialEq)]
enum Bridge {
    /// Everybody hears music, the phone what it is told alone.
    Apart,
    /// Caller 0 and the phone hear each other.
    Joined,
    /// The phone hears caller 0, who hears nothing.
    OneWay,
}

fn clips() -> Clips {
    Clips::from([
        ("hello", babble(21, 9_600).into()),
        ("welcome", babble(22, 9_600).into()),
    ])
}

fn music() -> Vec<i16> {
    babble(40, 40_000)
}

impl Board {
    fn new(text: &str) -> Self {
        let music = Reference::new("music".into(), music().into());
        let library = Arc::new(Library::new(vec![music]));
        Self {
            run: Run::new(text.parse().unwrap(), clips(), library, "5550101"),
            callers: [None, None],
            phone: None,
            now: Duration::ZERO,
            frame: 0,
        }
    }

    fn phone_place(&self) -> usize {
        let parties = &self.run.scenario().parties;
        parties.iter().position(|party| party.is_agent()).unwrap()
    }

    fn news(&mut self, event: &PhoneEvent) {
        let place = self.phone_place();
        match event {
            PhoneEvent::Answered(_) => self.phone = Some(Legs::new()),
            PhoneEvent::Ended(_) => self.phone = None,
            _ => {}
        }
        self.run.phone_news(place, self.now, event);
    }

    fn ring(&mut self, number: &str) {
        let ring = Ring {
            at: self.now,
            number: number.to_owned(),
            display: "Complaint·order".to_owned(),
            call_id: number.to_owned(),
            headers: vec![("X-Bellhop-Reason".to_owned(), "demand".to_owned())],
        };
        self.news(&PhoneEvent::Rings(ring));
    }

    fn leave(&mut self, who: usize, ending: &Ending) {
        self.callers[who] = None;
        self.run.caller_ended(who, self.now, ending);
    }

    /// One tick of everybody; whether the scenario goes on.
    fn tick(&mut self, bridge: Bridge, whisper: Option<&[i16]>) -> bool {
        if let Some(who) = self.run.take_due_caller() {
            self.callers[who] = Some(Legs::new());
        }
        let (now, music) = (self.now, music());
        let from = self.frame * FRAME % (music.len() - FRAME);
        let music = &music[from..from + FRAME];
        let silence = [0; FRAME];
        let phone_says = self.phone.as_mut().map(|legs| legs.speak(now));
        let mut caller_says = silence;
        for who in 0..2 {
            let Some(mut legs) = self.callers[who].take() else {
                continue;
            };
            let said = legs.speak(now);
            let heard = match (who, bridge, &phone_says) {
                (0, Bridge::Joined, Some(said)) => said,
                (0, Bridge::OneWay, _) => &silence[..],
                _ => music,
            };
            if who == 0 {
                caller_says = said;
            }
            legs.hear(now, heard);
            let wish = self.run.tick_caller(who, now, &legs.ear, &mut legs.mouth);
            if wish == Wish::GoOn {
                self.callers[who] = Some(legs);
            } else {
                self.run.caller_ended(who, now, &Ending::ByUs);
            }
        }
        let place = self.phone_place();
        let mut legs = self.phone.take();
        if let Some(legs) = &mut legs {
            let heard = match bridge {
                Bridge::Apart => whisper.unwrap_or(&silence),
                Bridge::Joined | Bridge::OneWay => &caller_says,
            };
            legs.hear(now, heard);
        }
        let air = legs.as_mut().map(|legs| OnAir {
            ear: &legs.ear,
            mouth: &mut legs.mouth,
        });
        self.run.tick_phone(place, now, air);
        self.phone = legs;
        self.run.tick_off_air(now);
        self.now += TICK;
        self.frame += 1;
        !self.run.is_over()
    }

    fn run_until(&mut self, until_ms: u64, bridge: Bridge) -> bool {
        while self.now < Duration::from_millis(until_ms) {
            if !self.tick(bridge, None) {
                return false;
            }
        }
        true
    }

    fn report(&self) -> String {
        let lines = self.run.verdicts().iter();
        lines.map(|verdict| format!("{verdict}\n")).collect()
    }
}

const SERVED: &str = "\
agent desk on 127.0.0.1:1
caller: call
caller: say hello
desk: expect ring within 4s
desk: expect display \"complaint\" or 投诉
desk: expect header X-Bellhop-Reason \"demand\"
desk: expect number of caller
caller: expect music within 2s
desk: answer
desk: expect whisper within 1s
caller: expect no whisper
caller: say hello
desk: expect voice of caller within 1s
desk: say welcome
caller: expect voice of desk within 1s
caller: expect no silence above 2s
desk: hang up
caller: expect bye within 2s
";

/// The whole of a served call.
fn serve(bridge: Bridge) -> Board {
    let mut board = Board::new(SERVED);
    board.run_until(2_000, Bridge::Apart);
    board.ring("5550101");
    while board.run.take_order(1).is_none() && board.tick(Bridge::Apart, None) {}
    board.news(&PhoneEvent::Answered(remote()));
    for frame in babble(50, 12_800).chunks_exact(FRAME) {
        board.tick(Bridge::Apart, Some(frame));
    }
    let bridged_at = board.now.as_millis() as u64 + 200;
    board.run_until(bridged_at, Bridge::Apart);
    while board.run.take_order(1).is_none() && board.tick(bridge, None) {}
    if !board.run.is_over() {
        board.news(&PhoneEvent::Ended(EndedBy::Us));
        board.leave(0, &Ending::ByPeer);
    }
    board
}

#[test]
fn a_served_call_reads_as_it_sounded() {
    let board = serve(Bridge::Joined);
    assert!(board.run.went_as_told(), "{}", board.report());
    let expected = "
   0.000  ok    caller: call — answered
   1.200  ok    caller: say hello — 1.20 s
   2.000  ok    desk: expect ring within 4s — \"Complaint·order\" <5550101>, 800 ms after caller's last word
   2.000  ok    desk: expect display \"complaint\" or 投诉 — \"Complaint·order\"
   2.000  ok    desk: expect header X-Bellhop-Reason \"demand\" — \"demand\"
   2.000  ok    desk: expect number of caller — <5550101>
   2.040  ok    caller: expect music within 2s — music, 1.00 alike
   2.040  ok    desk: answer
   4.140  ok    desk: expect whisper within 1s — 1.6 s of speech, 0 ms after my answer
";
    let report = format!(
        "
{}",
        board.report()
    );
    assert_eq!(&report[..expected.len()], expected);
}

#[test]
fn a_bridge_of_one_way_is_found_out_and_told() {
    let board = serve(Bridge::OneWay);
    let last = board.run.verdicts().last().unwrap();
    assert!(!last.passed, "{}", board.report());
    assert_eq!(last.step, "caller: expect voice of desk within 1s");
    assert!(
        last.finding.contains("like desk's voice"),
        "{}",
        last.finding
    );
}

const GIVES_UP: &str = "\
agent desk on 127.0.0.1:1
caller: call
desk: expect ring within 1s
caller: hang up
desk: expect stops ringing within 1s
";

#[test]
fn ringing_that_stops_is_timed_from_the_callers_leaving() {
    let mut board = Board::new(GIVES_UP);
    board.tick(Bridge::Apart, None);
    board.ring("5550101");
    board.run_until(200, Bridge::Apart);
    board.news(&PhoneEvent::StoppedRinging);
    board.run_until(1_000, Bridge::Apart);
    assert!(board.run.went_as_told(), "{}", board.report());
    let last = board.run.verdicts().last().unwrap();
    assert_eq!(last.finding, "160 ms after caller hung up");
}

#[test]
fn a_phone_that_rings_on_is_told_though_no_step_asks() {
    let mut board = Board::new(GIVES_UP);
    board.tick(Bridge::Apart, None);
    board.ring("5550101");
    board.run_until(3_000, Bridge::Apart);
    let last = board.run.verdicts().last().unwrap();
    assert_eq!((last.passed, last.finding.as_str()), (false, "it rings on"));
    let mut board = Board::new(
        "agent desk on 127.0.0.1:1\ncaller: call\ndesk: expect ring within 1s\ncaller: hang up",
    );
    board.tick(Bridge::Apart, None);
    board.ring("5550101");
    board.run_until(1_000, Bridge::Apart);
    assert!(board.run.went_as_told());
    board.run.close(board.now);
    assert!(!board.run.went_as_told());
    let last = board.run.verdicts().last().unwrap().to_string();
    assert!(
        last.ends_with("FAIL  desk: rings no longer — \"Complaint·order\" still rings there"),
        "{last}"
    );
}

const OVERTAKES: &str = "\
caller other from 5550102
agent desk on 127.0.0.1:1
caller: call
other: call
other: expect served before caller within 5s
";

#[test]
fn who_is_served_first_is_told_by_the_number_that_is_answered() {
    for (first, second, goes_well) in [("5550102", "5550101", true), ("5550101", "5550102", false)]
    {
        let mut board = Board::new(OVERTAKES);
        board.run_until(100, Bridge::Apart);
        for number in [first, second] {
            board.ring(number);
            board.run_until(board.now.as_millis() as u64 + 100, Bridge::Apart);
            board.news(&PhoneEvent::Answered(remote()));
            board.news(&PhoneEvent::Ended(EndedBy::Us));
        }
        board.tick(Bridge::Apart, None);
        assert_eq!(board.run.went_as_told(), goes_well, "{}", board.report());
    }
}

#[test]
fn a_phone_that_rings_again_in_the_same_moment_was_still_hung_up_on() {
    let text = "agent desk on 127.0.0.1:1\ncaller: call\ndesk: expect ring within 1s\n\
                desk: expect bye within 1s\ndesk: expect ring within 1s\ndesk: expect bye within 1s";
    let mut board = Board::new(text);
    board.tick(Bridge::Apart, None);
    board.ring("5550101");
    board.news(&PhoneEvent::Answered(remote()));
    board.tick(Bridge::Apart, None);
    board.news(&PhoneEvent::Ended(EndedBy::Peer));
    board.ring("5550102");
    board.run_until(3_000, Bridge::Apart);
    let findings: Vec<&str> = board
        .run
        .verdicts()
        .iter()
        .map(|verdict| verdict.finding.as_str())
        .collect();
    assert_eq!(findings[2], "after 0.0 s");
    assert_eq!(
        findings[4], "the other side did not hang up",
        "one bye is no two"
    );
}

#[test]
fn what_did_not_happen_is_told_with_what_did() {
    for (steps, finding) in [
        ("desk: expect ring within 500ms", "nothing rang"),
        (
            "desk: expect display x",
            "nothing was expected to ring before this step",
        ),
        ("desk: answer", "nothing rings"),
        ("desk: hang up", "the phone is on no call"),
        ("desk: say hello", "the phone is on no call"),
        (
            "desk: expect bye within 1s",
            "the other side did not hang up",
        ),
        (
            "caller: expect no whisper",
            "no agent was told anything alone",
        ),
        (
            "caller: expect voice of desk within 1s",
            "desk has said nothing yet",
        ),
        (
            "caller: expect prompt x within 1s",
            "heard sound that is none of the prompts",
        ),
        (
            "caller: expect served before other within 1s",
            "nobody was served",
        ),
    ] {
        let text = format!("caller other\nagent desk on 127.0.0.1:1\ncaller: call\n{steps}\n");
        let mut board = Board::new(&text);
        board.run_until(20_000, Bridge::Apart);
        let last = board.run.verdicts().last().unwrap();
        assert_eq!(
            (last.passed, last.finding.as_str()),
            (false, finding),
            "{steps}"
        );
    }
}

#[test]
fn orders_of_a_scenario_reach_the_phone() {
    let text = "agent desk on 127.0.0.1:1\ncaller: call\ndesk: now is dead\ndesk: expect no ring for 1s\nhang up".replace("hang up", "caller: hang up");
    let mut board = Board::new(&text);
    board.run_until(3_000, Bridge::Apart);
    assert_eq!(
        board.run.take_order(1),
        Some(PhoneOrder::Behave(Manner::Dead))
    );
    assert!(board.run.went_as_told(), "{}", board.report());
}
