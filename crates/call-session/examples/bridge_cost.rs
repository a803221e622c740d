//! `cargo run --release -p call-session --example bridge_cost`: what a second of a call
//! costs, by what goes on in it. Counted is the processor's time, not the wall's, so
//! that a busy machine does not matter much; packets are made beforehand.

use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, RtpPacket};
use call_model::{
    CallHeader, CallId, CallTime, Codec, FRAME_TIME, Language, PayloadMap, Private, PromptId,
    RecordingChoice,
};
use call_session::{CallSession, SessionInput, SessionOutput, SessionSettings};
use dialplan::{Plan, PlanSources};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Seconds of each kind of call, all calls together.
const SECONDS: usize = 60;
const CALLS: u32 = 40;
const TICKS: usize = SECONDS * 50;

const CALLER: PayloadMap = PayloadMap {
    codec: Codec::Pcmu,
    audio: 0,
    telephone_event: Some(101),
};
const AGENT: PayloadMap = PayloadMap {
    codec: Codec::Pcma,
    audio: 8,
    telephone_event: Some(101),
};

const PLAN: &str = "
plan: cost
languages: [en]
start: welcome
recording: on
notice: none
people: {transfer: 'sip:desk@192.0.2.10', otherwise: callback}
nodes:
  welcome: {say: Hello., next: desk}
  desk: {handoff: desk}
";

/// What goes on in a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scene {
    /// The bot speaks, the caller is quiet.
    Prompt,
    /// The caller speaks to the bot; without the recogniser, which has threads of its own.
    Speech,
    /// The caller waits with music.
    Music,
    /// Caller and agent speak to each other.
    Bridge,
}

fn main() {
    println!("scene    µs of processor a call-second");
    for scene in [Scene::Prompt, Scene::Speech, Scene::Music, Scene::Bridge] {
        let spent: Duration = (0..CALLS).map(|_| cost(scene)).sum();
        let seconds = SECONDS as f64 * f64::from(CALLS);
        let micros = spent.as_secs_f64() * 1e6 / seconds;
        println!("{:<8} {micros:>8.1}", format!("{scene:?}"));
    }
}

/// The processor's time for one call of a kind, its beginning left out.
fn cost(scene: Scene) -> Duration {
    let caller = match scene {
        Scene::Speech | Scene::Bridge => packets(CALLER, 1, &speech()),
        Scene::Prompt | Scene::Music => packets(CALLER, 1, &[]),
    };
    let agent = packets(AGENT, 2, &speech());
    let mut call = Running::begin(scene);
    let before = processor_time();
    for (caller, agent) in caller.iter().zip(&agent) {
        call.now = call.now + FRAME_TIME;
        call.feed(SessionInput::Packet(caller.as_bytes()));
        if scene == Scene::Bridge {
            call.feed(SessionInput::AgentPacket(agent.as_bytes()));
        }
        call.feed(SessionInput::Tick);
    }
    let spent = processor_time().saturating_sub(before);
    assert!(!call.session.is_over(), "{scene:?} ended");
    assert_eq!(call.bridged, scene == Scene::Bridge);
    assert!(call.audible_ticks > TICKS / 2, "{scene:?} was silent");
    spent
}

/// A session and a shell that makes every prompt at once.
struct Running {
    session: CallSession,
    now: CallTime,
    scene: Scene,
    bridged: bool,
    /// Ticks in which the caller heard something.
    audible_ticks: usize,
}

impl Running {
    fn begin(scene: Scene) -> Self {
        let plan = Plan::compile(&PlanSources::of_head(PLAN)).expect("a plan");
        let plan = Arc::new(plan);
        let settings = SessionSettings::new(header(&plan), plan, CALLER);
        let mut call = Self {
            session: CallSession::new(settings),
            now: CallTime::ZERO,
            scene,
            bridged: false,
            audible_ticks: 0,
        };
        let music = dsp::tone(440.0, 8_000, 8_000 * 20, 6_000);
        call.feed(SessionInput::Music(Some(music.into())));
        call.feed(SessionInput::Acked);
        call.now = call.now + Duration::from_millis(400);
        call.feed(SessionInput::Woken);
        if matches!(scene, Scene::Music | Scene::Bridge) {
            for _ in 0..100 {
                call.now = call.now + FRAME_TIME;
                call.feed(SessionInput::Tick);
            }
        }
        if scene == Scene::Bridge {
            call.feed(SessionInput::AgentAnswered { payloads: AGENT });
        }
        call
    }

