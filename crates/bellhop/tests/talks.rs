//! The conversations beside the plans that are shipped go as they are written.

use std::path::Path;
use std::process::Command;

#[test]
fn every_shipped_conversation_goes_as_written() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let tested = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .arg("test")
        .arg(plans)
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&tested.stdout);
    assert!(tested.status.success(), "{told}");
    assert!(told.contains(" conversations as written, 0 not"), "{told}");
}

#[test]
fn a_conversation_that_departs_is_shown_with_what_was_so_instead() {
    let folder = std::env::temp_dir().join(format!("bellhop-talks-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("talks")).expect("a folder");
    let head = "plan: hello\nlanguages: [en]\nstart: hello\nrecording: off\npeople: { otherwise: callback }\nnodes:\n  hello:\n    ask: { en: Hello. }\n    routes: { bye: { en: [goodbye] } }\n    no_input: [{ then: person }]\n  bye: { end: }\n";
    std::fs::write(folder.join("flow.yaml"), head).expect("a plan");
    let talk = "# A caller leaves\nlanguage en\ncaller: goodbye\nreaches person\n";
    std::fs::write(folder.join("talks/leaving.talk"), talk).expect("a conversation");
    let tested = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .arg("test")
        .arg(&folder)
        .output()
        .expect("the program runs");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    let told = String::from_utf8_lossy(&tested.stdout);
    assert_eq!(tested.status.code(), Some(1), "{told}");
    assert!(told.contains("leaving.talk:4: A caller leaves"), "{told}");
    assert!(told.contains("! expected  reaches person"), "{told}");
}
