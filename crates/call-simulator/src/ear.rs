//! An ear that knows what was said, and delivers it as a recogniser would.

use crate::dice::Dice;
use crate::phrases::{Kind, Phrase};
use call_model::{CallTime, Heard, Hypothesis, Language, PerMille, SpottedWord, TurnId, WordClass};
use std::time::Duration;

/// Sound from before a turn was opened that still belongs to it.
const PRE_ROLL: Duration = Duration::from_millis(300);
/// A word is understood so long after it was said.
pub(crate) const WORD_LAG: Duration = Duration::from_millis(120);

/// A word that was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    text: String,
    from: CallTime,
    to: CallTime,
    mark: Mark,
    kind: Kind,
    /// Which utterance it belongs to, and its place from the end.
    utterance: usize,
    left: usize,
    is_found: bool,
}

/// What a word truly is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Plain,
    Ask,
    Demand,
    Denied,
}

/// What the words of a result truly mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Truth {
    /// Requests for a person in it that nobody could doubt.
    pub(crate) asks: usize,
    /// A demand in it that nobody could doubt.
    pub(crate) demands: usize,
}

/// What it can understand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Hears {
    /// What the plan's grammars hold; it has no partial words of anything else, and rejects it.
    #[default]
    Grammars,
    /// Any words.
    FreeSpeech,
}

impl Hears {
    const fn rejects(self, kind: Kind) -> bool {
        match kind {
            Kind::Noise => true,
            Kind::Foreign => matches!(self, Self::Grammars),
            Kind::Matter
            | Kind::Ask
            | Kind::Demand
            | Kind::Denied
            | Kind::Backchannel
            | Kind::Repeat
            | Kind::Yes
            | Kind::No => false,
        }
    }
}

/// The simulated recogniser.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    hears: Hears,
    said: Vec<Said>,
    utterances: usize,
    open: Option<(TurnId, CallTime)>,
    delivered: Vec<CallTime>,
}

impl Ear {
    pub(crate) fn that_hears(hears: Hears) -> Self {
        Self {
            hears,
            ..Self::default()
        }
    }

    /// Somebody speaks from `began` on; the times at which words are understood.
    pub(crate) fn hear(
        &mut self,
        phrase: Phrase,
        began: CallTime,
        length: Duration,
        search_percent: u64,
        dice: &mut Dice,
    ) -> Vec<CallTime> {
        let words: Vec<&str> = phrase.words.split_whitespace().collect();
        let count = u32::try_from(words.len()).unwrap_or(1).max(1);
        self.utterances += 1;
        let mut times = Vec::new();
        for (n, word) in (0_u32..).zip(&words) {
            let from = began + length * n / count;
            let to = began + length * (n + 1) / count;
            let (mark, text) = marked(word);
            self.said.push(Said {
                text: text.to_owned(),
                from,
                to: to.back(Duration::from_millis(20)),
                mark,
                kind: phrase.kind,
                utterance: self.utterances,
                left: words.len() - 1 - n as usize,
                is_found: mark != Mark::Plain && dice.percent(search_percent),
            });
            times.push(to + WORD_LAG);
        }
        times
    }

    pub(crate) fn listen(&mut self, turn: TurnId, now: CallTime) {
        self.open = Some((turn, now.back(PRE_ROLL)));
    }

    pub(crate) fn stop(&mut self) {
        self.open = None;
    }

    fn of_turn(&self, from: CallTime, until: CallTime) -> Vec<Said> {
        let all = self.said.iter();
        all.filter(|w| w.from >= from && w.to + WORD_LAG <= until)
            .cloned()
            .collect()
    }

    /// What is understood by now, if a turn is open.
    pub(crate) fn partial(
        &self,
        now: CallTime,
        language: Language,
        dice: &mut Dice,
    ) -> Option<Heard> {
        let (turn, from) = self.open?;
        let words = self.of_turn(from, now);
        let last = words.last()?;
        let is_rejected = self.hears.rejects(last.kind);
        let text = if is_rejected {
            String::new()
        } else {
            joined(&words, language)
        };
        Some(Heard::Partial {
            turn,
            text: text.into(),
            is_complete: !is_rejected && last.kind != Kind::Foreign && last.left == 0,
            can_continue: last.left > 0 || dice.percent(30),
            is_doubtful: false,
            spotted: spotted(&words),
        })
    }

