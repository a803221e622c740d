//! One outgoing call's signalling, without sockets or clocks.

use super::dialog::{Dialog, Names};
use super::message::{Message, StartLine};
use super::retransmit::{Due, Retransmit};
use super::sdp::{self, Codec, RemoteMedia};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// Who calls, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user part of the caller's address.
    pub user: String,
    /// The signalling socket's own address.
    pub sip: SocketAddr,
    /// The media socket's own address.
    pub media: SocketAddr,
    /// The one codec that is offered.
    pub codec: Codec,
}

/// Who is called.
#[derive(Clone, Debug)]
pub struct Callee {
    /// The user part: a number or a name.
    pub user: String,
    /// Where the INVITE goes.
    pub address: SocketAddr,
}

/// What happened to the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UacEvent {
    /// A provisional response came.
    Ringing(u16),
    /// The call stands; media may flow.
    Answered(RemoteMedia),
    /// The other side moved its media (re-INVITE).
    MediaMoved(RemoteMedia),
    /// A final response that is no 2xx.
    Refused {
        /// Its status.
        status: u16,
        /// Its reason phrase.
        reason: String,
    },
    /// The call was ended in order.
    Ended(EndedBy),
    /// The call failed: no answer in time, an unusable answer.
    Failed(String),
}

/// Who hung up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndedBy {
    /// This caller.
    Us,
    /// The other side.
    Peer,
}

#[derive(Debug)]
enum Phase {
    Fresh,
    Inviting {
        invite: Message,
        sending: Option<Retransmit>,
        cancel: Cancel,
    },
    Talking {
        dialog: Dialog,
        ack: Vec<u8>,
    },
    Leaving {
        next_hop: SocketAddr,
        bye: Retransmit,
    },
    Over,
}

#[derive(Debug)]
enum Cancel {
    NotWanted,
    /// Wanted, but nothing provisional came yet (RFC 3261 §9.1).
    Wanted,
    Sent(Retransmit),
}

/// The signalling of one call, from INVITE to the end. Times are since the call began.
#[derive(Debug)]
pub struct Uac {
    caller: Caller,
    callee: Callee,
    names: Names,
    phase: Phase,
    last_answer: Option<(String, Vec<u8>)>,
    outbox: VecDeque<(SocketAddr, Vec<u8>)>,
    news: VecDeque<UacEvent>,
}

impl Uac {
    /// A call not yet begun; `seed` makes its Call-ID, tag and branches.
    pub fn new(caller: Caller, callee: Callee, seed: u64) -> Self {
        Self {
            caller,
            callee,
            names: Names::from_seed(seed),
            phase: Phase::Fresh,
            last_answer: None,
            outbox: VecDeque::new(),
            news: VecDeque::new(),
        }
    }

    /// The call's Call-ID.
    pub fn call_id(&self) -> &str {
        &self.names.call_id
    }

    /// Sends the INVITE.
    pub fn invite(&mut self, now: Duration) {
        let (user, address) = (&self.callee.user, self.callee.address);
        let uri = format!("sip:{user}@{address}");
        let offer = sdp::offer(self.caller.media, self.caller.codec, 1);
        let branch = self.names.branch();
        let invite = Message::request("INVITE", &uri)
            .with("Via", self.via(&branch))
            .with("Max-Forwards", "70")
            .with(
                "From",
                format!(
                    "<sip:{}@{}>;tag={}",
                    self.caller.user, self.caller.sip, self.names.tag
                ),
            )
            .with("To", format!("<{uri}>"))
            .with("Call-ID", self.names.call_id.as_str())
            .with("CSeq", "1 INVITE")
            .with("Contact", self.contact())
            .with("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")
            .with("User-Agent", "bellhop-loadtest")
            .with_sdp(offer);
        let bytes = invite.to_bytes();
        self.outbox.push_back((address, bytes.clone()));
        self.phase = Phase::Inviting {
            invite,
            sending: Some(Retransmit::invite(now, bytes)),
            cancel: Cancel::NotWanted,
        };
    }

