//! `bellhop diff`: what is otherwise in one plan than in another.

use crate::cli::Diff;
use crate::plans::compile;
use anyhow::bail;
use dialplan::Plan;
use std::path::Path;
use std::process::ExitCode;

/// Tells every difference; as with `diff` the status is 1 where there is one.
pub fn run(options: &Diff) -> anyhow::Result<ExitCode> {
    let differences = read(&options.older)?.differences(&read(&options.newer)?);
    for difference in &differences {
        println!("{difference}");
    }
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(folder: &Path) -> anyhow::Result<Plan> {
    match compile(folder)? {
        Ok(plan) => Ok(plan),
        Err(problems) => bail!("{}", problems.join("\n")),
    }
}
