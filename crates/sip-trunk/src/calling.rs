//! A call of our own: from its INVITE to its answer, its refusal, or its CANCEL.

use crate::call::OutgoingCall;
use crate::dialog::Dialog;
use crate::digest::Digest;
use crate::forks::Forks;
use crate::gate::{ALLOWED_METHODS, Counted};
use crate::hold::Holding;
use crate::invite::{Hop, SentInvite, Step};
use crate::leg::{Guest, Leg, LegState, Media, Phase, Place};
use crate::path;
use crate::sdp::{self, LocalMedia};
use crate::switchboard::Switchboard;
use crate::transfer::Transfers;
use crate::{LegEnd, LegError, LegId, TrunkEvent};
use rsipstack::sip::{Header, Method, Request, Response};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

/// Places a call; everything that takes time runs in a task of its own.
pub(crate) fn place(board: &Arc<Switchboard>, call: OutgoingCall) -> Result<LegId, LegError> {
    let headers = call.check()?;
    let permit = board.lines.clone().try_acquire_owned();
    let permit = permit.map_err(|_| LegError::Full(board.settings.max_calls))?;
    let (Some(established), Some(ended)) = (board.ticket(), board.ticket()) else {
        return Err(LegError::Unread);
    };
    let given_up = CancellationToken::new();
    let nowhere = board.path(board.local, None);
    let state = LegState {
        phase: Phase::Calling {
            given_up: given_up.clone(),
        },
        // The true one is made when our own address towards the peer is known.
        dialog: Dialog::call(&call.from(board.local), &call.target, nowhere),
        media: Media::before_answer(None),
        transfers: Transfers::default(),
        is_reoffering: false,
        holding: Holding::default(),
        credentials: call.credentials.clone(),
        acked: Some(established),
        ended: Some(ended),
        place: Some(Place::Outgoing { _permit: permit }),
        guest: None,
    };
    let leg = Arc::new(Leg::new(board.name_leg(), state));
    board.enter(&leg);
    board.gate.counters().add(Counted::Placed);
    let id = leg.id;
    let attempt = Attempt {
        board: board.clone(),
        leg,
        deadline: Instant::now() + call.ring_max,
        digest: Digest::new(call.credentials.clone()),
        call,
        headers,
        given_up,
        told: Vec::new(),
    };
    let stopping = board.stopping.clone();
    board
        .talking
        .spawn(stopping.run_until_cancelled_owned(attempt.converse()));
    Ok(id)
}

/// A call that is being placed.
struct Attempt {
    board: Arc<Switchboard>,
    leg: Arc<Leg>,
    call: OutgoingCall,
    headers: Vec<Header>,
    digest: Digest,
    deadline: Instant,
    given_up: CancellationToken,
    /// The provisional statuses that were told.
    told: Vec<u16>,
}

/// What an INVITE came to.
enum Rung {
    Answered(Response),
    Refused(Response),
    /// Nobody waits for an answer any more.
    GivenUp,
}

impl Attempt {
    async fn converse(mut self) {
        let Some(hop) = self.find_way().await else {
            return;
        };
        loop {
            let Some(invite) = self.invite(&hop) else {
                return;
            };
            let sent = SentInvite::send(&self.board, invite, hop.clone()).await;
            let Some(mut sent) = sent else {
                return self.end(LegEnd::Refused { status: 503 });
            };
            let refusal = match self.ring(&mut sent).await {
                Rung::Refused(refusal) => refusal,
                Rung::Answered(response) => {
                    let until = Instant::now() + self.board.settings.timing.patience();
                    return self.answered(sent, &response, until).await;
                }
                Rung::GivenUp => return self.withdraw(sent).await,
            };
            let ack = sent.acknowledge(&refusal).await;
            let until = Instant::now() + self.board.settings.timing.patience();
            self.aside(sent.settle(ack, until));
            let status = refusal.status_code.code();
            if !matches!(status, 401 | 407) || !self.digest.takes(&refusal) {
                return self.end(LegEnd::Refused { status });
            }
        }
    }

    /// Where the INVITE goes first; none when the call is over.
    async fn find_way(&self) -> Option<Hop> {
        let path = self.leg.lock().dialog.path();
        let mut first = path::next_hop(&self.call.target, &path)?;
        if let Some(proxy) = self.call.proxy {
            first.to.addr = proxy.into();
        }
        tokio::select! {
            hop = self.board.hop(&first) => {
                if hop.is_none() {
                    self.end(LegEnd::Refused { status: 503 });
                }
                hop
            }
            () = self.given_up.cancelled() => None,
            () = sleep_until(self.deadline) => {
                self.end(LegEnd::NoAnswer);
                None
            }
        }
    }

    /// The next INVITE; none when the call is over.
    fn invite(&self, hop: &Hop) -> Option<Request> {
        let mut state = self.leg.lock();
        if !matches!(state.phase, Phase::Calling { .. }) {
            return None;
        }
        let call = &self.call;
        let local = match state.media.local {
            Some(local) => local,
            None => {
                let peer = hop.to.get_socketaddr().ok()?;
                let flow = hop.is_tcp().then_some(peer);
                let path = self.board.path(peer, flow);
                state.dialog = Dialog::call(&call.from(path.own), &call.target, path);
                LocalMedia {
                    receive: self.board.media_address(call.local_media, path.own),
                    session: self.board.session_number(self.leg.id),
                    version: 1,
                    holds: false,
                }
            }
        };
        state.media.local = Some(local);
        let mut headers = vec![
            Header::Allow(ALLOWED_METHODS.into()),
            Header::ContentType("application/sdp".into()),
        ];
        headers.extend(self.digest.headers(Method::Invite, &call.target));
        headers.extend(self.headers.iter().cloned());
        let user_agent = &self.board.settings.user_agent;
        let (mut invite, _) = state.dialog.request(Method::Invite, user_agent, headers)?;
        invite.body = sdp::offer(None, &local).into_bytes();
        Some(invite)
    }

