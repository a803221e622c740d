//! A problem as a terminal shows it: with the line it stands in, and a mark under its place.

use super::{Problem, Severity};
use crate::PlanSources;
use std::fmt::Write as _;

/// In columns: of a longer line the part around the place is shown.
const WIDTH: usize = 100;
/// So much of it before the place.
const BEFORE: usize = 40;

impl Problem {
    /// The problem with its line, over several lines of text. `folder` stands before the file's
    /// name, such as `dialplans/bank/`.
    ///
    /// ```text
    /// dialplans/bank/flow.yaml:7:7: error[unknown-target]: 'menu' leads to 'bil_api', which is no node
    ///     7 |       bil_api: { en: my bill }
    ///       |       ^
    ///       = did you mean 'bill_api'?
    /// ```
    pub fn excerpt(&self, folder: &str, sources: &PlanSources) -> String {
        let severity = match self.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Self {
            file,
            line,
            column,
            kind,
            message,
            remedy,
        } = self;
        let mut shown = format!("{folder}{file}:{line}:{column}: {severity}[{kind}]: {message}");
        let text = sources.texts.get(file);
        if let Some(text) = text.and_then(|text| text.lines().nth(index(*line))) {
            let (text, blanks) = around(text, index(*column));
            let _ = write!(shown, "\n{line:>5} | {text}\n      | {blanks}^");
        }
        if !remedy.is_empty() {
            let _ = write!(shown, "\n      = {remedy}");
        }
        shown
    }
}

fn index(from_one: u32) -> usize {
    usize::try_from(from_one)
        .unwrap_or(usize::MAX)
        .saturating_sub(1)
}

/// The part of a line around a place, and as many blanks as stand before that place.
fn around(line: &str, column: usize) -> (String, String) {
    let line: Vec<char> = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let width_before: usize = line.iter().take(column).copied().map(width).sum();
    let whole: usize = line.iter().copied().map(width).sum();
    let mut from = 0;
    if whole > WIDTH && width_before > BEFORE {
        let mut over = width_before - BEFORE;
        while over > 0 && from < column {
            over = over.saturating_sub(width(line[from]));
            from += 1;
        }
    }
    let mut text = String::new();
    let mut blanks = String::new();
    if from > 0 {
        text.push('…');
        blanks.push(' ');
    }
    let mut used = text.chars().count();
    for (number, c) in line.iter().enumerate().skip(from) {
        if used + width(*c) > WIDTH {
            text.push('…');
            break;
        }
        used += width(*c);
        text.push(*c);
        if number < column {
            blanks.extend(std::iter::repeat_n(' ', width(*c)));
        }
    }
    (text, blanks)
}

/// How many columns a character takes: Chinese ones and their marks take two (Unicode
/// Standard Annex #11, wide and fullwidth, as far as plans have them).
const fn width(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProblemKind;

    fn problem(line: u32, column: u32) -> Problem {
        Problem {
            file: "flow.yaml".to_owned(),
            line,
            column,
            kind: ProblemKind::UnknownTarget,
            message: "'menu' leads to 'bil', which is no node".to_owned(),
            remedy: "did you mean 'bill'?".to_owned(),
        }
    }

    #[test]
    fn the_mark_stands_under_the_place_behind_chinese_too() {
        let sources = PlanSources::of_head("a: 1\nzh: 您好 }, bil\n");
        assert_eq!(
            problem(2, 11).excerpt("plans/", &sources),
            "plans/flow.yaml:2:11: error[unknown-target]: 'menu' leads to 'bil', which is no node
    2 | zh: 您好 }, bil
      |             ^
      = did you mean 'bill'?"
        );
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let line = format!("{}bil{}", "x".repeat(200), "y".repeat(200));
        let shown = problem(1, 201).excerpt("", &PlanSources::of_head(line));
        let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
        let mark = lines[2].iter().position(|c| *c == '^').expect("a mark");
        assert_eq!(lines[1][mark..mark + 3], ['b', 'i', 'l']);
        assert!(lines[1].len() < 115, "{shown}");
    }

    #[test]
    fn no_place_harms() {
        let sources = PlanSources::of_head("short");
        for (line, column) in [(0, 0), (1, 99), (9, 1), (u32::MAX, u32::MAX)] {
            assert!(problem(line, column).excerpt("", &sources).contains("bil"));
        }
    }
}
