//! The commands that look at plans, as a designer or a build runs them.

use call_model::{
    CallAction, CallHeader, CallId, CallOutcome, CallTime, Decision, HungUp, JournalEntry,
    JournalLine, Language, Private, RecordingChoice,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn planted(kind: &str) -> String {
    format!("crates/dialplan/tests/planted/{kind}")
}

fn bellhop(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.current_dir(root()).args(arguments);
    command.output().expect("bellhop runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn the_shipped_plans_have_no_errors() {
    let output = bellhop(&["check", "dialplans"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).contains("0 refused: 0 errors"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_problem_is_shown_in_its_line_and_fails_the_build() {
    let output = bellhop(&["check", &planted("unknown-target")]);
    assert_eq!(output.status.code(), Some(1));
    let wanted = "unknown-target/flow.yaml:11:7: error[unknown-target]: 'hello' leads to 'bey', which is no node
   11 |       bey: { en: [farewell], zh: [走了] }
      |       ^
      = did you mean 'bye'?
";
    assert!(text(&output).contains(wanted), "{}", text(&output));
}

#[test]
fn a_warning_fails_only_where_warnings_are_denied() {
    let plan = planted("long-prompt");
    assert_eq!(bellhop(&["check", &plan]).status.code(), Some(0));
    let denied = bellhop(&["check", &plan, "--deny-warnings"]);
    assert_eq!(denied.status.code(), Some(1));
}

#[test]
fn problems_are_listed_for_machines() {
    let output = bellhop(&[
        "check",
        "--json",
        &planted("key-clash"),
        &planted("long-prompt"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_str(&text(&output)).expect("JSON");
    let told = |n: usize, field: &str| list[n][field].clone();
    assert_eq!(told(0, "kind"), "key-clash");
    assert_eq!((told(0, "line"), told(0, "column")), (11.into(), 44.into()));
    assert_eq!(
        (told(0, "severity"), told(1, "severity")),
        ("error".into(), "warning".into())
    );
}

#[test]
fn words_that_no_recogniser_hears_are_found_by_its_dictionary() {
    let models = tempfile::tempdir().expect("a folder");
    let model = models.path().join("sphinx-zh-8k");
    std::fs::create_dir(&model).expect("a folder");
    std::fs::write(model.join("small.dic"), "再 z ai\n见 j ian\n").expect("a file");
    let folder = models.path().to_str().expect("a path");
    let output = bellhop(&["check", &planted("deep-questions"), "--models", folder]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("'继续' is no word that the recogniser of 'zh' can hear"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_question_that_is_too_much_for_the_recogniser_is_an_error() {
    let output = bellhop(&["check", &planted("grammar-too-large")]);
    assert_eq!(output.status.code(), Some(1));
    let wanted = "grammar-too-large/flow.yaml:12:3: error[grammar-too-large]: what callers may say at \
                  'song' in 'en' is too much for the recogniser: it unfolds into more than";
    assert!(text(&output).contains(wanted), "{}", text(&output));
}

#[test]
fn a_plan_is_drawn_in_either_form_and_language() {
    let dot = text(&bellhop(&[
        "graph",
        "dialplans/helpline",
        "--dot",
        "--language",
        "zh",
    ]));
    assert!(
        dot.starts_with("digraph \"helpline\" {") && dot.contains("1 查订单"),
        "{dot}"
    );
    let mermaid = text(&bellhop(&["graph", "dialplans/helpline"]));
    assert!(
        mermaid.contains("flowchart LR") && mermaid.contains("1 order status"),
        "{mermaid}"
    );
    let refused = bellhop(&["graph", &planted("unknown-target")]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn two_plans_are_told_apart() {
    assert_eq!(
        bellhop(&["diff", "dialplans/helpline", "dialplans/helpline"])
            .status
            .code(),
        Some(0)
    );
    let output = bellhop(&["diff", "dialplans/helpline", "dialplans/front-desk"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("the plan is called 'front-desk' now, not 'helpline'"),
        "{}",
        text(&output)
    );
}

/// Writes a journal of a call that came by some nodes before its caller hung up.
fn journal(folder: &Path, draw: u128, plan: &str, nodes: &[&str]) -> String {
    let call = CallId::new(1_764_150_000_000, draw);
    let header = CallHeader {
        call,
        sip_call_id: String::new(),
        started_unix_millis: call.unix_millis(),
        trunk: "lab".to_owned(),
        caller: Private::new("4155550100".to_owned()),
        called: "100".to_owned(),
        plan: plan.to_owned(),
        plan_digest: String::new(),
        engine_version: String::new(),
        language: Language::En,
        language_is_fixed: false,
        tier_is_asked_ahead: false,
        seed: 0,
        recording: RecordingChoice::Off,
    };
    let entered = |node: &&str| {
        let node = (*node).to_owned();
        let entered = Decision::Entered {
            node,
            is_sensitive: false,
        };
        let entry = JournalEntry::Out(CallAction::Decide(entered));
        JournalLine::At(CallTime::ZERO, entry)
    };
    let end = JournalLine::End(CallTime::ZERO, CallOutcome::Ended(HungUp::ByCaller));
    let begin = [JournalLine::Begin(Box::new(header))].into_iter();
    let lines = begin.chain(nodes.iter().map(entered)).chain([end]);
    let lines: Vec<String> = lines
        .map(|line| serde_json::to_string(&line).expect("JSON"))
        .collect();
    let path = folder.join(format!("{call}.jsonl"));
    std::fs::write(&path, lines.join("\n")).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn the_ways_of_stored_calls_lie_over_the_picture() {
    let archive = tempfile::tempdir().expect("a folder");
    let folder = archive.path();
    let one = journal(
        folder,
        1,
        "helpline",
        &["notice", "menu", "opening_hours", "menu"],
    );
    journal(folder, 2, "helpline", &["notice", "menu"]);
    journal(folder, 3, "front-desk", &["notice"]);
    let way = text(&bellhop(&[
        "graph",
        "dialplans/helpline",
        "--dot",
        "--journal",
        &one,
    ]));
    assert!(way.contains("2 opening hours · (2)"), "{way}");
    assert!(
        !way.contains("4155550100"),
        "a caller's number is nobody's business here: {way}"
    );
    let folder = folder.to_str().expect("a path");
    let counts = bellhop(&["graph", "dialplans/helpline", "--dot", "--journals", folder]);
    assert!(
        text(&counts).contains("2 calls, 2 left here"),
        "{}",
        text(&counts)
    );
    let told = String::from_utf8_lossy(&counts.stderr).into_owned();
    assert!(
        told.contains("1 journals of other plans are left out"),
        "{told}"
    );
}
