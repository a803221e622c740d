//! Words that may be said, as a text that might have come before the utterance: a recogniser of free
//! speech writes words that it has just read sooner than others.

use call_model::{Language, Phrase, PhraseGrammar};

/// The most phrases of a grammar that are told.
const PHRASES_MAX: usize = 24;
/// The most characters of the whole text: more would push the utterance itself aside, and cost time.
const ENGLISH_MAX: usize = 360;
const MANDARIN_MAX: usize = 120;

/// The text for a question with its grammar; empty where there is none.
///
/// Words that ask for a person are left out: a model that has just read them hears them in what sounds like them.
pub(super) fn hints(grammar: &PhraseGrammar) -> String {
    let language = grammar.language;
    let mut told: Vec<String> = Vec::new();
    phrases(&grammar.root, language, &mut told);
    let (before, between, after, most) = match language {
        Language::En => ("Glossary: ", ", ", ".", ENGLISH_MAX),
        Language::Zh => ("可能提到：", "、", "。", MANDARIN_MAX),
    };
    let (mut text, mut length) = (String::new(), 0);
    for phrase in told {
        length += phrase.chars().count() + between.chars().count();
        if length > most {
            break;
        }
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(&phrase);
    }
    match text.is_empty() {
        true => text,
        false => format!("{before}{text}{after}"),
    }
}

/// One way to say each of a grammar's alternatives.
fn phrases(phrase: &Phrase, language: Language, told: &mut Vec<String>) {
    match phrase {
        Phrase::OneOf(parts) => {
            for part in parts {
                if told.len() == PHRASES_MAX {
                    return;
                }
                phrases(part, language, told);
            }
        }
        Phrase::Optional(of) | Phrase::Repeat { of, .. } => phrases(of, language, told),
        Phrase::Word(_) | Phrase::Sequence(_) => {
            let mut words = Vec::new();
            shortest(phrase, &mut words);
            let text = match language {
                Language::En => words.join(" "),
                Language::Zh => words.concat(),
            };
            if !text.is_empty() && !told.contains(&text) && told.len() < PHRASES_MAX {
                told.push(text);
            }
        }
    }
}

/// A phrase without what may be left out, by the first of its alternatives.
fn shortest<'p>(phrase: &'p Phrase, words: &mut Vec<&'p str>) {
    match phrase {
        Phrase::Word(word) => words.push(word),
        Phrase::Sequence(parts) => parts.iter().for_each(|part| shortest(part, words)),
        Phrase::OneOf(parts) => {
            if let Some(first) = parts.first() {
                shortest(first, words);
            }
        }
        Phrase::Optional(_) => {}
        Phrase::Repeat { of, min, .. } => {
            if *min > 0 {
                shortest(of, words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::GrammarId;

    fn word(text: &str) -> Phrase {
        Phrase::Word(text.to_owned())
    }

    fn grammar(language: Language, root: Phrase) -> PhraseGrammar {
        PhraseGrammar {
            id: GrammarId(1),
            language,
            root,
        }
    }

    #[test]
    fn a_questions_phrases_are_told_each_once_and_without_what_may_be_left_out() {
        let root = Phrase::OneOf(vec![
            Phrase::Sequence(vec![
                Phrase::Optional(Box::new(word("the"))),
                Phrase::OneOf(vec![word("status"), word("state")]),
                word("of"),
                word("my"),
                word("order"),
            ]),
            word("hours"),
            word("hours"),
        ]);
        let told = hints(&grammar(Language::En, root));
        assert_eq!(told, "Glossary: status of my order, hours.");
        let root = Phrase::OneOf(vec![word("查订单"), word("退款")]);
        let told = hints(&grammar(Language::Zh, root));
        assert_eq!(told, "可能提到：查订单、退款。");
    }

    #[test]
    fn however_much_may_be_said_the_text_stays_short_and_nothing_is_told_of_nothing() {
        let many = (0..500).map(|n| word(&format!("phrase number {n}")));
        let told = hints(&grammar(Language::En, Phrase::OneOf(many.collect())));
        assert!(told.len() < ENGLISH_MAX + 20, "{}", told.len());
        let nothing = grammar(Language::En, Phrase::OneOf(Vec::new()));
        assert_eq!(hints(&nothing), "");
    }
}
