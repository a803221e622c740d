//! Conversations as callers on a real line play them: scenarios of `loadtest`, in its language.
//!
//! A caller on a line knows what sounds and no more, so they act once the bot has fallen silent. How
//! the call went inside is judged afterwards, from its journal.

use super::answers::answers;
use super::carried::{Needs, needs};
use super::expecting::says;
use super::report::{ANSWERS, FETCHES, HANGS_UP, Line, Played, Who};
use super::run::Rehearsal;
use super::script::{Act, CallerNumber, Person, Spoken, Step, Talk, What};
use super::tier_script::tier_script;
use call_model::{Key, Language};
use dialplan::{Plan, Slots};
use std::path::PathBuf;
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
/// A phone that rings is looked at for so long before anything is done.
const LOOKS: Duration = Duration::from_secs(1);
/// A person talks for so long.
const TALKS: Duration = Duration::from_secs(4);
/// The agent's phone, which does what it is told, and the one that takes what overflows, which is busy:
/// where the demo's callers have them.
const PHONES: [&str; 2] = [
    "agent desk on 127.0.0.1:15071",
    "agent overflow on 127.0.0.1:15072 is busy",
];

/// A conversation for a real line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallScript {
    /// What the caller does, as `loadtest` reads it.
    pub call: String,
    /// What the plan's back ends answer meanwhile, as its `backend.yaml` would tell it; empty where
    /// the conversation says nothing of them.
    pub back_end: String,
    /// What the intent tier answers, one line a question: an array of the messages of its contract,
    /// without the question's number, or `"down"`; empty where the conversation says nothing of it.
    pub tier: String,
    /// What the server must have beside the plan.
    pub needs: Needs,
}

impl Rehearsal {
    /// The conversation as a caller plays it at this moment, in milliseconds of Unix time, who calls
    /// the number NAME-en or NAME-zh of a plan, or NAME where its language is open; `place` says where
    /// the files of its recordings lie.
    ///
    /// # Errors
    /// Why it cannot be played so, in words, with the line that is in the way.
    pub fn call_script(
        &self,
        talk: &Talk,
        place: &dyn Fn(&str) -> PathBuf,
        unix_millis: u64,
    ) -> Result<CallScript, String> {
        let played = self.run(talk);
        if let Some(departure) = &played.departure {
            let line = departure.line;
            return Err(format!(
                "line {line}: it departs from its script in virtual time already"
            ));
        }
        let needs = needs(talk, &played)?;
        let is_open = |at| self.plan().hours().is_none_or(|hours| hours.is_open(at));
        if is_open(unix_millis) != is_open(self.header(&talk.stage).started_unix_millis) {
            return Err("the plan's hours are not now as they are in it".to_owned());
        }
        let answers = answers(self.plan(), talk, &played)?;
        let quiet = QUIET + answers.longest_wait;
        if quiet > QUIET_MAX {
            return Err(format!(
                "line {}: its back end is awaited longer than a pause of the bot lasts",
                answers.longest_line
            ));
        }
        let tier = match needs.tier {
            true => tier_script(&played.tier_answers)?,
            false => String::new(),
        };
        let script = Script {
            plan: self.plan(),
            language: spoken(self.plan(), talk),
            played: &played,
            quiet,
            place,
            has_phones: talk.steps.iter().any(rings_a_phone),
        };
        Ok(CallScript {
            call: script.write(talk)?,
            back_end: answers.text,
            tier,
            needs,
        })
    }
}

/// Whether an agent's phone has something to do.
fn rings_a_phone(step: &Step) -> bool {
    match step.what {
        What::Person(Person::NobodyIsThere | Person::QueueIsFull) => false,
        What::Person(_) => true,
        What::BackEnd { .. }
        | What::Tier(_)
        | What::Angry(_)
        | What::Caller { .. }
        | What::Ear(_)
        | What::Expect(_) => false,
    }
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
    place: &'a dyn Fn(&str) -> PathBuf,
    has_phones: bool,
}

