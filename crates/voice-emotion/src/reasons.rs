//! Why a score is what it is, in words a reviewer understands.

use crate::baseline::Baseline;
use crate::features::{Aspect, Features, names};
use crate::model::{AXES, VoiceModel};
use call_model::Language;

/// Reasons that a score carries at most.
const REASONS: usize = 3;
/// What speaks for anger by less than so much log-odds is no reason.
const LEAST: f32 = 0.1;
/// A level above the own baseline is told in dB from here on.
const AUDIBLE_DB: f32 = 2.0;
/// A pitch above the own baseline is told in semitones from here on.
const AUDIBLE_SEMITONES: f32 = 1.0;

const ASPECTS: [Aspect; 8] = [
    Aspect::PitchHeight,
    Aspect::PitchMovement,
    Aspect::Hardness,
    Aspect::Roughness,
    Aspect::Mouth,
    Aspect::Stress,
    Aspect::Pace,
    Aspect::Loudness,
];

/// The aspects of a voice that speak most for anger, the strongest first, each with its log-odds.
pub fn strongest(
    model: &VoiceModel,
    features: &Features,
    baseline: &Baseline,
) -> Vec<(Aspect, f32)> {
    let trust = baseline.trust();
    let mut weights = [0.0; ASPECTS.len()];
    let place = |aspect| ASPECTS.iter().position(|own| *own == aspect).unwrap_or(0);
    let pulls = pulls(model, features, !baseline.is_empty());
    for (k, own) in model.features.iter().enumerate() {
        let standing = own.standing(features.values[k]);
        let pull: f32 = own
            .axes
            .iter()
            .zip(pulls)
            .map(|(part, pull)| part * pull)
            .sum();
        let weight = if baseline.is_empty() {
            model.population.slope * (own.population + pull) * standing
        } else {
            let difference = own.difference_to(features.values[k], baseline.values[k], trust);
            let as_it_is = (own.relative + pull) * standing;
            model.relative.slope * (as_it_is + own.difference * difference)
        };
        weights[place(names()[k].aspect)] += weight;
    }
    if !baseline.is_empty() {
        let above_db = trust * (features.level_db - baseline.level_db);
        weights[place(Aspect::Loudness)] += model.relative.slope * model.level * above_db;
    }
    let mut found: Vec<(Aspect, f32)> = ASPECTS.into_iter().zip(weights).collect();
    found.retain(|(_, weight)| *weight >= LEAST);
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(REASONS);
    found
}

/// How each axis weighs for this voice: half of every product belongs to either of its axes.
fn pulls(model: &VoiceModel, features: &Features, is_relative: bool) -> [f32; AXES] {
    let places = model.places(features);
    let mut pulls = [0.0; AXES];
    for pair in &model.pairs {
        let weight = if is_relative {
            pair.relative
        } else {
            pair.population
        };
        let (i, j) = pair.of;
        pulls[i] += 0.5 * weight * places[j];
        pulls[j] += 0.5 * weight * places[i];
    }
    pulls
}

/// The strongest reasons, in words.
pub fn reasons(
    model: &VoiceModel,
    features: &Features,
    baseline: &Baseline,
    language: Language,
) -> Vec<String> {
    let strongest = strongest(model, features, baseline);
    let each = strongest.into_iter();
    each.map(|(aspect, _)| words(aspect, features, baseline, language))
        .collect()
}

fn words(aspect: Aspect, features: &Features, baseline: &Baseline, language: Language) -> String {
    let louder_db = features.level_db - baseline.level_db;
    // The first feature is the mean pitch in semitones.
    let higher = features.values[0] - baseline.values[0];
    let is_known = !baseline.is_empty();
    let (zh, en) = match aspect {
        Aspect::Loudness if louder_db >= AUDIBLE_DB => (
            format!("音量比本人平时高{louder_db:.0}分贝"),
            format!("voice {louder_db:.0} dB above own baseline"),
        ),
        Aspect::PitchHeight if is_known && higher >= AUDIBLE_SEMITONES => (
            format!("音调比本人平时高{higher:.0}个半音"),
            format!("pitch {higher:.0} semitones above own baseline"),
        ),
        Aspect::Loudness => told("音量与本人平时不同", "loudness unlike own baseline"),
        Aspect::PitchHeight => told("音调高低异常", "pitch height"),
        Aspect::PitchMovement => told("语调起伏异常", "movement of the pitch"),
        Aspect::Hardness => told("嗓音更硬", "harder spectrum"),
        Aspect::Roughness => told("嗓音粗糙或紧绷", "rough or pressed voice"),
        Aspect::Mouth => told("咬字用力", "forceful articulation"),
        Aspect::Stress => told("重音更猛", "sharper stress"),
        Aspect::Pace => told("语速和停顿异常", "pace and pauses"),
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

fn told(zh: &str, en: &str) -> (String, String) {
    (zh.to_owned(), en.to_owned())
}
