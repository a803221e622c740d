//! Small words: said without telling anything, or telling only yes or no.

use crate::units;
use call_model::Language;

/// What is said while listening, meaning no more than "I am here"; normalised.
///
/// Some of them answer a yes-or-no question too; whoever asked one looks at
/// [`yes_words`] first.
pub const fn backchannels(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "uh huh",
            "mhm",
            "mm",
            "mm hmm",
            "mm hm",
            "hm",
            "hmm",
            "yeah",
            "yep",
            "yup",
            "ok",
            "okay",
            "right",
            "all right",
            "alright",
            "sure",
            "i see",
            "got it",
            "aha",
            "ah",
            "oh",
            "oh ok",
            "uh",
        ],
        Language::Zh => &[
            "嗯",
            "嗯哼",
            "唔",
            "啊",
            "哦",
            "噢",
            "喔",
            "哎",
            "诶",
            "对",
            "是",
            "好",
            "行",
            "对的",
            "是的",
            "好的",
            "行的",
            "对啊",
            "是啊",
            "好啊",
            "好吧",
            "这样啊",
            "知道了",
            "明白",
            "明白了",
            "呃",
        ],
    }
}

/// What is said while thinking.
pub const fn fillers(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "um", "uh", "er", "erm", "em", "hm", "hmm", "mm", "well", "so", "like", "eh", "ah",
        ],
        Language::Zh => &[
            "嗯", "呃", "啊", "那", "哦", "唔", "诶", "欸", "呢", "吧", "呀", "哎",
        ],
    }
}

/// Yes, as a whole answer; normalised.
pub const fn yes_words(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "yes",
            "yeah",
            "yep",
            "yup",
            "yes please",
            "sure",
            "correct",
            "right",
            "that's right",
            "that is right",
            "that's correct",
            "ok",
            "okay",
            "of course",
            "please do",
            "exactly",
            "go ahead",
            "uh huh",
            "mhm",
        ],
        Language::Zh => &[
            "是",
            "是的",
            "对",
            "对的",
            "好",
            "好的",
            "可以",
            "行",
            "行的",
            "没错",
            "嗯",
            "要",
            "需要",
            "当然",
            "没问题",
            "正确",
            "好啊",
            "对啊",
            "是啊",
        ],
    }
}

/// No, as a whole answer; normalised.
pub const fn no_words(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "no",
            "nope",
            "nah",
            "no thanks",
            "no thank you",
            "not really",
            "wrong",
            "incorrect",
            "that's wrong",
            "that is wrong",
            "not right",
            "that's not right",
            "no it isn't",
            "not correct",
            "that's not correct",
            "that isn't right",
            "it's wrong",
            "it isn't",
        ],
        Language::Zh => &[
            "不",
            "不是",
            "不对",
            "不要",
            "不用",
            "不用了",
            "不需要",
            "没有",
            "错",
            "错了",
            "不行",
            "不好",
            "不可以",
            "没有了",
            "不了",
        ],
    }
}

/// Whether a text, normalised here, is made of usual backchannels and nothing else.
pub fn is_backchannel(text: &str, language: Language) -> bool {
    is_backchannel_of(text, language, backchannels(language))
}

/// Whether a text is made of the given words and phrases and nothing else, at
/// least one of them: "yeah, yeah", 对对对.
pub fn is_backchannel_of<S: AsRef<str>>(text: &str, language: Language, of: &[S]) -> bool {
    let text = units(text, language);
    let phrases: Vec<Vec<String>> = of
        .iter()
        .map(|phrase| units(phrase.as_ref(), language))
        .filter(|phrase| !phrase.is_empty())
        .collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for place in 0..text.len() {
        if reached[place] {
            let fitting = phrases.iter().filter(|p| text[place..].starts_with(p));
            for phrase in fitting {
                reached[place + phrase.len()] = true;
            }
        }
    }
    !text.is_empty() && reached[text.len()]
}

/// The units of a text without fillers.
pub fn without_fillers(text: &str, language: Language) -> Vec<String> {
    let mut units = units(text, language);
    units.retain(|unit| !fillers(language).contains(&unit.as_str()));
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise;
    use Language::{En, Zh};

    #[test]
    fn an_uh_huh_is_known_with_and_without_its_full_stop() {
        let table = [
            (En, "uh-huh", true),
            (En, "Mhm.", true),
            (En, "mm-hmm", true),
            (En, "Yeah, yeah.", true),
            (En, "okay", true),
            (En, "I see", true),
            (En, "uh huh, right", true),
            (En, "yes please", false),
            (En, "stop", false),
            (En, "okay stop", false),
            (En, "", false),
            (En, "huh", false),
            (Zh, "嗯", true),
            (Zh, "嗯。", true),
            (Zh, "嗯嗯嗯", true),
            (Zh, "对对", true),
            (Zh, "對，對，對。", true),
            (Zh, "好的好的", true),
            (Zh, "嗯，知道了", true),
            (Zh, "不对", false),
            (Zh, "人工", false),
            (Zh, "嗯人工", false),
            (Zh, "。", false),
        ];
        for (language, text, wanted) in table {
            assert_eq!(is_backchannel(text, language), wanted, "{text:?}");
        }
    }

    #[test]
    fn every_small_word_is_normalised_and_no_word_is_both_yes_and_no() {
        for language in Language::ALL {
            for list in [
                backchannels(language),
                fillers(language),
                yes_words(language),
                no_words(language),
            ] {
                for word in list {
                    assert_eq!(&normalise(word, language), word);
                }
            }
            assert!(
                yes_words(language)
                    .iter()
                    .all(|yes| !no_words(language).contains(yes))
            );
        }
    }

    #[test]
    fn thinking_aloud_is_no_part_of_what_is_said() {
        assert_eq!(
            without_fillers("um, order, uh, status", En),
            ["order", "status"]
        );
        assert_eq!(without_fillers("呃那个订单", Zh), ["个", "订", "单"]);
    }
}
