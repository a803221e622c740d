//! Figures of merit over scores of which it is known what they should be.

/// Area under the ROC curve: the chance that a positive stands above a negative, ties counting half.
/// Nothing where either is missing.
pub fn auc(positives: &[f32], negatives: &[f32]) -> Option<f64> {
    if positives.is_empty() || negatives.is_empty() {
        return None;
    }
    let mut all: Vec<(f32, bool)> = positives.iter().map(|s| (*s, true)).collect();
    all.extend(negatives.iter().map(|s| (*s, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut at) = (0.0, 0.0, 0);
    while at < all.len() {
        let end = at + all[at..].iter().take_while(|s| s.0 == all[at].0).count();
        let up = all[at..end].iter().filter(|s| s.1).count() as f64;
        let down = (end - at) as f64 - up;
        wins += up * (below + down / 2.0);
        below += down;
        at = end;
    }
    Some(wins / (positives.len() as f64 * negatives.len() as f64))
}

/// The threshold that at most this share of the scores passes.
pub fn threshold(scores: &[f32], share: f64) -> f32 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let allowed = (share * sorted.len() as f64).floor() as usize;
    sorted.get(allowed).copied().unwrap_or(f32::MIN)
}

/// The share of the scores above a threshold; 0 of none.
pub fn share_above(scores: &[f32], threshold: f32) -> f64 {
    let above = scores.iter().filter(|s| **s > threshold).count();
    above as f64 / scores.len().max(1) as f64
}

/// The share of positives above the threshold that this share of negatives passes.
pub fn recall_at(positives: &[f32], negatives: &[f32], false_share: f64) -> f64 {
    share_above(positives, threshold(negatives, false_share))
}

/// One bin of a reliability diagram: mean probability, share of positives, weight.
pub type ReliabilityBin = (f64, f64, f64);

/// Ten bins of probabilities from balanced log-odds, either class weighing as much as the other.
pub fn reliability(positives: &[f32], negatives: &[f32]) -> Vec<ReliabilityBin> {
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for (scores, is_positive) in [(positives, 1.0), (negatives, 0.0)] {
        let weight = 0.5 / scores.len().max(1) as f64;
        for score in scores {
            let probability = 1.0 / (1.0 + f64::from(-*score).exp());
            let bin = &mut bins[((probability * 10.0) as usize).min(9)];
            bin.0 += weight * probability;
            bin.1 += weight * is_positive;
            bin.2 += weight;
        }
    }
    let filled = bins.into_iter().filter(|bin| bin.2 > 0.0);
    filled.map(|(p, share, w)| (p / w, share / w, w)).collect()
}

/// Expected calibration error over those bins.
pub fn calibration_error(positives: &[f32], negatives: &[f32]) -> f64 {
    let bins = reliability(positives, negatives);
    let errors = bins.iter().map(|(p, share, w)| w * (p - share).abs());
    errors.sum()
}

/// The value that this share of the scores lies below; 0 of none.
pub fn quantile(scores: &[f32], share: f32) -> f32 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = (share * sorted.len() as f32) as usize;
    let place = place.min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_counting_pairs() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), Some(1.0));
        assert_eq!(auc(&[1.0, 0.0], &[1.0, 0.0]), Some(0.5));
        assert_eq!(auc(&[0.5, 2.0], &[1.0, 1.0]), Some(0.5));
        assert_eq!(auc(&[], &[1.0]), None);
    }

    #[test]
    fn a_threshold_lets_the_stated_share_pass() {
        let scores: Vec<f32> = (0..100).map(|n| n as f32).collect();
        let at = threshold(&scores, 0.05);
        assert_eq!(share_above(&scores, at), 0.05);
        assert_eq!(recall_at(&[94.0, 94.5, 200.0], &scores, 0.05), 2.0 / 3.0);
    }

    #[test]
    fn a_quantile_has_the_stated_share_below_it() {
        let scores: Vec<f32> = (0..100).rev().map(|n| n as f32).collect();
        assert_eq!(quantile(&scores, 0.7), 70.0);
        assert_eq!((quantile(&scores, 1.0), quantile(&[], 0.5)), (99.0, 0.0));
    }

    #[test]
    fn honest_odds_have_no_error_and_boasts_have() {
        let honest = calibration_error(&[1.0986123; 3], &[1.0986123, -9.0, -9.0]);
        assert!(honest < 0.01, "{honest}");
        assert!(calibration_error(&[9.0, -9.0], &[9.0, -9.0]) > 0.4);
    }
}
