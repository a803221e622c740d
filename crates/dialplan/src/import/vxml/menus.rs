//! Menus: choices by keys and words.

use super::super::model::{Choice, Keys, Kind, Menu, Piece, Said};
use super::super::person;
use super::super::xml::origin;
use super::content::children;
use super::grammars::Grammar;
use super::{Reader, Scene};
use call_model::Language;
use roxmltree::Node;

impl<'a, 'i> Reader<'a, 'i, '_> {
    pub(super) fn menu(&mut self, place: &str, scene: &Scene<'a, 'i>) {
        let node = scene.dialog;
        let at = origin(&scene.file, node);
        let mut choices = Vec::new();
        let mut number = 0u32;
        for choice in node.children().filter(|n| n.tag_name().name() == "choice") {
            let mut made = self.choice_of(scene, choice);
            let has_keys = made.as_ref().is_some_and(|made| !made.keys.is_empty());
            if !has_keys
                && node.attribute("dtmf") == Some("true")
                && choice.attribute("dtmf").is_none()
            {
                number += 1;
                if let Some(made) = made.as_mut().filter(|_| number <= 9) {
                    made.keys.push(Keys::Exact(number.to_string()));
                }
            }
            choices.extend(made);
        }
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "choice" | "prompt" | "audio" | "value" | "enumerate" | "noinput" | "nomatch"
                | "catch" | "help" | "error" | "link" => {}
                "property" => self.property(&scene.file, child),
                _ => self.leave_out(&scene.file, child),
            }
        }
        self.other_handlers(&scene.file, node);
        let listed = self.enumerated(&choices);
        let mut prompts = self.prompts(&scene.file, node);
        for said in &mut prompts {
            enumerate(said, &listed);
        }
        let scopes = self.scopes(scene, None);
        let mut failing = self.failing(scene, None, &prompts);
        for said in failing.no_input.iter_mut().chain(&mut failing.no_match) {
            enumerate(said, &listed);
        }
        choices.extend(self.links(scene));
        let say = prompts.first().cloned().unwrap_or_default();
        if choices.is_empty() {
            self.report.changed(
                &at,
                "a menu without choices that can be kept leads to a person",
            );
            let next = self.model.add(&format!("{place}_person"), &at, person());
            self.model.put(
                place,
                &at,
                Kind::Play {
                    say,
                    whole: false,
                    next,
                },
            );
            return;
        }
        self.report.imported(
            &at,
            format!("menu '{place}' with {} choices", choices.len()),
        );
        let menu = Menu {
            say,
            choices,
            failing,
            timeout: self.property_of(&scopes, "timeout"),
            inter_digit: self.property_of(&scopes, "interdigittimeout"),
            falls_back_to: None,
        };
        self.model.put(place, &at, Kind::Menu(menu));
    }

    fn choice_of(&mut self, scene: &Scene<'a, 'i>, node: Node<'a, 'i>) -> Option<Choice> {
        let at = origin(&scene.file, node);
        let next = node.attribute("next").map(str::to_owned);
        let next = next.or_else(|| node.attribute("expr").and_then(super::conditions::literal));
        let to = match (next, node.attribute("event")) {
            (Some(next), _) => self.way(scene, &at, &next),
            (None, Some(event)) => self.thrown(scene, None, &at, event, 0),
            (None, None) => {
                self.leave_out(&scene.file, node);
                return None;
            }
        };
        let words = Self::words_in(node);
        let mut choice = Self::choice(&at, to, &words);
        self.keys_and_words(&scene.file, node, &mut choice);
        let accept = node
            .attribute("accept")
            .or_else(|| scene.dialog.attribute("accept"));
        let has_grammar = children(node).any(|n| n.tag_name().name() == "grammar");
        if !words.is_empty() && (!has_grammar || choice.words.is_empty()) {
            choice.words.push(words.clone());
            // An approximate choice takes any run of its words; parts of a phrase are understood as they are.
            if accept == Some("approximate") && words.split_whitespace().count() > 2 {
                self.report.changed(
                    &at,
                    format!(
                        "'{words}' is understood where most of its words are said, not any of them"
                    ),
                );
            }
        }
        let pressed = node.attribute("dtmf").unwrap_or("no key");
        self.report.imported(
            &at,
            format!("choice '{words}' ({pressed}) to '{}'", choice.to),
        );
        Some(choice)
    }

    /// `dtmf` and grammars of a choice or a link.
    pub(super) fn keys_and_words(&mut self, file: &str, node: Node<'a, 'i>, choice: &mut Choice) {
        let pressed: String = node
            .attribute("dtmf")
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        if !pressed.is_empty() {
            self.take_keys(file, node, &pressed, choice);
        }
        for grammar in children(node).filter(|n| n.tag_name().name() == "grammar") {
            match self.grammar(file, grammar) {
                Some(Grammar::Listed(listed)) => {
                    let words = listed.into_iter().flat_map(|(_, phrases)| phrases);
                    choice.words.extend(words.filter(|words| !words.is_empty()));
                }
                Some(Grammar::Keys(keys)) => {
                    for (_, pressed) in keys {
                        self.take_keys(file, grammar, &pressed, choice);
                    }
                }
                Some(Grammar::Free(text)) => {
                    // A phrase of choices is written out; what stands for too many is told.
                    match super::grammars::few(&text, self.language) {
                        Some(words) => choice.words.extend(words),
                        None => self.leave_out(file, grammar),
                    }
                }
                Some(Grammar::Digits { .. }) => self.leave_out(file, grammar),
                None => {}
            }
        }
    }

    fn take_keys(&mut self, file: &str, node: Node<'a, 'i>, pressed: &str, choice: &mut Choice) {
        let is_keys = !pressed.is_empty()
            && pressed.len() <= 32
            && pressed
                .chars()
                .all(|c| c.is_ascii_digit() || c == '*' || c == '#');
        if is_keys {
            choice.keys.push(Keys::Exact(pressed.to_owned()));
        } else {
            self.report
                .left_out(&origin(file, node), format!("keys '{pressed}'"));
        }
    }

    /// `For cards, press 1.` of every choice that has a key.
    fn enumerated(&self, choices: &[Choice]) -> String {
        let one = |choice: &Choice| {
            let words = choice.words.first().unwrap_or(&choice.label);
            let Some(Keys::Exact(key)) = choice.keys.first() else {
                return format!("{words}.");
            };
            match self.language {
                Language::En => format!("For {words}, press {key}."),
                Language::Zh => format!("{words}请按{key}。"),
            }
        };
        choices.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

fn enumerate(said: &mut Said, listed: &str) {
    for piece in said {
        if let Piece::Text(text) = piece
            && text == "{enumerate}"
        {
            listed.clone_into(text);
        }
    }
}
