//! Grammars in JSGF (the JSpeech Grammar Format, W3C note of June 2000), as far
//! as telephone grammars need it.
//!
//! Read are rules, sequences, `|`, `( )`, `[ ]`, `*`, `+`, weights and `{tags}` (both
//! passed over), `<NULL>`, and both kinds of comment. Not read: imports, and rules
//! that mention themselves.

mod tokens;

use self::tokens::{Token, tokens};
use super::{Place, Problems};
use call_model::{Language, Phrase};
use spoken_text::{normalise, units};
use std::collections::BTreeMap;

/// What `*` and `+` allow at most.
const REPEAT_MAX: u8 = 8;
/// How deep brackets and rules may nest.
const DEPTH_MAX: usize = 32;
/// The most words a grammar may hold once its rules are put in.
const SIZE_MAX: usize = 20_000;

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub at: Place,
    pub message: String,
}

/// The phrase of a grammar file: its public rule, with all rules put in.
pub(crate) fn grammar(text: &str, language: Language, problems: &mut Problems) -> Option<Phrase> {
    let result = Parser::new(text, language)
        .and_then(Parser::file)
        .and_then(|rules| rules.whole());
    match result {
        Ok(phrase) => Some(phrase),
        Err(fault) => {
            problems.add(
                fault.at,
                fault.message,
                "see the JSGF note, sections 3 and 4",
            );
            None
        }
    }
}

/// One right side of a rule, such as `[the] order (status | state)`, without rules.
pub(crate) fn expression(text: &str, language: Language) -> Result<Phrase, Fault> {
    let mut parser = Parser::new(text, language)?;
    let tree = parser.alternatives(0)?;
    parser.end()?;
    Rules::default().put_in(&tree, 0, &mut 0)
}

/// Every text that a phrase accepts, if they are no more than `most`.
pub(crate) fn texts(phrase: &Phrase, most: usize) -> Option<Vec<String>> {
    let found = match phrase {
        Phrase::Word(word) => vec![word.clone()],
        Phrase::Sequence(parts) => {
            let mut whole = vec![String::new()];
            for part in parts {
                let part = texts(part, most)?;
                if whole.len() * part.len() > most {
                    return None;
                }
                whole = whole
                    .iter()
                    .flat_map(|start| part.iter().map(move |end| joined(start, end)))
                    .collect();
            }
            whole
        }
        Phrase::OneOf(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(texts(part, most)?);
            }
            all
        }
        Phrase::Optional(part) => {
            let mut all = vec![String::new()];
            all.extend(texts(part, most)?);
            all
        }
        Phrase::Repeat { .. } => return None,
    };
    (found.len() <= most).then_some(found)
}

fn joined(start: &str, end: &str) -> String {
    format!("{start} {end}").trim().to_owned()
}

/// A right side with its rules still named.
enum Tree {
    Words(Vec<String>),
    Rule(Place, String),
    Sequence(Vec<Tree>),
    OneOf(Vec<Tree>),
    Optional(Box<Tree>),
    Repeat { of: Box<Tree>, min: u8 },
}

#[derive(Default)]
struct Rules {
    rules: BTreeMap<String, Tree>,
    public: Option<String>,
}

impl Rules {
    fn whole(&self) -> Result<Phrase, Fault> {
        let public = self.public.as_deref().and_then(|name| self.rules.get(name));
        let Some(tree) = public else {
            return Err(Fault {
                at: Place::default(),
                message: "the grammar has no public rule".to_owned(),
            });
        };
        self.put_in(tree, 0, &mut 0)
    }

