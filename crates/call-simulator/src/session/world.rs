//! One session with all that is around it.

use super::agents::{AgentEvent, Agents, Next};
use super::checks::Checks;
use super::faults::PlantedSessionFault;
use super::network::Network;
use super::phone::{PAYLOADS, Phone};
use super::rules::SessionViolation;
use super::scorer::Scorer;
use super::services::{Later, Services};
use crate::dice::Dice;
use crate::plans::plans;
use call_model::{
    CallHeader, CallId, CallOutcome, CallTime, FRAME_TIME, HungUp, JournalLine, Language, Private,
    RecordingChoice,
};
use call_session::{CallSession, SessionInput, SessionOutput, SessionSettings};
use std::collections::BTreeMap;
use std::time::Duration;

/// No caller stays longer.
const PATIENCE: Duration = Duration::from_secs(100);

/// One call, whole, in a world drawn from a seed.
pub struct SessionWorld {
    session: CallSession,
    dice: Dice,
    now: CallTime,
    queue: BTreeMap<(CallTime, u64), Event>,
    queued: u64,
    woken_for: Option<CallTime>,
    phone: Phone,
    network: Network,
    services: Services,
    scorer: Scorer,
    agents: Agents,
    /// People are reached over agents' legs, not by REFER.
    has_agents: bool,
    was_stalled: bool,
    checks: Checks,
    fault: Option<PlantedSessionFault>,
    next_tick: CallTime,
    outputs: u64,
    packets: u64,
}

/// What one session came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRun {
    /// How it ended, in a word or two.
    pub outcome: String,
    /// From the answer to the end.
    pub talk: Duration,
    /// Packets that reached it.
    pub packets: u64,
    /// Times its caller and an agent were joined.
    pub bridges: u64,
    /// Its journal.
    pub journal: Vec<JournalLine>,
    /// Every rule that was broken.
    pub violations: Vec<SessionViolation>,
}

enum Event {
    Phone,
    Tick,
    Packet(Box<[u8]>),
    News(SessionInput<'static>),
    Agent(AgentEvent),
    Stall(Duration),
}

impl SessionWorld {
    /// The world that a seed stands for.
    pub fn from_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let plan = dice.one_of(plans()).clone();
        let language = *dice.one_of(&Language::ALL);
        let header = CallHeader {
            call: CallId::new(1_700_000_000_000, u128::from(seed)),
            sip_call_id: format!("{seed}@simulator"),
            started_unix_millis: 1_700_000_000_000,
            trunk: "simulator".to_owned(),
            caller: Private::new(seed.to_string()),
            called: "100".to_owned(),
            plan: plan.name().to_owned(),
            plan_digest: plan.digest().to_owned(),
            engine_version: call_engine::ENGINE_VERSION.to_owned(),
            language,
            language_is_fixed: true,
            tier_is_asked_ahead: false,
            seed: dice.throw(),
            recording: RecordingChoice::On,
        };
        let scorer = Scorer::draw(Dice::new(!seed));
        let checks = Checks::new(&header, &plan, scorer.presence);
        let mut settings = SessionSettings::new(header, plan, PAYLOADS);
        settings.scorer = scorer.presence;
        let mut world = Self {
            session: CallSession::new(settings),
            now: CallTime::ZERO,
            queue: BTreeMap::new(),
            queued: 0,
            woken_for: None,
            phone: Phone::draw(Dice::new(dice.throw())),
            network: Network::draw(&mut dice),
            services: Services::new(Dice::new(dice.throw()), language),
            scorer,
            agents: Agents::draw(Dice::new(dice.throw())),
            has_agents: dice.percent(70),
            was_stalled: false,
            checks,
            fault: None,
            next_tick: CallTime::ZERO,
            outputs: 0,
            packets: 0,
            dice,
        };
        world.set_out();
        world
    }

