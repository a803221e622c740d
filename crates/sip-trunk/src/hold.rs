//! Holding a call, and taking it back: offers of ours inside a call that stands
//! (RFC 3264 §8.4, RFC 3261 §14.1).

use crate::calling;
use crate::digest::Digest;
use crate::forks::Forks;
use crate::invite::{SentInvite, Step};
use crate::leg::{Leg, LegState, Phase};
use crate::path::NextHop;
use crate::sdp::{self, LocalMedia};
use crate::switchboard::Switchboard;
use crate::{LegEnd, LegError, LegId};
use rsipstack::sip::{Header, Method, Request, Response};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// So often one wish is tried while the peer asks for something itself.
const MAX_TRIES: usize = 10;

/// Whether we hold the peer. What stands is told by `LocalMedia::holds`.
#[derive(Default)]
pub(crate) struct Holding {
    /// What the server wants.
    wish: bool,
    /// A task of ours is at it.
    is_pursued: bool,
    /// An offer of ours is out: another one has to wait (RFC 3261 §14.2).
    pub is_offering: bool,
}

/// What came of an offer of ours.
enum Outcome {
    /// The peer answered it.
    Agreed(Response),
    /// The peer asks for something itself, or asks us to.
    Busy,
    /// The peer wants to know who we are.
    Asked(Response),
    /// The peer does not agree; everything stays as it was.
    Refused,
    /// The peer knows nothing of the call, or says nothing any more.
    Lost,
}

impl Switchboard {
    /// Takes note of a wish; what it takes to fulfil it runs in a task of its own.
    pub fn hold(self: &Arc<Self>, id: LegId, wish: bool) -> Result<(), LegError> {
        let leg = self.leg(id)?;
        let mut state = leg.lock();
        if !matches!(state.phase, Phase::Standing) {
            let what = if wish { "be held" } else { "be resumed" };
            return Err(leg.out_of_turn(what, &state.phase));
        }
        state.holding.wish = wish;
        if !state.holding.is_pursued {
            state.holding.is_pursued = true;
            let work = pursue(self.clone(), leg.clone());
            calling::aside(self, work);
        }
        Ok(())
    }
}

/// Offers until what stands is what is wanted, the peer refuses, or the call ends.
async fn pursue(board: Arc<Switchboard>, leg: Arc<Leg>) {
    let credentials = leg.lock().credentials.clone();
    let mut digest = Digest::new(credentials.clone());
    let mut tries = 0;
    while tries < MAX_TRIES {
        tries += 1;
        let mut is_asked = false;
        match next_offer(&board, &leg, &digest) {
            Next::Done => return,
            Next::Wait => {}
            Next::Offer(offer, next) => match offered(&board, &leg, *offer, &next).await {
                Outcome::Agreed(response) => {
                    board.agreed(&leg, &response);
                    digest = Digest::new(credentials.clone());
                    tries = 0;
                    continue;
                }
                Outcome::Busy => board.keep_as_it_was(&leg),
                Outcome::Asked(response) => {
                    board.keep_as_it_was(&leg);
                    is_asked = digest.takes(&response);
                    if !is_asked {
                        break;
                    }
                }
                Outcome::Refused => {
                    board.keep_as_it_was(&leg);
                    break;
                }
                Outcome::Lost => return board.lost(&leg),
            },
        }
        if !is_asked {
            tokio::time::sleep(glare_pause(&board, &leg)).await;
        }
    }
    let mut state = leg.lock();
    state.holding.is_pursued = false;
    state.holding.wish = holds(&state);
}

enum Next {
    /// What stands is what is wanted, or the call is over.
    Done,
    /// The peer is changing the call itself.
    Wait,
    Offer(Box<Request>, NextHop),
}

fn next_offer(board: &Switchboard, leg: &Leg, digest: &Digest) -> Next {
    let mut state = leg.lock();
    if !matches!(state.phase, Phase::Standing) || state.holding.wish == holds(&state) {
        state.holding.is_pursued = false;
        return Next::Done;
    }
    if state.is_reoffering {
        return Next::Wait;
    }
    let offer = offer(board, &mut state, digest);
    state.holding.is_offering = offer.is_some();
    state.holding.is_pursued = offer.is_some();
    offer.map_or(Next::Done, |(offer, next)| {
        Next::Offer(Box::new(offer), next)
    })
}

