//! From what regressions say to log-odds and the operating scale, by models that have not heard the speakers.

use super::set::{ClipInfo, Sample, Set};
use super::{TrainSettings, balance, baselines, calls, logistic, target};
use crate::baseline::Baseline;
use crate::dice::Dice;
use crate::metrics::quantile;
use crate::model::{Platt, SiteOffset, VoiceModel};
use crate::site::LEVEL_SHARE;
use calls::{Caller, SimulatedCall};
use std::collections::BTreeMap;

/// Calls of each kind a speaker that the scale is fixed by.
const CALLS: usize = 100;

/// What is learnt from: a plain line's samples, and a baseline for each.
struct Heard<'a> {
    set: &'a Set,
    samples: &'a [Sample],
    own: Vec<Baseline>,
}

/// What a model says of each sample: of the voice as it is, beside its baseline, of arousal.
type Outputs = Vec<[f32; 3]>;

/// Calibrates `model` and the `inner` models, each of which has heard all but its fold of the speakers.
///
/// A regression says more of speakers it was trained on than of others, so slopes and even odds are learnt from
/// what inner models say of their own folds. But where a model's zero lies is its own, and is read off
/// what it says of all its speakers, by as much lower as the inner models were for theirs.
pub(super) fn calibrate(
    model: &mut VoiceModel,
    inner: &mut [VoiceModel],
    fold_of: &dyn Fn(&ClipInfo) -> usize,
    set: &Set,
    plain: &[Sample],
    settings: &TrainSettings,
) {
    let heard = Heard {
        set,
        samples: plain,
        own: baselines(set, plain, &mut Dice::new(settings.seed ^ 0xca11)),
    };
    let levels: Vec<[f32; 3]> = (inner.iter().enumerate())
        .map(|(fold, model)| heard.levels(&heard.outputs(model), &|clip| fold_of(clip) != fold))
        .collect();
    let each = plain.iter().zip(&heard.own);
    let unheard: Outputs = each
        .map(|(sample, baseline)| {
            let fold = fold_of(&set.clips[sample.clip]);
            let output = output(&inner[fold], sample, baseline);
            std::array::from_fn(|which| output[which] - levels[fold][which])
        })
        .collect();
    let lines: [Platt; 3] = std::array::from_fn(|which| heard.line(&unheard, which));
    let above = heard.levels(&unheard, &|_| true);
    let place = |model: &mut VoiceModel, levels: &[f32; 3]| {
        let before = [model.population, model.relative, model.arousal];
        [model.population, model.relative, model.arousal] = std::array::from_fn(|which| {
            let zero = levels[which] + above[which] - before[which].intercept;
            Platt {
                slope: lines[which].slope,
                intercept: lines[which].log_odds(-zero),
            }
        });
        model.site = SiteOffset {
            population: lines[0].intercept,
            relative: lines[1].intercept,
        };
    };
    let level = heard.levels(&heard.outputs(model), &|_| true);
    place(model, &level);
    for (model, levels) in inner.iter_mut().zip(&levels) {
        place(model, levels);
    }
    let calls = heard.calls(inner, fold_of, settings.seed);
    model.traffic = traffic(&calls);
    let share = f64::from(settings.budget_per_mille) / 1_000.0;
    model.scale = calls::scale_for(&calls, share, model.scale);
}

impl Heard<'_> {
    /// What a model says before it is calibrated.
    fn outputs(&self, model: &VoiceModel) -> Outputs {
        let each = self.samples.iter().zip(&self.own);
        each.map(|(sample, baseline)| output(model, sample, baseline))
            .collect()
    }

    /// The level of all collections, each weighing as it has speakers among those that count.
    fn levels(&self, outputs: &Outputs, counts: &dyn Fn(&ClipInfo) -> bool) -> [f32; 3] {
        let mut speakers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut of: BTreeMap<&str, Outputs> = BTreeMap::new();
        for (sample, output) in self.samples.iter().zip(outputs) {
            let clip = &self.set.clips[sample.clip];
            if counts(clip) {
                of.entry(&clip.corpus).or_default().push(*output);
                let speakers = speakers.entry(&clip.corpus).or_default();
                if !speakers.contains(&clip.speaker.as_str()) {
                    speakers.push(&clip.speaker);
                }
            }
        }
        let all: usize = speakers.values().map(Vec::len).sum();
        std::array::from_fn(|which| {
            let weighed = of.iter().map(|(corpus, outputs)| {
                speakers[corpus].len() as f32 * level(outputs.iter().map(|output| output[which]))
            });
            weighed.sum::<f32>() / all.max(1) as f32
        })
    }

    /// The line from outputs, each collection's own level taken off, to balanced log-odds.
    fn line(&self, outputs: &Outputs, which: usize) -> Platt {
        let corpus = |sample: &Sample| self.set.clips[sample.clip].corpus.as_str();
        let mut of: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
        for (sample, output) in self.samples.iter().zip(outputs) {
            of.entry(corpus(sample)).or_default().push(output[which]);
        }
        let levels: BTreeMap<&str, f32> = (of
            .into_iter()
            .map(|(corpus, of)| (corpus, level(of.into_iter()))))
        .collect();
        let is_aroused = which == 2;
        let (mut scores, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let each = self.samples.iter().zip(outputs);
        for ((sample, output), weight) in each.zip(balance(self.set, self.samples, is_aroused)) {
            if let Some(target) = target(&self.set.clips[sample.clip], is_aroused) {
                scores.push(output[which] - levels[corpus(sample)]);
                targets.push(target);
                weights.push(weight);
            }
        }
        logistic::platt(&scores, &targets, &weights)
    }

    /// Calls of everybody, each judged by the inner model that has not heard them.
    fn calls(
        &self,
        inner: &[VoiceModel],
        fold_of: &dyn Fn(&ClipInfo) -> usize,
        seed: u64,
    ) -> Vec<SimulatedCall> {
        let (set, plain) = (self.set, self.samples);
        let sites = site_offsets(set, plain, &|clip| &inner[fold_of(clip)], seed);
        let of_speaker: BTreeMap<&str, usize> = (set.clips.iter())
            .map(|clip| (clip.speaker.as_str(), fold_of(clip)))
            .collect();
        calls::simulate(
            &set.clips,
            plain,
            CALLS,
            &|speaker| &inner[of_speaker.get(speaker).copied().unwrap_or(0)],
            &|corpus| sites.get(corpus).copied().unwrap_or_default(),
            seed,
        )
    }
}

fn output(model: &VoiceModel, sample: &Sample, baseline: &Baseline) -> [f32; 3] {
    let reading = model.reading(&sample.features, baseline, &SiteOffset::default());
    [reading.population, reading.relative, reading.arousal]
}

fn level(values: impl Iterator<Item = f32>) -> f32 {
    quantile(&values.collect::<Vec<_>>(), LEVEL_SHARE)
}

/// The level of what is said in calm calls, and of that which is said after the first utterance.
fn traffic(calls: &[SimulatedCall]) -> SiteOffset {
    let calm = calls.iter().filter(|call| call.caller == Caller::Calm);
    let turns = |from: usize| {
        calm.clone()
            .flat_map(move |call| call.turns.iter().skip(from))
    };
    SiteOffset {
        population: level(turns(0).map(|turn| turn.reading.population)),
        relative: level(turns(1).map(|turn| turn.reading.relative)),
    }
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
                population: level(population.into_iter()),
                relative: level(relative.into_iter()),
            };
            (corpus.to_owned(), level)
        });
    levels.collect()
}
