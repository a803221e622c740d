//! The tokens of a JSGF text, with their places.

use super::Fault;
use crate::reading::Place;

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Token {
    Word(String),
    Rule(String),
    Sign(char),
}

const SIGNS: &str = ";=|()[]*+";

/// Cuts a text into tokens; header line, comments, weights and tags are passed over.
pub(super) fn tokens(text: &str) -> Result<Vec<(Place, Token)>, Fault> {
    let mut cursor = Cursor {
        chars: text.chars().collect(),
        next: 0,
        at: Place::default(),
    };
    let mut tokens = Vec::new();
    if text.trim_start().starts_with("#JSGF") {
        cursor.pass_header();
    }
    while let Some(c) = cursor.peek() {
        let at = cursor.at;
        let open = |what: &str| Fault {
            at,
            message: format!("this {what} is never closed"),
        };
        if c.is_whitespace() {
            cursor.step();
        } else if cursor.starts_with("//") {
            cursor.pass_until("\n");
        } else if cursor.starts_with("/*") {
            cursor.pass_until("*/").ok_or_else(|| open("comment"))?;
        } else if c == '/' {
            cursor.step();
            cursor.pass_until("/").ok_or_else(|| open("weight"))?;
        } else if c == '{' {
            cursor.pass_until("}").ok_or_else(|| open("tag"))?;
        } else if c == '<' {
            let name = cursor.pass_until(">").ok_or_else(|| open("rule's name"))?;
            tokens.push((at, Token::Rule(name[1..name.len() - 1].trim().to_owned())));
        } else if SIGNS.contains(c) {
            cursor.step();
            tokens.push((at, Token::Sign(c)));
        } else {
            let word = cursor.word();
            tokens.push((at, Token::Word(word)));
        }
    }
    Ok(tokens)
}

struct Cursor {
    chars: Vec<char>,
    next: usize,
    at: Place,
}

impl Cursor {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.next).copied()
    }

    fn starts_with(&self, sign: &str) -> bool {
        sign.chars()
            .enumerate()
            .all(|(i, c)| self.chars.get(self.next + i) == Some(&c))
    }

    fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.next += 1;
        if c == '\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Some(c)
    }

    /// Takes everything up to and with `end`; none where it never comes.
    fn pass_until(&mut self, end: &str) -> Option<String> {
        let mut passed = String::new();
        while !passed.ends_with(end) {
            passed.push(self.step()?);
        }
        Some(passed)
    }

    /// Takes the first line, or as much of it as its `;` closes.
    fn pass_header(&mut self) {
        while let Some(c) = self.step() {
            if matches!(c, ';' | '\n') {
                return;
            }
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || SIGNS.contains(c) || matches!(c, '<' | '{' | '/') {
                break;
            }
            word.extend(self.step());
        }
        word
    }
}
