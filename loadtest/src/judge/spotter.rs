//! Which prompt is this? Asked at every beginning of sound, while the call goes on.

use super::library::{Library, Reference};
use super::match_audio::{Alignment, align, correlation};
use super::playback::Playback;
use crate::rtp::{Ear, FRAME, LOUD_DBFS};
use std::ops::Range;
use std::sync::Arc;

/// So much of a prompt is compared first: 400 ms.
const PROBE: usize = 3_200;
/// So far from the first loud frame a prompt's own beginning is looked for: 60 ms.
const SLACK: usize = 480;
/// From this correlation on it may be this prompt.
const LIKELY: f32 = 0.8;
/// So many references are compared in one tick, so that a tick stays short.
const REFERENCES_A_TICK: usize = 8;
/// Sound nobody knows is looked at again after so many quiet frames.
const PAUSE_FRAMES: usize = 3;
const PAUSE_DBFS: f32 = -48.0;

/// A prompt that was heard.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The prompts it can be, by their place in the library; more than one only while (or where)
    /// they sound the same.
    pub prompts: Vec<usize>,
    /// Where the first of them stands in what was heard.
    pub alignment: Alignment,
    /// The first loud frame.
    pub from: usize,
    /// The frame at which it ended or stopped; none while it plays.
    pub to: Option<usize>,
}

#[derive(Debug)]
enum Watch {
    /// Nothing sounds; frames before this one are done with.
    Silence { next: usize },
    /// Something began at this frame; these references fit so far.
    Collecting {
        onset: usize,
        next_reference: usize,
        found: Vec<(usize, Alignment)>,
    },
    /// The last sighting plays; all its candidates fit up to this sample.
    Following {
        candidates: Vec<(usize, Alignment)>,
        checked: usize,
    },
    /// Something that fits nothing sounds.
    Unknown { next: usize },
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
            .filter(|sighting| sighting.to.is_none())
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
    pub fn playback<'a>(&'a self, sighting: &Sighting, ear: &'a Ear) -> Playback<'a> {
        Playback {
            heard: ear.samples(),
            reference: &self.library.references()[sighting.prompts[0]].samples,
            offset: sighting.alignment.offset,
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
            Watch::Unknown { next } => wait_for_pause(next, ear),
        };
    }

    fn collect(
        &mut self,
        onset: usize,
        next: usize,
        mut found: Vec<(usize, Alignment)>,
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
        for (prompt, reference) in references.iter().enumerate().take(until).skip(next) {
            let end = reference.samples.len().min(reference.onset + PROBE);
            let probe = &reference.samples[reference.onset..end];
            let place = align(
                ear.samples(),
                probe,
                from.saturating_sub(SLACK)..from + SLACK,
            );
            if let Some(mut place) = place.filter(|place| place.correlation >= LIKELY) {
                place.offset -= reference.onset as isize;
                found.push((prompt, place));
            }
        }
        if until < references.len() {
            return Watch::Collecting {
                onset,
                next_reference: until,
                found,
            };
        }
        found.sort_by(|one, two| two.1.correlation.total_cmp(&one.1.correlation));
        let Some(&(_, alignment)) = found.first() else {
            return Watch::Unknown { next: onset + 1 };
        };
        self.sightings.push(Sighting {
            prompts: found.iter().map(|&(prompt, _)| prompt).collect(),
            alignment,
            from: onset,
            to: None,
        });
        Watch::Following {
            candidates: found,
            checked: from + PROBE,
        }
    }

    fn follow(
        &mut self,
        mut candidates: Vec<(usize, Alignment)>,
        mut checked: usize,
        ear: &Ear,
    ) -> Watch {
        let references = self.library.references();
        let heard = ear.frames() * FRAME;
        while checked + PROBE <= heard {
            keep_fitting(&mut candidates, references, ear, checked..checked + PROBE);
            checked += PROBE;
        }
        let ends: Option<Vec<usize>> = candidates
            .iter()
            .map(|&(prompt, place)| end_of(&references[prompt].samples, place.offset, ear))
            .collect();
        let ended = ends.and_then(|ends| ends.into_iter().max());
        if ended.is_some() {
            keep_fitting(&mut candidates, references, ear, checked..heard);
        }
        let Some(sighting) = self.sightings.last_mut() else {
            return Watch::Silence { next: ear.frames() };
        };
        sighting.prompts = candidates.iter().map(|&(prompt, _)| prompt).collect();
        sighting.alignment = candidates[0].1;
        sighting.to = ended;
        match ended {
            Some(end) => Watch::Silence { next: end },
            None => Watch::Following {
                candidates,
                checked,
            },
        }
    }
}

/// Drops the candidates that a window of what was heard speaks against; where it speaks against
/// all, something else is the matter (a stop), and it decides nothing.
fn keep_fitting(
    candidates: &mut Vec<(usize, Alignment)>,
    references: &[Reference],
    ear: &Ear,
    window: Range<usize>,
) {
    let fits = |&(prompt, place): &(usize, Alignment)| {
        fits(
            ear,
            &references[prompt].samples,
            place.offset,
            window.clone(),
        )
    };
    if candidates.len() > 1 && candidates.iter().any(fits) {
        candidates.retain(fits);
    }
}

/// The frame at which the prompt was over, by its own length or because it was stopped.
fn end_of(reference: &[i16], offset: isize, ear: &Ear) -> Option<usize> {
    let playback = Playback {
        heard: &ear.samples()[..ear.frames() * FRAME],
        reference,
        offset,
    };
    let newest = ear.frames();
    let last = usize::try_from(offset + reference.len() as isize).unwrap_or(0) / FRAME;
    let stopped = playback.stops(newest.saturating_sub(50)..newest);
    stopped.or_else(|| (newest >= last).then_some(last))
}

fn fits(ear: &Ear, reference: &[i16], offset: isize, window: Range<usize>) -> bool {
    let heard = &ear.samples()[window.clone()];
    let from = usize::try_from(window.start as isize - offset).unwrap_or(usize::MAX);
    let until = from.saturating_add(window.len()).min(reference.len());
    let reference = reference.get(from..until).unwrap_or_default();
    let silent = |samples: &[i16]| dsp::level::dbfs(samples) < PAUSE_DBFS;
    match (silent(heard), silent(reference)) {
        (true, true) => true,
        (false, false) => correlation(heard, reference) >= LIKELY,
        (true, false) | (false, true) => false,
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

fn wait_for_pause(next: usize, ear: &Ear) -> Watch {
    let is_quiet = |frame| ear.level(frame).is_some_and(|level| level < PAUSE_DBFS);
    for frame in next..ear.frames().saturating_sub(PAUSE_FRAMES - 1) {
        if (frame..frame + PAUSE_FRAMES).all(is_quiet) {
            return Watch::Silence {
                next: frame + PAUSE_FRAMES,
            };
        }
    }
    Watch::Unknown {
        next: ear.frames().saturating_sub(PAUSE_FRAMES - 1).max(next),
    }
}

#[cfg(test)]
#[path = "spotter_tests.rs"]
mod tests;
