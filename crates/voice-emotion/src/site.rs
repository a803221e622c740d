//! What a site's unlabelled speech teaches: how far its lines and callers stand off the training set's.

use crate::model::{Reading, SiteOffset, VoiceModel};
use serde::{Deserialize, Serialize};

/// A site's level is the log-odds that this share of its utterances stays below. Where anger begins moves with
/// the upper part of what a site says: over three acted collections the boundary's distance from the median
/// differs by 1.4, from this by .6 (`RESULTS.md`), and of what lies above it not all is angry.
pub const LEVEL_SHARE: f32 = 0.7;
/// An offset of `n` utterances is trusted by n / (n + 50).
const SHRINKING: f32 = 50.0;
/// A site is called calibrated from so many utterances on.
const UTTERANCES_LEAST: u32 = 200;
/// How far a level moves at most and at least for one utterance, in log-odds.
const STEP_MOST: f32 = 0.5;
const STEP_LEAST: f32 = 0.005;

/// Running levels of the log-odds over a site's utterances, whoever spoke them and however they
/// felt; nothing of a single caller is in them.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct SiteStatistics {
    utterances: u32,
    population: f32,
    relative: f32,
    /// Utterances that were read beside a baseline.
    beside_baseline: u32,
}

impl SiteStatistics {
    /// Takes in the reading of a finished utterance, made with `offset`. `has_baseline` says whether
    /// the caller's baseline had anything in it.
    pub fn learn(&mut self, reading: &Reading, offset: &SiteOffset, has_baseline: bool) {
        self.utterances = self.utterances.saturating_add(1);
        let raw = reading.population + offset.population;
        self.population = moved(self.population, raw, self.utterances);
        if has_baseline {
            self.beside_baseline = self.beside_baseline.saturating_add(1);
            let raw = reading.relative + offset.relative;
            self.relative = moved(self.relative, raw, self.beside_baseline);
        }
    }

    /// The offset that is to be taken off at this site.
    pub fn offset(&self, model: &VoiceModel) -> SiteOffset {
        let trust = |count: u32| count as f32 / (count as f32 + SHRINKING);
        SiteOffset {
            population: trust(self.utterances) * (self.population - model.traffic.population),
            relative: trust(self.beside_baseline) * (self.relative - model.traffic.relative),
        }
    }

    /// Whether enough was heard; until then scores are to be called uncalibrated.
    pub const fn is_calibrated(&self) -> bool {
        self.utterances >= UTTERANCES_LEAST
    }
}

/// A running quantile steps towards every value, further to the rarer side, less and less far
/// (Robbins and Monro 1951).
fn moved(level: f32, value: f32, count: u32) -> f32 {
    if count == 1 {
        return value;
    }
    let step = (4.0 / count as f32).clamp(STEP_LEAST, STEP_MOST);
    if value > level {
        level + step * 2.0 * LEVEL_SHARE
    } else {
        level - step * 2.0 * (1.0 - LEVEL_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_running_level_has_its_share_of_utterances_below_it_whatever_the_extremes() {
        let mut dice = Dice::new(9);
        let mut site = SiteStatistics::default();
        for n in 0..2_000 {
            // One in twenty is furious; the level hardly minds.
            let value = if n % 20 == 0 { 9.0 } else { dice.share() - 2.5 };
            let reading = Reading {
                population: value,
                relative: value,
                log_odds: value,
                arousal: 0.0,
            };
            site.learn(&reading, &SiteOffset::default(), true);
        }
        let expected = -2.5 + LEVEL_SHARE / 0.95;
        assert!((site.population - expected).abs() < 0.1, "{site:?}");
        assert!(site.is_calibrated());
    }
}
