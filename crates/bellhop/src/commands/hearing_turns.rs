//! Utterances whose ends are known: words of real speakers with pauses between.

use super::hearing_sounds::Recording;
use anyhow::Context;
use call_model::Language;
use hearing_trials::{Asked, at_level, utterance};
use speech::eval::speak_made_up;
use std::collections::BTreeMap;
use std::time::Duration;

/// One kind of answer to one kind of question.
pub struct AnswerKind {
    /// Its name, e.g. `digits_fixed.en`.
    pub name: String,
    /// In which language.
    pub language: Language,
    /// What is asked.
    pub asked: Asked,
    /// What is known of its end beforehand.
    pub form: Form,
    /// The answers.
    pub answers: Vec<Vec<i16>>,
}

/// What is known of an answer's end before it comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// So many digits, yes or no, one of some words.
    Known,
    /// A sentence that might go on.
    Open,
    /// From so many to so many digits.
    Between,
    /// The caller thinks aloud in the middle of it.
    Filled,
}

impl Form {
    /// As figures name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known_form",
            Self::Open => "open",
            Self::Between => "between",
            Self::Filled => "filled",
        }
    }
}

/// Voices for what no recording says.
const VOICES: [(&str, Language); 6] = [
    ("flite kal16", Language::En),
    ("flite rms", Language::En),
    ("flite awb", Language::En),
    ("flite slt", Language::En),
    ("espeak cmn-latn-pinyin", Language::Zh),
    ("espeak cmn-latn-pinyin+f3", Language::Zh),
];

const YES_NO: [(&str, Language); 12] = [
    ("yes", Language::En),
    ("no", Language::En),
    ("yes please", Language::En),
    ("no thanks", Language::En),
    ("yeah", Language::En),
    ("that's right", Language::En),
    ("是的", Language::Zh),
    ("对", Language::Zh),
    ("不是", Language::Zh),
    ("好的", Language::Zh),
    ("可以", Language::Zh),
    ("不用", Language::Zh),
];

/// With which callers think aloud.
const FILLERS: [(&str, Language); 6] = [
    ("um", Language::En),
    ("uh", Language::En),
    ("well", Language::En),
    ("嗯", Language::Zh),
    ("那个", Language::Zh),
    ("呃", Language::Zh),
];

/// Numbers that are laid out: seeded, so each run has the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.between(from, to))
    }
}

/// Every kind that the recordings and voices at hand can make, so many answers of each.
pub fn answer_kinds(
    recordings: &[Recording],
    grammars: &[(String, std::path::PathBuf)],
    each: usize,
) -> anyhow::Result<Vec<AnswerKind>> {
    let mut kinds = Vec::new();
    for language in Language::ALL {
        let own: Vec<&Recording> = recordings
            .iter()
            .filter(|it| it.clip.language == language)
            .collect();
        if own.is_empty() {
            continue;
        }
        digits(&own, language, each, &mut kinds)?;
        yes_no(&own, language, each, &mut kinds)?;
        words(&own, language, each, &mut kinds);
    }
    for (corpus, file) in grammars {
        let shown = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
        let own: Vec<&Recording> = recordings
            .iter()
            .filter(|it| it.clip.corpus == *corpus)
            .collect();
        if let Some(first) = own.first() {
            let sounds = own.iter().step_by((own.len() / each.max(1)).max(1));
            kinds.push(AnswerKind {
                name: format!("sentences.{corpus}"),
                language: first.clip.language,
                asked: Asked::Grammar(text),
                form: Form::Open,
                answers: sounds.map(|it| it.sound.clone()).collect(),
            });
        }
    }
    kinds.retain(|kind| !kind.answers.is_empty());
    Ok(kinds)
}

