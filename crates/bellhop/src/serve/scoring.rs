//! The voice-score workers: threads that score how callers' voices sound. A call
//! belongs to one worker from its first utterance to its end, because its own calm
//! voice is the yardstick; that yardstick dies with the call.

use super::mailbox::{Job, Mailbox, Weight};
use crate::site_file;
use call_model::{CallId, EmotionScore, Language, PcmFrame};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use voice_emotion::{EmotionScorer, VoiceModel, VoiceSite};

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
    site: Arc<Site>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The site's statistics are kept no more often than this.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// What is known of the site's lines and callers as a whole, and the model that it corrects.
pub struct Site {
    model: Arc<VoiceModel>,
    /// Where the statistics are kept between starts; none: they are not.
    path: Option<PathBuf>,
    learnt: Mutex<Learnt>,
}

struct Learnt {
    site: VoiceSite,
    kept: Instant,
}

impl Site {
    /// A site of which so much is known.
    pub fn new(model: Arc<VoiceModel>, site: VoiceSite, path: Option<PathBuf>) -> Self {
        let kept = Instant::now();
        Self {
            model,
            path,
            learnt: Mutex::new(Learnt { site, kept }),
        }
    }

    /// Whether enough of the site is known for its scores to be called calibrated.
    pub fn is_calibrated(&self) -> bool {
        lock(&self.learnt).site.is_calibrated(&self.model)
    }

    fn scorer(&self, language: Language) -> EmotionScorer {
        let (offset, scale) = {
            let site = &lock(&self.learnt).site;
            (site.offset(&self.model), site.scale(&self.model))
        };
        EmotionScorer::new(Arc::clone(&self.model), offset, language).on_scale(scale)
    }

    /// Learns from an utterance that is over, and keeps what is known from time to time.
    fn learn(&self, scorer: &mut EmotionScorer) {
        let mut learnt = lock(&self.learnt);
        scorer.teach(learnt.site.statistics_to_teach(&self.model));
        if learnt.kept.elapsed() >= KEEP_EVERY {
            learnt.kept = Instant::now();
            let site = learnt.site.clone();
            drop(learnt);
            self.keep(site);
        }
    }

    /// Keeps the statistics. The calibrated point is the file's: one that was written while
    /// calls are scored stays there, and holds from the next start on.
    fn keep(&self, mut site: VoiceSite) {
        let Some(path) = &self.path else { return };
        if let Ok(kept) = site_file::read(path) {
            site.calibration = kept.calibration;
        }
        if let Err(error) = site_file::write(path, &site) {
            let path = path.display();
            tracing::warn!(%path, %error, "what was learnt of the site's voices cannot be kept");
        }
    }
}

impl ScorePool {
    /// Starts so many workers over what is known of the site.
    pub fn start(site: Site, workers: usize) -> std::io::Result<Self> {
        let mut pool = Self {
            workers: Vec::new(),
            site: Arc::new(site),
            threads: Mutex::default(),
        };
        for number in 0..workers.max(1) {
            let mailbox = Arc::new(ScoreMailbox::new());
            pool.workers.push(Arc::clone(&mailbox));
            let worker = Worker {
                site: Arc::clone(&pool.site),
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
        let site = lock(&self.site.learnt).site.clone();
        self.site.keep(site);
    }
}

struct Worker {
    site: Arc<Site>,
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
                let scorer = self.site.scorer(language);
                self.calls.insert(call, ScoredCall { scorer, listener });
            }
            ScoreJob::Close => self.close(call),
            job => {
                let is_end = matches!(job, ScoreJob::End);
                let Some(ScoredCall { scorer, listener }) = self.calls.get_mut(&call) else {
                    return;
                };
                if let Some(mut score) = scored(scorer, job) {
                    score.is_calibrated = self.site.is_calibrated();
                    listener(score);
                }
                if is_end {
                    self.site.learn(scorer);
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
    use voice_emotion::{ModelMark, SiteCalibration};

    const MODEL: &str = include_str!("../../../voice-emotion/models/anger-acted.json");

    fn pool() -> ScorePool {
        let model = Arc::new(VoiceModel::read(MODEL).expect("the model that is shipped"));
        let site = Site::new(model, VoiceSite::default(), None);
        ScorePool::start(site, 2).expect("threads")
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
        assert!(last.speech_micros > 1_000_000, "{last:?}");
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

    fn shipped() -> Arc<VoiceModel> {
        Arc::new(VoiceModel::read(MODEL).expect("the model that is shipped"))
    }

    fn calibrated(model: &VoiceModel, log_odds_at_80: f32) -> VoiceSite {
        let mut site = VoiceSite::default();
        site.calibration = Some(SiteCalibration {
            model: ModelMark::of(model),
            log_odds_at_80,
            budget_per_mille: 10,
            calm_calls: 50,
            angry_calls: 0,
        });
        site
    }

    #[test]
    fn what_was_learnt_of_the_site_outlives_the_process_and_so_does_a_point_written_meanwhile() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        let model = shipped();
        let site = Site::new(Arc::clone(&model), VoiceSite::default(), Some(path.clone()));
        let (pool, call) = (
            ScorePool::start(site, 1).expect("threads"),
            CallId::new(1, 5),
        );
        let (worker, _told) = open(&pool, call);
        speak(&pool, worker, call, ScoreJob::End);
        let written = calibrated(&model, 2.0);
        site_file::write(&path, &written).expect("written");
        pool.stop();
        let kept = site_file::read(&path).expect("kept");
        assert!(kept.statistics_of(&model).is_some(), "{kept:?}");
        assert_eq!(kept.calibration, written.calibration);
    }

    #[test]
    fn a_sites_own_point_moves_the_scores_and_they_are_called_calibrated() {
        let model = shipped();
        let last = |site: VoiceSite| {
            let site = Site::new(Arc::clone(&model), site, None);
            let (pool, call) = (
                ScorePool::start(site, 1).expect("threads"),
                CallId::new(1, 6),
            );
            let (worker, told) = open(&pool, call);
            speak(&pool, worker, call, ScoreJob::End);
            pool.stop();
            told.iter().last().expect("a score")
        };
        let as_shipped = last(VoiceSite::default());
        let own = last(calibrated(&model, 50.0));
        assert_eq!(own.log_odds_milli, as_shipped.log_odds_milli);
        assert!(own.is_calibrated && !as_shipped.is_calibrated);
        let from_middle = |score: &EmotionScore| (i32::from(score.anger.tenths()) - 500).abs();
        assert!(
            from_middle(&own) < from_middle(&as_shipped),
            "{own:?} {as_shipped:?}"
        );
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
