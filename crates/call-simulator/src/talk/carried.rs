//! What of a conversation a real line can carry, and what the server must be like for it.

use super::report::Played;
use super::script::{Act, EarState, Person, Spoken, Step, Talk, What};

/// What a server must have, beside the plan, for a conversation to go as written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Needs {
    /// An intent tier, which answers as the conversation has it.
    pub tier: bool,
    /// A model that scores voices.
    pub voice: bool,
    /// Waiting rooms in which nobody is there now.
    pub closed: bool,
}

impl Needs {
    /// `usual`, or what is needed: `tier`, `voice-closed`, …
    pub fn name(self) -> String {
        let parts = [
            (self.tier, "tier"),
            (self.voice, "voice"),
            (self.closed, "closed"),
        ];
        let needed: Vec<&str> = parts
            .into_iter()
            .filter_map(|(is_needed, name)| is_needed.then_some(name))
            .collect();
        match needed.is_empty() {
            true => "usual".to_owned(),
            false => needed.join("-"),
        }
    }
}

/// What a conversation that went well in virtual time needs on a line.
///
/// # Errors
/// The first line that no caller and no server can bring about, and why.
pub(super) fn needs(talk: &Talk, played: &Played) -> Result<Needs, String> {
    if let Some((date, clock)) = &talk.stage.at {
        return Err(format!(
            "'at {date} {clock}': a server's clock shows its own day and time"
        ));
    }
    if !talk.stage.called.is_empty() && talk.stage.language != Spoken::Any {
        return Err(format!(
            "'fact called {}': which language that number has is the server's to say",
            talk.stage.called
        ));
    }
    let scored = talk
        .steps
        .iter()
        .find(|step| matches!(step.what, What::Angry(_)));
    for step in &talk.steps {
        if let Some(why) = refused(step, scored, played) {
            return Err(format!("line {}: '{}': {why}", step.line, step.written));
        }
    }
    let has = |is_it: &dyn Fn(&What) -> bool| talk.steps.iter().any(|step| is_it(&step.what));
    let needs = Needs {
        tier: has(&|what| matches!(what, What::Tier(_))),
        voice: scored.is_some(),
        closed: has(&|what| matches!(what, What::Person(Person::NobodyIsThere))),
    };
    let others = |what: &What| !matches!(what, What::Person(Person::NobodyIsThere));
    let rings = has(&|what| matches!(what, What::Person(_)) && others(what));
    match needs.closed && rings {
        true => Err("people are there and are not in one conversation".to_owned()),
        false => Ok(needs),
    }
}

/// Why a line cannot be brought about; nothing where it can.
fn refused(step: &Step, scored: Option<&Step>, played: &Played) -> Option<String> {
    match &step.what {
        What::Ear(EarState::Lost) => {
            Some("a recogniser is not taken away from a server that serves others".to_owned())
        }
        What::Ear(EarState::Back) => Some("a recogniser is there all along".to_owned()),
        What::Person(Person::QueueIsFull) => {
            Some("nobody else calls who would fill the queue".to_owned())
        }
        What::Person(_) if played.is_transferred => Some(
            "the plan transfers to an address of its own, where no phone of ours is".to_owned(),
        ),
        What::Caller {
            recordings,
            act: Act::Says(_) | Act::Unclear,
            ..
        } if recordings.is_empty() => scored.map(|scored| {
            format!(
                "line {} ('{}') scores the caller's voice, and a made voice has no anger: write \
                 'recording FILE' before it",
                scored.line, scored.written
            )
        }),
        What::Person(_)
        | What::Caller { .. }
        | What::Angry(_)
        | What::BackEnd { .. }
        | What::Tier(_)
        | What::Expect(_) => None,
    }
}
