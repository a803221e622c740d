//! What a small shop knows that is in no plan of its, by keywords, in English and Mandarin: the mind
//! behind `loadtest intent-service`.

use serde_json::{Value, json};

/// One thing it knows. A question is about it that holds all words of one of its lists.
struct Known {
    about: &'static str,
    english: &'static [&'static [&'static str]],
    chinese: &'static [&'static [&'static str]],
    /// What is said, sentence by sentence.
    says: [&'static [&'static str]; 2],
}

#[rustfmt::skip]
const KNOWN: [Known; 5] = [
    Known {
        about: "dogs",
        english: &[&["dog"], &["dogs"], &["pet"], &["puppy"]],
        chinese: &[&["狗"], &["宠物"]],
        says: [
            &["Yes, your dog is welcome in the shop.", "Please keep it on a lead."],
            &["可以，狗可以带进店里。", "请您牵好绳子。"],
        ],
    },
    Known {
        about: "parking",
        english: &[&["park"], &["parking"], &["car"]],
        chinese: &[&["停车"], &["车位"], &["火车"], &["交通"]],
        says: [
            &["You can park behind the house, at no charge.", "The way in is on Mill Lane."],
            &["楼后面可以免费停车。", "入口在磨坊路。"],
        ],
    },
    Known {
        about: "old radios",
        english: &[&["radio"], &["radios"], &["repair", "old"]],
        chinese: &[&["收音机"], &["维修", "旧"]],
        says: [
            &["We repair radios of any age.", "Bring it along, and we will have a look."],
            &["任何年代的收音机我们都修。", "您带过来，我们看一看。"],
        ],
    },
    Known {
        about: "vouchers",
        english: &[&["voucher"], &["gift", "card"]],
        chinese: &[&["礼品卡"], &["优惠"]],
        says: [
            &["Yes, we have gift cards.", "They are good for three years."],
            &["有，我们有礼品卡。", "有效期是三年。"],
        ],
    },
    Known {
        about: "prices",
        english: &[&["price"], &["prices"], &["how", "much"], &["cost"]],
        chinese: &[&["价格"], &["多少钱"]],
        says: [
            &["A repair begins at twenty pounds.", "You are told the price before we begin."],
            &["维修费从二十元起。", "动手之前我们会先告诉您价格。"],
        ],
    },
];

/// The answer to a `turn.final` of the contract, version 1: the messages in their order, and what
/// it was about, for the record.
pub fn answer(turn: &Value) -> (Vec<Value>, &'static str) {
    let question = &turn["question"];
    let language = usize::from(turn["language"] == "zh");
    let readings = turn["readings"].as_array().into_iter().flatten();
    // What was understood best comes first; what was too unsure to count is better than nothing.
    let texts: Vec<String> = readings
        .chain([&turn["rejected"]])
        .filter_map(|reading| reading["text"].as_str())
        .map(str::to_lowercase)
        .collect();
    let found = texts
        .iter()
        .find_map(|text| KNOWN.iter().find(|known| known.is_meant(text)));
    let Some(known) = found else {
        let why = "the shop's list has no answer to it";
        let message = json!({"type": "escalate", "question": question, "why": why});
        return (vec![message], "nothing it knows");
    };
    let mut messages: Vec<Value> = known.says[language]
        .iter()
        .map(|text| json!({"type": "say", "question": question, "text": text}))
        .collect();
    messages.push(json!({"type": "done", "question": question}));
    (messages, known.about)
}

impl Known {
    fn is_meant(&self, text: &str) -> bool {
        let words: Vec<&str> = text
            .split(|character: char| !character.is_alphanumeric())
            .collect();
        let english = |list: &&[&str]| list.iter().all(|word| words.contains(word));
        let chinese = |list: &&[&str]| list.iter().all(|word| text.contains(word));
        self.english.iter().any(english) || self.chinese.iter().any(chinese)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(language: &str, text: &str) -> &'static str {
        let turn = json!({"type": "turn.final", "question": 7, "language": language,
            "readings": [{"text": text, "confidence": 0.5}]});
        answer(&turn).1
    }

    #[test]
    fn questions_are_answered_in_the_language_they_are_asked_in() {
        for (language, text, topic, first) in [
            (
                "en",
                "can i bring my dog to the shop",
                "dogs",
                "Yes, your dog is welcome in the shop.",
            ),
            ("zh", "我可以带狗进来吗", "dogs", "可以，狗可以带进店里。"),
        ] {
            let turn = json!({"question": 7, "language": language, "readings": [{"text": text}]});
            let (messages, about) = answer(&turn);
            assert_eq!(about, topic);
            assert_eq!(messages[0]["text"], first);
            assert_eq!(messages.last().unwrap()["type"], "done");
            assert!(messages.iter().all(|message| message["question"] == 7));
        }
    }

    #[test]
    fn what_it_does_not_know_goes_to_a_person() {
        assert_eq!(
            about("en", "what is the meaning of life"),
            "nothing it knows"
        );
        assert_eq!(about("en", "my hotdogs"), "nothing it knows");
        let turn = json!({"question": 7, "language": "en", "readings": []});
        assert_eq!(answer(&turn).0[0]["type"], "escalate");
    }

    #[test]
    fn a_reading_too_unsure_to_count_is_better_than_nothing() {
        let turn = json!({"question": 7, "language": "zh", "readings": [], "rejected": {"text": "可以停车吗"}});
        assert_eq!(answer(&turn).1, "parking");
        assert_eq!(about("en", "do you repair old radios too"), "old radios");
        assert_eq!(about("zh", "多少钱"), "prices");
    }
}
