//! The rules held against everything that a session tells.

use super::bridge_checks::{BridgeChecks, Finding, is_part_of};
use super::order::PacketOrder;
use super::phone::PAYLOADS;
use super::rules::{SessionRule, SessionViolation};
use super::score_checks::ScoreChecks;
use call_audio::{RtpHeader, RtpPacket, codec};
use call_engine::Call;
use call_model::{
    CallAction, CallHeader, CallInput, CallOutcome, CallTime, FRAME_SAMPLES, FRAME_TIME,
    JournalEntry, JournalLine, Key, PromptId, TurnId,
};
use call_session::{EarOrder, SessionOutput, VoiceScorer};
use dialplan::Plan;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The recording may be so much longer or shorter than the talk.
const RECORDING_TOLERANCE: Duration = Duration::from_millis(40);
/// A session that breaks a rule breaks it often; so many times tell enough.
const VIOLATIONS_MAX: usize = 8;

/// What was seen of one session.
pub(crate) struct Checks {
    again: Call,
    found: Found,
    answered: Option<CallTime>,
    ended: Option<CallTime>,
    recorded_ticks: u32,
    last_packet: Option<RtpPacket>,
    order: PacketOrder,
    pub(crate) bridge: BridgeChecks,
    prompts: Prompts,
    ear: Ear,
    score: ScoreChecks,
    keys: Vec<Key>,
    hang_ups: u32,
    now: CallTime,
}

/// What it all came to.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) outcome: Option<CallOutcome>,
    pub(crate) talk: Duration,
    pub(crate) bridges: u64,
    pub(crate) journal: Vec<JournalLine>,
    pub(crate) violations: Vec<SessionViolation>,
}

#[derive(Default)]
struct Prompts {
    played: BTreeSet<PromptId>,
    open: BTreeSet<PromptId>,
    sounding: Option<PromptId>,
}

#[derive(Default)]
struct Ear {
    streaming: Option<TurnId>,
    owed: Option<TurnId>,
    last_frame: Option<CallTime>,
}

impl Checks {
    pub(crate) fn new(header: &CallHeader, plan: &Arc<Plan>, scorer: VoiceScorer) -> Self {
        Self {
            again: Call::new(header, Arc::clone(plan)),
            found: Found::default(),
            answered: None,
            ended: None,
            recorded_ticks: 0,
            last_packet: None,
            order: PacketOrder::default(),
            bridge: BridgeChecks::default(),
            prompts: Prompts::default(),
            ear: Ear::default(),
            score: ScoreChecks::new(Arc::clone(plan), scorer),
            keys: Vec::new(),
            hang_ups: 0,
            now: CallTime::ZERO,
        }
    }

    pub(crate) fn see(&mut self, now: CallTime, output: &SessionOutput) {
        self.now = now;
        if self.found.outcome.is_some() {
            let what = format!("{output:.60?}");
            self.broken(SessionRule::NothingAfterOver, what);
        }
        match output {
            SessionOutput::Packet(packet) => self.packet(packet),
            SessionOutput::Ear(order) => self.ear(order),
            SessionOutput::Score(order) => {
                let has_person = self.bridge.is_joined() || self.again.is_with_person();
                let finding = self.score.order(order, has_person);
                self.found(finding);
            }
            SessionOutput::Record { caller, bot } => self.record(caller, bot),
            SessionOutput::Journal(line) => {
                self.line(line);
                self.found.journal.push(line.clone());
            }
            SessionOutput::Over(outcome) => {
                if self.ended.is_none() {
                    self.broken(SessionRule::JournalIsWhole, "over without an end");
                }
                self.found.outcome = Some(*outcome);
                let open = [self.bridge.over(), self.score.over()];
                self.found(open.into_iter().flatten());
            }
            SessionOutput::AgentPacket(packet) => {
                let finding = self.bridge.packet(packet);
                self.found(finding);
            }
            SessionOutput::Connected => {
                let findings = [self.bridge.joined(), self.score.joined()];
                self.found(findings.into_iter().flatten());
            }
            SessionOutput::HangUpAgent => {
                let finding = self.bridge.hung_up();
                self.found(finding);
            }
            SessionOutput::Speak { .. }
            | SessionOutput::MakeWhisper { .. }
            | SessionOutput::FetchPerson(_)
            | SessionOutput::BookCallback(_)
            | SessionOutput::ReleasePerson
            | SessionOutput::CallApi(_)
            | SessionOutput::AskIntent(_)
            | SessionOutput::CancelIntent(_)
            | SessionOutput::TellIntent(_)
            | SessionOutput::HangUp(_) => {}
        }
    }

