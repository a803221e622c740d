//! Forms: items one after the other, as the form interpretation algorithm visits them
//! when nothing but the form's own order decides.

use super::super::model::Kind;
use super::super::person;
use super::super::xml::origin;
use super::conditions::{condition, slot_of, value};
use super::content::children;
use super::{DEPTH_MAX, Reader, Scene};
use roxmltree::Node;

impl<'a, 'i> Reader<'a, 'i, '_> {
    pub(super) fn form(&mut self, place: &str, mut scene: Scene<'a, 'i>) {
        let form = scene.dialog;
        let at = origin(&scene.file, form);
        let is_item = |node: &Node<'_, '_>| {
            matches!(
                node.tag_name().name(),
                "block" | "field" | "subdialog" | "transfer"
            )
        };
        let items: Vec<Node<'a, 'i>> = form.children().filter(is_item).collect();
        for (node, number) in items.iter().zip(1..) {
            let name = Self::item_name(*node, number);
            let hint = node
                .attribute("name")
                .map_or_else(|| format!("{place}_{number}"), str::to_owned);
            let item = self.model.name(&hint);
            scene.items.push((name, item));
        }
        for child in form.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "block" | "field" | "subdialog" | "transfer" | "var" | "filled" | "link"
                | "noinput" | "nomatch" | "catch" | "help" | "error" => {}
                "property" => self.property(&scene.file, child),
                _ => self.leave_out(&scene.file, child),
            }
        }
        self.other_handlers(&scene.file, form);
        self.report
            .imported(&at, format!("form '{place}' with {} items", items.len()));
        let mut next = self.end(&format!("{place}_end"), &at);
        let last_field = items
            .iter()
            .rposition(|node| node.tag_name().name() == "field");
        let filled: Vec<Node<'a, 'i>> = form
            .children()
            .filter(|n| n.tag_name().name() == "filled")
            .collect();
        for (index, node) in items.iter().enumerate().rev() {
            if Some(index) == last_field {
                let together: Vec<Node<'a, 'i>> =
                    filled.iter().flat_map(|node| children(*node)).collect();
                next = self.fold(&together, &next, &scene, 0);
            }
            next = self.item(*node, index, &next, &scene);
        }
        let vars: Vec<Node<'a, 'i>> = form
            .children()
            .filter(|n| n.tag_name().name() == "var")
            .collect();
        let next = self.fold(&vars, &next, &scene, 0);
        // The dialog's own place leads to its first item.
        self.model.put(
            place,
            &at,
            Kind::Play {
                say: Vec::new(),
                whole: false,
                next,
            },
        );
    }

    /// One item at its place, with its condition before it.
    fn item(
        &mut self,
        node: Node<'a, 'i>,
        index: usize,
        next: &str,
        scene: &Scene<'a, 'i>,
    ) -> String {
        let at = origin(&scene.file, node);
        let Some((name, place)) = scene.items.get(index).cloned() else {
            return next.to_owned();
        };
        if node.attribute("expr").is_some() {
            self.leave_out(&scene.file, node);
            return self.through(&place, next, &at);
        }
        let Some(written) = node.attribute("cond") else {
            self.content_of(node, &name, &place, next, scene);
            return place;
        };
        let inner = self.model.name(&format!("{place}_then"));
        let (cases, otherwise) = match condition(written) {
            Some(alternatives) => {
                let to = inner.clone();
                (
                    alternatives
                        .into_iter()
                        .map(|tests| (tests, to.clone()))
                        .collect(),
                    next.to_owned(),
                )
            }
            None => {
                self.report.changed(
                    &at,
                    format!(
                        "the condition {written} is more than a comparison: a person is fetched"
                    ),
                );
                self.model.put(&place, &at, person());
                return place;
            }
        };
        self.content_of(node, &name, &inner, next, scene);
        self.model
            .put(&place, &at, Kind::Decide { cases, otherwise });
        place
    }

    /// A place that does nothing and leads on.
    fn through(&mut self, place: &str, next: &str, at: &super::Origin) -> String {
        let (say, whole, next) = (Vec::new(), false, next.to_owned());
        self.model.put(place, at, Kind::Play { say, whole, next });
        place.to_owned()
    }

    fn content_of(
        &mut self,
        node: Node<'a, 'i>,
        name: &str,
        place: &str,
        next: &str,
        scene: &Scene<'a, 'i>,
    ) {
        let at = origin(&scene.file, node);
        match node.tag_name().name() {
            "field" => {
                let filled = node.children().filter(|n| n.tag_name().name() == "filled");
                let filled: Vec<Node<'a, 'i>> = filled.flat_map(children).collect();
                let next = self.fold(&filled, next, scene, 0);
                self.field(place, node, name, &next, scene);
            }
            "transfer" => {
                let to = self.transfer(&scene.file, node, 0);
                self.through(place, &to, &at);
            }
            "subdialog" => {
                let to = self.subdialog(node, next, scene);
                self.through(place, &to, &at);
            }
            _ => {
                let content: Vec<Node<'a, 'i>> = children(node).collect();
                let to = self.fold(&content, next, scene, 0);
                self.through(place, &to, &at);
            }
        }
    }

    /// The other dialog's places once more, leading back here.
    fn subdialog(&mut self, node: Node<'a, 'i>, next: &str, scene: &Scene<'a, 'i>) -> String {
        let at = origin(&scene.file, node);
        let filled = node.children().filter(|n| n.tag_name().name() == "filled");
        let filled: Vec<Node<'a, 'i>> = filled.flat_map(children).collect();
        let back = self.fold(&filled, next, scene, 0);
        let uri = node.attribute("src").map(str::to_owned);
        let uri = uri.or_else(|| {
            node.attribute("srcexpr")
                .and_then(super::conditions::literal)
        });
        let found = uri.as_ref().and_then(|uri| self.find(&scene.file, uri));
        let Some((file, dialog)) =
            found.filter(|_| scene.depth < DEPTH_MAX && !self.model.is_full())
        else {
            let uri = uri.unwrap_or_default();
            self.report.changed(&at, format!("sub-dialog '{uri}' is in none of the files, or calls itself: a person is fetched"));
            return self.model.add("subdialog", &at, person());
        };
        self.report.imported(
            &at,
            "the sub-dialog, as places of its own; its values are slots of the call",
        );
        let mut to = self.dialog(&file, dialog, Some(back), scene.depth + 1);
        let mut slots = Vec::new();
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "filled" => {}
                "param" => {
                    let slot = child.attribute("name").and_then(slot_of);
                    let is_set_there = dialog.children().any(|var| {
                        var.tag_name().name() == "var"
                            && var.attribute("expr").is_some()
                            && var.attribute("name") == child.attribute("name")
                    });
                    if is_set_there {
                        let told =
                            "the sub-dialog's own first value for a parameter takes its place";
                        self.report.changed(&origin(&scene.file, child), told);
                    }
                    let said = child.attribute("expr").and_then(value);
                    let said = said.or_else(|| {
                        let plain = child.attribute("value")?.to_owned();
                        Some(vec![super::super::model::Piece::Text(plain)])
                    });
                    match (slot, said) {
                        (Some(slot), Some(said)) => slots.push((slot, Some(said))),
                        _ => self.leave_out(&scene.file, child),
                    }
                }
                _ => self.leave_out(&scene.file, child),
            }
        }
        if !slots.is_empty() {
            to = self.model.add("with", &at, Kind::Set { slots, next: to });
        }
        to
    }
}
