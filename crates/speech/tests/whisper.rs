//! The whisper engine from sound to words: with a model that has learnt nothing and says what the test has
//! written into it, and with a real one wherever `BELLHOP_WHISPER_MODEL` names it.
#![cfg(feature = "whisper")]

mod ggml;

use Language::{En, Zh};
use call_model::{
    CallTime, EscalationWord, EscalationWords, FRAME_SAMPLES, FRAME_TIME, GrammarId, Heard,
    Language, PcmFrame, Phrase, PhraseGrammar, TurnId, WordClass,
};
use ggml::Saying;
use speech::{
    CallerChannel, HearingRequest, Recognizer, SpeechError, WhisperRecognizer, WhisperSettings,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A model's file, gone with the test.
struct ModelFile(PathBuf);

impl ModelFile {
    fn saying(name: &str, saying: &Saying<'_>) -> Self {
        let name = format!("bellhop-test-{}-{name}.bin", std::process::id());
        let path = std::env::temp_dir().join(name);
        ggml::write(&path, ggml::LEAST, saying).expect("a model's file");
        Self(path)
    }
}

impl Drop for ModelFile {
    fn drop(&mut self) {
        // It lies in the folder of temporary files.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn ear(model: &Path, limit: Duration) -> WhisperRecognizer {
    WhisperRecognizer::open(&WhisperSettings {
        model: model.to_owned(),
        passes: 1,
        threads: 1,
        partial_every: None,
        limit,
    })
    .expect("a model")
}

const LONG: Duration = Duration::from_secs(120);

fn words(language: Language, words: &[(&str, WordClass)]) -> Arc<EscalationWords> {
    let words = words.iter().map(|&(text, class)| EscalationWord {
        text: text.to_owned(),
        class,
    });
    Arc::new(EscalationWords {
        language,
        words: words.collect(),
    })
}

/// A grammar of one word, so short that its hint is known: its tokens are counted by the test.
fn grammar(language: Language, word: &str) -> Arc<PhraseGrammar> {
    Arc::new(PhraseGrammar {
        id: GrammarId(language as u32),
        language,
        root: Phrase::Word(word.to_owned()),
    })
}

/// A second and a half of something like a voice, between quiet.
fn voice() -> Vec<i16> {
    let mut sound = vec![0_i16; 3_200];
    sound.extend((0..12_000).map(|at| if at % 70 < 35 { 5_000 } else { -5_000 }));
    sound.extend(vec![0; 4_800]);
    sound
}

fn hear(
    ear: &WhisperRecognizer,
    request: HearingRequest,
    samples: &[i16],
) -> Result<Heard, SpeechError> {
    let mut stream = ear.open(request)?;
    let mut at = CallTime::ZERO;
    for samples in samples.chunks(FRAME_SAMPLES) {
        let mut frame = PcmFrame::silent(at);
        frame.samples[..samples.len()].copy_from_slice(samples);
        assert_eq!(stream.push(&frame)?, None);
        at = at + FRAME_TIME;
    }
    stream.finish()
}

fn request(
    grammar: Option<Arc<PhraseGrammar>>,
    escalation: Arc<EscalationWords>,
    also: Option<(Option<Arc<PhraseGrammar>>, Arc<EscalationWords>)>,
) -> HearingRequest {
    HearingRequest {
        turn: TurnId(1),
        grammar,
        escalation,
        also,
        channel: CallerChannel::default(),
    }
}

/// The one expected word "1" of [`grammar`] is told the model with one space in English, and none in Mandarin.
fn hint_tokens(language: Language) -> usize {
    match language {
        En => 1,
        Zh => 0,
    }
}

fn saying<'a>(language: Language, spoken: Language, pieces: &'a [&'a [u8]]) -> Saying<'a> {
    Saying {
        pieces,
        ends_at: 70,
        language: match spoken {
            En => 0,
            Zh => 1,
        },
        hint: hint_tokens(language),
        no_speech: 0.0,
    }
}

#[test]
fn what_the_model_says_comes_out_as_words_in_time() {
    let pieces: [&[u8]; 5] = [b" My", b" ref", b"und", b",", b" please"];
    let model = ModelFile::saying("words", &saying(En, En, &pieces));
    let ear = ear(&model.0, LONG);
    let (asked, none) = (grammar(En, "1"), words(En, &[]));
    ear.prepare(&[Arc::clone(&asked)], &[Arc::clone(&none)])
        .expect("prepared");
    for _ in 0..2 {
        let request = request(Some(Arc::clone(&asked)), Arc::clone(&none), None);
        let heard = hear(&ear, request, &voice()).expect("heard");
        let Heard::Final { best, language, .. } = &heard else {
            panic!("{heard:?}");
        };
        assert_eq!(best.text.reveal(), "my refund please");
        assert_eq!(*language, None);
        assert!(best.confidence.thousandths() > 900, "{}", best.confidence);
        let times: Vec<_> = best.words.iter().map(|it| (it.from, it.to)).collect();
        let in_order = times.is_sorted() && times.iter().all(|(from, to)| from <= to);
        assert!(in_order, "{times:?}");
        assert!(times[0].0 < times[2].1, "{times:?}");
    }
}

#[test]
fn figures_are_told_as_the_words_of_the_grammar() {
    let pieces: [&[u8]; 2] = [b" 1", b"2"];
    let model = ModelFile::saying("figures", &saying(En, En, &pieces));
    let asked = Some(grammar(En, "1"));
    let twelve = Arc::new(PhraseGrammar {
        root: Phrase::Word("twelve".to_owned()),
        ..(*grammar(En, "1")).clone()
    });
    let ear = ear(&model.0, LONG);
    for (asked, expected) in [(asked, "12"), (Some(twelve), "twelve")] {
        let heard = hear(&ear, request(asked, words(En, &[]), None), &voice());
        let Ok(Heard::Final { best, .. }) = &heard else {
            panic!("{heard:?}");
        };
        assert_eq!(best.text.reveal(), expected);
    }
}

#[test]
fn mandarin_is_heard_where_english_was_asked_and_mandarin_may_be_spoken() {
    let order = "订".as_bytes();
    let pieces: [&[u8]; 4] = ["查詢".as_bytes(), &order[..2], &order[2..], "单".as_bytes()];
    // What the second look is given as a hint decides where the words stand.
    let model = ModelFile::saying("mandarin", &saying(Zh, Zh, &pieces));
    let ear = ear(&model.0, LONG);
    let also = (Some(grammar(Zh, "1")), words(Zh, &[]));
    let request = request(Some(grammar(En, "1")), words(En, &[]), Some(also));
    let heard = hear(&ear, request, &voice()).expect("heard");
    let Heard::Final { best, language, .. } = &heard else {
        panic!("{heard:?}");
    };
    assert_eq!(best.text.reveal(), "查询订单");
    assert_eq!(*language, Some(Zh));
}

#[test]
fn an_escalation_word_is_found_in_what_the_model_says() {
    let pieces: [&[u8]; 3] = ["我要".as_bytes(), "投".as_bytes(), "訴".as_bytes()];
    let model = ModelFile::saying("complaint", &saying(Zh, Zh, &pieces));
    let ear = ear(&model.0, LONG);
    // Held to a list without the word 投诉 of the model's own pieces, so that its hint stays empty.
    let heard = hear(
        &ear,
        request(Some(grammar(Zh, "1")), words(Zh, &[]), None),
        &voice(),
    );
    let Ok(Heard::Final { best, .. }) = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(best.text.reveal(), "我要投诉");
}

#[test]
fn what_models_invent_where_nobody_speaks_is_no_match() {
    let pieces: [&[u8]; 4] = [b" Thanks", b" for", b" watching", b"!"];
    let model = ModelFile::saying("invented", &saying(En, En, &pieces));
    let ear = ear(&model.0, LONG);
    let asked = || request(Some(grammar(En, "1")), words(En, &[]), None);
    let nothing = |samples: &[i16]| {
        let heard = hear(&ear, asked(), samples).expect("heard");
        assert!(
            matches!(&heard, Heard::NoMatch { rejected: None, spotted, .. } if spotted.is_empty()),
            "{heard:?}"
        );
    };
    nothing(&voice());
    nothing(&[0; 16_000]);
    nothing(&[]);
}

#[test]
fn a_model_that_thinks_nobody_spoke_is_believed() {
    let pieces: [&[u8]; 3] = [b" I", b" see", b" it"];
    let unsure = Saying {
        no_speech: 4.5,
        ..saying(En, En, &pieces)
    };
    let model = ModelFile::saying("silence", &unsure);
    let heard = hear(
        &ear(&model.0, LONG),
        request(Some(grammar(En, "1")), words(En, &[]), None),
        &voice(),
    );
    // Sure of its words it is heard all the same; its doubt alone takes nothing away from a caller.
    assert!(matches!(heard, Ok(Heard::Final { .. })), "{heard:?}");
}

#[test]
fn a_look_that_is_not_over_in_time_is_an_error_and_the_next_turn_is_heard() {
    let pieces: [&[u8]; 1] = [b" Yes"];
    let model = ModelFile::saying("late", &saying(En, En, &pieces));
    let ear = ear(&model.0, Duration::ZERO);
    for _ in 0..3 {
        let asked = request(Some(grammar(En, "1")), words(En, &[]), None);
        let heard = hear(&ear, asked, &voice());
        assert!(
            matches!(heard, Err(SpeechError::EarTooSlow { .. })),
            "{heard:?}"
        );
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused_when_it_is_opened() {
    let pieces: [&[u8]; 1] = [b" Yes"];
    let model = ModelFile::saying("cut", &saying(En, En, &pieces));
    let whole = std::fs::read(&model.0).expect("read");
    std::fs::write(&model.0, &whole[..whole.len() / 2]).expect("written");
    let settings = WhisperSettings {
        model: model.0.clone(),
        passes: 1,
        threads: 1,
        partial_every: None,
        limit: LONG,
    };
    let refused = WhisperRecognizer::open(&settings).err();
    assert!(
        matches!(refused, Some(SpeechError::ModelUnusable { .. })),
        "{refused:?}"
    );
}

/// With a real model: everyday sentences spoken by a program are understood, and noise is not.
#[test]
fn a_real_model_understands_a_sentence_and_no_noise() {
    let Some(model) = std::env::var_os("BELLHOP_WHISPER_MODEL") else {
        eprintln!("SKIPPED: no whisper model; name a ggml file in BELLHOP_WHISPER_MODEL");
        return;
    };
    let shared = std::env::var_os("BELLHOP_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let manifest = shared.join("speech/manifest.csv");
    if !manifest.exists() {
        eprintln!("SKIPPED: no recordings at {}", manifest.display());
        return;
    }
    let mut clips = speech::eval::read_manifest(&manifest).expect("a manifest");
    clips.retain(|clip| clip.corpus == "fsdd");
    clips.truncate(30);
    let digits = (0..10).map(|digit| spoken_text::read_digits(&digit.to_string(), En));
    let ear = ear(Path::new(&model), LONG);
    let task = speech::eval::EvalTask {
        recognizer: &ear,
        grammar: Arc::new(PhraseGrammar {
            id: GrammarId(1),
            language: En,
            root: Phrase::OneOf(digits.map(Phrase::Word).collect()),
        }),
        escalation: words(En, &[]),
        line: &speech::eval::clean_line(call_model::Codec::Pcmu),
        expectation: speech::eval::Expectation::Text,
        slot_values: &speech::eval::SlotValues::default(),
        sounds_alike: &|_, _| false,
    };
    let root = manifest.parent().expect("a folder");
    let report = speech::eval::evaluate(&task, root, &clips).expect("heard");
    println!("{report}");
    assert!(report.right_percent() >= 80.0, "{report}");
}

/// How long a look takes does not depend on what a model has learnt, so it can be told without one: of the shapes
/// of published models, at utterances of several lengths.
#[test]
#[ignore = "a measurement: run it with --ignored --nocapture"]
fn how_long_a_look_takes_by_the_models_shape() {
    let shapes = [
        ("tiny", 384, 6, 4),
        ("base", 512, 8, 6),
        ("small", 768, 12, 12),
    ];
    let pieces: [&[u8]; 12] = [
        b" I", b" want", b" to", b" know", b" where", b" my", b" or", b"der", b" is", b" now",
        b" please", b".",
    ];
    for (name, width, heads, layers) in shapes {
        let shape = ggml::Shape {
            width,
            heads,
            layers,
        };
        let path =
            std::env::temp_dir().join(format!("bellhop-test-{}-{name}.bin", std::process::id()));
        ggml::write(&path, shape, &saying(En, En, &pieces)).expect("a model's file");
        let model = ModelFile(path);
        let ear = ear(&model.0, LONG);
        for seconds in [1, 3, 8, 20] {
            let mut sound = vec![0_i16; 1_600];
            sound.extend((0..8_000 * seconds).map(|at| if at % 70 < 35 { 5_000 } else { -5_000 }));
            sound.extend(vec![0; 8_000 * seconds / 4]);
            let asked = request(Some(grammar(En, "1")), words(En, &[]), None);
            let (cpu, clock) = (cpu_seconds(), std::time::Instant::now());
            let heard = hear(&ear, asked, &sound).expect("heard");
            assert!(matches!(heard, Heard::Final { .. }), "{heard:?}");
            println!(
                "{name}, {seconds} s of voice: {:.2} CPU s, {:.2} s by the clock with one thread",
                cpu_seconds() - cpu,
                clock.elapsed().as_secs_f64()
            );
        }
    }
}

/// CPU time of this process so far, in steps of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name.split(' ').skip(11).take(2);
    let hundredths: f64 = ticks.filter_map(|it| it.parse::<f64>().ok()).sum();
    hundredths / 100.0
}
