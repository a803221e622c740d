//! Options of `bellhop eval understanding`.

use clap::Args;
use std::path::PathBuf;

/// `bellhop eval understanding …`
#[derive(Args, Debug)]
pub struct EvalUnderstanding {
    /// A folder of plan folders, or one plan's
    #[arg(long, value_name = "DIR")]
    pub plans: PathBuf,
    /// A CSV file: plan, language, expected, text; expected is a route, none, or person
    #[arg(long, value_name = "FILE")]
    pub set: PathBuf,
    /// Also a CSV file: language, expected, text; expected is stay, ask, or demand
    #[arg(long, value_name = "FILE")]
    pub mentions: Option<PathBuf>,
    /// Only the utterances of this plan
    #[arg(long, value_name = "NAME")]
    pub plan: Vec<String>,
    /// The open question they answer, in every plan
    #[arg(long, default_value = "menu", value_name = "NODE")]
    pub node: String,
    /// Show every text that was not understood as it was meant
    #[arg(long)]
    pub misses: bool,
    /// Print the counts as JSON
    #[arg(long)]
    pub json: bool,
    /// Fail when fewer texts are right in a language, in percent
    #[arg(long, value_name = "PERCENT")]
    pub require_right: Option<f64>,
    /// Fail when more texts are wrong in a language, in percent
    #[arg(long, value_name = "PERCENT")]
    pub require_wrong: Option<f64>,
    /// Fail when more mentions lead to a person in a plan and language, in percent
    #[arg(long, value_name = "PERCENT", requires = "mentions")]
    pub require_escalated: Option<f64>,
}
