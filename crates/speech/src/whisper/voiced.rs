//! Whether a turn holds enough sound that may be a voice to be worth a look.

use dsp::level;

/// Below this nothing is a voice on a telephone line.
const FLOOR_DBFS: f32 = -50.0;
/// A frame that may be a voice is this much louder than the turn's quiet.
const ABOVE_QUIET_DB: f32 = 9.0;
/// The turn's quiet: so many per cent of its frames are not louder.
const QUIET_PERCENT: usize = 10;
/// Frames that a turn must have: 120 ms, less than the shortest "no".
const FRAMES_MIN: usize = 6;

/// The levels of a turn's frames, 20 ms each.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Voiced {
    dbfs: Vec<f32>,
}

/// The part of a turn in which somebody may speak, in frames of 20 ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct VoicedPart {
    /// The first frame that may be a voice.
    pub(super) first: usize,
    /// The frame after the last.
    pub(super) end: usize,
    /// How many of them may be a voice.
    pub(super) frames: usize,
}

impl Voiced {
    /// Takes the next frame.
    pub(super) fn push(&mut self, samples: &[i16]) {
        self.dbfs.push(level::dbfs(samples));
    }

    /// Where somebody may speak; nothing where there is too little of it, so that steady noise,
    /// tones and silence are never shown to a recogniser that would make words of them.
    pub(super) fn part(&self) -> Option<VoicedPart> {
        let mut sorted = self.dbfs.clone();
        sorted.sort_by(f32::total_cmp);
        let quiet = sorted.get(sorted.len() * QUIET_PERCENT / 100)?;
        let least = (quiet + ABOVE_QUIET_DB).max(FLOOR_DBFS);
        let loud = |dbfs: &f32| *dbfs >= least;
        let frames = self.dbfs.iter().filter(|dbfs| loud(dbfs)).count();
        if frames < FRAMES_MIN {
            return None;
        }
        Some(VoicedPart {
            first: self.dbfs.iter().position(loud)?,
            end: self.dbfs.iter().rposition(loud)? + 1,
            frames,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(levels: &[(f32, usize)]) -> Option<VoicedPart> {
        let frames = levels.iter().flat_map(|&(dbfs, count)| vec![dbfs; count]);
        let dbfs = frames.collect();
        Voiced { dbfs }.part()
    }

    #[test]
    fn a_word_in_a_pause_is_a_voice_and_steady_sound_is_none() {
        let word = heard(&[(-70.0, 20), (-25.0, 15), (-70.0, 30)]);
        let expected = VoicedPart {
            first: 20,
            end: 35,
            frames: 15,
        };
        assert_eq!(word, Some(expected));
        assert_eq!(heard(&[]), None);
        assert_eq!(heard(&[(-96.0, 100)]), None, "silence");
        assert_eq!(heard(&[(-25.0, 100)]), None, "steady noise");
        assert_eq!(
            heard(&[(-96.0, 50), (-60.0, 50)]),
            None,
            "a whisper of the line"
        );
        assert_eq!(
            heard(&[(-70.0, 50), (-20.0, 5), (-70.0, 50)]),
            None,
            "a click"
        );
    }

    #[test]
    fn frames_are_measured() {
        let mut voiced = Voiced::default();
        for _ in 0..10 {
            voiced.push(&[0; 160]);
        }
        for _ in 0..10 {
            voiced.push(&[4_000; 160]);
        }
        assert_eq!(voiced.part().map(|part| part.frames), Some(10));
    }
}
