//! What an ear that reads no grammar can still be told of one, and what its text means in it.

use crate::{HearingRequest, PhraseAutomaton, Place, SpeechError};
use call_model::{EscalationWords, Language, Phrase, PhraseGrammar};
use std::collections::BTreeSet;

/// So many likely words are told.
const WORDS_MAX: usize = 500;

/// The words that are likely in a turn: escalation words first, then those of the grammars.
pub(super) fn of(request: &HearingRequest) -> Vec<String> {
    let also = request.also.as_ref();
    let lists = [Some(&request.escalation), also.map(|(_, words)| words)];
    let grammars = [
        request.grammar.as_ref(),
        also.and_then(|(grammar, _)| grammar.as_ref()),
    ];
    let wanted = lists.into_iter().flatten().flat_map(|list| &list.words);
    let mut words: Vec<String> = wanted.map(|word| word.text.clone()).collect();
    let mut of_grammars = BTreeSet::new();
    for grammar in grammars.into_iter().flatten() {
        gather(&grammar.root, &mut of_grammars);
    }
    words.extend(of_grammars.into_iter().map(str::to_owned));
    words.truncate(WORDS_MAX);
    words
}

fn gather<'a>(phrase: &'a Phrase, words: &mut BTreeSet<&'a str>) {
    match phrase {
        Phrase::Word(word) => {
            words.insert(word);
        }
        Phrase::Sequence(parts) | Phrase::OneOf(parts) => {
            for part in parts {
                gather(part, words);
            }
        }
        Phrase::Optional(part) | Phrase::Repeat { of: part, .. } => gather(part, words),
    }
}

/// The grammars of a turn, unfolded.
pub(super) struct Ears(Vec<(Language, Option<PhraseAutomaton>)>);

impl Ears {
    pub(super) fn of(request: &HearingRequest) -> Result<Self, SpeechError> {
        let ear = |grammar: Option<&PhraseGrammar>, words: &EscalationWords| {
            let automaton = grammar.map(PhraseAutomaton::of).transpose()?;
            let language = grammar.map_or(words.language, |grammar| grammar.language);
            Ok::<_, SpeechError>((language, automaton))
        };
        let mut ears = vec![ear(request.grammar.as_deref(), &request.escalation)?];
        if let Some((grammar, words)) = &request.also {
            ears.push(ear(grammar.as_deref(), words)?);
        }
        Ok(Self(ears))
    }

    /// The language asked for.
    pub(super) fn asked(&self) -> Language {
        self.0[0].0
    }

    /// The language that a text is in, where two are listened for.
    pub(super) fn told(&self, text: &str) -> Option<Language> {
        (self.0.len() > 1).then(|| self.language(text))
    }

    /// The language that a text is in: of those listened for, the one that its script fits.
    pub(super) fn language(&self, text: &str) -> Language {
        let is_han = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let written = if is_han { Language::Zh } else { Language::En };
        let is_asked = |(language, _): &&(Language, _)| *language == written;
        let ear = self.0.iter().find(is_asked);
        ear.map_or(self.asked(), |(language, _)| *language)
    }

    /// Where a text has led in the grammar of its language; nowhere where it fits none.
    pub(super) fn place(&self, text: &str) -> Place {
        let language = self.language(text);
        let ear = self.0.iter().find(|(it, _)| *it == language);
        let automaton = ear.and_then(|(_, automaton)| automaton.as_ref());
        let place = automaton.and_then(|automaton| automaton.place_of_text(text));
        place.unwrap_or(Place {
            is_complete: false,
            can_continue: true,
        })
    }
}
