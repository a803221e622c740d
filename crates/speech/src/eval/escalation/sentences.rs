//! The set: which sentences there are, who speaks them, and what else is listened to.

use super::{class, says};
use crate::SpeechError;
use crate::eval::manifest::{fields, read_manifest};
use call_model::{EscalationWords, Language, WordClass};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Times that all Mandarin words without an escalation word are put into a new order.
const SHUFFLES: u32 = 3;
/// Words of a Mandarin sentence of that kind.
const SHUFFLED_WORDS: usize = 5;
/// Prompts whose file name begins or ends like this ask for or offer a person.
const PROMPTS_OF_PEOPLE: [&str; 8] = [
    "agent",
    "spy-agent",
    "queue-",
    "tt-",
    "demo-",
    "basic-pbx",
    "vm-reachoper",
    "vm-saveoper",
];
/// Made-up English voices: who speaks, in which part. Each sentence is spoken by both of flite, and
/// every second one by one of espeak-ng too, whose sound is farther from people's.
const VOICES: [(&str, Part); 8] = [
    ("flite kal16", Part::Tune),
    ("flite rms", Part::Tune),
    ("espeak en-us+m3", Part::Tune),
    ("espeak en-gb+f2", Part::Tune),
    ("flite awb", Part::Held),
    ("flite slt", Part::Held),
    ("espeak en-us+f4", Part::Held),
    ("espeak en-gb-scotland+m7", Part::Held),
];

/// The two halves of a set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// Thresholds may be fitted on it.
    Tune,
    /// It is only measured.
    Held,
}

/// What an utterance is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It holds an escalation word.
    Holding {
        /// The word.
        word: String,
        /// Its class.
        class: WordClass,
    },
    /// It holds none.
    Other,
}

/// One turn of a caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Utterance {
    /// Its half of the set.
    pub part: Part,
    /// Who speaks.
    pub voice: String,
    /// What is said; empty where nobody wrote it down.
    pub text: String,
    /// In which language.
    pub language: Language,
    /// What it is for.
    pub kind: Kind,
    /// Where it is from.
    pub source: String,
    pub(super) sound: Sound,
}

/// How an utterance's sound is had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sound {
    /// Spoken by the made-up voice.
    MadeUp,
    /// A recording.
    Recorded(PathBuf),
    /// Recordings of single words, one after the other.
    Spliced(Vec<PathBuf>),
}

impl Utterance {
    /// The name of its recording, where it has one.
    pub(super) fn name(&self) -> String {
        match &self.sound {
            Sound::Recorded(path) => path.display().to_string(),
            Sound::MadeUp | Sound::Spliced(_) => String::new(),
        }
    }
}

/// Where the set's parts lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetFolders {
    /// The lists of sentences: `sentences-en.csv`, `everyday-en.csv`, `sentences-zh.csv`.
    pub lists: PathBuf,
    /// Real speech with a `manifest.csv`.
    pub speech: PathBuf,
    /// Telephone prompts of one speaker, `*.wav`.
    pub prompts: PathBuf,
}

/// Everything that is listened to in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpottingSet {
    /// The turns.
    pub utterances: Vec<Utterance>,
    /// What is missing here, each with its remedy.
    pub skipped: Vec<String>,
}

impl SpottingSet {
    /// Gathers what is at hand for a language. Speech that says one of `words` is no false alarm and
    /// left out of the other speech.
    ///
    /// # Errors
    /// [`SpeechError::SoundFile`] names a list that cannot be read, or a line that is not of its form.
    pub fn gather(folders: &SetFolders, words: &EscalationWords) -> Result<Self, SpeechError> {
        let mut set = Self::default();
        match words.language {
            Language::En => set.english(folders, words)?,
            Language::Zh => set.mandarin(folders)?,
        }
        let is_clean = |utterance: &Utterance| match utterance.kind {
            Kind::Holding { .. } => true,
            Kind::Other => !words
                .words
                .iter()
                .any(|word| says(&utterance.text, &word.text, words.language)),
        };
        set.utterances.retain(is_clean);
        Ok(set)
    }

