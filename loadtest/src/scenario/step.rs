//! How each step stands, asked anew every tick.

use super::over::Over;
use super::player::{Player, Reply, Saying, Standing};
use super::{Action, Clips};
use crate::judge::{End, Sighting};
use crate::rtp::{Ear, Key, Mouth, TICK};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// After a prompt's beginning it takes this long to be sure which it is.
const RECOGNITION: Duration = Duration::from_millis(1_800);
/// A prompt that is to be spoken over begins within this.
const PROMPT_WITHIN: Duration = Duration::from_secs(30);

/// Speech of so many frames is no prompt if none was recognised in it by then: 1.2 s.
const UNKNOWN_FRAMES: usize = 60;

impl Player {
    /// How a step stands that is this party's alone, and wants to be heard or said.
    pub(super) fn stand_on_air(
        &mut self,
        action: &Action,
        clips: &Clips,
        now: Duration,
        ear: &Ear,
        mouth: &mut Mouth,
    ) -> Standing {
        match action {
            Action::ExpectPrompt { names, within } => self.expect_prompt(names, *within, now, ear),
            Action::ExpectSpeech { within } => self.expect_speech(*within, now, ear),
            Action::ExpectAnswer { within } => self.expect_answer(*within, now, ear),
            Action::WaitForQuiet { quiet, within } => {
                self.wait_for_quiet(*quiet, *within, now, ear)
            }
            Action::Say {
                clips: names,
                after,
            } => {
                let clip = clips.clip(&self.party, names);
                let Some(clip) = clip else {
                    return Standing::Failed(format!("there is no clip '{}'", names.join(" ")));
                };
                self.act(*after, now, ear, mouth, &Said::Clip(clip))
            }
            Action::Key { keys, after } => self.act(*after, now, ear, mouth, &Said::Keys(keys)),
            Action::ExpectDucking { within } => {
                self.judge_over(ear, |over| over.ducks(*within, now, ear))
            }
            Action::ExpectStop { within } => {
                self.judge_over(ear, |over| over.stops(*within, now, ear))
            }
            Action::ExpectGoesOn { lasting } => self.expect_goes_on(*lasting, now, ear),
            Action::ExpectMusic { within } => self.expect_music(*within, now, ear),
            Action::ExpectNoSilence { above } => self.expect_no_silence(*above, now, ear),
            Action::ExpectDone { within } => self.expect_done(*within, now),
            Action::ExpectWhisper { within } => self.expect_whisper(*within, now, ear),
            Action::Call => Standing::passed("answered"),
            Action::Wait(_)
            | Action::ExpectVoiceOf { .. }
            | Action::ExpectNoWhisper
            | Action::ExpectServedBefore { .. }
            | Action::ExpectBye { .. }
            | Action::HangUp
            | Action::ExpectRing { .. }
            | Action::ExpectNoRing { .. }
            | Action::ExpectDisplay(_)
            | Action::ExpectHeader { .. }
            | Action::ExpectNumberOf(_)
            | Action::ExpectStopsRinging { .. }
            | Action::ExpectIdle { .. }
            | Action::Answer
            | Action::DeclineCall(_)
            | Action::Behave(_) => Standing::Pending,
        }
    }

