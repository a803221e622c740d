//! Private stays private: what the demo's callers say and key is in no log.

use std::fs;
use std::path::Path;

/// Fewer keys than this may stand in a log by chance.
const FEWEST_KEYS: usize = 3;

/// Reads what the callers will say from their scenarios, and the log of the server they
/// called; an error names the lines that give something away, not what.
pub fn check(scenarios: &Path, log: &Path) -> Result<(), String> {
    let said = said_in(scenarios)?;
    if said.is_empty() {
        return Err(format!("{} has callers say nothing", scenarios.display()));
    }
    search(&said, log)
}

/// The same of callers some of whom only press a key or are silent.
pub fn check_talks(scenarios: &Path, log: &Path) -> Result<(), String> {
    search(&said_in(scenarios)?, log)
}

fn problem(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// All that could be told of what callers say and key.
fn said_in(scenarios: &Path) -> Result<Vec<String>, String> {
    let mut said = Vec::new();
    let mut folders = vec![scenarios.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| problem(&folder, error))? {
            let path = entry.map_err(|error| problem(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "call") {
                let scenario = fs::read_to_string(&path).map_err(|error| problem(&path, error))?;
                said.extend(scenario.lines().filter_map(private_part));
            }
        }
    }
    said.sort();
    said.dedup();
    Ok(said)
}

fn search(said: &[String], log: &Path) -> Result<(), String> {
    let text = fs::read_to_string(log).map_err(|error| problem(log, error))?;
    let lines = lines_with(&text, said);
    if lines.is_empty() {
        let count = said.len();
        println!("The server's log holds none of the {count} things that callers said or keyed.");
        return Ok(());
    }
    Err(format!(
        "{} tells what callers said or keyed, in line {}",
        log.display(),
        lines.join(", ")
    ))
}

/// What a step of a scenario has the caller say or key: words told apart from any other
/// text, so two or more, or a whole number. Where several parties take part a step begins
/// with who does it.
fn private_part(step: &str) -> Option<String> {
    let mut words = step.split_whitespace();
    let first = words.next()?;
    let verb = match first.ends_with(':') {
        true => words.next()?,
        false => first,
    };
    match (verb, words.next()?) {
        ("key", keys) if keys.len() >= FEWEST_KEYS => Some(keys.to_owned()),
        ("say", clip) if clip.starts_with("text:") => made_text(step),
        ("say", clip) if clip.contains('-') => Some(clip.replace('-', " ")),
        _ => None,
    }
}

/// The numbers of the lines that hold any of it as whole words.
fn lines_with(text: &str, said: &[String]) -> Vec<String> {
    let tells = |line: &str| {
        let line = plain(line);
        said.iter()
            .any(|words| line.contains(&format!(" {words} ")))
    };
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| tells(line))
        .map(|(number, _): (usize, _)| number.to_string())
        .collect()
}

/// In lower case, with one space around each run of letters and digits. An underscore
/// holds a node's name together.
fn plain(line: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let lower = line.to_lowercase();
    let words = lower.split(|letter| !is_word(letter));
    words
        .filter(|word| !word.is_empty())
        .fold(" ".to_owned(), |plain, word| plain + word + " ")
}

/// What stands between the quotation marks of `say text:"…"`: two words, or three characters of
/// Mandarin, so that it is no word of our own.
fn made_text(step: &str) -> Option<String> {
    let (_, text) = step.split_once("text:\"")?;
    let (text, _) = text.split_once('"')?;
    let is_telling = text.contains(' ') || (!text.is_ascii() && text.chars().count() > 2);
    is_telling.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_private_parts_of_a_scenario_are_what_is_said_and_keyed() {
        let told = |step| private_part(step);
        assert_eq!(told("key 4712").as_deref(), Some("4712"));
        assert_eq!(
            told("say no-thank-you after 3s of prompt").as_deref(),
            Some("no thank you")
        );
        assert_eq!(
            told("third: say talk-to-a-human").as_deref(),
            Some("talk to a human")
        );
        assert_eq!(
            told("say text:\"where is it\"").as_deref(),
            Some("where is it")
        );
        assert_eq!(told("say text:\"查订单\"").as_deref(), Some("查订单"));
        assert_eq!(told("say text:\"yes\""), None);
        assert_eq!(told("key 1"), None);
        assert_eq!(told("say yes"), None);
        assert_eq!(told("expect prompt order-number within 3s"), None);
        assert_eq!(told("# say order-status"), None);
    }

    #[test]
    fn a_line_that_gives_words_or_keys_away_is_found() {
        let said = ["order status".to_owned(), "4712".to_owned()];
        let log = "INFO heard text=\"Order  status\"\n\
                   INFO at order_status, port 24712, call 4712ab\n\
                   INFO slot order=4712";
        assert_eq!(lines_with(log, &said), ["1", "3"]);
    }
}
