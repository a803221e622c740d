//! What can be wrong with giving a caller to a person.

use super::support::{HEAD, SOUND, finds, problems};
use call_model::Urgency;
use dialplan::{HandoffMethod, Node, PersonWanted, Plan, PlanSources};

const PEOPLE: &str = "{ queue: desk, transfer: 'sip:desk@example.org', otherwise: callback }";

fn with_people(people: &str, node: &str) -> String {
    let head = HEAD.replace("{ otherwise: callback }", people);
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      desk: { en: [desk], zh: [前台] }",
    );
    format!("{head}{sound}  desk: {node}\n")
}

fn desk(node: &str) -> PersonWanted {
    let plan = Plan::compile(&PlanSources::of_head(with_people(PEOPLE, node)));
    match plan.expect("a sound plan").node("desk") {
        Some(Node::Handoff(handoff)) => handoff.person.clone(),
        other => panic!("{other:?} is no handoff"),
    }
}

#[test]
fn a_handoff_says_who_is_wanted_how_soon_and_how() {
    assert_eq!(desk("{ handoff: }"), PersonWanted::default());
    assert_eq!(desk("{ handoff: cards }").skill.as_deref(), Some("cards"));
    let person = desk("{ handoff: { skill: cards, priority: 7, method: refer } }");
    assert_eq!(person.skill.as_deref(), Some("cards"));
    assert_eq!(person.urgency.number(), 7);
    assert_eq!(person.method, Some(HandoffMethod::Refer));
    let person = desk("{ queue: cards, overflow: bye }");
    assert_eq!(person.queue.as_deref(), Some("cards"));
    assert_eq!(person.urgency, Urgency::USUAL);
    assert_eq!(person.overflow_node(), Some("bye"));
}

#[test]
fn every_queue_that_a_plan_names_is_known() {
    let text = with_people(PEOPLE, "{ queue: cards, overflow: otherwise }");
    let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    assert_eq!(plan.queues().collect::<Vec<_>>(), ["desk", "cards"]);
}

#[test]
fn a_way_to_a_person_that_does_not_exist_is_found() {
    let refer = "{ handoff: { method: »refer } }";
    finds(
        &with_people("{ queue: desk, otherwise: callback }", refer),
        "the plan's head does not say where to",
    );
    let bridge = "{ handoff: { method: »bridge } }";
    finds(
        &with_people("{ otherwise: callback }", bridge),
        "the plan's head does not say where to",
    );
    let too_urgent = "{ handoff: { priority: »10 } }";
    finds(&with_people(PEOPLE, too_urgent), "'priority' is '10'");
    let nowhere = "{ queue: cards, overflow: »by }";
    finds(
        &with_people(PEOPLE, nowhere),
        "'desk' leads to 'by', which is no node",
    );
    let misspelt = "{ queue: cards, overflow: callback, »skil: a }";
    finds(
        &with_people(PEOPLE, misspelt),
        "node 'desk' (queue) has no field 'skil'",
    );
}

#[test]
fn a_queue_that_overflows_into_itself_talks_in_a_circle() {
    let text = with_people(PEOPLE, "{ queue: cards, overflow: sorry }");
    let circle = "  sorry: { say: { en: Sorry., zh: 抱歉。 }, next: desk }\n";
    let found = problems(&PlanSources::of_head(format!("{text}{circle}")));
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(shown[0].contains("talks in a circle"), "{shown:?}");
    assert_eq!(shown.len(), 1, "{shown:?}");
}
