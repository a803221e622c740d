//! The session: everything that belongs to one call, driven from outside.

use crate::answering::{Due, Media, Standing};
use crate::ear_line::{EarLine, Finishing, Wanted};
use crate::io::{SessionInput, SessionOutput};
use crate::prompts::{Made, Prompts, Stopping};
use crate::settings::{SessionLimits, SessionSettings};
use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, LegStats, is_rtcp};
use call_engine::Call;
use call_model::{
    CallAction, CallHeader, CallInput, CallOutcome, CallTime, FRAME_SAMPLES, GrammarId, Heard,
    HungUp, JournalEntry, JournalLine, Language, PayloadMap, PcmFrame, PromptEnd, PromptId,
    RecordingChoice, TurnId,
};
use dialplan::Plan;
use std::collections::VecDeque;
use std::sync::Arc;
use voice_activity::{VoiceDetector, VoiceNews};

/// Deadlines of the engine that one awakening may serve; more would be a circle.
const DUE_AT_ONCE: usize = 32;
/// Room for what one tick usually brings.
const OUTPUTS: usize = 8;

/// One call, whole. It lives on one thread and is told everything.
///
/// Inputs come in the order of their times; outputs are drained after each. After
/// [`SessionOutput::Over`] it takes no input and tells nothing more.
#[derive(Debug)]
pub struct CallSession {
    plan: Arc<Plan>,
    limits: SessionLimits,
    recording: RecordingChoice,
    call: Call,
    leg: AudioLeg,
    voice: VoiceDetector,
    ear: EarLine,
    prompts: Prompts,
    standing: Standing,
    news: VecDeque<CallInput>,
    outputs: VecDeque<SessionOutput>,
}

/// What one session counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionStats {
    /// The leg's counts.
    pub leg: LegStats,
    /// News of the ear about turns that were over.
    pub heard_too_late: u64,
    /// Prompts that were made when nobody waited for them any more.
    pub prompts_too_late: u64,
}

