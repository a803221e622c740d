//! `bellhop graph`: a plan as a picture.

use super::journals;
use crate::cli::Graph;
use anyhow::bail;
use call_model::JournalLine;
use dialplan::{Plan, PlanSources, Trails};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the picture to the standard output.
pub fn run(options: &Graph) -> anyhow::Result<ExitCode> {
    let sources = PlanSources::read(&options.plan)?;
    let plan = match Plan::compile(&sources) {
        Ok(plan) => plan,
        Err(problems) => {
            let before = format!("{}/", options.plan.display());
            for problem in &problems {
                eprintln!("{}\n", problem.excerpt(&before, &sources));
            }
            bail!("a plan with errors is not drawn");
        }
    };
    let trails = trails(options, &plan)?;
    let language = options.language.unwrap_or(plan.languages()[0]);
    let picture = plan.picture(language, &trails);
    let text = match options.dot {
        true => picture.dot(),
        false => picture.mermaid(),
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// The ways of the calls of this plan among the journals; others are told of and left out.
fn trails(options: &Graph, plan: &Plan) -> anyhow::Result<Trails> {
    let roots: Vec<PathBuf> = options
        .journal
        .iter()
        .chain(&options.journals)
        .cloned()
        .collect();
    let mut trails = Trails::default();
    let (mut others, mut older) = (0, 0);
    for path in journals::find(&roots)? {
        let text = journals::text(&path)?;
        let lines: Vec<JournalLine> = journals::lines(&text).collect();
        let Some(JournalLine::Begin(header)) = lines.first() else {
            others += 1;
            continue;
        };
        if header.plan != plan.name() {
            others += 1;
            continue;
        }
        older += usize::from(header.plan_digest != plan.digest());
        trails.add(&lines);
    }
    if others > 0 {
        eprintln!("{others} journals of other plans are left out");
    }
    if older > 0 {
        eprintln!(
            "{older} calls were led by another version of this plan; their steps are drawn as far as its nodes are there"
        );
    }
    if !roots.is_empty() && trails.calls() == 0 {
        bail!("no journal is of a call of the plan '{}'", plan.name());
    }
    Ok(trails)
}
