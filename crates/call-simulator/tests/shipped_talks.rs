//! The conversations beside the plans that come with Bellhop.

use call_simulator::talk::{Rehearsal, read_talks};
use dialplan::{Plan, PlanSources};
use std::path::Path;
use std::sync::Arc;

#[test]
fn every_shipped_conversation_goes_as_it_is_written() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let mut played = 0;
    let mut departed = Vec::new();
    for folder in std::fs::read_dir(plans).expect("the plans") {
        let folder = folder.expect("a plan's folder").path();
        let Ok(talks) = std::fs::read_dir(folder.join("talks")) else {
            continue;
        };
        let sources = PlanSources::read(&folder).expect("the plan's files");
        let plan = Plan::compile(&sources).expect("a sound plan");
        let rehearsal = Rehearsal::of(Arc::new(plan));
        for file in talks {
            let file = file.expect("a file of conversations").path();
            let text = std::fs::read_to_string(&file).expect("a text");
            for talk in read_talks(&text).expect("conversations") {
                played += 1;
                if let Some(departure) = rehearsal.run(&talk).departure {
                    departed.push(format!("{}: {departure:?}", file.display()));
                }
            }
        }
    }
    assert!(played > 300, "{played} conversations");
    assert!(departed.is_empty(), "{}", departed.join("\n"));
}
