//! Keys told by SIP INFO (RFC 6086), in the two forms that phones and gateways
//! agree on without any RFC: `application/dtmf-relay` and `application/dtmf`.

use call_model::Key;

/// What may stand in an INFO, as an Accept header lists it.
pub(crate) const ACCEPTED: &str = "application/dtmf-relay, application/dtmf";

/// What an INFO says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Info {
    /// A key was pressed.
    Pressed(Key),
    /// Nothing that we act on: a hook flash, or no body at all.
    Nothing,
    /// A body of another kind.
    Foreign,
    /// A body of a kind we know, with no key in it.
    Garbled,
}

/// Reads the body of an INFO.
pub(crate) fn read(content_type: &str, body: &[u8]) -> Info {
    if body.is_empty() {
        return Info::Nothing;
    }
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let text = String::from_utf8_lossy(body);
    let signal = if kind.eq_ignore_ascii_case("application/dtmf-relay") {
        text.lines().find_map(signal_of)
    } else if kind.eq_ignore_ascii_case("application/dtmf") {
        text.lines()
            .next()
            .map(|line| signal_of(line).unwrap_or(line))
    } else {
        return Info::Foreign;
    };
    signal.map_or(Info::Garbled, |signal| named(signal.trim()))
}

fn signal_of(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    name.trim().eq_ignore_ascii_case("Signal").then_some(value)
}

/// A key by its face, or by the number of its RFC 4733 event.
fn named(signal: &str) -> Info {
    let mut faces = signal.chars();
    let key = match (faces.next(), faces.next()) {
        (Some('!'), None) => return Info::Nothing,
        (Some(face), None) => Key::try_from(face).ok(),
        (Some(_), Some(_)) => match signal.parse() {
            Ok(FLASH) => return Info::Nothing,
            Ok(event) => Key::from_event(event).ok(),
            Err(_) => None,
        },
        (None, _) => None,
    };
    key.map_or(Info::Garbled, Info::Pressed)
}

/// The RFC 4733 event of a hook flash.
const FLASH: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RELAY: &str = "application/dtmf-relay";
    const PLAIN: &str = "Application/DTMF; charset=us-ascii";

    fn face(content_type: &str, body: &str) -> Option<char> {
        match read(content_type, body.as_bytes()) {
            Info::Pressed(key) => Some(key.face()),
            Info::Nothing | Info::Foreign | Info::Garbled => None,
        }
    }

    #[test]
    fn a_key_is_read_in_every_form_it_is_sent() {
        assert_eq!(face(RELAY, "Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(face(RELAY, "Duration=100\nsignal= #\n"), Some('#'));
        assert_eq!(face(RELAY, "Signal=10"), Some('*'));
        assert_eq!(face(RELAY, "Signal=d"), Some('D'));
        assert_eq!(face(PLAIN, "7"), Some('7'));
        assert_eq!(face(PLAIN, "*\r\n"), Some('*'));
        assert_eq!(face(PLAIN, "Signal=0\r\nDuration=100"), Some('0'));
    }

    #[test]
    fn what_is_no_key_is_told_apart() {
        for (content_type, body, expected) in [
            (RELAY, "Signal=!", Info::Nothing),
            (RELAY, "Signal=16", Info::Nothing),
            ("", "", Info::Nothing),
            (RELAY, "Duration=5", Info::Garbled),
            (RELAY, "Signal=", Info::Garbled),
            (RELAY, "Signal=55", Info::Garbled),
            (PLAIN, "\u{ff15}", Info::Garbled),
            ("application/sdp", "5", Info::Foreign),
            ("", "5", Info::Foreign),
        ] {
            assert_eq!(read(content_type, body.as_bytes()), expected, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = (read(RELAY, &body), read(PLAIN, &body));
        }
    }
}
