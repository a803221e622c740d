//! Calls of fourteen utterances, put together from a speaker's recordings.

use super::set::{ClipInfo, Sample};
use crate::baseline::Baseline;
use crate::dice::Dice;
use crate::model::{Reading, Scale, SiteOffset, VoiceModel};
use std::collections::BTreeMap;

/// Utterances of a call.
pub const TURNS: usize = 14;
/// Utterances that are pooled, and the speech that must be behind them, as the engine's policy has it.
const POOLED: usize = 3;
const SPEECH_LEAST_S: f32 = 4.0;
/// The score above which a caller is transferred.
const TRANSFER_POINTS: f32 = 80.0;

/// What a caller is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Caller {
    /// Never angry; other moods among the neutral.
    Calm,
    /// Calm, then angry from a random utterance on.
    Turning,
    /// Angry from the first word.
    Angry,
    /// Calm, then laughing from a random utterance on.
    Merry,
}

/// One utterance of a simulated call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Turn {
    /// What the model said.
    pub reading: Reading,
    /// Speech in it.
    pub speech_s: f32,
    /// Whether the caller had turned angry, or merry, by then.
    pub has_turned: bool,
}

/// A simulated call.
#[derive(Clone, PartialEq, Debug)]
pub struct SimulatedCall {
    /// The speaker's collection.
    pub corpus: String,
    /// Who called.
    pub speaker: String,
    /// How.
    pub caller: Caller,
    /// The utterances.
    pub turns: Vec<Turn>,
}

impl SimulatedCall {
    /// The pooled points after each utterance; nothing while too little speech is behind them.
    pub fn pooled(&self, scale: &Scale) -> Vec<Option<f32>> {
        let points = |turn: &Turn| scale.points(turn.reading.log_odds).clamp(0.0, 100.0);
        (1..=self.turns.len())
            .map(|end| {
                let last = &self.turns[end.saturating_sub(POOLED)..end];
                let speech: f32 = last.iter().map(|turn| turn.speech_s).sum();
                let sum: f32 = last.iter().map(|turn| points(turn) * turn.speech_s).sum();
                (speech >= SPEECH_LEAST_S).then_some(sum / speech)
            })
            .collect()
    }

    /// The utterance after which the caller is transferred, counted from 0.
    pub fn transferred_after(&self, scale: &Scale) -> Option<usize> {
        let pooled = self.pooled(scale);
        pooled
            .iter()
            .position(|points| points.is_some_and(|points| points > TRANSFER_POINTS))
    }

    /// The first angry utterance, or merry one, counted from 0.
    pub fn turned_at(&self) -> Option<usize> {
        self.turns.iter().position(|turn| turn.has_turned)
    }

    /// The utterances from the turn on until the transfer, where the caller was transferred then and not before.
    pub fn transferred_within(&self, scale: &Scale) -> Option<usize> {
        let after = self.transferred_after(scale)?;
        let turned = self.turned_at()?;
        (after >= turned).then(|| after - turned + 1)
    }
}

/// One speaker's recordings by what they are good for.
#[derive(Default)]
struct Voices<'a> {
    neutral: Vec<&'a Sample>,
    moods: Vec<&'a Sample>,
    merry: Vec<&'a Sample>,
    angry: Vec<&'a Sample>,
}

