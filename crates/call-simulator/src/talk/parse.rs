//! From a file's text to conversations, or to what is wrong with it.

mod cursor;
mod steps;

use super::script::{CallerNumber, Spoken, Stage, Step, Talk, TalkProblem};
use cursor::Cursor;

/// Reads the conversations of a file.
///
/// Each begins with `# ` and its title; a line that begins with `//` is a remark.
///
/// # Errors
/// Every line that is not understood, in order; never an empty list.
pub fn read_talks(text: &str) -> Result<Vec<Talk>, Vec<TalkProblem>> {
    let mut talks: Vec<Talk> = Vec::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, written) in (1_u32..).zip(text.lines()) {
        let mut cursor = Cursor::of(number, written);
        if cursor.is_empty() || cursor.rest().starts_with("//") {
            continue;
        }
        let read = match cursor.rest().strip_prefix('#') {
            Some(title) => begin(&cursor, title, &talks).map(|talk| talks.push(talk)),
            None => match talks.last_mut() {
                Some(talk) => read_line(&mut cursor, talk),
                None => Err(cursor.problem(
                    "a conversation begins with '# ' and its title",
                    "write '# ' and what the conversation is about above this line",
                )),
            },
        };
        problems.extend(read.err());
    }
    if talks.is_empty() && problems.is_empty() {
        let nothing = Cursor::of(1, "").problem(
            "there is no conversation in this file",
            "begin one with '# ' and its title",
        );
        problems.push(nothing);
    }
    match problems.is_empty() {
        true => Ok(talks),
        false => Err(problems),
    }
}

fn begin(cursor: &Cursor<'_>, title: &str, talks: &[Talk]) -> Result<Talk, TalkProblem> {
    let title = title.trim();
    if title.is_empty() {
        return Err(cursor.problem(
            "a conversation has a title",
            "write what it is about behind '#'",
        ));
    }
    if let Some(earlier) = talks.iter().find(|talk| talk.title == title) {
        return Err(cursor.problem(
            format!("line {} has a conversation of the same title", earlier.line),
            "give one of them another title: a failure is told by it",
        ));
    }
    Ok(Talk {
        title: title.to_owned(),
        line: cursor.line(),
        stage: Stage::default(),
        steps: Vec::new(),
    })
}

fn read_line(cursor: &mut Cursor<'_>, talk: &mut Talk) -> Result<(), TalkProblem> {
    if read_stage(cursor, talk)? {
        return Ok(());
    }
    let written = cursor.rest().trim_end().to_owned();
    let (what, column) = steps::read(cursor)?;
    cursor.end()?;
    talk.steps.push(Step {
        line: cursor.line(),
        column,
        written,
        what,
    });
    Ok(())
}

/// Lines that say what is so before the call begins; true where this is one.
fn read_stage(cursor: &mut Cursor<'_>, talk: &mut Talk) -> Result<bool, TalkProblem> {
    let is_first = talk.steps.is_empty();
    let late = |cursor: &Cursor<'_>| {
        cursor.problem(
            "this is settled before the call begins",
            "write it right under the title",
        )
    };
    match cursor.peek_word() {
        // Later it says what must be so.
        "language" if is_first => {
            cursor.word();
            talk.stage.language = match cursor.peek_word() {
                "any" => {
                    cursor.word();
                    Spoken::Any
                }
                _ => Spoken::Fixed(cursor.language()?),
            };
        }
        "fact" if !is_first => return Err(late(cursor)),
        "fact" => {
            cursor.word();
            let is_caller = match cursor.peek_word() {
                "caller" => true,
                "called" => false,
                other => {
                    return Err(cursor.problem(
                        format!("'{other}' is no fact of a call"),
                        "write 'fact caller NUMBER', 'fact caller withheld' or 'fact called NUMBER'",
                    ));
                }
            };
            cursor.word();
            let told = cursor.needed("a number or an address")?.to_owned();
            match (is_caller, told.as_str()) {
                (true, "withheld") => talk.stage.caller = CallerNumber::Withheld,
                (true, _) => talk.stage.caller = CallerNumber::Told(told),
                (false, _) => talk.stage.called = told,
            }
        }
        "at" if !is_first => return Err(late(cursor)),
        "at" => {
            cursor.word();
            let moment = cursor.problem(
                "this is no day and time",
                "write them as 'at 2026-11-25 21:30', as the clock on the plan's wall shows them",
            );
            let date = cursor.needed("a day")?.to_owned();
            let clock = cursor.needed("a time")?.to_owned();
            if dialplan::Zone::UTC.moment(&date, &clock).is_none() {
                return Err(moment);
            }
            talk.stage.at = Some((date, clock));
        }
        _ => return Ok(false),
    }
    cursor.end()?;
    Ok(true)
}

#[cfg(test)]
mod tests;
