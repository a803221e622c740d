//! What the machine must have besides Rust and a C compiler.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What somebody wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// `cargo demo`.
    Demo,
    /// `cargo verify`.
    Verify,
}

/// How a need shows itself on a machine.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// A program in the search path.
    Program(&'static str),
    /// A shared library.
    Library(&'static str),
    /// A file.
    File(&'static str),
}

/// One thing that is needed, and the Debian package that brings it.
#[derive(Clone, Copy, Debug)]
struct Need {
    package: &'static str,
    sign: Sign,
    what_for: &'static str,
    by_demo: bool,
}

const NEEDS: [Need; 4] = [
    Need {
        package: "libpocketsphinx3",
        sign: Sign::Library("libpocketsphinx.so.3"),
        what_for: "understands callers",
        by_demo: true,
    },
    Need {
        package: "pocketsphinx-en-us",
        sign: Sign::File("/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"),
        what_for: "English words and their sounds",
        by_demo: true,
    },
    Need {
        package: "espeak-ng",
        sign: Sign::Program("espeak-ng"),
        what_for: "speaks prompts",
        by_demo: true,
    },
    Need {
        package: "sip-tester",
        sign: Sign::Program("sipp"),
        what_for: "places many calls at once",
        by_demo: false,
    },
];

const LIBRARY_FOLDERS: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"];

impl Need {
    fn is_there(&self) -> bool {
        match self.sign {
            Sign::Program(name) => is_in_path(name),
            Sign::Library(name) => LIBRARY_FOLDERS
                .iter()
                .any(|folder| is_library_in(Path::new(folder), name)),
            Sign::File(path) => Path::new(path).exists(),
        }
    }

    fn sign_in_words(&self) -> String {
        match self.sign {
            Sign::Program(name) => format!("program {name}"),
            Sign::Library(name) => format!("library {name}"),
            Sign::File(path) => format!("file {path}"),
        }
    }
}

fn is_in_path(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// In the folder itself or in one of an architecture, e.g. `x86_64-linux-gnu`.
fn is_library_in(folder: &Path, name: &str) -> bool {
    let inner = fs::read_dir(folder).into_iter().flatten().flatten();
    let holds = |folder: PathBuf| folder.join(name).exists();
    holds(folder.to_owned()) || inner.map(|entry| entry.path()).any(holds)
}

/// Who may install packages here, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Installer {
    Root,
    Sudo,
    Nobody,
    NotDebian,
}

impl Installer {
    fn here() -> Self {
        if !is_in_path("apt-get") {
            Self::NotDebian
        } else if answers("id", &["-u"]).as_deref() == Some("0") {
            Self::Root
        } else if answers("sudo", &["-n", "true"]).is_some() {
            Self::Sudo
        } else {
            Self::Nobody
        }
    }

    /// Runs apt-get without questions.
    fn apt_get(self, words: &[&str]) -> bool {
        let program = match self {
            Self::Sudo => "sudo",
            Self::Root | Self::Nobody | Self::NotDebian => "env",
        };
        let mut command = Command::new(program);
        if self == Self::Sudo {
            command.args(["-n", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(words);
        command.status().is_ok_and(|status| status.success())
    }
}

/// What a program prints, if it succeeds.
fn answers(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Installs what is missing for `purpose`, saying so; quiet when nothing is.
pub fn provide(purpose: Purpose) -> Result<(), String> {
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    println!("This machine lacks:");
    for need in &missing {
        println!("  {:<20} {}", need.package, need.what_for);
    }
    let installer = Installer::here();
    if matches!(installer, Installer::Nobody | Installer::NotDebian) {
        return Err(remedy(installer, &missing));
    }
    println!("Installing them with apt-get, once.");
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(missing.iter().map(|need| need.package));
    let installed = installer.apt_get(&["update"]) && installer.apt_get(&install);
    let still_missing = self::missing(purpose);
    match installed && still_missing.is_empty() {
        true => Ok(()),
        false => Err(remedy(installer, &still_missing)),
    }
}

fn missing(purpose: Purpose) -> Vec<Need> {
    let is_wanted = |need: &Need| need.by_demo || purpose == Purpose::Verify;
    let mut needs = NEEDS.to_vec();
    needs.retain(|need| is_wanted(need) && !need.is_there());
    needs
}

fn remedy(installer: Installer, missing: &[Need]) -> String {
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    let command = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    match installer {
        Installer::Root | Installer::Sudo => format!(
            "apt-get could not install all of it. They are packages of Debian's `main` and of \
             Ubuntu's `universe`: see that it stands in the sources, then\n  run: {command}"
        ),
        Installer::Nobody => format!(
            "Installing needs root, and sudo asks for a password here.\n  run: sudo sh -c '{command}'"
        ),
        Installer::NotDebian => {
            let signs = missing.iter().map(|need| {
                let (sign, package) = (need.sign_in_words(), need.package);
                format!("\n  {sign}  (Debian's package {package})")
            });
            let signs: String = signs.collect();
            format!("This is no Debian or Ubuntu, so please provide:{signs}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_not_install_is_told_the_whole_command() {
        let told = remedy(Installer::Nobody, &NEEDS[2..]);
        assert!(told.contains("sudo sh -c 'apt-get update"), "{told}");
        assert!(told.contains("espeak-ng sip-tester"), "{told}");
    }

    #[test]
    fn elsewhere_the_things_themselves_are_named() {
        let told = remedy(Installer::NotDebian, &NEEDS);
        for sign in ["program sipp", "library libpocketsphinx.so.3", "file /usr"] {
            assert!(told.contains(sign), "{told}");
        }
    }

    #[test]
    fn what_every_machine_has_is_found() {
        assert!(is_in_path("sh") && !is_in_path("no-such-program"));
        assert!(
            LIBRARY_FOLDERS
                .iter()
                .any(|folder| is_library_in(Path::new(folder), "libc.so.6"))
        );
    }
}
