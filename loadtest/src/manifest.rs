//! Lists of clips as CSV (RFC 4180).

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One recorded utterance.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Clip {
    /// Its path as the manifest has it.
    pub path: String,
    /// Where it lies.
    pub file: PathBuf,
    /// Who speaks.
    pub speaker: String,
    /// What is said.
    pub text: String,
    /// What should be understood, as the manifest has it.
    pub slots: String,
}

/// Reads the clips of one corpus; paths are relative to the manifest.
pub fn read(manifest: &Path, corpus: &str) -> io::Result<Vec<Clip>> {
    let table = Table::read(manifest)?;
    let column = |name| table.column(name);
    let (path, of, speaker) = (column("path")?, column("corpus")?, column("speaker")?);
    let (said, slots) = (column("text")?, column("slots")?);
    let own = table.records.iter().filter(|record| record[of] == corpus);
    let clips: Vec<Clip> = own
        .map(|record| Clip {
            file: table.beside(&record[path]),
            path: record[path].clone(),
            speaker: record[speaker].clone(),
            text: record[said].clone(),
            slots: record[slots].clone(),
        })
        .collect();
    match clips.is_empty() {
        true => Err(table.bad(format_args!("no clips of corpus '{corpus}'"))),
        false => Ok(clips),
    }
}

/// A recording found by what is said in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// Where it lies.
    pub file: PathBuf,
    /// Its language's code.
    pub language: String,
    /// What is said.
    pub text: String,
}

/// Every clip of a manifest with its language and text; paths are relative to the manifest.
pub fn recorded(manifest: &Path) -> io::Result<Vec<Recorded>> {
    let table = Table::read(manifest)?;
    let column = |name| table.column(name);
    let (path, language, said) = (column("path")?, column("language")?, column("text")?);
    let clips = table.records.iter().map(|record| Recorded {
        file: table.beside(&record[path]),
        language: record[language].clone(),
        text: record[said].clone(),
    });
    Ok(clips.collect())
}

/// A word of a clip, and when it has been said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpokenWord {
    /// The clip's path as the table has it.
    pub path: String,
    /// The word.
    pub word: String,
    /// What it is: `demand`, `ask` or `asks`.
    pub kind: String,
    /// When its last sound ends, from the clip's beginning.
    pub end: Duration,
}

/// Reads a table of words.
pub fn words(table: &Path) -> io::Result<Vec<SpokenWord>> {
    let bad = |what: String| io::Error::other(format!("{}: {what}", table.display()));
    let text = std::fs::read_to_string(table).map_err(|error| bad(error.to_string()))?;
    let mut records = records(&text).into_iter();
    let head = records.next().unwrap_or_default();
    if head != ["path", "word", "kind", "end_ms"] {
        return Err(bad(
            "the columns path, word, kind and end_ms are expected".to_owned()
        ));
    }
    (2..)
        .zip(records)
        .map(|(line, record)| match record.as_slice() {
            [path, word, kind, end] => Ok(SpokenWord {
                path: path.clone(),
                word: word.clone(),
                kind: kind.clone(),
                end: Duration::from_millis(
                    end.parse()
                        .map_err(|_| bad(format!("line {line}: '{end}' is no time in ms")))?,
                ),
            }),
            _ => Err(bad(format!("line {line} has not four fields"))),
        })
        .collect()
}

/// A sentence made of recorded words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SplicedSentence {
    /// What it is for: `tune` or `held`.
    pub part: String,
    /// What its word is: `demand` or `ask`.
    pub class: String,
    /// The word that calls for a person.
    pub word: String,
    /// All words, with spaces between.
    pub text: String,
}

