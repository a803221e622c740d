//! How somebody speaks who calls `loadtest moods`, and the sound of it.

use crate::cli::MoodsArgs;
use crate::manifest::Mood;
use crate::rtp::speech_extent;
use crate::wav;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Silence between two clips that are said as one utterance: 200 ms.
const BREATH: usize = 1_600;
/// What a calm voice is brought to, in dBov; the same gain goes to all that its speaker says.
const CALM_DBOV: f32 = -32.0;
/// So many utterances of a mood, told by its labels, so much louder than the speaker's usual, in dB.
pub type Says = (usize, &'static [&'static str], f32);

/// How somebody speaks who calls.
pub struct Character {
    /// Its name.
    pub name: &'static str,
    /// What is said, one after another.
    pub says: &'static [Says],
    /// Whether a person is owed.
    pub is_angry: bool,
}

/// Labels of calm moods.
const CALM: &[&str] = &["neutral", "calm"];
/// So many speakers in turn are calm for one utterance more than the one before, ahead of their anger.
const LONGER_CALM: usize = 4;

/// All of them.
pub static CHARACTERS: [Character; 4] = [
    Character {
        name: "calm, then angry",
        says: &[(3, CALM, 0.0), (4, &["anger"], 0.0)],
        is_angry: true,
    },
    Character {
        name: "loud but calm",
        says: &[(2, CALM, 0.0), (4, CALM, 10.0)],
        is_angry: false,
    },
    Character {
        name: "merry",
        says: &[(2, CALM, 0.0), (4, &["happy"], 0.0)],
        is_angry: false,
    },
    Character {
        name: "one shout",
        says: &[(3, CALM, 0.0), (1, &["anger"], 0.0), (2, CALM, 0.0)],
        is_angry: false,
    },
];

impl Character {
    /// What the speaker in this place says.
    pub fn said_by(&self, place: usize) -> Vec<Says> {
        let mut says = self.says.to_vec();
        if self.is_angry
            && let Some((calm, ..)) = says.first_mut()
        {
            *calm += place % LONGER_CALM;
        }
        says
    }
}

/// One thing that is said.
pub struct Said {
    /// Its sound.
    pub clip: PathBuf,
    /// Whether it is meant to sound angry.
    pub is_angry: bool,
}

/// Writes what a character says in the voice of the speaker in this place; none where there is not enough of it.
pub fn utterances(
    args: &MoodsArgs,
    speaker: &str,
    clips: &[Mood],
    character: &Character,
    place: usize,
) -> Result<Option<Vec<Said>>, Box<dyn Error>> {
    let of = |moods: &[&str]| -> Vec<&Mood> {
        let fits = |clip: &&Mood| moods.contains(&clip.emotion.as_str());
        clips.iter().filter(fits).collect()
    };
    let calm = of(CALM);
    let level = calm.iter().map(|clip| clip.level_dbov).sum::<f32>() / calm.len().max(1) as f32;
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut said = Vec::new();
    for (count, moods, louder) in &character.said_by(place) {
        let known = of(moods);
        for _ in 0..*count {
            let next = used.entry(moods[0]).or_default();
            let Some([one, two]) = known.get(*next..*next + 2) else {
                return Ok(None);
            };
            *next += 2;
            let name = format!("{speaker}-{}-{}.wav", character.name, said.len());
            let path = args.out.join(name.replace([' ', ','], "_"));
            let sound = joined(&one.file, &two.file, CALM_DBOV - level + louder)?;
            wav::write(&path, &[&sound])?;
            said.push(Said {
                clip: std::path::absolute(&path)?,
                is_angry: moods.contains(&"anger"),
            });
        }
    }
    Ok(Some(said))
}

/// Two clips as one utterance, so much louder.
fn joined(one: &Path, two: &Path, gain_db: f32) -> Result<Vec<i16>, Box<dyn Error>> {
    let gain = 10f32.powf(gain_db / 20.0);
    let mut whole = Vec::new();
    for path in [one, two] {
        let clip = wav::read(path)?;
        let speech = speech_extent(&clip);
        let speech = if speech.is_empty() {
            0..clip.len()
        } else {
            speech
        };
        whole.extend([0; BREATH]);
        whole.extend(
            clip[speech]
                .iter()
                .map(|&sample| (f32::from(sample) * gain) as i16),
        );
    }
    whole.extend([0; BREATH]);
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_says_something_and_one_alone_is_angry_for_long() {
        let angry = CHARACTERS.iter().filter(|character| character.is_angry);
        assert_eq!(angry.count(), 1);
        for character in &CHARACTERS {
            let count: usize = character.says.iter().map(|(count, ..)| count).sum();
            assert!(count >= 5, "{}", character.name);
        }
    }

    #[test]
    fn those_who_turn_angry_are_calm_for_three_to_six_utterances_before() {
        for (place, expected) in [(0, 3), (1, 4), (3, 6), (4, 3)] {
            for character in &CHARACTERS {
                let says = character.said_by(place);
                let usual = if character.is_angry {
                    expected
                } else {
                    character.says[0].0
                };
                assert_eq!(says[0].0, usual, "{}", character.name);
                assert_eq!(says[1..].len(), character.says[1..].len());
            }
        }
    }

    #[test]
    fn two_clips_are_one_utterance_at_another_level() {
        let folder = std::env::temp_dir().join(format!("moods-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("tone.wav");
        wav::write(&path, &[&dsp::tone(300.0, 8_000, 8_000, 1_000)]).expect("written");
        let whole = joined(&path, &path, 6.02).expect("read");
        let loudest = whole.iter().map(|sample| sample.abs()).max();
        assert!(
            loudest.is_some_and(|peak| (1_900..2_100).contains(&peak)),
            "{loudest:?}"
        );
        assert!(whole.len() > 16_000 && whole.len() <= 16_000 + 3 * BREATH);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
