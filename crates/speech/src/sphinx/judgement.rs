//! How sure the ear is: a path against the free loop of phones over the same windows.

use super::ffi::Segment;
use super::models::ModelRate;
use call_model::{Language, PerMille, WordClass};

/// What margins mean in one language. A margin is how much better a path fits than
/// free phones, a window of 10 ms, in the library's steps of 0.1024 nats. Short paths scatter more, so they are
/// allowed more: the least margin is `long - short / windows`.
///
/// The slopes were looked for on the even clips of the shared English commands and digits and on
/// telephone prompts, the thresholds loosened afterwards by what all clips then gave: a fit, not a
/// test. The Mandarin ones were set on the very words they are measured on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scale {
    long: f32,
    short: f32,
    /// The logistic curve of being right over the distance from the least margin, fitted
    /// on the even clips with right and foreign ones weighing alike.
    middle: f32,
    steepness: f32,
}

/// The scale of a language with a model of that rate.
pub(super) const fn scale(language: Language, rate: ModelRate) -> Scale {
    match (language, rate) {
        (Language::En, ModelRate::Hz8000) => Scale {
            long: -12.0,
            short: 550.0,
            middle: 1.4,
            steepness: 0.39,
        },
        // Set on all English clips and with the global words of plans beside them, for as few
        // foreign ones as before; the curve on the even ones.
        (Language::En, ModelRate::Hz16000) => Scale {
            long: -16.0,
            short: 300.0,
            middle: 2.2,
            steepness: 0.26,
        },
        (Language::Zh, ModelRate::Hz8000 | ModelRate::Hz16000) => Scale {
            long: -6.0,
            short: 350.0,
            middle: 1.6,
            steepness: 0.40,
        },
    }
}

impl Scale {
    /// How far a path stands above the least margin for its length; below zero it is rejected.
    pub(super) fn distance(&self, margin: f32, windows: usize) -> f32 {
        margin - (self.long - self.short / windows.max(1) as f32)
    }

    /// The distance as a confidence.
    pub(super) fn confidence(&self, distance: f32) -> PerMille {
        PerMille::from_share(1.0 / (1.0 + (-self.steepness * (distance - self.middle)).exp()))
    }
}

/// How well a turn fits one language.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Fit {
    pub(super) language: Language,
    pub(super) rate: ModelRate,
    /// How far its path stands above rejection; none without a path.
    pub(super) distance: Option<f32>,
    /// How well its phones alone fit, a window.
    pub(super) phones: f32,
}

impl Fit {
    /// Whether the other language is the one that is spoken.
    ///
    /// Its path counts, and so does what any of its phones make of the voice: a model fits its own language
    /// better even where the words are wrong. Weights and offsets make the models comparable; they
    /// were fitted on the shared digits, commands and Mandarin words themselves, a fit and not a test.
    pub(super) fn yields_to(&self, other: &Self) -> bool {
        let is_narrow = [self, other]
            .iter()
            .all(|fit| fit.rate == ModelRate::Hz8000);
        // A wide-band model scores on another scale, and its phones do not tell languages apart.
        let (weight, mandarin) = if is_narrow { (3.0, 26.0) } else { (0.0, -3.0) };
        other.lead(weight, mandarin) > self.lead(weight, mandarin)
    }

    fn lead(&self, weight: f32, mandarin: f32) -> f32 {
        /// No path at all is as bad as one this far below rejection.
        const NO_PATH: f32 = -40.0;
        let offset = match self.language {
            Language::En => 0.0,
            Language::Zh => mandarin,
        };
        self.distance.unwrap_or(NO_PATH) + weight * self.phones + offset
    }
}

/// What speaks for an escalation word that was found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct WordCheck {
    /// How much better it fits than free phones over its own windows, a window.
    pub(super) margin: f32,
    /// How long it is, in windows.
    pub(super) windows: usize,
    /// The phones it has at least.
    pub(super) phones: usize,
}

/// A word spoken faster than this, in windows a phone, is a piece of other words.
const PHONE_WINDOWS_MIN: usize = 4;
/// Words of fewer phones are found in everything and must stand out.
const SHORT_WORD: usize = 3;
/// Words of more phones are hard to mistake.
const SOLID_WORD: usize = 5;

/// How common an escalation word is taken to be beside everyday words, as the logarithm (base ten)
/// of its share: far above what it is in speech, since missing one is worse than checking one.
///
/// A phrase stands against several everyday words, which are paid for one by one, so it pays for
/// each of its own; otherwise ordinary speech is full of phrases. A long word brings more evidence
/// of its own, and needs less of this.
pub(super) fn share(language: Language, word: &str, phones: usize) -> f32 {
    let (single, further, pieces) = match language {
        Language::En => (-4.7, -0.6, word.split(' ').count()),
        // Nearly all Mandarin words have two syllables at least.
        Language::Zh => (-4.0, -0.8, word.chars().count().saturating_sub(1)),
    };
    let odd = match language {
        Language::En if phones < SHORT_WORD => -0.5,
        Language::En if pieces == 1 => -0.15 * phones.saturating_sub(SOLID_WORD) as f32,
        Language::En | Language::Zh => 0.0,
    };
    single + odd + further * pieces.saturating_sub(1) as f32
}

