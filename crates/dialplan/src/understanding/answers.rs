//! What collecting nodes and small questions make of an answer.

use super::lexicon::Lexicon;
use super::phrases::Phrases;
use super::text::{Text, comparable, word_starts};
use super::{Answer, Collected};
use crate::{Collect, Command, Node, Plan, Wanted};
use call_model::{GrammarId, Key, Language, Phrase};
use spoken_text::{Day, Keyed, digits_of, digits_within, normalise};
use std::cmp::Ordering;
use std::collections::BTreeSet;

impl Plan {
    /// What a collecting node makes of spoken words; none where nothing fits or
    /// `node` is no [`Node::Collect`]. The text need not be normalised. `today` is
    /// the caller's, as [`Plan::today`] tells.
    pub fn collect(
        &self,
        node: &str,
        language: Language,
        text: &str,
        today: Day,
    ) -> Option<Collected> {
        let collect = self.collecting(node)?;
        let language = self.spoken(language);
        match &collect.wanted {
            Wanted::Digits { min, max } => {
                let digits = digits_of(text, language).or_else(|| only_run(text, language))?;
                Some(measured(digits, *min, *max))
            }
            Wanted::YesNo => self.yes_no(language, text).map(|answer| {
                whole(match answer {
                    Answer::Yes => "yes",
                    Answer::No => "no",
                })
            }),
            Wanted::OneOf(listed) => {
                let said = Text::of(text, language);
                let stands =
                    |phrase: &String| !said.occurrences(&comparable(phrase, language)).is_empty();
                let named = |words: &[String]| words.iter().any(stands);
                let mut fitting = listed
                    .iter()
                    .filter(|l| l.words.get(&language).is_some_and(|w| named(w)));
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => Some(whole(&only.value)),
                    _ => None,
                }
            }
            Wanted::Value(kind) => kind
                .understand(text, language, today)
                .map(|value| whole(&value)),
            Wanted::Grammar { phrases, .. } => accepts(phrases.get(&language)?, text, language)
                .then(|| whole(&normalise(text, language))),
        }
    }

    /// What a collecting node makes of the keys so far, its terminator left out;
    /// none where they mean nothing there.
    pub fn collect_keys(
        &self,
        node: &str,
        language: Language,
        keys: &[Key],
        today: Day,
    ) -> Option<Collected> {
        let collect = self.collecting(node)?;
        match &collect.wanted {
            Wanted::Digits { min, max } => {
                let faces: String = keys.iter().map(|key| key.face()).collect();
                let are_digits = !faces.is_empty() && faces.bytes().all(|b| b.is_ascii_digit());
                are_digits.then(|| measured(faces, *min, *max))
            }
            Wanted::YesNo => match keys {
                [key] if key.face() == '1' => Some(whole("yes")),
                [key] if key.face() == '2' => Some(whole("no")),
                _ => None,
            },
            Wanted::OneOf(listed) => match keys {
                [key] => listed
                    .iter()
                    .find(|l| l.key == Some(*key))
                    .map(|l| whole(&l.value)),
                _ => None,
            },
            Wanted::Value(kind) => {
                let faces: String = keys.iter().map(|key| key.face()).collect();
                let keyed = kind.of_keys(&faces, self.spoken(language), today)?;
                Some(match keyed {
                    Keyed::Value {
                        value,
                        can_continue,
                    } => Collected::Value {
                        value,
                        can_continue,
                    },
                    Keyed::Beginning => Collected::TooShort(faces),
                })
            }
            Wanted::Grammar { .. } => None,
        }
    }

    /// Whether key 0 asks for a person at `node`: it does unless the node routes or
    /// collects it. A 0 that is the whole entry of a longer number is for the engine
    /// to weigh: [`Plan::collect_keys`] calls it too short.
    pub fn key_zero_asks(&self, node: &str) -> bool {
        match self.node(node) {
            Some(Node::Ask(ask)) => ask.by_key(Key::ZERO).is_none(),
            Some(Node::Collect(collect)) => !takes_zero(&collect.wanted),
            Some(
                Node::Say(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => true,
        }
    }

    /// Whether a text says yes or no: as a whole ("yes, correct"), or with the words it
    /// begins with, cut as words: 对不起 does not begin with 对.
    pub fn yes_no(&self, language: Language, text: &str) -> Option<Answer> {
        let language = self.spoken(language);
        let said = Text::of(text, language).units;
        let Lexicon { yes, no, .. } = self.lexicon(language);
        if no.make_up(&said) {
            return Some(Answer::No);
        }
        if yes.make_up(&said) {
            return Some(Answer::Yes);
        }
        let mut ends = word_starts(text, language);
        ends.insert(said.len());
        let begins = |words: &Phrases| words.beginning_up_to(&said, &ends);
        match begins(yes).cmp(&begins(no)) {
            Ordering::Greater => Some(Answer::Yes),
            Ordering::Less => Some(Answer::No),
            Ordering::Equal => None,
        }
    }

    /// Whether a text asks to hear the last prompt again.
    pub fn wants_repeat(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let Lexicon {
            repeat, courtesies, ..
        } = self.lexicon(language);
        is_said(repeat, courtesies, &Text::of(text, language).units)
    }

    /// Whether a text asks for a moment: "hold on a second", 稍等我找一下.
    pub fn wants_time(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let Lexicon {
            hold_on,
            courtesies,
            empty,
            ..
        } = self.lexicon(language);
        let said = Text::of(text, language).units;
        // "Hold on, one moment, I'll look": several of them are one wish.
        is_said(hold_on, courtesies, &said) || hold_on.make_up(&empty.taken_from(&said))
    }

    /// What a text asks of the conversation itself, where the plan lets its callers ask it.
    pub fn command(&self, language: Language, text: &str) -> Option<Command> {
        let language = self.spoken(language);
        let Lexicon {
            commands,
            courtesies,
            ..
        } = self.lexicon(language);
        let said = Text::of(text, language).units;
        let mut commands = commands.iter();
        let found = commands.find(|(_, phrases)| is_said(phrases, courtesies, &said));
        found.map(|(command, _)| *command)
    }

    /// Whether a text says that there is nothing else: "no thank you, goodbye", 没有了，再见.
    pub fn says_goodbye(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let Lexicon {
            goodbye,
            no,
            courtesies,
            ..
        } = self.lexicon(language);
        let said = Text::of(text, language).units;
        let rest = goodbye.taken_from(&said);
        let polite = courtesies.taken_from(&rest);
        goodbye.stand_in(&said) && (polite.is_empty() || no.make_up(&polite))
    }

    /// Whether a text is one of the phrases that an open question leaves to the
    /// intent tier.
    pub fn is_open(&self, node: &str, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let Some(Node::Ask(ask)) = self.node(node) else {
            return false;
        };
        let Some(open) = ask.open.get(&language) else {
            return false;
        };
        let said = Text::of(text, language).units;
        let Lexicon { empty, .. } = self.lexicon(language);
        let core = empty.taken_from(&said);
        let is_said = |words: &String| {
            let words = comparable(words, language);
            words == said || !core.is_empty() && empty.taken_from(&words) == core
        };
        open.words.iter().any(is_said)
            || open
                .grammars
                .iter()
                .any(|phrase| accepts(phrase, text, language))
    }

    /// Whether a grammar of the plan's accepts the whole of a text: what a recogniser that is given
    /// this grammar, and nothing else, can hear. The text need not be normalised.
    pub fn is_in_grammar(&self, grammar: GrammarId, text: &str) -> bool {
        self.grammar(grammar)
            .is_some_and(|grammar| accepts(&grammar.root, text, grammar.language))
    }

    /// Whether a text is a mere "uh-huh", or several.
    pub fn is_backchannel(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let said = Text::of(text, language).units;
        self.lexicon(language).backchannels.make_up(&said)
    }

    /// How many words of anger a text holds, those within longer ones not counted.
    pub fn angry_words(&self, language: Language, text: &str) -> usize {
        let language = self.spoken(language);
        let said = Text::of(text, language).units;
        self.lexicon(language).angry.found_in(&said).len()
    }

    fn collecting(&self, node: &str) -> Option<&Collect> {
        match self.node(node)? {
            Node::Collect(collect) => Some(collect),
            Node::Say(_)
            | Node::Ask(_)
            | Node::Api(_)
            | Node::ApiAll(_)
            | Node::Decide(_)
            | Node::Set(_)
            | Node::Handoff(_)
            | Node::End(_) => None,
        }
    }
}

/// Whether an entry of keys may begin with 0.
fn takes_zero(wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Digits { .. } => true,
        Wanted::Value(kind) => kind.takes_key(Key::ZERO.face()),
        Wanted::OneOf(listed) => listed.iter().any(|l| l.key == Some(Key::ZERO)),
        Wanted::YesNo | Wanted::Grammar { .. } => false,
    }
}

