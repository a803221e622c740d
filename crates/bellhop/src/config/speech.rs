//! Who hears the callers: `[speech]` and `[speech.remote]`.

use super::outside::address_problem;
use super::{AgainKeys, Config, WhisperKeys};
use serde::Deserialize;
use std::path::PathBuf;

/// A recogniser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecognizerKind {
    /// The grammar recogniser over CMU Sphinx models.
    Sphinx,
    /// One of free speech on this machine, of `[speech.whisper]`.
    Whisper,
    /// One on other machines, of `[speech.remote]`.
    Remote,
    /// None: plans live by keys, and say so.
    None,
}

/// `[speech]`: the ear.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Speech {
    pub recognizer: RecognizerKind,
    /// The better one that corrects the finals of the first; without it nobody does.
    #[serde(rename = "final")]
    pub corrector: Option<RecognizerKind>,
    /// Folders with models, looked through in order.
    pub models: Vec<PathBuf>,
    /// Ear threads; 0: one a core.
    pub workers: usize,
    /// The most decoders open at once, over all calls.
    pub decoders: usize,
    /// Other machines that hear.
    pub remote: Option<RemoteKeys>,
    /// The model of free speech, and how it looks.
    pub whisper: Option<WhisperKeys>,
    /// Who hears calls once more when they are over; without it nobody does.
    pub again: Option<AgainKeys>,
}

/// The protocol of other machines that hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RemoteEarKind {
    /// Ours, as `bellhop ear-server` speaks it.
    Bellhop,
    /// FunASR's, two passes.
    FunAsr,
}

/// `[speech.remote]`: other machines that hear.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteKeys {
    pub kind: RemoteEarKind,
    /// Where they are, `ws://` or `wss://`; turns go round among them.
    pub urls: Vec<String>,
    /// The environment variable with the key that is sent as a bearer token.
    pub token_env: Option<String>,
    /// A connection must be there within so many milliseconds.
    #[serde(default = "connect_ms")]
    pub connect_ms: u64,
    /// The first message must come within so many milliseconds of that.
    #[serde(default = "first_ms")]
    pub first_ms: u64,
    /// The last word must come within so many milliseconds of a turn's end.
    #[serde(default = "final_ms")]
    pub final_ms: u64,
    /// The recogniser that goes on with a turn where they fail.
    pub fall_back: Option<RecognizerKind>,
}

const fn connect_ms() -> u64 {
    800
}

const fn first_ms() -> u64 {
    2_500
}

const fn final_ms() -> u64 {
    700
}

impl Default for Speech {
    fn default() -> Self {
        Self {
            recognizer: RecognizerKind::Sphinx,
            corrector: None,
            models: vec!["/usr/share/pocketsphinx/model".into()],
            workers: 0,
            decoders: 64,
            remote: None,
            whisper: None,
            again: None,
        }
    }
}

impl Config {
    pub(super) fn speech_problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let Speech {
            recognizer,
            corrector,
            remote,
            whisper,
            again,
            ..
        } = &self.speech;
        found.extend(again.as_ref().and_then(AgainKeys::problem));
        if let Some(corrector) = corrector {
            if *corrector == RecognizerKind::None || *recognizer == RecognizerKind::None {
                found.push("speech.final: two recognisers are needed; leave it out".to_owned());
            } else if corrector == recognizer {
                found.push(
                    "speech.final: a recogniser cannot correct itself; name another".to_owned(),
                );
            }
        }
        let afterwards = again.as_ref().map(|again| again.engine);
        let uses = [Some(*recognizer), *corrector, afterwards];
        let is_remote = uses.contains(&Some(RecognizerKind::Remote));
        match remote {
            None if is_remote => found.push(
                "speech: \"remote\" needs a table [speech.remote] with kind and urls; add one".to_owned(),
            ),
            Some(_) if !is_remote => found.push(
                "speech.remote: nobody asks there; say recognizer = \"remote\", final = \"remote\" or \
                 again.engine = \"remote\", or take the table out"
                    .to_owned(),
            ),
            Some(remote) => found.extend(remote.problems(*recognizer)),
            None => {}
        }
        let stands_in = remote.as_ref().and_then(|remote| remote.fall_back);
        let is_whisper = uses.contains(&Some(RecognizerKind::Whisper))
            || stands_in == Some(RecognizerKind::Whisper);
        found.extend(match whisper {
            None if is_whisper => Some(
                "speech: \"whisper\" needs a table [speech.whisper] with the model's file; `bellhop models fetch` \
                 gets one"
                    .to_owned(),
            ),
            Some(_) if !is_whisper => Some(
                "speech.whisper: nobody looks with it; say recognizer = \"whisper\", final = \"whisper\" or \
                 again.engine = \"whisper\", or take the table out"
                    .to_owned(),
            ),
            Some(keys) => keys.problem(),
            None => None,
        });
        found
    }
}

