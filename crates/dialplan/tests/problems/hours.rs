//! What can be wrong with hours, and with what the call itself knows.

use super::support::{HEAD, SOUND, changed, finds, problems};
use dialplan::PlanSources;

fn with_hours(hours: &str) -> String {
    let head = HEAD.replace("nodes:\n", &format!("hours: {hours}\nnodes:\n"));
    format!("{head}{SOUND}")
}

#[test]
fn hours_are_days_of_the_week_and_spans_of_a_day() {
    for hours in [
        "{ zone: '+08:00', open: { mon-fri: '09:00-18:00', sat: ['10:00-12:00', '13:00-14:00'] } }",
        "{ zone: Z, open: { sat-mon: '22:00-06:00' }, closed_on: [2026-12-25, 2027-01-01] }",
    ] {
        assert_eq!(problems(&PlanSources::of_head(with_hours(hours))), []);
    }
    for (hours, message) in [
        (
            "»{ open: { mon: '09:00-18:00' } }",
            "the hours do not say by which clock",
        ),
        (
            "{ zone: »Asia/Shanghai, open: { mon: '09:00-18:00' } }",
            "'Asia/Shanghai' is no offset from UTC",
        ),
        ("»{ zone: Z }", "the hours never open"),
        (
            "{ zone: Z, open: { »monday: '09:00-18:00' } }",
            "'monday' is no day of the week",
        ),
        (
            "{ zone: Z, open: { mon: »'9-18' } }",
            "'9-18' is no span of a day",
        ),
        (
            "{ zone: Z, open: { mon-wed: '09:00-12:00', »tue: '13:00-14:00' } }",
            "'tue' stands twice in the hours",
        ),
        (
            "{ zone: Z, open: { mon: '09:00-18:00' }, closed_on: [»2026-02-30] }",
            "'2026-02-30' is no day of the calendar",
        ),
    ] {
        finds(&with_hours(hours), message);
    }
}

/// The sound plan, its route leading here.
fn with(nodes: &str) -> String {
    let to_it = changed(
        "      bye: {",
        "      it: { en: [my order], zh: [我的订单] }\n      bye: {",
    );
    format!("{to_it}{nodes}")
}

#[test]
fn what_the_call_itself_fills_no_plan_fills() {
    let read = with("  it: { say: { en: 'You call from {call_number}.', zh: '您的号码是{call_number}。' }, next: which }
  which:
    decide: [{ when: { call_language: zh, call_asks: { below: 2 } }, to: bye }]
    otherwise: hello
");
    assert_eq!(problems(&PlanSources::of_head(read)), []);
    for node in [
        "  it: { set: { »call_number: '1' }, next: bye }\n",
        "  it:
    collect: { en: Which?, zh: 几号？ }
    slot: »call_number
    digits: 4
    no_input: [{ then: person }]
    next: bye
",
        "  it:
    api: { url: 'https://shop.example/', keep: { »call_number: /number } }
    say: { en: One moment., zh: 请稍等。 }
    next: bye
    error: person
",
    ] {
        finds(&with(node), "'call_number' is filled by the call itself");
    }
    finds(
        &with("  it:\n    decide: [{ when: { »call_open: no }, to: bye }]\n    otherwise: hello\n"),
        "'{call_open}' is asked, and the plan has no hours",
    );
}