    fn judge_over(&self, ear: &Ear, judge: impl FnOnce(&Over<'_>) -> Standing) -> Standing {
        match self.over(ear) {
            Ok(over) => judge(&over),
            Err(standing) => standing,
        }
    }

    fn expect_goes_on(&mut self, lasting: Duration, now: Duration, ear: &Ear) -> Standing {
        let standing = self.judge_over(ear, |over| over.goes_on(lasting, now, ear));
        // A murmur wants no answer: what sounds next is not one.
        self.is_answered = matches!(standing, Standing::Passed(..));
        standing
    }

    fn expect_prompt(
        &mut self,
        names: &[String],
        within: Duration,
        now: Duration,
        ear: &Ear,
    ) -> Standing {
        let deadline = self.since + within;
        let not_before = self.act.map_or(Duration::ZERO, |act| act.onset);
        let is_wanted = |player: &Self, sighting: &Sighting| {
            names
                .iter()
                .any(|name| player.spotter.is_called(sighting, name))
        };
        let mut undecided = false;
        for (place, sighting) in self
            .spotter
            .sightings()
            .iter()
            .enumerate()
            .skip(self.consumed)
        {
            let began = ear.arrival(sighting.from);
            if began < not_before || began > deadline || !is_wanted(self, sighting) {
                continue;
            }
            if !sighting.is_sure(ear) {
                undecided |= sighting.end.is_none();
                continue;
            }
            let share = self.heard_share(sighting, ear);
            let finding = format!(
                "{} at {:.2} s{share}",
                self.spotter.names(sighting).join(" or "),
                began.as_secs_f64()
            );
            let names = self.spotter.names(sighting).into_iter();
            self.met = Some((names.map(str::to_owned).collect(), began));
            self.consumed = place + 1;
            return self.with_reply(finding, ear);
        }
        if undecided || now <= deadline + RECOGNITION {
            return Standing::Pending;
        }
        Standing::Failed(self.heard_instead(not_before, ear))
    }

    fn heard_share(&self, sighting: &Sighting, ear: &Ear) -> String {
        let until = sighting.end.map_or(ear.frames(), End::frame);
        let share = self
            .spotter
            .playback(sighting, ear)
            .similarity(0..until)
            .share();
        format!(", {share:.2} of it alike")
    }

    fn heard_instead(&self, from: Duration, ear: &Ear) -> String {
        let mut told = String::from("heard ");
        let sightings = self.spotter.sightings().iter().skip(self.consumed);
        let late: Vec<String> = sightings
            .filter(|sighting| ear.arrival(sighting.from) >= from)
            .map(|sighting| {
                let began = ear.arrival(sighting.from).as_secs_f64();
                format!(
                    "{} at {began:.2} s",
                    self.spotter.names(sighting).join(" or ")
                )
            })
            .collect();
        let sounds = ear
            .bursts()
            .iter()
            .filter(|burst| ear.arrival(burst.from) >= from)
            .count();
        let _ = match (late.is_empty(), sounds) {
            (false, _) => write!(told, "{}", late.join(", ")),
            (true, 0) => write!(told, "nothing"),
            (true, _) => write!(told, "sound that is none of the prompts"),
        };
        told
    }

    /// Passes a step that an answer met, with the time the answer took; one that began before the
    /// caller had finished fails it.
    fn with_reply(&mut self, mut finding: String, ear: &Ear) -> Standing {
        match self.reply(ear) {
            None => Standing::passed(finding),
            Some(Reply::TooEarly(by)) => Standing::Failed(format!(
                "{finding}, {} ms before I had finished",
                by.as_millis()
            )),
            Some(Reply::After(measure)) => {
                let _ = write!(finding, ", {} ms after my end", measure.took.as_millis());
                Standing::Passed(finding, vec![measure])
            }
        }
    }

    fn expect_speech(&mut self, within: Duration, now: Duration, ear: &Ear) -> Standing {
        let by = self.since + within;
        let heard = match self.act {
            Some(_) => self
                .answer(ear)
                .is_some_and(|frame| ear.arrival(frame) <= by),
            // What sounds already when the step begins is something too.
            None => ear.bursts().iter().any(|burst| {
                let sounds_on = burst.to.is_none_or(|to| ear.arrival(to) >= self.since);
                sounds_on && ear.arrival(burst.from) <= by
            }),
        };
        if heard {
            return self.with_reply("sound".to_owned(), ear);
        }
        if now <= self.since + within + TICK * 5 {
            return Standing::Pending;
        }
        Standing::Failed("heard nothing".into())
    }

    /// Speech of a second or so that is no prompt: it takes as long to be sure that it is none.
    fn expect_answer(&mut self, within: Duration, now: Duration, ear: &Ear) -> Standing {
        let after = self.act.map_or(self.since, |act| act.end);
        let by = self.since + within;
        let unknown = ear.bursts().iter().find_map(|burst| {
            let began = ear.arrival(burst.from);
            let until = burst.to.unwrap_or(ear.frames());
            let is_long = until - burst.from >= UNKNOWN_FRAMES;
            let is_known = self.spotter.sightings().iter().any(|sighting| {
                let end = sighting.end.map_or(ear.frames(), End::frame);
                sighting.from < until && burst.from < end
            });
            (began > after && began <= by && is_long && !is_known)
                .then(|| format!("speech at {:.2} s that is no prompt", began.as_secs_f64()))
        });
        if let Some(finding) = unknown {
            return self.with_reply(finding, ear);
        }
        if now <= by + RECOGNITION {
            return Standing::Pending;
        }
        Standing::Failed(self.heard_since(after, ear))
    }

    fn wait_for_quiet(
        &self,
        quiet: Duration,
        within: Duration,
        now: Duration,
        ear: &Ear,
    ) -> Standing {
        if self.spotter.current().is_none() && ear.quiet_for() >= quiet {
            return Standing::passed("");
        }
        if now <= self.since + within {
            return Standing::Pending;
        }
        Standing::Failed("it never became quiet".into())
    }

    fn act(
        &mut self,
        after: Option<Duration>,
        now: Duration,
        ear: &Ear,
        mouth: &mut Mouth,
        said: &Said<'_>,
    ) -> Standing {
        if self.asked {
            if !mouth.is_idle() {
                return Standing::Pending;
            }
            self.act = mouth.act();
            if let (Some(audio), Some(act)) = (self.speaking.take(), self.act) {
                self.said = Some(Saying { audio, act });
            }
            let lasted = self.act.map_or(0.0, |act| {
                (act.end + TICK).saturating_sub(act.onset).as_secs_f64()
            });
            return Standing::passed(format!("{lasted:.2} s"));
        }
        let current = self
            .spotter
            .current()
            .map(|sighting| ear.arrival(sighting.from));
        if let Some(after) = after {
            match current {
                Some(began) if now >= began + after => {}
                _ if now > self.since + PROMPT_WITHIN => {
                    return Standing::Failed("no known prompt has sounded for so long".into());
                }
                Some(_) | None => return Standing::Pending,
            }
        }
        self.spoken_over = current.map(|_| self.spotter.sightings().len() - 1);
        self.asked = true;
        self.is_answered = false;
        match said {
            Said::Keys(keys) => mouth.press(keys.iter().copied()),
            Said::Clip(clip) => {
                self.speaking = Some(Arc::clone(clip));
                mouth.say(Arc::clone(clip));
            }
        }
        Standing::Pending
    }
}

enum Said<'a> {
    Clip(Arc<[i16]>),
    Keys(&'a [Key]),
}
