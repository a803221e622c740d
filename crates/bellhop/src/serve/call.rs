//! One live call on its shard: the session, its socket, and the ways to the
//! workers. Wait, feed, act; what happens in the call the session decides.

use super::agent_side::{AgentSide, Arrived, NewAgent};
use super::ear::{EarJob, EarListener, EarNews, EarPool, StreamId};
use super::news::{CallNews, NewCall};
use super::ports::PortLease;
use super::remote::RemoteAddress;
use super::request::{Outbox, Request};
use super::scoring::{ScoreJob, ScorePool};
use super::shard::{ShardHandle, ShardOrder};
use super::telemetry::{CALLS_ENDED, ESCALATIONS, REPLY_SECONDS, RTP_FOREIGN, RTP_PACKETS};
use super::voice::{Spoken, SpokenFor, VoiceJob, VoicePool};
use crate::latency::{Measured, Stopwatch};
use call_archive::CallWriter;
use call_model::{
    CallAction, CallHeader, CallId, CallOutcome, CallTime, EscalationReason, Evidence, Handoff,
    HangUpCause, HungUp, JournalEntry, JournalLine, PayloadMap, Private, PromptId, PromptText,
    TurnId, Urgency,
};
use call_session::{CallSession, EarOrder, ScoreOrder, SessionInput, SessionOutput, VoiceScorer};
use dialplan::Plan;
use mio::net::UdpSocket;
use sip_trunk::{LegId, MediaDirection};
use speech::CallerChannel;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Packets read from one socket before the next one has its turn.
const PACKETS_A_READ: usize = 32;
/// The largest RTP packet that is read whole.
const PACKET_MAX: usize = 2_048;

/// The slow things that all calls share.
pub struct Workers {
    /// None: no recogniser is configured.
    pub ear: Option<EarPool>,
    pub voice: VoicePool,
    /// None: no model of anger is configured.
    pub score: Option<ScorePool>,
}

/// Whether a tick's packet is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sending {
    Now,
    /// Its time is over; the caller's side conceals the gap.
    TooLate,
}

/// One call going on.
pub struct LiveCall {
    session: CallSession,
    id: CallId,
    leg: LegId,
    began: Instant,
    socket: UdpSocket,
    _lease: PortLease,
    remote: RemoteAddress,
    sending: Sending,
    is_held: bool,
    is_ear_lost: bool,
    /// The agent who has the caller, or is being told about them.
    agent: Option<AgentSide>,
    is_agent_held: bool,
    writer: Option<CallWriter>,
    plan: Arc<Plan>,
    plan_folder: PathBuf,
    channel: CallerChannel,
    /// The open ear stream and the worker that has it.
    ear: Option<(StreamId, usize)>,
    /// The worker that scores the voice, from the first utterance on.
    score: Option<usize>,
    stopwatch: Stopwatch,
    workers: Arc<Workers>,
    shard: ShardHandle,
    span: tracing::Span,
    header: CallHeader,
    /// News that arose while the session's outputs were being acted on.
    later: VecDeque<CallNews>,
    has_unread: bool,
    has_agents_unread: bool,
    is_over: bool,
}

impl LiveCall {
    pub fn new(mut new: NewCall, workers: Arc<Workers>, shard: ShardHandle) -> Self {
        if workers.score.is_some() {
            new.session.scorer = VoiceScorer::Present;
        }
        let header = new.session.header.clone();
        let span = tracing::info_span!(
            "call", id = %header.call, trunk = %header.trunk, plan = %header.plan
        );
        let plan = Arc::clone(&new.session.plan);
        Self {
            session: CallSession::new(new.session),
            id: header.call,
            leg: new.leg,
            began: new.began,
            socket: new.socket,
            _lease: new.lease,
            remote: RemoteAddress::new(new.remote, new.is_nat),
            sending: Sending::Now,
            is_held: false,
            is_ear_lost: false,
            agent: None,
            is_agent_held: false,
            writer: Some(new.writer),
            plan,
            plan_folder: new.plan_folder,
            channel: CallerChannel::default(),
            ear: None,
            score: None,
            stopwatch: Stopwatch::default(),
            workers,
            shard,
            span,
            header,
            later: VecDeque::new(),
            has_unread: false,
            has_agents_unread: false,
            is_over: false,
        }
    }