    /// The same world with something wrong in it, so that its checks can be checked.
    #[must_use]
    pub fn with_fault(mut self, fault: PlantedSessionFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Lets the call take its course.
    pub fn run(mut self) -> SessionRun {
        self.drain();
        while !self.session.is_over() {
            let Some(((at, _), event)) = self.queue.pop_first() else {
                break;
            };
            self.now = self.now.max(at);
            self.happen(at, event);
        }
        for input in [SessionInput::Tick, SessionInput::HungUp(HungUp::ByCaller)] {
            self.feed(input);
        }
        self.checks.keys(
            &self.phone.pressed,
            &self.agents.pressed,
            self.has_perfect_line(),
        );
        let found = self.checks.into_found(self.now);
        SessionRun {
            outcome: found.outcome.map_or("none".to_owned(), |o| named(&o)),
            talk: found.talk,
            packets: self.packets,
            bridges: found.bridges,
            journal: found.journal,
            violations: found.violations,
        }
    }

    fn set_out(&mut self) {
        let music = self.services.music();
        self.at(CallTime::ZERO, Event::News(music));
        let ack = CallTime::ZERO + self.dice.millis(5, 400);
        self.at(ack, Event::News(SessionInput::Acked));
        if self.dice.percent(10) {
            let twice = ack + self.dice.millis(1, 500);
            self.at(twice, Event::News(SessionInput::Acked));
        }
        let first_packet = CallTime::ZERO + self.dice.millis(1, 900);
        self.at(first_packet, Event::Phone);
        self.tick_later();
        self.at(
            CallTime::ZERO + PATIENCE,
            Event::News(SessionInput::HungUp(HungUp::ByCaller)),
        );
        for _ in 0..self.dice.below(3) {
            let at = CallTime::ZERO + self.dice.millis(0, 60_000);
            self.mishap(at);
        }
    }

    fn mishap(&mut self, at: CallTime) {
        let event = match self.dice.below(6) {
            0 => {
                let back = at + self.dice.millis(100, 20_000);
                self.at(back, Event::News(SessionInput::EarRestored));
                Event::News(SessionInput::EarLost)
            }
            1 => Event::News(SessionInput::Draining),
            2 => Event::News(SessionInput::Failed {
                what: "simulated".to_owned(),
            }),
            3 => Event::Packet((0..40).map(|_| self.dice.throw() as u8).collect()),
            4 => Event::News(SessionInput::Payloads(PAYLOADS)),
            _ => Event::Stall(self.dice.millis(20, 400)),
        };
        self.at(at, event);
    }

    fn at(&mut self, at: CallTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at, self.queued), event);
    }

    /// What is due at `at` happens now, which is later when the server stalled.
    fn happen(&mut self, at: CallTime, event: Event) {
        match event {
            Event::Phone => self.phone_tick(at),
            Event::Tick => {
                self.tick_later();
                self.feed(SessionInput::Tick);
            }
            Event::Packet(bytes) => {
                self.packets += 1;
                self.feed(SessionInput::Packet(&bytes));
            }
            Event::News(input) => self.feed(input),
            Event::Agent(event) => self.agent_acts(at, &event),
            Event::Stall(length) => {
                self.now = self.now + length;
                self.was_stalled = true;
            }
        }
    }

    fn tick_later(&mut self) {
        self.next_tick = self.next_tick + FRAME_TIME;
        self.at(self.next_tick, Event::Tick);
    }

    /// The telephone is elsewhere, and never stalls.
    fn phone_tick(&mut self, at: CallTime) {
        self.at(at + FRAME_TIME, Event::Phone);
        let (packet, news) = self.phone.tick(at);
        if let Some(input) = news {
            self.at(at + Duration::from_millis(10), Event::News(input));
        }
        let Some(packet) = packet else { return };
        for arrival in self.network.carry(at, &mut self.dice).into_iter().flatten() {
            self.at(arrival, Event::Packet(packet.as_bytes().into()));
        }
    }

    fn agent_acts(&mut self, at: CallTime, event: &AgentEvent) {
        if let AgentEvent::Packet(agent, bytes) = event
            && self.agents.is_talking(*agent)
        {
            self.packets += 1;
            self.feed(SessionInput::AgentPacket(bytes));
        }
        let (input, next) = self.agents.happen(at, event);
        self.follow(next);
        if let Some(input) = input {
            self.feed(input);
        }
    }

    fn follow(&mut self, next: Vec<Next>) {
        for next in next {
            match next {
                Next::News((at, input)) => self.at(at, Event::News(input)),
                Next::Agent(at, event) => self.at(at, Event::Agent(event)),
            }
        }
    }

    fn feed(&mut self, input: SessionInput<'_>) {
        self.checks.bridge.told(&input);
        self.checks.bridge.is_agent_steady = self.agents.is_steady(self.now) && !self.was_stalled;
        self.session.handle(self.now, input);
        self.drain();
        let wake = self.session.poll_timeout();
        if let Some(at) = wake.filter(|_| wake != self.woken_for) {
            self.woken_for = wake;
            self.at(at, Event::News(SessionInput::Woken));
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            let later = self.serve(&output);
            for (at, input) in later {
                self.at(at, Event::News(input));
            }
            self.outputs += 1;
            let seen = match self.fault {
                None => vec![output],
                Some(fault) => fault.disturb(self.outputs, output),
            };
            for output in &seen {
                self.checks.see(self.now, output);
            }
        }
    }

    fn serve(&mut self, output: &SessionOutput) -> Vec<Later> {
        match output {
            SessionOutput::Speak { prompt, .. } => {
                self.services.make(self.now, *prompt).into_iter().collect()
            }
            SessionOutput::Score(order) => self.scorer.hear(self.now, order).into_iter().collect(),
            SessionOutput::Ear(order) => self.services.hear(self.now, order).into_iter().collect(),
            SessionOutput::FetchPerson(_) if self.has_agents => {
                let next = self.agents.fetch(self.now);
                self.follow(next);
                Vec::new()
            }
            SessionOutput::FetchPerson(_) => self.services.fetch(self.now),
            SessionOutput::MakeWhisper { .. } => {
                self.services.whisper(self.now).into_iter().collect()
            }
            SessionOutput::Connected => {
                self.agents.joined();
                Vec::new()
            }
            SessionOutput::HangUpAgent => {
                self.agents.hung_up();
                Vec::new()
            }
            SessionOutput::ReleasePerson => {
                self.agents.released();
                Vec::new()
            }
            SessionOutput::Packet(_)
            | SessionOutput::AgentPacket(_)
            | SessionOutput::Record { .. }
            | SessionOutput::Journal(_)
            | SessionOutput::BookCallback(_)
            | SessionOutput::CallApi(_)
            | SessionOutput::AskIntent(_)
            | SessionOutput::CancelIntent(_)
            | SessionOutput::TellIntent(_)
            | SessionOutput::HangUp(_)
            | SessionOutput::Over(_) => Vec::new(),
        }
    }

    /// Every pressed key must be heard: nothing was lost, and all of it was sent.
    fn has_perfect_line(&self) -> bool {
        self.network.is_perfect() && !self.phone.was_broken
    }
}

fn named(outcome: &CallOutcome) -> String {
    match outcome {
        CallOutcome::Ended(how) => format!("{how:?}"),
        CallOutcome::Interrupted => "Interrupted".to_owned(),
    }
}
