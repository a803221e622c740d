//! What is said, per language, with places for what the caller told.

use call_model::{Language, Private, PromptPiece, PromptText};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The values a caller gave, by slot.
pub type Slots = BTreeMap<String, Private<String>>;

/// One thing to say, in every language of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wording(pub BTreeMap<Language, Vec<WordingPiece>>);

/// One piece of a wording.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordingPiece {
    /// Words.
    Text(String),
    /// What a slot holds; digits are read one by one.
    Slot(String),
    /// An audio file, relative to the plan's folder.
    File(String),
    /// Nothing, for so many milliseconds.
    Pause(u32),
}
