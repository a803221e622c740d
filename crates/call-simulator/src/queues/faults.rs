//! A waiting room with a fault planted on purpose, so that the rules are checked.

use super::rules::QueueRule;
use call_engine::waiting_room::{
    AgentName, RoomInput, RoomOutput, RoomSettings, RoomTime, WaitingRoom,
};
use call_model::CallId;
use std::collections::VecDeque;
use std::time::Duration;

/// One fault of a waiting room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlantedQueueFault {
    /// Who asks again is not raised.
    RaiseForgotten,
    /// Every third caller is favoured.
    StrangersFavoured,
    /// Two phones ring for one caller.
    TwoPhonesRing,
    /// A phone rings for two callers.
    PhoneRingsForTwo,
    /// A phone rings on when its caller has left.
    PhoneRingsOn,
    /// A phone rings for too long.
    PhoneRingsTooLong,
    /// An agent who did not take a call is rung again at once.
    RestForgotten,
    /// Skills and languages do not matter.
    SkillIgnored,
    /// The hours do not matter.
    HoursIgnored,
    /// A queue takes in more than it may.
    QueueOverfull,
    /// A caller who enters is not noticed.
    CallerForgotten,
    /// A caller for whom nobody is to be had is not told.
    FailureSwallowed,
    /// An agent who has finished a call is not given another.
    AgentForgotten,
}

impl PlantedQueueFault {
    /// Every fault.
    pub const ALL: [Self; 13] = [
        Self::RaiseForgotten,
        Self::StrangersFavoured,
        Self::TwoPhonesRing,
        Self::PhoneRingsForTwo,
        Self::PhoneRingsOn,
        Self::PhoneRingsTooLong,
        Self::RestForgotten,
        Self::SkillIgnored,
        Self::HoursIgnored,
        Self::QueueOverfull,
        Self::CallerForgotten,
        Self::FailureSwallowed,
        Self::AgentForgotten,
    ];

    /// The rule that finds it.
    pub const fn breaks(self) -> QueueRule {
        match self {
            Self::RaiseForgotten => QueueRule::ThirdRequestOvertakes,
            Self::StrangersFavoured => QueueRule::FirstComesFirst,
            Self::TwoPhonesRing => QueueRule::CallerRingsOnePhone,
            Self::PhoneRingsForTwo => QueueRule::AgentHasOneCall,
            Self::PhoneRingsOn => QueueRule::LeaverRingsNoPhone,
            Self::PhoneRingsTooLong => QueueRule::RingEnds,
            Self::RestForgotten => QueueRule::AgentIsLetBe,
            Self::SkillIgnored => QueueRule::AgentFits,
            Self::HoursIgnored => QueueRule::HoursAreKept,
            Self::QueueOverfull => QueueRule::QueueIsBounded,
            Self::CallerForgotten | Self::FailureSwallowed => QueueRule::NobodyIsForgotten,
            Self::AgentForgotten => QueueRule::NoAgentIdles,
        }
    }
}

/// The waiting room under test.
pub(super) struct Subject {
    room: WaitingRoom,
    fault: Option<PlantedQueueFault>,
    entered: u64,
    latest: Option<(CallId, AgentName)>,
    out: VecDeque<RoomOutput>,
}

impl Subject {
    pub(super) fn new(mut settings: RoomSettings, fault: Option<PlantedQueueFault>) -> Self {
        match fault {
            Some(PlantedQueueFault::RestForgotten) => settings.rest = Duration::ZERO,
            Some(PlantedQueueFault::QueueOverfull) => {
                for queue in &mut settings.queues {
                    queue.size_max += 3;
                }
            }
            Some(PlantedQueueFault::PhoneRingsTooLong) => {
                for queue in &mut settings.queues {
                    queue.ring *= 4;
                }
            }
            Some(_) | None => {}
        }
        Self {
            room: WaitingRoom::new(settings),
            fault,
            entered: 0,
            latest: None,
            out: VecDeque::new(),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<RoomTime> {
        self.room.poll_timeout()
    }

    pub(super) fn handle(&mut self, now: RoomTime, mut input: RoomInput) -> Vec<RoomOutput> {
        use PlantedQueueFault as Fault;
        let is_leaving = matches!(input, RoomInput::Leave(_));
        if let RoomInput::Enter(waiter) = &mut input {
            self.entered += 1;
            let is_third = self.entered.is_multiple_of(3);
            match self.fault {
                Some(Fault::StrangersFavoured) if is_third => waiter.has_priority = true,
                Some(Fault::SkillIgnored) => waiter.skill = None,
                Some(Fault::CallerForgotten) if is_third => return Vec::new(),
                Some(_) | None => {}
            }
        }
        match (self.fault, &input) {
            (Some(Fault::RaiseForgotten), RoomInput::Raise { .. })
            | (Some(Fault::HoursIgnored), RoomInput::Closed(_))
            | (Some(Fault::AgentForgotten), RoomInput::AgentFreed(_)) => return Vec::new(),
            (Some(_) | None, _) => {}
        }
        self.room.handle(now, input);
        while let Some(output) = self.room.poll_output() {
            self.pass(output, is_leaving);
        }
        self.out.drain(..).collect()
    }

    /// Lets an order through, bent by the fault.
    fn pass(&mut self, output: RoomOutput, is_leaving: bool) {
        use PlantedQueueFault as Fault;
        match (self.fault, &output) {
            (Some(Fault::PhoneRingsOn), RoomOutput::StopRinging { .. }) if is_leaving => return,
            (Some(Fault::FailureSwallowed), RoomOutput::Failed { .. }) => return,
            (
                Some(Fault::TwoPhonesRing),
                RoomOutput::Ring {
                    call,
                    address,
                    ring,
                    ..
                },
            ) => {
                self.out.push_back(output.clone());
                self.out.push_back(RoomOutput::Ring {
                    call: *call,
                    agent: AgentName::new("agent-0"),
                    address: address.clone(),
                    ring: *ring,
                });
                return;
            }
            (
                Some(Fault::PhoneRingsForTwo),
                RoomOutput::Ring {
                    call,
                    agent,
                    address,
                    ring,
                },
            ) => {
                let earlier = self.latest.replace((*call, agent.clone()));
                if let Some((_, earlier)) = earlier.filter(|(other, _)| other != call) {
                    self.out.push_back(RoomOutput::Ring {
                        call: *call,
                        agent: earlier,
                        address: address.clone(),
                        ring: *ring,
                    });
                    return;
                }
            }
            (Some(_) | None, _) => {}
        }
        self.out.push_back(output);
    }
}
