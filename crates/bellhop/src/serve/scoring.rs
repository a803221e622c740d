//! The voice-score workers: threads that score how callers' voices sound. A call
//! belongs to one worker from its first utterance to its end, because its own calm
//! voice is the yardstick; that yardstick dies with the call.

use super::mailbox::{Job, Mailbox, Weight};
use call_model::{CallId, EmotionScore, Language, PcmFrame};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use voice_emotion::{EmotionScorer, SiteLevel, VoiceModel};

/// Where a call's scores go; called on a worker's thread, must not block for long.
pub type ScoreListener = Box<dyn Fn(EmotionScore) + Send>;

/// One order to a worker.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all orders are frames; a box for each would be an allocation every 20 ms"
)]
pub enum ScoreJob {
    /// A call's voice is scored from now on.
    Open(Language, ScoreListener),
    /// The caller begins to speak; reasons are told in this language.
    Begin(Language),
    /// 20 ms of the caller.
    Frame(PcmFrame),
    /// The utterance is over.
    End,
    /// The utterance is forgotten.
    Drop,
    /// The call is over, and all that was known of the voice is forgotten.
    Close,
}

impl Job for ScoreJob {
    fn weight(&self) -> Weight {
        match self {
            Self::Frame(_) => Weight::Frame,
            Self::Open(..) => Weight::Opening,
            Self::Begin(_) | Self::End | Self::Drop | Self::Close => Weight::Order,
        }
    }
}

type ScoreMailbox = Mailbox<CallId, ScoreJob>;

/// The pool.
pub struct ScorePool {
    workers: Vec<Arc<ScoreMailbox>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl ScorePool {
    /// Starts so many workers over one shared model and what is known of the site.
    pub fn start(
        model: &Arc<VoiceModel>,
        site: SiteLevel,
        workers: usize,
    ) -> std::io::Result<Self> {
        let mut pool = Self {
            workers: Vec::new(),
            threads: Mutex::default(),
        };
        for number in 0..workers.max(1) {
            let mailbox = Arc::new(ScoreMailbox::new());
            pool.workers.push(Arc::clone(&mailbox));
            let worker = Worker {
                model: Arc::clone(model),
                site,
                mailbox,
                calls: HashMap::new(),
            };
            let thread = std::thread::Builder::new()
                .name(format!("score-{number}"))
                .spawn(move || worker.run())?;
            lock(&pool.threads).push(thread);
        }
        Ok(pool)
    }

    /// The worker that has least to do: where the next call should go.
    pub fn least_busy(&self) -> usize {
        let workers = self.workers.iter().enumerate();
        let least = workers.min_by_key(|(_, worker)| worker.streams());
        least.map_or(0, |(number, _)| number)
    }

    /// Gives a worker an order; false when its mailbox takes no more calls.
    pub fn post(&self, worker: usize, call: CallId, job: ScoreJob) -> bool {
        self.workers
            .get(worker)
            .is_some_and(|mailbox| mailbox.post(call, job))
    }

    /// Frames dropped so far because workers could not keep up.
    pub fn dropped_frames(&self) -> usize {
        self.workers.iter().map(|worker| worker.dropped()).sum()
    }

    /// Ends the workers and waits for them.
    pub fn stop(&self) {
        for worker in &self.workers {
            worker.close();
        }
        for thread in lock(&self.threads).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a voice-score worker had ended in a panic");
            }
        }
    }
}

struct Worker {
    model: Arc<VoiceModel>,
    site: SiteLevel,
    mailbox: Arc<ScoreMailbox>,
    calls: HashMap<CallId, ScoredCall>,
}

struct ScoredCall {
    scorer: EmotionScorer,
    listener: ScoreListener,
}

impl Worker {
    fn run(mut self) {
        while let Some((call, job)) = self.mailbox.next() {
            let outcome = catch_unwind(AssertUnwindSafe(|| self.work(call, job)));
            if outcome.is_err() {
                tracing::error!(%call, "the voice scorer panicked; the call is scored no more");
                self.close(call);
            }
        }
    }

    fn work(&mut self, call: CallId, job: ScoreJob) {
        match job {
            ScoreJob::Open(language, listener) => {
                let scorer = EmotionScorer::new(Arc::clone(&self.model), self.site, language);
                self.calls.insert(call, ScoredCall { scorer, listener });
            }
            ScoreJob::Close => self.close(call),
            job => {
                if let Some(ScoredCall { scorer, listener }) = self.calls.get_mut(&call)
                    && let Some(score) = scored(scorer, job)
                {
                    listener(score);
                }
            }
        }
    }

