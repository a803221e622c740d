//! What can be wrong with how callers of a kind are treated.

use super::support::{changed, finds, in_nodes};
use call_model::{Pace, Private};
use dialplan::{Plan, PlanSources};
use std::time::Duration;

const ELDER: &str = "{ when: { call_language: zh }, pauses: 150, rate: 85, ask_limit: 1 }";

fn with_profile(profile: &str) -> String {
    changed(
        "nodes:\n",
        &format!("profiles:\n  elder: {profile}\nnodes:\n"),
    )
}

#[test]
fn a_profile_says_whom_it_is_for_and_what_is_otherwise() {
    let plan = Plan::compile(&PlanSources::of_head(with_profile(ELDER))).expect("a sound plan");
    let [elder] = plan.profiles() else {
        panic!("one profile: {:?}", plan.profiles());
    };
    assert_eq!(elder.pace, Pace::of_percent(85));
    assert_eq!(elder.ask_limit, Some(1));
    assert_eq!(
        elder.patience(Duration::from_secs(6)),
        Duration::from_secs(9)
    );
    let slots = |language: &str| {
        [(
            "call_language".to_owned(),
            Private::new(language.to_owned()),
        )]
        .into()
    };
    assert!(elder.holds(&slots("zh")) && !elder.holds(&slots("en")));
    let paces: Vec<Pace> = plan
        .all_prompts()
        .iter()
        .map(|prompt| prompt.pace)
        .collect();
    let slow = paces.iter().filter(|pace| **pace == elder.pace).count();
    assert_eq!(slow * 2, paces.len(), "every prompt is made at both paces");
}

#[test]
fn a_plan_without_profiles_stays_the_plan_it_was() {
    let plan = Plan::compile(&PlanSources::of_head(in_nodes(""))).expect("a sound plan");
    assert!(!plan.to_json().contains("profiles"));
}

#[test]
fn a_profile_that_makes_no_sense_is_found() {
    for (profile, wanted) in [
        (
            "»{ pauses: 150 }",
            "the profile 'elder' does not say whom it is for",
        ),
        (
            "»{ when: { call_language: zh } }",
            "the profile 'elder' treats nobody otherwise",
        ),
        (
            "{ when: »{}, rate: 85 }",
            "the profile 'elder' asks nothing",
        ),
        (
            "{ when: { »age: old }, rate: 85 }",
            "'{age}' is a slot that no node fills",
        ),
        (
            "{ when: { call_language: zh }, rate: »20 }",
            "'rate', in per cent, is '20'",
        ),
        (
            "{ when: { call_language: zh }, pauses: »10 }",
            "'pauses', in per cent, is '10'",
        ),
        (
            "{ when: { call_language: zh }, ask_limit: »4 }",
            "'ask_limit' is '4'",
        ),
        (
            "{ when: { call_language: zh }, »volume: 4 }",
            "the profile 'elder' has no field 'volume'",
        ),
    ] {
        let text = with_profile(profile);
        match wanted.contains("no field") {
            true => finds(&text.replace("zh }, »", "zh }, rate: 85, »"), wanted),
            false => finds(&text, wanted),
        }
    }
}
