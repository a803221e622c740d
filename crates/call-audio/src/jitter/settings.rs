//! How long sound may wait, as it is asked for and in samples.

use crate::ring::Samples;
use call_model::SAMPLE_RATE;
use std::time::Duration;

/// The longest delay that can be asked for; with a packet on top of it, the ring
/// is not yet full.
pub(crate) const DELAY_MAX: Samples = 2_400;

/// How long sound may wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JitterSettings {
    /// The delay a stream starts with.
    pub start: Duration,
    /// The slack that is left to every packet, jitter having had its share.
    pub margin: Duration,
    /// The longest delay, beyond which the oldest sound is dropped; 300 ms at most.
    pub max: Duration,
}

impl Default for JitterSettings {
    /// 60 ms to start with, 20 ms of margin, 240 ms at most.
    fn default() -> Self {
        Self {
            start: Duration::from_millis(60),
            margin: Duration::from_millis(20),
            max: Duration::from_millis(240),
        }
    }
}

/// The settings in samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub start: Samples,
    pub margin: Samples,
    pub max: Samples,
}

impl From<JitterSettings> for Bounds {
    fn from(settings: JitterSettings) -> Self {
        let samples = |delay: Duration, most: Samples| {
            let samples = delay.as_micros() * u128::from(SAMPLE_RATE) / 1_000_000;
            Samples::try_from(samples).unwrap_or(most).min(most)
        };
        let max = samples(settings.max, DELAY_MAX);
        Self {
            start: samples(settings.start, max),
            margin: samples(settings.margin, max),
            max,
        }
    }
}
