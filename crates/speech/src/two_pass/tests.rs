use super::*;
use crate::{CallerChannel, ScriptedRecognizer, ScriptedTurn};
use call_model::{CallTime, GrammarId, Language, PerMille, Phrase, Private, TurnId};
use std::time::Duration;

fn request() -> HearingRequest {
    HearingRequest {
        turn: TurnId(1),
        grammar: None,
        escalation: Arc::new(EscalationWords {
            language: Language::Zh,
            words: Vec::new(),
        }),
        also: None,
        channel: CallerChannel::default(),
    }
}

fn found(word: &str, class: WordClass) -> (Duration, SpottedWord) {
    let spotted = SpottedWord {
        word: word.to_owned(),
        class,
        from: CallTime::ZERO,
        to: CallTime::from_millis(400),
        confidence: PerMille::new(700),
    };
    (Duration::from_millis(100), spotted)
}

fn script(text: Option<&str>, spotted: &[(&str, WordClass)]) -> ScriptedTurn {
    let spotted = spotted.iter().map(|(word, class)| found(word, *class));
    ScriptedTurn {
        text: text.map(str::to_owned),
        confidence: PerMille::ONE,
        spotted: spotted.collect(),
        ..ScriptedTurn::default()
    }
}

/// What both together make of a turn: the escalation words of partials, and the final.
fn heard(fast: ScriptedTurn, better: ScriptedTurn) -> (Vec<String>, Heard) {
    let engine = |turn| Arc::new(ScriptedRecognizer::by_turn([(TurnId(1), turn)]));
    let both = TwoPass::new(engine(fast), engine(better));
    let mut stream = both.open(request()).expect("opens");
    let mut words = Vec::new();
    for n in 0..20 {
        let frame = PcmFrame::silent(CallTime::from_millis(n * 20));
        if let Some(Heard::Partial { spotted, .. }) = stream.push(&frame).expect("hears") {
            words.extend(spotted.into_iter().map(|it| it.word));
        }
    }
    (words, stream.finish().expect("ends"))
}

fn of_final(heard: &Heard) -> (&str, Vec<&str>, Vec<&str>) {
    let Heard::Final {
        best,
        others,
        spotted,
        ..
    } = heard
    else {
        panic!("a final: {heard:?}");
    };
    let others = others.iter().map(|it| it.text.reveal().as_str());
    let words = spotted.iter().map(|it| it.word.as_str());
    (best.text.reveal(), others.collect(), words.collect())
}

#[test]
fn the_better_engine_has_the_last_word_and_the_fast_ones_stands_beside_it() {
    let (_, heard) = heard(script(Some("查询账单"), &[]), script(Some("查询菜单"), &[]));
    assert_eq!(of_final(&heard), ("查询菜单", vec!["查询账单"], vec![]));
}

#[test]
fn an_escalation_word_that_the_better_text_lacks_is_not_in_the_final() {
    let fast = || {
        script(
            None,
            &[("投诉", WordClass::Demand), ("人工", WordClass::Ask)],
        )
    };
    let (_, corrected) = heard(fast(), script(Some("我要找人工"), &[]));
    assert_eq!(of_final(&corrected), ("我要找人工", vec![], vec!["人工"]));
    // Words of its own count too, and once.
    let own = script(Some("我要投诉"), &[("投诉", WordClass::Demand)]);
    let (_, corrected) = heard(fast(), own);
    assert_eq!(of_final(&corrected).2, ["投诉"]);
}

#[test]
fn a_demand_in_a_partial_waits_until_both_have_heard_it_and_a_request_does_not() {
    let fast = || {
        script(
            None,
            &[("投诉", WordClass::Demand), ("人工", WordClass::Ask)],
        )
    };
    let (words, _) = heard(fast(), script(Some("我要找人工"), &[]));
    assert_eq!(words, ["人工"]);
    let mut better = script(Some("我要投诉"), &[]);
    better.partials = vec![(Duration::from_millis(40), "我要投诉".to_owned())];
    let (words, _) = heard(fast(), better);
    assert_eq!(words, ["投诉", "人工"]);
}

#[test]
fn an_engine_that_heard_nothing_contradicts_nothing() {
    let fast = || script(Some("投诉"), &[("投诉", WordClass::Demand)]);
    let (_, kept) = heard(fast(), script(None, &[]));
    assert_eq!(of_final(&kept), ("投诉", vec![], vec!["投诉"]));
}

