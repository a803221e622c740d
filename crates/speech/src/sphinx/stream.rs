//! The ear on one turn.

use super::ffi::{Cepstrum, Decoder, Library, Segment};
use super::judgement::{self, PhoneLoop, Scale};
use super::models::CheckedModel;
use super::pool::{Lease, PHONE_LOOP};
use super::search::Search;
use super::windows::{self, Front, LiveMean, WINDOW};
use crate::recognizer::ChannelMean;
use crate::{CallerChannel, HearingStream, SpeechError};
use call_model::{
    CallTime, Heard, Hypothesis, Language, PcmFrame, Private, SpottedWord, TurnId, WordSpan,
};
use std::sync::Arc;

/// The longest turn that is searched, in windows: a minute. What is said after it is not heard.
const TURN_MAX: usize = 6_000;
/// A turn up to so many windows is searched again at its end, with the mean of the whole.
const SECOND_LOOK_MAX: usize = 500;
/// So many frames pass between two looks at the paths.
const LOOK_EVERY: u32 = 4;
/// An escalation word is believed when so many windows follow it.
const SETTLED: usize = 8;

/// What a stream is opened with.
pub(super) struct Opening<'a> {
    pub(super) library: &'a Arc<Library>,
    pub(super) model: &'a CheckedModel,
    pub(super) turn: TurnId,
    pub(super) language: Language,
    pub(super) channel: CallerChannel,
    pub(super) grammar: Option<Arc<Search>>,
    pub(super) words: Option<Arc<Search>>,
    pub(super) lease: &'a dyn Fn() -> Result<Lease, SpeechError>,
}

pub(super) struct SphinxStream {
    turn: TurnId,
    language: Language,
    scale: Scale,
    channel: CallerChannel,
    /// What was known of the caller when the turn began; none: never heard before.
    carried: Option<ChannelMean>,
    front: Front,
    live: LiveMean,
    grammar: Option<Searching>,
    words: Option<Searching>,
    phones: Lease,
    /// Every window of the turn as the front end made it.
    heard: Vec<Cepstrum>,
    began: Option<CallTime>,
    frames: u32,
    last: Option<Heard>,
}

/// A search and the decoder that runs it.
struct Searching {
    search: Arc<Search>,
    decoder: Lease,
}

impl Searching {
    fn begin(search: Arc<Search>, mut decoder: Lease) -> Result<Self, SpeechError> {
        decoder.load(&search)?;
        decoder.with(|decoder| decoder.start(&search.name))?;
        Ok(Self { search, decoder })
    }
}

impl SphinxStream {
    pub(super) fn open(opening: Opening<'_>) -> Result<Self, SpeechError> {
        let lease = opening.lease;
        let begin = |search: Option<Arc<Search>>| match search {
            Some(search) => Ok(Some(Searching::begin(search, lease()?)?)),
            None => Ok(None),
        };
        let known = opening.channel.mean();
        let carried = (known.windows > 0.0).then_some(known);
        let grammar = begin(opening.grammar)?;
        let words = begin(opening.words)?;
        let mut phones = lease()?;
        phones.with(|decoder| decoder.start(PHONE_LOOP))?;
        Ok(Self {
            turn: opening.turn,
            language: opening.language,
            scale: judgement::scale(opening.language),
            channel: opening.channel,
            carried,
            front: Front::open(opening.library, opening.model)?,
            live: LiveMean::new(carried.unwrap_or(opening.model.prior)),
            grammar,
            words,
            phones,
            heard: Vec::new(),
            began: None,
            frames: 0,
            last: None,
        })
    }

    /// Feeds the windows that came after the first `before` to every search.
    fn search_on(&mut self, before: usize) -> Result<(), SpeechError> {
        if self.heard.len() == before {
            return Ok(());
        }
        let fresh = self.live.normalise(&self.heard[before..]);
        for searching in [&mut self.grammar, &mut self.words].into_iter().flatten() {
            searching.decoder.with(|decoder| decoder.push(&fresh))?;
        }
        self.phones.with(|decoder| decoder.push(&fresh))
    }

