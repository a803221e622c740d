//! Conversations in virtual time keep the call's own time.

use call_simulator::talk::{Rehearsal, read_talks};
use dialplan::{Plan, PlanSources};
use std::sync::Arc;

const PLAN: &str = r#"
plan: news
languages: [en]
start: greeting
recording: off
people: { otherwise: callback }
nodes:
  greeting:
    ask: { en: "Welcome to the news, which today are so long that nobody in the whole wide world has ever heard them to their very end." }
    routes: { paper: { en: [the paper] } }
    no_input: [{ then: person }]
  paper:
    ask: { en: "Which paper?" }
    routes: { bye: { en: [the morning paper] } }
    no_input: [{ en: "Please name a paper." }, { then: person }]
  bye: { end: { en: "Here it comes." } }
"#;

#[test]
fn whoever_speaks_over_a_long_prompt_is_not_late_at_the_next_question() {
    let sources = PlanSources::of_head(PLAN);
    let plan = Plan::compile(&sources).expect("a plan");
    let script = "# A caller who knows what they want\n\
                  language en\n\
                  over \"Welcome\" caller: the paper\n\
                  caller: the morning paper\n\
                  reaches end\n";
    let talks = read_talks(script).expect("a conversation");
    let played = Rehearsal::of(Arc::new(plan)).run(&talks[0]);
    let told: Vec<&str> = played.lines.iter().map(|line| line.what.as_str()).collect();
    assert!(played.departure.is_none(), "{told:?}");
    assert!(
        !told.iter().any(|line| line.contains("Please name")),
        "{told:?}"
    );
}
