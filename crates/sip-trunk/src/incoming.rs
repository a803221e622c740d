//! A new call: from its INVITE to its ACK.

use crate::core::Core;
use crate::dialog::{Dialog, Reply};
use crate::gate::{CallKey, Counted, warning_value, whole_seconds};
use crate::leg::{Deadline, Leg, LegState, Media, Phase, Place};
use crate::sdp::{self, NoMedia, Session};
use crate::text::{self, NameAddr};
use crate::{IncomingCall, LegEnd, LegId, RejectStatus, Rejection, TrunkEvent};
use call_model::Private;
use rsipstack::sip::{Header, HeadersExt, Method, Request, SipMessage};
use rsipstack::transaction::{Transaction, random_text};
use std::net::SocketAddr;
use std::sync::Arc;

/// Why an INVITE makes no call.
enum Refused {
    /// Its place was given up before it came here.
    Late,
    /// Something is missing that a dialog needs.
    Malformed,
    /// Its body is no session description.
    Body,
    /// Its session has nothing we can play.
    Media(NoMedia),
    /// The server does not read its events.
    Unread,
}

/// Takes a new INVITE; everything that takes time runs in a task of its own.
pub(crate) fn begin(core: &Arc<Core>, mut transaction: Transaction) {
    let invite = &transaction.original;
    let place = call_key(invite).and_then(|key| {
        let (_, trunk) = core.gate.claim(&key)?;
        let gate = core.gate.clone();
        Some((Place { gate, key }, trunk))
    });
    let began = match place {
        Some((place, trunk)) => make_leg(core, place, trunk, &transaction),
        None => Err(Refused::Late),
    };
    let core = core.clone();
    let talking = core.talking.clone();
    let stopping = core.stopping.clone();
    talking.spawn(stopping.run_until_cancelled_owned(async move {
        match began {
            Ok(leg) => converse(&core, &leg, &mut transaction).await,
            Err(refused) => decline(&core, refused, &mut transaction).await,
        }
    }));
}

fn call_key(invite: &Request) -> Option<CallKey> {
    CallKey::read(
        invite.call_id_header().ok()?.value(),
        invite.from_header().ok()?.value(),
        invite.cseq_header().ok()?.seq().ok()?,
    )
}

fn make_leg(
    core: &Arc<Core>,
    place: Place,
    trunk: String,
    transaction: &Transaction,
) -> Result<Arc<Leg>, Refused> {
    let invite = &transaction.original;
    let session = read_session(invite)?;
    let remote = source_of(transaction).ok_or(Refused::Malformed)?;
    let dialog = Dialog::begin(invite, core.own_address(remote)).ok_or(Refused::Malformed)?;
    let tickets = (core.ticket(), core.ticket(), core.ticket());
    let (Some(incoming), Some(acked), Some(ended)) = tickets else {
        return Err(Refused::Unread);
    };
    let call = describe(core.name_leg(), trunk, invite, remote, session.as_ref());
    let leg = Arc::new(Leg::new(
        call.leg,
        LegState {
            phase: Phase::Offered {
                invite: Box::new(invite.clone()),
                responses: transaction.tu_sender.clone(),
                deadline: None,
            },
            dialog,
            media: Media {
                session,
                local: None,
                agreed: None,
            },
            transfer: None,
            is_reoffering: false,
            acked: Some(acked),
            ended: Some(ended),
            place: Some(place),
        },
    ));
    core.enter(&leg);
    set_deadline(core, &leg);
    incoming.send(TrunkEvent::Incoming(Box::new(call)));
    Ok(leg)
}

/// The session of a request's body; none without a body. Bodies of several parts
/// are read as one: the reader skips what is no line of a session.
pub(crate) fn session_of(request: &Request) -> Result<Option<Session>, NoMedia> {
    if request.body.is_empty() {
        return Ok(None);
    }
    sdp::read(&request.body).map(Some)
}