    /// Ends the call: CANCEL before it is answered, BYE after.
    pub fn hang_up(&mut self, now: Duration) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Fresh | Phase::Over => {}
            Phase::Inviting {
                invite,
                sending,
                cancel: Cancel::NotWanted,
            } => {
                let cancel = match sending {
                    Some(_) => Cancel::Wanted,
                    None => self.send_cancel(now, &invite),
                };
                self.phase = Phase::Inviting {
                    invite,
                    sending,
                    cancel,
                };
            }
            Phase::Talking { dialog, .. } => self.send_bye(now, dialog),
            settled @ (Phase::Inviting { .. } | Phase::Leaving { .. }) => self.phase = settled,
        }
    }

    /// Takes a datagram from the signalling socket; what does not belong to the call is ignored.
    pub fn handle(&mut self, now: Duration, datagram: &[u8]) {
        let Ok(message) = Message::parse(datagram) else {
            return;
        };
        if message.header("Call-ID") != Some(self.call_id()) {
            return;
        }
        match &message.start {
            StartLine::Request { method, .. } => self.handle_request(&method.clone(), &message),
            StartLine::Response { status, reason } => {
                let (status, reason) = (*status, reason.clone());
                let method = message.cseq().map(|(_, method)| method.to_owned());
                match method.as_deref() {
                    Some("INVITE") => self.handle_invite_answer(now, status, reason, &message),
                    Some("BYE") if status >= 200 => self.handle_bye_answer(),
                    _ => {}
                }
            }
        }
    }

    fn handle_invite_answer(
        &mut self,
        now: Duration,
        status: u16,
        reason: String,
        answer: &Message,
    ) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Inviting { invite, cancel, .. } if status < 200 => {
                let cancel = match cancel {
                    Cancel::Wanted => self.send_cancel(now, &invite),
                    other => other,
                };
                self.news.push_back(UacEvent::Ringing(status));
                self.phase = Phase::Inviting {
                    invite,
                    sending: None,
                    cancel,
                };
            }
            Phase::Inviting { cancel, .. } if status < 300 => {
                let wanted = matches!(cancel, Cancel::NotWanted);
                self.take_answer(now, answer, wanted);
            }
            Phase::Inviting { invite, .. } => {
                self.ack_refusal(&invite, answer);
                self.news.push_back(UacEvent::Refused { status, reason });
            }
            Phase::Talking { dialog, ack } => {
                self.outbox.push_back((dialog.next_hop, ack.clone()));
                self.phase = Phase::Talking { dialog, ack };
            }
            other => self.phase = other,
        }
    }

    fn take_answer(&mut self, now: Duration, answer: &Message, wanted: bool) {
        let Some(dialog) = Dialog::from_answer(answer, self.callee.address) else {
            self.news
                .push_back(UacEvent::Failed("the 200 OK has no Contact".into()));
            return;
        };
        let branch = self.names.branch();
        let ack = dialog.ack(self.via(&branch)).to_bytes();
        self.outbox.push_back((dialog.next_hop, ack.clone()));
        match sdp::read_answer(&answer.body) {
            Ok(media) if wanted => {
                self.news.push_back(UacEvent::Answered(media));
                self.phase = Phase::Talking { dialog, ack };
            }
            Ok(_) => self.send_bye(now, dialog),
            Err(error) => {
                self.send_bye(now, dialog);
                self.news.push_back(UacEvent::Failed(error.to_string()));
            }
        }
    }

    /// The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3).
    fn ack_refusal(&mut self, invite: &Message, answer: &Message) {
        let ack = same_transaction(invite, "ACK", answer.header("To"));
        self.outbox.push_back((self.callee.address, ack.to_bytes()));
    }

    fn handle_bye_answer(&mut self) {
        if let Phase::Leaving { .. } = self.phase {
            self.phase = Phase::Over;
            self.news.push_back(UacEvent::Ended(EndedBy::Us));
        }
    }

    fn handle_request(&mut self, method: &str, request: &Message) {
        if method == "ACK" {
            return;
        }
        let transaction = format!("{method} {}", request.header("Via").unwrap_or_default());
        if let Some((known, answer)) = &self.last_answer
            && *known == transaction
        {
            let again = (self.next_hop(), answer.clone());
            self.outbox.push_back(again);
            return;
        }
        let answer = self.answer_request(method, request).to_bytes();
        self.outbox.push_back((self.next_hop(), answer.clone()));
        self.last_answer = Some((transaction, answer));
    }

    fn answer_request(&mut self, method: &str, request: &Message) -> Message {
        match method {
            "BYE" => {
                if !matches!(self.phase, Phase::Over) {
                    self.phase = Phase::Over;
                    self.news.push_back(UacEvent::Ended(EndedBy::Peer));
                }
                Message::answer_to(request, 200, "OK")
            }
            "INVITE" => {
                if let Ok(media) = sdp::read_answer(&request.body) {
                    self.news.push_back(UacEvent::MediaMoved(media));
                }
                Message::answer_to(request, 200, "OK")
                    .with("Contact", self.contact())
                    .with_sdp(sdp::offer(self.caller.media, self.caller.codec, 1))
            }
            "OPTIONS" | "UPDATE" | "INFO" | "NOTIFY" => {
                Message::answer_to(request, 200, "OK").with("Contact", self.contact())
            }
            _ => Message::answer_to(request, 501, "Not Implemented"),
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Duration) {
        let target = self.callee.address;
        let due = match &mut self.phase {
            Phase::Inviting {
                cancel: Cancel::Sent(sending),
                ..
            } => (target, sending.fire(now)),
            Phase::Inviting {
                sending: Some(sending),
                ..
            } => (target, sending.fire(now)),
            Phase::Leaving { next_hop, bye } => (*next_hop, bye.fire(now)),
            Phase::Inviting { .. } | Phase::Fresh | Phase::Talking { .. } | Phase::Over => return,
        };
        match due {
            (_, Due::NotYet) => {}
            (hop, Due::Again(bytes)) => self.outbox.push_back((hop, bytes)),
            (_, Due::GaveUp) => {
                self.phase = Phase::Over;
                let what = "a request was not answered for 32 s".to_owned();
                self.news.push_back(UacEvent::Failed(what));
            }
        }
    }

    /// When [`Uac::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Inviting {
                cancel: Cancel::Sent(sending),
                ..
            } => Some(sending.wakes()),
            Phase::Inviting { sending, .. } => sending.as_ref().map(Retransmit::wakes),
            Phase::Leaving { bye, .. } => Some(bye.wakes()),
            Phase::Fresh | Phase::Talking { .. } | Phase::Over => None,
        }
    }

    /// The next datagram to send, and where.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.outbox.pop_front()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<UacEvent> {
        self.news.pop_front()
    }

    fn send_cancel(&mut self, now: Duration, invite: &Message) -> Cancel {
        let bytes = same_transaction(invite, "CANCEL", invite.header("To")).to_bytes();
        self.outbox.push_back((self.callee.address, bytes.clone()));
        Cancel::Sent(Retransmit::other(now, bytes))
    }

    fn send_bye(&mut self, now: Duration, mut dialog: Dialog) {
        let branch = self.names.branch();
        let bytes = dialog.next_request("BYE", self.via(&branch)).to_bytes();
        self.outbox.push_back((dialog.next_hop, bytes.clone()));
        self.phase = Phase::Leaving {
            next_hop: dialog.next_hop,
            bye: Retransmit::other(now, bytes),
        };
    }

    fn next_hop(&self) -> SocketAddr {
        match &self.phase {
            Phase::Talking { dialog, .. } => dialog.next_hop,
            Phase::Leaving { next_hop, .. } => *next_hop,
            Phase::Fresh | Phase::Inviting { .. } | Phase::Over => self.callee.address,
        }
    }

    fn via(&self, branch: &str) -> String {
        format!("SIP/2.0/UDP {};rport;branch={branch}", self.caller.sip)
    }

    fn contact(&self) -> String {
        format!("<sip:{}@{}>", self.caller.user, self.caller.sip)
    }
}

/// A CANCEL, or the ACK of a refusal: the INVITE's own URI, Via and number.
fn same_transaction(invite: &Message, method: &str, to: Option<&str>) -> Message {
    let StartLine::Request { uri, .. } = &invite.start else {
        return invite.clone();
    };
    let header = |name| invite.header(name).unwrap_or_default();
    Message::request(method, uri)
        .with("Via", header("Via"))
        .with("Max-Forwards", "70")
        .with("From", header("From"))
        .with("To", to.unwrap_or_default())
        .with("Call-ID", header("Call-ID"))
        .with("CSeq", format!("1 {method}"))
}

#[cfg(test)]
#[path = "uac_tests.rs"]
mod tests;
