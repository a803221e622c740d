//! What can be wrong with a node that asks several back ends at once.

use super::support::{changed, finds, problems};
use dialplan::{Plan, PlanSources};

const ALL: &str = "
    api:
      all:
        card: { url: 'https://bank.example/card', name: { en: the card, zh: 银行卡 } }
        wallet: { url: 'https://pay.example/wallet', keep: { rest: /rest }, name: { en: the wallet, zh: 钱包 } }
      deadline: 5s
    say: { en: One moment., zh: 请稍等。 }
    next: whole
    partly: half
    error: person
  whole: { say: { en: 'All of it, {rest}.', zh: '全部，{rest}。' }, next: bye }
  half: { say: { en: 'Not {freeze_failed}.', zh: '{freeze_failed}没有成功。' }, next: bye }
";

/// The sound plan, its route leading to such a node.
fn with(from: &str, to: &str) -> String {
    assert!(ALL.contains(from), "'{from}' is no part of the node");
    let to_it = changed(
        "      bye: {",
        "      freeze: { en: [my order], zh: [我的订单] }\n      bye: {",
    );
    format!("{to_it}  freeze:{}", ALL.replacen(from, to, 1))
}

#[test]
fn each_of_several_back_ends_is_asked_within_the_deadline_of_all() {
    let plan = Plan::compile(&PlanSources::of_head(with("", ""))).expect("a sound plan");
    let calls = plan
        .node("freeze")
        .map(dialplan::Node::calls)
        .unwrap_or_default();
    let deadlines: Vec<u64> = calls.iter().map(|call| call.deadline.as_secs()).collect();
    assert_eq!(deadlines, [5, 5]);
    let again = Plan::from_json(&plan.to_json()).expect("it reads back");
    assert_eq!(again.digest(), plan.digest());
}

#[test]
fn whoever_is_asked_has_a_name_and_a_way() {
    for (from, to, message) in [
        (
            "name: { en: the card, zh: 银行卡 }",
            "name: »{ en: the card }",
            "the name of 'card' is missing in 'zh'",
        ),
        (
            "card: { url: 'https://bank.example/card', ",
            "card: »{ ",
            "node 'freeze' asks nobody",
        ),
        (
            "card: {",
            "»'a card': {",
            "'a card' cannot be the name of a back end",
        ),
        (
            "next: whole",
            "next: »hole",
            "'freeze' leads to 'hole', which is no node",
        ),
        (
            "deadline: 5s",
            "»retries: 1",
            "'api' of node 'freeze' has no field 'retries'",
        ),
        (
            "Not {freeze_failed}",
            "»Not {rest}",
            "at 'half' a caller may come before '{rest}' is filled",
        ),
    ] {
        let planted = with(from, to);
        let found = problems(&PlanSources::of_head(planted.replace('»', "")));
        let (before, _) = planted.split_once('»').expect("a mark");
        let line = before.matches('\n').count() + 1;
        let is_told = found
            .iter()
            .any(|p| p.message.starts_with(message) && p.line as usize == line);
        assert!(is_told, "{message}: {found:#?}");
    }
    let missing = problems(&PlanSources::of_head(with("    partly: half\n", "")));
    assert_eq!(
        missing[0].message,
        "node 'freeze' does not say what happens when only some succeed"
    );
    finds(
        &with("    next: whole", "    »not_found: bye\n    next: whole"),
        "'not_found' is for a node that asks one back end",
    );
}