    fn english(
        &mut self,
        folders: &SetFolders,
        words: &EscalationWords,
    ) -> Result<(), SpeechError> {
        for (number, line) in read(&folders.lists.join("sentences-en.csv"), 4)?
            .into_iter()
            .enumerate()
        {
            let [part, class, word, text] = &line.fields[..] else {
                continue;
            };
            let kind = holding(&line, class, word)?;
            self.spoken(
                number,
                line.part(part)?,
                text,
                &kind,
                "sentences with a word",
            );
        }
        for (number, line) in read(&folders.lists.join("everyday-en.csv"), 2)?
            .into_iter()
            .enumerate()
        {
            let [part, text] = &line.fields[..] else {
                continue;
            };
            if let Some(word) = words
                .words
                .iter()
                .find(|word| says(text, &word.text, Language::En))
            {
                return Err(line.unusable(format!("an everyday sentence says '{}'", word.text)));
            }
            self.spoken(
                number,
                line.part(part)?,
                text,
                &Kind::Other,
                "made-up everyday speech",
            );
        }
        self.recorded(&folders.speech, Language::En)?;
        self.prompts(&folders.prompts);
        Ok(())
    }

    /// A sentence in the voices of its part.
    fn spoken(&mut self, number: usize, part: Part, text: &str, kind: &Kind, source: &str) {
        let voices: Vec<&str> = VOICES
            .iter()
            .filter(|(_, of)| *of == part)
            .map(|(voice, _)| *voice)
            .collect();
        let odd = (number % 2 == 1).then(|| voices[2 + number / 2 % 2]);
        for voice in [Some(voices[0]), Some(voices[1]), odd]
            .into_iter()
            .flatten()
        {
            self.utterances.push(Utterance {
                part,
                voice: voice.to_owned(),
                text: text.to_owned(),
                language: Language::En,
                kind: kind.clone(),
                source: source.to_owned(),
                sound: Sound::MadeUp,
            });
        }
    }

    /// Real recordings of a language, every second one kept apart.
    fn recorded(&mut self, speech: &Path, language: Language) -> Result<(), SpeechError> {
        let manifest = speech.join("manifest.csv");
        if !manifest.is_file() {
            self.skipped.push(format!(
                "no {}: real recordings are left out; name their folder with --speech",
                manifest.display()
            ));
            return Ok(());
        }
        let clips = read_manifest(&manifest)?;
        for (number, clip) in clips
            .into_iter()
            .filter(|it| it.language == language)
            .enumerate()
        {
            let path = speech.join(&clip.path);
            let voice = match clip.speaker.is_empty() {
                true => clip.path.clone(),
                false => clip.speaker.clone(),
            };
            self.other(number, voice, clip.text, language, &clip.corpus, path);
        }
        Ok(())
    }

    fn prompts(&mut self, folder: &Path) {
        let mut files = wav_files(folder, 2);
        files.sort();
        let name = |path: &Path| {
            let stem = path.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        };
        files.retain(|path| {
            !PROMPTS_OF_PEOPLE
                .iter()
                .any(|start| name(path).starts_with(start))
        });
        if files.is_empty() {
            self.skipped.push(format!(
                "no prompts in {}: install them with: apt install asterisk-core-sounds-en-wav",
                folder.display()
            ));
        }
        for (number, path) in files.into_iter().enumerate() {
            self.other(
                number,
                "allison".to_owned(),
                String::new(),
                Language::En,
                "prompts",
                path,
            );
        }
    }

    fn mandarin(&mut self, folders: &SetFolders) -> Result<(), SpeechError> {
        let manifest = folders.speech.join("manifest.csv");
        if !manifest.is_file() {
            self.skipped.push(format!(
                "no {}: all Mandarin speech is left out; name its folder with --speech",
                manifest.display()
            ));
            return Ok(());
        }
        let clips: BTreeMap<String, PathBuf> = read_manifest(&manifest)?
            .into_iter()
            .filter(|clip| clip.language == Language::Zh)
            .map(|clip| (clip.text, folders.speech.join(clip.path)))
            .collect();
        let mut keywords = Vec::new();
        for line in read(&folders.lists.join("sentences-zh.csv"), 4)? {
            let [part, class, word, text] = &line.fields[..] else {
                continue;
            };
            let kind = holding(&line, class, word)?;
            let missing = || line.unusable(format!("a word of '{text}' has no recording"));
            let spoken = spliced(&clips, text).ok_or_else(missing)?;
            keywords.push(word.clone());
            self.put_together(
                line.part(part)?,
                text,
                kind,
                "sentences with a word",
                spoken,
            );
        }
        let everyday: Vec<&String> = clips
            .keys()
            .filter(|word| !keywords.contains(word))
            .collect();
        for round in 0..SHUFFLES {
            let order = shuffled(&everyday, round);
            for (number, some) in order.chunks(SHUFFLED_WORDS).enumerate() {
                let text = some
                    .iter()
                    .map(|word| word.as_str())
                    .collect::<Vec<_>>()
                    .join(" ");
                if let Some(spoken) = spliced(&clips, &text) {
                    let part = half(number);
                    self.put_together(part, &text, Kind::Other, "words in chance order", spoken);
                }
            }
        }
        for (number, (text, path)) in clips.into_iter().enumerate() {
            self.other(
                number,
                "hsk-f1".to_owned(),
                text,
                Language::Zh,
                "single words",
                path,
            );
        }
        for name in ["aishell", "funasr"] {
            let path = folders.speech.join(format!("sentences/{name}.flac"));
            if path.is_file() {
                let (text, voice) = (String::new(), name.to_owned());
                self.other(1, voice, text, Language::Zh, "real sentences", path);
            }
        }
        Ok(())
    }