fn read_session(invite: &Request) -> Result<Option<Session>, Refused> {
    let kind = invite.header_value("Content-Type").unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let may_hold_sdp =
        kind.is_empty() || kind.starts_with("application/sdp") || kind.starts_with("multipart/");
    if !invite.body.is_empty() && !may_hold_sdp {
        return Err(Refused::Body);
    }
    session_of(invite).map_err(Refused::Media)
}

fn source_of(transaction: &Transaction) -> Option<SocketAddr> {
    let connection = transaction.connection.as_ref()?;
    connection.get_remote_addr()?.get_socketaddr().ok()
}

fn describe(
    leg: LegId,
    trunk: String,
    invite: &Request,
    remote: SocketAddr,
    session: Option<&Session>,
) -> IncomingCall {
    let from = invite.from_header().map(|from| from.value());
    let from = NameAddr::read(from.unwrap_or_default());
    let asserted = invite.p_asserted_identity_header().map(|header| {
        let first = text::split_outside(header.value(), ',')[0];
        Private::new(text::user_of(NameAddr::read(first).uri))
    });
    let called = invite.uri.to_string();
    let call_id = invite.call_id_header().map(|header| header.value());
    IncomingCall {
        leg,
        trunk,
        sip_call_id: call_id.unwrap_or_default().to_owned(),
        from: Private::new(text::user_of(from.uri)),
        from_display: Private::new(from.display),
        asserted,
        called: text::user_of(&called),
        remote,
        user_agent: invite
            .user_agent_header()
            .map(|header| header.value().to_owned()),
        offer: session.map(|session| session.offer.clone()),
    }
}

/// Gives a call up that nobody decides about.
fn set_deadline(core: &Arc<Core>, leg: &Arc<Leg>) {
    let (core, waiting) = (core.clone(), leg.clone());
    let task = tokio::spawn(async move {
        tokio::time::sleep(core.settings.answer_wait).await;
        core.give_up(&waiting);
    });
    if let Phase::Offered { deadline, .. } = &mut leg.lock().phase {
        *deadline = Some(Deadline(task));
    }
}

/// Sees an INVITE through to its ACK, its CANCEL, or the end of all patience.
async fn converse(core: &Arc<Core>, leg: &Arc<Leg>, transaction: &mut Transaction) {
    transaction.send_trying().await.ok();
    while let Some(message) = transaction.receive().await {
        let SipMessage::Request(request) = message else {
            continue;
        };
        match request.method {
            Method::Ack => return core.acknowledged(leg, &request),
            Method::Cancel => core.cancelled(leg),
            _ => {}
        }
    }
    core.unacknowledged(leg);
}

impl Core {
    /// The caller gave up. After our answer that has no effect (RFC 3261 §9.2):
    /// the library has told the caller so, and its BYE will follow.
    fn cancelled(&self, leg: &Leg) {
        let mut state = leg.lock();
        if matches!(state.phase, Phase::Offered { .. }) {
            self.respond(&state, Reply::bare(487));
            self.close(leg, &mut state);
            if let Some(ticket) = state.ended.take() {
                ticket.send(TrunkEvent::Cancelled { leg: leg.id });
            }
        }
    }

    fn acknowledged(self: &Arc<Self>, leg: &Leg, ack: &Request) {
        let mut state = leg.lock();
        match &state.phase {
            Phase::Answered => {}
            Phase::Closing { reason } => {
                let reason = reason.clone();
                return self.send_bye(leg, &mut state, &reason);
            }
            // The ACK of a refusal, or of a call that ended meanwhile.
            Phase::Offered { .. } | Phase::Standing | Phase::Over => return,
        }
        let mut late = None;
        if state.media.agreed.is_none() {
            let session = session_of(ack).ok().flatten();
            late = session.and_then(|session| sdp::choose(&session.offer, None));
            if late.is_none() {
                self.send_bye(
                    leg,
                    &mut state,
                    "The answer has no audio that can be played",
                );
                return self.end(leg, &mut state, LegEnd::NoCommonMedia);
            }
            state.media.agreed = late;
        }
        state.phase = Phase::Standing;
        if let Some(ticket) = state.acked.take() {
            ticket.send(TrunkEvent::Acked { leg: leg.id, late });
        }
    }

