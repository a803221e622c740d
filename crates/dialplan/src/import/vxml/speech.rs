//! What is said: prompts, values, sounds.

use super::super::model::{Piece, Said};
use super::super::xml::{millis, origin};
use super::conditions::{literal, value};
use super::content::children;
use super::{DEPTH_MAX, Reader};
use roxmltree::Node;

/// The elements that say something.
pub(super) const SPEAK: [&str; 14] = [
    "prompt",
    "audio",
    "value",
    "break",
    "p",
    "s",
    "say-as",
    "emphasis",
    "prosody",
    "voice",
    "sub",
    "phoneme",
    "paragraph",
    "sentence",
];

impl<'a, 'i> Reader<'a, 'i, '_> {
    /// What an element says, of all prompts in it.
    pub(super) fn said_in(&mut self, file: &str, node: Node<'a, 'i>) -> Said {
        let mut said = Said::new();
        for child in children(node) {
            if child.is_text() || SPEAK.contains(&child.tag_name().name()) {
                said.extend(self.said_of(file, child));
            }
        }
        said
    }

    /// The prompts of a question for the first and for each later time.
    pub(super) fn prompts(&mut self, file: &str, node: Node<'a, 'i>) -> Vec<Said> {
        let count = |child: &Node<'_, '_>| {
            child
                .attribute("count")
                .and_then(|n| n.parse().ok())
                .unwrap_or(1usize)
        };
        let spoken: Vec<_> = children(node)
            .filter(|c| {
                SPEAK.contains(&c.tag_name().name())
                    || c.is_text() && node.tag_name().name() != "choice"
            })
            .collect();
        let last = spoken.iter().map(count).max().unwrap_or(1).min(5);
        let mut times: Vec<Said> = Vec::new();
        for number in 1..=last {
            let highest = spoken
                .iter()
                .map(count)
                .filter(|n| *n <= number)
                .max()
                .unwrap_or(1);
            let mut said = Said::new();
            for child in spoken.iter().filter(|child| count(child) == highest) {
                said.extend(self.said_of(file, *child));
            }
            times.push(said);
        }
        times
    }

    pub(super) fn said_of(&mut self, file: &str, node: Node<'a, 'i>) -> Said {
        let mut said = Said::new();
        self.speak(file, node, &mut said, 0);
        said
    }

    fn speak(&mut self, file: &str, node: Node<'a, 'i>, said: &mut Said, depth: usize) {
        if depth > DEPTH_MAX * 2 {
            self.leave_out(file, node);
            return;
        }
        if node.is_text() {
            let text = node.text().unwrap_or_default();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                said.push(Piece::Text(text));
            }
            return;
        }
        match node.tag_name().name() {
            "prompt" if node.attribute("cond").is_some() => self.leave_out(file, node),
            "value" => {
                let written = node.attribute("expr").unwrap_or_default();
                match value(written) {
                    Some(pieces) => said.extend(pieces),
                    None => self.leave_out(file, node),
                }
            }
            "break" => {
                let time = node.attribute("time").and_then(|t| millis(t, 1_000.0));
                said.push(Piece::Pause(time.unwrap_or(500)));
            }
            "audio" => self.audio(file, node, said, depth),
            "enumerate" => said.push(Piece::Text("{enumerate}".to_owned())),
            name if SPEAK.contains(&name) => {
                for child in children(node) {
                    self.speak(file, child, said, depth + 1);
                }
            }
            _ => self.leave_out(file, node),
        }
    }

    /// The file where it is named; what stands within is what is said without it.
    fn audio(&mut self, file: &str, node: Node<'a, 'i>, said: &mut Said, depth: usize) {
        let written = node.attribute("src").map(str::to_owned);
        let source = written.or_else(|| node.attribute("expr").and_then(literal));
        let mut instead = Said::new();
        for child in children(node) {
            self.speak(file, child, &mut instead, depth + 1);
        }
        match source {
            Some(source) if instead.is_empty() || self.import.at_hand(&source).is_some() => {
                said.push(Piece::Sound(source));
            }
            Some(source) => {
                let at = origin(file, node);
                if self.told.insert((file.to_owned(), node.range().start)) {
                    self.report.changed(
                        &at,
                        format!("the words for the sound '{source}' are spoken in its place"),
                    );
                }
                said.extend(instead);
            }
            None => {
                self.leave_out(file, node);
                said.extend(instead);
            }
        }
    }

    /// What stands in an element as plain words: a choice's phrase.
    pub(super) fn words_in(node: Node<'_, '_>) -> String {
        let texts = children(node).filter_map(|child| match child.tag_name().name() {
            "" => child.text().map(str::to_owned),
            "grammar" | "audio" => None,
            _ => Some(Self::words_of_text(child)),
        });
        let all = texts.collect::<Vec<_>>().join(" ");
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn words_of_text(node: Node<'_, '_>) -> String {
        let texts = node.descendants().filter(Node::is_text);
        texts
            .filter_map(|text| text.text())
            .collect::<Vec<_>>()
            .join(" ")
    }
}
