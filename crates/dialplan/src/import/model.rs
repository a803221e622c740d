//! What old systems have in common: prompts, key menus, values asked for, comparisons, transfers.
//!
//! The readers fill it, [`super::tidy`] makes a sound plan of it, [`super::writer`] writes it down.

use std::collections::{BTreeMap, BTreeSet};

/// The most places a plan is made of: sub-dialogs are copied wherever they are called.
pub(super) const PLACES_MAX: usize = 5_000;
/// Names of a plan are no longer than 64; some room stays for what is put behind them.
const NAME_MAX: usize = 40;

/// A line of an old file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Origin {
    pub file: String,
    pub line: u32,
}

/// A part of something said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Text(String),
    Slot(String),
    /// An audio file, by its path in the old system.
    Sound(String),
    /// Silence, in milliseconds.
    Pause(u32),
}

/// Something said.
pub(super) type Said = Vec<Piece>;

/// Where a value is held against something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Test {
    Is(Vec<String>),
    IsNot(Vec<String>),
    Filled(bool),
    /// `below`, `above`, `at_least` or `at_most`, and a number.
    Number(&'static str, String),
}

/// Tests of slots, all of which hold.
pub(super) type Condition = Vec<(String, Test)>;

/// What a caller presses for an option.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Keys {
    Exact(String),
    /// Every number from one to another of the same length.
    Range(String, String),
}

/// One way out of a menu.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    pub keys: Vec<Keys>,
    /// What callers may say for it.
    pub words: Vec<String>,
    /// What it is called; flattened menus make words of it.
    pub label: String,
    pub to: String,
    pub at: Origin,
}

/// What follows when a caller says nothing, or nothing that fits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Failing {
    pub no_input: Vec<Said>,
    pub no_match: Vec<Said>,
}

/// A question with ways out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Menu {
    pub say: Said,
    pub choices: Vec<Choice>,
    pub failing: Failing,
    /// Patience with a silent caller, in milliseconds.
    pub timeout: Option<u32>,
    pub inter_digit: Option<u32>,
    /// The words are not for one entry of keys but for an open question: keys of the first level are
    /// heard too, and this menu answered by keys is where its ladders end.
    pub falls_back_to: Option<String>,
}

/// The kind of value asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Digits {
        min: u8,
        max: u8,
    },
    YesNo,
    /// Value, words and key.
    OneOf(Vec<(String, Vec<String>, Option<char>)>),
    /// A JSGF file of the plan.
    Grammar(String),
}

/// A question for a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Collect {
    pub say: Said,
    pub slot: String,
    pub wanted: Wanted,
    pub failing: Failing,
    pub timeout: Option<u32>,
    pub inter_digit: Option<u32>,
    /// The old system took keys alone.
    pub keys_alone: bool,
    pub next: String,
}

/// What happens at one place of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Play {
        say: Said,
        /// To its end, whatever the caller does.
        whole: bool,
        next: String,
    },
    Menu(Menu),
    Collect(Collect),
    Decide {
        cases: Vec<(Condition, String)>,
        otherwise: String,
    },
    /// Slots and their new texts; none empties, a piece may be another slot.
    Set {
        slots: Vec<(String, Option<Said>)>,
        next: String,
    },
    /// One more in a counter.
    Count {
        slot: String,
        next: String,
    },
    Post {
        url: String,
        slots: Vec<String>,
        next: String,
    },
    Person {
        say: Said,
        skill: Option<String>,
    },
    End {
        say: Said,
    },
}

/// A place, and the line it was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub at: Origin,
    pub kind: Kind,
}

/// An old system, as far as it was understood.
#[derive(Clone, Default, Debug)]
pub(super) struct Model {
    pub places: BTreeMap<String, Place>,
    /// The places in the order in which they were thought of.
    pub order: Vec<String>,
    pub start: String,
    /// Grammars that the plan holds: file and text.
    pub grammars: BTreeMap<String, String>,
    /// Addresses that callers were transferred to.
    pub transfers: Vec<(Origin, String)>,
    /// When `call_open` is yes: days of the week and a span of them, as a plan's head has them.
    pub hours: Option<(String, String)>,
    taken: BTreeSet<String>,
}

