//! Prompts that wait for keys.

use super::super::model::{Choice, Failing, Keys, Kind, Menu, Piece, Said, words_of};
use super::super::xml::millis;
use super::lines::Step;
use super::{Reader, Spot};
use std::collections::BTreeSet;

/// How often a caller who fails is asked again.
const TRIES: usize = 2;

impl Reader<'_> {
    /// A menu that begins at a `Background` or a `WaitExten`.
    pub(super) fn menu(&mut self, name: &str, spot: &Spot, first: &Step) -> Kind {
        let mut say = Said::new();
        let mut timeout = None;
        let mut at = spot.clone();
        let mut waits = false;
        while let Some(step) = self.step(&at).cloned() {
            match step.app.as_str() {
                "background" => {
                    say.extend(
                        self.sounds(spot, step.arguments.first().map_or("", String::as_str)),
                    );
                    self.imported(&step);
                }
                "waitexten" => {
                    timeout = step
                        .arguments
                        .first()
                        .and_then(|seconds| millis(seconds, 1_000.0));
                    self.imported(&step);
                    waits = true;
                }
                "wait" if !waits => {
                    let pause = step
                        .arguments
                        .first()
                        .and_then(|seconds| millis(seconds, 1_000.0));
                    say.extend(pause.map(Piece::Pause));
                    self.imported(&step);
                }
                "noop" | "verbose" | "log" => self.imported(&step),
                _ => break,
            }
            at.index += 1;
            if waits {
                break;
            }
        }
        let choices = self.choices(&spot.context);
        if choices.is_empty() {
            // Nothing can be pressed: it is a prompt.
            let next = self.place(&at);
            return Kind::Play {
                say,
                whole: false,
                next,
            };
        }
        let failing = Failing {
            no_input: self.failing(name, spot, "t", &say),
            no_match: self.failing(name, spot, "i", &say),
        };
        if self.step(&at).is_some() && self.find(&spot.context, "t").is_none() {
            self.changed(first, "who pressed nothing went on to the next step; now they are asked again, and come to a person");
        }
        Kind::Menu(Menu {
            say,
            choices,
            failing,
            timeout,
            inter_digit: None,
            falls_back_to: None,
        })
    }

    /// What is said by the extension for silence or for keys that mean nothing, and the question again.
    fn failing(&mut self, name: &str, spot: &Spot, special: &str, say: &Said) -> Vec<Said> {
        let again = vec![say.clone(); TRIES];
        let Some((home, extension)) = self.find(&spot.context, special) else {
            return match special {
                "t" => again,
                _ => Vec::new(),
            };
        };
        let mut said = Said::new();
        let mut at = Spot {
            context: spot.context.clone(),
            home,
            extension,
            index: 0,
        };
        let mut is_back = false;
        while let Some(step) = self.step(&at).cloned() {
            match step.app.as_str() {
                "playback" | "background" => {
                    said.extend(
                        self.sounds(&at, step.arguments.first().map_or("", String::as_str)),
                    );
                    self.imported(&step);
                }
                "goto" => {
                    // Back to the question, or to what is said before it.
                    let target = self.target(&at, &step.arguments);
                    is_back = target.is_some_and(|to| to == name || self.is_before(&to, spot));
                    match is_back {
                        true => self.imported(&step),
                        false => {
                            self.changed(&step, "who fails is asked again, and comes to a person")
                        }
                    }
                    break;
                }
                "noop" | "verbose" | "wait" => self.imported(&step),
                _ => {
                    self.changed(&step, "who fails is asked again, and comes to a person");
                    break;
                }
            }
            at.index += 1;
        }
        let whole: Said = said.into_iter().chain(say.iter().cloned()).collect();
        vec![whole; if is_back { TRIES } else { 1 }]
    }

    /// Whether a place is a step of the same extension that comes before.
    fn is_before(&self, place: &str, spot: &Spot) -> bool {
        let found = self.places.iter().find(|(_, name)| *name == place);
        found.is_some_and(|(other, _)| {
            (&other.context, &other.extension) == (&spot.context, &spot.extension)
                && other.index <= spot.index
        })
    }

    /// What can be pressed in a context, its own extensions before those that it includes; single numbers
    /// before patterns.
    fn choices(&mut self, context: &str) -> Vec<Choice> {
        let mut seen = BTreeSet::new();
        let mut open = vec![context.to_owned()];
        let mut found: Vec<(bool, Choice)> = Vec::new();
        while let Some(home) = open.pop() {
            let Some(written) = self
                .written
                .contexts
                .get(&home)
                .cloned()
                .filter(|_| seen.insert(home.clone()))
            else {
                continue;
            };
            open.extend(written.includes.iter().rev().cloned());
            for (extension, steps) in &written.extensions {
                let Some(first) = steps.first() else { continue };
                let keys = match super::super::pattern::of_extension(extension) {
                    Some(keys) => keys,
                    None => {
                        if extension.starts_with('_') {
                            self.left_out(
                                first,
                                &format!("the keys of '{extension}' are no list of numbers"),
                            );
                        }
                        continue;
                    }
                };
                let to = self.place(&Spot {
                    context: context.to_owned(),
                    home: home.clone(),
                    extension: extension.clone(),
                    index: 0,
                });
                let choice = Choice {
                    keys,
                    words: Vec::new(),
                    label: label_of(steps),
                    to,
                    at: first.at.clone(),
                };
                found.push((extension.starts_with('_'), choice));
            }
        }
        found.sort_by_key(|(is_pattern, _)| *is_pattern);
        let mut taken = BTreeSet::new();
        let mut choices: Vec<Choice> = found.into_iter().map(|(_, choice)| choice).collect();
        for choice in &mut choices {
            // As with Asterisk, the number that is written out goes before the pattern that has it too.
            choice
                .keys
                .retain(|keys| matches!(keys, Keys::Range(..)) || taken.insert(keys.clone()));
        }
        choices.retain(|choice| !choice.keys.is_empty());
        choices
    }
}

/// What an extension is called: what its owner wrote behind it, else where it leads.
fn label_of(steps: &[Step]) -> String {
    if let Some(step) = steps.iter().find(|step| !step.comment.is_empty()) {
        return step.comment.clone();
    }
    let Some(step) = steps.iter().find(|step| !super::apps::is_idle(&step.app)) else {
        return String::new();
    };
    let first = step.arguments.first().map_or("", String::as_str);
    let name = match (step.app.as_str(), step.arguments.as_slice()) {
        ("goto", [_]) => "",
        ("goto" | "dial" | "queue" | "playback" | "background" | "voicemail", _) => {
            first.split(['&', '@']).next().unwrap_or_default()
        }
        _ => "",
    };
    match name.contains('$') {
        true => String::new(),
        false => words_of(name),
    }
}
