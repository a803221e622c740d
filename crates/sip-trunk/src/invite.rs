//! The client's side of an INVITE transaction (RFC 3261 §17.1.1, RFC 6026 §7.2).
//!
//! It is our own and not the library's: the ACK of a 2xx belongs to the dialog and
//! not to the transaction, every side that answers a forked call must be told
//! goodbye, and a CANCEL may have to wait. Responses are known by the branch of
//! their Via, which nobody can guess who has not seen the INVITE.

use crate::switchboard::Switchboard;
use crate::{library, text};
use rsipstack::sip::{
    Header, Headers, HeadersExt, Method, Request, Response, SipMessage, StatusCodeKind, Transport,
};
use rsipstack::transport::{SipAddr, SipConnection};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Responses of one INVITE that may wait to be read; one too many is dropped, and
/// comes again like one the network lost.
const MAX_WAITING: usize = 64;

/// Every INVITE of ours that may still be answered, by the branch of its Via.
#[derive(Debug, Default)]
pub(crate) struct Invites(Mutex<HashMap<String, Awaited>>);

#[derive(Debug)]
struct Awaited {
    inbox: mpsc::Sender<Response>,
    /// It has its final response; only repetitions are waited for.
    is_over: bool,
}

/// What became of a response on its way to an INVITE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delivered {
    Yes,
    /// The library cannot read it.
    Unreadable,
    /// Nobody waits for it, or too many wait already.
    No,
}

impl Invites {
    /// Whether an INVITE with this branch may be answered.
    pub fn expects(&self, branch: &str) -> bool {
        self.table().contains_key(branch)
    }

    /// Hands a response to its INVITE.
    pub fn deliver(&self, branch: &str, message: &[u8]) -> Delivered {
        let Some(response) = library::read_response(message) else {
            return Delivered::Unreadable;
        };
        let inbox = self
            .table()
            .get(branch)
            .map(|awaited| awaited.inbox.clone());
        match inbox.map(|inbox| inbox.try_send(response)) {
            Some(Ok(())) => Delivered::Yes,
            Some(Err(_)) | None => Delivered::No,
        }
    }

