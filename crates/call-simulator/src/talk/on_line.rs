//! Conversations as callers on a real line play them: scenarios of `loadtest`, in its language.
//!
//! A caller on a line knows what sounds and no more, so they act once the bot has fallen silent. How
//! the call went inside is judged afterwards, from its journal.

use super::answers::answers;
use super::expecting::says;
use super::report::{FETCHES, HANGS_UP, Line, Played, Who};
use super::run::Rehearsal;
use super::script::{Act, Spoken, Step, Talk, What};
use call_model::{Key, Language};
use dialplan::{Plan, Slots};
use std::time::Duration;

/// The bot has said what it has to say when nothing was heard for so long.
const QUIET: Duration = Duration::from_millis(1_200);
/// Nobody takes a longer pause for the end of what the bot says.
const QUIET_MAX: Duration = Duration::from_secs(5);
/// A silence lasts so much longer than the bot waits for.
const SLACK: Duration = Duration::from_millis(300);
/// What nobody understands, in a language that plans speak but of what none of them is about.
const UNCLEAR: &str = "purple umbrellas wander beneath the quiet orchestra";
/// So long a caller stays who is being put through to a person.
const FETCHED: Duration = Duration::from_secs(8);

/// A conversation for a real line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallScript {
    /// What the caller does, as `loadtest` reads it.
    pub call: String,
    /// What the plan's back ends answer meanwhile, as its `backend.yaml` would tell it; empty where
    /// the conversation says nothing of them.
    pub back_end: String,
}

impl Rehearsal {
    /// The conversation as a caller plays it at this moment, in milliseconds of Unix time, who calls
    /// the number NAME-en or NAME-zh of a plan, or NAME where its language is open.
    ///
    /// # Errors
    /// Why it cannot be played so, in words.
    pub fn call_script(&self, talk: &Talk, unix_millis: u64) -> Result<CallScript, String> {
        is_of_this_world(talk)?;
        let is_open = |at| self.plan().hours().is_none_or(|hours| hours.is_open(at));
        if is_open(unix_millis) != is_open(self.header(&talk.stage).started_unix_millis) {
            return Err("the plan's hours are not now as they are in it".to_owned());
        }
        let played = self.run(talk);
        if played.departure.is_some() {
            return Err("it departs from its script in virtual time already".to_owned());
        }
        let answers = answers(self.plan(), talk)?;
        let quiet = QUIET + answers.longest_wait;
        if quiet > QUIET_MAX {
            return Err("its back end is awaited longer than a pause of the bot lasts".to_owned());
        }
        let script = Script {
            plan: self.plan(),
            language: spoken(self.plan(), talk),
            played: &played,
            quiet,
        };
        Ok(CallScript {
            call: script.write(talk)?,
            back_end: answers.text,
        })
    }
}

/// Some lines are about what no caller can bring about.
fn is_of_this_world(talk: &Talk) -> Result<(), String> {
    if talk.stage.at.is_some() {
        return Err("it is set at a day and time, and a server's clock shows its own".to_owned());
    }
    if !talk.stage.called.is_empty() {
        return Err("it names the number that is called".to_owned());
    }
    let why = talk.steps.iter().find_map(|step| match &step.what {
        What::Tier(_) => Some("the intent tier's words are given"),
        What::Angry(_) => Some("the score of the voice is given"),
        What::Ear(_) => Some("the recogniser is taken away"),
        What::Person(_) => Some("a person takes part"),
        What::Caller { .. } | What::BackEnd { .. } | What::Expect(_) => None,
    });
    why.map_or(Ok(()), |why| Err(why.to_owned()))
}

fn spoken(plan: &Plan, talk: &Talk) -> Language {
    match talk.stage.language {
        Spoken::Fixed(language) => language,
        Spoken::Any => plan.languages()[0],
    }
}

/// What is known when a script is written.
struct Script<'a> {
    plan: &'a Plan,
    language: Language,
    played: &'a Played,
    quiet: Duration,
}

