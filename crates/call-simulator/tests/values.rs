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

const PARKED: &str = r#"
plan: parked
languages: [en, zh]
start: plate
recording: off
people: { otherwise: callback }
nodes:
  plate:
    collect: { en: "What is your number plate?", zh: "您的车牌号是多少？" }
    slot: plate
    plate: zh
    confirm: always
    no_input: [{ then: person }]
    no_match: [{ en: "Which plate?", zh: "什么车牌？" }, { then: person }]
    next: make
  make:
    collect: { en: "Please spell the make.", zh: "请拼一下品牌。" }
    slot: make
    letters: { min: 2, max: 6 }
    no_input: [{ then: person }]
    next: bye
  bye: { end: { en: "A {make}, {plate}.", zh: "{plate}，{make}。" } }
"#;

const SPELT: &str = r#"# A plate, wrong and then right
language en
caller: guangdong b one two three four five
bot plate.confirm: "Guangdong, B, one two three four five"
caller: no
bot plate: "Which plate"
caller: guangdong d one two three four five
caller: yes
slot plate = 粤D12345
caller: b as in boy, m for mike, w
slot make = BMW
bot bye: "B, M, W"
reaches end

# In Mandarin
language zh
caller: 粤B幺二三四五
bot plate.confirm: "粤B、一二三四五，对吗"
caller: 对
slot plate = 粤B12345
caller: BMW
slot make = BMW
bot bye: "粤B、一二三四五，B、M、W"
reaches end
"#;

#[test]
fn plates_and_letters_are_spelt_and_read_back() {
    go_as_written(PARKED, SPELT);
}

#[test]
fn days_times_and_amounts_are_told_as_people_tell_them() {
    go_as_written(PLAN, TALKS);
}

fn go_as_written(plan: &str, talks: &str) {
    let plan = Arc::new(Plan::compile(&PlanSources::of_head(plan)).expect("a plan"));
    for talk in &read_talks(talks).expect("conversations") {
        let played = Rehearsal::of(Arc::clone(&plan)).run(talk);
        let told: Vec<&str> = played.lines.iter().map(|line| line.what.as_str()).collect();
        assert!(
            played.departure.is_none(),
            "{:?}: {told:?}",
            played.departure
        );
    }
}
