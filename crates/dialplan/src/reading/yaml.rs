//! YAML as a tree in which everything knows its place.
//!
//! Scalars stay the text that was written (`on`, `0` and `+1` are not turned into
//! something else), so a plan means the same under every rule for guessing types.

use crate::ProblemKind;
use crate::reading::{Place, Problems};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// How deep a plan may nest.
const DEPTH_MAX: usize = 32;

/// One value with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    pub at: Place,
    pub value: Value,
}

/// What a value is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// Text as written; empty where nothing stands.
    Scalar(String),
    List(Vec<Item>),
    Map(Vec<Entry>),
}

/// One field of a map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub key_at: Place,
    pub item: Item,
}

impl Item {
    /// What it is, for a message.
    pub const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(text) if text.is_empty() => "nothing",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a group of fields",
        }
    }
}

/// Reads one document. Faults of the text itself go to `problems`; none is
/// returned where nothing can be made of it.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Option<Item> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree {
        parser: Parser::new_from_str(text),
        problems,
    };
    tree.document().unwrap_or_default()
}

/// The text cannot be read further; the problem is noted.
struct Stop;

struct Tree<'p, P> {
    parser: P,
    problems: &'p mut Problems,
}

impl<'i, P> Tree<'_, P>
where
    P: Iterator<Item = Result<(Event<'i>, Span), ScanError>>,
{
    fn document(&mut self) -> Result<Option<Item>, Stop> {
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(None),
                first => {
                    let item = self.item(first, at, 0)?;
                    self.nothing_follows()?;
                    return Ok(Some(item));
                }
            }
        }
    }

    fn nothing_follows(&mut self) -> Result<(), Stop> {
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::DocumentStart(..) => {
                    self.problems.add(
                        at,
                        "a second document begins here",
                        "a plan is one document: remove the '---'",
                    );
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
    }

    fn item(&mut self, event: Event<'i>, at: Place, depth: usize) -> Result<Item, Stop> {
        if depth > DEPTH_MAX {
            let message = format!("this is nested more than {DEPTH_MAX} deep");
            self.problems
                .add(at, message, "a plan is flatter than this");
            return Err(Stop);
        }
        let value = match event {
            Event::Scalar(text, style, ..) => {
                let is_null = style == ScalarStyle::Plain && matches!(&*text, "~" | "null");
                Value::Scalar(if is_null {
                    String::new()
                } else {
                    text.into_owned()
                })
            }
            Event::SequenceStart(..) => Value::List(self.list(depth)?),
            Event::MappingStart(..) => Value::Map(self.map(depth)?),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems.add(
                    at,
                    "an alias ('*name') stands here",
                    "write the value out: plans have no aliases",
                );
                Value::Scalar("alias".to_owned())
            }
            _ => Value::Scalar(String::new()),
        };
        Ok(Item { at, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Item>, Stop> {
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(items);
            }
            items.push(self.item(event, at, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<Entry>, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, key_at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(entries);
            }
            let key = self.item(event, key_at, depth + 1)?;
            let (event, at) = self.next()?;
            let item = self.item(event, at, depth + 1)?;
            let Value::Scalar(key) = key.value else {
                self.problems.add(
                    key_at,
                    "this is no name of a field",
                    "a field's name is a plain text",
                );
                continue;
            };
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let message = format!(
                    "'{key}' stands twice here, first in line {}",
                    first.key_at.line
                );
                self.problems.add(key_at, message, "keep one of the two");
                continue;
            }
            entries.push(Entry { key, key_at, item });
        }
    }

    /// The next event that is content, with its place.
    fn next(&mut self) -> Result<(Event<'i>, Place), Stop> {
        loop {
            match self.parser.next() {
                Some(Ok((Event::Comment(..) | Event::Anchor(..), _))) => {}
                Some(Ok((event, span))) => {
                    let start = span.start;
                    return Ok((event, self.problems.place(start.line(), start.col() + 1)));
                }
                Some(Err(error)) => {
                    let mark = error.marker();
                    let at = self.problems.place(mark.line(), mark.col() + 1);
                    self.problems.tell(
                        ProblemKind::NotYaml,
                        at,
                        format!("this is not YAML: {}", error.info()),
                        "mend the line, or the one before it",
                    );
                    return Err(Stop);
                }
                None => return Ok((Event::StreamEnd, Place::default())),
            }
        }
    }
}
