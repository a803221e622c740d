//! The words of a line: times, keys, quoted texts, lists.

use crate::rtp::Key;
use crate::sip::{Decline, Manner};
use std::time::Duration;

/// The longest time a step may name, so that every call ends.
const LONGEST: Duration = Duration::from_secs(300);

/// A line cut at its spaces; what stands between quotes is one word.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), None::<String>, false);
    for character in line.chars() {
        match character {
            '"' => {
                word.get_or_insert_default();
                is_quoted = !is_quoted;
            }
            space if space.is_whitespace() && !is_quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    match is_quoted {
        true => Err("a quotation mark is missing".to_owned()),
        false => Ok(words),
    }
}

/// `NAME or NAME or NAME`.
pub fn alternatives(words: &[&str]) -> Result<Vec<String>, String> {
    let is_list = words.len() % 2 == 1 && words.iter().skip(1).step_by(2).all(|word| *word == "or");
    if !is_list {
        return Err(format!(
            "'{}' is no list of names: NAME or NAME or NAME",
            words.join(" ")
        ));
    }
    Ok(words
        .iter()
        .step_by(2)
        .map(|name| (*name).to_owned())
        .collect())
}

/// `after 3s of prompt`, or nothing.
pub fn after_prompt(words: &[&str]) -> Result<Option<Duration>, String> {
    match words {
        [] => Ok(None),
        ["after", pause, "of", "prompt"] => time(pause).map(Some),
        _ => Err(format!(
            "'{}' cannot be read: after TIME of prompt",
            words.join(" ")
        )),
    }
}

/// `4712#`.
pub fn keys(keys: &str) -> Result<Vec<Key>, String> {
    keys.chars()
        .map(|face| Key::try_from(face).map_err(|error| error.to_string()))
        .collect()
}

/// `300ms`, `2s`, `1.5s`.
pub fn time(word: &str) -> Result<Duration, String> {
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

/// How a phone takes calls: `rings 1s then answers then hangs up after 5s`.
pub fn manner(words: &[&str]) -> Result<Manner, String> {
    let (rings, rest) = match words {
        ["rings", rings, "then", rest @ ..] => (time(rings)?, rest),
        rest => (Duration::ZERO, rest),
    };
    match rest {
        ["answers"] => Ok(Manner::Answers {
            rings,
            leaves_after: None,
        }),
        ["answers", "then", "hangs", "up", "after", after] => Ok(Manner::Answers {
            rings,
            leaves_after: Some(time(after)?),
        }),
        ["is", "busy"] => Ok(Manner::Declines {
            rings,
            with: Decline::Busy,
        }),
        ["refuses"] => Ok(Manner::Declines {
            rings,
            with: Decline::Refused,
        }),
        ["never", "answers"] => Ok(Manner::RingsOn),
        ["is", "dead"] => Ok(Manner::Dead),
        _ => Err(format!(
            "'{}' is no manner: [rings TIME then] answers [then hangs up after TIME], is busy or \
             refuses; never answers; is dead",
            words.join(" ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_keep_their_spaces() {
        let read = words("expect display \"Anger 87\" or \"愤怒 87\"").unwrap();
        assert_eq!(read, ["expect", "display", "Anger 87", "or", "愤怒 87"]);
        assert_eq!(words("say \"\" x").unwrap(), ["say", "", "x"]);
        assert!(words("say \"x").is_err());
    }

    #[test]
    fn a_manner_reads_back_as_it_is_told() {
        for text in [
            "rings 1s then answers",
            "rings 0ns then answers then hangs up after 5s",
            "rings 2s then is busy",
            "rings 0ns then refuses",
            "never answers",
            "is dead",
        ] {
            let text = text.replace("0ns", "0s");
            let words: Vec<&str> = text.split(' ').collect();
            let manner = manner(&words).unwrap();
            assert_eq!(manner.to_string().replace("0ns", "0s"), text);
        }
        assert!(manner(&["sleeps"]).is_err());
    }
}
