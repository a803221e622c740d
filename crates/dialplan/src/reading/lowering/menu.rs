//! `menu`: a question that is answered by keys alone.

use crate::reading::fields::Fields;
use crate::reading::flow::Reading;
use crate::reading::nodes::Taken;
use crate::reading::values;
use crate::{AnswerBy, Ask, Choice};
use call_model::Key;
use std::collections::BTreeMap;

impl Reading<'_> {
    /// `menu: wording`, `keys: { 1: balance, 2: cards }`.
    pub(in crate::reading) fn read_menu(&mut self, name: &str, fields: Fields<'_>) -> Option<Ask> {
        let prompt = self.prompt(fields, "menu");
        let choices = self.read_menu_keys(name, fields);
        let listening = self.read_listening(name, fields);
        let mut listening = listening?;
        listening.by = AnswerBy::Keys;
        Some(Ask {
            prompt: prompt?,
            listening,
            choices: choices?,
            open: BTreeMap::new(),
            nowhere: BTreeMap::new(),
        })
    }

    fn read_menu_keys(&mut self, name: &str, fields: Fields<'_>) -> Option<Vec<Choice>> {
        let remedy = "add 'keys:' with the node that each leads to: { 1: a-node }";
        let Some(item) = fields.get("keys") else {
            let message = format!("node '{name}' has no keys");
            self.problems.add(fields.at, message, remedy);
            return None;
        };
        let keys = Fields::open(item, "'keys'", &mut self.problems)?;
        let mut choices: Vec<Choice> = Vec::new();
        let mut taken = Taken::default();
        for entry in keys.iter() {
            let to = self.target_of(name, &entry.item);
            let key = values::key_of(&entry.key, entry.key_at, &mut self.problems);
            let (Some(to), Some(key)) = (to, key) else {
                continue;
            };
            self.take_key(key, entry.key_at, &to, &mut taken);
            choose(&mut choices, key, to);
        }
        if keys.iter().next().is_none() {
            let message = format!("node '{name}' has no keys");
            self.problems.add(item.at, message, remedy);
            return None;
        }
        Some(choices)
    }
}

/// Keys that lead to the same node are one choice.
fn choose(choices: &mut Vec<Choice>, key: Key, to: String) {
    match choices.iter_mut().find(|choice| choice.to == to) {
        Some(choice) => choice.keys.push(key),
        None => choices.push(Choice {
            to,
            words: BTreeMap::new(),
            keys: vec![key],
            examples: BTreeMap::new(),
        }),
    }
}
