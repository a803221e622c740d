//! The lines of an `extensions.conf`: contexts, extensions and their steps.

use super::super::model::Origin;
use super::super::report::ImportReport;
use std::collections::BTreeMap;

/// One step of an extension.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub at: Origin,
    pub priority: u32,
    pub label: Option<String>,
    /// The application, in small letters.
    pub app: String,
    /// As it is written.
    pub written: String,
    pub arguments: Vec<String>,
    /// What its owner wrote behind it.
    pub comment: String,
}

/// What stands below one `[name]`.
#[derive(Clone, Default, Debug)]
pub(super) struct Context {
    /// Extensions in the order of the file, each with its steps by priority.
    pub extensions: Vec<(String, Vec<Step>)>,
    /// Contexts whose extensions are looked up here too.
    pub includes: Vec<String>,
}

impl Context {
    pub(super) fn steps(&self, extension: &str) -> Option<&Vec<Step>> {
        let found = self.extensions.iter().find(|(name, _)| name == extension);
        found.map(|(_, steps)| steps)
    }
}

/// Everything that is written.
#[derive(Default, Debug)]
pub(super) struct Written {
    /// Contexts by name.
    pub contexts: BTreeMap<String, Context>,
    /// Their names as they stand.
    pub order: Vec<String>,
    /// Variables of `[globals]`.
    pub globals: BTreeMap<String, String>,
}

/// Reads all files as one.
pub(super) fn read(texts: &[(String, String)], report: &mut ImportReport) -> Written {
    let mut reading = Reading {
        written: Written::default(),
        section: String::new(),
        extension: None,
        report,
    };
    for (file, text) in texts {
        reading.extension = None;
        let mut in_comment = false;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let at = Origin {
                file: file.clone(),
                line: number,
            };
            let line = without_blocks(line, &mut in_comment);
            let (line, comment) = parted_comment(&line);
            reading.line(&at, line.trim(), comment.trim());
        }
    }
    for context in reading.written.contexts.values_mut() {
        for (_, steps) in &mut context.extensions {
            steps.sort_by_key(|step| step.priority);
        }
    }
    reading.written
}

struct Reading<'r> {
    written: Written,
    section: String,
    extension: Option<(String, u32)>,
    report: &'r mut ImportReport,
}

