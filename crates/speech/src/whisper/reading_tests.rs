use super::super::look::Piece;
use super::*;
use Language::{En, Zh};
use call_model::{EscalationWord, GrammarId, Phrase, PhraseGrammar, WordClass};

fn look(language: Language, pieces: &[&[u8]]) -> Look {
    let pieces = pieces.iter().enumerate().map(|(at, bytes)| Piece {
        bytes: bytes.to_vec(),
        probability: 0.9 - 0.1 * at as f32,
        from_ms: 100 * at as u64,
        to_ms: 100 * at as u64 + 100,
    });
    Look {
        language,
        pieces: pieces.collect(),
        no_speech: 0.0,
        guided: None,
    }
}

fn reading(language: Language, pieces: &[&[u8]]) -> Reading {
    Reading::of(&look(language, pieces), CallTime::from_millis(1_000))
}

fn told(hypothesis: &Hypothesis) -> Vec<(String, u64, u64)> {
    let words = hypothesis.words.iter();
    words
        .map(|it| {
            (
                it.word.reveal().clone(),
                it.from.as_millis(),
                it.to.as_millis(),
            )
        })
        .collect()
}

#[test]
fn parts_of_words_become_words_with_the_time_of_all_their_parts() {
    let heard = reading(En, &[b" My", b" ref", b"und", b", uh", b"-huh", b"."]);
    let hypothesis = heard.hypothesis();
    assert_eq!(hypothesis.text.reveal(), "my refund uh huh");
    let words = told(&hypothesis);
    assert_eq!(words.len(), 4);
    assert_eq!(words[0], ("my".to_owned(), 1_000, 1_100));
    assert_eq!((words[1].0.as_str(), words[1].1), ("refund", 1_100));
    assert!(words[2].1 >= 1_300 && words[3].2 <= 1_600, "{words:?}");
}

#[test]
fn a_character_in_two_pieces_is_one_and_what_is_no_text_is_left_out() {
    let order = "订".as_bytes();
    let heard = reading(
        Zh,
        &[
            "查詢".as_bytes(),
            &order[..1],
            &order[1..],
            "单。".as_bytes(),
            &[0xe4],
        ],
    );
    let hypothesis = heard.hypothesis();
    assert_eq!(hypothesis.text.reveal(), "查询订单");
    let words = told(&hypothesis);
    assert_eq!(words[2], ("订".to_owned(), 1_100, 1_300));
    assert_eq!(words.len(), 4);
}

fn digits(language: Language) -> PhraseAutomaton {
    let figures = "0123456789".chars().map(|figure| {
        let word = read_digits(&figure.to_string(), language);
        Phrase::Word(word)
    });
    let root = Phrase::Repeat {
        of: Box::new(Phrase::OneOf(figures.collect())),
        min: 1,
        max: 8,
    };
    let id = GrammarId(1);
    PhraseAutomaton::of(&PhraseGrammar { id, language, root }).expect("small")
}

#[test]
fn figures_and_hesitation_are_read_as_the_grammar_has_them() {
    let table: [(Language, &[u8], &str, bool); 5] = [
        (En, b" 4712.", "four seven one two", true),
        (En, b" Um, four, 7", "four seven", true),
        (En, b" my 47", "my 47", false),
        (Zh, "四七一二".as_bytes(), "四七一二", true),
        (Zh, "4712".as_bytes(), "四七一二", true),
    ];
    for (language, bytes, expected, is_expected) in table {
        let (placed, accepted) = reading(language, &[bytes]).placed(Some(&digits(language)));
        assert_eq!((placed.text().as_str(), accepted), (expected, is_expected));
        let words = placed.hypothesis().words;
        assert_eq!(words.last().map(|it| it.to.as_millis()), Some(1_100));
    }
}

#[test]
fn escalation_words_are_found_by_their_text_each_as_often_as_it_was_said() {
    let list = |language, words: &[(&str, WordClass)]| EscalationWords {
        language,
        words: words
            .iter()
            .map(|&(text, class)| EscalationWord {
                text: text.to_owned(),
                class,
            })
            .collect(),
    };
    let zh = list(
        Zh,
        &[
            ("人工", WordClass::Ask),
            ("转人工", WordClass::Ask),
            ("投诉", WordClass::Demand),
        ],
    );
    let heard = reading(
        Zh,
        &["人工，人工！我要".as_bytes(), "转人工，投訴".as_bytes()],
    );
    let found = heard.spotted(&zh);
    let words: Vec<_> = found.iter().map(|it| it.word.as_str()).collect();
    assert_eq!(words, ["人工", "人工", "转人工", "投诉"]);
    assert!(found.is_sorted_by_key(|it| it.from));
    assert!(reading(En, &[b" complaint"]).spotted(&zh).is_empty());
    let en = list(
        En,
        &[("real person", WordClass::Ask), ("sue", WordClass::Demand)],
    );
    let heard = reading(En, &[b" a", b" real", b" person", b" not", b" issue"]);
    let found = heard.spotted(&en);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].from.as_millis(), found[0].to.as_millis()),
        (1_100, 1_300)
    );
    assert_eq!(found[0].confidence, PerMille::from_share(0.7));
}

#[test]
fn the_first_words_alone_can_be_told() {
    let heard = reading(Zh, &["查询订单状态".as_bytes()]);
    assert_eq!(heard.first(4).text(), "查询订单");
}

#[test]
fn words_of_a_grammar_are_timed_by_their_length() {
    let look = look(En, &[b" May", b" do", b" mock", b"er"]);
    let guided = Guided {
        words: ["make", "a", "mocha"].map(Arc::from).to_vec(),
        pieces: 5,
        mean_log: -0.5,
        forced: 1.0,
    };
    let reading = Reading::guided(&look, &guided, CallTime::from_millis(1_000));
    let hypothesis = reading.hypothesis();
    assert_eq!(hypothesis.text.reveal(), "make a mocha");
    let expected = [
        ("make", 1_000, 1_160),
        ("a", 1_160, 1_200),
        ("mocha", 1_200, 1_400),
    ];
    let expected = expected.map(|(word, from, to)| (word.to_owned(), from, to));
    assert_eq!(told(&hypothesis), expected);
    assert_eq!(hypothesis.confidence.thousandths(), 607);
    assert_eq!(
        reading.expected().hypothesis().confidence.thousandths(),
        846
    );
}
