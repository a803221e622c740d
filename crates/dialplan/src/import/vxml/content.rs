//! What is done one after the other: prompts, comparisons, ways on.

use super::super::model::{Kind, Origin, Said, name_of};
use super::super::person;
use super::super::xml::origin;
use super::conditions::{condition, literal, slot_of, value};
use super::speech::SPEAK;
use super::{DEPTH_MAX, Reader, Scene};
use roxmltree::Node;

/// Elements, and texts that hold something.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|child| {
        child.is_element()
            || child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty())
    })
}

impl<'a, 'i> Reader<'a, 'i, '_> {
    /// The place at which a list of things to do begins; behind it the call goes on at `next`.
    pub(super) fn fold(
        &mut self,
        list: &[Node<'a, 'i>],
        next: &str,
        scene: &Scene<'a, 'i>,
        depth: usize,
    ) -> String {
        let mut next = next.to_owned();
        // A form that has forgotten a value goes back for it.
        if let Some(clear) = list.iter().find(|node| node.tag_name().name() == "clear") {
            next = self.after_clear(*clear, scene).unwrap_or(next);
        }
        for node in list.iter().rev() {
            next = self.step(*node, next, scene, depth);
        }
        next
    }

    fn after_clear(&self, clear: Node<'a, 'i>, scene: &Scene<'a, 'i>) -> Option<String> {
        let names = clear.attribute("namelist").unwrap_or_default();
        let first = scene.items.iter().find(|(name, _)| {
            names.trim().is_empty() || names.split_whitespace().any(|cleared| cleared == name)
        });
        first.map(|(_, place)| place.clone())
    }

    fn step(
        &mut self,
        node: Node<'a, 'i>,
        next: String,
        scene: &Scene<'a, 'i>,
        depth: usize,
    ) -> String {
        let at = origin(&scene.file, node);
        let name = node.tag_name().name();
        if node.is_text() || SPEAK.contains(&name) {
            let said = self.said_of(&scene.file, node);
            if said.is_empty() {
                return next;
            }
            let whole = node.attribute("bargein") == Some("false");
            let hint = scene.dialog.attribute("id").unwrap_or("say");
            let play = Kind::Play {
                say: said,
                whole,
                next,
            };
            return self.model.add(&format!("{hint}_says"), &at, play);
        }
        match name {
            "if" if depth < DEPTH_MAX * 2 => self.branches(node, next, scene, depth),
            "goto" => self.goto(node, scene, &at),
            "submit" => self.submit(node, scene, &at),
            "transfer" => self.transfer(&scene.file, node, depth),
            "exit" | "disconnect" => {
                self.report.imported(&at, format!("<{name}> as an end"));
                self.end("end", &at)
            }
            "return" => self.returned(node, scene, &at),
            "throw" => match node.attribute("event") {
                Some(event) => self.thrown(scene, None, &at, event, depth),
                None => self.unknown(node, scene, &at),
            },
            "var" | "assign" | "clear" => self.assign(node, next, scene, &at),
            "reprompt" => next,
            "property" => {
                self.property(&scene.file, node);
                next
            }
            _ => {
                self.leave_out(&scene.file, node);
                next
            }
        }
    }

    /// Something that decides about the call and is not read: a person sees to it.
    fn unknown(&mut self, node: Node<'a, 'i>, scene: &Scene<'a, 'i>, at: &Origin) -> String {
        let attributes = node
            .attributes()
            .map(|a| format!(" {}=\"{}\"", a.name(), a.value()));
        let attributes: String = attributes.collect();
        let name = node.tag_name().name();
        self.report.changed(
            at,
            format!("<{name}{attributes}> is more than is read: a person is fetched"),
        );
        let hint = scene.dialog.attribute("id").unwrap_or("dialog");
        self.model.add(&format!("{hint}_person"), at, person())
    }

    /// `if`, and the `elseif` and `else` that part what stands in it.
    fn branches(
        &mut self,
        node: Node<'a, 'i>,
        next: String,
        scene: &Scene<'a, 'i>,
        depth: usize,
    ) -> String {
        let at = origin(&scene.file, node);
        let mut parts: Vec<(Node<'a, 'i>, Vec<Node<'a, 'i>>)> = vec![(node, Vec::new())];
        for child in children(node) {
            if matches!(child.tag_name().name(), "elseif" | "else") {
                parts.push((child, Vec::new()));
            } else if let Some((_, list)) = parts.last_mut() {
                list.push(child);
            }
        }
        let mut cases = Vec::new();
        let mut otherwise = next.clone();
        for (head, list) in parts {
            if head.tag_name().name() == "else" {
                otherwise = self.fold(&list, &next, scene, depth + 1);
                break;
            }
            let written = head.attribute("cond").unwrap_or_default();
            let Some(alternatives) = condition(written) else {
                otherwise = self.unknown(head, scene, &origin(&scene.file, head));
                break;
            };
            let to = self.fold(&list, &next, scene, depth + 1);
            self.report.imported(
                &origin(&scene.file, head),
                format!("the comparison {written}"),
            );
            cases.extend(alternatives.into_iter().map(|tests| (tests, to.clone())));
        }
        if cases.is_empty() {
            return otherwise;
        }
        let hint = scene.dialog.attribute("id").unwrap_or("dialog");
        let decide = Kind::Decide { cases, otherwise };
        self.model.add(&format!("{hint}_by"), &at, decide)
    }

    fn goto(&mut self, node: Node<'a, 'i>, scene: &Scene<'a, 'i>, at: &Origin) -> String {
        let next = node.attribute("next").map(str::to_owned);
        let next = next.or_else(|| node.attribute("expr").and_then(literal));
        if let Some(next) = next {
            self.report.imported(at, format!("the way to {next}"));
            return self.way(scene, at, &next);
        }
        let item = node.attribute("nextitem").map(str::to_owned);
        let item = item.or_else(|| node.attribute("expritem").and_then(literal));
        let place = item
            .as_ref()
            .and_then(|item| scene.items.iter().find(|(name, _)| name == item));
        match place {
            Some((item, place)) => {
                self.report.imported(at, format!("the way to item {item}"));
                place.clone()
            }
            None => self.unknown(node, scene, at),
        }
    }

    /// To a document that is among the files it is a way; else a back end is told.
    fn submit(&mut self, node: Node<'a, 'i>, scene: &Scene<'a, 'i>, at: &Origin) -> String {
        let next = node.attribute("next").map(str::to_owned);
        let Some(next) = next.or_else(|| node.attribute("expr").and_then(literal)) else {
            return self.unknown(node, scene, at);
        };
        if self.find(&scene.file, &next).is_some() {
            self.report
                .imported(at, format!("the way to {next}, with every value"));
            return self.way(scene, at, &next);
        }
        let host = next.split_once("://").map(|(_, host)| host);
        let is_whole = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?']));
        if !is_whole || !next.starts_with("http") || next.contains(['{', '}', ' ']) {
            return self.unknown(node, scene, at);
        }
        let names = node.attribute("namelist").unwrap_or_default();
        let names: Vec<String> = if names.trim().is_empty() {
            scene.items.iter().map(|(name, _)| name.clone()).collect()
        } else {
            names.split_whitespace().map(str::to_owned).collect()
        };
        let slots = names.iter().filter_map(|name| slot_of(name)).collect();
        self.report.changed(at, format!("{next} is asked; what its answer would have said is not known here, the call ends behind it"));
        let next_place = self.end("end", at);
        let post = Kind::Post {
            url: next,
            slots,
            next: next_place,
        };
        self.model.add("submit", at, post)
    }

    fn returned(&mut self, node: Node<'a, 'i>, scene: &Scene<'a, 'i>, at: &Origin) -> String {
        match (&scene.back, node.attribute("event")) {
            (Some(back), None) => {
                self.report.imported(at, "the return from a sub-dialog");
                back.clone()
            }
            _ => self.unknown(node, scene, at),
        }
    }

    fn assign(
        &mut self,
        node: Node<'a, 'i>,
        next: String,
        scene: &Scene<'a, 'i>,
        at: &Origin,
    ) -> String {
        let name = node.tag_name().name();
        let mut slots: Vec<(String, Option<Said>)> = Vec::new();
        if name == "clear" {
            let written = node.attribute("namelist").unwrap_or_default();
            let cleared: Vec<String> = if written.trim().is_empty() {
                scene.items.iter().map(|(name, _)| name.clone()).collect()
            } else {
                written.split_whitespace().map(str::to_owned).collect()
            };
            slots.extend(
                cleared
                    .iter()
                    .filter_map(|name| slot_of(name))
                    .map(|slot| (slot, None)),
            );
        } else {
            let slot = node.attribute("name").and_then(slot_of);
            let said = match node.attribute("expr") {
                Some(expr) => value(expr),
                None if name == "var" => return next,
                None => None,
            };
            let (Some(slot), Some(said)) = (slot, said) else {
                self.leave_out(&scene.file, node);
                return next;
            };
            slots.push((slot, Some(said)));
        }
        if slots.is_empty() {
            return next;
        }
        slots.retain(|(slot, _)| slot != "call_number");
        self.report.imported(at, format!("<{name}>"));
        let hint = scene.dialog.attribute("id").unwrap_or("start");
        self.model
            .add(&format!("{hint}_notes"), at, Kind::Set { slots, next })
    }

    /// The name of a form's item.
    pub(super) fn item_name(node: Node<'_, '_>, number: usize) -> String {
        let written = node.attribute("name").and_then(name_of);
        written.unwrap_or_else(|| format!("{}_{number}", node.tag_name().name()))
    }
}
