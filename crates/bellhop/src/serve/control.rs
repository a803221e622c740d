//! The control plane: brings trunk, shards, archive and plans together. It
//! decides nothing about a call.

use super::legs::Legs;
use super::news::{CallNews, NewCall};
use super::ports::Ports;
use super::request::Request;
use super::shard::ShardHandle;
use super::telemetry::CALLS_REFUSED;
use crate::plans::ShelvedPlan;
use crate::routes::{Arrival, Route, choose};
use call_archive::{Archive, CallWriter};
use call_model::{
    CallHeader, CallId, CallOutcome, CallTime, Codec, Handoff, HangUpCause, HungUp, PayloadMap,
    PersonFailure, PersonOutcome, Private,
};
use call_session::SessionSettings;
use sip_trunk::{
    AgreedMedia, Answered, IncomingCall, LegEnd, LegId, RejectStatus, Rejection, TransferNews,
    Trunk, TrunkEvent,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::task::JoinSet;

/// How long a peer is asked to wait before it tries a refused call again.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// How often a promised callback is tried to be booked, and how long after a
/// failure it is tried again, times the attempts so far.
const BOOK_ATTEMPTS: u32 = 10;
const BOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long the server waits for bookings when it ends.
const BOOKINGS_MAX: Duration = Duration::from_secs(10);

/// What all calls are opened with.
pub struct Control {
    pub trunk: Trunk,
    pub archive: Arc<Archive>,
    pub shards: Vec<ShardHandle>,
    pub ports: Ports,
    pub routes: Vec<RoutedPlan>,
    pub zone: jiff::tz::TimeZone,
    pub legs: Legs,
    pub is_nat: bool,
    pub inactivity: Duration,
    pub longest_call: Duration,
    /// A part without which no call can be served is gone.
    pub is_broken: AtomicBool,
    /// Promised callbacks that are being booked.
    pub bookings: Mutex<JoinSet<()>>,
}

/// A row of the route table with its plan found.
pub struct RoutedPlan {
    pub route: Route,
    pub plan: ShelvedPlan,
}

impl Control {
    /// Takes an event of the trunk.
    pub fn take(self: &Arc<Self>, event: TrunkEvent) {
        match event {
            TrunkEvent::Incoming(call) => self.arrive(*call),
            TrunkEvent::Acked { leg, late } => {
                let agreed = late.map(|media| (media.remote, media.payloads));
                if let Some(media) = late {
                    self.legs.tell(leg, CallNews::Direction(media.direction));
                }
                self.legs.tell(leg, CallNews::Acked(agreed));
            }
            TrunkEvent::Cancelled { leg } => {
                self.legs.tell(leg, CallNews::HungUp(HungUp::Cancelled));
            }
            TrunkEvent::Ended { leg, by } => self.ended(leg, by),
            TrunkEvent::Reoffered { leg, media } => self.reoffered(leg, media),
            TrunkEvent::Transfer {
                leg,
                transfer,
                news,
            } => {
                if self.legs.is_transferring(leg, transfer) {
                    self.transfer(leg, news);
                }
            }
            TrunkEvent::Failed { what } => {
                tracing::error!(what, "the SIP trunk broke down; the server ends");
                self.is_broken.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Does what a call asks for.
    pub fn serve(self: &Arc<Self>, request: Request) {
        match request {
            Request::HangUp(leg, cause) => self.hang_up(leg, reason(cause)),
            Request::FetchPerson(leg, call, handoff) => {
                if let Err(why) = self.refer(leg, call, &handoff, handoff.target.as_deref()) {
                    self.legs
                        .tell(leg, CallNews::Person(PersonOutcome::Failed(why)));
                }
            }
            Request::BookCallback(leg, handoff) => self.book(leg, *handoff),
            Request::Rescue(leg, call, handoff) => {
                let target = self.legs.transfer(leg);
                let is_referred = self.refer(leg, call, &handoff, target.as_deref()).is_ok();
                self.legs.rescue(leg, handoff);
                if !is_referred {
                    self.give_up_rescue(leg);
                }
            }
            Request::Closed(leg, by) => {
                if by != HungUp::ByCaller && by != HungUp::Cancelled {
                    self.hang_up(leg, "call over");
                }
                self.legs.close(leg);
            }
        }
    }

    fn arrive(self: &Arc<Self>, call: IncomingCall) {
        let began = Instant::now();
        let at = jiff::Timestamp::now();
        let arrival = Arrival {
            trunk: &call.trunk,
            called: &call.called,
            caller: call.from.reveal(),
            at,
        };
        let table = self.routes.iter().map(|row| &row.route);
        let Some(place) = choose(table, &arrival, &self.zone) else {
            let text = format!(
                "no route answers '{}' on trunk '{}'; add a [[route]] for it",
                call.called, call.trunk
            );
            return self.refuse(call.leg, Rejection::new(RejectStatus::NotFound, text));
        };
        let row = &self.routes[place];
        let header = header(&call, row);
        let transfer = row.plan.plan.policy().people.transfer.clone();
        self.legs.open(call.leg, header.caller.clone(), transfer);
        let (control, plan) = (Arc::clone(self), row.plan.clone());
        let runtime = tokio::runtime::Handle::current();
        runtime.spawn_blocking(move || control.open(call.leg, header, plan, began));
    }

    /// Writes the start row, then answers; runs where waiting is allowed.
    fn open(&self, leg: LegId, header: CallHeader, plan: ShelvedPlan, began: Instant) {
        let opened = catch_unwind(AssertUnwindSafe(|| self.try_open(leg, header, plan, began)));
        let refusal = match opened {
            Ok(Ok(())) => return,
            Ok(Err(refusal)) => refusal,
            Err(_) => Rejection::new(RejectStatus::ServerError, "a part of ours failed"),
        };
        self.refuse(leg, refusal);
        self.hang_up(leg, "a part of ours failed");
        self.legs.close(leg);
    }

    fn try_open(
        &self,
        leg: LegId,
        header: CallHeader,
        plan: ShelvedPlan,
        began: Instant,
    ) -> Result<(), Rejection> {
        let busy = |text: &str| {
            Rejection::new(RejectStatus::ServiceUnavailable, text).retry_after(RETRY_AFTER)
        };
        let alive = self.shards.iter().filter(|shard| shard.is_alive());
        let Some(shard) = alive.min_by_key(|shard| shard.active()) else {
            return Err(busy("no media thread runs"));
        };
        let (socket, address, lease) = self.ports.bind().map_err(|error| {
            tracing::error!(%error, "no RTP port for a call");
            busy("every RTP port is in use")
        })?;
        let call = header.call;
        let writer = self.archive.begin(&header).map_err(|error| {
            tracing::error!(%call, %error, "a call cannot be recorded and is refused");
            busy("calls cannot be recorded at present")
        })?;
        let agreed = match self.trunk.answer(leg, address) {
            Ok(Answered::Agreed(media)) => Some(media),
            Ok(Answered::Offered) => None,
            Err(error) => {
                tracing::info!(%call, %error, "the caller gave up before the answer");
                seal_unanswered(writer, began);
                self.legs.close(leg);
                return Ok(());
            }
        };
        let payloads = agreed.map_or(UNTIL_AGREED, |media| media.payloads);
        let remote = agreed.map(|media| media.remote);
        let mut session = SessionSettings::new(header, plan.plan, payloads);
        session.limits.media_silence = self.inactivity;
        session.limits.longest_call = self.longest_call;
        let (is_nat, plan_folder) = (self.is_nat, plan.folder);
        let new = NewCall {
            session,
            leg,
            began,
            socket,
            lease,
            remote,
            is_nat,
            writer,
            plan_folder,
        };
        if !self.legs.live(leg, Box::new(new), shard) {
            return Err(busy("a media thread is gone"));
        }
        if let Some(media) = agreed {
            self.legs.tell(leg, CallNews::Direction(media.direction));
        }
        Ok(())
    }

    fn refuse(&self, leg: LegId, rejection: Rejection) {
        let status = rejection.status.code().to_string();
        metrics::counter!(CALLS_REFUSED, "status" => status).increment(1);
        if let Err(error) = self.trunk.reject(leg, &rejection) {
            tracing::info!(%error, "a call went away before it was refused");
        }
    }

    fn hang_up(&self, leg: LegId, reason: &str) {
        if let Err(error) = self.trunk.hang_up(leg, reason) {
            tracing::debug!(%error, "nothing to hang up");
        }
    }

    fn ended(&self, leg: LegId, by: LegEnd) {
        let by = match by {
            LegEnd::ByCaller => HungUp::ByCaller,
            LegEnd::NoAck => HungUp::NoAck,
            LegEnd::NoCommonMedia => HungUp::MediaLost,
            LegEnd::Unanswered => HungUp::Fault,
        };
        if self.legs.rescued(leg).is_some() {
            self.legs.close(leg);
        } else {
            self.legs.tell(leg, CallNews::HungUp(by));
        }
    }

    fn reoffered(&self, leg: LegId, media: AgreedMedia) {
        self.legs
            .tell(leg, CallNews::Media(media.remote, media.payloads));
        self.legs.tell(leg, CallNews::Direction(media.direction));
    }

    fn refer(
        &self,
        leg: LegId,
        call: CallId,
        handoff: &Handoff,
        target: Option<&str>,
    ) -> Result<(), PersonFailure> {
        let target = target.ok_or(PersonFailure::NoneConfigured)?;
        let headers = [
            ("X-Bellhop-Call".to_owned(), call.to_string()),
            (
                "X-Bellhop-Reason".to_owned(),
                handoff.reason.name().to_owned(),
            ),
        ];
        let transfer = self.trunk.refer(leg, target, &headers).map_err(|error| {
            tracing::error!(%call, %error, "the caller cannot be transferred");
            PersonFailure::Unreachable
        })?;
        self.legs.transferring(leg, transfer);
        Ok(())
    }

    fn transfer(self: &Arc<Self>, leg: LegId, news: TransferNews) {
        let is_rescue = self.legs.rescued(leg).is_some();
        match news {
            TransferNews::Accepted => {}
            TransferNews::Progress { .. } => {
                self.legs
                    .tell(leg, CallNews::Person(PersonOutcome::Ringing));
            }
            TransferNews::Completed => {
                self.legs
                    .tell(leg, CallNews::Person(PersonOutcome::Connected));
                self.hang_up(leg, "transferred");
                self.legs.tell(leg, CallNews::HungUp(HungUp::Transferred));
                if is_rescue {
                    self.legs.close(leg);
                }
            }
            TransferNews::Failed { status, .. } if is_rescue => {
                tracing::error!(status, "the way to a person failed too");
                self.give_up_rescue(leg);
            }
            TransferNews::Failed { status, .. } => {
                let failure = PersonOutcome::Failed(failure(status));
                self.legs.tell(leg, CallNews::Person(failure));
            }
        }
    }

    /// Nobody could be had for a broken call: the caller is called back.
    fn give_up_rescue(self: &Arc<Self>, leg: LegId) {
        if let Some(handoff) = self.legs.rescued(leg) {
            self.book(leg, handoff);
        }
        self.hang_up(leg, "a part of ours failed; the caller will be called back");
        self.legs.close(leg);
    }

    /// Books a callback; what was promised is tried again until it is written down.
    fn book(self: &Arc<Self>, leg: LegId, handoff: Handoff) {
        let number = self.legs.caller(leg).unwrap_or_default();
        let archive = Arc::clone(&self.archive);
        let mut bookings = self.bookings.lock().unwrap_or_else(PoisonError::into_inner);
        while bookings.try_join_next().is_some() {}
        bookings.spawn(async move {
            let call = handoff.call;
            let promise = Arc::new((handoff, number));
            for attempt in 1..=BOOK_ATTEMPTS {
                let (archive, promise) = (Arc::clone(&archive), Arc::clone(&promise));
                let book = move || archive.book_callback(&promise.0, &promise.1);
                match tokio::task::spawn_blocking(book).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        tracing::error!(%call, attempt, %error, "a promised callback is not booked yet");
                    }
                    Err(error) => {
                        tracing::error!(%call, attempt, %error, "booking a callback broke off");
                    }
                }
                tokio::time::sleep(BOOK_AGAIN * attempt).await;
            }
            tracing::error!(%call, "a promised callback is booked nowhere but in the journal");
        });
    }
}

/// Waits until every promised callback is booked, or as long as is reasonable.
pub async fn finish_bookings(control: &Control) {
    let mut bookings = std::mem::take(
        &mut *control
            .bookings
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    let all = async { while bookings.join_next().await.is_some() {} };
    if tokio::time::timeout(BOOKINGS_MAX, all).await.is_err() {
        tracing::error!("promised callbacks are booked nowhere but in the journals");
    }
}

/// What is assumed until the caller's answer to our offer comes with its ACK.
const UNTIL_AGREED: PayloadMap = PayloadMap {
    codec: Codec::Pcmu,
    audio: 0,
    telephone_event: None,
};

fn seal_unanswered(writer: CallWriter, began: Instant) {
    let ended = CallTime::ZERO + began.elapsed();
    writer.seal(ended, CallOutcome::Ended(HungUp::Cancelled));
}

fn header(call: &IncomingCall, row: &RoutedPlan) -> CallHeader {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let unix_millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    let mut draw = [0; 16];
    if let Err(error) = getrandom::fill(&mut draw) {
        tracing::error!(%error, "the system gives no random numbers; call ids follow the clock");
        draw = since_epoch.as_nanos().to_le_bytes();
    }
    let draw = u128::from_le_bytes(draw);
    let plan = &row.plan.plan;
    CallHeader {
        call: CallId::new(unix_millis, draw),
        sip_call_id: call.sip_call_id.clone(),
        started_unix_millis: unix_millis,
        trunk: call.trunk.clone(),
        caller: caller(call),
        called: call.called.clone(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        language: row.route.language.unwrap_or(plan.languages()[0]),
        language_is_fixed: row.route.language.is_some(),
        seed: (draw >> 64) as u64,
        recording: plan.recording(),
    }
}

/// The number to call back at: From, or what the trunk vouches for where From is withheld.
fn caller(call: &IncomingCall) -> Private<String> {
    let is_number = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    match &call.asserted {
        Some(asserted) if !is_number(call.from.reveal()) => asserted.clone(),
        Some(_) | None => call.from.clone(),
    }
}

fn reason(cause: HangUpCause) -> &'static str {
    match cause {
        HangUpCause::PlanEnded => "the conversation is over",
        HangUpCause::CallbackBooked => "a callback is booked",
        HangUpCause::Draining => "the server goes down",
        HangUpCause::Fault => "a part of ours failed",
    }
}

/// RFC 3261 §21: what a final status says of the person who was tried.
fn failure(status: u16) -> PersonFailure {
    match status {
        486 | 600 => PersonFailure::Busy,
        408 | 480 | 487 => PersonFailure::NoAnswer,
        401 | 403 | 407 | 603 => PersonFailure::Refused,
        _ => PersonFailure::Unreachable,
    }
}
