//! Which prompt is this? Asked at every beginning of sound, while the call goes on.

pub use super::candidate::End;
use super::candidate::{Candidate, PAUSE_DBFS};
use super::library::{Library, Reference};
use super::match_audio::glimpse;
use super::playback::Playback;
use super::track::Track;
use crate::rtp::{Ear, FRAME, LOUD_DBFS};
use std::ops::Range;
use std::sync::Arc;

/// So much of a prompt is compared first: 400 ms.
const PROBE: usize = 3_200;
/// So far from the first loud frame a prompt's own beginning is looked for: 60 ms.
const SLACK: usize = 480;
/// So many references are compared in one tick, so that a tick stays short.
const REFERENCES_A_TICK: usize = 8;
/// After so much of a prompt it is no other that begins alike: 1 s.
const SURE_FRAMES: usize = 50;
/// Sound nobody knows is looked at again after so many quiet frames.
const PAUSE_FRAMES: usize = 3;
/// In sound nobody knows a prompt's beginning is looked for every 100 ms,
const LOOK_FRAMES: usize = 5;
/// by this part of it, past what may still sound over its first milliseconds,
const GLIMPSE: Range<usize> = 320..1_600;
/// and is compared as a whole from this correlation on.
const WORTH_A_LOOK: f32 = 0.75;

/// A prompt that was heard.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The prompts it can be, by their place in the library; more than one only while (or where)
    /// they sound the same.
    pub prompts: Vec<usize>,
    /// Where the first of them stands in what was heard.
    pub track: Track,
    /// The first loud frame.
    pub from: usize,
    /// How it ended; none while it plays.
    pub end: Option<End>,
}

impl Sighting {
    /// Whether enough was heard to be sure: a second of it, or all.
    pub fn is_sure(&self, ear: &Ear) -> bool {
        let until = self.end.map_or(ear.frames(), End::frame);
        let is_long = until >= self.from + SURE_FRAMES;
        match self.end {
            None => is_long && self.prompts.len() == 1,
            Some(End::Stopped(_)) => is_long,
            Some(End::Finished(_)) => true,
        }
    }

    /// Whether something else sounded that only began like it: it was gone soon, and the sound
    /// went on.
    fn is_mistaken(&self, ear: &Ear) -> bool {
        let Some(End::Stopped(gone)) = self.end else {
            return false;
        };
        let after = gone..ear.frames();
        let quiet = after
            .clone()
            .filter(|&frame| ear.level(frame).is_some_and(|level| level < PAUSE_DBFS));
        !self.is_sure(ear) && quiet.count() * 2 < after.len()
    }
}

#[derive(Debug)]
enum Watch {
    /// Nothing sounds; frames before this one are done with.
    Silence { next: usize },
    /// Something began at this frame; these references fit so far.
    Collecting {
        onset: usize,
        next_reference: usize,
        found: Vec<Candidate>,
    },
    /// The last sighting plays; all its candidates fit up to this sample.
    Following {
        candidates: Vec<Candidate>,
        checked: usize,
    },
    /// Something that fits nothing sounds. A pause in it is looked for from `next` on; prompts that
    /// begin without one, as after music, from `looked` on.
    Unknown { next: usize, looked: usize },
}

/// Names the prompts in one call's sound.
#[derive(Debug)]
pub struct Spotter {
    library: Arc<Library>,
    watch: Watch,
    sightings: Vec<Sighting>,
}

impl Spotter {
    /// A spotter at the call's beginning.
    pub const fn new(library: Arc<Library>) -> Self {
        Self {
            library,
            watch: Watch::Silence { next: 0 },
            sightings: Vec::new(),
        }
    }

    /// Every prompt heard so far, in order.
    pub fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// The prompt that plays now.
    pub fn current(&self) -> Option<&Sighting> {
        self.sightings
            .last()
            .filter(|sighting| sighting.end.is_none())
    }

    /// The library it knows.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The names a sighting can have.
    pub fn names(&self, sighting: &Sighting) -> Vec<&str> {
        let references = self.library.references();
        sighting
            .prompts
            .iter()
            .map(|&prompt| references[prompt].name.as_str())
            .collect()
    }

    /// Whether a sighting answers to this name.
    pub fn is_called(&self, sighting: &Sighting, name: &str) -> bool {
        let references = self.library.references();
        sighting
            .prompts
            .iter()
            .any(|&prompt| references[prompt].answers_to(name))
    }

