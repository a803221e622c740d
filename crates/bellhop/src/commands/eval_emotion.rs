//! `bellhop eval emotion`: how well anger is told, held against what is asked of it.

use super::emotion::training_set;
use super::emotion_bars::{Bar, bars, tell_bars};
use super::emotion_plots;
use super::emotion_set::{Recordings, plain_line};
use super::emotion_turns::{cost, five_short_turns};
use crate::cli::EvalEmotion;
use anyhow::Context;
use call_model::Codec;
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use voice_emotion::evaluate::{
    BaselineUse, CallFigures, Figures, Panel, SOON, figures, figures_by, judge, learn_sites,
    simulate_calls,
};
use voice_emotion::train::conditions::{Condition, Noise};
use voice_emotion::train::set::{Sample, Set};
use voice_emotion::train::{TrainSettings, train};
use voice_emotion::{SiteOffset, VoiceModel};

/// Calls of each kind a speaker.
const CALLS: usize = 100;
/// A collection of fewer speakers does not train a model by itself.
const SPEAKERS_LEAST: usize = 5;
const SEED: u64 = 9;

/// All that was measured.
#[derive(Serialize, Default)]
pub struct Measured {
    /// The model's name, and whether folds had to be trained for speakers that it knows.
    pub model: String,
    /// Speakers judged by a model that was trained without them.
    pub folded_speakers: usize,
    /// Figures, by condition and then by `all`, `corpus …`, `language …`, `gender …`, `… women`, `… men`.
    pub conditions: BTreeMap<String, BTreeMap<String, Figures>>,
    /// Simulated calls by corpus.
    pub calls: BTreeMap<String, CallFigures>,
    /// Area under the curve where a model of the first corpus judges the second.
    pub across: BTreeMap<String, f64>,
    /// Share of calls of five turns of a second with a usable score.
    pub five_short_turns: Option<f64>,
    /// CPU seconds a second of speech, and bytes a call.
    pub cost: Option<(f64, usize)>,
    /// The bars that what was measured tells of.
    pub bars: Vec<Bar>,
}

/// Measures what was asked for.
pub fn run(options: &EvalEmotion) -> anyhow::Result<ExitCode> {
    let file = options.model.display();
    let text = std::fs::read_to_string(&options.model)
        .with_context(|| format!("cannot read the model {file}"))?;
    let model = VoiceModel::read(&text).with_context(|| file.to_string())?;
    let recordings = Recordings::read(&options.manifest)?;
    let is_known = |speaker: &String| model.card.speakers.contains(speaker);
    let needs_folds = recordings.clips.iter().any(|clip| is_known(&clip.speaker));
    let set = if needs_folds || options.cross_corpus || options.all {
        training_set(&recordings, model.card.seed)
    } else {
        Set {
            clips: recordings.clips.clone(),
            samples: recordings.over(&plain_line, 0, model.card.seed),
        }
    };
    let settings = TrainSettings {
        name: model.name.clone(),
        seed: model.card.seed,
        ..TrainSettings::default()
    };
    let panel = Panel::around(&model, &set, &settings)?;
    let plain: Vec<Sample> = set
        .samples
        .iter()
        .filter(|s| s.line == 0)
        .cloned()
        .collect();
    let sites = learn_sites(&set, &plain, &panel);
    let mut speakers: Vec<&String> = set.clips.iter().map(|clip| &clip.speaker).collect();
    speakers.sort();
    speakers.dedup();
    let mut measured = Measured {
        model: model.name.clone(),
        folded_speakers: speakers
            .into_iter()
            .filter(|speaker| is_known(speaker))
            .count(),
        ..Measured::default()
    };
    let bench = Bench {
        set: &set,
        panel: &panel,
        sites: &sites,
    };
    bench.take("plain", &plain, BaselineUse::None, &mut measured);
    if options.caller_baseline || options.all {
        bench.take(
            "with caller baseline",
            &plain,
            BaselineUse::Calm,
            &mut measured,
        );
    }
    for (name, line) in lines(options) {
        let samples = recordings.over(&|_| line, 0, SEED);
        bench.take(&name, &samples, BaselineUse::None, &mut measured);
    }
    if options.calls || options.all {
        measured.calls = simulate_calls(&set, &plain, &panel, &sites, CALLS);
        measured.five_short_turns = five_short_turns(&recordings, &panel);
    }
    if options.cost || options.all {
        measured.cost = Some(cost(&recordings, &model));
    }
    if options.cross_corpus || options.all {
        measured.across = across(&set, &plain, &settings)?;
    }
    measured.bars = bars(&measured);
    if let Some(folder) = &options.plots {
        let judged = judge(&set, &plain, &panel, BaselineUse::None, &sites);
        emotion_plots::write(folder, &judged, &recordings, &panel)?;
    }
    if options.json {
        println!("{:#}", serde_json::to_value(&measured)?);
    } else {
        tell(&measured);
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines asked for beside the plain one.
fn lines(options: &EvalEmotion) -> Vec<(String, Condition)> {
    let plain = Condition::clean(Codec::Pcmu);
    let or_all = |asked: &[f32], usual: f32| match (asked.is_empty(), options.all) {
        (true, true) => vec![usual],
        (true, false) => Vec::new(),
        (false, _) => asked.to_vec(),
    };
    let mut lines = Vec::new();
    for gain in or_all(&options.gain, 12.0) {
        for gain_db in [gain.abs(), -gain.abs()] {
            lines.push((
                format!("gain {gain_db:+} dB"),
                Condition { gain_db, ..plain },
            ));
        }
    }
    for snr in or_all(&options.snr, 10.0) {
        for (name, noise) in [("white", Noise::White), ("babble", Noise::Babble)] {
            let noise = Some((noise, snr));
            lines.push((
                format!("{name} noise {snr} dB"),
                Condition { noise, ..plain },
            ));
        }
    }
    for loss in or_all(&options.loss, 5.0) {
        let line = Condition {
            loss: loss / 100.0,
            ..plain
        };
        lines.push((format!("loss {loss} %"), line));
    }
    for cut in or_all(&options.cut, 1.0) {
        let line = Condition {
            cut_s: Some(cut),
            ..plain
        };
        lines.push((format!("cut {cut} s"), line));
    }
    lines
}

/// What everything is measured with.
struct Bench<'a> {
    set: &'a Set,
    panel: &'a Panel,
    /// What the plain line taught; a caller's own line may differ from it.
    sites: &'a BTreeMap<String, SiteOffset>,
}

impl Bench<'_> {
    fn take(&self, name: &str, samples: &[Sample], baseline: BaselineUse, into: &mut Measured) {
        let judged = judge(self.set, samples, self.panel, baseline, self.sites);
        let all: Vec<_> = judged.iter().collect();
        let mut told = BTreeMap::from([("all".to_owned(), figures(&all))]);
        told.extend(figures_by(&judged, &|clip| {
            format!("corpus {}", clip.corpus)
        }));
        told.extend(figures_by(&judged, &|clip| {
            format!("language {}", clip.language)
        }));
        told.extend(figures_by(&judged, &|clip| {
            format!("gender {}", clip.gender)
        }));
        told.extend(figures_by(&judged, &|clip| {
            let who = match clip.gender.as_str() {
                "f" => "women",
                "m" => "men",
                _ => "speakers of unknown gender",
            };
            format!("{} {who}", clip.corpus)
        }));
        into.conditions.insert(name.to_owned(), told);
    }
}

