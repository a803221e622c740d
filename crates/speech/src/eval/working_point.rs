//! The point at which enough of the good recordings are accepted.

use super::{EvalReport, Judged};
use call_model::PerMille;

impl EvalReport {
    /// The highest confidence that so many percent of the recordings still reach, rejected ones counted by the reading
    /// that was rejected; none where fewer have any reading.
    pub fn working_point(&self, percent: usize) -> Option<PerMille> {
        let mut sure: Vec<PerMille> = self.readings().collect();
        sure.sort_unstable_by(|one, other| other.cmp(one));
        let enough = (self.clips() * percent).div_ceil(100).max(1);
        sure.get(enough - 1).copied()
    }

    fn readings(&self) -> impl Iterator<Item = PerMille> {
        self.recordings.iter().filter_map(|it| it.confidence)
    }
}

impl Judged {
    /// Whether it would be accepted at a working point.
    pub fn reaches(&self, point: PerMille) -> bool {
        self.confidence.is_some_and(|sure| sure >= point)
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::judged;
    use super::*;

    fn report(sure: &[u16]) -> EvalReport {
        EvalReport {
            recordings: sure.iter().map(|sure| judged(*sure, true)).collect(),
        }
    }

    #[test]
    fn nineteen_of_twenty_reach_the_working_point_of_95_percent() {
        let sure: Vec<u16> = (1..=20).map(|it| it * 40).collect();
        let mut all = report(&sure);
        assert_eq!(all.working_point(95), Some(PerMille::new(80)));
        // Rejected ones count by how sure their readings were.
        all.recordings[1].is_accepted = false;
        assert_eq!(all.working_point(95), Some(PerMille::new(80)));
        all.recordings[0].confidence = None;
        assert_eq!(all.working_point(95), Some(PerMille::new(80)));
        all.recordings[1].confidence = None;
        assert_eq!(all.working_point(95), None);
        assert_eq!(report(&[]).working_point(95), None);
    }
}
