//! The handle through which one call is recorded.

use crate::feed::{Block, Ending, Feed};
use crate::settings::OnFailure;
use crate::{ArchiveError, Result};
use call_model::{
    CallAction, CallOutcome, CallTime, FRAME_SAMPLES, JournalEntry, JournalLine, RecordingChoice,
};
use std::sync::Arc;

/// Records one call. Every verb returns at once: what it is given goes to a bounded
/// mailbox that the archive's writer empties.
///
/// A writer that is dropped without [`CallWriter::seal`] leaves its call
/// `interrupted`, with all that was given until then.
#[derive(Debug)]
pub struct CallWriter {
    /// None: the call goes on unrecorded.
    feed: Option<Arc<Feed>>,
    on_failure: OnFailure,
    block: Option<Box<Block>>,
    frames: u64,
    last_entry: CallTime,
}

impl CallWriter {
    pub(crate) const fn new(feed: Arc<Feed>, on_failure: OnFailure) -> Self {
        Self {
            feed: Some(feed),
            on_failure,
            block: None,
            frames: 0,
            last_entry: CallTime::ZERO,
        }
    }

    pub(crate) const fn unrecorded() -> Self {
        Self {
            feed: None,
            on_failure: OnFailure::GoOnUnrecorded,
            block: None,
            frames: 0,
            last_entry: CallTime::ZERO,
        }
    }

    /// Whether anything of this call is kept.
    pub const fn is_kept(&self) -> bool {
        self.feed.is_some()
    }

    /// Appends 20 ms: frame after frame, without gaps. Ignored when the call is not
    /// recorded. When the writer is 5 s behind, the oldest 100 ms turn to silence
    /// and are counted.
    pub fn append_audio(&mut self, caller: &[i16; FRAME_SAMPLES], bot: &[i16; FRAME_SAMPLES]) {
        let Some(feed) = &self.feed else { return };
        if feed.header.recording == RecordingChoice::Off {
            return;
        }
        let mut block = self.block.take().unwrap_or_else(|| {
            let mut block = feed.empty_block();
            block.begin(self.frames);
            block
        });
        block.push(caller, bot);
        self.frames += 1;
        if block.is_full() {
            feed.push_block(block);
        } else {
            self.block = Some(block);
        }
    }

    /// Appends a line. `Begin` and `End` are written by the archive itself and
    /// ignored here.
    ///
    /// # Errors
    /// [`ArchiveError::JournalFull`] when 512 lines wait because the disk fails:
    /// the call must go to a person. Under [`OnFailure::GoOnUnrecorded`] the line is
    /// lost and counted instead.
    pub fn append_journal(&mut self, line: &JournalLine) -> Result<()> {
        let JournalLine::At(at, entry) = line else {
            return Ok(());
        };
        let Some(feed) = &self.feed else {
            return Ok(());
        };
        self.last_entry = self.last_entry.max(*at);
        if let Some(reason) = escalation(entry) {
            // Only the first counts; a later one finds its place taken.
            let _ = feed.escalation.set(reason);
        }
        let full = || ArchiveError::JournalFull(feed.header.call);
        let json = json_line(line).map_err(|_| full())?;
        match (feed.push_line(json), self.on_failure) {
            (Ok(()), _) => Ok(()),
            (Err(_), OnFailure::RefuseCalls) => Err(full()),
            (Err(_), OnFailure::GoOnUnrecorded) => {
                feed.lose_line();
                Ok(())
            }
        }
    }

    /// Ends the record: soon after, the call is hashed, sealed and found by searches.
    pub fn seal(mut self, ended: CallTime, outcome: CallOutcome) {
        self.end(Ending { at: ended, outcome });
    }

    fn end(&mut self, ending: Ending) {
        let Some(feed) = self.feed.take() else { return };
        if let Some(block) = self.block.take() {
            feed.push_block(block);
        }
        // Nobody else ends this call: the handle is its only one and gives its feed away.
        let _ = feed.ending.set(ending);
    }
}

impl Drop for CallWriter {
    fn drop(&mut self) {
        self.end(Ending {
            at: self.last_entry,
            outcome: CallOutcome::Interrupted,
        });
    }
}

/// The reason, if this entry is an escalation.
pub(crate) fn escalation(entry: &JournalEntry) -> Option<call_model::EscalationReason> {
    match entry {
        JournalEntry::Out(CallAction::Escalate { reason, .. }) => Some(*reason),
        JournalEntry::Out(_) | JournalEntry::In(_) | JournalEntry::Wake { .. } => None,
    }
}

/// A value as one line of JSON, line feed included.
pub(crate) fn json_line<T: serde::Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}
