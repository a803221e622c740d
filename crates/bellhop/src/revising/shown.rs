//! What was heard afterwards, for a reviewer: each turn beside what was understood in the call.

use super::turns::Spoken;
use call_archive::{CallStory, HeardAgain, RevisedTurn};
use call_model::{Language, MASK};
use jiff::Timestamp;
use std::fmt::Write;

/// The revision of a call as lines; empty where it has none.
pub fn show(story: &CallStory) -> String {
    let Some(revision) = &story.revision else {
        return String::new();
    };
    let spoken = Spoken::of(&story.journal);
    let millis = i64::try_from(revision.heard_unix_millis).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(millis).map_or("–".to_owned(), |at| format!("{at:.0}"));
    let mut shown = match &revision.left {
        Some(why) => format!("left as it is  by {} at {at}: {why}\n", revision.engine),
        None => format!("heard again  by {} at {at}\n", revision.engine),
    };
    for turn in &revision.turns {
        let first = spoken.turns.iter().find(|it| it.turn == turn.turn);
        let first = first.map_or("", |it| it.text.reveal().as_str());
        // Writing to a String cannot fail.
        let _ = writeln!(shown, "{:>9}  {}", turn.from, line(turn, first));
    }
    shown
}

fn line(turn: &RevisedTurn, first: &str) -> String {
    match &turn.heard {
        HeardAgain::Words {
            text,
            confidence,
            language,
        } => {
            let text = text.reveal();
            match text == first {
                true => format!("“{first}”  the same  {confidence}"),
                false => format!(
                    "“{first}” → “{text}”  {}  {confidence}",
                    difference(first, text, *language)
                ),
            }
        }
        HeardAgain::Nothing if first.is_empty() => "nothing, as in the call".to_owned(),
        HeardAgain::Nothing => format!("“{first}” → nothing"),
        HeardAgain::Sensitive => {
            format!("“{MASK}”  something sensitive was asked for; not listened to")
        }
        HeardAgain::NoSound => "the recording ends before it".to_owned(),
    }
}

/// The words that went and came, in order: `[-left +lift]`; Mandarin by characters.
fn difference(first: &str, second: &str, language: Language) -> String {
    let (first, second) = (
        spoken_text::units(first, language),
        spoken_text::units(second, language),
    );
    let mut parts: Vec<(char, Vec<&str>)> = Vec::new();
    for (sign, unit) in changes(&first, &second) {
        match parts.last_mut() {
            Some((last, units)) if *last == sign => units.push(unit),
            Some(_) | None => parts.push((sign, vec![unit])),
        }
    }
    let between = match language {
        Language::En => " ",
        Language::Zh => "",
    };
    let told = parts.into_iter().filter(|(sign, _)| *sign != '=');
    let told: Vec<String> = told
        .map(|(sign, units)| format!("{sign}{}", units.join(between)))
        .collect();
    format!("[{}]", told.join(" "))
}

/// Each unit with what became of it, by the longest row of units that both have (R. A. Wagner and M. J. Fischer, 1974).
fn changes<'t>(first: &'t [String], second: &'t [String]) -> Vec<(char, &'t str)> {
    let width = second.len() + 1;
    let mut common = vec![0_usize; (first.len() + 1) * width];
    for one in (0..first.len()).rev() {
        for other in (0..second.len()).rev() {
            common[one * width + other] = match first[one] == second[other] {
                true => common[(one + 1) * width + other + 1] + 1,
                false => common[(one + 1) * width + other].max(common[one * width + other + 1]),
            };
        }
    }
    let (mut one, mut other) = (0, 0);
    let mut changes = Vec::new();
    while one < first.len() || other < second.len() {
        let is_same = one < first.len() && other < second.len() && first[one] == second[other];
        let goes = other == second.len()
            || one < first.len()
                && common[(one + 1) * width + other] >= common[one * width + other + 1];
        if is_same {
            changes.push(('=', first[one].as_str()));
            (one, other) = (one + 1, other + 1);
        } else if goes {
            changes.push(('-', first[one].as_str()));
            one += 1;
        } else {
            changes.push(('+', second[other].as_str()));
            other += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_words_or_characters() {
        let told = |first, second, language| difference(first, second, language);
        assert_eq!(
            told(
                "put me through to building",
                "put me through to billing please",
                Language::En
            ),
            "[-building +billing please]"
        );
        assert_eq!(told("", "yes please", Language::En), "[+yes please]");
        assert_eq!(
            told("我要投保", "我不要退保", Language::Zh),
            "[+不 -投 +退]"
        );
    }
}
