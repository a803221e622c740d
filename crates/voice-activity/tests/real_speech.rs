//! Speech and noise: the shipped voices, and real ones where `../shared` is at hand.

use call_model::{CallTime, FRAME_SAMPLES, PcmFrame};
use std::path::{Path, PathBuf};
use std::time::Duration;
use voice_activity::{VoiceDetector, VoiceNews, VoiceSettings};

const LEAD_IN: Duration = Duration::from_millis(1_000);

fn shared_speech(tests: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BELLHOP_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let speech = root.join("speech");
    if speech.is_dir() {
        return Some(speech);
    }
    eprintln!("SKIPPED 1 tests: {tests}: no folder {}", speech.display());
    None
}

/// Every clip of a folder that holds a sound; one of the Mandarin words does not.
fn clips(folder: &Path) -> Vec<Vec<i16>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "flac"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| flac(path))
        .filter(|clip| clip.iter().any(|sample| sample.unsigned_abs() > 300))
        .collect()
}

fn flac(path: &Path) -> Vec<i16> {
    let mut reader = claxon::FlacReader::open(path).expect("flac");
    assert_eq!(reader.streaminfo().sample_rate, 8_000);
    reader
        .samples()
        .map(|sample| sample.expect("sample") as i16)
        .collect()
}

fn listen(samples: &[i16]) -> Vec<(CallTime, VoiceNews)> {
    let mut detector = VoiceDetector::new(VoiceSettings::default());
    let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
    let mut news = Vec::new();
    for (number, samples) in frames.iter().enumerate() {
        let frame = PcmFrame {
            at: CallTime::from_millis(20 * number as u64),
            samples: *samples,
            concealed: false,
        };
        let told = detector.push(&frame);
        news.extend(told.map(|n| (frame.at + Duration::from_millis(20), n)));
    }
    news
}

/// Line noise of about −66 dBFS, the same at every run.
fn line_noise() -> impl Iterator<Item = i16> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 57) as i16 - 28
    })
}

/// The clip on a line with this noise: a second before it, a second after it.
fn on_a_line(clip: &[i16], noise: impl Iterator<Item = i16>) -> Vec<i16> {
    let mut line: Vec<i16> = noise.take(8_000 + clip.len() + 8_000).collect();
    for (at, &sample) in line[8_000..].iter_mut().zip(clip) {
        *at = at.saturating_add(sample);
    }
    line
}

/// When the clip first and last stands within 25 dB of its loudest 10 ms.
fn audible(clip: &[i16]) -> (CallTime, CallTime) {
    let power: Vec<f64> = clip
        .chunks(80)
        .map(|part| part.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>())
        .collect();
    let least = power.iter().copied().fold(0.0, f64::max) / 316.0;
    let first = power.iter().position(|&p| p > least).expect("a sound");
    let last = power.iter().rposition(|&p| p > least).expect("a sound");
    let at = |part: usize| CallTime::ZERO + LEAD_IN + Duration::from_millis(10 * part as u64);
    (at(first), at(last + 1))
}

#[derive(Default)]
struct Figures {
    clips: usize,
    missed: usize,
    false_starts: usize,
    starts: usize,
    onset_ms: Vec<i64>,
    since_ms: Vec<i64>,
    end_ms: Vec<i64>,
    end_told_ms: Vec<i64>,
}

impl Figures {
    fn of(clips: &[Vec<i16>]) -> Self {
        let mut figures = Self::default();
        clips
            .iter()
            .for_each(|clip| figures.add(clip, line_noise()));
        figures
    }

    fn add(&mut self, clip: &[i16], noise: impl Iterator<Item = i16>) {
        let (first, last) = audible(clip);
        let news = listen(&on_a_line(clip, noise));
        let ms = |to: CallTime, from: CallTime| (to.as_millis() as i64) - (from.as_millis() as i64);
        self.clips += 1;
        let mut starts = news
            .iter()
            .filter_map(|(told, n)| match n {
                VoiceNews::SpeechStarted { since } => Some((*told, *since)),
                VoiceNews::SpeechEnded { .. } => None,
            })
            .peekable();
        self.false_starts += starts.clone().filter(|(told, _)| *told < first).count();
        self.starts += starts.clone().count();
        match starts.peek() {
            Some(&(told, since)) => {
                self.onset_ms.push(ms(told, first));
                self.since_ms.push(ms(since, first));
            }
            None => self.missed += 1,
        }
        if let Some(&(told, VoiceNews::SpeechEnded { since })) = news.last() {
            self.end_ms.push(ms(since, last));
            self.end_told_ms.push(ms(told, last));
        }
    }

