//! VoiceXML 2.1: menus, forms, and what leads between them.

mod conditions;
mod content;
mod events;
mod fields;
mod forms;
mod grammars;
mod menus;
mod speech;

use super::model::{Choice, Kind, Model, Origin};
use super::report::ImportReport;
use super::xml::{origin, parsed};
use super::{Import, fault, person};
use crate::Problem;
use call_model::Language;
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// How deep sub-dialogs may call each other, and content may nest.
const DEPTH_MAX: usize = 8;

/// The documents by their paths, and the other texts (grammars).
pub(super) fn read(import: &Import, report: &mut ImportReport) -> Result<Model, Vec<Problem>> {
    let texts = &import.texts;
    let is_xml = |(_, text): &&(String, String)| {
        text.trim_start_matches('\u{feff}')
            .trim_start()
            .starts_with('<')
    };
    let documents: Vec<(String, String)> = texts.iter().filter(is_xml).cloned().collect();
    let files = parsed(&documents)?;
    let roots: BTreeMap<String, Node<'_, '_>> = files
        .iter()
        .map(|(file, document)| ((*file).to_owned(), document.root_element()))
        .collect();
    let first = files.iter().find(|(_, document)| {
        let root = document.root_element();
        root.tag_name().name() == "vxml" && dialogs(root).next().is_some()
    });
    let Some((first, _)) = first else {
        let file = texts
            .first()
            .map(|(file, _)| file.clone())
            .unwrap_or_default();
        let at = Origin { file, line: 1 };
        let remedy = "give it a file whose root is '<vxml>'";
        return Err(vec![fault(
            &at,
            1,
            "no menu and no form stands in these files".to_owned(),
            remedy,
        )]);
    };
    let plain: BTreeMap<String, String> =
        texts.iter().filter(|text| !is_xml(text)).cloned().collect();
    let mut reader = Reader {
        model: Model::default(),
        report,
        import,
        language: import.language,
        roots,
        plain,
        places: BTreeMap::new(),
        waiting: Vec::new(),
        told: BTreeSet::new(),
    };
    reader.begin(first);
    Ok(reader.model)
}

/// What is read, and what has been found so far.
struct Reader<'a, 'i, 'r> {
    model: Model,
    report: &'r mut ImportReport,
    import: &'r Import,
    language: Language,
    /// The root element of each XML file.
    roots: BTreeMap<String, Node<'a, 'i>>,
    /// Files that are no XML: JSGF.
    plain: BTreeMap<String, String>,
    /// The places of dialogs: file, the dialog's position, and where a sub-dialog leads back to.
    places: BTreeMap<(String, usize, Option<String>), String>,
    /// Dialogs that have a place and are not read yet.
    waiting: Vec<(String, Scene<'a, 'i>)>,
    /// Elements that were told of, by file and position.
    told: BTreeSet<(String, usize)>,
}

/// The dialog that is read.
#[derive(Clone)]
struct Scene<'a, 'i> {
    file: String,
    dialog: Node<'a, 'i>,
    /// Where `return` leads, of a sub-dialog.
    back: Option<String>,
    /// How many sub-dialogs it lies in.
    depth: usize,
    /// The places of a form's items, by name and in order.
    items: Vec<(String, String)>,
}

fn dialogs<'a, 'i>(root: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    root.children()
        .filter(|n| matches!(n.tag_name().name(), "form" | "menu"))
}

