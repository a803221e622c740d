//! One utterance as it goes on: which frames are speech, and the sums over the last seconds of it.

use crate::analysis::{FrameAnalyzer, FrameTraits};
use crate::movement::Movement;
use crate::tally::{FRAME_S, RHYTHM_BANDS, Tally, VOICED, voiced_values};
use call_model::PcmFrame;

/// Active frames of a block: half a second of speech.
pub const BLOCK_FRAMES: u32 = 50;
/// Whole blocks that are kept: with the one that is being filled, 3 s and more of speech.
pub const BLOCKS: usize = 6;

/// A frame that stands so far below the loudest of its utterance is a pause, in dB.
const BELOW_PEAK_DB: f32 = 25.0;
/// The loudest is forgotten by so much a frame: 2 dB a second.
const PEAK_FORGETS_DB: f32 = 0.02;
/// A frame must stand so far above the line's noise, in dB.
const ABOVE_FLOOR_DB: f32 = 4.0;
/// No voice is quieter than this at its loudest, in dB over one quantisation step: −50 dBFS.
const QUIETEST_PEAK_DB: f32 = 40.0;
/// The floor rises so much a frame while nothing is lower: 3 dB a second.
const FLOOR_RISES_DB: f32 = 0.03;
/// A peak of the level that rises and falls so far is a syllable, in dB.
const SYLLABLE_DB: f32 = 2.5;
/// The level is held within so many dB below the peak where its movement is followed.
const RHYTHM_DEPTH_DB: f32 = 35.0;
/// Poles of low passes at 2, 4 and 8 Hz, at 100 frames a second.
const RHYTHM_POLES: [f32; RHYTHM_BANDS] = [0.118, 0.222, 0.395];

/// Listens to one caller's utterances and holds the sums over the last of their speech.
#[derive(Debug)]
pub struct UtteranceEar {
    analyzer: FrameAnalyzer,
    heed: Heed,
}

/// What is made of each frame's traits.
#[derive(Debug)]
struct Heed {
    blocks: [Tally; BLOCKS],
    /// Whole blocks held, the newest before `next`.
    held: usize,
    next: usize,
    current: Tally,
    /// Active frames of the whole utterance.
    active: u32,
    frames: u32,
    peak_db: f32,
    floor_db: f32,
    smooth_db: f32,
    pauses: f32,
    before: Option<Before>,
    syllable: Syllable,
    lows: [f32; RHYTHM_BANDS],
    movement: Movement,
    finished: bool,
}

/// The voiced frame before, with its changes.
#[derive(Clone, Debug)]
struct Before {
    values: [f32; VOICED],
    level_db: f32,
    changes: Option<(f32, f32)>,
}

#[derive(Clone, Copy, Debug)]
enum Syllable {
    Rising { highest: f32 },
    Falling { lowest: f32 },
}

impl UtteranceEar {
    /// An ear that has heard nothing.
    pub fn new() -> Self {
        Self {
            analyzer: FrameAnalyzer::new(),
            heed: Heed::new(),
        }
    }

    /// A new utterance begins, with nothing in it. What is known of the line's noise stays.
    pub fn begin(&mut self) {
        self.analyzer.flush(|_| {});
        self.heed.begin();
    }

    /// The same utterance goes on after a pause that is none of its own.
    pub fn go_on(&mut self) {
        let heed = &mut self.heed;
        self.analyzer.flush(|traits| heed.take(traits));
        heed.pauses = 0.0;
    }

    /// Takes the next 20 ms; whether half a second of speech was filled.
    pub fn push(&mut self, frame: &PcmFrame) -> bool {
        let heed = &mut self.heed;
        heed.finished = false;
        self.analyzer.push(frame, |traits| heed.take(traits));
        heed.finished
    }

    /// Takes in what the analyser still holds back.
    pub fn end(&mut self) {
        let heed = &mut self.heed;
        self.analyzer.flush(|traits| heed.take(traits));
    }

    /// Bytes that it holds beside itself.
    pub fn heap_bytes(&self) -> usize {
        self.analyzer.heap_bytes()
    }

    /// Seconds of speech in the utterance so far.
    pub fn speech_s(&self) -> f32 {
        self.heed.active as f32 * FRAME_S
    }

    /// The sums over the last 3 s of speech, or somewhat more.
    pub fn window(&self) -> Tally {
        let heed = &self.heed;
        let mut sum = heed.current.clone();
        heed.blocks[..heed.held]
            .iter()
            .for_each(|block| sum.add(block));
        sum
    }
}

impl Default for UtteranceEar {
    fn default() -> Self {
        Self::new()
    }
}

