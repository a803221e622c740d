//! Hold music: is it that what sounds now?

use super::player::{Player, Standing};
use crate::judge::{Reference, align};
use crate::rtp::{Ear, FRAME, TICK};
use std::sync::Arc;
use std::time::Duration;

/// So much of what sounds is looked for in the music: 300 ms.
const PROBE: usize = 2_400;
/// So many places of the music are tried in one tick, so that a tick stays short.
const PLACES_A_TICK: usize = 8_000;
/// From this correlation on it is the music.
const SAME: f32 = 0.8;
/// Music that nobody knows is what sounds for so long without a pause: 2 s,
const STEADY_FRAMES: usize = 100;
/// all but so many frames of it,
const PAUSED_FRAMES: usize = 5;
/// at this level or more.
const AUDIBLE_DBFS: f32 = -50.0;
/// After the deadline a search that began before it is finished.
const SEARCHING: Duration = Duration::from_secs(4);

/// A piece of what sounds, on its way through the music.
#[derive(Clone, Debug)]
pub(super) struct MusicSearch {
    probe: Arc<[i16]>,
    /// Which music, and which of its places are next.
    music: usize,
    next: usize,
    best: f32,
}

impl Player {
    /// `expect music`: by its sound where the library knows the music, else by its steadiness.
    pub(super) fn expect_music(&mut self, within: Duration, now: Duration, ear: &Ear) -> Standing {
        let library = Arc::clone(&self.library);
        let found = match library.music() {
            [] => self
                .sounds_steadily(ear)
                .then_some("steady sound".to_owned()),
            music => self.search(music, ear),
        };
        if let Some(found) = found {
            return Standing::passed(found);
        }
        let patience = match library.music() {
            [] => TICK * 5,
            _ => SEARCHING,
        };
        if now <= self.since + within + patience {
            return Standing::Pending;
        }
        Standing::Failed(self.heard_since(self.since, ear))
    }

    fn sounds_steadily(&self, ear: &Ear) -> bool {
        let newest = ear.frames();
        let audible = (newest.saturating_sub(STEADY_FRAMES)..newest)
            .filter(|&frame| ear.level(frame).is_some_and(|level| level >= AUDIBLE_DBFS))
            .count();
        let began = ear.frame_at(self.since);
        self.spotter.current().is_none()
            && newest >= began + STEADY_FRAMES
            && audible + PAUSED_FRAMES >= STEADY_FRAMES
    }

    fn search(&mut self, music: &[Reference], ear: &Ear) -> Option<String> {
        let search = match &mut self.music {
            Some(search) => search,
            empty => empty.insert(MusicSearch {
                probe: latest_sound(ear)?,
                music: 0,
                next: 0,
                best: 0.0,
            }),
        };
        let Some(reference) = music.get(search.music) else {
            // It is in none of them: what sounds next is tried.
            self.music = None;
            return None;
        };
        let last = reference.samples.len().saturating_sub(search.probe.len());
        let places = search.next..last.min(search.next + PLACES_A_TICK);
        let place = align(&reference.samples, &search.probe, places);
        search.best = search
            .best
            .max(place.map_or(0.0, |place| place.correlation));
        search.next += PLACES_A_TICK;
        if search.best >= SAME {
            return Some(format!("{}, {:.2} alike", reference.name, search.best));
        }
        if search.next >= last {
            search.music += 1;
            search.next = 0;
        }
        None
    }
}

/// The last 300 ms, where they are all audible.
fn latest_sound(ear: &Ear) -> Option<Arc<[i16]>> {
    let frames = PROBE / FRAME;
    let from = ear.frames().checked_sub(frames)?;
    let is_audible = |frame| ear.level(frame).is_some_and(|level| level >= AUDIBLE_DBFS);
    (from..from + frames)
        .all(is_audible)
        .then(|| ear.samples()[from * FRAME..(from + frames) * FRAME].into())
}