    /// What is understood so far.
    fn partial(&mut self) -> Result<Heard, SpeechError> {
        let words = match &mut self.grammar {
            Some(searching) => {
                let segments = searching.decoder.with(|decoder| Ok(path(decoder)))?;
                words_in(&searching.search, &segments)
            }
            None => Vec::new(),
        };
        let settled = self.heard.len().saturating_sub(SETTLED);
        let spotted = self.spotted(settled)?;
        let automaton = self.grammar.as_ref().and_then(|it| it.search.automaton());
        let place = automaton.and_then(|automaton| automaton.place(&words));
        Ok(Heard::Partial {
            turn: self.turn,
            text: Private::new(written(self.language, &words)),
            is_complete: place.is_some_and(|place| place.is_complete),
            can_continue: place.is_some_and(|place| place.can_continue),
            spotted,
        })
    }

    /// Escalation words that end before a window and stand up to the phones.
    fn spotted(&mut self, settled: usize) -> Result<Vec<SpottedWord>, SpeechError> {
        let Some(searching) = &mut self.words else {
            return Ok(Vec::new());
        };
        let segments = searching.decoder.with(|decoder| Ok(path(decoder)))?;
        let found: Vec<Segment> = segments
            .into_iter()
            .filter(|segment| (segment.to as usize) < settled)
            .filter(|segment| searching.search.escalation_word(&segment.word).is_some())
            .collect();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let loop_segments = self.phones.with(|decoder| Ok(path(decoder)))?;
        let phones = PhoneLoop::of(&loop_segments);
        let began = self.began.unwrap_or_default();
        let Some(searching) = &self.words else {
            return Ok(Vec::new());
        };
        let checked = found.iter().filter_map(|segment| {
            let word = searching.search.escalation_word(&segment.word)?;
            let margin = phones.margin(segment)?;
            (margin >= judgement::word_margin(self.language, word.class)).then(|| SpottedWord {
                word: word.text.clone(),
                class: word.class,
                from: moment(began, segment.from as usize),
                to: moment(began, segment.to as usize + 1),
                confidence: self
                    .scale
                    .confidence(self.scale.distance(margin, length(segment))),
            })
        });
        Ok(checked.collect())
    }

    /// The grammar's reading of the whole turn, and how far it stands above rejection.
    fn reading(&mut self) -> Result<Option<(Hypothesis, f32)>, SpeechError> {
        let Some((from, to)) = windows::speech(&self.heard) else {
            return Ok(None);
        };
        let Some(searching) = &mut self.grammar else {
            return Ok(None);
        };
        let (decoder, search) = (&mut searching.decoder, &searching.search);
        let (first, score, segments, phones, count) = if to - from <= SECOND_LOOK_MAX {
            let mean = windows::utterance_mean(self.carried, &self.heard[from..to]);
            let again = windows::normalised(&self.heard[from..to], &mean);
            let (score, segments) = decoder.with(|it| whole(it, &search.name, &again))?;
            let (phones, loops) = self.phones.with(|it| whole(it, PHONE_LOOP, &again))?;
            (from, score.zip(phones), segments, loops, again.len())
        } else {
            let (score, segments) = decoder.with(|it| Ok((it.best(), path(it))))?;
            let (phones, loops) = self.phones.with(|it| Ok((it.best(), path(it))))?;
            (0, score.zip(phones), segments, loops, self.heard.len())
        };
        let Some((score, phone_score)) = score else {
            return Ok(None);
        };
        let margin = (score - phone_score) as f32 / count.max(1) as f32;
        let distance = self.scale.distance(margin, count);
        let phones = PhoneLoop::of(&phones);
        let began = self.began.unwrap_or_default();
        let spans: Vec<WordSpan> = segments
            .iter()
            .filter_map(|segment| {
                let word = search.word(&segment.word)?;
                let sure = phones.margin(segment).unwrap_or(margin);
                let sure = self.scale.distance(sure, length(segment));
                Some(WordSpan {
                    word: Private::new(word.to_owned()),
                    from: moment(began, first + segment.from as usize),
                    to: moment(began, first + segment.to as usize + 1),
                    confidence: self.scale.confidence(sure),
                })
            })
            .collect();
        let words: Vec<String> = spans
            .iter()
            .map(|span| span.word.reveal().clone())
            .collect();
        if words.is_empty() {
            return Ok(None);
        }
        let hypothesis = Hypothesis {
            text: Private::new(written(self.language, &words)),
            confidence: self.scale.confidence(distance),
            words: spans,
        };
        Ok(Some((hypothesis, distance)))
    }

