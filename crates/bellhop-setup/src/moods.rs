//! Anger over real calls: callers whose voices the model never heard, calm and angry.

mod fold;
mod lists;
mod outcome;
mod serve;

use crate::steps::Done;
use crate::workshop::Workshop;
use fold::Fold;
use lists::Lists;
use outcome::{Promise, judge};
use std::ffi::OsString;
use std::path::PathBuf;

/// Every speaker calls, in one of so many parts, and is judged by a model that was trained on the other parts.
const FOLDS: usize = 3;
/// Of the callers who are not angry at most so many percent may reach a person. None should: merry voices are
/// what the score mistakes.
const OTHERS: f64 = 5.0;

/// The weights that are shipped; they know the voices of everybody in the recordings.
const SHIPPED: &str = "crates/voice-emotion/models/anger-acted.json";
/// Who calls in the demo, counted from 0, and as whom.
const SHOWN_SPEAKER: usize = 0;
const SHOWN_CHARACTER: &str = "calm, then angry";

/// Trains a model for each part of the speakers without them and has them call servers that use it, part by
/// part, the speakers of one side by side.
pub fn run(workshop: &Workshop) -> Result<Done, String> {
    let manifest = recordings(workshop);
    if !manifest.is_file() {
        let why = format!("there is no {}", manifest.display());
        eprintln!("   SKIPPED angry callers over real calls: {why}");
        return Ok(Done::Skipped(why));
    }
    let folds = (0..FOLDS).map(|number| Fold::prepare(workshop, &manifest, number, FOLDS));
    let folds = folds.collect::<Result<Vec<Fold>, String>>()?;
    let mut reached = Vec::new();
    for fold in &folds {
        reached.extend(fold.call(workshop)?);
    }
    let promise = Promise::sum(folds.iter().map(|fold| fold.promise));
    judge(&reached, promise, OTHERS)?;
    Ok(Done::Passed)
}

/// Has one speaker of the recordings call who turns angry, and reach a person for it; nothing happens where
/// the recordings are not.
pub fn show(workshop: &Workshop) -> Result<(), String> {
    let manifest = recordings(workshop);
    if !manifest.is_file() {
        return Ok(());
    }
    println!(
        "\nSomebody calls whose words no plan minds, and turns angry. (The weights were trained on this \
         voice, too; `bellhop-setup moods` has callers whose voices they never heard.)"
    );
    let folder = workshop.folder_without_calls("demo-moods")?;
    let lists = Lists::part(&manifest, &folder, &|place| place == SHOWN_SPEAKER)?;
    let wanted = ["--only", SHOWN_CHARACTER, "--require-angry", "100"].map(OsString::from);
    let model = workshop.root().join(SHIPPED);
    serve::serve_and_call(workshop, &folder, &model, &lists.called, &wanted)
        .map_err(|why| format!("the angry caller reached nobody: {why}"))
}

fn recordings(workshop: &Workshop) -> PathBuf {
    workshop.shared().join("emotion/manifest.csv")
}
