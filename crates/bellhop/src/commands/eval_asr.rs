//! `bellhop eval asr`: how well an engine hears recordings over a telephone line.

use super::eval::grammar_file;
use super::hearing_bars::Figures;
use super::hearing_sounds::{clips, line, root};
use super::understood::Share;
use crate::cli::EvalAsr;
use crate::engines;
use anyhow::{Context, bail};
use call_model::{EscalationWords, GrammarId, Language, PcmFrame, Phrase, PhraseGrammar};
use hearing_trials::{Line, speech_dbfs};
use speech::eval::{
    EvalClip, EvalReport, EvalTask, Expectation, TextErrors, clean_line, evaluate, megabytes_a_turn,
};
use speech::{PhraseAutomaton, Recognizer, SphinxRecognizer};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Hears every recording, a language after the other.
pub fn run(options: &EvalAsr) -> anyhow::Result<ExitCode> {
    let mut by_language: BTreeMap<Language, Vec<EvalClip>> = BTreeMap::new();
    for clip in clips(&options.recordings)? {
        by_language.entry(clip.language).or_default().push(clip);
    }
    let grammar = given_grammar(options)?;
    if let Some(grammar) = &grammar {
        by_language.retain(|language, _| *language == grammar.language);
        if by_language.is_empty() {
            bail!(
                "the grammar is in '{}', the recordings are not: say which are meant with --corpus, or the \
                 grammar's language with --language",
                grammar.language
            );
        }
    }
    let tasks: Vec<(PhraseGrammar, Vec<EvalClip>)> = by_language
        .into_iter()
        .map(|(language, clips)| {
            let grammar = match &grammar {
                Some(grammar) => grammar.clone(),
                None => every_text(language, &clips)?,
            };
            Ok((grammar, clips))
        })
        .collect::<anyhow::Result<_>>()?;
    let recognizer = engines::open(&options.engine)?;
    // Its dictionaries know what sounds alike, whichever engine is measured.
    let sounds = engines::sphinx(&options.engine);
    if let Err(error) = &sounds {
        eprintln!("homophones count as wrong: {error:#}");
    }
    let run = Run {
        options,
        recognizer: &*recognizer,
        sounds: sounds.ok(),
        line: line(&options.recordings)?,
    };
    if !options.recordings.json {
        println!(
            "{} on {}",
            recognizer.name(),
            options.recordings.manifest.display()
        );
    }
    let mut figures = Figures::default();
    for (grammar, clips) in tasks {
        let language = grammar.language;
        run.language(grammar, clips, &mut figures)
            .with_context(|| {
                format!("recordings in '{language}', which --language can leave out")
            })?;
    }
    figures.conclude(&options.recordings)
}

/// The grammar that was named; without --language its script tells its language.
fn given_grammar(options: &EvalAsr) -> anyhow::Result<Option<PhraseGrammar>> {
    let Some(file) = &options.grammar else {
        return Ok(None);
    };
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the grammar {shown}"))?;
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let script = match text.chars().any(is_han) {
        true => Language::Zh,
        false => Language::En,
    };
    let language = options.recordings.language.unwrap_or(script);
    grammar_file(file, language).map(Some)
}

/// The flat list of all that is said in these recordings.
fn every_text(language: Language, clips: &[EvalClip]) -> anyhow::Result<PhraseGrammar> {
    let texts: BTreeSet<String> = clips
        .iter()
        .map(|clip| spoken_text::normalise(&clip.text, language))
        .filter(|text| !text.is_empty())
        .collect();
    if texts.is_empty() {
        bail!(
            "no recording in '{language}' has a text: say with --grammar what may be said, a JSGF file"
        );
    }
    let of_text = |text: &String| {
        Phrase::Sequence(
            text.split(' ')
                .map(|word| Phrase::Word(word.to_owned()))
                .collect(),
        )
    };
    Ok(PhraseGrammar {
        id: GrammarId(0),
        language,
        root: Phrase::OneOf(texts.iter().map(of_text).collect()),
    })
}

struct Run<'a> {
    options: &'a EvalAsr,
    recognizer: &'a dyn Recognizer,
    sounds: Option<SphinxRecognizer>,
    line: Line,
}

