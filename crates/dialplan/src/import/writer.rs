//! The plan as a designer would write it.

use super::model::{
    Choice, Collect, Condition, Failing, Keys, Kind, Menu, Model, Piece, Said, Test, Wanted,
};
use super::secret::is_secret;
use call_model::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What a plan has beside its places.
pub(super) struct Head<'a> {
    pub name: &'a str,
    pub language: Language,
    /// Where every transfer went, if it was one place.
    pub transfer: Option<String>,
    /// Audio files of the old system that are at hand, with their place in the plan's folder.
    pub sounds: &'a BTreeMap<String, String>,
}

/// The text of `flow.yaml`.
pub(super) fn written(model: &Model, head: &Head<'_>) -> String {
    let mut page = Page {
        text: String::new(),
        model,
        head,
    };
    page.head();
    for name in &model.order {
        if let Some(place) = model.places.get(name) {
            page.line(1, &format!("{name}:"));
            page.place(&place.kind);
        }
    }
    page.text
}

struct Page<'a> {
    text: String,
    model: &'a Model,
    head: &'a Head<'a>,
}

impl Page<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let blanks = "  ".repeat(depth);
        let _ = writeln!(self.text, "{blanks}{text}");
    }

    fn head(&mut self) {
        let Head { name, language, .. } = self.head;
        self.line(0, &format!("plan: {name}"));
        self.line(0, &format!("languages: [{language}]"));
        self.line(0, &format!("start: {}", self.model.start));
        self.line(0, "recording: off");
        if let Some((days, span)) = &self.model.hours {
            // Old files live by the clock of their machine, which they do not name.
            let open = format!("{{ {days}: {} }}", quoted(span));
            self.line(0, &format!("hours: {{ zone: \"+00:00\", open: {open} }}"));
        }
        self.line(0, "people:");
        if let Some(to) = &self.head.transfer {
            self.line(1, &format!("transfer: {}", quoted(to)));
        }
        self.line(1, "otherwise: callback");
        self.line(0, "nodes:");
    }

    fn place(&mut self, kind: &Kind) {
        match kind {
            Kind::Play { say, whole, next } => {
                self.said("say", say);
                if *whole {
                    self.line(2, "interruptible: never");
                }
                self.line(2, &format!("next: {next}"));
            }
            Kind::Menu(menu) => self.menu(menu),
            Kind::Collect(collect) => self.collect(collect),
            Kind::Decide { cases, otherwise } => {
                self.line(2, "decide:");
                for (condition, to) in cases {
                    let when = when(condition);
                    self.line(3, &format!("- {{ when: {when}, to: {to} }}"));
                }
                self.line(2, &format!("otherwise: {otherwise}"));
            }
            Kind::Set { slots, next } => {
                // A document may set one twice; the last value stays.
                let is_last = |(at, (slot, _)): &(usize, &(String, _))| {
                    slots[at + 1..].iter().all(|(later, _)| later != slot)
                };
                let last = slots.iter().enumerate().filter(is_last);
                let set = last.map(|(_, (slot, said))| match said {
                    Some(said) if !said.is_empty() => {
                        format!("{slot}: {}", quoted(&template(said)))
                    }
                    _ => format!("{slot}: null"),
                });
                let set: Vec<String> = set.collect();
                self.line(2, &format!("set: {{ {} }}", set.join(", ")));
                self.line(2, &format!("next: {next}"));
            }
            Kind::Count { slot, next } => {
                self.line(2, &format!("set: {{ {slot}: {{ add: 1 }} }}"));
                self.line(2, &format!("next: {next}"));
            }
            Kind::Post { url, slots, next } => {
                self.line(2, "api:");
                self.line(3, &format!("url: {}", quoted(url)));
                self.line(3, "method: post");
                if !slots.is_empty() {
                    let fields = slots.iter().map(|slot| format!("{slot}: \"{{{slot}}}\""));
                    let fields: Vec<String> = fields.collect();
                    self.line(3, &format!("body: {{ {} }}", fields.join(", ")));
                }
                let wait = self.stock("One moment, please.", "请稍等。");
                self.line(2, &format!("say: {}", quoted(wait)));
                self.line(2, &format!("next: {next}"));
                self.line(2, "error: person");
            }
            Kind::Person { say, skill } => {
                let skill = skill.as_deref().unwrap_or_default();
                self.line(2, format!("handoff: {skill}").trim_end());
                if !say.is_empty() {
                    self.said("say", say);
                }
            }
            Kind::End { say } if say.is_empty() => self.line(2, "end:"),
            Kind::End { say } => self.said("end", say),
        }
    }

    fn menu(&mut self, menu: &Menu) {
        self.said("ask", &menu.say);
        let hears = menu.choices.iter().any(|choice| !choice.words.is_empty());
        if !hears {
            self.line(2, "by: keys");
        }
        self.times(menu.timeout, None);
        self.line(2, "routes:");
        for choice in &menu.choices {
            self.route(choice);
        }
        self.ladders(&menu.say, &menu.failing, menu.falls_back_to.as_deref());
    }

    fn route(&mut self, choice: &Choice) {
        let keys = choice.keys.iter().filter_map(|keys| match keys {
            Keys::Exact(keys) => Some(quoted(keys)),
            Keys::Range(..) => None,
        });
        let keys: Vec<String> = keys.collect();
        let words: Vec<String> = choice
            .words
            .iter()
            .map(|word| quoted(&plain(word)))
            .collect();
        let key = match keys.is_empty() {
            true => String::new(),
            false => format!("key: [{}], ", keys.join(", ")),
        };
        let language = self.head.language;
        let words = words.join(", ");
        self.line(
            3,
            &format!("{}: {{ {key}{language}: [{words}] }}", choice.to),
        );
    }

    fn collect(&mut self, collect: &Collect) {
        self.said("collect", &collect.say);
        self.line(2, &format!("slot: {}", collect.slot));
        if is_secret(collect) {
            self.line(2, "sensitive: true");
        }
        if collect.keys_alone {
            self.line(2, "by: keys");
        }
        let language = self.head.language;
        match &collect.wanted {
            Wanted::Digits { min, max } if min == max => self.line(2, &format!("digits: {min}")),
            Wanted::Digits { min, max } => {
                self.line(2, &format!("digits: {{ min: {min}, max: {max} }}"));
            }
            Wanted::YesNo => self.line(2, "yes_no:"),
            Wanted::OneOf(listed) => {
                self.line(2, "one_of:");
                for (value, words, key) in listed {
                    let words: Vec<String> = words.iter().map(|w| quoted(&plain(w))).collect();
                    let key = key
                        .map(|key| format!("key: \"{key}\", "))
                        .unwrap_or_default();
                    let words = words.join(", ");
                    let value = quoted(value);
                    self.line(3, &format!("{value}: {{ {key}{language}: [{words}] }}"));
                }
            }
            Wanted::Grammar(file) => self.line(2, &format!("grammar: {}", quoted(file))),
        }
        self.times(collect.timeout, collect.inter_digit);
        self.line(2, &format!("next: {}", collect.next));
        self.ladders(&collect.say, &collect.failing, None);
    }

    fn times(&mut self, timeout: Option<u32>, inter_digit: Option<u32>) {
        if let Some(timeout) = timeout {
            self.line(2, &format!("timeout: {}ms", timeout.clamp(1_000, 120_000)));
        }
        if let Some(pause) = inter_digit {
            self.line(2, &format!("inter_digit: {}ms", pause.clamp(500, 20_000)));
        }
    }

    /// Without words of its own a failing turn repeats the question once.
    fn ladders(&mut self, say: &Said, failing: &Failing, end: Option<&str>) {
        let end = format!("then: {}", end.unwrap_or("person"));
        let mut no_input: Vec<String> = failing
            .no_input
            .iter()
            .map(|said| self.wording(said))
            .collect();
        if no_input.is_empty() {
            no_input.push(self.wording(say));
        }
        no_input.push(format!("{{ {end} }}"));
        self.line(2, &format!("no_input: [{}]", no_input.join(", ")));
        if !failing.no_match.is_empty() {
            let mut tries: Vec<String> = failing
                .no_match
                .iter()
                .map(|said| self.wording(said))
                .collect();
            tries.push(format!("{{ {end} }}"));
            self.line(2, &format!("no_match: [{}]", tries.join(", ")));
        }
    }

    fn said(&mut self, field: &str, said: &Said) {
        let wording = self.wording(said);
        self.line(2, &format!("{field}: {wording}"));
    }

    /// Texts and slots that follow each other are one text.
    fn wording(&self, said: &Said) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut text = Said::new();
        let flush = |text: &mut Said, parts: &mut Vec<String>| {
            let whole = template(text);
            if !whole.trim().is_empty() {
                parts.push(quoted(whole.trim()));
            }
            text.clear();
        };
        for piece in said {
            match piece {
                Piece::Text(_) | Piece::Slot(_) => text.push(piece.clone()),
                Piece::Sound(file) => match self.head.sounds.get(file) {
                    Some(here) => {
                        flush(&mut text, &mut parts);
                        parts.push(format!("{{ audio: {} }}", quoted(here)));
                    }
                    None => text.push(Piece::Text(super::model::words_of(file))),
                },
                Piece::Pause(millis) => {
                    flush(&mut text, &mut parts);
                    parts.push(format!("{{ pause: {}ms }}", (*millis).clamp(1, 10_000)));
                }
            }
        }
        flush(&mut text, &mut parts);
        match parts.as_slice() {
            [] => quoted(self.stock("Please choose.", "请选择。")),
            [one] => one.clone(),
            _ => format!("[{}]", parts.join(", ")),
        }
    }

    const fn stock(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.head.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

/// Braces mean slots, so those of the old text go.
fn template(said: &Said) -> String {
    let mut text = String::new();
    for piece in said {
        let part = match piece {
            Piece::Text(part) => part.replace(['{', '}'], " ").trim().to_owned(),
            Piece::Slot(slot) => format!("{{{slot}}}"),
            Piece::Sound(_) | Piece::Pause(_) => continue,
        };
        // Between words of English stands a blank, before a stop and within Chinese none.
        let parts = |c: char| c.is_ascii_alphanumeric() || matches!(c, '{' | '}' | '\'' | '"');
        let ends = text
            .chars()
            .last()
            .is_some_and(|c| parts(c) || c.is_ascii_punctuation());
        if ends && part.chars().next().is_some_and(parts) {
            text.push(' ');
        }
        text.push_str(&part);
    }
    text
}

/// Words of the old system hold no choices of ours.
fn plain(words: &str) -> String {
    words.replace(['(', ')', '[', ']', '|', '{', '}'], " ")
}

fn when(condition: &Condition) -> String {
    let slots: BTreeSet<&String> = condition.iter().map(|(slot, _)| slot).collect();
    let of_slot = slots.into_iter().map(|slot| {
        let tests: Vec<&Test> = condition
            .iter()
            .filter(|(s, _)| s == slot)
            .map(|(_, t)| t)
            .collect();
        // The readers make no condition of a plain value and more of the same slot.
        if let Some(values) = tests.iter().find_map(|test| match test {
            Test::Is(values) => Some(values),
            Test::IsNot(_) | Test::Filled(_) | Test::Number(..) => None,
        }) {
            return format!("{slot}: {}", list(values));
        }
        let tests = tests.into_iter().filter_map(|test| {
            Some(match test {
                Test::Is(_) => return None,
                Test::IsNot(values) => format!("not: {}", list(values)),
                Test::Filled(true) => "filled: yes".to_owned(),
                Test::Filled(false) => "filled: no".to_owned(),
                Test::Number(how, number) => format!("{how}: {number}"),
            })
        });
        format!("{slot}: {{ {} }}", tests.collect::<Vec<_>>().join(", "))
    });
    format!("{{ {} }}", of_slot.collect::<Vec<_>>().join(", "))
}

fn list(values: &[String]) -> String {
    match values {
        [one] => quoted(one),
        _ => {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("[{}]", values.join(", "))
        }
    }
}

/// A text in double quotes: JSON's are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