    fn close(&mut self, call: CallId) {
        if self.calls.remove(&call).is_some() {
            self.mailbox.stream_closed();
        }
    }
}

/// What the scorer says to this.
fn scored(scorer: &mut EmotionScorer, job: ScoreJob) -> Option<EmotionScore> {
    match job {
        ScoreJob::Begin(language) => {
            scorer.speak(language);
            scorer.begin_utterance();
            None
        }
        ScoreJob::Frame(frame) => scorer.push(&frame),
        ScoreJob::End => scorer.end_utterance(),
        ScoreJob::Drop => {
            scorer.drop_utterance();
            None
        }
        ScoreJob::Open(..) | ScoreJob::Close => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{CallTime, FRAME_SAMPLES, FRAME_TIME, SAMPLE_RATE};
    use std::f32::consts::TAU;
    use std::sync::mpsc::{Receiver, channel};

    const MODEL: &str = include_str!("../../../voice-emotion/models/anger-acted.json");

    fn pool() -> ScorePool {
        let model = Arc::new(VoiceModel::read(MODEL).expect("the model that is shipped"));
        ScorePool::start(&model, model.site, 2).expect("threads")
    }

    /// A voice of 140 Hz that makes four syllables a second.
    fn voice(frames: usize) -> impl Iterator<Item = PcmFrame> {
        (0..frames).map(|number| {
            let mut frame = PcmFrame::silent(CallTime::ZERO + FRAME_TIME * number as u32);
            for (k, sample) in frame.samples.iter_mut().enumerate() {
                let t = (number * FRAME_SAMPLES + k) as f32 / SAMPLE_RATE as f32;
                let harmonics = (1..12).map(|n| (TAU * 140.0 * n as f32 * t).sin() / n as f32);
                let syllable = 0.6 + 0.4 * (TAU * 4.0 * t).sin();
                *sample = (3_000.0 * syllable * harmonics.sum::<f32>()) as i16;
            }
            frame
        })
    }

    fn open(pool: &ScorePool, call: CallId) -> (usize, Receiver<EmotionScore>) {
        let (sender, told) = channel();
        let listener = Box::new(move |score| drop(sender.send(score)));
        let worker = pool.least_busy();
        assert!(pool.post(worker, call, ScoreJob::Open(Language::En, listener)));
        (worker, told)
    }

    fn speak(pool: &ScorePool, worker: usize, call: CallId, end: ScoreJob) {
        assert!(pool.post(worker, call, ScoreJob::Begin(Language::En)));
        for frame in voice(150) {
            assert!(pool.post(worker, call, ScoreJob::Frame(frame)));
        }
        assert!(pool.post(worker, call, end));
    }

    #[test]
    fn a_voice_is_scored_as_it_goes_on_and_at_the_end_of_an_utterance() {
        let (pool, call) = (pool(), CallId::new(1, 1));
        let (worker, told) = open(&pool, call);
        speak(&pool, worker, call, ScoreJob::End);
        speak(&pool, worker, call, ScoreJob::End);
        pool.stop();
        let scores: Vec<EmotionScore> = told.iter().collect();
        let utterances: Vec<u32> = scores.iter().map(|score| score.utterance).collect();
        assert!(
            utterances.is_sorted() && utterances.contains(&2),
            "{utterances:?}"
        );
        let last = scores.last().expect("scores");
        assert!(
            last.speech_micros > 1_000_000 && !last.reasons.is_empty(),
            "{last:?}"
        );
    }

    #[test]
    fn a_dropped_utterance_has_no_last_score_and_a_closed_call_none_at_all() {
        let (pool, call) = (pool(), CallId::new(1, 2));
        let (worker, told) = open(&pool, call);
        speak(&pool, worker, call, ScoreJob::Drop);
        assert!(pool.post(worker, call, ScoreJob::End));
        assert!(pool.post(worker, call, ScoreJob::Close));
        speak(&pool, worker, call, ScoreJob::End);
        pool.stop();
        let ends: Vec<u64> = told.iter().map(|score| score.at.as_millis()).collect();
        assert!(ends.iter().all(|end| *end < 3_000), "{ends:?}");
    }

    #[test]
    fn the_next_call_goes_where_least_is_scored() {
        let pool = pool();
        let (first, _told) = open(&pool, CallId::new(1, 3));
        let (second, _told) = open(&pool, CallId::new(1, 4));
        assert_ne!(first, second);
        pool.stop();
    }
}