impl Run<'_> {
    /// Hears the recordings of one language, a collection after the other.
    fn language(
        &self,
        grammar: PhraseGrammar,
        clips: Vec<EvalClip>,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let language = grammar.language;
        let automaton = PhraseAutomaton::of(&grammar)?;
        let mut corpora: BTreeMap<String, Vec<EvalClip>> = BTreeMap::new();
        for clip in clips {
            corpora.entry(clip.corpus.clone()).or_default().push(clip);
        }
        let grammar = Arc::new(grammar);
        let clean = clean_line(self.line.codec);
        let soiled = |sound: &[i16], number: u64| self.soiled(sound, number);
        let is_clean = self.line.beneath.is_none() && self.line.loss == call_model::PerMille::ZERO;
        if language == Language::Zh && self.sounds.is_some() {
            eprintln!(
                "zh: a text or a character that sounds like the one that was said counts as right"
            );
        }
        let mut all = EvalReport::default();
        let (mut told, mut memory) = (Vec::new(), None);
        for (corpus, mut clips) in corpora {
            let has_slots = clips.iter().any(|clip| !clip.slots.is_empty());
            let expectation = match (
                self.options.foreign,
                has_slots && self.options.grammar.is_some(),
            ) {
                (true, _) => Expectation::NoMatch,
                (false, true) => Expectation::Slots,
                (false, false) => Expectation::Text,
            };
            if expectation == Expectation::Text {
                leave_out(&corpus, &automaton, language, &mut clips);
            }
            let task = EvalTask {
                recognizer: self.recognizer,
                grammar: Arc::clone(&grammar),
                escalation: Arc::new(EscalationWords {
                    language,
                    words: Vec::new(),
                }),
                line: match is_clean {
                    true => &clean,
                    false => &soiled,
                },
                expectation,
                sounds_alike: &|one, other| {
                    let alike = |ear: &SphinxRecognizer| ear.sounds_alike(language, one, other);
                    self.sounds.as_ref().is_some_and(alike)
                },
            };
            let root = root(&self.options.recordings);
            let report = evaluate(&task, root, &clips)?;
            if memory.is_none() {
                memory = megabytes_a_turn(&task, root, &clips)?;
            }
            if report.clips > 0 {
                told.push((corpus, report.clone()));
            }
            all.add(report);
        }
        if all.clips == 0 {
            bail!("the grammar has the text of no recording: name another one, or none");
        }
        if told.len() > 1 {
            for (corpus, report) in &told {
                tell(figures, &format!("{language}.{corpus}."), report);
            }
        }
        tell(figures, &format!("{language}."), &all);
        if let Some(megabytes) = memory {
            figures.number(format!("{language}.memory_a_turn_mb"), megabytes);
        }
        Ok(())
    }

    /// A sound over the line that the options ask for.
    fn soiled(&self, sound: &[i16], number: u64) -> Vec<PcmFrame> {
        let line = Line {
            seed: number,
            ..self.line.clone()
        };
        let mut soiled = sound.to_vec();
        line.soil(&mut soiled, speech_dbfs(sound));
        line.carry(&soiled)
    }
}

/// Leaves out what the grammar cannot say, which is no question to it, and says so.
fn leave_out(
    corpus: &str,
    automaton: &PhraseAutomaton,
    language: Language,
    clips: &mut Vec<EvalClip>,
) {
    let all = clips.len();
    clips.retain(|clip| !clip.text.is_empty());
    let before = clips.len();
    if before < all {
        let without = all - before;
        eprintln!(
            "{corpus}: {without} recordings left out whose text is not known; --grammar has their slots judged"
        );
    }
    clips.retain(|clip| {
        let is_sayable = |text: &str| {
            let place = automaton.place_of_text(text);
            place.is_some_and(|place| place.is_complete)
        };
        is_sayable(&clip.text) || is_sayable(&spoken_text::normalise(&clip.text, language))
    });
    let left_out = before - clips.len();
    if left_out > 0 {
        eprintln!("{corpus}: {left_out} recordings left out whose text the grammar does not have");
    }
}

fn tell(figures: &mut Figures, of: &str, report: &EvalReport) {
    figures.share(format!("{of}right"), Share(report.right, report.clips));
    let accepted = Share(report.accepted, report.clips);
    figures.share(format!("{of}accepted"), accepted);
    if report.slots > 0 {
        figures.share(
            format!("{of}slots"),
            Share(report.slots_found, report.slots),
        );
    }
    let errors = |of: &[TextErrors]| -> Vec<(f64, f64)> {
        of.iter()
            .map(|it| (it.errors as f64, it.said as f64))
            .collect()
    };
    figures.ratio(
        format!("{of}word_errors_percent"),
        100.0,
        &errors(&report.words),
    );
    figures.ratio(
        format!("{of}character_errors_percent"),
        100.0,
        &errors(&report.letters),
    );
    if let Some(error) = report.calibration_error() {
        figures.number(format!("{of}confidence_error"), error);
    }
    let millis = |times: &[Duration]| -> Vec<i64> {
        let each = times.iter().map(|time| i64::try_from(time.as_millis()));
        each.map(|it| it.unwrap_or(i64::MAX)).collect()
    };
    figures.times(
        &format!("{of}first_partial"),
        millis(&report.first_partials),
    );
    figures.times(
        &format!("{of}standing_partial"),
        millis(&report.standing_partials),
    );
    figures.times(&format!("{of}final"), millis(&report.final_latencies));
    let spent = report
        .spent
        .iter()
        .map(|it| (it.cpu_seconds, it.audio_seconds));
    figures.ratio(
        format!("{of}cpu_seconds_a_second"),
        1.0,
        &spent.collect::<Vec<_>>(),
    );
}
