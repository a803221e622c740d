//! The session: everything that belongs to one call, driven from outside.

use crate::desk::Desk;
use crate::ear_line::EarLine;
use crate::echo::EchoGuard;
use crate::io::{SessionInput, SessionOutput};
use crate::prompts::{Made, Prompts};
use crate::score_line::ScoreLine;
use crate::settings::{SessionLimits, SessionSettings};
use crate::standing::{Media, Standing};
use call_audio::{AudioLeg, JitterSettings, LegSettings, LegStats, is_rtcp};
use call_engine::Call;
use call_model::{
    CallInput, CallTime, Heard, JournalEntry, JournalLine, PayloadMap, PersonOutcome, PromptEnd,
    PromptId, RecordingChoice,
};
use dialplan::Plan;
use std::collections::VecDeque;
use std::sync::Arc;
use voice_activity::{VoiceDetector, VoiceSettings};

/// Room for what one tick usually brings.
const OUTPUTS: usize = 8;

/// One call, whole. It lives on one thread and is told everything.
///
/// Inputs come in the order of their times; outputs are drained after each. After
/// [`SessionOutput::Over`] it takes no input and tells nothing more.
#[derive(Debug)]
pub struct CallSession {
    pub(crate) plan: Arc<Plan>,
    pub(crate) limits: SessionLimits,
    pub(crate) recording: RecordingChoice,
    pub(crate) call: Call,
    pub(crate) leg: AudioLeg,
    pub(crate) echo: EchoGuard,
    pub(crate) voice: VoiceDetector,
    pub(crate) voice_settings: VoiceSettings,
    pub(crate) ear: EarLine,
    pub(crate) score: ScoreLine,
    pub(crate) prompts: Prompts,
    pub(crate) desk: Desk,
    pub(crate) music: HoldMusic,
    pub(crate) keys_not_passed: u64,
    pub(crate) seed: u64,
    pub(crate) standing: Standing,
    news: VecDeque<CallInput>,
    pub(crate) outputs: VecDeque<SessionOutput>,
}

/// Whether the engine wants music where no prompt sounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HoldMusic {
    On,
    Off,
}

/// What one session counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionStats {
    /// The caller's leg's counts.
    pub leg: LegStats,
    /// Those of the agent's leg that is open, or was last; none: nobody came.
    pub agent: Option<LegStats>,
    /// Keys between caller and agent that the other's telephone does not take.
    pub keys_not_passed: u64,
    /// News of the ear about turns that were over.
    pub heard_too_late: u64,
    /// Prompts that were made when nobody waited for them any more.
    pub prompts_too_late: u64,
}

impl CallSession {
    /// A call whose answer goes out now. The journal's first line waits already.
    pub fn new(settings: SessionSettings) -> Self {
        let SessionSettings {
            header,
            plan,
            payloads,
            limits,
            voice,
            scorer,
        } = settings;
        let mut outputs = VecDeque::with_capacity(OUTPUTS);
        let call = Call::new(&header, Arc::clone(&plan));
        let score = ScoreLine::new(scorer, call.voice_analysis());
        let seed = header.seed;
        let leg = AudioLeg::new(leg_settings(seed, CALLERS_LEG, payloads));
        let recording = header.recording;
        outputs.push_back(SessionOutput::Journal(JournalLine::Begin(Box::new(header))));
        Self {
            plan,
            limits,
            recording,
            call,
            leg,
            echo: EchoGuard::new(),
            voice: VoiceDetector::new(voice),
            voice_settings: voice,
            ear: EarLine::new(),
            score,
            prompts: Prompts::default(),
            desk: Desk::default(),
            music: HoldMusic::Off,
            keys_not_passed: 0,
            seed,
            standing: Standing::new(),
            news: VecDeque::new(),
            outputs,
        }
    }

