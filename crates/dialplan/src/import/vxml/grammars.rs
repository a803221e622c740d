//! What callers may say or press: GRXML (SRGS 1.0) and JSGF, as far as lists, options and counts.

use super::super::model::name_of;
use super::conditions::literal;
use crate::reading::{Problems, jsgf};
use call_model::Language;
use roxmltree::Node;

/// The most phrases of one entry of a list.
const PHRASES_MAX: usize = 24;
/// How deep rules and items may nest.
const DEPTH_MAX: usize = 24;
/// The most words and groups of one grammar.
const SIZE_MAX: usize = 5_000;

/// What a grammar accepts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Grammar {
    /// Values with their phrases.
    Listed(Vec<(String, Vec<String>)>),
    /// Values with their keys.
    Keys(Vec<(String, String)>),
    /// So many digits, pressed or said.
    Digits { min: u8, max: u8 },
    /// Phrases without values, as JSGF.
    Free(String),
}

enum Tree {
    Word(String),
    All(Vec<Tree>),
    One(Vec<Tree>),
    Repeat(Box<Tree>, usize, usize),
    Value(String),
}

/// Reads `<grammar>` or a whole GRXML file by its root; the error says what it holds that is not read.
pub(super) fn of_grxml(grammar: Node<'_, '_>) -> Result<Grammar, String> {
    let rules: Vec<Node<'_, '_>> = grammar
        .children()
        .filter(|node| node.tag_name().name() == "rule")
        .collect();
    let root = match grammar.attribute("root") {
        Some(root) => rules.iter().find(|rule| rule.attribute("id") == Some(root)),
        None => rules.first(),
    };
    let root = root.ok_or("it has no root rule")?;
    let mut reading = Reading {
        rules: &rules,
        size: 0,
    };
    let tree = reading.group(*root, 0)?;
    let is_keys = grammar.attribute("mode") == Some("dtmf");
    grammar_of(&tree, is_keys)
}

struct Reading<'r, 'a, 'i> {
    rules: &'r [Node<'a, 'i>],
    size: usize,
}

impl Reading<'_, '_, '_> {
    fn group(&mut self, node: Node<'_, '_>, depth: usize) -> Result<Tree, String> {
        if depth > DEPTH_MAX {
            return Err("its rules nest too deep, or mention themselves".to_owned());
        }
        let mut parts = Vec::new();
        for child in node.children() {
            self.size += 1;
            if self.size > SIZE_MAX {
                return Err("it is too large".to_owned());
            }
            if let Some(text) = child.text().filter(|_| child.is_text()) {
                parts.extend(
                    text.split_whitespace()
                        .map(|word| Tree::Word(word.to_owned())),
                );
                continue;
            }
            match child.tag_name().name() {
                "item" => {
                    let item = self.group(child, depth + 1)?;
                    parts.push(repeated(item, child.attribute("repeat"))?);
                }
                "one-of" => {
                    let mut ways = Vec::new();
                    for item in child.children().filter(|n| n.tag_name().name() == "item") {
                        let way = self.group(item, depth + 1)?;
                        ways.push(repeated(way, item.attribute("repeat"))?);
                    }
                    parts.push(Tree::One(ways));
                }
                "ruleref" => parts.push(self.rule(child, depth)?),
                "tag" => {
                    let tag = child.text().unwrap_or_default();
                    parts.push(Tree::Value(value_of(tag).ok_or_else(|| {
                        format!("its tag '{}' is more than a value", tag.trim())
                    })?));
                }
                "token" => {
                    let text = child.text().unwrap_or_default();
                    parts.extend(
                        text.split_whitespace()
                            .map(|word| Tree::Word(word.to_owned())),
                    );
                }
                "" | "example" => {}
                other => return Err(format!("it holds '<{other}>'")),
            }
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Tree::All(parts),
        })
    }

    fn rule(&mut self, reference: Node<'_, '_>, depth: usize) -> Result<Tree, String> {
        if reference.attribute("special") == Some("NULL") {
            return Ok(Tree::All(Vec::new()));
        }
        let uri = reference.attribute("uri").unwrap_or_default();
        let rule = uri.strip_prefix('#').and_then(|id| {
            let found = self
                .rules
                .iter()
                .find(|rule| rule.attribute("id") == Some(id));
            found.copied()
        });
        match rule {
            Some(rule) => self.group(rule, depth + 1),
            None => Err(format!("it refers to '{uri}'")),
        }
    }
}

