//! Prompts that callers can bear: neither too long nor with too much to choose from.

use super::Whole;
use super::spoken::{Offer, keys_told, options_of, phrases_told, seconds};
use crate::reading::Problems;
use crate::{LadderEnd, Next, Node, ProblemKind, Prompt, Wording};
use call_model::{Interruption, Language};
use std::collections::VecDeque;

/// More than this is forgotten before it is said to its end.
const OPTIONS_MAX: usize = 5;
/// A wording that says fewer of the answers' words may do so by the way.
const MENU_MIN: usize = 3;
/// In seconds: longer than a caller listens.
const PROMPT_MAX: f32 = 15.0;
/// In seconds: longer than a caller bears without a word in it.
const UNINTERRUPTED_MAX: f32 = 8.0;
/// More questions than this before the caller is where they wanted to be.
const QUESTIONS_MAX: usize = 3;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for (name, node) in &whole.plan.nodes {
        length(whole, name, node, problems);
        options(whole, name, node, problems);
    }
    depth(whole, problems);
}

/// The longest language of a wording, in seconds.
fn longest(whole: &Whole<'_>, wording: &Wording) -> (f32, Option<Language>) {
    let lengths = wording
        .0
        .iter()
        .map(|(language, pieces)| (seconds(pieces, *language, whole.sources), Some(*language)));
    lengths.fold(
        (0.0, None),
        |one, other| if other.0 > one.0 { other } else { one },
    )
}

fn length(whole: &Whole<'_>, name: &str, node: &Node, problems: &mut Problems) {
    let at = whole.marks.nodes.get(name).copied().unwrap_or_default();
    let told = |(seconds, language): (f32, Option<Language>)| {
        let language = language.map(Language::tag).unwrap_or_default();
        format!("about {seconds:.0} seconds in '{language}'")
    };
    let all = node.wordings().map(|wording| longest(whole, wording));
    let worst = all.fold(
        (0.0, None),
        |one, other| if other.0 > one.0 { other } else { one },
    );
    if worst.0 > PROMPT_MAX {
        let message = format!(
            "'{name}' speaks for {}, and callers listen for {PROMPT_MAX:.0}",
            told(worst)
        );
        let remedy = "say the most important thing, and offer the rest";
        problems.tell(ProblemKind::LongPrompt, at, message, remedy);
        return;
    }
    let is_deaf = |prompt: &&Prompt| {
        matches!(
            prompt.interruption,
            Interruption::Never | Interruption::LegalNotice
        )
    };
    let deaf = node
        .prompt()
        .filter(is_deaf)
        .map(|prompt| longest(whole, &prompt.wording));
    if let Some(worst) = deaf.filter(|(seconds, _)| *seconds > UNINTERRUPTED_MAX) {
        let message = format!(
            "'{name}' speaks for {}, and nobody can interrupt it",
            told(worst)
        );
        let remedy = "make it shorter, or let callers interrupt it";
        problems.tell(ProblemKind::LongUninterrupted, at, message, remedy);
    }
}

/// How many of its answers a question reads out: too many, or not as many in the other language.
fn options(whole: &Whole<'_>, name: &str, node: &Node, problems: &mut Problems) {
    let offers = options_of(node);
    if offers.is_empty() {
        return;
    }
    let counts: Vec<Vec<Told>> = node.wordings().map(|w| told(w, &offers)).collect();
    let at = whole.marks.nodes.get(name).copied().unwrap_or_default();
    let most = counts.iter().flatten().max_by_key(|told| told.options);
    if let Some(Told {
        language, options, ..
    }) = most
        && *options > OPTIONS_MAX
    {
        let message = format!("'{name}' reads out {options} options in '{language}'");
        let remedy = format!("read out {OPTIONS_MAX} at most; the others are still understood");
        problems.tell(ProblemKind::ManyOptions, at, message, remedy);
    }
    if let Some(difference) = counts.iter().find_map(|told| difference(told)) {
        let message = format!("'{name}' reads out {difference}");
        let remedy = "offer the same in both languages";
        problems.tell(ProblemKind::LanguagesDiffer, at, message, remedy);
    }
}

/// What one language of a wording reads out.
struct Told {
    language: Language,
    keys: usize,
    options: usize,
}

fn told(wording: &Wording, offers: &[Offer<'_>]) -> Vec<Told> {
    let told = wording.0.iter().map(|(language, pieces)| {
        let keys = keys_told(pieces, *language, offers);
        Told {
            language: *language,
            keys,
            options: keys.max(phrases_told(pieces, *language, offers)),
        }
    });
    told.collect()
}

fn difference(told: &[Told]) -> Option<String> {
    let [one, other] = told else { return None };
    let (what, first, second) = if one.keys != other.keys {
        ("keys", one.keys, other.keys)
    } else if one.options != other.options && one.options.max(other.options) >= MENU_MIN {
        ("options", one.options, other.options)
    } else {
        return None;
    };
    let (language, other) = (one.language, other.language);
    Some(format!(
        "{first} {what} in '{language}' and {second} in '{other}'"
    ))
}

/// How many questions a caller answers, at the least, until each node asks the next one.
fn depth(whole: &Whole<'_>, problems: &mut Problems) {
    let asks = |number: usize| whole.node(whole.ways.name(number)).is_some_and(is_choice);
    let start = whole.plan.start.as_ref();
    let start = start.and_then(|(_, start)| whole.ways.number(start));
    let mut is_met = vec![false; whole.ways.len()];
    let mut open: VecDeque<(usize, usize)> = VecDeque::new();
    open.extend(start.map(|start| (start, usize::from(asks(start)))));
    while let Some((number, depth)) = open.pop_front() {
        if std::mem::replace(&mut is_met[number], true) {
            continue;
        }
        let name = whole.ways.name(number);
        if asks(number) && depth == QUESTIONS_MAX + 1 {
            let message = format!("'{name}' is question number {depth} on the shortest way to it");
            let remedy = "ask fewer questions before it, or take two of them together";
            let at = whole.ways.place(number);
            problems.tell(ProblemKind::DeepQuestions, at, message, remedy);
        }
        // Ways that ask nothing more come first: so each node is met on its shortest way.
        for next in onward(whole, name, number) {
            if asks(next) {
                open.push_back((next, depth + 1));
            } else {
                open.push_front((next, depth));
            }
        }
    }
}

/// Where a node leads besides its ladders, which are for those who have failed.
fn onward(whole: &Whole<'_>, name: &str, number: usize) -> Vec<usize> {
    let ladders = whole.node(name).and_then(Node::listening);
    let ends = ladders.map(|l| [&l.no_input.then, &l.no_match.then]);
    let is_ladder = |to: &usize| {
        let to = whole.ways.name(*to);
        let leads = |end: &&LadderEnd| matches!(end, LadderEnd::Goto(node) if node == to);
        ends.is_some_and(|ends| ends.iter().any(leads))
    };
    let ahead = whole.ways.ahead()[number].iter().copied();
    ahead.filter(|to| !is_ladder(to)).collect()
}

/// Whether a caller chooses a way here; who is asked for a value is on their way already.
fn is_choice(node: &Node) -> bool {
    match node {
        Node::Ask(_) => true,
        Node::Collect(collect) => {
            matches!(collect.next, Next::ByAnswer { .. }) && collect.confirms.is_none()
        }
        Node::Say(_)
        | Node::Api(_)
        | Node::ApiAll(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => false,
    }
}
