//! Two engines on one turn: a fast one drives partials and the end of turns, a better one has the
//! last word.

use crate::{FinishSink, HearingRequest, HearingStream, PhraseAutomaton, Recognizer, SpeechError};
use call_model::{
    EscalationWords, Heard, Hypothesis, PcmFrame, PerMille, PhraseGrammar, SpottedWord, WordClass,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So sure of a text the fast engine stands by it where the better one trusts none of its own, or has one that cannot
/// be said here: a digit in noise, of which a model of free speech makes a greeting.
const STANDS: PerMille = PerMille::new(900);

/// Hears each turn with both engines.
///
/// The better one confirms: a word that escalates at once counts in a partial only once it
/// has heard it too, and no escalation word that its last text lacks is in the final. What it has
/// but does not trust takes nothing from a fast one that is sure, or has the same; nor does what the
/// grammar lacks from a fast one that is sure. Where it fails or is late, the fast one's news stand
/// as they are.
pub struct TwoPass {
    fast: Arc<dyn Recognizer>,
    better: Arc<Better>,
    name: String,
}

/// The better engine, and in how many turns it was missed.
struct Better {
    engine: Arc<dyn Recognizer>,
    missed: AtomicU64,
}

impl Better {
    fn misses(&self, why: &SpeechError) {
        self.missed.fetch_add(1, Ordering::Relaxed);
        let engine = self.engine.name();
        tracing::warn!(engine, %why, "a turn is not corrected");
    }
}

impl TwoPass {
    /// The engine that drives turns, and the one that corrects their finals. The better one
    /// keeps its own deadline, by failing.
    pub fn new(fast: Arc<dyn Recognizer>, better: Arc<dyn Recognizer>) -> Self {
        let name = format!("{}, corrected by {}", fast.name(), better.name());
        let better = Arc::new(Better {
            engine: better,
            missed: AtomicU64::new(0),
        });
        Self { fast, better, name }
    }
}

impl Recognizer for TwoPass {
    fn prepare(
        &self,
        grammars: &[Arc<PhraseGrammar>],
        words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        if let Err(error) = self.better.engine.prepare(grammars, words) {
            let engine = self.better.engine.name();
            tracing::warn!(engine, %error, "the engine that corrects cannot hear all of this");
        }
        self.fast.prepare(grammars, words)
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let better = self.better.engine.open(request.clone());
        let also = request
            .also
            .iter()
            .filter_map(|(grammar, _)| grammar.as_ref());
        let grammars = request.grammar.iter().chain(also).cloned();
        Ok(Box::new(TwoPassStream {
            grammars: grammars.collect(),
            better: better.map_err(|error| self.better.misses(&error)).ok(),
            fast: self.fast.open(request)?,
            corrector: Arc::clone(&self.better),
            confirmed: Confirmed::default(),
        }))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn turns_without(&self) -> u64 {
        let Better { engine, missed } = &*self.better;
        missed.load(Ordering::Relaxed) + self.fast.turns_without() + engine.turns_without()
    }
}

struct TwoPassStream {
    fast: Box<dyn HearingStream>,
    /// None: it failed, and the fast one hears alone.
    better: Option<Box<dyn HearingStream>>,
    corrector: Arc<Better>,
    confirmed: Confirmed,
    /// What may be said.
    grammars: Vec<Arc<PhraseGrammar>>,
}

/// What the better engine has heard of the turn so far.
#[derive(Default)]
struct Confirmed {
    text: String,
    words: Vec<String>,
}

impl Confirmed {
    fn has(&self, found: &SpottedWord) -> bool {
        self.words.contains(&found.word) || says(&self.text, &found.word)
    }
}

impl HearingStream for TwoPassStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        match self.better.as_mut().map(|better| better.push(frame)) {
            Some(Ok(Some(Heard::Partial { text, spotted, .. }))) => {
                self.confirmed.text = text.into_revealed();
                self.confirmed.words = spotted.into_iter().map(|it| it.word).collect();
            }
            Some(Ok(_)) | None => {}
            Some(Err(why)) => {
                self.corrector.misses(&why);
                self.better = None;
            }
        }
        let mut news = self.fast.push(frame)?;
        if let (Some(Heard::Partial { spotted, .. }), Some(_)) = (&mut news, &self.better) {
            spotted.retain(|it| it.class == WordClass::Ask || self.confirmed.has(it));
        }
        Ok(news)
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let it = *self;
        let Some(better) = it.better else {
            return it.fast.finish();
        };
        let fast = it.fast.finish()?;
        Ok(corrected(
            fast,
            better.finish(),
            &it.corrector,
            &it.grammars,
        ))
    }

    fn finish_to(self: Box<Self>, told: FinishSink) {
        let it = *self;
        let Some(better) = it.better else {
            return it.fast.finish_to(told);
        };
        match it.fast.finish() {
            Ok(fast) => better.finish_to(Box::new(move |better| {
                told(Ok(corrected(fast, better, &it.corrector, &it.grammars)));
            })),
            Err(error) => told(Err(error)),
        }
    }
}

