//! `message`: a short message to the caller's telephone, through the gateway of the plan's head.

use super::Whole;
use crate::api::{JsonTemplate, TemplatePiece};
use crate::reading::api::DEADLINE;
use crate::reading::fields::Fields;
use crate::reading::flow::Reading;
use crate::reading::values;
use crate::reading::yaml::{Item, Value};
use crate::{Api, ApiCall, CallSlot, Case, Decide, Line, Node, ProblemKind, Test, Wording};
use call_model::{ApiMethod, Language};
use std::collections::BTreeMap;

const NO_NEXT: [&str; 2] = ["leads nowhere", "add 'next: a-node'"];

impl Reading<'_> {
    /// The head's `messages: { url: …, headers_env: … }`.
    pub(in crate::reading) fn read_messages(&mut self, item: Option<&Item>) -> Option<ApiCall> {
        let known = ["url", "headers_env", "deadline", "retries"];
        let fields = Fields::of(item?, "'messages'", &known, &mut self.problems)?;
        let call = self.read_call("messages", fields, DEADLINE)?;
        Some(ApiCall {
            method: ApiMethod::Post,
            is_idempotent: true,
            ..call
        })
    }

    /// `message: wording`, `to: "{call_number}"`, `link: https://…`. It is sent in the language of
    /// the call, once, however often it must be tried.
    pub(in crate::reading) fn read_message(
        &mut self,
        name: &str,
        fields: Fields<'_>,
    ) -> Option<Node> {
        let whole = Whole { name, fields };
        if !self.has_messages {
            let message = "the plan's head does not say how messages are sent";
            let remedy = "add 'messages: { url: https://… }'";
            let at = fields
                .entry("message")
                .map_or(fields.at, |entry| entry.key_at);
            self.problems.add(at, message, remedy);
        }
        let languages = self.languages.clone();
        if let [language] = languages.as_slice() {
            return self.sending(name, whole, *language).map(Node::Api);
        }
        for language in &languages {
            self.add_part(whole, language.tag(), |reading, part| {
                reading.sending(part, whole, *language).map(Node::Api)
            });
            self.link(name, &whole.part(language.tag()), fields.at);
        }
        let (usual, others) = languages.split_first()?;
        let cases = others.iter().map(|language| {
            let is_spoken = Test::OneOf(vec![language.tag().to_owned()]);
            Case {
                when: BTreeMap::from([(CallSlot::Language.name().to_owned(), vec![is_spoken])]),
                to: whole.part(language.tag()),
            }
        });
        Some(Node::Decide(Decide {
            cases: cases.collect(),
            otherwise: whole.part(usual.tag()),
        }))
    }

    /// The request that sends it in one language.
    fn sending(&mut self, node: &str, whole: Whole<'_>, language: Language) -> Option<Api> {
        let fields = whole.fields;
        let text = self.message_text(fields.get("message")?, language);
        let to = match fields.get("to") {
            Some(item) => self.template_of(item, "'to'"),
            None => Some(vec![TemplatePiece::Slot(
                CallSlot::Number.name().to_owned(),
            )]),
        };
        let link = fields
            .get("link")
            .map(|item| self.template_of(item, "'link'"));
        let holding = match fields.get("say") {
            Some(item) => self.wording(item, "'say'"),
            None => self.usual_holding(),
        };
        let next = self.way_of_part(node, whole, "next", NO_NEXT);
        let error = self.error_of_part(node, whole);
        let tag = vec![TemplatePiece::Text(language.tag().to_owned())];
        let mut body = BTreeMap::from([
            ("to".to_owned(), JsonTemplate::Text(to?)),
            ("text".to_owned(), JsonTemplate::Text(text?)),
            ("language".to_owned(), JsonTemplate::Text(tag)),
        ]);
        if let Some(link) = link {
            body.insert("link".to_owned(), JsonTemplate::Text(link?));
        }
        Some(Api {
            holding,
            call: ApiCall {
                body: Some(JsonTemplate::Object(body)),
                ..self.messages.clone()?
            },
            next: next?,
            on_status: BTreeMap::new(),
            error: error?,
        })
    }

    /// The words of a message in one language: a text, since telephones show no sounds.
    fn message_text(&mut self, item: &Item, language: Language) -> Option<Vec<TemplatePiece>> {
        let Value::Map(_) = item.value else {
            if self.languages.len() > 1 {
                let message = "a message has its words in every language of the plan";
                let remedy = "write '{ en: …, zh: … }'";
                self.problems
                    .tell(ProblemKind::MissingLanguage, item.at, message, remedy);
                return None;
            }
            return self.template_of(item, "'message'");
        };
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let fields = Fields::of(item, "'message'", &tags, &mut self.problems)?;
        let Some(words) = fields.get(language.tag()) else {
            self.problems.tell(
                ProblemKind::MissingLanguage,
                item.at,
                format!("'message' has no words in '{language}'"),
                format!("add '{language}: …'"),
            );
            return None;
        };
        self.template_of(words, "'message'")
    }

    fn template_of(&mut self, item: &Item, what: &str) -> Option<Vec<TemplatePiece>> {
        let text = values::text(item, what, &mut self.problems)?;
        self.pieces_of(text, item)
    }

    fn usual_holding(&self) -> Wording {
        let line = self.lines.get(&Line::OneMoment);
        line.cloned().unwrap_or_default()
    }
}
