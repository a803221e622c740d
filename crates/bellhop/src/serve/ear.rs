//! The ear workers: a fixed pool of threads that recognise. A stream belongs to
//! one worker from the start of speech to its end, so the number of decoders
//! follows the number of people speaking, not of calls.

use super::mailbox::{Job, Mailbox, Weight};
use anyhow::Context;
use call_model::{CallId, EscalationWords, Heard, Language, PcmFrame, PhraseGrammar, TurnId};
use call_session::AlsoHeard;
use dialplan::Plan;
use speech::{CallerChannel, HearingRequest, HearingStream, Recognizer, SpeechError};
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// So many streams must fail in a row before the ear counts as lost; one that
/// fails alone is a turn that was not understood.
const FAILURES_MAX: usize = 3;
/// A lost ear is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// What the ear says, to the shard that asked.
pub enum EarNews {
    /// About a turn.
    Heard(Heard),
    /// The recogniser fails stream after stream.
    Lost,
}

/// Where a stream's news goes.
pub trait EarListener: Send {
    /// Takes the news; called on a worker's thread, must not block for long.
    fn hear(&self, news: EarNews);
}

/// One order to a worker.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all orders are frames; a box for each would be an allocation every 20 ms"
)]
pub enum EarJob {
    /// Open a stream.
    Start {
        turn: TurnId,
        grammar: Option<Arc<PhraseGrammar>>,
        escalation: Arc<EscalationWords>,
        also: Option<AlsoHeard>,
        channel: CallerChannel,
        listener: Box<dyn EarListener>,
    },
    /// 20 ms of the caller.
    Frame(PcmFrame),
    /// Give the final result.
    Finish,
    /// Forget it.
    Cancel,
}

/// The pool.
pub struct EarPool {
    workers: Vec<Arc<EarMailbox>>,
    pulse: Arc<Pulse>,
    recognizer: Arc<dyn Recognizer>,
    /// The languages of the plans so far that there are models for.
    languages: RwLock<BTreeSet<Language>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// How the recogniser fares, over all workers.
#[derive(Default)]
struct Pulse {
    failures: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

impl Pulse {
    fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// Counts a failure; true when the ear is lost by it.
    fn failed(&self) -> bool {
        *lock(&self.last) = Some(Instant::now());
        self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_MAX
    }

    fn is_lost(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= FAILURES_MAX
            && lock(&self.last).is_some_and(|last| last.elapsed() < TRY_AGAIN)
    }
}

/// Names one open stream: its call and turn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StreamId {
    pub call: CallId,
    pub turn: TurnId,
}

impl Job for EarJob {
    fn weight(&self) -> Weight {
        match self {
            Self::Frame(_) => Weight::Frame,
            Self::Start { .. } => Weight::Opening,
            Self::Finish | Self::Cancel => Weight::Order,
        }
    }
}

type EarMailbox = Mailbox<StreamId, EarJob>;

impl EarPool {
    /// Starts so many workers over one shared recogniser.
    pub fn start(recognizer: &Arc<dyn Recognizer>, workers: usize) -> std::io::Result<Self> {
        let pulse = Arc::new(Pulse::default());
        let mut pool = Self {
            workers: Vec::new(),
            pulse: Arc::clone(&pulse),
            recognizer: Arc::clone(recognizer),
            languages: RwLock::default(),
            threads: Mutex::default(),
        };
        for number in 0..workers.max(1) {
            let mailbox = Arc::new(EarMailbox::new());
            pool.workers.push(Arc::clone(&mailbox));
            let (recognizer, pulse) = (Arc::clone(recognizer), Arc::clone(&pulse));
            let thread = std::thread::Builder::new()
                .name(format!("ear-{number}"))
                .spawn(move || Worker::new(recognizer, mailbox, pulse).run())?;
            lock(&pool.threads).push(thread);
        }
        Ok(pool)
    }

    /// Whether callers are understood who speak this language.
    pub fn hears(&self, language: Language) -> bool {
        let languages = self
            .languages
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        languages.contains(&language)
    }

    /// Makes the ear ready for a plan. A language without a model is told: its callers are
    /// served by keys and people.
    pub fn prepare(&self, plan: &Plan) -> anyhow::Result<()> {
        for &language in plan.languages() {
            let is_spoken = |grammar: &&Arc<PhraseGrammar>| grammar.language == language;
            let grammars: Vec<_> = plan.grammars().filter(is_spoken).cloned().collect();
            let words = [Arc::clone(plan.escalation_words(language))];
            match self.recognizer.prepare(&grammars, &words) {
                // While calls use every decoder none can be tried out; the words are known.
                Ok(()) | Err(SpeechError::AllEarsBusy { .. }) => {
                    let languages = self.languages.write();
                    languages
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(language);
                }
                Err(error @ SpeechError::ModelMissing { .. }) => {
                    tracing::warn!(plan = plan.name(), %language, %error, "not listened for");
                }
                Err(error) => {
                    let plan = plan.name();
                    return Err(error).context(format!("plan '{plan}' cannot be listened for"));
                }
            }
        }
        Ok(())
    }

    /// The worker that has least to do: where the next stream should go.
    pub fn least_busy(&self) -> usize {
        let workers = self.workers.iter().enumerate();
        let least = workers.min_by_key(|(_, worker)| worker.streams());
        least.map_or(0, |(number, _)| number)
    }

    /// Gives a worker an order; false when its mailbox takes no more orders.
    pub fn post(&self, worker: usize, stream: StreamId, job: EarJob) -> bool {
        self.workers
            .get(worker)
            .is_some_and(|mailbox| mailbox.post(stream, job))
    }

