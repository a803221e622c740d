//! A stage for whole calls: a session, a caller with a telephone, an ear and a
//! voice by script, all in virtual time.

// Each test file plays other scenes.
#![allow(dead_code)]

pub mod agent;

use agent::{AGENT_PAYLOADS, AgentPhone, Earpiece, Line};
use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings};
use call_model::{
    CallHeader, CallId, CallOutcome, CallTime, Codec, FRAME_SAMPLES, Heard, HungUp, Hypothesis,
    JournalEntry, JournalLine, Key, Language, PayloadMap, PerMille, Private, PromptId, PromptPiece,
    PromptText, RecordingChoice, TurnId,
};
use call_session::{
    CallSession, EarOrder, ScoreOrder, SessionInput, SessionOutput, SessionSettings,
};
use dialplan::{Plan, PlanSources};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const PAYLOADS: PayloadMap = PayloadMap {
    codec: Codec::Pcmu,
    audio: 0,
    telephone_event: Some(101),
};

/// The pitches that prompts, whisper and music hum at.
pub const PROMPT_HZ: f32 = 700.0;
pub const WHISPER_HZ: f32 = 610.0;
pub const MUSIC_HZ: f32 = 510.0;

const SHOP: &str = "
plan: shop
languages: [en]
start: welcome
recording: on
notice: none
people: {otherwise: callback}
nodes:
  welcome:
    ask: What can I do for you?
    routes:
      number: {en: [order status, where is my order], key: 1}
    no_input: [Say order status., then: person]
  number:
    collect: Please say your order number.
    slot: order
    digits: 4
    no_input: [Say four digits., then: person]
    next: done
  done:
    say: Order {order} is on its way.
    next: bye
  bye:
    end: Thank you. Goodbye.
";

pub fn shop() -> Arc<Plan> {
    plan(SHOP)
}

pub fn plan(text: &str) -> Arc<Plan> {
    let compiled = Plan::compile(&PlanSources::of_head(text));
    Arc::new(compiled.unwrap_or_else(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    }))
}

pub fn header(plan: &Plan) -> CallHeader {
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

/// How the voice makes the next prompts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Making {
    /// A hum of so long, made within the tick.
    Hum(Duration),
    /// Words of one of the shipped voices, several times over.
    Spoken(&'static str),
    /// It cannot be made.
    Fails,
    /// It is never heard of again.
    Never,
}

/// What lay on the line in one tick.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub caller: [i16; FRAME_SAMPLES],
    pub bot: [i16; FRAME_SAMPLES],
}

pub struct Stage {
    pub session: CallSession,
    pub now: CallTime,
    making: Making,
    /// The journal so far.
    pub journal: Vec<JournalLine>,
    pub recorded: Vec<Recorded>,
    /// What the ear was told, in short: `start 1`, `finish 1`, `cancel 1`.
    pub ear: Vec<String>,
    /// Milliseconds of sound the ear got for its latest turn.
    pub ear_ms: u64,
    /// What the scorer was told, in short: `begin en`, `end`, `drop`.
    pub score: Vec<String>,
    /// Milliseconds of sound the scorer got for each utterance.
    pub score_ms: Vec<u64>,
    /// What the caller heard, keys included.
    pub caller: Earpiece,
    /// The agent's telephone, once one has answered.
    pub agent: Option<AgentPhone>,
    /// How the whisper is made.
    pub whisper: Making,
    pub line: Line,
    /// All else that the session wanted.
    pub wants: Vec<String>,
    pub over: Option<CallOutcome>,
    pub spoken: Vec<PromptId>,
    /// What the caller hears comes back: so many ticks later, and so much of it.
    pub echo: Option<(usize, f32)>,
    phone: AudioLeg,
    phone_sends: bool,
    phone_prompts: u32,
}

impl Stage {
    /// A call that was answered at 0 s and acknowledged at 0.1 s.
    pub fn set() -> Self {
        Self::with(|_| {})
    }

    /// The same, with prompts of this kind from the greeting on.
    pub fn making(making: Making) -> Self {
        let mut stage = Self::before_ack();
        stage.making = making;
        stage.advance(100);
        stage.feed(SessionInput::Acked);
        stage
    }

    /// The same with other settings.
    pub fn with(change: impl FnOnce(&mut SessionSettings)) -> Self {
        let mut stage = Self::unanswered(change);
        stage.advance(100);
        stage.feed(SessionInput::Acked);
        stage
    }

    /// A call that was answered at 0 s.
    pub fn before_ack() -> Self {
        Self::unanswered(|_| {})
    }

