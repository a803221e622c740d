//! What an engine heard, as messages.

use crate::CallerChannel;
use crate::remote::contract::{Final, FromEar, NoMatch, Partial, Reading, Spotted, TimedWord};
use call_model::{CallTime, Heard, Hypothesis, Language, Private, SpottedWord};

/// Turns news of one turn into messages. The turn's first sample stands at time zero.
pub(super) struct Teller {
    turn: u32,
    language: Language,
    /// Whether the ear was given a grammar.
    has_grammar: bool,
    channel: CallerChannel,
    before: String,
}

impl Teller {
    pub(super) fn new(
        turn: u32,
        language: Language,
        has_grammar: bool,
        channel: CallerChannel,
    ) -> Self {
        Self {
            turn,
            language,
            has_grammar,
            channel,
            before: String::new(),
        }
    }

    pub(super) fn tell(&mut self, heard: Heard) -> FromEar {
        let turn = self.turn;
        match heard {
            Heard::Partial {
                text,
                is_complete,
                can_continue,
                is_doubtful,
                spotted,
                turn: _,
            } => {
                let text = text.into_revealed();
                let stable = stable(&self.before, &text, self.language);
                self.before.clone_from(&text);
                FromEar::Partial(Partial {
                    turn,
                    text: Private::new(text),
                    stable: Private::new(stable),
                    is_complete: self.has_grammar.then_some(is_complete),
                    can_continue: self.has_grammar.then_some(can_continue),
                    is_doubtful,
                    spotted: all_spotted(&spotted),
                })
            }
            Heard::Final {
                best,
                others,
                spotted,
                language,
                ..
            } => FromEar::Final(Final {
                turn,
                readings: std::iter::once(best).chain(others).map(reading).collect(),
                spotted: all_spotted(&spotted),
                language,
                memory: self.channel.memory(),
            }),
            Heard::NoMatch {
                rejected,
                spotted,
                language,
                ..
            } => FromEar::NoMatch(NoMatch {
                turn,
                rejected: rejected.map(reading),
                spotted: all_spotted(&spotted),
                language,
                memory: self.channel.memory(),
            }),
        }
    }
}

/// The beginning that two texts share, in whole words where words are parted.
fn stable(before: &str, text: &str, language: Language) -> String {
    let same = before.chars().zip(text.chars()).take_while(|(a, b)| a == b);
    let bytes: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let ends_word = |whole: &str| {
        whole[bytes..]
            .chars()
            .next()
            .is_none_or(char::is_whitespace)
    };
    let shared = &text[..bytes];
    let shared = match language {
        Language::Zh => shared,
        Language::En if ends_word(before) && ends_word(text) => shared,
        Language::En => shared.rsplit_once(' ').map_or("", |(whole, _)| whole),
    };
    shared.trim_end().to_owned()
}

fn reading(of: Hypothesis) -> Reading {
    let words = of.words.into_iter().map(|word| TimedWord {
        word: word.word,
        from_ms: ms(word.from),
        to_ms: ms(word.to),
        confidence: share(word.confidence.thousandths()),
    });
    Reading {
        text: of.text,
        confidence: share(of.confidence.thousandths()),
        words: words.collect(),
    }
}

fn all_spotted(found: &[SpottedWord]) -> Vec<Spotted> {
    let found = found.iter().map(|it| Spotted {
        word: it.word.clone(),
        class: it.class,
        from_ms: ms(it.from),
        to_ms: ms(it.to),
        confidence: share(it.confidence.thousandths()),
    });
    found.collect()
}

fn ms(at: CallTime) -> u32 {
    u32::try_from(at.as_millis()).unwrap_or(u32::MAX)
}

fn share(thousandths: u16) -> f64 {
    f64::from(thousandths) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_partials_share_is_stable_in_whole_words() {
        let zh = |before, text| stable(before, text, Language::Zh);
        assert_eq!(zh("查询账", "查询账单"), "查询账");
        assert_eq!(zh("查询", "取消"), "");
        let en = |before, text| stable(before, text, Language::En);
        assert_eq!(en("five", "five six"), "five");
        assert_eq!(en("fi", "five six"), "");
        assert_eq!(en("five six", "five seven"), "five");
        assert_eq!(en("five six", "five six"), "five six");
        assert_eq!(en("", "five"), "");
    }
}
