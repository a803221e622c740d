//! `bellhop eval asr`: how well an engine hears recordings over a telephone line.

use super::asr_figures::{tell, tell_false_accepts, tell_working_point};
use super::eval::grammar_file;
use super::hearing_bars::Figures;
use super::hearing_sounds::{clips, line, root};
use crate::cli::EvalAsr;
use crate::engines;
use anyhow::{Context, bail};
use call_model::{EscalationWords, GrammarId, Language, PcmFrame, PerMille, Phrase, PhraseGrammar};
use dialplan::usual_escalation_words;
use hearing_trials::{Line, speech_dbfs};
use speech::eval::{
    EvalClip, EvalReport, EvalTask, Expectation, SlotValues, clean_line, evaluate, hear_at_once,
    read_manifest,
};
use speech::{PhraseAutomaton, Recognizer, SpeechError, SphinxRecognizer};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

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
    let recognizer = engines::open(&options.engine, options.at_once)?;
    // Its dictionaries know what sounds alike, whichever engine is measured.
    let sounds = engines::sphinx(&options.engine, 1);
    if let Err(error) = &sounds {
        eprintln!("homophones count as wrong: {error:#}");
    }
    let every_clip = read_manifest(&options.recordings.manifest)?;
    let run = Run {
        options,
        recognizer: &*recognizer,
        sounds: sounds.ok(),
        line: line(&options.recordings)?,
        slot_values: SlotValues::of(&every_clip),
        foreign: foreign(options, every_clip)?,
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

/// The recordings of the corpora that are foreign, whatever of them a grammar may have.
fn foreign(options: &EvalAsr, mut clips: Vec<EvalClip>) -> anyhow::Result<Vec<EvalClip>> {
    for corpus in &options.against {
        if !clips.iter().any(|clip| clip.corpus == *corpus) {
            bail!("--against {corpus}: the manifest has no such corpus");
        }
    }
    clips.retain(|clip| options.against.contains(&clip.corpus));
    let every = options.recordings.every.max(1);
    Ok(clips.into_iter().step_by(every).collect())
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
    slot_values: SlotValues,
    /// Recordings that may be foreign to a grammar.
    foreign: Vec<EvalClip>,
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
        if language == Language::Zh && self.sounds.is_some() {
            eprintln!(
                "zh: a text or a character that sounds like the one that was said counts as right"
            );
        }
        let mut good = BTreeSet::new();
        let mut all = EvalReport::default();
        let (mut told, mut at_once) = (Vec::new(), None);
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
                leave_out(&corpus, &automaton, &mut clips);
            }
            let root = root(&self.options.recordings);
            let report = self.heard(&grammar, expectation, |task| evaluate(task, root, &clips))?;
            if self.options.misses {
                show_misses(&clips, &report);
            }
            if at_once.is_none() {
                at_once = self.heard(&grammar, expectation, |task| {
                    hear_at_once(task, root, &clips, self.options.at_once)
                })?;
            }
            if report.clips() > 0 {
                told.push((corpus, report.clone()));
            }
            all.add(report);
            good.extend(clips.into_iter().map(|clip| clip.path));
        }
        if all.clips() == 0 {
            bail!("the grammar has the text of no recording: name another one, or none");
        }
        if told.len() > 1 {
            for (corpus, report) in &told {
                tell(figures, &format!("{language}.{corpus}."), report);
            }
        }
        tell(figures, &format!("{language}."), &all);
        if let Some(at_once) = at_once {
            if let Some(megabytes) = at_once.megabytes_a_turn {
                figures.number(format!("{language}.memory_a_turn_mb"), megabytes);
            }
            let name = format!("{language}.at_once_cpu_seconds_a_second");
            figures.number(name, at_once.cpu_seconds_a_second);
        }
        match self.options.against.is_empty() {
            true => Ok(()),
            false => self.false_accepts(&grammar, &automaton, (&good, &all), figures),
        }
    }

    /// Hears what is foreign to the grammar: what it cannot say and is not among the good recordings, named by their paths.
    fn false_accepts(
        &self,
        grammar: &Arc<PhraseGrammar>,
        automaton: &PhraseAutomaton,
        (good, heard): (&BTreeSet<String>, &EvalReport),
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let mut corpora: BTreeMap<&str, Vec<EvalClip>> = BTreeMap::new();
        for clip in &self.foreign {
            if !good.contains(&clip.path) && !is_sayable(automaton, clip) {
                let corpus = corpora.entry(&clip.corpus).or_default();
                corpus.push(clip.clone());
            }
        }
        if corpora.is_empty() {
            bail!("the grammar has all that the corpora of --against hold");
        }
        let (language, root) = (grammar.language, root(&self.options.recordings));
        let (several, mut all) = (corpora.len() > 1, EvalReport::default());
        for (corpus, clips) in corpora {
            let foreign = self.heard(grammar, Expectation::NoMatch, |task| {
                evaluate(task, root, &clips)
            })?;
            if several {
                let of = format!("{language}.{corpus}.");
                tell_false_accepts(figures, &of, heard, &foreign);
            }
            all.add(foreign);
        }
        let of = format!("{language}.");
        tell_false_accepts(figures, &of, heard, &all);
        tell_working_point(figures, &of, heard);
        Ok(())
    }

    /// Does something with the engine on the line that the options ask for.
    fn heard<T>(
        &self,
        grammar: &Arc<PhraseGrammar>,
        expectation: Expectation,
        work: impl FnOnce(&EvalTask<'_>) -> Result<T, SpeechError>,
    ) -> Result<T, SpeechError> {
        let language = grammar.language;
        let clean = clean_line(self.line.codec);
        let clean = |sound: &[i16], number: u64| clean(&self.sent(sound, number), number);
        let soiled = |sound: &[i16], number: u64| self.soiled(sound, number);
        let is_clean = self.line.beneath.is_none() && self.line.loss == PerMille::ZERO;
        work(&EvalTask {
            recognizer: self.recognizer,
            grammar: Arc::clone(grammar),
            escalation: Arc::new(match self.options.escalation {
                true => usual_escalation_words(language),
                false => EscalationWords {
                    language,
                    words: Vec::new(),
                },
            }),
            line: match is_clean {
                true => &clean,
                false => &soiled,
            },
            expectation,
            slot_values: &self.slot_values,
            sounds_alike: &|one, other| {
                let alike = |ear: &SphinxRecognizer| ear.sounds_alike(language, one, other);
                self.sounds.as_ref().is_some_and(alike)
            },
        })
    }

    fn line_of(&self, number: u64) -> Line {
        Line {
            seed: number,
            ..self.line.clone()
        }
    }

    /// A sound as the caller's telephone sends it, nothing beneath it.
    fn sent(&self, sound: &[i16], number: u64) -> Vec<i16> {
        let mut sent = sound.to_vec();
        self.line_of(number).send(&mut sent);
        sent
    }

    /// A sound over the line with all that the options ask for.
    fn soiled(&self, sound: &[i16], number: u64) -> Vec<PcmFrame> {
        self.line_of(number).carry_turn(sound, speech_dbfs(sound))
    }
}

