//! Every Mandarin word that ships can be heard: the words of all plans, and those of the lists.
//!
//! Needs libpocketsphinx and the Mandarin model of `BELLHOP_SHARED` (default: `shared` beside the
//! project); where either is missing the test says so and passes.

use call_model::Language;
use dialplan::{Plan, PlanSources};
use speech::{Recognizer, SphinxModels, SphinxRecognizer, SphinxSettings};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn ear() -> Option<SphinxRecognizer> {
    let shared =
        std::env::var_os("BELLHOP_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let models = SphinxModels::find(&[shared.join("models")]);
    if !models.by_language.contains_key(&Language::Zh) {
        eprintln!("SKIPPED 1 test: no shared/models/sphinx-zh-8k");
        return None;
    }
    let settings = SphinxSettings {
        models,
        max_decoders: 4,
    };
    SphinxRecognizer::open(settings)
        .inspect_err(|error| eprintln!("SKIPPED 1 test: {error}"))
        .ok()
}

#[test]
fn every_mandarin_word_that_ships_can_be_heard() {
    let Some(ear) = ear() else { return };
    let lists = [Arc::new(dialplan::usual_escalation_words(Language::Zh))];
    ear.prepare(&[], &lists).expect("the shipped words");
    for entry in std::fs::read_dir(root().join("dialplans")).expect("the plans") {
        let folder = entry.expect("a plan").path();
        if !folder.join("flow.yaml").is_file() {
            continue;
        }
        let sources = PlanSources::read(&folder).expect("reads");
        let plan = Plan::compile(&sources).expect("compiles");
        let grammars: Vec<_> = plan
            .grammars()
            .filter(|grammar| grammar.language == Language::Zh)
            .cloned()
            .collect();
        let words = [Arc::clone(plan.escalation_words(Language::Zh))];
        let words = if plan.languages().contains(&Language::Zh) {
            &words[..]
        } else {
            &[]
        };
        if let Err(error) = ear.prepare(&grammars, words) {
            panic!("{}: {error}", folder.display());
        }
    }
}
