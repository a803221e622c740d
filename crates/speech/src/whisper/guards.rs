//! Whether what a look heard was said by anybody.
//!
//! A recogniser that learnt from subtitles writes fluent text for noise, music and silence. Each guard here
//! knows one sign of that; all are functions over numbers and text.

use call_model::Language;
use spoken_text::{normalise, units};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Inventions and half inventions of a language, normalised.
struct Inventions {
    always: BTreeSet<String>,
    where_doubted: BTreeSet<String>,
}

/// Why a text is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doubt {
    /// Nothing but punctuation, or sounds in brackets.
    Wordless,
    /// The recogniser itself thinks that nobody spoke.
    NoSpeech,
    /// Its words are unlikely, all in all.
    Unlikely,
    /// It goes round in circles.
    Loop,
    /// Nobody can say so much in the time.
    TooFast,
    /// A known invention.
    Invention,
}

/// What a look heard, as far as the guards need it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Sample<'a> {
    /// The text as it was written.
    pub(super) text: &'a str,
    /// The language of the look.
    pub(super) language: Language,
    /// How likely it is that nobody spoke, from 0 to 1.
    pub(super) no_speech: f32,
    /// The mean of the logarithms (base e) of the pieces' probabilities.
    pub(super) mean_log: f32,
    /// Seconds in which somebody may have spoken.
    pub(super) voiced_s: f32,
    /// Whether the question's grammar accepts it.
    pub(super) is_expected: bool,
}

/// As the model's authors have it: this unlikely to be speech, and unlikely words.
const NO_SPEECH: f32 = 0.6;
const NO_SPEECH_LOG: f32 = -1.0;
/// So sure that nobody spoke that the words count little.
const SURELY_NO_SPEECH: f32 = 0.9;
const SURELY_NO_SPEECH_LOG: f32 = -0.4;
/// Words as unlikely as this are guesses.
pub(super) const LOG_LEAST: f32 = -1.2;
/// What callers say too, and machines invent, is doubted from here on.
const DOUBT_NO_SPEECH: f32 = 0.3;
const DOUBT_LOG: f32 = -0.5;
/// A piece of up to so many words or characters, over and over …
const LOOP_PIECE: usize = 8;
/// … at least so many times …
const LOOP_TIMES: usize = 4;
/// … and so many words or characters in all, is a loop. Callers say "no" five times, not fifteen.
const LOOP_LENGTH: usize = 15;
/// Words and characters that somebody in a hurry says in a second.
const WORDS_A_SECOND: f32 = 7.0;
const CHARACTERS_A_SECOND: f32 = 9.0;
/// Words and characters that are believed however short the sound: its ends may be too quiet to count.
const ALWAYS_SAYABLE: f32 = 3.0;

/// The first sign that a text was invented, if there is one.
pub(super) fn doubt(sample: &Sample<'_>) -> Option<Doubt> {
    let words = units(&without_sounds(sample.text), sample.language);
    let doubts = [
        (words.is_empty(), Doubt::Wordless),
        (is_no_speech(sample), Doubt::NoSpeech),
        (sample.mean_log < LOG_LEAST, Doubt::Unlikely),
        (is_loop(&words), Doubt::Loop),
        (is_too_fast(&words, sample), Doubt::TooFast),
        (is_invention(sample), Doubt::Invention),
    ];
    let mut found = doubts.into_iter().filter(|(is_so, _)| *is_so);
    found.next().map(|(_, doubt)| doubt)
}

fn is_no_speech(sample: &Sample<'_>) -> bool {
    let (no_speech, mean_log) = (sample.no_speech, sample.mean_log);
    no_speech > NO_SPEECH && mean_log < NO_SPEECH_LOG
        || no_speech > SURELY_NO_SPEECH && mean_log < SURELY_NO_SPEECH_LOG
}

/// A piece said again and again, wherever it stands.
fn is_loop(words: &[String]) -> bool {
    (1..=LOOP_PIECE).any(|piece| {
        // Neighbours at the distance of a piece that are the same, in a row.
        let mut run = 0;
        (piece..words.len()).any(|at| {
            run = if words[at] == words[at - piece] {
                run + 1
            } else {
                0
            };
            let length = run + piece;
            run > 0 && length >= LOOP_LENGTH && length / piece >= LOOP_TIMES
        })
    })
}

fn is_too_fast(words: &[String], sample: &Sample<'_>) -> bool {
    let a_second = match sample.language {
        Language::En => WORDS_A_SECOND,
        Language::Zh => CHARACTERS_A_SECOND,
    };
    words.len() as f32 > ALWAYS_SAYABLE + a_second * sample.voiced_s
}

fn is_invention(sample: &Sample<'_>) -> bool {
    if sample.is_expected {
        return false;
    }
    // A model asked for one language may write the other's inventions.
    let text = normalise(&without_sounds(sample.text), sample.language);
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_doubted = sample.no_speech > DOUBT_NO_SPEECH || sample.mean_log < DOUBT_LOG;
    let known = [&*ENGLISH, &*MANDARIN];
    known.into_iter().any(|known| {
        known.always.contains(&text) || is_doubted && known.where_doubted.contains(&text)
    })
}

/// The text without what stands in brackets or between notes: "[Music]", "(applause)", "♪ la la ♪".
pub(super) fn without_sounds(text: &str) -> String {
    let (mut words, mut depth, mut is_sung) = (String::new(), 0_usize, false);
    for c in text.chars() {
        match c {
            '[' | '(' | '（' | '【' | '{' => depth += 1,
            ']' | ')' | '）' | '】' | '}' => depth = depth.saturating_sub(1),
            '♪' | '♫' | '♬' | '♩' => is_sung = !is_sung,
            _ if depth == 0 && !is_sung => words.push(c),
            _ => {}
        }
    }
    words
}

