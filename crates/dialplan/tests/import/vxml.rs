use crate::support::{by_keys, import, plan_of};
use call_model::Language;
use dialplan::{Dialect, Fate, Imported, Node};

const BANK: [(&str, &str); 2] = [
    ("ivr/bank.vxml", include_str!("data/bank.vxml")),
    ("ivr/bank-root.vxml", include_str!("data/bank-root.vxml")),
];
const SHOP: [(&str, &str); 2] = [
    ("shop.vxml", include_str!("data/shop.vxml")),
    ("status.grxml", include_str!("data/status.grxml")),
];
const OUTAGE: [(&str, &str); 1] = [("outage.vxml", include_str!("data/outage.vxml"))];

fn imported(texts: &[(&str, &str)], language: Language) -> Imported {
    import(Dialect::Vxml, texts, language)
        .plan()
        .expect("documents that can be read")
}

#[test]
fn every_key_of_the_bank_leads_where_it_led() {
    let imported = imported(&BANK, Language::En);
    let plan = plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    assert!(
        matches!(
            plan.node(&by_keys(&plan, &["1", "1"])),
            Some(Node::Handoff(_))
        ),
        "{text}"
    );
    assert!(
        matches!(plan.node(&by_keys(&plan, &["0"])), Some(Node::Handoff(_))),
        "{text}"
    );
    for keys in [
        vec!["1", "2", "4711"],
        vec!["1", "3"],
        vec!["2", "2"],
        vec!["2", "21"],
        vec!["3", "2"],
        vec!["3", "1", "5000"],
        vec!["2", "1", "123456", "1"],
    ] {
        let at = by_keys(&plan, &keys);
        assert!(
            matches!(plan.node(&at), Some(Node::End(_))),
            "{keys:?} at {at}\n{text}"
        );
    }
    assert_eq!(by_keys(&plan, &["9"]), by_keys(&plan, &[]));
    let once_more = by_keys(&plan, &["2", "1", "123456", "2"]);
    assert_eq!(once_more, by_keys(&plan, &["2", "1"]));
    let large = by_keys(&plan, &["3", "1", "200000"]);
    assert!(
        matches!(plan.node(&large), Some(Node::Handoff(_))),
        "{large}"
    );
    assert_eq!(
        by_keys(&plan, &["3", "1", "5"]),
        by_keys(&plan, &["3", "1"])
    );
}

#[test]
fn the_bank_is_understood_by_its_words() {
    let plan = plan_of(&imported(&BANK, Language::En));
    let main = by_keys(&plan, &[]);
    let to = |node: &str, text: &str| {
        plan.understand(node, Language::En, text)
            .first()
            .map(|route| route.to.clone())
    };
    assert_eq!(to(&main, "when are you open"), to(&main, "opening hours"));
    let cards = to(&main, "cards").expect("cards");
    assert!(to(&cards, "my card was stolen").is_some());
}

#[test]
fn values_and_sub_dialogs_of_the_shop_are_kept() {
    let imported = imported(&SHOP, Language::En);
    let plan = plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    assert!(text.contains("welcome to the shop"), "{text}");
    let status = by_keys(&plan, &["1", "12345"]);
    assert!(
        matches!(plan.node(&status), Some(Node::Collect(collect)) if collect.slot == "status"),
        "{text}"
    );
    // What the way is reckoned to is not guessed: a person sees to it.
    let reckoned = by_keys(&plan, &["2", "12345"]);
    assert!(
        matches!(plan.node(&reckoned), Some(Node::Handoff(_))),
        "{text}"
    );
    assert!(
        matches!(plan.node(&by_keys(&plan, &["3"])), Some(Node::End(_))),
        "{text}"
    );
}

#[test]
fn mandarin_is_imported_like_english() {
    let imported = imported(&OUTAGE, Language::Zh);
    let plan = plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    assert!(
        matches!(
            plan.node(&by_keys(&plan, &["1", "12345678"])),
            Some(Node::End(_))
        ),
        "{text}"
    );
    assert!(
        matches!(plan.node(&by_keys(&plan, &["3"])), Some(Node::Handoff(_))),
        "{text}"
    );
    assert_eq!(by_keys(&plan, &["*"]), by_keys(&plan, &[]));
    let start = by_keys(&plan, &[]);
    assert!(
        !plan
            .understand(&start, Language::Zh, "我家停电了")
            .is_empty(),
        "{text}"
    );
    assert!(
        text.contains("transfer: \"sip:urgent@power.example\""),
        "{text}"
    );
}

#[test]
fn what_is_not_in_the_plan_is_told_with_its_line() {
    let imported = imported(&BANK, Language::En);
    let told = imported.report.to_string();
    for line in [
        "ivr/bank.vxml:81: left out: <script>",
        "ivr/bank-root.vxml:7: left out: <error>",
        "ivr/bank.vxml:14: changed: <exit> after 3 times noinput",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(imported.report.count(Fate::Imported) > 20, "{told}");
}

#[test]
fn documents_that_are_no_xml_are_told_with_their_place() {
    let texts = [
        ("a.vxml", "<vxml>\n <menu>\n </form>\n</vxml>"),
        ("b.vxml", "<vxml"),
    ];
    let faults = import(Dialect::Vxml, &texts, Language::En)
        .plan()
        .expect_err("faults");
    let places: Vec<(String, u32)> = faults.iter().map(|f| (f.file.clone(), f.line)).collect();
    assert_eq!(places, [("a.vxml".to_owned(), 3), ("b.vxml".to_owned(), 1)]);
}

#[test]
fn a_parameter_given_twice_has_its_last_value() {
    let (name, text) = SHOP[0];
    let once = r#"<param name="purpose" expr="'order'"/>"#;
    let text = text.replace(
        once,
        &format!(r#"<param name="purpose" expr="'old'"/>{once}"#),
    );
    let imported = imported(&[(name, &text), SHOP[1]], Language::En);
    plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    assert!(text.contains(r#"set: { purpose: "order" }"#), "{text}");
}
