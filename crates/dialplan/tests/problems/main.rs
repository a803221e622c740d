//! Every check finds its planted fault, and points at it.
//!
//! In each example `»` stands right before the place that must be named; it is
//! taken out before the plan is read.

mod asking_others;
mod asking_several;
mod commands;
mod deciding;
mod handoffs;
mod hours;
mod menus;
mod messages;
mod parts;
mod profiles;
mod say_as;
mod support;
mod surveys;
mod tasks;
mod values;
mod verifying;

use dialplan::{Plan, PlanSources, Problem, ProblemKind};
use support::{changed, finds, in_nodes, problems};

#[test]
fn the_sound_plan_is_sound() {
    assert_eq!(problems(&PlanSources::of_head(in_nodes(""))), []);
}

#[test]
fn an_unknown_field_is_named_with_what_was_meant() {
    finds(
        &changed("start: hello", "start: hello\n»strat: hello"),
        "a plan has no field 'strat'",
    );
    finds(
        &changed("    routes:", "    »rotues: {}\n    routes:"),
        "node 'hello' (ask) has no field 'rotues'",
    );
    finds(
        &changed("zh: [再见], key: 1", "zh: [再见], »keys: 1"),
        "the route to 'bye' has no field 'keys'",
    );
    finds(
        &changed(
            "people: { otherwise: callback }",
            "people: { otherwise: callback, »after: 1 }",
        ),
        "'people' has no field 'after'",
    );
    finds(
        &changed("nodes:", "policy:\n  »anger: 80\nnodes:"),
        "'policy' has no field 'anger'",
    );
}

#[test]
fn a_field_that_stands_twice_is_found() {
    finds(
        &changed("recording: off", "recording: off\n»recording: on"),
        "'recording' stands twice here, first in line 4",
    );
    finds(&in_nodes("  »bye: { end: }\n"), "'bye' stands twice here");
}

#[test]
fn a_wrong_word_about_the_voice_is_found_in_the_head_and_at_a_node() {
    finds(
        &changed("nodes:", "voice_analysis: »of\nnodes:"),
        "'voice_analysis' cannot be 'of'\n    did you mean 'off'?",
    );
    finds(
        &changed("  bye: { end:", "  bye: { voice_analysis: »never, end:"),
        "'voice_analysis' cannot be 'never'\n    there are: on, off",
    );
    finds(
        &changed("nodes:", "voice_analysis: »[on, off]\nnodes:"),
        "'voice_analysis' is a text, and here stands a list",
    );
    finds(
        &changed("nodes:", "»voice-analysis: off\nnodes:"),
        "a plan has no field 'voice-analysis'\n    did you mean 'voice_analysis'?",
    );
}

#[test]
fn a_target_that_is_no_node_is_found() {
    finds(
        &changed(
            "      bye: {",
            "      »bey: { en: [farewell], zh: [走了] }\n      bye: {",
        ),
        "'hello' leads to 'bey', which is no node\n    did you mean 'bye'?",
    );
    finds(
        &changed("start: hello", "start: »hallo"),
        "a call begins at 'hallo', which is no node",
    );
    finds(
        &changed("{ then: person }", "{ then: »nobody }"),
        "'hello' leads to 'nobody', which is no node",
    );
}

#[test]
fn a_node_that_no_way_leads_to_is_found() {
    finds(
        &in_nodes("  »island: { end: }\n"),
        "no way leads to node 'island'",
    );
}

#[test]
fn a_node_without_a_way_out_is_found() {
    let trap = "  »trap:
    say: { en: Round., zh: 转 }
    next: ring
  »ring:
    ask: { en: And again?, zh: 再来？ }
    by: keys
    routes: { trap: { en: [again], zh: [再来], key: 1 } }
    no_input: [{ then: trap }]
";
    let marked = changed(
        "      bye: {",
        "      trap: { en: [ring], zh: [转] }\n      bye: {",
    ) + trap;
    let found = problems(&PlanSources::of_head(marked.replace('»', "")));
    let places: Vec<(u32, u32)> = found
        .iter()
        .filter(|p| p.message.contains("no way leads to a person"))
        .map(|p| (p.line, p.column))
        .collect();
    let marks: Vec<(u32, u32)> = marked
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((number, u32::try_from(line.find('»')?).ok()? + 1)))
        .collect();
    assert_eq!(places, marks, "{found:#?}");
}

