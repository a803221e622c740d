//! One line of a script, read from the left.

use crate::talk::script::TalkProblem;
use call_model::Language;
use std::time::Duration;

/// What is still to be read of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    line: u32,
    full: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn of(line: u32, full: &'a str) -> Self {
        let full = full.trim_end();
        Self {
            line,
            full,
            rest: full.trim_start(),
        }
    }

    pub(super) const fn line(&self) -> u32 {
        self.line
    }

    pub(super) const fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// In characters, from 1.
    pub(super) fn column(&self) -> u32 {
        let before = &self.full[..self.full.len() - self.rest.len()];
        u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX)
    }

    /// A fault that begins here.
    pub(super) fn problem(
        &self,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> TalkProblem {
        TalkProblem {
            line: self.line,
            column: self.column(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    fn go_on_at(&mut self, at: usize) {
        self.rest = self.rest[at..].trim_start();
    }

    fn word_end(&self) -> usize {
        let ends = |c: char| c.is_whitespace() || is_colon(c) || c == '=';
        self.rest.find(ends).unwrap_or(self.rest.len())
    }

    /// The next word, which ends at a space, a colon or `=`; empty where there is none.
    pub(super) fn peek_word(&self) -> &'a str {
        &self.rest[..self.word_end()]
    }

    pub(super) fn word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.go_on_at(word.len());
        word
    }

    /// All up to the next space; a problem where there is nothing.
    pub(super) fn needed(&mut self, what: &str) -> Result<&'a str, TalkProblem> {
        let end = self.rest.find(char::is_whitespace);
        let text = &self.rest[..end.unwrap_or(self.rest.len())];
        if text.is_empty() {
            return Err(self.problem(format!("{what} is missing"), format!("write {what} here")));
        }
        self.go_on_at(text.len());
        Ok(text)
    }

    /// The next word, which names something of the plan.
    pub(super) fn name(&mut self, what: &str) -> Result<&'a str, TalkProblem> {
        match self.word() {
            "" => Err(self.problem(format!("{what} is missing"), format!("write {what} here"))),
            name => Ok(name),
        }
    }

    /// Whether a colon comes next, which is then read.
    pub(super) fn takes_colon(&mut self) -> bool {
        match self.rest.chars().next() {
            Some(c) if is_colon(c) => {
                self.go_on_at(c.len_utf8());
                true
            }
            Some(_) | None => false,
        }
    }

    pub(super) fn colon(&mut self, example: &str) -> Result<(), TalkProblem> {
        match self.takes_colon() {
            true => Ok(()),
            false => Err(self.problem("a colon is missing", format!("write it as '{example}'"))),
        }
    }

    /// Whether these words come next, which are then read.
    pub(super) fn takes(&mut self, words: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(words) else {
            return false;
        };
        let is_whole = after.is_empty() || after.starts_with(|c: char| c.is_whitespace());
        if is_whole {
            self.go_on_at(words.len());
        }
        is_whole
    }

    /// Whether `=` comes next, which is then read.
    pub(super) fn takes_equals(&mut self) -> bool {
        let is_next = self.rest.starts_with('=');
        if is_next {
            self.go_on_at(1);
        }
        is_next
    }

    /// All the rest of the line.
    pub(super) fn all(&mut self) -> &'a str {
        std::mem::take(&mut self.rest)
    }

    /// Words in quotes, straight or curly.
    pub(super) fn quoted(&mut self) -> Result<String, TalkProblem> {
        let begin = self.rest.chars().next();
        let end = match begin {
            Some('"') => '"',
            Some('“') => '”',
            Some('「') => '」',
            Some(_) | None => {
                return Err(self.problem("words in quotes are missing", "write them as \"…\""));
            }
        };
        let open = begin.map_or(0, char::len_utf8);
        let Some(length) = self.rest[open..].find(end) else {
            return Err(self.problem(
                "these quotes are not closed",
                format!("close them with {end}"),
            ));
        };
        let words = self.rest[open..open + length].trim().to_owned();
        if words.is_empty() {
            return Err(self.problem(
                "there is nothing in these quotes",
                "write the words in them",
            ));
        }
        self.go_on_at(open + length + end.len_utf8());
        Ok(words)
    }

    pub(super) fn language(&mut self) -> Result<Language, TalkProblem> {
        let here = *self;
        let tag = self.word();
        tag.parse().map_err(|_| {
            here.problem(
                format!("'{tag}' is no language"),
                "write 'en' or 'zh', or at the top of a conversation 'any'",
            )
        })
    }

    /// `300ms`, `5s`, `2m`.
    pub(super) fn duration(&mut self) -> Result<Duration, TalkProblem> {
        let here = *self;
        let text = self.word();
        let end = text.find(|c: char| !c.is_ascii_digit());
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let number = number.parse::<u32>().ok();
        let span = match (number, unit) {
            (Some(number), "ms") => Some(Duration::from_millis(number.into())),
            (Some(number), "s") => Some(Duration::from_secs(number.into())),
            (Some(number), "m") => Some(Duration::from_secs(u64::from(number) * 60)),
            _ => None,
        };
        let most = Duration::from_secs(60 * 60);
        span.filter(|span| *span <= most).ok_or_else(|| {
            here.problem(
                format!("'{text}' is no time of an hour at most"),
                "write it as 300ms, 5s or 2m",
            )
        })
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), TalkProblem> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(self.problem(
                format!("'{}' means nothing here", self.rest),
                "take it out, or write it on a line of its own",
            )),
        }
    }
}

/// Chinese keyboards have a wide one.
const fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}
