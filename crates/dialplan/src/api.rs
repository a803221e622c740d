//! A node that asks a back end: the request as the plan writes it, with places
//! for what the caller told.

use crate::{LadderEnd, Slots, Wording};
use call_model::{ApiMethod, Private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// A node that asks a back end over HTTP and goes where its answer leads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Api {
    /// Said while the answer keeps the caller waiting.
    pub holding: Wording,
    /// How it is asked.
    pub method: ApiMethod,
    /// Where.
    pub url: UrlTemplate,
    /// What goes with it.
    pub body: Option<JsonTemplate>,
    /// By header name the environment variable that holds its value.
    pub headers_env: BTreeMap<String, String>,
    /// For one try.
    #[serde(with = "crate::millis")]
    pub deadline: Duration,
    /// So often it is tried again.
    pub retries: u8,
    /// It is sent with a key that is the same over all tries, by which the back end does it once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_idempotent: bool,
    /// By slot the JSON pointer (RFC 6901) of the field that fills it.
    pub keep: BTreeMap<String, String>,
    /// The node that follows an answer with a status of success.
    pub next: String,
    /// The nodes that follow other statuses.
    pub on_status: BTreeMap<u16, String>,
    /// What happens when there is no answer, or one that leads nowhere else.
    pub error: LadderEnd,
}

impl Api {
    /// Every node it leads to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        let error = match &self.error {
            LadderEnd::Person => None,
            LadderEnd::Goto(node) => Some(node),
        };
        let all = std::iter::once(&self.next).chain(self.on_status.values());
        all.chain(error).map(String::as_str)
    }
}

/// One piece of a text with slots in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplatePiece {
    /// As the plan has it.
    Text(String),
    /// What a slot holds.
    Slot(String),
}

/// An address with slots in its path and query, never in what stands before them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UrlTemplate(pub Vec<TemplatePiece>);

impl UrlTemplate {
    /// The address with the slots' values in their places, each percent-encoded so
    /// that it stays within its place (RFC 3986 §2.1). None where a slot is not
    /// filled, or holds nothing, or nothing but dots, which a path would take for
    /// a way elsewhere (§3.3).
    pub fn filled(&self, slots: &Slots) -> Option<Private<String>> {
        let mut url = String::new();
        for piece in &self.0 {
            match piece {
                TemplatePiece::Text(text) => url.push_str(text),
                TemplatePiece::Slot(slot) => {
                    let value = slots.get(slot)?.reveal();
                    if value.bytes().all(|byte| byte == b'.') {
                        return None;
                    }
                    push_encoded(&mut url, value);
                }
            }
        }
        Some(Private::new(url))
    }
}

/// Everything but the unreserved characters of RFC 3986 §2.3 is encoded.
fn push_encoded(url: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

/// JSON with slots in its texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonTemplate {
    /// A text; whatever a slot holds is a text too.
    Text(Vec<TemplatePiece>),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object.
    Object(BTreeMap<String, JsonTemplate>),
}

impl JsonTemplate {
    /// The JSON with the slots' values in their places. None where a slot is not filled.
    pub fn filled(&self, slots: &Slots) -> Option<Private<String>> {
        let value = self.value(slots)?;
        Some(Private::new(value.to_string()))
    }

    fn value(&self, slots: &Slots) -> Option<serde_json::Value> {
        use serde_json::Value;
        Some(match self {
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    text.push_str(match piece {
                        TemplatePiece::Text(text) => text,
                        TemplatePiece::Slot(slot) => slots.get(slot)?.reveal(),
                    });
                }
                Value::String(text)
            }
            Self::Number(number) => Value::from(*number),
            Self::Bool(is) => Value::Bool(*is),
            Self::List(items) => {
                let values: Option<Vec<Value>> = items.iter().map(|i| i.value(slots)).collect();
                Value::Array(values?)
            }
            Self::Object(fields) => {
                let value =
                    |(name, field): (&String, &Self)| Some((name.clone(), field.value(slots)?));
                let values: Option<serde_json::Map<String, Value>> =
                    fields.iter().map(value).collect();
                Value::Object(values?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(value: &str) -> Slots {
        Slots::from([("order".to_owned(), Private::new(value.to_owned()))])
    }

    fn url() -> UrlTemplate {
        UrlTemplate(vec![
            TemplatePiece::Text("https://shop.example/orders/".to_owned()),
            TemplatePiece::Slot("order".to_owned()),
        ])
    }

    #[test]
    fn no_caller_changes_host_or_path() {
        for (said, asked) in [
            ("4271", Some("4271")),
            ("../admin", Some("..%2Fadmin")),
            ("1?x=2#y", Some("1%3Fx%3D2%23y")),
            ("@evil.example", Some("%40evil.example")),
            ("四二", Some("%E5%9B%9B%E4%BA%8C")),
            ("a%2Fb", Some("a%252Fb")),
            ("..", None),
            (".", None),
            ("", None),
        ] {
            let filled = url().filled(&slots(said)).map(Private::into_revealed);
            let wanted = asked.map(|tail| format!("https://shop.example/orders/{tail}"));
            assert_eq!(filled, wanted, "{said}");
        }
        assert_eq!(url().filled(&Slots::new()), None, "nothing was told");
    }

    #[test]
    fn what_a_caller_tells_stays_within_its_text() {
        let body = JsonTemplate::Object(BTreeMap::from([
            (
                "order".to_owned(),
                JsonTemplate::Text(vec![TemplatePiece::Slot("order".to_owned())]),
            ),
            ("copies".to_owned(), JsonTemplate::Number(2)),
        ]));
        let filled = body.filled(&slots("1\", \"paid\": \"yes\n"));
        let filled = filled.map(Private::into_revealed).unwrap_or_default();
        assert_eq!(filled, r#"{"copies":2,"order":"1\", \"paid\": \"yes\n"}"#);
    }
}