    pub fn id(&self) -> CallId {
        self.id
    }

    pub fn socket(&mut self) -> &mut UdpSocket {
        &mut self.socket
    }

    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The first drive: whatever the session wants before anything happened.
    pub fn begin(&mut self, outbox: &mut Outbox) {
        self.span.in_scope(|| tracing::info!("answering"));
        let hears = |ear: &EarPool| ear.hears(self.header.language);
        if !self.workers.ear.as_ref().is_some_and(hears) {
            self.feed(SessionInput::EarLost, outbox);
        } else {
            self.drain_outputs(outbox);
        }
    }

    pub fn tick(&mut self, sending: Sending, outbox: &mut Outbox) {
        if self.has_unread {
            self.read_packets(outbox);
        }
        if self.has_agents_unread {
            self.read_agents_packets(outbox);
        }
        let is_heard_again = || self.workers.ear.as_ref().is_some_and(|ear| !ear.is_lost());
        if self.is_ear_lost && is_heard_again() {
            self.is_ear_lost = false;
            self.feed(SessionInput::EarRestored, outbox);
        }
        self.sending = sending;
        self.feed(SessionInput::Tick, outbox);
        self.sending = Sending::Now;
    }

    pub fn drain(&mut self, outbox: &mut Outbox) {
        self.feed(SessionInput::Draining, outbox);
    }

    /// The server ends now.
    pub fn drained(&mut self, outbox: &mut Outbox) {
        outbox.push(Request::HangUp(self.leg, HangUpCause::Draining));
        self.feed(SessionInput::HungUp(HungUp::Drained), outbox);
    }

    pub fn fail(&mut self, what: &str, outbox: &mut Outbox) {
        self.feed(
            SessionInput::Failed {
                what: what.to_owned(),
            },
            outbox,
        );
    }

    pub fn hear(&mut self, news: CallNews, outbox: &mut Outbox) {
        match news {
            CallNews::Acked(media) => {
                if let Some((remote, payloads)) = media {
                    self.agree(remote, payloads, outbox);
                }
                self.feed(SessionInput::Acked, outbox);
            }
            CallNews::Media(remote, payloads) => self.agree(remote, payloads, outbox),
            CallNews::Heard(heard) => self.feed(SessionInput::Heard(heard), outbox),
            CallNews::EarLost => {
                self.span.in_scope(|| tracing::warn!("the ear is lost"));
                self.is_ear_lost = true;
                self.feed(SessionInput::EarLost, outbox);
            }
            CallNews::Emotion(score) => self.feed(SessionInput::Emotion(score), outbox),
            CallNews::Prompt(prompt, audio) => {
                self.feed(SessionInput::PromptReady { prompt, audio }, outbox);
            }
            CallNews::Whisper(audio) => self.feed(SessionInput::WhisperReady { audio }, outbox),
            CallNews::Music(music) => self.feed(SessionInput::Music(music), outbox),
            CallNews::Person(outcome) => self.feed(SessionInput::Person(outcome), outbox),
            CallNews::AgentGone => {
                self.agent = None;
                self.feed(SessionInput::AgentGone, outbox);
            }
            CallNews::AgentMedia(remote, payloads) => {
                if let Some(agent) = &mut self.agent {
                    agent.agree(remote);
                    self.feed(SessionInput::AgentPayloads(payloads), outbox);
                }
            }
            CallNews::AgentDirection(direction) => self.turn_agent_to(direction, outbox),
            CallNews::Key(key) => self.feed(SessionInput::InfoKey(key), outbox),
            CallNews::Api(request, outcome) => {
                self.feed(SessionInput::Api { request, outcome }, outbox);
            }
            CallNews::Intent(question, news) => {
                self.feed(SessionInput::Intent { question, news }, outbox);
            }
            CallNews::Direction(direction) => self.turn_to(direction, outbox),
            CallNews::Failed(what) => self.feed(SessionInput::Failed { what }, outbox),
            CallNews::HungUp(by) => self.feed(SessionInput::HungUp(by), outbox),
        }
    }

    fn agree(&mut self, remote: SocketAddr, payloads: PayloadMap, outbox: &mut Outbox) {
        self.remote.agree(remote);
        self.feed(SessionInput::Payloads(payloads), outbox);
    }

