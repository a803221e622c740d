//! Plans that change while calls run.

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;
use support::{Caller, Server, bellhop};

/// What the plan says, in its two versions and in one that is refused.
fn flow(answer: &str) -> String {
    format!(
        "plan: desk\nlanguages: [en]\nstart: hours\nrecording: on\nnotice: none\n\
         people: {{transfer: \"sip:desk@127.0.0.1:9\", otherwise: callback}}\n\
         nodes:\n  hours:\n    {answer}\n"
    )
}

const OPEN: &str = "end: We are open.";

struct Desk {
    server: Server,
    plan: PathBuf,
}

impl Desk {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let plans = folder.path().join("plans");
        let plan = plans.join("desk/flow.yaml");
        std::fs::create_dir_all(plans.join("desk")).expect("a folder");
        std::fs::write(&plan, flow(&said(40))).expect("a plan");
        let server = Server::start_with(folder, "none", &plans, "desk", "");
        Self { server, plan }
    }

    fn reload_with(&self, flow: &str) -> (String, bool) {
        std::fs::write(&self.plan, flow).expect("a plan");
        bellhop(
            &["reload", "--config", "bellhop.toml"],
            self.server.folder.path(),
        )
    }

    /// The plan's digest in every journal, in the order of the calls.
    fn digests(&self) -> Vec<String> {
        let mut journals = Vec::new();
        walk(&self.server.archive().join("calls"), &mut journals);
        journals.sort();
        let digest = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).expect("a journal");
            let at = text.find("\"plan_digest\":\"").expect("a digest") + 15;
            text[at..].split('"').next().expect("an end").to_owned()
        };
        journals.iter().map(digest).collect()
    }
}

/// An end that takes a while to say.
fn said(times: usize) -> String {
    format!("{OPEN}{}", " We are open.".repeat(times))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "jsonl") {
            found.push(path);
        }
    }
}

#[test]
fn a_running_call_keeps_its_plan_the_next_one_gets_the_new_one_and_a_bad_one_changes_nothing() {
    let desk = Desk::open();
    let mut first = Caller::call(&desk.server, "100");
    first.stay(Duration::from_millis(600));
    let (said_first, is_good) = desk.reload_with(&flow(&said(30)));
    assert!(is_good && said_first.contains(" new"), "{said_first}");
    let (said_again, is_good) = desk.reload_with(&flow(&said(30)));
    assert!(is_good && said_again.contains("as before"), "{said_again}");
    let (refused, is_good) = desk.reload_with(&flow("ask: What now?"));
    assert!(!is_good && refused.contains("flow.yaml:"), "{refused}");
    assert!(
        first.stay(Duration::from_secs(1)) > 20,
        "the first call goes on"
    );
    let mut second = Caller::call(&desk.server, "101");
    second.stay(Duration::from_millis(600));
    first.hang_up();
    second.hang_up();
    let over = || desk.server.get("/metrics").contains("how=\"ByCaller\"} 2");
    desk.server.wait_until("over", over);
    let digests = desk.digests();
    assert_eq!(digests.len(), 2);
    assert_ne!(digests[0], digests[1]);
    assert!(
        said_first.contains(&digests[1]),
        "{digests:?}\n{said_first}"
    );
    let metrics = desk.server.get("/metrics");
    assert!(
        metrics.contains("bellhop_reloads_total{outcome=\"refused\"} 1"),
        "{metrics}"
    );
    let folder = desk.server.folder.path();
    let (replayed, is_same) = bellhop(&["replay", "--archive", "archive", "archive/calls"], folder);
    assert!(is_same && replayed.contains("2 journals"), "{replayed}");
}

#[test]
fn without_a_server_reload_says_where_it_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let config =
        "[http]\nlisten = \"127.0.0.1:9\"\n[[trunk]]\nname = \"t\"\nallow = [\"127.0.0.0/8\"]\n";
    std::fs::write(folder.path().join("bellhop.toml"), config).expect("written");
    let (said, is_good) = bellhop(&["reload", "--config", "bellhop.toml"], folder.path());
    assert!(!is_good && said.contains("127.0.0.1:9"), "{said}");
}
