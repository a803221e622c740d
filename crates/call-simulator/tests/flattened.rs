//! Callers of a deep old tree whose menus became one open question.

use call_model::Language;
use call_simulator::talk::{Rehearsal, read_talks};
use dialplan::{Dialect, Import, Plan, PlanSources, Shape};
use std::collections::BTreeSet;
use std::sync::Arc;

const TREES: [(Dialect, &str, Language); 2] = [
    (
        Dialect::Freeswitch,
        include_str!("../../dialplan/tests/import/data/deep.xml"),
        Language::En,
    ),
    (
        Dialect::Vxml,
        include_str!("../../dialplan/tests/import/data/deep.vxml"),
        Language::Zh,
    ),
];
const CALLERS: &str = include_str!("../../dialplan/tests/import/data/deep-callers.txt");

#[test]
fn sixty_callers_name_their_end_in_one_turn_and_press_their_way_to_it() {
    for (from, text, language) in TREES {
        let import = Import {
            from,
            texts: vec![("old".to_owned(), text.to_owned())],
            sounds: BTreeSet::new(),
            name: "deep".to_owned(),
            language,
            shape: Shape::Flat,
        };
        let sources = PlanSources {
            texts: import.plan().expect("menus").texts,
            ..PlanSources::default()
        };
        let rehearsal = Rehearsal::of(Arc::new(Plan::compile(&sources).expect("a plan")));
        let mut astray = Vec::new();
        for line in CALLERS.lines() {
            let (keys, texts) = line.split_once(' ').expect("keys and texts");
            let (english, chinese) = texts.split_once('|').expect("two texts");
            let (said, node) = match language {
                Language::En => (english.trim(), format!("to_7{keys}")),
                Language::Zh => (chinese.trim(), format!("leaf_{keys}_says")),
            };
            let pressed: Vec<String> = keys.chars().map(|key| format!("keys: {key}\n")).collect();
            let script = format!(
                "# {said}\nlanguage {language}\ncaller: {said}\nreaches node {node}\n\n\
                 # {keys}\nlanguage {language}\n{}reaches node {node}\n",
                pressed.concat()
            );
            for talk in read_talks(&script).expect("a conversation") {
                let played = rehearsal.run(&talk);
                if let Some(departure) = played.departure {
                    astray.push(format!("{}: {}", talk.title, departure.got));
                }
            }
        }
        assert!(astray.is_empty(), "{}", astray.join("\n"));
    }
}