    /// Whether streams failed one after another just now.
    pub fn is_lost(&self) -> bool {
        self.pulse.is_lost()
    }

    /// Frames dropped so far because workers could not keep up.
    pub fn dropped_frames(&self) -> usize {
        self.workers.iter().map(|worker| worker.dropped()).sum()
    }

    /// Turns so far that an engine missed which should have heard or corrected them.
    pub fn turns_without(&self) -> u64 {
        self.recognizer.turns_without()
    }

    /// Streams open now.
    pub fn open_streams(&self) -> usize {
        self.workers.iter().map(|worker| worker.streams()).sum()
    }

    /// Ends the workers and waits for them.
    pub fn stop(&self) {
        for worker in &self.workers {
            worker.close();
        }
        for thread in lock(&self.threads).drain(..) {
            if thread.join().is_err() {
                tracing::error!("an ear worker had ended in a panic");
            }
        }
    }
}

struct Worker {
    recognizer: Arc<dyn Recognizer>,
    mailbox: Arc<EarMailbox>,
    pulse: Arc<Pulse>,
    open: HashMap<StreamId, OpenStream>,
}

struct OpenStream {
    /// None: it failed, and the turn will not be understood.
    hearing: Option<Box<dyn HearingStream>>,
    listener: Box<dyn EarListener>,
}

impl Worker {
    fn new(recognizer: Arc<dyn Recognizer>, mailbox: Arc<EarMailbox>, pulse: Arc<Pulse>) -> Self {
        Self {
            recognizer,
            mailbox,
            pulse,
            open: HashMap::new(),
        }
    }

    fn run(mut self) {
        while let Some((stream, job)) = self.mailbox.next() {
            let outcome = catch_unwind(AssertUnwindSafe(|| self.work(stream, job)));
            if outcome.is_err() {
                self.fail(stream, "the recogniser panicked");
            }
        }
    }

    fn work(&mut self, stream: StreamId, job: EarJob) {
        match job {
            EarJob::Start {
                turn,
                grammar,
                escalation,
                also,
                channel,
                listener,
            } => {
                self.open.insert(
                    stream,
                    OpenStream {
                        hearing: None,
                        listener,
                    },
                );
                let request = HearingRequest {
                    turn,
                    grammar,
                    escalation,
                    also,
                    channel,
                };
                match self.recognizer.open(request) {
                    Ok(hearing) => {
                        if let Some(open) = self.open.get_mut(&stream) {
                            open.hearing = Some(hearing);
                        }
                    }
                    Err(error) => self.fail(stream, &error.to_string()),
                }
            }
            EarJob::Frame(frame) => {
                let Some(open) = self.open.get_mut(&stream) else {
                    return;
                };
                match open.hearing.as_mut().map(|hearing| hearing.push(&frame)) {
                    Some(Ok(Some(heard))) => open.listener.hear(EarNews::Heard(heard)),
                    Some(Ok(None)) | None => {}
                    Some(Err(error)) => self.fail(stream, &error.to_string()),
                }
            }
            EarJob::Finish => self.finish(stream),
            EarJob::Cancel => self.close(stream),
        }
    }

    /// The outcome is told now, or later by an engine elsewhere; the stream counts as open until then.
    fn finish(&mut self, stream: StreamId) {
        let Some(open) = self.open.remove(&stream) else {
            return;
        };
        let mut ending = Ending {
            stream,
            listener: open.listener,
            pulse: Arc::clone(&self.pulse),
            mailbox: Arc::clone(&self.mailbox),
            outcome: None,
        };
        match open.hearing {
            Some(hearing) => {
                ending.outcome = Some(Err("the recogniser panicked".to_owned()));
                hearing.finish_to(Box::new(move |finished| {
                    let mut ending = ending;
                    ending.outcome = Some(finished.map_err(|error| error.to_string()));
                }));
            }
            // It failed before, and that was told.
            None => drop(ending),
        }
    }

    fn close(&mut self, stream: StreamId) {
        if self.open.remove(&stream).is_some() {
            self.mailbox.stream_closed();
        }
    }

    /// The stream is of no more use. Its turn ends as not understood when it is
    /// finished; when one stream after another fails, the call is told that the ear is lost.
    fn fail(&mut self, stream: StreamId, why: &str) {
        tracing::warn!(call = %stream.call, why, "a stream of the ear failed");
        let is_lost = self.pulse.failed();
        if let Some(open) = self.open.get_mut(&stream) {
            open.hearing = None;
            if is_lost {
                open.listener.hear(EarNews::Lost);
            }
        }
    }
}

/// A turn's end, told to whoever listens when it is dropped: whatever becomes of the engine, each turn has
/// one.
struct Ending {
    stream: StreamId,
    listener: Box<dyn EarListener>,
    pulse: Arc<Pulse>,
    mailbox: Arc<EarMailbox>,
    /// None: the stream had failed before.
    outcome: Option<Result<Heard, String>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (stream, listener) = (self.stream, &self.listener);
        let nothing = EarNews::Heard(Heard::NoMatch {
            turn: stream.turn,
            rejected: None,
            spotted: Vec::new(),
            language: None,
        });
        match self.outcome.take() {
            Some(Ok(heard)) => {
                self.pulse.succeeded();
                listener.hear(EarNews::Heard(heard));
            }
            Some(Err(why)) => {
                listener.hear(nothing);
                tracing::warn!(call = %stream.call, why, "a stream of the ear failed");
                if self.pulse.failed() {
                    listener.hear(EarNews::Lost);
                }
            }
            None => listener.hear(nothing),
        }
        self.mailbox.stream_closed();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "ear_tests.rs"]
mod tests;
