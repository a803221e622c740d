//! What is known of one site: what its speech taught as it came, and the point that reviewed calls fixed.

use crate::model::{Scale, SiteOffset, VoiceModel};
use crate::site::SiteStatistics;
use serde::{Deserialize, Serialize};

/// A model's point counts as the same within this.
const SAME_POINT: f32 = 1e-4;

/// All that is kept of a site between starts. A file with nothing but the statistics reads, too.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct VoiceSite {
    /// What unlabelled speech taught.
    #[serde(flatten)]
    pub statistics: SiteStatistics,
    /// What reviewed calls fixed; none: the model's own scale holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<SiteCalibration>,
}

/// Where 80 lies at a site, from its own calls.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SiteCalibration {
    /// The name of the model that scored the calls.
    pub model: String,
    /// That model's own point, which tells it from others of its name.
    pub model_log_odds_at_80: f32,
    /// The point of this site, in its place.
    pub log_odds_at_80: f32,
    /// So many calm calls in a thousand may pass it.
    pub budget_per_mille: u16,
    /// Calm calls that it was fixed by.
    pub calm_calls: u32,
    /// Angry calls that were looked at beside them.
    pub angry_calls: u32,
}

impl SiteCalibration {
    fn is_of(&self, model: &VoiceModel) -> bool {
        let distance = (self.model_log_odds_at_80 - model.scale.log_odds_at_80).abs();
        self.model == model.name && distance < SAME_POINT
    }
}

impl VoiceSite {
    /// The calibration, where it was made with this model.
    pub fn calibration_of(&self, model: &VoiceModel) -> Option<&SiteCalibration> {
        self.calibration.as_ref().filter(|own| own.is_of(model))
    }

    /// Whether there is a calibration that another model made, which is not used.
    pub fn has_foreign_calibration(&self, model: &VoiceModel) -> bool {
        self.calibration
            .as_ref()
            .is_some_and(|own| !own.is_of(model))
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
        self.statistics.offset(model)
    }

    /// Whether scores may be called calibrated: reviewed calls fixed the scale, or enough speech was heard.
    pub fn is_calibrated(&self, model: &VoiceModel) -> bool {
        self.calibration_of(model).is_some() || self.statistics.is_calibrated()
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
            statistics: SiteStatistics::default(),
            calibration: Some(SiteCalibration {
                model: model.name.clone(),
                model_log_odds_at_80: model.scale.log_odds_at_80,
                log_odds_at_80: 2.5,
                budget_per_mille: 20,
                calm_calls: 60,
                angry_calls: 5,
            }),
        }
    }

    #[test]
    fn a_file_of_statistics_alone_reads_and_keeps_the_models_scale() {
        let json = r#"{"utterances":300,"population":0.4,"relative":0.1,"beside_baseline":200}"#;
        let site: VoiceSite = serde_json::from_str(json).expect("an old file");
        let model = model();
        assert_eq!(site.scale(&model), model.scale);
        assert!(site.is_calibrated(&model));
        assert_ne!(site.offset(&model), SiteOffset::default());
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
