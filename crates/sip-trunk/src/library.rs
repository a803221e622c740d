//! The only words we exchange with the SIP library that are not a call's own:
//! whether it can read a message, and what it thinks of it.

use rsipstack::sip::{HeadersExt, Response, SipMessage, Transport};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transport::SipConnection;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether the library reads this message from end to end, as far as its
/// transport and transaction layers will. A panic of its parser counts as no:
/// bytes from the network must not end a task of ours.
pub(crate) fn can_read(message: &[u8], source: SocketAddr) -> bool {
    catch_unwind(AssertUnwindSafe(|| try_read(message, source))).unwrap_or(false)
}

/// A response as the library reads it; none when it does not, or panics.
pub(crate) fn read_response(message: &[u8]) -> Option<Response> {
    let read = || match SipMessage::try_from(message) {
        Ok(SipMessage::Response(response)) => Some(response),
        Ok(SipMessage::Request(_)) | Err(_) => None,
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(None)
}

fn try_read(message: &[u8], source: SocketAddr) -> bool {
    let Ok(message) = SipMessage::try_from(message) else {
        return false;
    };
    let Ok(message) = SipConnection::update_msg_received(message, source, Transport::Udp) else {
        return false;
    };
    match &message {
        SipMessage::Request(request) => {
            TransactionKey::from_request(request, TransactionRole::Server).is_ok()
                && request.to_header().is_ok_and(|to| to.tag().is_ok())
        }
        SipMessage::Response(response) => {
            let _ = response.has_multiple_vias();
            TransactionKey::from_response(response, TransactionRole::Client).is_ok()
        }
    }
}
