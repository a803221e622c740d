//! What the back ends of a plan answer: the `backend.yaml` beside it, read and matched.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A back end that knows its answers by heart.
#[derive(Debug, Default)]
pub struct BackEnd {
    rules: Vec<Rule>,
}

/// Why a `backend.yaml` cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BackEndError {
    /// It is no YAML, or not of this form; the text tells where.
    #[error("{0}")]
    Form(String),
    /// An entry that is none.
    #[error("entry {entry}: {problem}")]
    Entry {
        /// Which one, from 1.
        entry: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON.
    pub body: String,
    /// How long the back end takes for it.
    pub after: Duration,
    /// The connection is closed without a word instead.
    pub breaks_off: bool,
    /// The path of the rule that fits, without anything the caller gave; none where no rule does.
    pub rule: Option<String>,
}

/// One entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    get: Option<String>,
    post: Option<String>,
    #[serde(default)]
    when: Map<String, Value>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    answer: Map<String, Value>,
    #[serde(default)]
    after_ms: u64,
    #[serde(default)]
    breaks_off: bool,
    times: Option<u32>,
}

const fn ok() -> u16 {
    200
}

#[derive(Debug)]
struct Rule {
    method: &'static str,
    path: String,
    when: Map<String, Value>,
    status: u16,
    answer: Value,
    after: Duration,
    breaks_off: bool,
    /// It answers so often at most.
    times: Option<u32>,
    answered: AtomicU32,
}

impl BackEnd {
    /// Reads the answers of one plan.
    ///
    /// # Errors
    /// A text that is not of the form told in `dialplans/README.md`.
    pub fn read(yaml: &str) -> Result<Self, BackEndError> {
        let entries: Vec<Entry> =
            serde_saphyr::from_str(yaml).map_err(|error| BackEndError::Form(error.to_string()))?;
        let rules = (1..).zip(entries).map(|(entry, read)| {
            Rule::of(read).map_err(|problem| BackEndError::Entry { entry, problem })
        });
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// Answers with the first rule that fits; 404 where none does. `target` is the path with its query
    /// as it came, `body` whatever came.
    pub fn answer(&self, method: &str, target: &str, body: &[u8]) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut known = fields_of_query(query);
        if let Ok(Value::Object(fields)) = serde_json::from_slice(body) {
            known.extend(fields);
        }
        for rule in self.rules.iter().filter(|rule| rule.method == method) {
            let Some(named) = segments(&rule.path, path) else {
                continue;
            };
            let mut known = known.clone();
            known.extend(named);
            if rule.fits(&known) && rule.is_left() {
                return Reply {
                    status: rule.status,
                    body: filled(&rule.answer, &known).to_string(),
                    after: rule.after,
                    breaks_off: rule.breaks_off,
                    rule: Some(rule.path.clone()),
                };
            }
        }
        Reply {
            status: 404,
            body: "{}".to_owned(),
            after: Duration::ZERO,
            breaks_off: false,
            rule: None,
        }
    }
}

impl Rule {
    fn of(entry: Entry) -> Result<Self, &'static str> {
        let (method, path) = match (entry.get, entry.post) {
            (Some(path), None) => ("GET", path),
            (None, Some(path)) => ("POST", path),
            _ => return Err("either 'get' or 'post' names a path"),
        };
        if !path.starts_with('/') || path.contains('?') {
            return Err("a path begins with '/' and has no query; 'when' tells fields of a query");
        }
        if !(100..=599).contains(&entry.status) {
            return Err("'status' is a status of HTTP, 100 to 599");
        }
        Ok(Self {
            method,
            path,
            when: entry.when,
            status: entry.status,
            answer: Value::Object(entry.answer),
            after: Duration::from_millis(entry.after_ms),
            breaks_off: entry.breaks_off,
            times: entry.times,
            answered: AtomicU32::new(0),
        })
    }

    /// Whether it answers once more; then it has.
    fn is_left(&self) -> bool {
        let before = self.answered.fetch_add(1, Ordering::Relaxed);
        self.times.is_none_or(|times| before < times)
    }

    /// All that is wanted is among the fields; numbers and texts that read alike are alike.
    fn fits(&self, known: &Map<String, Value>) -> bool {
        self.when
            .iter()
            .all(|(name, wanted)| known.get(name).is_some_and(|is| text(is) == text(wanted)))
    }
}

