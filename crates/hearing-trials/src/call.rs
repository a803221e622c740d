//! One whole call in virtual time: the real session, a caller's line, the ear in step.

use crate::dice::Dice;
use crate::line::{Packets, payloads};
use crate::{Line, TrialError};
use call_model::{
    CallAction, CallHeader, CallId, CallTime, Codec, Decision, FRAME_SAMPLES, FRAME_TIME, Heard,
    JournalEntry, JournalLine, Key, Language, Private, PromptId, RecordingChoice, TurnId,
};
use call_session::{CallSession, EarOrder, SessionInput, SessionOutput, SessionSettings};
use dialplan::Plan;
use speech::{CallerChannel, HearingRequest, HearingStream, Recognizer};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// 20 ms of sound.
pub(crate) type Frame = [i16; FRAME_SAMPLES];

/// What the engine did that a trial looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    /// The first packet of a prompt went out.
    Started(PromptId),
    /// The prompt was to be lowered.
    Ducked,
    /// Back to its level.
    Unducked,
    /// The prompt was to stop.
    Stopped,
    /// The caller's speech was taken for an interruption.
    BargedIn,
    /// A turn was taken to be over.
    TurnEnded,
    /// The ear's last word on a turn came, and was understood or not.
    Understood(bool),
    /// The caller was taken to begin to speak.
    SpeechBegan,
}

/// A call and all that it did so far.
pub(crate) struct TrialCall<'r> {
    session: CallSession,
    ear: Ear<'r>,
    /// What the caller hears as the first prompt; every later one is a moment of silence.
    prompt: Arc<[i16]>,
    /// The time of the last tick.
    pub(crate) now: CallTime,
    /// How long before a tick the caller's packet comes.
    lead: Duration,
    packets: Packets,
    line: Line,
    chance: Dice,
    /// What went to the caller, a frame a tick, each with its tick.
    pub(crate) sent: Vec<(CallTime, Frame)>,
    /// What was done and when.
    pub(crate) deeds: Vec<(CallTime, Deed)>,
    /// The text of the ear's last words, for trials that look at them.
    pub(crate) texts: Vec<String>,
    /// Why turns were taken to be over, for the same.
    pub(crate) whys: Vec<String>,
    is_over: bool,
}

/// The ear of one call: it answers at the moment it is asked.
struct Ear<'r> {
    recognizer: &'r dyn Recognizer,
    channel: CallerChannel,
    stream: Option<(TurnId, Box<dyn HearingStream>)>,
}

impl<'r> TrialCall<'r> {
    /// A call that was answered now, whose first prompt sounds like this.
    pub(crate) fn new(
        plan: &Arc<Plan>,
        language: Language,
        line: &Line,
        prompt: Arc<[i16]>,
        recognizer: &'r dyn Recognizer,
    ) -> Result<Self, TrialError> {
        let header = header(plan, language, line.seed);
        let settings = SessionSettings::new(header, Arc::clone(plan), payloads(line.codec));
        let mut chance = Dice::new(line.seed);
        let lead = Duration::from_millis(1 + chance.below(19));
        let mut call = Self {
            session: CallSession::new(settings),
            ear: Ear {
                recognizer,
                channel: CallerChannel::default(),
                stream: None,
            },
            prompt,
            now: CallTime::ZERO,
            lead,
            packets: Packets::new(line.codec),
            line: line.clone(),
            chance,
            sent: Vec::new(),
            deeds: Vec::new(),
            texts: Vec::new(),
            whys: Vec::new(),
            is_over: false,
        };
        call.feed(CallTime::ZERO, SessionInput::Acked)?;
        Ok(call)
    }

    /// The next 20 ms: what the caller sends, and the server's tick. What the line does to
    /// the sound but for losses is done already.
    pub(crate) fn tick(&mut self, caller: &Frame) -> Result<(), TrialError> {
        let packet = self.packets.next(caller);
        self.tick_with(&packet)
    }

    /// The next 20 ms, in which the caller presses a key down.
    pub(crate) fn tick_with_key(&mut self, key: Key) -> Result<(), TrialError> {
        let packet = self.packets.next_key(key);
        self.tick_with(&packet)
    }

    fn tick_with(&mut self, packet: &call_audio::RtpPacket) -> Result<(), TrialError> {
        let due = self.now + FRAME_TIME;
        let arrival = due.back(self.lead);
        self.wake_until(arrival)?;
        if !self.line.loses(&mut self.chance) {
            self.feed(arrival, SessionInput::Packet(packet.as_bytes()))?;
        }
        self.wake_until(due)?;
        self.now = due;
        self.feed(due, SessionInput::Tick)
    }

    /// When a packet came that belongs to the tick that is next.
    pub(crate) fn next_arrival(&self) -> CallTime {
        (self.now + FRAME_TIME).back(self.lead)
    }

    /// When the first of such deeds was done after a moment.
    pub(crate) fn first(&self, after: CallTime, is_it: impl Fn(Deed) -> bool) -> Option<CallTime> {
        let mut found = self
            .deeds
            .iter()
            .filter(|(at, deed)| *at >= after && is_it(*deed));
        found.next().map(|(at, _)| *at)
    }

    fn wake_until(&mut self, until: CallTime) -> Result<(), TrialError> {
        while let Some(due) = self.session.poll_timeout().filter(|due| *due < until) {
            self.feed(due, SessionInput::Woken)?;
        }
        Ok(())
    }

