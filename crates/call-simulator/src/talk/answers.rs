//! What a conversation says of back ends, as one that answers over HTTP is told it.

use super::script::{BackEnd, Talk, What, is_at};
use call_model::ApiMethod;
use dialplan::{ApiCall, Node, Plan, TemplatePiece};
use std::collections::BTreeMap;
use std::time::Duration;

/// A back end that takes so long has not answered anybody.
const NEVER: Duration = Duration::from_secs(120);

/// The answers of a conversation's back ends.
#[derive(Default)]
pub(super) struct Answers {
    /// As a plan's `backend.yaml` would tell them.
    pub(super) text: String,
    /// So long a caller waits for one of them at most.
    pub(super) longest_wait: Duration,
}

/// Reads them out of a conversation; else why nobody could serve them.
pub(super) fn answers(plan: &Plan, talk: &Talk) -> Result<Answers, String> {
    let mut told = Answers::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for step in &talk.steps {
        let What::BackEnd { node, part, answer } = &step.what else {
            continue;
        };
        for call in calls(plan, node, part.as_deref()) {
            let address = address(call)?;
            let rule = rule(answer)?;
            told.longest_wait = told.longest_wait.max(wait(call, answer));
            match known.get(&address) {
                Some(earlier) if *earlier == rule => continue,
                Some(_) => {
                    return Err(format!(
                        "what the back end of '{node}' answers changes on the way, or is another's too"
                    ));
                }
                None => {}
            }
            told.text += &format!("- {address}\n{rule}");
            known.insert(address, rule);
        }
    }
    Ok(told)
}

/// The requests that a name of a node, or of one of its parts, stands for.
fn calls<'p>(plan: &'p Plan, named: &str, part: Option<&str>) -> Vec<&'p ApiCall> {
    let nodes = plan.nodes().filter(|(name, _)| is_at(name, named));
    let of_node = |(_, node): (&str, &'p Node)| match node {
        Node::ApiAll(all) => {
            let parts = all.parts.iter();
            let asked = parts.filter(|of| part.is_none_or(|part| of.part == part));
            asked.map(|of| &of.call).collect()
        }
        other => other.calls(),
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
