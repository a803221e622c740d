//! The options of `bellhop eval vad · bargein · turns`, and what the measurements of hearing share.

use super::LineCodec;
use clap::Args;
use std::path::PathBuf;

/// Which recordings are laid on which line.
#[derive(Args, Debug)]
pub struct Recordings {
    /// A CSV file: path, corpus, speaker, language, text, slots …
    #[arg(long)]
    pub manifest: PathBuf,
    /// Only these corpora of the manifest
    #[arg(long)]
    pub corpus: Vec<String>,
    /// Only this language
    #[arg(long)]
    pub language: Option<call_model::Language>,
    /// Take only every so manieth recording
    #[arg(long, default_value_t = 1)]
    pub every: usize,
    /// The line's codec
    #[arg(long, value_enum, default_value_t = LineCodec::Ulaw)]
    pub codec: LineCodec,
    /// So much of the line's packets is lost, e.g. 2%
    #[arg(long, default_value = "0%", value_parser = percent)]
    pub loss: call_model::PerMille,
    /// A sound that lies beneath all speech
    #[arg(long, requires = "snr")]
    pub noise: Option<PathBuf>,
    /// So many decibels beneath it
    #[arg(long, requires = "noise", allow_hyphen_values = true)]
    pub snr: Option<f32>,
    /// Print the figures as JSON: a number, or an object with it as "value" or "percent" and its 95 % interval, "low"
    /// to "high", under each name, which is the one that is shown without
    #[arg(long)]
    pub json: bool,
    /// Fail where a figure is out of its bounds: a JSON file, {"name": {"max": 1, "min": 0}}
    #[arg(long)]
    pub require: Option<PathBuf>,
}

/// `bellhop eval vad …`
#[derive(Args, Debug)]
pub struct EvalVad {
    #[command(flatten)]
    pub recordings: Recordings,
    /// Sounds that hold no speech, WAV or FLAC files or folders of them
    #[arg(long, default_value = "/usr/share/asterisk/moh")]
    pub no_speech: Vec<PathBuf>,
}

/// `bellhop eval bargein …`
#[derive(Args, Debug)]
pub struct EvalBargein {
    #[command(flatten)]
    pub recordings: Recordings,
    /// Prompts that are spoken over, WAV files or folders of them, put together to long ones
    #[arg(long, default_value = "/usr/share/asterisk/sounds/en_US_f_Allison")]
    pub prompts: Vec<PathBuf>,
    /// What a corpus may say, CORPUS=FILE, a JSGF file; without one it is the corpus's own texts
    #[arg(long, value_parser = of_corpus)]
    pub grammar: Vec<(String, PathBuf)>,
    /// Folders with models
    #[arg(long, default_value = "/usr/share/pocketsphinx/model")]
    pub models: Vec<PathBuf>,
    /// Sounds that interrupt nothing, of each kind: backchannels, coughs, echoes, noise
    #[arg(long, default_value_t = 250)]
    pub others: usize,
    /// More sounds without speech that are among the noise, WAV or FLAC files or folders of them
    #[arg(long)]
    pub no_speech: Vec<PathBuf>,
    /// Minutes of prompts over babble 10 dB beneath the callers' level
    #[arg(long, default_value_t = 10.0)]
    pub babble: f32,
    /// Show each recording that did not stop the prompt or lowered it late, and each sound that did
    #[arg(long)]
    pub misses: bool,
}

/// `bellhop eval turns …`
#[derive(Args, Debug)]
pub struct EvalTurns {
    #[command(flatten)]
    pub recordings: Recordings,
    /// Recordings of whole sentences, CORPUS=FILE, and the JSGF file of what they may say
    #[arg(long, value_parser = of_corpus)]
    pub grammar: Vec<(String, PathBuf)>,
    /// Folders with models
    #[arg(long, default_value = "/usr/share/pocketsphinx/model")]
    pub models: Vec<PathBuf>,
    /// Answers of each kind, at most
    #[arg(long, default_value_t = 120)]
    pub each: usize,
    /// Show each answer that was cut off, or waited for too long
    #[arg(long)]
    pub misses: bool,
}

/// A corpus and the file of its grammar.
fn of_corpus(text: &str) -> Result<(String, PathBuf), String> {
    let named = text.split_once('=').ok_or("say CORPUS=FILE")?;
    Ok((named.0.to_owned(), PathBuf::from(named.1)))
}

/// A share of packets, in percent.
fn percent(text: &str) -> Result<call_model::PerMille, String> {
    let number = text.strip_suffix('%').unwrap_or(text);
    match number.trim().parse::<f32>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => {
            Ok(call_model::PerMille::from_share(percent / 100.0))
        }
        Ok(_) | Err(_) => Err("say a share in percent, as in 2%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_packets_is_read_with_and_without_its_sign() {
        for (text, thousandths) in [("2%", 20), ("0.5", 5), ("100 %", 1_000), ("0%", 0)] {
            assert_eq!(percent(text).expect(text).thousandths(), thousandths);
        }
        for odd in ["", "two", "-1%", "101", "NaN"] {
            percent(odd).expect_err(odd);
        }
    }
}
