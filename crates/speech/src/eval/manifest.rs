//! The list of recordings and what is said in each.

use crate::SpeechError;
use call_model::Language;
use std::fs;
use std::path::Path;

/// One recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvalClip {
    /// Its file, relative to the manifest's folder.
    pub path: String,
    /// The collection it belongs to.
    pub corpus: String,
    /// Who speaks; empty where nobody knows.
    pub speaker: String,
    /// In which language.
    pub language: Language,
    /// What is said; empty where only the slots are told.
    pub text: String,
    /// The values that must be understood.
    pub slots: Vec<String>,
}

/// Reads a CSV manifest whose columns begin `path,corpus,speaker,language,text,slots` (slots
/// as a JSON object of texts); lines in other languages are left out.
///
/// # Errors
/// [`SpeechError::SoundFile`] names the manifest and the line that is not of this form.
pub fn read_manifest(path: &Path) -> Result<Vec<EvalClip>, SpeechError> {
    let unusable = |what: String| SpeechError::SoundFile {
        path: path.to_owned(),
        what,
    };
    let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let mut clips = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let fields = fields(line);
        let [path, corpus, speaker, language, text, slots, ..] = fields.as_slice() else {
            return Err(unusable(format!("line {} has too few columns", number + 1)));
        };
        let Ok(language) = language.parse() else {
            continue;
        };
        clips.push(EvalClip {
            path: path.clone(),
            corpus: corpus.clone(),
            speaker: speaker.clone(),
            language,
            text: text.clone(),
            slots: values(slots),
        });
    }
    Ok(clips)
}

/// The fields of a CSV line (RFC 4180 §2, without line breaks inside fields).
pub(super) fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '"' if is_quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

/// The values of a flat JSON object of texts: every second quoted text.
fn values(object: &str) -> Vec<String> {
    object
        .split('"')
        .skip(1)
        .step_by(2)
        .skip(1)
        .step_by(2)
        .map(|value| value.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_and_slots_are_read() {
        let line = r#"a.flac,corpus,,en,,"{""drink"": ""mocha"", ""milk"": "" soy milk""}",BSD"#;
        let fields = fields(line);
        assert_eq!(fields.len(), 7);
        assert_eq!(values(&fields[5]), ["mocha", "soy milk"]);
        assert_eq!(values(""), Vec::<String>::new());
    }
}