    /// How many wait for their final response, and how many only for repetitions.
    pub fn count(&self) -> (usize, usize) {
        let table = self.table();
        let over = table.values().filter(|awaited| awaited.is_over).count();
        (table.len() - over, over)
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Awaited>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes of an INVITE next.
pub(crate) enum Step {
    /// 1xx.
    Provisional(Response),
    /// 2xx: its ACK is the dialog's. More may follow, the same and others.
    Accepted(Response),
    /// 300 to 699, the same as often as it comes: to be acknowledged.
    Refused(Response),
    /// Nothing was heard within 64 × T1.
    Silence,
}

/// Where a request goes next, and by what it gets there.
#[derive(Clone)]
pub(crate) struct Hop {
    /// The socket or connection.
    pub connection: SipConnection,
    /// The address, no name.
    pub to: SipAddr,
}

impl Hop {
    /// Whether it is a TCP connection.
    pub fn is_tcp(&self) -> bool {
        self.to.r#type == Some(Transport::Tcp)
    }
}

/// An INVITE that was sent.
pub(crate) struct SentInvite {
    board: Arc<Switchboard>,
    /// As it was sent.
    pub request: Request,
    hop: Hop,
    branch: String,
    inbox: mpsc::Receiver<Response>,
    stage: Stage,
    started: Instant,
    /// The pause before it is sent again, and its end.
    pause: Duration,
    again: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing was heard.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A final response came.
    Over,
}

impl SentInvite {
    /// Sends an INVITE; none when it cannot be sent at all.
    pub async fn send(board: &Arc<Switchboard>, mut request: Request, hop: Hop) -> Option<Self> {
        let length = u32::try_from(request.body.len()).ok()?;
        request
            .headers
            .unique_push(Header::ContentLength(length.into()));
        let via = request.via_header().ok()?.value();
        let branch = text::parameter(via, "branch")?.to_owned();
        let (sender, inbox) = mpsc::channel(MAX_WAITING);
        let awaited = Awaited {
            inbox: sender,
            is_over: false,
        };
        board.gate.invites().table().insert(branch.clone(), awaited);
        let t1 = board.settings.timing.t1;
        let started = Instant::now();
        let sent = Self {
            board: board.clone(),
            request,
            hop,
            branch,
            inbox,
            stage: Stage::Calling,
            started,
            pause: t1,
            again: started + t1,
        };
        sent.transmit(sent.request.clone()).await.then_some(sent)
    }

    /// The way it went.
    pub fn hop(&self) -> &Hop {
        &self.hop
    }

    /// Whether a CANCEL may be sent: only what is known to have arrived can be
    /// cancelled (RFC 3261 §9.1).
    pub fn may_be_cancelled(&self) -> bool {
        self.stage == Stage::Proceeding
    }

    /// What comes of it next; without end. May be given up and asked again.
    pub async fn next(&mut self) -> Step {
        let silence = self.started + self.board.settings.timing.patience();
        loop {
            let is_unheard = self.stage == Stage::Calling;
            let is_repeated = is_unheard && !self.hop.connection.is_reliable();
            tokio::select! {
                response = self.inbox.recv() => match response {
                    Some(response) => {
                        if let Some(step) = self.take(response) {
                            return step;
                        }
                    }
                    // The table holds the other end as long as we live.
                    None => std::future::pending().await,
                },
                () = sleep_until(silence), if is_unheard => return Step::Silence,
                () = sleep_until(self.again), if is_repeated => {
                    self.pause *= 2;
                    self.again += self.pause;
                    self.transmit(self.request.clone()).await;
                }
            }
        }
    }

    fn take(&mut self, response: Response) -> Option<Step> {
        let kind = response.status_code.kind();
        if kind != StatusCodeKind::Provisional {
            self.stage = Stage::Over;
            if let Some(awaited) = self.board.gate.invites().table().get_mut(&self.branch) {
                awaited.is_over = true;
            }
        }
        match kind {
            StatusCodeKind::Provisional if self.stage == Stage::Over => None,
            StatusCodeKind::Provisional => {
                self.stage = Stage::Proceeding;
                Some(Step::Provisional(response))
            }
            StatusCodeKind::Successful => Some(Step::Accepted(response)),
            _ => Some(Step::Refused(response)),
        }
    }

    /// Acknowledges a refusal, and says what its repetitions are answered with.
    pub async fn acknowledge(&self, refusal: &Response) -> Request {
        let ack = self.ack_of(refusal);
        self.transmit(ack.clone()).await;
        ack
    }

    /// Acknowledges repetitions of the refusal, as long as some may come.
    pub async fn settle(mut self, ack: Request, until: Instant) {
        if self.hop.connection.is_reliable() {
            return;
        }
        let repeat = async {
            loop {
                if matches!(self.next().await, Step::Refused(_)) {
                    self.transmit(ack.clone()).await;
                }
            }
        };
        tokio::time::timeout_at(until, repeat).await.unwrap_or(());
    }

    /// The CANCEL of it (RFC 3261 §9.1).
    pub fn cancel(&self) -> Request {
        self.sibling(Method::Cancel, self.request.to_header().ok().cloned())
    }

    /// The ACK of a refusal: part of this transaction (RFC 3261 §17.1.1.3).
    fn ack_of(&self, response: &Response) -> Request {
        self.sibling(Method::Ack, response.to_header().ok().cloned())
    }

    /// A request with the same way, branch, dialog and number.
    fn sibling(&self, method: Method, to: Option<rsipstack::sip::To>) -> Request {
        let mut headers: Vec<Header> = Vec::with_capacity(9);
        for header in self.request.headers.iter() {
            match header {
                Header::To(own) => {
                    headers.push(Header::To(to.clone().unwrap_or_else(|| own.clone())));
                }
                Header::CSeq(cseq) => {
                    let number = cseq.seq().unwrap_or_default();
                    headers.push(Header::CSeq(format!("{number} {method}").into()));
                }
                Header::Via(_)
                | Header::From(_)
                | Header::CallId(_)
                | Header::Route(_)
                | Header::MaxForwards(_)
                | Header::UserAgent(_) => headers.push(header.clone()),
                // Of the many headers the library knows no other belongs here.
                _ => {}
            }
        }
        headers.push(Header::ContentLength(0_u32.into()));
        Request {
            method,
            uri: self.request.uri.clone(),
            version: self.request.version,
            headers: Headers(headers),
            body: Vec::new(),
        }
    }

    /// Sends a message the way the INVITE went.
    async fn transmit(&self, request: Request) -> bool {
        let message = SipMessage::Request(request);
        let sent = self.hop.connection.send(message, Some(&self.hop.to)).await;
        if let Err(error) = &sent {
            tracing::debug!(%error, "a request could not be sent");
        }
        sent.is_ok()
    }
}

impl Drop for SentInvite {
    fn drop(&mut self) {
        self.board.gate.invites().table().remove(&self.branch);
    }
}