    fn feed(&mut self, input: SessionInput<'_>) {
        self.session.handle(self.now, input);
        while let Some(output) = self.session.poll_output() {
            match output {
                SessionOutput::Speak { prompt, .. } => {
                    let length = match self.scene {
                        Scene::Prompt | Scene::Speech => 8_000 * (SECONDS + 5),
                        Scene::Music | Scene::Bridge => 800,
                    };
                    let audio = Some(dsp::tone(700.0, 8_000, length, 6_000).into());
                    let made = SessionInput::PromptReady { prompt, audio };
                    self.session.handle(self.now, made);
                }
                SessionOutput::MakeWhisper { .. } => {
                    let none = SessionInput::WhisperReady { audio: None };
                    self.session.handle(self.now, none);
                }
                SessionOutput::Connected => self.bridged = true,
                SessionOutput::Record { bot, .. } => {
                    self.audible_ticks += usize::from(bot.iter().any(|sample| *sample != 0));
                }
                SessionOutput::Journal(_)
                | SessionOutput::Packet(_)
                | SessionOutput::AgentPacket(_)
                | SessionOutput::Ear(_)
                | SessionOutput::FetchPerson(_)
                | SessionOutput::ReleasePerson
                | SessionOutput::BookCallback(_)
                | SessionOutput::CallApi(_)
                | SessionOutput::AskIntent(_)
                | SessionOutput::CancelIntent(_)
                | SessionOutput::TellIntent(_)
                | SessionOutput::Score(_)
                | SessionOutput::HangUpAgent
                | SessionOutput::HangUp(_)
                | SessionOutput::Over(_) => {}
            }
        }
    }
}

fn header(plan: &Plan) -> CallHeader {
    CallHeader {
        call: CallId::new(1_700_000_000_000, 7),
        sip_call_id: "7@example.org".to_owned(),
        started_unix_millis: 1_700_000_000_000,
        trunk: "front".to_owned(),
        caller: Private::new("+4930123456".to_owned()),
        called: "100".to_owned(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: call_engine::ENGINE_VERSION.to_owned(),
        language: Language::En,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: 11,
        recording: RecordingChoice::On,
    }
}

/// What a telephone sends that plays this sound over and over.
fn packets(payloads: PayloadMap, ssrc: u32, sound: &[i16]) -> Vec<RtpPacket> {
    let mut phone = AudioLeg::new(LegSettings {
        payloads,
        ssrc,
        first_sequence: 1,
        first_timestamp: 1,
        jitter: JitterSettings::default(),
    });
    let whole: Vec<i16> = sound.iter().copied().cycle().take(TICKS * 160).collect();
    phone.play(PromptId(1), whole.into());
    let mut packets = Vec::with_capacity(TICKS);
    for tick in 0..TICKS as u64 {
        phone.tick(CallTime::from_millis(20 * tick));
        while let Some(output) = phone.poll_output() {
            if let LegOutput::Packet(packet) = output {
                packets.push(packet);
            }
        }
    }
    packets
}

/// A shipped voice, with a pause behind it.
fn speech() -> Vec<i16> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../audio-fixtures");
    let reader = hound::WavReader::open(root.join("slt/where-is-my-order.wav")).expect("a clip");
    let said = reader.into_samples().map(|sample| sample.expect("sample"));
    said.chain(std::iter::repeat_n(0, 4_000)).collect()
}

/// What this thread has had of the processor (Linux: proc_pid_schedstat).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = stat.split(' ').next().expect("a first field");
    Duration::from_nanos(nanos.parse().expect("a number"))
}
