//! The words that mean the same everywhere in a plan.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a caller may ask of the conversation itself, at every node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Back to the question before this one.
    Back,
    /// The same again, and from here on, more slowly.
    Slower,
    /// On in the plan's other language.
    OtherLanguage,
}

impl Command {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Back, Self::Slower, Self::OtherLanguage];

    /// As a plan writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Slower => "slower",
            Self::OtherLanguage => "other_language",
        }
    }

    /// The command of a name, if it is one of these.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }
}

/// The global words of one language, normalised, each once: the shipped lists
/// with what the plan adds and removes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Parts of sentences that ask for a person ("someone who knows"): found in what was understood,
    /// and no recogniser's to search for, since nobody says them alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask_within: Vec<String>,
    /// Words that demand a person where their sentence means them so ("court", 说法): found in what was
    /// understood, not where a question's own answers have them, and no recogniser's to search for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demand_within: Vec<String>,
    /// "Say that again", 再说一遍.
    pub repeat: Vec<String>,
    /// "Uh-huh", 嗯: said while listening, meaning nothing.
    pub backchannels: Vec<String>,
    /// Yes.
    pub yes: Vec<String>,
    /// No.
    pub no: Vec<String>,
    /// "Goodbye", 没有了: the caller has nothing else.
    #[serde(default)]
    pub goodbye: Vec<String>,
    /// "One moment", 等一下: the caller has to look something up, and wants time for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold_on: Vec<String>,
    /// Words of anger, which weigh beside the voice and escalate nothing alone.
    pub angry: Vec<String>,
    /// What callers may ask of the conversation itself, where the plan lets them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub commands: BTreeMap<Command, Vec<String>>,
    /// Words within which an escalation word means something else: 理赔, human resources.
    pub apart: Vec<String>,
}
