//! Sockets and clock around an agent's [`Phone`], its mouth and its ear.

use super::company::Seat;
use crate::rtp::{Ear, Mouth, Pacer, RtpStats};
use crate::scenario::{OnAir, PhoneOrder};
use crate::sip::{self, Manner, Phone, PhoneEvent, RemoteMedia, Ring};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// Datagrams taken from a socket before the clock is looked at again.
const MOST_AT_ONCE: usize = 32;
/// When all is over a BYE of the phone's is waited for so long.
const LINGER: Duration = Duration::from_secs(2);

/// A call that a phone answered.
#[derive(Debug)]
pub struct PhoneCall {
    /// What stood on the screen.
    pub ring: Ring,
    /// When the phone answered.
    pub answered: Duration,
    /// What was received.
    pub stats: RtpStats,
    /// What was heard, from the first packet on.
    pub heard: Vec<i16>,
    /// What was said, on the same timeline.
    pub said: Vec<i16>,
}

struct Media {
    ring: Ring,
    remote: RemoteMedia,
    mouth: Mouth,
    ear: Ear,
    answered: Duration,
}

/// One phone's sockets and clock.
pub struct PhoneLine {
    sip: UdpSocket,
    rtp: UdpSocket,
    phone: Phone,
    ringing: Option<Ring>,
    media: Option<Media>,
    calls: Vec<PhoneCall>,
    allow_remote: bool,
    seed: u64,
    epoch: Instant,
    packet: Vec<u8>,
}

impl PhoneLine {
    /// Binds the phone's own port, and one for its media.
    pub async fn open(
        address: SocketAddr,
        manner: Manner,
        user: &str,
        allow_remote: bool,
        seed: u64,
        epoch: Instant,
    ) -> io::Result<Self> {
        let bad = |error: io::Error| {
            io::Error::new(
                error.kind(),
                format!("phone '{user}' on {address}: {error}"),
            )
        };
        if !address.ip().is_loopback() && !allow_remote {
            let what =
                io::Error::other("not on this machine; --allow-remote takes it all the same");
            return Err(bad(what));
        }
        let sip = UdpSocket::bind(address).await.map_err(bad)?;
        let rtp = UdpSocket::bind(SocketAddr::new(address.ip(), 0))
            .await
            .map_err(bad)?;
        let seat = sip::Seat {
            user: user.to_owned(),
            sip: sip.local_addr()?,
            media: rtp.local_addr()?,
        };
        Ok(Self {
            phone: Phone::new(seat, manner, seed),
            sip,
            rtp,
            ringing: None,
            media: None,
            calls: Vec::new(),
            allow_remote,
            seed,
            epoch,
            packet: Vec::with_capacity(256),
        })
    }

    /// Takes calls until everybody has left.
    pub async fn run(mut self, seat: Seat) -> io::Result<Vec<PhoneCall>> {
        let mut datagram = vec![0; 65_536];
        let mut pacer = Pacer::starting(self.epoch.elapsed());
        let mut closes: Option<Duration> = None;
        loop {
            self.transmit().await?;
            self.take_news(&seat);
            let due = tokio::time::Instant::from_std(self.epoch + pacer.next_due());
            tokio::select! {
                ready = self.rtp.readable() => { ready?; self.hear(&mut datagram)?; }
                ready = self.sip.readable() => { ready?; self.take_signals(&mut datagram)?; }
                () = tokio::time::sleep_until(due) => {}
            }
            let now = self.epoch.elapsed();
            self.take_news(&seat);
            if pacer.tick(now) {
                self.tick(now, &seat);
            }
            seat.set_idle(self.phone.is_idle());
            if seat.is_closed() {
                let until = *closes.get_or_insert(now + LINGER);
                if self.phone.is_idle() || now >= until {
                    self.transmit().await?;
                    self.end_media();
                    return Ok(self.calls);
                }
            }
        }
    }

    async fn transmit(&mut self) -> io::Result<()> {
        while let Some((to, bytes)) = self.phone.poll_transmit() {
            if !to.ip().is_loopback() && !self.allow_remote {
                continue;
            }
            self.sip.send_to(&bytes, to).await?;
        }
        Ok(())
    }

