//! Server-sent events (WHATWG HTML, §9.2), read from bytes that come cut anywhere.

use crate::limits;
use crate::trouble::Trouble;

/// Finds the events in a stream. Only `data` fields are of interest here.
#[derive(Default)]
pub struct EventReader {
    line: Vec<u8>,
    data: Option<String>,
    bytes: usize,
    /// The last byte was a CR: an LF after it belongs to the same line end.
    was_cr: bool,
}

impl EventReader {
    /// The data of each event that is whole now.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, Trouble> {
        self.bytes += bytes.len();
        if self.bytes > limits::STREAM_BYTES {
            return Err(Trouble::overrun("the stream does not end"));
        }
        let mut events = Vec::new();
        for &byte in bytes {
            let was_cr = std::mem::replace(&mut self.was_cr, byte == b'\r');
            match byte {
                b'\n' if was_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ => self.line.push(byte),
            }
        }
        if self.line.len() > limits::STREAM_LINE_BYTES {
            return Err(Trouble::overrun("a line of the stream does not end"));
        }
        Ok(events)
    }

    /// The event, where an empty line ends it.
    fn end_line(&mut self) -> Result<Option<String>, Trouble> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(self.data.take());
        }
        let line =
            String::from_utf8(line).map_err(|_| Trouble::garbled("the stream is no UTF-8"))?;
        if let Some(value) = line.strip_prefix("data:") {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                None => self.data = Some(value.to_owned()),
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_wherever_the_bytes_are_cut() {
        let stream = ": hello\r\ndata: 一\r\n\r\nevent: x\ndata:two\ndata: lines\n\ndata: late";
        for size in 1..=stream.len() {
            let mut reader = EventReader::default();
            let mut events = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                events.extend(reader.push(piece).expect("events"));
            }
            assert_eq!(events, ["一", "two\nlines"], "cut every {size} bytes");
        }
    }

    #[test]
    fn a_stream_without_end_is_an_overrun() {
        let mut reader = EventReader::default();
        let line = vec![b'a'; limits::STREAM_LINE_BYTES + 1];
        assert!(reader.push(&line).is_err());
        let mut reader = EventReader::default();
        let ping = b": ping\n\n".repeat(1_000);
        let pushes = limits::STREAM_BYTES / ping.len() + 1;
        assert!((0..pushes).any(|_| reader.push(&ping).is_err()));
    }

    #[test]
    fn bytes_that_are_no_text_are_garbled() {
        let mut reader = EventReader::default();
        assert!(reader.push(b"data: \xff\xfe\n\n").is_err());
    }
}