    /// Holding ends and begins only when it changes: a re-INVITE often changes nothing.
    fn turn_to(&mut self, direction: MediaDirection, outbox: &mut Outbox) {
        let is_held = !direction.does_caller_listen();
        if is_held == std::mem::replace(&mut self.is_held, is_held) {
            return;
        }
        let input = match is_held {
            true => SessionInput::CallerHeld,
            false => SessionInput::CallerReturned,
        };
        self.feed(input, outbox);
    }

    fn turn_agent_to(&mut self, direction: MediaDirection, outbox: &mut Outbox) {
        let is_held = !direction.does_caller_listen();
        if is_held == std::mem::replace(&mut self.is_agent_held, is_held) {
            return;
        }
        let input = match is_held {
            true => SessionInput::AgentHeld,
            false => SessionInput::AgentReturned,
        };
        self.feed(input, outbox);
    }

    /// An agent's phone was answered. One who comes when another is there already, or
    /// when the call is over, is let go.
    pub fn agent_answered(&mut self, agent: NewAgent, outbox: &mut Outbox) {
        if self.agent.is_some() || self.is_over {
            return outbox.push(Request::HangUpAgent(agent.leg));
        }
        let payloads = agent.payloads;
        self.is_agent_held = false;
        self.agent = Some(AgentSide::new(agent));
        self.feed(SessionInput::AgentAnswered { payloads }, outbox);
    }

    /// Reads what the agent's phone sent.
    pub fn read_agents_packets(&mut self, outbox: &mut Outbox) {
        let mut buffer = [0; PACKET_MAX];
        for _ in 0..PACKETS_A_READ {
            let Some(agent) = &mut self.agent else { return };
            match agent.read(&mut buffer) {
                Arrived::Packet(length) => {
                    metrics::counter!(RTP_PACKETS, "direction" => "in").increment(1);
                    self.feed(SessionInput::AgentPacket(&buffer[..length]), outbox);
                }
                Arrived::Foreign => metrics::counter!(RTP_FOREIGN).increment(1),
                Arrived::Nothing => {
                    self.has_agents_unread = false;
                    return;
                }
            }
        }
        self.has_agents_unread = true;
    }

    /// Reads what arrived; packets from strangers are counted and dropped.
    pub fn read_packets(&mut self, outbox: &mut Outbox) {
        let mut buffer = [0; PACKET_MAX];
        self.has_unread = false;
        for _ in 0..PACKETS_A_READ {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    if self.remote.is_caller(from, &buffer[..length]) {
                        metrics::counter!(RTP_PACKETS, "direction" => "in").increment(1);
                        self.feed(SessionInput::Packet(&buffer[..length]), outbox);
                    } else {
                        metrics::counter!(RTP_FOREIGN).increment(1);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // A peer that closed its port answers with ICMP; sound may come back.
                Err(_) => {}
            }
        }
        // The socket tells of an arrival once: what is left is read with the next tick.
        self.has_unread = true;
    }

    /// Feeds the session and does what it wants.
    fn feed(&mut self, input: SessionInput<'_>, outbox: &mut Outbox) {
        if self.is_over {
            return;
        }
        let span = self.span.clone();
        let _entered = span.enter();
        self.session.handle(self.now(), input);
        self.drain_outputs(outbox);
    }

    fn drain_outputs(&mut self, outbox: &mut Outbox) {
        while !self.is_over {
            match self.session.poll_output() {
                Some(output) => self.act(output, outbox),
                None => match self.later.pop_front() {
                    Some(news) => return self.hear(news, outbox),
                    None => return,
                },
            }
        }
    }

