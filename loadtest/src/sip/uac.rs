//! One outgoing call's signalling, without sockets or clocks.

use super::dialog::{Dialog, Names};
use super::message::{Message, StartLine};
use super::party::{Callee, Caller, same_transaction};
use super::phase::{Cancel, Phase};
use super::retransmit::{Due, Retransmit};
use super::sdp::{self, RemoteMedia};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

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
        let invite = self.caller.invite(&self.callee, &mut self.names);
        let bytes = invite.to_bytes();
        self.outbox.push_back((self.callee.address, bytes.clone()));
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
        let ack = dialog.ack(self.caller.via(&branch)).to_bytes();
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
                    .with("Contact", self.caller.contact())
                    .with_sdp(sdp::offer(self.caller.media, self.caller.codec, 1))
            }
            "OPTIONS" | "UPDATE" | "INFO" | "NOTIFY" => {
                Message::answer_to(request, 200, "OK").with("Contact", self.caller.contact())
            }
            _ => Message::answer_to(request, 501, "Not Implemented"),
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Duration) {
        let hop = self.next_hop();
        match self.phase.sending().map(|sending| sending.fire(now)) {
            None | Some(Due::NotYet) => {}
            Some(Due::Again(bytes)) => self.outbox.push_back((hop, bytes)),
            Some(Due::GaveUp) => {
                self.phase = Phase::Over;
                let what = "a request was not answered for 32 s".to_owned();
                self.news.push_back(UacEvent::Failed(what));
            }
        }
    }

    /// When [`Uac::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.phase.wakes()
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
        let bytes = dialog
            .next_request("BYE", self.caller.via(&branch))
            .to_bytes();
        self.outbox.push_back((dialog.next_hop, bytes.clone()));
        self.phase = Phase::Leaving {
            next_hop: dialog.next_hop,
            bye: Retransmit::other(now, bytes),
        };
    }

    fn next_hop(&self) -> SocketAddr {
        self.phase.next_hop().unwrap_or(self.callee.address)
    }
}

#[cfg(test)]
#[path = "uac_tests.rs"]
mod tests;