/// `3`, `2-4`, `0-1`, `2-`.
fn repeated(tree: Tree, repeat: Option<&str>) -> Result<Tree, String> {
    let Some(repeat) = repeat else {
        return Ok(tree);
    };
    let number = |text: &str| {
        let number = text.trim().parse::<usize>();
        number.map_err(|_| format!("its repeat '{repeat}' is no count"))
    };
    let (min, max) = match repeat.split_once('-') {
        None => (number(repeat)?, number(repeat)?),
        Some((min, max)) if max.trim().is_empty() => (number(min)?, 32),
        Some((min, max)) => (number(min)?, number(max)?),
    };
    if min > max || max > 32 {
        return Err(format!(
            "its repeat '{repeat}' is more than 32, or upside down"
        ));
    }
    Ok(Tree::Repeat(Box::new(tree), min, max))
}

/// `out = "x";`, `out.kind='x'`, `$='x'`, `'x'`, `x`.
fn value_of(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_end_matches(';').trim();
    let right = tag.rsplit_once('=').map_or(tag, |(_, right)| right.trim());
    let value = literal(right).or_else(|| {
        let is_plain = right
            .chars()
            .all(|c| c.is_alphanumeric() || "_- ".contains(c));
        is_plain.then(|| right.to_owned())
    })?;
    (!value.is_empty()).then_some(value)
}

fn grammar_of(tree: &Tree, is_keys: bool) -> Result<Grammar, String> {
    if let Some((min, max)) = digits(tree) {
        return Ok(Grammar::Digits { min, max });
    }
    let ways: Vec<&Tree> = match tree {
        Tree::One(ways) => ways.iter().collect(),
        _ => vec![tree],
    };
    let mut listed = Vec::new();
    for way in &ways {
        let Some(phrases) = phrases(way) else {
            return free(tree, is_keys);
        };
        listed.push((value_in(way), phrases));
    }
    if is_keys {
        let keys = listed.into_iter().flat_map(|(value, phrases)| {
            phrases.into_iter().map(move |keys| {
                let keys: String = keys.split_whitespace().collect();
                (value.clone().unwrap_or_else(|| keys.clone()), keys)
            })
        });
        return Ok(Grammar::Keys(keys.collect()));
    }
    if ways.len() == 1 && listed.iter().all(|(value, _)| value.is_none()) {
        return free(tree, is_keys);
    }
    let with_values = listed.into_iter().map(|(value, phrases)| {
        let first = phrases.first().cloned().unwrap_or_default();
        (value.unwrap_or(first), phrases)
    });
    Ok(Grammar::Listed(with_values.collect()))
}

fn free(tree: &Tree, is_keys: bool) -> Result<Grammar, String> {
    if is_keys {
        return Err("its keys are more than a list or a number of digits".to_owned());
    }
    let rule = in_jsgf(tree).ok_or("it accepts nothing")?;
    Ok(Grammar::Free(format!(
        "#JSGF V1.0 UTF-8;\ngrammar imported;\npublic <imported> = {rule};\n"
    )))
}

/// Any digits, and how many.
fn digits(tree: &Tree) -> Option<(u8, u8)> {
    let one = |tree: &Tree| {
        let Tree::One(ways) = tree else {
            return false;
        };
        ways.len() >= 10
            && ways
                .iter()
                .all(|way| phrases(way).is_some_and(|p| p.len() == 1 && is_digit(&p[0])))
    };
    let (min, max) = match tree {
        Tree::Repeat(inner, min, max) if one(inner) => (*min, *max),
        Tree::All(parts) => {
            let counts: Option<Vec<(u8, u8)>> = parts.iter().map(digits).collect();
            let counts = counts.filter(|counts| !counts.is_empty())?;
            let sum = |pick: fn(&(u8, u8)) -> u8| counts.iter().map(|c| usize::from(pick(c))).sum();
            (sum(|c| c.0), sum(|c| c.1))
        }
        tree if one(tree) => (1, 1),
        Tree::Word(_) | Tree::One(_) | Tree::Repeat(..) | Tree::Value(_) => return None,
    };
    let byte = |n: usize| u8::try_from(n.clamp(1, 32)).ok();
    Some((byte(min)?, byte(max)?))
}