static ENGLISH: LazyLock<Inventions> =
    LazyLock::new(|| Inventions::of(include_str!("../../data/invented-en.txt"), Language::En));
static MANDARIN: LazyLock<Inventions> =
    LazyLock::new(|| Inventions::of(include_str!("../../data/invented-zh.txt"), Language::Zh));

impl Inventions {
    /// Compared without spaces, which tell nothing in Mandarin and little in English.
    fn of(list: &str, language: Language) -> Self {
        let (mut always, mut where_doubted) = (BTreeSet::new(), BTreeSet::new());
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let (line, into) = match line.strip_prefix('?') {
                Some(line) => (line, &mut where_doubted),
                None => (line, &mut always),
            };
            let text = normalise(line, language);
            into.insert(text.chars().filter(|c| !c.is_whitespace()).collect());
        }
        always.remove("");
        Self {
            always,
            where_doubted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};

    fn sure(text: &str, language: Language, voiced_s: f32) -> Sample<'_> {
        Sample {
            text,
            language,
            no_speech: 0.05,
            mean_log: -0.2,
            voiced_s,
            is_expected: false,
        }
    }

    #[test]
    fn what_callers_say_is_believed() {
        let table = [
            ("I'd like to know where my order is, please.", En, 2.0),
            ("No, no, no, no, no!", En, 1.2),
            ("0000", En, 0.9),
            ("operator operator operator", En, 1.2),
            ("Thank you.", En, 0.5),
            ("我想查一下我的订单到哪里了", Zh, 2.0),
            ("人工人工人工", Zh, 1.0),
            ("好的", Zh, 0.2),
            ("subscribe to your plan, how do I do that", En, 2.0),
            ("谢谢观看这个订单的进度", Zh, 2.0),
        ];
        for (text, language, voiced_s) in table {
            assert_eq!(doubt(&sure(text, language, voiced_s)), None, "{text}");
        }
    }

    #[test]
    fn known_inventions_are_refused_in_either_language_whatever_their_spelling() {
        let table = [
            ("Thanks for watching!", En),
            ("Thank you for watching.", Zh),
            ("Don't forget to like and subscribe", En),
            ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", Zh),
            ("請不吝點贊，訂閱，轉發，打賞支持明鏡與點點欄目", Zh),
            ("字幕由 Amara.org 社区提供", Zh),
            ("字幕由Amara.org社區提供。", Zh),
            ("優優獨播劇場——YoYo Television Series Exclusive", Zh),
            ("字幕志愿者 李宗盛", En),
        ];
        for (text, language) in table {
            let found = doubt(&sure(text, language, 6.0));
            assert_eq!(found, Some(Doubt::Invention), "{text}");
        }
    }

    #[test]
    fn what_callers_and_machines_say_is_refused_where_it_is_doubted_and_not_expected() {
        let thanks = sure("Thank you.", En, 0.5);
        let doubted = Sample {
            no_speech: 0.4,
            ..thanks
        };
        assert_eq!(doubt(&thanks), None);
        assert_eq!(doubt(&doubted), Some(Doubt::Invention));
        let expected = Sample {
            is_expected: true,
            ..doubted
        };
        assert_eq!(doubt(&expected), None);
        let guessed = Sample {
            mean_log: -0.7,
            ..sure("谢谢", Zh, 0.5)
        };
        assert_eq!(doubt(&guessed), Some(Doubt::Invention));
    }

    #[test]
    fn each_sign_of_invention_is_seen_by_itself() {
        let words = sure("my order is late", En, 2.0);
        let table = [
            (
                sure(" [Music] (applause) ♪ la la ♪ ", En, 2.0),
                Doubt::Wordless,
            ),
            (sure("...", En, 2.0), Doubt::Wordless),
            (
                Sample {
                    no_speech: 0.7,
                    mean_log: -1.1,
                    ..words
                },
                Doubt::NoSpeech,
            ),
            (
                Sample {
                    no_speech: 0.95,
                    mean_log: -0.5,
                    ..words
                },
                Doubt::NoSpeech,
            ),
            (
                Sample {
                    mean_log: -1.3,
                    ..words
                },
                Doubt::Unlikely,
            ),
            (
                sure(
                    "well I am going to go to the store to the store to the store to the store to the store to the store",
                    En,
                    8.0,
                ),
                Doubt::Loop,
            ),
            (
                sure("对对对对对对对对对对对对对对对对对对", Zh, 9.0),
                Doubt::Loop,
            ),
            (
                sure("谢谢大家谢谢大家谢谢大家谢谢大家谢谢大家", Zh, 9.0),
                Doubt::Loop,
            ),
            (
                sure("and that is why we all have to go home now", En, 0.4),
                Doubt::TooFast,
            ),
            (
                sure("今天我们来看一下这个新闻的内容", Zh, 0.5),
                Doubt::TooFast,
            ),
        ];
        for (sample, expected) in table {
            assert_eq!(doubt(&sample), Some(expected), "{}", sample.text);
        }
    }

    #[test]
    fn every_listed_invention_says_something() {
        for known in [&*ENGLISH, &*MANDARIN] {
            assert!(known.always.len() > 30 && known.where_doubted.len() > 8);
            assert!(!known.where_doubted.contains(""));
        }
    }
}
