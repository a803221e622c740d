//! Reads SIP messages, from whatever came in a datagram.

use super::message::{Message, StartLine};

/// A header block longer than this is not read.
const MOST_HEADERS: usize = 128;

/// Why a datagram is no SIP message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseError {
    /// The first line is neither a request's nor a response's.
    #[error("the first line is no SIP: '{0}'")]
    StartLine(String),
    /// A header line has no colon, or there are too many.
    #[error("header line {0} cannot be read")]
    Header(usize),
    /// `Content-Length` is no number or more than there is.
    #[error("the body is shorter than Content-Length says, or it says no number")]
    Body,
}

impl Message {
    /// Reads one datagram. Bytes that are not UTF-8 are replaced, folded lines joined,
    /// compact header names spelt out.
    pub fn parse(datagram: &[u8]) -> Result<Self, ParseError> {
        let (head, body) = split_head(datagram);
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let mut message = Self::new(start_line(lines.next().unwrap_or_default())?);
        for (number, line) in lines.enumerate() {
            message.read_header(number, line)?;
        }
        message.body = match message.header("Content-Length") {
            None => body.to_vec(),
            Some(length) => length
                .parse()
                .ok()
                .and_then(|length: usize| body.get(..length))
                .ok_or(ParseError::Body)?
                .to_vec(),
        };
        Ok(message)
    }

    fn read_header(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let bad = || ParseError::Header(number + 1);
        if line.starts_with([' ', '\t']) {
            let (_, value) = self.headers.last_mut().ok_or_else(bad)?;
            value.push(' ');
            value.push_str(line.trim());
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or_else(bad)?;
        if self.headers.len() == MOST_HEADERS {
            return Err(bad());
        }
        self.push(spelt_out(name.trim()), value.trim());
        Ok(())
    }
}

fn split_head(datagram: &[u8]) -> (&[u8], &[u8]) {
    for blank in [&b"\r\n\r\n"[..], b"\n\n"] {
        let found = datagram.windows(blank.len()).position(|w| w == blank);
        if let Some(at) = found {
            return (&datagram[..at], &datagram[at + blank.len()..]);
        }
    }
    (datagram, &[])
}

fn start_line(line: &str) -> Result<StartLine, ParseError> {
    let bad = || ParseError::StartLine(line.chars().take(80).collect());
    if let Some(rest) = line.strip_prefix("SIP/2.0 ") {
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let status = status.parse().map_err(|_| bad())?;
        if !(100..700).contains(&status) {
            return Err(bad());
        }
        let reason = reason.to_owned();
        return Ok(StartLine::Response { status, reason });
    }
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(uri), Some("SIP/2.0"), None) if !method.is_empty() => {
            Ok(StartLine::Request {
                method: method.to_owned(),
                uri: uri.to_owned(),
            })
        }
        _ => Err(bad()),
    }
}

fn spelt_out(name: &str) -> &str {
    match name {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "l" => "Content-Length",
        "c" => "Content-Type",
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::uri_of;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_is_read_with_folded_lines_and_compact_names() {
        let datagram = b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n\
            f: <sip:a@b>;tag=one\r\nt: \"B; <odd>\" <sip:b@c>;x=1;\r\n tag=two\r\ni: id\r\nCSeq: 7 INVITE\r\n\
            m: <sip:b@127.0.0.1:5070>\r\nl: 4\r\n\r\nbodyjunk";
        let message = Message::parse(datagram).unwrap();
        assert_eq!(message.cseq(), Some((7, "INVITE")));
        assert_eq!(message.tag("From"), Some("one"));
        assert_eq!(message.tag("To"), Some("two"));
        assert_eq!(message.header("call-id"), Some("id"));
        assert_eq!(
            uri_of(message.header("Contact").unwrap()),
            "sip:b@127.0.0.1:5070"
        );
        assert_eq!(message.body, b"body");
    }

    #[test]
    fn what_is_no_sip_is_refused_with_its_place() {
        let table: [(&[u8], ParseError); 6] = [
            (b"", ParseError::StartLine(String::new())),
            (
                b"SIP/2.0 99 No\r\n\r\n",
                ParseError::StartLine("SIP/2.0 99 No".into()),
            ),
            (
                b"BYE sip:a\r\n\r\n",
                ParseError::StartLine("BYE sip:a".into()),
            ),
            (b"BYE sip:a SIP/2.0\r\nVia x\r\n\r\n", ParseError::Header(1)),
            (b"BYE sip:a SIP/2.0\r\n x\r\n\r\n", ParseError::Header(1)),
            (b"BYE sip:a SIP/2.0\r\nl: 9\r\n\r\nshort", ParseError::Body),
        ];
        for (datagram, error) in table {
            assert_eq!(Message::parse(datagram), Err(error));
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let message = Message::request("INVITE", "sip:a@b")
            .with("Call-ID", "x")
            .with("Via", "one")
            .with_sdp("v=0\r\n".to_owned());
        let back = Message::parse(&message.to_bytes()).unwrap();
        assert_eq!(back.body, b"v=0\r\n");
        assert_eq!(back.method(), Some("INVITE"));
        assert_eq!(back.header("via"), Some("one"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Message::parse(&bytes);
        }
    }
}