    fn act(&mut self, output: SessionOutput, outbox: &mut Outbox) {
        match output {
            SessionOutput::Packet(packet) => self.send(packet.as_bytes()),
            SessionOutput::AgentPacket(packet) => self.send_to_agent(packet.as_bytes()),
            SessionOutput::MakeWhisper { text } => self.whisper(text),
            SessionOutput::Connected => outbox.push(Request::Joined(self.id)),
            SessionOutput::HangUpAgent => {
                if let Some(agent) = self.agent.take() {
                    outbox.push(Request::HangUpAgent(agent.leg()));
                }
            }
            SessionOutput::Ear(order) => self.order_ear(order),
            SessionOutput::Score(order) => self.order_score(order),
            SessionOutput::Speak { prompt, text } => self.speak(prompt, text),
            SessionOutput::Record { caller, bot } => {
                if let Some(writer) = &mut self.writer {
                    writer.append_audio(&caller, &bot);
                }
            }
            SessionOutput::Journal(line) => self.write_journal(&line),
            SessionOutput::FetchPerson(handoff) => {
                outbox.push(Request::FetchPerson(self.leg, self.id, handoff));
            }
            SessionOutput::BookCallback(handoff) => {
                outbox.push(Request::BookCallback(self.leg, handoff));
            }
            SessionOutput::CallApi(request) => outbox.push(Request::CallApi(self.leg, request)),
            SessionOutput::AskIntent(question) => {
                outbox.push(Request::AskIntent(self.leg, question));
            }
            SessionOutput::CancelIntent(question) => {
                outbox.push(Request::CancelIntent(self.id, question));
            }
            SessionOutput::TellIntent(fact) => outbox.push(Request::TellIntent(self.id, fact)),
            SessionOutput::ReleasePerson => outbox.push(Request::ReleasePerson(self.id)),
            SessionOutput::HangUp(cause) => outbox.push(Request::HangUp(self.leg, cause)),
            SessionOutput::Over(outcome) => self.close(outcome, outbox),
        }
    }

    fn send(&mut self, packet: &[u8]) {
        if self.sending == Sending::TooLate || self.is_held {
            return;
        }
        if let Some(remote) = self.remote.target() {
            // An unreachable peer is noticed by the silence that comes back.
            if self.socket.send_to(packet, remote).is_ok() {
                metrics::counter!(RTP_PACKETS, "direction" => "out").increment(1);
            }
        }
    }

    fn send_to_agent(&mut self, packet: &[u8]) {
        if self.sending == Sending::TooLate || self.is_agent_held {
            return;
        }
        if self.agent.as_ref().is_some_and(|agent| agent.send(packet)) {
            metrics::counter!(RTP_PACKETS, "direction" => "out").increment(1);
        }
    }

    fn order_ear(&mut self, order: EarOrder) {
        let Some(pool) = &self.workers.ear else {
            return;
        };
        let (turn, job) = match order {
            EarOrder::Start {
                turn,
                grammar,
                escalation,
                also,
            } => {
                let stream = StreamId {
                    call: self.id,
                    turn,
                };
                self.ear = Some((stream, pool.least_busy()));
                let listener = Box::new(Listener {
                    shard: self.shard.clone(),
                    call: self.id,
                });
                let channel = self.channel.clone();
                let also = also.filter(|(_, words)| pool.hears(words.language));
                (
                    turn,
                    EarJob::Start {
                        turn,
                        grammar,
                        escalation,
                        also,
                        channel,
                        listener,
                    },
                )
            }
            EarOrder::Audio { turn, frame } => (turn, EarJob::Frame(frame)),
            EarOrder::Finish(turn) => (turn, EarJob::Finish),
            EarOrder::Cancel(turn) => (turn, EarJob::Cancel),
        };
        if !self.post(turn, job) {
            self.later.push_back(CallNews::EarLost);
        }
    }

    fn post(&self, turn: TurnId, job: EarJob) -> bool {
        match (&self.workers.ear, self.ear) {
            (Some(pool), Some((stream, worker))) if stream.turn == turn => {
                pool.post(worker, stream, job)
            }
            _ => true,
        }
    }

    fn order_score(&mut self, order: ScoreOrder) {
        let Some(pool) = &self.workers.score else {
            return;
        };
        let (worker, job) = match (self.score, order) {
            (None, ScoreOrder::Begin(language)) => {
                let worker = pool.least_busy();
                let (shard, call) = (self.shard.clone(), self.id);
                let listener = Box::new(move |score| {
                    shard.send(ShardOrder::Tell(call, CallNews::Emotion(score)));
                });
                if !pool.post(worker, self.id, ScoreJob::Open(language, listener)) {
                    tracing::warn!("the voice is not scored: too much waits for the scorer");
                    return;
                }
                self.score = Some(worker);
                (worker, ScoreJob::Begin(language))
            }
            (None, ScoreOrder::Audio(_) | ScoreOrder::End | ScoreOrder::Drop) => return,
            (Some(worker), ScoreOrder::Begin(language)) => (worker, ScoreJob::Begin(language)),
            (Some(worker), ScoreOrder::Audio(frame)) => (worker, ScoreJob::Frame(frame)),
            (Some(worker), ScoreOrder::End) => (worker, ScoreJob::End),
            (Some(worker), ScoreOrder::Drop) => (worker, ScoreJob::Drop),
        };
        pool.post(worker, self.id, job);
    }

