//! Where things lie on this machine.

use crate::process::{Group, Patience};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout, the programs built from it, and cargo.
#[derive(Debug)]
pub struct Workshop {
    root: PathBuf,
    programs: PathBuf,
    cargo: OsString,
}

impl Workshop {
    /// The checkout this program was built from.
    pub fn here() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root
            .canonicalize()
            .map_err(|error| format!("{}: {error}", root.display()))?;
        let this = env::current_exe().map_err(|error| format!("this program: {error}"))?;
        let programs = this.parent().unwrap_or(&root).to_owned();
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self {
            root,
            programs,
            cargo,
        })
    }

    /// The checkout's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where models and recorded speech lie if this machine has them: what
    /// `BELLHOP_SHARED` names, or `shared` beside the checkout.
    pub fn shared(&self) -> PathBuf {
        match env::var_os("BELLHOP_SHARED") {
            Some(folder) => PathBuf::from(folder),
            None => self.root.join("../shared"),
        }
    }

    /// Cargo, to be run in the checkout.
    pub fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.cargo);
        command.args(words);
        self.at_home(command)
    }

    /// A program built from the checkout, to be run in its root.
    pub fn program(&self, name: &str) -> Command {
        self.at_home(Command::new(self.programs.join(name)))
    }

    /// Runs in the root and without what `cargo run` told this program about itself.
    fn at_home(&self, mut command: Command) -> Command {
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Runs a command to its end; it must succeed.
    pub fn run(&self, command: &mut Command, patience: Patience) -> Result<(), String> {
        let status = Group::start(command)?.wait(patience)?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("it ended with {status}")),
        }
    }

    /// A folder for what `purpose` leaves behind; it is not cleared.
    pub fn folder(&self, purpose: &str) -> Result<PathBuf, String> {
        let beside = self.programs.parent().unwrap_or(&self.root);
        let folder = beside.join(purpose);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Such a folder without the archive of an earlier run; voices that were made stay.
    pub fn folder_without_calls(&self, purpose: &str) -> Result<PathBuf, String> {
        let folder = self.folder(purpose)?;
        let archive = folder.join("archive");
        if archive.exists() {
            let problem = |error| format!("{}: {error}", archive.display());
            fs::remove_dir_all(&archive).map_err(problem)?;
        }
        Ok(folder)
    }
}
