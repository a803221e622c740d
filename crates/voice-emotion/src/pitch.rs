//! The voice's pitch by normalised cross-correlation, as the smoothest path through
//! each frame's best candidates (after Talkin 1995).

use crate::spectrum::dot;

/// Samples that are compared with the ones a period earlier: 20 ms.
const COMPARED: usize = 160;
/// Shortest and longest period looked for: 571 and 62.5 Hz.
const PERIOD_MIN: usize = 14;
const PERIOD_MAX: usize = 128;
/// Samples a pitch is read from.
pub const REACH: usize = COMPARED + PERIOD_MAX + 1;
/// A frame's pitch is settled so many frames later.
pub const LAG: usize = 8;

/// A mean square below this is the line's own noise.
const QUIETEST: f32 = 64.0;
/// A correlation below this is no candidate.
const CANDIDATE_FROM: f32 = 0.3;
/// What a frame costs that is said to hold no voice.
const UNVOICED_COST: f32 = 0.45;
/// A longer period must correlate better by so much for each octave, since every multiple of a period fits too.
const OCTAVE_COST: f32 = 0.05;
/// What a change of pitch costs, for each octave.
const JUMP_COST: f32 = 0.6;
/// What the beginning or end of a voice costs.
const TURN_COST: f32 = 0.12;

const PERIODS: usize = PERIOD_MAX - PERIOD_MIN + 1;
/// Candidates a frame, and one more for no voice.
const CANDIDATES: usize = 5;
const STATES: usize = CANDIDATES + 1;
const UNVOICED: usize = CANDIDATES;

/// A frame's pitch. Of voices above 260 Hz whose period lies between two samples it may be an octave too low.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pitch {
    /// Fundamental frequency; 0 where there is no voice.
    pub hz: f32,
    /// Normalised cross-correlation at that period, or the best one where there is no voice.
    pub correlation: f32,
}

impl Pitch {
    /// Whether this is the sound of a voice.
    pub fn is_voiced(&self) -> bool {
        self.hz > 0.0
    }

    /// Harmonics to noise in dB, −10 to 30, from the correlation `r`: 10·log₁₀(r / (1 − r))
    /// (Boersma 1993).
    pub fn harmonicity_db(&self) -> f32 {
        let r = self.correlation.clamp(0.05, 0.999);
        (10.0 * (r / (1.0 - r)).log10()).clamp(-10.0, 30.0)
    }

    /// Semitones above 55 Hz.
    pub fn semitones(&self) -> f32 {
        12.0 * (self.hz.max(27.5) / 55.0).log2()
    }
}

/// One frame's candidates and how each is best reached.
#[derive(Clone, Copy, Debug)]
struct Step {
    pitches: [Pitch; CANDIDATES],
    count: usize,
    cost: [f32; STATES],
    from: [u8; STATES],
}

/// Follows the pitch from frame to frame.
#[derive(Clone, Debug)]
pub struct PitchTracker {
    steps: [Step; LAG + 1],
    /// Steps that are held, the newest at `newest`.
    held: usize,
    newest: usize,
}

impl PitchTracker {
    /// A tracker that has heard nothing.
    pub const fn new() -> Self {
        let nothing = Step {
            pitches: [Pitch {
                hz: 0.0,
                correlation: 0.0,
            }; CANDIDATES],
            count: 0,
            cost: [0.0; STATES],
            from: [UNVOICED as u8; STATES],
        };
        Self {
            steps: [nothing; LAG + 1],
            held: 0,
            newest: 0,
        }
    }

    /// Forgets what was; after a gap.
    pub const fn forget(&mut self) {
        self.held = 0;
    }

    /// Takes the frame at the end of `samples`, which are [`REACH`]; tells the pitch of the frame
    /// [`LAG`] earlier once there is one.
    pub fn push(&mut self, samples: &[f32; REACH]) -> Option<Pitch> {
        let before = (self.held > 0).then(|| self.steps[self.newest]);
        let mut step = candidates(samples);
        connect(before.as_ref(), &mut step);
        self.newest = (self.newest + 1) % self.steps.len();
        self.steps[self.newest] = step;
        self.held = (self.held + 1).min(self.steps.len());
        (self.held == self.steps.len()).then(|| self.settle(LAG))
    }

    /// Whether the newest frame may hold a voice.
    pub fn may_be_voiced(&self) -> bool {
        self.held > 0 && self.steps[self.newest].count > 0
    }

    /// The pitch `back` frames before the newest, on the best path that ends in the newest.
    pub fn settle(&self, back: usize) -> Pitch {
        let length = self.steps.len();
        let mut at = self.newest;
        let mut state = best(&self.steps[at].cost);
        for _ in 0..back.min(self.held.saturating_sub(1)) {
            state = usize::from(self.steps[at].from[state]);
            at = (at + length - 1) % length;
        }
        let step = &self.steps[at];
        if state < step.count {
            return step.pitches[state];
        }
        let highest = step.pitches[..step.count].iter().map(|p| p.correlation);
        Pitch {
            hz: 0.0,
            correlation: highest.fold(0.0, f32::max),
        }
    }
}

