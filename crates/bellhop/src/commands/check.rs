//! `bellhop check` and `bellhop check-config`.

use crate::config::Config;
use crate::plans::{Shelf, compile, plan_folders};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compiles plans and shows every problem of every one.
pub fn plans(roots: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let (mut good, mut problems) = (0, 0);
    for root in roots {
        for folder in plan_folders(root)? {
            match compile(&folder)? {
                Ok(plan) => {
                    good += 1;
                    println!(
                        "{}: plan '{}' is good: {} nodes, {} grammars, digest {}",
                        folder.display(),
                        plan.name(),
                        plan.nodes().count(),
                        plan.grammars().count(),
                        plan.digest().get(..12).unwrap_or_default(),
                    );
                }
                Err(found) => {
                    problems += found.len();
                    found.iter().for_each(|problem| println!("{problem}"));
                }
            }
        }
    }
    println!("{good} plans good, {problems} problems");
    Ok(if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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
