//! The transfers asked for on one leg: the newest counts, the others may still
//! be spoken of.

use crate::leg::Ticket;
use crate::{TransferId, text};
use std::time::Instant;

/// Every transfer of a leg. A new one supersedes the one before it, but the peer
/// may go on reporting that one, so news must say whose they are.
#[derive(Default)]
pub(crate) struct Transfers {
    newest: Option<TransferId>,
    under_way: Option<Transfer>,
    /// Those whose subscription the peer has not ended, as far as we know.
    reporting: Vec<TransferId>,
}

/// The newest transfer, until it is done or off.
pub(crate) struct Transfer {
    /// For `Completed` or `Failed`.
    pub outcome: Ticket,
    /// When something was last heard of it.
    pub heard: Instant,
}

/// Which transfer a NOTIFY speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// This one.
    Of(TransferId),
    /// One of several; which one it does not say.
    Ambiguous,
    /// None we ever asked for.
    Nobody,
}

impl Transfers {
    /// Begins a transfer, which supersedes the one under way.
    pub fn begin(&mut self, id: TransferId, outcome: Ticket) {
        self.newest = Some(id);
        self.reporting.push(id);
        let heard = Instant::now();
        self.under_way = Some(Transfer { outcome, heard });
    }

    /// This transfer, while it is the newest and not over.
    pub fn under_way(&mut self, id: TransferId) -> Option<&mut Transfer> {
        let is_newest = self.newest == Some(id);
        self.under_way.as_mut().filter(|_| is_newest)
    }

    /// Ends what is under way; what it kept in the queue of events comes back.
    pub fn take_outcome(&mut self) -> Option<Ticket> {
        self.under_way.take().map(|transfer| transfer.outcome)
    }

    /// The peer will say no more of this transfer.
    pub fn settle(&mut self, id: TransferId) {
        self.reporting.retain(|other| *other != id);
    }

    /// Which transfer an Event header speaks of: the REFER with the CSeq in `id`
    /// (RFC 3515 §2.4.6). Without `id` it can only be meant for the one REFER
    /// that may still be reported.
    pub fn subject(&self, event: &str) -> Subject {
        let Some(newest) = self.newest else {
            return Subject::Nobody;
        };
        match (text::parameter(event, "id"), self.reporting.as_slice()) {
            (Some(id), _) => match id.parse().map(TransferId) {
                Ok(id) if id <= newest => Subject::Of(id),
                Ok(_) | Err(_) => Subject::Nobody,
            },
            (None, [only]) => Subject::Of(*only),
            (None, _) => Subject::Ambiguous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    fn ticket() -> Ticket {
        let (sender, _receiver) = mpsc::channel(1);
        sender.try_reserve_owned().expect("a place")
    }

    #[test]
    fn an_event_without_id_is_only_understood_while_one_transfer_can_be_meant() {
        let (one, two) = (TransferId(1), TransferId(2));
        let mut transfers = Transfers::default();
        assert_eq!(transfers.subject("refer"), Subject::Nobody);
        transfers.begin(one, ticket());
        assert_eq!(transfers.subject("refer"), Subject::Of(one));
        transfers.begin(two, ticket());
        assert_eq!(transfers.subject("refer"), Subject::Ambiguous);
        assert_eq!(transfers.subject("refer; ID = 1"), Subject::Of(one));
        assert_eq!(transfers.subject("refer;id=2"), Subject::Of(two));
        for unknown in ["refer;id=3", "refer;id=", "refer;id=-1", "refer;id=x"] {
            assert_eq!(transfers.subject(unknown), Subject::Nobody, "{unknown}");
        }
        transfers.settle(one);
        assert_eq!(transfers.subject("refer"), Subject::Of(two));
    }

    #[test]
    fn only_the_newest_transfer_is_under_way() {
        let mut transfers = Transfers::default();
        transfers.begin(TransferId(1), ticket());
        transfers.begin(TransferId(2), ticket());
        assert!(transfers.under_way(TransferId(1)).is_none());
        assert!(transfers.under_way(TransferId(2)).is_some());
        assert!(transfers.take_outcome().is_some());
        assert!(transfers.under_way(TransferId(2)).is_none());
    }
}
