//! Which text of a grammar a model would sooner write than any other.

use super::guide::{Guide, Places};
use super::look::Guided;
use crate::SpeechError;
use whisper_rs::WhisperTokenId;

/// The most pieces of a text.
const PIECES_MAX: usize = 64;
/// So many of the likeliest tokens are held against the grammar at each step; what none of them leads to was hardly said.
const LIKELY: usize = 1_000;
/// So many ways on are kept at each step.
const WAYS: usize = 6;
/// The model is asked so many times at most.
const STEPS_MAX: usize = 96;
/// A text that had to be forced more, in logarithms, is given up.
const FORCED_MAX: f32 = 40.0;

/// How likely a model thinks each token to follow.
pub(super) trait Likely {
    /// The logits of the tokens that may follow these.
    fn after(&mut self, tokens: &[WhisperTokenId]) -> Result<&[f32], SpeechError>;
}

/// The tokens of text by their bytes, and the one that ends a text.
#[derive(Clone, Copy)]
pub(super) struct Vocabulary<'m> {
    pub(super) tokens: &'m [Vec<u8>],
    pub(super) end: WhisperTokenId,
}

/// A text under way, or one that is over.
struct Way {
    tokens: Vec<WhisperTokenId>,
    places: Places,
    is_over: bool,
    sum: f32,
    forced: f32,
}

/// The text of the grammar that the model must be forced to least, by the way that is cheapest so far at each step
/// (E. W. Dijkstra, 1959). None where it finds none in time.
pub(super) fn search(
    model: &mut dyn Likely,
    vocabulary: Vocabulary<'_>,
    guide: &Guide,
    is_due: &dyn Fn() -> bool,
) -> Result<Option<Guided>, SpeechError> {
    let mut ways = vec![Way {
        tokens: Vec::new(),
        places: Guide::start(),
        is_over: false,
        sum: 0.0,
        forced: 0.0,
    }];
    let mut steps = 0;
    while let Some(way) = cheapest(&mut ways) {
        if way.is_over {
            return Ok(guide.words_at_end(&way.places).map(|words| Guided {
                words,
                pieces: way.tokens.len(),
                mean_log: way.sum / way.tokens.len() as f32,
                forced: way.forced,
            }));
        }
        if steps == STEPS_MAX || is_due() {
            return Ok(None);
        }
        steps += 1;
        if way.tokens.len() < PIECES_MAX {
            let logits = model.after(&way.tokens)?;
            spread(&way, logits, vocabulary, guide, &mut ways);
        }
    }
    Ok(None)
}

/// The way that was forced least; of several the longest.
fn cheapest(ways: &mut Vec<Way>) -> Option<Way> {
    let by_cost = |one: &(usize, &Way), other: &(usize, &Way)| {
        let cost = one.1.forced.total_cmp(&other.1.forced);
        cost.then(other.1.tokens.len().cmp(&one.1.tokens.len()))
    };
    let (place, _) = ways.iter().enumerate().min_by(by_cost)?;
    Some(ways.swap_remove(place))
}

/// Adds the ways on from one.
fn spread(
    way: &Way,
    logits: &[f32],
    vocabulary: Vocabulary<'_>,
    guide: &Guide,
    ways: &mut Vec<Way>,
) {
    let likely = likeliest(logits, vocabulary.end);
    let Some(best) = likely.first().map(|(_, logit)| *logit) else {
        return;
    };
    let most = logits.iter().copied().fold(best, f32::max);
    let all = most + logits.iter().map(|it| (it - most).exp()).sum::<f32>().ln();
    let from = ways.len();
    for (token, logit) in likely {
        let forced = way.forced + best - logit;
        if ways.len() - from == WAYS || forced > FORCED_MAX {
            break;
        }
        let is_over = token == vocabulary.end;
        let places = match is_over {
            true => guide.words_at_end(&way.places).map(|_| way.places.clone()),
            false => {
                let place = usize::try_from(token).ok();
                let bytes = place.and_then(|place| vocabulary.tokens.get(place));
                let bytes = bytes.filter(|bytes| !bytes.is_empty());
                bytes.and_then(|bytes| guide.follow(&way.places, bytes))
            }
        };
        let Some(places) = places else {
            continue;
        };
        // The same in other letters leads nowhere else.
        let is_known = |it: &Way| it.is_over == is_over && it.places.are(&places);
        if ways[from..].iter().any(is_known) {
            continue;
        }
        let mut tokens = way.tokens.clone();
        tokens.push(token);
        ways.push(Way {
            tokens,
            places,
            is_over,
            sum: way.sum + logit - all,
            forced,
        });
    }
}

