//! A call in which two people talk allocates nothing.

mod stage;

use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, RtpPacket};
use call_model::{Key, PayloadMap, PromptId};
use call_session::SessionInput;
use stage::agent::AGENT_PAYLOADS;
use stage::{Making, PAYLOADS, Stage};
use std::time::Duration;

const TICKS: u64 = 500;

#[test]
fn a_bridged_call_allocates_nothing() {
    let mut stage = Stage::set();
    stage.whisper = Making::Fails;
    stage.until("> PromptEnded 1");
    let what = "disk".to_owned();
    stage.feed(SessionInput::Failed { what });
    stage.agent_answers();
    stage.advance(2_000);
    let (caller, agent) = (telephone(PAYLOADS, 1), telephone(AGENT_PAYLOADS, 2));
    let (mut allocations, mut told) = (0, 0);
    for (caller, agent) in caller.iter().zip(&agent) {
        stage.now = stage.now + Duration::from_millis(20);
        let (now, session) = (stage.now, &mut stage.session);
        let measured = allocation_counter::measure(|| {
            session.handle(now, SessionInput::Packet(caller.as_bytes()));
            session.handle(now, SessionInput::AgentPacket(agent.as_bytes()));
            session.handle(now, SessionInput::Tick);
            while session.poll_output().is_some() {
                told += 1;
            }
        });
        allocations += measured.count_total;
    }
    assert_eq!(told, 3 * TICKS, "two packets and what was recorded");
    assert_eq!(allocations, 0);
}

/// What a telephone sends on which somebody hums and presses keys.
fn telephone(payloads: PayloadMap, ssrc: u32) -> Vec<RtpPacket> {
    let mut phone = AudioLeg::new(LegSettings {
        payloads,
        ssrc,
        first_sequence: 9,
        first_timestamp: 9,
        jitter: JitterSettings::default(),
    });
    phone.play(PromptId(1), dsp::tone(300.0, 8_000, 80_000, 6_000).into());
    let mut packets = Vec::new();
    for tick in 0..TICKS {
        if tick % 120 == 60 {
            phone.send_key(Key::ZERO).expect("room");
        }
        phone.tick(call_model::CallTime::from_millis(20 * tick));
        while let Some(output) = phone.poll_output() {
            if let LegOutput::Packet(packet) = output {
                packets.push(packet);
            }
        }
    }
    packets
}