fn is_digit(word: &str) -> bool {
    const SPOKEN: [&str; 22] = [
        "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "零",
        "一", "二", "三", "四", "五", "六", "七", "八", "九", "幺",
    ];
    SPOKEN.contains(&word) || word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Every phrase, if they are few.
fn phrases(tree: &Tree) -> Option<Vec<String>> {
    let all = match tree {
        Tree::Word(word) => vec![word.clone()],
        Tree::Value(_) => vec![String::new()],
        Tree::One(ways) => {
            let mut all = Vec::new();
            for way in ways {
                all.extend(phrases(way)?);
            }
            all
        }
        Tree::All(parts) => {
            let mut all = vec![String::new()];
            for part in parts {
                all = joined(&all, &phrases(part)?)?;
            }
            all
        }
        Tree::Repeat(inner, min, max) if *max <= 4 => {
            let inner = phrases(inner)?;
            let mut all = Vec::new();
            let mut so_far = vec![String::new()];
            for count in 0..=*max {
                if count >= *min {
                    all.extend(so_far.clone());
                }
                so_far = joined(&so_far, &inner).or((count == *max).then(Vec::new))?;
            }
            all
        }
        Tree::Repeat(..) => return None,
    };
    (all.len() <= PHRASES_MAX).then_some(all)
}

fn joined(starts: &[String], ends: &[String]) -> Option<Vec<String>> {
    if starts.len() * ends.len() > PHRASES_MAX {
        return None;
    }
    let both = starts.iter().flat_map(|start| {
        ends.iter()
            .map(move |end| format!("{start} {end}").trim().to_owned())
    });
    Some(both.collect())
}

fn value_in(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Value(value) => Some(value.clone()),
        Tree::All(parts) => parts.iter().find_map(value_in),
        Tree::Word(_) | Tree::One(_) | Tree::Repeat(..) => None,
    }
}

fn in_jsgf(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Word(word) => {
            let word: String = word
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == '\'')
                .collect();
            (!word.is_empty()).then_some(word)
        }
        Tree::Value(_) => None,
        Tree::All(parts) => {
            let parts: Vec<String> = parts.iter().filter_map(in_jsgf).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }
        Tree::One(ways) => {
            let ways: Vec<String> = ways.iter().filter_map(in_jsgf).collect();
            (!ways.is_empty()).then(|| format!("({})", ways.join(" | ")))
        }
        Tree::Repeat(inner, min, max) => {
            let inner = in_jsgf(inner)?;
            Some(match (min, max) {
                (0, 1) => format!("[{inner}]"),
                (0, _) => format!("({inner})*"),
                (1, 1) => inner,
                (_, _) => format!("({inner})+"),
            })
        }
    }
}

/// A JSGF text: a list of phrases where they are few, else the text as it is.
pub(super) fn of_jsgf(text: &str, language: Language, is_keys: bool) -> Result<Grammar, String> {
    let mut problems = Problems::of("grammar");
    let Some(phrase) = jsgf::grammar(text, language, &mut problems) else {
        let fault = problems.into_sorted().into_iter().next();
        return Err(fault.map_or_else(String::new, |fault| fault.message));
    };
    let texts = jsgf::texts(&phrase, PHRASES_MAX);
    match texts {
        Some(texts) if is_keys => {
            let keys = texts.into_iter().map(|text| {
                let keys: String = text.split_whitespace().collect();
                (keys.clone(), keys)
            });
            Ok(Grammar::Keys(keys.collect()))
        }
        None if is_keys => Err("its keys are more than a list".to_owned()),
        Some(texts) if !text.contains('{') => {
            let listed = texts.into_iter().filter(|text| !text.is_empty());
            Ok(Grammar::Listed(
                listed.map(|text| (text.clone(), vec![text])).collect(),
            ))
        }
        Some(_) | None => Ok(Grammar::Free(text.to_owned())),
    }
}

/// The name of a grammar's file in the plan.
pub(super) fn file_name(hint: &str, number: usize) -> String {
    let stem = name_of(hint).unwrap_or_else(|| "grammar".to_owned());
    match number {
        0 => format!("{stem}.jsgf"),
        _ => format!("{stem}-{number}.jsgf"),
    }
}

/// The phrases of a JSGF text, if they are few.
pub(super) fn few(text: &str, language: Language) -> Option<Vec<String>> {
    let phrase = jsgf::grammar(text, language, &mut Problems::of("grammar"))?;
    let texts = jsgf::texts(&phrase, PHRASES_MAX)?;
    Some(texts.into_iter().filter(|text| !text.is_empty()).collect())
}