impl Script<'_> {
    fn write(&self, talk: &Talk) -> Result<String, String> {
        let mut steps: Vec<String> = Vec::new();
        let mut acts = 0;
        for step in &talk.steps {
            match &step.what {
                What::Caller {
                    over,
                    recordings,
                    act,
                } => {
                    let cue = match over {
                        Some(words) => vec![self.over(words)?],
                        None => self.cue(acts),
                    };
                    steps.extend(cue.into_iter().map(|line| self.callers(line)));
                    steps.push(self.callers(match recordings.as_slice() {
                        [] => self.act(act, acts),
                        files => self.plays(files),
                    }));
                    acts += 1;
                }
                What::Person(news) => steps.extend(self.person(*news)),
                What::BackEnd { .. }
                | What::Tier(_)
                | What::Angry(_)
                | What::Ear(_)
                | What::Expect(_) => {}
            }
        }
        if !is_left_by_caller(&talk.steps) {
            let ending = match self.is_hung_up() {
                true => vec!["expect bye within 60s".to_owned()],
                false => {
                    let cue = self.cue(acts).into_iter();
                    cue.chain(["hang up".to_owned()]).collect()
                }
            };
            steps.extend(ending.into_iter().map(|line| self.callers(line)));
        }
        let mut text = self.head(talk).join("\n");
        for step in steps {
            text += "\n";
            text += &step;
        }
        Ok(text + "\n")
    }

    fn plays(&self, recordings: &[String]) -> String {
        let place = |file: &String| format!(" file:\"{}\"", (self.place)(file).display());
        let places: String = recordings.iter().map(place).collect();
        format!("say{places}")
    }

    /// Where phones take part, each line says who does it.
    fn callers(&self, line: String) -> String {
        match self.has_phones {
            true => format!("caller: {line}"),
            false => line,
        }
    }

    /// What the agent's phone does, and what the caller waits for meanwhile.
    fn person(&self, news: Person) -> Vec<String> {
        let ring = "desk: expect ring within 60s".to_owned();
        let look = format!("desk: wait {}", seconds(LOOKS));
        let does = |what: &str| vec![ring.clone(), look.clone(), format!("desk: {what}")];
        match news {
            Person::Answers => does("answer"),
            Person::IsBusy => does("be busy"),
            Person::Refuses => does("refuse"),
            Person::HangsUp => vec![
                format!("desk: wait {}", seconds(TALKS)),
                "desk: hang up".to_owned(),
            ],
            Person::NobodyAnswers => {
                vec![ring, "desk: expect stops ringing within 60s".to_owned()]
            }
            Person::NobodyIsThere | Person::QueueIsFull => Vec::new(),
        }
    }

    fn head(&self, talk: &Talk) -> Vec<String> {
        let name = self.plan.name();
        let number = match talk.stage.language {
            Spoken::Any if !talk.stage.called.is_empty() => talk.stage.called.clone(),
            Spoken::Any => name.to_owned(),
            Spoken::Fixed(language) => format!("{name}-{language}"),
        };
        let mut head = vec![format!("title: {}", talk.title), format!("to: {number}")];
        match &talk.stage.caller {
            CallerNumber::Any => {}
            CallerNumber::Withheld => head.push("caller caller from anonymous".to_owned()),
            CallerNumber::Told(number) => head.push(format!("caller caller from {number}")),
        }
        if self.has_phones {
            head.extend(PHONES.map(str::to_owned));
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
        let speaks = self.after(acts).any(|line| line.who == Who::Bot);
        match (self.is_fetched(acts), speaks) {
            // Music sounds on, and a word may fetch a person before its sentence is over.
            (true, _) => vec![format!("wait {}", seconds(FETCHED))],
            (false, false) => Vec::new(),
            (false, true) => vec![
                "expect speech within 20s".to_owned(),
                format!("wait for quiet {} within 120s", seconds(self.quiet)),
            ],
        }
    }

    /// Whether a person is being fetched, or there, when the caller has acted so often.
    fn is_fetched(&self, acts: usize) -> bool {
        let (mut seen, mut is_fetched) = (0, false);
        for line in &self.played.lines {
            match line.who {
                Who::Caller if seen == acts => break,
                Who::Caller => seen += 1,
                Who::Bot if line.what.starts_with(FETCHES) => is_fetched = true,
                Who::Person => is_fetched = line.what == ANSWERS,
                Who::Bot | Who::Service => {}
            }
        }
        is_fetched
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