/// The fast engine's final, corrected by the better one's where that came.
fn corrected(
    fast: Heard,
    better: Result<Heard, SpeechError>,
    corrector: &Better,
    grammars: &[Arc<PhraseGrammar>],
) -> Heard {
    let better = match better {
        Ok(better) => better,
        Err(why) => {
            corrector.misses(&why);
            return fast;
        }
    };
    let (of_fast, mut spotted) = match fast.clone() {
        Heard::Final { best, spotted, .. } => (Some(best), spotted),
        Heard::NoMatch {
            rejected, spotted, ..
        } => (rejected, spotted),
        Heard::Partial { .. } => return better,
    };
    match better {
        Heard::Final {
            turn,
            best,
            others,
            spotted: more,
            language,
        } => {
            spotted.retain(|it| says(best.text.reveal(), &it.word) || has(&more, it));
            add(&mut spotted, more);
            match fast {
                Heard::Final {
                    best: of_fast,
                    others,
                    language,
                    ..
                } if of_fast.confidence >= STANDS && !may_be_said(&best, grammars) => {
                    Heard::Final {
                        turn,
                        others: beside(&of_fast, best, others),
                        best: of_fast,
                        spotted,
                        language,
                    }
                }
                Heard::Final { best: of_fast, .. } => Heard::Final {
                    turn,
                    others: beside(&best, of_fast, others),
                    best,
                    spotted,
                    language,
                },
                Heard::NoMatch { .. } | Heard::Partial { .. } => Heard::Final {
                    turn,
                    best,
                    others,
                    spotted,
                    language,
                },
            }
        }
        // A text that it has but does not trust still tells which words were not in it.
        Heard::NoMatch {
            turn,
            rejected: Some(rejected),
            spotted: more,
            language,
        } => {
            spotted.retain(|it| says(rejected.text.reveal(), &it.word) || has(&more, it));
            add(&mut spotted, more);
            match fast {
                Heard::Final {
                    best,
                    others,
                    language,
                    ..
                } if best.confidence >= STANDS || best.text == rejected.text => Heard::Final {
                    turn,
                    best,
                    others,
                    spotted,
                    language,
                },
                Heard::Final { .. } | Heard::NoMatch { .. } | Heard::Partial { .. } => {
                    Heard::NoMatch {
                        turn,
                        rejected: of_fast.or(Some(rejected)),
                        spotted,
                        language,
                    }
                }
            }
        }
        // It heard no word at all, which contradicts nothing.
        Heard::NoMatch { rejected: None, .. } | Heard::Partial { .. } => fast,
    }
}

/// The other readings, and the other engine's best where it is not among them.
fn beside(best: &Hypothesis, other: Hypothesis, mut others: Vec<Hypothesis>) -> Vec<Hypothesis> {
    let is_known = |it: &Hypothesis| it.text == other.text;
    if !is_known(best) && !others.iter().any(is_known) {
        others.push(other);
    }
    others
}

/// Whether a grammar has this text; without any everything may be said.
fn may_be_said(best: &Hypothesis, grammars: &[Arc<PhraseGrammar>]) -> bool {
    let has = |grammar: &Arc<PhraseGrammar>| {
        let automaton = PhraseAutomaton::of(grammar).ok()?;
        let place = automaton.place_of_text(best.text.reveal())?;
        Some(place.is_complete)
    };
    grammars.is_empty() || grammars.iter().any(|it| has(it).unwrap_or(false))
}

fn has(words: &[SpottedWord], found: &SpottedWord) -> bool {
    words.iter().any(|it| it.word == found.word)
}

/// Adds what is not there yet; the same word a second time counts where it stands apart.
fn add(words: &mut Vec<SpottedWord>, more: Vec<SpottedWord>) {
    for found in more {
        let is_same =
            |it: &SpottedWord| it.word == found.word && it.from <= found.to && found.from <= it.to;
        if !words.iter().any(is_same) {
            words.push(found);
        }
    }
}

/// Whether a text has a word: English ones stand apart, Chinese ones stand anywhere.
fn says(text: &str, word: &str) -> bool {
    match word.is_ascii() {
        true => format!(" {text} ").contains(&format!(" {word} ")),
        false => text.contains(word),
    }
}

#[cfg(test)]
#[path = "two_pass/tests.rs"]
mod tests;
