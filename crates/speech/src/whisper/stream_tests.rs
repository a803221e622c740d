use super::super::look::{Guided, Look, Sound, WIDE_RATE};
use super::super::script::{Scripted, seen};
use super::super::{WhisperRecognizer, WhisperSettings};
use crate::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use Language::{En, Zh};
use call_model::{
    CallTime, EscalationWord, EscalationWords, FRAME_TIME, GrammarId, Heard, Language, PcmFrame,
    Phrase, PhraseGrammar, TurnId, WordClass,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Ear {
    recognizer: WhisperRecognizer,
    heard: Arc<Mutex<Vec<Sound>>>,
}

fn ear(looks: impl IntoIterator<Item = Look>, partial_every: Option<Duration>) -> Ear {
    let (script, heard) = Scripted::seeing(looks);
    let settings = WhisperSettings {
        model: "ggml-test.bin".into(),
        passes: 1,
        threads: 1,
        partial_every,
        limit: Duration::from_secs(60),
    };
    let languages = Language::ALL.to_vec();
    let recognizer = WhisperRecognizer::over(vec![Box::new(script)], &settings, languages);
    Ear {
        recognizer: recognizer.expect("threads"),
        heard,
    }
}

fn orders(language: Language) -> Arc<PhraseGrammar> {
    let phrases: &[&str] = match language {
        En => &["order status", "opening hours"],
        Zh => &["查询订单", "几点开门"],
    };
    let word = |text: &&str| {
        let words = text.split(' ').map(|word| Phrase::Word(word.to_owned()));
        Phrase::Sequence(words.collect())
    };
    Arc::new(PhraseGrammar {
        id: GrammarId(1),
        language,
        root: Phrase::OneOf(phrases.iter().map(word).collect()),
    })
}

fn words(language: Language) -> Arc<EscalationWords> {
    let text = match language {
        En => "complaint",
        Zh => "投诉",
    };
    Arc::new(EscalationWords {
        language,
        words: vec![EscalationWord {
            text: text.to_owned(),
            class: WordClass::Demand,
        }],
    })
}

fn request(grammar: Option<Language>, also: Option<Language>) -> HearingRequest {
    HearingRequest {
        turn: TurnId(7),
        grammar: grammar.map(orders),
        escalation: words(grammar.unwrap_or(En)),
        also: also.map(|language| (Some(orders(language)), words(language))),
        channel: CallerChannel::default(),
    }
}

/// Quiet, a voice, quiet: in frames. The news in passing and at the end.
fn hear(
    ear: &Ear,
    request: HearingRequest,
    voice: usize,
) -> (Vec<Heard>, Result<Heard, SpeechError>) {
    let mut stream = ear.recognizer.open(request).expect("a stream");
    let mut at = CallTime::from_millis(10_000);
    let mut passing = Vec::new();
    for frame in 0..20 + voice + 30 {
        let mut sound = PcmFrame::silent(at);
        if (20..20 + voice).contains(&frame) {
            for (place, sample) in sound.samples.iter_mut().enumerate() {
                *sample = if place % 16 < 8 { 6_000 } else { -6_000 };
            }
        }
        passing.extend(stream.push(&sound).expect("heard"));
        at = at + FRAME_TIME;
    }
    (passing, stream.finish())
}

fn text_of(heard: &Heard) -> String {
    text(heard).to_owned()
}

fn text(heard: &Heard) -> &str {
    match heard {
        Heard::Final { best, .. } => best.text.reveal(),
        Heard::Partial { text, .. } => text.reveal(),
        Heard::NoMatch { .. } => "",
    }
}

#[test]
fn a_turn_is_looked_at_once_with_its_voice_alone_and_told_with_its_times() {
    let ear = ear([seen(En, "Order status.")], None);
    let (passing, heard) = hear(&ear, request(Some(En), None), 60);
    assert_eq!(passing, []);
    let heard = heard.expect("heard");
    let Heard::Final {
        turn,
        best,
        language,
        ..
    } = &heard
    else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (*turn, best.text.reveal().as_str(), *language),
        (TurnId(7), "order status", None)
    );
    let spans: Vec<_> = best
        .words
        .iter()
        .map(|it| (it.from.as_millis(), it.to.as_millis()))
        .collect();
    // The voice begins 400 ms into the turn, and is looked at from 300 ms before.
    assert_eq!(spans, [(10_100, 10_300), (10_300, 10_500)]);
    let sounds = ear.heard.lock().expect("no panic");
    assert_eq!(sounds.len(), 1);
    assert_eq!(sounds[0].samples.len(), (60 + 30) * WIDE_RATE / 50);
    assert_eq!(sounds[0].hints[0], "Glossary: order status, opening hours.");
    let loudest = sounds[0]
        .samples
        .iter()
        .fold(0.0_f32, |most, it| most.max(it.abs()));
    assert!((0.15..0.3).contains(&loudest), "{loudest}");
}

#[test]
fn where_nobody_speaks_nobody_looks() {
    let ear = ear([seen(En, "Thank you for watching.")], None);
    for voice in [0, 3] {
        let (_, heard) = hear(&ear, request(Some(En), None), voice);
        let heard = heard.expect("heard");
        assert!(
            matches!(heard, Heard::NoMatch { rejected: None, .. }),
            "{heard:?}"
        );
    }
    assert!(ear.heard.lock().expect("no panic").is_empty());
}

