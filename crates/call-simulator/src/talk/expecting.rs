//! Whether what a script expects is so.

use super::ear::is_han;
use super::script::{Expected, is_at};
use super::seen::{Seen, Spoken};
use super::shell::{Shell, words};
use call_model::{Language, PromptText};
use spoken_text::{normalise, read_digits};

/// So many things that were so instead are told.
const TOLD: usize = 6;

/// How a call stands: one in virtual time, or one of a journal.
pub(super) trait Standing {
    /// What has happened since the caller last did something.
    fn seen(&self) -> &Seen;
    /// The language it goes on in.
    fn language(&self) -> Language;
    /// What a slot holds; empty where nothing fills it.
    fn slot(&self, name: &str) -> String;
    /// Where it stands, in words.
    fn whereabouts(&self) -> String;
}

impl Expected {
    /// Lets happen what happens of itself until it is so; else what is so instead.
    pub(super) fn awaited(&self, shell: &mut Shell<'_>) -> Result<(), String> {
        // What a slot holds in the end counts, not what it held on the way.
        if matches!(self, Self::Slot { .. } | Self::Language(_)) {
            shell.settle();
        }
        loop {
            if self.holds(shell) {
                return Ok(());
            }
            if !shell.step() {
                return Err(self.instead(shell));
            }
        }
    }

    /// Whether it is so.
    pub(super) fn holds(&self, call: &impl Standing) -> bool {
        let seen = call.seen();
        match self {
            Self::Bot { node, words } => seen.spoken.iter().any(|spoken| {
                let is_there = node.as_deref().is_none_or(|node| is_at(&spoken.node, node));
                is_there
                    && words
                        .as_deref()
                        .is_none_or(|words| says(&spoken.text, words))
            }),
            Self::Slot { name, value } => call.slot(name) == value.as_deref().unwrap_or_default(),
            Self::Decides { name, about } => seen.has_decided(name, about.as_deref()),
            Self::Person(reason) => seen.has_escalated(*reason),
            Self::Callback => seen.is_callback_booked,
            Self::End => seen.is_hung_up,
            Self::Node(name) => seen.has_entered(name),
            Self::Language(language) => call.language() == *language,
        }
    }

    /// What is so instead, for whoever wrote the script.
    pub(super) fn instead(&self, call: &impl Standing) -> String {
        let seen = call.seen();
        let (what, told): (&str, Vec<String>) = match self {
            Self::Bot { .. } => ("the bot said", seen.spoken.iter().map(told).collect()),
            Self::Slot { name, .. } => {
                return match call.slot(name).as_str() {
                    "" => format!("slot {name} is empty"),
                    value => format!("slot {name} = {value}"),
                };
            }
            Self::Language(_) => return format!("language {}", call.language()),
            Self::Node(_) => ("the call came to", seen.entered.clone()),
            Self::Decides { .. } | Self::Person(_) | Self::Callback | Self::End => {
                ("it was decided", seen.decisions().collect())
            }
        };
        let place = call.whereabouts();
        if told.is_empty() {
            return format!("nothing: {place}");
        }
        let from = told.len().saturating_sub(TOLD);
        format!("{what}\n  {}\n{place}", told[from..].join("\n  "))
    }
}

fn told(spoken: &Spoken) -> String {
    format!("{}: \"{}\"", spoken.node, words(&spoken.text))
}

/// Whether a prompt holds these words, figures also as they are read out.
pub(super) fn says(text: &PromptText, wanted: &str) -> bool {
    let language = text.language;
    let said = bare(&words(text), language);
    let wanted = bare(wanted, language);
    said.contains(&wanted) || said.contains(&bare(&read_out(&wanted, language), language))
}

/// As it is compared: one normaliser, and no spaces in Chinese.
fn bare(text: &str, language: Language) -> String {
    let text = normalise(text, language);
    match text.chars().any(is_han) {
        true => text.split_whitespace().collect(),
        false => text,
    }
}

/// Each run of figures digit by digit.
fn read_out(text: &str, language: Language) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, figures) = rest.split_at(from);
        let to = figures.find(|c: char| !c.is_ascii_digit());
        let (figures, after) = figures.split_at(to.unwrap_or(figures.len()));
        out.push_str(before);
        out.push_str(&read_digits(figures, language));
        rest = after;
    }
    out + rest
}
