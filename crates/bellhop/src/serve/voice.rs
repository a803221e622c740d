//! The voice workers: threads that make prompts no cache holds yet.

use super::news::CallNews;
use super::shard::{ShardHandle, ShardOrder};
use call_model::{CallId, PromptId, PromptText};
use speech::PromptStore;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Prompts that may wait to be made.
const JOBS_MAX: usize = 256;

/// One prompt to be made.
pub struct VoiceJob {
    pub text: PromptText,
    /// The folder that the plan's audio files are named in.
    pub plan_folder: PathBuf,
    pub shard: ShardHandle,
    pub call: CallId,
    pub what_for: SpokenFor,
}

/// Who is to hear it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpokenFor {
    /// The caller, as this prompt.
    Prompt(PromptId),
    /// The agent alone.
    Whisper,
}

impl SpokenFor {
    /// What the call is told once it is made; no sound: it could not be.
    pub fn news(self, audio: Option<Arc<[i16]>>) -> CallNews {
        match self {
            Self::Prompt(prompt) => CallNews::Prompt(prompt, audio),
            Self::Whisper => CallNews::Whisper(audio),
        }
    }
}

/// How a prompt is had.
pub enum Spoken {
    /// It was at hand.
    Now(Arc<[i16]>),
    /// The call will be told.
    Soon,
    /// Too many wait already.
    Refused,
}

/// The pool.
pub struct VoicePool {
    store: Arc<PromptStore>,
    jobs: SyncSender<VoiceJob>,
}

impl VoicePool {
    /// Starts the threads; they end when the pool is dropped.
    pub fn start(store: Arc<PromptStore>, workers: usize) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel::<VoiceJob>(JOBS_MAX);
        let inbox = Arc::new(Mutex::new(inbox));
        for number in 0..workers.max(1) {
            let (store, inbox) = (Arc::clone(&store), Arc::clone(&inbox));
            std::thread::Builder::new()
                .name(format!("voice-{number}"))
                .spawn(move || work(&store, &inbox))?;
        }
        Ok(Self { store, jobs })
    }

    /// The prompts that are at hand.
    pub fn store(&self) -> &PromptStore {
        &self.store
    }

    /// Looks a prompt up, or has it made.
    pub fn speak(&self, job: VoiceJob) -> Spoken {
        if let Some(audio) = self.store.lookup(&job.text, &job.plan_folder) {
            return Spoken::Now(audio);
        }
        match self.jobs.try_send(job) {
            Ok(()) => Spoken::Soon,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Spoken::Refused,
        }
    }
}

fn work(store: &PromptStore, inbox: &Mutex<Receiver<VoiceJob>>) {
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let made = catch_unwind(AssertUnwindSafe(|| store.make(&job.text, &job.plan_folder)));
        let audio = match made {
            Ok(Ok(audio)) => Some(audio),
            Ok(Err(error)) => {
                tracing::error!(call = %job.call, %error, "a prompt cannot be made");
                None
            }
            Err(_) => {
                tracing::error!(call = %job.call, "making a prompt panicked");
                None
            }
        };
        let news = job.what_for.news(audio);
        job.shard.send(ShardOrder::Tell(job.call, news));
    }
}
