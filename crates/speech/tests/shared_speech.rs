//! Real recordings against the figures they are known by.
//!
//! Needs libpocketsphinx and the folders `models` and `speech` of `BELLHOP_SHARED`
//! (default: `shared` beside the project); where either is missing, each test says so and passes.
#![cfg(all(feature = "sphinx", feature = "eval"))]

mod jsgf;

use call_model::{
    Codec, EscalationWord, EscalationWords, GrammarId, Language, PhraseGrammar, WordClass,
};
use speech::eval::{
    EvalClip, EvalReport, EvalTask, Expectation, SlotValues, clean_line, evaluate, read_manifest,
};
use speech::{SphinxModels, SphinxRecognizer, SphinxSettings};
use std::path::PathBuf;
use std::sync::Arc;

fn shared() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    std::env::var_os("BELLHOP_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from)
}

fn ear() -> Option<SphinxRecognizer> {
    if !shared().join("speech/manifest.csv").is_file() {
        eprintln!("SKIPPED 1 test: no shared/speech/manifest.csv");
        return None;
    }
    let settings = SphinxSettings {
        models: SphinxModels::find(&[shared().join("models")]),
        max_decoders: 4,
    };
    match SphinxRecognizer::open(settings) {
        Ok(ear) => Some(ear),
        Err(error) => {
            eprintln!("SKIPPED 1 test: {error}");
            None
        }
    }
}

/// The words listened for beside every grammar: with `EVAL_ESCALATION=1` only, since they cost ten times the CPU.
fn escalation(language: Language) -> Arc<EscalationWords> {
    let words: &[&str] = match language {
        _ if std::env::var("EVAL_ESCALATION").is_err() => &[],
        Language::En => &["complaint", "lawyer", "agent", "operator", "real person"],
        Language::Zh => &["投诉", "赔偿", "律师", "人工", "转人工", "客服"],
    };
    let word = |text: &&str| EscalationWord {
        text: (*text).to_owned(),
        class: WordClass::Demand,
    };
    Arc::new(EscalationWords {
        language,
        words: words.iter().map(word).collect(),
    })
}

struct Case {
    corpus: &'static str,
    grammar: &'static str,
    language: Language,
    codec: Codec,
    expectation: Expectation,
}

/// Hears every `every`th clip of a corpus that the grammar can say.
fn run(ear: &SphinxRecognizer, case: &Case, every: usize) -> EvalReport {
    let root = shared().join("speech");
    let text = std::fs::read_to_string(root.join(case.grammar)).expect("the grammar");
    let grammar = Arc::new(PhraseGrammar {
        id: GrammarId(1),
        language: case.language,
        root: jsgf::parse(&text),
    });
    let words = jsgf::words(&grammar.root);
    let is_sayable =
        |clip: &EvalClip| case.expectation != Expectation::Text || words.contains(&clip.text);
    let clips: Vec<EvalClip> = read_manifest(&root.join("manifest.csv"))
        .expect("the manifest")
        .into_iter()
        .filter(|clip| clip.corpus == case.corpus && is_sayable(clip))
        .step_by(every)
        .collect();
    let task = EvalTask {
        recognizer: ear,
        grammar,
        escalation: escalation(case.language),
        line: &clean_line(case.codec),
        expectation: case.expectation,
        slot_values: &SlotValues::of(&clips),
        sounds_alike: &|one, other| ear.sounds_alike(case.language, one, other),
    };
    let report = evaluate(&task, &root, &clips).expect("hears");
    eprintln!("{} under {}: {report}", case.corpus, case.grammar);
    report
}

const DIGITS: Case = Case {
    corpus: "fsdd",
    grammar: "grammar-en-digits.jsgf",
    language: Language::En,
    codec: Codec::Pcmu,
    expectation: Expectation::Text,
};

const COMMANDS: Case = Case {
    corpus: "speech-to-intent-benchmark",
    grammar: "grammar-en-commands.jsgf",
    language: Language::En,
    codec: Codec::Pcmu,
    expectation: Expectation::Slots,
};

const MANDARIN: Case = Case {
    corpus: "audio-cmn",
    grammar: "grammar-zh-117.jsgf",
    language: Language::Zh,
    codec: Codec::Pcma,
    expectation: Expectation::Text,
};

fn every() -> usize {
    std::env::var("EVAL_EVERY")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(8)
}

#[test]
fn english_digits_are_understood() {
    let Some(ear) = ear() else { return };
    assert!(run(&ear, &DIGITS, every()).right_percent() >= 89.0);
}

#[test]
fn english_commands_are_understood() {
    let Some(ear) = ear() else { return };
    let report = run(&ear, &COMMANDS, every());
    assert!(report.right_percent() >= 88.0 && report.slot_percent() >= 95.0);
}

#[test]
fn mandarin_words_are_understood() {
    let Some(ear) = ear() else { return };
    assert!(run(&ear, &MANDARIN, 1).right_percent() >= 69.0);
}

#[test]
fn commands_are_foreign_to_a_grammar_of_digits() {
    let Some(ear) = ear() else { return };
    let foreign = Case {
        grammar: DIGITS.grammar,
        expectation: Expectation::NoMatch,
        ..COMMANDS
    };
    assert!(run(&ear, &foreign, every()).accepted_percent() < 2.0);
}
