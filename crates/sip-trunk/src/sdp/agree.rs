//! Writing offers and answers.

use super::read::Session;
use crate::{AgreedMedia, MediaDirection, MediaOffer};
use call_model::{Codec, PayloadMap};
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// The payload type our own offers give telephone events.
const OFFERED_TELEPHONE_EVENT: u8 = 101;

/// Our side of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LocalMedia {
    /// Where we receive RTP, as the caller must see it.
    pub receive: SocketAddr,
    /// The session's number (`sess-id`).
    pub session: u64,
    /// Counts our descriptions of it (`sess-version`).
    pub version: u64,
    /// We hold the peer: its sound is not wanted.
    pub holds: bool,
}

/// Picks of an offer what we will speak; `keep` wins where it is still offered,
/// so that a call does not change its codec without need. None when nothing fits.
pub(crate) fn choose(offer: &MediaOffer, keep: Option<Codec>) -> Option<AgreedMedia> {
    let kept = offer
        .codecs
        .iter()
        .find(|offered| Some(offered.codec) == keep);
    let chosen = kept.or(offer.codecs.first())?;
    Some(AgreedMedia {
        remote: offer.remote,
        payloads: PayloadMap {
            codec: chosen.codec,
            audio: chosen.payload_type,
            telephone_event: offer.telephone_event,
        },
        direction: offer.direction,
    })
}

/// The answer to a session: its sound taken, everything else closed (RFC 3264 §6).
pub(crate) fn answer(session: &Session, agreed: &AgreedMedia, local: &LocalMedia) -> String {
    let mut out = preamble(local);
    for (at, section) in session.sections.iter().enumerate() {
        if at == session.audio_at {
            write_audio(&mut out, local, &[agreed.payloads], agreed.direction);
        } else {
            let (kind, protocol) = (&section.kind, &section.protocol);
            let formats = section.formats.join(" ");
            let _ = write!(out, "m={kind} 0 {protocol} {formats}\r\n");
        }
    }
    out
}

/// Our own offer; `agreed` when the call already speaks something.
pub(crate) fn offer(agreed: Option<&AgreedMedia>, local: &LocalMedia) -> String {
    let mut out = preamble(local);
    match agreed {
        Some(agreed) => write_audio(
            &mut out,
            local,
            &[agreed.payloads],
            MediaDirection::SendReceive,
        ),
        None => {
            let all = [Codec::Pcmu, Codec::Pcma].map(|codec| PayloadMap {
                codec,
                audio: codec.static_payload_type(),
                telephone_event: Some(OFFERED_TELEPHONE_EVENT),
            });
            write_audio(&mut out, local, &all, MediaDirection::SendReceive);
        }
    }
    out
}

fn preamble(local: &LocalMedia) -> String {
    let address = address_of(local.receive.ip());
    let (session, version) = (local.session, local.version);
    format!("v=0\r\no=- {session} {version} {address}\r\ns=-\r\nc={address}\r\nt=0 0\r\n")
}

fn address_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("IN IP4 {ip}"),
        IpAddr::V6(ip) => format!("IN IP6 {ip}"),
    }
}

/// One audio section; the maps share their telephone events. `direction` is the
/// caller's, so ours is its mirror.
fn write_audio(
    out: &mut String,
    local: &LocalMedia,
    maps: &[PayloadMap],
    direction: MediaDirection,
) {
    let events = maps.iter().find_map(|map| map.telephone_event);
    let _ = write!(out, "m=audio {} RTP/AVP", local.receive.port());
    for payload_type in maps.iter().map(|map| map.audio).chain(events) {
        let _ = write!(out, " {payload_type}");
    }
    out.push_str("\r\n");
    for map in maps {
        let name = map.codec.encoding_name();
        let _ = write!(out, "a=rtpmap:{} {name}/8000\r\n", map.audio);
    }
    if let Some(events) = events {
        let _ = write!(
            out,
            "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n"
        );
    }
    let direction = if local.holds {
        direction.without_sending()
    } else {
        direction
    };
    let _ = write!(out, "a=ptime:20\r\na={}\r\n", mirrored(direction));
}

const fn mirrored(direction: MediaDirection) -> &'static str {
    match direction {
        MediaDirection::SendReceive => "sendrecv",
        MediaDirection::SendOnly => "recvonly",
        MediaDirection::ReceiveOnly => "sendonly",
        MediaDirection::Inactive => "inactive",
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn local() -> LocalMedia {
        LocalMedia {
            receive: "203.0.113.5:16384".parse().expect("an address"),
            session: 7,
            version: 1,
            holds: false,
        }
    }

    #[test]
    fn an_answer_mirrors_every_section_of_the_offer() {
        let offer =
            b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=image 9 udptl t38\r\nm=audio 4000 RTP/AVP 8 0 98\r\n\
            a=rtpmap:98 telephone-event/8000\r\na=sendonly\r\nm=video 5 RTP/AVP 31 34\r\n";
        let session = read(offer).expect("audio");
        let agreed = choose(&session.offer, None).expect("a codec");
        assert_eq!(
            answer(&session, &agreed, &local()),
            "v=0\r\no=- 7 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n\
             m=image 0 udptl t38\r\n\
             m=audio 16384 RTP/AVP 8 98\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:98 telephone-event/8000\r\n\
             a=fmtp:98 0-15\r\na=ptime:20\r\na=recvonly\r\n\
             m=video 0 RTP/AVP 31 34\r\n"
        );
    }

    #[test]
    fn our_own_offer_can_be_read_and_has_all_we_know() {
        let text = offer(None, &local());
        let read_back = read(text.as_bytes()).expect("audio").offer;
        assert_eq!(read_back.codecs.len(), 2);
        assert_eq!(read_back.telephone_event, Some(101));
        assert_eq!(read_back.remote, local().receive);
    }

    #[test]
    fn a_call_keeps_its_codec_while_that_is_offered() {
        let body = b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 8\r\n";
        let offer = read(body).expect("audio").offer;
        let codec = |keep| choose(&offer, keep).expect("a codec").payloads.codec;
        assert_eq!(codec(None), Codec::Pcmu);
        assert_eq!(codec(Some(Codec::Pcma)), Codec::Pcma);
    }
}
