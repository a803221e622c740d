//! The `sphinx` engine on the project's own voices. Needs libpocketsphinx and an English model
//! (Debian's or the telephone-band one of `BELLHOP_SHARED`); without them each test says so and passes.
#![cfg(feature = "sphinx")]

use call_model::{
    CallTime, EscalationWord, EscalationWords, FRAME_SAMPLES, FRAME_TIME, GrammarId, Heard,
    Language, PcmFrame, Phrase, PhraseGrammar, TurnId, WordClass,
};
use speech::{
    CallerChannel, Fault, HearingRequest, Recognizer, SpeechError, SphinxModels, SphinxRecognizer,
    SphinxSettings,
};
use std::path::PathBuf;
use std::sync::Arc;

fn ear(max_decoders: usize) -> Option<SphinxRecognizer> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared =
        std::env::var_os("BELLHOP_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let settings = SphinxSettings {
        models: SphinxModels::find(&[shared.join("models")]),
        max_decoders,
    };
    if !settings.models.by_language.contains_key(&Language::En) {
        eprintln!("SKIPPED 1 test: no English speech model");
        return None;
    }
    SphinxRecognizer::open(settings)
        .inspect_err(|error| eprintln!("SKIPPED 1 test: {error}"))
        .ok()
}

fn words(text: &str) -> Phrase {
    Phrase::Sequence(
        text.split(' ')
            .map(|word| Phrase::Word(word.to_owned()))
            .collect(),
    )
}

fn grammar(phrases: &[&str]) -> Arc<PhraseGrammar> {
    Arc::new(PhraseGrammar {
        id: GrammarId(1),
        language: Language::En,
        root: Phrase::OneOf(phrases.iter().map(|text| words(text)).collect()),
    })
}

fn escalation(words: &[&str]) -> Arc<EscalationWords> {
    let word = |text: &&str| EscalationWord {
        text: (*text).to_owned(),
        class: WordClass::Demand,
    };
    Arc::new(EscalationWords {
        language: Language::En,
        words: words.iter().map(word).collect(),
    })
}

fn asks(words: &[&str]) -> Arc<EscalationWords> {
    let mut list = EscalationWords::clone(&escalation(words));
    for word in &mut list.words {
        word.class = WordClass::Ask;
    }
    Arc::new(list)
}

fn request(grammar: &Arc<PhraseGrammar>, words: &Arc<EscalationWords>) -> HearingRequest {
    HearingRequest {
        turn: TurnId(7),
        grammar: Some(Arc::clone(grammar)),
        escalation: Arc::clone(words),
        also: None,
        channel: CallerChannel::default(),
    }
}

/// What a turn of these samples is heard as: the partial results, and the last.
fn hear(ear: &SphinxRecognizer, request: HearingRequest, samples: &[i16]) -> (Vec<Heard>, Heard) {
    let mut stream = ear.open(request).expect("opens");
    let mut at = CallTime::from_millis(5_000);
    let mut partials = Vec::new();
    for samples in samples.chunks(FRAME_SAMPLES) {
        let mut frame = PcmFrame::silent(at);
        frame.samples[..samples.len()].copy_from_slice(samples);
        partials.extend(stream.push(&frame).expect("hears"));
        at = at + FRAME_TIME;
    }
    (partials, stream.finish().expect("ends"))
}

/// A clip of `audio-fixtures`, in quiet as a call would bring it; nothing, loudly, where it is missing.
fn fixture(name: &str) -> Option<Vec<i16>> {
    let path =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../audio-fixtures")).join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("SKIPPED 1 test: no {}", path.display());
        return None;
    };
    let sound = bytes[44..]
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    let quiet = std::iter::repeat_n(0, 2_400);
    Some(quiet.clone().chain(sound).chain(quiet).collect())
}

const MENU: [&str; 4] = [
    "order status",
    "opening hours",
    "pay my bill",
    "technical support",
];

#[test]
fn what_the_grammar_has_is_understood_with_its_times() {
    let (Some(ear), Some(sound)) = (ear(6), fixture("slt/order-status.wav")) else {
        return;
    };
    let (partials, last) = hear(&ear, request(&grammar(&MENU), &escalation(&[])), &sound);
    let Heard::Final { best, turn, .. } = last else {
        panic!("it was said plainly: {last:?}");
    };
    assert_eq!(
        (best.text.reveal().as_str(), turn),
        ("order status", TurnId(7))
    );
    assert!(best.confidence.thousandths() > 600, "{}", best.confidence);
    assert_eq!(best.words.len(), 2);
    let began = CallTime::from_millis(5_000);
    let spans = best.words.windows(2);
    assert!(best.words[0].from > began && spans.into_iter().all(|w| w[0].to <= w[1].from));
    let is_whole = |heard: &Heard| {
        matches!(heard, Heard::Partial { text, is_complete: true, can_continue: false, .. }
            if text.reveal() == "order status")
    };
    assert!(partials.iter().any(is_whole), "no partial had it all");
}

