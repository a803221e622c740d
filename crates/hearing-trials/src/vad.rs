//! When speech is noticed, and what else is taken for it.

use crate::line::Line;
use crate::sounds::{NoSpeech, audible, samples, speech_dbfs};
use call_model::{CallTime, SAMPLE_RATE};
use std::ops::Range;
use std::time::Duration;
use voice_activity::{VoiceDetector, VoiceNews, VoiceSettings};

/// The line is quiet, or noisy, for so long before each recording.
const BEFORE: Duration = Duration::from_secs(2);
/// And for so long after it.
const AFTER: Duration = Duration::from_secs(1);

/// What came of recordings of speech. Times are milliseconds after the sound itself came to the
/// server, so the jitter buffer's delay is in them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct VoiceFigures {
    /// Recordings that hold a sound.
    pub clips: usize,
    /// Those whose speech was never noticed.
    pub missed: usize,
    /// Beginnings of speech told before there was any.
    pub false_starts: usize,
    /// Beginnings of speech told within recordings: more than one where a word falls apart.
    pub starts: usize,
    /// From the first audible sound to the news of it.
    pub onset_ms: Vec<i64>,
    /// From the last audible sound to the news that speech ended, its hangover included.
    pub offset_ms: Vec<i64>,
    /// Seconds of the line before speech.
    pub quiet_seconds: f64,
}

impl VoiceFigures {
    /// Adds what came of other recordings.
    pub fn add(&mut self, other: Self) {
        self.clips += other.clips;
        self.missed += other.missed;
        self.false_starts += other.false_starts;
        self.starts += other.starts;
        self.onset_ms.extend(other.onset_ms);
        self.offset_ms.extend(other.offset_ms);
        self.quiet_seconds += other.quiet_seconds;
    }
}

/// Lays a recording of speech on a line and notes when it is noticed.
pub fn notice(line: &Line, clip: &[i16], figures: &mut VoiceFigures) {
    let Some(speech) = audible(clip) else {
        return;
    };
    let lead = samples(BEFORE);
    let mut sound = vec![0; lead + clip.len() + samples(AFTER)];
    sound[lead..][..clip.len()].copy_from_slice(clip);
    line.soil(&mut sound, speech_dbfs(clip));
    let (first, last) = (time_of(lead + speech.start), time_of(lead + speech.end));
    figures.clips += 1;
    figures.quiet_seconds += BEFORE.as_secs_f64();
    let news = listen(line, &sound);
    let started = |(told, news): &(CallTime, VoiceNews)| match news {
        VoiceNews::SpeechStarted { .. } => Some(*told),
        VoiceNews::SpeechEnded { .. } => None,
    };
    let starts: Vec<CallTime> = news.iter().filter_map(started).collect();
    figures.false_starts += starts.iter().filter(|told| **told <= first).count();
    let within: Vec<CallTime> = starts.into_iter().filter(|told| *told > first).collect();
    // Noise that was taken for speech and goes on as such hides the onset: it is not missed.
    let is_on_already = within.is_empty() && news.iter().any(|(told, _)| *told > first);
    figures.starts += within.len();
    match within.first() {
        Some(told) => figures.onset_ms.push(after(*told, first)),
        None if is_on_already => {}
        None => figures.missed += 1,
    }
    if let Some((told, VoiceNews::SpeechEnded { .. })) = news.last() {
        figures.offset_ms.push(after(*told, last));
    }
}

/// What was taken for speech in a sound that holds none.
#[derive(Clone, PartialEq, Debug)]
pub struct FalseSpeech {
    /// The sound.
    pub name: String,
    /// Its length.
    pub seconds: f64,
    /// So often speech was told to begin.
    pub starts: u32,
    /// So long it was told to go on, hangovers included.
    pub speech_seconds: f64,
}

impl FalseSpeech {
    /// False beginnings a minute.
    pub fn per_minute(&self) -> f64 {
        match self.seconds > 0.0 {
            true => 60.0 * f64::from(self.starts) / self.seconds,
            false => 0.0,
        }
    }
}

