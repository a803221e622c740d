//! The gate every datagram passes before the SIP library sees it.
//!
//! What can be refused without knowing a dialog is refused here, by answers
//! that leave nothing behind, so that a flood costs neither memory nor the
//! library's unbounded queues. Nothing here waits or reads a clock.

mod admission;
mod count;
mod datagram;
mod guests;
mod head;
mod rate;
mod refusal;

pub(crate) use count::{Counted, Counters};
pub(crate) use datagram::MAX_MESSAGE;
pub(crate) use head::CallKey;
pub(crate) use refusal::{ALLOWED_METHODS, warning_value, whole_seconds};

use crate::dialog::DialogKey;
use crate::invite::{Delivered, Invites};
use crate::{TrunkSettings, library};
use admission::{Admission, Admissions, TrunkIndex};
use datagram::Unusable;
use guests::Guests;
use head::Head;
use refusal::{Refusal, Refuser};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What becomes of a datagram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The library gets this message; what it answers goes to `reply_to`.
    Pass {
        /// The cleaned message.
        message: Vec<u8>,
        /// Where answers go.
        reply_to: SocketAddr,
    },
    /// A response to an INVITE of ours: it is not for the library.
    Deliver {
        /// The cleaned message.
        message: Vec<u8>,
        /// The branch of the INVITE.
        branch: String,
    },
    /// This is sent back, and the matter is closed.
    Answer {
        /// The response.
        response: Vec<u8>,
        /// Where it goes.
        to: SocketAddr,
    },
    /// Nothing.
    Drop,
}

/// Cleans, checks, admits, refuses and counts.
#[derive(Debug)]
pub(crate) struct Gate {
    counters: Counters,
    admissions: Mutex<Admissions>,
    guests: Mutex<Guests>,
    invites: Invites,
    refuser: Refuser,
    retry_after: Duration,
    started: Instant,
    /// The last second in which a refusal was logged, from 1.
    logged_second: AtomicU64,
}

impl Gate {
    /// With the door open.
    pub fn new(settings: &TrunkSettings, now: Instant) -> Self {
        Self {
            counters: Counters::default(),
            admissions: Mutex::new(Admissions::new(settings, now)),
            guests: Mutex::new(Guests::new(settings.timing.patience())),
            invites: Invites::default(),
            refuser: Refuser::new(&settings.user_agent),
            retry_after: settings.retry_after,
            started: now,
            logged_second: AtomicU64::new(0),
        }
    }

    /// The numbers of what passed and what did not.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Our INVITEs that may be answered.
    pub fn invites(&self) -> &Invites {
        &self.invites
    }

    /// Hands a response to the INVITE of ours that it answers.
    pub fn deliver(&self, branch: &str, message: &[u8]) {
        match self.invites.deliver(branch, message) {
            Delivered::Yes => {}
            Delivered::Unreadable => self.counters.add(Counted::Unreadable),
            Delivered::No => self.counters.add(Counted::Backlog),
        }
    }

