//! `bellhop eval vad`: when is speech noticed, and what else is taken for it?

use super::hearing_bars::Figures;
use super::hearing_sounds::{by_corpus, line, no_speech, recordings};
use super::understood::Share;
use crate::cli::EvalVad;
use hearing_trials::{VoiceFigures, made_sounds, notice, notice_nothing};
use std::process::ExitCode;
use std::time::Duration;

/// Sounds without speech that are made here last so long.
const MADE: Duration = Duration::from_secs(120);

/// Lays every recording and every sound without speech on the line.
pub fn run(options: &EvalVad) -> anyhow::Result<ExitCode> {
    let recordings = recordings(&options.recordings)?;
    let line = line(&options.recordings)?;
    let mut figures = Figures::default();
    let mut all = VoiceFigures::default();
    for (corpus, recordings) in by_corpus(&recordings) {
        let mut of_corpus = VoiceFigures::default();
        for recording in recordings {
            notice(&line, &recording.sound, &mut of_corpus);
        }
        tell(&mut figures, &format!("{corpus}."), &of_corpus);
        all.add(of_corpus);
    }
    tell(&mut figures, "", &all);
    let mut nothing = made_sounds(MADE);
    nothing.extend(no_speech(&options.no_speech)?);
    let mut in_all = (0, 0.0);
    for sound in &nothing {
        let told = notice_nothing(&line, sound);
        figures.number(
            format!("false_starts_a_minute.{}", told.name),
            told.per_minute(),
        );
        let percent = 100.0 * told.speech_seconds / told.seconds.max(f64::MIN_POSITIVE);
        figures.number(format!("false_speech_percent.{}", told.name), percent);
        in_all.0 += told.starts;
        in_all.1 += told.seconds / 60.0;
    }
    figures.number("false_starts_a_minute", f64::from(in_all.0) / in_all.1);
    figures.conclude(&options.recordings)
}

fn tell(figures: &mut Figures, of: &str, told: &VoiceFigures) {
    figures.share(format!("{of}missed"), Share(told.missed, told.clips));
    figures.times(&format!("{of}onset"), told.onset_ms.clone());
    figures.times(&format!("{of}offset"), told.offset_ms.clone());
    let starts = told.starts as f64 / told.clips.max(1) as f64;
    figures.number(format!("{of}starts_a_recording"), starts);
    let minutes = told.quiet_seconds / 60.0;
    if minutes > 0.0 {
        let a_minute = told.false_starts as f64 / minutes;
        figures.number(format!("{of}false_starts_a_minute_before"), a_minute);
    }
}
