//! Requests inside a call: BYE, re-INVITE, UPDATE, OPTIONS, NOTIFY and INFO.

use crate::dialog::{DialogKey, Reply};
use crate::gate::{ALLOWED_METHODS, Counted, warning_value};
use crate::incoming::session_of;
use crate::keys::{self, Info};
use crate::leg::{Leg, LegState, Phase};
use crate::request::news_of_fragment;
use crate::sdp::{self, NoMedia};
use crate::switchboard::Switchboard;
use crate::transfer::Subject;
use crate::{AgreedMedia, LegEnd, TrunkEvent};
use rsipstack::sip::{Header, HeadersExt, Method, Request, SipMessage};
use rsipstack::transaction::Transaction;
use std::sync::Arc;

/// Serves a request that carries a To tag.
pub(crate) async fn serve(board: &Arc<Switchboard>, mut transaction: Transaction) {
    let key = DialogKey::of(&transaction.original);
    let Some(leg) = key.and_then(|key| board.leg_of(&key)) else {
        board.gate.counters().add(Counted::NoCall);
        let reply = Reply::bare(481);
        let response =
            board
                .endpoint
                .make_response(&transaction.original, reply.status.into(), None);
        transaction.respond(response).await.ok();
        return;
    };
    let (response, is_offer_open) = {
        let mut state = leg.lock();
        let reply = board.reply_within(&leg, &mut state, &transaction.original);
        let is_offer_open = transaction.original.method == Method::Invite && reply.status < 300;
        state.is_reoffering |= is_offer_open;
        let request = &transaction.original;
        (
            state.dialog.response(&board.endpoint, request, reply),
            is_offer_open,
        )
    };
    if transaction.original.method != Method::Invite {
        transaction.respond(response).await.ok();
        return;
    }
    let board = board.clone();
    let stopping = board.stopping.clone();
    tokio::spawn(stopping.run_until_cancelled_owned(async move {
        transaction.respond(response).await.ok();
        let ack = await_ack(&mut transaction).await;
        if is_offer_open {
            board.reoffer_acknowledged(&leg, ack);
        }
    }));
}

async fn await_ack(transaction: &mut Transaction) -> Option<Request> {
    while let Some(message) = transaction.receive().await {
        match message {
            SipMessage::Request(request) if request.method == Method::Ack => return Some(request),
            SipMessage::Request(_) | SipMessage::Response(_) => {}
        }
    }
    None
}

impl Switchboard {
    fn reply_within(self: &Arc<Self>, leg: &Leg, state: &mut LegState, request: &Request) -> Reply {
        if !state.dialog.takes(request) {
            return Reply::bare(500).and(warning("CSeq went backwards"));
        }
        match request.method {
            Method::Bye => {
                self.hung_up(leg, state);
                Reply::bare(200)
            }
            Method::Invite | Method::Update => self.reoffered(leg, state, request),
            Method::Options => Reply::bare(200)
                .and(Header::Allow(ALLOWED_METHODS.into()))
                .and(Header::Accept("application/sdp".into())),
            Method::Notify => self.notified(leg, state, request),
            Method::Info => self.informed(leg, state, request),
            _ => Reply::bare(405).and(Header::Allow(ALLOWED_METHODS.into())),
        }
    }

    /// The caller hung up; before our answer that is a CANCEL by other means
    /// (RFC 3261 §15.1.2).
    fn hung_up(&self, leg: &Leg, state: &mut LegState) {
        if matches!(state.phase, Phase::Offered { .. }) {
            self.respond(state, Reply::bare(487));
            self.close(leg, state);
            if let Some(ticket) = state.ended.take() {
                ticket.send(TrunkEvent::Cancelled { leg: leg.id });
            }
        } else {
            self.end(leg, state, LegEnd::ByCaller);
        }
    }

    /// Answers an offer inside the call, or makes one where it has none.
    fn reoffered(&self, leg: &Leg, state: &mut LegState, request: &Request) -> Reply {
        match &state.phase {
            Phase::Answered | Phase::Standing
                if !state.is_reoffering && !state.holding.is_offering => {}
            Phase::Offered { .. } | Phase::Calling { .. } | Phase::Answered | Phase::Standing => {
                return Reply::bare(491);
            }
            Phase::Closing { .. } | Phase::Over => return Reply::bare(481),
        }
        let session = match session_of(request) {
            Ok(session) => session,
            Err(fault) => return not_acceptable(&fault),
        };
        state.dialog.refresh_target(&request.headers);
        let Some(local) = state.media.local else {
            return Reply::bare(491);
        };
        let Some(session) = session else {
            return if request.method == Method::Invite {
                Reply::with_sdp(sdp::offer(state.media.agreed.as_ref(), &local))
            } else {
                Reply::bare(200)
            };
        };
        let keep = state.media.agreed.map(|agreed| agreed.payloads.codec);
        let Some(agreed) = sdp::choose(&session.offer, keep) else {
            return not_acceptable(&NoMedia::NoAudio);
        };
        if !self.change_media(leg, state, agreed) {
            return Reply::bare(503).and(warning("This server is too busy to change the call"));
        }
        let local = state.media.local.unwrap_or(local);
        Reply::with_sdp(sdp::answer(&session, &agreed, &local))
    }

