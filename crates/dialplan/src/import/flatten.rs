//! A tree of menus as one open question: callers name what they want, and the old menus, answered by keys,
//! are where they come to who cannot.

use super::model::{Choice, Failing, Keys, Kind, Menu, Model, Piece};
use super::offers::offered_on;
use super::phrases::{Named, phrases_of};
use super::report::ImportReport;
use call_model::Language;
use spoken_text::{normalise, yes_words};
use std::collections::{BTreeMap, BTreeSet};

/// With fewer there is nothing to choose from.
const OPTIONS_MIN: usize = 2;

/// Puts an open question before every tree of menus.
pub(super) fn flatten(model: &mut Model, language: Language, report: &mut ImportReport) {
    let roots = roots(model);
    if roots.is_empty() {
        let at = model.places.get(&model.start).map(|place| place.at.clone());
        if let Some(at) = at {
            report.left_out(&at, "an open question: no menu is there to be flattened");
        }
    }
    for root in roots {
        ask_openly(model, &root, language, report);
    }
}

/// The menus that callers come to before they have chosen anything.
fn roots(model: &Model) -> Vec<String> {
    let mut seen = BTreeSet::from([model.start.clone()]);
    let mut open = vec![model.start.clone()];
    let mut roots = Vec::new();
    while let Some(name) = open.pop() {
        match model.kind(&name) {
            Some(Kind::Menu(_)) => roots.push(name),
            Some(kind) => {
                for to in kind.targets() {
                    if seen.insert(to.clone()) {
                        open.push(to.clone());
                    }
                }
            }
            None => {}
        }
    }
    roots
}

fn ask_openly(model: &mut Model, root: &str, language: Language, report: &mut ImportReport) {
    let Some(place) = model.places.get(root) else {
        return;
    };
    let (at, Kind::Menu(menu)) = (place.at.clone(), place.kind.clone()) else {
        return;
    };
    let options = options(model, root, language);
    let leaves = options.iter().filter(|option| !option.is_menu).count();
    if options.len() < OPTIONS_MIN || leaves == 0 {
        report.left_out(
            &at,
            format!("an open question before '{root}': it has too few ways on"),
        );
        return;
    }
    let phrases = phrases_of(&options, language, |to| {
        super::keys::leads_to_person(model, to)
    });
    let mut choices = Vec::new();
    for (option, words) in options.iter().zip(phrases) {
        if words.is_empty() && option.is_menu {
            let told = format!(
                "'{}' is a menu whose name stands in those of its ends: it is reached by keys",
                option.to
            );
            report.changed(&option.at, told);
            continue;
        }
        if words.is_empty() {
            report.changed(
                &option.at,
                format!("no words of its own were found for '{}': it is reached by keys alone; write what callers say for it, without words that ask for a person", option.to),
            );
            continue;
        }
        let told = words.join("', '");
        report.imported(
            &option.at,
            format!("'{}' is named with '{told}'", option.to),
        );
        choices.push(Choice {
            keys: Vec::new(),
            words,
            label: String::new(),
            to: option.to.clone(),
            at: option.at.clone(),
        });
    }
    if choices.is_empty() {
        let told = format!(
            "an open question before '{root}': nothing below it has a name that callers could say"
        );
        report.left_out(&at, told);
        return;
    }
    choices.extend(first_keys(&menu, report));
    let wording = vec![Piece::Text(question(language).to_owned())];
    let open = Menu {
        say: wording,
        choices,
        failing: Failing::default(),
        timeout: menu.timeout,
        inter_digit: None,
        falls_back_to: Some(root.to_owned()),
    };
    let name = model.name(&format!("{root}_open"));
    lead_to(model, root, &name);
    model.put(&name, &at, Kind::Menu(open));
    if let Some(Kind::Menu(menu)) = model.places.get_mut(root).map(|place| &mut place.kind) {
        // A ladder ends where a caller cannot fail by voice again.
        for choice in &mut menu.choices {
            choice.words.clear();
        }
    }
    report.changed(&at, format!("'{root}' and the menus below it are one open question, '{name}', with {leaves} ends; '{root}' is asked by keys where nothing is understood"));
}

const fn question(language: Language) -> &'static str {
    match language {
        Language::En => {
            "How can I help you? Please say in a few words what you want, or press a key."
        }
        Language::Zh => "请问您要办理什么业务？请直接说出来，也可以按键。",
    }
}

/// Every way to the root leads to the open question, but those that callers of its menus choose by keys.
fn lead_to(model: &mut Model, root: &str, open: &str) {
    if model.start == root {
        model.start = open.to_owned();
    }
    for place in model.places.values_mut() {
        if matches!(place.kind, Kind::Menu(_)) {
            continue;
        }
        for to in place.kind.targets_mut() {
            if *to == root {
                open.clone_into(to);
            }
        }
    }
}

