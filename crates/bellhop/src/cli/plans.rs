//! Options of the commands that look at plans.

use call_simulator::talk::Talk;
use clap::Args;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// `bellhop schema …`
#[derive(Args, Debug)]
pub struct Schema {
    /// That of a part of a plan, a file that `call` names
    #[arg(long)]
    pub part: bool,
}

/// `bellhop check …`
#[derive(Args, Debug)]
pub struct Check {
    /// Plan folders, or folders of plan folders
    #[arg(required = true)]
    pub plans: Vec<PathBuf>,
    /// Print the problems as a JSON list
    #[arg(long)]
    pub json: bool,
    /// Fail when there are warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Find words that the recognisers cannot hear, by the dictionaries of the models in this folder
    #[arg(long, value_name = "DIR")]
    pub models: Vec<PathBuf>,
}

/// `bellhop test …`
#[derive(Args, Debug)]
pub struct Test {
    /// Plan folders, or folders of plan folders; conversations lie in a plan's `talks/*.talk`
    #[arg(required = true)]
    pub plans: Vec<PathBuf>,
    /// Say which nodes, and which ways out of them, no conversation walks
    #[arg(long)]
    pub coverage: bool,
    /// Print what came of each as a JSON list
    #[arg(long)]
    pub json: bool,
    /// Play only those whose title holds this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Play each so many times, to measure how many are played in a second
    #[arg(long, default_value = "1", value_name = "N")]
    pub repeat: NonZeroU32,
    /// Play nothing, but write them as callers on a real line play them: N-FILE-LINE.call for
    /// `loadtest demo --scenarios`, beside it N-FILE-LINE.yaml with what back ends answer meanwhile and
    /// .tier with what the intent tier does; in folders by what the server must have: usual, tier,
    /// voice, closed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["coverage", "json", "repeat", "calls"])]
    pub write_calls: Option<PathBuf>,
    /// Where recordings lie that are not beside the conversations
    #[arg(long, value_name = "DIR", requires = "write_calls")]
    pub recordings: Option<PathBuf>,
    /// Play nothing, but judge the calls that were played so: the report.json of `loadtest demo`
    #[arg(long, value_name = "FILE", requires = "archive", conflicts_with_all = ["coverage", "json", "repeat"])]
    pub calls: Option<PathBuf>,
    /// The archive of the server that took those calls
    #[arg(long, value_name = "DIR", requires = "calls")]
    pub archive: Option<PathBuf>,
}

impl Test {
    /// Whether a conversation is among those that are wanted.
    pub fn plays(&self, talk: &Talk) -> bool {
        let wanted = self.filter.as_ref();
        wanted.is_none_or(|text| talk.title.contains(text.as_str()))
    }
}

/// `bellhop graph …`
#[derive(Args, Debug)]
pub struct Graph {
    /// The plan's folder
    pub plan: PathBuf,
    /// Write it for Graphviz: `bellhop graph PLAN --dot | dot -Tsvg`
    #[arg(long, conflicts_with = "mermaid")]
    pub dot: bool,
    /// Write it for Mermaid, as without any choice
    #[arg(long)]
    pub mermaid: bool,
    /// The language of its words; the plan's first where it says nothing
    #[arg(long)]
    pub language: Option<call_model::Language>,
    /// Draw the way of one call over it, by its journal
    #[arg(long, value_name = "FILE", conflicts_with = "journals")]
    pub journal: Option<PathBuf>,
    /// Count over it how many calls went where, and where callers left, by the journals below a folder
    #[arg(long, value_name = "DIR")]
    pub journals: Option<PathBuf>,
}

/// `bellhop diff …`
#[derive(Args, Debug)]
pub struct Diff {
    /// The older plan's folder
    pub older: PathBuf,
    /// The newer plan's folder
    pub newer: PathBuf,
}

/// `bellhop import …`
#[derive(Args, Debug)]
pub struct Import {
    /// What wrote the old files
    #[arg(long, value_enum)]
    pub from: OldSystem,
    /// The old files; calls begin in the first. Sounds are looked for in their folders
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The plan's folder, which holds no plan yet
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// The plan's name; the folder's where it says nothing
    #[arg(long)]
    pub name: Option<String>,
    /// The language of the old prompts and words
    #[arg(long, default_value_t = call_model::Language::En)]
    pub language: call_model::Language,
    /// One open question before the menus: callers name what they want, and the menus are answered by keys
    /// where nothing is understood
    #[arg(long)]
    pub flatten: bool,
}

/// What old files `bellhop import` reads.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum OldSystem {
    /// VoiceXML 2.1, with grammars in GRXML and JSGF
    Vxml,
    /// IVR menus of FreeSWITCH
    Freeswitch,
    /// Asterisk's extensions.conf
    Asterisk,
}
