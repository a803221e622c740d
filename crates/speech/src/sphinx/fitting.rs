//! Which of a search's paths is what was said: it must have as many syllables.
//!
//! The best path through what was said up to a pause may stop in the middle of a phrase, lack a digit, or have one that
//! nobody said. How many syllables there were is known without any search, so a path that fits a little worse and has
//! as many is the better guess.

use super::ffi::Segment;
use super::search::Search;
use super::searching::length;

/// A path to the grammar's end is taken where it fits nearly as well as the best one, whatever was counted: the caller
/// did pause. In the library's steps of 0.1024 nats.
const ENDED_LESS_MAX: i32 = 60;
/// A whole number may fit so much worse, if it has as many syllables as were said.
const NUMBER_LESS_MAX: i32 = 600;
/// A short answer may fit so much worse.
const ANSWER_LESS_MAX: i32 = 400;
/// So many syllables are a short answer.
const SHORT_ANSWER: usize = 3;
/// A breath or a click may sound like one syllable more.
const SYLLABLES_OVER_MAX: usize = 1;

/// A path that may be what was said.
#[derive(Debug, Default)]
pub(super) struct Candidate {
    /// How well it fits; none where there is no such path.
    score: Option<i32>,
    words: Vec<PathWord>,
}

/// A word of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PathWord {
    text: String,
    /// In windows.
    length: usize,
    /// The most syllables that it has.
    syllables: usize,
    kind: WordKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum WordKind {
    Digit,
    /// What a caller thinks aloud with.
    Thinking,
    /// Any other.
    Other,
}

impl Candidate {
    pub(super) fn of(score: Option<i32>, path: &[Segment], search: &Search) -> Self {
        let word = |segment: &Segment| {
            let token = search.token(&segment.word)?;
            let kind = if search.is_digit(&token.word) {
                WordKind::Digit
            } else if search.thinking(&segment.word).is_some() {
                WordKind::Thinking
            } else {
                WordKind::Other
            };
            Some(PathWord {
                text: token.word.clone(),
                length: length(segment),
                syllables: token.syllables(),
                kind,
            })
        };
        Self {
            score,
            words: path.iter().filter_map(word).collect(),
        }
    }

    /// How much worse another path fits; none where there is no such path.
    fn less(&self, other: &Self) -> Option<i32> {
        let score = other.score?;
        Some(self.score.map_or(0, |best| best - score))
    }

    fn is_number(&self) -> bool {
        let has = |kind| self.words.iter().any(|word| word.kind == kind);
        has(WordKind::Digit) && !has(WordKind::Other)
    }

    /// Whether these words can be heard as so many syllables.
    fn can_have(&self, syllables: usize) -> bool {
        self.words.len() <= syllables && syllables <= self.most_syllables()
    }

    fn most_syllables(&self) -> usize {
        self.words.iter().map(|word| word.syllables).sum::<usize>() + SYLLABLES_OVER_MAX
    }

    fn drop_word(&mut self, which: impl Fn(&[PathWord]) -> Option<usize>) {
        if let Some(at) = which(&self.words) {
            self.words.remove(at);
        }
    }
}

/// The digits that were said: all that are asked for where a path of them has as many syllables; otherwise those of the
/// best path, without what of it cannot have been said. Of what the caller thinks aloud with only the last word is told.
pub(super) fn number(open: Candidate, ended: Candidate, syllables: usize) -> Vec<String> {
    let is_near = open.less(&ended).is_some_and(|it| it <= NUMBER_LESS_MAX);
    if is_near && ended.is_number() && ended.can_have(syllables) {
        return told(ended.words);
    }
    let mut best = nearer(open, ended);
    let is_too_much = syllables > best.most_syllables();
    if !best.is_number() {
        // One of the words that may be said anywhere, which is not all that was said.
        return if is_too_much {
            Vec::new()
        } else {
            told(best.words)
        };
    }
    if is_too_much {
        // The longest word hides something that is no digit.
        best.drop_word(|words| (0..words.len()).max_by_key(|&at| words[at].length));
    }
    while best.words.len() > syllables {
        best.drop_word(|words| (0..words.len()).min_by_key(|&at| words[at].length));
    }
    told(best.words)
}

