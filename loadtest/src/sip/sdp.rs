//! Offer and answer (RFC 3264), as far as one G.711 stream with telephone events needs them.

use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};

/// The payload type this caller offers for telephone events.
const OFFERED_EVENTS: u8 = 101;

/// A G.711 law.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// µ-law.
    Pcmu,
    /// A-law.
    Pcma,
}

impl Codec {
    /// The static payload type (RFC 3551 table 4).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    /// One sample as it travels.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Pcmu => dsp::g711::linear_to_ulaw(sample),
            Self::Pcma => dsp::g711::linear_to_alaw(sample),
        }
    }

    /// One sample as it sounds.
    pub fn decode(self, byte: u8) -> i16 {
        match self {
            Self::Pcmu => dsp::g711::ulaw_to_linear(byte),
            Self::Pcma => dsp::g711::alaw_to_linear(byte),
        }
    }

    fn of(payload_type: u8, encoding: Option<&str>) -> Option<Self> {
        match (encoding, payload_type) {
            (Some(name), _) if name.eq_ignore_ascii_case("PCMU/8000") => Some(Self::Pcmu),
            (Some(name), _) if name.eq_ignore_ascii_case("PCMA/8000") => Some(Self::Pcma),
            (None, 0) => Some(Self::Pcmu),
            (None, 8) => Some(Self::Pcma),
            _ => None,
        }
    }
}

/// The name as in `a=rtpmap`.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        })
    }
}

/// Where the other side wants its media and what it takes there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RemoteMedia {
    /// Its RTP address.
    pub address: SocketAddr,
    /// The agreed law.
    pub codec: Codec,
    /// The payload type of the audio.
    pub audio: u8,
    /// The payload type of telephone events, if agreed.
    pub events: Option<u8>,
}

/// Why an answer cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdpError {
    /// No audio stream, or one refused with port 0.
    #[error("the answer has no audio stream")]
    NoAudio,
    /// No address, a name instead of an address, or a port out of range.
    #[error("the answer has no usable address")]
    NoAddress,
    /// None of our codecs.
    #[error("the answer has neither PCMU nor PCMA")]
    NoCodec,
}

/// The offer: one codec, telephone events, 20 ms packets.
pub fn offer(media: SocketAddr, codec: Codec, session: u64) -> String {
    let kind = if media.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, port, audio) = (media.ip(), media.port(), codec.payload_type());
    format!(
        "v=0\r\no=caller {session} 1 IN {kind} {ip}\r\ns=-\r\nc=IN {kind} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {audio} {OFFERED_EVENTS}\r\na=rtpmap:{audio} {codec}/8000\r\n\
         a=rtpmap:{OFFERED_EVENTS} telephone-event/8000\r\na=fmtp:{OFFERED_EVENTS} 0-15\r\n\
         a=ptime:20\r\na=sendrecv\r\n"
    )
}

/// The answer to an offer: its own codec and types, and the other half of its direction.
pub fn answer(media: SocketAddr, offered: &RemoteMedia, offer: &[u8], session: u64) -> String {
    let kind = if media.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, port, audio, codec) = (media.ip(), media.port(), offered.audio, offered.codec);
    let mut sdp = format!(
        "v=0\r\no=phone {session} 1 IN {kind} {ip}\r\ns=-\r\nc=IN {kind} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {audio}"
    );
    let events = offered.events;
    if let Some(events) = events {
        let _ = write!(sdp, " {events}");
    }
    let _ = write!(sdp, "\r\na=rtpmap:{audio} {codec}/8000\r\n");
    if let Some(events) = events {
        let _ = write!(
            sdp,
            "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n"
        );
    }
    let _ = write!(sdp, "a=ptime:20\r\na={}\r\n", other_half(offer));
    sdp
}

/// What answers the direction of an offer (RFC 3264 §6.1).
fn other_half(offer: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(offer);
    let direction = text.lines().rev().find_map(|line| match line.trim_end() {
        "a=sendonly" => Some("recvonly"),
        "a=recvonly" => Some("sendonly"),
        "a=inactive" => Some("inactive"),
        _ => None,
    });
    direction.unwrap_or("sendrecv")
}

/// Reads the first audio stream of an answer, or of an offer.
pub fn read_answer(body: &[u8]) -> Result<RemoteMedia, SdpError> {
    let text = String::from_utf8_lossy(body);
    let stream = AudioStream::find(&text)?;
    let address = stream.address.ok_or(SdpError::NoAddress)?;
    let (audio, codec) = stream
        .payloads
        .iter()
        .find_map(|&(number, encoding)| Some((number, Codec::of(number, encoding)?)))
        .ok_or(SdpError::NoCodec)?;
    let events = stream.payloads.iter().find_map(|&(number, encoding)| {
        encoding?
            .eq_ignore_ascii_case("telephone-event/8000")
            .then_some(number)
    });
    Ok(RemoteMedia {
        address: SocketAddr::new(address, stream.port),
        codec,
        audio,
        events,
    })
}

