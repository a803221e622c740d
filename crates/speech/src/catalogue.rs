//! The models that are known by name: where they are published, and what their files must be.
//!
//! A model lies in a folder of its name. What lies in a folder of another name is the
//! operator's own and is held against nothing.

mod verdict;

pub use verdict::{FileState, hex_sha256};

use crate::SpeechError;
use call_model::Language;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use verdict::Notes;

/// The shipped catalogue.
const SHIPPED: &str = include_str!("../data/models.toml");

/// Models by name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The models, in the order in which they are listed.
    #[serde(rename = "model")]
    pub models: Vec<CataloguedModel>,
}

/// One published model.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CataloguedModel {
    /// Its name, which is its folder's.
    pub name: String,
    /// The engine that reads it, e.g. `sphinx`.
    pub engine: String,
    /// What it understands.
    pub languages: Vec<Language>,
    /// What it is good for, in a line.
    pub purpose: String,
    /// The licence of its files, as SPDX names it.
    pub licence: String,
    /// The address under which most of its files are; ends in a slash.
    base: String,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<CataloguedFile>,
}

/// One file of a model.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CataloguedFile {
    /// Its name within the model's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, 64 small hexadecimal digits.
    pub sha256: String,
    /// Where it is published, if not under the model's own address.
    url: Option<String>,
    /// Where a package of the system installs the very same file.
    pub also_at: Option<PathBuf>,
}

impl Catalogue {
    /// The catalogue that came with the program.
    pub fn shipped() -> &'static Self {
        static PARSED: OnceLock<Catalogue> = OnceLock::new();
        PARSED.get_or_init(|| toml::from_str(SHIPPED).expect("the shipped catalogue is tested"))
    }

    /// Reads another one, of the same form.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The model of a name.
    pub fn model(&self, name: &str) -> Option<&CataloguedModel> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model that lies in a folder, by the folder's name.
    pub fn model_in(&self, folder: &Path) -> Option<&CataloguedModel> {
        self.model(folder.file_name()?.to_str()?)
    }
}

impl CataloguedModel {
    /// Where a file of it is published.
    pub fn address(&self, file: &CataloguedFile) -> String {
        match &file.url {
            Some(url) => url.clone(),
            None => format!("{}{}", self.base, file.name),
        }
    }

    /// The size of all its files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Reads every file in the model's folder and holds it against the catalogue.
    pub fn check(&self, folder: &Path) -> Vec<(&CataloguedFile, FileState)> {
        let mut notes = Notes::default();
        let states = self.check_with(folder, &mut notes);
        notes.write(folder);
        states
    }

    /// The same, but believes what an earlier check noted of files that have kept size and
    /// time since; only what it believed to be good, so that bad files are always read.
    ///
    /// # Errors
    /// [`SpeechError::ModelUnusable`] names the first file that is not what it should be.
    pub fn check_quickly(&self, folder: &Path) -> Result<(), SpeechError> {
        let mut notes = Notes::read(folder);
        let before = notes.clone();
        let states = self.check_with(folder, &mut notes);
        if notes != before {
            notes.write(folder);
        }
        let bad = states
            .into_iter()
            .find(|(_, state)| *state != FileState::Good);
        bad.map_or(Ok(()), |(file, state)| {
            let name = &self.name;
            Err(SpeechError::ModelUnusable {
                path: folder.join(&file.name),
                what: format!(
                    "{state}; fetch it again with 'bellhop models fetch {name}', or move a model of \
                     your own to a folder named {name}-own"
                ),
            })
        })
    }

    fn check_with(&self, folder: &Path, notes: &mut Notes) -> Vec<(&CataloguedFile, FileState)> {
        let files = self.files.iter();
        files
            .map(|file| (file, verdict::of_file(file, folder, notes)))
            .collect()
    }
}