impl Reading<'_> {
    fn line(&mut self, at: &Origin, line: &str, comment: &str) {
        if line.is_empty() {
            return;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.split(']').next().unwrap_or_default().trim();
            name.clone_into(&mut self.section);
            self.extension = None;
            let is_context = !matches!(name, "general" | "globals");
            if is_context && !self.written.contexts.contains_key(name) {
                self.written.order.push(name.to_owned());
                self.written
                    .contexts
                    .insert(name.to_owned(), Context::default());
            }
            return;
        }
        let Some((key, value)) = line.split_once('=') else {
            self.report.left_out(at, format!("'{line}'"));
            return;
        };
        let key = key.trim();
        let value = value.strip_prefix('>').unwrap_or(value).trim();
        if self.section == "globals" {
            self.report.imported(at, format!("the variable {key}"));
            let value = value.trim_matches('"').to_owned();
            self.written.globals.insert(key.to_owned(), value);
            return;
        }
        let Some(context) = self.written.contexts.get_mut(&self.section) else {
            self.report.left_out(at, format!("'{line}'"));
            return;
        };
        match key.to_ascii_lowercase().as_str() {
            "exten" => self.exten(at, value, comment),
            "same" => match self.extension.clone() {
                Some((extension, _)) => self.step(at, &extension, value, comment),
                None => self
                    .report
                    .left_out(at, format!("'{line}': no extension stands before it")),
            },
            "include" => {
                let mut parts = value.split(',');
                let name = parts.next().unwrap_or_default().trim();
                let times: Vec<&str> = parts.map(str::trim).collect();
                if times.is_empty() {
                    self.report
                        .imported(at, format!("the extensions of '{name}' too"));
                } else {
                    let told = format!(
                        "the extensions of '{name}' are here at any time, not only {}",
                        times.join(", ")
                    );
                    self.report.changed(at, told);
                }
                context.includes.push(name.to_owned());
            }
            _ => self.report.left_out(at, format!("'{line}'")),
        }
    }

    fn exten(&mut self, at: &Origin, value: &str, comment: &str) {
        let Some((extension, step)) = value.split_once(',') else {
            self.report
                .left_out(at, format!("'{value}': it has no step"));
            return;
        };
        let (extension, caller) = match extension.split_once('/') {
            Some((extension, caller)) => (extension.trim(), Some(caller.trim())),
            None => (extension.trim(), None),
        };
        if let Some(caller) = caller {
            self.extension = None;
            self.report
                .left_out(at, format!("{extension} for callers from '{caller}' alone"));
            return;
        }
        if self
            .extension
            .as_ref()
            .is_none_or(|(before, _)| before != extension)
        {
            let last = self.last_priority(extension);
            self.extension = Some((extension.to_owned(), last));
        }
        self.step(at, extension, step, comment);
    }

    fn last_priority(&self, extension: &str) -> u32 {
        let context = self.written.contexts.get(&self.section);
        let steps = context.and_then(|context| context.steps(extension));
        steps
            .and_then(|steps| steps.last())
            .map_or(0, |step| step.priority)
    }

    /// `n(label),Application(arguments)`
    fn step(&mut self, at: &Origin, extension: &str, value: &str, comment: &str) {
        let Some((place, action)) = value.split_once(',') else {
            self.report
                .left_out(at, format!("'{value}': it has no application"));
            return;
        };
        let (priority, label) = match place.split_once('(') {
            Some((priority, label)) => (
                priority,
                Some(label.trim_end().trim_end_matches(')').trim()),
            ),
            None => (place, None),
        };
        let before = self.extension.as_ref().map_or(0, |(_, before)| *before);
        let priority = match priority.trim() {
            "n" => before.saturating_add(1),
            "s" => before,
            number => match number.parse() {
                Ok(number) => number,
                Err(_) => {
                    self.report.left_out(at, format!("{extension},{number}"));
                    return;
                }
            },
        };
        self.extension = Some((extension.to_owned(), priority));
        let (app, arguments) = call(action.trim());
        let step = Step {
            at: at.clone(),
            priority,
            label: label.map(str::to_owned),
            app: app.to_ascii_lowercase(),
            written: action.trim().to_owned(),
            arguments,
            comment: comment.to_owned(),
        };
        let Some(context) = self.written.contexts.get_mut(&self.section) else {
            return;
        };
        let index = context
            .extensions
            .iter()
            .position(|(name, _)| name == extension);
        let steps = match index {
            Some(index) => &mut context.extensions[index].1,
            None => {
                context.extensions.push((extension.to_owned(), Vec::new()));
                let last = context.extensions.len() - 1;
                &mut context.extensions[last].1
            }
        };
        if steps.iter().any(|other| other.priority == priority) {
            self.report.left_out(
                at,
                format!("{extension},{priority}: another step of this number stands before"),
            );
            return;
        }
        steps.push(step);
    }
}

/// `Application(a,b)`, or `Application,a,b` of older files.
fn call(action: &str) -> (&str, Vec<String>) {
    match action.split_once('(') {
        Some((app, rest)) if !app.contains(',') => {
            let rest = rest.trim_end();
            (
                app.trim(),
                arguments(rest.strip_suffix(')').unwrap_or(rest)),
            )
        }
        _ => match action.split_once(',') {
            Some((app, rest)) => (app.trim(), arguments(rest)),
            None => (action.trim(), Vec::new()),
        },
    }
}

/// Parted at commas outside quotes and brackets.
pub(super) fn arguments(text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let mut parts = vec![String::new()];
    let (mut depth, mut is_quoted) = (0usize, false);
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '(' | '[' | '{' if !is_quoted => depth += 1,
            ')' | ']' | '}' if !is_quoted => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !is_quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// Without what stands between `;--` and `--;`.
fn without_blocks(line: &str, in_comment: &mut bool) -> String {
    let mut kept = String::new();
    let mut rest = line;
    loop {
        if *in_comment {
            let Some((_, after)) = rest.split_once("--;") else {
                return kept;
            };
            *in_comment = false;
            rest = after;
        }
        match rest.split_once(";--") {
            // `;---` draws a line.
            Some((before, after)) if !after.starts_with('-') => {
                kept.push_str(before);
                *in_comment = true;
                rest = after;
            }
            _ => {
                kept.push_str(rest);
                return kept;
            }
        }
    }
}

/// What stands before a `;` that is not written `\;`, and what behind it.
fn parted_comment(line: &str) -> (String, String) {
    let mut before = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next) if ";,".contains(next) => before.push(next),
                Some(next) => before.extend([c, next]),
                None => before.push(c),
            },
            ';' => {
                return (
                    before,
                    chars.collect::<String>().trim_start_matches(';').to_owned(),
                );
            }
            _ => before.push(c),
        }
    }
    (before, String::new())
}
