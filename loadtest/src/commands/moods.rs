//! `loadtest moods`: do angry callers reach a person by the sound of their voice, and only they?
//!
//! Every speaker of a list calls as each of the characters. What they say is nothing that
//! the called plan minds; only how it sounds can bring them to a person.
//!
//! What these calls are held against are calls put together on paper, and they are made alike: those who turn angry are
//! calm for three to six utterances before, by their place in the list.

use super::Outcome;
use super::mood_characters::{CHARACTERS, Character, Said, utterances};
use super::people::{DESK, Troupe};
use crate::call::Acted;
use crate::cli::MoodsArgs;
use crate::manifest::{self, Mood};
use crate::report::tell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

/// Between two utterances: the turn ends, and the beep sounds.
const BETWEEN: &str = "2500ms";
/// The header that says why the phone rings.
const REASON: &str = "X-Bellhop-Reason";
/// Its value for the sound of a voice.
const ANGER: &str = "anger";

/// What came of one call.
struct Came {
    speaker: String,
    character: &'static Character,
    /// The angry utterances after which a phone rang for the sound of the voice; none: it did not.
    took: Option<usize>,
}

impl Came {
    /// Whether a person came. Whoever was not angry yet, and is owed one, was not found but mistaken.
    fn is_reached(&self) -> bool {
        self.took
            .is_some_and(|took| took > 0 || !self.character.is_angry)
    }
}

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
    let characters: Vec<&Character> = CHARACTERS.iter().filter(is_meant).collect();
    if characters.is_empty() {
        let names: Vec<&str> = CHARACTERS.iter().map(|character| character.name).collect();
        return Err(format!("--only: the characters are {names:?}").into());
    }
    let mut all = Vec::new();
    for (place, (speaker, clips)) in (args.place..).zip(&speakers) {
        for character in &characters {
            all.extend(call(args, &mut troupe, (speaker, clips), character, place).await?);
        }
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report(&all))?;
    }
    let tallies: Vec<(&Character, Tally)> = (characters.into_iter())
        .map(|character| (character, tally(&all, character)))
        .collect();
    Ok(judge(args, &tallies))
}

/// Has the speaker in this place call; nothing where there is too little to say.
async fn call(
    args: &MoodsArgs,
    troupe: &mut Troupe<'_>,
    (speaker, clips): (&String, &Vec<Mood>),
    character: &'static Character,
    place: usize,
) -> Result<Option<Came>, Box<dyn Error>> {
    let Some(said) = utterances(args, speaker, clips, character, place)? else {
        tell(format_args!("{speaker}, {}: too few clips", character.name));
        return Ok(None);
    };
    let text = scenario(args, &said);
    let acted = troupe.act(&text, &mut |_| {}).await??;
    let came = Came {
        speaker: speaker.clone(),
        character,
        took: reached_after(&acted, &said),
    };
    let what = match came.took {
        Some(0) if character.is_angry => "a person before any anger".to_owned(),
        Some(took) => format!("a person after {took} angry utterances"),
        None => "no person".to_owned(),
    };
    tell(format_args!("{speaker}, {}: {what}", character.name));
    Ok(Some(came))
}

/// A row a call.
fn report(all: &[Came]) -> String {
    let mut text = "speaker,owed,reached,utterances,character\n".to_owned();
    for came in all {
        let Character { name, is_angry, .. } = came.character;
        let (reached, took) = (came.is_reached(), came.took.unwrap_or(0));
        let _ = writeln!(
            text,
            "{},{is_angry},{reached},{took},\"{name}\"",
            came.speaker
        );
    }
    text
}

fn tally(all: &[Came], character: &Character) -> Tally {
    let calls = all
        .iter()
        .filter(|came| came.character.name == character.name);
    let reached = calls.clone().filter(|came| came.is_reached());
    Tally {
        calls: calls.count(),
        reached: reached.clone().count(),
        utterances: reached.filter_map(|came| came.took).sum(),
    }
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
    let (mut right, mut wrong) = (Tally::default(), Tally::default());
    for (character, tally) in tallies {
        let sum = if character.is_angry {
            &mut right
        } else {
            &mut wrong
        };
        sum.calls += tally.calls;
        sum.reached += tally.reached;
    }
    let share = |tally: &Tally| tally.reached as f64 * 100.0 / tally.calls.max(1) as f64;
    // Of one call all was told.
    if right.calls + wrong.calls > 1 {
        tell_table(tallies);
        tell(format_args!(
            "angry callers who reached a person {:.0} %, others {:.0} %",
            share(&right),
            share(&wrong)
        ));
    }
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

fn tell_table(tallies: &[(&Character, Tally)]) {
    tell(format_args!(
        "\n{:<18} {:>6} {:>8} {:>12}",
        "caller", "calls", "reached", "utterances"
    ));
    for (character, tally) in tallies {
        let mean = tally.utterances as f32 / tally.reached.max(1) as f32;
        tell(format_args!(
            "{:<18} {:>6} {:>8} {mean:>12.1}",
            character.name, tally.calls, tally.reached
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reaches_a_person_before_any_anger_was_not_found() {
        let [angry, .., shout] = &CHARACTERS;
        for (character, took, expected) in [
            (angry, None, false),
            (angry, Some(0), false),
            (angry, Some(3), true),
            (shout, Some(0), true),
            (shout, Some(1), true),
        ] {
            let came = Came {
                speaker: "anna".to_owned(),
                character,
                took,
            };
            assert_eq!(came.is_reached(), expected, "{} {took:?}", character.name);
        }
    }
}
