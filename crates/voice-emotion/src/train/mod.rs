//! From recordings to a model.

mod axes;
pub mod calls;
pub mod conditions;
pub mod logistic;
pub mod set;

use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::card::{CardData, ModelCard};
use crate::dice::Dice;
use crate::features::{FEATURES, Features, names};
use crate::metrics::median;
use crate::model::{
    AXES, FeatureWeights, MODEL_VERSION, PAIRS, PairWeights, Platt, Scale, SiteOffset, VoiceModel,
    pairs,
};
use logistic::{Regression, Rows};
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
            penalty: 0.05,
            penalty_relative: 0.05,
            margin: 0.7,
            budget_per_mille: 10,
            prior: 0.05,
        }
    }
}

/// Newton steps of a regression; it has converged long before.
const STEPS: usize = 7;
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

/// Weights alone, without calibration.
fn fit(
    set: &Set,
    is_in: &dyn Fn(&ClipInfo) -> bool,
    settings: &TrainSettings,
) -> Result<VoiceModel, VoiceModelError> {
    let mut samples: Vec<Sample> = set
        .samples
        .iter()
        .filter(|sample| is_in(&set.clips[sample.clip]))
        .cloned()
        .collect();
    let angry = samples.iter().filter(|s| set.clips[s.clip].is_angry());
    let angry = angry.count();
    if angry == 0 || angry == samples.len() {
        return Err(VoiceModelError::TooLittle(
            "both angry and other speech is needed",
        ));
    }
    let (mean, deviation) = take_sites_off(set, &mut samples);
    let mut model = blank(settings, &mean, &deviation);
    find_axes(set, &samples, &mut model);
    let mut dice = Dice::new(settings.seed);
    let own = baselines(set, &samples, &mut dice);
    fit_population(set, &samples, &mut model, settings);
    fit_arousal(set, &samples, &mut model, settings);
    let relative = fit_relative(set, &samples, &own, &model, settings);
    for (k, weights) in model.features.iter_mut().enumerate() {
        weights.relative = relative.weights[k] as f32;
        weights.difference = relative.weights[FEATURES + k] as f32;
    }
    model.level = (relative.weights[2 * FEATURES] / LEVEL_UNIT_DB) as f32;
    for (pair, weight) in model
        .pairs
        .iter_mut()
        .zip(&relative.weights[2 * FEATURES + 1..])
    {
        pair.relative = *weight as f32;
    }
    model.relative.intercept = relative.intercept as f32;
    Ok(model)
}

fn find_axes(set: &Set, samples: &[Sample], model: &mut VoiceModel) {
    let mut weights = balance(set, samples, false);
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    let row = |sample: &Sample| {
        let mut row = [0.0; FEATURES];
        let each = standings(model, &sample.features);
        row.iter_mut()
            .zip(each)
            .for_each(|(place, standing)| *place = standing);
        row
    };
    let rows: Vec<[f32; FEATURES]> = samples.iter().map(row).collect();
    let parts = axes::principal(&rows, &weights);
    for (own, parts) in model.features.iter_mut().zip(parts) {
        own.axes = parts;
    }
}

fn fit_population(set: &Set, samples: &[Sample], model: &mut VoiceModel, settings: &TrainSettings) {
    let mut rows = Rows {
        width: FEATURES + PAIRS,
        ..Rows::default()
    };
    for (sample, weight) in samples.iter().zip(balance(set, samples, false)) {
        rows.inputs.extend(standings(model, &sample.features));
        rows.inputs.extend(products(model, &sample.features));
        rows.targets.push(set.clips[sample.clip].is_angry());
        rows.weights.push(weight);
    }
    rows.normalise();
    let found = logistic::fit(&rows, settings.penalty, STEPS);
    for (own, weight) in model.features.iter_mut().zip(&found.weights) {
        own.population = *weight as f32;
    }
    for (pair, weight) in model.pairs.iter_mut().zip(&found.weights[FEATURES..]) {
        pair.population = *weight as f32;
    }
    model.population.intercept = found.intercept as f32;
}

fn fit_arousal(set: &Set, samples: &[Sample], model: &mut VoiceModel, settings: &TrainSettings) {
    let mut rows = Rows {
        width: FEATURES,
        ..Rows::default()
    };
    for (sample, weight) in samples.iter().zip(balance(set, samples, true)) {
        let Some(is_aroused) = set.clips[sample.clip].is_aroused() else {
            continue;
        };
        rows.inputs.extend(standings(model, &sample.features));
        rows.targets.push(is_aroused);
        rows.weights.push(weight);
    }
    rows.normalise();
    let found = logistic::fit(&rows, settings.penalty, STEPS);
    for (own, weight) in model.features.iter_mut().zip(&found.weights) {
        own.arousal = *weight as f32;
    }
    model.arousal.intercept = found.intercept as f32;
}