    /// Judges one datagram. Never panics, whatever the bytes.
    pub fn judge(&self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Verdict {
        self.counters.add(Counted::Received);
        let message = match datagram::clean(datagram) {
            Ok(message) => message,
            Err(unusable) => return self.drop_for(unusable.into()),
        };
        let verdict = if message.starts_with(b"SIP/") {
            self.judge_response(now, source, message)
        } else {
            self.judge_request(now, source, message)
        };
        if matches!(verdict, Verdict::Pass { .. } | Verdict::Deliver { .. }) {
            self.counters.add(Counted::Passed);
        }
        verdict
    }

    fn drop_for(&self, why: Counted) -> Verdict {
        self.counters.add(why);
        Verdict::Drop
    }

    fn judge_response(&self, now: Instant, source: SocketAddr, message: Vec<u8>) -> Verdict {
        if !self.admissions().may_send(source.ip(), now) {
            return self.drop_for(Counted::Flood);
        }
        let Some(head) = Head::read_response(&message) else {
            return self.drop_for(Counted::NotSip);
        };
        if head.cseq().is_some_and(|(_, method)| method == "INVITE") {
            let branch = head.via().map(|via| via.branch.to_owned());
            let branch = branch.filter(|branch| head.has_one_via() && self.invites.expects(branch));
            return match branch {
                Some(branch) => Verdict::Deliver { message, branch },
                None => self.drop_for(Counted::Stray),
            };
        }
        if !library::can_read(&message, source) {
            return self.drop_for(Counted::Unreadable);
        }
        Verdict::Pass {
            message,
            reply_to: source,
        }
    }

    fn judge_request(&self, now: Instant, source: SocketAddr, message: Vec<u8>) -> Verdict {
        let Some(head) = Head::read(&message) else {
            return self.drop_for(Counted::NotSip);
        };
        let Some(reply_to) = head.via().map(|via| via.reply_address(source)) else {
            return self.drop_for(Counted::Unreadable);
        };
        let arrival = Arrival {
            now,
            source,
            reply_to,
            head: &head,
            message: &message,
        };
        let trunk = self.admissions().trunk_of(source.ip());
        let decision = if trunk.is_some() || self.is_guest(now, &head) {
            self.judge_peer(&arrival, trunk)
        } else {
            self.judge_stranger(&arrival)
        };
        match decision {
            Decision::Pass => Verdict::Pass { message, reply_to },
            Decision::Drop(why) => self.drop_for(why),
            Decision::Refuse(why, refusal) => {
                self.counters.add(why);
                self.log_refusal(now, source, &head, &refusal);
                Verdict::Answer {
                    response: self.refuser.write(&refusal, &head, source),
                    to: reply_to,
                }
            }
        }
    }

    /// A refused call is logged, at most one each second: a flood must not fill
    /// the log too. The counters know them all.
    fn log_refusal(&self, now: Instant, source: SocketAddr, head: &Head<'_>, refusal: &Refusal) {
        if head.method != "INVITE" {
            return;
        }
        let second = now.saturating_duration_since(self.started).as_secs() + 1;
        if self.logged_second.swap(second, Ordering::Relaxed) != second {
            let (status, why) = (refusal.status, refusal.warning.as_deref());
            tracing::info!(%source, status, why, "a call was refused at the gate");
        }
    }

    /// Whether a request is of a call that we placed.
    fn is_guest(&self, now: Instant, head: &Head<'_>) -> bool {
        let values = ["Call-ID", "From", "To"].map(|name| head.value(name).unwrap_or_default());
        let [call_id, from, to] = values;
        DialogKey::read(call_id, from, to).is_some_and(|key| self.guests().knows(now, &key))
    }

    fn judge_stranger(&self, arrival: &Arrival<'_>) -> Decision {
        if arrival.head.method == "ACK" {
            return Decision::Drop(Counted::Stranger);
        }
        if !self.admissions().may_tell_stranger(arrival.now) {
            return Decision::Drop(Counted::Flood);
        }
        let refusal = Refusal::new(403, "Forbidden").because(
            "This address is on no trunk's allow-list; ask the operator of the called side to add it",
        );
        Decision::Refuse(Counted::Stranger, refusal)
    }

    /// Judges a request from a trunk's address, or of a call we placed.
    fn judge_peer(&self, arrival: &Arrival<'_>, trunk: Option<TrunkIndex>) -> Decision {
        let head = arrival.head;
        if !self.admissions().may_send(arrival.source.ip(), arrival.now) {
            return Decision::Drop(Counted::Flood);
        }
        if let Some(decision) = check_form(head) {
            return decision;
        }
        if !library::can_read(arrival.message, arrival.reply_to) {
            return match head.method {
                "ACK" => Decision::Drop(Counted::Unreadable),
                _ => malformed("A header of this request cannot be read"),
            };
        }
        match (head.method, head.to_tag(), trunk) {
            ("ACK" | "CANCEL", ..) => Decision::Pass,
            (method, Some(_), _) if is_served(method) => Decision::Pass,
            ("OPTIONS", None, _) => self.answer_options(),
            ("INVITE", None, Some(trunk)) => self.judge_invite(arrival, trunk),
            (method, None, _) if is_served(method) => Decision::Refuse(
                Counted::NoCall,
                Refusal::new(481, "Call/Transaction Does Not Exist"),
            ),
            (method, ..) => method_not_allowed(method),
        }
    }

    fn answer_options(&self) -> Decision {
        let refusal = if self.admissions().is_accepting() {
            Refusal::new(200, "OK")
        } else {
            self.busy("This server takes no new calls: it is going down for maintenance")
        };
        Decision::Refuse(Counted::Options, refusal.with_abilities())
    }

    fn judge_invite(&self, arrival: &Arrival<'_>, trunk: TrunkIndex) -> Decision {
        let head = arrival.head;
        if head.has_no_hops_left() {
            let refusal = Refusal::new(483, "Too Many Hops")
                .because("Max-Forwards ran out: the call goes in circles before it gets here");
            return Decision::Refuse(Counted::TooManyHops, refusal);
        }
        if !head.has_sip_contact() {
            return malformed("The Contact header is missing or is no SIP address");
        }
        let (Some(key), Some(via)) = (head.call_key(), head.via()) else {
            return malformed("The From header has no tag");
        };
        let source = arrival.source.ip();
        let mut admissions = self.admissions();
        let admission = admissions.admit(arrival.now, trunk, source, &key, via.branch);
        let (why, refusal) = match admission {
            Admission::New => {
                self.counters.add(Counted::Admitted);
                return Decision::Pass;
            }
            Admission::Repeated => return Decision::Pass,
            Admission::Merged => (
                Counted::Merged,
                Refusal::new(482, "Loop Detected")
                    .because("This call has reached us already by another way"),
            ),
            Admission::Draining => (
                Counted::Draining,
                self.busy("This server takes no new calls: it is going down for maintenance"),
            ),
            Admission::AllFull => (
                Counted::AllFull,
                self.busy("All lines of this server are busy"),
            ),
            Admission::TrunkFull => {
                let text = format!(
                    "All {} lines of trunk '{}' are busy",
                    admissions.trunk_limit(trunk),
                    admissions.trunk_name(trunk)
                );
                (Counted::TrunkFull, self.busy(&text))
            }
            Admission::TooFast => (
                Counted::TooFast,
                self.busy("New calls come faster than this trunk allows"),
            ),
        };
        Decision::Refuse(why, refusal)
    }

    fn busy(&self, text: &str) -> Refusal {
        Refusal::new(503, "Service Unavailable")
            .because(text)
            .after(self.retry_after)
    }

    /// Opens or closes the door for new calls.
    pub fn set_accepting(&self, is_accepting: bool) {
        self.admissions().set_accepting(is_accepting);
    }

    /// Calls that count against the limits.
    pub fn live(&self) -> usize {
        self.admissions().live()
    }

    /// Turns the place kept for an INVITE into a call; the name of its trunk.
    pub fn claim(&self, key: &CallKey) -> Option<String> {
        let mut admissions = self.admissions();
        let trunk = admissions.claim(key)?;
        Some(admissions.trunk_name(trunk).to_owned())
    }

    /// Gives the place of a call back.
    pub fn release(&self, now: Instant, key: &CallKey) {
        self.admissions().release(now, key);
    }

    /// Lets the requests of a side in that we called at this address.
    pub fn welcome(&self, key: DialogKey, at: IpAddr) {
        self.guests().welcome(key, at);
    }

    /// Whether somebody at this address may connect to us: for all others there is
    /// nothing to say.
    pub fn may_connect(&self, address: IpAddr) -> bool {
        self.admissions().trunk_of(address).is_some() || self.guests().has_called(address)
    }

    /// The call to that side is over.
    pub fn see_off(&self, now: Instant, key: &DialogKey) {
        self.guests().see_off(now, key);
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admissions(&self) -> MutexGuard<'_, Admissions> {
        // Nothing that runs under this lock can be left half done.
        self.admissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request as it stands before the gate.
struct Arrival<'a> {
    now: Instant,
    source: SocketAddr,
    reply_to: SocketAddr,
    head: &'a Head<'a>,
    message: &'a [u8],
}

/// What becomes of a request.
enum Decision {
    Pass,
    Drop(Counted),
    Refuse(Counted, Refusal),
}

impl From<Unusable> for Counted {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::KeepAlive => Self::KeepAlive,
            Unusable::NotSip => Self::NotSip,
            Unusable::TooLarge => Self::TooLarge,
        }
    }
}