#[test]
fn a_wording_missing_in_a_language_is_found() {
    finds(
        &changed(
            "ask: { en: How can I help?, zh: 您好 }",
            "ask: »{ en: How can I help? }",
        ),
        "'ask' has no wording in 'zh'",
    );
    finds(
        &changed(
            "bye: { en: [goodbye], zh: [再见], key: 1 }",
            "bye: »{ zh: [再见], key: 1 }",
        ),
        "the route to 'bye' has no words in 'en'",
    );
    finds(
        &changed("nodes:", "lines: { goodbye: »{ zh: 再见 } }\nnodes:"),
        "the line 'goodbye' has no wording in 'en'",
    );
    finds(
        &changed(
            "ask: { en: How can I help?, zh: 您好 }",
            "ask: »How can I help?",
        ),
        "'ask' is a group of fields, and here stands a text",
    );
}

#[test]
fn a_node_that_listens_without_a_no_input_is_found() {
    finds(
        &changed("    ask: { en: How", "    »ask: { en: How")
            .replace("    no_input: [{ then: person }]\n", ""),
        "node 'hello' does not say what happens when the caller says nothing",
    );
}

#[test]
fn a_ladder_ends_at_a_person_or_at_keys() {
    finds(
        &changed("[{ then: person }]", "»[{ en: What?, zh: 什么 }]"),
        "'no_input' of node 'hello' has no end",
    );
    finds(
        &changed(
            "[{ then: person }]",
            "[{ then: »bye }]\n    no_match: [{ then: person }]",
        ),
        "a ladder of 'hello' ends at 'bye', where the caller may fail again",
    );
    finds(
        &changed(
            "[{ then: person }]",
            "[{ then: »hello }]\n    no_match: [{ then: person }]",
        ),
        "a ladder of 'hello' ends at 'hello', where the caller may fail again",
    );
}

#[test]
fn a_phrase_with_two_targets_is_found() {
    let second = "      bye: { en: [goodbye], zh: [再见], key: 1 }\n      hello: { en: [again, »Good-Bye!], zh: [重来] }";
    finds(
        &changed("      bye: { en: [goodbye], zh: [再见], key: 1 }", second)
            .replace("[goodbye]", "[good bye]"),
        "'good bye' leads to 'bye' and to 'hello'",
    );
    let second =
        "      bye: { en: [goodbye], zh: [再見], key: 1 }\n      hello: { en: [again], zh: »再见 }";
    finds(
        &changed("      bye: { en: [goodbye], zh: [再见], key: 1 }", second),
        "'再见' leads to 'bye' and to 'hello'",
    );
}

#[test]
fn a_key_with_two_targets_or_none_is_found() {
    let second = "      bye: { en: [goodbye], zh: [再见], key: 1 }\n      hello: { en: [again], zh: [重来], key: »1 }";
    finds(
        &changed("      bye: { en: [goodbye], zh: [再见], key: 1 }", second),
        "key 1 leads to 'bye' and to 'hello'",
    );
    finds(&changed("key: 1", "key: »11"), "'11' is no telephone key");
}

#[test]
fn a_plan_without_a_way_after_hours_is_refused() {
    finds(
        &changed("people: { otherwise: callback }\n", "").replacen("plan:", "»plan:", 1),
        "nothing says what happens when a person is wanted",
    );
    finds(
        &changed(
            "{ otherwise: callback }",
            "»{ transfer: 'sip:desk@192.0.2.1' }",
        ),
        "nothing says what happens after hours",
    );
    finds(
        &changed(
            "{ otherwise: callback }",
            "{ otherwise: »{ demand: { call: 'tel:+15550100' }, anger: callback } }",
        ),
        "no way after hours for: repeated_request, asked, wait",
    );
    finds(
        &changed(
            "{ otherwise: callback }",
            "{ transfer: »desk, otherwise: callback }",
        ),
        "'desk' is no address to transfer to",
    );
}