impl CataloguedFile {
    /// Reads a file that may be this one, wherever it lies.
    pub fn check_at(&self, path: &Path) -> FileState {
        verdict::of_content(self, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn catalogue() -> Catalogue {
        let text = r#"
            [[model]]
            name = "small"
            engine = "sphinx"
            languages = ["en"]
            purpose = "tests"
            licence = "MIT"
            base = "http://host/of/"
            [[model.file]]
            name = "abc"
            bytes = 3
            sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            [[model.file]]
            name = "elsewhere"
            bytes = 0
            sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            url = "http://other/x"
        "#;
        Catalogue::read(text).expect("a catalogue")
    }

    #[test]
    fn every_shipped_model_can_be_asked_for_and_checked() {
        let shipped = Catalogue::shipped();
        assert!(shipped.model("sphinx-zh-8k").is_some() && shipped.model("whisper-base").is_some());
        for (at, model) in shipped.models.iter().enumerate() {
            let is_first = shipped.models[..at].iter().all(|it| it.name != model.name);
            assert!(is_first && !model.languages.is_empty(), "{}", model.name);
            for file in &model.files {
                let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
                assert!(file.sha256.len() == 64 && file.sha256.chars().all(is_digit));
                assert!(file.bytes > 0 && model.address(file).starts_with("https://"));
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                assert!(file.name.chars().all(is_plain) && !file.name.starts_with('.'));
            }
        }
    }

    #[test]
    fn addresses_are_the_models_own_or_the_files_own() {
        let catalogue = catalogue();
        let model = catalogue
            .model_in(Path::new("/a/small"))
            .expect("by its folder");
        let addresses: Vec<_> = model.files.iter().map(|file| model.address(file)).collect();
        assert_eq!(addresses, ["http://host/of/abc", "http://other/x"]);
        assert!(catalogue.model_in(Path::new("/a/small-own")).is_none());
    }

    #[test]
    fn a_file_that_is_missing_cut_or_changed_is_told_and_refused() {
        let catalogue = catalogue();
        let model = catalogue.model("small").expect("there");
        let folder = tempfile::tempdir().expect("a folder");
        let state = |name: &str| {
            let states = model.check(folder.path());
            let found = states.into_iter().find(|(file, _)| file.name == name);
            found.expect("a file").1
        };
        fs::write(folder.path().join("elsewhere"), "").expect("written");
        assert_eq!(state("abc"), FileState::Missing);
        fs::write(folder.path().join("abc"), "ab").expect("written");
        assert_eq!(
            state("abc"),
            FileState::OtherSize {
                found: 2,
                wanted: 3
            }
        );
        fs::write(folder.path().join("abc"), "abd").expect("written");
        assert!(matches!(state("abc"), FileState::OtherContent { .. }));
        let refused = model.check_quickly(folder.path()).expect_err("refused");
        assert!(
            refused.to_string().contains("models fetch small"),
            "{refused}"
        );
        fs::write(folder.path().join("abc"), "abc").expect("written");
        assert_eq!(state("abc"), FileState::Good);
        assert!(model.check_quickly(folder.path()).is_ok());
    }

    #[test]
    fn a_quick_check_reads_again_what_was_changed_since() {
        let catalogue = catalogue();
        let model = catalogue.model("small").expect("there");
        let folder = tempfile::tempdir().expect("a folder");
        let abc = folder.path().join("abc");
        fs::write(folder.path().join("elsewhere"), "").expect("written");
        fs::write(&abc, "abc").expect("written");
        let time = fs::metadata(&abc)
            .and_then(|it| it.modified())
            .expect("a time");
        assert!(model.check_quickly(folder.path()).is_ok());
        // The same size and time: what was noted is believed, and that is the bargain.
        fs::write(&abc, "abd").expect("written");
        let set = |time| {
            let file = fs::File::options().write(true).open(&abc).expect("opens");
            file.set_modified(time).expect("set");
        };
        set(time);
        assert!(model.check_quickly(folder.path()).is_ok());
        set(time + std::time::Duration::from_secs(1));
        assert!(model.check_quickly(folder.path()).is_err());
        // A full check believes nothing.
        set(time);
        assert!(
            model
                .check(folder.path())
                .iter()
                .any(|(_, it)| *it != FileState::Good)
        );
        assert!(model.check_quickly(folder.path()).is_err());
    }
}