    /// Takes news that came at `now`; what was due by then is done first.
    pub fn handle(&mut self, now: CallTime, input: SessionInput<'_>) {
        self.serve_due(now);
        if !self.standing.is_over() {
            self.take(now, input);
            self.settle(now);
            self.serve_standing(now);
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<SessionOutput> {
        self.outputs.pop_front()
    }

    /// When the next thing is due, if no news comes before; then any input will do,
    /// [`SessionInput::Woken`] if there is no other.
    pub fn poll_timeout(&self) -> Option<CallTime> {
        if self.standing.is_over() {
            return None;
        }
        let engine = self.call.poll_timeout().map(|(at, _)| at);
        let outside = self.standing.due(&self.limits).map(|(at, _)| at);
        let desk = self.desk.due(&self.limits).map(|(at, _)| at);
        [engine, outside, desk, self.prompts.due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether the call is over.
    pub const fn is_over(&self) -> bool {
        self.standing.is_over()
    }

    /// What was counted until now.
    pub fn stats(&self) -> SessionStats {
        SessionStats {
            leg: self.leg.stats(),
            agent: self.desk.stats(),
            keys_not_passed: self.keys_not_passed,
            heard_too_late: self.ear.dropped(),
            prompts_too_late: self.prompts.too_late(),
        }
    }

    fn take(&mut self, now: CallTime, input: SessionInput<'_>) {
        match input {
            SessionInput::Acked => {
                if self.standing.acked(now, &self.limits) {
                    self.tell(CallInput::Answered);
                }
            }
            SessionInput::Packet(packet) => self.take_packet(now, packet),
            SessionInput::Tick => self.tick(now),
            SessionInput::Woken => {}
            SessionInput::Heard(heard) => self.take_heard(heard),
            SessionInput::PromptReady { prompt, audio } => self.take_prompt(prompt, audio),
            SessionInput::EarLost => {
                if self.ear.lost() {
                    self.tell(CallInput::EarLost);
                }
            }
            SessionInput::EarRestored => {
                if self.ear.restored(&mut self.outputs) {
                    self.tell(CallInput::EarRestored);
                }
            }
            SessionInput::Person(outcome) => self.take_person(outcome),
            SessionInput::Api { request, outcome } => {
                self.tell(CallInput::Api { request, outcome });
            }
            SessionInput::Intent { question, news } => {
                self.tell(CallInput::Intent { question, news });
            }
            SessionInput::InfoKey(key) => {
                if self.leg.payloads().telephone_event.is_none() {
                    self.tell(CallInput::KeyPressed(key));
                }
            }
            SessionInput::Emotion(score) => {
                if self.score.takes(&score) && !self.is_with_person() {
                    self.tell(CallInput::Emotion(score));
                }
            }
            SessionInput::Music(sound) => self.leg.set_music(sound),
            SessionInput::AgentAnswered { payloads } => self.agent_answered(now, payloads),
            SessionInput::AgentPacket(packet) => self.agent_packet(now, packet),
            SessionInput::AgentPayloads(payloads) => self.agent_payloads(payloads),
            SessionInput::WhisperReady { audio } => self.whisper_ready(now, audio),
            SessionInput::AgentHeld => self.agent_media(Media::Held),
            SessionInput::AgentReturned => self.agent_media(Media::Expected { last: now }),
            SessionInput::AgentGone => self.agent_gone(),
            SessionInput::CallerHeld => {
                self.standing.set_media(Media::Held);
                self.tell(CallInput::CallerHeld);
            }
            SessionInput::CallerReturned => {
                self.standing.set_media(Media::Expected { last: now });
                self.tell(CallInput::CallerReturned);
            }
            SessionInput::Payloads(payloads) => self.leg.set_payloads(payloads),
            SessionInput::Draining => self.tell(CallInput::Draining),
            SessionInput::Failed { what } => self.tell(CallInput::Failed { what }),
            SessionInput::HungUp(how) => self.end(now, how),
        }
    }

    /// A malformed packet changes nothing but the leg's counts.
    fn take_packet(&mut self, now: CallTime, packet: &[u8]) {
        if self.leg.handle_packet(now, packet).is_err() || is_rtcp(packet) {
            return;
        }
        if self.standing.packet(now, &self.limits) {
            self.tell(CallInput::Answered);
        }
        self.drain_leg();
    }

    /// A person has the caller, on a leg of this session or elsewhere.
    pub(crate) fn is_with_person(&self) -> bool {
        self.desk.is_bridged() || self.call.is_with_person()
    }

    fn take_heard(&mut self, heard: Heard) {
        if self.ear.takes(&heard) {
            self.tell(CallInput::Heard(heard));
        }
    }

    /// Who answers after nobody was to be had comes too late, unless fetched anew.
    fn take_person(&mut self, outcome: PersonOutcome) {
        match outcome {
            PersonOutcome::Failed(_) => self.desk.want_nobody(),
            PersonOutcome::Queued { .. }
            | PersonOutcome::Ringing
            | PersonOutcome::Connected
            | PersonOutcome::Left => {}
        }
        self.tell(CallInput::Person(outcome));
    }

    fn take_prompt(&mut self, prompt: PromptId, audio: Option<Arc<[i16]>>) {
        match self.prompts.made(prompt, audio) {
            Made::Play(audio) => {
                self.leg.play(prompt, audio);
                self.drain_leg();
            }
            Made::Failed => self.tell_end(prompt, PromptEnd::Failed),
            Made::TooLate => {}
        }
    }

    pub(crate) fn tell(&mut self, input: CallInput) {
        self.news.push_back(input);
    }

    pub(crate) fn tell_end(&mut self, prompt: PromptId, end: PromptEnd) {
        self.tell(CallInput::PromptEnded { prompt, end });
    }

    /// Gives the engine all news, and does what it says, until both are quiet.
    pub(crate) fn settle(&mut self, now: CallTime) {
        while let Some(input) = self.news.pop_front() {
            self.feed(now, input);
            while let Some(action) = self.call.poll_action() {
                self.journal(now, JournalEntry::Out(action.clone()));
                self.act(now, action);
            }
        }
    }

    fn feed(&mut self, now: CallTime, input: CallInput) {
        self.call.handle(now, &input);
        self.journal(now, JournalEntry::In(input));
    }

    pub(crate) fn journal(&mut self, now: CallTime, entry: JournalEntry) {
        let line = JournalLine::At(now, entry);
        self.outputs.push_back(SessionOutput::Journal(line));
    }
}

/// The number of the caller's leg; agents' legs follow it.
const CALLERS_LEG: u64 = 0;

/// The numbers that RFC 3550 §5.1 wants unpredictable follow from the call's seed,
/// which the shell draws; each leg of the call has its own.
pub(crate) fn leg_settings(seed: u64, leg: u64, payloads: PayloadMap) -> LegSettings {
    let seed = match leg {
        CALLERS_LEG => seed,
        leg => scatter(seed ^ leg.rotate_right(8)),
    };
    let (first, second) = (scatter(seed), scatter(seed ^ u64::MAX));
    LegSettings {
        payloads,
        ssrc: first as u32,
        first_sequence: (first >> 32) as u16,
        first_timestamp: second as u32,
        jitter: JitterSettings::default(),
    }
}

/// A mixing of 64 bits in which every bit of the seed reaches every bit of the result
/// (the finaliser of SplitMix64, Steele, Lea and Flood 2014).
const fn scatter(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
