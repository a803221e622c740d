//! Nodes that ask for a value.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use crate::{AnswerBy, Collect, Listening, Next, Prompt, Wanted};
use call_model::Key;

impl Reading<'_> {
    pub(super) fn read_collect(&mut self, name: &str, fields: Fields<'_>) -> Option<Collect> {
        let prompt = self.prompt(fields, "collect");
        let listening = self.read_listening(name, fields);
        let collect = self.read_collect_with(name, fields, prompt, listening)?;
        self.read_confirm(name, fields, collect)
    }

    /// A question for a value whose words and ladders are known.
    pub(super) fn read_collect_with(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        prompt: Option<Prompt>,
        listening: Option<Listening>,
    ) -> Option<Collect> {
        let slot = match fields.get("slot") {
            Some(item) => values::name(item, "a slot", &mut self.problems)
                .filter(|slot| self.slot_to_fill(item.at, slot))
                .map(str::to_owned),
            None => {
                let message = format!("node '{name}' keeps its value nowhere");
                self.problems.add(fields.at, message, "add 'slot: a-name'");
                None
            }
        };
        let wanted = self.read_wanted(name, fields);
        let inter_digit = fields.get("inter_digit");
        let inter_digit =
            inter_digit.and_then(|i| values::duration(i, "'inter_digit'", &mut self.problems));
        let terminator = self.read_terminator(fields);
        let sensitive = fields.get("sensitive");
        let sensitive = sensitive.and_then(|i| values::flag(i, "'sensitive'", &mut self.problems));
        let (wanted, answers) = wanted?;
        if let Some(item) = fields.get("by")
            && let Wanted::Value(kind) = &wanted
            && !kind.is_keyable()
            && listening.as_ref().is_some_and(|l| l.by == AnswerBy::Keys)
        {
            let message = format!("node '{name}' hears keys alone, and no key enters its value");
            let remedy = "let it hear voices: 'by: voice'";
            self.problems.add(item.at, message, remedy);
        }
        if let Wanted::Value(kind) = &wanted
            && let Some(key) = terminator.filter(|key| kind.takes_key(key.face()))
            && let Some(item) = fields.get("terminator")
        {
            let message = format!("{key} is part of the value here");
            self.problems
                .add(item.at, message, "take \"#\", or leave 'terminator' out");
        }
        let next = match answers {
            Some(next) => next,
            None => Next::Always(self.required_target(name, fields)?),
        };
        Some(Collect {
            prompt: prompt?,
            listening: listening?,
            slot: slot?,
            wanted,
            next,
            inter_digit: inter_digit.unwrap_or(self.policy.listening.inter_digit),
            terminator,
            is_sensitive: sensitive.unwrap_or(false),
            sure: None,
            confirms: None,
        })
    }

    fn read_terminator(&mut self, fields: Fields<'_>) -> Option<Key> {
        let usual = Key::try_from('#').ok();
        match fields.get("terminator") {
            None => usual,
            Some(item) if values::as_text(item).is_some_and(|text| text == "none") => None,
            Some(item) => {
                let key = values::key(item, "'terminator'", &mut self.problems);
                if key.is_some_and(|key| key.face().is_ascii_digit()) {
                    self.problems.add(
                        item.at,
                        "a digit cannot end an entry of digits",
                        "take \"#\" or \"*\"",
                    );
                }
                key
            }
        }
    }
}
