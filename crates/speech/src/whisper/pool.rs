//! The threads that look at utterances, for all calls.
//!
//! A look takes long and belongs to nobody's thread but these, so no stream of the ear ever waits for another's.
//! Looks at finished turns come before those at turns under way, in the order of their coming, and each
//! is answered by its deadline whatever became of it; what nobody wants any more is not begun, and
//! broken off where it was.

use super::look::{Look, Pass, Sound, Stop};
use crate::SpeechError;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
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

/// Who is told what was seen, on one of the pool's threads or, where it cannot be seen, on the own.
pub(super) type LookSink = Box<dyn FnOnce(Result<Look, SpeechError>) + Send>;

/// The pool.
pub(super) struct PassPool {
    shared: Arc<Shared>,
    passes: usize,
    watched: Option<Sender<Watched>>,
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
    answer: Arc<Answer>,
    /// How long it may take; none: it is of a turn under way, and may be left out.
    limit: Option<Duration>,
}

/// Whoever comes first answers: the look, or its deadline.
struct Answer(Mutex<Option<LookSink>>);

/// A finished turn that must be answered by then.
struct Watched {
    until: Instant,
    limit: Duration,
    answer: Weak<Answer>,
}

/// A look at a turn under way. Dropping it calls the look off.
pub(super) struct Ticket {
    answer: Receiver<Result<Look, SpeechError>>,
    stop: Arc<Stop>,
}

impl PassPool {
    /// Starts one thread for each of those who look, and one that watches the time.
    pub(super) fn start(passes: Vec<Box<dyn Pass>>) -> Result<Self, SpeechError> {
        let shared = Arc::new(Shared {
            orders: Mutex::default(),
            arrived: Condvar::new(),
        });
        let (watched, to_watch) = channel();
        let mut pool = Self {
            shared: Arc::clone(&shared),
            passes: passes.len(),
            watched: Some(watched),
            threads: Vec::new(),
        };
        pool.thread("whisper-watch".to_owned(), move || watch(&to_watch))?;
        for (number, pass) in passes.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            pool.thread(format!("whisper-{number}"), move || work(&shared, pass))?;
        }
        Ok(pool)
    }

    fn thread(
        &mut self,
        name: String,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), SpeechError> {
        let thread = std::thread::Builder::new().name(name).spawn(work);
        let thread = thread.map_err(|error| SpeechError::Engine(format!("no thread: {error}")))?;
        self.threads.push(thread);
        Ok(())
    }

    /// Orders a look at a finished turn. `told` is called once, when the sound's time is up (which
    /// is `limit` after it was taken) at the latest; with [`SpeechError::AllEarsBusy`] at once where too
    /// many wait already.
    pub(super) fn order(&self, limit: Duration, sound: Sound, told: LookSink) {
        let until = sound.stop.until();
        let answer = Arc::new(Answer(Mutex::new(Some(told))));
        let order = Order {
            sound,
            answer: Arc::clone(&answer),
            limit: Some(limit),
        };
        if !self.take(Haste::TurnOver, order) {
            answer.tell(Err(self.busy()));
            return;
        }
        if let Some(watched) = &self.watched {
            let answer = Arc::downgrade(&answer);
            // The watcher ends with the pool, no sooner.
            let _ = watched.send(Watched {
                until,
                limit,
                answer,
            });
        }
    }

    /// Orders a look at a turn under way.
    ///
    /// # Errors
    /// [`SpeechError::AllEarsBusy`] when others wait already.
    pub(super) fn order_in_passing(
        &self,
        limit: Duration,
        sound: impl FnOnce(Arc<Stop>) -> Sound,
    ) -> Result<Ticket, SpeechError> {
        let stop = Arc::new(Stop::at(Instant::now() + limit));
        let (tell, answer) = sync_channel(1);
        let told: LookSink = Box::new(move |looked| {
            // Whoever has gone needs no answer.
            let _ = tell.send(looked);
        });
        let order = Order {
            sound: sound(Arc::clone(&stop)),
            answer: Arc::new(Answer(Mutex::new(Some(told)))),
            limit: None,
        };
        match self.take(Haste::UnderWay, order) {
            true => Ok(Ticket { answer, stop }),
            false => Err(self.busy()),
        }
    }

    fn take(&self, haste: Haste, order: Order) -> bool {
        let mut orders = self.shared.lock();
        let (waiting, most) = match haste {
            Haste::TurnOver => (&mut orders.turns_over, WAITING_MAX),
            Haste::UnderWay => (&mut orders.under_way, self.passes),
        };
        if waiting.len() >= most {
            return false;
        }
        waiting.push_back(order);
        drop(orders);
        self.shared.arrived.notify_one();
        true
    }

    const fn busy(&self) -> SpeechError {
        SpeechError::AllEarsBusy { limit: self.passes }
    }
}

impl Drop for PassPool {
    fn drop(&mut self) {
        let mut orders = self.shared.lock();
        orders.is_closed = true;
        orders.under_way.clear();
        let unseen: Vec<Order> = orders.turns_over.drain(..).collect();
        drop(orders);
        self.watched = None;
        self.shared.arrived.notify_all();
        for order in unseen {
            let ended = SpeechError::Engine("it ends".to_owned());
            order.answer.tell(Err(ended));
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has answered nobody and holds nothing.
            let _ = thread.join();
        }
    }
}

