//! A worker's mailbox: bounded, and full of sound it loses the oldest sound, never an order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Frames that may wait for one worker: 40 s of speech in all.
const FRAMES_MAX: usize = 2_000;
/// Orders other than frames that may wait for one worker.
const ORDERS_MAX: usize = 4_096;

/// What a job is to a mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// 20 ms of sound, which may be lost.
    Frame,
    /// Opens a stream; refused when too much waits.
    Opening,
    /// Another order: always taken.
    Order,
}

/// Something a worker does.
pub trait Job {
    fn weight(&self) -> Weight;
}

/// The jobs that wait for one worker, each with the stream it is for.
pub struct Mailbox<Id, J> {
    waiting: Mutex<Waiting<Id, J>>,
    arrived: Condvar,
    streams: AtomicUsize,
    dropped: AtomicUsize,
}

struct Waiting<Id, J> {
    jobs: VecDeque<(Id, J)>,
    frames: usize,
    is_closed: bool,
}

impl<Id, J: Job> Mailbox<Id, J> {
    pub fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                jobs: VecDeque::new(),
                frames: 0,
                is_closed: false,
            }),
            arrived: Condvar::new(),
            streams: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
        }
    }

    /// Leaves a job; false when no more of its kind are taken. When it is full of frames
    /// the oldest frame is dropped and counted.
    pub fn post(&self, stream: Id, job: J) -> bool {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return false;
        }
        match job.weight() {
            Weight::Frame => {
                if waiting.frames >= FRAMES_MAX {
                    waiting.drop_oldest_frame();
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                }
                waiting.frames += 1;
            }
            Weight::Opening if waiting.jobs.len() - waiting.frames >= ORDERS_MAX => {
                return false;
            }
            Weight::Opening => {
                self.streams.fetch_add(1, Ordering::Relaxed);
            }
            Weight::Order => {}
        }
        waiting.jobs.push_back((stream, job));
        drop(waiting);
        self.arrived.notify_one();
        true
    }

    /// The next job, waited for; none: the mailbox is closed and empty.
    pub fn next(&self) -> Option<(Id, J)> {
        let mut waiting = self.lock();
        loop {
            if let Some((stream, job)) = waiting.jobs.pop_front() {
                if job.weight() == Weight::Frame {
                    waiting.frames -= 1;
                }
                return Some((stream, job));
            }
            if waiting.is_closed {
                return None;
            }
            waiting = self
                .arrived
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A stream that was opened is over.
    pub fn stream_closed(&self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }

    /// Streams opened and not over.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// Frames dropped so far.
    pub fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Takes nothing more; what waits is still done.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<Id, J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Id, J: Job> Waiting<Id, J> {
    fn drop_oldest_frame(&mut self) {
        let is_frame = |(_, job): &(Id, J)| job.weight() == Weight::Frame;
        if let Some(oldest) = self.jobs.iter().position(is_frame) {
            self.jobs.remove(oldest);
            self.frames -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(PartialEq, Debug)]
    enum Errand {
        Sound(usize),
        Last,
    }

    impl Job for Errand {
        fn weight(&self) -> Weight {
            match self {
                Self::Sound(_) => Weight::Frame,
                Self::Last => Weight::Order,
            }
        }
    }

    #[test]
    fn a_full_mailbox_loses_the_oldest_frames_and_no_order() {
        let mailbox = Mailbox::new();
        for number in 0..FRAMES_MAX + 5 {
            assert!(mailbox.post((), Errand::Sound(number)));
        }
        assert!(mailbox.post((), Errand::Last));
        assert_eq!(mailbox.dropped(), 5);
        assert_eq!(mailbox.next(), Some(((), Errand::Sound(5))));
        let last = std::iter::from_fn(|| mailbox.next()).nth(FRAMES_MAX - 1);
        assert_eq!(last, Some(((), Errand::Last)));
    }

    #[test]
    fn a_closed_mailbox_gives_what_it_holds_and_takes_no_more() {
        let mailbox = Mailbox::new();
        assert!(mailbox.post((), Errand::Last));
        mailbox.close();
        assert!(!mailbox.post((), Errand::Last));
        assert_eq!(mailbox.next(), Some(((), Errand::Last)));
        assert_eq!(mailbox.next(), None);
    }
}
