//! Reading what a caller offers.

use crate::{MediaDirection, MediaOffer, OfferedCodec};
use call_model::Codec;
use std::net::{IpAddr, SocketAddr};

/// Most media sections of one description.
const MAX_SECTIONS: usize = 32;
/// Most payload types of one section.
const MAX_FORMATS: usize = 64;

/// A description with sound in it that we can take part in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Session {
    /// The sound.
    pub offer: MediaOffer,
    /// The `m=` line's rest of each section without its port, and which of them
    /// is the sound: an answer must mirror them all (RFC 3264 §6).
    pub sections: Vec<Section>,
    /// Where the sound stands among `sections`.
    pub audio_at: usize,
}

/// A media section, as far as an answer must repeat it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Section {
    /// `audio`, `video`, `image`.
    pub kind: String,
    /// `RTP/AVP`.
    pub protocol: String,
    /// The formats, as they stand.
    pub formats: Vec<String>,
}

/// Why there is nothing we can play.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum NoMedia {
    #[error("The session description cannot be read: it is no SDP")]
    NotSdp,
    #[error("The session description has no audio section that is open")]
    NoAudio,
    #[error(
        "Audio is offered over {0}; only plain RTP/AVP is taken here: switch off media encryption for this trunk"
    )]
    Protocol(String),
    #[error("None of the offered codecs ({0}) is taken here; offer PCMU or PCMA at 8000 Hz")]
    Codecs(String),
    #[error(
        "The address of the audio section cannot be used: an IP address and a port from 1 to 65535 are expected"
    )]
    Address,
}

/// One media section while it is read.
#[derive(Debug)]
struct Draft<'a> {
    kind: &'a str,
    port: Option<u16>,
    protocol: &'a str,
    formats: Vec<&'a str>,
    connection: Option<&'a str>,
    direction: Option<MediaDirection>,
    /// Payload type and `name/rate` of each `a=rtpmap`.
    maps: Vec<(u8, &'a str)>,
}

/// Reads a description and finds the sound in it. Never panics, whatever the bytes.
pub(crate) fn read(body: &[u8]) -> Result<Session, NoMedia> {
    let text = String::from_utf8_lossy(body);
    let mut connection = None;
    let mut direction = MediaDirection::default();
    let mut sections: Vec<Draft<'_>> = Vec::new();
    let mut is_sdp = false;
    for line in text.lines() {
        let Some((kind, value)) = line.trim_end().split_once('=') else {
            continue;
        };
        if kind == "m" {
            if sections.len() == MAX_SECTIONS {
                break;
            }
            sections.push(Draft::open(value));
            continue;
        }
        match (kind, sections.last_mut()) {
            ("v", None) => is_sdp = true,
            ("c", None) => connection = Some(value),
            ("c", Some(section)) => section.connection = Some(value),
            ("a", None) => direction = direction_of(value).unwrap_or(direction),
            ("a", Some(section)) => section.attribute(value),
            _ => {}
        }
    }
    if !is_sdp {
        return Err(NoMedia::NotSdp);
    }
    let (audio_at, offer) = find_audio(&sections, connection, direction)?;
    Ok(Session {
        offer,
        sections: sections.iter().map(Draft::section).collect(),
        audio_at,
    })
}