/// The offer of what is wanted; none when there is no way to the peer.
fn offer(board: &Switchboard, state: &mut LegState, digest: &Digest) -> Option<(Request, NextHop)> {
    let wish = state.holding.wish;
    let before = state.media.local?;
    let local = LocalMedia {
        holds: wish,
        version: before.version + 1,
        ..before
    };
    let mut headers = vec![Header::ContentType("application/sdp".into())];
    let uri = state.dialog.next_uri();
    headers.extend(digest.headers(Method::Invite, &uri));
    let user_agent = &board.settings.user_agent;
    let (mut offer, next) = state.dialog.request(Method::Invite, user_agent, headers)?;
    offer.body = sdp::offer(state.media.agreed.as_ref(), &local).into_bytes();
    state.media.local = Some(local);
    Some((offer, next))
}

fn holds(state: &LegState) -> bool {
    state.media.local.is_some_and(|local| local.holds)
}

/// Sends an offer and waits for what comes of it; every answer is acknowledged.
async fn offered(board: &Arc<Switchboard>, leg: &Leg, offer: Request, next: &NextHop) -> Outcome {
    let Some(hop) = board.hop(next).await else {
        return Outcome::Lost;
    };
    let Some(mut sent) = SentInvite::send(board, offer, hop).await else {
        return Outcome::Lost;
    };
    let patience = board.settings.timing.patience();
    // A peer that keeps us waiting longer than it may be silent does not agree.
    let until = Instant::now() + patience * 2;
    while let Ok(step) = timeout_at(until, sent.next()).await {
        match step {
            Step::Provisional(_) => {}
            Step::Silence => return Outcome::Lost,
            Step::Accepted(response) => {
                let dialog = {
                    let mut state = leg.lock();
                    state.dialog.refresh_target(&response.headers);
                    state.dialog.clone()
                };
                let mut forks = Forks::new(board, dialog.clone());
                forks.acknowledge(&sent.request, &dialog).await;
                calling::aside(board, forks.settle(sent, Instant::now() + patience));
                return Outcome::Agreed(response);
            }
            Step::Refused(refusal) => {
                let ack = sent.acknowledge(&refusal).await;
                calling::aside(board, sent.settle(ack, Instant::now() + patience));
                return match refusal.status_code.code() {
                    401 | 407 => Outcome::Asked(refusal),
                    491 => Outcome::Busy,
                    408 | 481 => Outcome::Lost,
                    _ => Outcome::Refused,
                };
            }
        }
    }
    Outcome::Refused
}

impl Switchboard {
    /// The peer answered our offer.
    fn agreed(&self, leg: &Leg, response: &Response) {
        let mut state = leg.lock();
        state.holding.is_offering = false;
        if !matches!(state.phase, Phase::Standing) {
            return;
        }
        let keep = state.media.agreed.map(|agreed| agreed.payloads.codec);
        let session = sdp::read(&response.body).ok();
        let media = session.and_then(|session| sdp::choose(&session.offer, keep));
        if let Some(media) = media {
            self.tell_media(leg, &mut state, media);
        }
    }

    fn keep_as_it_was(&self, leg: &Leg) {
        let mut state = leg.lock();
        state.holding.is_offering = false;
        if let Some(local) = &mut state.media.local {
            local.holds = !local.holds;
            local.version += 1;
        }
    }

    /// The peer has lost the call (RFC 3261 §12.2.1.2).
    fn lost(self: &Arc<Self>, leg: &Leg) {
        let mut state = leg.lock();
        state.holding.is_offering = false;
        if matches!(state.phase, Phase::Standing) {
            self.send_bye(leg, &mut state, "The call is not known any more");
            self.end(leg, &mut state, LegEnd::ByCaller);
        }
    }
}

/// How long to wait before we ask again: the side that began the call longer than
/// the other, so that they do not meet once more (RFC 3261 §14.1: 2.1 to 4 s, and
/// 0 to 2 s, which are 210 to 400 and 0 to 200 fiftieths of T1's usual length).
fn glare_pause(board: &Switchboard, leg: &Leg) -> Duration {
    let is_ours = leg.lock().dialog.is_ours();
    let chance = RandomState::new().hash_one(leg.id.number());
    let fiftieths = if is_ours {
        210 + chance % 191
    } else {
        chance % 201
    };
    let fiftieths = u32::try_from(fiftieths).unwrap_or(400);
    board.settings.timing.t1 * fiftieths / 50
}
