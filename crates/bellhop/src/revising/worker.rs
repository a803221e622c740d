//! The thread that hears calls again, one at a time, whenever the server has little to do.
//!
//! There is no list of calls that wait: the archive is the list. A call that is over and has no revision is due, so
//! what a crash or a busy day left undone is found again; a call that stays undone for too long is left, and says so.

use super::desk::Desk;
use super::{Revised, Reviser, Unrevised};
use call_archive::{ArchiveReader, Revisions};
use call_model::CallId;
use speech::Recognizer;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often the archive is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How often it is asked whether the server still has much to do.
const WAIT: Duration = Duration::from_secs(1);
/// So often a call is tried whose engine fails.
pub(super) const TRIES: u32 = 3;
/// As little of the processor as the system knows.
const NICE: i32 = 19;

/// Whether the server has time for calls that are over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attention {
    /// Enough.
    Idle,
    /// Callers come first.
    Busy,
}

/// What the worker needs.
pub struct WorkerSettings {
    /// Where calls are found.
    pub archive: ArchiveReader,
    /// Where revisions are kept.
    pub revisions: Revisions,
    /// Opens the engine, on the worker's thread: what threads it starts are as patient as that.
    pub engine: Box<dyn FnOnce() -> anyhow::Result<Arc<dyn Recognizer>> + Send>,
    /// Asked before each turn.
    pub attention: Box<dyn FnMut() -> Attention + Send>,
    /// A call that began longer ago is left as it is.
    pub within: Duration,
}

/// The thread; it ends after the turn under way when this is dropped, and is not waited for: a call that is not done is
/// done after the next start.
#[derive(Debug)]
pub struct Worker {
    _stop: SyncSender<()>,
}

impl Worker {
    /// Starts it, once its engine is open.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn start(settings: WorkerSettings) -> anyhow::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let (reply, opened) = sync_channel(1);
        std::thread::Builder::new()
            .name("revising".to_owned())
            .spawn(move || {
                give_way();
                match (settings.engine)() {
                    Ok(engine) => {
                        // Who started us waits for this.
                        let _ = reply.send(Ok(engine.name().to_owned()));
                        let reviser = Reviser::new(
                            settings.archive.clone(),
                            settings.revisions.clone(),
                            engine,
                        );
                        let desk = Desk::new(settings.archive, settings.revisions, settings.within);
                        Clerk {
                            desk,
                            reviser,
                            attention: settings.attention,
                            stopped,
                        }
                        .work();
                    }
                    Err(error) => {
                        let _ = reply.send(Err(error));
                    }
                }
            })?;
        let engine = opened.recv()??;
        tracing::info!(engine, "calls are heard again when they are over");
        Ok(Self { _stop: stop })
    }
}

/// This thread, and those that it starts, run when nobody else wants to.
fn give_way() {
    // On Linux the priority is a thread's own, and 0 is the one that asks (sched(7)).
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "calls are heard again at the usual priority");
    }
}

struct Clerk {
    desk: Desk,
    reviser: Reviser,
    attention: Box<dyn FnMut() -> Attention + Send>,
    stopped: Receiver<()>,
}

impl Clerk {
    fn work(mut self) {
        loop {
            loop {
                match self.next() {
                    Ok(ControlFlow::Continue(true)) => {}
                    Ok(ControlFlow::Continue(false)) => break,
                    Ok(ControlFlow::Break(())) => return,
                    Err(error) => {
                        tracing::warn!(error = %format!("{error:#}"), "calls are not heard again for now");
                        break;
                    }
                }
            }
            if wait(&self.stopped, LOOK).is_break() {
                return;
            }
        }
    }

    /// Hears the next call; whether there was one.
    fn next(&mut self) -> anyhow::Result<ControlFlow<(), bool>> {
        let now = unix_millis();
        for call in self.desk.overdue(now)? {
            self.leave(call, "the server had too much else to do for too long");
        }
        let Some(call) = self.desk.next(now)? else {
            return Ok(ControlFlow::Continue(false));
        };
        let (attention, stopped) = (&mut self.attention, &self.stopped);
        let mut goes_on = || has_time(attention, stopped);
        let reviser = &mut self.reviser;
        let work = AssertUnwindSafe(|| reviser.revise(call, &mut goes_on));
        let panicked = |_| Err(Unrevised::Failed("it panicked".to_owned()));
        match catch_unwind(work).unwrap_or_else(panicked) {
            Ok(Revised { turns, changed }) => {
                self.desk.forget(call);
                tracing::info!(%call, turns, changed, "heard again");
                count("revised");
            }
            Err(Unrevised::Left(why)) => self.leave(call, &why),
            Err(Unrevised::Failed(why)) if self.desk.failed(call) >= TRIES => {
                self.leave(call, &format!("the engine failed {TRIES} times: {why}"));
            }
            Err(Unrevised::Failed(why)) => tracing::warn!(%call, why, "not heard again yet"),
            Err(Unrevised::Stopped) => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(true))
    }

