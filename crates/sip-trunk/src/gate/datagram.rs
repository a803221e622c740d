//! A datagram as it arrives, made fit to be read.

/// The largest message the SIP library takes in one datagram.
pub(crate) const MAX_MESSAGE: usize = 8_192;

/// Why a datagram is no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unusable {
    /// Line ends, zeros or STUN: somebody keeps a NAT open.
    KeepAlive,
    /// Nothing that begins like SIP.
    NotSip,
    /// More than [`MAX_MESSAGE`].
    TooLarge,
}

/// Makes a datagram readable: the head becomes UTF-8 without control characters,
/// and a missing Content-Length is added (over UDP it may be left out, RFC 3261
/// §18.3). Every byte that is not UTF-8 becomes one `?`, so that a display name
/// in GBK costs that name and not the headers after it. The body stays as it is.
pub(crate) fn clean(datagram: &[u8]) -> Result<Vec<u8>, Unusable> {
    let datagram = skip_line_ends(datagram);
    match datagram.first() {
        None => return Err(Unusable::KeepAlive),
        // STUN begins with two zero bits (RFC 8489 §5).
        Some(0..=3) => return Err(Unusable::KeepAlive),
        Some(first) if !first.is_ascii_alphanumeric() => return Err(Unusable::NotSip),
        Some(_) => {}
    }
    if datagram.len() >= MAX_MESSAGE {
        return Err(Unusable::TooLarge);
    }
    let (head, body) = split(datagram).ok_or(Unusable::NotSip)?;
    let mut message = readable(head);
    if !has_content_length(&message) {
        message.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
    if message.len() > MAX_MESSAGE {
        return Err(Unusable::TooLarge);
    }
    Ok(message)
}

fn skip_line_ends(datagram: &[u8]) -> &[u8] {
    let start = datagram
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0))
        .unwrap_or(datagram.len());
    // STUN's first byte may be zero; only a datagram of nothing else is empty.
    match datagram.first() {
        Some(0) if start < datagram.len() => datagram,
        _ => &datagram[start..],
    }
}

/// Head with its last line end, and body. A head whose empty line is missing has
/// no body.
fn split(datagram: &[u8]) -> Option<(&[u8], &[u8])> {
    match datagram.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => Some((&datagram[..at + 2], &datagram[at + 4..])),
        None if datagram.ends_with(b"\r\n") => Some((datagram, &[])),
        None => None,
    }
}

fn readable(head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + 32);
    for chunk in head.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        out.extend(chunk.invalid().iter().map(|_| b'?'));
    }
    for at in 0..out.len() {
        let ends_line = out[at] == b'\n' || (out[at] == b'\r' && out.get(at + 1) == Some(&b'\n'));
        if (out[at] < b' ' && out[at] != b'\t' && !ends_line) || out[at] == 0x7f {
            out[at] = b' ';
        }
    }
    out
}

fn has_content_length(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').any(|line| {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let name = name.trim_ascii();
        name.len() < line.len()
            && (name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_in_gbk_costs_the_name_and_nothing_after_it() {
        let datagram = b"INVITE sip:1@h SIP/2.0\r\nFrom: \"\xd5\xc5\xc8\xfd\" <sip:7@h>\r\nTo: <sip:1@h>\r\n\r\n";
        let cleaned = clean(datagram).expect("a message");
        let text = String::from_utf8(cleaned).expect("UTF-8");
        assert_eq!(
            text,
            "INVITE sip:1@h SIP/2.0\r\nFrom: \"????\" <sip:7@h>\r\nTo: <sip:1@h>\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn a_body_without_content_length_is_kept_whole() {
        let cleaned =
            clean(b"INVITE sip:1@h SIP/2.0\r\nA: b\r\n\r\nv=0\r\n\xff").expect("a message");
        assert!(cleaned.ends_with(b"Content-Length: 6\r\n\r\nv=0\r\n\xff"));
        let kept = clean(b"INVITE x SIP/2.0\r\nl: 2\r\n\r\nab").expect("a message");
        assert_eq!(kept, b"INVITE x SIP/2.0\r\nl: 2\r\n\r\nab");
    }

    #[test]
    fn what_keeps_a_nat_open_is_no_message() {
        for idle in [&b""[..], b"\r\n\r\n", b"\0\0\0\0", b"\0\x01\0\0!\x12\xa4B"] {
            assert_eq!(clean(idle), Err(Unusable::KeepAlive), "{idle:?}");
        }
        assert_eq!(clean(b"\x80rtp"), Err(Unusable::NotSip));
        assert_eq!(clean(b"hello"), Err(Unusable::NotSip));
        assert_eq!(clean(&vec![b'A'; MAX_MESSAGE]), Err(Unusable::TooLarge));
    }

    #[test]
    fn no_control_character_is_left_in_a_head() {
        let cleaned = clean(b"OPTIONS x SIP/2.0\r\nA: b\rX: y\0z\x7f\r\n\r\n").expect("a message");
        let text = String::from_utf8(cleaned).expect("UTF-8");
        assert!(text.contains("A: b X: y z \r\n"), "{text:?}");
    }

    proptest! {
        #[test]
        fn a_cleaned_head_is_always_text_within_the_limit(datagram in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut datagram = datagram;
            datagram.splice(0..0, *b"BYE ");
            datagram.extend_from_slice(b"\r\n\r\n\xff");
            let cleaned = clean(&datagram).expect("a message");
            prop_assert!(cleaned.len() <= MAX_MESSAGE);
            let end = cleaned.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
            prop_assert!(std::str::from_utf8(&cleaned[..end]).is_ok());
        }
    }
}