/// Decibels that weigh as one standard deviation.
const LEVEL_UNIT_DB: f64 = 5.0;

fn fit_relative(
    set: &Set,
    samples: &[Sample],
    own: &[Baseline],
    model: &VoiceModel,
    settings: &TrainSettings,
) -> Regression {
    let mut rows = Rows {
        width: 2 * FEATURES + 1 + PAIRS,
        ..Rows::default()
    };
    let weights = balance(set, samples, false);
    for ((sample, baseline), weight) in samples.iter().zip(own).zip(weights) {
        let trust = baseline.trust();
        rows.inputs.extend(standings(model, &sample.features));
        for (k, weights) in model.features.iter().enumerate() {
            let value = sample.features.values[k];
            rows.inputs
                .push(weights.difference_to(value, baseline.values[k], trust));
        }
        let above_db = trust * (sample.features.level_db - baseline.level_db);
        rows.inputs.push(above_db / LEVEL_UNIT_DB as f32);
        rows.inputs.extend(products(model, &sample.features));
        rows.targets.push(set.clips[sample.clip].is_angry());
        rows.weights.push(weight);
    }
    rows.normalise();
    logistic::fit(&rows, settings.penalty_relative, STEPS)
}

fn products(model: &VoiceModel, features: &Features) -> impl Iterator<Item = f32> {
    let places = model.places(features);
    pairs().map(move |(i, j)| places[i] * places[j])
}

fn standings(model: &VoiceModel, features: &Features) -> impl Iterator<Item = f32> {
    let each = model.features.iter().zip(features.values);
    each.map(|(own, value)| own.standing(value))
}

/// Moves every collection to the same mean of each feature, which is what a site's offset does
/// to the score; gives that mean and the deviation around it.
fn take_sites_off(set: &Set, samples: &mut [Sample]) -> ([f32; FEATURES], [f32; FEATURES]) {
    let mut sums: BTreeMap<&str, (f64, Vec<f64>)> = BTreeMap::new();
    for sample in samples.iter() {
        let corpus = set.clips[sample.clip].corpus.as_str();
        let (count, sum) = sums
            .entry(corpus)
            .or_insert_with(|| (0.0, vec![0.0; FEATURES]));
        *count += 1.0;
        for (own, value) in sum.iter_mut().zip(&sample.features.values) {
            *own += f64::from(*value);
        }
    }
    let sites = sums.len().max(1) as f64;
    let mut mean = [0.0; FEATURES];
    for (count, sum) in sums.values_mut() {
        for (k, own) in sum.iter_mut().enumerate() {
            *own /= *count;
            mean[k] += (*own / sites) as f32;
        }
    }
    let mut squares = vec![0.0; FEATURES];
    for sample in samples.iter_mut() {
        let (_, own) = &sums[set.clips[sample.clip].corpus.as_str()];
        for k in 0..FEATURES {
            let off = sample.features.values[k] - own[k] as f32;
            squares[k] += f64::from(off * off);
            sample.features.values[k] = off + mean[k];
        }
    }
    let count = samples.len().max(1) as f64;
    let deviation = std::array::from_fn(|k| ((squares[k] / count).sqrt() as f32).max(1e-4));
    (mean, deviation)
}

fn blank(
    settings: &TrainSettings,
    mean: &[f32; FEATURES],
    deviation: &[f32; FEATURES],
) -> VoiceModel {
    let line = Platt {
        slope: 1.0,
        intercept: 0.0,
    };
    let features = names()
        .iter()
        .enumerate()
        .map(|(k, feature)| FeatureWeights {
            name: feature.name.clone(),
            mean: mean[k],
            deviation: deviation[k],
            population: 0.0,
            relative: 0.0,
            difference: 0.0,
            arousal: 0.0,
            axes: [0.0; AXES],
        });
    VoiceModel {
        version: MODEL_VERSION,
        name: settings.name.clone(),
        card: ModelCard::default(),
        population: line,
        relative: line,
        level: 0.0,
        margin: settings.margin,
        arousal: line,
        scale: Scale {
            log_odds_at_80: 2.0,
            budget_per_mille: settings.budget_per_mille,
            prior: settings.prior,
        },
        site: SiteOffset::default(),
        pairs: pairs()
            .map(|of| PairWeights {
                of,
                population: 0.0,
                relative: 0.0,
            })
            .collect(),
        features: features.collect(),
    }
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