    fn feed(&mut self, at: CallTime, input: SessionInput<'_>) -> Result<(), TrialError> {
        if self.is_over {
            return Ok(());
        }
        self.session.handle(at, input);
        let mut answers = VecDeque::new();
        loop {
            while let Some(output) = self.session.poll_output() {
                self.take(at, output, &mut answers)?;
            }
            match answers.pop_front() {
                Some(answer) if !self.is_over => self.session.handle(at, answer),
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn take(
        &mut self,
        at: CallTime,
        output: SessionOutput,
        answers: &mut VecDeque<SessionInput<'static>>,
    ) -> Result<(), TrialError> {
        match output {
            SessionOutput::Record { bot, .. } => self.sent.push((at, bot)),
            SessionOutput::Ear(order) => {
                if let Some(heard) = self.ear.take(order)? {
                    answers.push_back(SessionInput::Heard(heard));
                }
            }
            SessionOutput::Speak { prompt, .. } => {
                let audio = match prompt.0 {
                    1 => Arc::clone(&self.prompt),
                    _ => Arc::from([0; FRAME_SAMPLES]),
                };
                answers.push_back(SessionInput::PromptReady {
                    prompt,
                    audio: Some(audio),
                });
            }
            SessionOutput::Journal(JournalLine::At(_, entry)) => self.note(at, &entry),
            SessionOutput::Over(_) => self.is_over = true,
            SessionOutput::Journal(JournalLine::Begin(_) | JournalLine::End(..))
            | SessionOutput::Packet(_)
            | SessionOutput::Score(_)
            | SessionOutput::FetchPerson(_)
            | SessionOutput::ReleasePerson
            | SessionOutput::CallApi(_)
            | SessionOutput::AskIntent(_)
            | SessionOutput::CancelIntent(_)
            | SessionOutput::TellIntent(_)
            | SessionOutput::BookCallback(_)
            | SessionOutput::AgentPacket(_)
            | SessionOutput::MakeWhisper { .. }
            | SessionOutput::Connected
            | SessionOutput::HangUpAgent
            | SessionOutput::HangUp(_) => {}
        }
        Ok(())
    }

    fn note(&mut self, at: CallTime, entry: &JournalEntry) {
        use call_model::CallInput;
        let deed = match entry {
            JournalEntry::In(CallInput::PromptStarted(prompt)) => Deed::Started(*prompt),
            JournalEntry::In(CallInput::SpeechStarted { .. }) => Deed::SpeechBegan,
            JournalEntry::In(CallInput::Heard(Heard::Final { best, .. })) => {
                self.texts.push(best.text.reveal().clone());
                Deed::Understood(true)
            }
            JournalEntry::In(CallInput::Heard(Heard::NoMatch { .. })) => Deed::Understood(false),
            JournalEntry::Out(CallAction::Duck(_)) => Deed::Ducked,
            JournalEntry::Out(CallAction::Unduck(_)) => Deed::Unducked,
            JournalEntry::Out(CallAction::StopPlaying(_)) => Deed::Stopped,
            JournalEntry::Out(CallAction::Decide(Decision::BargedIn)) => Deed::BargedIn,
            JournalEntry::Out(CallAction::Decide(Decision::TurnEnded { why, .. })) => {
                self.whys.push(why.clone());
                Deed::TurnEnded
            }
            JournalEntry::In(_) | JournalEntry::Out(_) | JournalEntry::Wake { .. } => return,
        };
        self.deeds.push((at, deed));
    }
}

impl Ear<'_> {
    fn take(&mut self, order: EarOrder) -> Result<Option<Heard>, TrialError> {
        match order {
            EarOrder::Start {
                turn,
                grammar,
                escalation,
                also,
            } => {
                self.stream = None;
                let stream = self.recognizer.open(HearingRequest {
                    turn,
                    grammar,
                    escalation,
                    also,
                    channel: self.channel.clone(),
                })?;
                self.stream = Some((turn, stream));
                Ok(None)
            }
            EarOrder::Audio { turn, frame } => match &mut self.stream {
                Some((open, stream)) if *open == turn => Ok(stream.push(&frame)?),
                Some(_) | None => Ok(None),
            },
            EarOrder::Finish(turn) => match self.stream.take() {
                Some((open, stream)) if open == turn => Ok(Some(stream.finish()?)),
                Some(_) | None => Ok(None),
            },
            EarOrder::Cancel(_) => {
                self.stream = None;
                Ok(None)
            }
        }
    }
}

fn header(plan: &Plan, language: Language, seed: u64) -> CallHeader {
    CallHeader {
        call: CallId::new(0, u128::from(seed)),
        sip_call_id: "trial".to_owned(),
        started_unix_millis: 0,
        trunk: "trial".to_owned(),
        caller: Private::default(),
        called: "trial".to_owned(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: String::new(),
        language,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed,
        recording: RecordingChoice::On,
    }
}

/// What a telephone's packet is after the codec, for what is heard of it again.
pub(crate) fn through(codec: Codec, frame: &Frame) -> Frame {
    use dsp::g711;
    frame.map(|sample| match codec {
        Codec::Pcmu => g711::ulaw_to_linear(g711::linear_to_ulaw(sample)),
        Codec::Pcma => g711::alaw_to_linear(g711::linear_to_alaw(sample)),
    })
}
