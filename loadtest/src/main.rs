//! The `loadtest` program: exit status 0 where everything went as told, 1 where it did not, 2 where
//! it could not be tried.

use clap::Parser;
use loadtest::cli::Cli;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match loadtest::commands::run(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("loadtest: {error}");
            ExitCode::from(2)
        }
    }
}
