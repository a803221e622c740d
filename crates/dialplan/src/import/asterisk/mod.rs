//! Asterisk's `extensions.conf`: each step of an extension is a place; a `Background` that waits for keys
//! is a menu of the extensions of its context.

mod apps;
mod conditions;
mod lines;
mod menus;
mod values;

use super::fault;
use super::model::{Kind, Model, Origin};
use super::report::ImportReport;
use crate::Problem;
use lines::{Step, Written};
use std::collections::{BTreeMap, BTreeSet};

/// Where steps of an extension are looked up, and where they are written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Spot {
    /// The context the call is in.
    context: String,
    /// The context that has the extension: the same, or one that it includes.
    home: String,
    extension: String,
    /// The place of the step among those of its extension.
    index: usize,
}

/// Calls begin at `s`, or the first extension, of the first context with any.
pub(super) fn read(
    texts: &[(String, String)],
    report: &mut ImportReport,
) -> Result<Model, Vec<Problem>> {
    let written = lines::read(texts, report);
    let start = written.order.iter().find_map(|name| {
        let extensions = &written.contexts.get(name)?.extensions;
        let s = extensions.iter().find(|(extension, _)| extension == "s");
        let (extension, _) = s.or(extensions.first())?;
        Some((name.clone(), extension.clone()))
    });
    let Some((context, extension)) = start else {
        let file = texts
            .first()
            .map(|(file, _)| file.clone())
            .unwrap_or_default();
        let at = Origin { file, line: 1 };
        let remedy = "give it files with 'exten => …' below '[a-context]'";
        let message = "no extension stands in these files".to_owned();
        return Err(vec![fault(&at, 1, message, remedy)]);
    };
    let known = known(&written);
    let mut reader = Reader {
        written,
        known,
        model: Model::default(),
        report,
        places: BTreeMap::new(),
        open: Vec::new(),
        told: BTreeSet::new(),
    };
    let spot = Spot {
        context: context.clone(),
        home: context,
        extension,
        index: 0,
    };
    reader.model.start = reader.place(&spot);
    while let Some((name, spot)) = reader.open.pop() {
        reader.convert(&name, &spot);
    }
    reader.tell_the_rest();
    Ok(reader.model)
}

/// Globals that nothing sets are texts.
fn known(written: &Written) -> BTreeMap<String, String> {
    let mut known = written.globals.clone();
    let all = written
        .contexts
        .values()
        .flat_map(|context| &context.extensions);
    for step in all.flat_map(|(_, steps)| steps) {
        if matches!(step.app.as_str(), "set" | "read" | "mset") {
            for argument in &step.arguments {
                let name = argument.split('=').next().unwrap_or_default();
                known.remove(name.trim().trim_start_matches('_'));
            }
        }
    }
    known
}

struct Reader<'r> {
    written: Written,
    known: BTreeMap<String, String>,
    model: Model,
    report: &'r mut ImportReport,
    places: BTreeMap<Spot, String>,
    /// Places that have their names and are yet to be put.
    open: Vec<(String, Spot)>,
    /// Steps that the report tells of.
    told: BTreeSet<(String, u32)>,
}

