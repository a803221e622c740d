//! What a menu's prompt offers on a key: "for your balance, press 1", 查余额请按1.

use super::model::{Piece, Said};
use call_model::Language;

const CLAUSE_ENDS: [char; 14] = [
    '.', ',', ';', ':', '!', '?', '\n', '。', '，', '；', '：', '！', '？', '、',
];
/// Before a key.
const ENGLISH_PRESS: [&str; 4] = ["press", "dial", "push", "select"];
const CHINESE_PRESS: [&str; 6] = ["请按", "请拨", "请选择", "按", "拨", "选"];
/// Before what is offered, and no part of it; the longer first.
const ENGLISH_LEADS: [&str; 15] = [
    "if you are calling about",
    "if you would like to",
    "if you want to",
    "to speak with",
    "to speak to",
    "to talk to",
    "to reach",
    "please",
    "about",
    "now",
    "for",
    "and",
    "or",
    "to",
    "the",
];
const CHINESE_LEADS: [&str; 10] = [
    "如果您需要",
    "如果您要",
    "如需要",
    "如需",
    "如要",
    "需要",
    "转接",
    "转",
    "为",
    "是",
];

/// The words for a key in a menu's prompt; none where it does not say them.
pub(super) fn offered_on(key: &str, prompt: &Said, language: Language) -> Option<String> {
    let texts = prompt.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Slot(_) | Piece::Sound(_) | Piece::Pause(_) => "\n",
    });
    let text = texts.collect::<Vec<_>>().join(" ").to_lowercase();
    let mut before = "";
    for clause in text
        .split(CLAUSE_ENDS)
        .map(str::trim)
        .filter(|c| !c.is_empty())
    {
        if let Some((ahead, behind)) = parted_at(key, clause, language) {
            let (ahead, behind) = (bare(ahead, language), bare(behind, language));
            let offered = [ahead, behind, bare(before, language)];
            return offered
                .into_iter()
                .find(|text| !text.is_empty())
                .map(str::to_owned);
        }
        // What another key was for is not for this one.
        before = if is_told_for_a_key(clause, language) {
            ""
        } else {
            clause
        };
    }
    None
}

/// What stands before "press 1" and after it.
fn parted_at<'t>(key: &str, clause: &'t str, language: Language) -> Option<(&'t str, &'t str)> {
    let spoken = spoken_keys(key, language);
    let presses: &[&str] = match language {
        Language::En => &ENGLISH_PRESS,
        Language::Zh => &CHINESE_PRESS,
    };
    presses.iter().find_map(|press| {
        clause.match_indices(press).find_map(|(at, _)| {
            let ahead = &clause[..at];
            let after = clause[at + press.len()..].trim_start();
            let after = after.strip_prefix("the ").unwrap_or(after);
            let behind = spoken.iter().find_map(|key| after.strip_prefix(key))?;
            let goes_on = behind.starts_with(|c: char| c.is_ascii_alphanumeric());
            (!goes_on).then_some((ahead, behind))
        })
    })
}

fn is_told_for_a_key(clause: &str, language: Language) -> bool {
    let keys = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"];
    keys.iter()
        .any(|key| parted_at(key, clause, language).is_some())
}

/// A key as prompts name it.
fn spoken_keys(key: &str, language: Language) -> Vec<&str> {
    let (english, chinese) = match key {
        "0" => ("zero", "零"),
        "1" => ("one", "一"),
        "2" => ("two", "二"),
        "3" => ("three", "三"),
        "4" => ("four", "四"),
        "5" => ("five", "五"),
        "6" => ("six", "六"),
        "7" => ("seven", "七"),
        "8" => ("eight", "八"),
        "9" => ("nine", "九"),
        "*" => ("star", "星号"),
        "#" => ("pound", "井号"),
        _ => return vec![key],
    };
    match language {
        Language::En => vec![key, english],
        Language::Zh => vec![key, chinese],
    }
}

/// What is offered, without the words that lead to it.
fn bare(text: &str, language: Language) -> &str {
    let leads: &[&str] = match language {
        Language::En => &ENGLISH_LEADS,
        Language::Zh => &CHINESE_LEADS,
    };
    let mut text = text.trim_matches(|c: char| !c.is_alphanumeric());
    loop {
        let stripped = leads.iter().find_map(|lead| {
            let rest = text.strip_prefix(lead)?;
            let is_whole = language == Language::Zh || rest.is_empty() || rest.starts_with(' ');
            is_whole.then(|| rest.trim_start())
        });
        match stripped {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(key: &str, text: &str, language: Language) -> Option<String> {
        offered_on(key, &vec![Piece::Text(text.to_owned())], language)
    }

    #[test]
    fn prompts_say_what_their_keys_are_for() {
        let english = "Welcome to the bank. For your balance press 1. To report a lost card, press two; \
                       press 3 for opening hours, or press the star key to go back. Press 12.";
        for (key, words) in [
            ("1", Some("your balance")),
            ("2", Some("report a lost card")),
            ("3", Some("opening hours")),
            ("4", None),
        ] {
            let wanted = words.map(str::to_owned);
            assert_eq!(offered(key, english, Language::En), wanted, "{key}");
        }
        let chinese = "欢迎致电。查询余额请按1，挂失，请按二；按3办理贷款。";
        for (key, words) in [
            ("1", Some("查询余额")),
            ("2", Some("挂失")),
            ("3", Some("办理贷款")),
            ("4", None),
        ] {
            let wanted = words.map(str::to_owned);
            assert_eq!(offered(key, chinese, Language::Zh), wanted, "{key}");
        }
    }
}