/// Numbers of four to eight digits, said in groups with pauses of 0.2 to 1.2 s between them.
fn digits(
    own: &[&Recording],
    language: Language,
    each: usize,
    kinds: &mut Vec<AnswerKind>,
) -> anyhow::Result<()> {
    let mut speakers: BTreeMap<&str, Vec<&[i16]>> = BTreeMap::new();
    for recording in own.iter().filter(|it| is_digit(&it.clip.text)) {
        let speaker = recording.clip.speaker.as_str();
        speakers.entry(speaker).or_default().push(&recording.sound);
    }
    let speakers: Vec<Vec<&[i16]>> = speakers.into_values().collect();
    if speakers.is_empty() {
        return Ok(());
    }
    let fillers = spoken(&FILLERS, language)?;
    let (mut fixed, mut open, mut filled) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut draw = Draw(language as u64 + 1);
    for number in 0..each {
        let words = &speakers[number % speakers.len()];
        // Every speaker says numbers of every length.
        let count = [4, 6, 8][number / speakers.len() % 3];
        let mut said = grouped(words, count, &mut draw);
        fixed
            .entry(count)
            .or_insert_with(Vec::new)
            .push(utterance(&said));
        let count = usize::try_from(draw.between(4, 8)).unwrap_or(4);
        said = grouped(words, count, &mut draw);
        open.push(utterance(&said));
        if let Some(filler) = fillers.get(number % fillers.len().max(1)) {
            said = grouped(words, 4, &mut draw);
            // After the first group the caller looks it up, and says so.
            said.insert(2, (draw.millis(100, 300), filler));
            said[3].0 = draw.millis(400, 900);
            filled.push(utterance(&said));
        }
    }
    let kind = |name: String, least: u8, most: u8, form, answers| AnswerKind {
        name: format!("{name}.{language}"),
        language,
        asked: Asked::Digits(least, most),
        form,
        answers,
    };
    kinds.extend(fixed.into_iter().map(|(count, answers)| {
        let name = format!("digits_{count}");
        kind(name, count as u8, count as u8, Form::Known, answers)
    }));
    kinds.push(kind("digits_4_to_8".to_owned(), 4, 8, Form::Between, open));
    kinds.push(kind("digits_filled".to_owned(), 4, 4, Form::Filled, filled));
    Ok(())
}

/// So many digits, with pauses as people make who read a number out.
fn grouped<'s>(words: &[&'s [i16]], count: usize, draw: &mut Draw) -> Vec<(Duration, &'s [i16])> {
    let group = usize::try_from(draw.between(2, 4)).unwrap_or(2);
    (0..count)
        .map(|place| {
            let pause = match place {
                0 => Duration::ZERO,
                _ if place % group == 0 => draw.millis(200, 1_200),
                _ => draw.millis(20, 120),
            };
            let word = words[usize::try_from(draw.below(words.len() as u64)).unwrap_or(0)];
            (pause, word)
        })
        .collect()
}

fn yes_no(
    own: &[&Recording],
    language: Language,
    each: usize,
    kinds: &mut Vec<AnswerKind>,
) -> anyhow::Result<()> {
    let mut answers = spoken(&YES_NO, language)?;
    let says = |text: &str| YES_NO.iter().any(|(said, _)| *said == text);
    let recorded = own.iter().filter(|it| says(&it.clip.text));
    answers.extend(recorded.map(|it| it.sound.clone()));
    answers.truncate(each);
    kinds.push(AnswerKind {
        name: format!("yes_no.{language}"),
        language,
        asked: Asked::YesNo,
        form: Form::Known,
        answers,
    });
    Ok(())
}

/// Single words where any of them may be said.
fn words(own: &[&Recording], language: Language, each: usize, kinds: &mut Vec<AnswerKind>) {
    let own: Vec<&&Recording> = own
        .iter()
        .filter(|it| !it.clip.text.is_empty() && !is_digit(&it.clip.text))
        .collect();
    let texts: Vec<&str> = own.iter().map(|it| it.clip.text.as_str()).collect();
    let sounds = own.iter().step_by((own.len() / each.max(1)).max(1));
    kinds.push(AnswerKind {
        name: format!("words.{language}"),
        language,
        asked: Asked::one_of(&texts),
        form: Form::Known,
        answers: sounds.map(|it| it.sound.clone()).collect(),
    });
}

fn spoken(texts: &[(&str, Language)], language: Language) -> anyhow::Result<Vec<Vec<i16>>> {
    let mut sounds = Vec::new();
    for (text, _) in texts.iter().filter(|(_, of)| *of == language) {
        for (voice, _) in VOICES.iter().filter(|(_, of)| *of == language) {
            sounds.push(at_level(&speak_made_up(voice, text)?, -24.0));
        }
    }
    Ok(sounds)
}

fn is_digit(text: &str) -> bool {
    const DIGITS: [&str; 21] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "零", "一",
        "二", "三", "四", "五", "六", "七", "八", "九", "幺",
    ];
    DIGITS.contains(&text)
}