#[test]
fn a_queue_and_what_verifies_a_caller_must_make_sense() {
    finds(
        &changed(
            "{ otherwise: callback }",
            "{ queue: »my desk, otherwise: callback }",
        ),
        "'my desk' is no name for a queue",
    );
    finds(
        &changed(
            "{ otherwise: callback }",
            "{ queue: desk, verified_by: »pin, otherwise: callback }",
        ),
        "'{pin}' is a slot that no node fills",
    );
}

#[test]
fn a_title_stands_in_every_language_and_fits_a_telephone() {
    finds(
        &changed("    routes:", "    title: »{ en: lost card }\n    routes:"),
        "the title of 'hello' is missing in 'zh'",
    );
    finds(
        &changed(
            "    routes:",
            "    title: { en: »what to do when the card is lost, zh: 挂失 }\n    routes:",
        ),
        "the title of 'hello' is too long to be shown or told in passing",
    );
}

#[test]
fn only_a_line_that_promises_a_call_back_tells_the_time() {
    finds(
        &changed(
            "nodes:",
            "lines: { goodbye: { en: »\"Bye, {within}.\", zh: 再见 } }\nnodes:",
        ),
        "'{within}' is a slot that no node fills",
    );
    let own = "lines: { callback_booked: { en: \"We call {within}.\", zh: \"我们{within}回电。\" } }\nnodes:";
    assert!(problems(&PlanSources::of_head(changed("nodes:", own))).is_empty());
}

#[test]
fn a_missing_file_is_found() {
    finds(
        &changed(
            "ask: { en: How can I help?, zh: 您好 }",
            "ask: { audio: »hello.wav }",
        ),
        "there is no file 'hello.wav'",
    );
    let sound = changed(
        "ask: { en: How can I help?, zh: 您好 }",
        "ask: { audio: hello.wav }",
    );
    assert_eq!(
        problems(&PlanSources::of_head(sound).with_file("hello.wav")),
        []
    );
    let collects = "  code:
    collect: { en: Your code?, zh: 代码？ }
    slot: code
    grammar: »code.jsgf
    no_input: [{ then: person }]
    next: bye
";
    let to_code = changed(
        "      bye: {",
        "      code: { en: [code], zh: [代码] }\n      bye: {",
    ) + collects;
    finds(&to_code, "there is no file 'code.jsgf'");
}

#[test]
fn a_fault_in_a_grammar_is_found_in_its_file() {
    let collects = "  code:
    collect: { en: Your code?, zh: 代码？ }
    slot: code
    grammar: code.jsgf
    no_input: [{ then: person }]
    next: bye
";
    let text = changed(
        "      bye: {",
        "      code: { en: [code], zh: [代码] }\n      bye: {",
    ) + collects;
    let sources = PlanSources::of_head(text).with(
        "code.jsgf",
        "#JSGF V1.0;\ngrammar c;\npublic <c> = one | <two> ;\n",
    );
    let found: Vec<String> = problems(&sources).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with("code.jsgf:3:20: <two> is no rule of this grammar"),
        "{}",
        found[0]
    );
}

#[test]
fn a_slot_that_nothing_fills_is_found() {
    finds(
        &changed("en: Goodbye.", "en: »'Goodbye, {name}.'"),
        "'{name}' is a slot that no node fills\n    no node collects anything",
    );
    finds(
        &changed("en: Goodbye.", "en: »'Goodbye, {name.'"),
        "a '{' is never closed",
    );
}

