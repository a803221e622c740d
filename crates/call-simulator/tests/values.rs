//! Callers tell days, times and amounts as people do.

use call_simulator::talk::{Rehearsal, read_talks};
use dialplan::{Plan, PlanSources};
use std::sync::Arc;

const PLAN: &str = r#"
plan: lost
languages: [en, zh]
start: day
recording: off
people: { otherwise: callback }
nodes:
  day:
    collect: { en: "On which day did you lose it?", zh: "您哪天丢的？" }
    slot: day
    date: past
    no_input: [{ then: person }]
    no_match: [{ en: "Which day was it?", zh: "是哪天？" }, { then: person }]
    next: time
  time:
    collect: { en: "At what time?", zh: "几点？" }
    slot: time
    time: any
    no_input: [{ then: person }]
    next: worth
  worth:
    collect: { en: "What was it worth?", zh: "值多少钱？" }
    slot: worth
    amount: any
    no_input: [{ then: person }]
    no_match: [{ en: "How much?", zh: "多少钱？" }, { then: person }]
    next: bye
  bye: { end: { en: "On {day}, {time}, {worth} dollars, then.", zh: "{day}{time}，{worth}元，记下了。" } }
"#;

const TALKS: &str = r#"# Yesterday, in so many words
language en
at 2026-11-25 10:00
caller: yesterday at half past nine
slot day = 2026-11-24
caller: half past nine in the evening
slot time = 21:30
caller: 12.50
slot worth = 12.50
bot bye: "twelve point five zero dollars"
bot bye: "November twenty fourth, twenty twenty six, nine thirty at night"
reaches end

# On the keys, after a day that is still to come
language en
at 2026-11-25 10:00
caller: tomorrow
bot day: "Which day was it"
keys: 11242026
slot day = 2026-11-24
keys: 2130
slot time = 21:30
keys: 1200*5
slot worth = 1200.50
reaches end

# In Mandarin
language zh
at 2026-11-25 10:00
caller: 十月二十五号
slot day = 2026-10-25
caller: 大概下午三点一刻
slot time = 15:15
caller: 不知道
bot worth: "多少钱"
caller: 三百五十块五毛
slot worth = 350.50
bot bye: "三百五十点五元"
bot bye: "十月二十五号下午三点十五分"
reaches end
"#;

#[test]
fn days_times_and_amounts_are_told_as_people_tell_them() {
    let plan = Arc::new(Plan::compile(&PlanSources::of_head(PLAN)).expect("a plan"));
    for talk in &read_talks(TALKS).expect("conversations") {
        let played = Rehearsal::of(Arc::clone(&plan)).run(talk);
        let told: Vec<&str> = played.lines.iter().map(|line| line.what.as_str()).collect();
        assert!(
            played.departure.is_none(),
            "{:?}: {told:?}",
            played.departure
        );
    }
}
