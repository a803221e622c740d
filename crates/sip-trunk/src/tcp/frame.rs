//! Where one message ends and the next begins in a stream (RFC 3261 §18.3).

use crate::gate::MAX_MESSAGE;

/// What a stream held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    /// One message, whole.
    Message(Vec<u8>),
    /// Two line ends between messages: a peer that wants to see one in return
    /// (RFC 5626 §3.5.1).
    Ping,
}

/// Why nothing more can be read from a stream: what follows cannot be told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("a message is above {MAX_MESSAGE} bytes")]
    TooLarge,
    #[error("a message states no Content-Length, or several")]
    NoLength,
    #[error("what arrives is no SIP")]
    NotSip,
}

/// Cuts a stream into messages; holds at most one that is not whole yet, and what
/// one read added.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    buffer: Vec<u8>,
}

impl Framer {
    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether a message has begun and is not whole.
    pub fn is_amid_message(&self) -> bool {
        self.buffer.iter().any(|byte| !is_line_end(byte))
    }

    /// The next whole message, if there is one.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Broken> {
        if self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.drain(..4);
            return Ok(Some(Frame::Ping));
        }
        let start = self.buffer.iter().position(|byte| !is_line_end(byte));
        let Some(start) = start else {
            // A ping may be on its way; more line ends than that mean nothing.
            self.buffer.truncate(3);
            return Ok(None);
        };
        self.buffer.drain(..start);
        if !self.buffer[0].is_ascii_alphanumeric() {
            return Err(Broken::NotSip);
        }
        let Some(end) = end_of_head(&self.buffer) else {
            let is_small = self.buffer.len() < MAX_MESSAGE;
            return if is_small {
                Ok(None)
            } else {
                Err(Broken::TooLarge)
            };
        };
        let length = content_length(&self.buffer[..end]).ok_or(Broken::NoLength)?;
        let whole = end.saturating_add(length);
        if whole >= MAX_MESSAGE {
            return Err(Broken::TooLarge);
        }
        if self.buffer.len() < whole {
            return Ok(None);
        }
        let rest = self.buffer.split_off(whole);
        let message = std::mem::replace(&mut self.buffer, rest);
        Ok(Some(Frame::Message(message)))
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Where the head ends, its empty line included.
fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let at = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(at + 4)
}

/// The one length that a head states; none when it states none, or two.
fn content_length(head: &[u8]) -> Option<usize> {
    let mut stated = head.split(|&byte| byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = line[..colon].trim_ascii();
        let is_length =
            name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l");
        is_length.then(|| line[colon + 1..].trim_ascii())
    });
    let value = stated.next()?;
    if stated.any(|other| other != value) || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BYE: &[u8] = b"BYE sip:a@h SIP/2.0\r\nl : 2\r\n\r\nab";
    const ACK: &[u8] = b"ACK sip:a@h SIP/2.0\r\nContent-Length: 0\r\n\r\n";

    /// Every frame of a stream that arrives in these pieces.
    fn frames(pieces: &[&[u8]]) -> Result<Vec<Frame>, Broken> {
        let mut framer = Framer::default();
        let mut all = Vec::new();
        for piece in pieces {
            framer.push(piece);
            while let Some(frame) = framer.next_frame()? {
                all.push(frame);
            }
        }
        Ok(all)
    }

    #[test]
    fn messages_are_found_however_the_stream_was_cut() {
        let stream = [b"\r\n", BYE, b"\r\n\r\n", ACK, BYE].concat();
        let expected = vec![
            Frame::Message(BYE.to_vec()),
            Frame::Ping,
            Frame::Message(ACK.to_vec()),
            Frame::Message(BYE.to_vec()),
        ];
        assert_eq!(frames(&[&stream]), Ok(expected.clone()));
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(frames(&bytes), Ok(expected));
    }

    #[test]
    fn a_stream_that_cannot_be_cut_is_broken() {
        let huge = format!("BYE sip:a@h SIP/2.0\r\nX: {}", "x".repeat(MAX_MESSAGE));
        for (stream, expected) in [
            (&b"\x16\x03\x01\x02\0"[..], Broken::NotSip),
            (b"BYE sip:a@h SIP/2.0\r\n\r\n", Broken::NoLength),
            (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", Broken::NoLength),
            (
                b"BYE x SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
                Broken::NoLength,
            ),
            (b"BYE x SIP/2.0\r\nl: -1\r\n\r\n", Broken::NoLength),
            (
                b"BYE x SIP/2.0\r\nl: 99999999999999999999\r\n\r\n",
                Broken::NoLength,
            ),
            (
                b"BYE x SIP/2.0\r\nl: 18446744073709551615\r\n\r\n",
                Broken::TooLarge,
            ),
            (b"BYE x SIP/2.0\r\nl: 9000\r\n\r\n", Broken::TooLarge),
            (huge.as_bytes(), Broken::TooLarge),
        ] {
            assert_eq!(
                frames(&[stream]),
                Err(expected),
                "{}",
                stream.escape_ascii()
            );
        }
    }

    #[test]
    fn line_ends_without_end_fill_no_memory() {
        let mut framer = Framer::default();
        for _ in 0..1_000 {
            framer.push(b"\n\r\n");
            while let Ok(Some(Frame::Ping)) = framer.next_frame() {}
            assert!(framer.buffer.len() < 8 && !framer.is_amid_message());
        }
        framer.push(b"B");
        assert!(framer.is_amid_message());
    }

    proptest! {
        #[test]
        fn no_stream_makes_the_framer_panic_or_hold_more_than_a_message(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 0..40),
        ) {
            let mut framer = Framer::default();
            framer.push(b"BYE x SIP/2.0\r\nl: 30\r\n\r\n");
            for piece in &pieces {
                framer.push(piece);
                loop {
                    match framer.next_frame() {
                        Ok(Some(Frame::Message(message))) => prop_assert!(message.len() < MAX_MESSAGE),
                        Ok(Some(Frame::Ping)) => {}
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(framer.buffer.len() < MAX_MESSAGE);
            }
        }
    }
}
