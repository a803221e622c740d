//! How well a model does on recordings whose speakers it has never heard.

use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::dice::Dice;
use crate::metrics;
use crate::model::{Reading, SiteOffset, VoiceModel};
use crate::train::calls::{self, Caller, SimulatedCall};
use crate::train::set::{ClipInfo, Sample, Set, folds};
use crate::train::{TrainSettings, baselines, site_offsets, train};
use std::collections::BTreeMap;

/// Folds by speaker where a model must not judge the speakers it was trained on.
const FOLDS: usize = 6;

/// The models that judge: one that is at hand, and others for the speakers it was trained on.
#[derive(Clone, Debug)]
pub struct Panel {
    models: Vec<VoiceModel>,
    judge_of: BTreeMap<String, usize>,
}

impl Panel {
    /// A panel around `model`. Speakers that it was trained on are dealt into folds, each judged by
    /// a model that is trained on the set's other known speakers.
    ///
    /// # Errors
    /// [`VoiceModelError`] where the known speakers are too few to train on.
    pub fn around(
        model: &VoiceModel,
        set: &Set,
        settings: &TrainSettings,
    ) -> Result<Self, VoiceModelError> {
        let knows = |clip: &ClipInfo| model.card.speakers.contains(&clip.speaker);
        let known: Vec<ClipInfo> = set.clips.iter().filter(|c| knows(c)).cloned().collect();
        let mut models = vec![model.clone()];
        let mut judge_of = BTreeMap::new();
        if known.is_empty() {
            return Ok(Self { models, judge_of });
        }
        let dealt = folds(&known, FOLDS);
        for fold in 0..FOLDS {
            let is_in = |clip: &ClipInfo| {
                knows(clip) && dealt.get(&clip.speaker).is_some_and(|own| *own != fold)
            };
            models.push(train(set, &is_in, settings)?);
        }
        for (speaker, fold) in dealt {
            judge_of.insert(speaker, fold + 1);
        }
        Ok(Self { models, judge_of })
    }

    /// One model for everybody: for training on one collection and measuring on another.
    pub fn of(model: VoiceModel) -> Self {
        Self {
            models: vec![model],
            judge_of: BTreeMap::new(),
        }
    }

    /// The model that may judge a speaker.
    pub fn judge(&self, speaker: &str) -> &VoiceModel {
        &self.models[self.judge_of.get(speaker).copied().unwrap_or(0)]
    }
}

/// A judged stretch of speech.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The recording.
    pub clip: &'a ClipInfo,
    /// What was said of it.
    pub reading: Reading,
    /// Points on the operating scale, 0 to 100, as one utterance.
    pub points: f32,
    /// Speech in it.
    pub speech_s: f32,
}

/// Whether callers are judged beside their own baseline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BaselineUse {
    /// As callers of whom nothing is known.
    None,
    /// Beside one to six calm utterances of theirs.
    Calm,
}

/// Judges samples of one line.
pub fn judge<'a>(
    set: &'a Set,
    samples: &[Sample],
    panel: &Panel,
    baseline: BaselineUse,
    sites: &BTreeMap<String, SiteOffset>,
) -> Vec<Judged<'a>> {
    let own = match baseline {
        BaselineUse::None => vec![Baseline::new(); samples.len()],
        BaselineUse::Calm => baselines(set, samples, &mut Dice::new(11)),
    };
    let each = samples.iter().zip(&own).map(|(sample, baseline)| {
        let clip = &set.clips[sample.clip];
        let model = panel.judge(&clip.speaker);
        let site = sites.get(&clip.corpus).copied().unwrap_or_default();
        let reading = model.reading(&sample.features, baseline, &site);
        Judged {
            clip,
            reading,
            points: model.scale.points(reading.log_odds).clamp(0.0, 100.0),
            speech_s: sample.speech_s,
        }
    });
    each.collect()
}

/// The site offsets that unlabelled speech over one line teaches.
pub fn learn_sites(set: &Set, samples: &[Sample], panel: &Panel) -> BTreeMap<String, SiteOffset> {
    site_offsets(set, samples, &|clip| panel.judge(&clip.speaker), 5)
}

/// Figures over some judged samples.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Figures {
    /// Samples, and how many of them are angry.
    pub samples: usize,
    /// Angry ones.
    pub angry: usize,
    /// Area under the ROC curve of anger against the rest.
    pub auc: Option<f64>,
    /// Recall where 1 % of the rest pass.
    pub recall_at_1: f64,
    /// Recall where 5 % of the rest pass.
    pub recall_at_5: f64,
    /// Share of the angry above 80 points.
    pub angry_above_80: f64,
    /// Share of the rest above 80 points.
    pub rest_above_80: f64,
    /// Share above 80 points, an emotion.
    pub above_80: BTreeMap<String, f64>,
    /// Calibration error of the balanced probability.
    pub calibration_error: f64,
}

