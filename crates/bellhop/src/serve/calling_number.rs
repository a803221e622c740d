//! Who calls, as far as the trunk tells.

use call_model::Private;
use sip_trunk::IncomingCall;

/// What is said in the place of a user who is not named: the first by RFC 3323 §4.1.1.3, the others by carriers.
const NAMELESS: [&str; 4] = ["anonymous", "unavailable", "restricted", "unknown"];

/// The number to call back on: From, or what the trunk vouches for where From is none; empty where
/// nobody says.
pub fn calling_number(call: &IncomingCall) -> Private<String> {
    let asserted = call.asserted.as_ref().map(|asserted| asserted.reveal());
    Private::new(told(call.from.reveal(), asserted.map(String::as_str)).to_owned())
}

fn told<'a>(from: &'a str, asserted: Option<&'a str>) -> &'a str {
    let is_number = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let told = match asserted {
        Some(asserted) if !is_number(from) => asserted,
        Some(_) | None => from,
    };
    let is_nameless = NAMELESS.iter().any(|it| told.eq_ignore_ascii_case(it));
    if is_nameless { "" } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withheld_number_is_none_unless_the_trunk_vouches_for_one() {
        assert_eq!(told("13900010002", None), "13900010002");
        assert_eq!(told("13900010002", Some("075512345678")), "13900010002");
        assert_eq!(told("anonymous", Some("075512345678")), "075512345678");
        assert_eq!(told("desk", Some("075512345678")), "075512345678");
        assert_eq!(told("desk", None), "desk");
        for nameless in ["anonymous", "Anonymous", "unavailable", "restricted", ""] {
            assert_eq!(told(nameless, None), "", "{nameless}");
            assert_eq!(told(nameless, Some("anonymous")), "", "{nameless}");
        }
    }
}
