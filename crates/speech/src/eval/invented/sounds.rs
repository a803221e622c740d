//! Sounds in which nobody speaks, made from nothing and always the same.

use call_model::SAMPLE_RATE;
use dsp::{level, tone};

/// Samples of a second.
const SECOND: usize = SAMPLE_RATE as usize;

/// So many samples of each kind, by its name.
pub(super) fn made(samples: usize) -> Vec<(&'static str, Vec<i16>)> {
    vec![
        ("silence", vec![0; samples]),
        ("line noise at -55 dBFS", white(samples, -55.0)),
        ("white noise at -30 dBFS", white(samples, -30.0)),
        ("noise that swells and fades", breathing(samples)),
        ("low rumble at -25 dBFS", rumble(samples)),
        ("clicks and bangs", clicks(samples)),
        ("tones of the telephone", tones(samples)),
    ]
}

/// A generator of even numbers from -1 to 1 that needs no seed from outside: every run hears the same.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> f32 {
        // Xorshift after Marsaglia, whose upper bits are fair enough for noise.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }
}

/// The peak of even noise of that level: its mean square is a third of the peak's.
fn peak(dbfs: f32) -> f32 {
    f32::from(i16::MAX) * level::from_db(dbfs) * 3.0_f32.sqrt()
}

fn white(samples: usize, dbfs: f32) -> Vec<i16> {
    let (mut dice, peak) = (Dice(0x9e37_79b9), peak(dbfs));
    (0..samples).map(|_| (dice.throw() * peak) as i16).collect()
}

/// Breath into a microphone, wind, passing cars: three seconds from nothing to -25 dBFS and back.
fn breathing(samples: usize) -> Vec<i16> {
    let (mut dice, peak) = (Dice(0x51ed_270b), peak(-25.0));
    let swell = |at: usize| {
        let place = (at % (3 * SECOND)) as f32 / (3 * SECOND) as f32;
        (place * std::f32::consts::PI).sin().powi(2)
    };
    (0..samples)
        .map(|at| (dice.throw() * peak * swell(at)) as i16)
        .collect()
}

/// Noise without its highs: a machine room, a street behind a window.
fn rumble(samples: usize) -> Vec<i16> {
    let (mut dice, mut low) = (Dice(0x2545_f491), 0.0_f32);
    // The filter keeps a share of the power, (1-a)/(1+a), which the level makes good for.
    let keep = 0.95_f32;
    let peak = peak(-25.0) * ((1.0 + keep) / (1.0 - keep)).sqrt();
    (0..samples)
        .map(|_| {
            low = keep * low + (1.0 - keep) * dice.throw();
            (low * peak) as i16
        })
        .collect()
}

/// Something falls down, a door, a cough without a voice: bursts of 20 to 200 ms that die away.
fn clicks(samples: usize) -> Vec<i16> {
    let (mut dice, mut sound) = (Dice(0x1b56_c4e9), Vec::with_capacity(samples + SECOND));
    while sound.len() < samples {
        let length = (SECOND / 50) + ((dice.throw().abs() * 0.18 * SECOND as f32) as usize);
        let peak = peak(-18.0 + 8.0 * dice.throw());
        let burst = (0..length).map(|at| {
            let left = 1.0 - at as f32 / length as f32;
            (dice.throw() * peak * left * left) as i16
        });
        sound.extend(burst.collect::<Vec<_>>());
        let pause = SECOND / 5 + (dice.throw().abs() * 0.8 * SECOND as f32) as usize;
        sound.extend(std::iter::repeat_n(0, pause));
    }
    sound.truncate(samples);
    sound
}

/// Dial tone, ring-back, busy, a fax that calls and one that answers, not in service, keys (ITU-T E.180, T.30, Q.23).
fn tones(samples: usize) -> Vec<i16> {
    const RING_BACK: [f32; 2] = [440.0, 480.0];
    let mut score: Vec<(&[f32], f32)> = vec![
        (&[350.0, 440.0], 2.0),
        (&[], 0.5),
        (&[450.0], 1.0),
        (&[], 2.0),
        (&RING_BACK, 2.0),
        (&[], 2.0),
        (&[450.0], 0.35),
        (&[], 0.35),
        (&[450.0], 0.35),
        (&[], 0.35),
        (&[1_100.0], 0.5),
        (&[], 1.5),
        (&[2_100.0], 2.6),
        (&[], 0.2),
        (&[950.0], 0.33),
        (&[1_400.0], 0.33),
        (&[1_800.0], 0.33),
        (&[], 1.0),
    ];
    for key in [
        &[697.0, 1_209.0],
        &[770.0, 1_336.0],
        &[852.0, 1_477.0],
        &[941.0, 1_336.0],
    ] {
        score.push((key, 0.12));
        score.push((&[], 0.1));
    }
    let mut round = Vec::new();
    for (pitches, seconds) in score {
        let from = round.len();
        round.resize(from + (seconds * SECOND as f32) as usize, 0_i16);
        let length = round.len() - from;
        for &pitch in pitches {
            for (sample, more) in
                round[from..]
                    .iter_mut()
                    .zip(tone(pitch, SAMPLE_RATE, length, 5_000))
            {
                *sample = sample.saturating_add(more);
            }
        }
    }
    round.into_iter().cycle().take(samples).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_as_long_as_asked_and_as_loud_as_it_says() {
        for (name, sound) in made(10 * SECOND) {
            assert_eq!(sound.len(), 10 * SECOND, "{name}");
            let loud = level::dbfs(&sound);
            let expected = match name {
                "silence" => {
                    assert!(sound.iter().all(|sample| *sample == 0));
                    continue;
                }
                "line noise at -55 dBFS" => -56.0..=-54.0,
                "white noise at -30 dBFS" => -31.0..=-29.0,
                "low rumble at -25 dBFS" => -26.0..=-24.0,
                _ => -45.0..=-10.0,
            };
            assert!(expected.contains(&loud), "{name}: {loud}");
        }
    }
}
