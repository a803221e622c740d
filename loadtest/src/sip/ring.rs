//! What stands on a phone's screen while it rings.

use super::message::{Message, uri_of};
use std::time::Duration;

/// A call that came to a phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ring {
    /// When the INVITE came, since the scenario began.
    pub at: Duration,
    /// The user part of From: the caller's number.
    pub number: String,
    /// The display name of From.
    pub display: String,
    /// The call's Call-ID.
    pub call_id: String,
    /// Headers that begin with `X-`, names and values in their order.
    pub headers: Vec<(String, String)>,
}

impl Ring {
    /// Reads an INVITE that came at `at`.
    pub fn of(at: Duration, invite: &Message) -> Self {
        let from = invite.header("From").unwrap_or_default();
        let uri = uri_of(from);
        let user = uri.split_once(':').map_or(uri, |(_, rest)| rest);
        let is_own = |name: &str| {
            name.get(..2)
                .is_some_and(|two| two.eq_ignore_ascii_case("x-"))
        };
        Self {
            at,
            number: user.split('@').next().unwrap_or_default().to_owned(),
            display: display_name(from),
            call_id: invite.header("Call-ID").unwrap_or_default().to_owned(),
            headers: invite
                .headers
                .iter()
                .filter(|(name, _)| is_own(name))
                .cloned()
                .collect(),
        }
    }

    /// The value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What stands before the address: a quoted string without its quotes, or words.
fn display_name(from: &str) -> String {
    let before = from.trim_start();
    let Some(quoted) = before.strip_prefix('"') else {
        let words = before.split('<').next().unwrap_or_default();
        return match before.contains('<') {
            true => words.trim().to_owned(),
            false => String::new(),
        };
    };
    let mut name = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => name.extend(characters.next()),
            other => name.push(other),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(from: &str) -> Ring {
        let invite = Message::request("INVITE", "sip:desk@127.0.0.1")
            .with("From", from)
            .with("X-Bellhop-Reason", "demand")
            .with("x-other", "1")
            .with("Subject", "no");
        Ring::of(Duration::ZERO, &invite)
    }

    #[test]
    fn the_display_name_is_read_quoted_and_bare_in_any_script() {
        for (from, display, number) in [
            (
                "\"愤怒87·挂失·已核身\" <sip:5550101@127.0.0.1>;tag=1",
                "愤怒87·挂失·已核身",
                "5550101",
            ),
            (
                "\"say \\\"no\\\"; <b>\" <sip:a@b>;tag=1",
                "say \"no\"; <b>",
                "a",
            ),
            ("Anger 87 <sip:a@b>", "Anger 87", "a"),
            ("<sip:a@b>;tag=1", "", "a"),
            ("sip:a@b;tag=1", "", "a"),
        ] {
            let ring = ring(from);
            assert_eq!(
                (ring.display.as_str(), ring.number.as_str()),
                (display, number)
            );
        }
    }

    #[test]
    fn only_headers_of_our_own_kind_are_kept() {
        let ring = ring("<sip:a@b>");
        assert_eq!(ring.headers.len(), 2);
        assert_eq!(ring.header("x-bellhop-reason"), Some("demand"));
    }
}