impl WordCheck {
    /// How sure the word is; nothing where it is not believed.
    pub(super) fn verdict(
        &self,
        language: Language,
        class: WordClass,
        rate: ModelRate,
    ) -> Option<PerMille> {
        let least: f32 = match (language, class, rate) {
            (Language::En, WordClass::Demand | WordClass::Ask, ModelRate::Hz8000) => -9.0,
            (Language::En, WordClass::Demand | WordClass::Ask, ModelRate::Hz16000) => -30.0,
            (
                Language::Zh,
                WordClass::Demand | WordClass::Ask,
                ModelRate::Hz8000 | ModelRate::Hz16000,
            ) => -8.0,
        };
        let is_hurried = self.windows < PHONE_WINDOWS_MIN * self.phones;
        let above = self.margin - least;
        (above >= 0.0 && !is_hurried)
            .then(|| PerMille::from_share(1.0 / (1.0 + (-0.2 * above - 0.4).exp())))
    }
}

/// The free loop's acoustic score, window by window, added up.
pub(super) struct PhoneLoop {
    sums: Vec<f32>,
}

impl PhoneLoop {
    /// Spreads each phone's score evenly over its windows.
    pub(super) fn of(segments: &[Segment]) -> Self {
        let mut sums = vec![0.0];
        for segment in segments {
            let count = segment.to.saturating_sub(segment.from) + 1;
            let share = segment.acoustic as f32 / count as f32;
            let end = segment.to as usize + 1;
            while sums.len() <= end {
                let last = sums.last().copied().unwrap_or(0.0);
                sums.push(last + share);
            }
        }
        Self { sums }
    }

    /// How much better a segment fits than any phones would, a window; nothing
    /// where the loop has not come so far.
    pub(super) fn margin(&self, segment: &Segment) -> Option<f32> {
        let from = self.sums.get(segment.from as usize)?;
        let to = self.sums.get(segment.to as usize + 1)?;
        let windows = segment.to.saturating_sub(segment.from) + 1;
        Some((segment.acoustic as f32 - (to - from)) / windows as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(from: u32, to: u32, acoustic: i32) -> Segment {
        Segment {
            word: "w1".to_owned(),
            from,
            to,
            acoustic,
        }
    }

    #[test]
    fn a_word_is_held_against_the_phones_of_its_own_windows() {
        let phones = PhoneLoop::of(&[segment(0, 9, -100), segment(10, 19, -400)]);
        assert_eq!(phones.margin(&segment(0, 9, -100)), Some(0.0));
        assert_eq!(phones.margin(&segment(10, 19, -500)), Some(-10.0));
        assert_eq!(phones.margin(&segment(5, 14, -250)), Some(0.0));
        assert_eq!(phones.margin(&segment(10, 20, -500)), None);
    }

    #[test]
    fn a_language_yields_to_one_whose_path_and_phones_fit_better() {
        let fit = |language, distance, phones| Fit {
            language,
            rate: ModelRate::Hz8000,
            distance,
            phones,
        };
        // The mean digit and the mean Mandarin word of the shared recordings.
        let digit = [
            fit(Language::En, Some(13.0), -93.5),
            fit(Language::Zh, Some(4.8), -106.8),
        ];
        let word = [
            fit(Language::En, Some(-0.7), -99.6),
            fit(Language::Zh, Some(3.5), -104.0),
        ];
        assert!(!digit[0].yields_to(&digit[1]) && digit[1].yields_to(&digit[0]));
        assert!(word[0].yields_to(&word[1]) && !word[1].yields_to(&word[0]));
        let unheard = fit(Language::Zh, None, -104.0);
        assert!(!word[0].yields_to(&unheard));
    }

    #[test]
    fn confidence_grows_with_the_margin_and_stays_a_share() {
        let rates = [ModelRate::Hz8000, ModelRate::Hz16000];
        let all = Language::ALL.map(|language| rates.map(|rate| scale(language, rate)));
        for scale in all.into_iter().flatten() {
            let steps = [-1e9, -30.0, -1.0, 0.0, 30.0, f32::INFINITY];
            let confidences = steps.map(|distance| scale.confidence(distance));
            assert!(confidences.is_sorted(), "{confidences:?}");
            assert!(scale.distance(-15.0, 40) > scale.distance(-15.0, 400));
        }
    }
}