    /// The result of the open turn, and what it truly says.
    pub(crate) fn finish(
        &mut self,
        now: CallTime,
        language: Language,
        dice: &mut Dice,
    ) -> Option<(Heard, Truth)> {
        let (turn, from) = self.open.take()?;
        let mut words = self.of_turn(from, now + WORD_LAG);
        self.think_again(&mut words, dice);
        let spotted = spotted(&words);
        let is_fit = words.iter().all(|w| !self.hears.rejects(w.kind));
        let confidence = PerMille::new(if dice.percent(8) { 250 } else { 850 });
        let reading = Hypothesis {
            text: joined(&words, language).into(),
            confidence,
            words: Vec::new(),
        };
        let is_understood = is_fit && !words.is_empty();
        let truth = self.truth(&words, is_understood && confidence >= PerMille::new(300));
        let heard = if is_understood {
            Heard::Final {
                turn,
                best: reading,
                others: Vec::new(),
                spotted,
                language: None,
            }
        } else {
            Heard::NoMatch {
                turn,
                rejected: (!words.is_empty()).then_some(reading),
                spotted,
                language: None,
            }
        };
        Some((heard, truth))
    }

    /// The last word on free speech need not be what its partials were.
    fn think_again(&self, words: &mut Vec<Said>, dice: &mut Dice) {
        let is_free =
            self.hears == Hears::FreeSpeech && words.iter().all(|word| word.kind == Kind::Foreign);
        if is_free && dice.percent(20) {
            words.extend(words.last().cloned());
        }
    }

    /// Only a turn of one whole utterance is beyond doubt.
    fn truth(&mut self, words: &[Said], is_text_sure: bool) -> Truth {
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Truth::default();
        };
        let is_whole = last.left == 0
            && words.iter().all(|w| w.utterance == first.utterance)
            && words.len() == first.left + 1;
        if !is_whole {
            return Truth::default();
        }
        let fresh: Vec<&Said> = words
            .iter()
            .filter(|w| !self.delivered.contains(&w.from))
            .filter(|w| is_text_sure || w.is_found)
            .collect();
        let count = |mark| fresh.iter().filter(|w| w.mark == mark).count();
        let truth = Truth {
            asks: count(Mark::Ask),
            demands: count(Mark::Demand),
        };
        self.delivered.extend(words.iter().map(|w| w.from));
        truth
    }

    /// Requests that were so much as begun by `now`: no honest count is higher.
    pub(crate) fn asks_begun(&self, now: CallTime) -> usize {
        self.begun(now, &[Mark::Ask])
    }

    /// Demands, meant or not, that were so much as begun by `now`.
    pub(crate) fn demands_begun(&self, now: CallTime) -> usize {
        self.begun(now, &[Mark::Demand, Mark::Denied])
    }

    fn begun(&self, now: CallTime, marks: &[Mark]) -> usize {
        let all = self.said.iter().filter(|w| w.from <= now);
        all.filter(|w| marks.contains(&w.mark)).count()
    }
}

fn marked(word: &str) -> (Mark, &str) {
    let marks = [('*', Mark::Ask), ('!', Mark::Demand), ('~', Mark::Denied)];
    for (sign, mark) in marks {
        if let Some(text) = word.strip_prefix(sign) {
            return (mark, text);
        }
    }
    (Mark::Plain, word)
}

fn joined(words: &[Said], language: Language) -> String {
    let words: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    words.join(match language {
        Language::En => " ",
        Language::Zh => "",
    })
}

fn spotted(words: &[Said]) -> Vec<SpottedWord> {
    let found = words.iter().filter(|w| w.is_found);
    found
        .map(|w| SpottedWord {
            word: w.text.clone(),
            class: match w.mark {
                Mark::Ask | Mark::Plain => WordClass::Ask,
                Mark::Demand | Mark::Denied => WordClass::Demand,
            },
            from: w.from,
            to: w.to,
            confidence: PerMille::new(800),
        })
        .collect()
}