/// What answers a question that asks for no digits: a short answer to the grammar's end, if it has as many syllables as
/// were said; otherwise the path that fits best.
pub(super) fn answer(open: Candidate, ended: Candidate, syllables: usize) -> Vec<String> {
    let is_near = open.less(&ended).is_some_and(|it| it <= ANSWER_LESS_MAX);
    match is_near && syllables <= SHORT_ANSWER && ended.can_have(syllables) {
        true => told(ended.words),
        false => told(nearer(open, ended).words),
    }
}

fn nearer(open: Candidate, ended: Candidate) -> Candidate {
    let is_near = open.less(&ended).is_some_and(|it| it <= ENDED_LESS_MAX);
    if is_near { ended } else { open }
}

fn told(words: Vec<PathWord>) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let words = words.into_iter().enumerate();
    let told = words.filter(|(at, word)| word.kind != WordKind::Thinking || *at == last);
    told.map(|(_, word)| word.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(score: i32, words: &[(&str, usize)]) -> Candidate {
        let word = |(text, length): &(&str, usize)| PathWord {
            text: (*text).to_owned(),
            length: *length,
            syllables: match *text {
                "seven" | "zero" | "human" => 2,
                _ => 1,
            },
            kind: match *text {
                "um" => WordKind::Thinking,
                "human" | "that" | "yes" => WordKind::Other,
                _ => WordKind::Digit,
            },
        };
        Candidate {
            score: Some(score),
            words: words.iter().map(word).collect(),
        }
    }

    const TWO: [(&str, usize); 2] = [("one", 30), ("two", 30)];
    const FOUR: [(&str, usize); 4] = [("one", 30), ("two", 20), ("oh", 5), ("two", 5)];

    #[test]
    fn a_number_is_whole_where_so_many_syllables_were_said() {
        let whole = ["one", "two", "oh", "two"];
        let near = |less: i32| number(path(0, &TWO), path(-less, &FOUR), 4);
        assert_eq!(near(NUMBER_LESS_MAX), whole);
        assert_eq!(near(NUMBER_LESS_MAX + 1), ["one"], "more was said than two");
        let counted = |syllables| number(path(0, &TWO), path(-300, &FOUR), syllables);
        assert_eq!(counted(2), ["one", "two"], "two digits put in");
        assert_eq!(counted(5), whole, "and a breath");
    }

    #[test]
    fn the_shortest_words_go_where_there_are_more_than_syllables() {
        let heard = number(path(0, &FOUR), path(0, &FOUR), 2);
        assert_eq!(heard, ["one", "two"]);
    }

    #[test]
    fn a_number_with_something_else_in_it_is_not_whole() {
        let spoilt = [("one", 30), ("two", 30), ("six", 90), ("two", 30)];
        let heard = number(path(0, &spoilt), path(0, &spoilt), 7);
        assert_eq!(heard, ["one", "two", "two"]);
        let heard = number(path(0, &[("human", 60)]), path(0, &[("human", 60)]), 4);
        assert_eq!(heard, Vec::<String>::new());
        let heard = number(path(0, &[("human", 60)]), path(0, &[("human", 60)]), 2);
        assert_eq!(heard, ["human"]);
    }

    #[test]
    fn of_thinking_aloud_only_the_last_word_is_told() {
        let said = [("one", 30), ("um", 40), ("two", 30), ("um", 40)];
        let heard = number(path(0, &said), Candidate::default(), 4);
        assert_eq!(heard, ["one", "two", "um"]);
    }

    #[test]
    fn a_short_answer_is_whole_where_it_has_as_many_syllables() {
        let heard = |less: i32, syllables| {
            answer(
                path(0, &[("that", 30)]),
                path(-less, &[("yes", 30)]),
                syllables,
            )
        };
        assert_eq!(heard(ANSWER_LESS_MAX, 1), ["yes"]);
        assert_eq!(heard(ANSWER_LESS_MAX, 3), ["that"]);
        assert_eq!(heard(ANSWER_LESS_MAX + 1, 1), ["that"]);
        assert_eq!(heard(ENDED_LESS_MAX, 3), ["yes"], "the caller did pause");
        let none = answer(Candidate::default(), path(-5, &[("yes", 30)]), 1);
        assert_eq!(none, ["yes"]);
    }
}
