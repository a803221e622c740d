//! `bellhop check` and `bellhop check-config`.

use crate::cli::{Check, Schema};
use crate::config::Config;
use crate::plans::{Shelf, check, plan_folders};
use anyhow::{Context, bail};
use dialplan::{Checked, Dictionaries, Dictionary, Plan, PlanSources, Problem, Severity};
use speech::SphinxModels;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Prints the language of plans, or of their parts, as a JSON Schema.
pub fn schema(options: &Schema) -> anyhow::Result<ExitCode> {
    let schema = match options.part {
        true => dialplan::part_schema(),
        false => dialplan::schema(),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(ExitCode::SUCCESS)
}

/// Compiles plans and shows every problem of every one.
pub fn plans(options: &Check) -> anyhow::Result<ExitCode> {
    let dictionaries = dictionaries(&options.models)?;
    let mut counts = Counts::default();
    let mut listed = Vec::new();
    for root in &options.plans {
        for folder in plan_folders(root)? {
            let sources = PlanSources::read(&folder)?;
            let Checked { plan, problems } = check(&sources, &dictionaries);
            counts.add(plan.is_some(), &problems);
            if options.json {
                listed.extend(problems.iter().map(|problem| in_json(&folder, problem)));
            } else {
                show(&folder, &sources, plan.as_ref(), &problems);
            }
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&listed)?);
    } else {
        println!("{counts}");
    }
    let is_refused = counts.errors > 0 || options.deny_warnings && counts.warnings > 0;
    Ok(if is_refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What the recognisers of the models in these folders can hear; nothing where none is named.
fn dictionaries(folders: &[PathBuf]) -> anyhow::Result<Dictionaries> {
    let mut dictionaries = Dictionaries::new();
    if folders.is_empty() {
        return Ok(dictionaries);
    }
    for (language, model) in SphinxModels::find(folders).by_language {
        let path = &model.dictionary;
        let bytes = std::fs::read(path)
            .with_context(|| format!("cannot read the dictionary {}", path.display()))?;
        let dictionary = Dictionary::of_text(&String::from_utf8_lossy(&bytes), language);
        dictionaries.insert(language, dictionary);
    }
    if dictionaries.is_empty() {
        bail!("no model is there: they lie in folders named sphinx-en-8k and sphinx-zh-8k");
    }
    Ok(dictionaries)
}

fn show(folder: &Path, sources: &PlanSources, plan: Option<&Plan>, problems: &[Problem]) {
    let before = format!("{}/", folder.display());
    for problem in problems {
        println!("{}\n", problem.excerpt(&before, sources));
    }
    if let Some(plan) = plan {
        println!(
            "{}: plan '{}' is good: {} nodes, {} grammars, digest {}",
            folder.display(),
            plan.name(),
            plan.nodes().count(),
            plan.grammars().count(),
            plan.digest().get(..12).unwrap_or_default(),
        );
    }
}

/// One problem as `--json` lists it.
fn in_json(folder: &Path, problem: &Problem) -> serde_json::Value {
    serde_json::json!({
        "plan": folder.display().to_string(),
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "kind": problem.kind.slug(),
        "severity": problem.severity(),
        "message": problem.message,
        "remedy": problem.remedy,
    })
}

/// What was found in all plans.
#[derive(Default)]
struct Counts {
    good: usize,
    refused: usize,
    errors: usize,
    warnings: usize,
}

impl Counts {
    fn add(&mut self, is_good: bool, problems: &[Problem]) {
        if is_good {
            self.good += 1;
        } else {
            self.refused += 1;
        }
        let is_error = |problem: &&Problem| problem.severity() == Severity::Error;
        let errors = problems.iter().filter(is_error).count();
        self.errors += errors;
        self.warnings += problems.len() - errors;
    }
}

/// `3 plans good, 1 refused: 2 errors, 5 warnings`
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            good,
            refused,
            errors,
            warnings,
        } = self;
        write!(
            f,
            "{good} plans good, {refused} refused: {errors} errors, {warnings} warnings"
        )
    }
}

/// Reads a configuration as the server would: the plans and what the routes name too.
pub fn config(path: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::read(path)?;
    let shelf = Shelf::read(&config.plans.dir)?;
    let mut problems = 0;
    for absent in config.absent_variables() {
        problems += 1;
        println!("{}: {absent}", path.display());
    }
    for (index, route) in config.route.iter().enumerate() {
        if route.version.is_none() && shelf.named(&route.plan).is_none() {
            problems += 1;
            println!(
                "{}: route {}: there is no plan '{}'; there are: {}",
                path.display(),
                index + 1,
                route.plan,
                shelf.names()
            );
        }
    }
    if problems > 0 {
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "{}: good: SIP on {}, HTTP on {}, {} trunks, {} routes, plans: {}",
        path.display(),
        config.sip.listen,
        config.http.listen,
        config.trunk.len(),
        config.route.len(),
        shelf.names(),
    );
    Ok(ExitCode::SUCCESS)
}
