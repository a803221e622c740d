use crate::support::import;
use call_model::Language;
use dialplan::Dialect;

/// Told of with what they are a part of: words, grammars, branches, and what is around everything.
const PARTS: [&str; 13] = [
    "?xml", "vxml", "include", "menus", "property", "prompt", "grammar", "rule", "item", "filled",
    "else", "option", "block",
];

#[test]
fn every_element_that_does_something_is_told_of() {
    let documents = [
        (
            Dialect::Vxml,
            vec![
                ("bank.vxml", include_str!("data/bank.vxml")),
                ("bank-root.vxml", include_str!("data/bank-root.vxml")),
            ],
        ),
        (
            Dialect::Vxml,
            vec![
                ("shop.vxml", include_str!("data/shop.vxml")),
                ("status.grxml", include_str!("data/status.grxml")),
            ],
        ),
        (
            Dialect::Vxml,
            vec![("outage.vxml", include_str!("data/outage.vxml"))],
        ),
        (
            Dialect::Freeswitch,
            vec![("demo.xml", include_str!("data/demo.xml"))],
        ),
    ];
    let mut silent = Vec::new();
    for (dialect, texts) in documents {
        let imported = import(dialect, &texts, Language::En).plan().expect("menus");
        let told = imported.report.lines();
        for (file, text) in texts {
            for (number, line) in (1u32..).zip(text.lines()) {
                let Some(element) = line.trim_start().strip_prefix('<') else {
                    continue;
                };
                let name = element.split([' ', '>', '/']).next().unwrap_or_default();
                let is_told = told.iter().any(|t| t.file == file && t.line == number);
                if !is_told && !name.is_empty() && !PARTS.contains(&name) {
                    silent.push(format!("{file}:{number}: {line}"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
