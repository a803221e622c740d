//! What can be wrong with a node that decides or notes.

use super::support::{changed, finds, problems};
use dialplan::PlanSources;

/// The sound plan with more nodes behind its question.
fn with(nodes: &str) -> String {
    let to_it = changed(
        "      bye: {",
        "      weigh: { en: [my order], zh: [我的订单] }\n      bye: {",
    );
    format!("{to_it}{nodes}")
}

#[test]
fn rounds_that_are_counted_are_no_endless_circle() {
    let counted = with(
        "  weigh: { set: { round: { add: 1 }, seen: 'yes' }, next: told }
  told: { say: { en: Once more., zh: 再来一次。 }, next: again }
  again:
    decide: [{ when: { round: { at_least: 3 }, seen: { not: [never, 'no'] } }, to: bye }]
    otherwise: weigh
",
    );
    assert_eq!(problems(&PlanSources::of_head(counted.clone())), []);
    for (from, to) in [
        ("round: { add: 1 }", "round: '1'"),
        ("round: { at_least: 3 }", "seen: never"),
        ("to: bye", "to: weigh"),
    ] {
        let endless = counted.replace(from, to);
        let found = problems(&PlanSources::of_head(endless));
        let is_told = found
            .iter()
            .any(|p| p.kind == dialplan::ProblemKind::EndlessCircle);
        assert!(is_told, "{to}: {found:?}");
    }
}

#[test]
fn a_case_that_asks_nothing_or_leads_nowhere_is_told() {
    for (case, message) in [
        ("»{ to: bye }", "a case asks nothing"),
        ("{ when: »{}, to: bye }", "a case asks nothing"),
        ("»{ when: { risk: high } }", "a case leads nowhere"),
        (
            "{ when: { risk: { »over: 3 } }, to: bye }",
            "a condition has no field 'over'",
        ),
        (
            "{ when: { risk: { above: »many } }, to: bye }",
            "'many' is no number",
        ),
        (
            "{ when: { risk: high }, to: »by }",
            "'which' leads to 'by', which is no node",
        ),
        (
            "{ when: { »rsk: high }, to: bye }",
            "'{rsk}' is a slot that no node fills",
        ),
    ] {
        finds(
            &with(&format!(
                "  weigh: {{ set: {{ risk: low }}, next: which }}\n  which:\n    decide: [{case}]\n    otherwise: hello\n"
            )),
            message,
        );
    }
    finds(
        &with("  weigh: »{ decide: [] }\n"),
        "node 'weigh' leads nowhere when none of its cases holds",
    );
}

#[test]
fn what_is_set_is_a_text_or_a_count() {
    for (set, message) in [
        ("{ risk: { »sub: 1 } }", "a slot's value has no field 'sub'"),
        (
            "{ risk: »{ add: one } }",
            "it is not said how much is added",
        ),
        ("{ risk: »'{open' }", "a '{' is never closed"),
        ("{ »'a b': x }", "'a b' cannot be the name of a slot"),
    ] {
        finds(
            &with(&format!("  weigh: {{ set: {set}, next: bye }}\n")),
            message,
        );
    }
}
