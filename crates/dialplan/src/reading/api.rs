//! Nodes that ask a back end.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Item, Value};
use crate::api::{JsonTemplate, TemplatePiece, UrlTemplate};
use crate::{Api, ApiCall, LadderEnd, ProblemKind, Wording};
use call_model::ApiMethod;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const REQUEST: [&str; 8] = [
    "url",
    "method",
    "body",
    "headers_env",
    "deadline",
    "retries",
    "idempotency",
    "keep",
];
/// One try, where the plan says nothing else, and its bounds.
pub(super) const DEADLINE: Duration = Duration::from_secs(3);
const DEADLINES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(60)];
/// A question may be asked again where the plan says nothing; an order may not.
const RETRIES_OF_GET: u8 = 1;
const RETRIES_MAX: u16 = 3;
/// Headers that the request makes itself.
const OWN_HEADERS: [&str; 7] = [
    "host",
    "idempotency-key",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "upgrade",
];

impl Reading<'_> {
    pub(super) fn read_api(&mut self, name: &str, fields: Fields<'_>) -> Option<Api> {
        let what = format!("'api' of node '{name}'");
        let request = self.request_fields(fields.get("api")?, &what, &[]);
        let holding = self.read_holding(name, fields);
        let next = self.required_target(name, fields);
        let on_status = self.read_statuses(name, fields);
        let error = self.read_error(name, fields);
        if let Some(entry) = fields.entry("partly") {
            let message = "'partly' is for a node that asks several back ends";
            let remedy = "take it out, or name them under 'all:'";
            self.problems.add(entry.key_at, message, remedy);
        }
        let call = self.read_call(name, request?, DEADLINE);
        Some(Api {
            holding: holding?,
            call: call?,
            next: next?,
            on_status,
            error: error?,
        })
    }

    pub(super) fn request_fields<'a>(
        &mut self,
        item: &'a Item,
        what: &str,
        more: &[&str],
    ) -> Option<Fields<'a>> {
        let known: Vec<&str> = REQUEST.iter().chain(more).copied().collect();
        Fields::of(item, what, &known, &mut self.problems)
    }

    pub(super) fn read_holding(&mut self, name: &str, fields: Fields<'_>) -> Option<Wording> {
        if let Some(item) = fields.get("say") {
            return Some(self.wording(item, "'say'"));
        }
        let message = format!("node '{name}' says nothing while it waits");
        let remedy = "add 'say: one moment, please', in every language of the plan";
        self.problems.add(fields.at, message, remedy);
        None
    }

    /// One request; `usual` is the deadline where it says none.
    pub(super) fn read_call(
        &mut self,
        name: &str,
        request: Fields<'_>,
        usual: Duration,
    ) -> Option<ApiCall> {
        let method = self.read_method(request);
        let body = request.get("body").and_then(|item| {
            if method == ApiMethod::Get {
                let remedy = "add 'method: post', or put it into the address";
                self.problems.add(item.at, "a 'get' sends no body", remedy);
            }
            self.read_json(item)
        });
        let deadline = self.read_deadline(request);
        let retries = request.get("retries").and_then(|item| {
            values::number(item, "'retries'", 0..=RETRIES_MAX, &mut self.problems)
        });
        let is_idempotent = self.read_idempotency(request);
        let usual_retries = match method {
            ApiMethod::Get => RETRIES_OF_GET,
            ApiMethod::Post => 0,
        };
        let headers_env = self.read_headers(request);
        let keep = self.read_keep(request);
        let url = self.read_url(name, request);
        Some(ApiCall {
            method,
            url: url?,
            body,
            headers_env,
            deadline: deadline.unwrap_or(usual),
            retries: retries.map_or(usual_retries, |n| u8::try_from(n).unwrap_or(u8::MAX)),
            is_idempotent,
            keep,
        })
    }

    fn read_method(&mut self, request: Fields<'_>) -> ApiMethod {
        let methods = [("get", ApiMethod::Get), ("post", ApiMethod::Post)];
        let method = request.get("method");
        method
            .and_then(|item| values::choice(item, "'method'", &methods, &mut self.problems))
            .unwrap_or(ApiMethod::Get)
    }

    /// `idempotency: true`.
    fn read_idempotency(&mut self, request: Fields<'_>) -> bool {
        let item = request.get("idempotency");
        item.and_then(|item| values::flag(item, "'idempotency'", &mut self.problems))
            .unwrap_or_default()
    }

    pub(super) fn read_deadline(&mut self, request: Fields<'_>) -> Option<Duration> {
        let item = request.get("deadline")?;
        let deadline = values::duration(item, "'deadline'", &mut self.problems)?;
        if (DEADLINES[0]..=DEADLINES[1]).contains(&deadline) {
            return Some(deadline);
        }
        self.problems.add(
            item.at,
            "no caller is kept waiting this long, or this short",
            "wait from 100ms to 60s for one try",
        );
        None
    }

    /// `https://host/orders/{order}?by={name}`: slots stand in path and query alone,
    /// so that no caller can lead the request elsewhere.
    fn read_url(&mut self, name: &str, request: Fields<'_>) -> Option<UrlTemplate> {
        let Some(item) = request.get("url") else {
            self.problems.add(
                request.at,
                format!("node '{name}' asks nobody"),
                "add 'url: https://…'",
            );
            return None;
        };
        let text = values::text(item, "'url'", &mut self.problems)?;
        if let Some((message, remedy)) = fault_of_url(text) {
            self.problems.add(item.at, message, remedy);
            return None;
        }
        self.pieces_of(text, item).map(UrlTemplate)
    }

    /// Cuts a text at its `{slot}`s; unlike a wording it keeps its blanks.
    pub(super) fn pieces_of(&mut self, text: &str, item: &Item) -> Option<Vec<TemplatePiece>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            let Some((slot, after)) = from.split_once('}') else {
                let remedy = "write '{slot}', or leave the brace out";
                self.problems.add(item.at, "a '{' is never closed", remedy);
                return None;
            };
            if !values::is_name(slot) {
                let message = format!("'{{{slot}}}' names no slot");
                let remedy = "write '{slot}' with letters, figures, '_' and '-'";
                self.problems.add(item.at, message, remedy);
                return None;
            }
            if !before.is_empty() {
                pieces.push(TemplatePiece::Text(before.to_owned()));
            }
            self.marks.slots_used.push((item.at, slot.to_owned()));
            pieces.push(TemplatePiece::Slot(slot.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(TemplatePiece::Text(rest.to_owned()));
        }
        Some(pieces)
    }

    fn read_json(&mut self, item: &Item) -> Option<JsonTemplate> {
        Some(match &item.value {
            Value::Scalar(text) => match (text.as_str(), whole_number(text)) {
                ("true", _) => JsonTemplate::Bool(true),
                ("false", _) => JsonTemplate::Bool(false),
                (_, Some(number)) => JsonTemplate::Number(number),
                (_, None) => JsonTemplate::Text(self.pieces_of(text, item)?),
            },
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.read_json(item)).collect();
                JsonTemplate::List(items.into_iter().collect::<Option<_>>()?)
            }
            Value::Map(entries) => {
                let mut fields = BTreeMap::new();
                for entry in entries {
                    fields.insert(entry.key.clone(), self.read_json(&entry.item)?);
                }
                JsonTemplate::Object(fields)
            }
        })
    }

    /// `headers_env: {Authorization: ORDER_API_AUTH}`.
    fn read_headers(&mut self, request: Fields<'_>) -> BTreeMap<String, String> {
        let mut headers = BTreeMap::new();
        let item = request.get("headers_env");
        let fields = item.and_then(|item| Fields::open(item, "'headers_env'", &mut self.problems));
        for entry in fields.iter().flat_map(|fields| fields.iter()) {
            let is_own = OWN_HEADERS.contains(&entry.key.to_ascii_lowercase().as_str());
            if is_own || !is_token(&entry.key) {
                let message = format!("'{}' is no header that a plan may set", entry.key);
                let remedy = "name a header such as 'Authorization' (RFC 9110 §5.1)";
                self.problems.add(entry.key_at, message, remedy);
                continue;
            }
            let Some(variable) = values::text(&entry.item, "a variable", &mut self.problems) else {
                continue;
            };
            let is_variable = !variable.starts_with(|c: char| c.is_ascii_digit())
                && variable
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if is_variable {
                headers.insert(entry.key.clone(), variable.to_owned());
            } else {
                self.problems.add(
                    entry.item.at,
                    format!("'{variable}' is no environment variable"),
                    "name the variable that holds the value, never the value itself",
                );
            }
        }
        headers
    }

    /// `keep: {status: /order/status}`.
    fn read_keep(&mut self, request: Fields<'_>) -> BTreeMap<String, String> {
        let mut keep = BTreeMap::new();
        let item = request.get("keep");
        let fields = item.and_then(|item| Fields::open(item, "'keep'", &mut self.problems));
        for entry in fields.iter().flat_map(|fields| fields.iter()) {
            let Some(pointer) = values::text(&entry.item, "'keep'", &mut self.problems) else {
                continue;
            };
            if !values::is_name(&entry.key) {
                let message = format!("'{}' cannot be the name of a slot", entry.key);
                let remedy = "a name has letters, figures, '_' and '-'";
                self.problems.add(entry.key_at, message, remedy);
            } else if !is_pointer(pointer) {
                self.problems.add(
                    entry.item.at,
                    format!("'{pointer}' points at no field"),
                    "write a JSON pointer such as '/order/status' (RFC 6901)",
                );
            } else if self.slot_to_fill(entry.key_at, &entry.key) {
                keep.insert(entry.key.clone(), pointer.to_owned());
            }
        }
        keep
    }

    /// `on_status: {404: a-node}`, and `not_found: a-node` for the most usual of them.
    fn read_statuses(&mut self, name: &str, fields: Fields<'_>) -> BTreeMap<u16, String> {
        let mut statuses = BTreeMap::new();
        let item = fields.get("on_status");
        let ways = item.and_then(|item| Fields::open(item, "'on_status'", &mut self.problems));
        for entry in ways.iter().flat_map(|ways| ways.iter()) {
            match entry.key.parse() {
                Ok(status @ 200..=599) => {
                    if let Some(node) = self.target_of(name, &entry.item) {
                        statuses.insert(status, node);
                    }
                }
                Ok(_) | Err(_) => self.problems.add(
                    entry.key_at,
                    format!("'{}' is no HTTP status that an answer has", entry.key),
                    "write a status from 200 to 599, such as 404",
                ),
            }
        }
        if let Some(entry) = fields.entry("not_found") {
            let node = self.target_of(name, &entry.item);
            let earlier = node.and_then(|node| statuses.insert(404, node));
            if earlier.is_some() {
                let message = "'not_found' and '404' say the same thing twice";
                self.problems
                    .add(entry.key_at, message, "keep one of the two");
            }
        }
        statuses
    }

    /// `error: person`, or a node.
    pub(super) fn read_error(&mut self, name: &str, fields: Fields<'_>) -> Option<LadderEnd> {
        let Some(item) = fields.get("error") else {
            self.problems.tell(
                ProblemKind::NoErrorExit,
                fields.at,
                format!("node '{name}' does not say what happens when no answer comes"),
                "add 'error: person', or 'error: a-node'",
            );
            return None;
        };
        if values::as_text(item).is_some_and(|text| text == "person") {
            return Some(LadderEnd::Person);
        }
        self.target_of(name, item).map(LadderEnd::Goto)
    }
}

