//! What can be wrong with days and times that are asked for.

use super::support::{HEAD, SOUND, finds};

fn asking(kind: &str, last: &str) -> String {
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      day: { en: [a day], zh: [日子] }",
    );
    let sound = sound.replace("en: Goodbye., zh: 再见。", last);
    format!(
        "{HEAD}{sound}  day:
    collect: {{ en: Which day?, zh: 哪天？ }}
    slot: day
    {kind}
    no_input: [{{ then: person }}]
    next: said
  said: {{ say: {{ en: \"Noted: {{day|date}}.\", zh: \"{{day|date}}，记下了。\" }}, next: bye }}
"
    )
}

const BYE: &str = "en: Goodbye., zh: 再见。";

#[test]
fn a_day_on_no_side_of_today_is_found() {
    finds(
        &asking("date: »soon", BYE),
        "a date is on no such side of today",
    );
}

#[test]
fn a_time_of_a_kind_that_is_not_is_found() {
    finds(
        &asking("time: »past", BYE),
        "'time' is no such kind of value",
    );
}

#[test]
fn an_amount_of_a_kind_that_is_not_is_found() {
    finds(
        &asking("amount: »dollars", BYE),
        "'amount' is no such kind of value",
    );
}

#[test]
fn a_key_that_ends_an_amount_and_is_its_point_is_found() {
    finds(
        &asking("amount: any\n    terminator: »\"*\"", BYE),
        "* is part of the value here",
    );
}

#[test]
fn a_way_of_reading_that_is_not_is_found() {
    let marked =
        asking("date: any", BYE).replace("\"Noted: {day|date}.\"", "»\"Noted: {day|plain}.\"");
    finds(&marked, "'plain' is no way of reading out 'day'");
}

#[test]
fn a_secret_that_would_be_read_back_is_found() {
    finds(
        &asking("digits: 4\n    sensitive: true\n    »confirm: always", BYE)
            .replace("{day|date}", "it"),
        "a value that nobody else may know is never read out",
    );
}

#[test]
fn keys_that_are_heard_too_well_to_be_read_back_are_found() {
    finds(
        &asking("date: any\n    by: keys\n    »confirm: low", BYE),
        "keys are never heard wrongly",
    );
}

#[test]
fn a_yes_that_would_be_read_back_is_found() {
    finds(
        &asking("yes_no:\n    »confirm: always", BYE),
        "an answer of the plan's own names cannot be read back",
    );
}

#[test]
fn a_question_whether_nothing_is_right_is_found() {
    let own = "date: any\n    confirm: { always: »{ en: \"{day}, right?\", zh: 对吗？ } }";
    finds(
        &asking(own, BYE),
        "the question does not tell what is to be right: '{day}'",
    );
}

#[test]
fn values_that_are_read_back_whenever_are_found() {
    finds(
        &asking("date: any\n    confirm: »sometimes", BYE),
        "'confirm' says not which values are read back",
    );
}

#[test]
fn more_letters_than_anybody_spells_are_found() {
    finds(&asking("letters: { min: 2, max: »21 }", BYE), "max is '21'");
}

#[test]
fn plates_of_nowhere_are_found() {
    finds(
        &asking("plate: »de", BYE),
        "there are no such number plates",
    );
}

#[test]
fn letters_that_are_to_be_keyed_are_found() {
    finds(
        &asking("letters: 3\n    by: »keys", BYE),
        "node 'day' hears keys alone, and no key enters its value",
    );
}
