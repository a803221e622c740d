//! `hours` in a plan's head.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Entry, Item};
use crate::hours::is_date;
use crate::{Hours, Span, Weekday, Zone};
use std::collections::{BTreeMap, BTreeSet};

impl Reading<'_> {
    /// `hours: { zone: "+08:00", open: { mon-fri: "09:00-18:00" }, closed_on: [2026-12-25] }`.
    pub(super) fn read_hours(&mut self, item: Option<&Item>) -> Option<Hours> {
        let known = ["zone", "open", "closed_on"];
        let fields = Fields::of(item?, "'hours'", &known, &mut self.problems)?;
        let zone = match fields.get("zone") {
            Some(item) => self.read_zone(item),
            None => {
                let message = "the hours do not say by which clock";
                let remedy = "add 'zone: \"+08:00\"', the offset from UTC";
                self.problems.add(fields.at, message, remedy);
                None
            }
        };
        let closed_on = self.read_days_off(fields.get("closed_on"));
        let open = self.read_open_spans(fields);
        Some(Hours {
            zone: zone?,
            open,
            closed_on,
        })
    }

    fn read_zone(&mut self, item: &Item) -> Option<Zone> {
        let text = values::text(item, "'zone'", &mut self.problems)?;
        let zone = Zone::parse(text);
        if zone.is_none() {
            let message = format!("'{text}' is no offset from UTC");
            let remedy = "write it as \"+08:00\" or \"-05:00\"";
            self.problems.add(item.at, message, remedy);
        }
        zone
    }

    fn read_days_off(&mut self, item: Option<&Item>) -> BTreeSet<String> {
        let mut days = BTreeSet::new();
        for item in item.map(values::items).unwrap_or_default() {
            let Some(text) = values::text(item, "a day", &mut self.problems) else {
                continue;
            };
            if is_date(text) {
                days.insert(text.to_owned());
            } else {
                let message = format!("'{text}' is no day of the calendar");
                self.problems
                    .add(item.at, message, "write it as 2026-12-25");
            }
        }
        days
    }

    fn read_open_spans(&mut self, fields: Fields<'_>) -> BTreeMap<Weekday, Vec<Span>> {
        let mut open: BTreeMap<Weekday, Vec<Span>> = BTreeMap::new();
        let Some(item) = fields.get("open") else {
            let remedy = "add 'open: { mon-fri: \"09:00-18:00\" }'";
            self.problems.add(fields.at, "the hours never open", remedy);
            return open;
        };
        let days = Fields::open(item, "'open'", &mut self.problems);
        for entry in days.iter().flat_map(|days| days.iter()) {
            let spans = self.read_spans(&entry.item);
            for day in self.read_weekdays(entry) {
                if open.insert(day, spans.clone()).is_some() {
                    let message = format!("'{}' stands twice in the hours", day.name());
                    let remedy = "name each day once, with all its spans in a list";
                    self.problems.add(entry.key_at, message, remedy);
                }
            }
        }
        open
    }

    /// `mon`, or `mon-fri`; `sat-mon` goes round the week.
    fn read_weekdays(&mut self, entry: &Entry) -> Vec<Weekday> {
        let named = |name: &str| {
            Weekday::ALL
                .iter()
                .position(|day| day.name() == name.trim())
        };
        let (first, last) = entry
            .key
            .split_once('-')
            .unwrap_or((&entry.key, &entry.key));
        let (Some(first), Some(last)) = (named(first), named(last)) else {
            let message = format!("'{}' is no day of the week", entry.key);
            let remedy = "write mon, tue, wed, thu, fri, sat, sun, or a span such as mon-fri";
            self.problems.add(entry.key_at, message, remedy);
            return Vec::new();
        };
        let last = if last < first { last + 7 } else { last };
        (first..=last).map(|day| Weekday::ALL[day % 7]).collect()
    }

    fn read_spans(&mut self, item: &Item) -> Vec<Span> {
        let mut spans = Vec::new();
        for item in values::items(item) {
            let Some(text) = values::text(item, "a span of a day", &mut self.problems) else {
                continue;
            };
            let span = Span::parse(text);
            if span.is_none() {
                let message = format!("'{text}' is no span of a day");
                let remedy = "write \"09:00-18:00\"; \"22:00-06:00\" ends on the next day";
                self.problems.add(item.at, message, remedy);
            }
            spans.extend(span);
        }
        spans
    }

    /// A slot that a node is to fill; the call's own are not the plan's to fill.
    pub(super) fn slot_to_fill(&mut self, at: super::Place, name: &str) -> bool {
        let is_calls = crate::CallSlot::named(name).is_some();
        if is_calls {
            let message = format!("'{name}' is filled by the call itself");
            let remedy = "keep this in a slot of another name";
            self.problems.add(at, message, remedy);
        }
        !is_calls
    }
}
