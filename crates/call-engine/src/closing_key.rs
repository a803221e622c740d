//! The key that ends an entry, pressed although its length has ended it already.
//!
//! Callers press # after the last digit whether they have to or not. By then the next question may be
//! asked, or a back end, and the key is still the last one of the entry before.

use call_model::{CallTime, Key};
use dialplan::Collect;

/// The key that may yet come, and until when it belongs to the entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ClosingKey {
    key: Key,
    until: CallTime,
}

impl ClosingKey {
    /// After the last digit of an entry; none where no key ends it.
    pub(crate) fn after(collect: &Collect, last: CallTime) -> Option<Self> {
        Some(Self {
            key: collect.terminator?,
            until: last + collect.inter_digit,
        })
    }

    /// Whether a key is this one.
    pub(crate) fn is(self, key: Key, at: CallTime) -> bool {
        key == self.key && at <= self.until
    }
}
