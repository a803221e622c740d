//! From recordings to a model.

mod axes;
pub mod calls;
pub mod conditions;
mod fit;
pub mod logistic;
pub mod set;

use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::card::{CardData, ModelCard};
use crate::dice::Dice;
use crate::metrics::median;
use crate::model::{Platt, SiteOffset, VoiceModel};
use fit::fit;
use set::{ClipInfo, Sample, Set, folds};
use std::collections::BTreeMap;

/// How a model is trained.
#[derive(Clone, PartialEq, Debug)]
pub struct TrainSettings {
    /// The model's name.
    pub name: String,
    /// Of all that is random.
    pub seed: u64,
    /// Penalty on the squares of the weights of the voice as it is.
    pub penalty: f64,
    /// And of those beside the caller's baseline.
    pub penalty_relative: f64,
    /// Margin of the voice as it is, in log-odds.
    pub margin: f32,
    /// The budget of calm calls that may be transferred, in a thousand.
    pub budget_per_mille: u16,
    /// The share of angry utterances that the probability assumes.
    pub prior: f32,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            name: "anger-acted".to_owned(),
            seed: 1,
            penalty: 0.14,
            penalty_relative: 0.14,
            margin: 0.7,
            budget_per_mille: 10,
            prior: 0.05,
        }
    }
}

/// Folds within the training set that calibration is learnt from.
const INNER_FOLDS: usize = 3;
/// Calls of each kind a speaker that the scale is fixed by.
const CALLS: usize = 100;

/// Trains on the speakers for which `is_in` holds. The first line of the set's samples (number 0)
/// is the plain one, on which calibration is learnt.
///
/// # Errors
/// [`VoiceModelError::TooLittle`] where there are not both angry and other recordings of three speakers.
pub fn train(
    set: &Set,
    is_in: &dyn Fn(&ClipInfo) -> bool,
    settings: &TrainSettings,
) -> Result<VoiceModel, VoiceModelError> {
    let mut model = fit(set, is_in, settings)?;
    let dealt = folds(&set.clips, INNER_FOLDS);
    let fold_of = |clip: &ClipInfo| dealt.get(&clip.speaker).copied().unwrap_or(0);
    let mut inner = Vec::with_capacity(INNER_FOLDS);
    for fold in 0..INNER_FOLDS {
        inner.push(fit(
            set,
            &|clip| is_in(clip) && fold_of(clip) != fold,
            settings,
        )?);
    }
    let plain: Vec<Sample> = set
        .samples
        .iter()
        .filter(|sample| sample.line == 0 && is_in(&set.clips[sample.clip]))
        .cloned()
        .collect();
    calibrate(&mut model, &mut inner, &fold_of, set, &plain, settings);
    model.card = card(set, is_in, settings);
    Ok(model)
}

/// Learns calibration from models that have not heard the speakers.
fn calibrate(
    model: &mut VoiceModel,
    inner: &mut [VoiceModel],
    fold_of: &dyn Fn(&ClipInfo) -> usize,
    set: &Set,
    plain: &[Sample],
    settings: &TrainSettings,
) {
    let mut dice = Dice::new(settings.seed ^ 0xca11);
    let own = baselines(set, plain, &mut dice);
    let mut outputs: Vec<[f32; 3]> = Vec::with_capacity(plain.len());
    for (sample, baseline) in plain.iter().zip(&own) {
        let judge = &inner[fold_of(&set.clips[sample.clip])];
        let reading = judge.reading(&sample.features, baseline, &SiteOffset::default());
        outputs.push([reading.population, reading.relative, reading.arousal]);
    }
    let lines: [Platt; 3] = std::array::from_fn(|which| {
        let centred = centred(set, plain, &outputs, which);
        let is_aroused = which == 2;
        let rows: Vec<(f32, bool, f64)> = plain
            .iter()
            .zip(centred)
            .zip(balance(set, plain, is_aroused))
            .filter_map(|((sample, output), weight)| {
                Some((output, target(&set.clips[sample.clip], is_aroused)?, weight))
            })
            .collect();
        let (mut scores, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (score, target, weight) in rows {
            scores.push(score);
            targets.push(target);
            weights.push(weight);
        }
        logistic::platt(&scores, &targets, &weights)
    });
    let site = |which: usize| lines[which].log_odds(mean_median(set, plain, &outputs, which));
    let level = SiteOffset {
        population: site(0),
        relative: site(1),
    };
    for model in inner.iter_mut().chain([&mut *model]) {
        [model.population, model.relative, model.arousal] = lines;
        model.site = level;
    }
    let sites = site_offsets(set, plain, &|clip| &inner[fold_of(clip)], settings.seed);
    let of_speaker: BTreeMap<&str, usize> = set
        .clips
        .iter()
        .map(|clip| (clip.speaker.as_str(), fold_of(clip)))
        .collect();
    let calls = calls::simulate(
        &set.clips,
        plain,
        CALLS,
        &|speaker| &inner[of_speaker.get(speaker).copied().unwrap_or(0)],
        &|corpus| sites.get(corpus).copied().unwrap_or_default(),
        settings.seed,
    );
    let share = f64::from(settings.budget_per_mille) / 1_000.0;
    model.scale = calls::scale_for(&calls, share, model.scale);
}

/// Each collection's site offset, as running statistics over its unlabelled speech would find it.
pub fn site_offsets<'a>(
    set: &Set,
    samples: &[Sample],
    judge: &dyn Fn(&ClipInfo) -> &'a VoiceModel,
    seed: u64,
) -> BTreeMap<String, SiteOffset> {
    let mut dice = Dice::new(seed ^ 0x517e);
    let own = baselines(set, samples, &mut dice);
    let mut readings: BTreeMap<&str, (Vec<f32>, Vec<f32>)> = BTreeMap::new();
    for (sample, baseline) in samples.iter().zip(&own) {
        let clip = &set.clips[sample.clip];
        let judge = judge(clip);
        let reading = judge.reading(&sample.features, baseline, &SiteOffset::default());
        let of = readings.entry(&clip.corpus).or_default();
        of.0.push(reading.population - judge.site.population);
        of.1.push(reading.relative - judge.site.relative);
    }
    let levels = readings
        .into_iter()
        .map(|(corpus, (population, relative))| {
            let level = SiteOffset {
                population: median(&population),
                relative: median(&relative),
            };
            (corpus.to_owned(), level)
        });
    levels.collect()
}