impl RemoteKeys {
    fn problems(&self, recognizer: RecognizerKind) -> Vec<String> {
        let urls = self.urls.iter();
        let problems =
            urls.filter_map(|url| address_problem("speech.remote.urls", url, ["ws", "wss"]));
        let mut found: Vec<_> = problems.collect();
        if self.urls.is_empty() {
            found.push("speech.remote.urls: no machine is named; give one".to_owned());
        }
        if [self.connect_ms, self.first_ms, self.final_ms].contains(&0) {
            found.push("speech.remote: a deadline of 0 ms is always missed; give more".to_owned());
        }
        match self.fall_back {
            Some(RecognizerKind::Remote) => found.push(
                "speech.remote.fall_back: it goes on where the other machines fail; name \"sphinx\" or \
                 \"none\""
                    .to_owned(),
            ),
            Some(_) if recognizer != RecognizerKind::Remote => found.push(
                "speech.remote.fall_back: with final = \"remote\" the recogniser itself stands in; leave \
                 it out"
                    .to_owned(),
            ),
            Some(RecognizerKind::Sphinx | RecognizerKind::Whisper | RecognizerKind::None)
            | None => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    const REMOTE: &str = "[speech.remote]\nkind = \"funasr\"\nurls = [\"ws://a:1/\"]\n";

    fn problem(text: &str) -> String {
        read(text).expect_err("a problem").to_string()
    }

    #[test]
    fn a_recogniser_elsewhere_has_a_table_and_a_table_has_a_use() {
        let asked = "[speech]\nrecognizer = \"remote\"\n";
        assert!(problem(asked).contains("[speech.remote]"));
        assert!(problem(REMOTE).contains("nobody asks there"));
        let config = read(&format!("{asked}{REMOTE}fall_back = \"sphinx\"")).expect("good");
        let remote = config.speech.remote.expect("a table");
        assert_eq!((remote.kind, remote.final_ms), (RemoteEarKind::FunAsr, 700));
        assert!(problem(&format!("{asked}{REMOTE}fall_back = \"remote\"")).contains("fall_back"));
        assert!(problem(&format!("{asked}{REMOTE}final_ms = 0")).contains("0 ms"));
        let key_in_url = REMOTE.replace("ws://a:1/", "http://key@a/");
        let shown = problem(&format!("{asked}{key_in_url}"));
        assert!(
            shown.contains("wss://HOST") && !shown.contains("key"),
            "{shown}"
        );
    }

    #[test]
    fn calls_are_heard_again_by_a_recogniser_whose_table_is_there() {
        let again = "[speech.again]\nengine = \"remote\"\n";
        let config = read(&format!("{again}{REMOTE}")).expect("good");
        let keys = config.speech.again.expect("a table");
        assert_eq!((keys.calls_max, keys.within_h), (10, 24));
        assert!(problem(again).contains("[speech.remote]"));
        assert!(problem("[speech.again]\nengine = \"whisper\"\n").contains("[speech.whisper]"));
        assert!(problem("[speech.again]\nengine = \"none\"\n").contains("hears nothing"));
        let never = "[speech.again]\nengine = \"sphinx\"\nwithin_h = 0\n";
        assert!(problem(never).contains("within_h"));
    }

    #[test]
    fn a_final_is_corrected_by_another_recogniser() {
        let two = "[speech]\nfinal = \"remote\"\n";
        let config = read(&format!("{two}{REMOTE}")).expect("good");
        assert_eq!(config.speech.corrector, Some(RecognizerKind::Remote));
        assert!(
            problem(&format!("{two}{REMOTE}fall_back = \"sphinx\"")).contains("itself stands in")
        );
        assert!(problem("[speech]\nfinal = \"sphinx\"\n").contains("itself"));
        let none = format!("[speech]\nrecognizer = \"none\"\nfinal = \"remote\"\n{REMOTE}");
        assert!(problem(&none).contains("two recognisers"));
    }
}