    fn unanswered(change: impl FnOnce(&mut SessionSettings)) -> Self {
        let plan = shop();
        let mut settings = SessionSettings::new(header(&plan), plan, PAYLOADS);
        change(&mut settings);
        let mut stage = Self {
            session: CallSession::new(settings),
            now: CallTime::ZERO,
            making: Making::Hum(Duration::from_millis(1_500)),
            journal: Vec::new(),
            recorded: Vec::new(),
            ear: Vec::new(),
            ear_ms: 0,
            score: Vec::new(),
            score_ms: Vec::new(),
            caller: Earpiece::default(),
            agent: None,
            whisper: Making::Hum(Duration::from_secs(2)),
            line: Line::new(3),
            wants: Vec::new(),
            over: None,
            spoken: Vec::new(),
            echo: None,
            phone: AudioLeg::new(LegSettings {
                payloads: PAYLOADS,
                ssrc: 0xca11,
                first_sequence: 65_530,
                first_timestamp: u32::MAX - 4_000,
                jitter: JitterSettings::default(),
            }),
            phone_sends: true,
            phone_prompts: 0,
        };
        stage.drain();
        stage
    }

    pub fn feed(&mut self, input: SessionInput<'_>) {
        self.session.handle(self.now, input);
        self.drain();
    }

    /// Lets so many milliseconds go by, packets and ticks as they fall due.
    pub fn advance(&mut self, millis: u64) {
        for _ in 0..millis / 20 {
            self.now = self.now + Duration::from_millis(20);
            if let Some((ticks, share)) = self.echo {
                let heard = &self.caller.heard;
                let back = heard.len().checked_sub(ticks).and_then(|at| heard.get(at));
                let back = back.copied().unwrap_or([0; FRAME_SAMPLES]);
                self.phone
                    .feed(&back.map(|it| (f32::from(it) * share) as i16));
            }
            self.phone.tick(self.now);
            while let Some(output) = self.phone.poll_output() {
                if let (LegOutput::Packet(packet), true) = (output, self.phone_sends) {
                    self.line.send(self.now, packet.as_bytes());
                }
            }
            for packet in self.line.arrived(self.now) {
                self.feed(SessionInput::Packet(&packet));
            }
            for packet in self.agents_packets() {
                self.feed(SessionInput::AgentPacket(&packet));
            }
            self.feed(SessionInput::Tick);
        }
    }

    fn agents_packets(&mut self) -> Vec<Vec<u8>> {
        let now = self.now;
        self.agent.as_mut().map_or_else(Vec::new, |a| a.tick(now))
    }

    /// The agent's telephone is answered.
    pub fn agent_answers(&mut self) {
        self.agent = Some(AgentPhone::new());
        let payloads = AGENT_PAYLOADS;
        self.feed(SessionInput::AgentAnswered { payloads });
    }

    /// The agent hangs up.
    pub fn agent_leaves(&mut self) {
        self.agent().is_up = false;
        self.feed(SessionInput::AgentGone);
    }

    /// The agent's telephone.
    pub fn agent(&mut self) -> &mut AgentPhone {
        self.agent.as_mut().expect("an agent who answered")
    }

    /// Goes on until the journal has a line that, in the trace, contains `mark`.
    pub fn until(&mut self, mark: &str) -> CallTime {
        let seen = self.journal.len();
        for _ in 0..3_000 {
            let found = self.journal[seen..].iter().find_map(|line| match line {
                JournalLine::At(at, entry) if told(entry).contains(mark) => Some(*at),
                JournalLine::At(..) | JournalLine::Begin(_) | JournalLine::End(..) => None,
            });
            if let Some(at) = found {
                return at;
            }
            self.advance(20);
        }
        panic!("no '{mark}' within a minute:\n{}", self.timed_trace());
    }

    /// The caller says what one of the shipped voices said.
    pub fn say(&mut self, clip: &str) {
        self.phone_prompts += 1;
        let prompt = PromptId(self.phone_prompts);
        self.phone.play(prompt, voice(clip).into());
    }

    /// The caller hums.
    pub fn hum(&mut self, freq_hz: f32, length: Duration) {
        self.phone_prompts += 1;
        let samples = usize::try_from(length.as_millis() * 8).expect("short");
        let hum = dsp::tone(freq_hz, 8_000, samples, 6_000);
        self.phone.play(PromptId(self.phone_prompts), hum.into());
    }

    pub fn press(&mut self, keys: &str) {
        for face in keys.chars() {
            let key = Key::try_from(face).expect("a key");
            self.phone.send_key(key).expect("sent");
        }
    }

    /// The caller's telephone stops or starts sending packets.
    pub fn phone_sends(&mut self, sends: bool) {
        self.phone_sends = sends;
    }

    pub fn hears(&mut self, turn: u32, text: &str) {
        let best = Hypothesis {
            text: Private::new(text.to_owned()),
            confidence: PerMille::new(900),
            words: vec![],
        };
        self.feed(SessionInput::Heard(Heard::Final {
            turn: TurnId(turn),
            best,
            others: vec![],
            spotted: vec![],
            language: None,
        }));
    }