/// So many calls of each kind by every speaker who can be both calm and angry. `model` tells
/// by which model a speaker may be judged, `site` what is known of a collection's site.
pub fn simulate<'a>(
    clips: &[ClipInfo],
    samples: &[Sample],
    each: usize,
    model: &dyn Fn(&str) -> &'a VoiceModel,
    site: &dyn Fn(&str) -> SiteOffset,
    seed: u64,
) -> Vec<SimulatedCall> {
    let mut speakers: BTreeMap<&str, Voices<'_>> = BTreeMap::new();
    for sample in samples {
        let clip = &clips[sample.clip];
        let voices = speakers.entry(&clip.speaker).or_default();
        if clip.is_merry() {
            voices.merry.push(sample);
        }
        match clip.emotion.as_str() {
            _ if clip.is_angry() => voices.angry.push(sample),
            _ if clip.is_calm() => voices.neutral.push(sample),
            "happy" | "sad" | "surprise" | "fear" => voices.moods.push(sample),
            _ => {}
        }
    }
    let (mut dice, mut merry_dice) = (Dice::new(seed), Dice::new(seed ^ 0x0a2e));
    let mut calls = Vec::new();
    for (speaker, voices) in &speakers {
        if voices.neutral.len() < 2 || voices.angry.len() < 2 {
            continue;
        }
        let corpus = &clips[voices.neutral[0].clip].corpus;
        let (model, site) = (model(speaker), site(corpus));
        for caller in [Caller::Calm, Caller::Turning, Caller::Angry, Caller::Merry] {
            let dice = match caller {
                Caller::Merry if voices.merry.len() < 2 => continue,
                Caller::Merry => &mut merry_dice,
                Caller::Calm | Caller::Turning | Caller::Angry => &mut dice,
            };
            for _ in 0..each {
                calls.push(SimulatedCall {
                    corpus: corpus.clone(),
                    speaker: (*speaker).to_owned(),
                    caller,
                    turns: call(voices, caller, model, &site, dice),
                });
            }
        }
    }
    calls
}

fn call(
    voices: &Voices<'_>,
    caller: Caller,
    model: &VoiceModel,
    site: &SiteOffset,
    dice: &mut Dice,
) -> Vec<Turn> {
    let turns_at = match caller {
        Caller::Calm => TURNS,
        Caller::Turning | Caller::Merry => 3 + dice.below(TURNS - 7),
        Caller::Angry => 0,
    };
    let mut baseline = Baseline::new();
    let mut turns = Vec::with_capacity(TURNS);
    for turn in 0..TURNS {
        let has_turned = turn >= turns_at;
        let pool = if has_turned {
            match caller {
                Caller::Merry => &voices.merry,
                Caller::Calm | Caller::Turning | Caller::Angry => &voices.angry,
            }
        } else if dice.share() < 0.35 && !voices.moods.is_empty() {
            &voices.moods
        } else {
            &voices.neutral
        };
        let Some(sample) = dice.pick(pool) else {
            continue;
        };
        let reading = model.reading(&sample.features, &baseline, site);
        if reading.log_odds < 0.0 {
            baseline.learn(&sample.features);
        }
        turns.push(Turn {
            reading,
            speech_s: sample.speech_s,
            has_turned,
        });
    }
    turns
}

/// The scale on which this share of the calm calls passes 80.
pub fn scale_for(calls: &[SimulatedCall], share: f64, scale: Scale) -> Scale {
    let at = |log_odds_at_80: f32| Scale {
        log_odds_at_80,
        ..scale
    };
    let (mut low, mut high) = (0.1, 20.0);
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        if falsely_transferred(calls, &at(middle)) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(high)
}

/// The share of calm calls that are transferred, in the mean of the collections: a site may be like any of them.
pub fn falsely_transferred(calls: &[SimulatedCall], scale: &Scale) -> f64 {
    let mut of: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.caller == Caller::Calm) {
        let (transferred, all) = of.entry(&call.corpus).or_default();
        *all += 1.0;
        *transferred += f64::from(u8::from(call.transferred_after(scale).is_some()));
    }
    let shares = of.values().map(|(transferred, all)| transferred / all);
    shares.sum::<f64>() / of.len().max(1) as f64
}