/// What is wrong with an address, and what to do about it.
fn fault_of_url(text: &str) -> Option<(String, &'static str)> {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let Some(rest) = rest else {
        let message = format!("'{text}' is no address of a back end");
        return Some((message, "write 'https://host/path', or 'http://…' at home"));
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains(['{', '}']) || !path.starts_with('/') && path.contains('{') {
        return Some((
            "a slot stands in the host of an address".to_owned(),
            "slots stand behind the host's '/', so that no caller can choose whom to ask",
        ));
    }
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    if authority.is_empty() || !authority.bytes().all(is_host) {
        let message = format!("'{authority}' is no host");
        return Some((
            message,
            "write 'https://host/path'; secrets go to 'headers_env'",
        ));
    }
    let is_sound = |b: u8| b.is_ascii_graphic() && !b"<>\"\\^`|#".contains(&b);
    if !path.bytes().all(is_sound) {
        return Some((
            "this character cannot stand in an address".to_owned(),
            "percent-encode it (RFC 3986 §2.1); leave '#' and what follows out",
        ));
    }
    None
}

/// A whole number as JSON writes it; `007` is a text.
fn whole_number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// RFC 6901 §3: every `~` is `~0` or `~1`.
fn is_pointer(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('~') {
        if !after.starts_with(['0', '1']) {
            return false;
        }
        rest = after;
    }
    text.starts_with('/')
}
