//! `bellhop eval asr` with what it cannot measure.

use std::path::Path;
use std::process::Command;

const HEAD: &str = "path,corpus,speaker,language,text,slots\n";

/// What the command complains of, over a manifest of these lines.
fn complaint(lines: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = folder.path().join("manifest.csv");
    std::fs::write(&manifest, format!("{HEAD}{lines}")).expect("a manifest");
    let done = run(&manifest, more);
    assert!(!done.status.success(), "{done:?}");
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn run(manifest: &Path, more: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["eval", "asr", "--manifest"])
        .arg(manifest)
        .args(more)
        .output()
        .expect("it runs")
}

#[test]
fn recordings_of_which_only_slots_are_known_want_a_grammar() {
    let line = r#"a.flac,orders,,en,,"{""drink"": ""mocha""}""#;
    let told = complaint(line, &[]);
    assert!(told.contains("--grammar"), "{told}");
}

#[test]
fn a_grammar_of_the_other_language_is_told_from_its_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let grammar = folder.path().join("words.jsgf");
    let text = "#JSGF V1.0 UTF-8;\ngrammar words;\npublic <words> = 投诉 | 赔偿;\n";
    std::fs::write(&grammar, text).expect("a grammar");
    let grammar = grammar.to_string_lossy().into_owned();
    let told = complaint("a.flac,digits,,en,one,", &["--grammar", &grammar]);
    assert!(
        told.contains("'zh'") && told.contains("--language"),
        "{told}"
    );
}

#[test]
fn noise_without_its_distance_and_an_odd_loss_are_refused() {
    let line = "a.flac,digits,,en,one,";
    let told = complaint(line, &["--noise", "kitchen.flac"]);
    assert!(told.contains("--snr"), "{told}");
    let told = complaint(line, &["--loss", "some"]);
    assert!(told.contains("2%"), "{told}");
}
