//! Our own sound, coming back.

use crate::call::Frame;
use crate::dice::Dice;
use crate::sounds::samples;
use std::time::Duration;

/// How our sound comes back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Echo {
    /// From the packet that goes out to the one that brings it back.
    pub delay: Duration,
    /// So many decibels weaker.
    pub loss_db: f32,
    /// Whether it is smeared over some milliseconds, as by a hybrid or a room, or comes back as it was.
    pub is_smeared: bool,
}

/// A way of an echo through one call.
#[derive(Clone, Debug)]
pub(crate) struct EchoPath {
    sent: Vec<i16>,
    delay: usize,
    response: Vec<f32>,
}

/// Samples over which a smeared echo lasts: 12 ms.
const SMEAR: usize = 96;

impl EchoPath {
    pub(crate) fn new(echo: Echo, dice: &mut Dice) -> Self {
        let mut response = vec![1.0];
        if echo.is_smeared {
            // Noise that dies away, as G.168's hybrids do.
            response.extend((1..SMEAR).map(|at| dice.swing() * (-(at as f32) / 20.0).exp()));
        }
        let power: f32 = response.iter().map(|tap| tap * tap).sum();
        let factor = dsp::level::from_db(-echo.loss_db) / power.sqrt();
        Self {
            sent: Vec::new(),
            delay: samples(echo.delay),
            response: response.into_iter().map(|tap| tap * factor).collect(),
        }
    }

    /// What was sent to the caller in this tick.
    pub(crate) fn hear(&mut self, sent: &Frame) {
        self.sent.extend(sent);
    }

    /// Adds to what the caller's telephone sends next.
    pub(crate) fn add_to(&mut self, frame: &mut Frame) {
        let now = self.sent.len();
        for (n, sample) in frame.iter_mut().enumerate() {
            let Some(place) = (now + n).checked_sub(self.delay) else {
                continue;
            };
            let taps = self.response.iter().enumerate();
            let echo: f32 = taps
                .filter_map(|(tap, weight)| {
                    let sent = self.sent.get(place.checked_sub(tap)?)?;
                    Some(weight * f32::from(*sent))
                })
                .sum();
            *sample = sample.saturating_add(echo as i16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::FRAME_SAMPLES;

    #[test]
    fn an_echo_comes_back_when_and_as_loud_as_asked() {
        let echo = Echo {
            delay: Duration::from_millis(50),
            loss_db: 20.0,
            is_smeared: false,
        };
        let mut path = EchoPath::new(echo, &mut Dice::new(1));
        let mut back = Vec::new();
        for _ in 0..5 {
            let mut frame = [0; FRAME_SAMPLES];
            path.add_to(&mut frame);
            path.hear(&[10_000; FRAME_SAMPLES]);
            back.extend(frame);
        }
        assert!(back[..400].iter().all(|it| *it == 0));
        assert!(back[400..].iter().all(|it| (999..=1_000).contains(it)));
    }
}
