//! The control plane: brings trunk, shards, archive and plans together. It
//! decides nothing about a call.

use super::calling_number::calling_number;
use super::legs::Legs;
use super::minds::Minds;
use super::news::{CallNews, NewCall};
use super::people::People;
use super::ports::Ports;
use super::reload::RouteTable;
use super::request::Request;
use super::shard::ShardHandle;
use super::telemetry::CALLS_REFUSED;
use super::webhook::Webhook;
use crate::plans::ShelvedPlan;
use crate::routes::{Arrival, Route, choose};
use call_archive::{Archive, CallWriter};
use call_model::{
    CallHeader, CallId, CallOutcome, CallTime, Codec, Handoff, HangUpCause, HungUp, PayloadMap,
    PersonOutcome,
};
use call_session::SessionSettings;
use sip_trunk::{
    AgreedMedia, Answered, IncomingCall, LegEnd, LegId, RejectStatus, Rejection, Trunk, TrunkEvent,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::task::JoinSet;

/// How long a peer is asked to wait before it tries a refused call again.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// How long the server waits for the webhook when it ends.
const WEBHOOK_MAX: Duration = Duration::from_secs(10);

/// What all calls are opened with.
pub struct Control {
    pub trunk: Trunk,
    pub archive: Arc<Archive>,
    pub shards: Vec<ShardHandle>,
    pub ports: Ports,
    /// What answers new calls.
    pub routes: RouteTable,
    pub zone: jiff::tz::TimeZone,
    pub legs: Legs,
    /// The waiting rooms and the agents' phones.
    pub people: People,
    /// Back ends and the intent tier.
    pub minds: Minds,
    /// Who is told of every handoff.
    pub webhook: Mutex<Option<Webhook>>,
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
            TrunkEvent::Progress { leg, .. } => {
                self.phone_rings(leg);
            }
            TrunkEvent::Established { leg, media } => self.phone_answered(leg, media),
            TrunkEvent::Ended { leg, by } => {
                if !self.phone_ended(leg, by) {
                    self.ended(leg, by);
                }
            }
            TrunkEvent::Reoffered { leg, media } => {
                if !self.phone_reoffered(leg, media) {
                    self.reoffered(leg, media);
                }
            }
            TrunkEvent::Info { leg, key } => self.legs.tell(leg, CallNews::Key(key)),
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
            Request::FetchPerson(leg, call, handoff) => self.fetch_person(leg, call, handoff),
            Request::ReleasePerson(call) => self.leave_waiting_room(call),
            Request::Joined(call) => self.joined(call),
            Request::HangUpAgent(leg) => self.hang_up_agent(leg),
            Request::CallApi(leg, request) => self.call_api(leg, *request),
            Request::AskIntent(leg, question) => self.ask_intent(leg, *question),
            Request::CancelIntent(call, question) => self.cancel_intent(call, question),
            Request::TellIntent(call, fact) => self.tell_intent(call, fact),
            Request::BookCallback(leg, handoff) => self.book(leg, *handoff),
            Request::Rescue(leg, call, handoff) => {
                self.leave_waiting_room(call);
                let target = self.legs.rescue_target(leg);
                let is_referred = self.refer(leg, call, &handoff, target.as_deref()).is_ok();
                self.legs.rescue(leg, handoff);
                if !is_referred {
                    self.give_up_rescue(leg);
                }
            }
            Request::Closed(leg, call, by) => {
                self.leave_waiting_room(call);
                self.forget_questions(call);
                if by != HungUp::ByCaller && by != HungUp::Cancelled {
                    self.hang_up(leg, "call over");
                }
                self.legs.close(leg);
            }
        }
    }

    /// A person is owed: from the waiting room where the story names one, else by transfer.
    fn fetch_person(self: &Arc<Self>, leg: LegId, call: CallId, handoff: Box<Handoff>) {
        self.announce(&handoff);
        if self.wait_for_person(leg, &handoff) {
            return;
        }
        if let Err(why) = self.refer(leg, call, &handoff, handoff.target.as_deref()) {
            let failed = PersonOutcome::Failed(why);
            self.legs.tell(leg, CallNews::Person(failed));
        }
    }

    /// Delivers what the webhook has not been told yet, or as much of it as is reasonable.
    pub async fn finish_webhook(&self) {
        let webhook = self
            .webhook
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(webhook) = webhook {
            webhook.finish(WEBHOOK_MAX).await;
        }
    }

    /// Tells the webhook of a handoff, with where its recording lies.
    fn announce(&self, handoff: &Handoff) {
        let webhook = self.webhook.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(webhook) = webhook.as_ref() {
            let recording = self.archive.paths(handoff.call).wav;
            webhook.send(handoff, Some(&recording.to_string_lossy()));
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
        let routes = self.routes.now();
        let table = routes.iter().map(|row| &row.route);
        let Some(place) = choose(table, &arrival, &self.zone) else {
            let text = format!(
                "no route answers '{}' on trunk '{}'; add a [[route]] for it",
                call.called, call.trunk
            );
            return self.refuse(call.leg, Rejection::new(RejectStatus::NotFound, text));
        };
        let row = &routes[place];
        let header = CallHeader {
            tier_is_asked_ahead: self.minds.are_asked_ahead(),
            ..header(&call, row)
        };
        let people = &row.plan.plan.policy().people;
        let queue = people
            .queue
            .as_ref()
            .and_then(|name| self.people.queue(name));
        let overflow = queue.map(|queue| queue.overflow.clone());
        let rescue = people.transfer.clone().or(overflow);
        self.legs.open(call.leg, header.caller.clone(), rescue);
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

    /// Ends a leg; one that ended by itself meanwhile is what we want.
    pub fn hang_up(&self, leg: LegId, reason: &str) {
        if let Err(error) = self.trunk.hang_up(leg, reason) {
            tracing::debug!(%error, "nothing to hang up");
        }
    }

    fn ended(&self, leg: LegId, by: LegEnd) {
        let by = match by {
            LegEnd::ByCaller => HungUp::ByCaller,
            LegEnd::NoAck => HungUp::NoAck,
            LegEnd::NoCommonMedia => HungUp::MediaLost,
            LegEnd::Unanswered | LegEnd::NoAnswer | LegEnd::Refused { .. } => HungUp::Fault,
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
        caller: calling_number(call),
        called: call.called.clone(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        language: row.route.language.unwrap_or(plan.languages()[0]),
        language_is_fixed: row.route.language.is_some(),
        tier_is_asked_ahead: false,
        seed: (draw >> 64) as u64,
        recording: plan.recording(),
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