/// Of the calls that turn angry: the share that is transferred after it did and not before, and the
/// mean count of angry utterances that took.
pub fn detected(calls: &[SimulatedCall], scale: &Scale) -> (f64, f64) {
    let (mut all, mut found, mut delay) = (0.0, 0.0, 0.0);
    for call in calls.iter().filter(|call| call.caller == Caller::Turning) {
        all += 1.0;
        if let Some(took) = call.transferred_within(scale) {
            found += 1.0;
            delay += took as f64;
        }
    }
    (found / f64::max(all, 1.0), delay / f64::max(found, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{FEATURES, Features};

    fn calm_call(log_odds: f32) -> SimulatedCall {
        calm("some", log_odds)
    }

    fn calm(corpus: &str, log_odds: f32) -> SimulatedCall {
        let reading = Reading {
            population: log_odds,
            relative: log_odds,
            log_odds,
            arousal: 0.0,
        };
        let turn = Turn {
            reading,
            speech_s: 2.0,
            has_turned: false,
        };
        SimulatedCall {
            corpus: corpus.to_owned(),
            speaker: format!("of {corpus}"),
            caller: Caller::Calm,
            turns: vec![turn; TURNS],
        }
    }

    #[test]
    fn a_transfer_counts_from_the_turn_on_and_not_before_it() {
        let scale = Scale {
            log_odds_at_80: 2.0,
            budget_per_mille: 10,
            prior: 0.05,
        };
        let turning = |calm: f32, turned: f32| {
            let mut call = calm_call(calm);
            for turn in &mut call.turns[5..] {
                turn.reading.log_odds = turned;
                turn.has_turned = true;
            }
            call.transferred_within(&scale)
        };
        assert_eq!(turning(-1.0, 3.0), Some(3));
        assert_eq!(turning(-1.0, 1.0), None);
        assert_eq!(turning(3.0, 3.0), None);
    }

    #[test]
    fn merry_callers_are_calm_and_then_laugh() {
        let clip = |speaker: &str, emotion: &str| ClipInfo {
            corpus: "one".to_owned(),
            speaker: speaker.to_owned(),
            emotion: emotion.to_owned(),
            ..ClipInfo::default()
        };
        let mut clips = Vec::new();
        for speaker in ["laughs", "never laughs"] {
            clips.extend(["neutral", "neutral", "anger", "anger"].map(|it| clip(speaker, it)));
        }
        clips.extend(["happy", "playfulness"].map(|it| clip("laughs", it)));
        let samples: Vec<Sample> = (0..clips.len())
            .map(|clip| Sample {
                clip,
                line: 0,
                features: Features {
                    values: [0.0; FEATURES],
                    level_db: -30.0,
                },
                speech_s: 1.0 + clip as f32,
            })
            .collect();
        let model = VoiceModel::read(include_str!("../../models/anger-acted.json"));
        let model = model.expect("a model");
        let calls = simulate(
            &clips,
            &samples,
            20,
            &|_| &model,
            &|_| SiteOffset::default(),
            1,
        );
        let merry: Vec<&SimulatedCall> = calls
            .iter()
            .filter(|it| it.caller == Caller::Merry)
            .collect();
        assert_eq!(merry.len(), 20);
        let laughter = [samples[8].speech_s, samples[9].speech_s];
        for call in merry {
            assert_eq!(call.speaker, "laughs");
            assert!(
                call.turned_at()
                    .is_some_and(|at| (3..TURNS - 4).contains(&at))
            );
            for turn in &call.turns {
                assert!(!turn.has_turned || laughter.contains(&turn.speech_s));
            }
        }
    }

    #[test]
    fn collections_weigh_alike_however_many_calls_they_have() {
        let mut calls = vec![calm("small", 3.0)];
        calls.extend((0..9).map(|_| calm("large", 1.0)));
        let scale = Scale {
            log_odds_at_80: 2.0,
            budget_per_mille: 10,
            prior: 0.05,
        };
        assert_eq!(falsely_transferred(&calls, &scale), 0.5);
        let found = scale_for(&calls, 0.4, scale).log_odds_at_80;
        assert!((found - 3.0).abs() < 0.01, "{found}");
    }
}
