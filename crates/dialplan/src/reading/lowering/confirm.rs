//! `confirm`: a value is read back, and asked for again if it is not right.

use super::Whole;
use crate::reading::Place;
use crate::reading::fields::Fields;
use crate::reading::flow::Reading;
use crate::reading::values;
use crate::reading::yaml::{Entry, Value};
use crate::{
    AnswerBy, Collect, Ladder, LadderEnd, Next, Node, Prompt, Wanted, Wording, WordingPiece,
};
use call_model::{Key, Language};

/// Which values are read back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Always,
    /// What was heard less surely than the policy's `confirm_below`.
    Low,
}

const WHICH: [(&str, Which); 2] = [("always", Which::Always), ("low", Which::Low)];

impl Reading<'_> {
    /// `confirm: always`, `confirm: low`, or either with the plan's own wording. The question whether
    /// the value is right is a node of its own.
    pub(in crate::reading) fn read_confirm(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        mut collect: Collect,
    ) -> Option<Collect> {
        let Some(entry) = fields.entry("confirm") else {
            return Some(collect);
        };
        let (which, wording) = self.read_which(entry, &collect)?;
        let Next::Always(next) = collect.next.clone() else {
            return Some(collect);
        };
        let prompt = Prompt {
            wording,
            interruption: collect.prompt.interruption,
        };
        let whole = Whole { name, fields };
        let question = whole.part("confirm");
        let confirmed = confirming(name, &next, prompt, &collect);
        let at = entry.key_at;
        if self.marks.without_globals.iter().any(|node| node == name) {
            self.marks.without_globals.push(question.clone());
        }
        self.link(name, &question, at);
        let slot = collect.slot.clone();
        self.add_part(whole, "confirm", |reading, part| {
            reading.marks.slots_used.push((at, slot));
            reading.link(part, &next, at);
            reading.link(part, name, at);
            let listening = &confirmed.listening;
            for ladder in [&listening.no_input, &listening.no_match] {
                if let LadderEnd::Goto(to) = &ladder.then {
                    reading.link(part, to, at);
                }
            }
            Some(Node::Collect(confirmed))
        });
        collect.next = Next::Always(question);
        collect.sure = (which == Which::Low).then_some(next);
        Some(collect)
    }

    fn read_which(&mut self, entry: &Entry, collect: &Collect) -> Option<(Which, Wording)> {
        let item = &entry.item;
        let named = match &item.value {
            Value::Map(_) => {
                let known = WHICH.map(|(name, _)| name);
                let fields = Fields::of(item, "'confirm'", &known, &mut self.problems)?;
                let mut given = WHICH.iter().filter_map(|(name, which)| {
                    let wording = fields.get(name)?;
                    Some((*which, Some(wording)))
                });
                match (given.next(), given.next()) {
                    (Some(only), None) => Some(only),
                    _ => None,
                }
            }
            Value::Scalar(_) | Value::List(_) => {
                let text = values::as_text(item);
                let which = WHICH
                    .iter()
                    .find(|(name, _)| text.is_some_and(|text| text == name));
                which.map(|(_, which)| (*which, None))
            }
        };
        let Some((which, own)) = named else {
            let message = "'confirm' says not which values are read back";
            self.problems.add(
                item.at,
                message,
                "say 'always', 'low', or '{always: wording}'",
            );
            return None;
        };
        let wording = match own {
            Some(item) => {
                let wording = self.wording(item, "'confirm'");
                self.tells_value(item.at, &wording, &collect.slot)?;
                wording
            }
            None => self.usual_question(&collect.slot),
        };
        self.can_be_confirmed(entry.key_at, which, collect)?;
        Some((which, wording))
    }

    fn can_be_confirmed(&mut self, at: Place, which: Which, collect: &Collect) -> Option<()> {
        let (message, remedy) = if collect.is_sensitive {
            (
                "a value that nobody else may know is never read out",
                "take 'confirm' out, or 'sensitive' if anybody may hear it",
            )
        } else if which == Which::Low && collect.listening.by == AnswerBy::Keys {
            (
                "keys are never heard wrongly",
                "say 'confirm: always', or take it out",
            )
        } else {
            match collect.wanted {
                Wanted::YesNo | Wanted::OneOf(_) => (
                    "an answer of the plan's own names cannot be read back",
                    "ask a 'yes_no' question after it",
                ),
                Wanted::Digits { .. } | Wanted::Value(_) | Wanted::Grammar { .. } => {
                    return Some(());
                }
            }
        };
        self.problems.add(at, message, remedy);
        None
    }

    /// Whether the caller hears what is to be right.
    fn tells_value(&mut self, at: Place, wording: &Wording, slot: &str) -> Option<()> {
        let mut languages = wording.0.values();
        if languages.all(|pieces| pieces.iter().any(|piece| piece.slot() == Some(slot))) {
            return Some(());
        }
        let message = format!("the question does not tell what is to be right: '{{{slot}}}'");
        let remedy = format!("put '{{{slot}}}' in it, in every language");
        self.problems.add(at, message, remedy);
        None
    }

    /// "That is … . Is that right?"
    fn usual_question(&self, slot: &str) -> Wording {
        let text = |text: &str| WordingPiece::Text(text.to_owned());
        let value = WordingPiece::Slot(slot.to_owned());
        let questions = self.languages.iter().map(|language| {
            let pieces = match language {
                Language::En => vec![text("That is"), value.clone(), text(". Is that right?")],
                Language::Zh => vec![value.clone(), text("，对吗？")],
            };
            (*language, pieces)
        });
        Wording(questions.collect())
    }
}

/// The question whether the value of `collect` is right. What brings nothing is asked once more, and
/// goes the way of the value's own ladders then.
fn confirming(name: &str, next: &str, prompt: Prompt, collect: &Collect) -> Collect {
    let mut listening = collect.listening.clone();
    for ladder in [&mut listening.no_input, &mut listening.no_match] {
        *ladder = Ladder {
            tries: vec![prompt.wording.clone()],
            then: ladder.then.clone(),
        };
    }
    Collect {
        prompt,
        listening,
        slot: format!("{}_confirmed", collect.slot),
        wanted: Wanted::YesNo,
        next: Next::ByAnswer {
            yes: next.to_owned(),
            no: name.to_owned(),
        },
        inter_digit: collect.inter_digit,
        terminator: Key::try_from('#').ok(),
        is_sensitive: false,
        sure: None,
        confirms: Some(name.to_owned()),
    }
}
