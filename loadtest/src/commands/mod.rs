//! What each subcommand does.

mod back_end;
mod compare;
mod intent_service;
mod load;
mod matrix;
mod matrix_cases;
mod mood_characters;
mod moods;
mod people;
mod reaching;
mod scenarios;
mod scripted_intent;
mod speaker;
mod speech;
mod wait_clock;

use crate::cli::{Cli, Command};
use std::error::Error;

/// Whether everything went as told; this machine's own troubles are errors.
pub type Outcome = Result<bool, Box<dyn Error>>;

/// Does what the command line says.
///
/// # Errors
/// A file that cannot be read or written, a target that may not be called, a socket that fails.
pub async fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Call(args) => scenarios::call(&args).await,
        Command::Demo(args) => scenarios::demo(&args).await,
        Command::Speech(args) => speech::speak(&args).await,
        Command::Hold(args) => load::hold(&args).await,
        Command::Rate(args) => load::rate(&args).await,
        Command::Compare(args) => compare::compare(&args),
        Command::AgentsMatrix(args) => matrix::try_all(&args).await,
        Command::Reaching(args) => reaching::measure(&args).await,
        Command::Moods(args) => moods::measure(&args).await,
        Command::WaitClock(args) => wait_clock::measure(&args).await,
        Command::IntentService(args) => intent_service::serve(&args).await,
        Command::BackEnd(args) => back_end::serve(&args).await,
    }
}
