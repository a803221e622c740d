//! Promised callbacks: tried again until they are written down.

use super::control::Control;
use call_model::Handoff;
use sip_trunk::LegId;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How often a promised callback is tried to be booked, and how long after a
/// failure it is tried again, times the attempts so far.
const BOOK_ATTEMPTS: u32 = 10;
const BOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long the server waits for bookings when it ends.
const BOOKINGS_MAX: Duration = Duration::from_secs(10);

impl Control {
    /// Books a callback; what was promised is tried again until it is written down.
    pub fn book(self: &Arc<Self>, leg: LegId, handoff: Handoff) {
        let number = self.legs.caller(leg).unwrap_or_default();
        let archive = Arc::clone(&self.archive);
        let mut bookings = self.bookings.lock().unwrap_or_else(PoisonError::into_inner);
        while bookings.try_join_next().is_some() {}
        bookings.spawn(async move {
            let call = handoff.call;
            let promise = Arc::new((handoff, number));
            for attempt in 1..=BOOK_ATTEMPTS {
                let (archive, promise) = (Arc::clone(&archive), Arc::clone(&promise));
                let book = move || archive.book_callback(&promise.0, &promise.1);
                match tokio::task::spawn_blocking(book).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        tracing::error!(%call, attempt, %error, "a promised callback is not booked yet");
                    }
                    Err(error) => {
                        tracing::error!(%call, attempt, %error, "booking a callback broke off");
                    }
                }
                tokio::time::sleep(BOOK_AGAIN * attempt).await;
            }
            tracing::error!(%call, "a promised callback is booked nowhere but in the journal");
        });
    }
}

/// Waits until every promised callback is booked, or as long as is reasonable.
pub async fn finish_bookings(control: &Control) {
    let mut bookings = std::mem::take(
        &mut *control
            .bookings
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    let all = async { while bookings.join_next().await.is_some() {} };
    if tokio::time::timeout(BOOKINGS_MAX, all).await.is_err() {
        tracing::error!("promised callbacks are booked nowhere but in the journals");
    }
}
