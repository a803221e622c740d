//! A few words of a plan's for something: a node's title, the name of a back end.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::Item;
use crate::ProblemKind;
use call_model::Language;
use std::collections::BTreeMap;

/// A title stands on an agent's telephone beside the reason.
const TITLE_MAX: usize = 24;

impl Reading<'_> {
    /// `title: {en: lost card, zh: 挂失}`: what an agent is told the caller was at.
    pub(super) fn read_title(&mut self, name: &str, item: &Item) {
        let titles = self.words_per_language(item, &format!("the title of '{name}'"));
        self.titles.insert(name.to_owned(), titles);
    }

    /// A few words in each language of the plan; a plain text where it speaks but one.
    pub(super) fn words_per_language(
        &mut self,
        item: &Item,
        what: &str,
    ) -> BTreeMap<Language, String> {
        let mut words = BTreeMap::new();
        if let (Some(_), [language]) = (values::as_text(item), self.languages.as_slice()) {
            let language = *language;
            words.extend(self.few_words(item, what).map(|text| (language, text)));
            return words;
        }
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let Some(fields) = Fields::of(item, what, &tags, &mut self.problems) else {
            return words;
        };
        for language in self.languages.clone() {
            match fields.get(language.tag()) {
                Some(item) => {
                    words.extend(self.few_words(item, what).map(|text| (language, text)));
                }
                None => self.problems.tell(
                    ProblemKind::MissingLanguage,
                    fields.at,
                    format!("{what} is missing in '{language}'"),
                    format!("add '{language}: …'"),
                ),
            }
        }
        words
    }

    fn few_words(&mut self, item: &Item, what: &str) -> Option<String> {
        let text = values::text(item, what, &mut self.problems)?.trim();
        if text.chars().count() <= TITLE_MAX {
            return Some(text.to_owned());
        }
        self.problems.add(
            item.at,
            format!("{what} is too long to be shown or told in passing"),
            format!("write {TITLE_MAX} characters at most"),
        );
        None
    }
}
