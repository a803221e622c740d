//! Escalation words found while the caller still speaks: each waits for the end
//! of the turn, or for a time without contradiction.

use crate::sightings::Sighting;
use call_model::{CallTime, WordClass};
use std::time::Duration;

/// The words of one turn that wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct WordWatch {
    waiting: Vec<Waiting>,
    counted: Vec<WordClass>,
}

#[derive(Clone, Debug)]
struct Waiting {
    sighting: Sighting,
    seen: CallTime,
    is_weighed: bool,
}

impl WordWatch {
    /// A newer partial result: words that vanished or are set aside are withdrawn,
    /// new ones begin to wait.
    pub(crate) fn update(&mut self, now: CallTime, sightings: Vec<Sighting>) {
        let earlier = std::mem::take(&mut self.waiting);
        let standing = sightings.into_iter().filter(|s| s.set_aside.is_none());
        for sighting in standing {
            let nth = count_of(&self.waiting, &sighting.word);
            let known = earlier
                .iter()
                .filter(|waiting| waiting.sighting.word == sighting.word)
                .nth(nth);
            self.waiting.push(Waiting {
                seen: known.map_or(now, |waiting| waiting.seen),
                is_weighed: known.is_some_and(|waiting| waiting.is_weighed),
                sighting,
            });
        }
    }

    /// Whether any escalation word waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When the next word will have stood for `window`.
    pub(crate) fn due(&self, window: Duration) -> Option<CallTime> {
        let unweighed = self.waiting.iter().filter(|waiting| !waiting.is_weighed);
        unweighed.map(|waiting| waiting.seen + window).min()
    }

    /// The words that have stood for `window`; each is marked as weighed.
    pub(crate) fn stood(&mut self, now: CallTime, window: Duration) -> Vec<Sighting> {
        let stood = |waiting: &&mut Waiting| waiting.seen + window <= now;
        self.waiting
            .iter_mut()
            .filter(stood)
            .map(|waiting| {
                waiting.is_weighed = true;
                waiting.sighting.clone()
            })
            .collect()
    }

    /// All words that wait.
    pub(crate) fn all(&self) -> Vec<Sighting> {
        self.waiting.iter().map(|w| w.sighting.clone()).collect()
    }

    /// These words of the turn were counted before its end.
    pub(crate) fn mark_counted(&mut self, sightings: &[Sighting]) {
        self.counted.extend(sightings.iter().map(|s| s.class));
    }

    /// What remains of the whole turn's words once those counted before are left out.
    pub(crate) fn uncounted(&self, mut sightings: Vec<Sighting>) -> Vec<Sighting> {
        for class in &self.counted {
            let stands = |s: &Sighting| s.class == *class && s.set_aside.is_none();
            if let Some(n) = sightings.iter().position(stands) {
                sightings.remove(n);
            }
        }
        sightings
    }
}

fn count_of(waiting: &[Waiting], word: &str) -> usize {
    waiting.iter().filter(|w| w.sighting.word == word).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::PerMille;

    const WINDOW: Duration = Duration::from_millis(400);

    fn word(from: u64) -> Sighting {
        Sighting {
            word: "投诉".to_owned(),
            class: WordClass::Demand,
            from: CallTime::from_millis(from),
            to: CallTime::from_millis(from + 400),
            confidence: PerMille::ONE,
            set_aside: None,
        }
    }

    #[test]
    fn a_word_stands_once_its_time_has_passed_and_is_weighed_once() {
        let at = CallTime::from_millis;
        let mut watch = WordWatch::default();
        watch.update(at(500), vec![word(100)]);
        watch.update(at(700), vec![word(120)]);
        assert_eq!(watch.due(WINDOW), Some(at(900)));
        assert!(watch.stood(at(899), WINDOW).is_empty());
        assert_eq!(watch.stood(at(900), WINDOW).len(), 1);
        assert_eq!(watch.due(WINDOW), None);
    }

    #[test]
    fn a_word_that_a_later_partial_takes_back_never_stood() {
        let at = CallTime::from_millis;
        let mut watch = WordWatch::default();
        watch.update(at(500), vec![word(100)]);
        let mut negated = word(100);
        negated.set_aside = Some(dialplan::SetAside::Negated);
        watch.update(at(800), vec![negated]);
        assert!(watch.is_empty() && watch.due(WINDOW).is_none());
    }

    #[test]
    fn what_was_counted_before_the_end_is_not_counted_at_the_end() {
        let mut watch = WordWatch::default();
        watch.mark_counted(&[word(100)]);
        assert_eq!(watch.uncounted(vec![word(110), word(900)]).len(), 1);
    }
}
