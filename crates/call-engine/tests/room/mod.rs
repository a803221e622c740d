//! Golden traces of a waiting room: news with `>`, and what the room wants with `<`.
//!
//! The head says who works: `# agent ann zh,en lost_card`, `# queue desk ann,ben ring 20 size 2`,
//! `# rest 30`. Callers are numbers.

use call_engine::waiting_room::{
    Agent, AgentName, Queue, RoomInput, RoomOutput, RoomSettings, RoomTime, Waiter, WaitingRoom,
};
use call_model::{CallId, EscalationReason, Language, PersonFailure, Urgency};
use std::path::PathBuf;
use std::time::Duration;

/// Plays `rooms/<name>.trace` and compares; with `BELLHOP_BLESS=1` writes down what
/// happened instead, for a person to read.
pub fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/rooms")
        .join(format!("{name}.trace"));
    let written = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let played = play(&written);
    if std::env::var_os("BELLHOP_BLESS").is_some() {
        std::fs::write(&path, &played).expect("the trace can be written");
        return;
    }
    assert_eq!(played, written, "{path:?} (left: what happened now)");
}

fn play(written: &str) -> String {
    let head: Vec<&str> = written
        .lines()
        .take_while(|line| line.starts_with('#') || line.trim().is_empty())
        .collect();
    let mut room = WaitingRoom::new(settings(&head));
    let mut lines: Vec<String> = head.iter().map(|line| (*line).to_owned()).collect();
    for line in written.lines().filter(|line| line.contains(" > ")) {
        let (at, what) = line.split_once(" > ").expect("a time and news");
        let at = time(at);
        while let Some(due) = room.poll_timeout().filter(|due| *due <= at) {
            lines.push(format!("{:>9} .", due.to_string()));
            room.handle(due, RoomInput::DeadlineReached);
            drain(due, &mut room, &mut lines);
        }
        lines.push(line.to_owned());
        if what.trim() != "end" {
            room.handle(at, input(what.trim()));
            drain(at, &mut room, &mut lines);
        }
    }
    lines.join("\n") + "\n"
}

fn drain(at: RoomTime, room: &mut WaitingRoom, lines: &mut Vec<String>) {
    while let Some(output) = room.poll_output() {
        lines.push(format!("{:>9} < {}", at.to_string(), shown(&output)));
    }
}

fn shown(output: &RoomOutput) -> String {
    let n = |call: &CallId| call.as_u128();
    match output {
        RoomOutput::Queued { call, ahead } => format!("Queued {} behind {ahead}", n(call)),
        RoomOutput::Ring { call, agent, .. } => format!("Ring {agent} for {}", n(call)),
        RoomOutput::StopRinging { call, agent } => format!("StopRinging {agent} for {}", n(call)),
        RoomOutput::Overflow { call, target } => format!("Overflow {} to {target}", n(call)),
        RoomOutput::Failed { call, failure } => format!("Failed {}: {failure:?}", n(call)),
    }
}

fn settings(head: &[&str]) -> RoomSettings {
    let mut settings = RoomSettings::default();
    for line in head {
        let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
        match words.as_slice() {
            ["agent", name, more @ ..] => settings.agents.push(agent(name, more)),
            ["queue", name, agents, "ring", ring, "size", size] => settings.queues.push(Queue {
                name: (*name).to_owned(),
                agents: list(agents).map(AgentName::new).collect(),
                ring: seconds(ring),
                size_max: size.parse().expect("a size"),
                overflow: format!("sip:{name}-overflow@example.org"),
            }),
            ["rest", rest] => settings.rest = seconds(rest),
            ["wrap-up", time] => settings.wrap_up = seconds(time),
            _ => {}
        }
    }
    settings
}

fn agent(name: &str, more: &[&str]) -> Agent {
    let languages = more.first().into_iter().flat_map(|tags| list(tags));
    let skills = more.get(1).into_iter().flat_map(|skills| list(skills));
    Agent {
        name: AgentName::new(name),
        address: format!("sip:{name}@example.org"),
        skills: skills.map(str::to_owned).collect(),
        languages: languages
            .map(|tag| tag.parse::<Language>().expect("a language"))
            .collect(),
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|part| *part != "-")
}

/// `enters 1 desk`, with `first`, `urgency 5`, `zh`, `skill lost_card` as it may be.
fn input(what: &str) -> RoomInput {
    let words: Vec<&str> = what.split_whitespace().collect();
    let call = |n: &str| CallId::new(0, n.parse().expect("a caller"));
    match words.as_slice() {
        ["enters", n, queue, more @ ..] => RoomInput::Enter(Waiter {
            call: call(n),
            queue: (*queue).to_owned(),
            has_priority: more.contains(&"first"),
            urgency: more
                .iter()
                .position(|word| *word == "urgency")
                .and_then(|place| Urgency::new(more[place + 1].parse().ok()?))
                .unwrap_or_default(),
            reason: EscalationReason::Asked,
            skill: more
                .iter()
                .position(|word| *word == "skill")
                .map(|place| more[place + 1].to_owned()),
            language: if more.contains(&"zh") {
                Language::Zh
            } else {
                Language::En
            },
        }),
        ["asks", n, "again"] => RoomInput::Raise {
            call: call(n),
            has_priority: true,
            reason: EscalationReason::RepeatedRequest,
        },
        ["leaves", n] => RoomInput::Leave(call(n)),
        ["rings", n] => RoomInput::AgentRings(call(n)),
        ["answers", n] => RoomInput::AgentAnswered(call(n)),
        ["refuses", n] => failed(call(n), PersonFailure::Refused),
        ["busy", n] => failed(call(n), PersonFailure::Busy),
        ["unreachable", n] => failed(call(n), PersonFailure::Unreachable),
        ["frees", agent] => RoomInput::AgentFreed(AgentName::new(*agent)),
        ["withdraws", agent] => RoomInput::AgentWithdrew(AgentName::new(*agent)),
        ["opens", queue] => RoomInput::Open((*queue).to_owned()),
        ["closes", queue] => RoomInput::Closed((*queue).to_owned()),
        other => panic!("{other:?} says nothing known"),
    }
}

const fn failed(call: CallId, failure: PersonFailure) -> RoomInput {
    RoomInput::AgentFailed { call, failure }
}

fn seconds(text: &str) -> Duration {
    Duration::from_secs_f64(text.trim().parse().expect("seconds"))
}

fn time(text: &str) -> RoomTime {
    RoomTime::ZERO + seconds(text)
}
