//! Who hears whom: voices of the other party, whispers, silence.

use super::player::{LineState, Player, Saying, Standing};
use super::verdict::{Measure, MeasureKind};
use crate::judge::{Reference, align, locate};
use crate::rtp::{Ear, FRAME, TICK};
use std::sync::Arc;
use std::time::Duration;

/// So long a voice may take from one mouth to the other ear.
const LONGEST_DELAY: Duration = Duration::from_millis(1_500);
/// A voice is looked for with so much of its beginning: 400 ms.
const PROBE: usize = 3_200;
/// Between two legs a jitter buffer may drop or insert so much at once: 80 ms.
const SLACK: usize = 640;
/// So much of a voice must be heard as it was said.
const SAME_SHARE: f32 = 0.8;
/// How often a voice is looked for: every 200 ms.
const EVERY_FRAMES: usize = 10;
/// The longest whisper: four seconds, and what rounding adds.
const LONGEST_WHISPER: Duration = Duration::from_millis(4_200);
/// So long nothing follows a whisper that is over.
const AFTER_WHISPER: Duration = Duration::from_millis(500);
/// From this correlation on two ears heard the same.
const SAME: f32 = 0.8;

/// What an agent was told alone.
#[derive(Clone, Debug)]
pub(super) struct Whisper {
    /// The loudest-beginning part of it, as it was heard.
    pub sample: Arc<[i16]>,
    /// When it began.
    pub from: Duration,
    /// When it ended.
    pub until: Duration,
}

impl Player {
    /// `expect voice of …`: what the other said last is in this ear.
    pub(super) fn expect_voice(
        &self,
        name: &str,
        said: Option<&Saying>,
        within: Duration,
        now: Duration,
        ear: &Ear,
    ) -> Standing {
        let Some(said) = said else {
            return Standing::Failed(format!("{name} has said nothing yet"));
        };
        let deadline = said.act.end + within;
        if now <= deadline && !ear.frames().is_multiple_of(EVERY_FRAMES) {
            return Standing::Pending;
        }
        let reference = Reference::new(name.to_owned(), Arc::clone(&said.audio));
        let from = ear.frame_at(said.act.onset).saturating_sub(EVERY_FRAMES) * FRAME;
        let until = ear.frame_at(said.act.onset + LONGEST_DELAY) * FRAME;
        let heard = &ear.samples()[..ear.frames() * FRAME];
        let found = locate(heard, &reference, from..until, PROBE, SLACK);
        let share = found.map_or(0.0, |found| found.similarity.share());
        if let Some(found) = found.filter(|_| share >= SAME_SHARE) {
            let onset = (found.starts_at.as_micros() / 125) as usize + reference.onset;
            let took = ear.arrival(onset / FRAME).saturating_sub(said.act.onset);
            let told = format!(
                "{share:.2} of it alike, {} ms from mouth to ear",
                took.as_millis()
            );
            let kind = MeasureKind::VoiceDelay;
            return Standing::Passed(told, vec![Measure { kind, took }]);
        }
        if now <= deadline + TICK * 5 {
            return Standing::Pending;
        }
        Standing::Failed(format!(
            "{}, {share:.2} of it like {name}'s voice",
            self.heard_since(said.act.onset, ear)
        ))
    }

    /// What sounded since a moment, in words.
    pub(super) fn heard_since(&self, from: Duration, ear: &Ear) -> String {
        let sightings = self.spotter.sightings().iter();
        let prompts: Vec<String> = sightings
            .filter(|sighting| {
                let until = sighting.end.map_or(ear.frames(), crate::judge::End::frame);
                ear.arrival(until.saturating_sub(1)) >= from
            })
            .map(|sighting| self.spotter.names(sighting).join(" or "))
            .collect();
        let sounded = ear.bursts().iter().any(|burst| {
            let last = burst.to.unwrap_or(ear.frames()).saturating_sub(1);
            ear.arrival(last) >= from
        });
        match (prompts.is_empty(), sounded) {
            (false, _) => format!("heard {}", prompts.join(", ")),
            (true, false) => "heard nothing".to_owned(),
            (true, true) => "heard sound that is none of the prompts".to_owned(),
        }
    }

