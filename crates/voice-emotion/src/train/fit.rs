//! The weights of a model: standardised features, main axes, three regressions.

use super::logistic::{self, Regression, Rows};
use super::set::{ClipInfo, Sample, Set};
use super::{TrainSettings, axes, balance, baselines};
use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::card::ModelCard;
use crate::dice::Dice;
use crate::features::{FEATURES, Features, names};
use crate::model::{
    AXES, FeatureWeights, MODEL_VERSION, PAIRS, PairWeights, Platt, Scale, SiteOffset, VoiceModel,
    pairs,
};
use std::collections::BTreeMap;

/// Newton steps of a regression; it has converged long before.
const STEPS: usize = 7;

/// Weights alone, without calibration.
pub(super) fn fit(
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
    let shares = shares(&model);
    let weights = relative.weights[2 * FEATURES + 1..].iter().zip(shares);
    for (pair, (weight, share)) in model.pairs.iter_mut().zip(weights) {
        pair.relative = share * *weight as f32;
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
    let shares = shares(model);
    for (sample, weight) in samples.iter().zip(balance(set, samples, false)) {
        rows.inputs.extend(standings(model, &sample.features));
        rows.inputs
            .extend(products(model, &shares, &sample.features));
        rows.targets.push(set.clips[sample.clip].is_angry());
        rows.weights.push(weight);
    }
    rows.normalise();
    let found = logistic::fit(&rows, settings.penalty, STEPS);
    for (own, weight) in model.features.iter_mut().zip(&found.weights) {
        own.population = *weight as f32;
    }
    let weights = found.weights[FEATURES..].iter().zip(shares);
    for (pair, (weight, share)) in model.pairs.iter_mut().zip(weights) {
        pair.population = share * *weight as f32;
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
    let shares = shares(model);
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
        rows.inputs
            .extend(products(model, &shares, &sample.features));
        rows.targets.push(set.clips[sample.clip].is_angry());
        rows.weights.push(weight);
    }
    rows.normalise();
    logistic::fit(&rows, settings.penalty_relative, STEPS)
}

/// Products are given at this share of their size: so the penalty bears harder on them than on the
/// features, which tell more of voices nobody has heard.
const PRODUCT_SHARE: f32 = 0.5;
/// And at more of it the weaker their axes are, by this power of the axes' variance: along the strongest, collections
/// differ by their rooms and texts.
const PRODUCT_POWER: f32 = -0.075;

/// At what share of its size each product is given.
fn shares(model: &VoiceModel) -> Vec<f32> {
    let variance: [f32; AXES] = std::array::from_fn(|axis| {
        // A part is a unit vector's over the axis' deviation.
        let parts = model.features.iter().map(|own| own.axes[axis]);
        1.0 / parts.map(|part| part * part).sum::<f32>().max(1e-9)
    });
    let mean = variance.iter().sum::<f32>() / AXES as f32;
    let share = |(i, j): (usize, usize)| {
        let strength = variance[i] * variance[j] / (mean * mean);
        PRODUCT_SHARE * strength.powf(PRODUCT_POWER)
    };
    pairs().map(share).collect()
}

fn products(model: &VoiceModel, shares: &[f32], features: &Features) -> impl Iterator<Item = f32> {
    let places = model.places(features);
    let each = pairs().zip(shares);
    each.map(move |((i, j), share)| share * places[i] * places[j])
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
        traffic: SiteOffset::default(),
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