/// The first audio section that we can take; else what is wrong with the first.
fn find_audio(
    sections: &[Draft<'_>],
    connection: Option<&str>,
    direction: MediaDirection,
) -> Result<(usize, MediaOffer), NoMedia> {
    let mut first_fault = None;
    for (at, section) in sections.iter().enumerate() {
        // Port 0 closes a section (RFC 3264 §5.1).
        if section.kind != "audio" || section.port == Some(0) {
            continue;
        }
        match section.offer(connection, direction) {
            Ok(offer) => return Ok((at, offer)),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or(NoMedia::NoAudio))
}

impl<'a> Draft<'a> {
    fn open(value: &'a str) -> Self {
        let mut parts = value.split_ascii_whitespace();
        let kind = parts.next().unwrap_or_default();
        // "49170/2" names two ports; the first is the one that counts.
        let port = parts
            .next()
            .and_then(|port| port.split('/').next()?.parse().ok());
        Self {
            kind,
            port,
            protocol: parts.next().unwrap_or_default(),
            formats: parts.take(MAX_FORMATS).collect(),
            connection: None,
            direction: None,
            maps: Vec::new(),
        }
    }

    fn attribute(&mut self, value: &'a str) {
        if let Some(direction) = direction_of(value) {
            self.direction = Some(direction);
        } else if let Some(map) = value.strip_prefix("rtpmap:") {
            let mut parts = map.split_ascii_whitespace();
            let payload_type = parts.next().and_then(|number| number.parse().ok());
            if let (Some(payload_type), Some(encoding)) = (payload_type, parts.next())
                && self.maps.len() < MAX_FORMATS
            {
                self.maps.push((payload_type, encoding));
            }
        }
    }

    fn section(&self) -> Section {
        let plain =
            |text: &str| -> String { text.chars().filter(|c| c.is_ascii_graphic()).collect() };
        Section {
            kind: plain(self.kind),
            protocol: plain(self.protocol),
            formats: self.formats.iter().map(|format| plain(format)).collect(),
        }
    }

    fn offer(
        &self,
        connection: Option<&str>,
        direction: MediaDirection,
    ) -> Result<MediaOffer, NoMedia> {
        if !self.protocol.eq_ignore_ascii_case("RTP/AVP") {
            return Err(NoMedia::Protocol(printable(self.protocol)));
        }
        let codecs = self.codecs();
        if codecs.is_empty() {
            return Err(NoMedia::Codecs(self.encodings()));
        }
        let address = self.connection.or(connection).and_then(connection_address);
        let (Some(address), Some(port)) = (address, self.port) else {
            return Err(NoMedia::Address);
        };
        let direction = self.direction.unwrap_or(direction);
        Ok(MediaOffer {
            remote: SocketAddr::new(address, port),
            codecs,
            telephone_event: self.telephone_event(),
            direction: if address.is_unspecified() {
                direction.without_listening()
            } else {
                direction
            },
        })
    }

    /// The payload types of the section, in its order.
    fn payload_types(&self) -> impl Iterator<Item = u8> + '_ {
        let numbers = self.formats.iter().filter_map(|format| format.parse().ok());
        numbers.filter(|number: &u8| *number < 128)
    }

    fn codecs(&self) -> Vec<OfferedCodec> {
        let codecs = self.payload_types().filter_map(|payload_type| {
            let codec = self.codec(payload_type)?;
            Some(OfferedCodec {
                codec,
                payload_type,
            })
        });
        codecs.collect()
    }

    fn codec(&self, payload_type: u8) -> Option<Codec> {
        let Some(encoding) = self.encoding(payload_type) else {
            // Static types may go without a map (RFC 3551 §6).
            return [Codec::Pcmu, Codec::Pcma]
                .into_iter()
                .find(|codec| codec.static_payload_type() == payload_type);
        };
        [Codec::Pcmu, Codec::Pcma]
            .into_iter()
            .find(|codec| is_encoding(encoding, codec.encoding_name()))
    }

    fn telephone_event(&self) -> Option<u8> {
        self.payload_types().find(|&payload_type| {
            self.encoding(payload_type)
                .is_some_and(|encoding| is_encoding(encoding, "telephone-event"))
        })
    }

    fn encoding(&self, payload_type: u8) -> Option<&'a str> {
        let found = self.maps.iter().find(|(number, _)| *number == payload_type);
        found.map(|(_, encoding)| *encoding)
    }

    /// The names of what was offered, for the person who reads the refusal.
    fn encodings(&self) -> String {
        let names =
            self.payload_types()
                .take(8)
                .map(|payload_type| match self.encoding(payload_type) {
                    Some(encoding) => printable(encoding),
                    None => format!("payload type {payload_type}"),
                });
        names.collect::<Vec<_>>().join(", ")
    }
}

/// `name/8000` or `name/8000/1`: one channel at 8 kHz.
fn is_encoding(encoding: &str, name: &str) -> bool {
    let mut parts = encoding.split('/');
    let is_name = parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case(name));
    is_name && parts.next() == Some("8000") && matches!(parts.next(), None | Some("1"))
}

fn direction_of(attribute: &str) -> Option<MediaDirection> {
    match attribute {
        "sendrecv" => Some(MediaDirection::SendReceive),
        "sendonly" => Some(MediaDirection::SendOnly),
        "recvonly" => Some(MediaDirection::ReceiveOnly),
        "inactive" => Some(MediaDirection::Inactive),
        _ => None,
    }
}