    /// The caller pressed these keys; on a perfect line they were heard in this order, those
    /// left out that went to an agent. On a bad one the first packet of a key that comes
    /// through may come after the next key's. An agent's keys reach the caller alone.
    pub(crate) fn keys(&mut self, pressed: &[Key], by_agents: &[Key], is_perfect: bool) {
        let is_true = match is_perfect {
            true if self.bridge.bridges > 0 => is_part_of(&self.keys, pressed),
            true => pressed.starts_with(&self.keys),
            false => is_among(&self.keys, pressed),
        };
        if !is_true {
            let what = format!("{:?} were pressed, {:?} were heard", pressed, self.keys);
            self.broken(SessionRule::KeysAreTrue, what);
        }
        if !is_among(&self.order.keys, by_agents) {
            let sent = &self.order.keys;
            let what = format!("agents pressed {by_agents:?}, the caller was sent {sent:?}");
            self.broken(SessionRule::KeysAreTrue, what);
        }
    }

    /// What was found, the session being over.
    pub(crate) fn into_found(mut self, now: CallTime) -> Found {
        self.now = now;
        if self.found.outcome.is_none() {
            self.broken(SessionRule::NothingAfterOver, "never over");
        }
        if self.hang_ups != 1 {
            let what = format!("{} hang-ups", self.hang_ups);
            self.broken(SessionRule::JournalIsWhole, what);
        }
        for prompt in std::mem::take(&mut self.prompts.open) {
            let what = format!("prompt {} never ended", prompt.0);
            self.broken(SessionRule::PromptEndsOnce, what);
        }
        self.recording();
        self.found.bridges = self.bridge.bridges;
        self.found
    }

    fn broken(&mut self, rule: SessionRule, what: impl Into<String>) {
        let known = &self.found.violations;
        if known.iter().filter(|known| known.rule == rule).count() < VIOLATIONS_MAX {
            let (at, what) = (self.now, what.into());
            let violation = SessionViolation { at, rule, what };
            self.found.violations.push(violation);
        }
    }

    fn recording(&mut self) {
        let (Some(answered), Some(ended)) = (self.answered, self.ended) else {
            if self.recorded_ticks > 0 {
                self.broken(SessionRule::RecordingIsWhole, "recorded before the answer");
            }
            return;
        };
        self.found.talk = ended - answered;
        let recorded = FRAME_TIME * self.recorded_ticks;
        let difference = recorded.abs_diff(self.found.talk);
        if difference > RECORDING_TOLERANCE {
            let what = format!("{recorded:?} of {:?}", self.found.talk);
            self.broken(SessionRule::RecordingIsWhole, what);
        }
    }

    fn packet(&mut self, packet: &RtpPacket) {
        self.last_packet = Some(*packet);
        if let Some(what) = self.order.broken_by(packet, PAYLOADS) {
            self.broken(SessionRule::PacketsAreInOrder, what);
        }
    }

    fn record(&mut self, caller: &[i16; FRAME_SAMPLES], bot: &[i16; FRAME_SAMPLES]) {
        self.recorded_ticks += 1;
        let mut codes = [0; FRAME_SAMPLES];
        codec::encode(PAYLOADS.codec, bot, &mut codes);
        let sent = self.last_packet.as_ref();
        let parsed = sent.and_then(|packet| RtpHeader::parse(packet.as_bytes()).ok());
        let is_true = parsed.is_some_and(|(header, payload)| {
            match header.payload_type == PAYLOADS.audio {
                true => payload == codes,
                // A key takes the place of sound.
                false => bot.iter().all(|sample| *sample == 0),
            }
        });
        let findings = self.bridge.record(caller, sent, bot);
        if !is_true {
            self.broken(SessionRule::RecordingIsTrue, "another sound was sent");
        }
        self.found(findings);
    }

    fn found(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for (rule, what) in findings {
            self.broken(rule, what);
        }
    }

    fn ear(&mut self, order: &EarOrder) {
        let is_fine = match order {
            EarOrder::Start { turn, .. } => {
                self.ear.last_frame = None;
                let is_free = self.ear.streaming.is_none();
                self.ear.streaming = Some(*turn);
                is_free
            }
            EarOrder::Audio { turn, frame } => {
                let goes_on = self.ear.last_frame.is_none_or(|last| last <= frame.at);
                self.ear.last_frame = Some(frame.at);
                goes_on && self.ear.streaming == Some(*turn)
            }
            EarOrder::Finish(turn) => {
                self.ear.owed = Some(*turn);
                self.ear.streaming.take() == Some(*turn)
            }
            EarOrder::Cancel(turn) => {
                let is_streaming = self.ear.streaming == Some(*turn);
                self.ear.streaming = self.ear.streaming.filter(|_| !is_streaming);
                is_streaming || self.ear.owed.take() == Some(*turn)
            }
        };
        if !is_fine {
            let what = format!("{order:.40?}");
            self.broken(SessionRule::EarIsInOrder, what);
        }
        if self.bridge.is_joined()
            && matches!(order, EarOrder::Start { .. } | EarOrder::Audio { .. })
        {
            let what = format!("{order:.40?}");
            self.broken(SessionRule::PeopleAreAlone, what);
        }
    }

