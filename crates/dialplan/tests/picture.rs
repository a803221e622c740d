//! What is to be seen in the picture of a plan.

use call_model::{
    CallAction, CallOutcome, CallTime, Decision, HungUp, JournalEntry, JournalLine, Language,
};
use dialplan::{Plan, PlanSources, Trails};

const PLAN: &str = "\
plan: shop
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
nodes:
  menu:
    ask: { en: 'How can I help \"you\"?', zh: 您好 }
    routes:
      order: { en: [my order], zh: [我的订单], key: 1 }
      hours: { en: [opening hours], zh: [营业时间], key: 2 }
      bye: { en: [goodbye], zh: [再见] }
    no_input: [{ then: keys }]
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
    error: desk
  told: { say: { en: 'It is {state}.', zh: '{state}。' }, next: menu }
  hours: { say: { en: Nine to six., zh: 九点到六点。 }, next: menu }
  desk: { handoff: orders }
  bye: { end: }
";

fn plan() -> Plan {
    Plan::compile(&PlanSources::of_head(PLAN)).expect("a sound plan")
}

fn call(nodes: &[&str], end: HungUp) -> Vec<JournalLine> {
    let entered = |node: &&str| {
        let decision = Decision::Entered {
            node: (*node).to_owned(),
            is_sensitive: false,
        };
        let entry = JournalEntry::Out(CallAction::Decide(decision));
        JournalLine::At(CallTime::ZERO, entry)
    };
    let end = JournalLine::End(CallTime::ZERO, CallOutcome::Ended(end));
    nodes.iter().map(entered).chain([end]).collect()
}

/// The line of a picture that begins a box or an arrow.
fn line<'a>(picture: &'a str, with: &str) -> &'a str {
    let found = picture.lines().find(|line| line.contains(with));
    found.unwrap_or_else(|| panic!("no '{with}' in\n{picture}"))
}

#[test]
fn every_node_and_way_is_in_both_forms_with_the_words_of_the_language() {
    let plan = plan();
    let trails = Trails::default();
    for (language, word, wording) in [
        (Language::En, "1 my order", "Which order?"),
        (Language::Zh, "1 我的订单", "订单号？"),
    ] {
        let picture = plan.picture(language, &trails);
        for text in [picture.dot(), picture.mermaid()] {
            for (name, _) in plan.nodes() {
                line(&text, &format!("<b>{name}</b>"));
            }
            line(&text, word);
            line(&text, wording);
            line(&text, "404");
        }
    }
}

#[test]
fn ladders_are_dashed_and_topics_framed() {
    let picture = plan().picture(Language::En, &Trails::default());
    let (dot, mermaid) = (picture.dot(), picture.mermaid());
    // Nodes are numbered by name: bye 0, desk 1, hours 2, keys 3, look 4, menu 5, order 6, told 7.
    assert!(line(&dot, "n5 -> n3").contains("dashed"), "{dot}");
    assert!(mermaid.contains("n5 -.-> n3"), "{mermaid}");
    assert!(mermaid.contains("subgraph f0[\"orders\"]"), "{mermaid}");
    assert!(
        line(&mermaid, "<b>keys</b>").contains("⇢ person"),
        "{mermaid}"
    );
    assert!(
        line(&mermaid, "<b>menu</b>").contains("#quot;you#quot;"),
        "{mermaid}"
    );
}

#[test]
fn the_way_of_a_call_lies_over_the_picture() {
    let mut trails = Trails::default();
    trails.add(&call(&["menu", "order", "look", "order"], HungUp::ByCaller));
    let dot = plan().picture(Language::En, &trails).dot();
    assert!(line(&dot, "n5 -> n6").contains("1 my order · (1)"), "{dot}");
    assert!(line(&dot, "n4 -> n6").contains("404 · (3)"), "{dot}");
    assert!(line(&dot, "<b>order</b>").contains("hung up here"), "{dot}");
}

#[test]
fn of_many_calls_it_is_counted_where_callers_go_and_where_they_leave() {
    let mut trails = Trails::default();
    for _ in 0..3 {
        trails.add(&call(&["menu", "hours", "menu"], HungUp::ByCaller));
    }
    trails.add(&call(&["menu", "bye"], HungUp::ByCaller));
    trails.add(&call(&["menu", "desk"], HungUp::Transferred));
    let dot = plan().picture(Language::En, &trails).dot();
    assert!(
        line(&dot, "<b>menu</b>").contains("5 calls, 3 left here"),
        "{dot}"
    );
    let bye = line(&dot, "<b>bye</b>");
    assert!(
        bye.contains("1 calls") && !bye.contains("left here"),
        "{dot}"
    );
    assert!(
        line(&dot, "n5 -> n2").contains("2 opening hours · 3"),
        "{dot}"
    );
    assert!(
        line(&dot, "n5 -> n1").contains("dotted"),
        "no way of the plan leads there: {dot}"
    );
}