/// Whether one of the phrases is all that was said, a courtesy after it left out.
fn is_said(phrases: &Phrases, courtesies: &Phrases, said: &[String]) -> bool {
    let polite = courtesies
        .ending(said)
        .filter(|length| *length < said.len());
    phrases.has(said) || polite.is_some_and(|length| phrases.has(&said[..said.len() - length]))
}

fn whole(value: &str) -> Collected {
    Collected::Value {
        value: value.to_owned(),
        can_continue: false,
    }
}

fn measured(digits: String, min: u8, max: u8) -> Collected {
    let (min, max) = (usize::from(min), usize::from(max));
    if digits.len() < min {
        Collected::TooShort(digits)
    } else if digits.len() > max {
        Collected::TooLong(digits)
    } else {
        Collected::Value {
            can_continue: digits.len() < max,
            value: digits,
        }
    }
}

/// The digits of a text that says other things too, if it says digits once.
fn only_run(text: &str, language: Language) -> Option<String> {
    let mut runs = digits_within(text, language);
    match runs.len() {
        1 => runs.pop(),
        _ => None,
    }
}

/// Whether a phrase accepts the whole of a text.
fn accepts(phrase: &Phrase, text: &str, language: Language) -> bool {
    let units = spoken_text::units(text, language);
    let ends = ends(phrase, &units, &BTreeSet::from([0]), language);
    !units.is_empty() && ends.contains(&units.len())
}