impl Script<'_> {
    fn write(&self, talk: &Talk) -> Result<String, String> {
        let mut lines = self.head(talk);
        let mut acts = 0;
        for step in &talk.steps {
            if let What::Caller { over, act } = &step.what {
                match over {
                    Some(words) => lines.push(self.over(words)?),
                    None => lines.extend(self.cue(acts)),
                }
                lines.push(self.act(act, acts));
                acts += 1;
            }
        }
        if !is_left_by_caller(&talk.steps) {
            match self.is_hung_up() {
                true => lines.push("expect bye within 60s".to_owned()),
                false => {
                    lines.extend(self.cue(acts));
                    lines.push("hang up".to_owned());
                }
            }
        }
        lines.push(String::new());
        Ok(lines.join("\n"))
    }

    fn head(&self, talk: &Talk) -> Vec<String> {
        let name = self.plan.name();
        let number = match talk.stage.language {
            Spoken::Any => name.to_owned(),
            Spoken::Fixed(language) => format!("{name}-{language}"),
        };
        let mut head = vec![format!("title: {}", talk.title), format!("to: {number}")];
        if !talk.stage.caller.is_empty() {
            head.push(format!("caller caller from {}", talk.stage.caller));
        }
        head
    }

    /// What happened after so many acts of the caller's, until the next.
    fn after(&self, acts: usize) -> impl Iterator<Item = &Line> {
        let mut seen = 0;
        self.played.lines.iter().filter(move |line| {
            if line.who == Who::Caller {
                seen += 1;
                return false;
            }
            seen == acts
        })
    }

    /// Waits until it is the caller's turn again.
    fn cue(&self, acts: usize) -> Vec<String> {
        let is_fetched = (0..=acts).any(|acts| {
            let mut lines = self.after(acts);
            lines.any(|line| line.who == Who::Bot && line.what.starts_with(FETCHES))
        });
        let speaks = self.after(acts).any(|line| line.who == Who::Bot);
        match (is_fetched, speaks) {
            // Music sounds on, and a word may fetch a person before its sentence is over.
            (true, _) => vec![format!("wait {}", seconds(FETCHED))],
            (false, false) => Vec::new(),
            (false, true) => vec![
                "expect speech within 20s".to_owned(),
                format!("wait for quiet {} within 120s", seconds(self.quiet)),
            ],
        }
    }

    /// Waits until the bot says these words.
    fn over(&self, words: &str) -> Result<String, String> {
        let is_it = |wording: &dialplan::Wording| {
            let pieces = wording.0.get(&self.language).map_or(&[][..], Vec::as_slice);
            let is_constant = pieces.iter().all(|piece| piece.slot().is_none());
            is_constant
                && says(
                    &self.plan.render(wording, &Slots::new(), self.language),
                    words,
                )
        };
        let names = self.plan.nodes().filter_map(|(name, node)| {
            let prompt = node.prompt()?;
            is_it(&prompt.wording).then_some(name)
        });
        let names: Vec<&str> = names.collect();
        match names.is_empty() {
            true => Err("it speaks over words that are not the same in every call".to_owned()),
            false => Ok(format!("expect prompt {} within 60s", names.join(" or "))),
        }
    }

    fn act(&self, act: &Act, acts: usize) -> String {
        match act {
            Act::Says(words) if words.chars().any(super::ear::is_han) => {
                let words: String = words.chars().filter(|c| c.is_alphanumeric()).collect();
                // Made Mandarin is no speech that the recogniser was taught; recorded words are.
                format!("say zh:{words}")
            }
            Act::Says(words) => format!("say text:\"{}\"", words.replace('"', "")),
            Act::Keys(keys) => {
                let faces: String = keys.iter().copied().map(Key::face).collect();
                format!("key {faces}")
            }
            Act::Silence(Some(span)) => format!("wait {}", seconds(*span)),
            Act::Silence(None) => format!("wait {}", seconds(self.silence(acts) + SLACK)),
            Act::HangsUp => "hang up".to_owned(),
            Act::Unclear => format!("say text:\"{UNCLEAR}\""),
        }
    }

    /// How long the caller was silent before the bot spoke again.
    fn silence(&self, acts: usize) -> Duration {
        let mut own = self.played.lines.iter();
        let mut own = own.by_ref().filter(|line| line.who == Who::Caller);
        let from = own.nth(acts).map(|line| line.at);
        let mut next = self.after(acts + 1).filter(|line| line.who == Who::Bot);
        let span = from.zip(next.next()).map(|(from, to)| to.at.since(from));
        span.unwrap_or_default()
    }

    fn is_hung_up(&self) -> bool {
        let mut lines = self.played.lines.iter();
        lines.any(|line| line.who == Who::Bot && line.what == HANGS_UP)
    }
}

fn is_left_by_caller(steps: &[Step]) -> bool {
    let hangs_up = |step: &Step| {
        matches!(
            step.what,
            What::Caller {
                act: Act::HangsUp,
                ..
            }
        )
    };
    steps.iter().any(hangs_up)
}

fn seconds(span: Duration) -> String {
    format!("{}ms", span.as_millis())
}
