//! The dialplans on disk.

use anyhow::{Context, bail};
use dialplan::{Checked, Dictionaries, Plan, PlanSources, Severity};
use speech::PhraseAutomaton;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A compiled plan and the folder its audio files are named in.
#[derive(Clone)]
pub struct ShelvedPlan {
    pub plan: Arc<Plan>,
    pub folder: PathBuf,
}

/// The plans of a folder, by name.
#[derive(Clone, Default)]
pub struct Shelf {
    plans: BTreeMap<String, ShelvedPlan>,
}

impl Shelf {
    /// Compiles every plan in a folder. All problems of all plans are told at once.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut shelf = Self::default();
        let mut problems = Vec::new();
        for folder in plan_folders(folder)? {
            match compile(&folder)? {
                Ok(plan) => {
                    let name = plan.name().to_owned();
                    let shelved = ShelvedPlan {
                        plan: Arc::new(plan),
                        folder: folder.clone(),
                    };
                    if let Some(other) = shelf.plans.insert(name.clone(), shelved) {
                        bail!(
                            "two plans are called '{name}': {} and {}; rename one",
                            other.folder.display(),
                            folder.display()
                        );
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            bail!("{}\n`bellhop check` shows the same", problems.join("\n"));
        }
        Ok(shelf)
    }

    /// A plan by its name.
    pub fn named(&self, name: &str) -> Option<&ShelvedPlan> {
        self.plans.get(name)
    }

    /// Every plan, by name.
    pub fn iter(&self) -> impl Iterator<Item = &ShelvedPlan> {
        self.plans.values()
    }

    /// The names, for a message that must say what there is.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.plans.keys().map(String::as_str).collect();
        names.join(", ")
    }
}

/// The folders that hold a plan: the folder itself, or those directly in it.
pub fn plan_folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join(dialplan::HEAD).is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let listed = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the plans' folder {}", folder.display()))?;
    let mut folders = Vec::new();
    for entry in listed {
        let path = entry?.path();
        if path.join(dialplan::HEAD).is_file() {
            folders.push(path);
        }
    }
    if folders.is_empty() {
        bail!(
            "{} holds no plan: a plan is a folder with a {}",
            folder.display(),
            dialplan::HEAD
        );
    }
    folders.sort();
    Ok(folders)
}

/// Checks a plan's sources against what the recogniser can search, and against dictionaries of what
/// it can hear.
pub fn check(sources: &PlanSources, dictionaries: &Dictionaries) -> Checked {
    Plan::check_with(sources, dictionaries, &PhraseAutomaton::can_hold)
}

/// Compiles one folder; the problems come with the folder before their place.
pub fn compile(folder: &Path) -> anyhow::Result<Result<Plan, Vec<String>>> {
    let sources = PlanSources::read(folder)?;
    let place = |problem: &dialplan::Problem| format!("{}/{problem}", folder.display());
    let Checked { plan, problems } = check(&sources, &Dictionaries::new());
    let is_error = |problem: &&dialplan::Problem| problem.severity() == Severity::Error;
    Ok(plan.ok_or_else(|| problems.iter().filter(is_error).map(place).collect()))
}
