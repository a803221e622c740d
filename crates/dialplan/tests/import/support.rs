//! Importing, and calling the plan with keys alone.

use call_model::{Key, Language};
use dialplan::{Dialect, Import, Imported, Node, Plan, PlanSources, Severity, Shape, Slots};

pub fn import(from: Dialect, texts: &[(&str, &str)], language: Language) -> Import {
    let texts = texts
        .iter()
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    Import {
        from,
        texts: texts.collect(),
        sounds: std::collections::BTreeSet::new(),
        name: "old".to_owned(),
        language,
        shape: Shape::Kept,
    }
}

/// The plan of an import, which must be good.
pub fn plan_of(imported: &Imported) -> Plan {
    let errors = imported
        .problems
        .iter()
        .filter(|p| p.severity() == Severity::Error);
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    let head = &imported.texts["flow.yaml"];
    assert!(errors.is_empty(), "{}\n{head}", errors.join("\n"));
    let sources = PlanSources {
        texts: imported.texts.clone(),
        others: imported.sounds.keys().cloned().collect(),
        ..PlanSources::default()
    };
    Plan::compile(&sources).expect("a good plan")
}

/// Where a caller stands who presses these entries, one for each question.
pub fn by_keys(plan: &Plan, entries: &[&str]) -> String {
    // The call comes within the plan's hours.
    let mut slots = Slots::from([("call_open".to_owned(), "yes".to_owned().into())]);
    let mut at = rest_of_way(plan, plan.start(), &mut slots);
    for entry in entries {
        let next = match plan.node(&at).expect("a node") {
            Node::Ask(ask) => {
                let key = Key::try_from(entry.chars().next().expect("a key")).expect("a key");
                let to = ask.by_key(key);
                to.unwrap_or_else(|| panic!("'{at}' does nothing on {entry}"))
                    .to_owned()
            }
            Node::Collect(collect) => {
                let value = value_of(&collect.wanted, entry);
                slots.insert(collect.slot.clone(), value.clone().into());
                collect.next.after(&value).to_owned()
            }
            _ => panic!("'{at}' takes no key {entry}"),
        };
        at = rest_of_way(plan, &next, &mut slots);
    }
    at
}

fn value_of(wanted: &dialplan::Wanted, entry: &str) -> String {
    match wanted {
        dialplan::Wanted::Digits { min, max } => {
            let fits = (usize::from(*min)..=usize::from(*max)).contains(&entry.len());
            assert!(fits, "{entry} has not {min} to {max} digits");
            entry.to_owned()
        }
        dialplan::Wanted::YesNo => if entry == "1" { "yes" } else { "no" }.to_owned(),
        dialplan::Wanted::OneOf(listed) => {
            let key = Key::try_from(entry.chars().next().expect("a key")).expect("a key");
            let found = listed.iter().find(|listed| listed.key == Some(key));
            found
                .unwrap_or_else(|| panic!("no value has key {entry}"))
                .value
                .clone()
        }
        _ => panic!("no keys are taken here"),
    }
}

/// On through everything that does not listen.
fn rest_of_way(plan: &Plan, from: &str, slots: &mut Slots) -> String {
    let mut at = from.to_owned();
    for _ in 0..1_000 {
        at = match plan.node(&at).expect("a node") {
            Node::Say(say) => say.next.clone(),
            Node::Set(note) => {
                slots.extend(note.values(slots));
                note.next.clone()
            }
            Node::Decide(decide) => decide.target(slots).to_owned(),
            Node::Api(api) => api.next.clone(),
            _ => return at,
        };
    }
    panic!("round and round from {from}");
}