/// A value as it reads.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What the `{…}` of a path stand for, where it fits.
fn segments(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let (wanted, is): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if wanted.len() != is.len() {
        return None;
    }
    let mut named = Map::new();
    for (wanted, is) in wanted.into_iter().zip(is) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => {
                named.insert(name.to_owned(), Value::String(decoded(is)));
            }
            None if wanted == decoded(is) => {}
            None => return None,
        }
    }
    Some(named)
}

fn fields_of_query(query: &str) -> Map<String, Value> {
    query
        .split('&')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (decoded(name), Value::String(decoded(value))))
        .collect()
}

/// Percent-encoded text as it was meant.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |place: usize| bytes.get(place).and_then(|&b| char::from(b).to_digit(16));
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'+', ..) => {
                out.push(b' ');
                at += 1;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The answer with every `{name}` in its texts replaced by what the request holds under that name.
fn filled(answer: &Value, known: &Map<String, Value>) -> Value {
    match answer {
        Value::String(pattern) => {
            let mut told = pattern.clone();
            for (name, value) in known {
                told = told.replace(&format!("{{{name}}}"), &text(value));
            }
            Value::String(told)
        }
        Value::Array(items) => items.iter().map(|item| filled(item, known)).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, item)| (name.clone(), filled(item, known)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = r#"
- get: /shop/orders/4271
  answer: { order: { state: packed, parcels: 2 } }
- get: /shop/orders/{order}
  when: { by: Ann Lee }
  answer: { order: { state: "{order} of {by}" } }
- post: /shop/returns
  when: { order: 4271 }
  status: 201
  after_ms: 1500
  answer: { code: "R{order}" }
"#;

    fn orders() -> BackEnd {
        BackEnd::read(ORDERS).unwrap()
    }

    #[test]
    fn the_first_rule_that_fits_answers() {
        let told = orders().answer("GET", "/shop/orders/4271?by=Ann%20Lee", b"");
        assert_eq!(told.status, 200);
        assert_eq!(told.body, r#"{"order":{"parcels":2,"state":"packed"}}"#);
        assert_eq!(told.rule.as_deref(), Some("/shop/orders/4271"));
    }

    #[test]
    fn what_the_request_holds_may_stand_in_the_answer() {
        let told = orders().answer("GET", "/shop/orders/7%2F7?by=Ann+Lee", b"");
        assert_eq!(told.body, r#"{"order":{"state":"7/7 of Ann Lee"}}"#);
        let told = orders().answer("POST", "/shop/returns", br#"{"order": "4271"}"#);
        assert_eq!(
            (told.status, told.body.as_str()),
            (201, r#"{"code":"R4271"}"#)
        );
        assert_eq!(told.after, Duration::from_millis(1_500));
    }

    #[test]
    fn a_rule_that_has_answered_often_enough_leaves_the_next_to_answer() {
        let rules = "- { get: /a, times: 2, status: 404 }\n- { get: /a, answer: { b: 1 } }\n";
        let back_end = BackEnd::read(rules).unwrap();
        let told = [(); 4].map(|()| back_end.answer("GET", "/a", b"").status);
        assert_eq!(told, [404, 404, 200, 200]);
    }

    #[test]
    fn what_nobody_foresaw_is_not_found() {
        for (method, target) in [
            ("GET", "/shop/orders/5"),
            ("POST", "/shop/orders/4271"),
            ("GET", "/shop/orders/4271/x"),
            ("POST", "/shop/returns"),
            ("GET", "%"),
        ] {
            let told = orders().answer(method, target, b"\xff{");
            assert_eq!((told.status, told.rule), (404, None), "{method} {target}");
        }
    }

    #[test]
    fn a_faulty_entry_is_told_with_its_number() {
        let told = |yaml| BackEnd::read(yaml).unwrap_err().to_string();
        assert!(told("- { get: /a }\n- { get: /b, post: /b }").starts_with("entry 2: either"));
        assert!(told("- { get: \"/a?b=c\" }").contains("no query"));
        assert!(told("- { get: /a, status: 7 }").contains("100 to 599"));
        assert!(told("- { get: /a, state: 7 }").contains("state"));
    }
}
