//! The fields of forms: what value is wanted, and how it may be said or pressed.

use super::super::model::{Collect, Kind, Origin, Wanted};
use super::super::xml::origin;
use super::conditions::slot_of;
use super::content::children;
use super::grammars::{self, Grammar};
use super::{Reader, Scene, found};
use roxmltree::Node;

impl<'a, 'i> Reader<'a, 'i, '_> {
    /// Puts the question of a field; its value leads on to `next`.
    pub(super) fn field(
        &mut self,
        place: &str,
        field: Node<'a, 'i>,
        item: &str,
        next: &str,
        scene: &Scene<'a, 'i>,
    ) {
        let at = origin(&scene.file, field);
        let prompts = self.prompts(&scene.file, field);
        let scopes = self.scopes(scene, Some(field));
        let failing = self.failing(scene, Some(field), &prompts);
        self.other_handlers(&scene.file, field);
        for child in children(field) {
            match child.tag_name().name() {
                "" | "prompt" | "audio" | "value" | "break" | "grammar" | "option" | "filled"
                | "noinput" | "nomatch" | "catch" | "help" | "error" => {}
                "property" => self.property(&scene.file, child),
                _ => self.leave_out(&scene.file, child),
            }
        }
        let (wanted, keys_alone) = self.wanted(place, field, scene, &at);
        self.report.imported(&at, format!("field '{item}'"));
        let collect = Collect {
            say: prompts.first().cloned().unwrap_or_default(),
            slot: slot_of(item).unwrap_or_else(|| item.to_owned()),
            wanted,
            failing,
            timeout: self.property_of(&scopes, "timeout"),
            inter_digit: self.property_of(&scopes, "interdigittimeout"),
            keys_alone,
            next: next.to_owned(),
        };
        self.model.put(place, &at, Kind::Collect(collect));
    }

    /// What value, and whether it can be pressed only.
    fn wanted(
        &mut self,
        place: &str,
        field: Node<'a, 'i>,
        scene: &Scene<'a, 'i>,
        at: &Origin,
    ) -> (Wanted, bool) {
        let mut listed: Vec<(String, Vec<String>, Option<char>)> = Vec::new();
        let mut digits: Option<(u8, u8)> = None;
        let mut free: Option<String> = None;
        let mut keyed: Vec<(String, String)> = Vec::new();
        for option in field.children().filter(|n| n.tag_name().name() == "option") {
            let words = Self::words_in(option);
            let value = option.attribute("value").unwrap_or(&words).to_owned();
            keyed.extend(
                option
                    .attribute("dtmf")
                    .map(|keys| (value.clone(), keys.split_whitespace().collect())),
            );
            list(&mut listed, &value, vec![words]);
        }
        let mut spoken = !listed.is_empty();
        for grammar in children(field).filter(|n| n.tag_name().name() == "grammar") {
            match self.grammar(&scene.file, grammar) {
                Some(Grammar::Listed(values)) => {
                    spoken = true;
                    for (value, phrases) in values {
                        list(&mut listed, &value, phrases);
                    }
                }
                Some(Grammar::Keys(keys)) => keyed.extend(keys),
                Some(Grammar::Digits { min, max }) => {
                    spoken |= grammar.attribute("mode") != Some("dtmf");
                    let (low, high) = digits.unwrap_or((min, max));
                    digits = Some((low.min(min), high.max(max)));
                }
                Some(Grammar::Free(text)) => {
                    spoken = true;
                    free = Some(text);
                }
                None => {}
            }
        }
        let kind = field.attribute("type").unwrap_or_default();
        if !kind.is_empty() {
            return (self.built_in(kind, at), false);
        }
        if let Some((min, max)) = digits {
            return (Wanted::Digits { min, max }, !spoken);
        }
        if listed.is_empty() && keyed.iter().any(|(_, keys)| keys.len() > 1) {
            return (self.entries(&keyed, at), true);
        }
        if let Some(text) = free {
            for (value, keys) in keyed {
                self.report.left_out(
                    at,
                    format!("keys '{keys}' for '{value}': beside free phrases no keys are taken"),
                );
            }
            self.report.changed(at, format!("the value of '{place}' is what is said, in plain words; comparisons with tags of the grammar hold no more"));
            let taken = |file: &String| self.model.grammars.contains_key(file);
            let files = (0..).map(|number| grammars::file_name(place, number));
            let file = files
                .into_iter()
                .find(|file| !taken(file))
                .unwrap_or_default();
            self.model.grammars.insert(file.clone(), text);
            return (Wanted::Grammar(file), false);
        }
        for (value, keys) in keyed {
            let mut pressed = keys.chars();
            let (key, more) = (pressed.next(), pressed.next());
            if more.is_some() {
                self.report.left_out(
                    at,
                    format!("keys '{keys}' for '{value}': a value of a list has one key"),
                );
                continue;
            }
            list(&mut listed, &value, Vec::new());
            if let Some(entry) = listed.iter_mut().find(|(known, _, _)| *known == value) {
                match entry.2 {
                    None => entry.2 = key,
                    Some(_) => self.report.left_out(
                        at,
                        format!("key '{keys}' for '{value}': a value of a list has one key"),
                    ),
                }
            }
        }
        if listed.is_empty() {
            self.report.changed(
                at,
                "a field of no type and no grammar that is read takes 1 to 32 digits",
            );
            return (Wanted::Digits { min: 1, max: 32 }, false);
        }
        (Wanted::OneOf(listed), !spoken)
    }

    fn entries(&mut self, keyed: &[(String, String)], at: &Origin) -> Wanted {
        for (value, keys) in keyed.iter().filter(|(value, keys)| value != keys) {
            self.report.changed(
                at,
                format!("keys '{keys}' are kept as they are, not as '{value}'"),
            );
        }
        let known = keyed
            .iter()
            .map(|(_, keys)| keys.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        self.report.changed(
            at,
            format!("entries of that many digits are taken, not {known} alone"),
        );
        let lengths = keyed.iter().map(|(_, keys)| keys.len().clamp(1, 32));
        let byte = |n: Option<usize>| n.and_then(|n| u8::try_from(n).ok()).unwrap_or(1);
        Wanted::Digits {
            min: byte(lengths.clone().min()),
            max: byte(lengths.max()),
        }
    }

    /// `digits?length=4`, `boolean`, `date` and their kin (VoiceXML 2.1, appendix P).
    fn built_in(&mut self, kind: &str, at: &Origin) -> Wanted {
        let (kind, parameters) = kind.split_once('?').unwrap_or((kind, ""));
        let kind = kind
            .trim_start_matches("builtin:")
            .rsplit('/')
            .next()
            .unwrap_or(kind);
        let parameter = |name: &str| {
            let found = parameters
                .split([';', '&'])
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            found
                .and_then(|n| n.parse::<u8>().ok())
                .map(|n| n.clamp(1, 32))
        };
        match kind {
            "boolean" => Wanted::YesNo,
            "digits" => {
                let length = parameter("length");
                let min = length.or(parameter("minlength")).unwrap_or(1);
                let max = length.or(parameter("maxlength")).unwrap_or(32).max(min);
                Wanted::Digits { min, max }
            }
            "phone" => {
                self.report.changed(
                    at,
                    "a telephone number of 3 to 20 digits, without an extension",
                );
                Wanted::Digits { min: 3, max: 20 }
            }
            "date" => {
                self.report
                    .changed(at, "a date is eight digits, year, month and day, not words");
                Wanted::Digits { min: 8, max: 8 }
            }
            "number" | "currency" => {
                self.report
                    .changed(at, format!("a {kind} is digits without a point"));
                Wanted::Digits { min: 1, max: 16 }
            }
            other => {
                self.report
                    .changed(at, format!("a value of type '{other}' is 1 to 32 digits"));
                Wanted::Digits { min: 1, max: 32 }
            }
        }
    }

    /// A grammar inline or of a file; what is not read of it is told.
    pub(super) fn grammar(&mut self, file: &str, node: Node<'a, 'i>) -> Option<Grammar> {
        let at = origin(file, node);
        let is_keys = node.attribute("mode") == Some("dtmf");
        let read = match node.attribute("src") {
            Some(source) => self.grammar_file(file, source, is_keys),
            None => {
                let has_rules = children(node).any(|n| n.tag_name().name() == "rule");
                match (has_rules, node.text()) {
                    (true, _) => grammars::of_grxml(node),
                    (false, Some(text)) => grammars::of_jsgf(&headed(text), self.language, is_keys),
                    (false, None) => Err("it is empty".to_owned()),
                }
            }
        };
        match read {
            Ok(grammar) => Some(grammar),
            Err(why) => {
                self.report.left_out(&at, format!("a grammar: {why}"));
                None
            }
        }
    }

    fn grammar_file(&self, from: &str, source: &str, is_keys: bool) -> Result<Grammar, String> {
        let path = source.split('#').next().unwrap_or(source);
        if let Some(file) = found(self.roots.keys(), from, path)
            && let Some(root) = self.roots.get(&file)
        {
            return grammars::of_grxml(*root);
        }
        let text = found(self.plain.keys(), from, path).and_then(|file| self.plain.get(&file));
        match text {
            Some(text) => grammars::of_jsgf(text, self.language, is_keys),
            None => Err(format!("'{source}' is in none of the files")),
        }
    }
}

/// One value once, with all its phrases.
fn list(listed: &mut Vec<(String, Vec<String>, Option<char>)>, value: &str, phrases: Vec<String>) {
    match listed.iter_mut().find(|(known, _, _)| known == value) {
        Some((_, words, _)) => words.extend(phrases),
        None => listed.push((value.to_owned(), phrases, None)),
    }
}

/// Grammars inline often leave out the head, and the rule's name.
fn headed(text: &str) -> String {
    let text = text.trim();
    if text.starts_with("#JSGF") {
        return text.to_owned();
    }
    if text.contains('<') && text.contains(';') {
        return format!("#JSGF V1.0;\ngrammar inline;\n{text}");
    }
    let rule = text.trim_end_matches(';');
    format!("#JSGF V1.0;\ngrammar inline;\npublic <inline> = {rule};\n")
}