    fn learn(&self) {
        if let Some((from, to)) = windows::speech(&self.heard) {
            let known = self.channel.mean();
            self.channel
                .learn(windows::learnt(known, &self.heard[from..to]));
        }
    }
}

impl HearingStream for SphinxStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        self.began.get_or_insert(frame.at);
        if self.heard.len() >= TURN_MAX {
            return Ok(None);
        }
        let before = self.heard.len();
        self.front.push(&frame.samples, &mut self.heard)?;
        self.search_on(before)?;
        self.frames += 1;
        if !self.frames.is_multiple_of(LOOK_EVERY) {
            return Ok(None);
        }
        let news = self.partial()?;
        let is_news = match &self.last {
            Some(last) => *last != news,
            None => !is_empty(&news),
        };
        if !is_news {
            return Ok(None);
        }
        self.last = Some(news.clone());
        Ok(Some(news))
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, SpeechError> {
        let before = self.heard.len();
        self.front.end(&mut self.heard)?;
        self.search_on(before)?;
        for searching in [&mut self.grammar, &mut self.words].into_iter().flatten() {
            searching.decoder.with(Decoder::end)?;
        }
        self.phones.with(Decoder::end)?;
        let spotted = self.spotted(usize::MAX)?;
        let reading = self.reading()?;
        self.learn();
        Ok(match reading {
            Some((best, distance)) if distance >= 0.0 => Heard::Final {
                turn: self.turn,
                best,
                others: Vec::new(),
                spotted,
            },
            rejected => Heard::NoMatch {
                turn: self.turn,
                rejected: rejected.map(|(hypothesis, _)| hypothesis),
                spotted,
            },
        })
    }
}

/// A stream that is dropped in the middle leaves its decoders ready for the next.
impl Drop for SphinxStream {
    fn drop(&mut self) {
        let searching = [&mut self.grammar, &mut self.words].into_iter().flatten();
        let leases = searching
            .map(|it| &mut it.decoder)
            .chain([&mut self.phones]);
        for lease in leases {
            // A decoder that cannot end its utterance is closed by its lease.
            let _ = lease.with(Decoder::end_if_begun);
        }
    }
}

/// One whole search over windows, from beginning to end: its score and its path.
fn whole(
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
fn path(decoder: &mut Decoder) -> Vec<Segment> {
    match decoder.best() {
        Some(_) => decoder.segments(),
        None => Vec::new(),
    }
}

/// The windows of a segment.
fn length(segment: &Segment) -> usize {
    segment.to.saturating_sub(segment.from) as usize + 1
}

fn words_in(search: &Search, segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .filter_map(|segment| search.word(&segment.word))
        .map(str::to_owned)
        .collect()
}

fn written(language: Language, words: &[String]) -> String {
    match language {
        Language::En => words.join(" "),
        Language::Zh => words.concat(),
    }
}

/// When a window of the turn began.
fn moment(began: CallTime, window: usize) -> CallTime {
    began + WINDOW * u32::try_from(window).unwrap_or(u32::MAX)
}

fn is_empty(news: &Heard) -> bool {
    match news {
        Heard::Partial { text, spotted, .. } => text.reveal().is_empty() && spotted.is_empty(),
        Heard::Final { .. } | Heard::NoMatch { .. } => false,
    }
}