/// Lays a sound that is no speech on a line.
pub fn notice_nothing(line: &Line, nothing: &NoSpeech) -> FalseSpeech {
    let mut sound = vec![0; samples(BEFORE)];
    sound.extend(&nothing.sound);
    // What lies beneath speech is no matter here: there is none.
    let bare = Line {
        beneath: None,
        ..line.clone()
    };
    bare.soil(&mut sound, 0.0);
    let end = time_of(sound.len());
    let (mut starts, mut speech, mut since) = (0, Duration::ZERO, None);
    for (told, news) in listen(&bare, &sound) {
        match news {
            VoiceNews::SpeechStarted { .. } => {
                starts += 1;
                since = Some(told);
            }
            VoiceNews::SpeechEnded { .. } => {
                speech += since.take().map_or(Duration::ZERO, |since| told - since);
            }
        }
    }
    speech += since.map_or(Duration::ZERO, |since| end.since(since));
    FalseSpeech {
        name: nothing.name.clone(),
        seconds: sound.len() as f64 / f64::from(SAMPLE_RATE),
        starts,
        speech_seconds: speech.as_secs_f64(),
    }
}

/// Before speech is noticed a call has been listening for so long already.
const HEARD_BEFORE: Duration = Duration::from_millis(400);
/// A call waits so long after the last speech before it takes a turn for over.
const TURN_ENDS_AFTER: Duration = Duration::from_millis(700);

/// The parts of a sound that a call would listen to as its caller's turns, in samples.
pub fn turns_noticed(line: &Line, sound: &[i16]) -> Vec<Range<usize>> {
    let sample = |at: CallTime| {
        let micros = at.as_micros() * u64::from(SAMPLE_RATE) / 1_000_000;
        usize::try_from(micros).map_or(sound.len(), |at| at.min(sound.len()))
    };
    let mut turns: Vec<Range<usize>> = Vec::new();
    let mut since = None;
    let mut over = |from: CallTime, to: CallTime| {
        let turn = sample(from.back(HEARD_BEFORE))..sample(to + TURN_ENDS_AFTER);
        match turns.last_mut() {
            Some(last) if turn.start <= last.end => last.end = turn.end,
            Some(_) | None => turns.push(turn),
        }
    };
    for (_, news) in listen(line, sound) {
        match news {
            VoiceNews::SpeechStarted { since: began } => since = Some(began),
            VoiceNews::SpeechEnded { since: ended } => {
                if let Some(began) = since.take() {
                    over(began, ended);
                }
            }
        }
    }
    if let Some(began) = since {
        over(began, time_of(sound.len()));
    }
    turns
}

fn listen(line: &Line, sound: &[i16]) -> Vec<(CallTime, VoiceNews)> {
    let mut detector = VoiceDetector::new(VoiceSettings::default());
    line.carry(sound)
        .iter()
        .filter_map(|frame| Some((frame.at, detector.push(frame)?)))
        .collect()
}

fn time_of(sample: usize) -> CallTime {
    CallTime::from_micros(sample as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
}

fn after(told: CallTime, sound: CallTime) -> i64 {
    let millis = |at: CallTime| i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    millis(told) - millis(sound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sounds::made_sounds;
    use call_model::Codec;

    #[test]
    fn silence_tones_and_keys_are_no_speech_on_a_whole_line() {
        for nothing in made_sounds(Duration::from_secs(20)) {
            let told = notice_nothing(&Line::quiet(Codec::Pcmu), &nothing);
            assert!(told.starts <= 1, "{told:?}");
            assert!((told.seconds - 22.0).abs() < 0.1);
        }
    }

    #[test]
    fn what_is_taken_for_speech_is_a_turn_from_before_it_until_it_is_over() {
        let line = Line::quiet(Codec::Pcmu);
        assert_eq!(turns_noticed(&line, &[0; 40_000]), []);
        let clip: Vec<i16> = (0..8_000)
            .map(|at| {
                let swell = (at as f32 / 600.0).sin().abs();
                let voice = (at % 64) as f32 * 250.0 - 8_000.0;
                (voice * swell) as i16
            })
            .collect();
        let mut sound = vec![0; 16_000];
        sound.extend(&clip);
        sound.extend(vec![0; 16_000]);
        for turn in turns_noticed(&line, &sound) {
            assert!(turn.start >= 11_000 && turn.end <= 32_000, "{turn:?}");
        }
    }

    #[test]
    fn what_holds_no_sound_is_counted_as_nothing() {
        let mut figures = VoiceFigures::default();
        notice(&Line::quiet(Codec::Pcmu), &[0; 8_000], &mut figures);
        assert_eq!(figures, VoiceFigures::default());
    }

    #[test]
    fn a_hum_is_missed_and_counted_so() {
        let mut figures = VoiceFigures::default();
        let hum = dsp::tone(440.0, 8_000, 8_000, 8_000);
        notice(&Line::quiet(Codec::Pcmu), &hum, &mut figures);
        assert_eq!((figures.clips, figures.missed), (1, 1));
    }
}
