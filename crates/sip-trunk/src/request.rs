//! Requests of our own inside a dialog: BYE and REFER.

use crate::digest::Digest;
use crate::invite::Hop;
use crate::leg::{Leg, LegState, Phase};
use crate::path::{self, NextHop};
use crate::switchboard::Switchboard;
use crate::{Credentials, LegError, LegId, TransferId, TransferNews, TrunkEvent};
use rsipstack::sip::{
    Header, HeadersExt, Method, Request, Response, SipMessage, StatusCodeKind, Transport,
};
use rsipstack::transaction::Transaction;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use std::sync::Arc;
use std::time::Instant;

impl Switchboard {
    /// The way to an address; none when its name is unknown or no way leads there.
    pub async fn hop(&self, next: &NextHop) -> Option<Hop> {
        if next.to.r#type == Some(Transport::Tcp) {
            return self.tcp.as_ref()?.hop(&next.to, next.flow).await;
        }
        let found = self.endpoint.transport_layer.lookup(&next.to, None).await;
        let (connection, to) = found.ok()?;
        Some(Hop { connection, to })
    }

    /// Sends a request and waits for its final response, at most 64 × T1; none
    /// when none came.
    pub async fn send(&self, request: Request, next: &NextHop) -> Option<Response> {
        let hop = self.hop(next).await?;
        self.send_by(request, hop).await
    }

    /// The same, by a way that is known.
    pub async fn send_by(&self, request: Request, hop: Hop) -> Option<Response> {
        let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
        let (endpoint, connection) = (self.endpoint.clone(), Some(hop.connection));
        let mut transaction = Transaction::new_client(key, request, endpoint, connection);
        transaction.destination = Some(hop.to);
        transaction.send().await.ok()?;
        while let Some(message) = transaction.receive().await {
            match message {
                SipMessage::Response(response)
                    if response.status_code.kind() != StatusCodeKind::Provisional =>
                {
                    return Some(response);
                }
                SipMessage::Response(_) | SipMessage::Request(_) => {}
            }
        }
        None
    }

    /// The same, and says who we are when asked (401, 407).
    pub async fn send_known(
        &self,
        mut request: Request,
        next: NextHop,
        credentials: Option<Credentials>,
    ) -> Option<Response> {
        let mut digest = Digest::new(credentials);
        loop {
            let response = self.send(request.clone(), &next).await?;
            let is_asked = matches!(response.status_code.code(), 401 | 407);
            if !is_asked || !digest.takes(&response) {
                return Some(response);
            }
            request = again(request, &digest)?;
        }
    }

    /// Asks the peer to call somebody else instead of us (RFC 3515 §2.4.1); what
    /// was asked before is superseded.
    pub fn refer(
        self: &Arc<Self>,
        id: LegId,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<TransferId, LegError> {
        let extra = check_target(target, headers)?;
        let leg = self.leg(id)?;
        let mut state = leg.lock();
        if !matches!(state.phase, Phase::Standing) {
            return Err(leg.out_of_turn("be transferred", &state.phase));
        }
        let mut all = vec![
            Header::ReferTo(format!("<{target}>").into()),
            Header::ReferredBy(format!("<sip:bellhop@{}>", state.dialog.own_address()).into()),
        ];
        all.extend(extra);
        let user_agent = &self.settings.user_agent;
        let Some((request, next)) = state.dialog.request(Method::Refer, user_agent, all) else {
            return Err(LegError::Gone(id));
        };
        // The transfer before this one has no use for its place any more.
        let place = state.transfers.take_outcome().or_else(|| self.ticket());
        let Some(outcome) = place else {
            return Err(leg.out_of_turn("be transferred while events wait unread", &state.phase));
        };
        let transfer = TransferId(state.dialog.last_number());
        state.transfers.begin(transfer, outcome);
        drop(state);
        let (board, stopping) = (self.clone(), self.stopping.clone());
        tokio::spawn(stopping.run_until_cancelled_owned(async move {
            let response = board.send(request, &next).await;
            board.refer_answered(&leg, transfer, response);
            board.watch_transfer(&leg, transfer).await;
        }));
        Ok(transfer)
    }

    /// A REFER got its final response, or none in time.
    fn refer_answered(&self, leg: &Leg, transfer: TransferId, response: Option<Response>) {
        let mut state = leg.lock();
        let news = match response.map(|response| response.status_code.code()) {
            Some(status) => {
                let news = news_of_response(status);
                if matches!(news, TransferNews::Failed { .. }) {
                    state.transfers.settle(transfer);
                }
                news
            }
            None => news_of_response(408),
        };
        self.news(leg, &mut state, transfer, news);
    }

    /// Gives a transfer up when nothing was heard of it for too long.
    async fn watch_transfer(&self, leg: &Leg, transfer: TransferId) {
        let patience = self.settings.transfer_wait;
        let mut pause = patience;
        loop {
            tokio::time::sleep(pause).await;
            let mut state = leg.lock();
            let Some(under_way) = state.transfers.under_way(transfer) else {
                return;
            };
            let silence = under_way.heard.elapsed();
            if silence >= patience {
                let phrase = "Nothing was heard of the transfer in time".to_owned();
                let status = 408;
                let news = TransferNews::Failed { status, phrase };
                return self.news(leg, &mut state, transfer, news);
            }
            pause = patience - silence;
        }
    }

    /// Tells news of a transfer; after the last it is forgotten. News of one that
    /// was superseded are dropped.
    pub fn news(&self, leg: &Leg, state: &mut LegState, transfer: TransferId, news: TransferNews) {
        let Some(under_way) = state.transfers.under_way(transfer) else {
            return;
        };
        under_way.heard = Instant::now();
        let is_last = matches!(news, TransferNews::Completed | TransferNews::Failed { .. });
        let leg = leg.id;
        let event = TrunkEvent::Transfer {
            leg,
            transfer,
            news,
        };
        if !is_last {
            self.mention(event);
        } else if let Some(outcome) = state.transfers.take_outcome() {
            outcome.send(event);
        }
    }
}