    pub fn hears_so_far(&mut self, turn: u32, text: &str) {
        self.feed(SessionInput::Heard(Heard::Partial {
            turn: TurnId(turn),
            text: Private::new(text.to_owned()),
            is_complete: true,
            can_continue: false,
            is_doubtful: false,
            spotted: vec![],
        }));
    }

    pub fn hang_up(&mut self) {
        self.feed(SessionInput::HungUp(HungUp::ByCaller));
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            assert!(self.over.is_none(), "{output:?} after the end");
            self.take(output);
        }
    }

    fn take(&mut self, output: SessionOutput) {
        match output {
            SessionOutput::Packet(packet) => {
                let (now, phone) = (self.now, &mut self.phone);
                self.caller.take(now, packet.as_bytes(), PAYLOADS, phone);
            }
            SessionOutput::AgentPacket(packet) => {
                let now = self.now;
                self.agent().take(now, packet.as_bytes());
            }
            SessionOutput::MakeWhisper { .. } => self.make_whisper(),
            SessionOutput::Connected => self.wants.push("two people joined".to_owned()),
            SessionOutput::HangUpAgent => {
                self.agent().is_up = false;
                self.wants.push("hang up the agent".to_owned());
            }
            SessionOutput::Speak { prompt, .. } => self.make(prompt),
            SessionOutput::Record { caller, bot } => self.recorded.push(Recorded { caller, bot }),
            SessionOutput::Journal(line) => self.journal.push(line),
            SessionOutput::Ear(order) => self.take_ear(&order),
            SessionOutput::Score(order) => self.take_score(&order),
            SessionOutput::FetchPerson(handoff) => {
                self.wants.push(format!("person for {}", handoff.reason));
            }
            SessionOutput::BookCallback(_) => self.wants.push("call back".to_owned()),
            SessionOutput::ReleasePerson => self.wants.push("nobody any more".to_owned()),
            SessionOutput::CallApi(_) => self.wants.push("a back end".to_owned()),
            SessionOutput::AskIntent(_) => self.wants.push("the intent tier".to_owned()),
            SessionOutput::CancelIntent(_) => self.wants.push("no answer any more".to_owned()),
            SessionOutput::TellIntent(_) => self.wants.push("to tell a fact".to_owned()),
            SessionOutput::HangUp(cause) => self.wants.push(format!("hang up, {cause:?}")),
            SessionOutput::Over(outcome) => self.over = Some(outcome),
        }
    }

    fn take_ear(&mut self, order: &EarOrder) {
        match order {
            EarOrder::Start { turn, .. } => {
                self.ear.push(format!("start {}", turn.0));
                self.ear_ms = 0;
            }
            EarOrder::Audio { .. } => self.ear_ms += 20,
            EarOrder::Finish(turn) => self.ear.push(format!("finish {}", turn.0)),
            EarOrder::Cancel(turn) => self.ear.push(format!("cancel {}", turn.0)),
        }
    }

    fn take_score(&mut self, order: &ScoreOrder) {
        match order {
            ScoreOrder::Begin(language) => {
                self.score.push(format!("begin {language}"));
                self.score_ms.push(0);
            }
            ScoreOrder::Audio(_) => *self.score_ms.last_mut().expect("an utterance") += 20,
            ScoreOrder::End => self.score.push("end".to_owned()),
            ScoreOrder::Drop => self.score.push("drop".to_owned()),
        }
    }

    fn make(&mut self, prompt: PromptId) {
        self.spoken.push(prompt);
        let audio = match self.making {
            Making::Hum(length) => Some(hum(length)),
            Making::Spoken(clip) => Some(voice(clip).repeat(4).into()),
            Making::Fails => None,
            Making::Never => return,
        };
        self.session
            .handle(self.now, SessionInput::PromptReady { prompt, audio });
    }

    fn make_whisper(&mut self) {
        let audio = match self.whisper {
            Making::Hum(length) => Some(hum_of(WHISPER_HZ, length)),
            Making::Spoken(clip) => Some(voice(clip).into()),
            Making::Fails => None,
            Making::Never => return,
        };
        self.session
            .handle(self.now, SessionInput::WhisperReady { audio });
    }

    /// The journal as people read it: direction and what, without the times.
    pub fn trace(&self) -> String {
        let lines = self.journal.iter().filter_map(|line| match line {
            JournalLine::Begin(header) => Some(format!("Begin {}\n", header.plan)),
            JournalLine::At(_, JournalEntry::Wake { .. }) => None,
            JournalLine::At(_, entry) => Some(told(entry) + "\n"),
            JournalLine::End(_, CallOutcome::Ended(how)) => Some(format!("Ended({how:?})\n")),
            JournalLine::End(_, CallOutcome::Interrupted) => Some("Interrupted\n".to_owned()),
        });
        lines.collect()
    }

    /// The same with times and awakenings, for whoever looks into a failure.
    /// When a line of the journal with this mark first stood in it.
    pub fn first(&self, mark: &str) -> CallTime {
        let found = self.journal.iter().find_map(|line| match line {
            JournalLine::At(at, entry) if told(entry).contains(mark) => Some(*at),
            JournalLine::At(..) | JournalLine::Begin(_) | JournalLine::End(..) => None,
        });
        found.unwrap_or_else(|| panic!("no '{mark}':\n{}", self.timed_trace()))
    }

    pub fn timed_trace(&self) -> String {
        let lines = self.journal.iter().map(|line| match line {
            JournalLine::Begin(_) => "   0.000 Begin\n".to_owned(),
            JournalLine::At(at, entry) => format!("{at:>8} {}\n", told(entry)),
            JournalLine::End(at, outcome) => format!("{at:>8} {outcome:?}\n"),
        });
        lines.collect()
    }
}

