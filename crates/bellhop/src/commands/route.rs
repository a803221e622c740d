//! `bellhop route explain`.

use crate::cli::RouteCommand;
use crate::config::Config;
use crate::routes::Arrival;
use anyhow::Context;
use std::process::ExitCode;

/// Says row by row whether it fits.
pub fn run(command: RouteCommand) -> anyhow::Result<ExitCode> {
    let RouteCommand::Explain {
        config,
        trunk,
        called,
        caller,
        at,
    } = command;
    let config = Config::read(&config.config)?;
    let zone = config.zone()?;
    let at = match at {
        Some(text) => text
            .parse()
            .with_context(|| format!("'{text}' is no moment"))?,
        None => jiff::Timestamp::now(),
    };
    let call = Arrival {
        trunk: &trunk,
        called: &called,
        caller: &caller,
        at,
    };
    for (index, route) in config.route.iter().enumerate() {
        match route.mismatch(&call, &zone) {
            Some(why) => println!("route {}: no: {why}", index + 1),
            None => {
                let version = route.version.as_deref().unwrap_or("today's");
                let language = route.language.map_or("the plan's first", |l| l.tag());
                println!(
                    "route {}: yes: plan '{}', version {version}, language {language}",
                    index + 1,
                    route.plan
                );
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    println!("no route fits: the call would be answered 404");
    Ok(ExitCode::FAILURE)
}