    /// A sighting laid over what was heard.
    pub fn playback<'a>(&'a self, sighting: &'a Sighting, ear: &'a Ear) -> Playback<'a> {
        Playback {
            heard: ear.samples(),
            reference: &self.library.references()[sighting.prompts[0]].samples,
            track: &sighting.track,
        }
    }

    /// Looks at what has come since the last tick.
    pub fn tick(&mut self, ear: &Ear) {
        self.watch = match std::mem::replace(&mut self.watch, Watch::Silence { next: 0 }) {
            Watch::Silence { next } => wait_for_sound(next, ear),
            Watch::Collecting {
                onset,
                next_reference,
                found,
            } => self.collect(onset, next_reference, found, ear),
            Watch::Following {
                candidates,
                checked,
            } => self.follow(candidates, checked, ear),
            Watch::Unknown { next, looked } => self.wait_for_pause(next, looked, ear),
        };
    }

    fn collect(
        &mut self,
        onset: usize,
        next: usize,
        mut found: Vec<Candidate>,
        ear: &Ear,
    ) -> Watch {
        let from = onset * FRAME;
        if ear.frames() * FRAME < from + PROBE + SLACK {
            return Watch::Collecting {
                onset,
                next_reference: next,
                found,
            };
        }
        let references = self.library.references();
        let until = references.len().min(next + REFERENCES_A_TICK);
        let some = references.iter().enumerate().take(until).skip(next);
        found.extend(some.filter_map(|(prompt, reference)| {
            Candidate::beginning(prompt, reference, ear, from, SLACK, PROBE)
        }));
        if until < references.len() {
            return Watch::Collecting {
                onset,
                next_reference: until,
                found,
            };
        }
        found.sort_by(|one, two| two.correlation.total_cmp(&one.correlation));
        let Some(best) = found.first() else {
            let next = onset + 1;
            return Watch::Unknown { next, looked: next };
        };
        self.sightings.push(Sighting {
            prompts: found.iter().map(|candidate| candidate.prompt).collect(),
            track: best.track.clone(),
            from: onset,
            end: None,
        });
        Watch::Following {
            candidates: found,
            checked: from + PROBE,
        }
    }

    /// What lies before a pause is looked at before the pause ends the search.
    fn wait_for_pause(&self, next: usize, looked: usize, ear: &Ear) -> Watch {
        let is_quiet = |frame| ear.level(frame).is_some_and(|level| level < PAUSE_DBFS);
        let unheard = ear.frames().saturating_sub(PAUSE_FRAMES - 1).max(next);
        let pause = (next..unheard).find(|&at| (at..at + PAUSE_FRAMES).all(is_quiet));
        let next = pause.unwrap_or(unheard);
        if let Some(at) = pause
            && looked >= at
        {
            return Watch::Silence {
                next: at + PAUSE_FRAMES,
            };
        }
        let needed = GLIMPSE.end.div_ceil(FRAME) + LOOK_FRAMES;
        if looked + needed > ear.frames() {
            return Watch::Unknown { next, looked };
        }
        match self.begins_within(looked..looked + LOOK_FRAMES, ear) {
            Some(onset) => Watch::Collecting {
                onset,
                next_reference: 0,
                found: Vec::new(),
            },
            None => Watch::Unknown {
                next,
                looked: looked + LOOK_FRAMES,
            },
        }
    }

    /// The frame among these at which some prompt seems to begin.
    fn begins_within(&self, frames: Range<usize>, ear: &Ear) -> Option<usize> {
        let starts = frames.start * FRAME + GLIMPSE.start..frames.end * FRAME + GLIMPSE.start;
        let best = self
            .library
            .references()
            .iter()
            .filter_map(|reference| {
                let part = reference.onset + GLIMPSE.start..reference.onset + GLIMPSE.end;
                glimpse(ear.samples(), reference.samples.get(part)?, starts.clone())
            })
            .max_by(|one, two| one.correlation.total_cmp(&two.correlation))?;
        let onset = (best.offset as usize).saturating_sub(GLIMPSE.start) / FRAME;
        (best.correlation >= WORTH_A_LOOK).then_some(onset.max(frames.start))
    }

    fn follow(&mut self, mut candidates: Vec<Candidate>, mut checked: usize, ear: &Ear) -> Watch {
        let references = self.library.references();
        let heard = ear.frames() * FRAME;
        while checked + PROBE <= heard {
            keep_fitting(&mut candidates, references, ear, checked..checked + PROBE);
            checked += PROBE;
        }
        for candidate in &mut candidates {
            candidate.follow(&references[candidate.prompt], ear);
        }
        let is_over = candidates.iter().all(|candidate| candidate.end.is_some());
        if is_over {
            keep_fitting(&mut candidates, references, ear, checked..heard);
        }
        let Some(sighting) = self.sightings.last_mut() else {
            return Watch::Silence { next: ear.frames() };
        };
        sighting.prompts = candidates
            .iter()
            .map(|candidate| candidate.prompt)
            .collect();
        sighting.track = candidates[0].track.clone();
        if !is_over {
            return Watch::Following {
                candidates,
                checked,
            };
        }
        sighting.end = candidates[0].end;
        if sighting.is_mistaken(ear) {
            self.sightings.pop();
            let next = ear.frames();
            return Watch::Unknown { next, looked: next };
        }
        let next = sighting.end.map_or(ear.frames(), End::frame);
        Watch::Silence { next }
    }
}

/// Drops the candidates that a window of what was heard speaks against; where it speaks against
/// all, something else is the matter (a stop), and it decides nothing.
fn keep_fitting(
    candidates: &mut Vec<Candidate>,
    references: &[Reference],
    ear: &Ear,
    window: Range<usize>,
) {
    let fits =
        |candidate: &Candidate| candidate.fits(&references[candidate.prompt], ear, window.clone());
    if candidates.len() > 1 && candidates.iter().any(fits) {
        candidates.retain(fits);
    }
}

fn wait_for_sound(next: usize, ear: &Ear) -> Watch {
    let is_loud = |&frame: &usize| ear.level(frame).is_some_and(|level| level >= LOUD_DBFS);
    match (next..ear.frames()).find(is_loud) {
        None => Watch::Silence {
            next: ear.frames().max(next),
        },
        Some(onset) => Watch::Collecting {
            onset,
            next_reference: 0,
            found: Vec::new(),
        },
    }
}

#[cfg(test)]
#[path = "spotter_tests.rs"]
mod tests;
