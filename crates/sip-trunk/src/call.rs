//! A call that the server asks for, and what its INVITE is made of.

use crate::LegError;
use crate::request::check_headers;
use crate::text;
use call_model::Private;
use rsipstack::sip::Header;
use std::net::SocketAddr;
use std::time::Duration;

/// The longest display name that is sent, in characters: an INVITE must fit into
/// one datagram.
const MAX_DISPLAY: usize = 100;
/// The longest caller's number that is sent, in characters.
const MAX_CALLER: usize = 64;

/// Somebody to call.
#[derive(Clone, Debug)]
pub struct OutgoingCall {
    /// Whom: `sip:user@host`, with or without port and parameters. A name for
    /// host is looked up.
    pub target: String,
    /// The user part of From: the caller's number, kept. What cannot stand there
    /// is percent-encoded.
    pub caller: Private<String>,
    /// The display name of From, in any script; empty: none. Sent are at most 100
    /// characters, control characters as spaces.
    pub display: Private<String>,
    /// Headers of the INVITE beyond our own, such as `X-Reason`.
    pub headers: Vec<(String, String)>,
    /// Where our RTP is received; told as in [`Trunk::answer`](crate::Trunk::answer).
    pub local_media: SocketAddr,
    /// What to answer with when the other side asks who we are (401, 407).
    pub credentials: Option<Credentials>,
    /// Where to send the INVITE; none: to the host of `target`.
    pub proxy: Option<SocketAddr>,
    /// How long it may ring before it is cancelled.
    pub ring_max: Duration,
}

/// A name and its password, for digest authentication (RFC 8760: SHA-256 and MD5).
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password; never logged, never sent.
    pub password: Private<String>,
}

impl OutgoingCall {
    /// Refuses what could not be sent, or would break out of its header line; the
    /// headers to add.
    pub(crate) fn check(&self) -> Result<Vec<Header>, LegError> {
        let target = &self.target;
        let is_sip = target
            .get(..4)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:"));
        let is_clean = target
            .chars()
            .all(|c| c.is_ascii_graphic() && !"<>\"".contains(c));
        if !is_sip || !is_clean || text::host_of(target).is_none() {
            let shown = target.escape_default().take(80).collect();
            return Err(LegError::BadAddress(shown));
        }
        check_headers(&self.headers)
    }

    /// Our From without its tag, as it is seen from the address we call from.
    pub(crate) fn from(&self, own_address: SocketAddr) -> String {
        let caller: String = self.caller.reveal().chars().take(MAX_CALLER).collect();
        let user = match text::percent_encoded(&caller) {
            user if user.is_empty() => user,
            user => user + "@",
        };
        let display: String = self.display.reveal().chars().take(MAX_DISPLAY).collect();
        let display = match display.trim() {
            "" => String::new(),
            display => text::quoted(display) + " ",
        };
        format!("{display}<sip:{user}{own_address}>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(caller: &str, display: &str) -> OutgoingCall {
        OutgoingCall {
            target: "sip:7@192.0.2.9".to_owned(),
            caller: Private::new(caller.to_owned()),
            display: Private::new(display.to_owned()),
            headers: Vec::new(),
            local_media: "127.0.0.1:16384".parse().expect("an address"),
            credentials: None,
            proxy: None,
            ring_max: Duration::from_secs(20),
        }
    }

    fn from(caller: &str, display: &str) -> String {
        call(caller, display).from("203.0.113.5:5060".parse().expect("an address"))
    }

    #[test]
    fn the_reason_stands_in_the_display_name_and_the_number_in_the_user_part() {
        assert_eq!(
            from("+4930123", "愤怒87·挂失·已核身"),
            "\"愤怒87·挂失·已核身\" <sip:+4930123@203.0.113.5:5060>"
        );
        assert_eq!(
            from("", " Anger 87·order·verified "),
            "\"Anger 87·order·verified\" <sip:203.0.113.5:5060>"
        );
        assert_eq!(
            from("张三", ""),
            "<sip:%E5%BC%A0%E4%B8%89@203.0.113.5:5060>"
        );
    }

    #[test]
    fn an_address_that_cannot_be_called_is_named() {
        for target in [
            "",
            "7",
            "tel:+49",
            "sips:7@h",
            "sip:",
            "sip:7@h:70000",
            "sip:7@h\r\nX: y",
            "sip:7@h>",
            "sip:7 @h",
            "sip:张@h",
        ] {
            let mut call = call("1", "");
            call.target = target.to_owned();
            let refused = call.check();
            assert!(
                matches!(refused, Err(LegError::BadAddress(_))),
                "{target:?}: {refused:?}"
            );
        }
        let mut call = call("1", "");
        for target in ["sip:7@h", "SIP:agent@[::1]:5070;transport=udp"] {
            call.target = target.to_owned();
            assert!(call.check().is_ok(), "{target}");
        }
        call.headers = vec![("X-Reason".to_owned(), "a\r\nb".to_owned())];
        assert!(matches!(call.check(), Err(LegError::BadHeader(_))));
    }

    #[test]
    fn a_call_shows_neither_number_nor_name_nor_password() {
        let mut call = call("+4930123", "Anger");
        call.credentials = Some(Credentials {
            user: "bellhop".to_owned(),
            password: Private::new("secret".to_owned()),
        });
        let shown = format!("{call:?}");
        for private in ["4930123", "Anger", "secret"] {
            assert!(!shown.contains(private), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn no_name_and_no_number_leave_their_place(caller in any::<String>(), display in any::<String>()) {
            let from = from(&caller, &display);
            prop_assert!(!from.chars().any(char::is_control), "{from:?}");
            let read = text::NameAddr::read(&from);
            let shown: String = display.chars().take(MAX_DISPLAY).collect();
            let shown: String = shown.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            prop_assert_eq!(read.display, shown);
            prop_assert!(read.uri.ends_with("203.0.113.5:5060"), "{}", read.uri);
            let number: String = caller.chars().take(MAX_CALLER).collect();
            prop_assert_eq!(text::user_of(read.uri), number);
            prop_assert_eq!(text::split_outside(&from, ',').len(), 1);
            prop_assert_eq!(text::split_outside(&from, ';').len(), 1);
        }
    }
}