impl Reader<'_> {
    fn step(&self, spot: &Spot) -> Option<&Step> {
        let context = self.written.contexts.get(&spot.home)?;
        context.steps(&spot.extension)?.get(spot.index)
    }

    /// The place of a step; past the last one the call ends.
    fn place(&mut self, spot: &Spot) -> String {
        if let Some(name) = self.places.get(spot) {
            return name.clone();
        }
        let is_first = spot.index == 0;
        let label = self.step(spot).and_then(|step| step.label.clone());
        let hint = match (spot.extension.as_str(), is_first, label) {
            (extension, _, Some(label)) => format!("{}_{extension}_{label}", spot.context),
            ("s", true, None) => spot.context.clone(),
            (extension, true, None) => format!("{}_{extension}", spot.context),
            (extension, false, None) => format!("{}_{extension}_{}", spot.context, spot.index + 1),
        };
        let name = self.model.name(&hint);
        self.places.insert(spot.clone(), name.clone());
        self.open.push((name.clone(), spot.clone()));
        name
    }

    fn next(&mut self, spot: &Spot) -> String {
        let index = spot.index + 1;
        self.place(&Spot {
            index,
            ..spot.clone()
        })
    }

    /// The extension that is meant in a context: written there, or in one that it includes.
    fn find(&self, context: &str, extension: &str) -> Option<(String, String)> {
        let mut seen = BTreeSet::new();
        let mut open = vec![context.to_owned()];
        while let Some(name) = open.pop() {
            let Some(found) = self
                .written
                .contexts
                .get(&name)
                .filter(|_| seen.insert(name.clone()))
            else {
                continue;
            };
            if found.steps(extension).is_some() {
                return Some((name, extension.to_owned()));
            }
            let fits =
                |(pattern, _): &&(String, _)| super::pattern::fits_extension(pattern, extension);
            if let Some((pattern, _)) = found.extensions.iter().find(fits) {
                return Some((name, pattern.clone()));
            }
            open.extend(found.includes.iter().rev().cloned());
        }
        None
    }

    /// Where `Goto(context,extension,priority)` leads; none where there is nothing.
    fn target(&mut self, from: &Spot, arguments: &[String]) -> Option<String> {
        let (context, extension, priority) = match arguments {
            [priority] => (from.context.clone(), from.extension.clone(), priority),
            [extension, priority] => (from.context.clone(), extension.clone(), priority),
            [context, extension, priority] => (context.clone(), extension.clone(), priority),
            _ => return None,
        };
        let extension = self.with_known(from, &extension)?;
        let context = self.with_known(from, &context)?;
        let (home, extension) = self.find(&context, &extension)?;
        let steps = self.written.contexts.get(&home)?.steps(&extension)?;
        let number = priority.parse::<u32>().ok();
        let index = steps.iter().position(|step| match number {
            Some(number) => step.priority == number,
            None => step.label.as_deref() == Some(priority),
        })?;
        Some(self.place(&Spot {
            context,
            home,
            extension,
            index,
        }))
    }

    /// A text whose variables are all known.
    fn with_known(&self, from: &Spot, text: &str) -> Option<String> {
        match values::parts(text, &self.known_at(from))?.as_slice() {
            [] => Some(String::new()),
            [values::Part::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// What variables hold at a step: globals, and what was pressed where it is one number.
    fn known_at(&self, spot: &Spot) -> BTreeMap<String, String> {
        let mut known = self.known.clone();
        known.insert("CONTEXT".to_owned(), spot.context.clone());
        if !spot.extension.starts_with('_') {
            known.insert("EXTEN".to_owned(), spot.extension.clone());
        }
        known
    }

    /// Notes that the report tells of a step.
    fn note(&mut self, step: &Step) {
        self.told.insert((step.at.file.clone(), step.at.line));
    }

    fn imported(&mut self, step: &Step) {
        self.note(step);
        self.report.imported(&step.at, &step.written);
    }

    fn changed(&mut self, step: &Step, how: &str) {
        self.note(step);
        self.report
            .changed(&step.at, format!("{}: {how}", step.written));
    }

    fn left_out(&mut self, step: &Step, why: &str) {
        self.note(step);
        let why = match why.is_empty() {
            true => String::new(),
            false => format!(": {why}"),
        };
        self.report
            .left_out(&step.at, format!("{}{why}", step.written));
    }

    fn convert(&mut self, name: &str, spot: &Spot) {
        let Some(step) = self.step(spot).cloned() else {
            let at = self.last_of(spot);
            self.model.put(name, &at, Kind::End { say: Vec::new() });
            return;
        };
        if self.model.is_full() {
            self.changed(
                &step,
                "the plan is too large: from here on callers come to a person",
            );
            self.model.put(name, &step.at, super::person());
            return;
        }
        let kind = self.kind_of(name, spot, &step);
        self.model.put(name, &step.at, kind);
    }

    fn last_of(&self, spot: &Spot) -> Origin {
        let steps = self
            .written
            .contexts
            .get(&spot.home)
            .and_then(|context| context.steps(&spot.extension));
        let last = steps
            .and_then(|steps| steps.last())
            .map(|step| step.at.clone());
        last.unwrap_or(Origin {
            file: String::new(),
            line: 1,
        })
    }

    /// Steps that no call comes by.
    fn tell_the_rest(&mut self) {
        let all = self
            .written
            .contexts
            .values()
            .flat_map(|context| &context.extensions);
        for (extension, steps) in all {
            for step in steps {
                if !self.told.contains(&(step.at.file.clone(), step.at.line)) {
                    let told = format!("{extension}: {}: no call comes by here", step.written);
                    self.report.left_out(&step.at, told);
                }
            }
        }
    }
}
