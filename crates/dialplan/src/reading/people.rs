//! Nodes that give the caller to a person.

use super::fields::Fields;
use super::flow::Reading;
use super::nodes::is_nothing;
use super::values;
use super::yaml::{Item, Value};
use crate::{HandoffMethod, HandoffNode, PersonWanted, ProblemKind, QueueOverflow};
use call_model::Urgency;

impl Reading<'_> {
    /// `handoff: a_skill`, or `handoff: { skill: cards, priority: 5, method: refer }`.
    pub(super) fn read_handoff(&mut self, fields: Fields<'_>) -> HandoffNode {
        let item = fields.get("handoff").filter(|item| !is_nothing(item));
        let person = item.and_then(|item| self.read_person(item));
        HandoffNode {
            prompt: self.prompt(fields, "say"),
            person: person.unwrap_or_default(),
        }
    }

    fn read_person(&mut self, item: &Item) -> Option<PersonWanted> {
        let Value::Map(_) = item.value else {
            let skill = values::name(item, "a skill", &mut self.problems)?.to_owned();
            return Some(PersonWanted {
                skill: Some(skill),
                ..PersonWanted::default()
            });
        };
        let known = ["skill", "priority", "method"];
        let fields = Fields::of(item, "'handoff'", &known, &mut self.problems)?;
        let skill = fields.get("skill");
        let skill = skill.and_then(|item| values::name(item, "a skill", &mut self.problems));
        Some(PersonWanted {
            skill: skill.map(str::to_owned),
            urgency: self.read_urgency(fields),
            method: fields
                .get("method")
                .and_then(|item| self.read_handoff_method(item)),
            ..PersonWanted::default()
        })
    }

    /// `priority: 5`.
    fn read_urgency(&mut self, fields: Fields<'_>) -> Urgency {
        let range = 0..=u16::from(Urgency::MAX.number());
        let number = fields
            .get("priority")
            .and_then(|item| values::number(item, "'priority'", range, &mut self.problems));
        let number = number.and_then(|number| u8::try_from(number).ok());
        number.and_then(Urgency::new).unwrap_or_default()
    }

    fn read_handoff_method(&mut self, item: &Item) -> Option<HandoffMethod> {
        let methods = [
            ("bridge", HandoffMethod::Bridge),
            ("refer", HandoffMethod::Refer),
        ];
        let method = values::choice(item, "'method'", &methods, &mut self.problems)?;
        if method == HandoffMethod::Refer {
            self.refuse_leaving_the_record(item, "write 'method: bridge'");
        }
        let people = &self.policy.people;
        let (is_named, field) = match method {
            HandoffMethod::Bridge => (people.queue.is_some(), "queue: desk"),
            HandoffMethod::Refer => (people.transfer.is_some(), "transfer: sip:…"),
        };
        if !is_named {
            let message = "the plan's head does not say where to";
            let remedy = format!("add '{field}' to its 'people'");
            self.problems.add(item.at, message, remedy);
        }
        Some(method)
    }

    /// `queue: cards`, with `overflow: callback`, `otherwise` (the head's way) or a node.
    pub(super) fn read_queue(&mut self, name: &str, fields: Fields<'_>) -> Option<HandoffNode> {
        let item = fields.get("queue")?;
        let queue = values::name(item, "a queue", &mut self.problems);
        let overflow = match fields.get("overflow") {
            Some(item) => self.read_overflow(name, item),
            None => {
                let message = "nothing says what follows when nobody of the queue is to be had";
                let remedy = "add 'overflow: callback', 'overflow: otherwise' (the way of the head's 'people') or a node";
                let kind = ProblemKind::NoOverflow;
                self.problems.tell(kind, item.at, message, remedy);
                None
            }
        };
        let urgency = self.read_urgency(fields);
        let prompt = self.prompt(fields, "say");
        Some(HandoffNode {
            prompt,
            person: PersonWanted {
                queue: Some(queue?.to_owned()),
                urgency,
                overflow,
                ..PersonWanted::default()
            },
        })
    }

    fn read_overflow(&mut self, name: &str, item: &Item) -> Option<QueueOverflow> {
        match values::as_text(item).map(String::as_str) {
            Some("callback") => Some(QueueOverflow::Callback),
            Some("otherwise") => None,
            Some(_) | None => self.target_of(name, item).map(QueueOverflow::Goto),
        }
    }
}