/// What one `m=audio` section says, with the session's address where it has none.
struct AudioStream<'a> {
    address: Option<IpAddr>,
    port: u16,
    payloads: Vec<(u8, Option<&'a str>)>,
}

impl<'a> AudioStream<'a> {
    fn find(text: &'a str) -> Result<Self, SdpError> {
        let mut lines = text.lines().map(str::trim_end);
        let mut address = None;
        let media = loop {
            let line = lines.next().ok_or(SdpError::NoAudio)?;
            if let Some(connection) = line.strip_prefix("c=") {
                address = connection_address(connection);
            } else if let Some(media) = line.strip_prefix("m=audio ") {
                break media;
            }
        };
        let mut stream = Self::from_media_line(media, address)?;
        for line in lines.take_while(|line| !line.starts_with("m=")) {
            stream.read_line(line);
        }
        Ok(stream)
    }

    fn from_media_line(media: &'a str, address: Option<IpAddr>) -> Result<Self, SdpError> {
        let mut words = media.split_ascii_whitespace();
        let port: u16 = words
            .next()
            .and_then(|port| port.parse().ok())
            .ok_or(SdpError::NoAddress)?;
        if port == 0 {
            return Err(SdpError::NoAudio);
        }
        let payloads = words.skip(1).filter_map(|word| word.parse().ok());
        Ok(Self {
            address,
            port,
            payloads: payloads.map(|number| (number, None)).collect(),
        })
    }

    fn read_line(&mut self, line: &'a str) {
        if let Some(connection) = line.strip_prefix("c=") {
            self.address = connection_address(connection);
        } else if let Some((number, encoding)) = line
            .strip_prefix("a=rtpmap:")
            .and_then(|map| map.split_once(' '))
        {
            let known = self
                .payloads
                .iter_mut()
                .find(|(known, _)| number.parse() == Ok(*known));
            if let Some((_, slot)) = known {
                *slot = Some(encoding.trim().trim_end_matches("/1"));
            }
        }
    }
}

fn connection_address(connection: &str) -> Option<IpAddr> {
    let mut words = connection.split_ascii_whitespace().skip(2);
    words.next()?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &str) -> Result<RemoteMedia, SdpError> {
        read_answer(format!("v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\n{lines}").as_bytes())
    }

    #[test]
    fn an_answer_gives_address_codec_and_event_type() {
        let media = answer(
            "c=IN IP4 127.0.0.9\r\nm=audio 4000 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000/1\r\n\
             a=rtpmap:96 telephone-event/8000\r\nm=video 9 RTP/AVP 31\r\nc=IN IP4 1.2.3.4\r\n",
        );
        let expected = RemoteMedia {
            address: "127.0.0.9:4000".parse().unwrap(),
            codec: Codec::Pcma,
            audio: 8,
            events: Some(96),
        };
        assert_eq!(media, Ok(expected));
    }

    #[test]
    fn unusable_answers_say_what_is_missing() {
        let table = [
            ("", SdpError::NoAudio),
            (
                "c=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n",
                SdpError::NoAudio,
            ),
            (
                "c=IN IP4 host.example\r\nm=audio 9 RTP/AVP 0\r\n",
                SdpError::NoAddress,
            ),
            (
                "c=IN IP4 127.0.0.1\r\nm=audio 70000 RTP/AVP 0\r\n",
                SdpError::NoAddress,
            ),
            (
                "c=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 18\r\n",
                SdpError::NoCodec,
            ),
        ];
        for (lines, error) in table {
            assert_eq!(answer(lines), Err(error), "{lines}");
        }
    }

    #[test]
    fn an_answer_keeps_the_offers_types_and_turns_its_direction() {
        let offer = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8 96\r\n\
                     a=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n";
        let offered = read_answer(offer.as_bytes()).unwrap();
        let media = "127.0.0.1:6000".parse().unwrap();
        let text = super::answer(media, &offered, offer.as_bytes(), 1);
        assert!(text.ends_with("a=recvonly\r\n"), "{text}");
        let back = read_answer(text.as_bytes()).unwrap();
        assert_eq!(
            (back.address, back.audio, back.events),
            (media, 8, Some(96))
        );
    }

    #[test]
    fn our_own_offer_reads_as_an_answer() {
        let media = "127.0.0.1:6000".parse().unwrap();
        let read = read_answer(offer(media, Codec::Pcmu, 1).as_bytes()).unwrap();
        assert_eq!(
            (read.address, read.codec, read.events),
            (media, Codec::Pcmu, Some(101))
        );
    }
}