    /// Takes new media that the peer asked for, if anything changed; false when the
    /// server cannot be told.
    fn change_media(&self, leg: &Leg, state: &mut LegState, media: AgreedMedia) -> bool {
        let is_new = state.media.agreed != Some(media);
        if !self.tell_media(leg, state, media) {
            return false;
        }
        if let Some(local) = state.media.local.as_mut().filter(|_| is_new) {
            local.version += 1;
        }
        true
    }

    /// Takes new media and tells the server, if anything changed; false when it
    /// cannot be told.
    pub fn tell_media(&self, leg: &Leg, state: &mut LegState, media: AgreedMedia) -> bool {
        if state.media.agreed == Some(media) {
            return true;
        }
        let Some(ticket) = self.ticket() else {
            return false;
        };
        state.media.agreed = Some(media);
        ticket.send(TrunkEvent::Reoffered { leg: leg.id, media });
        true
    }

    /// The ACK of a re-INVITE came, perhaps with the answer to our offer; or it
    /// never came, which ends the call (RFC 3261 §14.2).
    fn reoffer_acknowledged(self: &Arc<Self>, leg: &Leg, ack: Option<Request>) {
        let mut state = leg.lock();
        state.is_reoffering = false;
        if matches!(state.phase, Phase::Over) {
            return;
        }
        let Some(ack) = ack else {
            self.send_bye(leg, &mut state, "The answer was never acknowledged");
            return self.end(leg, &mut state, LegEnd::NoAck);
        };
        let keep = state.media.agreed.map(|agreed| agreed.payloads.codec);
        let answered = session_of(&ack).ok().flatten();
        let agreed = answered.and_then(|session| sdp::choose(&session.offer, keep));
        if let Some(agreed) = agreed {
            self.change_media(leg, &mut state, agreed);
        }
    }

    /// A key, perhaps. Before the call stands there is nothing it could answer.
    fn informed(&self, leg: &Leg, state: &LegState, request: &Request) -> Reply {
        let kind = request.header_value("Content-Type").unwrap_or_default();
        let key = match keys::read(&kind, &request.body) {
            Info::Pressed(key) => key,
            Info::Nothing => return Reply::bare(200),
            Info::Foreign => return Reply::bare(415).and(Header::Accept(keys::ACCEPTED.into())),
            Info::Garbled => return Reply::bare(400).and(warning("The body names no key")),
        };
        if !matches!(state.phase, Phase::Answered | Phase::Standing) {
            return Reply::bare(200);
        }
        let Some(ticket) = self.ticket() else {
            return Reply::bare(503).and(warning("This server is too busy to take the key"));
        };
        let leg = leg.id;
        ticket.send(TrunkEvent::Info { leg, key });
        Reply::bare(200)
    }

    /// News of a transfer (RFC 3515 §2.4.4). News of one that is over or superseded
    /// are acknowledged, for the peer does nothing wrong, and go no further.
    fn notified(&self, leg: &Leg, state: &mut LegState, request: &Request) -> Reply {
        let event = request.header_value("Event").unwrap_or_default();
        let is_refer = event.split(';').next().map(str::trim) == Some("refer");
        if !is_refer {
            return Reply::bare(481);
        }
        let transfer = match state.transfers.subject(&event) {
            Subject::Of(transfer) => transfer,
            Subject::Ambiguous => return Reply::bare(200),
            Subject::Nobody => return Reply::bare(481),
        };
        let subscription = request
            .header_value("Subscription-State")
            .unwrap_or_default();
        let is_last = subscription.trim_start().starts_with("terminated");
        if let Some(news) = news_of_fragment(&request.body, is_last) {
            self.news(leg, state, transfer, news);
        }
        if is_last {
            state.transfers.settle(transfer);
        }
        Reply::bare(200)
    }
}

fn warning(text: &str) -> Header {
    Header::Warning(warning_value(text).into())
}

fn not_acceptable(fault: &NoMedia) -> Reply {
    Reply::bare(488).and(warning(&fault.to_string()))
}
