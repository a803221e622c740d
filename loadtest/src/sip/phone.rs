//! An agent's phone, without sockets or clocks: what rings on it, and what it answers.

use super::dialog::{Dialog, Names};
use super::manner::{Decline, Manner};
use super::message::{Message, StartLine};
use super::retransmit::{Due, Retransmit};
use super::ring::Ring;
use super::sdp::{self, Codec, RemoteMedia};
use super::uac::EndedBy;
use super::unfinished::Unfinished;
use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// What happened on the phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneEvent {
    /// A call came; also to a dead phone.
    Rings(Ring),
    /// The caller took the call back before it was answered.
    StoppedRinging,
    /// The phone declined with this status.
    Declined(u16),
    /// The phone answered; media may flow.
    Answered(RemoteMedia),
    /// The other side moved its media (re-INVITE).
    MediaMoved(RemoteMedia),
    /// The call was ended in order.
    Ended(EndedBy),
    /// A call came while another had the phone; it was told 486.
    Intruded(Ring),
    /// The call failed: no ACK, an unusable offer.
    Failed(String),
}

/// Where the phone is reached.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The user part of its address.
    pub user: String,
    /// The signalling socket's own address.
    pub sip: SocketAddr,
    /// The media socket's own address.
    pub media: SocketAddr,
}

/// One phone: one call at a time, one after another. Times are since the scenario began.
#[derive(Debug)]
pub struct Phone {
    seat: Seat,
    names: Names,
    manner: Manner,
    phase: Phase,
    unfinished: Unfinished,
    /// The Call-IDs that a dead phone saw.
    unheeded: BTreeSet<String>,
    last_answer: Option<(String, Vec<u8>)>,
    outbox: VecDeque<(SocketAddr, Vec<u8>)>,
    news: VecDeque<PhoneEvent>,
}

/// An INVITE that came, and from where.
#[derive(Debug)]
struct Incoming {
    invite: Message,
    from: SocketAddr,
    tag: String,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Ringing {
        incoming: Box<Incoming>,
        since: Duration,
        last: Vec<u8>,
    },
    /// 200 OK is out, no ACK came.
    Answering {
        incoming: Box<Incoming>,
        dialog: Dialog,
        ok: Retransmit,
        /// When the phone hangs up by itself.
        leaves_at: Option<Duration>,
        /// Whether the ACK brings the other side's SDP.
        wants_sdp: bool,
    },
    Talking {
        dialog: Dialog,
        call_id: String,
        leaves_at: Option<Duration>,
    },
}

impl Phone {
    /// A phone on its hook.
    pub fn new(seat: Seat, manner: Manner, seed: u64) -> Self {
        Self {
            seat,
            names: Names::from_seed(seed),
            manner,
            phase: Phase::Idle,
            unfinished: Unfinished::default(),
            unheeded: BTreeSet::new(),
            last_answer: None,
            outbox: VecDeque::new(),
            news: VecDeque::new(),
        }
    }

    /// From now on it takes calls so; a call that rings is dealt with so too.
    pub const fn behave(&mut self, manner: Manner) {
        self.manner = manner;
    }

