//! The one normaliser.

use crate::fold::{half_width, simplified};
use call_model::Language;

/// Text in the form in which it is compared: half-width, lower case, simplified
/// characters, no punctuation.
///
/// Words of Latin letters and figures are parted by one space. Chinese characters
/// are not parted, in whatever language: in [`Language::Zh`] a space stands only
/// between two Latin words, in [`Language::En`] also between Latin and Chinese. An
/// apostrophe stays within a word (`i'd`) and goes elsewhere; a hyphen parts words
/// (`uh-huh` becomes `uh huh`); a point or comma between figures goes without a
/// space (`1,200` becomes `1200`).
///
/// Normalising twice changes nothing.
pub fn normalise(text: &str, language: Language) -> String {
    let folded: Vec<char> = text
        .chars()
        .map(half_width)
        .flat_map(char::to_lowercase)
        .map(simplified)
        .collect();
    let mut out = Writer::new(language);
    for (place, &c) in folded.iter().enumerate() {
        let before = place.checked_sub(1).map(|p| folded[p]);
        let after = folded.get(place + 1).copied();
        match fate(c, before, after) {
            Fate::Stays => out.push(c),
            Fate::Parts => out.part(),
            Fate::Goes => {}
        }
    }
    out.text
}

enum Fate {
    Stays,
    Parts,
    Goes,
}

fn fate(c: char, before: Option<char>, after: Option<char>) -> Fate {
    let between = |test: fn(char) -> bool| before.is_some_and(test) && after.is_some_and(test);
    match c {
        '\'' | '\u{2019}' | '\u{2bc}' => {
            if between(is_latin) {
                Fate::Stays
            } else {
                Fate::Goes
            }
        }
        ',' | '.' if between(|c| c.is_ascii_digit()) => Fate::Goes,
        c if c.is_alphanumeric() => Fate::Stays,
        _ => Fate::Parts,
    }
}

/// Letters whose words are parted by spaces.
fn is_latin(c: char) -> bool {
    c.is_alphabetic() && !is_han(c)
}

/// Whether a character is a Chinese one (the unified ideographs and 〇).
pub(crate) const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{f900}'..='\u{faff}' | '〇')
}

/// Puts one space between words and none between Chinese characters.
struct Writer {
    text: String,
    language: Language,
    is_parted: bool,
}

impl Writer {
    const fn new(language: Language) -> Self {
        Self {
            text: String::new(),
            language,
            is_parted: false,
        }
    }

    fn part(&mut self) {
        self.is_parted = true;
    }

    fn push(&mut self, c: char) {
        if let Some(last) = self.text.chars().next_back() {
            let (left, right) = (is_han(last), is_han(c));
            let wants_space = match self.language {
                Language::En => self.is_parted && !(left && right) || left != right,
                Language::Zh => self.is_parted && !left && !right,
            };
            if wants_space {
                self.text.push(' ');
            }
        }
        self.is_parted = false;
        self.text.push(if matches!(c, '\u{2019}' | '\u{2bc}') {
            '\''
        } else {
            c
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use proptest::prelude::*;

    #[test]
    fn what_sounds_the_same_reads_the_same() {
        let table = [
            (En, "  Hello,   WORLD!! ", "hello world"),
            (En, "I’d like", "i'd like"),
            (En, "'quoted' words'", "quoted words"),
            (En, "uh-huh", "uh huh"),
            (En, "ＡＢＣ　１２３", "abc 123"),
            (En, "£1,200.50", "120050"),
            (En, "", ""),
            (En, "...!?", ""),
            (En, "press 请按 1", "press 请按 1"),
            (Zh, "嗯。", "嗯"),
            (Zh, "人工！人工！人工！", "人工人工人工"),
            (Zh, "我要 轉 人工 服務", "我要转人工服务"),
            (Zh, "１２３１５", "12315"),
            (Zh, "查 VIP 訂單", "查vip订单"),
            (Zh, "vip club", "vip club"),
            (Zh, "你好，世界", "你好世界"),
            (Zh, "　", ""),
        ];
        for (language, text, wanted) in table {
            assert_eq!(normalise(text, language), wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}") {
            for language in Language::ALL {
                let once = normalise(&text, language);
                prop_assert_eq!(&normalise(&once, language), &once);
                prop_assert!(!once.starts_with(' ') && !once.ends_with(' '));
                prop_assert!(!once.contains("  "));
            }
        }

        #[test]
        fn sentences_of_our_languages_survive_twice(
            text in "[a-zA-Z0-9' ,.!-，。！请轉人工服務一二１ＡＢ]{0,40}"
        ) {
            for language in Language::ALL {
                let once = normalise(&text, language);
                prop_assert_eq!(&normalise(&once, language), &once);
            }
        }
    }
}