/// The two sides of one tick.
struct Tick {
    caller: [i16; FRAME_SAMPLES],
    bot: [i16; FRAME_SAMPLES],
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
        } = settings;
        let mut outputs = VecDeque::with_capacity(OUTPUTS);
        let call = Call::new(&header, Arc::clone(&plan));
        let leg = AudioLeg::new(leg_settings(&header, payloads));
        let recording = header.recording;
        outputs.push_back(SessionOutput::Journal(JournalLine::Begin(Box::new(header))));
        Self {
            plan,
            limits,
            recording,
            call,
            leg,
            voice: VoiceDetector::new(voice),
            ear: EarLine::new(),
            prompts: Prompts::default(),
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
        [engine, outside, self.prompts.due()]
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
                self.ear.lost();
                self.tell(CallInput::EarLost);
            }
            SessionInput::EarRestored => {
                self.ear.restored(&mut self.outputs);
                self.tell(CallInput::EarRestored);
            }
            SessionInput::Person(outcome) => self.tell(CallInput::Person(outcome)),
            SessionInput::Emotion(score) => self.tell(CallInput::Emotion(score)),
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

    fn take_heard(&mut self, heard: Heard) {
        if self.ear.takes(&heard) {
            self.tell(CallInput::Heard(heard));
        }
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

    fn tick(&mut self, now: CallTime) {
        self.leg.tick(now);
        let Some(Tick { caller, bot }) = self.drain_leg() else {
            return;
        };
        if self.standing.is_talking() && self.recording == RecordingChoice::On {
            self.outputs
                .push_back(SessionOutput::Record { caller, bot });
        }
    }

    /// Passes on what the leg tells; the two sides of the tick, if it was one.
    fn drain_leg(&mut self) -> Option<Tick> {
        let (mut caller, mut bot) = (None, None);
        while let Some(output) = self.leg.poll_output() {
            match output {
                LegOutput::Frame(frame) => {
                    self.take_frame(&frame);
                    caller = Some(frame.samples);
                }
                LegOutput::Key(key) => self.tell(CallInput::KeyPressed(key)),
                LegOutput::Packet(packet) => self.outputs.push_back(SessionOutput::Packet(packet)),
                LegOutput::PromptStarted(prompt) => self.tell(CallInput::PromptStarted(prompt)),
                LegOutput::PromptEnded { prompt, end } => {
                    if self.prompts.end(prompt) {
                        self.tell_end(prompt, end);
                    }
                }
                LegOutput::Sent(frame) => bot = Some(frame.samples),
            }
        }
        let (caller, bot) = (caller?, bot?);
        Some(Tick { caller, bot })
    }

    fn take_frame(&mut self, frame: &PcmFrame) {
        if !self.standing.is_talking() {
            return;
        }
        self.ear.frame(frame, &mut self.outputs);
        match self.voice.push(frame) {
            None => {}
            Some(VoiceNews::SpeechStarted { since }) => {
                self.ear.speech_started(&mut self.outputs);
                self.tell(CallInput::SpeechStarted { since });
            }
            Some(VoiceNews::SpeechEnded { since }) => {
                self.ear.speech_ended();
                self.tell(CallInput::SpeechEnded { since });
            }
        }
    }

    fn tell(&mut self, input: CallInput) {
        self.news.push_back(input);
    }

    fn tell_end(&mut self, prompt: PromptId, end: PromptEnd) {
        self.tell(CallInput::PromptEnded { prompt, end });
    }

    /// Gives the engine all news, and does what it says, until both are quiet.
    fn settle(&mut self, now: CallTime) {
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

    fn journal(&mut self, now: CallTime, entry: JournalEntry) {
        let line = JournalLine::At(now, entry);
        self.outputs.push_back(SessionOutput::Journal(line));
    }

    fn act(&mut self, now: CallTime, action: CallAction) {
        match action {
            CallAction::Play { prompt, .. } if self.standing.is_over() => {
                self.tell_end(prompt, PromptEnd::Failed);
            }
            CallAction::Play { prompt, text, .. } => {
                self.prompts.begin(prompt, now + self.limits.prompt_making);
                self.outputs
                    .push_back(SessionOutput::Speak { prompt, text });
            }
            CallAction::Duck(prompt) => self.leg.duck(prompt),
            CallAction::Unduck(prompt) => self.leg.unduck(prompt),
            CallAction::StopPlaying(prompt) => self.stop_playing(prompt),
            CallAction::Listen {
                turn,
                grammar,
                language,
            } => self.listen(turn, grammar, language),
            CallAction::FinishHearing(turn) => self.finish_hearing(turn),
            CallAction::StopListening(turn) => self.ear.stop(turn, &mut self.outputs),
            CallAction::FetchPerson(_) if self.standing.is_over() => {}
            CallAction::FetchPerson(handoff) => {
                self.outputs.push_back(SessionOutput::FetchPerson(handoff));
            }
            CallAction::BookCallback(handoff) => {
                self.outputs.push_back(SessionOutput::BookCallback(handoff));
            }
            CallAction::HangUp(cause) => self.standing.leave(cause, now, &self.limits),
            CallAction::Escalate { .. } | CallAction::Decide(_) => {}
        }
    }

    fn stop_playing(&mut self, prompt: PromptId) {
        match self.prompts.stop(prompt) {
            Stopping::NotBegun => self.tell_end(prompt, PromptEnd::Stopped { heard_ms: 0 }),
            Stopping::OnTheLeg => {
                self.leg.stop(prompt);
                self.drain_leg();
            }
            Stopping::Unknown => {}
        }
    }

    fn listen(&mut self, turn: TurnId, grammar: Option<GrammarId>, language: Language) {
        let grammar = grammar.and_then(|id| self.plan.grammar(id));
        let wanted = Wanted {
            turn,
            grammar: grammar.cloned(),
            escalation: Arc::clone(self.plan.escalation_words(language)),
        };
        self.ear.listen(wanted, &mut self.outputs);
    }

    /// A turn of which the ear heard nothing is answered here, so that nobody waits.
    fn finish_hearing(&mut self, turn: TurnId) {
        if self.ear.finish(turn, &mut self.outputs) == Finishing::NothingHeard {
            self.tell(CallInput::Heard(Heard::NoMatch {
                turn,
                rejected: None,
                spotted: vec![],
            }));
        }
    }

    fn serve_due(&mut self, now: CallTime) {
        while let Some(prompt) = self.prompts.take_overdue(now) {
            self.tell_end(prompt, PromptEnd::Failed);
        }
        self.serve_standing(now);
        self.settle(now);
        for _ in 0..DUE_AT_ONCE {
            let due = self.call.poll_timeout().filter(|(at, _)| *at <= now);
            let Some((at, deadline)) = due.filter(|_| !self.standing.is_over()) else {
                return;
            };
            let deadline = deadline.to_string();
            self.journal(now, JournalEntry::Wake { at, deadline });
            self.tell(CallInput::DeadlineReached);
            self.settle(now);
        }
    }

    fn serve_standing(&mut self, now: CallTime) {
        let due = self.standing.due(&self.limits);
        match due.filter(|(at, _)| *at <= now) {
            None => {}
            Some((_, Due::Greet)) => {
                self.standing.talk(now, &self.limits);
                self.tell(CallInput::Answered);
            }
            Some((_, Due::Leave(cause))) => {
                self.outputs.push_back(SessionOutput::HangUp(cause));
                self.end(now, cause.into());
            }
            Some((_, Due::End(how))) => self.end(now, how),
        }
    }

    /// Ends the call: the engine learns it, every prompt gets its end, the journal its
    /// last line.
    fn end(&mut self, now: CallTime, how: HungUp) {
        self.settle(now);
        self.standing = Standing::Over;
        self.tell(CallInput::HungUp(how));
        self.settle(now);
        while let Some(prompt) = self.prompts.oldest() {
            self.stop_playing(prompt);
            if self.prompts.end(prompt) {
                self.tell_end(prompt, PromptEnd::Stopped { heard_ms: 0 });
            }
            self.settle(now);
        }
        self.ear.hang_up(&mut self.outputs);
        let outcome = CallOutcome::Ended(how);
        let line = JournalLine::End(now, outcome);
        self.outputs.push_back(SessionOutput::Journal(line));
        self.outputs.push_back(SessionOutput::Over(outcome));
    }
}

/// The numbers that RFC 3550 §5.1 wants unpredictable follow from the call's seed,
/// which the shell draws.
fn leg_settings(header: &CallHeader, payloads: PayloadMap) -> LegSettings {
    let (first, second) = (scatter(header.seed), scatter(header.seed ^ u64::MAX));
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