    fn put_in(&self, tree: &Tree, depth: usize, size: &mut usize) -> Result<Phrase, Fault> {
        let mut parts = |trees: &[Tree]| -> Result<Vec<Phrase>, Fault> {
            trees
                .iter()
                .map(|tree| self.put_in(tree, depth + 1, size))
                .collect()
        };
        Ok(match tree {
            Tree::Words(words) => {
                *size += words.len();
                of_words(words)
            }
            Tree::Sequence(trees) => one_or(parts(trees)?, Phrase::Sequence),
            Tree::OneOf(trees) => one_or(parts(trees)?, Phrase::OneOf),
            Tree::Optional(tree) => {
                Phrase::Optional(Box::new(self.put_in(tree, depth + 1, size)?))
            }
            Tree::Repeat { of, min } => Phrase::Repeat {
                of: Box::new(self.put_in(of, depth + 1, size)?),
                min: *min,
                max: REPEAT_MAX,
            },
            Tree::Rule(at, name) => {
                let fault = |message| Err(Fault { at: *at, message });
                if depth > DEPTH_MAX * 2 || *size > SIZE_MAX {
                    return fault(format!("<{name}> leads back to itself, or grows too large"));
                }
                match self.rules.get(name) {
                    Some(tree) => self.put_in(tree, depth + 1, size)?,
                    None => return fault(format!("<{name}> is no rule of this grammar")),
                }
            }
        })
    }
}

fn of_words(words: &[String]) -> Phrase {
    one_or(
        words.iter().cloned().map(Phrase::Word).collect(),
        Phrase::Sequence,
    )
}

fn one_or(mut parts: Vec<Phrase>, all: impl FnOnce(Vec<Phrase>) -> Phrase) -> Phrase {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            all(parts)
        }
        None => all(parts),
    }
}

struct Parser {
    tokens: Vec<(Place, Token)>,
    next: usize,
    language: Language,
}

