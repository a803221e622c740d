//! Bellhop: an IVR and voice-bot media server.
//!
//! The program is the thin outside of a pure inside: it waits on sockets,
//! clocks and workers, feeds calls, and does what they want done.

mod cli;
mod closed_pipe;
mod commands;
mod config;
mod engines;
mod latency;
mod models;
mod plans;
mod revising;
mod routes;
mod serve;
mod site_file;
mod timeline;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    if !command.serves() {
        closed_pipe::end_quietly();
    }
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bellhop: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(file) => serve::run(&file.config),
        Command::CheckConfig(file) => commands::check::config(&file.config),
        Command::Reload(file) => commands::reload::run(&file.config),
        Command::Check(options) => commands::check::plans(&options),
        Command::Schema(options) => commands::check::schema(&options),
        Command::Graph(options) => commands::graph::run(&options),
        Command::Import(options) => commands::import::run(&options),
        Command::Test(options) => commands::test::run(&options),
        Command::Diff(options) => commands::diff::run(&options),
        Command::Route { command } => commands::route::run(command),
        Command::Simulate(options) => commands::simulate::run(&options),
        Command::Replay(options) => commands::replay::run(&options),
        Command::Watch { archive, idle_s } => commands::watch::run(&archive.archive, idle_s),
        Command::Recordings { archive, command } => {
            commands::recordings::run(&archive.archive, command)
        }
        Command::Latency(options) => commands::latency::run(&options),
        Command::Prompts { command } => commands::prompts::run(command),
        Command::EarServer(options) => commands::ear_server::run(&options),
        Command::Models { command } => commands::models::run(command),
        Command::Emotion { command } => commands::emotion::run(command),
        Command::Eval { command } => commands::eval::run(command),
    }
}
