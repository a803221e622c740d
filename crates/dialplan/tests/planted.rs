//! Every kind of problem is planted in a plan of its own, and found where it was planted.
//!
//! In these plans a comment such as `#   ^ unreachable` names what must be found in the line
//! above it (that is no such comment), in the column of the mark.

use call_model::{Language, Phrase, PhraseGrammar};
use dialplan::{Dictionaries, Dictionary, Plan, PlanSources, Problem, ProblemKind, Severity};
use std::path::{Path, PathBuf};

/// Line, column and slug.
type Found = (u32, u32, String);

fn folder(slug: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/planted")
        .join(slug)
}

fn planted(text: &str) -> Vec<Found> {
    let mut planted = Vec::new();
    let mut above = 0;
    for (line, number) in text.lines().zip(1..) {
        let mark = line
            .strip_prefix('#')
            .and_then(|rest| rest.trim_start().strip_prefix("^ "));
        let Some(slug) = mark else {
            above = number;
            continue;
        };
        let column = line.chars().take_while(|c| *c != '^').count() + 1;
        planted.push((
            above,
            u32::try_from(column).expect("a column"),
            slug.to_owned(),
        ));
    }
    planted.sort();
    planted
}

fn found(problems: &[Problem]) -> Vec<Found> {
    let place = |p: &Problem| (p.line, p.column, p.kind.slug().to_owned());
    let mut found: Vec<Found> = problems.iter().map(place).collect();
    found.sort();
    found
}

#[test]
fn every_kind_of_problem_is_found_where_it_was_planted() {
    let mut missed = Vec::new();
    for kind in ProblemKind::ALL {
        let folder = folder(kind.slug());
        let sources = PlanSources::read(&folder).unwrap_or_else(|error| panic!("{error}"));
        let checked = Plan::check_with(&sources, &dictionaries(&sources), &holds);
        let planted = planted(&sources.texts[dialplan::HEAD]);
        let shown: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
        if found(&checked.problems) != planted {
            missed.push(format!("{kind}: planted {planted:?}, found {shown:#?}"));
        }
        assert!(
            planted.iter().any(|(.., slug)| slug == kind.slug()),
            "{kind} is not planted"
        );
        assert!(
            checked.problems.iter().all(|p| !p.remedy.is_empty()),
            "{kind}: {shown:#?}"
        );
        assert!(checked.problems.is_sorted(), "{kind}: {shown:#?}");
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// The words that can be heard, where the planted plan brings such lists.
fn dictionaries(sources: &PlanSources) -> Dictionaries {
    let read = |language: Language| {
        let text = sources.texts.get(&format!("{language}.txt"))?;
        Some((language, Dictionary::of_text(text, language)))
    };
    Language::ALL.into_iter().filter_map(read).collect()
}

/// A recogniser that searches 16,384 words.
fn holds(grammar: &PhraseGrammar) -> Result<(), String> {
    fn unfolded(phrase: &Phrase) -> usize {
        match phrase {
            Phrase::Word(_) => 1,
            Phrase::Sequence(parts) | Phrase::OneOf(parts) => parts.iter().map(unfolded).sum(),
            Phrase::Optional(of) => unfolded(of),
            Phrase::Repeat { of, max, .. } => unfolded(of) * usize::from(*max),
        }
    }
    match unfolded(&grammar.root) {
        0..=16_384 => Ok(()),
        words => Err(format!("it unfolds into {words} words")),
    }
}

#[test]
fn a_warning_refuses_no_plan() {
    for kind in ProblemKind::ALL {
        let sources = PlanSources::read(&folder(kind.slug())).expect("a plan's folder");
        if [ProblemKind::UnknownWord, ProblemKind::GrammarTooLarge].contains(kind) {
            // Without a recogniser nobody knows.
            continue;
        }
        let is_warning = kind.severity() == Severity::Warning;
        assert_eq!(Plan::compile(&sources).is_ok(), is_warning, "{kind}");
    }
}
