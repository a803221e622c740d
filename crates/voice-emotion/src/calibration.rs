//! What is known of one site: what its speech taught as it came, and the point that reviewed calls fixed.

use crate::model::{Scale, SiteOffset, VoiceModel};
use crate::site::SiteStatistics;
use serde::{Deserialize, Serialize};

/// A model's point counts as the same within this.
const SAME_POINT: f32 = 1e-4;

/// All that is kept of a site between starts. Log-odds of one model say nothing of another's, so each part
/// names the model that it was learnt with, and holds for no other.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct VoiceSite {
    /// What unlabelled speech taught.
    #[serde(flatten)]
    statistics: SiteStatistics,
    /// The model that the speech was scored with; none: nobody knows which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    learnt_with: Option<ModelMark>,
    /// What reviewed calls fixed; none: the model's own scale holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<SiteCalibration>,
}

/// What tells a model from others.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ModelMark {
    /// Its name.
    #[serde(rename = "model")]
    pub name: String,
    /// Its own point, which tells it from others of its name.
    #[serde(rename = "model_log_odds_at_80")]
    pub log_odds_at_80: f32,
}

impl ModelMark {
    /// A model's mark.
    pub fn of(model: &VoiceModel) -> Self {
        Self {
            name: model.name.clone(),
            log_odds_at_80: model.scale.log_odds_at_80,
        }
    }

    fn is_of(&self, model: &VoiceModel) -> bool {
        let distance = (self.log_odds_at_80 - model.scale.log_odds_at_80).abs();
        self.name == model.name && distance < SAME_POINT
    }
}

/// Where 80 lies at a site, from its own calls.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SiteCalibration {
    /// The model that scored the calls.
    #[serde(flatten)]
    pub model: ModelMark,
    /// The point of this site, in its place.
    pub log_odds_at_80: f32,
    /// So many calm calls in a thousand may pass it.
    pub budget_per_mille: u16,
    /// Calm calls that it was fixed by.
    pub calm_calls: u32,
    /// Angry calls that were looked at beside them.
    pub angry_calls: u32,
}

impl VoiceSite {
    /// The calibration, where it was made with this model.
    pub fn calibration_of(&self, model: &VoiceModel) -> Option<&SiteCalibration> {
        let own = self.calibration.as_ref();
        own.filter(|own| own.model.is_of(model))
    }

    /// Whether there is a calibration that another model made, which is not used.
    pub fn has_foreign_calibration(&self, model: &VoiceModel) -> bool {
        let own = self.calibration.as_ref();
        own.is_some_and(|own| !own.model.is_of(model))
    }

    /// The statistics, where they were learnt with this model.
    pub fn statistics_of(&self, model: &VoiceModel) -> Option<&SiteStatistics> {
        let mark = self.learnt_with.as_ref();
        mark.filter(|mark| mark.is_of(model))
            .map(|_| &self.statistics)
    }

    /// Whether there are statistics that another model taught, or nobody knows which; they are not used.
    pub fn has_foreign_statistics(&self, model: &VoiceModel) -> bool {
        self.statistics_of(model).is_none() && self.statistics != SiteStatistics::default()
    }

    /// The statistics to learn into with this model: they begin from nothing where another taught them.
    pub fn statistics_to_teach(&mut self, model: &VoiceModel) -> &mut SiteStatistics {
        if self.statistics_of(model).is_none() {
            self.statistics = SiteStatistics::default();
            self.learnt_with = Some(ModelMark::of(model));
        }
        &mut self.statistics
    }

    /// The scale that holds at this site.
    pub fn scale(&self, model: &VoiceModel) -> Scale {
        match self.calibration_of(model) {
            Some(own) => Scale {
                log_odds_at_80: own.log_odds_at_80,
                budget_per_mille: own.budget_per_mille,
                ..model.scale
            },
            None => model.scale,
        }
    }

    /// The offset that is to be taken off at this site.
    pub fn offset(&self, model: &VoiceModel) -> SiteOffset {
        self.statistics_of(model)
            .map_or_else(SiteOffset::default, |own| own.offset(model))
    }

    /// Whether scores may be called calibrated: reviewed calls fixed the scale, or enough speech was heard.
    pub fn is_calibrated(&self, model: &VoiceModel) -> bool {
        let is_heard = self.statistics_of(model);
        self.calibration_of(model).is_some() || is_heard.is_some_and(SiteStatistics::is_calibrated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> VoiceModel {
        let text = include_str!("../models/anger-acted.json");
        VoiceModel::read(text).expect("the model that is shipped")
    }

    fn calibrated(model: &VoiceModel) -> VoiceSite {
        VoiceSite {
            calibration: Some(SiteCalibration {
                model: ModelMark::of(model),
                log_odds_at_80: 2.5,
                budget_per_mille: 20,
                calm_calls: 60,
                angry_calls: 5,
            }),
            ..VoiceSite::default()
        }
    }

    /// A site that was heard often enough, by the mark that its file has.
    fn heard(mark: &str) -> VoiceSite {
        let json = format!(
            r#"{{"utterances":300,"population":0.4,"relative":0.1,"beside_baseline":200{mark}}}"#
        );
        serde_json::from_str(&json).expect("a site")
    }

    #[test]
    fn what_speech_taught_holds_for_the_model_that_heard_it_and_keeps_its_scale() {
        let model = model();
        let mark = serde_json::to_string(&ModelMark::of(&model)).expect("json");
        let site = heard(&format!(r#","learnt_with":{mark}"#));
        assert_eq!(site.scale(&model), model.scale);
        assert!(site.is_calibrated(&model) && !site.has_foreign_statistics(&model));
        assert_ne!(site.offset(&model), SiteOffset::default());
    }

    #[test]
    fn what_speech_taught_another_model_is_not_used_and_learnt_anew() {
        let model = model();
        let mut other = model.clone();
        other.scale.log_odds_at_80 += 0.3;
        let mark = serde_json::to_string(&ModelMark::of(&other)).expect("json");
        for mark in [format!(r#","learnt_with":{mark}"#), String::new()] {
            let mut site = heard(&mark);
            assert!(site.has_foreign_statistics(&model), "{mark}");
            assert_eq!(site.offset(&model), SiteOffset::default(), "{mark}");
            assert!(!site.is_calibrated(&model), "{mark}");
            assert_eq!(site.statistics_to_teach(&model), &SiteStatistics::default());
            assert!(!site.has_foreign_statistics(&model), "{mark}");
        }
        assert!(!VoiceSite::default().has_foreign_statistics(&model));
    }

    #[test]
    fn a_calibrated_site_has_its_own_point_and_reads_back() {
        let model = model();
        let site = calibrated(&model);
        let json = serde_json::to_string(&site).expect("json");
        let site: VoiceSite = serde_json::from_str(&json).expect("a site");
        assert_eq!(site, calibrated(&model));
        let scale = site.scale(&model);
        assert!((scale.points(2.5) - 80.0).abs() < 1e-3, "{scale:?}");
        assert_eq!(
            (scale.budget_per_mille, scale.prior),
            (20, model.scale.prior)
        );
        assert!(site.is_calibrated(&model) && !VoiceSite::default().is_calibrated(&model));
    }

    #[test]
    fn a_point_of_another_model_is_not_taken() {
        let mut other = model();
        let site = calibrated(&other);
        other.scale.log_odds_at_80 += 0.3;
        assert_eq!(site.scale(&other), other.scale);
        assert!(site.has_foreign_calibration(&other) && !site.is_calibrated(&other));
    }
}