impl Model {
    /// A name of its own for a place that is put later.
    pub(super) fn name(&mut self, hint: &str) -> String {
        let stem = name_of(hint).unwrap_or_else(|| "part".to_owned());
        let mut name = stem.clone();
        let mut number = 1;
        while name == "person" || self.taken.contains(&name) {
            number += 1;
            name = format!("{stem}_{number}");
        }
        self.taken.insert(name.clone());
        self.order.push(name.clone());
        name
    }

    /// Whether no more can be put.
    pub(super) fn is_full(&self) -> bool {
        self.order.len() >= PLACES_MAX
    }

    pub(super) fn put(&mut self, name: &str, at: &Origin, kind: Kind) {
        let at = at.clone();
        self.places.insert(name.to_owned(), Place { at, kind });
    }

    /// Puts a place and says its name.
    pub(super) fn add(&mut self, hint: &str, at: &Origin, kind: Kind) -> String {
        let name = self.name(hint);
        self.put(&name, at, kind);
        name
    }

    pub(super) fn kind(&self, name: &str) -> Option<&Kind> {
        self.places.get(name).map(|place| &place.kind)
    }
}

impl Kind {
    /// Where it leads.
    pub(super) fn targets(&self) -> Vec<&String> {
        match self {
            Self::Play { next, .. }
            | Self::Set { next, .. }
            | Self::Count { next, .. }
            | Self::Post { next, .. } => vec![next],
            Self::Menu(menu) => {
                let ways = menu.choices.iter().map(|choice| &choice.to);
                ways.chain(&menu.falls_back_to).collect()
            }
            Self::Collect(collect) => vec![&collect.next],
            Self::Decide { cases, otherwise } => {
                let ways = cases.iter().map(|(_, to)| to);
                ways.chain([otherwise]).collect()
            }
            Self::Person { .. } | Self::End { .. } => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub(super) fn targets_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Play { next, .. }
            | Self::Set { next, .. }
            | Self::Count { next, .. }
            | Self::Post { next, .. } => vec![next],
            Self::Menu(menu) => {
                let ways = menu.choices.iter_mut().map(|choice| &mut choice.to);
                ways.chain(&mut menu.falls_back_to).collect()
            }
            Self::Collect(collect) => vec![&mut collect.next],
            Self::Decide { cases, otherwise } => {
                let ways = cases.iter_mut().map(|(_, to)| to);
                ways.chain([otherwise]).collect()
            }
            Self::Person { .. } | Self::End { .. } => Vec::new(),
        }
    }

    /// Everything it says.
    pub(super) fn said_mut(&mut self) -> Vec<&mut Said> {
        let (say, failing) = match self {
            Self::Play { say, .. } | Self::Person { say, .. } | Self::End { say } => (say, None),
            Self::Menu(menu) => (&mut menu.say, Some(&mut menu.failing)),
            Self::Collect(collect) => (&mut collect.say, Some(&mut collect.failing)),
            Self::Decide { .. } | Self::Set { .. } | Self::Count { .. } | Self::Post { .. } => {
                return Vec::new();
            }
        };
        let mut all = vec![say];
        if let Some(failing) = failing {
            all.extend(&mut failing.no_input);
            all.extend(&mut failing.no_match);
        }
        all
    }

    /// Whether a call goes on from here without the caller being heard.
    pub(super) const fn runs_on(&self) -> bool {
        match self {
            Self::Play { .. }
            | Self::Decide { .. }
            | Self::Set { .. }
            | Self::Count { .. }
            | Self::Post { .. } => true,
            Self::Menu(_) | Self::Collect(_) | Self::Person { .. } | Self::End { .. } => false,
        }
    }
}

/// A name of ours made of a text; none where nothing of it can stand in a name.
pub(super) fn name_of(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '-' {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if name.len() >= NAME_MAX {
            break;
        }
    }
    let name = name.trim_matches('_');
    (!name.is_empty()).then(|| name.to_owned())
}

/// The words of a file's or a place's name: `audio/main_menu.wav` says "main menu".
pub(super) fn words_of(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let spaced = stem.replace(['_', '-', '{', '}'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