/// The keys of the first menu are heard at the open question too, but for those that begin longer ones.
fn first_keys(menu: &Menu, report: &mut ImportReport) -> Vec<Choice> {
    let mut longer: BTreeSet<char> = BTreeSet::new();
    for keys in menu.choices.iter().flat_map(|choice| &choice.keys) {
        match keys {
            Keys::Exact(keys) if keys.chars().count() > 1 => longer.extend(keys.chars().next()),
            Keys::Exact(_) => {}
            Keys::Range(from, to) => {
                let ends = [from, to].map(|end| end.chars().next().unwrap_or('0'));
                longer.extend(ends[0]..=ends[1]);
            }
        }
    }
    let mut choices = Vec::new();
    for choice in &menu.choices {
        let (now, later): (Vec<Keys>, Vec<Keys>) = choice.keys.iter().cloned().partition(|keys| {
            matches!(keys, Keys::Exact(keys) if keys.chars().count() == 1 && !longer.contains(&keys.chars().next().unwrap_or('0')))
        });
        if !later.is_empty() {
            report.changed(&choice.at, format!("the keys for '{}' are heard after the open question, where nothing was understood", choice.to));
        }
        if !now.is_empty() {
            choices.push(Choice {
                keys: now,
                words: Vec::new(),
                ..choice.clone()
            });
        }
    }
    choices
}

/// Every end and every menu below a root, with the names on the way there.
fn options(model: &Model, root: &str, language: Language) -> Vec<Named> {
    let mut seen = BTreeSet::from([root.to_owned()]);
    let mut found: Vec<Named> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut open: Vec<(String, Vec<String>)> = vec![(root.to_owned(), Vec::new())];
    while let Some((name, branch)) = open.pop() {
        let Some(Kind::Menu(menu)) = model.kind(&name) else {
            continue;
        };
        let mut below = Vec::new();
        for choice in &menu.choices {
            let own = names_of(choice, menu, language);
            let next = menu_after(model, &choice.to);
            let is_back = next.is_some_and(|next| *next == choice.to && seen.contains(next));
            if is_back || is_silent_end(model, &choice.to) {
                continue;
            }
            let is_menu = match next {
                Some(next) if !is_yes_or_no(model, next, language) && seen.insert(next.clone()) => {
                    let label = own.first().cloned();
                    let branch = branch.iter().cloned().chain(label).collect();
                    below.push((next.clone(), branch));
                    true
                }
                _ => false,
            };
            let place = *places.entry(choice.to.clone()).or_insert(found.len());
            if place == found.len() {
                found.push(Named {
                    to: choice.to.clone(),
                    at: choice.at.clone(),
                    is_menu,
                    ways: Vec::new(),
                });
            }
            found[place].ways.push((branch.clone(), own));
        }
        open.extend(below.into_iter().rev());
    }
    found
}

/// What an option is called: what callers could say for it, else what the prompt says, else its label.
fn names_of(choice: &Choice, menu: &Menu, language: Language) -> Vec<String> {
    if !choice.words.is_empty() {
        return choice.words.clone();
    }
    let offered = choice.keys.iter().find_map(|keys| match keys {
        Keys::Exact(key) => offered_on(key, &menu.say, language),
        Keys::Range(..) => None,
    });
    let label = Some(choice.label.clone()).filter(|label| label.chars().any(char::is_alphabetic));
    offered.or(label).into_iter().collect()
}

/// The menu that a place leads to with nothing but words on the way.
fn menu_after<'m>(model: &'m Model, from: &'m String) -> Option<&'m String> {
    let mut at = from;
    for _ in 0..=model.places.len() {
        match model.kind(at)? {
            Kind::Menu(_) => return Some(at),
            Kind::Play { next, .. } => at = next,
            Kind::Collect(_)
            | Kind::Decide { .. }
            | Kind::Set { .. }
            | Kind::Count { .. }
            | Kind::Post { .. }
            | Kind::Person { .. }
            | Kind::End { .. } => return None,
        }
    }
    None
}

/// A question for a yes is no menu: nobody says yes to it before it was asked.
fn is_yes_or_no(model: &Model, name: &str, language: Language) -> bool {
    let Some(Kind::Menu(menu)) = model.kind(name) else {
        return false;
    };
    let yes = yes_words(language);
    menu.choices.iter().any(|choice| {
        let names = names_of(choice, menu, language);
        names
            .iter()
            .any(|name| yes.contains(&normalise(name, language).as_str()))
    })
}

/// Whoever wants the call to end hangs up.
fn is_silent_end(model: &Model, name: &str) -> bool {
    matches!(model.kind(name), Some(Kind::End { say }) if say.is_empty())
}
