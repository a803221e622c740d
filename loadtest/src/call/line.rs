//! Sockets and clocks around [`Uac`], [`Mouth`] and [`Ear`].

use super::{CallRecord, Dial, Director, Ending, Wish};
use crate::rtp::{Ear, Mouth, Pacer, RtpStats};
use crate::sip::{Caller, EndedBy, RemoteMedia, Uac, UacEvent};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// Datagrams taken from a socket before the clock is looked at again.
const MOST_AT_ONCE: usize = 32;
/// The longest wait for what a CANCEL brings.
const CANCEL_WITHIN: Duration = Duration::from_secs(2);

/// The media of an answered call.
struct Media {
    remote: RemoteMedia,
    mouth: Mouth,
    ear: Ear,
    pacer: Pacer,
    answered: Duration,
    begun: Duration,
}

/// One call's sockets and clock around its signalling, mouth and ear.
pub struct Line<'a> {
    dial: &'a Dial,
    sip: UdpSocket,
    rtp: UdpSocket,
    uac: Uac,
    media: Option<Media>,
    /// All times are since then.
    epoch: Instant,
    /// When the INVITE left.
    invited: Duration,
    sent: u64,
    gave_up: bool,
    /// Where the other side wanted media that may not go there.
    led_astray: Option<SocketAddr>,
    packet: Vec<u8>,
}

impl<'a> Line<'a> {
    /// Binds two sockets on the address from which the callee is reached.
    pub async fn open(dial: &'a Dial, epoch: Instant) -> io::Result<Self> {
        let ip = local_ip(dial.callee.address).await?;
        let sip = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
        let rtp = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
        let caller = Caller {
            user: dial.from.clone(),
            sip: sip.local_addr()?,
            media: rtp.local_addr()?,
            codec: dial.codec,
        };
        Ok(Self {
            dial,
            sip,
            rtp,
            uac: Uac::new(caller, dial.callee.clone(), dial.seed),
            media: None,
            epoch,
            invited: Duration::ZERO,
            sent: 0,
            gave_up: false,
            led_astray: None,
            packet: Vec::with_capacity(256),
        })
    }

    /// Calls, and stays until the call is over.
    pub async fn run(&mut self, director: &mut impl Director) -> io::Result<Ending> {
        let mut datagram = vec![0; 65_536];
        self.invited = self.epoch.elapsed();
        self.uac.invite(self.invited);
        loop {
            while let Some((to, bytes)) = self.uac.poll_transmit() {
                self.sip.send_to(&bytes, to).await?;
            }
            if let Some(ending) = self.take_news() {
                if let Some(media) = &self.media {
                    director.ended(self.epoch.elapsed(), &media.ear, &ending);
                }
                return Ok(ending);
            }
            let wake = tokio::time::Instant::from_std(self.epoch + self.wakes());
            tokio::select! {
                ready = self.rtp.readable() => { ready?; self.hear(&mut datagram)?; }
                ready = self.sip.readable() => { ready?; self.take_signals(&mut datagram)?; }
                () = tokio::time::sleep_until(wake) => {}
            }
            self.act(director)?;
            if self.is_unanswered() {
                let waited = self.dial.answer_within;
                return Ok(Ending::Failed(format!("nobody answered within {waited:?}")));
            }
        }
    }

    /// Whether an INVITE is given up that not even a CANCEL can end.
    fn is_unanswered(&self) -> bool {
        let over = self.dial.answer_within + CANCEL_WITHIN;
        self.media.is_none()
            && self.led_astray.is_none()
            && self.epoch.elapsed() > self.invited + over
    }

    /// The next moment something is due.
    fn wakes(&self) -> Duration {
        let limit = match &self.media {
            Some(media) => media.pacer.next_due(),
            None if self.gave_up => self.epoch.elapsed() + Duration::from_secs(1),
            None => self.invited + self.dial.answer_within,
        };
        self.uac
            .poll_timeout()
            .map_or(limit, |signal| signal.min(limit))
    }