    fn tell(&mut self, name: &str) {
        println!(
            "{name}: {} clips, {} missed, {} starts, {} false; ms after the audible onset: told {}, since {}; after the audible end: since {}, told {}",
            self.clips,
            self.missed,
            self.starts,
            self.false_starts,
            spread(&mut self.onset_ms),
            spread(&mut self.since_ms),
            spread(&mut self.end_ms),
            spread(&mut self.end_told_ms),
        );
    }
}

fn quantile(values: &mut [i64], per_cent: usize) -> i64 {
    values.sort_unstable();
    values[(values.len() - 1) * per_cent / 100]
}

fn spread(values: &mut [i64]) -> String {
    let (p5, p50) = (quantile(values, 5), quantile(values, 50));
    format!("p5 {p5} p50 {p50} p95 {}", quantile(values, 95))
}

/// The voices of the demo's callers, which are shipped with the project.
fn shipped_clips() -> Vec<Vec<i16>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../audio-fixtures");
    let manifest = std::fs::read_to_string(root.join("manifest.csv")).expect("manifest");
    let paths = manifest.lines().skip(1).filter_map(|l| l.split(',').next());
    paths.map(|path| wav(&root.join(path))).collect()
}

fn wav(path: &Path) -> Vec<i16> {
    let reader = hound::WavReader::open(path).expect("wav");
    assert_eq!(reader.spec().sample_rate, 8_000);
    let samples = reader.into_samples::<i16>();
    samples.map(|sample| sample.expect("sample")).collect()
}

#[test]
fn shipped_voices_are_noticed_in_time() {
    let mut figures = Figures::of(&shipped_clips());
    figures.tell("shipped voices");
    assert_eq!((figures.missed, figures.false_starts), (0, 0));
    assert!(quantile(&mut figures.onset_ms, 95) <= 200);
    assert!(quantile(&mut figures.end_told_ms, 95) <= 350);
}

#[test]
fn spoken_digits_are_noticed_in_time() {
    let Some(speech) = shared_speech("spoken_digits_are_noticed_in_time") else {
        return;
    };
    let mut figures = Figures::of(&clips(&speech.join("en-digits")));
    figures.tell("digits");
    assert!(figures.missed * 50 <= figures.clips, "98 % are noticed");
    assert_eq!(figures.false_starts, 0);
    assert!(quantile(&mut figures.onset_ms, 95) <= 230);
    assert!(
        quantile(&mut figures.since_ms, 95) <= 100,
        "the pre-roll holds the onset"
    );
}

#[test]
fn commands_and_mandarin_words_are_noticed_in_time() {
    let Some(speech) = shared_speech("commands_and_mandarin_words_are_noticed_in_time") else {
        return;
    };
    for name in ["en-commands", "zh-words"] {
        let mut figures = Figures::of(&clips(&speech.join(name)));
        figures.tell(name);
        assert!(figures.missed * 50 <= figures.clips, "98 % are noticed");
        assert!(quantile(&mut figures.onset_ms, 95) <= 250);
    }
}

#[test]
fn speech_is_told_apart_from_the_noise_of_a_kitchen() {
    let Some(speech) = shared_speech("speech_is_told_apart_from_the_noise_of_a_kitchen") else {
        return;
    };
    let kitchen = flac(&speech.join("noise-kitchen-60s.flac"));
    let mut figures = Figures::default();
    for (clip, skipped) in clips(&speech.join("en-digits"))
        .iter()
        .zip((0..).step_by(900))
    {
        figures.add(clip, kitchen.iter().copied().cycle().skip(skipped));
    }
    figures.tell("digits in a kitchen");
    assert!(figures.missed * 50 <= figures.clips, "98 % are noticed");
    assert!(quantile(&mut figures.onset_ms, 95) <= 300);
}

#[test]
fn a_minute_of_kitchen_noise_is_hardly_ever_speech() {
    let Some(speech) = shared_speech("a_minute_of_kitchen_noise_is_hardly_ever_speech") else {
        return;
    };
    let news = listen(&flac(&speech.join("noise-kitchen-60s.flac")));
    let starts = news
        .iter()
        .filter(|(_, n)| matches!(n, VoiceNews::SpeechStarted { .. }))
        .count();
    println!("kitchen: {starts} false starts in 60 s");
    assert!(starts <= 2, "{news:?}");
}