fn is_served(method: &str) -> bool {
    ALLOWED_METHODS.split(", ").any(|served| served == method)
}

/// What every request must fulfil before it is looked at closer.
fn check_form(head: &Head<'_>) -> Option<Decision> {
    if head.method == "ACK" {
        return None;
    }
    if !is_served(head.method) {
        return Some(method_not_allowed(head.method));
    }
    let Some((_, method)) = head.cseq() else {
        return Some(malformed("The CSeq header is missing or cannot be read"));
    };
    if method != head.method {
        return Some(malformed("CSeq names another method than the request"));
    }
    for name in ["From", "To", "Call-ID"] {
        if head.value(name).is_none_or(str::is_empty) {
            return Some(malformed(&format!("The {name} header is missing")));
        }
    }
    if head.is_body_cut() {
        return Some(malformed("The body is shorter than Content-Length says"));
    }
    let required = head.required();
    (head.method != "CANCEL" && !required.is_empty()).then(|| bad_extension(&required))
}

fn method_not_allowed(method: &str) -> Decision {
    let method: String = method.chars().take(32).collect();
    let refusal = Refusal::new(405, "Method Not Allowed")
        .because(format!("{method} is not served here"))
        .with_abilities();
    Decision::Refuse(Counted::Method, refusal)
}

fn malformed(text: &str) -> Decision {
    let refusal = Refusal::new(400, "Bad Request").because(text);
    Decision::Refuse(Counted::Malformed, refusal)
}

fn bad_extension(required: &[&str]) -> Decision {
    let mut refusal = Refusal::new(420, "Bad Extension");
    refusal.unsupported = required.iter().map(|&option| option.to_owned()).collect();
    Decision::Refuse(Counted::Extension, refusal)
}

#[cfg(test)]
mod tests;