/// A grammar's words are normalised, as the text's are, but for letters that are spelt out: `A.`
fn begin_alike(unit: &str, word: &str) -> bool {
    let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    first(unit) == first(word)
}

/// Where a phrase can end in `units` if it begins at one of `starts`.
fn ends(
    phrase: &Phrase,
    units: &[String],
    starts: &BTreeSet<usize>,
    language: Language,
) -> BTreeSet<usize> {
    // Most phrases fit nothing from their first word on.
    if starts.is_empty() {
        return BTreeSet::new();
    }
    match phrase {
        Phrase::Word(word) => {
            // Most words of a grammar are told from the text by their first character; cutting
            // them all would take longer than all else.
            let begins = |at: &usize| units.get(*at).is_some_and(|unit| begin_alike(unit, word));
            if !starts.iter().any(begins) {
                return BTreeSet::new();
            }
            let word = spoken_text::units(word, language);
            let fitting = starts.iter().filter(|at| units[**at..].starts_with(&word));
            fitting.map(|at| at + word.len()).collect()
        }
        Phrase::Sequence(parts) => {
            let begin = starts.clone();
            parts
                .iter()
                .fold(begin, |starts, part| ends(part, units, &starts, language))
        }
        Phrase::OneOf(parts) => parts
            .iter()
            .flat_map(|part| ends(part, units, starts, language))
            .collect(),
        Phrase::Optional(part) => {
            let with = ends(part, units, starts, language);
            starts.union(&with).copied().collect()
        }
        Phrase::Repeat { of, min, max } => {
            let mut reached = starts.clone();
            let mut all = if *min == 0 {
                starts.clone()
            } else {
                BTreeSet::new()
            };
            for round in 1..=*max {
                reached = ends(of, units, &reached, language);
                if reached.is_empty() {
                    break;
                }
                if round >= *min {
                    all.extend(&reached);
                }
            }
            all
        }
    }
}
