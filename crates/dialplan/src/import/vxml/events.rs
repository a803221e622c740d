//! What follows silence and words that fit nothing, and links that are heard everywhere.

use super::super::model::{Choice, Failing, Kind, Origin, Said};
use super::super::person;
use super::super::xml::origin;
use super::content::children;
use super::{Reader, Scene};
use crate::reading::is_transfer_address;
use roxmltree::Node;

/// Who said nothing that helps so often is given to a person.
const TRIES: usize = 2;
/// The most tries that old handlers may lead to.
const TRIES_MAX: usize = 5;
/// What leaves a handler for good.
const LEAVES: [&str; 7] = [
    "goto",
    "exit",
    "disconnect",
    "submit",
    "throw",
    "transfer",
    "return",
];

impl<'a, 'i> Reader<'a, 'i, '_> {
    /// The ladders of a question, of the handlers in force.
    fn ladder(
        &mut self,
        scene: &Scene<'a, 'i>,
        inner: Option<Node<'a, 'i>>,
        event: &str,
        say: &[Said],
    ) -> Vec<Said> {
        let scopes = self.scopes(scene, inner);
        let mut handlers: Vec<(usize, String, Node<'a, 'i>)> = Vec::new();
        for (file, scope) in &scopes {
            let here = scope.children().filter(|node| handles(*node, event));
            handlers = here
                .map(|node| {
                    let count = node.attribute("count").and_then(|n| n.parse().ok());
                    (count.unwrap_or(1usize).max(1), file.clone(), node)
                })
                .collect();
            if !handlers.is_empty() {
                break;
            }
        }
        if handlers.is_empty() {
            return Vec::new();
        }
        handlers.sort_by_key(|(count, _, _)| *count);
        let last = handlers
            .last()
            .map_or(1, |(count, _, _)| *count)
            .clamp(TRIES, TRIES_MAX);
        let mut tries = Vec::new();
        for number in 1..=last {
            let Some((_, file, handler)) = handlers.iter().rfind(|(count, _, _)| *count <= number)
            else {
                tries.push(say.get(number).or(say.last()).cloned().unwrap_or_default());
                continue;
            };
            let at = origin(file, *handler);
            let mut said = self.said_in(file, *handler);
            let leaves = handler
                .descendants()
                .find(|node| LEAVES.contains(&node.tag_name().name()));
            if let Some(leaves) = leaves {
                let how = leaves.tag_name().name();
                let words = if said.is_empty() {
                    ""
                } else {
                    ", and its words are said by nobody"
                };
                if self.told.insert((file.clone(), handler.range().start)) {
                    self.report.changed(&at, format!("<{how}> after {number} times {event}: a person is fetched instead{words}"));
                }
                return tries;
            }
            if handler
                .descendants()
                .any(|node| node.tag_name().name() == "reprompt")
                || said.is_empty()
            {
                said.extend(
                    say.get(number)
                        .or(say.last())
                        .into_iter()
                        .flatten()
                        .cloned(),
                );
            }
            if self.told.insert((file.clone(), handler.range().start)) {
                self.report
                    .imported(&at, format!("what is said after {event}"));
                for node in children(*handler) {
                    let name = node.tag_name().name();
                    if !matches!(
                        name,
                        "" | "prompt" | "audio" | "value" | "reprompt" | "break"
                    ) {
                        self.leave_out(file, node);
                    }
                }
            }
            tries.push(said);
        }
        tries
    }

    pub(super) fn failing(
        &mut self,
        scene: &Scene<'a, 'i>,
        inner: Option<Node<'a, 'i>>,
        say: &[Said],
    ) -> Failing {
        Failing {
            no_input: self.ladder(scene, inner, "noinput", say),
            no_match: self.ladder(scene, inner, "nomatch", say),
        }
    }

    /// Handlers of other events than silence and words that fit nothing.
    pub(super) fn other_handlers(&mut self, file: &str, scope: Node<'a, 'i>) {
        for node in scope.children().filter(Node::is_element) {
            let is_other = match node.tag_name().name() {
                "help" | "error" => true,
                "catch" => !handles(node, "noinput") && !handles(node, "nomatch"),
                _ => false,
            };
            // A handler of an event that the document throws itself is read where it is thrown.
            let events = node.attribute("event").unwrap_or_default();
            let thrown = self
                .roots
                .values()
                .flat_map(|root| root.descendants())
                .any(|thrown| {
                    let event = thrown.attribute("event").unwrap_or_default();
                    matches!(thrown.tag_name().name(), "throw" | "link" | "choice")
                        && !event.is_empty()
                        && events.split_whitespace().any(|name| name == event)
                });
            if is_other && !thrown {
                self.leave_out(file, node);
            }
        }
    }

    /// Where an event that is thrown leads.
    pub(super) fn thrown(
        &mut self,
        scene: &Scene<'a, 'i>,
        inner: Option<Node<'a, 'i>>,
        at: &Origin,
        event: &str,
        depth: usize,
    ) -> String {
        for (file, scope) in self.scopes(scene, inner) {
            let Some(handler) = scope.children().find(|node| handles(*node, event)) else {
                continue;
            };
            if depth > super::DEPTH_MAX {
                break;
            }
            let at = origin(&file, handler);
            // A handler that ends without leaving brings the caller back to the dialog.
            let back = scene.items.first().map(|(_, place)| place.clone());
            let key = (
                scene.file.clone(),
                scene.dialog.range().start,
                scene.back.clone(),
            );
            let back = back.or_else(|| self.places.get(&key).cloned());
            let next = back.unwrap_or_else(|| self.model.add("after_event", &at, person()));
            let content: Vec<_> = children(handler).collect();
            let scene = Scene {
                file: file.clone(),
                ..scene.clone()
            };
            self.report.imported(&at, format!("what follows '{event}'"));
            return self.fold(&content, &next, &scene, depth + 1);
        }
        self.report.changed(
            at,
            format!("event '{event}' is caught by nothing that is read: a person is fetched"),
        );
        self.model.add("event", at, person())
    }

    /// Ways that are open at every menu below.
    pub(super) fn links(&mut self, scene: &Scene<'a, 'i>) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (file, scope) in self.scopes(scene, None) {
            for link in scope
                .children()
                .filter(|node| node.tag_name().name() == "link")
            {
                let at = origin(&file, link);
                let linked = Scene {
                    file: file.clone(),
                    ..scene.clone()
                };
                let to = match (link.attribute("next"), link.attribute("event")) {
                    (Some(next), _) => self.way(&linked, &at, next),
                    (None, Some(event)) => self.thrown(scene, None, &at, event, 0),
                    (None, None) => {
                        self.leave_out(&file, link);
                        continue;
                    }
                };
                let mut choice = Self::choice(&at, to, "");
                self.keys_and_words(&file, link, &mut choice);
                self.report.changed(
                    &at,
                    "the link is heard at the menus in its reach, not while values are asked for",
                );
                if !choice.keys.is_empty() || !choice.words.is_empty() {
                    choices.push(choice);
                }
            }
        }
        choices
    }

    /// A person's place, for a transfer.
    pub(super) fn transfer(&mut self, file: &str, node: Node<'a, 'i>, depth: usize) -> String {
        let at = origin(file, node);
        let dest = node.attribute("dest").map(str::to_owned);
        let literal = node
            .attribute("destexpr")
            .and_then(super::conditions::literal);
        let skill = match dest.or(literal) {
            Some(dest) => {
                self.report
                    .imported(&at, format!("the transfer to '{dest}' as a handoff"));
                let number = dest.split(':').nth(1).unwrap_or(&dest);
                let skill =
                    super::super::model::name_of(number.split('@').next().unwrap_or(number));
                if is_transfer_address(&dest) {
                    self.model.transfers.push((at.clone(), dest));
                }
                skill
            }
            None => {
                self.report.changed(
                    &at,
                    "a transfer to a number that is reckoned: a handoff without a skill",
                );
                None
            }
        };
        for child in children(node).filter(|child| child.tag_name().name() == "filled") {
            self.leave_out(file, child);
        }
        let say = self.said_in(file, node);
        let hint = node.attribute("name").unwrap_or("transfer");
        let _ = depth;
        self.model.add(hint, &at, Kind::Person { say, skill })
    }
}

/// Whether an element handles an event.
fn handles(node: Node<'_, '_>, event: &str) -> bool {
    match node.tag_name().name() {
        "catch" => {
            let events = node.attribute("event").unwrap_or_default();
            events.split_whitespace().any(|name| name == event)
        }
        name => name == event && matches!(name, "noinput" | "nomatch" | "help" | "error"),
    }
}
