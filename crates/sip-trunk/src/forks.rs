//! Everybody who answered one INVITE: a call that forks may be answered by several
//! (RFC 3261 §13.2.2.4).

use crate::dialog::Dialog;
use crate::invite::{SentInvite, Step};
use crate::path::NextHop;
use crate::switchboard::{Switchboard, reason_value};
use crate::text;
use rsipstack::sip::{Header, HeadersExt, Method, Request, Response, SipMessage};
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// More sides than this do not answer one call.
const MAX_FORKS: usize = 16;

/// The ACK for each side that answered.
pub(crate) struct Forks {
    board: Arc<Switchboard>,
    /// The dialog as it was before anybody answered.
    before: Dialog,
    acknowledged: Vec<(String, Request, NextHop)>,
}

impl Forks {
    /// Nobody answered yet.
    pub fn new(board: &Arc<Switchboard>, before: Dialog) -> Self {
        Self {
            board: board.clone(),
            before,
            acknowledged: Vec::new(),
        }
    }

    /// What tells one side from the others.
    pub fn tag(response: &Response) -> Option<&str> {
        text::tag(response.to_header().ok()?.value())
    }

    /// Acknowledges the answer that made this dialog.
    pub async fn acknowledge(&mut self, invite: &Request, dialog: &Dialog) {
        let Some((mut ack, next)) = dialog.ack(invite, &self.board.settings.user_agent) else {
            return;
        };
        ack.headers.push(Header::ContentLength(0_u32.into()));
        self.board.transmit(ack.clone(), &next).await;
        let tag = dialog.remote_tag().to_owned();
        self.acknowledged.push((tag, ack, next));
    }

    /// Acknowledges an answer that nobody wants, and says goodbye.
    pub async fn decline(&mut self, invite: &Request, response: &Response) {
        let Some(mut dialog) = self.before.answered_by(response) else {
            return;
        };
        self.acknowledge(invite, &dialog).await;
        let headers = vec![Header::Reason(
            reason_value("Nobody waits for this answer").into(),
        )];
        let user_agent = &self.board.settings.user_agent;
        if let Some((bye, next)) = dialog.request(Method::Bye, user_agent, headers) {
            let board = self.board.clone();
            self.board.talking.spawn(async move {
                board.send(bye, &next).await;
            });
        }
    }

    /// Acknowledges repetitions and declines others, as long as some may come.
    pub async fn settle(mut self, mut sent: SentInvite, until: Instant) {
        while let Ok(step) = timeout_at(until, sent.next()).await {
            let Step::Accepted(response) = step else {
                continue;
            };
            let tag = Self::tag(&response).unwrap_or_default();
            let known = self.acknowledged.iter().find(|(known, ..)| known == tag);
            if let Some((_, ack, next)) = known {
                self.board.transmit(ack.clone(), next).await;
            } else if self.acknowledged.len() < MAX_FORKS {
                self.decline(&sent.request, &response).await;
            }
        }
    }
}

impl Switchboard {
    /// Sends a request that nothing answers.
    pub async fn transmit(&self, request: Request, next: &NextHop) {
        let Some(hop) = self.hop(next).await else {
            return;
        };
        let message = SipMessage::Request(request);
        if let Err(error) = hop.connection.send(message, Some(&hop.to)).await {
            tracing::debug!(%error, "a request could not be sent");
        }
    }
}