    /// Waits for what comes of an INVITE.
    async fn ring(&mut self, sent: &mut SentInvite) -> Rung {
        loop {
            let step = tokio::select! {
                step = sent.next() => step,
                () = self.given_up.cancelled() => return Rung::GivenUp,
                () = sleep_until(self.deadline) => Step::Silence,
            };
            match step {
                Step::Provisional(response) => self.tell_progress(response.status_code.code()),
                Step::Accepted(response) if Forks::tag(&response).is_some() => {
                    return Rung::Answered(response);
                }
                // Without a tag there is nobody to talk to.
                Step::Accepted(_) => {}
                Step::Refused(response) => return Rung::Refused(response),
                Step::Silence => {
                    self.end(LegEnd::NoAnswer);
                    return Rung::GivenUp;
                }
            }
        }
    }

    fn tell_progress(&mut self, status: u16) {
        let state = self.leg.lock();
        let is_waited_for = matches!(state.phase, Phase::Calling { .. });
        if is_waited_for && matches!(status, 180 | 183) && !self.told.contains(&status) {
            self.told.push(status);
            let leg = self.leg.id;
            self.board.mention(TrunkEvent::Progress { leg, status });
        }
    }

    /// The first 2xx: the call stands, unless nobody wants it any more. Whoever
    /// else answers is told goodbye, and repetitions are acknowledged, until then.
    async fn answered(&self, sent: SentInvite, response: &Response, until: Instant) {
        let mut forks = Forks::new(&self.board, self.leg.lock().dialog.clone());
        let at = sent.hop().to.get_socketaddr().ok();
        let at = at.map_or(self.board.local.ip(), |address| address.ip());
        if let Some(dialog) = self.take_up(response, at) {
            forks.acknowledge(&sent.request, &dialog).await;
            self.establish(response);
        } else {
            forks.decline(&sent.request, response).await;
        }
        self.aside(forks.settle(sent, until));
    }

    /// Makes the answered dialog the leg's, so that the peer may speak in it as
    /// soon as it has our ACK; none when nobody waits for the answer.
    fn take_up(&self, response: &Response, at: IpAddr) -> Option<Dialog> {
        let mut state = self.leg.lock();
        if !matches!(state.phase, Phase::Calling { .. }) {
            return None;
        }
        state.dialog = state.dialog.answered_by(response)?;
        let key = state.dialog.key().clone();
        state.guest = Some(Guest::welcome(&self.board.gate, key, at));
        self.board.enter_dialog(&self.leg, &state);
        Some(state.dialog.clone())
    }

    /// Our ACK is out.
    fn establish(&self, response: &Response) {
        let board = &self.board;
        let mut state = self.leg.lock();
        if !matches!(state.phase, Phase::Calling { .. }) {
            return board.send_bye(
                &self.leg,
                &mut state,
                "Nobody waits for the answer any more",
            );
        }
        let session = sdp::read(&response.body).ok();
        let agreed = session.and_then(|session| sdp::choose(&session.offer, None));
        let Some(media) = agreed else {
            let text = "The answer has no audio that can be played";
            board.send_bye(&self.leg, &mut state, text);
            return board.end(&self.leg, &mut state, LegEnd::NoCommonMedia);
        };
        state.media.agreed = Some(media);
        state.phase = Phase::Standing;
        if let Some(ticket) = state.acked.take() {
            let leg = self.leg.id;
            ticket.send(TrunkEvent::Established { leg, media });
        }
    }

    /// Takes an INVITE back that nobody waits for any more (RFC 3261 §9.1): at
    /// once where it is known to have arrived, else as soon as it is. A peer that
    /// says nothing to it is forgotten.
    async fn withdraw(&self, mut sent: SentInvite) {
        let until = Instant::now() + self.board.settings.timing.patience();
        let mut is_cancelled = false;
        loop {
            if sent.may_be_cancelled() && !is_cancelled {
                is_cancelled = true;
                let (board, cancel) = (self.board.clone(), sent.cancel());
                let hop = sent.hop().clone();
                self.aside(async move {
                    board.send_by(cancel, hop).await;
                });
            }
            match timeout_at(until, sent.next()).await {
                Ok(Step::Provisional(_)) => {}
                Ok(Step::Accepted(response)) => {
                    return self.answered(sent, &response, until).await;
                }
                Ok(Step::Refused(refusal)) => {
                    let ack = sent.acknowledge(&refusal).await;
                    return self.aside(sent.settle(ack, until));
                }
                Ok(Step::Silence) | Err(_) => return,
            }
        }
    }

    /// The call came to nothing.
    fn end(&self, by: LegEnd) {
        let mut state = self.leg.lock();
        if matches!(state.phase, Phase::Calling { .. }) {
            self.board.end(&self.leg, &mut state, by);
        }
    }

    fn aside(&self, work: impl Future<Output = ()> + Send + 'static) {
        aside(&self.board, work);
    }
}

/// Lets go on what nobody waits for.
pub(crate) fn aside(board: &Switchboard, work: impl Future<Output = ()> + Send + 'static) {
    let stopping = board.stopping.clone();
    tokio::spawn(stopping.run_until_cancelled_owned(work));
}
