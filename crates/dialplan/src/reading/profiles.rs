//! `profiles`: callers who are treated otherwise.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Entry, Item};
use crate::Profile;
use call_model::Pace;

/// Half as long as others, or three times as long, in per cent.
const PAUSES: [u16; 2] = [50, 300];

impl Reading<'_> {
    /// `profiles: { elder: { when: { age_group: elder }, pauses: 150, rate: 85, ask_limit: 1 } }`;
    /// of several that hold the first counts.
    pub(super) fn read_profiles(&mut self, item: Option<&Item>) -> Vec<Profile> {
        let fields = item.and_then(|item| Fields::open(item, "'profiles'", &mut self.problems));
        let entries = fields.iter().flat_map(|fields| fields.iter());
        entries
            .filter_map(|entry| self.read_profile(entry))
            .collect()
    }

    fn read_profile(&mut self, entry: &Entry) -> Option<Profile> {
        let what = format!("the profile '{}'", entry.key);
        let known = ["when", "pauses", "rate", "ask_limit"];
        let fields = Fields::of(&entry.item, &what, &known, &mut self.problems)?;
        if !values::is_name(&entry.key) {
            let message = format!("'{}' cannot be the name of a profile", entry.key);
            let remedy = "a name has letters, figures, '_' and '-'";
            self.problems.add(entry.key_at, message, remedy);
        }
        let pace = [Pace::SLOWEST, Pace::FASTEST].map(|pace| u16::from(pace.percent()));
        let pauses = self.per_cent(fields, "pauses", PAUSES);
        let rate = self.per_cent(fields, "rate", pace);
        let ask_limit = fields
            .get("ask_limit")
            .and_then(|item| values::number(item, "'ask_limit'", 1..=3, &mut self.problems));
        let Some(item) = fields.get("when") else {
            let message = format!("{what} does not say whom it is for");
            let remedy = "add 'when: { slot: value }'";
            self.problems.add(fields.at, message, remedy);
            return None;
        };
        let when = self.read_conditions(item, &what)?;
        let changes = ["pauses", "rate", "ask_limit"];
        if changes.iter().all(|change| fields.get(change).is_none()) {
            let message = format!("{what} treats nobody otherwise");
            let remedy = "add one of 'pauses', 'rate' and 'ask_limit'";
            self.problems.add(fields.at, message, remedy);
        }
        let byte = |number: u16| u8::try_from(number).ok();
        Some(Profile {
            name: entry.key.clone(),
            when,
            pauses: pauses.unwrap_or(100),
            pace: rate.and_then(byte).map_or(Pace::USUAL, Pace::of_percent),
            ask_limit: ask_limit.and_then(byte),
        })
    }

    fn per_cent(&mut self, fields: Fields<'_>, name: &str, [min, max]: [u16; 2]) -> Option<u16> {
        let item = fields.get(name)?;
        let what = format!("'{name}', in per cent,");
        values::number(item, &what, min..=max, &mut self.problems)
    }
}
