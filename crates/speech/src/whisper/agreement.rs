//! What two looks at the same utterance agree on.

use call_model::Language;
use spoken_text::units;

/// What a caller is known to have said while they still speak: the beginning that two looks
/// in a row had in common (LocalAgreement-2, Macháček et al. 2023, arXiv:2307.14743).
///
/// What was agreed on once stays: a later look that differs there is not believed before the end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Agreement {
    last: Vec<String>,
    agreed: Vec<String>,
}

impl Agreement {
    /// Takes what the latest look heard; true when more is agreed on than before.
    pub(super) fn hear(&mut self, text: &str, language: Language) -> bool {
        let now = units(text, language);
        let common = now.iter().zip(&self.last);
        let length = common.take_while(|(now, last)| now == last).count();
        let goes_on = length > self.agreed.len() && now.starts_with(&self.agreed);
        if goes_on {
            self.agreed = now[..length].to_vec();
        }
        self.last = now;
        goes_on
    }

    /// How many words or characters are agreed on.
    pub(super) fn length(&self) -> usize {
        self.agreed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};

    #[test]
    fn what_two_looks_begin_with_is_agreed_and_never_taken_back() {
        let mut heard = Agreement::default();
        let story = [
            ("I want", 0, false),
            ("I want to", 2, true),
            ("I want two tickets", 2, false),
            ("I want two tickets please", 4, true),
            ("He wants to pay", 4, false),
            ("He wants to pay now", 4, false),
            ("I want two tickets please and", 4, false),
            ("I want two tickets please and go", 6, true),
        ];
        for (text, length, is_news) in story {
            assert_eq!(heard.hear(text, En), is_news, "{text}");
            assert_eq!(heard.length(), length, "{text}");
        }
    }

    #[test]
    fn chinese_is_agreed_on_character_by_character_whatever_its_punctuation() {
        let mut heard = Agreement::default();
        assert!(!heard.hear("我要查", Zh));
        assert!(heard.hear("我要，查詢訂單。", Zh));
        assert_eq!(heard.length(), 3);
        assert!(heard.hear("我要查询订单状态", Zh));
        assert_eq!(heard.length(), 6);
    }
}