impl Heed {
    fn new() -> Self {
        Self {
            blocks: std::array::from_fn(|_| Tally::new()),
            held: 0,
            next: 0,
            current: Tally::new(),
            active: 0,
            frames: 0,
            peak_db: QUIETEST_PEAK_DB,
            floor_db: f32::MAX,
            smooth_db: 0.0,
            pauses: 0.0,
            before: None,
            syllable: Syllable::Rising { highest: 0.0 },
            lows: [0.0; RHYTHM_BANDS],
            movement: Movement::new(),
            finished: false,
        }
    }

    fn begin(&mut self) {
        let floor_db = self.floor_db;
        // Tallies are written over in place: nothing is allocated.
        self.held = 0;
        self.next = 0;
        self.current = Tally::new();
        self.active = 0;
        self.frames = 0;
        self.peak_db = QUIETEST_PEAK_DB;
        self.smooth_db = 0.0;
        self.pauses = 0.0;
        self.before = None;
        self.syllable = Syllable::Rising { highest: 0.0 };
        self.lows = [0.0; RHYTHM_BANDS];
        self.movement = Movement::new();
        self.floor_db = floor_db;
    }

    fn take(&mut self, traits: &FrameTraits) {
        self.frames += 1;
        if !self.is_active(traits.level_db) {
            self.before = None;
            self.pauses += 1.0;
            self.movement.pause();
            return;
        }
        if self.active > 0 {
            self.current.paused += self.pauses;
        }
        self.pauses = 0.0;
        self.active += 1;
        self.current.take(traits);
        self.movement.take(traits, &mut self.current.movement);
        self.follow_rhythm();
        if traits.pitch.is_voiced() {
            self.take_voiced(traits);
        } else {
            self.before = None;
        }
        if self.active.is_multiple_of(BLOCK_FRAMES) {
            self.blocks[self.next] = std::mem::replace(&mut self.current, Tally::new());
            self.next = (self.next + 1) % BLOCKS;
            self.held = (self.held + 1).min(BLOCKS);
            self.finished = true;
        }
    }

    fn is_active(&mut self, level_db: f32) -> bool {
        self.smooth_db += if self.frames == 1 {
            level_db - self.smooth_db
        } else {
            0.3 * (level_db - self.smooth_db)
        };
        self.floor_db = self.smooth_db.min(self.floor_db + FLOOR_RISES_DB);
        self.peak_db = level_db
            .max(self.peak_db - PEAK_FORGETS_DB)
            .max(QUIETEST_PEAK_DB);
        level_db > (self.peak_db - BELOW_PEAK_DB).max(self.floor_db + ABOVE_FLOOR_DB)
    }

    fn follow_rhythm(&mut self) {
        let level = self.smooth_db.max(self.peak_db - RHYTHM_DEPTH_DB);
        let mut below = level;
        for (band, pole) in RHYTHM_POLES.iter().enumerate().rev() {
            if self.active == 1 {
                self.lows[band] = level;
            }
            self.lows[band] += pole * (level - self.lows[band]);
            self.current.rhythm[band] += (below - self.lows[band]).powi(2);
            below = self.lows[band];
        }
        self.syllable = match self.syllable {
            Syllable::Rising { highest } if level < highest - SYLLABLE_DB => {
                self.current.syllables += 1.0;
                Syllable::Falling { lowest: level }
            }
            Syllable::Rising { highest } => Syllable::Rising {
                highest: highest.max(level),
            },
            Syllable::Falling { lowest } if level > lowest + SYLLABLE_DB => {
                Syllable::Rising { highest: level }
            }
            Syllable::Falling { lowest } => Syllable::Falling {
                lowest: lowest.min(level),
            },
        };
    }

    fn take_voiced(&mut self, traits: &FrameTraits) {
        let tally = &mut self.current;
        tally.take_voiced(traits, self.frames as f32 * FRAME_S);
        let values = voiced_values(traits);
        let level_db = traits.level_db;
        let mut changes = None;
        match &self.before {
            None => tally.onsets += 1.0,
            Some(before) => {
                tally.pairs += 1.0;
                for (k, sum) in tally.changes.iter_mut().enumerate() {
                    *sum += (values[k] - before.values[k]).abs();
                }
                let pitch = values[0] - before.values[0];
                let level = level_db - before.level_db;
                tally.level_changes += level.abs();
                if level > 0.0 {
                    tally.rises += 1.0;
                    tally.level_rises += level;
                }
                if let Some((pitch_before, level_before)) = before.changes {
                    tally.triples += 1.0;
                    tally.jitter += (pitch - pitch_before).abs();
                    tally.shimmer += (level - level_before).abs();
                }
                changes = Some((pitch, level));
            }
        }
        self.before = Some(Before {
            values,
            level_db,
            changes,
        });
    }
}
