//! What can be wrong with a menu of keys.

use super::support::{HEAD, SOUND, finds, problems};
use call_model::Key;
use dialplan::{AnswerBy, Node, Plan, PlanSources};

const MENU: &str = "  menu:
    menu: { en: For the address press one., zh: 查地址请按一。 }
    keys: { 1: bye, 3: bye, '#': menu }
    no_input: [{ then: person }]
";

fn with_menu(from: &str, to: &str) -> String {
    assert!(MENU.contains(from), "'{from}' is no part of the menu");
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      menu: { en: [menu], zh: [菜单] }",
    );
    format!("{HEAD}{sound}{}", MENU.replacen(from, to, 1))
}

#[test]
fn a_menu_asks_for_keys_and_wants_no_words() {
    let sources = PlanSources::of_head(with_menu("keys", "keys"));
    assert_eq!(problems(&sources), []);
    let plan = Plan::compile(&sources).expect("a sound plan");
    let Some(Node::Ask(menu)) = plan.node("menu") else {
        panic!("a menu is a question");
    };
    assert_eq!(menu.listening.by, AnswerBy::Keys);
    let leads = |face| menu.by_key(Key::try_from(face).expect("a key"));
    assert_eq!(leads('1'), Some("bye"));
    assert_eq!(leads('3'), Some("bye"));
    assert_eq!(leads('#'), Some("menu"));
    assert_eq!(leads('2'), None);
}

#[test]
fn a_menu_that_cannot_be_answered_is_found() {
    finds(
        &with_menu("keys: { 1: bye, 3: bye, '#': menu }", "keys: »{}"),
        "node 'menu' has no keys",
    );
    finds(&with_menu("1: bye", "»11: bye"), "'11' is no telephone key");
    finds(
        &with_menu("1: bye", "1: »by"),
        "'menu' leads to 'by', which is no node",
    );
    finds(
        &with_menu("1: bye", "»0: bye"),
        "key 0 asks for a person, and at 'menu' it leads to 'bye'",
    );
    finds(
        &with_menu("keys:", "»routes: {}\n    keys:"),
        "node 'menu' (menu) has no field 'routes'",
    );
}
