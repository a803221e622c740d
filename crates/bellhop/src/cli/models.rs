//! Options of `bellhop models`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `bellhop models …`
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// Lists the models that are known by name, and which of them are there
    List(ModelsPlace),
    /// Brings models from where they are published, and checks every file before it counts
    ///
    /// What breaks off goes on where it ended, now and at the next call. Without names: the
    /// telephone-band models of both languages.
    Fetch {
        /// Names, as the list has them
        names: Vec<String>,
        #[command(flatten)]
        place: ModelsPlace,
        /// Take the files from this web address instead, where they lie as MODEL/FILE
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
        /// Take the files from this folder instead, where they lie as MODEL/FILE
        #[arg(long, value_name = "DIR", conflicts_with = "mirror")]
        from: Option<PathBuf>,
    },
    /// Reads every file of the models that are there and compares it with what was published
    ///
    /// The exit status is 1 when a file is missing or changed.
    Check(ModelsPlace),
}

/// Where models lie.
#[derive(Args, Debug)]
pub struct ModelsPlace {
    /// A folder of models; without it those of the configuration, the first of them to fetch into
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub dir: Option<PathBuf>,
    /// The configuration that names the folders
    #[arg(long, default_value = "bellhop.toml")]
    pub config: PathBuf,
}
