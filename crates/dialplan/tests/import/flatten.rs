use crate::support::{by_keys, import, plan_of};
use call_model::{Key, Language};
use dialplan::{Dialect, Imported, Node, Plan, Shape};
use std::collections::BTreeSet;

/// Seven levels of menus with sixty ends, in each of two old systems and languages.
const TREES: [(Dialect, &str, Language); 2] = [
    (
        Dialect::Freeswitch,
        include_str!("data/deep.xml"),
        Language::En,
    ),
    (Dialect::Vxml, include_str!("data/deep.vxml"), Language::Zh),
];

/// The keys to each end, and what callers say for it.
fn callers(language: Language) -> Vec<(Vec<&'static str>, &'static str)> {
    let lines = include_str!("data/deep-callers.txt").lines();
    let told = lines.map(|line| {
        let (keys, texts) = line.split_once(' ').expect("keys and texts");
        let (english, chinese) = texts.split_once('|').expect("two texts");
        let text = match language {
            Language::En => english,
            Language::Zh => chinese,
        };
        (
            keys.split("").filter(|key| !key.is_empty()).collect(),
            text.trim(),
        )
    });
    told.collect()
}

fn flattened(dialect: Dialect, text: &str, language: Language) -> Imported {
    let mut import = import(dialect, &[("old", text)], language);
    import.shape = Shape::Flat;
    import.plan().expect("menus")
}

#[test]
fn a_caller_who_names_an_end_of_a_deep_tree_is_there_in_one_turn_and_by_keys_in_seven() {
    for (dialect, text, language) in TREES {
        let plan = plan_of(&flattened(dialect, text, language));
        let open = by_keys(&plan, &[]);
        let callers = callers(language);
        assert_eq!(callers.len(), 60);
        assert_eq!(callers.iter().map(|(keys, _)| keys.len()).max(), Some(7));
        let mut ends = BTreeSet::new();
        let mut astray = Vec::new();
        for (keys, said) in callers {
            // A key is one turn.
            let end = by_keys(&plan, &keys);
            ends.insert(end.clone());
            let named = plan.way_on(&open, language, said).map(|route| route.to);
            if named.as_ref().map(|to| rest(&plan, to)) != Some(end.clone()) {
                astray.push(format!("{said}: {named:?}, not {end}"));
            }
        }
        assert!(
            astray.is_empty(),
            "{} {language}: {}",
            astray.len(),
            astray.join("\n")
        );
        if dialect == Dialect::Freeswitch {
            assert_eq!(ends.len(), 60);
        }
    }
}

fn rest(plan: &Plan, to: &str) -> String {
    match plan.node(to) {
        Some(Node::Say(say)) => say.next.clone(),
        _ => to.to_owned(),
    }
}

#[test]
fn no_two_ends_share_a_phrase() {
    for (dialect, text, language) in TREES {
        let plan = plan_of(&flattened(dialect, text, language));
        let open = by_keys(&plan, &[]);
        let Some(Node::Ask(ask)) = plan.node(&open) else {
            panic!("no open question");
        };
        for choice in &ask.choices {
            for phrase in choice.words.get(&language).into_iter().flatten() {
                let way = plan.way_on(&open, language, phrase).map(|route| route.to);
                assert_eq!(way.as_ref(), Some(&choice.to), "{phrase}");
            }
        }
    }
}

#[test]
fn who_says_nothing_is_asked_by_keys() {
    let (dialect, text, language) = TREES[0];
    let plan = plan_of(&flattened(dialect, text, language));
    let open = by_keys(&plan, &[]);
    let ladder = &plan
        .node(&open)
        .and_then(Node::listening)
        .expect("a question")
        .no_input;
    let dialplan::LadderEnd::Goto(menu) = &ladder.then else {
        panic!("{ladder:?}");
    };
    let Some(Node::Ask(menu)) = plan.node(menu) else {
        panic!("no menu");
    };
    let key = Key::try_from('5').expect("a key");
    assert_eq!(menu.by_key(key), Some("menu_5"));
    // Back to the first menu from one below it goes on by keys.
    assert_eq!(
        by_keys(&plan, &["5", "#", "5", "1"]),
        by_keys(&plan, &["5", "1"])
    );
}
