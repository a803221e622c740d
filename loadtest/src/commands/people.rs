//! What the measurements with an agent's phone share.

use crate::call::{self, Acted};
use crate::cli::PeopleArgs;
use crate::judge::Library;
use crate::scenario::{Action, ClipError, Clips, Run, Scenario, SharedSpeech, Verdict};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The party that calls.
pub const CALLER: usize = 0;
/// The party whose phone rings.
pub const DESK: usize = 1;
/// Between two calls, so that the phone's agent is free again.
const BETWEEN_CALLS: Duration = Duration::from_millis(700);

/// Acts out scenarios that are made as they are needed.
pub struct Troupe<'a> {
    args: &'a PeopleArgs,
    library: Arc<Library>,
    shared: SharedSpeech,
    number: u64,
}

impl<'a> Troupe<'a> {
    /// Reads the prompts that may be heard.
    pub fn gather(args: &'a PeopleArgs) -> Result<Self, Box<dyn Error>> {
        let library = match &args.prompts {
            Some(folder) => Library::open(folder)?,
            None => Library::default(),
        };
        Ok(Self {
            args,
            library: Arc::new(library),
            shared: SharedSpeech::open(&args.speech.folder()),
            number: 0,
        })
    }

    /// Whether a prompt of this name may be heard.
    pub fn knows(&self, prompt: &str) -> bool {
        self.library.knows(prompt)
    }

    /// Acts one out; `told` hears of each step. A clip that is not on this machine is an error of
    /// the inner kind.
    pub async fn act(
        &mut self,
        text: &str,
        told: &mut dyn FnMut(&Verdict),
    ) -> Result<Result<Acted, ClipError>, Box<dyn Error>> {
        let scenario: Scenario = text
            .parse()
            .map_err(|error| format!("{error} in\n{text}"))?;
        let clips = match Clips::read(&scenario, &self.args.fixtures, &self.shared) {
            Ok(clips) => clips,
            Err(error @ ClipError::NotHere { .. }) => return Ok(Err(error)),
            Err(error @ ClipError::Unreadable { .. }) => return Err(error.into()),
        };
        if self.number > 0 {
            tokio::time::sleep(BETWEEN_CALLS).await;
        }
        let dial = self.args.target.dial(self.number)?;
        self.number += 1;
        let run = Run::new(scenario, clips, Arc::clone(&self.library), &dial.from);
        Ok(Ok(call::act(&dial, run, told).await?))
    }

    /// How long the speech of `clips`, said as one, lasts up to the end of the last of them.
    pub fn spoken_until(&self, clips: &[&str]) -> Result<Duration, ClipError> {
        let text = format!("say {}", clips.join(" "));
        let Ok(scenario) = text.parse::<Scenario>() else {
            return Ok(Duration::ZERO);
        };
        let read = Clips::read(&scenario, &self.args.fixtures, &self.shared)?;
        let party = &scenario.parties[CALLER];
        let Action::Say { clips: names, .. } = &scenario.steps[0].action else {
            return Ok(Duration::ZERO);
        };
        let audio = read.clip(party, names);
        let end = audio.map_or(0, |audio| crate::rtp::speech_extent(&audio).end);
        Ok(Duration::from_micros(end as u64 * 125))
    }
}
