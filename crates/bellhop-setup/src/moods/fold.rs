//! Some of the speakers, who call, and a model that was trained on all others.

use super::lists::{Caller, Lists};
use super::outcome::{Promise, Reached};
use super::serve;
use crate::process::{Group, Patience};
use crate::workshop::Workshop;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

/// As whom everybody calls; `loadtest moods` knows what they say.
const CHARACTERS: [&str; 4] = ["calm, then angry", "loud but calm", "merry", "one shout"];
const PATIENCE: Patience = Patience::minutes(60);

/// One part of the speakers.
#[derive(Debug)]
pub struct Fold {
    lists: Lists,
    model: PathBuf,
    /// What simulated calls of these speakers, judged by this model, make of them.
    pub promise: Promise,
}

impl Fold {
    /// Trains the model of the fold with this number, of so many, and has it judge simulated calls. A model that this
    /// build trained on the same list stays.
    pub fn prepare(
        workshop: &Workshop,
        manifest: &Path,
        number: usize,
        of: usize,
    ) -> Result<Self, String> {
        let folder = workshop.folder(&format!("verify-moods/fold-{}", number + 1))?;
        let model = folder.join("model.json");
        let before = fs::read(folder.join(Lists::TAUGHT)).unwrap_or_default();
        let lists = Lists::part(manifest, &folder, &|place| place % of == number)?;
        let mut train = workshop.program("bellhop");
        let is_taught_alike = fs::read(&lists.taught).is_ok_and(|now| now == before);
        let names: Vec<&str> = (lists.callers.iter())
            .map(|caller| caller.speaker.as_str())
            .collect();
        let names = names.join(", ");
        if is_taught_alike && is_newer(&model, Path::new(train.get_program())) {
            println!("   there is a model without {names}");
        } else {
            println!("   a model without {names}");
            // If the training breaks off, no older one may be taken for it.
            match fs::remove_file(&model) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(format!("{}: {error}", model.display()));
                }
                Ok(()) | Err(_) => {}
            }
            train.args(["emotion", "train", "--no-figures"]);
            train.args(["--name", "without-the-callers"]);
            train.arg("--manifest").arg(&lists.taught);
            train.arg("--out").arg(&model);
            workshop.run(&mut train, PATIENCE)?;
        }
        let promise = simulated(workshop, &folder, &lists, &model)?;
        Ok(Self {
            lists,
            model,
            promise,
        })
    }

    /// Has every one of the speakers call as everything, side by side, and tells who reached a person.
    pub fn call(&self, workshop: &Workshop) -> Result<Vec<Reached>, String> {
        let called: Vec<Result<Vec<Reached>, String>> = thread::scope(|scope| {
            let callers = self.lists.callers.iter().enumerate();
            let calls = callers
                .map(|(line, caller)| scope.spawn(move || self.call_on(workshop, line, caller)));
            let calls: Vec<_> = calls.collect();
            let ended = calls.into_iter().map(|calls| calls.join());
            ended
                .map(|ended| ended.unwrap_or_else(|_| Err("a caller's thread panicked".to_owned())))
                .collect()
        });
        let called = called.into_iter().collect::<Result<Vec<_>, String>>()?;
        Ok(called.into_iter().flatten().collect())
    }

    /// Has one speaker call as everything, each time a server that has learnt nothing of its site yet: a site's level is
    /// learnt from all that is said there, and of what is said here, unlike anywhere, a third is angry or merry.
    fn call_on(
        &self,
        workshop: &Workshop,
        line: usize,
        caller: &Caller,
    ) -> Result<Vec<Reached>, String> {
        let folder = workshop.folder(&format!("verify-moods/line-{}", line + 1))?;
        let report = folder.join("reached.csv");
        let mut reached = Vec::new();
        for character in CHARACTERS {
            let words = [
                "--only",
                character,
                "--place",
                &line.to_string(),
                "--report",
            ]
            .map(OsString::from);
            let words = [&words[..], &[report.clone().into_os_string()]].concat();
            serve::serve_and_call(workshop, &folder, &self.model, &caller.list, &words)?;
            let problem = |error| format!("{}: {error}", report.display());
            let text = fs::read_to_string(&report).map_err(problem)?;
            reached.extend(Reached::read(&text, caller)?);
        }
        Ok(reached)
    }
}

/// Whether a file is there and was made after another.
fn is_newer(file: &Path, other: &Path) -> bool {
    let made = |file: &Path| fs::metadata(file).and_then(|about| about.modified());
    matches!((made(file), made(other)), (Ok(file), Ok(other)) if file > other)
}

/// What `bellhop eval emotion` says of calls that are put together from the recordings of those who call. The
/// model never heard them: nothing need be trained for it.
fn simulated(
    workshop: &Workshop,
    folder: &Path,
    lists: &Lists,
    model: &Path,
) -> Result<Promise, String> {
    let path = folder.join("simulated.json");
    let problem = |error: std::io::Error| format!("{}: {error}", path.display());
    let out = File::create(&path).map_err(problem)?;
    let mut eval = workshop.program("bellhop");
    eval.args(["eval", "emotion", "--calls", "--json", "--manifest"]);
    eval.arg(&lists.called).arg("--model").arg(model);
    let status =
        Group::start_writing_to(&eval, Stdio::from(out), Stdio::inherit())?.wait(PATIENCE)?;
    if !status.success() {
        return Err(format!("bellhop eval emotion ended with {status}"));
    }
    Promise::read(&fs::read_to_string(&path).map_err(problem)?)
}