    fn put_together(&mut self, part: Part, text: &str, kind: Kind, source: &str, of: Vec<PathBuf>) {
        self.utterances.push(Utterance {
            part,
            voice: "hsk-f1".to_owned(),
            text: text.to_owned(),
            language: Language::Zh,
            kind,
            source: source.to_owned(),
            sound: Sound::Spliced(of),
        });
    }

    fn other(
        &mut self,
        number: usize,
        voice: String,
        text: String,
        language: Language,
        source: &str,
        path: PathBuf,
    ) {
        self.utterances.push(Utterance {
            part: half(number),
            voice,
            text,
            language,
            kind: Kind::Other,
            source: source.to_owned(),
            sound: Sound::Recorded(path),
        });
    }
}

/// Every second utterance is kept apart.
const fn half(number: usize) -> Part {
    if number.is_multiple_of(2) {
        Part::Tune
    } else {
        Part::Held
    }
}

fn holding(line: &Line, written: &str, word: &str) -> Result<Kind, SpeechError> {
    let class = class(written);
    let class =
        class.ok_or_else(|| line.unusable(format!("'{written}' is neither demand nor ask")))?;
    Ok(Kind::Holding {
        word: word.to_owned(),
        class,
    })
}

/// The recordings of a text's words; none where one is missing.
fn spliced(clips: &BTreeMap<String, PathBuf>, text: &str) -> Option<Vec<PathBuf>> {
    text.split(' ')
        .map(|word| clips.get(word).cloned())
        .collect()
}

/// The words in an order of chance, the same in every run.
fn shuffled<'w>(words: &[&'w String], round: u32) -> Vec<&'w String> {
    let mut order = words.to_vec();
    let mut state = 0x9e37_79b9_u32.wrapping_mul(round + 1);
    for at in (1..order.len()).rev() {
        // A linear congruential step (Numerical Recipes).
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        order.swap(at, (state >> 8) as usize % (at + 1));
    }
    order
}

fn wav_files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && depth > 1 {
            files.extend(wav_files(&path, depth - 1));
        } else if path.extension().is_some_and(|end| end == "wav") {
            files.push(path);
        }
    }
    files
}

/// A line of a list.
struct Line {
    file: PathBuf,
    number: usize,
    fields: Vec<String>,
}

impl Line {
    fn part(&self, written: &str) -> Result<Part, SpeechError> {
        match written {
            "tune" => Ok(Part::Tune),
            "held" => Ok(Part::Held),
            _ => Err(self.unusable(format!("'{written}' is neither tune nor held"))),
        }
    }

    fn unusable(&self, what: String) -> SpeechError {
        SpeechError::SoundFile {
            path: self.file.clone(),
            what: format!("line {}: {what}", self.number),
        }
    }
}

fn read(file: &Path, columns: usize) -> Result<Vec<Line>, SpeechError> {
    let text = fs::read_to_string(file).map_err(|error| SpeechError::SoundFile {
        path: file.to_owned(),
        what: error.to_string(),
    })?;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let line = Line {
            file: file.to_owned(),
            number: number + 1,
            fields: fields(line),
        };
        if line.fields.len() != columns {
            return Err(line.unusable(format!("it has not {columns} columns")));
        }
        lines.push(line);
    }
    Ok(lines)
}