#[test]
fn what_the_grammar_lacks_is_no_match_and_the_escalation_word_in_it_is_found() {
    let (Some(ear), Some(sound)) = (ear(6), fixture("slt/complaint.wav")) else {
        return;
    };
    let list = escalation(&["complaint", "lawyer", "compensation"]);
    let (_, last) = hear(&ear, request(&grammar(&MENU), &list), &sound);
    let Heard::NoMatch { spotted, .. } = last else {
        panic!("no menu has it: {last:?}");
    };
    let found: Vec<&str> = spotted.iter().map(|found| found.word.as_str()).collect();
    assert_eq!(found, ["complaint"]);
}

#[test]
fn requests_in_one_breath_are_told_apart_and_one_stays_one() {
    for (clip, count) in [
        ("awb/human-human-human.wav", 3),
        ("awb/human.wav", 1),
        ("slt/human.wav", 1),
    ] {
        let (Some(ear), Some(sound)) = (ear(6), fixture(clip)) else {
            return;
        };
        let list = asks(&["human", "operator", "agent"]);
        let (_, last) = hear(&ear, request(&grammar(&MENU), &list), &sound);
        let Heard::NoMatch { spotted, .. } = last else {
            panic!("no menu has it: {last:?}");
        };
        assert_eq!(spotted.len(), count, "{clip}: {spotted:?}");
        assert!(spotted.windows(2).all(|two| two[0].to <= two[1].from));
    }
}

#[test]
fn silence_and_odd_sound_are_no_match() {
    let Some(ear) = ear(6) else { return };
    let (menu, list) = (grammar(&MENU), escalation(&["complaint"]));
    let square = |at: usize| {
        if (at / 40).is_multiple_of(2) {
            i16::MAX
        } else {
            i16::MIN
        }
    };
    let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7) as i16;
    let sounds: [Vec<i16>; 5] = [
        Vec::new(),
        vec![0; 16_000],
        vec![i16::MIN; 8_000],
        (0..16_000).map(square).collect(),
        (0..16_000).map(noise).collect(),
    ];
    for (index, sound) in sounds.iter().enumerate() {
        let (_, last) = hear(&ear, request(&menu, &list), sound);
        assert!(
            matches!(last, Heard::NoMatch { .. }),
            "sound {index}: {last:?}"
        );
    }
}

#[test]
fn the_pool_of_decoders_has_its_limit_and_lends_them_again() {
    let Some(ear) = ear(2) else { return };
    let (menu, list) = (grammar(&MENU), escalation(&[]));
    let first = ear.open(request(&menu, &list)).expect("two decoders");
    let refused = ear.open(request(&menu, &list)).map(|_| ());
    assert!(matches!(
        refused,
        Err(SpeechError::AllEarsBusy { limit: 2 })
    ));
    drop(first);
    for _ in 0..3 {
        ear.open(request(&menu, &list))
            .expect("they are idle again");
        assert_eq!(ear.open_decoders(), 2);
    }
}

#[test]
fn words_without_a_pronunciation_are_named_and_the_rest_is_heard() {
    let Some(ear) = ear(6) else { return };
    let menu = grammar(&["order status", "blorptastic", "capuccino"]);
    let error = ear
        .prepare(&[Arc::clone(&menu)], &[])
        .expect_err("no word of English");
    assert_eq!(error.fault(), Fault::Operator);
    let said = error.to_string();
    assert!(
        said.contains("'blorptastic'") && said.contains("did you mean 'cappuccino'?"),
        "{said}"
    );
    let Some(sound) = fixture("slt/order-status.wav") else {
        return;
    };
    let (_, last) = hear(&ear, request(&menu, &escalation(&[])), &sound);
    assert!(matches!(last, Heard::Final { .. }), "{last:?}");
}

#[test]
fn where_nothing_rises_above_its_own_quiet_nothing_is_understood() {
    let Some(ear) = ear(6) else { return };
    let mut dice = 0x2545_f491_u32;
    let noise: Vec<i16> = (0..24_000)
        .map(|_| {
            dice ^= dice << 13;
            dice ^= dice >> 17;
            dice ^= dice << 5;
            ((dice >> 16) as i32 - 32_768) as i16 / 32
        })
        .collect();
    // Short words fit anything a little.
    let short = grammar(&["oh", "two", "yes", "no"]);
    for sound in [vec![0; 24_000], noise] {
        let (_, last) = hear(&ear, request(&short, &escalation(&[])), &sound);
        let Heard::NoMatch { rejected, .. } = &last else {
            panic!("nobody spoke: {last:?}");
        };
        assert_eq!(*rejected, None);
    }
}