/// Log-odds of the angry and of the rest.
pub fn split(judged: &[&Judged<'_>]) -> (Vec<f32>, Vec<f32>) {
    let (angry, rest): (Vec<&Judged<'_>>, Vec<&Judged<'_>>) =
        judged.iter().partition(|j| j.clip.is_angry());
    let scores = |of: Vec<&Judged<'_>>| of.iter().map(|j| j.reading.log_odds).collect();
    (scores(angry), scores(rest))
}

/// Sums up some judged samples.
pub fn figures(judged: &[&Judged<'_>]) -> Figures {
    let (angry, rest) = split(judged);
    let mut emotions: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for one in judged {
        let (above, all) = emotions.entry(&one.clip.emotion).or_default();
        *all += 1.0;
        *above += f64::from(u8::from(one.points > 80.0));
    }
    let share_above_80 = |is_angry: bool| {
        let own = judged.iter().filter(|j| j.clip.is_angry() == is_angry);
        let above = own.clone().filter(|j| j.points > 80.0).count();
        above as f64 / own.count().max(1) as f64
    };
    Figures {
        angry_above_80: share_above_80(true),
        rest_above_80: share_above_80(false),
        samples: judged.len(),
        angry: angry.len(),
        auc: metrics::auc(&angry, &rest),
        recall_at_1: metrics::recall_at(&angry, &rest, 0.01),
        recall_at_5: metrics::recall_at(&angry, &rest, 0.05),
        above_80: emotions
            .into_iter()
            .map(|(emotion, (above, all))| (emotion.to_owned(), above / all))
            .collect(),
        calibration_error: metrics::calibration_error(&angry, &rest),
    }
}

/// Figures for each value of something that is told of a recording.
pub fn figures_by(
    judged: &[Judged<'_>],
    of: &dyn Fn(&ClipInfo) -> String,
) -> BTreeMap<String, Figures> {
    let mut groups: BTreeMap<String, Vec<&Judged<'_>>> = BTreeMap::new();
    for one in judged {
        groups.entry(of(one.clip)).or_default().push(one);
    }
    let each = groups.into_iter();
    each.map(|(name, of)| (name, figures(&of))).collect()
}

/// A caller is to be found within so many angry utterances.
pub const SOON: usize = 4;

/// What simulated calls showed in one collection.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct CallFigures {
    /// Calls that turn angry.
    pub angry_calls: usize,
    /// Share of calm calls that are transferred, at the shipped calibration.
    pub false_share: f64,
    /// Share of the angry calls that are transferred, at the shipped calibration.
    pub detected: f64,
    /// Angry utterances until then.
    pub delay: f64,
    /// Share of the angry calls that are transferred within [`SOON`] angry utterances.
    pub detected_soon: f64,
    /// Share of the calls of callers who turn merry that are transferred within as many merry ones.
    pub merry_soon: f64,
    /// Detected share and delay where the stated share of calm calls is transferred.
    pub at_budget: Vec<(f64, f64, f64)>,
    /// Of callers angry from the first word: share transferred beside their baseline, and without one.
    pub angry_from_start: (f64, f64),
}

/// Simulates so many calls of each kind a speaker and sums them up, a collection.
pub fn simulate_calls(
    set: &Set,
    samples: &[Sample],
    panel: &Panel,
    sites: &BTreeMap<String, SiteOffset>,
    each: usize,
) -> BTreeMap<String, CallFigures> {
    let site = |corpus: &str| sites.get(corpus).copied().unwrap_or_default();
    let judge = |speaker: &str| panel.judge(speaker);
    let all = calls::simulate(&set.clips, samples, each, &judge, &site, 77);
    let mut corpora: BTreeMap<String, Vec<SimulatedCall>> = BTreeMap::new();
    for call in all {
        corpora.entry(call.corpus.clone()).or_default().push(call);
    }
    let each = corpora.into_iter();
    each.map(|(corpus, calls)| (corpus, sum_up(&calls, panel)))
        .collect()
}

fn sum_up(calls: &[SimulatedCall], panel: &Panel) -> CallFigures {
    let (mut calm, mut false_alarms, mut angry, mut found, mut delay) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut soon = 0.0;
    let (mut merry, mut merry_soon) = (0.0, 0.0);
    let (mut from_start, mut from_start_plain, mut starters) = (0.0, 0.0, 0.0);
    for call in calls {
        let scale = panel.judge(&call.speaker).scale;
        let after = call.transferred_after(&scale);
        match call.caller {
            Caller::Calm => {
                calm += 1.0;
                false_alarms += f64::from(u8::from(after.is_some()));
            }
            Caller::Turning => {
                angry += 1.0;
                if let Some(took) = call.transferred_within(&scale) {
                    found += 1.0;
                    soon += f64::from(u8::from(took <= SOON));
                    delay += took as f64;
                }
            }
            Caller::Merry => {
                merry += 1.0;
                let is_soon = call
                    .transferred_within(&scale)
                    .is_some_and(|took| took <= SOON);
                merry_soon += f64::from(u8::from(is_soon));
            }
            Caller::Angry => {
                starters += 1.0;
                from_start += f64::from(u8::from(after.is_some()));
                let mut plain = call.clone();
                for turn in &mut plain.turns {
                    turn.reading.log_odds = turn.reading.population;
                }
                let after = plain.transferred_after(&scale);
                from_start_plain += f64::from(u8::from(after.is_some()));
            }
        }
    }
    let some = calls.first().map(|call| panel.judge(&call.speaker).scale);
    let at_budget = some.into_iter().flat_map(|scale| {
        [0.005, 0.01, 0.02, 0.05].map(|share| {
            let scale = calls::scale_for(calls, share, scale);
            let (detected, delay) = calls::detected(calls, &scale);
            (share, detected, delay)
        })
    });
    CallFigures {
        angry_calls: angry as usize,
        false_share: false_alarms / f64::max(calm, 1.0),
        detected: found / f64::max(angry, 1.0),
        detected_soon: soon / f64::max(angry, 1.0),
        merry_soon: merry_soon / f64::max(merry, 1.0),
        delay: delay / f64::max(found, 1.0),
        at_budget: at_budget.collect(),
        angry_from_start: (
            from_start / f64::max(starters, 1.0),
            from_start_plain / f64::max(starters, 1.0),
        ),
    }
}