    fn leave(&mut self, call: CallId, why: &str) {
        tracing::warn!(%call, why, "left as it is");
        count("left");
        if let Err(error) = self.reviser.leave(call, why) {
            tracing::warn!(%call, error = %format!("{error:#}"), "that it was left is not kept");
            self.desk.give_up(call);
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(crate::serve::CALLS_HEARD_AGAIN, "outcome" => outcome).increment(1);
}

/// Waits until the server has time; false when it ends.
fn has_time(attention: &mut dyn FnMut() -> Attention, stopped: &Receiver<()>) -> bool {
    if wait(stopped, Duration::ZERO).is_break() {
        return false;
    }
    while attention() == Attention::Busy {
        if wait(stopped, WAIT).is_break() {
            return false;
        }
    }
    true
}

fn wait(stopped: &Receiver<()>, time: Duration) -> ControlFlow<()> {
    match stopped.recv_timeout(time) {
        Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
    }
}

fn unix_millis() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since_1970.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ENGINE_FAILED, Ear, Lines, PANIC, Stored};
    use super::*;
    use call_model::RecordingChoice;

    fn clerk(stored: &Stored, says: &[Option<&'static str>]) -> (Clerk, SyncSender<()>) {
        let (stop, stopped) = sync_channel(0);
        let (archive, revisions) = (stored.archive.reader(), stored.archive.revisions());
        let within = Duration::from_secs(100 * 365 * 86_400);
        let mut desk = Desk::new(archive.clone(), revisions.clone(), within);
        desk.rest = Duration::ZERO;
        let clerk = Clerk {
            desk,
            reviser: Reviser::new(archive, revisions, Arc::new(Ear(Lines::saying(says)))),
            attention: Box::new(|| Attention::Idle),
            stopped,
        };
        (clerk, stop)
    }

    /// Why a call was left; none: it was not.
    fn left(stored: &Stored, call: CallId) -> Option<String> {
        let story = stored.archive.show(call).expect("a story");
        story.revision.and_then(|revision| revision.left)
    }

    #[test]
    fn a_call_whose_engine_fails_or_panics_three_times_is_left_and_the_next_one_is_heard() {
        let stored = Stored::new();
        let (first, second) = (
            stored.call(1, RecordingChoice::On),
            stored.call(2, RecordingChoice::On),
        );
        let says = [None, Some(PANIC), None, Some("one")];
        let (mut clerk, _stop) = clerk(&stored, &says);
        let mut next = || clerk.next().expect("a look");
        for _ in 0..2 {
            assert_eq!(next(), ControlFlow::Continue(true));
            assert_eq!(left(&stored, first), None);
        }
        assert_eq!(next(), ControlFlow::Continue(true));
        let why = left(&stored, first).expect("left");
        assert!(
            why.contains("3 times") && why.contains(ENGINE_FAILED),
            "{why}"
        );
        assert_eq!(next(), ControlFlow::Continue(true));
        assert!(stored.archive.revisions().has(second));
        assert_eq!(left(&stored, second), None);
        assert_eq!(next(), ControlFlow::Continue(false));
    }

    #[test]
    fn a_recording_that_was_changed_is_left_at_once() {
        let stored = Stored::new();
        let call = stored.call(1, RecordingChoice::On);
        let journal = stored.archive.paths(call).journal;
        let text = std::fs::read_to_string(&journal).expect("a journal");
        std::fs::write(&journal, text.replace("one", "two")).expect("written");
        let (mut clerk, _stop) = clerk(&stored, &[]);
        assert_eq!(clerk.next().expect("a look"), ControlFlow::Continue(true));
        let why = left(&stored, call).expect("left");
        assert!(why.contains("not what was sealed"), "{why}");
    }

    #[test]
    fn callers_come_first_and_an_end_ends_the_waiting() {
        let (stop, stopped) = sync_channel::<()>(0);
        assert!(has_time(&mut || Attention::Idle, &stopped));
        let mut asked = 0;
        let mut stop = Some(stop);
        let mut busy_until_the_end = || {
            asked += 1;
            drop(stop.take());
            Attention::Busy
        };
        assert!(!has_time(&mut busy_until_the_end, &stopped));
        assert_eq!(asked, 1);
    }

    #[test]
    fn an_engine_that_cannot_be_opened_is_told_at_the_start() {
        let stored = Stored::new();
        let settings = WorkerSettings {
            archive: stored.archive.reader(),
            revisions: stored.archive.revisions(),
            engine: Box::new(|| anyhow::bail!("no such model")),
            attention: Box::new(|| Attention::Idle),
            within: Duration::from_secs(3_600),
        };
        let error = Worker::start(settings).expect_err("no engine");
        assert!(error.to_string().contains("no such model"), "{error}");
    }
}