/// The likeliest tokens of text and the one that ends it, with their logits, the likeliest first.
fn likeliest(logits: &[f32], end: WhisperTokenId) -> Vec<(WhisperTokenId, f32)> {
    let mut likely: Vec<(WhisperTokenId, f32)> = (0..=end).zip(logits.iter().copied()).collect();
    let by_logit =
        |one: &(WhisperTokenId, f32), other: &(WhisperTokenId, f32)| other.1.total_cmp(&one.1);
    if likely.len() > LIKELY {
        likely.select_nth_unstable_by(LIKELY, by_logit);
        likely.truncate(LIKELY);
    }
    likely.sort_unstable_by(by_logit);
    likely
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhraseAutomaton;
    use call_model::{GrammarId, Language, Phrase, PhraseGrammar};

    /// Words of tokens, each with what may follow it and how gladly.
    struct Scripted {
        asked: usize,
        logits: Vec<f32>,
        likely: fn(&[WhisperTokenId]) -> &'static [(WhisperTokenId, f32)],
    }

    impl Likely for Scripted {
        fn after(&mut self, tokens: &[WhisperTokenId]) -> Result<&[f32], SpeechError> {
            self.asked += 1;
            self.logits = vec![-20.0; 8];
            for (token, logit) in (self.likely)(tokens) {
                self.logits[usize::try_from(*token).expect("a place")] = *logit;
            }
            Ok(&self.logits)
        }
    }

    const TOKENS: [&[u8]; 7] = [b" dark", b" rose", b" ro", b"ast", b" Dark", b"ck", b" tea"];
    const END: WhisperTokenId = 7;

    fn searched(
        phrases: &[&str],
        likely: fn(&[WhisperTokenId]) -> &'static [(WhisperTokenId, f32)],
    ) -> (Option<(String, usize, f32)>, usize) {
        let sequence = |text: &&str| {
            let words = text.split(' ').map(|word| Phrase::Word(word.to_owned()));
            Phrase::Sequence(words.collect())
        };
        let grammar = PhraseGrammar {
            id: GrammarId(1),
            language: Language::En,
            root: Phrase::OneOf(phrases.iter().map(sequence).collect()),
        };
        let automaton = PhraseAutomaton::of(&grammar).expect("small");
        let guide = Guide::of(&automaton, Language::En);
        let tokens = TOKENS.map(<[u8]>::to_vec);
        let vocabulary = Vocabulary {
            tokens: &tokens,
            end: END,
        };
        let mut model = Scripted {
            asked: 0,
            logits: Vec::new(),
            likely,
        };
        let found = search(&mut model, vocabulary, &guide, &|| false).expect("searched");
        let told = found.map(|it| (it.words.join(" "), it.pieces, it.forced));
        (told, model.asked)
    }

    #[test]
    fn a_text_near_one_of_the_grammar_is_written_as_the_grammar_has_it() {
        let (told, asked) = searched(&["dark roast", "tea"], |tokens| match tokens {
            [] => &[(4, 9.0), (0, 8.5), (6, 1.0)],
            [4] => &[(1, 9.0), (2, 7.0)],
            [4, 2] => &[(3, 9.0), (5, 8.0)],
            _ => &[(END, 9.0)],
        });
        assert_eq!(told, Some(("dark roast".to_owned(), 4, 2.0)));
        assert_eq!(asked, 4);
    }

    #[test]
    fn a_way_that_leads_nowhere_is_left_for_one_that_was_less_likely_at_first() {
        let (told, _) = searched(&["dark roast", "tea"], |tokens| match tokens {
            [] => &[(0, 9.0), (6, 6.0)],
            [0] => &[(1, 9.0), (2, 8.0)],
            [0, 2] => &[(5, 9.0)],
            _ => &[(END, 9.0)],
        });
        assert_eq!(told, Some(("tea".to_owned(), 2, 3.0)));
    }

    #[test]
    fn what_the_grammar_cannot_say_ends_soon_without_a_text() {
        let (told, asked) = searched(&["rock"], |_| &[(0, 9.0)]);
        assert!(told.is_none() && asked < 20, "{told:?} {asked}");
        let (told, asked) = searched(&["rock"], |_| &[(6, 90.0)]);
        assert_eq!((told, asked), (None, 1));
    }

    #[test]
    fn tokens_of_text_are_told_the_likeliest_first_and_none_after_the_end() {
        let logits = [0.5, 2.0, -1.0, 9.0];
        assert_eq!(likeliest(&logits, 2), [(1, 2.0), (0, 0.5), (2, -1.0)]);
        let many: Vec<f32> = (0..3_000_u16).map(f32::from).collect();
        let likely = likeliest(&many, 2_500);
        assert_eq!((likely.len(), likely[0]), (LIKELY, (2_500, 2_500.0)));
    }
}