pub fn hum(length: Duration) -> Arc<[i16]> {
    hum_of(PROMPT_HZ, length)
}

pub fn hum_of(freq_hz: f32, length: Duration) -> Arc<[i16]> {
    let samples = usize::try_from(length.as_millis() * 8).expect("short");
    dsp::tone(freq_hz, 8_000, samples, 6_000).into()
}

/// The samples of a shipped voice, e.g. `slt/yes`.
pub fn voice(clip: &str) -> Vec<i16> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../audio-fixtures");
    let reader = hound::WavReader::open(root.join(format!("{clip}.wav"))).expect("a clip");
    reader
        .into_samples()
        .map(|sample| sample.expect("sample"))
        .collect()
}

/// One entry as a line of the trace.
fn told(entry: &JournalEntry) -> String {
    use call_model::CallAction as Do;
    use call_model::CallInput as In;
    match entry {
        JournalEntry::In(input) => match input {
            In::SpeechStarted { .. } => "> SpeechStarted".to_owned(),
            In::SpeechEnded { .. } => "> SpeechEnded".to_owned(),
            In::Heard(Heard::Final { best, .. }) => format!("> Heard '{}'", best.text.reveal()),
            In::Heard(Heard::Partial { text, .. }) => format!("> Heard '{}' …", text.reveal()),
            In::Heard(Heard::NoMatch { .. }) => "> Heard nothing that fits".to_owned(),
            In::PromptStarted(prompt) => format!("> PromptStarted {}", prompt.0),
            In::PromptEnded { prompt, end } => format!("> PromptEnded {} {end:?}", prompt.0),
            In::KeyPressed(key) => format!("> KeyPressed {key}"),
            other => format!("> {other:?}"),
        },
        JournalEntry::Out(action) => match action {
            Do::Play { prompt, text, .. } => format!("  < Play {} '{}'", prompt.0, shown(text)),
            Do::Listen { turn, .. } => format!("  < Listen {}", turn.0),
            Do::Decide(decision) => format!("  < {decision:?}"),
            Do::Escalate { reason, .. } => format!("  < Escalate {reason}"),
            Do::FetchPerson(handoff) => format!("  < FetchPerson {}", handoff.reason),
            Do::Duck(prompt) => format!("  < Duck {}", prompt.0),
            Do::Unduck(prompt) => format!("  < Unduck {}", prompt.0),
            Do::StopPlaying(prompt) => format!("  < StopPlaying {}", prompt.0),
            Do::FinishHearing(turn) => format!("  < FinishHearing {}", turn.0),
            Do::StopListening(turn) => format!("  < StopListening {}", turn.0),
            Do::ReleasePerson => "  < ReleasePerson".to_owned(),
            Do::StartMusic => "  < StartMusic".to_owned(),
            Do::StopMusic => "  < StopMusic".to_owned(),
            Do::CallApi(_) => "  < CallApi".to_owned(),
            Do::AskIntent(_) => "  < AskIntent".to_owned(),
            Do::CancelIntent(_) => "  < CancelIntent".to_owned(),
            Do::TellIntent(_) => "  < TellIntent".to_owned(),
            Do::AnalyseVoice(choice) => format!("  < AnalyseVoice {choice:?}"),
            Do::BookCallback(_) => "  < BookCallback".to_owned(),
            Do::HangUp(cause) => format!("  < HangUp {cause:?}"),
        },
        JournalEntry::Wake { deadline, .. } => format!("~ {deadline}"),
    }
}

fn shown(text: &PromptText) -> String {
    let pieces: Vec<String> = text
        .pieces
        .iter()
        .map(|piece| match piece {
            PromptPiece::Text(words) => words.reveal().clone(),
            PromptPiece::File(file) => format!("[{file}]"),
            PromptPiece::Pause(ms) => format!("[{ms} ms]"),
        })
        .collect();
    pieces.join(" ")
}
