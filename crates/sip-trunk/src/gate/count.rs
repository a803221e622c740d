//! What passed the gate and what did not, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counted {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Something that is counted from the start on.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Counted {
            $($(#[$doc])* $variant,)*
        }

        impl Counted {
            const ALL: &[Self] = &[$(Self::$variant,)*];

            const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

counted! {
    /// Datagrams that arrived.
    Received = "datagrams_received",
    /// Handed to the SIP library.
    Passed = "messages_passed",
    /// Datagrams that went out.
    Sent = "datagrams_sent",
    /// Could not be sent.
    SendFailed = "datagrams_send_failed",
    /// Line ends, zeros and STUN.
    KeepAlive = "dropped_keep_alive",
    /// No SIP at all.
    NotSip = "dropped_not_sip",
    /// Above the size limit.
    TooLarge = "dropped_too_large",
    /// Above the rate limit of its source.
    Flood = "dropped_flood",
    /// More than the library keeps up with.
    Backlog = "dropped_backlog",
    /// What the library cannot read, where no answer is possible.
    Unreadable = "dropped_unreadable",
    /// Responses to an INVITE we did not send, or no longer wait for.
    Stray = "dropped_stray_response",
    /// TCP connections, from either side.
    ConnectionOpened = "connections_opened",
    /// Of these, no longer open.
    ConnectionClosed = "connections_closed",
    /// Of these, because what came could not be told apart, or came too slowly.
    ConnectionBroken = "connections_broken",
    /// TCP connections of strangers, and above the limits.
    ConnectionRefused = "connections_refused",
    /// Requests that were answered 400.
    Malformed = "refused_malformed",
    /// From an address on no allow-list (403).
    Stranger = "refused_stranger",
    /// With a method we do not serve (405).
    Method = "refused_method",
    /// Requiring an extension we lack (420).
    Extension = "refused_extension",
    /// Belonging to a call we do not know (481).
    NoCall = "refused_no_call",
    /// The same call by a second way (482).
    Merged = "refused_merged",
    /// With no hops left (483).
    TooManyHops = "refused_too_many_hops",
    /// While no new calls are taken (503).
    Draining = "refused_draining",
    /// Above the limit of all trunks (503).
    AllFull = "refused_all_trunks_full",
    /// Above the limit of one trunk (503).
    TrunkFull = "refused_trunk_full",
    /// Above the rate of new calls (503).
    TooFast = "refused_too_fast",
    /// With events waiting unread (503).
    Unread = "refused_events_unread",
    /// Offering nothing we can play (488).
    NoCommonMedia = "refused_no_common_media",
    /// New calls that were let in.
    Admitted = "calls_admitted",
    /// Calls of our own.
    Placed = "calls_placed",
    /// OPTIONS that were answered.
    Options = "options_answered",
}

/// One counter for each [`Counted`].
#[derive(Debug)]
pub(crate) struct Counters(Vec<AtomicU64>);

impl Default for Counters {
    fn default() -> Self {
        Self(Counted::ALL.iter().map(|_| AtomicU64::new(0)).collect())
    }
}

impl Counters {
    /// One more.
    pub fn add(&self, what: Counted) {
        self.0[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Every name and number, in a fixed order.
    pub fn read(&self) -> Vec<(&'static str, u64)> {
        Counted::ALL
            .iter()
            .map(|&what| (what.name(), self.0[what as usize].load(Ordering::Relaxed)))
            .collect()
    }
}
