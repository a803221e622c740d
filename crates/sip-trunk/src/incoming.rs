//! A new call: from its INVITE to its ACK.

use crate::dialog::{Dialog, Reply};
use crate::gate::{CallKey, Counted, warning_value, whole_seconds};
use crate::hold::Holding;
use crate::leg::{Deadline, Leg, LegState, Media, Phase, Place};
use crate::sdp::{self, NoMedia, Session};
use crate::switchboard::Switchboard;
use crate::text::{self, NameAddr};
use crate::transfer::Transfers;
use crate::{IncomingCall, LegEnd, LegId, RejectStatus, Rejection, TrunkEvent};
use call_model::Private;
use rsipstack::sip::{Header, HeadersExt, Method, Request, SipMessage, Uri};
use rsipstack::transaction::{Transaction, random_text};
use rsipstack::transport::SipConnection;
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
pub(crate) fn begin(board: &Arc<Switchboard>, mut transaction: Transaction) {
    let key = call_key(&transaction.original);
    let claimed = key.and_then(|key| Some((board.gate.claim(&key)?, key)));
    let gate = board.gate.clone();
    let (began, place) = match claimed {
        Some((trunk, key)) => {
            let mut place = Some(Place::Incoming { gate, key });
            let began = make_leg(board, trunk, &mut place, &transaction);
            (began, place)
        }
        None => (Err(Refused::Late), None),
    };
    let board = board.clone();
    let talking = board.talking.clone();
    let stopping = board.stopping.clone();
    talking.spawn(stopping.run_until_cancelled_owned(async move {
        match began {
            Ok(leg) => converse(&board, &leg, &mut transaction).await,
            Err(refused) => decline(&board, refused, &mut transaction).await,
        }
        // A declined call keeps its place until its caller has understood.
        drop(place);
    }));
}

fn call_key(invite: &Request) -> Option<CallKey> {
    CallKey::read(
        invite.call_id_header().ok()?.value(),
        invite.from_header().ok()?.value(),
        invite.cseq_header().ok()?.seq().ok()?,
    )
}

/// Makes a leg of an INVITE; the place is taken only then.
fn make_leg(
    board: &Arc<Switchboard>,
    trunk: String,
    place: &mut Option<Place>,
    transaction: &Transaction,
) -> Result<Arc<Leg>, Refused> {
    let invite = &transaction.original;
    let session = read_session(invite)?;
    let remote = source_of(transaction).ok_or(Refused::Malformed)?;
    let is_tcp = matches!(transaction.connection, Some(SipConnection::Channel(_)));
    let path = board.path(remote, is_tcp.then_some(remote));
    let dialog = Dialog::begin(invite, path).ok_or(Refused::Malformed)?;
    let tickets = (board.ticket(), board.ticket(), board.ticket());
    let (Some(incoming), Some(acked), Some(ended)) = tickets else {
        return Err(Refused::Unread);
    };
    let call = describe(board.name_leg(), trunk, invite, remote, session.as_ref());
    let state = LegState {
        phase: Phase::Offered {
            invite: Box::new(invite.clone()),
            responses: transaction.tu_sender.clone(),
            deadline: None,
        },
        dialog,
        media: Media::before_answer(session),
        transfers: Transfers::default(),
        is_reoffering: false,
        holding: Holding::default(),
        credentials: None,
        acked: Some(acked),
        ended: Some(ended),
        place: place.take(),
        guest: None,
    };
    let leg = Arc::new(Leg::new(call.leg, state));
    board.enter(&leg);
    board.enter_dialog(&leg, &leg.lock());
    set_deadline(board, &leg);
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
    let call_id = invite.call_id_header().map(|header| header.value());
    IncomingCall {
        leg,
        trunk,
        sip_call_id: call_id.unwrap_or_default().to_owned(),
        from: Private::new(text::user_of(from.uri)),
        from_display: Private::new(from.display),
        asserted,
        called: called_number(&invite.uri),
        remote,
        user_agent: invite
            .user_agent_header()
            .map(|header| header.value().to_owned()),
        offer: session.map(|session| session.offer.clone()),
    }
}

fn called_number(uri: &Uri) -> String {
    match uri.user() {
        Some(user) => text::percent_decoded(user),
        // The library finds no user in tel: URIs and behind user parameters.
        None => text::user_of(&uri.to_string()),
    }
}

/// Gives a call up that nobody decides about.
fn set_deadline(board: &Arc<Switchboard>, leg: &Arc<Leg>) {
    let (board, waiting) = (board.clone(), leg.clone());
    let task = tokio::spawn(async move {
        tokio::time::sleep(board.settings.answer_wait).await;
        board.give_up(&waiting);
    });
    if let Phase::Offered { deadline, .. } = &mut leg.lock().phase {
        *deadline = Some(Deadline(task));
    }
}

/// Sees an INVITE through to its ACK, its CANCEL, or the end of all patience.
async fn converse(board: &Arc<Switchboard>, leg: &Arc<Leg>, transaction: &mut Transaction) {
    transaction.send_trying().await.ok();
    while let Some(message) = transaction.receive().await {
        let SipMessage::Request(request) = message else {
            continue;
        };
        match request.method {
            Method::Ack => return board.acknowledged(leg, &request),
            Method::Cancel => board.cancelled(leg),
            _ => {}
        }
    }
    board.unacknowledged(leg);
}

impl Switchboard {
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
            Phase::Offered { .. } | Phase::Calling { .. } | Phase::Standing | Phase::Over => return,
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
            Phase::Calling { .. } | Phase::Standing | Phase::Over => {}
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
async fn decline(board: &Switchboard, refused: Refused, transaction: &mut Transaction) {
    board.gate.counters().add(refused.counted());
    let invite = &transaction.original;
    let status = refused.status().into();
    let mut response = board.endpoint.make_response(invite, status, None);
    for header in response.headers.iter_mut() {
        if let Header::To(to) = header {
            *header = Header::To(format!("{};tag={}", to.value(), random_text(16)).into());
        }
    }
    response.headers.extend(refused.headers(board));
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

    const fn counted(&self) -> Counted {
        match self {
            Self::Late | Self::Unread => Counted::Unread,
            Self::Malformed | Self::Body => Counted::Malformed,
            Self::Media(_) => Counted::NoCommonMedia,
        }
    }

    fn headers(&self, board: &Switchboard) -> Vec<Header> {
        let mut headers = vec![Header::Warning(warning_value(&self.explain()).into())];
        match self {
            Self::Late | Self::Unread => {
                let wait = whole_seconds(board.settings.retry_after).to_string();
                headers.push(Header::RetryAfter(wait.into()));
            }
            Self::Body => headers.push(Header::Accept("application/sdp".into())),
            Self::Malformed | Self::Media(_) => {}
        }
        headers
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_called_number_is_found_in_every_form_of_uri() {
        for (uri, number) in [
            ("sip:100@h", "100"),
            ("sip:%2B49@h;user=phone", "+49"),
            ("sip:+49;npdi@h", "+49"),
            ("tel:+4930;phone-context=x", "+4930"),
            ("sip:h", ""),
        ] {
            let uri = Uri::try_from(uri).expect("a URI");
            assert_eq!(called_number(&uri), number);
        }
    }
}