fn best(costs: &[f32; STATES]) -> usize {
    let mut best = UNVOICED;
    for (state, cost) in costs.iter().enumerate() {
        if *cost < costs[best] {
            best = state;
        }
    }
    best
}

/// Finds for each state of a step the cheapest way to it.
fn connect(before: Option<&Step>, step: &mut Step) {
    for state in 0..STATES {
        let own = if state == UNVOICED {
            UNVOICED_COST
        } else if state < step.count {
            let pitch = step.pitches[state];
            let octaves = (571.0 / pitch.hz).log2().max(0.0);
            1.0 - pitch.correlation + OCTAVE_COST * octaves
        } else {
            step.cost[state] = f32::INFINITY;
            continue;
        };
        let Some(before) = before else {
            step.cost[state] = own;
            continue;
        };
        let mut cheapest = (f32::INFINITY, UNVOICED);
        for from in 0..STATES {
            let turn = match (from == UNVOICED, state == UNVOICED) {
                (true, true) => 0.0,
                (true, false) | (false, true) => TURN_COST,
                (false, false) if from < before.count => {
                    let octaves = (before.pitches[from].hz / step.pitches[state].hz).log2();
                    (JUMP_COST * octaves.abs()).min(0.5)
                }
                (false, false) => continue,
            };
            if before.cost[from] + turn < cheapest.0 {
                cheapest = (before.cost[from] + turn, from);
            }
        }
        step.cost[state] = own + cheapest.0;
        step.from[state] = cheapest.1 as u8;
    }
    // Costs grow without end; only their differences count.
    let least = step.cost.iter().copied().fold(f32::INFINITY, f32::min);
    step.cost.iter_mut().for_each(|cost| *cost -= least);
}

/// The highest peaks of the correlation.
fn candidates(samples: &[f32; REACH]) -> Step {
    let mut step = Step {
        pitches: [Pitch::default(); CANDIDATES],
        count: 0,
        cost: [0.0; STATES],
        from: [UNVOICED as u8; STATES],
    };
    let newest = &samples[REACH - COMPARED..];
    let energy = dot(newest, newest);
    if energy < QUIETEST * COMPARED as f32 {
        return step;
    }
    let correlations = correlations(samples, newest, energy);
    for at in 1..PERIODS - 1 {
        let [before, here, after] = [correlations[at - 1], correlations[at], correlations[at + 1]];
        if here < CANDIDATE_FROM || here < before || here < after {
            continue;
        }
        let (offset, peak) = summit(before, here, after);
        let pitch = Pitch {
            hz: 8_000.0 / ((at + PERIOD_MIN) as f32 + offset),
            correlation: peak.min(1.0),
        };
        step.keep(pitch);
    }
    step
}

impl Step {
    /// Keeps a candidate if it is among the best.
    fn keep(&mut self, pitch: Pitch) {
        if self.count < CANDIDATES {
            self.pitches[self.count] = pitch;
            self.count += 1;
            return;
        }
        let worst = (0..CANDIDATES).min_by(|a, b| {
            let worth = |at: usize| self.pitches[at].correlation;
            worth(*a).total_cmp(&worth(*b))
        });
        if let Some(worst) = worst
            && self.pitches[worst].correlation < pitch.correlation
        {
            self.pitches[worst] = pitch;
        }
    }
}

/// One correlation a period, each normalised by the energies of both stretches.
fn correlations(samples: &[f32; REACH], newest: &[f32], energy: f32) -> [f32; PERIODS] {
    let mut found = [0.0; PERIODS];
    let start = REACH - COMPARED - PERIOD_MIN;
    let mut earlier_energy = dot(
        &samples[start..start + COMPARED],
        &samples[start..start + COMPARED],
    );
    for (place, found) in found.iter_mut().enumerate() {
        let from = start - place;
        let earlier = &samples[from..from + COMPARED];
        if place > 0 {
            let gone = samples[from + COMPARED];
            earlier_energy += samples[from] * samples[from] - gone * gone;
        }
        let norm = (energy * earlier_energy.max(1.0)).sqrt();
        *found = dot(newest, earlier) / norm;
    }
    found
}

/// The summit of the parabola through three neighbouring values: its offset from the
/// middle one, and its height.
pub fn summit(before: f32, middle: f32, after: f32) -> (f32, f32) {
    let bend = before - 2.0 * middle + after;
    if bend >= 0.0 {
        return (0.0, middle);
    }
    let offset = (0.5 * (before - after) / bend).clamp(-0.5, 0.5);
    (offset, middle - 0.25 * (before - after) * offset)
}
