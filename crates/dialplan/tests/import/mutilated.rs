use crate::support::import;
use call_model::Language;
use dialplan::{Dialect, Import, Severity, Shape};
use proptest::prelude::*;

const VXML: [&str; 3] = [
    include_str!("data/bank.vxml"),
    include_str!("data/shop.vxml"),
    include_str!("data/outage.vxml"),
];
const FREESWITCH: &str = include_str!("data/demo.xml");
const ASTERISK: &str = include_str!("data/extensions.conf");

fn shaped(from: Dialect, text: &str, is_flat: bool) -> Import {
    let mut import = import(from, &[("old.xml", text)], Language::En);
    import.shape = match is_flat {
        true => Shape::Flat,
        false => Shape::Kept,
    };
    import
}

/// A text without some stretches of it, and with others twice.
fn mutilated(text: &str, wounds: &[(usize, usize, bool)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, length, twice) in wounds {
        let from = at % chars.len().max(1);
        let to = (from + length).min(chars.len());
        let cut: Vec<char> = chars[from..to].to_vec();
        if *twice {
            chars.splice(from..from, cut);
        } else {
            chars.drain(from..to);
        }
    }
    chars.into_iter().collect()
}

#[test]
fn a_transfer_without_an_address_is_a_person_all_the_same() {
    for address in ["sip:", "tel:", "sip:front desk"] {
        let text = format!(
            "<vxml version=\"2.1\"><form id=\"desk\"><transfer name=\"person\" dest=\"{address}\">\
             <prompt>One moment please.</prompt></transfer></form></vxml>"
        );
        let made = shaped(Dialect::Vxml, &text, false).plan().expect("a plan");
        let errors: Vec<_> = made
            .problems
            .iter()
            .filter(|p| p.severity() == Severity::Error)
            .collect();
        assert!(
            errors.is_empty(),
            "{errors:#?}\n{}",
            made.texts["flow.yaml"]
        );
        assert!(
            !made.texts["flow.yaml"].contains(address),
            "{}",
            made.texts["flow.yaml"]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever becomes of a document, it is told of or makes a plan that checks without an error.
    #[test]
    fn no_document_makes_a_bad_plan(
        which in 0..5usize,
        is_flat in any::<bool>(),
        wounds in prop::collection::vec((0..6_000usize, 0..60usize, any::<bool>()), 0..4),
    ) {
        let (from, text) = match VXML.get(which) {
            Some(text) => (Dialect::Vxml, *text),
            None if which == 3 => (Dialect::Freeswitch, FREESWITCH),
            None => (Dialect::Asterisk, ASTERISK),
        };
        let text = mutilated(text, &wounds);
        match shaped(from, &text, is_flat).plan() {
            Ok(imported) => {
                let errors: Vec<_> = imported.problems.iter().filter(|p| p.severity() == Severity::Error).collect();
                prop_assert!(errors.is_empty(), "{errors:#?}\n{}", imported.texts["flow.yaml"]);
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }

    /// Attributes and elements taken out or put elsewhere leave XML, which must still make a good plan.
    #[test]
    fn no_word_put_for_another_makes_a_bad_plan(
        which in 0..4usize,
        is_flat in any::<bool>(),
        swaps in prop::collection::vec((0..300usize, 0..300usize), 0..6),
    ) {
        let (from, text) = match VXML.get(which) {
            Some(text) => (Dialect::Vxml, *text),
            None => (Dialect::Freeswitch, FREESWITCH),
        };
        // The odd parts of a text cut at its quotes are values of attributes.
        let mut parts: Vec<&str> = text.split('"').collect();
        let values = parts.len() / 2;
        for (a, b) in swaps {
            parts.swap((a % values) * 2 + 1, (b % values) * 2 + 1);
        }
        let text = parts.join("\"");
        if let Ok(imported) = shaped(from, &text, is_flat).plan() {
            let errors: Vec<_> = imported.problems.iter().filter(|p| p.severity() == Severity::Error).collect();
            prop_assert!(errors.is_empty(), "{errors:#?}\n{}", imported.texts["flow.yaml"]);
        }
    }

    /// So may lines of extensions stand in any order, or not at all.
    #[test]
    fn no_order_of_lines_makes_a_bad_plan(
        is_flat in any::<bool>(),
        swaps in prop::collection::vec((0..100usize, 0..100usize), 0..8),
        cut in prop::collection::vec(0..100usize, 0..4),
    ) {
        let mut lines: Vec<&str> = ASTERISK.lines().collect();
        for (a, b) in swaps {
            let count = lines.len();
            lines.swap(a % count, b % count);
        }
        for at in cut {
            let count = lines.len();
            lines.remove(at % count);
        }
        let text = lines.join("\n");
        if let Ok(imported) = shaped(Dialect::Asterisk, &text, is_flat).plan() {
            let errors: Vec<_> = imported.problems.iter().filter(|p| p.severity() == Severity::Error).collect();
            prop_assert!(errors.is_empty(), "{errors:#?}\n{}", imported.texts["flow.yaml"]);
        }
    }
}
