//! Calls are heard once more when they are over, by an engine that has time: what it makes of each turn stands
//! beside the call in the archive, and nothing else of the call changes.

mod desk;
mod shown;
mod turns;
mod worker;

pub use shown::show;
pub use worker::{Attention, Worker, WorkerSettings};

use anyhow::Context;
use call_archive::{
    ArchiveReader, CallStory, HeardAgain, Recording, RevisedTurn, Revision, Revisions,
};
use call_model::{CallId, CallTime, FRAME_SAMPLES, FRAME_TIME, Heard, Language, PcmFrame};
use dialplan::Plan;
use speech::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use turns::{Spoken, SpokenTurn};

/// Hears calls again.
pub struct Reviser {
    archive: ArchiveReader,
    revisions: Revisions,
    engine: Arc<dyn Recognizer>,
    /// Digests of the plans that the engine was made ready for.
    ready: BTreeSet<String>,
}

/// Why a call has no revision.
#[derive(Debug)]
pub enum Unrevised {
    /// It never will have one, for this reason.
    Left(String),
    /// The engine failed; another time may do.
    Failed(String),
    /// There was no more time.
    Stopped,
}

/// What came of hearing a call again, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Revised {
    /// Turns that were listened to.
    pub turns: usize,
    /// Turns among them in which something else was heard.
    pub changed: usize,
}

impl Reviser {
    /// With this engine.
    pub const fn new(
        archive: ArchiveReader,
        revisions: Revisions,
        engine: Arc<dyn Recognizer>,
    ) -> Self {
        Self {
            archive,
            revisions,
            engine,
            ready: BTreeSet::new(),
        }
    }

    /// Hears a call again, turn by turn, and keeps what was heard. `goes_on` is asked before each turn.
    pub fn revise(
        &mut self,
        call: CallId,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Revised, Unrevised> {
        let left = |error: anyhow::Error| Unrevised::Left(format!("{error:#}"));
        let story = self
            .archive
            .show(call)
            .context("it cannot be read")
            .map_err(left)?;
        let mut revision = self.blank(&story).map_err(left)?;
        self.check(call).map_err(left)?;
        let recording = Recording::open(&story.paths.wav)
            .context("its recording cannot be read")
            .map_err(left)?;
        let plan = self.plan(&story).map_err(left)?;
        self.make_ready(&plan)?;
        let spoken = Spoken::of(&story.journal);
        let channel = CallerChannel::default();
        let mut told = Revised::default();
        for turn in &spoken.turns {
            if !goes_on() {
                return Err(Unrevised::Stopped);
            }
            let sound = spoken.sound(turn, recording.caller());
            let heard = match sound {
                _ if turn.is_sensitive => HeardAgain::Sensitive,
                None => HeardAgain::NoSound,
                Some(sound) => {
                    let heard = self.hear(&plan, turn, sound, &channel);
                    heard.map_err(|error| Unrevised::Failed(error.to_string()))?
                }
            };
            told.count(turn, &heard);
            revision.turns.push(RevisedTurn {
                turn: turn.turn,
                from: turn.from,
                to: turn.to,
                heard,
            });
        }
        self.keep(&revision)?;
        Ok(told)
    }

    /// Notes beside a call that it was left as it is, and why.
    pub fn leave(&self, call: CallId, why: &str) -> anyhow::Result<()> {
        let revision = Revision {
            left: Some(why.to_owned()),
            ..self.blank(&self.archive.show(call)?)?
        };
        Ok(self.revisions.keep(&revision)?)
    }

    fn keep(&self, revision: &Revision) -> Result<(), Unrevised> {
        let kept = self.revisions.keep(revision);
        kept.map_err(|error| Unrevised::Failed(error.to_string()))
    }

    /// A revision in which nothing was heard yet.
    fn blank(&self, story: &CallStory) -> anyhow::Result<Revision> {
        let seal = story.row.seal.as_ref().context("it goes on")?;
        let audio = seal.audio_sha256.clone().context("it was not recorded")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = now.unwrap_or_default().as_millis();
        Ok(Revision {
            call: seal.call,
            engine: self.engine.name().to_owned(),
            heard_unix_millis: u64::try_from(millis).unwrap_or(u64::MAX),
            audio_sha256: audio,
            journal_sha256: seal.journal_sha256.clone(),
            left: None,
            turns: Vec::new(),
        })
    }

    /// What was changed since it was sealed is not the call.
    fn check(&self, call: CallId) -> anyhow::Result<()> {
        let report = self.archive.verify(call)?.context("it goes on")?;
        let is_intact = report.audio.is_intact() && report.journal.is_intact();
        anyhow::ensure!(is_intact, "its files are not what was sealed");
        Ok(())
    }

    fn plan(&self, story: &CallStory) -> anyhow::Result<Plan> {
        let digest = &story.row.header.plan_digest;
        let json = self.archive.plan(digest)?;
        let json = json.context("the plan it ran with is not in the archive")?;
        Plan::from_json(&json).context("the plan it ran with cannot be read")
    }

    /// A language without a model was not heard in the call either.
    fn make_ready(&mut self, plan: &Plan) -> Result<(), Unrevised> {
        if self.ready.contains(plan.digest()) {
            return Ok(());
        }
        for &language in plan.languages() {
            let grammars: Vec<_> = plan
                .grammars()
                .filter(|grammar| grammar.language == language)
                .cloned()
                .collect();
            let words = [Arc::clone(plan.escalation_words(language))];
            match self.engine.prepare(&grammars, &words) {
                Ok(()) | Err(SpeechError::ModelMissing { .. }) => {}
                Err(error) => return Err(Unrevised::Failed(error.to_string())),
            }
        }
        self.ready.insert(plan.digest().to_owned());
        Ok(())
    }

    fn hear(
        &self,
        plan: &Plan,
        turn: &SpokenTurn,
        sound: &[i16],
        channel: &CallerChannel,
    ) -> Result<HeardAgain, SpeechError> {
        let spoken = |(grammar, language): (_, Language)| {
            let grammar = Option::and_then(grammar, |id| plan.grammar(id)).cloned();
            (grammar, Arc::clone(plan.escalation_words(language)))
        };
        let (grammar, escalation) = spoken(turn.asked);
        let mut stream = self.engine.open(HearingRequest {
            turn: turn.turn,
            grammar,
            escalation,
            also: turn.also.map(spoken),
            channel: channel.clone(),
        })?;
        let mut at = CallTime::ZERO;
        for samples in sound.chunks(FRAME_SAMPLES) {
            let mut frame = PcmFrame::silent(at);
            frame.samples[..samples.len()].copy_from_slice(samples);
            stream.push(&frame)?;
            at = at + FRAME_TIME;
        }
        Ok(match stream.finish()? {
            Heard::Final { best, language, .. } => HeardAgain::Words {
                text: best.text,
                confidence: best.confidence,
                language: language.unwrap_or(turn.asked.1),
            },
            Heard::NoMatch { .. } | Heard::Partial { .. } => HeardAgain::Nothing,
        })
    }
}

impl Revised {
    fn count(&mut self, turn: &SpokenTurn, heard: &HeardAgain) {
        let text = match heard {
            HeardAgain::Words { text, .. } => text.reveal().as_str(),
            HeardAgain::Nothing => "",
            HeardAgain::Sensitive | HeardAgain::NoSound => return,
        };
        self.turns += 1;
        self.changed += usize::from(text != turn.text.reveal());
    }
}

#[cfg(test)]
mod tests;
