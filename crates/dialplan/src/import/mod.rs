//! Old systems made into plans: VoiceXML, FreeSWITCH menus, Asterisk extensions.
//!
//! Each reader fills one model of menus, questions and ways ([`model`]); it is made sound ([`tidy`]) and
//! written as a designer would write it. Everything that is otherwise than it was, or that is
//! not there, stands in the report with its file and line.

mod asterisk;
mod flatten;
mod freeswitch;
mod keys;
mod known;
mod model;
mod offers;
mod pattern;
mod phrases;
mod report;
mod secret;
mod tidy;
mod vxml;
mod writer;
mod xml;

pub use report::{Fate, ImportReport, ReportLine};

use crate::{HEAD, Plan, PlanSources, Problem};
use call_model::Language;
use model::{Kind, Model, Origin, Piece};
use std::collections::{BTreeMap, BTreeSet};
use writer::Head;

/// What wrote the old files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// VoiceXML 2.1, with grammars in GRXML and JSGF.
    Vxml,
    /// IVR menus of FreeSWITCH.
    Freeswitch,
    /// Asterisk's `extensions.conf`.
    Asterisk,
}

/// What becomes of menus below menus.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Shape {
    /// They stay as they were.
    #[default]
    Kept,
    /// Before them stands one open question to which callers name any end; the menus are answered by keys
    /// where nothing is understood.
    Flat,
}

/// Old files, and the plan that is wanted of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// What wrote them.
    pub from: Dialect,
    /// Their paths and texts; calls begin in the first.
    pub texts: Vec<(String, String)>,
    /// The audio files at hand, by their paths.
    pub sounds: BTreeSet<String>,
    /// The plan's name.
    pub name: String,
    /// The language of the old prompts and words.
    pub language: Language,
    /// What becomes of menus below menus.
    pub shape: Shape,
}

/// A plan made of old files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The plan's texts, by path in its folder.
    pub texts: BTreeMap<String, String>,
    /// The audio files that it plays: where they are to lie, and where they are.
    pub sounds: BTreeMap<String, String>,
    /// What became of every part.
    pub report: ImportReport,
    /// What the check of plans still finds; errors refuse the plan.
    pub problems: Vec<Problem>,
}

impl Import {
    /// Reads the old files and writes the plan.
    ///
    /// # Errors
    /// Files that cannot be read at all, each with its place; never an empty list.
    pub fn plan(&self) -> Result<Imported, Vec<Problem>> {
        let mut report = ImportReport::default();
        let mut model = match self.from {
            Dialect::Vxml => vxml::read(self, &mut report)?,
            Dialect::Freeswitch => freeswitch::read(&self.texts, &mut report)?,
            Dialect::Asterisk => asterisk::read(&self.texts, &mut report)?,
        };
        let transfer = the_one_transfer(&model, &mut report);
        tidy::tidy(&mut model, self.language, self.shape, &mut report);
        let sounds = self.sounds_of(&mut model, &mut report);
        let here: BTreeMap<String, String> = sounds.clone();
        let head = Head {
            name: &self.name,
            language: self.language,
            transfer,
            sounds: &here,
        };
        let mut texts = model.grammars.clone();
        texts.insert(HEAD.to_owned(), writer::written(&model, &head));
        report.sort();
        let others = sounds.values().cloned().collect();
        let sources = PlanSources {
            texts: texts.clone(),
            others,
            ..PlanSources::default()
        };
        Ok(Imported {
            texts,
            sounds: sounds.into_iter().map(|(old, new)| (new, old)).collect(),
            report,
            problems: Plan::check(&sources).problems,
        })
    }

    /// The audio files that are played and at hand, with their place in the plan; of others the words
    /// of their names are said, which is told.
    fn sounds_of(&self, model: &mut Model, report: &mut ImportReport) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut new = BTreeSet::new();
        for place in model.places.values_mut() {
            let at = place.at.clone();
            for piece in place.kind.said_mut().into_iter().flatten() {
                let Piece::Sound(file) = piece else {
                    continue;
                };
                if found.contains_key(file.as_str()) {
                    continue;
                }
                match self.at_hand(file) {
                    Some(here) => {
                        let stem = here.rsplit('/').next().unwrap_or(&here);
                        let mut name = format!("audio/{stem}");
                        let mut number = 1;
                        while !new.insert(name.clone()) {
                            number += 1;
                            name = format!("audio/{number}-{stem}");
                        }
                        *file = here.clone();
                        report.imported(&at, format!("the sound '{here}' as '{name}'"));
                        found.insert(here, name);
                    }
                    None => {
                        let words = model::words_of(file);
                        report.changed(&at, format!("the sound '{file}' is not at hand: '{words}' is said; put the file into the plan's folder and write '{{audio: …}}'"));
                        *piece = Piece::Text(words);
                    }
                }
            }
        }
        found
    }

    /// Old systems name sounds from folders of their own, and often without their ending.
    fn at_hand(&self, file: &str) -> Option<String> {
        let path = file.trim_start_matches("./").replace('\\', "/");
        let is_it = |here: &&String| {
            let name = here.strip_suffix(".wav").unwrap_or(here);
            let wanted = path.strip_suffix(".wav").unwrap_or(&path);
            name == wanted || name.ends_with(&format!("/{wanted}"))
        };
        self.sounds.iter().find(is_it).cloned()
    }
}

/// Where people are, if every transfer of the old system went to one address.
fn the_one_transfer(model: &Model, report: &mut ImportReport) -> Option<String> {
    let addresses: BTreeSet<&String> = model.transfers.iter().map(|(_, to)| to).collect();
    let first = model.transfers.first()?;
    if addresses.len() == 1 {
        report.imported(&first.0, format!("callers go to '{}'", first.1));
        return Some(first.1.clone());
    }
    for (at, to) in &model.transfers {
        report.changed(at, format!("transfer to '{to}': a plan has one place for people; name queues of the server after the skills of its handoffs"));
    }
    None
}

/// A fault of an old file, for its owner.
fn fault(at: &Origin, column: u32, message: String, remedy: &str) -> Problem {
    Problem {
        file: at.file.clone(),
        line: at.line,
        column,
        kind: crate::ProblemKind::Form,
        message,
        remedy: remedy.to_owned(),
    }
}

/// The text of a plain person's place.
const fn person() -> Kind {
    Kind::Person {
        say: Vec::new(),
        skill: None,
    }
}