/// Trains on each collection alone and judges the others.
fn across(
    set: &Set,
    plain: &[Sample],
    settings: &TrainSettings,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut speakers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for clip in &set.clips {
        let of = speakers.entry(&clip.corpus).or_default();
        if !of.contains(&clip.speaker.as_str()) {
            of.push(&clip.speaker);
        }
    }
    let mut told = BTreeMap::new();
    for (corpus, _) in speakers.iter().filter(|(_, of)| of.len() >= SPEAKERS_LEAST) {
        let model = train(set, &|clip| clip.corpus == *corpus, settings)?;
        let panel = Panel::of(model);
        let sites = learn_sites(set, plain, &panel);
        let judged = judge(set, plain, &panel, BaselineUse::None, &sites);
        for (other, of) in figures_by(&judged, &|clip| clip.corpus.clone()) {
            if let Some(auc) = of.auc
                && other != *corpus
            {
                told.insert(format!("trained on {corpus}, {other}"), auc);
            }
        }
    }
    Ok(told)
}

fn tell(measured: &Measured) {
    println!(
        "model {}; {} speakers that it was trained on are judged by models trained without them",
        measured.model, measured.folded_speakers
    );
    for (condition, groups) in &measured.conditions {
        println!("\n{condition}");
        for (group, of) in groups {
            let above: Vec<String> = of
                .above_80
                .iter()
                .map(|(emotion, share)| format!("{emotion} {:.1}", 100.0 * share))
                .collect();
            println!(
                "  {group}: AUC {}, recall at 1 % {:.2}, at 5 % {:.2}, calibration error {:.3}, {} of {} angry; above 80 in %: {}",
                of.auc.map_or("-".to_owned(), |auc| format!("{auc:.3}")),
                of.recall_at_1,
                of.recall_at_5,
                of.calibration_error,
                of.angry,
                of.samples,
                above.join(", ")
            );
        }
    }
    for (corpus, of) in &measured.calls {
        println!(
            "\ncalls, {corpus}: {:.1} % of calm calls transferred, {:.1} % of angry ones after {:.1} angry utterances, \
             {:.1} % within {SOON}; {:.1} % of merry ones within {SOON} merry ones",
            100.0 * of.false_share,
            100.0 * of.detected,
            of.delay,
            100.0 * of.detected_soon,
            100.0 * of.merry_soon
        );
        for (share, detected, delay) in &of.at_budget {
            println!(
                "  where {:.1} % of calm calls are transferred: {:.1} % of angry ones, after {delay:.1}",
                100.0 * share,
                100.0 * detected
            );
        }
        let (beside, alone) = of.angry_from_start;
        println!(
            "  angry from the first word: {:.1} % beside the own baseline, {:.1} % without one",
            100.0 * beside,
            100.0 * alone
        );
    }
    for (pair, auc) in &measured.across {
        println!("{pair}: AUC {auc:.3}");
    }
    tell_bars(&measured.bars);
}
