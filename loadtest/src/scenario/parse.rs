//! Reads a scenario file.
//!
//! ```text
//! title: asks for the opening hours
//! voice: slt
//! expect prompt greeting within 5s     # from here on one step a line
//! wait for quiet 300ms within 20s
//! say opening-hours
//! expect prompt hours within 2s
//! hang up
//! ```

use super::{Action, Scenario, Step};
use crate::rtp::Key;
use std::time::Duration;

/// The voice of a scenario that names none.
const USUAL_VOICE: &str = "rms";
/// The longest time a step may name, so that every call ends.
const LONGEST: Duration = Duration::from_secs(300);

/// Why a scenario cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl std::str::FromStr for Scenario {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut scenario = Self {
            title: String::new(),
            voice: USUAL_VOICE.to_owned(),
            steps: Vec::new(),
        };
        for (number, line) in text.lines().enumerate() {
            let line = without_comment(line);
            let fail = |problem| ParseError {
                line: number + 1,
                problem,
            };
            if let Some(title) = line.strip_prefix("title:") {
                title.trim().clone_into(&mut scenario.title);
            } else if let Some(voice) = line.strip_prefix("voice:") {
                voice.trim().clone_into(&mut scenario.voice);
            } else if !line.is_empty() {
                if scenario
                    .steps
                    .last()
                    .is_some_and(|step| step.action == Action::HangUp)
                {
                    return Err(fail("nothing can be done after 'hang up'".to_owned()));
                }
                scenario.steps.push(Step {
                    line: number + 1,
                    text: line.to_owned(),
                    action: action(line).map_err(fail)?,
                });
            }
        }
        if scenario.steps.is_empty() {
            let problem = "a scenario needs at least one step".to_owned();
            return Err(ParseError {
                line: text.lines().count().max(1),
                problem,
            });
        }
        Ok(scenario)
    }
}

/// A `#` begins a comment where it stands alone; `key 12#` keeps its own.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.split(" # ").next().unwrap_or(line).trim()
}

fn action(line: &str) -> Result<Action, String> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["hang", "up"] => Ok(Action::HangUp),
        ["wait", "for", "quiet", quiet, "within", within] => Ok(Action::WaitForQuiet {
            quiet: time(quiet)?,
            within: time(within)?,
        }),
        ["wait", pause] => Ok(Action::Wait(time(pause)?)),
        ["say", clip, after @ ..] => Ok(Action::Say {
            clip: (*clip).to_owned(),
            after: after_prompt(after)?,
        }),
        ["key", keys, after @ ..] => Ok(Action::Key {
            keys: read_keys(keys)?,
            after: after_prompt(after)?,
        }),
        ["expect", expectation @ ..] => expect(expectation),
        [verb, ..] => Err(format!(
            "'{verb}' is no step: expect, wait, say, key or hang up is one"
        )),
        [] => Err("an empty step".to_owned()),
    }
}

fn expect(words: &[&str]) -> Result<Action, String> {
    match words {
        ["prompt", "goes", "on", "for", lasting] => Ok(Action::ExpectGoesOn {
            lasting: time(lasting)?,
        }),
        ["prompt", names @ .., "within", within] => Ok(Action::ExpectPrompt {
            names: alternatives(names)?,
            within: time(within)?,
        }),
        ["speech", "within", within] => Ok(Action::ExpectSpeech {
            within: time(within)?,
        }),
        ["ducking", "within", within] => Ok(Action::ExpectDucking {
            within: time(within)?,
        }),
        ["stop", "within", within] => Ok(Action::ExpectStop {
            within: time(within)?,
        }),
        ["bye", "within", within] => Ok(Action::ExpectBye {
            within: time(within)?,
        }),
        _ => Err(format!(
            "'expect {}' cannot be read: expect prompt NAME [or NAME] | speech | ducking | stop | bye within TIME, \
             or expect prompt goes on for TIME",
            words.join(" ")
        )),
    }
}

fn alternatives(words: &[&str]) -> Result<Vec<String>, String> {
    let is_list = words.len() % 2 == 1 && words.iter().skip(1).step_by(2).all(|word| *word == "or");
    if !is_list {
        return Err(format!(
            "'{}' is no list of prompts: NAME or NAME or NAME",
            words.join(" ")
        ));
    }
    Ok(words
        .iter()
        .step_by(2)
        .map(|name| (*name).to_owned())
        .collect())
}

fn after_prompt(words: &[&str]) -> Result<Option<Duration>, String> {
    match words {
        [] => Ok(None),
        ["after", pause, "of", "prompt"] => time(pause).map(Some),
        _ => Err(format!(
            "'{}' cannot be read: after TIME of prompt",
            words.join(" ")
        )),
    }
}

fn read_keys(keys: &str) -> Result<Vec<Key>, String> {
    keys.chars()
        .map(|face| Key::try_from(face).map_err(|error| error.to_string()))
        .collect()
}

/// `300ms`, `2s`, `1.5s`.
fn time(word: &str) -> Result<Duration, String> {
    let bad = || format!("'{word}' is no time: 300ms, 2s or 1.5s is one");
    let (number, seconds) = match word.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (word.strip_suffix('s').ok_or_else(bad)?, 1.0),
    };
    let number: f64 = number.parse().map_err(|_| bad())?;
    let time = Duration::try_from_secs_f64(number * seconds).map_err(|_| bad())?;
    if time > LONGEST {
        return Err(format!("'{word}' is too long: {LONGEST:?} at most"));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_reads() {
        let text = "title: a call\nvoice: slt\n\n# comment\nexpect prompt a or b within 5s # why\nwait for quiet 300ms within 20s\n\
            wait 1.5s\nsay yes\nsay no after 1s of prompt\nkey 47#\nexpect speech within 2s\nexpect ducking within 400ms\n\
            expect stop within 1s\nexpect prompt goes on for 2s\nexpect bye within 10s\nhang up\n";
        let scenario: Scenario = text.parse().unwrap();
        assert_eq!(
            (scenario.title.as_str(), scenario.voice.as_str()),
            ("a call", "slt")
        );
        assert_eq!(scenario.steps.len(), 12);
        let first = &scenario.steps[0];
        assert_eq!(
            (first.line, first.text.as_str()),
            (5, "expect prompt a or b within 5s")
        );
        let names = vec!["a".to_owned(), "b".to_owned()];
        let within = Duration::from_secs(5);
        assert_eq!(first.action, Action::ExpectPrompt { names, within });
        let keys = ['4', '7', '#']
            .map(|face| Key::try_from(face).unwrap())
            .to_vec();
        assert_eq!(scenario.steps[5].action, Action::Key { keys, after: None });
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let table = [
            ("", "line 1: a scenario needs at least one step"),
            ("wait 1s\nsing", "line 2: 'sing' is no step"),
            (
                "expect prompt a b within 5s",
                "line 1: 'a b' is no list of prompts",
            ),
            (
                "expect prompt within 5s",
                "line 1: '' is no list of prompts",
            ),
            (
                "\nexpect rain within 1s",
                "line 2: 'expect rain within 1s' cannot be read",
            ),
            ("wait 5", "line 1: '5' is no time"),
            ("wait -1s", "line 1: '-1s' is no time"),
            ("wait 301s", "line 1: '301s' is too long"),
            ("key 4x", "line 1: 'x' stands on no telephone key"),
            (
                "say yes after lunch",
                "line 1: 'after lunch' cannot be read",
            ),
        ];
        for (text, problem) in table {
            let error = text.parse::<Scenario>().unwrap_err().to_string();
            assert!(error.starts_with(problem), "{text:?}: {error}");
        }
    }
}
