use crate::support::{by_keys, import, plan_of};
use call_model::Language;
use dialplan::{Dialect, Imported, Node, Shape};

const FILE: [(&str, &str); 1] = [("extensions.conf", include_str!("data/extensions.conf"))];

fn imported(shape: Shape) -> Imported {
    let mut import = import(Dialect::Asterisk, &FILE, Language::En);
    import.shape = shape;
    import.plan().expect("extensions")
}

#[test]
fn what_was_dialled_leads_where_it_led() {
    let imported = imported(Shape::Kept);
    let plan = plan_of(&imported);
    let text = &imported.texts["flow.yaml"];
    let skill = |keys: &[&str]| {
        let at = by_keys(&plan, keys);
        match plan.node(&at) {
            Some(Node::Handoff(handoff)) => handoff.person.skill.clone(),
            _ => panic!("{keys:?} at {at}\n{text}"),
        }
    };
    for (keys, queue) in [
        (&["2"][..], "invoices"),
        (&["1", "2"], "claims"),
        (&["0"], "desk"),
    ] {
        assert_eq!(skill(keys).as_deref(), Some(queue), "{keys:?}");
    }
    skill(&["101"]);
    skill(&["149"]);
    let main = by_keys(&plan, &[]);
    assert_eq!(by_keys(&plan, &["3"]), main);
    assert_eq!(by_keys(&plan, &["1", "#"]), main);
    let number = by_keys(&plan, &["1", "1"]);
    assert_eq!(by_keys(&plan, &["1", "1", "1234"]), number);
    assert_eq!(by_keys(&plan, &["1", "1", "99999999"]), number);
}

#[test]
fn every_line_is_told_of() {
    let imported = imported(Shape::Kept);
    let (file, text) = FILE[0];
    let told = imported.report.lines();
    let mut in_block = false;
    for (number, line) in (1u32..).zip(text.lines()) {
        in_block |= line.starts_with(";--");
        let is_told = told.iter().any(|t| t.file == file && t.line == number);
        let tells = !in_block && !line.is_empty() && !line.starts_with([';', '[']);
        assert!(is_told || !tells, "{number}: {line}\n{}", imported.report);
        in_block &= !line.contains("--;");
    }
}

#[test]
fn what_is_otherwise_is_told_with_its_line() {
    let told = imported(Shape::Kept).report.to_string();
    for line in [
        "extensions.conf:12: changed: GotoIfTime(08:00-18:00,mon-fri,*,*?open:closed): these are the plan's 'hours'; set their 'zone', which is UTC for now",
        "extensions.conf:35: left out: Dial(PJSIP/${EXTEN:1}@trunk): the keys of '_9.' are no list of numbers",
        "extensions.conf:50: left out: AGI(track.agi)",
        "extensions.conf:51: changed: GotoIf($[${REGEX(\"^1\" ${NUMBER})}]?1,none): it is more than plain comparisons, or leads nowhere: callers come to a person",
        "extensions.conf:61: left out: 5: Hangup: no call comes by here",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn flattened_its_ends_are_named_in_one_turn() {
    let imported = imported(Shape::Flat);
    let plan = plan_of(&imported);
    let open = by_keys(&plan, &[]);
    for (said, queue) in [
        ("I have a question about invoices", "invoices"),
        ("claims please", "claims"),
    ] {
        let way = plan
            .way_on(&open, Language::En, said)
            .map(|route| route.to)
            .unwrap_or_default();
        let Some(Node::Handoff(handoff)) = plan.node(&way) else {
            panic!("{said}: '{way}'\n{}", imported.texts["flow.yaml"]);
        };
        assert_eq!(handoff.person.skill.as_deref(), Some(queue));
    }
    let invoices = plan.way_on(&open, Language::En, "invoices").expect("a way");
    assert_eq!(by_keys(&plan, &["2"]), invoices.to);
    // Key 1 begins the numbers of colleagues, so it waits for the menu that is answered by keys.
    let later = "the keys for 'parcels' are heard after the open question";
    assert!(imported.report.to_string().contains(later));
}

#[test]
fn files_without_an_extension_are_told_so() {
    let texts = [("a.conf", "[general]\nstatic=yes\n[x]\nexten => s\n")];
    let faults = import(Dialect::Asterisk, &texts, Language::En)
        .plan()
        .expect_err("a fault");
    assert_eq!((faults[0].file.as_str(), faults[0].line), ("a.conf", 1));
}