impl Parser {
    fn new(text: &str, language: Language) -> Result<Self, Fault> {
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            language,
        })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn place(&self) -> Place {
        let nearest = self.tokens.get(self.next).or_else(|| self.tokens.last());
        nearest.map_or_else(Place::default, |(at, _)| *at)
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_there = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(is_there);
        is_there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(is_there);
        is_there
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault {
            at: self.place(),
            message: message.into(),
        })
    }

    fn expect(&mut self, sign: char) -> Result<(), Fault> {
        if self.takes(sign) {
            return Ok(());
        }
        self.fault(format!("'{sign}' is missing"))
    }

    fn end(&self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.fault("this belongs to nothing"),
        }
    }

    fn file(mut self) -> Result<Rules, Fault> {
        let mut rules = Rules::default();
        if self.takes_word("grammar") {
            while !matches!(self.peek(), None | Some(Token::Sign(';'))) {
                self.next += 1;
            }
            self.expect(';')?;
        }
        while self.peek().is_some() {
            self.rule(&mut rules)?;
        }
        Ok(rules)
    }

    fn rule(&mut self, rules: &mut Rules) -> Result<(), Fault> {
        if self.takes_word("import") {
            return self.fault("grammars of other files are not read");
        }
        let is_public = self.takes_word("public");
        let Some(Token::Rule(name)) = self.peek() else {
            return self.fault("a rule '<name> = … ;' is expected");
        };
        let name = name.clone();
        if rules.rules.contains_key(&name) {
            return self.fault(format!("<{name}> stands twice"));
        }
        self.next += 1;
        self.expect('=')?;
        let tree = self.alternatives(0)?;
        self.expect(';')?;
        if is_public && rules.public.is_none() {
            rules.public = Some(name.clone());
        }
        rules.rules.insert(name, tree);
        Ok(())
    }

    fn alternatives(&mut self, depth: usize) -> Result<Tree, Fault> {
        if depth > DEPTH_MAX {
            return self.fault(format!("this is nested more than {DEPTH_MAX} deep"));
        }
        let mut parts = vec![self.sequence(depth)?];
        while self.takes('|') {
            parts.push(self.sequence(depth)?);
        }
        Ok(Tree::OneOf(parts))
    }

    fn sequence(&mut self, depth: usize) -> Result<Tree, Fault> {
        let mut parts = Vec::new();
        while let Some(part) = self.part(depth)? {
            parts.push(part);
        }
        if parts.is_empty() {
            return self.fault("words are expected");
        }
        Ok(Tree::Sequence(parts))
    }

    fn part(&mut self, depth: usize) -> Result<Option<Tree>, Fault> {
        let at = self.place();
        let mut tree = match self.peek() {
            Some(Token::Word(word)) => {
                let words = self.words_of(word);
                if words.is_empty() {
                    return self.fault("this is no word");
                }
                self.next += 1;
                Tree::Words(words)
            }
            Some(Token::Rule(name)) => {
                let name = name.clone();
                self.next += 1;
                if name == "NULL" {
                    Tree::Words(Vec::new())
                } else {
                    Tree::Rule(at, name)
                }
            }
            Some(Token::Sign('(')) => self.bracket(')', depth)?,
            Some(Token::Sign('[')) => Tree::Optional(Box::new(self.bracket(']', depth)?)),
            _ => return Ok(None),
        };
        loop {
            let min = if self.takes('*') {
                0
            } else if self.takes('+') {
                1
            } else {
                return Ok(Some(tree));
            };
            tree = Tree::Repeat {
                of: Box::new(tree),
                min,
            };
        }
    }

    fn bracket(&mut self, close: char, depth: usize) -> Result<Tree, Fault> {
        self.next += 1;
        let tree = self.alternatives(depth + 1)?;
        self.expect(close)?;
        Ok(tree)
    }

    /// The words of one token: one, unless it holds a hyphen or scripts of both kinds.
    fn words_of(&self, token: &str) -> Vec<String> {
        match self.language {
            Language::En => units(token, self.language),
            Language::Zh => {
                let word = normalise(token, self.language);
                word.split(' ')
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use proptest::prelude::*;

    fn read(text: &str, language: Language) -> Result<Phrase, String> {
        let mut problems = Problems::of("x.jsgf");
        grammar(text, language, &mut problems).ok_or_else(|| problems.into_sorted()[0].to_string())
    }

    #[test]
    fn rules_are_put_in_where_they_are_named() {
        let text = "#JSGF V1.0;\ngrammar d; // digits\n<tens> = twenty | thirty;\n\
                    /* the whole */ public <d> = [the] /2/ <tens> {t} one+;";
        let phrase = read(text, En).expect("a grammar");
        let word = |w: &str| Phrase::Word(w.to_owned());
        let wanted = Phrase::Sequence(vec![
            Phrase::Optional(Box::new(word("the"))),
            Phrase::OneOf(vec![word("twenty"), word("thirty")]),
            Phrase::Repeat {
                of: Box::new(word("one")),
                min: 1,
                max: REPEAT_MAX,
            },
        ]);
        assert_eq!(phrase, wanted);
    }

    #[test]
    fn chinese_words_stand_as_the_grammar_cuts_them() {
        let phrase = read(
            "#JSGF V1.0 UTF-8;\ngrammar z;\npublic <z> = 轉人工 | 再见 ;",
            Zh,
        );
        let word = |w: &str| Phrase::Word(w.to_owned());
        assert_eq!(
            phrase,
            Ok(Phrase::OneOf(vec![word("转人工"), word("再见")]))
        );
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let table = [
            ("public <a> = one | ;", "x.jsgf:1:20: words are expected"),
            ("public <a> = one\n  (two ;", "x.jsgf:2:8: ')' is missing"),
            (
                "public <a> = <b> ;",
                "x.jsgf:1:14: <b> is no rule of this grammar",
            ),
            (
                "public <a> = x <a> ;",
                "x.jsgf:1:16: <a> leads back to itself, or grows too large",
            ),
            ("<a> = one;", "x.jsgf:1:1: the grammar has no public rule"),
            (
                "public <a> = one; <a> = two;",
                "x.jsgf:1:19: <a> stands twice",
            ),
            (
                "public <a> = one {tag",
                "x.jsgf:1:18: this tag is never closed",
            ),
            (
                "import <b.*>;",
                "x.jsgf:1:8: grammars of other files are not read",
            ),
        ];
        for (text, wanted) in table {
            let fault = read(text, En).expect_err(text);
            assert_eq!(fault.lines().next(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_phrase_with_choices_stands_for_plain_phrases() {
        let phrase = expression("[my] order (status | state)", En).expect("a phrase");
        let mut texts = texts(&phrase, 10).expect("few");
        texts.sort();
        assert_eq!(
            texts,
            [
                "my order state",
                "my order status",
                "order state",
                "order status"
            ]
        );
        assert_eq!(super::texts(&phrase, 3), None);
        assert!(expression("(one | two", En).is_err() && expression("one ) two", En).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[a-c<>=;|()\\[\\]*+/{} \n\u{4e00}-\u{4e05}#]{0,60}") {
            for language in Language::ALL {
                let _ = read(&text, language);
                let _ = expression(&text, language);
            }
        }
    }
}
