//! `bellhop eval escalation`: are demands heard wherever they stand in a sentence, and only where they stand?

use super::hearing_sounds::beneath;
use crate::cli::{EvalEscalation, SetPart};
use crate::engines;
use call_model::Language;
use dialplan::usual_escalation_words;
use hearing_trials::{Line, speech_dbfs};
use serde_json::{Value, json};
use speech::eval::escalation::{
    Part, SetFolders, SpottingCount, SpottingLine, SpottingReport, SpottingSet, SpottingTask,
    clean, spot,
};
use speech::{Recognizer, SphinxRecognizer};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;

/// The engine that is measured, and one that knows which words sound alike.
struct Ears<'r> {
    recognizer: &'r dyn Recognizer,
    sounds: Option<SphinxRecognizer>,
}

/// Measures every language asked for.
pub fn run(options: &EvalEscalation) -> anyhow::Result<ExitCode> {
    let recognizer = engines::open(&options.engine, DECODERS)?;
    // Its dictionaries know what sounds alike, whichever engine is measured.
    let sounds = engines::sphinx(&options.engine, 1);
    if let Err(error) = &sounds {
        eprintln!("homophones count as wrong: {error:#}");
    }
    let ears = Ears {
        recognizer: &*recognizer,
        sounds: sounds.ok(),
    };
    let beneath = beneath(options.noise.as_deref(), options.snr)?;
    let languages: Vec<Language> = Language::ALL
        .into_iter()
        .filter(|language| options.language.is_none_or(|only| only == *language))
        .collect();
    let (mut is_good, mut told) = (true, serde_json::Map::new());
    for language in languages {
        let reports = match &beneath {
            Some(beneath) => {
                let noisy = |sound: &[i16], codec, number| {
                    let line = Line {
                        beneath: Some(beneath.clone()),
                        seed: number,
                        ..Line::quiet(codec)
                    };
                    line.carry_turn(sound, speech_dbfs(sound))
                };
                measure(options, &ears, &noisy, language)?
            }
            None => measure(options, &ears, &clean, language)?,
        };
        for (name, report) in &reports {
            if !options.json {
                println!("{language}, {name}: {report}");
            }
            is_good &= meets(options, report);
        }
        let parts: serde_json::Map<String, Value> = reports
            .iter()
            .map(|(name, report)| ((*name).to_owned(), as_json(report)))
            .collect();
        told.insert(language.to_string(), Value::Object(parts));
    }
    if options.json {
        println!("{:#}", Value::Object(told));
    }
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// One report for each half that was asked for.
fn measure(
    options: &EvalEscalation,
    ears: &Ears<'_>,
    line: SpottingLine<'_>,
    language: Language,
) -> anyhow::Result<Vec<(&'static str, SpottingReport)>> {
    let words = usual_escalation_words(language);
    let folders = SetFolders {
        lists: options.lists.clone(),
        speech: options.speech.clone(),
        prompts: options.prompts.clone(),
    };
    let mut set = SpottingSet::gather(&folders, &words)?;
    for skipped in &set.skipped {
        eprintln!("SKIPPED in '{language}': {skipped}");
    }
    let mut number = 0;
    set.utterances.retain(|_| {
        number += 1;
        number % options.every.max(1) == 0
    });
    let parts: &[(&'static str, Part)] = match options.part {
        SetPart::Tune => &[("tuned on", Part::Tune)],
        SetPart::Held => &[("held out", Part::Held)],
        SetPart::Both => &[("tuned on", Part::Tune), ("held out", Part::Held)],
    };
    let measured = parts.iter().map(|(name, part)| {
        let alike = |one: &str, other: &str| {
            let alike = |ear: &SphinxRecognizer| ear.sounds_alike(language, one, other);
            ears.sounds.as_ref().is_some_and(alike)
        };
        let task = SpottingTask {
            recognizer: ears.recognizer,
            words: &words,
            turns_a_call: options.turns_a_call,
            line,
            sounds_alike: &alike,
        };
        Ok((*name, spot(&task, &set, *part)?))
    });
    measured.collect()
}

/// Whether a report meets what is required; a half without sentences is no proof of anything.
fn meets(options: &EvalEscalation, report: &SpottingReport) -> bool {
    let is_found = options
        .require_found
        .is_none_or(|least| report.all.said > 0 && report.all.percent() >= least);
    let is_quiet = options
        .require_false_per_hour
        .is_none_or(|most| report.all_hours() > 0.0 && report.false_per_hour() <= most);
    is_found && is_quiet
}

fn as_json(report: &SpottingReport) -> Value {
    json!({
        "said": report.all.said,
        "found": report.all.found,
        "found_percent": report.all.percent(),
        "found_early": report.early,
        "delay_p50_ms": report.delay(50).as_millis(),
        "delay_p95_ms": report.delay(95).as_millis(),
        "false": report.false_alarms.len(),
        "false_per_hour": report.false_per_hour(),
        "hours": report.hours,
        "cpu_seconds_per_second": report.cpu_share(),
        "by_word": counts(&report.by_word),
        "by_voice": counts(&report.by_voice),
        "false_alarms": report.false_alarms,
    })
}

fn counts(of: &BTreeMap<String, SpottingCount>) -> Value {
    let shown = of.iter().map(|(name, count)| {
        let count = json!({ "said": count.said, "found": count.found });
        (name.clone(), count)
    });
    Value::Object(shown.collect())
}