/// For each sample a baseline of one to six calm utterances of its speaker over the same line.
pub fn baselines(set: &Set, samples: &[Sample], dice: &mut Dice) -> Vec<Baseline> {
    let mut calm: BTreeMap<(&str, usize), Vec<usize>> = BTreeMap::new();
    for (at, sample) in samples.iter().enumerate() {
        let clip = &set.clips[sample.clip];
        if clip.is_calm() {
            calm.entry((&clip.speaker, sample.line))
                .or_default()
                .push(at);
        }
    }
    let mut found = Vec::with_capacity(samples.len());
    for (at, sample) in samples.iter().enumerate() {
        let mut baseline = Baseline::new();
        let key = (set.clips[sample.clip].speaker.as_str(), sample.line);
        let pool = calm.get(&key).map_or(&[][..], Vec::as_slice);
        for _ in 0..1 + dice.below(6) {
            if let Some(other) = dice.pick(pool).filter(|other| **other != at) {
                baseline.learn(&samples[*other].features);
            }
        }
        found.push(baseline);
    }
    found
}

/// What a regression should say of a clip; nothing where the label does not tell.
fn target(clip: &ClipInfo, is_arousal: bool) -> Option<bool> {
    if is_arousal {
        clip.is_aroused()
    } else {
        Some(clip.is_angry())
    }
}

/// Weights under which both classes of a collection weigh the same, and a collection as much
/// as the root of its count of speakers.
fn balance(set: &Set, samples: &[Sample], is_arousal: bool) -> Vec<f64> {
    let mut counts: BTreeMap<(&str, Option<bool>), f64> = BTreeMap::new();
    let mut speakers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for sample in samples {
        let clip = &set.clips[sample.clip];
        *counts
            .entry((&clip.corpus, target(clip, is_arousal)))
            .or_default() += 1.0;
        let speakers = speakers.entry(&clip.corpus).or_default();
        if !speakers.contains(&clip.speaker.as_str()) {
            speakers.push(&clip.speaker);
        }
    }
    let weight = |sample: &Sample| {
        let clip = &set.clips[sample.clip];
        let key = (clip.corpus.as_str(), target(clip, is_arousal));
        key.1.map_or(0.0, |_| {
            (speakers[key.0].len() as f64).sqrt() / counts[&key]
        })
    };
    samples.iter().map(weight).collect()
}

fn by_corpus<'a>(
    set: &'a Set,
    samples: &[Sample],
    outputs: &[[f32; 3]],
    which: usize,
) -> BTreeMap<&'a str, f32> {
    let mut of: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for (sample, output) in samples.iter().zip(outputs) {
        let corpus = set.clips[sample.clip].corpus.as_str();
        of.entry(corpus).or_default().push(output[which]);
    }
    of.into_iter()
        .map(|(corpus, of)| (corpus, median(&of)))
        .collect()
}

fn mean_median(set: &Set, samples: &[Sample], outputs: &[[f32; 3]], which: usize) -> f32 {
    let medians = by_corpus(set, samples, outputs, which);
    medians.values().sum::<f32>() / medians.len().max(1) as f32
}

/// Outputs with their collections' own levels taken off.
fn centred(set: &Set, samples: &[Sample], outputs: &[[f32; 3]], which: usize) -> Vec<f32> {
    let medians = by_corpus(set, samples, outputs, which);
    let mean = mean_median(set, samples, outputs, which);
    let each = samples.iter().zip(outputs);
    each.map(|(sample, output)| {
        output[which] - medians[set.clips[sample.clip].corpus.as_str()] + mean
    })
    .collect()
}

fn card(set: &Set, is_in: &dyn Fn(&ClipInfo) -> bool, settings: &TrainSettings) -> ModelCard {
    let mut data: BTreeMap<&str, (CardData, Vec<&str>)> = BTreeMap::new();
    let mut speakers = Vec::new();
    for clip in set.clips.iter().filter(|clip| is_in(clip)) {
        let (data, own) = data.entry(&clip.corpus).or_insert_with(|| {
            let data = CardData {
                corpus: clip.corpus.clone(),
                language: clip.language.clone(),
                licence: clip.licence.clone(),
                clips: 0,
                speakers: 0,
            };
            (data, Vec::new())
        });
        data.clips += 1;
        if !own.contains(&clip.speaker.as_str()) {
            own.push(&clip.speaker);
            data.speakers += 1;
            speakers.push(clip.speaker.clone());
        }
    }
    speakers.sort();
    ModelCard {
        data: data.into_values().map(|(data, _)| data).collect(),
        speakers,
        seed: settings.seed,
        ..ModelCard::default()
    }
}
