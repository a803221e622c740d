//! One language's model listening to one turn.

use super::ffi::{Cepstrum, Decoder};
use super::glance::Glance;
use super::judgement::{self, Fit, PhoneLoop, Scale};
use super::models::{Duty, ModelRate};
use super::pace::Pace;
use super::pool::{Lease, Lender, PHONE_LOOP};
use super::review::{Review, joined};
use super::search::Search;
use super::searching::{Searching, length, moment, path, said, whole, words_in};
use super::spotter::Spotter;
use super::syllables::Voicing;
use super::windows::{self, Front, LiveMean};
use crate::recognizer::ChannelMean;
use crate::{CallerChannel, Place, SpeechError};
use call_model::{CallTime, Hypothesis, Language, Private, SpottedWord, WordClass, WordSpan};
use std::sync::Arc;

/// The longest turn that is searched, in windows: a minute. What is said after it is not heard.
const TURN_MAX: usize = 6_000;
/// A turn up to so many windows is searched again at its end, with the mean of the whole.
const SECOND_LOOK_MAX: usize = 800;
/// A turn up to so many windows is searched again for escalation words: four seconds.
const SPOT_AGAIN_MAX: usize = 400;

/// What one language listens with.
pub(super) struct Opening {
    pub(super) lender: Lender,
    pub(super) channel: CallerChannel,
    pub(super) grammar: Option<Arc<Search>>,
    pub(super) words: Option<Arc<Search>>,
}

/// The searches of one language over one turn.
pub(super) struct Listening {
    pub(super) language: Language,
    rate: ModelRate,
    scale: Scale,
    channel: CallerChannel,
    /// What was known of the caller when the turn began; none: never heard before.
    carried: Option<ChannelMean>,
    front: Front,
    live: LiveMean,
    grammar: Option<Searching>,
    phones: Lease,
    spotter: Option<Spotter>,
    /// For callers who were never heard before.
    review: Option<Review>,
    /// Every window of the turn as the front end made it.
    heard: Vec<Cepstrum>,
    lender: Lender,
    /// What was said up to the last pause.
    glance: Option<Glance>,
    /// Where in the turn there was a voice.
    voicing: Voicing,
}

/// What is understood while the caller may still be speaking.
pub(super) struct Passing {
    pub(super) text: String,
    pub(super) place: Option<Place>,
    pub(super) spotted: Vec<SpottedWord>,
    pub(super) fit: Fit,
}

/// What is understood in the end.
pub(super) struct Understood {
    pub(super) fit: Fit,
    pub(super) reading: Option<Reading>,
    pub(super) spotted: Vec<SpottedWord>,
}

/// The grammar's reading of a whole turn.
pub(super) struct Reading {
    pub(super) best: Hypothesis,
    /// How far it stands above rejection; below zero it is rejected.
    pub(super) distance: f32,
}

impl Reading {
    pub(super) fn is_believed(&self) -> bool {
        self.distance >= 0.0
    }
}

/// The speech of a turn searched by itself, once its end is known.
struct SecondLook {
    /// The window of the turn that it begins at.
    first: usize,
    windows: Vec<Cepstrum>,
    phones: PhoneLoop,
    phone_score: Option<i32>,
}

impl Listening {
    pub(super) fn open(opening: Opening) -> Result<Self, SpeechError> {
        let lender = opening.lender;
        let language = lender.language;
        let known = opening.channel.mean(language);
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
        let is_stranger = carried.is_none();
        let review = opening.words.as_ref().filter(|_| is_stranger);
        let review = review.map(|words| Review::new(Arc::clone(words)));
        let spotter = match opening.words {
            Some(words) => Some(Spotter::open(words, &lender)?),
            None => None,
        };
        Ok(Self {
            language,
            rate: lender.model.rate,
            scale: judgement::scale(language, lender.model.rate),
            channel: opening.channel,
            carried,
            front: Front::open(&lender.library, &lender.model)?,
            live: LiveMean::new(carried.unwrap_or(lender.model.prior)),
            grammar,
            phones,
            spotter,
            review,
            heard: Vec::new(),
            lender,
            glance: None,
            voicing: Voicing::default(),
        })
    }

    /// Whether the turn is longer than anything that is searched.
    pub(super) fn is_full(&self) -> bool {
        self.heard.len() >= TURN_MAX
    }

