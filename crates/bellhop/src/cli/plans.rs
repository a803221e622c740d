//! Options of the commands that look at plans.

use clap::Args;
use std::path::PathBuf;

/// `bellhop check …`
#[derive(Args, Debug)]
pub struct Check {
    /// Plan folders, or folders of plan folders
    #[arg(required = true)]
    pub plans: Vec<PathBuf>,
    /// Print the problems as a JSON list
    #[arg(long)]
    pub json: bool,
    /// Fail when there are warnings too
    #[arg(long)]
    pub deny_warnings: bool,
}
