//! Recorded speech that lies beside the project, found by what is said in it.

use crate::manifest::{self, Recorded};
use std::path::{Path, PathBuf};

/// The list of what the folder holds.
const MANIFEST: &str = "manifest.csv";

/// What a folder with a `manifest.csv` holds; nothing where there is none.
#[derive(Clone, Debug)]
pub struct SharedSpeech {
    folder: PathBuf,
    recorded: Option<Vec<Recorded>>,
}

impl SharedSpeech {
    /// Reads the folder's manifest; a folder that is not there holds nothing.
    pub fn open(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            recorded: manifest::recorded(&folder.join(MANIFEST)).ok(),
        }
    }

    /// The first clip of this language with exactly this text; else why there is none.
    pub fn find(&self, language: &str, text: &str) -> Result<PathBuf, String> {
        let folder = self.folder.display();
        let Some(recorded) = &self.recorded else {
            return Err(format!("{folder} holds no {MANIFEST}"));
        };
        let found = recorded
            .iter()
            .find(|clip| clip.language == language && clip.text == text);
        found
            .map(|clip| clip.file.clone())
            .ok_or_else(|| format!("{folder} holds no '{text}' in '{language}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_found_by_language_and_text() {
        let folder = std::env::temp_dir().join(format!("shared-speech-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let text = "path,corpus,speaker,language,text,slots\nzh/1.flac,words,x,zh,人工,\nen/1.flac,words,x,en,yes,\n";
        std::fs::write(folder.join(MANIFEST), text).unwrap();
        let shared = SharedSpeech::open(&folder);
        assert_eq!(shared.find("zh", "人工"), Ok(folder.join("zh/1.flac")));
        assert!(shared.find("zh", "yes").is_err());
        assert!(shared.find("en", "no").is_err());
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(SharedSpeech::open(&folder).find("zh", "人工").is_err());
    }
}
