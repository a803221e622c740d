//! Digest authentication as the side that is asked (RFC 7616, RFC 8760 for SIP).

use crate::{Credentials, text};
use md5::Md5;
use rsipstack::sip::{Header, Method, Response};
use rsipstack::transaction::random_text;
use sha2::{Digest as Hash, Sha256};
use std::fmt::Write;

/// Answers to all that ask on one way: a server, and proxies before it.
const MAX_ROUNDS: usize = 4;

/// What was asked of one request, and what is answered. Holds a password, so it
/// cannot be formatted.
pub(crate) struct Digest {
    credentials: Option<Credentials>,
    answered: Vec<Challenge>,
    rounds: usize,
}

impl Digest {
    /// Nobody asked yet.
    pub fn new(credentials: Option<Credentials>) -> Self {
        Self {
            credentials,
            answered: Vec::new(),
            rounds: 0,
        }
    }

    /// Takes a 401 or 407; true when the request is worth sending again. It is
    /// not where an answer was refused, which stays so however often it is given:
    /// only a nonce that went stale is answered anew (RFC 7616 §3.3).
    pub fn takes(&mut self, response: &Response) -> bool {
        self.rounds += 1;
        if self.credentials.is_none() || self.rounds > MAX_ROUNDS {
            return false;
        }
        let mut is_new = false;
        for challenge in challenges(response) {
            let before = self
                .answered
                .iter_mut()
                .find(|known| known.asks_as(&challenge));
            match before {
                Some(known) if challenge.is_stale && known.nonce != challenge.nonce => {
                    *known = challenge;
                    is_new = true;
                }
                Some(_) => return false,
                None => {
                    self.answered.push(challenge);
                    is_new = true;
                }
            }
        }
        is_new
    }

    /// The headers that answer for a request with this method and Request-URI.
    pub fn headers(&self, method: Method, uri: &str) -> Vec<Header> {
        let Some(credentials) = &self.credentials else {
            return Vec::new();
        };
        let answers = self.answered.iter().map(|challenge| {
            let value = challenge.answer(credentials, method, uri, &random_text(16));
            if challenge.is_proxy {
                Header::ProxyAuthorization(value.into())
            } else {
                Header::Authorization(value.into())
            }
        });
        answers.collect()
    }
}

/// A challenge that can be answered. Quoted texts stand as they came, between
/// their quotes: so they are hashed and so they are sent back.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Challenge {
    is_proxy: bool,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// The name of the algorithm as it came, if it did.
    named: Option<String>,
    has_qop: bool,
    is_stale: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Md5,
    Sha256,
}