impl Answer {
    fn tell(&self, looked: Result<Look, SpeechError>) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(told) = told {
            told(looked);
        }
    }
}

/// Answers for looks that are not over in time. All have the same limit, so they are due as they come.
fn watch(to_watch: &Receiver<Watched>) {
    while let Ok(next) = to_watch.recv() {
        // Nearly all have been answered by then, and are not waited for.
        while let Some(answer) = next.answer.upgrade() {
            let left = next.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                answer.tell(Err(SpeechError::EarTooSlow { limit: next.limit }));
                break;
            }
            drop(answer);
            std::thread::sleep(left.min(WATCH_STEP));
        }
    }
}

/// So late a deadline may be told, and a pool end.
const WATCH_STEP: Duration = Duration::from_millis(20);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next order; none when the pool ends.
    fn next(&self) -> Option<Order> {
        let mut orders = self.lock();
        loop {
            if orders.is_closed {
                return None;
            }
            let next = orders.turns_over.pop_front();
            if let Some(order) = next.or_else(|| orders.under_way.pop_front()) {
                return Some(order);
            }
            orders = self
                .arrived
                .wait(orders)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(shared: &Shared, mut pass: Box<dyn Pass>) {
    while let Some(order) = shared.next() {
        let stop = &order.sound.stop;
        let looked = match stop.is_due() {
            true => None,
            false => Some(catch_unwind(AssertUnwindSafe(|| pass.look(&order.sound)))),
        };
        let is_late = stop.is_due();
        let answer = match looked {
            Some(Ok(Ok(look))) => Ok(look),
            Some(Err(_)) => Err(SpeechError::Engine("it panicked".to_owned())),
            Some(Ok(Err(error))) if !is_late => Err(error),
            // It was broken off, or not begun.
            Some(Ok(Err(_))) | None => match order.limit {
                Some(limit) => Err(SpeechError::EarTooSlow { limit }),
                None => continue,
            },
        };
        // Whoever is told may fail too; that is no reason to look no more.
        let _ = catch_unwind(AssertUnwindSafe(|| order.answer.tell(answer)));
    }
}

impl Ticket {
    /// What was seen, if the look is over: nothing in it where it was given up.
    pub(super) fn seen(&self) -> Option<Option<Result<Look, SpeechError>>> {
        match self.answer.try_recv() {
            Ok(looked) => Some(Some(looked)),
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => None,
        }
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

    type Seen = Receiver<Result<Look, SpeechError>>;

    fn order(pool: &PassPool, limit: Duration, seconds: usize) -> Seen {
        let (tell, seen) = channel();
        let sound = sound_until(Arc::new(Stop::at(Instant::now() + limit)), seconds);
        let told = move |looked| tell.send(looked).expect("the test waits");
        pool.order(limit, sound, Box::new(told));
        seen
    }

    #[test]
    fn finished_turns_come_first_and_what_nobody_wants_is_not_looked_at() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let passing = |seconds| pool.order_in_passing(LONG, |stop| sound_until(stop, seconds));
        let first = passing(1).expect("room");
        told.begun();
        let unwanted = passing(2).expect("room");
        assert!(matches!(
            passing(3).err(),
            Some(SpeechError::AllEarsBusy { limit: 1 })
        ));
        drop(unwanted);
        let over = [order(&pool, LONG, 4), order(&pool, LONG, 5)];
        assert!(first.seen().is_none());
        told.go_on();
        for seen in over {
            assert!(seen.recv().expect("an answer").is_ok());
        }
        assert!(matches!(first.seen(), Some(Some(Ok(_)))));
        assert_eq!(told.seconds(), [1, 4, 5]);
    }

    #[test]
    fn a_turn_is_answered_by_its_deadline_while_the_look_goes_on() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let slow = order(&pool, Duration::from_millis(30), 1);
        told.begun();
        let waiting = order(&pool, Duration::from_millis(30), 2);
        for seen in [slow, waiting] {
            let answer = seen.recv().expect("an answer");
            assert!(matches!(answer, Err(SpeechError::EarTooSlow { .. })));
        }
        told.go_on();
        let next = order(&pool, LONG, 3);
        assert!(next.recv().expect("an answer").is_ok());
        assert_eq!(told.seconds(), [1, 3]);
    }

    #[test]
    fn a_look_that_panics_is_an_error_and_others_go_on() {
        let (script, _) = Scripted::seeing([]);
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let answer = order(&pool, LONG, 0).recv().expect("an answer");
        assert!(matches!(answer, Err(SpeechError::Engine(_))));
        assert!(order(&pool, LONG, 2).recv().expect("an answer").is_ok());
    }

    #[test]
    fn no_more_turns_wait_than_can_be_answered_and_none_is_left_when_the_pool_ends() {
        let (script, told) = Scripted::gated();
        let pool = PassPool::start(vec![Box::new(script)]).expect("threads");
        let first = order(&pool, LONG, 1);
        told.begun();
        let waiting: Vec<_> = (0..WAITING_MAX).map(|_| order(&pool, LONG, 1)).collect();
        let refused = order(&pool, LONG, 1).recv().expect("an answer");
        assert!(matches!(refused, Err(SpeechError::AllEarsBusy { .. })));
        told.go_on();
        drop(pool);
        assert!(first.recv().is_ok() && waiting.iter().all(|seen| seen.recv().is_ok()));
    }
}
