//! The ways of a plan as arrows, each with a short word.

use super::told::short;
use crate::{Case, Ladder, LadderEnd, Next, Node, Plan};
use call_model::Language;
use std::collections::BTreeMap;

/// The most letters of an arrow's word.
const WORD_MAX: usize = 22;

/// One way, between boxes by number.
#[derive(Clone, Debug)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    pub word: String,
    /// Gone when the caller failed, or a back end did.
    pub is_ladder: bool,
    /// No way of the plan: a call went here nevertheless, as an intent tier may.
    pub is_leap: bool,
    /// It has no say in where its boxes stand.
    pub is_aside: bool,
    /// In how many calls it was gone.
    pub gone: usize,
    /// When it was gone in the one call that is shown: first, second and so on.
    pub steps: Vec<usize>,
}

/// Every way of a plan, those between the same boxes put together.
pub(super) fn of(plan: &Plan, numbers: &BTreeMap<&str, usize>, language: Language) -> Vec<Arrow> {
    let mut arrows: Vec<Arrow> = Vec::new();
    for (name, node) in plan.nodes() {
        let first = arrows.len();
        for (to, word, is_ladder) in ways(node, language) {
            let (Some(from), Some(to)) = (numbers.get(name), numbers.get(to)) else {
                continue;
            };
            let known = arrows[first..]
                .iter_mut()
                .find(|arrow| arrow.to == *to && arrow.is_ladder == is_ladder);
            if let Some(known) = known {
                if !word.is_empty() && !known.word.is_empty() && known.word != word {
                    known.word = short(&format!("{}, {word}", known.word), WORD_MAX);
                }
                continue;
            }
            arrows.push(Arrow {
                from: *from,
                to: *to,
                word,
                is_ladder,
                is_leap: false,
                is_aside: false,
                gone: 0,
                steps: Vec::new(),
            });
        }
    }
    arrows
}

/// Where a node leads, with the word for it, and whether something failed then.
fn ways(node: &Node, language: Language) -> Vec<(&str, String, bool)> {
    let mut ways: Vec<(&str, String, bool)> = match node {
        Node::Say(say) => vec![(&say.next, String::new(), false)],
        Node::Ask(ask) => ask
            .choices
            .iter()
            .map(|choice| {
                let keys: String = choice.keys.iter().map(|key| key.face()).collect();
                let phrase = choice.words.get(&language).and_then(|words| words.first());
                let phrase = phrase.map(String::as_str).unwrap_or_default();
                let word = match keys.is_empty() {
                    true => short(phrase, WORD_MAX),
                    false => short(&format!("{keys} {phrase}"), WORD_MAX),
                };
                (choice.to.as_str(), word, false)
            })
            .collect(),
        Node::Collect(collect) => match &collect.next {
            Next::Always(to) => {
                let (sure, unsure) = match language {
                    Language::En => ("sure", "unsure"),
                    Language::Zh => ("听清", "没听清"),
                };
                match &collect.sure {
                    Some(past) => vec![
                        (to, unsure.to_owned(), false),
                        (past, sure.to_owned(), false),
                    ],
                    None => vec![(to, String::new(), false)],
                }
            }
            Next::ByAnswer { yes, no } => {
                let [yes_word, no_word] = match language {
                    Language::En => ["yes", "no"],
                    Language::Zh => ["是", "不是"],
                };
                vec![
                    (yes, yes_word.to_owned(), false),
                    (no, no_word.to_owned(), false),
                ]
            }
        },
        Node::Api(api) => {
            let mut ways = vec![(api.next.as_str(), String::new(), false)];
            let statuses = api.on_status.iter();
            ways.extend(statuses.map(|(status, to)| (to.as_str(), status.to_string(), false)));
            if let LadderEnd::Goto(to) = &api.error {
                let word = match language {
                    Language::En => "no answer",
                    Language::Zh => "无应答",
                };
                ways.push((to, word.to_owned(), true));
            }
            ways
        }
        Node::ApiAll(all) => {
            let [some, none] = match language {
                Language::En => ["some", "none"],
                Language::Zh => ["部分成功", "全部失败"],
            };
            let mut ways = vec![
                (all.next.as_str(), String::new(), false),
                (all.partly.as_str(), some.to_owned(), false),
            ];
            if let LadderEnd::Goto(to) = &all.error {
                ways.push((to, none.to_owned(), true));
            }
            ways
        }
        Node::Decide(decide) => {
            let case = |case: &Case| short(&case.to_string(), WORD_MAX);
            let mut ways: Vec<_> = decide
                .cases
                .iter()
                .map(|it| (it.to.as_str(), case(it), false))
                .collect();
            let otherwise = match language {
                Language::En => "otherwise",
                Language::Zh => "否则",
            };
            ways.push((&decide.otherwise, otherwise.to_owned(), false));
            ways
        }
        Node::Set(note) => vec![(&note.next, String::new(), false)],
        Node::Handoff(handoff) => {
            let word = match language {
                Language::En => "nobody free",
                Language::Zh => "无人接听",
            };
            let overflow = handoff.person.overflow_node();
            let way = overflow.map(|to| (to, word.to_owned(), true));
            way.into_iter().collect()
        }
        Node::End(_) => Vec::new(),
    };
    if let Some(listening) = node.listening() {
        for Ladder { then, .. } in [&listening.no_input, &listening.no_match] {
            if let LadderEnd::Goto(to) = then {
                ways.push((to, String::new(), true));
            }
        }
    }
    ways
}