fn news_of_response(status: u16) -> TransferNews {
    match status {
        200..300 => TransferNews::Accepted,
        _ => TransferNews::Failed {
            status,
            phrase: "The caller's side does not take transfers now".to_owned(),
        },
    }
}

/// What a `message/sipfrag` says of a transfer (RFC 3515 §2.4.5); none when it is
/// no status line.
pub(crate) fn news_of_fragment(body: &[u8], is_last: bool) -> Option<TransferNews> {
    let text = String::from_utf8_lossy(body);
    let mut parts = text.lines().next()?.splitn(3, ' ');
    if !parts.next()?.eq_ignore_ascii_case("SIP/2.0") {
        return None;
    }
    let status: u16 = parts.next()?.parse().ok()?;
    let phrase = parts.next().unwrap_or_default();
    let phrase = phrase
        .chars()
        .filter(|c| !c.is_control())
        .take(80)
        .collect();
    match status {
        100..200 if is_last => Some(TransferNews::Failed {
            status: 408,
            phrase: "The caller's side stopped reporting before the transfer was done".to_owned(),
        }),
        100..200 => Some(TransferNews::Progress { status }),
        200..300 => Some(TransferNews::Completed),
        300..700 => Some(TransferNews::Failed { status, phrase }),
        _ => None,
    }
}

/// The request once more, with the next number, a branch of its own, and what
/// `digest` has to say.
fn again(mut request: Request, digest: &Digest) -> Option<Request> {
    let number = request.cseq_header().ok()?.seq().ok()? + 1;
    let via = path::branched_anew(request.via_header().ok()?.value());
    request.headers.retain(|header| {
        !matches!(
            header,
            Header::Authorization(_) | Header::ProxyAuthorization(_)
        )
    });
    for header in request.headers.iter_mut() {
        match header {
            Header::CSeq(cseq) => *cseq = format!("{number} {}", request.method).into(),
            Header::Via(own) => *own = via.as_str().into(),
            _ => {}
        }
    }
    let uri = request.uri.to_string();
    let answers = digest.headers(request.method, &uri);
    request.headers.extend(answers);
    Some(request)
}

/// Refuses what would break out of its header line.
fn check_target(target: &str, headers: &[(String, String)]) -> Result<Vec<Header>, LegError> {
    let scheme = target
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_known = matches!(scheme.as_deref(), Some("sip" | "sips" | "tel"));
    let is_clean = target
        .chars()
        .all(|c| c.is_ascii_graphic() && c != '<' && c != '>');
    if !is_known || !is_clean {
        return Err(LegError::BadTarget(
            target.escape_default().take(80).collect(),
        ));
    }
    check_headers(headers)
}

/// Headers that can stand in a message; the first that cannot is refused.
pub(crate) fn check_headers(headers: &[(String, String)]) -> Result<Vec<Header>, LegError> {
    let mut checked = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let is_token = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.!%*+`'~".contains(c));
        if !is_token || value.chars().any(char::is_control) {
            return Err(LegError::BadHeader(
                name.escape_default().take(80).collect(),
            ));
        }
        checked.push(Header::Other(name.clone(), value.clone()));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_tells_how_the_transfer_goes() {
        let progress = |status| Some(TransferNews::Progress { status });
        assert_eq!(
            news_of_fragment(b"SIP/2.0 100 Trying\r\n", false),
            progress(100)
        );
        assert_eq!(
            news_of_fragment(b"SIP/2.0 200 OK", true),
            Some(TransferNews::Completed)
        );
        let busy = TransferNews::Failed {
            status: 486,
            phrase: "Busy Here".to_owned(),
        };
        assert_eq!(
            news_of_fragment(b"SIP/2.0 486 Busy Here\r\n", true),
            Some(busy)
        );
        let left = news_of_fragment(b"SIP/2.0 180 Ringing\r\n", true);
        assert!(matches!(
            left,
            Some(TransferNews::Failed { status: 408, .. })
        ));
        for nonsense in [
            &b""[..],
            b"\xff\0",
            b"SIP/2.0",
            b"SIP/2.0 99999 x",
            b"HTTP/1.1 200 OK",
        ] {
            assert_eq!(news_of_fragment(nonsense, true), None);
        }
    }

    #[test]
    fn a_target_cannot_break_out_of_its_header() {
        let none: &[(String, String)] = &[];
        assert!(check_target("sip:7@h;x=1?A=b", none).is_ok());
        assert!(check_target("tel:+4930", none).is_ok());
        for bad in ["", "7", "http://x", "sip:a\r\nX: y", "sip:a>b", "sip:a b"] {
            assert!(check_target(bad, none).is_err(), "{bad:?}");
        }
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert!(check_target("sip:7@h", &header("X-Reason", "anger")).is_ok());
        assert!(check_target("sip:7@h", &header("X", "a\r\nb")).is_err());
        assert!(check_target("sip:7@h", &header("X:", "a")).is_err());
    }
}