#[test]
fn inventions_are_no_match_and_a_guess_is_a_rejected_reading() {
    let told = |look| {
        hear(&ear([look], None), request(Some(En), None), 60)
            .1
            .expect("heard")
    };
    let invented = told(seen(En, "Thanks for watching!"));
    assert!(
        matches!(invented, Heard::NoMatch { rejected: None, .. }),
        "{invented:?}"
    );
    let mut guess = seen(En, "water trout");
    for piece in &mut guess.pieces {
        piece.probability = 0.2;
    }
    let guessed = told(guess);
    assert!(
        matches!(
            guessed,
            Heard::NoMatch {
                rejected: Some(_),
                ..
            }
        ),
        "{guessed:?}"
    );
}

#[test]
fn what_the_grammar_has_nearly_is_told_in_its_words_and_what_was_forced_into_it_is_not() {
    let told = |text: &str, forced: f32| {
        let guided = Guided {
            words: ["order", "status"].map(Arc::from).to_vec(),
            pieces: 4,
            mean_log: -0.6,
            forced,
        };
        let look = Look {
            guided: Some(guided),
            ..seen(En, text)
        };
        let ear = ear([look], None);
        let (_, heard) = hear(&ear, request(Some(En), None), 60);
        assert!(ear.heard.lock().expect("no panic")[0].guides[0].is_some());
        text_of(&heard.expect("heard"))
    };
    assert_eq!(told("Odor stators.", 2.0), "order status");
    assert_eq!(
        told("What is the weather like?", 20.0),
        "what is the weather like"
    );
    let circles = "Order. ".repeat(30);
    assert_eq!(told(&circles, 2.0), "order status");
    assert_eq!(told(&circles, 20.0), "");
}

#[test]
fn an_escalation_word_is_told_with_free_text_and_without_any_grammar() {
    let ear = ear([seen(En, "I want to make a complaint")], None);
    let (_, heard) = hear(&ear, request(Some(En), None), 100);
    let Ok(Heard::Final { best, spotted, .. }) = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(best.text.reveal(), "i want to make a complaint");
    assert_eq!((spotted.len(), spotted[0].from.as_millis()), (1, 11_100));
    let (_, heard) = hear(&ear, request(None, None), 100);
    let Ok(Heard::NoMatch {
        rejected: None,
        spotted,
        ..
    }) = heard
    else {
        panic!("{heard:?}");
    };
    assert_eq!(spotted.len(), 1);
}

#[test]
fn the_language_that_was_seen_is_told_where_two_may_be_spoken() {
    let ear = ear([seen(Zh, "查詢訂單")], None);
    let (_, heard) = hear(&ear, request(Some(En), Some(Zh)), 60);
    let Ok(Heard::Final { best, language, .. }) = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (best.text.reveal().as_str(), language),
        ("查询订单", Some(Zh))
    );
    let sounds = ear.heard.lock().expect("no panic");
    assert_eq!((sounds[0].language, sounds[0].also), (En, Some(Zh)));
    assert_eq!(sounds[0].hints[1], "可能提到：查询订单、几点开门。");
}

#[test]
fn while_a_caller_speaks_what_two_looks_agree_on_is_told() {
    let looks = ["order", "order stay", "order status", "order status"];
    let ear = ear(
        looks.map(|text| seen(En, text)),
        Some(Duration::from_millis(100)),
    );
    let mut stream = ear
        .recognizer
        .open(request(Some(En), None))
        .expect("a stream");
    let (mut at, mut passing) = (CallTime::ZERO, Vec::new());
    // Frames come as fast as looks are made here: wait for each look, as time would.
    for frame in 0..2_000 {
        let mut sound = PcmFrame::silent(at);
        if frame % 2 == 1 {
            sound.samples = [6_000; 160];
        }
        passing.extend(stream.push(&sound).expect("heard"));
        at = at + FRAME_TIME;
        if passing.len() == 2 {
            break;
        }
        // On a machine whose cores are all busy the looks' own thread needs a while.
        std::thread::sleep(Duration::from_millis(1));
    }
    let told: Vec<_> = passing.iter().map(text).collect();
    assert_eq!(told, ["order", "order status"]);
    let Some(Heard::Partial {
        is_complete,
        can_continue,
        ..
    }) = passing.last()
    else {
        panic!("a partial");
    };
    assert!(*is_complete && !*can_continue);
    assert_eq!(text(&stream.finish().expect("heard")), "order status");
}

#[test]
fn a_model_of_english_alone_says_so_when_mandarin_is_asked_for() {
    let (script, _) = Scripted::seeing([]);
    let settings = WhisperSettings {
        model: "ggml-base.en.bin".into(),
        passes: 1,
        threads: 1,
        partial_every: None,
        limit: Duration::from_secs(1),
    };
    let recognizer = WhisperRecognizer::over(vec![Box::new(script)], &settings, vec![En]);
    let recognizer = recognizer.expect("threads");
    assert!(recognizer.prepare(&[orders(En)], &[words(En)]).is_ok());
    let refused = recognizer.prepare(&[orders(Zh)], &[]);
    assert!(matches!(
        refused,
        Err(SpeechError::ModelMissing { language: Zh, .. })
    ));
    assert!(recognizer.open(request(Some(Zh), None)).is_err());
}