    /// The transaction ended without an ACK (RFC 3261 §13.3.1.4).
    fn unacknowledged(self: &Arc<Self>, leg: &Leg) {
        let mut state = leg.lock();
        match &state.phase {
            Phase::Answered => {
                self.send_bye(leg, &mut state, "The answer was never acknowledged");
                self.end(leg, &mut state, LegEnd::NoAck);
            }
            Phase::Closing { reason } => {
                let reason = reason.clone();
                self.send_bye(leg, &mut state, &reason);
            }
            Phase::Offered { .. } => self.end(leg, &mut state, LegEnd::Unanswered),
            Phase::Standing | Phase::Over => {}
        }
    }

    /// Nobody decided about the call in time.
    fn give_up(&self, leg: &Leg) {
        let mut state = leg.lock();
        if matches!(state.phase, Phase::Offered { .. }) {
            let rejection = Rejection::new(
                RejectStatus::TemporarilyUnavailable,
                "Nobody took the call in time",
            );
            self.respond(&state, reply_of(&rejection));
            self.end(leg, &mut state, LegEnd::Unanswered);
        }
    }
}

/// The response a rejection makes.
pub(crate) fn reply_of(rejection: &Rejection) -> Reply {
    let status = rejection.status.code();
    let text = text::quoted(&rejection.text);
    let reason = format!("SIP;cause={status};text={text}");
    let reply = Reply::bare(status)
        .and(Header::Warning(warning_value(&rejection.text).into()))
        .and(Header::Reason(reason.into()));
    match rejection.retry_after {
        Some(wait) => reply.and(Header::RetryAfter(whole_seconds(wait).to_string().into())),
        None => reply,
    }
}

/// Answers an INVITE that makes no call, and waits for its ACK.
async fn decline(core: &Core, refused: Refused, transaction: &mut Transaction) {
    let mut response =
        core.endpoint
            .make_response(&transaction.original, refused.status().into(), None);
    for header in response.headers.iter_mut() {
        if let Header::To(to) = header {
            *header = Header::To(format!("{};tag={}", to.value(), random_text(16)).into());
        }
    }
    let text = refused.explain();
    response
        .headers
        .push(Header::Warning(warning_value(&text).into()));
    match refused {
        Refused::Unread | Refused::Late => {
            core.gate.counters().add(Counted::Unread);
            let wait = whole_seconds(core.settings.retry_after).to_string();
            response.headers.push(Header::RetryAfter(wait.into()));
        }
        Refused::Media(_) => core.gate.counters().add(Counted::NoCommonMedia),
        Refused::Body => response
            .headers
            .push(Header::Accept("application/sdp".into())),
        Refused::Malformed => core.gate.counters().add(Counted::Malformed),
    }
    if transaction.respond(response).await.is_err() {
        return;
    }
    while let Some(message) = transaction.receive().await {
        if matches!(&message, SipMessage::Request(request) if request.method == Method::Ack) {
            return;
        }
    }
}

impl Refused {
    const fn status(&self) -> u16 {
        match self {
            Self::Late | Self::Unread => 503,
            Self::Malformed => 400,
            Self::Body => 415,
            Self::Media(_) => 488,
        }
    }

    fn explain(&self) -> String {
        match self {
            Self::Late | Self::Unread => "This server is too busy to take the call".to_owned(),
            Self::Malformed => "The Contact header is missing or is no SIP address".to_owned(),
            Self::Body => "The body must be a session description (application/sdp)".to_owned(),
            Self::Media(fault) => fault.to_string(),
        }
    }
}
