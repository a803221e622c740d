//! What a conversation says of back ends, as one that answers over HTTP is told it.

use super::report::Played;
use super::script::{BackEnd, Talk, What, is_at};
use call_model::ApiMethod;
use dialplan::{ApiCall, Node, Plan, TemplatePiece};
use std::time::Duration;

/// A back end that takes so long has not answered anybody.
const NEVER: Duration = Duration::from_secs(120);

/// The answers of a conversation's back ends.
#[derive(Default)]
pub(super) struct Answers {
    /// As a plan's `backend.yaml` would tell them.
    pub(super) text: String,
    /// So long a caller waits for one of them at most, and the line that says so.
    pub(super) longest_wait: Duration,
    pub(super) longest_line: u32,
}

/// One of the answers that are given at an address.
struct Given<'t> {
    rule: String,
    /// The node that asks, and the part of it.
    asker: (&'t str, Option<&'t str>),
    /// So often it is given, before the next one is.
    times: u32,
    /// Whether who gets it may ask once more of itself.
    may_recur: bool,
    line: u32,
}

/// Reads them out of a conversation; else why nobody could serve them.
pub(super) fn answers(plan: &Plan, talk: &Talk, played: &Played) -> Result<Answers, String> {
    let mut told = Answers::default();
    let mut places: Vec<(String, Vec<Given<'_>>)> = Vec::new();
    let back_ends = talk.steps.iter().filter_map(|step| match &step.what {
        What::BackEnd { node, part, answer } => Some((step, node, part, answer)),
        _ => None,
    });
    for (number, (step, node, part, answer)) in back_ends.enumerate() {
        let at_line = |why: String| format!("line {}: '{}': {why}", step.line, step.written);
        for (asker, call) in calls(plan, node, part.as_deref()) {
            let wait = wait(call, answer);
            if wait > told.longest_wait {
                (told.longest_wait, told.longest_line) = (wait, step.line);
            }
            let place = (number, asker.0.to_owned(), asker.1.map(str::to_owned));
            let given = Given {
                rule: rule(answer).map_err(at_line)?,
                asker,
                times: played.given.get(&place).copied().unwrap_or_default(),
                may_recur: may_recur(call, answer),
                line: step.line,
            };
            let address = address(call).map_err(at_line)?;
            match places.iter_mut().find(|(known, _)| *known == address) {
                Some((_, earlier)) => earlier.push(given),
                None => places.push((address, vec![given])),
            }
        }
    }
    for (address, given) in places {
        told.text += &at_address(&address, &given)?;
    }
    Ok(told)
}

/// What is answered at an address: each answer as often as it was in virtual time, the last from then
/// on.
fn at_address(address: &str, given: &[Given<'_>]) -> Result<String, String> {
    let mut text = String::new();
    let Some((last, earlier)) = given.split_last() else {
        return Ok(text);
    };
    let is_one = earlier.iter().all(|one| one.rule == last.rule);
    for one in earlier.iter().filter(|_| !is_one) {
        let refused = |why: &str| Err(format!("line {}: {why}", last.line));
        if one.asker != last.asker {
            return refused("another node asks at the same address, and is answered otherwise");
        }
        if one.may_recur {
            return refused("what was answered before may be asked for any number of times");
        }
        if one.times > 0 {
            text += &format!("- {address}\n  times: {}\n{}", one.times, one.rule);
        }
    }
    Ok(text + &format!("- {address}\n{}", last.rule))
}

/// Who is answered so, or not at all, may ask once more of itself.
fn may_recur(call: &ApiCall, answer: &BackEnd) -> bool {
    match answer {
        BackEnd::Down | BackEnd::Silent => true,
        BackEnd::Answers { status, after, .. } => {
            *after > call.deadline || *status >= 500 || [408, 425, 429].contains(status)
        }
    }
}

/// The requests that a name of a node, or of one of its parts, stands for, each with who asks.
fn calls<'p>(
    plan: &'p Plan,
    named: &str,
    part: Option<&str>,
) -> Vec<((&'p str, Option<&'p str>), &'p ApiCall)> {
    let nodes = plan.nodes().filter(|(name, _)| is_at(name, named));
    let of_node = |(name, node): (&'p str, &'p Node)| match node {
        Node::ApiAll(all) => {
            let parts = all.parts.iter();
            let asked = parts.filter(|of| part.is_none_or(|part| of.part == part));
            asked
                .map(|of| ((name, Some(of.part.as_str())), &of.call))
                .collect()
        }
        other => {
            let calls = other.calls().into_iter();
            calls.map(|call| ((name, None), call)).collect::<Vec<_>>()
        }
    };
    nodes.flat_map(of_node).collect()
}

/// `get: "/orders/{order}"`
fn address(call: &ApiCall) -> Result<String, String> {
    let pieces = call.url.0.iter().map(|piece| match piece {
        TemplatePiece::Text(text) => text.clone(),
        TemplatePiece::Slot(slot) => format!("{{{slot}}}"),
    });
    let url: String = pieces.collect();
    let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = path.find('/').map_or("/", |from| &path[from..]);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_whole = |segment: &str| match segment.contains('{') {
        true => segment.starts_with('{') && segment.find('}') == Some(segment.len() - 1),
        false => true,
    };
    if !path.split('/').all(is_whole) {
        return Err(format!("the address {path} has a slot within a name"));
    }
    let method = match call.method {
        ApiMethod::Get => "get",
        ApiMethod::Post => "post",
    };
    Ok(format!("{method}: {path:?}"))
}

fn rule(answer: &BackEnd) -> Result<String, String> {
    Ok(match answer {
        BackEnd::Down => "  breaks_off: true\n".to_owned(),
        BackEnd::Silent => format!("  after_ms: {}\n", NEVER.as_millis()),
        BackEnd::Answers {
            status,
            body,
            after,
        } => {
            let body = match body.trim() {
                "" => "{}",
                body => body,
            };
            let is_object = serde_json::from_str::<serde_json::Value>(body)
                .is_ok_and(|value| value.is_object());
            if !is_object {
                return Err("a back end answers with what is no object of JSON".to_owned());
            }
            let after = after.as_millis();
            format!("  status: {status}\n  after_ms: {after}\n  answer: {body}\n")
        }
    })
}

fn wait(call: &ApiCall, answer: &BackEnd) -> Duration {
    match answer {
        BackEnd::Down => Duration::ZERO,
        BackEnd::Silent => call.longest(),
        BackEnd::Answers { after, .. } if *after > call.deadline => call.longest(),
        BackEnd::Answers { after, .. } => *after,
    }
}
