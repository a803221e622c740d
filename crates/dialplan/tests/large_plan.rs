//! A plan of two thousand nodes is checked while its writer looks on.

use dialplan::{Plan, PlanSources};
use std::fmt::Write as _;

const HEAD: &str = "\
plan: large
languages: [en, zh]
start: menu0
recording: off
people: { otherwise: callback }
nodes:
";

/// A tree of menus, with a value asked for and read back at every leaf.
fn text(nodes: usize) -> String {
    let mut text = HEAD.to_owned();
    let menus = nodes / 4;
    for n in 0..menus {
        let _ = write!(
            text,
            "  menu{n}:\n    ask: {{ en: 'Which way from {n}?', zh: '{n}号，请问往哪里？' }}\n    routes:\n      value{n}: {{ en: ['enter a number', 'value {n}'], zh: [输入号码], key: 9 }}\n"
        );
        for (key, way) in [(1, 2 * n + 1), (2, 2 * n + 2)] {
            if way < menus {
                let _ = writeln!(
                    text,
                    "      menu{way}: {{ en: [way {way}, 'the way {key}'], zh: ['{way}号路'], key: {key} }}"
                );
            }
        }
        let _ = write!(
            text,
            "    no_input: [{{ then: person }}]
  value{n}:
    collect: {{ en: Which number?, zh: 什么号码？ }}
    slot: number{n}
    digits: 6
    no_input: [{{ then: person }}]
    next: told{n}
  told{n}:
    say: {{ en: 'You said {{number{n}}}.', zh: '您说的是{{number{n}}}。' }}
    next: ask{n}
  ask{n}:
    collect: {{ en: Is it right?, zh: 对吗？ }}
    slot: right{n}
    yes_no: {{ yes: menu0, no: value{n} }}
    no_input: [{{ then: person }}]
"
        );
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test tells how long it took")]
fn two_thousand_nodes_are_checked() {
    let sources = PlanSources::of_head(text(2_000));
    let begin = std::time::Instant::now();
    let checked = Plan::check(&sources);
    let sound = begin.elapsed();
    let errors: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    assert!(checked.plan.is_some(), "{errors:#?}");

    // The worst of plans: nothing is filled, and every node leads astray too.
    let spoilt = text(2_000).replace("slot: number", "slot: other");
    let spoilt = PlanSources::of_head(spoilt.replace("next: told", "next: tld"));
    let begin = std::time::Instant::now();
    let checked = Plan::check(&spoilt);
    let faulty = begin.elapsed();
    assert!(
        checked.problems.len() >= 1_500,
        "{}",
        checked.problems.len()
    );
    println!("2,000 nodes: checked and compiled in {sound:?}; with every fault in {faulty:?}");
}
