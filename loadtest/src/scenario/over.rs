//! Speaking over a prompt: how each such expectation stands.

use super::player::{Player, Standing};
use super::verdict::{Measure, MeasureKind};
use crate::judge::{End, Playback};
use crate::rtp::{Act, Ear, FRAME, TICK};
use std::time::Duration;

/// 12 dB, less what G.711 rounds.
const DUCKED_DB: f32 = -11.5;
/// A stop is sure a third of a second after it.
const DECIDED_WITHIN: Duration = Duration::from_millis(500);
/// This close to its usual level a prompt is back.
const BACK_DB: f32 = -1.5;
/// So soon after the caller's end a prompt that goes on is back.
const BACK_WITHIN: Duration = Duration::from_secs(1);
/// So much of a prompt that goes on must be the prompt, sample for sample.
const SAME_SHARE: f32 = 0.9;

impl Player {
    /// The act, the prompt it spoke over, that prompt laid over what was heard, and its level
    /// before.
    pub(super) fn over<'a>(&'a self, ear: &'a Ear) -> Result<Over<'a>, Standing> {
        let fail = |what: &str| Standing::Failed(what.to_owned());
        let act = self
            .act
            .ok_or_else(|| fail("nothing was said before this step"))?;
        let sighting = self
            .spoken_over
            .and_then(|over| self.spotter.sightings().get(over))
            .ok_or_else(|| fail("no known prompt was playing when I began"))?;
        let onset = ear.frame_at(act.onset);
        let playback = self.spotter.playback(sighting, ear);
        let usual = playback
            .usual_gain_db(sighting.from..onset)
            .ok_or_else(|| fail("the prompt had only begun when I did"))?;
        Ok(Over {
            act,
            onset,
            usual,
            playback,
            end: sighting.end,
        })
    }
}

/// A prompt that was spoken over.
pub struct Over<'a> {
    act: Act,
    /// The frame of the caller's onset.
    onset: usize,
    /// The prompt's level before, in dB of its reference's.
    usual: f32,
    playback: Playback<'a>,
    end: Option<End>,
}

impl Over<'_> {
    /// `expect ducking`.
    pub fn ducks(&self, within: Duration, now: Duration, ear: &Ear) -> Standing {
        let Some(frame) = self
            .playback
            .falls_to(self.usual + DUCKED_DB, self.onset..ear.frames())
        else {
            if now <= self.act.onset + within + TICK * 5 {
                return Standing::Pending;
            }
            return Standing::Failed("the prompt stayed as loud as it was".into());
        };
        timed(
            MeasureKind::Duck,
            ear.arrival(frame).saturating_sub(self.act.onset),
            within,
            "12 dB lower",
        )
    }

    /// `expect stop`.
    pub fn stops(&self, within: Duration, now: Duration, ear: &Ear) -> Standing {
        match self.end {
            None if now <= self.act.onset + within + DECIDED_WITHIN => Standing::Pending,
            None | Some(End::Finished(_)) => Standing::Failed("the prompt played on".into()),
            Some(End::Stopped(frame)) => {
                let unplayed = self.playback.reference.len() - self.playback.played_at(frame);
                let seconds = unplayed as f32 / 8_000.0;
                let told = format!("stopped with {seconds:.1} s of it unplayed");
                let took = ear.arrival(frame).saturating_sub(self.act.onset);
                timed(MeasureKind::Stop, took, within, &told)
            }
        }
    }

    /// `expect prompt goes on`.
    pub fn goes_on(&self, lasting: Duration, now: Duration, ear: &Ear) -> Standing {
        let playback = self.playback;
        if let Some(End::Stopped(frame)) = self.end {
            let after = ear.arrival(frame).saturating_sub(self.act.onset);
            let told = format!("the prompt stopped {} ms after my onset", after.as_millis());
            return Standing::Failed(told);
        }
        let end = ear.frame_at(self.act.end);
        let Some(back) = playback.rises_to(self.usual + BACK_DB, end..ear.frames()) else {
            if now <= self.act.end + BACK_WITHIN + TICK * 5 {
                return Standing::Pending;
            }
            return Standing::Failed("the prompt did not come back to its level".into());
        };
        let back_after = ear.arrival(back).saturating_sub(self.act.end);
        if back_after > BACK_WITHIN {
            return Standing::Failed(format!(
                "the prompt was back only {} ms after my end",
                back_after.as_millis()
            ));
        }
        let last_frame = playback.end() / FRAME;
        let until = (back + (lasting.as_millis() / TICK.as_millis()) as usize).min(last_frame);
        if ear.frames() < until {
            return Standing::Pending;
        }
        let alike = playback.similarity(back..until);
        let ducked = playback.falls_to(self.usual + DUCKED_DB, self.onset..back);
        let told = match ducked {
            None => "it never ducked".to_owned(),
            Some(down) => format!("ducked for {} ms", (back - down) * 20),
        };
        if alike.all > 0 && alike.share() < SAME_SHARE {
            return Standing::Failed(format!(
                "{told}, then only {:.2} of it alike",
                alike.share()
            ));
        }
        Standing::passed(format!("{told}, goes on sample for sample{}", self.slips()))
    }

    /// Where the sender stood still, and the prompt with it.
    fn slips(&self) -> String {
        match self.playback.track.slips() {
            0 => String::new(),
            count => format!(", standing still {count} times"),
        }
    }
}

fn timed(kind: MeasureKind, took: Duration, within: Duration, what: &str) -> Standing {
    let told = format!("{what} {} ms after my onset", took.as_millis());
    if took > within {
        return Standing::Failed(told);
    }
    Standing::Passed(told, vec![Measure { kind, took }])
}