#[test]
fn values_out_of_range_are_found() {
    let policy = |text: &str| changed("nodes:", &format!("policy:\n  {text}\nnodes:"));
    finds(
        &policy("ask_limit: »4"),
        "'ask_limit' is '4'\n    write a whole number from 1 to 3",
    );
    finds(&policy("anger_above: »101"), "anger_above is '101'");
    finds(
        &policy("wait_max: »90"),
        "wait_max is '90', which is no time",
    );
    finds(
        &policy("ask_in_reply: »ignore"),
        "'ask_in_reply' cannot be 'ignore'",
    );
    finds(
        &policy("{ anger_above: 70, anger_leave: »70 }"),
        "anger is left where it begins, or above",
    );
    finds(
        &changed("languages: [en, zh]", "languages: [en, zh, »fr]"),
        "a language cannot be 'fr'",
    );
    finds(
        &changed("    routes:", "    interruptible: »always\n    routes:"),
        "'interruptible' cannot be 'always'",
    );
}

#[test]
fn a_recording_without_its_notice_is_found() {
    finds(
        &changed("recording: off", "recording: »on"),
        "calls are recorded and nobody is told",
    );
    finds(
        &changed("recording: off", "recording: on\nnotice: »hello"),
        "'hello' can be interrupted before it has told of the recording",
    );
    finds(
        &changed("recording: off\n", "").replacen("plan:", "»plan:", 1),
        "nothing says whether calls are recorded",
    );
}

#[test]
fn a_plan_that_talks_in_a_circle_is_found() {
    let circle = "  »one: { say: { en: One., zh: 一 }, next: two }\n  two: { say: { en: Two., zh: 二 }, next: one }\n";
    let marked = changed(
        "      bye: {",
        "      one: { en: [one], zh: [一] }\n      bye: {",
    ) + circle;
    let found = problems(&PlanSources::of_head(marked.replace('»', "")));
    let circles: Vec<&Problem> = found
        .iter()
        .filter(|p| p.kind == ProblemKind::EndlessCircle)
        .collect();
    assert_eq!(circles.len(), 1, "{found:#?}");
    assert!(
        circles[0].message.ends_with("one → two → one"),
        "{found:#?}"
    );
    assert_eq!(circles[0].column, 3);
}

#[test]
fn what_is_no_yaml_is_told_with_its_place() {
    let found = problems(&PlanSources::of_head(
        "plan: x\nnodes:\n  a: [1, 2\n  b: 3\n",
    ));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].message.starts_with("this is not YAML"),
        "{}",
        found[0]
    );
    assert!(found[0].line >= 3, "{}", found[0]);
    assert_eq!(
        problems(&PlanSources::of_head(""))[0].message,
        "the file is empty"
    );
    assert_eq!(
        problems(&PlanSources::default())[0].message,
        "the plan has no head"
    );
    finds(
        &changed("plan: example", "plan: &name example").replace("zh: 您好 }", "zh: »*name }"),
        "an alias ('*name') stands here",
    );
}

#[test]
fn all_problems_are_told_in_one_run_sorted_by_place() {
    let text = changed("start: hello", "start: hallo")
        .replace("en: How can I help?, ", "")
        .replace("key: 1", "key: x")
        + "  island: { end: }\n";
    let found = problems(&PlanSources::of_head(text));
    let lines: Vec<u32> = found.iter().map(|problem| problem.line).collect();
    assert!(found.len() >= 3, "{found:#?}");
    assert!(lines.is_sorted(), "{found:#?}");
}

mod no_text_harms {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plan_with_a_piece_cut_out_is_read_or_faulted(from in 0usize..600, length in 1usize..60) {
            let whole: Vec<char> = in_nodes("").chars().collect();
            let end = (from + length).min(whole.len());
            let cut: String = whole.iter().take(from).chain(&whole[end.max(from.min(whole.len()))..]).collect();
            if let Err(problems) = Plan::compile(&PlanSources::of_head(cut)) {
                prop_assert!(!problems.is_empty(), "a fault without a problem");
            }
        }

        #[test]
        fn any_text_is_read_or_faulted(text in "\\PC{0,80}|([a-z&*:{}\\[\\]\"'#>| \n-]{0,120})") {
            prop_assert!(!problems(&PlanSources::of_head(text)).is_empty());
        }
    }
}
