use crate::support::{by_keys, import, plan_of};
use call_model::Language;
use dialplan::{Dialect, Node};

const DEMO: [(&str, &str); 1] = [("ivr.conf.xml", include_str!("data/demo.xml"))];

#[test]
fn the_entries_of_a_menu_lead_where_they_led() {
    let imported = import(Dialect::Freeswitch, &DEMO, Language::En)
        .plan()
        .expect("menus");
    let plan = plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    for keys in ["1", "2", "3", "4", "5", "1000", "1019"] {
        let at = by_keys(&plan, &[keys]);
        assert!(
            matches!(plan.node(&at), Some(Node::Handoff(_))),
            "{keys} at {at}\n{text}"
        );
    }
    let front = by_keys(&plan, &[]);
    // What is no entry is asked for again, and the third time a person is fetched.
    assert_eq!(by_keys(&plan, &["1020"]), front);
    let person = by_keys(&plan, &["7", "7", "7"]);
    assert!(
        matches!(plan.node(&person), Some(Node::Handoff(_))),
        "{text}"
    );
    assert_eq!(by_keys(&plan, &["9"]), front);
    assert_eq!(by_keys(&plan, &["6", "*"]), front);
    assert_eq!(by_keys(&plan, &["6", "1"]), by_keys(&plan, &["6"]));
    assert!(matches!(
        plan.node(&by_keys(&plan, &["6", "2"])),
        Some(Node::End(_))
    ));
}

#[test]
fn what_is_not_in_the_plan_is_told_with_its_line() {
    let imported = import(Dialect::Freeswitch, &DEMO, Language::En)
        .plan()
        .expect("menus");
    let told = imported.report.to_string();
    for line in [
        "ivr.conf.xml:14: left out: action 'menu-exec-lua' on key '8'",
        "ivr.conf.xml:3: left out: max-timeouts=\"3\" of menu 'front'",
        "ivr.conf.xml:18: changed: the sound 'misc/our_address.wav' is not at hand: 'our address' is said",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn sounds_at_hand_are_played() {
    let mut import = import(Dialect::Freeswitch, &DEMO, Language::En);
    import
        .sounds
        .insert("sounds/misc/our_address.wav".to_owned());
    let imported = import.plan().expect("menus");
    let from = imported
        .sounds
        .get("audio/our_address.wav")
        .map(String::as_str);
    assert_eq!(from, Some("sounds/misc/our_address.wav"));
    assert!(imported.texts["flow.yaml"].contains("{ audio: \"audio/our_address.wav\" }"));
    plan_of(&imported);
}