    fn act(&mut self, director: &mut impl Director) -> io::Result<()> {
        let now = self.epoch.elapsed();
        self.uac.handle_timeout(now);
        let Some(media) = &mut self.media else {
            if now >= self.invited + self.dial.answer_within && !self.gave_up {
                self.gave_up = true;
                self.uac.hang_up(now);
            }
            return Ok(());
        };
        if !media.pacer.tick(now) {
            return Ok(());
        }
        media.mouth.tick(now, &mut self.packet);
        // A full buffer or a peer that is gone loses this packet, as any network may.
        if self
            .rtp
            .try_send_to(&self.packet, media.remote.address)
            .is_ok()
        {
            self.sent += 1;
        }
        media.ear.tick(now);
        let wish = director.tick(now, &media.ear, &mut media.mouth);
        let is_too_long = now.saturating_sub(media.answered) > self.dial.longest;
        if (wish == Wish::HangUp || is_too_long) && !self.gave_up {
            self.gave_up = true;
            self.uac.hang_up(now);
        }
        Ok(())
    }

    fn hear(&mut self, datagram: &mut [u8]) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            match self.rtp.try_recv_from(datagram) {
                Ok((length, from)) => {
                    let now = self.epoch.elapsed();
                    if let Some(media) = &mut self.media
                        && is_from(media.remote.address, from)
                    {
                        media.ear.handle_packet(now, &datagram[..length]);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take_signals(&mut self, datagram: &mut [u8]) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            match self.sip.try_recv_from(datagram) {
                Ok((length, _)) => self.uac.handle(self.epoch.elapsed(), &datagram[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take_news(&mut self) -> Option<Ending> {
        while let Some(news) = self.uac.poll_event() {
            match news {
                UacEvent::Ringing(_) => {}
                UacEvent::Answered(remote) => self.begin_media(remote),
                UacEvent::MediaMoved(remote) => {
                    if let Some(media) = self.media.as_mut().filter(|_| is_near(self.dial, &remote))
                    {
                        media.remote = remote;
                        media.mouth.move_to(remote);
                        media.ear.move_to(remote);
                    }
                }
                UacEvent::Refused { status, reason } => {
                    return Some(Ending::Refused(status, reason));
                }
                UacEvent::Ended(EndedBy::Us) => return Some(self.left()),
                UacEvent::Ended(EndedBy::Peer) => return Some(Ending::ByPeer),
                UacEvent::Failed(what) => return Some(Ending::Failed(what)),
            }
        }
        None
    }

    fn left(&self) -> Ending {
        match self.led_astray {
            None => Ending::ByUs,
            Some(address) => {
                Ending::Failed(format!("media was wanted at {address}, not on loopback"))
            }
        }
    }

    fn begin_media(&mut self, remote: RemoteMedia) {
        let now = self.epoch.elapsed();
        if !is_near(self.dial, &remote) {
            // Nothing leaves this machine on a peer's word.
            self.led_astray = Some(remote.address);
            self.uac.hang_up(now);
            return;
        }
        let mut mouth = Mouth::new(remote, self.dial.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        if self.dial.keep_audio {
            mouth.keep_recording();
        }
        self.media = Some(Media {
            remote,
            mouth,
            ear: Ear::new(remote, self.dial.keep_audio),
            pacer: Pacer::starting(now),
            answered: now,
            begun: now,
        });
    }

    /// What is left of the call.
    pub fn into_record(self, ending: Ending) -> CallRecord {
        let call_id = self.uac.call_id().to_owned();
        let Some(media) = self.media else {
            return CallRecord {
                call_id,
                ending,
                answered_after: None,
                begun: self.invited,
                sent: 0,
                stats: RtpStats::default(),
                clock_moved: 0,
                heard: Vec::new(),
                said: Vec::new(),
            };
        };
        let first = media.ear.first_arrival().unwrap_or(media.begun);
        let early = (first.saturating_sub(media.begun).as_micros() / 125) as usize;
        let said = media.mouth.said();
        CallRecord {
            call_id,
            ending,
            answered_after: Some(media.answered.saturating_sub(self.invited)),
            begun: media.begun,
            sent: self.sent,
            stats: media.ear.stats().clone(),
            clock_moved: media.pacer.times_moved(),
            heard: media.ear.samples().to_vec(),
            said: said.get(early..).unwrap_or_default().to_vec(),
        }
    }
}

/// A host of several addresses may send from another than it named, but from the same port.
const fn is_from(named: SocketAddr, from: SocketAddr) -> bool {
    named.port() == from.port()
}

/// Media stays on loopback unless it was allowed elsewhere.
const fn is_near(dial: &Dial, remote: &RemoteMedia) -> bool {
    dial.allow_remote || remote.address.ip().is_loopback()
}

/// The address of ours from which the callee is reached; nothing is sent to find it.
async fn local_ip(callee: SocketAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = if callee.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let probe = UdpSocket::bind(any).await?;
    probe.connect(callee).await?;
    Ok(probe.local_addr()?.ip())
}
