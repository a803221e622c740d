//! The plans that come with Bellhop are sound.

use call_model::{Language, Phrase, VoiceAnalysis};
use dialplan::{Node, Plan, PlanSources, Purpose};
use std::path::{Path, PathBuf};

fn folder(plan: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../dialplans")
        .join(plan)
}

fn compiled(plan: &str) -> Plan {
    let sources = PlanSources::read(&folder(plan)).expect("the plan's folder");
    match Plan::compile(&sources) {
        Ok(plan) => plan,
        Err(problems) => {
            let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}", list.join("\n"))
        }
    }
}

#[test]
fn the_front_desk_understands_what_it_offers_in_both_languages() {
    let plan = compiled("front-desk");
    let table = [
        (Language::En, "Order status, please.", "order_number"),
        (
            Language::En,
            "um what are your opening hours",
            "opening_hours",
        ),
        (Language::En, "I'd like to report a fault", "fault"),
        (Language::Zh, "我想查訂單", "order_number"),
        (Language::Zh, "请问你们的营业时间是什么", "opening_hours"),
        (Language::Zh, "我要报修。", "fault"),
    ];
    for (language, text, wanted) in table {
        let routes = plan.understand("menu", language, text);
        assert_eq!(
            routes.first().map(|r| r.to.as_str()),
            Some(wanted),
            "{text}"
        );
    }
}

#[test]
fn the_helpline_leaves_open_what_no_route_covers_in_both_languages() {
    let plan = compiled("helpline");
    let intent = plan.policy().intent.expect("an intent tier");
    assert!(intent.first_piece < intent.whole);
    for (language, text, is_open) in [
        (Language::En, "Can I bring my dog to the shop?", true),
        (Language::En, "where is my order", false),
        (Language::Zh, "请问你们店里可以带狗吗？", true),
        (Language::Zh, "我的订单到哪里了", false),
    ] {
        assert_eq!(plan.is_open("menu", language, text), is_open, "{text}");
        let routes = plan.understand("menu", language, text);
        assert_eq!(routes.is_empty(), is_open, "{text} leads to {routes:?}");
    }
    assert!(matches!(plan.node("look_up"), Some(Node::Api(_))));
}

#[test]
fn the_speech_check_listens_for_its_grammar_and_nothing_else() {
    let plan = compiled("speech-check");
    assert_eq!(plan.purpose(), Purpose::Measurement);
    let listening = plan
        .node("next")
        .and_then(|node| node.listening())
        .expect("it listens");
    let grammar = plan
        .grammar(listening.grammars[&Language::En])
        .expect("a grammar");
    let Phrase::OneOf(words) = &grammar.root else {
        panic!("{:?}", grammar.root)
    };
    assert_eq!(words.len(), 10);
    assert!(plan.escalation_words(Language::En).words.is_empty());
}

#[test]
fn a_compiled_plan_reads_back_as_the_same_plan() {
    for name in ["front-desk", "helpline", "speech-check"] {
        let plan = compiled(name);
        let json = plan.to_json();
        let again = Plan::from_json(&json).expect("a compiled plan");
        assert_eq!(again.to_json(), json);
        assert_eq!(again.digest(), plan.digest());
        assert_eq!(
            compiled(name).digest(),
            plan.digest(),
            "compiling twice gives one digest"
        );
        assert_eq!(plan.digest().len(), 64);
    }
}

#[test]
fn a_compiled_plan_that_was_tampered_with_is_refused() {
    let json = compiled("speech-check").to_json();
    let table = [
        ("{}", "this is no compiled plan: "),
        (
            &json.replacen("\"form\":1", "\"form\":9", 1),
            "the plan is of form 9, and this version knows forms up to 1",
        ),
        (
            &json.replacen("\"languages\":[\"en\"]", "\"languages\":[]", 1),
            "the compiled plan is broken: it has no language",
        ),
        (
            &json.replacen("\"start\":\"next\"", "\"start\":\"x\"", 1),
            "the compiled plan is broken: it has no node to start at",
        ),
    ];
    for (json, wanted) in table {
        let error = Plan::from_json(json).expect_err(wanted).to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}

#[test]
fn a_plan_says_where_voices_are_scored_and_one_that_does_not_reads_as_ever() {
    let text = "
plan: consent
languages: [en]
start: may_we
recording: off
voice_analysis: off
people: { otherwise: callback }
nodes:
  may_we:
    collect: May we listen to how you sound?
    slot: consent
    yes_no: { yes: thanks, no: bye }
    no_input: [{ then: person }]
    no_match: [{ then: person }]
  thanks: { say: Thank you., voice_analysis: on, next: bye }
  bye: { end:, voice_analysis: off }
";
    let asked = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    let again = Plan::from_json(&asked.to_json()).expect("a compiled plan");
    assert_eq!(again.digest(), asked.digest());
    for plan in [asked, again] {
        assert_eq!(plan.voice_analysis(), VoiceAnalysis::Off);
        let from = |node| plan.voice_analysis_from(node);
        assert_eq!(from("thanks"), Some(VoiceAnalysis::On));
        assert_eq!(from("bye"), Some(VoiceAnalysis::Off));
        assert_eq!(from("may_we"), None);
    }

    let unasked = compiled("front-desk");
    assert_eq!(unasked.voice_analysis(), VoiceAnalysis::On);
    for part in ["voice_analysis", "voice_switches"] {
        assert!(
            !unasked.to_json().contains(part),
            "another digest than ever"
        );
    }
}