    /// Whether no call has the phone, and none is being ended.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle) && self.unfinished.is_empty()
    }

    /// Takes a datagram that came from `from`.
    pub fn handle(&mut self, now: Duration, from: SocketAddr, datagram: &[u8]) {
        let Ok(message) = Message::parse(datagram) else {
            return;
        };
        if self.manner == Manner::Dead {
            return self.overlook(now, &message);
        }
        match message.method() {
            None => self.handle_answer(&message),
            Some("INVITE") => self.handle_invite(now, from, message),
            Some("ACK") => self.handle_ack(now, &message),
            Some("CANCEL") => self.handle_cancel(now, from, &message),
            Some(method) => self.handle_request(method, from, &message),
        }
    }

    fn overlook(&mut self, now: Duration, message: &Message) {
        let call_id = message.header("Call-ID").unwrap_or_default();
        let is_invite = message.method() == Some("INVITE");
        if is_invite && self.unheeded.insert(call_id.to_owned()) {
            self.news
                .push_back(PhoneEvent::Rings(Ring::of(now, message)));
        }
    }

    fn handle_invite(&mut self, now: Duration, from: SocketAddr, invite: Message) {
        let branch = invite.branch().to_owned();
        if let Some(again) = self.unfinished.refusal_of(&branch) {
            self.outbox.push_back(again);
            return;
        }
        if invite.tag("To").is_some() {
            return self.handle_request("INVITE", from, &invite);
        }
        match &self.phase {
            Phase::Idle => self.ring(now, from, invite),
            Phase::Ringing { incoming, last, .. } if incoming.invite.branch() == branch => {
                self.outbox.push_back((from, last.clone()));
            }
            Phase::Answering { incoming, .. } if incoming.invite.branch() == branch => {}
            Phase::Ringing { .. } | Phase::Answering { .. } | Phase::Talking { .. } => {
                let ring = Ring::of(now, &invite);
                self.news.push_back(PhoneEvent::Intruded(ring));
                let tag = self.names.branch();
                let incoming = Incoming { invite, from, tag };
                let (status, reason) = Decline::Busy.status();
                self.refuse(now, &incoming, status, reason);
            }
        }
    }

    fn ring(&mut self, now: Duration, from: SocketAddr, invite: Message) {
        self.news
            .push_back(PhoneEvent::Rings(Ring::of(now, &invite)));
        let tag = self.names.branch();
        let ringing = self.answer_to(&invite, &tag, 180, "Ringing").to_bytes();
        self.outbox.push_back((from, ringing.clone()));
        self.phase = Phase::Ringing {
            incoming: Box::new(Incoming { invite, from, tag }),
            since: now,
            last: ringing,
        };
        self.handle_timeout(now);
    }

    fn answer_to(&self, request: &Message, tag: &str, status: u16, reason: &str) -> Message {
        let mut answer = Message::answer_to(request, status, reason);
        if answer.tag("To").is_none() {
            answer.append_to("To", &format!(";tag={tag}"));
        }
        answer.with(
            "Contact",
            format!("<sip:{}@{}>", self.seat.user, self.seat.sip),
        )
    }

    fn refuse(&mut self, now: Duration, incoming: &Incoming, status: u16, reason: &str) {
        let refusal = self.answer_to(&incoming.invite, &incoming.tag, status, reason);
        let bytes = refusal.to_bytes();
        self.outbox.push_back((incoming.from, bytes.clone()));
        let branch = incoming.invite.branch();
        self.unfinished.refused(now, branch, incoming.from, bytes);
    }

    /// Answers what rings; false where nothing does.
    pub fn answer(&mut self, now: Duration, leaves_after: Option<Duration>) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Ringing { incoming, .. } => {
                self.accept(now, incoming, leaves_after.map(|after| now + after));
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    fn accept(&mut self, now: Duration, incoming: Box<Incoming>, leaves_at: Option<Duration>) {
        let invite = &incoming.invite;
        let Some(dialog) = Dialog::from_invite(invite, &incoming.tag, incoming.from) else {
            return self.fail(now, &incoming, "the INVITE has no Contact");
        };
        let wants_sdp = invite.body.is_empty();
        let media = self.seat.media;
        let sdp = if wants_sdp {
            sdp::offer(media, Codec::Pcmu, 1)
        } else {
            match sdp::read_answer(&invite.body) {
                Ok(offered) => {
                    self.news.push_back(PhoneEvent::Answered(offered));
                    sdp::answer(media, &offered, &invite.body, 1)
                }
                Err(error) => return self.fail(now, &incoming, &error.to_string()),
            }
        };
        let ok = self
            .answer_to(invite, &incoming.tag, 200, "OK")
            .with_sdp(sdp)
            .to_bytes();
        self.outbox.push_back((incoming.from, ok.clone()));
        self.phase = Phase::Answering {
            incoming,
            dialog,
            ok: Retransmit::other(now, ok),
            leaves_at,
            wants_sdp,
        };
    }

    fn fail(&mut self, now: Duration, incoming: &Incoming, what: &str) {
        self.refuse(now, incoming, 488, "Not Acceptable Here");
        self.news.push_back(PhoneEvent::Failed(what.to_owned()));
    }

    /// Declines what rings; false where nothing does.
    pub fn decline(&mut self, now: Duration, with: Decline) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Ringing { incoming, .. } => {
                let (status, reason) = with.status();
                self.refuse(now, &incoming, status, reason);
                self.news.push_back(PhoneEvent::Declined(status));
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    /// Ends the call that stands; false where none does. Before its ACK has come it ends with it
    /// (RFC 3261 §15).
    pub fn hang_up(&mut self, now: Duration) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Talking {
                dialog, call_id, ..
            } => {
                self.send_bye(now, dialog, call_id);
                true
            }
            Phase::Answering {
                incoming,
                dialog,
                ok,
                wants_sdp,
                ..
            } => {
                self.phase = Phase::Answering {
                    incoming,
                    dialog,
                    ok,
                    leaves_at: Some(now),
                    wants_sdp,
                };
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    fn send_bye(&mut self, now: Duration, mut dialog: Dialog, call_id: String) {
        let via = format!(
            "SIP/2.0/UDP {};rport;branch={}",
            self.seat.sip,
            self.names.branch()
        );
        let bytes = dialog.next_request("BYE", via).to_bytes();
        self.outbox.push_back((dialog.next_hop, bytes.clone()));
        self.phase = Phase::Idle;
        self.unfinished.left(now, call_id, dialog.next_hop, bytes);
        self.news.push_back(PhoneEvent::Ended(EndedBy::Us));
    }

    fn handle_ack(&mut self, now: Duration, ack: &Message) {
        self.unfinished.acknowledged(ack.branch());
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Answering {
                incoming,
                dialog,
                leaves_at,
                wants_sdp,
                ..
            } if incoming.invite.header("Call-ID") == ack.header("Call-ID") => {
                let call_id = ack.header("Call-ID").unwrap_or_default().to_owned();
                match sdp::read_answer(&ack.body) {
                    Ok(media) if wants_sdp => self.news.push_back(PhoneEvent::Answered(media)),
                    Err(error) if wants_sdp => {
                        self.news.push_back(PhoneEvent::Failed(error.to_string()));
                        return self.send_bye(now, dialog, call_id);
                    }
                    Ok(_) | Err(_) => {}
                }
                self.phase = Phase::Talking {
                    dialog,
                    call_id,
                    leaves_at,
                };
                self.handle_timeout(now);
            }
            other => self.phase = other,
        }
    }

    fn handle_cancel(&mut self, now: Duration, from: SocketAddr, cancel: &Message) {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Ringing { incoming, .. } if incoming.invite.branch() == cancel.branch() => {
                let ok = self.answer_to(cancel, &incoming.tag, 200, "OK");
                self.outbox.push_back((from, ok.to_bytes()));
                self.refuse(now, &incoming, 487, "Request Terminated");
                self.news.push_back(PhoneEvent::StoppedRinging);
            }
            other => {
                self.phase = other;
                let is_known = self.call_id() == cancel.header("Call-ID")
                    || self.unfinished.refusal_of(cancel.branch()).is_some();
                let (status, reason) = match is_known {
                    true => (200, "OK"),
                    false => (481, "Call/Transaction Does Not Exist"),
                };
                let tag = self.names.tag.clone();
                let answer = self.answer_to(cancel, &tag, status, reason);
                self.outbox.push_back((from, answer.to_bytes()));
            }
        }
    }

    fn call_id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Idle => None,
            Phase::Ringing { incoming, .. } | Phase::Answering { incoming, .. } => {
                incoming.invite.header("Call-ID")
            }
            Phase::Talking { call_id, .. } => Some(call_id),
        }
    }

    fn handle_request(&mut self, method: &str, from: SocketAddr, request: &Message) {
        let transaction = format!("{method} {}", request.header("Via").unwrap_or_default());
        if let Some((known, answer)) = &self.last_answer
            && *known == transaction
        {
            self.outbox.push_back((from, answer.clone()));
            return;
        }
        let answer = self.answer_request(method, request).to_bytes();
        self.outbox.push_back((from, answer.clone()));
        self.last_answer = Some((transaction, answer));
    }

    fn answer_request(&mut self, method: &str, request: &Message) -> Message {
        let tag = self.names.tag.clone();
        let call_id = request.header("Call-ID");
        let is_ours = self.call_id() == call_id;
        match method {
            "OPTIONS" => self.answer_to(request, &tag, 200, "OK"),
            // Both hung up at once.
            "BYE" if self.unfinished.is_leaving(call_id) => {
                self.answer_to(request, &tag, 200, "OK")
            }
            _ if !is_ours => self.answer_to(request, &tag, 481, "Call/Transaction Does Not Exist"),
            "BYE" => {
                self.phase = Phase::Idle;
                self.news.push_back(PhoneEvent::Ended(EndedBy::Peer));
                self.answer_to(request, &tag, 200, "OK")
            }
            "INVITE" => match sdp::read_answer(&request.body) {
                Ok(media) => {
                    self.news.push_back(PhoneEvent::MediaMoved(media));
                    let sdp = sdp::answer(self.seat.media, &media, &request.body, 2);
                    self.answer_to(request, &tag, 200, "OK").with_sdp(sdp)
                }
                Err(_) => self.answer_to(request, &tag, 488, "Not Acceptable Here"),
            },
            "UPDATE" | "INFO" | "NOTIFY" => self.answer_to(request, &tag, 200, "OK"),
            _ => self.answer_to(request, &tag, 501, "Not Implemented"),
        }
    }

    fn handle_answer(&mut self, answer: &Message) {
        let StartLine::Response { status, .. } = answer.start else {
            return;
        };
        let is_bye = answer.cseq().is_some_and(|(_, method)| method == "BYE");
        if status >= 200 && is_bye {
            self.unfinished.bye_answered(answer.header("Call-ID"));
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.outbox.extend(self.unfinished.due(now));
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Ringing { since, .. } => {
                let rung = now.saturating_sub(*since);
                match self.manner {
                    Manner::Answers {
                        rings,
                        leaves_after,
                    } if rung >= rings => {
                        self.answer(now, leaves_after);
                    }
                    Manner::Declines { rings, with } if rung >= rings => {
                        self.decline(now, with);
                    }
                    Manner::Answers { .. }
                    | Manner::Declines { .. }
                    | Manner::RingsOn
                    | Manner::Dead => {}
                }
            }
            Phase::Answering { incoming, ok, .. } => match ok.fire(now) {
                Due::NotYet => {}
                Due::Again(bytes) => self.outbox.push_back((incoming.from, bytes)),
                Due::GaveUp => {
                    self.phase = Phase::Idle;
                    let what = "no ACK came for 32 s".to_owned();
                    self.news.push_back(PhoneEvent::Failed(what));
                }
            },
            Phase::Talking { leaves_at, .. } => {
                if leaves_at.is_some_and(|at| now >= at) {
                    self.hang_up(now);
                }
            }
        }
    }

    /// The next datagram to send, and where.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.outbox.pop_front()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<PhoneEvent> {
        self.news.pop_front()
    }
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