#[test]
fn a_text_that_is_not_trusted_takes_nothing_from_an_engine_that_is_sure_or_has_the_same() {
    let reading = |text: &str, sure| Hypothesis {
        text: Private::new(text.to_owned()),
        confidence: PerMille::new(sure),
        words: Vec::new(),
    };
    let corrector = Better {
        engine: Arc::new(Broken),
        missed: AtomicU64::new(0),
    };
    for (fast, sure, better, stands) in [
        ("two", 950, "cheers", true),
        ("three", 814, "take", false),
        ("six", 600, "six", true),
    ] {
        let fast = Heard::Final {
            turn: TurnId(1),
            best: reading(fast, sure),
            others: Vec::new(),
            spotted: vec![found("lawyer", WordClass::Demand).1],
            language: Some(Language::En),
        };
        let better = Heard::NoMatch {
            turn: TurnId(1),
            rejected: Some(reading(better, 200)),
            spotted: Vec::new(),
            language: Some(Language::En),
        };
        match corrected(fast.clone(), Ok(better), &corrector, &[]) {
            Heard::Final { best, spotted, .. } => {
                assert!(stands, "{fast:?}");
                assert!(best.confidence >= PerMille::new(sure) && spotted.is_empty());
            }
            Heard::NoMatch {
                rejected, spotted, ..
            } => {
                assert!(!stands && spotted.is_empty(), "{fast:?}");
                assert!(rejected.is_some_and(|it| it.confidence == PerMille::new(sure)));
            }
            Heard::Partial { .. } => panic!("a final"),
        }
    }
}

#[test]
fn a_text_that_cannot_be_said_takes_nothing_from_an_engine_that_is_sure() {
    let word = |text: &str| Phrase::Word(text.to_owned());
    let digits = || PhraseGrammar {
        id: GrammarId(1),
        language: Language::En,
        root: Phrase::OneOf(vec![word("eight"), word("two")]),
    };
    for (sure, better, grammar, best) in [
        (990, "hey", Some(digits()), "eight"),
        (890, "hey", Some(digits()), "hey"),
        (990, "two", Some(digits()), "two"),
        (990, "hey", None, "hey"),
    ] {
        let turn = |text: &str, sure| {
            let mut turn = script(Some(text), &[]);
            turn.confidence = PerMille::new(sure);
            Arc::new(ScriptedRecognizer::by_turn([(TurnId(1), turn)]))
        };
        let both = TwoPass::new(turn("eight", sure), turn(better, 600));
        let stream = both.open(HearingRequest {
            grammar: grammar.map(Arc::new),
            ..request()
        });
        let heard = stream.expect("opens").finish().expect("ends");
        let other = if best == "eight" { better } else { "eight" };
        assert_eq!(
            of_final(&heard),
            (best, vec![other], vec![]),
            "{sure} {better}"
        );
    }
}

/// Opens, and fails at once.
struct Broken;

impl Recognizer for Broken {
    fn prepare(
        &self,
        _: &[Arc<PhraseGrammar>],
        _: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }
    fn open(&self, _: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        Ok(Box::new(Self))
    }
    fn name(&self) -> &str {
        "broken"
    }
}

impl HearingStream for Broken {
    fn push(&mut self, _: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        Err(SpeechError::Engine("planted".to_owned()))
    }
    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        Err(SpeechError::Engine("planted".to_owned()))
    }
}

#[test]
fn where_the_better_engine_fails_all_that_the_fast_one_heard_stands() {
    let fast = script(Some("我要投诉"), &[("投诉", WordClass::Demand)]);
    let fast = ScriptedRecognizer::by_turn([(TurnId(1), fast)]);
    let both = TwoPass::new(Arc::new(fast), Arc::new(Broken));
    for frames in [0, 20] {
        let mut stream = both.open(request()).expect("opens");
        let mut words = Vec::new();
        for n in 0..frames {
            let frame = PcmFrame::silent(CallTime::from_millis(n * 20));
            if let Some(Heard::Partial { spotted, .. }) = stream.push(&frame).expect("hears") {
                words.extend(spotted.into_iter().map(|it| it.word));
            }
        }
        assert_eq!(words.len(), usize::from(frames > 0));
        let heard = stream.finish().expect("ends");
        assert_eq!(of_final(&heard), ("我要投诉", vec![], vec!["投诉"]));
    }
    assert_eq!(both.turns_without(), 2);
}

#[test]
fn english_words_stand_apart() {
    assert!(says("i want a lawyer now", "a lawyer"));
    assert!(!says("issue", "sue"));
    assert!(says("转人工客服", "人工"));
}
