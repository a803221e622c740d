//! `loadtest moods`: do angry callers reach a person by the sound of their voice, and only they?
//!
//! Every speaker of a list calls as each of the characters below. What they say is nothing that
//! the called plan minds; only how it sounds can bring them to a person.

use super::Outcome;
use super::people::{DESK, Troupe};
use crate::call::Acted;
use crate::cli::MoodsArgs;
use crate::manifest::{self, Mood};
use crate::report::tell;
use crate::rtp::speech_extent;
use crate::wav;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Between two utterances: the turn ends, and the beep sounds.
const BETWEEN: &str = "2500ms";
/// Silence between two clips that are said as one utterance: 200 ms.
const BREATH: usize = 1_600;
/// What a calm voice is brought to, in dBov; the same gain goes to all that its speaker says.
const CALM_DBOV: f32 = -32.0;
/// The header that says why the phone rings.
const REASON: &str = "X-Bellhop-Reason";
/// Its value for the sound of a voice.
const ANGER: &str = "anger";

/// How somebody speaks who calls: so many utterances of a mood, one after another.
struct Character {
    name: &'static str,
    says: &'static [(usize, &'static [&'static str], f32)],
    /// Whether a person is owed.
    is_angry: bool,
}

const CALM: &[&str] = &["neutral", "calm"];

/// Moods by their labels, each with what it is louder than the speaker's usual, in dB.
const CHARACTERS: [Character; 4] = [
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

/// What came of the calls of one character.
#[derive(Default)]
struct Tally {
    calls: usize,
    reached: usize,
    /// Angry utterances it took, over those that reached a person.
    utterances: usize,
}

pub async fn measure(args: &MoodsArgs) -> Outcome {
    let mut troupe = Troupe::gather(&args.people)?;
    std::fs::create_dir_all(&args.out)?;
    let mut speakers: BTreeMap<String, Vec<Mood>> = BTreeMap::new();
    for clip in manifest::moods(&args.clips)? {
        speakers.entry(clip.speaker.clone()).or_default().push(clip);
    }
    let is_meant = |character: &&Character| {
        let only = args.only.as_deref();
        only.is_none_or(|only| character.name == only)
    };
    let characters = CHARACTERS.iter().filter(is_meant);
    let mut tallies: Vec<(&Character, Tally)> = characters
        .map(|character| (character, Tally::default()))
        .collect();
    if tallies.is_empty() {
        let names: Vec<&str> = CHARACTERS.iter().map(|character| character.name).collect();
        return Err(format!("--only: the characters are {names:?}").into());
    }
    for (speaker, clips) in &speakers {
        for (character, tally) in &mut tallies {
            let Some(said) = utterances(args, speaker, clips, character)? else {
                tell(format_args!("{speaker}, {}: too few clips", character.name));
                continue;
            };
            let text = scenario(args, &said);
            let acted = troupe.act(&text, &mut |_| {}).await??;
            let took = reached_after(&acted, &said);
            tell(match took {
                Some(took) => format!(
                    "{speaker}, {}: a person after {took} angry utterances",
                    character.name
                ),
                None => format!("{speaker}, {}: no person", character.name),
            });
            tally.calls += 1;
            tally.reached += usize::from(took.is_some());
            tally.utterances += took.unwrap_or(0);
        }
    }
    Ok(judge(args, &tallies))
}

/// One thing that is said.
struct Said {
    clip: PathBuf,
    is_angry: bool,
}

/// Writes what a character says in a speaker's voice; none where there is not enough of it.
fn utterances(
    args: &MoodsArgs,
    speaker: &str,
    clips: &[Mood],
    character: &Character,
) -> Result<Option<Vec<Said>>, Box<dyn Error>> {
    let of = |moods: &[&str]| -> Vec<&Mood> {
        let fits = |clip: &&Mood| moods.contains(&clip.emotion.as_str());
        clips.iter().filter(fits).collect()
    };
    let calm = of(CALM);
    let level = calm.iter().map(|clip| clip.level_dbov).sum::<f32>() / calm.len().max(1) as f32;
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut said = Vec::new();
    for (count, moods, louder) in character.says {
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

fn scenario(args: &MoodsArgs, said: &[Said]) -> String {
    let mut text = format!(
        "agent desk on {} never answers\ncaller: expect speech within 15s\ncaller: wait {BETWEEN}\n",
        args.people.agent
    );
    for said in said {
        text += &format!(
            "caller: say {}\ncaller: wait {BETWEEN}\n",
            said.clip.display()
        );
    }
    text + "caller: hang up\ndesk: expect idle within 2s\n"
}

/// The angry utterances after which a phone rang for the sound of the voice; none: it did not.
fn reached_after(acted: &Acted, said: &[Said]) -> Option<usize> {
    let is_anger = |(name, value): &(String, String)| name == REASON && value == ANGER;
    let rang = acted
        .run
        .rings(DESK)
        .iter()
        .find(|log| log.ring.headers.iter().any(is_anger))?;
    let mut begun = said.iter();
    let steps = acted.run.verdicts().iter();
    let spoken =
        steps.filter(|verdict| verdict.step.contains("say ") && verdict.at <= rang.ring.at);
    // The utterance under way when it rang counts too.
    let count = spoken.count() + 1;
    Some(
        begun
            .by_ref()
            .take(count)
            .filter(|said| said.is_angry)
            .count(),
    )
}

fn judge(args: &MoodsArgs, tallies: &[(&Character, Tally)]) -> bool {
    tell(format_args!(
        "\n{:<18} {:>6} {:>8} {:>12}",
        "caller", "calls", "reached", "utterances"
    ));
    let (mut right, mut wrong) = (Tally::default(), Tally::default());
    for (character, tally) in tallies {
        let mean = tally.utterances as f32 / tally.reached.max(1) as f32;
        tell(format_args!(
            "{:<18} {:>6} {:>8} {mean:>12.1}",
            character.name, tally.calls, tally.reached
        ));
        let sum = if character.is_angry {
            &mut right
        } else {
            &mut wrong
        };
        sum.calls += tally.calls;
        sum.reached += tally.reached;
    }
    let share = |tally: &Tally| tally.reached as f64 * 100.0 / tally.calls.max(1) as f64;
    tell(format_args!(
        "angry callers who reached a person {:.0} %, others {:.0} %",
        share(&right),
        share(&wrong)
    ));
    let is_heard = args
        .require_angry
        .is_none_or(|least| share(&right) >= least);
    let is_calm = args.require_others.is_none_or(|most| share(&wrong) <= most);
    if !is_heard {
        tell("NOT: too few of the angry reached a person");
    }
    if !is_calm {
        tell("NOT: too many reached a person who were not angry");
    }
    is_heard && is_calm && right.calls + wrong.calls > 0
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