    fn tick(&mut self, now: Duration, seat: &Seat) {
        self.phone.handle_timeout(now);
        self.take_news(seat);
        if let Some(media) = &mut self.media {
            media.mouth.tick(now, &mut self.packet);
            // A full buffer or a peer that is gone loses this packet, as any network may.
            let _ = self.rtp.try_send_to(&self.packet, media.remote.address);
            media.ear.tick(now);
        }
        let air = self.media.as_mut().map(|media| OnAir {
            ear: &media.ear,
            mouth: &mut media.mouth,
        });
        seat.tick_phone(now, air);
        while let Some(order) = seat.take_order() {
            match order {
                PhoneOrder::Answer => {
                    self.phone.answer(now, None);
                }
                PhoneOrder::Decline(with) => {
                    self.phone.decline(now, with);
                }
                PhoneOrder::HangUp => {
                    self.phone.hang_up(now);
                }
                PhoneOrder::Behave(manner) => self.phone.behave(manner),
            }
        }
        if seat.is_over() {
            self.phone.hang_up(now);
        }
        self.take_news(seat);
    }

    fn take_news(&mut self, seat: &Seat) {
        while let Some(event) = self.phone.poll_event() {
            let now = self.epoch.elapsed();
            seat.phone_news(now, &event);
            match event {
                PhoneEvent::Rings(ring) => self.ringing = Some(ring),
                PhoneEvent::Answered(remote) => self.begin_media(now, remote),
                PhoneEvent::MediaMoved(remote) => {
                    let is_near = self.allow_remote || remote.address.ip().is_loopback();
                    if let Some(media) = self.media.as_mut().filter(|_| is_near) {
                        media.remote = remote;
                        media.mouth.move_to(remote);
                        media.ear.move_to(remote);
                    }
                }
                PhoneEvent::Ended(_) | PhoneEvent::Failed(_) => self.end_media(),
                PhoneEvent::StoppedRinging | PhoneEvent::Declined(_) | PhoneEvent::Intruded(_) => {}
            }
        }
    }

    fn begin_media(&mut self, now: Duration, remote: RemoteMedia) {
        let Some(ring) = self.ringing.take() else {
            return;
        };
        if !remote.address.ip().is_loopback() && !self.allow_remote {
            // Nothing leaves this machine on a peer's word.
            self.phone.hang_up(now);
            return;
        }
        self.seed = self
            .seed
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(1);
        let mut mouth = Mouth::new(remote, self.seed);
        mouth.keep_recording();
        self.media = Some(Media {
            ring,
            remote,
            mouth,
            ear: Ear::new(remote, true),
            answered: now,
        });
    }

    fn end_media(&mut self) {
        let Some(media) = self.media.take() else {
            return;
        };
        let first = media.ear.first_arrival().unwrap_or(media.answered);
        let early = (first.saturating_sub(media.answered).as_micros() / 125) as usize;
        self.calls.push(PhoneCall {
            ring: media.ring,
            answered: media.answered,
            stats: media.ear.stats().clone(),
            heard: media.ear.samples().to_vec(),
            said: media.mouth.said().get(early..).unwrap_or_default().to_vec(),
        });
    }

    fn hear(&mut self, datagram: &mut [u8]) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            match self.rtp.try_recv_from(datagram) {
                Ok((length, from)) => {
                    let now = self.epoch.elapsed();
                    if let Some(media) = &mut self.media
                        && media.remote.address.port() == from.port()
                    {
                        media.ear.handle_packet(now, &datagram[..length]);
                    }
                }
                Err(error) => return nothing_more(error),
            }
        }
        Ok(())
    }

    fn take_signals(&mut self, datagram: &mut [u8]) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            match self.sip.try_recv_from(datagram) {
                Ok((length, from)) => {
                    self.phone
                        .handle(self.epoch.elapsed(), from, &datagram[..length]);
                }
                Err(error) => return nothing_more(error),
            }
        }
        Ok(())
    }
}

/// An empty socket, or a peer's port that is closed, is no trouble of ours.
fn nothing_more(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused => Ok(()),
        _ => Err(error),
    }
}
