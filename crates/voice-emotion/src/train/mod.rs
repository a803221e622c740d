//! From recordings to a model.

mod axes;
mod calibrate;
pub mod calls;
pub mod conditions;
mod fit;
pub mod logistic;
pub mod set;

use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::card::{CardData, ModelCard};
use crate::dice::Dice;
use crate::model::VoiceModel;
use calibrate::calibrate;
pub use calibrate::site_offsets;
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
            penalty: 0.2,
            penalty_relative: 0.2,
            margin: 0.7,
            budget_per_mille: 10,
            prior: 0.05,
        }
    }
}

/// Folds within the training set that calibration is learnt from.
const INNER_FOLDS: usize = 3;

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
        let others = |clip: &ClipInfo| is_in(clip) && fold_of(clip) != fold;
        inner.push(fit(set, &others, settings)?);
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
/// as it has speakers: it is of speakers that a model must tell what it has not heard.
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
        key.1
            .map_or(0.0, |_| speakers[key.0].len() as f64 / counts[&key])
    };
    samples.iter().map(weight).collect()
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