    fn speak(&mut self, prompt: PromptId, text: PromptText) {
        self.have_made(text, SpokenFor::Prompt(prompt));
    }

    fn whisper(&mut self, text: PromptText) {
        self.have_made(text, SpokenFor::Whisper);
    }

    fn have_made(&mut self, text: PromptText, what_for: SpokenFor) {
        let job = VoiceJob {
            text: self.plan.say_as().spoken(text),
            plan_folder: self.plan_folder.clone(),
            shard: self.shard.clone(),
            call: self.id,
            what_for,
        };
        match self.workers.voice.speak(job) {
            Spoken::Now(audio) => self.later.push_back(what_for.news(Some(audio))),
            Spoken::Soon => {}
            Spoken::Refused => self.later.push_back(what_for.news(None)),
        }
    }

    fn write_journal(&mut self, line: &JournalLine) {
        if let Some(Measured::Replied(reply)) = self.stopwatch.follow(line) {
            metrics::histogram!(REPLY_SECONDS).record(reply.total());
        }
        if let JournalLine::At(_, JournalEntry::Out(CallAction::Escalate { reason, .. })) = line {
            metrics::counter!(ESCALATIONS, "reason" => reason.name()).increment(1);
            tracing::info!(%reason, "owed a person");
        }
        let Some(writer) = &mut self.writer else {
            return;
        };
        if let Err(error) = writer.append_journal(line) {
            tracing::error!(%error, "the journal cannot be written; the caller gets a person");
            self.writer = None;
            self.later
                .push_back(CallNews::Failed("the journal cannot be written".to_owned()));
        }
    }

    fn close(&mut self, outcome: CallOutcome, outbox: &mut Outbox) {
        let by = match outcome {
            CallOutcome::Ended(by) => by,
            CallOutcome::Interrupted => HungUp::Fault,
        };
        self.finish(by);
        outbox.push(Request::Closed(self.leg, self.id, by));
    }

    fn finish(&mut self, by: HungUp) {
        if let Some((stream, _)) = self.ear {
            self.post(stream.turn, EarJob::Cancel);
        }
        if let (Some(pool), Some(worker)) = (&self.workers.score, self.score.take()) {
            pool.post(worker, self.id, ScoreJob::Close);
        }
        let now = self.now();
        if let Some(writer) = self.writer.take() {
            writer.seal(now, CallOutcome::Ended(by));
        }
        metrics::counter!(CALLS_ENDED, "how" => format!("{by:?}")).increment(1);
        tracing::info!(by = ?by, seconds = now.as_micros() / 1_000_000, "over");
        self.is_over = true;
    }

    /// Something in this call panicked: what the session knew is lost, the caller is not. A person is
    /// fetched with what the header says.
    pub fn break_off(&mut self, outbox: &mut Outbox) {
        if self.is_over {
            return;
        }
        self.span
            .in_scope(|| tracing::error!("a panic; the caller goes to a person"));
        let handoff = Box::new(Handoff {
            call: self.id,
            reason: EscalationReason::Fault,
            evidence: Evidence::default(),
            has_priority: true,
            urgency: Urgency::USUAL,
            language: self.header.language,
            skill: None,
            target: None,
            queue: None,
            display: Private::default(),
            whisper: None,
            callback_within_s: None,
            callback_number: None,
            slots: BTreeMap::new(),
            turns: Vec::new(),
        });
        self.finish(HungUp::Fault);
        outbox.push(Request::Rescue(self.leg, self.id, handoff));
    }

    fn now(&self) -> CallTime {
        CallTime::ZERO + self.began.elapsed()
    }
}

/// Brings an ear's news back to the call's shard.
struct Listener {
    shard: ShardHandle,
    call: CallId,
}

impl EarListener for Listener {
    fn hear(&self, news: EarNews) {
        let news = match news {
            EarNews::Heard(heard) => CallNews::Heard(heard),
            EarNews::Lost => CallNews::EarLost,
        };
        self.shard.send(ShardOrder::Tell(self.call, news));
    }
}
