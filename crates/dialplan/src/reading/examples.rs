//! Whole sentences that callers say at an open question, to learn from.

use super::fields::{Fields, suggestion};
use super::flow::Reading;
use super::nodes::Taken;
use super::values;
use super::yaml::Item;
use crate::{Choice, ProblemKind};
use call_model::Language;
use spoken_text::normalise;
use std::collections::BTreeMap;

/// The group of sentences that no route covers.
const NOWHERE: &str = "nowhere";

type Sentences = BTreeMap<Language, Vec<String>>;

impl Reading<'_> {
    /// `examples: {balance: {en: [how much have i got left], zh: […]}, nowhere: {…}}`: gives each
    /// choice its own, by the name of its route as it is written, and returns those of no route.
    pub(super) fn read_examples(
        &mut self,
        fields: Fields<'_>,
        choices: &mut [(String, Choice)],
        taken: &mut Taken,
    ) -> Sentences {
        let mut nowhere = Sentences::new();
        let Some(item) = fields.get("examples") else {
            return nowhere;
        };
        let Some(groups) = Fields::open(item, "'examples'", &mut self.problems) else {
            return nowhere;
        };
        for entry in groups.iter() {
            let name = entry.key.as_str();
            let place = choices.iter().position(|(route, _)| route == name);
            let to = match (place, name) {
                (Some(place), _) => choices[place].1.to.clone(),
                (None, NOWHERE) => NOWHERE.to_owned(),
                (None, _) => {
                    let mut known: Vec<&str> = choices.iter().map(|(r, _)| r.as_str()).collect();
                    known.push(NOWHERE);
                    let message = format!("'{name}' is no route here that sentences could lead to");
                    let remedy = suggestion(name, &known);
                    self.problems.add(entry.key_at, message, remedy);
                    continue;
                }
            };
            let sentences = self.sentences(&entry.item, name, &to, taken);
            match place {
                Some(place) => choices[place].1.examples = sentences,
                None => nowhere = sentences,
            }
        }
        nowhere
    }

    /// The sentences of one group; a language may have none.
    fn sentences(&mut self, item: &Item, name: &str, to: &str, taken: &mut Taken) -> Sentences {
        let mut all = Sentences::new();
        let what = format!("the examples of '{name}'");
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let Some(fields) = Fields::of(item, &what, &tags, &mut self.problems) else {
            return all;
        };
        for language in self.languages.clone() {
            let items = fields.get(language.tag()).map(values::items);
            for item in items.unwrap_or_default() {
                let Some(text) = values::text(item, &what, &mut self.problems) else {
                    continue;
                };
                let text = normalise(text, language);
                let place = (language, text.clone());
                let other = taken.words.entry(place).or_insert_with(|| to.to_owned());
                if other != to {
                    let message = format!("'{text}' leads to '{other}' and to '{to}'");
                    let remedy = "keep it in one of the two";
                    let kind = ProblemKind::PhraseClash;
                    self.problems.tell(kind, item.at, message, remedy);
                } else if !text.is_empty() {
                    all.entry(language).or_default().push(text);
                }
            }
        }
        all
    }
}
