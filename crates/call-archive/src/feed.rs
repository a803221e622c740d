//! The bounded mailbox between a call's media thread and the archive's writer.

use crate::wav::FRAME_BYTES;
use call_model::{CallHeader, CallOutcome, CallTime, EscalationReason, FRAME_SAMPLES};
use crossbeam_queue::ArrayQueue;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Frames that travel together: 100 ms.
const BLOCK_FRAMES: usize = 5;
/// Blocks that may wait for the writer: 5 s. More drops the oldest.
const BLOCKS_WAITING: usize = 50;
/// Blocks kept for use again.
const BLOCKS_SPARE: usize = 8;
/// Journal lines that may wait for the writer.
const LINES_WAITING: usize = 512;

/// Frames in a row, ready to be written.
#[derive(Debug)]
pub(crate) struct Block {
    /// The place of its first frame in the recording, in frames.
    first: u64,
    frames: usize,
    bytes: [u8; FRAME_BYTES * BLOCK_FRAMES],
}

impl Block {
    fn empty() -> Self {
        Self {
            first: 0,
            frames: 0,
            bytes: [0; FRAME_BYTES * BLOCK_FRAMES],
        }
    }

    /// Begins again, with the frame of this place.
    pub fn begin(&mut self, first: u64) {
        (self.first, self.frames) = (first, 0);
    }

    /// Adds a frame; there must be room.
    pub fn push(&mut self, caller: &[i16; FRAME_SAMPLES], bot: &[i16; FRAME_SAMPLES]) {
        let from = self.frames * FRAME_BYTES;
        let frame = &mut self.bytes[from..from + FRAME_BYTES];
        for (pair, (left, right)) in frame.chunks_exact_mut(4).zip(caller.iter().zip(bot)) {
            pair[..2].copy_from_slice(&left.to_le_bytes());
            pair[2..].copy_from_slice(&right.to_le_bytes());
        }
        self.frames += 1;
    }

    pub const fn is_full(&self) -> bool {
        self.frames == BLOCK_FRAMES
    }

    /// Where its sound belongs, in bytes after the header. A block that was dropped
    /// leaves its place silent, so that nothing after it moves.
    pub const fn offset(&self) -> u64 {
        self.first * FRAME_BYTES as u64
    }

    pub fn sound(&self) -> &[u8] {
        &self.bytes[..self.frames * FRAME_BYTES]
    }
}

/// How and when a call ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub at: CallTime,
    pub outcome: CallOutcome,
}

/// One call's mailbox. The media thread pushes and never waits, the writer pops.
#[derive(Debug)]
pub(crate) struct Feed {
    pub header: CallHeader,
    blocks: ArrayQueue<Box<Block>>,
    spare: ArrayQueue<Box<Block>>,
    lines: ArrayQueue<Vec<u8>>,
    dropped_frames: AtomicU64,
    lost_lines: AtomicU64,
    /// Set last, after everything else was pushed.
    pub ending: OnceLock<Ending>,
    /// The first escalation of the call.
    pub escalation: OnceLock<EscalationReason>,
}

impl Feed {
    pub fn new(header: CallHeader) -> Self {
        Self {
            header,
            blocks: ArrayQueue::new(BLOCKS_WAITING),
            spare: ArrayQueue::new(BLOCKS_SPARE),
            lines: ArrayQueue::new(LINES_WAITING),
            dropped_frames: AtomicU64::new(0),
            lost_lines: AtomicU64::new(0),
            ending: OnceLock::new(),
            escalation: OnceLock::new(),
        }
    }

    /// A block to fill.
    pub fn empty_block(&self) -> Box<Block> {
        self.spare.pop().unwrap_or_else(|| Box::new(Block::empty()))
    }

    /// Hands a block over, at the cost of the oldest when too many wait.
    pub fn push_block(&self, block: Box<Block>) {
        if let Some(oldest) = self.blocks.force_push(block) {
            self.dropped_frames.fetch_add(oldest.frames as u64, Relaxed);
            self.give_back(oldest);
        }
    }

    pub fn pop_block(&self) -> Option<Box<Block>> {
        self.blocks.pop()
    }

    /// Returns a written block for use again.
    pub fn give_back(&self, block: Box<Block>) {
        // When enough are spare this one may go.
        let _ = self.spare.push(block);
    }

    /// Hands a line over, or gives it back when too many wait.
    pub fn push_line(&self, line: Vec<u8>) -> Result<(), Vec<u8>> {
        self.lines.push(line)
    }

    pub fn pop_line(&self) -> Option<Vec<u8>> {
        self.lines.pop()
    }

    pub fn lose_line(&self) {
        self.lost_lines.fetch_add(1, Relaxed);
    }

    pub fn dropped_frames(&self) -> u64 {
        self.dropped_frames.load(Relaxed)
    }

    pub fn lost_lines(&self) -> u64 {
        self.lost_lines.load(Relaxed)
    }
}