    /// Searches on with these samples.
    pub(super) fn push(&mut self, samples: &[i16]) -> Result<(), SpeechError> {
        let before = self.heard.len();
        self.front.push(samples, &mut self.heard)?;
        self.voicing.push(samples);
        self.search_on(before)
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

    /// What is understood so far of a turn that began then.
    pub(super) fn passing(&mut self, began: CallTime) -> Result<Passing, SpeechError> {
        let (mut words, mut score, mut penalty) = (Vec::new(), None, 0.0);
        if let Some(Searching { search, decoder }) = &mut self.grammar {
            let segments = decoder.with(|decoder| Ok(path(decoder)))?;
            words = words_in(search, &segments);
            penalty = Pace::of(search, &segments, &self.voicing, 0).penalty();
            score = decoder.with(|decoder| Ok(decoder.best()))?;
            score = score.map(|score| score + search.paid(&segments));
        }
        if let Some(glance) = self.glanced()? {
            words.clone_from(glance);
        }
        let spotted = self.spotted_passing(began)?;
        let automaton = self.grammar.as_ref().and_then(|it| it.search.automaton());
        let phones = self.phones.with(|decoder| Ok(decoder.best()))?;
        let count = self.heard.len().max(1);
        Ok(Passing {
            place: automaton.and_then(|automaton| automaton.place(&words)),
            text: written(self.language, &words),
            spotted,
            fit: {
                let phones = phones.unwrap_or(0);
                let distance = score.map(|score| {
                    let margin = (score - phones) as f32 / count as f32;
                    self.scale.distance(margin, count) - penalty
                });
                self.fit(distance, phones as f32 / count as f32)
            },
        })
    }

    /// Whether the caller is quiet since a moment ago, and what they said is worth another look.
    pub(super) fn is_pausing(&self) -> bool {
        self.grammar.is_some() && Glance::is_due(self.glance.as_ref(), &self.heard)
    }

    /// What was said up to the pause, if this is one.
    fn glanced(&mut self) -> Result<Option<&Vec<String>>, SpeechError> {
        if self.is_pausing()
            && let Some(Searching { search, .. }) = &self.grammar
        {
            self.glance = Glance::at(
                &self.heard,
                &self.voicing,
                self.carried,
                search,
                &self.lender,
            )?;
        }
        let glance = self.glance.as_ref();
        let glance = glance.filter(|glance| glance.holds(&self.heard));
        Ok(glance.and_then(|glance| glance.words.as_ref()))
    }

    fn spotted_passing(&mut self, began: CallTime) -> Result<Vec<SpottedWord>, SpeechError> {
        let Some(spotter) = &mut self.spotter else {
            return Ok(Vec::new());
        };
        let candidates = spotter.passing()?;
        let mut believed = Vec::new();
        if !candidates.is_empty() {
            let phones = self.phones.with(|decoder| Ok(path(decoder)))?;
            believed = spotter.believed(&candidates, &PhoneLoop::of(&phones), began);
        }
        if let Some(review) = &mut self.review {
            let found = review.passing(&self.heard, spotter, &self.lender, began)?;
            believed = joined(believed, found);
        }
        Ok(believed)
    }

    /// Ends the turn that began then.
    pub(super) fn finish(&mut self, began: CallTime) -> Result<Understood, SpeechError> {
        let before = self.heard.len();
        self.front.end(&mut self.heard)?;
        self.search_on(before)?;
        if let Some(searching) = &mut self.grammar {
            searching.decoder.with(Decoder::end)?;
        }
        self.phones.with(Decoder::end)?;
        let spotted = self.spotted_last(began)?;
        let look = self.second_look()?;
        let reading = self.reading(look.as_ref(), began)?;
        let is_understood = reading.as_ref().is_some_and(Reading::is_believed);
        let (phones, count) = match &look {
            Some(look) => (look.phone_score, look.windows.len()),
            None => (
                self.phones.with(|decoder| Ok(decoder.best()))?,
                self.heard.len(),
            ),
        };
        let phones = phones.unwrap_or(0) as f32 / count.max(1) as f32;
        let fit = self.fit(reading.as_ref().map(|it| it.distance), phones);
        let spotted = match look {
            Some(look) if !is_understood && look.windows.len() <= SPOT_AGAIN_MAX => {
                let spotted = match spotted.is_empty() {
                    true => self.spotted_again(&look, began)?,
                    false => spotted,
                };
                self.told_apart(spotted, &look, began)?
            }
            Some(_) | None => spotted,
        };
        self.learn();
        Ok(Understood {
            fit,
            reading,
            spotted,
        })
    }

    fn fit(&self, distance: Option<f32>, phones: f32) -> Fit {
        Fit {
            language: self.language,
            rate: self.rate,
            distance,
            phones,
        }
    }

    fn spotted_last(&mut self, began: CallTime) -> Result<Vec<SpottedWord>, SpeechError> {
        let Some(spotter) = &mut self.spotter else {
            return Ok(Vec::new());
        };
        let candidates = spotter.last()?;
        let phones = self.phones.with(|decoder| Ok(path(decoder)))?;
        Ok(spotter.believed(&candidates, &PhoneLoop::of(&phones), began))
    }

    /// The speech of the turn, less its own mean, and the phones that fit it; none where nobody
    /// spoke or the turn is long.
    fn second_look(&mut self) -> Result<Option<SecondLook>, SpeechError> {
        let Some((from, to)) = windows::speech(&self.heard) else {
            return Ok(None);
        };
        if to - from > SECOND_LOOK_MAX {
            return Ok(None);
        }
        let mean = windows::utterance_mean(self.carried, &self.heard[from..to]);
        let windows = windows::normalised(&self.heard[from..to], &mean);
        let (phone_score, phones) = self.phones.with(|it| whole(it, PHONE_LOOP, &windows))?;
        Ok(Some(SecondLook {
            first: from,
            windows,
            phones: PhoneLoop::of(&phones),
            phone_score,
        }))
    }

    /// The grammar's reading of the whole turn.
    fn reading(
        &mut self,
        look: Option<&SecondLook>,
        began: CallTime,
    ) -> Result<Option<Reading>, SpeechError> {
        if windows::speech(&self.heard).is_none() {
            return Ok(None);
        }
        let Some(Searching { search, decoder }) = &mut self.grammar else {
            return Ok(None);
        };
        let live;
        let (first, count, phone_score, phones, (score, segments)) = match look {
            Some(look) => {
                let found = decoder.with(|it| whole(it, &search.name, &look.windows))?;
                let count = look.windows.len();
                (look.first, count, look.phone_score, &look.phones, found)
            }
            None => {
                let found = decoder.with(|it| Ok((it.best(), path(it))))?;
                let (phone_score, loops) = self.phones.with(|it| Ok((it.best(), path(it))))?;
                live = PhoneLoop::of(&loops);
                (0, self.heard.len(), phone_score, &live, found)
            }
        };
        let Some((score, phone_score)) = score.zip(phone_score) else {
            return Ok(None);
        };
        let words = words_in(search, &segments);
        let score = score + search.paid(&segments);
        let margin = (score - phone_score) as f32 / count.max(1) as f32;
        let pace = Pace::of(search, &segments, &self.voicing, first);
        let distance = self.scale.distance(margin, count) - pace.penalty();
        let spans: Vec<WordSpan> = said(search, &segments)
            .map(|(segment, word)| {
                let sure = phones.margin(segment).unwrap_or(margin);
                let sure = self.scale.distance(sure, length(segment));
                WordSpan {
                    word: Private::new(word.to_owned()),
                    from: moment(began, first + segment.from as usize),
                    to: moment(began, first + segment.to as usize + 1),
                    confidence: self.scale.confidence(sure),
                }
            })
            .collect();
        if words.is_empty() {
            return Ok(None);
        }
        let best = Hypothesis {
            text: Private::new(written(self.language, &words)),
            confidence: self.scale.confidence(distance),
            words: spans,
        };
        Ok(Some(Reading { best, distance }))
    }

    /// Escalation words in a short turn that fits nothing, with the mean of the whole turn: a
    /// caller's first word alone is too short for the mean that is only guessed while they speak.
    fn spotted_again(
        &mut self,
        look: &SecondLook,
        began: CallTime,
    ) -> Result<Vec<SpottedWord>, SpeechError> {
        let Some(spotter) = &mut self.spotter else {
            return Ok(Vec::new());
        };
        let candidates = spotter.again(&look.windows)?;
        Ok(spotter.believed(&candidates, &look.phones, moment(began, look.first)))
    }

    /// Requests in one breath, each by itself: a turn in which a request was found is held against
    /// that request and nothing else, said again and again.
    fn told_apart(
        &mut self,
        spotted: Vec<SpottedWord>,
        look: &SecondLook,
        began: CallTime,
    ) -> Result<Vec<SpottedWord>, SpeechError> {
        let (Some(spotter), Some(phone_score)) = (&self.spotter, look.phone_score) else {
            return Ok(spotted);
        };
        let count = look.windows.len().max(1);
        let mut nearest: Option<(f32, Vec<SpottedWord>)> = None;
        for found in spotted.iter().filter(|it| it.class == WordClass::Ask) {
            let Some(search) = spotter.repeated(&found.word) else {
                continue;
            };
            self.phones.load(&search)?;
            let (score, segments) = self
                .phones
                .with(|it| whole(it, &search.name, &look.windows))?;
            let Some(score) = score else { continue };
            let margin = (score - phone_score) as f32 / count as f32;
            let distance = self.scale.distance(margin, count);
            let is_nearer = nearest.as_ref().is_none_or(|(known, _)| distance > *known);
            if distance >= 0.0 && is_nearer {
                let said = segments.iter().filter(|it| search.word(&it.word).is_some());
                let each = said.map(|segment| SpottedWord {
                    from: moment(began, look.first + segment.from as usize),
                    to: moment(began, look.first + segment.to as usize + 1),
                    ..found.clone()
                });
                nearest = Some((distance, each.collect()));
            }
        }
        Ok(match nearest {
            Some((_, each)) if each.len() > spotted.len() => each,
            Some(_) | None => spotted,
        })
    }

    fn learn(&self) {
        if let Some((from, to)) = windows::speech(&self.heard) {
            let known = self.channel.mean(self.language);
            let learnt = windows::learnt(known, &self.heard[from..to]);
            self.channel.learn(self.language, learnt);
        }
    }
}

fn written(language: Language, words: &[String]) -> String {
    match language {
        Language::En => words.join(" "),
        Language::Zh => words.concat(),
    }
}