    fn line(&mut self, line: &JournalLine) {
        let is_first = self.found.journal.is_empty();
        let is_begin = matches!(line, JournalLine::Begin(_));
        if is_first != is_begin || self.ended.is_some() {
            self.broken(SessionRule::JournalIsWhole, "a line out of its place");
        }
        match line {
            JournalLine::Begin(_) => {}
            JournalLine::At(at, entry) => {
                if *at != self.now {
                    self.broken(SessionRule::JournalIsWhole, "a line of another time");
                }
                self.entry(*at, entry);
            }
            JournalLine::End(at, _) => {
                self.replay_is_exhausted();
                self.ended = Some(*at);
            }
        }
    }

    fn entry(&mut self, at: CallTime, entry: &JournalEntry) {
        match entry {
            JournalEntry::In(input) => {
                self.replay_is_exhausted();
                self.again.handle(at, input);
                self.input(at, input);
            }
            JournalEntry::Out(action) => {
                let again = self.again.poll_action();
                if again.as_ref() != Some(action) {
                    let what = format!("{again:?} instead of {action:?}");
                    self.broken(SessionRule::ReplayIsSame, what);
                }
                let finding = self.score.action(at, action);
                self.found(finding);
                if let CallAction::Play { prompt, .. } = action {
                    self.play(*prompt);
                }
            }
            JournalEntry::Wake { .. } => {}
        }
    }

    fn replay_is_exhausted(&mut self) {
        if let Some(action) = self.again.poll_action() {
            let what = format!("{action:?} is not in the journal");
            self.broken(SessionRule::ReplayIsSame, what);
        }
    }

    fn input(&mut self, at: CallTime, input: &CallInput) {
        if self.bridge.is_joined() && is_overheard(input) {
            let what = format!("{input:.40?}");
            self.broken(SessionRule::PeopleAreAlone, what);
        }
        let finding = self.score.input(at, input);
        self.found(finding);
        match input {
            CallInput::Answered => self.answered = Some(at),
            CallInput::KeyPressed(key) => self.keys.push(*key),
            CallInput::PromptStarted(prompt) => self.started(*prompt),
            CallInput::PromptEnded { prompt, .. } => self.prompt_ended(*prompt),
            CallInput::EarLost => self.ear = Ear::default(),
            CallInput::HungUp(_) => self.hang_ups += 1,
            CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::Heard(_)
            | CallInput::Emotion(_)
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::CallerHeld
            | CallInput::CallerReturned
            | CallInput::DeadlineReached
            | CallInput::Draining
            | CallInput::Failed { .. } => {}
        }
    }

    fn play(&mut self, prompt: PromptId) {
        let is_new = self.prompts.played.insert(prompt);
        if !is_new || !self.prompts.open.is_empty() {
            let what = format!("prompt {} over another", prompt.0);
            self.broken(SessionRule::OnePromptAtATime, what);
        }
        self.prompts.open.insert(prompt);
    }

    fn started(&mut self, prompt: PromptId) {
        let is_open = self.prompts.open.contains(&prompt);
        if !is_open || self.prompts.sounding.replace(prompt).is_some() {
            let what = format!("prompt {} sounds over another", prompt.0);
            self.broken(SessionRule::OnePromptAtATime, what);
        }
    }

    fn prompt_ended(&mut self, prompt: PromptId) {
        self.prompts.sounding = self.prompts.sounding.filter(|p| *p != prompt);
        if !self.prompts.open.remove(&prompt) {
            let what = format!("prompt {} ended again", prompt.0);
            self.broken(SessionRule::PromptEndsOnce, what);
        }
    }
}

/// Each of these keys was pressed, as often as it is told.
fn is_among(heard: &[Key], pressed: &[Key]) -> bool {
    let mut left = pressed.to_vec();
    heard
        .iter()
        .all(|key| match left.iter().position(|other| other == key) {
            Some(place) => left.swap_remove(place) == *key,
            None => false,
        })
}

/// News that tells what people do who talk to each other.
const fn is_overheard(input: &CallInput) -> bool {
    matches!(
        input,
        CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::Heard(_)
            | CallInput::KeyPressed(_)
            | CallInput::Emotion(_)
    )
}
