//! What can be wrong with a task that is done, and with where callers go after a person.

use super::support::{HEAD, SOUND, changed, finds, problems};
use dialplan::{Plan, PlanSources};

fn after(people: &str, nodes: &str) -> String {
    let head = HEAD.replace("{ otherwise: callback }", people);
    format!("{head}{SOUND}{nodes}")
}

#[test]
fn a_node_may_be_come_to_from_a_person_alone() {
    let nodes = "  rating: { say: { en: Thank you., zh: 谢谢。 }, next: bye }\n";
    let sound = after("{ after_person: rating, otherwise: callback }", nodes);
    assert_eq!(problems(&PlanSources::of_head(sound)), []);
    finds(
        &after("{ after_person: »ratings, otherwise: callback }", ""),
        "callers whom a person left go on at 'ratings', which is no node",
    );
    let speaks = "  asked:
    collect: { en: Which order?, zh: 订单号？ }
    slot: order
    digits: 4
    no_input: [{ then: person }]
    next: rating
  rating: { say: { en: »'It was {order}.', zh: '订单是{order}。' }, next: bye }
";
    let unset = after("{ after_person: rating, otherwise: callback }", speaks);
    let unset = unset.replace(
        "bye: { en: [goodbye]",
        "asked: { en: [my order], zh: [订单] }\n      bye: { en: [goodbye]",
    );
    finds(
        &unset,
        "at 'rating' a caller may come before '{order}' is filled",
    );
}

#[test]
fn a_task_is_done_or_it_is_not() {
    let done = changed("  bye: { end:", "  bye: { task_done: true, end:");
    let plan = Plan::compile(&PlanSources::of_head(done)).expect("a sound plan");
    assert!(plan.is_task_done_at("bye") && !plan.is_task_done_at("hello"));
    finds(
        &changed("  bye: { end:", "  bye: { task_done: »perhaps, end:"),
        "'task_done' cannot be 'perhaps'",
    );
}
