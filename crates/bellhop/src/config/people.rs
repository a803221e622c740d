//! `[[agent]]` and `[[queue]]`: the people callers are put through to.

use crate::routes::Schedule;
use call_model::Language;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// `[[agent]]`: a person and their phone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentKeys {
    pub name: String,
    /// Where the phone is, e.g. `sip:lin@10.0.0.7`.
    pub address: String,
    /// What the person can do; none: everything.
    #[serde(default)]
    pub skills: Vec<String>,
    /// What the person speaks; none: every language.
    #[serde(default)]
    pub languages: Vec<Language>,
}

/// `[people]`: what holds for every agent.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleKeys {
    /// An agent who did not take a call gets no other for so long.
    pub rest_s: u64,
    /// An agent whose call is over gets the next one after so long; the phone has to hang up.
    pub wrap_up_ms: u64,
}

impl Default for PeopleKeys {
    fn default() -> Self {
        Self {
            rest_s: 10,
            wrap_up_ms: 500,
        }
    }
}

/// `[[queue]]`: where callers wait for one of several agents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueKeys {
    pub name: String,
    /// The agents who serve it, by name.
    pub agents: Vec<String>,
    /// The address that is tried for callers who waited too long.
    pub overflow: String,
    /// An agent's phone rings for so long.
    #[serde(default = "usual_ring")]
    pub ring_s: u64,
    /// Callers who may wait; the next one hears at once that nobody is free.
    #[serde(default = "usual_size")]
    pub size_max: usize,
    /// What callers hear meanwhile: a WAV file, 8 kHz; without it, silence between the holding lines.
    pub music: Option<PathBuf>,
    /// When agents are there, e.g. `mon-fri 09:00-18:00`; without it: always.
    pub hours: Option<String>,
}

const fn usual_ring() -> u64 {
    20
}

const fn usual_size() -> usize {
    100
}

/// What is wrong with agents and queues, in the operator's words.
pub fn problems(agents: &[AgentKeys], queues: &[QueueKeys]) -> Vec<String> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for agent in agents {
        if !names.insert(agent.name.as_str()) {
            found.push(format!(
                "agent '{}' stands twice; give each a name of its own",
                agent.name
            ));
        }
        found.extend(address_problem(
            &format!("agent '{}': address", agent.name),
            &agent.address,
        ));
    }
    let mut queue_names = BTreeSet::new();
    for queue in queues {
        if !queue_names.insert(queue.name.as_str()) {
            found.push(format!(
                "queue '{}' stands twice; give each a name of its own",
                queue.name
            ));
        }
        found.extend(queue_problems(queue, &names));
    }
    found
}

fn queue_problems(queue: &QueueKeys, agents: &BTreeSet<&str>) -> Vec<String> {
    let what = format!("queue '{}'", queue.name);
    let mut found = Vec::new();
    if queue.agents.is_empty() {
        found.push(format!(
            "{what}: agents is empty; name at least one [[agent]]"
        ));
    }
    for name in queue
        .agents
        .iter()
        .filter(|name| !agents.contains(name.as_str()))
    {
        found.push(format!("{what}: '{name}' is no [[agent]] of this file"));
    }
    if queue.ring_s == 0 || queue.size_max == 0 {
        found.push(format!("{what}: ring_s and size_max must be above 0"));
    }
    if let Some(Err(error)) = queue.hours.as_deref().map(str::parse::<Schedule>) {
        found.push(format!("{what}: hours: {error}"));
    }
    found.extend(address_problem(
        &format!("{what}: overflow"),
        &queue.overflow,
    ));
    found
}

fn address_problem(what: &str, address: &str) -> Option<String> {
    let is_sip = address.starts_with("sip:") && address.len() > "sip:".len();
    let is_clean = address
        .chars()
        .all(|c| c.is_ascii_graphic() && c != '<' && c != '>');
    (!is_sip || !is_clean)
        .then(|| format!("{what}: '{address}' is no SIP address; write sip:name@host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(name: &str, address: &str) -> AgentKeys {
        AgentKeys {
            name: name.to_owned(),
            address: address.to_owned(),
            skills: Vec::new(),
            languages: Vec::new(),
        }
    }

    fn queue(agents: &[&str]) -> QueueKeys {
        QueueKeys {
            name: "desk".to_owned(),
            agents: agents.iter().map(|&name| name.to_owned()).collect(),
            overflow: "sip:late@127.0.0.1".to_owned(),
            ring_s: 20,
            size_max: 10,
            music: None,
            hours: None,
        }
    }

    #[test]
    fn agents_and_queues_that_fit_each_other_are_taken() {
        let agents = [agent("lin", "sip:lin@127.0.0.1:5070")];
        assert_eq!(problems(&agents, &[queue(&["lin"])]), Vec::<String>::new());
    }

    #[test]
    fn every_mistake_names_its_place_and_remedy() {
        let agents = [agent("lin", "lin@127.0.0.1"), agent("lin", "sip:a b")];
        let mut bad = queue(&["wang"]);
        bad.hours = Some("mon-fri 9".to_owned());
        bad.overflow = "tel:110".to_owned();
        let told = problems(&agents, &[bad, queue(&[])]).join("\n");
        for part in [
            "agent 'lin' stands twice",
            "agent 'lin': address: 'lin@127.0.0.1'",
            "'wang' is no [[agent]]",
            "queue 'desk': hours: 'mon-fri 9'",
            "queue 'desk': overflow: 'tel:110'",
            "queue 'desk' stands twice",
            "agents is empty",
        ] {
            assert!(told.contains(part), "{part} is not in\n{told}");
        }
    }
}