impl<'a, 'i> Reader<'a, 'i, '_> {
    fn begin(&mut self, file: &str) {
        let Some(root) = self.roots.get(file).copied() else {
            return;
        };
        let Some(dialog) = dialogs(root).next() else {
            return;
        };
        let at = origin(file, root);
        let start = self.dialog(file, dialog, None, 0);
        self.model.start = start;
        for (name, root) in self.roots.clone() {
            self.beside_dialogs(&name, root);
        }
        let mut above: Vec<(String, Node<'a, 'i>)> = vec![(file.to_owned(), root)];
        above.extend(self.root_of(file));
        for (file, root) in above {
            let scene = Scene {
                file: file.clone(),
                dialog: root,
                back: None,
                depth: 0,
                items: Vec::new(),
            };
            let vars: Vec<_> = root
                .children()
                .filter(|n| n.tag_name().name() == "var")
                .collect();
            let next = self.model.start.clone();
            self.model.start = self.fold(&vars, &next, &scene, 0);
        }
        while let Some((place, scene)) = self.waiting.pop() {
            if self.model.is_full() {
                self.report.left_out(&at, "the documents come to more places than a plan may have: dialogs not read by then are persons");
                break;
            }
            match scene.dialog.tag_name().name() {
                "menu" => self.menu(&place, &scene),
                _ => self.form(&place, scene),
            }
        }
        self.tell_unread();
    }

    /// Dialogs that no way leads to.
    fn tell_unread(&mut self) {
        for (file, root) in &self.roots {
            for dialog in dialogs(*root) {
                let start = dialog.range().start;
                let is_read = self.places.keys().any(|(f, s, _)| f == file && *s == start);
                if !is_read {
                    let id = dialog.attribute("id").unwrap_or_default();
                    let told = format!("dialog '{id}': no way leads to it");
                    self.report.left_out(&origin(file, dialog), told);
                }
            }
        }
    }

    /// Elements of a document that are no dialogs.
    fn beside_dialogs(&mut self, file: &str, root: Node<'a, 'i>) {
        if root.tag_name().name() != "vxml" {
            return;
        }
        self.other_handlers(file, root);
        for node in root.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "form" | "menu" | "var" | "link" | "catch" | "noinput" | "nomatch" | "help"
                | "error" | "rule" => {}
                "property" => self.property(file, node),
                _ => self.leave_out(file, node),
            }
        }
    }

    /// Only `timeout` and `interdigittimeout` are looked up where they matter.
    fn property(&mut self, file: &str, node: Node<'_, '_>) {
        let name = node.attribute("name").unwrap_or_default();
        if !matches!(name, "timeout" | "interdigittimeout") {
            self.leave_out(file, node);
        }
    }

    /// Tells of an element that is not in the plan, once.
    fn leave_out(&mut self, file: &str, node: Node<'_, '_>) {
        if self.told.insert((file.to_owned(), node.range().start)) {
            let attributes = node
                .attributes()
                .map(|a| format!(" {}=\"{}\"", a.name(), a.value()));
            let attributes: String = attributes.collect();
            let name = node.tag_name().name();
            self.report
                .left_out(&origin(file, node), format!("<{name}{attributes}>"));
        }
    }

    /// The place of a dialog, which is read later.
    fn dialog(
        &mut self,
        file: &str,
        dialog: Node<'a, 'i>,
        back: Option<String>,
        depth: usize,
    ) -> String {
        let key = (file.to_owned(), dialog.range().start, back.clone());
        if let Some(place) = self.places.get(&key) {
            return place.clone();
        }
        let stem = super::model::words_of(file);
        let hint = dialog.attribute("id").unwrap_or(&stem);
        let place = self.model.name(hint);
        self.places.insert(key, place.clone());
        let scene = Scene {
            file: file.to_owned(),
            dialog,
            back,
            depth,
            items: Vec::new(),
        };
        self.waiting.push((place.clone(), scene));
        place
    }

    /// `other.vxml#form`, `#form`, `other.vxml`, from within a file.
    fn find(&self, from: &str, uri: &str) -> Option<(String, Node<'a, 'i>)> {
        let (path, id) = match uri.split_once('#') {
            Some((path, id)) => (path, Some(id)),
            None => (uri, None),
        };
        let path = path.split('?').next().unwrap_or(path);
        let (file, root) = if path.is_empty() {
            (from.to_owned(), *self.roots.get(from)?)
        } else {
            let file = found(self.roots.keys(), from, path)?;
            let root = *self.roots.get(&file)?;
            (file, root)
        };
        let wanted = |node: &Node<'_, '_>| id.is_none_or(|id| node.attribute("id") == Some(id));
        let dialog = dialogs(root).find(wanted)?;
        Some((file, dialog))
    }

    /// Where a `next` leads; a person where it leads out of the files.
    fn way(&mut self, scene: &Scene<'a, 'i>, at: &Origin, uri: &str) -> String {
        match self.find(&scene.file, uri) {
            Some((file, dialog)) => self.dialog(&file, dialog, scene.back.clone(), scene.depth),
            None => {
                self.report.changed(
                    at,
                    format!("'{uri}' is in none of the files: a person is fetched"),
                );
                self.model.add(
                    super::model::name_of(uri).as_deref().unwrap_or("elsewhere"),
                    at,
                    person(),
                )
            }
        }
    }

    /// The application's root document, if it is another one.
    fn root_of(&self, file: &str) -> Option<(String, Node<'a, 'i>)> {
        let uri = self.roots.get(file)?.attribute("application")?;
        let path = uri.split('#').next().unwrap_or(uri);
        let file = found(self.roots.keys(), file, path)?;
        let root = *self.roots.get(&file)?;
        Some((file, root))
    }

    /// The elements whose handlers, links and properties are in force, inner ones first.
    fn scopes(
        &self,
        scene: &Scene<'a, 'i>,
        inner: Option<Node<'a, 'i>>,
    ) -> Vec<(String, Node<'a, 'i>)> {
        let file = scene.file.clone();
        let mut scopes: Vec<(String, Node<'a, 'i>)> = Vec::new();
        scopes.extend(inner.map(|node| (file.clone(), node)));
        scopes.push((file.clone(), scene.dialog));
        scopes.extend(self.roots.get(&file).map(|root| (file.clone(), *root)));
        scopes.extend(self.root_of(&file));
        scopes
    }

    /// A property by the nearest scope that has it.
    fn property_of(&self, scopes: &[(String, Node<'a, 'i>)], name: &str) -> Option<u32> {
        scopes.iter().find_map(|(_, scope)| {
            let property = scope.children().find(|node| {
                node.tag_name().name() == "property" && node.attribute("name") == Some(name)
            });
            super::xml::millis(property?.attribute("value")?, 1_000.0)
        })
    }

    /// A plain choice of a menu.
    fn choice(at: &Origin, to: String, label: &str) -> Choice {
        Choice {
            keys: Vec::new(),
            words: Vec::new(),
            label: label.to_owned(),
            to,
            at: at.clone(),
        }
    }

    fn end(&mut self, hint: &str, at: &Origin) -> String {
        let end = Kind::End { say: Vec::new() };
        self.model.add(hint, at, end)
    }
}

/// A path from within a file: relative to its folder, else by its name alone.
fn found<'k>(
    mut files: impl Iterator<Item = &'k String> + Clone,
    from: &str,
    path: &str,
) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let whole = parts.join("/");
    let last = path.rsplit('/').next().unwrap_or(path);
    let exact = files
        .clone()
        .find(|file| file.trim_start_matches(['.', '/']) == whole);
    let named = files.find(|file| !last.is_empty() && file.rsplit('/').next() == Some(last));
    exact.or(named).cloned()
}
