//! `bellhop eval turns`: are callers let finish, and answered soon after?

use super::hearing_bars::Figures;
use super::hearing_sounds::{line, recordings};
use super::hearing_turns::{Form, answer_kinds};
use super::understood::Share;
use crate::cli::EvalTurns;
use hearing_trials::Scene;
use speech::{SphinxModels, SphinxRecognizer, SphinxSettings};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;

#[derive(Default)]
struct Turns {
    answers: usize,
    cut_off: usize,
    endless: usize,
    understood: usize,
    added_ms: Vec<i64>,
}

/// Lets callers answer every kind of question.
pub fn run(options: &EvalTurns) -> anyhow::Result<ExitCode> {
    let recordings = recordings(&options.recordings)?;
    let recognizer = SphinxRecognizer::open(SphinxSettings {
        models: SphinxModels::find(&options.models),
        max_decoders: DECODERS,
    })?;
    let mut figures = Figures::default();
    let mut by_form: BTreeMap<Form, Turns> = BTreeMap::new();
    for kind in answer_kinds(&recordings, &options.grammar, options.each)? {
        let silence = Arc::from([0; 160]);
        let line = line(&options.recordings)?;
        let scene = Scene::new(&kind.asked, kind.language, &recognizer, vec![silence], line)?;
        let mut turns = Turns::default();
        for (seed, sound) in (1..).zip(&kind.answers) {
            let Some(came) = scene.answer(sound, seed)? else {
                continue;
            };
            turns.answers += 1;
            turns.cut_off += usize::from(came.is_cut_off);
            turns.endless += usize::from(!came.is_cut_off && came.added_ms.is_none());
            turns.understood += usize::from(!came.text.is_empty());
            turns.added_ms.extend(came.added_ms);
            if options.misses && (came.is_cut_off || came.added_ms.is_none_or(|ms| ms > 500)) {
                eprintln!("{} {seed}: {came:?}", kind.name);
            }
        }
        turns.tell(&mut figures, &format!("{}.", kind.name));
        by_form.entry(kind.form).or_default().add(turns);
    }
    for (form, turns) in &by_form {
        turns.tell(&mut figures, &format!("{}.", form.name()));
    }
    figures.conclude(&options.recordings)
}

impl Turns {
    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.cut_off += other.cut_off;
        self.endless += other.endless;
        self.understood += other.understood;
        self.added_ms.extend(other.added_ms);
    }

    fn tell(&self, figures: &mut Figures, of: &str) {
        figures.share(format!("{of}cut_off"), Share(self.cut_off, self.answers));
        figures.share(
            format!("{of}never_ended"),
            Share(self.endless, self.answers),
        );
        figures.share(
            format!("{of}understood"),
            Share(self.understood, self.answers),
        );
        figures.times(&format!("{of}pause_added"), self.added_ms.clone());
    }
}