/// Reads a list of such sentences.
pub fn sentences(list: &Path) -> io::Result<Vec<SplicedSentence>> {
    let bad = |what: String| io::Error::other(format!("{}: {what}", list.display()));
    let text = std::fs::read_to_string(list).map_err(|error| bad(error.to_string()))?;
    let mut records = records(&text).into_iter();
    if records.next().unwrap_or_default() != ["part", "class", "word", "text"] {
        let expected = "the columns part, class, word and text are expected";
        return Err(bad(expected.to_owned()));
    }
    (2..)
        .zip(records)
        .map(|(line, record)| match record.as_slice() {
            [part, class, word, text] => Ok(SplicedSentence {
                part: part.clone(),
                class: class.clone(),
                word: word.clone(),
                text: text.clone(),
            }),
            _ => Err(bad(format!("line {line} has not four fields"))),
        })
        .collect()
}

/// A clip with the mood it was spoken in.
#[derive(Clone, PartialEq, Debug)]
pub struct Mood {
    /// Where it lies.
    pub file: PathBuf,
    /// Who speaks.
    pub speaker: String,
    /// The mood, as the manifest names it.
    pub emotion: String,
    /// How loud it is, in dBov.
    pub level_dbov: f32,
}

/// Every clip of a manifest with its mood; paths are relative to the manifest.
pub fn moods(manifest: &Path) -> io::Result<Vec<Mood>> {
    let table = Table::read(manifest)?;
    let column = |name| table.column(name);
    let (path, speaker) = (column("path")?, column("speaker")?);
    let (emotion, level) = (column("emotion")?, column("level_dbov")?);
    let clips = table.records.iter().map(|record| {
        let no_level = |_| table.bad(format_args!("'{}' is no level in dBov", record[level]));
        Ok(Mood {
            file: table.beside(&record[path]),
            speaker: record[speaker].clone(),
            emotion: record[emotion].clone(),
            level_dbov: record[level].parse().map_err(no_level)?,
        })
    });
    clips.collect()
}

/// A CSV file with a head: records by the names of their columns.
struct Table<'a> {
    path: &'a Path,
    head: Vec<String>,
    records: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    fn read(path: &'a Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        let mut records = records(&text).into_iter();
        let head = records.next().unwrap_or_default();
        let is_whole = |record: &Vec<String>| record.len() == head.len();
        Ok(Self {
            path,
            records: records.filter(is_whole).collect(),
            head,
        })
    }

    fn bad(&self, what: impl std::fmt::Display) -> io::Error {
        io::Error::other(format!("{}: {what}", self.path.display()))
    }

    /// The place of a column.
    fn column(&self, name: &str) -> io::Result<usize> {
        let place = self.head.iter().position(|known| known == name);
        place.ok_or_else(|| self.bad(format_args!("there is no column '{name}'")))
    }

    /// A file that the table names, beside the table.
    fn beside(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join(path)
    }
}

/// A field as it stands in CSV.
pub fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Every record of a CSV text.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut characters = text
        .chars()
        .filter(|&character| character != '\r')
        .peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_own_words_are_read_and_lie_within_their_clips() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audio-fixtures");
        let words = words(&fixtures.join("words.csv")).unwrap();
        assert!(words.len() > 30);
        for word in words {
            let clip = crate::wav::read(&fixtures.join(&word.path)).unwrap();
            let speech = crate::rtp::speech_extent(&clip);
            let end = (word.end.as_micros() / 125) as usize;
            assert!(
                (speech.start + 800..speech.end + 400).contains(&end),
                "{word:?}"
            );
        }
    }

    #[test]
    fn the_fixtures_own_sentences_are_read_and_hold_their_words() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audio-fixtures");
        let read = sentences(&fixtures.join("escalation/sentences-zh.csv")).unwrap();
        let demands = read
            .iter()
            .filter(|line| line.part == "held" && line.class == "demand");
        assert!(demands.clone().count() >= 20);
        for line in demands {
            assert!(
                line.text.split(' ').any(|word| word == line.word),
                "{line:?}"
            );
        }
    }

    #[test]
    fn quotes_commas_and_line_ends_survive() {
        let fields = ["plain", "a,b", "say \"no\"", "two\nlines", ""];
        let line: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        assert_eq!(records(&line.join(",")), [fields.map(str::to_owned)]);
        assert_eq!(records("a,b\r\nc,d\r\n").len(), 2);
    }
}
