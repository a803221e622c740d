//! The threads that look at utterances, for all calls.
//!
//! A look takes long and belongs to nobody's thread but these. Whoever orders one waits for it, at most until
//! its deadline, or asks later. Looks at finished turns come before those at turns under way, in the order of
//! their coming, so a slow one delays others by no more than its deadline; what nobody wants any
//! more is not begun, and broken off where it was.

use super::look::{Look, Pass, Sound, Stop};
use crate::SpeechError;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Finished turns that may wait; more than that would not be answered in time anyway.
const WAITING_MAX: usize = 64;

/// What a look is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Haste {
    /// A turn is over, and its caller waits.
    TurnOver,
    /// The caller still speaks; with others waiting it is not worth it.
    UnderWay,
}

/// The pool.
pub(super) struct PassPool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    orders: Mutex<Orders>,
    arrived: Condvar,
}

#[derive(Default)]
struct Orders {
    turns_over: VecDeque<Order>,
    under_way: VecDeque<Order>,
    is_closed: bool,
}

struct Order {
    sound: Sound,
    answer: SyncSender<Result<Look, SpeechError>>,
}

/// A look that was ordered. Dropping it calls the look off.
pub(super) struct Ticket {
    answer: Receiver<Result<Look, SpeechError>>,
    stop: Arc<Stop>,
    limit: Duration,
}

impl PassPool {
    /// Starts one thread for each of those who look.
    pub(super) fn start(passes: Vec<Box<dyn Pass>>) -> Result<Self, SpeechError> {
        let shared = Arc::new(Shared {
            orders: Mutex::default(),
            arrived: Condvar::new(),
        });
        let mut pool = Self {
            shared: Arc::clone(&shared),
            threads: Vec::new(),
        };
        for (number, pass) in passes.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            let thread = std::thread::Builder::new()
                .name(format!("whisper-{number}"))
                .spawn(move || work(&shared, pass))
                .map_err(|error| SpeechError::Engine(format!("no thread: {error}")))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Orders a look that is given up after `limit`.
    ///
    /// # Errors
    /// [`SpeechError::AllEarsBusy`] when too many wait already.
    pub(super) fn order(
        &self,
        haste: Haste,
        limit: Duration,
        sound: impl FnOnce(Arc<Stop>) -> Sound,
    ) -> Result<Ticket, SpeechError> {
        let busy = SpeechError::AllEarsBusy {
            limit: self.threads.len(),
        };
        let stop = Arc::new(Stop::at(Instant::now() + limit));
        let (answer, answers) = sync_channel(1);
        let order = Order {
            sound: sound(Arc::clone(&stop)),
            answer,
        };
        let mut orders = self.shared.lock();
        match haste {
            Haste::TurnOver if orders.turns_over.len() < WAITING_MAX => {
                orders.turns_over.push_back(order);
            }
            Haste::UnderWay if orders.under_way.len() < self.threads.len() => {
                orders.under_way.push_back(order);
            }
            Haste::TurnOver | Haste::UnderWay => return Err(busy),
        }
        drop(orders);
        self.shared.arrived.notify_one();
        Ok(Ticket {
            answer: answers,
            stop,
            limit,
        })
    }
}

impl Drop for PassPool {
    fn drop(&mut self) {
        let mut orders = self.shared.lock();
        orders.is_closed = true;
        orders.turns_over.clear();
        orders.under_way.clear();
        drop(orders);
        self.shared.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has answered nobody and holds nothing.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next order that somebody still waits for; none when the pool ends.
    fn next(&self) -> Option<Order> {
        let mut orders = self.lock();
        loop {
            if orders.is_closed {
                return None;
            }
            let next = orders.turns_over.pop_front();
            match next.or_else(|| orders.under_way.pop_front()) {
                Some(order) if order.sound.stop.is_due() => {}
                Some(order) => return Some(order),
                None => {
                    orders = self
                        .arrived
                        .wait(orders)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

fn work(shared: &Shared, mut pass: Box<dyn Pass>) {
    while let Some(order) = shared.next() {
        let looked = catch_unwind(AssertUnwindSafe(|| pass.look(&order.sound)));
        let looked = looked.unwrap_or_else(|_| Err(SpeechError::Engine("it panicked".to_owned())));
        // Whoever has gone needs no answer.
        let _ = order.answer.send(looked);
    }
}

impl Ticket {
    /// What was seen, if the look is over.
    pub(super) fn seen(&self) -> Option<Result<Look, SpeechError>> {
        match self.answer.try_recv() {
            Ok(looked) => Some(looked),
            Err(TryRecvError::Disconnected) => Some(Err(self.too_slow())),
            Err(TryRecvError::Empty) => None,
        }
    }

    /// Waits until the look is over, or its time is.
    pub(super) fn wait(self) -> Result<Look, SpeechError> {
        let left = self.stop.until().saturating_duration_since(Instant::now());
        match self.answer.recv_timeout(left) {
            Ok(looked) => looked,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(self.too_slow()),
        }
    }

    fn too_slow(&self) -> SpeechError {
        SpeechError::EarTooSlow { limit: self.limit }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.stop.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::{Scripted, sound_until};
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn finished_turns_come_first_and_what_nobody_wants_is_not_looked_at() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let order = |haste, seconds| pool.order(haste, LONG, |stop| sound_until(stop, seconds));
        let first = order(Haste::UnderWay, 1).expect("room");
        told.begun();
        let passing = order(Haste::UnderWay, 2).expect("room");
        assert!(matches!(
            order(Haste::UnderWay, 3),
            Err(SpeechError::AllEarsBusy { limit: 1 })
        ));
        let unwanted = order(Haste::TurnOver, 4).expect("room");
        let last = order(Haste::TurnOver, 5).expect("room");
        assert!(passing.seen().is_none());
        drop(unwanted);
        told.go_on();
        for ticket in [first, last, passing] {
            assert!(ticket.wait().is_ok());
        }
        assert_eq!(told.seconds(), [1, 5, 2]);
    }

    #[test]
    fn a_look_that_takes_too_long_or_panics_is_an_error_and_others_go_on() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let slow = pool
            .order(Haste::TurnOver, Duration::ZERO, |stop| sound_until(stop, 1))
            .expect("room");
        assert!(matches!(slow.wait(), Err(SpeechError::EarTooSlow { .. })));
        told.go_on();
        let panics = pool
            .order(Haste::TurnOver, LONG, |stop| sound_until(stop, 0))
            .expect("room");
        assert!(matches!(panics.wait(), Err(SpeechError::Engine(_))));
        let next = pool.order(Haste::TurnOver, LONG, |stop| sound_until(stop, 2));
        assert!(next.expect("room").wait().is_ok());
    }

    #[test]
    fn no_more_turns_wait_than_can_be_answered() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let order = || pool.order(Haste::TurnOver, LONG, |stop| sound_until(stop, 1));
        let first = order().expect("room");
        told.begun();
        let waiting: Vec<_> = (0..WAITING_MAX).map(|_| order().expect("room")).collect();
        assert!(matches!(order(), Err(SpeechError::AllEarsBusy { .. })));
        told.go_on();
        assert!(first.wait().is_ok());
        drop(waiting);
    }
}
