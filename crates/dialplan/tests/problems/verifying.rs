//! What can be wrong with asking whether what a caller told is right.

use super::support::{HEAD, SOUND, finds, problems};
use dialplan::{Node, Plan, PlanSources};

const CHECK: &str = "  check:
    verify: { url: 'https://bank.example/codes' }
    say: { en: One moment., zh: 请稍等。 }
    next: bye
    again: hello
    failed: person
    error: person
";

fn with_check(from: &str, to: &str) -> String {
    assert!(CHECK.contains(from), "'{from}' is no part of the example");
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      check: { en: [check], zh: [核对] }",
    );
    format!("{HEAD}{sound}{}", CHECK.replacen(from, to, 1))
}

#[test]
fn it_is_made_of_nodes_that_calls_know() {
    let sources = PlanSources::of_head(with_check("next", "next"));
    assert_eq!(problems(&sources), []);
    let plan = Plan::compile(&sources).expect("a sound plan");
    let names: Vec<&str> = plan.nodes().map(|(name, _)| name).collect();
    let parts = ["asked", "counted", "passed", "person", "refused"];
    let parts = parts.map(|part| format!("check.{part}"));
    assert_eq!(names[2..7], parts);
    let Some(Node::Api(asked)) = plan.node("check.asked") else {
        panic!("a back end is asked");
    };
    let refusals: Vec<u16> = asked.on_status.keys().copied().collect();
    assert_eq!(refusals, [401, 403, 404, 422]);
    // Nobody but the plan says who is verified, the intent tier least of all.
    assert!(!plan.has_slot("check_ok") && !plan.has_slot("check_tries"));
}

#[test]
fn what_is_missing_is_told_of_the_node_that_was_written() {
    for (field, wanted) in [
        ("    next: bye\n", "node 'check' leads nowhere"),
        (
            "    again: hello\n",
            "node 'check' does not say where callers are asked again",
        ),
        (
            "    failed: person\n",
            "node 'check' does not say what follows the last attempt",
        ),
        (
            "    error: person\n",
            "node 'check' does not say what happens when no answer comes",
        ),
    ] {
        let text = with_check(field, "").replacen("  check:\n    v", "  check:\n    »v", 1);
        finds(&text, wanted);
    }
    finds(
        &with_check("next: bye", "next: »by"),
        "'check' leads to 'by', which is no node",
    );
    finds(
        &with_check("failed: person", "failed: »by"),
        "'check' leads to 'by', which is no node",
    );
    finds(
        &with_check("    next", "    attempts: »0\n    next"),
        "'attempts' is '0'",
    );
}