impl Challenge {
    /// Reads one header value; none for a scheme, an algorithm or a quality of
    /// protection that we do not speak.
    fn read(value: &str, is_proxy: bool) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let parameters: Vec<(&str, &str)> = text::split_outside(rest, ',')
            .into_iter()
            .filter_map(|piece| piece.split_once('='))
            .map(|(name, value)| (name.trim(), between_quotes(value.trim())))
            .collect();
        let named = |name: &str| {
            let found = parameters
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| *value)
        };
        let algorithm = match named("algorithm").map(str::to_ascii_uppercase).as_deref() {
            None | Some("MD5") => Algorithm::Md5,
            Some("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        let qop = named("qop");
        let has_auth = |qop: &str| {
            qop.split(',')
                .any(|one| one.trim().eq_ignore_ascii_case("auth"))
        };
        if qop.is_some_and(|qop| !has_auth(qop)) {
            return None;
        }
        Some(Self {
            is_proxy,
            realm: named("realm")?.to_owned(),
            nonce: named("nonce")?.to_owned(),
            opaque: named("opaque").map(str::to_owned),
            algorithm,
            named: named("algorithm").map(str::to_owned),
            has_qop: qop.is_some(),
            is_stale: named("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// Whether the same side asks for the same.
    fn asks_as(&self, other: &Self) -> bool {
        self.is_proxy == other.is_proxy && self.realm == other.realm
    }

    /// The value of the header that answers (RFC 7616 §3.4).
    fn answer(&self, who: &Credentials, method: Method, uri: &str, cnonce: &str) -> String {
        let Self { realm, nonce, .. } = self;
        let user = text::quoted(&who.user);
        let secret = self.hash(&format!(
            "{}:{realm}:{}",
            between_quotes(&user),
            who.password.reveal()
        ));
        let request = self.hash(&format!("{method}:{uri}"));
        let response = if self.has_qop {
            self.hash(&format!(
                "{secret}:{nonce}:00000001:{cnonce}:auth:{request}"
            ))
        } else {
            self.hash(&format!("{secret}:{nonce}:{request}"))
        };
        let mut value = format!(
            "Digest username={user}, realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\""
        );
        if let Some(named) = &self.named {
            let _ = write!(value, ", algorithm={named}");
        }
        if self.has_qop {
            let _ = write!(value, ", cnonce=\"{cnonce}\", qop=auth, nc=00000001");
        }
        if let Some(opaque) = &self.opaque {
            let _ = write!(value, ", opaque=\"{opaque}\"");
        }
        value
    }

    fn hash(&self, text: &str) -> String {
        match self.algorithm {
            Algorithm::Md5 => hexadecimal(&Md5::digest(text)),
            Algorithm::Sha256 => hexadecimal(&Sha256::digest(text)),
        }
    }
}

/// Every challenge of a response that we can answer, the first of each side: the
/// one that side likes best (RFC 8760 §2.4).
fn challenges(response: &Response) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for header in response.headers.iter() {
        let challenge = match header {
            Header::WwwAuthenticate(value) => Challenge::read(value.value(), false),
            Header::ProxyAuthenticate(value) => Challenge::read(value.value(), true),
            _ => None,
        };
        if let Some(challenge) = challenge
            && !all.iter().any(|known| known.asks_as(&challenge))
        {
            all.push(challenge);
        }
    }
    all
}

/// What stands between the quotes of a quoted text; any other text as it is.
fn between_quotes(text: &str) -> &str {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::Private;
    use rsipstack::sip::SipMessage;

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials {
            user: user.to_owned(),
            password: Private::new(password.to_owned()),
        }
    }

    fn response(status: u16, challenges: &[&str]) -> Response {
        let headers: String = challenges
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect();
        let text = format!(
            "SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=f\r\n\
             To: <sip:b@h>;tag=t\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n"
        );
        match SipMessage::try_from(text.as_bytes()) {
            Ok(SipMessage::Response(response)) => response,
            other => panic!("a response was expected: {other:?}"),
        }
    }

    /// The example of RFC 7616 §3.9.1, whose method is GET.
    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let parameters = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let who = credentials("Mufasa", "Circle of Life");
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (name, expected) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let value = format!("Digest {parameters}, algorithm={name}");
            let challenge = Challenge::read(&value, false).expect("a challenge");
            let secret = challenge.hash("Mufasa:http-auth@example.org:Circle of Life");
            let request = challenge.hash("GET:/dir/index.html");
            let nonce = &challenge.nonce;
            let response = challenge.hash(&format!(
                "{secret}:{nonce}:00000001:{cnonce}:auth:{request}"
            ));
            assert_eq!(response, expected);
            let answer = challenge.answer(&who, Method::Invite, "sip:b@h", cnonce);
            assert!(
                answer.contains(&format!("algorithm={name}, cnonce=")),
                "{answer}"
            );
            assert!(answer.contains("opaque=\"FQhe/"), "{answer}");
            assert!(!answer.contains("Circle"), "{answer}");
        }
    }

    #[test]
    fn a_nonce_is_answered_once_and_a_stale_one_anew() {
        let asked = |nonce: &str, more: &str| {
            let line = format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\"{more}");
            response(401, &[&line])
        };
        let mut digest = Digest::new(Some(credentials("u", "p")));
        assert!(digest.takes(&asked("one", "")));
        assert_eq!(digest.headers(Method::Invite, "sip:b@h").len(), 1);
        assert!(digest.takes(&asked("two", ", stale=TRUE")));
        let again = digest.headers(Method::Invite, "sip:b@h")[0].to_string();
        assert!(again.contains("nonce=\"two\""), "{again}");
        assert!(!digest.takes(&asked("two", ", stale=true")));
        let mut wrong = Digest::new(Some(credentials("u", "p")));
        assert!(wrong.takes(&asked("one", "")));
        assert!(!wrong.takes(&asked("two", "")), "the password is wrong");
        assert!(!Digest::new(None).takes(&asked("one", "")));
    }

    #[test]
    fn every_side_on_the_way_is_answered_for_the_rest_of_it() {
        let proxy = "Proxy-Authenticate: Digest realm=\"way\", nonce=\"a\"";
        let phone = "WWW-Authenticate: Digest realm=\"end\", nonce=\"b\"";
        let mut digest = Digest::new(Some(credentials("u", "p")));
        assert!(digest.takes(&response(407, &[proxy])));
        assert!(digest.takes(&response(401, &[phone])));
        let names = digest.headers(Method::Invite, "sip:b@h");
        assert!(matches!(
            names.as_slice(),
            [Header::ProxyAuthorization(_), Header::Authorization(_)]
        ));
    }

    #[test]
    fn the_first_algorithm_we_speak_is_taken_and_others_are_passed_over() {
        let lines = [
            "WWW-Authenticate: Basic realm=\"r\"",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"a\", algorithm=SHA-512-256",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"b\", qop=\"auth-int\"",
            "WWW-Authenticate: Digest realm=\"r, \\\"x\", nonce=\"c\", algorithm=SHA-256",
            "WWW-Authenticate: Digest realm=\"r, \\\"x\", nonce=\"d\"",
            "WWW-Authenticate: Digest",
            "WWW-Authenticate: Digest realm",
        ];
        let found = challenges(&response(401, &lines));
        let [only] = found.as_slice() else {
            panic!("one challenge was expected: {found:?}");
        };
        assert_eq!(only.realm, "r, \\\"x");
        assert_eq!(
            (only.nonce.as_str(), only.algorithm),
            ("c", Algorithm::Sha256)
        );
        assert!(!Digest::new(Some(credentials("u", "p"))).takes(&response(401, &lines[..3])));
    }
}
