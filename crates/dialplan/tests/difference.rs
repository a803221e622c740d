//! What is told of two plans: the differences that a caller would notice, and all others.

use dialplan::{Plan, PlanSources};

const PLAN: &str = "\
plan: shop
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
nodes:
  menu:
    ask: { en: How can I help?, zh: 您好 }
    routes:
      order: { en: [my order, track my order], zh: [我的订单], key: 1 }
      hours: { en: [opening hours], zh: [营业时间], key: 2 }
      bye: { en: [goodbye], zh: [再见], key: 3 }
    no_input: [{ en: You can say my order., zh: 您可以说我的订单。 }, { then: keys }]
    no_match: [{ then: person }]
  keys:
    ask: { en: Your keys please., zh: 请按键。 }
    by: keys
    routes: { order: { en: [order], zh: [订单], key: 1 } }
    no_input: [{ then: person }]
  order:
    title: { en: orders, zh: 订单 }
    collect: { en: Which order?, zh: 订单号？ }
    slot: order
    digits: 4
    no_input: [{ then: person }]
    next: look
  look:
    api: { url: 'https://shop.example/orders/{order}', keep: { state: /order/state } }
    say: { en: One moment., zh: 请稍等。 }
    next: told
    not_found: order
    error: person
  told: { say: { en: 'It is {state}.', zh: '{state}。' }, next: menu }
  hours: { say: { en: Nine to six., zh: 九点到六点。 }, next: menu }
  bye: { end: }
";

fn plan(text: &str) -> Plan {
    match Plan::compile(&PlanSources::of_head(text)) {
        Ok(plan) => plan,
        Err(problems) => panic!("{problems:#?}\n{text}"),
    }
}

/// The differences after some replacements.
fn told(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = PLAN.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "'{from}' is no part of the plan");
        text = text.replace(from, to);
    }
    let found = plan(PLAN).differences(&plan(&text));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_plan_is_no_different_from_itself() {
    assert!(told(&[]).is_empty());
}

#[test]
fn a_phrase_or_key_that_leads_elsewhere_is_told() {
    assert_eq!(
        told(&[
            ("[my order, track my order]", "[my order]"),
            ("[opening hours]", "[opening hours, track my order]")
        ]),
        ["at 'menu': the phrase 'track my order' (en) now leads to 'hours', not to 'order'"]
    );
    assert_eq!(
        told(&[
            ("[营业时间]", "[营业时间, 几点开门]"),
            ("[goodbye]", "[farewell]")
        ]),
        [
            "at 'menu': the phrase 'farewell' (en) is understood now, and leads to 'bye'",
            "at 'menu': the phrase '几点开门' (zh) is understood now, and leads to 'hours'",
            "at 'menu': the phrase 'goodbye' (en) is no longer understood; it led to 'bye'",
        ]
    );
    assert_eq!(
        told(&[("[再见], key: 3", "[再见], key: 9")]),
        [
            "at 'menu': key 9 is new, and leads to 'bye'",
            "at 'menu': key 3 is gone; it led to 'bye'",
        ]
    );
}

#[test]
fn a_way_that_is_new_or_gone_is_told_with_its_words() {
    let fault = "      fault: { en: [report a fault], zh: [报修], key: 4 }\n      bye:";
    let node = "  fault: { handoff: repairs }\n  bye: { end: }";
    assert_eq!(
        told(&[("      bye:", fault), ("  bye: { end: }", node)]),
        [
            "the node 'fault', a handoff to a person, is new",
            "at 'menu': a new way leads to 'fault': 'report a fault', '报修', key 4",
        ]
    );
    assert_eq!(
        told(&[
            (
                "      hours: { en: [opening hours], zh: [营业时间], key: 2 }\n",
                ""
            ),
            (
                "  hours: { say: { en: Nine to six., zh: 九点到六点。 }, next: menu }\n",
                ""
            )
        ]),
        [
            "the node 'hours', an announcement, is gone: “Nine to six.”",
            "at 'menu': no way leads to 'hours' any more: 'opening hours', '营业时间', key 2",
        ]
    );
}