/// Tells each recording that was not understood rightly beside the figures: what was said in it and what was heard.
fn show_misses(clips: &[EvalClip], report: &EvalReport) {
    for (clip, judged) in clips.iter().zip(&report.recordings) {
        if judged.is_right {
            continue;
        }
        let slots = clip.slots.join(" ");
        let said = [clip.text.as_str(), slots.as_str()];
        let said = said.into_iter().find(|said| !said.is_empty());
        let heard = judged.text.reveal();
        let heard = match (heard.is_empty(), judged.is_accepted) {
            (true, _) => "nothing".to_owned(),
            (false, true) => format!("'{heard}'"),
            (false, false) => format!("'{heard}', rejected"),
        };
        eprintln!(
            "{}: '{}', heard {heard}",
            clip.path,
            said.unwrap_or_default()
        );
    }
}

/// Leaves out what the grammar cannot say, which is no question to it, and says so.
fn leave_out(corpus: &str, automaton: &PhraseAutomaton, clips: &mut Vec<EvalClip>) {
    let all = clips.len();
    clips.retain(|clip| !clip.text.is_empty());
    let before = clips.len();
    if before < all {
        let without = all - before;
        eprintln!(
            "{corpus}: {without} recordings left out whose text is not known; --grammar has their slots judged"
        );
    }
    clips.retain(|clip| is_sayable(automaton, clip));
    let left_out = before - clips.len();
    if left_out > 0 {
        eprintln!("{corpus}: {left_out} recordings left out whose text the grammar does not have");
    }
}

/// Whether the grammar has the text of a recording; not where the text is not known.
fn is_sayable(automaton: &PhraseAutomaton, clip: &EvalClip) -> bool {
    let has = |text: &str| {
        let place = automaton.place_of_text(text);
        place.is_some_and(|place| place.is_complete)
    };
    let text = &clip.text;
    !text.is_empty() && (has(text) || has(&spoken_text::normalise(text, clip.language)))
}
