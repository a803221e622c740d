use super::*;
use call_model::{Language, Private};
use dsp::{Goertzel, tone};
use std::sync::atomic::{AtomicU32, Ordering};

/// Says everything as a tone, and counts how often it was asked.
#[derive(Default)]
struct Hum {
    asked: AtomicU32,
}

impl Synthesizer for Hum {
    fn speak(&self, text: &str, _: Language, pace: Pace) -> Result<Vec<i16>, SpeechError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let length = 80_000 / usize::from(pace.percent());
        Ok(tone(
            440.0,
            SAMPLE_RATE,
            length * text.chars().count(),
            2_000,
        ))
    }

    fn name(&self) -> &str {
        "hum"
    }
}

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir =
            std::env::temp_dir().join(format!("bellhop-speech-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder");
        Self(dir)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("its removal");
    }
}

fn store(folder: &Folder, voice: &Arc<Hum>) -> PromptStore {
    let settings = PromptStoreSettings::in_dir(folder.0.join("cache"));
    PromptStore::open(&settings, Arc::<Hum>::clone(voice)).expect("opens")
}

fn saying(pieces: Vec<PromptPiece>) -> PromptText {
    PromptText {
        language: Language::En,
        pieces,
        pace: Pace::USUAL,
    }
}

fn text(words: &str) -> PromptPiece {
    PromptPiece::Text(Private::new(words.to_owned()))
}

#[test]
fn a_plans_prompt_is_spoken_once_and_for_all() {
    let folder = Folder::new("warm");
    let voice = Arc::new(Hum::default());
    let prompt = saying(vec![text("hello")]);
    let first = store(&folder, &voice)
        .warm(&prompt, &folder.0)
        .expect("speaks");
    let later = store(&folder, &voice);
    assert_eq!(later.lookup(&prompt, &folder.0), None);
    assert_eq!(later.make(&prompt, &folder.0).expect("speaks"), first);
    assert_eq!(later.lookup(&prompt, &folder.0), Some(first));
    assert_eq!(voice.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_repeats_a_callers_words_never_reaches_the_disk() {
    let folder = Folder::new("private");
    let voice = Arc::new(Hum::default());
    let prompts = store(&folder, &voice);
    prompts
        .make(&saying(vec![text("4711")]), &folder.0)
        .expect("speaks");
    let kept = fs::read_dir(folder.0.join("cache")).expect("lists").count();
    assert_eq!(kept, 0);
}

#[test]
fn names_on_disk_tell_nothing_and_what_is_half_written_goes() {
    let folder = Folder::new("names");
    let voice = Arc::new(Hum::default());
    store(&folder, &voice)
        .warm(&saying(vec![text("hello")]), &folder.0)
        .expect("speaks");
    fs::write(folder.0.join("cache/x.wav.1-1.half"), b"RIFF").expect("writes");
    store(&folder, &voice);
    let names: Vec<String> = fs::read_dir(folder.0.join("cache"))
        .expect("lists")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].len(), 64 + ".wav".len());
    assert!(names[0].starts_with(|c: char| c.is_ascii_hexdigit()));
}

#[test]
fn the_oldest_sound_goes_when_the_disk_is_full() {
    let folder = Folder::new("full");
    let voice = Arc::new(Hum::default());
    let prompts = store(&folder, &voice);
    for words in ["one", "two", "three"] {
        prompts
            .warm(&saying(vec![text(words)]), &folder.0)
            .expect("speaks");
    }
    let mut settings = PromptStoreSettings::in_dir(folder.0.join("cache"));
    settings.disk_max = 6_000;
    PromptStore::open(&settings, voice).expect("opens");
    let bytes: u64 = fs::read_dir(&settings.dir)
        .expect("lists")
        .map(|entry| entry.expect("an entry").metadata().expect("about it").len())
        .sum();
    assert!(bytes <= 6_000, "{bytes}");
}

#[test]
fn pieces_are_joined_in_their_order_each_at_the_same_loudness() {
    let folder = Folder::new("pieces");
    let file = wav::write(&tone(1_000.0, 16_000, 16_000, 200), 16_000);
    fs::write(folder.0.join("chime.wav"), file).expect("writes");
    let prompt = saying(vec![
        text("hello"),
        PromptPiece::Pause(250),
        PromptPiece::File("chime.wav".to_owned()),
    ]);
    let voice = Arc::new(Hum::default());
    let sound = store(&folder, &voice)
        .make(&prompt, &folder.0)
        .expect("sounds");
    assert_eq!(sound.len(), 4_000 + 2_000 + 8_000);
    assert!(sound[4_000..6_000].iter().all(|&sample| sample == 0));
    let (speech, chime) = (&sound[200..3_800], &sound[6_200..13_800]);
    assert!(Goertzel::new(440.0, SAMPLE_RATE).share(speech) > 0.9);
    assert!(Goertzel::new(1_000.0, SAMPLE_RATE).share(chime) > 0.9);
    for part in [speech, chime] {
        assert!((dsp::level::dbfs(part) + 20.0).abs() < 0.5);
    }
    assert_eq!((sound[0], sound[6_000]), (0, 0));
}

#[test]
fn a_file_outside_the_plans_folder_is_refused() {
    let folder = Folder::new("outside");
    let voice = Arc::new(Hum::default());
    let prompts = store(&folder, &voice);
    for name in ["../secret.wav", "/etc/passwd", "missing.wav"] {
        let prompt = saying(vec![PromptPiece::File(name.to_owned())]);
        let refused = prompts.make(&prompt, &folder.0);
        assert!(
            matches!(refused, Err(SpeechError::SoundFile { .. })),
            "{name}"
        );
    }
}

#[test]
fn no_two_prompts_share_a_key() {
    assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
}

#[test]
fn a_slower_prompt_lasts_longer_and_is_a_sound_of_its_own() {
    let folder = Folder::new("pace");
    let voice = Arc::new(Hum::default());
    let store = store(&folder, &voice);
    let usual = saying(vec![text("twenty words or so")]);
    let slow = PromptText {
        pace: Pace::of_percent(80),
        ..usual.clone()
    };
    let sound = |prompt: &PromptText| store.warm(prompt, &folder.0).expect("a sound").len();
    let (usual_length, slow_length) = (sound(&usual), sound(&slow));
    assert!(
        slow_length * 10 > usual_length * 12,
        "{usual_length} and {slow_length}"
    );
    assert_eq!(sound(&usual), usual_length);
    assert_eq!(voice.asked.load(Ordering::Relaxed), 2);
}
