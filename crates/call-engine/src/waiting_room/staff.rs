//! The agents as they are at the moment, and the queues they serve.

use super::{Agent, AgentName, Queue, RoomSettings, RoomTime, Waiter};
use std::collections::BTreeSet;
use std::time::Duration;

/// An agent by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct AgentNumber(usize);

/// A queue by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct QueueNumber(usize);

/// What an agent does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doing {
    /// Nothing, since then.
    Free { since: RoomTime },
    /// The phone rings for a caller.
    Rings,
    /// Talks to a caller.
    Talks,
    /// Did not take a call, and is let be.
    Rests { until: RoomTime },
}

#[derive(Debug)]
struct Post {
    agent: Agent,
    doing: Doing,
}

#[derive(Debug)]
struct Line {
    queue: Queue,
    agents: Vec<AgentNumber>,
    hours: Hours,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hours {
    Open,
    Closed,
}

/// Every agent and every queue.
#[derive(Debug)]
pub(super) struct Staff {
    posts: Vec<Post>,
    lines: Vec<Line>,
    rest: Duration,
    wrap_up: Duration,
}

impl Staff {
    pub(super) fn of(settings: RoomSettings) -> Self {
        let since = RoomTime::ZERO;
        let post = |agent| Post {
            agent,
            doing: Doing::Free { since },
        };
        let mut staff = Self {
            posts: settings.agents.into_iter().map(post).collect(),
            lines: Vec::new(),
            rest: settings.rest,
            wrap_up: settings.wrap_up,
        };
        for queue in settings.queues {
            let agents: BTreeSet<AgentNumber> = queue
                .agents
                .iter()
                .filter_map(|name| staff.agent_named(name))
                .collect();
            staff.lines.push(Line {
                queue,
                agents: agents.into_iter().collect(),
                hours: Hours::Open,
            });
        }
        staff
    }

    fn agent_named(&self, name: &AgentName) -> Option<AgentNumber> {
        let place = self.posts.iter().position(|post| post.agent.name == *name);
        place.map(AgentNumber)
    }

    pub(super) fn queue_named(&self, name: &str) -> Option<QueueNumber> {
        let place = self.lines.iter().position(|line| line.queue.name == name);
        place.map(QueueNumber)
    }

    pub(super) fn queue(&self, queue: QueueNumber) -> &Queue {
        &self.lines[queue.0].queue
    }

    pub(super) fn agent(&self, agent: AgentNumber) -> &Agent {
        &self.posts[agent.0].agent
    }

    pub(super) fn is_open(&self, queue: QueueNumber) -> bool {
        self.lines[queue.0].hours == Hours::Open
    }

    pub(super) fn open(&mut self, queue: QueueNumber) {
        self.lines[queue.0].hours = Hours::Open;
    }

    pub(super) fn close(&mut self, queue: QueueNumber) {
        self.lines[queue.0].hours = Hours::Closed;
    }

    /// The agents who may serve this caller: those with the skill and the language. Where
    /// there is none, the language alone counts, and where nobody speaks it, anybody is
    /// better than nobody.
    pub(super) fn candidates(&self, queue: QueueNumber, waiter: &Waiter) -> Vec<AgentNumber> {
        let line = &self.lines[queue.0];
        let speaks = |agent: &Agent| {
            agent.languages.is_empty() || agent.languages.contains(&waiter.language)
        };
        let can = |agent: &Agent| match &waiter.skill {
            Some(skill) => *skill == line.queue.name || agent.skills.contains(skill),
            None => true,
        };
        let those = |fits: &dyn Fn(&Agent) -> bool| -> Vec<AgentNumber> {
            let agents = line.agents.iter().copied();
            agents.filter(|agent| fits(self.agent(*agent))).collect()
        };
        [
            those(&|agent| can(agent) && speaks(agent)),
            those(&speaks),
            those(&|_| true),
        ]
        .into_iter()
        .find(|agents| !agents.is_empty())
        .unwrap_or_default()
    }

    /// Of these the one who has been free the longest.
    pub(super) fn free_among(&self, agents: &[AgentNumber]) -> Option<AgentNumber> {
        let free = agents.iter().filter_map(|agent| match self.doing(*agent) {
            Doing::Free { since } => Some((since, *agent)),
            Doing::Rings | Doing::Talks | Doing::Rests { .. } => None,
        });
        free.min().map(|(_, agent)| agent)
    }

    pub(super) fn doing(&self, agent: AgentNumber) -> Doing {
        self.posts[agent.0].doing
    }

    pub(super) fn set(&mut self, agent: AgentNumber, doing: Doing) {
        self.posts[agent.0].doing = doing;
    }

    /// The agent did not take a call, and is let be for a while.
    pub(super) fn let_rest(&mut self, agent: AgentNumber, now: RoomTime) {
        let until = now + self.rest;
        self.set(agent, Doing::Rests { until });
    }

    /// The agent has finished a call.
    pub(super) fn freed(&mut self, name: &AgentName, now: RoomTime) {
        if let Some(agent) = self.agent_named(name)
            && self.doing(agent) == Doing::Talks
        {
            self.hangs_up(agent, now);
        }
    }

    /// The agent's phone hangs up; soon they are free.
    pub(super) fn hangs_up(&mut self, agent: AgentNumber, now: RoomTime) {
        let doing = match self.wrap_up {
            Duration::ZERO => Doing::Free { since: now },
            wrap_up => Doing::Rests {
                until: now + wrap_up,
            },
        };
        self.set(agent, doing);
    }

    /// The agent let go of a caller before the two were joined: as one who took no call.
    pub(super) fn withdrew(&mut self, name: &AgentName, now: RoomTime) {
        if let Some(agent) = self.agent_named(name)
            && self.doing(agent) == Doing::Talks
        {
            self.let_rest(agent, now);
        }
    }

    /// Whose rest is over is free.
    pub(super) fn end_rests(&mut self, now: RoomTime) {
        for post in &mut self.posts {
            match post.doing {
                Doing::Rests { until } if until <= now => post.doing = Doing::Free { since: now },
                Doing::Rests { .. } | Doing::Free { .. } | Doing::Rings | Doing::Talks => {}
            }
        }
    }

    pub(super) fn rests_until(&self) -> impl Iterator<Item = RoomTime> {
        self.posts.iter().filter_map(|post| match post.doing {
            Doing::Rests { until } => Some(until),
            Doing::Free { .. } | Doing::Rings | Doing::Talks => None,
        })
    }
}
