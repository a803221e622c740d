//! A plan as a picture: boxes, arrows between them, and what belongs together.
//!
//! [`Plan::picture`] says what is to be seen, in a language; [`Picture::dot`] writes it for
//! Graphviz and [`Picture::mermaid`] for Mermaid. Trails of calls may lie over it. So that a
//! plan of sixty nodes stays readable, whatever is only reached by one way from the main
//! question stands in a frame of its own; ways back to places that everything leads back to
//! are told inside the box instead of drawn; ladders that end at a person are a mark.

mod arrows;
mod clusters;
mod dot;
mod mermaid;
mod told;
mod trails;

pub use trails::Trails;

use crate::{LadderEnd, Node, Plan};
use arrows::Arrow;
use call_model::Language;
use std::collections::BTreeMap;

/// A place to which at least so many ways lead back is told, not drawn to.
const BUSY: usize = 4;

/// What is to be seen of a plan.
#[derive(Clone, Debug)]
pub struct Picture {
    name: String,
    boxes: Vec<Seen>,
    arrows: Vec<Arrow>,
    /// The frames: each a title and the numbers of its boxes.
    frames: Vec<(String, Vec<usize>)>,
    /// How many calls lie over it; none: no calls do.
    calls: Option<usize>,
}

/// One box.
#[derive(Clone, Debug)]
struct Seen {
    kind: Kind,
    /// Its lines of text, the name first.
    lines: Vec<String>,
    is_start: bool,
    /// In how many calls somebody came by, and in how many the caller left here.
    visits: usize,
    leavings: usize,
}

/// What a box is, for its shape and colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Say,
    Ask,
    Collect,
    Api,
    Decide,
    Set,
    Person,
    End,
}

impl Plan {
    /// The plan as a picture, with its words in a language.
    pub fn picture(&self, language: Language, trails: &Trails) -> Picture {
        let language = self.spoken(language);
        let names: Vec<&str> = self.nodes().map(|(name, _)| name).collect();
        let numbers: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let start = numbers.get(self.start()).copied().unwrap_or_default();
        let mut arrows = arrows::of(self, &numbers, language);
        let tree = clusters::Tree::of(names.len(), start, &arrows);
        trails.lie_over(&mut arrows, &numbers);
        let backs = told_not_drawn(&mut arrows, &tree, names.len(), trails.calls());
        let boxes = self.nodes().zip(&backs).map(|((name, node), backs)| {
            let mut lines = vec![name.to_owned()];
            lines.extend(told::words_of(node, language));
            lines.extend(told::notes_of(node));
            let back = |(to, gone): &(usize, usize)| match gone {
                0 => format!("↩ {}", names[*to]),
                gone => format!("↩ {} · {gone}", names[*to]),
            };
            lines.extend(backs.iter().map(back));
            let kind = Kind::of(node);
            let (visits, mut leavings) = trails.at(name);
            if matches!(kind, Kind::Person | Kind::End) {
                leavings = 0;
            }
            Seen {
                kind,
                lines,
                is_start: name == self.start(),
                visits,
                leavings,
            }
        });
        let boxes = boxes.collect();
        let frames = tree.frames().into_iter().map(|(root, members)| {
            let title = self.title(names[root], language).unwrap_or(names[root]);
            (title.to_owned(), members)
        });
        Picture {
            name: self.name().to_owned(),
            boxes,
            frames: frames.collect(),
            arrows,
            calls: (trails.calls() > 0).then(|| trails.calls()),
        }
    }
}

/// Takes ways back to busy places out of the arrows, and says of each box where it leads back to
/// and in how many calls it did. The way of a single call stays drawn.
fn told_not_drawn(
    arrows: &mut Vec<Arrow>,
    tree: &clusters::Tree,
    count: usize,
    calls: usize,
) -> Vec<Vec<(usize, usize)>> {
    let mut ways_back = vec![0_usize; count];
    let is_back = |arrow: &Arrow| {
        !arrow.is_ladder && !arrow.is_leap && tree.above(arrow.to) != Some(arrow.from)
    };
    for arrow in arrows.iter().filter(|arrow| is_back(arrow)) {
        ways_back[arrow.to] += 1;
    }
    let mut told = vec![Vec::new(); count];
    arrows.retain_mut(|arrow| {
        arrow.is_aside = is_back(arrow) && ways_back[arrow.to] >= BUSY;
        let is_told = arrow.is_aside && (calls != 1 || arrow.gone == 0);
        if is_told {
            told[arrow.from].push((arrow.to, arrow.gone));
        }
        !is_told
    });
    told
}

impl Kind {
    const fn of(node: &Node) -> Self {
        match node {
            Node::Say(_) => Self::Say,
            Node::Ask(_) => Self::Ask,
            Node::Collect(_) => Self::Collect,
            Node::Api(_) | Node::ApiAll(_) => Self::Api,
            Node::Decide(_) => Self::Decide,
            Node::Set(_) => Self::Set,
            Node::Handoff(_) => Self::Person,
            Node::End(_) => Self::End,
        }
    }
}

/// Whether a node's ladders, or its errors, fetch a person.
fn fetches_person(node: &Node) -> bool {
    let ladders = node
        .listening()
        .map(|l| [&l.no_input.then, &l.no_match.then]);
    let by_ladder = ladders.is_some_and(|ends| ends.contains(&&LadderEnd::Person));
    by_ladder
        || matches!(node, Node::Api(api) if api.error == LadderEnd::Person)
        || matches!(node, Node::ApiAll(all) if all.error == LadderEnd::Person)
}
