//! Nodes that ask several back ends at the same time.

use super::api::DEADLINE;
use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::Entry;
use crate::{ApiAll, ApiPart, ProblemKind};
use call_model::Language;
use std::collections::BTreeMap;
use std::time::Duration;

/// More at the same time are no longer one thing to a caller.
const PARTS_MAX: usize = 8;

impl Reading<'_> {
    /// `api: { all: { wallet: {…}, card: {…} }, deadline: 3s }`.
    pub(super) fn read_api_all(&mut self, name: &str, fields: Fields<'_>) -> Option<ApiAll> {
        let what = format!("'api' of node '{name}'");
        let item = fields.get("api")?;
        let group = Fields::of(item, &what, &["all", "deadline"], &mut self.problems)?;
        let holding = self.read_holding(name, fields);
        let next = self.required_target(name, fields);
        let partly = match fields.get("partly") {
            Some(item) => self.target_of(name, item),
            None => {
                self.problems.tell(
                    ProblemKind::NoErrorExit,
                    fields.at,
                    format!("node '{name}' does not say what happens when only some succeed"),
                    "add 'partly: a-node', which tells the caller which",
                );
                None
            }
        };
        let error = self.read_error(name, fields);
        for field in ["on_status", "not_found"] {
            if let Some(entry) = fields.entry(field) {
                let message = format!("'{field}' is for a node that asks one back end");
                let remedy =
                    "take it out: whoever does not succeed stands in the slot of those that failed";
                self.problems.add(entry.key_at, message, remedy);
            }
        }
        let deadline = self.read_deadline(group).unwrap_or(DEADLINE);
        let own = self.scope.written(name);
        let (done, failed) = (format!("{own}_done"), format!("{own}_failed"));
        let parts = self.read_parts(name, group, deadline)?;
        Some(ApiAll {
            holding: holding?,
            parts,
            done,
            failed,
            next: next?,
            partly: partly?,
            error: error?,
        })
    }

    fn read_parts(
        &mut self,
        name: &str,
        group: Fields<'_>,
        deadline: Duration,
    ) -> Option<Vec<ApiPart>> {
        let item = group.get("all")?;
        let all = Fields::open(item, "'all'", &mut self.problems)?;
        let count = all.iter().count();
        if !(1..=PARTS_MAX).contains(&count) {
            let message = format!("node '{name}' asks {count} back ends at the same time");
            let remedy = format!("name 1 to {PARTS_MAX}, each with its 'url'");
            self.problems.add(item.at, message, remedy);
            return None;
        }
        let parts: Vec<Option<ApiPart>> = all
            .iter()
            .map(|entry| self.read_part(name, entry, deadline))
            .collect();
        parts.into_iter().collect()
    }

    fn read_part(&mut self, node: &str, entry: &Entry, deadline: Duration) -> Option<ApiPart> {
        let part = entry.key.clone();
        if !values::is_name(&part) {
            let message = format!("'{part}' cannot be the name of a back end");
            let remedy = "a name has letters, figures, '_' and '-'";
            self.problems.add(entry.key_at, message, remedy);
            return None;
        }
        let what = format!("'{part}' of node '{node}'");
        let request = self.request_fields(&entry.item, &what, &["name"])?;
        let name = match request.get("name") {
            Some(item) => self.words_per_language(item, &format!("the name of '{part}'")),
            None => {
                let message = format!("'{part}' has no name that a caller can be told");
                let remedy = "add 'name:' in every language of the plan";
                self.problems.add(request.at, message, remedy);
                BTreeMap::<Language, String>::new()
            }
        };
        let call = self.read_call(node, request, deadline)?;
        Some(ApiPart { part, name, call })
    }
}
