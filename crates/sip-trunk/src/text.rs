//! The small grammar of SIP header values (RFC 3261 §25.1), read from text that
//! may be anything.

/// Where a character stands: inside quotes, inside angle brackets, or neither.
#[derive(Default)]
struct Nesting {
    quoted: bool,
    escaped: bool,
    bracketed: bool,
}

impl Nesting {
    /// Takes the next character; says whether it stands outside of everything.
    fn is_outside(&mut self, character: char) -> bool {
        if self.quoted {
            match character {
                _ if self.escaped => self.escaped = false,
                '\\' => self.escaped = true,
                '"' => self.quoted = false,
                _ => {}
            }
            return false;
        }
        match character {
            '"' if !self.bracketed => self.quoted = true,
            '<' => self.bracketed = true,
            '>' => self.bracketed = false,
            _ => return !self.bracketed,
        }
        false
    }
}

/// Cuts a value at every `separator` that stands outside quotes and brackets.
pub(crate) fn split_outside(value: &str, separator: char) -> Vec<&str> {
    let mut nesting = Nesting::default();
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, character) in value.char_indices() {
        if nesting.is_outside(character) && character == separator {
            pieces.push(value[start..at].trim());
            start = at + separator.len_utf8();
        }
    }
    pieces.push(value[start..].trim());
    pieces
}

/// The value of a header parameter: `tag` of `<sip:a@b>;tag=7`. A parameter
/// without a value has the value "".
pub(crate) fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    split_outside(value, ';')
        .into_iter()
        .skip(1)
        .find_map(|piece| match piece.split_once('=') {
            Some((key, value)) if key.trim().eq_ignore_ascii_case(name) => Some(value.trim()),
            None if piece.eq_ignore_ascii_case(name) => Some(""),
            _ => None,
        })
}

/// The tag of a From or To value; an empty one is none.
pub(crate) fn tag(value: &str) -> Option<&str> {
    parameter(value, "tag").filter(|tag| !tag.is_empty())
}

/// The parts of a From, To, Contact or P-Asserted-Identity value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NameAddr<'a> {
    /// The display name, its quotes taken off; empty without one.
    pub display: String,
    /// The URI as it stands.
    pub uri: &'a str,
}

impl<'a> NameAddr<'a> {
    /// Reads one value (not a list).
    pub fn read(value: &'a str) -> Self {
        let Some(open) = opening_bracket(value) else {
            // Without brackets every parameter is the header's (RFC 3261 §20.10).
            let uri = value.split(';').next().unwrap_or_default().trim();
            return Self {
                display: String::new(),
                uri,
            };
        };
        let inner = &value[open + 1..];
        Self {
            display: unquoted(value[..open].trim()),
            uri: inner.split('>').next().unwrap_or_default().trim(),
        }
    }
}

fn opening_bracket(value: &str) -> Option<usize> {
    let mut nesting = Nesting::default();
    value.char_indices().find_map(|(at, character)| {
        nesting.is_outside(character);
        (nesting.bracketed).then_some(at)
    })
}

fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(character);
            escaped = false;
        }
    }
    plain
}

/// Text as a quoted-string, without what could end the line or the string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// The number or name before the `@` of a SIP URI, or the number of a `tel:`
/// URI: without parameters and password, percent-encoding undone.
pub(crate) fn user_of(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", uri));
    let user = if scheme.eq_ignore_ascii_case("tel") {
        rest
    } else {
        match rest.rsplit_once('@') {
            Some((user, _)) => user,
            None => "",
        }
    };
    let end = user.find([';', ':', '?']).unwrap_or(user.len());
    percent_decoded(&user[..end])
}

/// Text as the user part of a SIP URI: everything but letters, digits and marks
/// that mean nothing there becomes `%XX` (RFC 3261 §25.1).
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Text with its `%XX` undone; what is no code stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Host and port of a SIP URI; none when it has no host.
pub(crate) fn host_of(uri: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
        return None;
    }
    let after_user = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let end = after_user.find([';', '?', '>']).unwrap_or(after_user.len());
    host_and_port(&after_user[..end])
}

/// The value of a parameter of a SIP URI, behind its host.
pub(crate) fn uri_parameter<'a>(uri: &'a str, name: &str) -> Option<&'a str> {
    let after_user = uri.rsplit_once('@').map_or(uri, |(_, host)| host);
    let parameters = after_user.split('?').next().unwrap_or_default();
    parameters.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Cuts `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => {
            let (host, after) = inner.split_once(']')?;
            (host, after.trim().strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host.trim_end(), Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return None;
    }
    match port {
        Some(port) => Some((host, Some(port.trim().parse().ok()?))),
        None => Some((host, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_outside_quotes_and_brackets_only() {
        let value = r#""a;tag=no" <sip:x@y;tag=no>;TAG = yes ;x"#;
        assert_eq!(parameter(value, "tag"), Some("yes"));
        assert_eq!(parameter(value, "x"), Some(""));
        assert_eq!(parameter("sip:x@y", "tag"), None);
    }

    #[test]
    fn a_name_address_is_taken_apart() {
        let read = |value| {
            let address = NameAddr::read(value);
            (address.display, address.uri.to_owned())
        };
        assert_eq!(
            read(r#""Zoë \"Z\" <x>" <sip:7@h;a=1>;tag=2"#),
            (r#"Zoë "Z" <x>"#.to_owned(), "sip:7@h;a=1".to_owned())
        );
        assert_eq!(read("Bob <sip:b@h>").0, "Bob");
        assert_eq!(read("sip:b@h;tag=1").1, "sip:b@h");
        assert_eq!(read("<").1, "");
    }

    #[test]
    fn the_number_of_a_uri_is_what_stands_before_the_host() {
        for (uri, user) in [
            ("sip:+4930;isub=1@10.0.0.1", "+4930"),
            ("sip:%2B49@h:5070;transport=udp", "+49"),
            ("tel:+86-10;phone-context=x", "+86-10"),
            ("sip:10.0.0.1", ""),
            ("sip:a%2@h", "a%2"),
            ("", ""),
        ] {
            assert_eq!(user_of(uri), user, "{uri}");
        }
    }

    #[test]
    fn a_host_is_found_behind_user_parameters() {
        assert_eq!(host_of("sip:+49;x=1@h:5070;lr"), Some(("h", Some(5070))));
        assert_eq!(host_of("sip:[::1]:9"), Some(("::1", Some(9))));
        assert_eq!(host_of("tel:+49"), None);
        assert_eq!(host_of("sip:h:70000"), None);
        assert_eq!(host_of("sip:@"), None);
    }

    #[test]
    fn a_parameter_of_a_uri_is_found_behind_its_host_only() {
        let uri = "sip:7;transport=udp@h:5070;lr;Transport=TCP?x=;transport=sctp";
        assert_eq!(uri_parameter(uri, "transport"), Some("TCP"));
        assert_eq!(uri_parameter("sip:7@h;lr", "transport"), None);
    }

    #[test]
    fn quoted_text_cannot_leave_its_quotes() {
        assert_eq!(quoted("a\"b\\\r\nc"), "\"a\\\"b\\\\  c\"");
    }
}
