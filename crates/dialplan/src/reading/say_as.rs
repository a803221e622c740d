//! `say_as`: words that the voice says wrong.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::Item;
use crate::SayAs;

impl Reading<'_> {
    /// `say_as: { en: { IBAN: eye ban }, zh: { 重庆: 崇庆 } }`.
    pub(super) fn read_say_as(&mut self, item: Option<&Item>) -> SayAs {
        let mut say_as = SayAs::default();
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let fields = item.and_then(|i| Fields::of(i, "'say_as'", &tags, &mut self.problems));
        let Some(fields) = fields else {
            return say_as;
        };
        for language in self.languages.clone() {
            let what = format!("'say_as' in '{language}'");
            let words = fields.get(language.tag());
            let words = words.and_then(|item| Fields::open(item, &what, &mut self.problems));
            for entry in words.iter().flat_map(|words| words.iter()) {
                let written = entry.key.trim();
                let Some(spoken) = values::text(&entry.item, &what, &mut self.problems) else {
                    continue;
                };
                if written.is_empty() || spoken.trim().is_empty() {
                    let message = format!("'{written}' would be said as '{spoken}'");
                    let remedy = "write the word, and how it sounds: 'IBAN: eye ban'";
                    self.problems.add(entry.item.at, message, remedy);
                    continue;
                }
                let of_language = say_as.0.entry(language).or_default();
                of_language.insert(written.to_owned(), spoken.trim().to_owned());
            }
        }
        say_as
    }
}