    /// `expect whisper`: something is said to the agent alone after its answer, and ends soon.
    pub(super) fn expect_whisper(
        &mut self,
        within: Duration,
        now: Duration,
        ear: &Ear,
    ) -> Standing {
        let LineState::On { since } = self.line else {
            return Standing::Pending;
        };
        let Some(first) = ear.bursts().first() else {
            if now <= since + within + TICK * 5 {
                return Standing::Pending;
            }
            return Standing::Failed("heard nothing".into());
        };
        let began = ear.arrival(first.from);
        if began > since + within {
            let late = (began - since).as_millis();
            return Standing::Failed(format!("the first sound came {late} ms after my answer"));
        }
        let mut until = first.from;
        for burst in ear.bursts() {
            let gap = ear.arrival(burst.from).saturating_sub(ear.arrival(until));
            if burst.from != first.from && gap >= AFTER_WHISPER {
                break;
            }
            until = burst.to.unwrap_or(ear.frames());
        }
        let ended = ear.arrival(until);
        let took = ended.saturating_sub(began);
        if took > LONGEST_WHISPER {
            return Standing::Failed(format!("sound of {:.1} s and more", took.as_secs_f64()));
        }
        if ear.arrival(ear.frames()) < ended + AFTER_WHISPER {
            return Standing::Pending;
        }
        let from = first.from * FRAME;
        let sample = &ear.samples()[from..ear.samples().len().min(from + PROBE)];
        self.whisper = Some(Whisper {
            sample: sample.into(),
            from: began,
            until: ended,
        });
        let kind = MeasureKind::Whisper;
        let told = format!(
            "{:.1} s of speech, {} ms after my answer",
            took.as_secs_f64(),
            (began.saturating_sub(since)).as_millis()
        );
        Standing::Passed(told, vec![Measure { kind, took }])
    }

    /// `expect no whisper`: what the agent was told is not in this ear.
    pub(super) fn expect_no_whisper(
        &self,
        whisper: Option<&Whisper>,
        now: Duration,
        ear: &Ear,
    ) -> Standing {
        let Some(whisper) = whisper else {
            return Standing::Failed("no agent was told anything alone".into());
        };
        if now < whisper.until + LONGEST_DELAY {
            return Standing::Pending;
        }
        let from = ear.frame_at(whisper.from).saturating_sub(EVERY_FRAMES) * FRAME;
        let until = ear.frame_at(whisper.from + LONGEST_DELAY) * FRAME;
        let place = align(ear.samples(), &whisper.sample, from..until);
        let likeness = place.map_or(0.0, |place| place.correlation);
        if likeness >= SAME {
            return Standing::Failed(format!("heard it too, {likeness:.2} alike"));
        }
        Standing::passed(format!("{likeness:.2} alike at the most"))
    }

    /// `expect done`: the caller's time from the answer to this step is short enough.
    pub(super) fn expect_done(&self, within: Duration, now: Duration) -> Standing {
        let LineState::On { since } = self.line else {
            return Standing::Pending;
        };
        let took = now.saturating_sub(since);
        let told = format!("{:.1} s of the caller's time", took.as_secs_f64());
        match took <= within {
            true => Standing::passed(told),
            false => Standing::Failed(told),
        }
    }

    /// `expect no silence`: since its last own sound it never heard nothing for so long.
    pub(super) fn expect_no_silence(&self, above: Duration, now: Duration, ear: &Ear) -> Standing {
        let LineState::On { since } = self.line else {
            return Standing::Pending;
        };
        let from = self.act.map_or(since, |act| act.end.max(since));
        let (longest, at) = longest_silence(ear, from, now);
        let told = format!(
            "{:.1} s at the longest, from {:.1} s on",
            longest.as_secs_f64(),
            at.as_secs_f64()
        );
        if longest > above {
            return Standing::Failed(told);
        }
        Standing::passed(told)
    }
}

/// The longest stretch without sound between two moments, and where it began.
pub fn longest_silence(ear: &Ear, from: Duration, until: Duration) -> (Duration, Duration) {
    let (mut longest, mut at, mut quiet_since) = (Duration::ZERO, from, from);
    for burst in ear.bursts() {
        let began = ear.arrival(burst.from).min(until);
        if began > quiet_since && began - quiet_since > longest {
            (longest, at) = (began - quiet_since, quiet_since);
        }
        let ended = burst.to.map_or(until, |to| ear.arrival(to));
        quiet_since = quiet_since.max(ended);
    }
    let last = until.saturating_sub(quiet_since);
    if last > longest {
        (longest, at) = (last, quiet_since);
    }
    (longest, at)
}