#[test]
fn a_node_that_was_only_renamed_is_the_same_node() {
    assert_eq!(
        told(&[("hours:", "opening:")]),
        ["at 'opening': this node was called 'hours'"]
    );
}

#[test]
fn other_words_are_told_in_their_language() {
    assert_eq!(
        told(&[
            ("How can I help?", "What can I do for you?"),
            ("'It is {state}.'", "'Its state: {state}.'"),
            ("您可以说我的订单。", "请说我的订单。")
        ]),
        [
            "at 'menu': the question is worded otherwise in en: “How can I help?” → “What can I do for you?”",
            "at 'menu': after silence (time 1) it is worded otherwise in zh: “您可以说我的订单。” → “请说我的订单。”",
            "at 'told': the announcement is worded otherwise in en: “It is {state}.” → “Its state: {state}.”",
        ]
    );
}

#[test]
fn other_ways_and_ladders_are_told() {
    assert_eq!(
        told(&[
            (
                "not_found: order\n    error: person",
                "not_found: hours\n    error: hours"
            ),
            (
                "{ then: keys }]\n    no_match",
                "{ en: Or opening hours., zh: 或者营业时间。 }, { then: person }]\n    no_match"
            ),
            ("no_match: [{ then: person }]", "no_match: [{ then: keys }]")
        ]),
        [
            "at 'look': after status 404 the caller goes on to 'hours' now, not to 'order'",
            "at 'look': without an answer the caller goes on to 'hours' now, not to a person",
            "at 'menu': silence leads to a person in the end, not to 'keys'",
            "at 'menu': after silence the caller is asked 2 times more, not 1",
            "at 'menu': an answer that fits nothing leads to 'keys' in the end, not to a person",
        ]
    );
}

#[test]
fn rules_lines_and_escalation_words_are_told() {
    let head = "policy: { ask_limit: 2 }
words: { en: { ask: { add: [concierge] } } }
lines: { goodbye: { en: Bye., zh: 再见。 } }
nodes:
";
    let found = told(&[("nodes:\n", head)]);
    for wanted in [
        "ask_limit: 3 → 2",
        "the line 'goodbye' is worded otherwise in en:",
        "'concierge' (en) asks for a person now",
    ] {
        assert!(
            found.iter().any(|told| told.contains(wanted)),
            "{wanted}: {found:#?}"
        );
    }
    assert!(
        found.iter().all(|told| !told.starts_with("at ")),
        "{found:#?}"
    );
}

#[test]
fn whatever_else_differs_is_told_by_its_name() {
    assert_eq!(
        told(&[
            ("digits: 4", "digits: { min: 4, max: 6 }"),
            ("    by: keys\n", "    by: keys\n    timeout: 9s\n"),
            ("en: orders", "en: my orders")
        ]),
        [
            "at 'keys': listening.timeout: 6000 → 9000",
            "at 'order': wanted.digits.max: 4 → 6",
            "at 'order': title en: orders → my orders",
        ]
    );
    assert_eq!(
        told(&[(
            "  hours: { say: { en: Nine to six., zh: 九点到六点。 }, next: menu }",
            "  hours: { handoff: desk }"
        )]),
        ["at 'hours': this is a handoff to a person now, not an announcement"]
    );
}

#[test]
fn what_callers_may_say_everywhere_and_how_some_are_treated_is_told() {
    let head = "global_words: [slower]\nprofiles: { zh: { when: { call_language: zh }, rate: 85 } }\nnodes:";
    let found = told(&[("nodes:", head)]);
    let wanted = [
        "'slow down' (en) is one of the words of 'slower' now",
        "'说慢一点' (zh) is one of the words of 'slower' now",
    ];
    for told in wanted {
        assert!(found.iter().any(|line| line == told), "{found:#?}");
    }
    assert!(
        found.iter().any(|line| line.starts_with("profile ")),
        "{found:#?}"
    );
}