/// The address of `IN IP4 192.0.2.1`; names are not looked up.
fn connection_address(value: &str) -> Option<IpAddr> {
    let mut parts = value.split_ascii_whitespace();
    let (network, _family) = (parts.next()?, parts.next()?);
    let address = parts.next()?.split('/').next()?;
    (network == "IN").then(|| address.parse().ok()).flatten()
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_ascii_graphic())
        .take(32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sdp(media: &str) -> String {
        format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{media}")
    }

    fn read_text(text: &str) -> Result<Session, NoMedia> {
        read(text.as_bytes())
    }

    #[test]
    fn telephone_events_are_found_on_any_payload_type() {
        let media = "m=audio 4000 RTP/AVP 18 8 113 0 97\r\na=rtpmap:113 telephone-event/16000\r\n\
                     a=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\0\r\na=ptime:20\r\n";
        let offer = read_text(&sdp(media)).expect("audio").offer;
        assert_eq!(offer.telephone_event, Some(97));
        let order: Vec<_> = offer.codecs.iter().map(|offered| offered.codec).collect();
        assert_eq!(order, [Codec::Pcma, Codec::Pcmu]);
        assert_eq!(offer.remote.to_string(), "192.0.2.1:4000");
    }

    #[test]
    fn a_codec_under_a_dynamic_type_is_known_by_its_name() {
        let media =
            "m=audio 4000 RTP/AVP 0 100\r\na=rtpmap:0 G999/8000\r\na=rtpmap:100 pcma/8000/1\r\n";
        let offer = read_text(&sdp(media)).expect("audio").offer;
        let expected = OfferedCodec {
            codec: Codec::Pcma,
            payload_type: 100,
        };
        assert_eq!(offer.codecs, [expected]);
    }

    #[test]
    fn the_sections_own_lines_win_over_the_sessions() {
        let media = "a=recvonly\r\nm=video 9 RTP/AVP 31\r\nm=audio 0 RTP/AVP 0\r\n\
                     m=audio 4002/2 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\na=sendonly\r\n";
        let session = read_text(&sdp(media)).expect("audio");
        assert_eq!(session.audio_at, 2);
        assert_eq!(session.offer.remote.to_string(), "[2001:db8::1]:4002");
        assert_eq!(session.offer.direction, MediaDirection::SendOnly);
        assert_eq!(session.sections.len(), 3);
    }

    #[test]
    fn an_address_of_zeros_is_a_hold() {
        let media = "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n";
        let offer = read_text(&sdp(media)).expect("audio").offer;
        assert_eq!(offer.direction, MediaDirection::SendOnly);
    }

    #[test]
    fn what_cannot_be_played_is_explained() {
        for (media, fault) in [
            ("", "no audio section"),
            ("m=audio 0 RTP/AVP 0\r\n", "no audio section"),
            (
                "m=audio 70000 RTP/AVP 0\r\n",
                "address of the audio section",
            ),
            ("m=audio 4000 RTP/SAVP 0\r\n", "over RTP/SAVP"),
            (
                "m=audio 4000 RTP/AVP 18 96\r\na=rtpmap:96 opus/48000/2\r\n",
                "(payload type 18, opus/48000/2)",
            ),
            (
                "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 phone.example\r\n",
                "address of the audio section",
            ),
        ] {
            let error = read_text(&sdp(media))
                .expect_err("nothing to play")
                .to_string();
            assert!(error.contains(fault), "{media:?}: {error}");
        }
        assert_eq!(read(b"\0\xff hello"), Err(NoMedia::NotSdp));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut body = b"v=0\r\nm=audio 1 RTP/AVP 0\r\n".to_vec();
            body.extend(bytes);
            let _ = read(&body);
        }

        #[test]
        fn no_odd_line_makes_the_reader_panic(line in "[amc]=[a-z0-9:/ .*=;-]{0,60}", tail in "m?=?[a-z0-9 /]{0,40}") {
            let _ = read_text(&sdp(&format!("m=audio 9 RTP/AVP 0 101\r\n{line}\r\n{tail}\r\n")));
        }
    }
}
