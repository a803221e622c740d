//! What the machine must have besides Rust and a C compiler.

use std::env;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What somebody wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// `cargo demo`.
    Demo,
    /// `cargo verify`.
    Verify,
    /// `cargo verify full`.
    VerifyFully,
}

/// Who cannot do without a need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Importance {
    /// The demo, and all that plays it.
    ForDemo,
    /// Any verification.
    ForVerify,
    /// Nobody: a step of the full verification is left out without it.
    Optional,
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
    importance: Importance,
}

const NEEDS: [Need; 8] = [
    Need {
        package: "libpocketsphinx3",
        sign: Sign::Library("libpocketsphinx.so.3"),
        what_for: "understands callers",
        importance: Importance::ForDemo,
    },
    Need {
        package: "pocketsphinx-en-us",
        sign: Sign::File("/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"),
        what_for: "English words and their sounds",
        importance: Importance::ForDemo,
    },
    Need {
        package: "espeak-ng",
        sign: Sign::Program("espeak-ng"),
        what_for: "speaks prompts",
        importance: Importance::ForDemo,
    },
    Need {
        package: "sip-tester",
        sign: Sign::Program("sipp"),
        what_for: "places many calls at once",
        importance: Importance::ForVerify,
    },
    Need {
        package: "baresip-core",
        sign: Sign::Program("baresip"),
        what_for: "hears the greeting as a stranger",
        importance: Importance::Optional,
    },
    // whisper.cpp is built with the server, whether a model is there or not.
    Need {
        package: "cmake",
        sign: Sign::Program("cmake"),
        what_for: "builds whisper.cpp",
        importance: Importance::ForDemo,
    },
    Need {
        package: "make",
        sign: Sign::Program("make"),
        what_for: "builds whisper.cpp",
        importance: Importance::ForDemo,
    },
    Need {
        package: "g++",
        sign: Sign::Program("c++"),
        what_for: "builds whisper.cpp",
        importance: Importance::ForDemo,
    },
];

const LIBRARY_FOLDERS: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"];

impl Need {
    fn is_wanted(&self, purpose: Purpose) -> bool {
        match self.importance {
            Importance::ForDemo => true,
            Importance::ForVerify => purpose != Purpose::Demo,
            Importance::Optional => purpose == Purpose::VerifyFully,
        }
    }

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
    found_in(folder, name).is_some()
}

fn found_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let inner = fs::read_dir(folder).into_iter().flatten().flatten();
    iter::once(folder.to_owned())
        .chain(inner.map(|entry| entry.path()))
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

/// A folder of the system's libraries, wherever they lie here.
pub fn folder_in_libraries(name: &str) -> Option<PathBuf> {
    let mut folders = LIBRARY_FOLDERS.iter();
    folders.find_map(|folder| found_in(Path::new(folder), name))
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

    /// Runs apt-get without questions; it tells its troubles itself.
    fn apt_get(self, words: &[&str]) {
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
        if let Err(error) = command.status() {
            eprintln!("cannot run {program}: {error}");
        }
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
        return lack(installer, &missing);
    }
    println!("Installing them with apt-get, once.");
    let (optional, required): (Vec<Need>, Vec<Need>) = missing
        .into_iter()
        .partition(|need| need.importance == Importance::Optional);
    // What can be done without goes one by one: one that is not to be had does not keep
    // the others away. What came of it shows in what is still missing.
    let mut parts: Vec<&[Need]> = optional.chunks(1).collect();
    parts.insert(0, &required);
    installer.apt_get(&["update"]);
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let mut install = vec!["install", "-y", "--no-install-recommends"];
        install.extend(part.iter().map(|need| need.package));
        installer.apt_get(&install);
    }
    let still_missing = self::missing(purpose);
    match still_missing.is_empty() {
        true => Ok(()),
        false => lack(installer, &still_missing),
    }
}

/// An error that says what to do, if what is missing cannot be done without.
fn lack(installer: Installer, missing: &[Need]) -> Result<(), String> {
    let can_wait = |need: &Need| need.importance == Importance::Optional;
    let remedy = remedy(installer, missing);
    match missing.iter().all(can_wait) {
        true => {
            eprintln!("Going on without.\n{remedy}");
            Ok(())
        }
        false => Err(remedy),
    }
}

fn missing(purpose: Purpose) -> Vec<Need> {
    let mut needs = NEEDS.to_vec();
    needs.retain(|need| need.is_wanted(purpose) && !need.is_there());
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
        let told = remedy(Installer::Nobody, &NEEDS[2..4]);
        assert!(told.contains("sudo sh -c 'apt-get update"), "{told}");
        assert!(told.contains("espeak-ng sip-tester"), "{told}");
    }

    #[test]
    fn what_can_be_done_without_stops_nobody() {
        assert!(lack(Installer::Nobody, &NEEDS[4..5]).is_ok());
        assert!(lack(Installer::Nobody, &NEEDS[3..5]).is_err());
        assert!(!NEEDS[4].is_wanted(Purpose::Verify));
    }

    #[test]
    fn elsewhere_the_things_themselves_are_named() {
        let told = remedy(Installer::NotDebian, &NEEDS);
        for sign in [
            "program sipp",
            "library libpocketsphinx.so.3",
            "file /usr",
            "program cmake",
        ] {
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
