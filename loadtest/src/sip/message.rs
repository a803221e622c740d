//! SIP messages as text: just what a caller needs of them.

use std::fmt::Write;

/// A request or a response (RFC 3261 §7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The first line.
    pub start: StartLine,
    pub(super) headers: Vec<(String, String)>,
    /// The body, as long as `Content-Length` says, or to the datagram's end without one.
    pub body: Vec<u8>,
}

/// The first line of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StartLine {
    /// `INVITE sip:… SIP/2.0`
    Request {
        /// The method, as it was written.
        method: String,
        /// The request URI.
        uri: String,
    },
    /// `SIP/2.0 200 OK`
    Response {
        /// The status, 100 to 699.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
}

impl Message {
    /// A request without headers.
    pub fn request(method: &str, uri: &str) -> Self {
        Self::new(StartLine::Request {
            method: method.to_owned(),
            uri: uri.to_owned(),
        })
    }

    /// A response without headers.
    pub fn response(status: u16, reason: &str) -> Self {
        Self::new(StartLine::Response {
            status,
            reason: reason.to_owned(),
        })
    }

    pub(super) const fn new(start: StartLine) -> Self {
        Self {
            start,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The answer to a request: its Via, From, To, Call-ID and CSeq copied (RFC 3261 §8.2.6.2).
    pub fn answer_to(request: &Self, status: u16, reason: &str) -> Self {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq", "Record-Route"];
        let mut answer = Self::response(status, reason);
        answer.headers = request
            .headers
            .iter()
            .filter(|(name, _)| copied.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .cloned()
            .collect();
        answer
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Adds a header at the end and gives the message back, for building.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.push(name, value);
        self
    }

    /// Puts an SDP body in.
    #[must_use]
    pub fn with_sdp(mut self, sdp: String) -> Self {
        self.push("Content-Type", "application/sdp");
        self.body = sdp.into_bytes();
        self
    }

    /// Adds parameters, such as `;tag=…`, to the first header of this name.
    pub fn append_to(&mut self, name: &str, parameters: &str) {
        let found = self
            .headers
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, value)) = found {
            value.push_str(parameters);
        }
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Every header of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The method, of a request.
    pub fn method(&self) -> Option<&str> {
        match &self.start {
            StartLine::Request { method, .. } => Some(method),
            StartLine::Response { .. } => None,
        }
    }

    /// Number and method of `CSeq`.
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("CSeq")?.split_once(' ')?;
        Some((number.parse().ok()?, method.trim()))
    }

    /// The `tag` of From or To.
    pub fn tag(&self, name: &str) -> Option<&str> {
        parameter(self.header(name)?, "tag")
    }

    /// The branch of the topmost Via; empty where there is none.
    pub fn branch(&self) -> &str {
        let via = self.header("Via").and_then(|via| parameter(via, "branch"));
        via.unwrap_or_default()
            .split(',')
            .next()
            .unwrap_or_default()
    }

    /// The message as it goes on the wire, with its `Content-Length`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.start {
            StartLine::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            StartLine::Response { status, reason } => format!("SIP/2.0 {status} {reason}\r\n"),
        };
        for (name, value) in &self.headers {
            if !name.eq_ignore_ascii_case("Content-Length") {
                let _ = write!(text, "{name}: {value}\r\n");
            }
        }
        let _ = write!(text, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// The URI of a Contact, Route, From or To value: between `<` and `>`, or up to a parameter.
pub fn uri_of(value: &str) -> &str {
    let value = after_quoted(value);
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => value.split(';').next().unwrap_or(value).trim(),
    }
}

/// What follows a quoted display name, which may hold anything.
fn after_quoted(value: &str) -> &str {
    let Some(quoted) = value.trim_start().strip_prefix('"') else {
        return value;
    };
    let mut is_escaped = false;
    let end = quoted.find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    });
    end.map_or(value, |end| &quoted[end + 1..])
}

/// One header parameter's value, after the address part.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let after = value.rsplit('>').next()?;
    after.split(';').skip(1).find_map(|each| {
        let (key, value) = each.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
