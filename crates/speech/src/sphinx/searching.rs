//! A search and the decoder that runs it.

use super::ffi::{Cepstrum, Decoder, Segment};
use super::pool::Lease;
use super::search::Search;
use super::windows::WINDOW;
use crate::SpeechError;
use call_model::CallTime;
use std::sync::Arc;

/// A search under way.
pub(super) struct Searching {
    pub(super) search: Arc<Search>,
    pub(super) decoder: Lease,
}

impl Searching {
    pub(super) fn begin(search: Arc<Search>, mut decoder: Lease) -> Result<Self, SpeechError> {
        decoder.load(&search)?;
        decoder.with(|decoder| decoder.start(&search.name))?;
        Ok(Self { search, decoder })
    }
}

/// One whole search over windows, from beginning to end: its score and its path.
pub(super) fn whole(
    decoder: &mut Decoder,
    name: &str,
    windows: &[Cepstrum],
) -> Result<(Option<i32>, Vec<Segment>), SpeechError> {
    decoder.start(name)?;
    decoder.push(windows)?;
    decoder.end()?;
    Ok((decoder.best(), path(decoder)))
}

/// The words of the best path; none where there is no path.
pub(super) fn path(decoder: &mut Decoder) -> Vec<Segment> {
    match decoder.best() {
        Some(_) => decoder.segments(),
        None => Vec::new(),
    }
}

/// The words of a path.
pub(super) fn words_in(search: &Search, segments: &[Segment]) -> Vec<String> {
    said(search, segments)
        .map(|(_, word)| word.to_owned())
        .collect()
}

/// The words of a path with their segments, without what a caller thinks aloud with between digits.
pub(super) fn said<'s>(
    search: &'s Search,
    segments: &'s [Segment],
) -> impl Iterator<Item = (&'s Segment, &'s str)> {
    let word = |segment: &'s Segment| Some((segment, search.word(&segment.word)?));
    let is_number = segments
        .iter()
        .filter_map(word)
        .any(|(_, word)| search.is_digit(word));
    segments
        .iter()
        .filter(move |segment| !is_number || search.thinking(&segment.word).is_none())
        .filter_map(word)
}

/// The windows of a segment.
pub(super) fn length(segment: &Segment) -> usize {
    segment.to.saturating_sub(segment.from) as usize + 1
}

/// When a window of the turn began.
pub(super) fn moment(began: CallTime, window: usize) -> CallTime {
    began + WINDOW * u32::try_from(window).unwrap_or(u32::MAX)
}
