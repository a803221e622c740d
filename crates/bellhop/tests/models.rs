//! `bellhop models` as an operator runs it, without a network.

use std::path::Path;
use std::process::{Command, Output};

fn models(arguments: &[&str], dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.arg("models").args(arguments).arg("--dir").arg(dir);
    command.output().expect("bellhop runs")
}

fn told(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    format!("{out}{err}")
}

#[test]
fn models_are_listed_with_their_licence_and_where_they_lie() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("sphinx-zh-8k")).expect("a folder");
    let listed = told(&models(&["list"], dir.path()));
    for part in ["sphinx-en-8k", "BSD-2-Clause", "whisper-base", "MIT"] {
        assert!(listed.contains(part), "{listed}");
    }
    let places: Vec<_> = listed
        .lines()
        .filter(|line| line.contains(" in /"))
        .collect();
    assert!(
        places.len() == 1 && places[0].ends_with("sphinx-zh-8k"),
        "{listed}"
    );
}

#[test]
fn a_folder_is_checked_file_by_file_and_its_state_is_the_exit_status() {
    let dir = tempfile::tempdir().expect("a folder");
    let empty = models(&["check"], dir.path());
    assert_eq!(empty.status.code(), Some(2));
    assert!(told(&empty).contains("models fetch"), "{}", told(&empty));
    let model = dir.path().join("sphinx-zh-8k");
    std::fs::create_dir(&model).expect("a folder");
    std::fs::write(model.join("means"), "cut").expect("written");
    let checked = models(&["check"], dir.path());
    assert_eq!(checked.status.code(), Some(1));
    let said = told(&checked);
    assert!(
        said.contains("means: it has 3 bytes instead of 40012"),
        "{said}"
    );
    assert!(said.contains("mdef: it is not there"), "{said}");
    assert!(said.contains("8 of 8 files are not good"), "{said}");
}

#[test]
fn what_a_folder_lacks_or_nobody_publishes_is_told_by_name() {
    let [dir, from] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let unknown = models(&["fetch", "sphinx-fr-8k"], dir.path());
    assert_eq!(unknown.status.code(), Some(2));
    let said = told(&unknown);
    assert!(
        said.contains("'sphinx-fr-8k'") && said.contains("whisper-tiny"),
        "{said}"
    );
    let from = from.path().to_str().expect("a path");
    let lacking = models(&["fetch", "sphinx-zh-8k", "--from", from], dir.path());
    assert_eq!(lacking.status.code(), Some(2));
    let said = told(&lacking);
    assert!(
        said.contains("sphinx-zh-8k/feat.params") && said.contains(from),
        "{said}"
    );
    assert!(!dir.path().join("sphinx-zh-8k/feat.params").exists());
}

#[test]
fn a_command_whose_reader_has_gone_ends_without_a_word() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["models", "list"])
        .stdout(writer)
        .output()
        .expect("bellhop runs");
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
