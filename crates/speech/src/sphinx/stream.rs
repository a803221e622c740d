//! The ear on one turn.

use super::ffi::{Cepstrum, Decoder, Segment};
use super::judgement::{self, PhoneLoop, Scale};
use super::models::Duty;
use super::pool::{Lease, Lender, PHONE_LOOP};
use super::search::Search;
use super::searching::{Searching, length, moment, path, whole};
use super::spotter::{Look, Spotter};
use super::windows::{self, Front, LiveMean};
use crate::recognizer::ChannelMean;
use crate::{CallerChannel, HearingStream, SpeechError};
use call_model::{
    CallTime, Heard, Hypothesis, Language, PcmFrame, Private, SpottedWord, TurnId, WordSpan,
};
use std::sync::Arc;

/// The longest turn that is searched, in windows: a minute. What is said after it is not heard.
const TURN_MAX: usize = 6_000;
/// A turn up to so many windows is searched again at its end, with the mean of the whole.
const SECOND_LOOK_MAX: usize = 800;
/// A turn up to so many windows is searched again for escalation words: two seconds.
const SPOT_AGAIN_MAX: usize = 200;
/// So many frames pass between two looks at the paths.
const LOOK_EVERY: u32 = 4;

/// What a stream is opened with.
pub(super) struct Opening {
    pub(super) lender: Lender,
    pub(super) turn: TurnId,
    pub(super) channel: CallerChannel,
    pub(super) grammar: Option<Arc<Search>>,
    pub(super) words: Option<Arc<Search>>,
    /// The loop that an escalation word must stand up to.
    pub(super) phones: Arc<Search>,
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
    phones: Lease,
    spotter: Option<Spotter>,
    /// Every window of the turn as the front end made it.
    heard: Vec<Cepstrum>,
    began: Option<CallTime>,
    frames: u32,
    last: Option<Heard>,
}

impl SphinxStream {
    pub(super) fn open(opening: Opening) -> Result<Self, SpeechError> {
        let lender = opening.lender;
        let language = lender.language;
        let known = opening.channel.mean();
        let carried = (known.windows > 0.0).then_some(known);
        let grammar = match opening.grammar {
            Some(search) => Some(Searching::begin(
                search,
                lender.lease(Duty::Understanding)?,
            )?),
            None => None,
        };
        let mut phones = lender.lease(Duty::Understanding)?;
        phones.with(|decoder| decoder.start(PHONE_LOOP))?;
        let front = Front::open(&lender.library, &lender.model)?;
        let live = LiveMean::new(carried.unwrap_or(lender.model.prior));
        let spotter = match opening.words {
            Some(words) => Some(Spotter::open(words, opening.phones, lender)?),
            None => None,
        };
        Ok(Self {
            turn: opening.turn,
            language,
            scale: judgement::scale(language),
            channel: opening.channel,
            carried,
            front,
            live,
            grammar,
            phones,
            spotter,
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
        if let Some(searching) = &mut self.grammar {
            searching.decoder.with(|decoder| decoder.push(&fresh))?;
        }
        if let Some(spotter) = &mut self.spotter {
            spotter.push(&fresh)?;
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
        let spotted = self.spotted(Look::Passing)?;
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

    /// Escalation words found so far.
    fn spotted(&mut self, look: Look) -> Result<Vec<SpottedWord>, SpeechError> {
        let began = self.began.unwrap_or_default();
        match &mut self.spotter {
            Some(spotter) => spotter.found(began, look),
            None => Ok(Vec::new()),
        }
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

    /// Escalation words in a short turn that fits nothing, with the mean of the whole turn: a
    /// caller's first word alone is too short for the mean that is only guessed while they speak.
    fn spotted_again(&mut self) -> Result<Vec<SpottedWord>, SpeechError> {
        let (Some((from, to)), Some(spotter)) = (windows::speech(&self.heard), &mut self.spotter)
        else {
            return Ok(Vec::new());
        };
        if to - from > SPOT_AGAIN_MAX {
            return Ok(Vec::new());
        }
        let mean = windows::utterance_mean(self.carried, &self.heard[from..to]);
        let again = windows::normalised(&self.heard[from..to], &mean);
        let began = moment(self.began.unwrap_or_default(), from);
        spotter.found_again(began, again)
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
        if let Some(searching) = &mut self.grammar {
            searching.decoder.with(Decoder::end)?;
        }
        self.phones.with(Decoder::end)?;
        let spotted = self.spotted(Look::Last)?;
        let reading = self.reading()?;
        let is_understood = reading
            .as_ref()
            .is_some_and(|(_, distance)| *distance >= 0.0);
        let spotted = match spotted.is_empty() && !is_understood {
            true => self.spotted_again()?,
            false => spotted,
        };
        self.learn();
        Ok(match reading {
            Some((best, distance)) if distance >= 0.0 => Heard::Final {
                turn: self.turn,
                spotted: said_in(&best, spotted),
                best,
                others: Vec::new(),
                language: None,
            },
            rejected => Heard::NoMatch {
                turn: self.turn,
                rejected: rejected.map(|(hypothesis, _)| hypothesis),
                spotted,
                language: None,
            },
        })
    }
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

/// Of the escalation words found, those that an understood utterance holds: where the
/// whole fits the grammar, what seemed to be another word was a part of it.
fn said_in(best: &Hypothesis, spotted: Vec<SpottedWord>) -> Vec<SpottedWord> {
    let text = best.text.reveal();
    spotted
        .into_iter()
        .filter(|found| text.contains(&found.word))
        .collect()
}

fn is_empty(news: &Heard) -> bool {
    match news {
        Heard::Partial { text, spotted, .. } => text.reveal().is_empty() && spotted.is_empty(),
        Heard::Final { .. } | Heard::NoMatch { .. } => false,
    }
}
