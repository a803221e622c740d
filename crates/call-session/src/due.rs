//! What time brings, and the end.

use crate::io::SessionOutput;
use crate::session::CallSession;
use crate::standing::{Due, Standing};
use call_engine::Deadline;
use call_model::{
    CallInput, CallOutcome, CallTime, HungUp, JournalEntry, JournalLine, PromptEnd, RecordingChoice,
};

/// Deadlines of the engine that one awakening may serve; more would be a circle.
const DUE_AT_ONCE: usize = 32;
/// Ticks that a stalled server makes up for when the call ends: 5 s.
const TICKS_MADE_UP: usize = 250;

impl CallSession {
    pub(crate) fn serve_due(&mut self, now: CallTime) {
        while let Some(prompt) = self.prompts.take_overdue(now) {
            self.tell_end(prompt, PromptEnd::Failed);
        }
        self.serve_desk(now);
        self.serve_standing(now);
        self.settle(now);
        for _ in 0..DUE_AT_ONCE {
            let due = self.call.poll_timeout().filter(|(at, _)| *at <= now);
            let Some((at, deadline)) = due.filter(|_| !self.standing.is_over()) else {
                return;
            };
            if is_giving_up(deadline) && self.desk.is_briefing() {
                self.bridge(now);
                self.settle(now);
                continue;
            }
            let deadline = deadline.to_string();
            self.journal(now, JournalEntry::Wake { at, deadline });
            self.tell(CallInput::DeadlineReached);
            self.settle(now);
        }
    }

    pub(crate) fn serve_standing(&mut self, now: CallTime) {
        let due = self.standing.due(&self.limits);
        match due.filter(|(at, _)| *at <= now) {
            None => {}
            Some((_, Due::Greet)) => {
                self.standing.talk(now, &self.limits);
                self.tell(CallInput::Answered);
                self.settle(now);
            }
            Some((_, Due::Leave(cause))) => {
                self.outputs.push_back(SessionOutput::HangUp(cause));
                self.end(now, cause.into());
            }
            Some((_, Due::End(how))) => self.end(now, how),
        }
    }

    /// Ends the call: the agent is hung up on, the engine learns it, every prompt gets its
    /// end, the journal its last line.
    pub(crate) fn end(&mut self, now: CallTime, how: HungUp) {
        self.settle(now);
        self.make_up_ticks(now);
        self.desk.want_nobody();
        self.hang_up_agent();
        self.standing = Standing::Over;
        self.tell(CallInput::HungUp(how));
        self.settle(now);
        while let Some(prompt) = self.prompts.oldest() {
            self.stop_playing(prompt);
            if self.prompts.end(prompt) {
                self.tell_end(prompt, PromptEnd::Stopped { heard_ms: 0 });
            }
            self.settle(now);
        }
        self.ear.hang_up(&mut self.outputs);
        self.score.drop_utterance(&mut self.outputs);
        let outcome = CallOutcome::Ended(how);
        let line = JournalLine::End(now, outcome);
        self.outputs.push_back(SessionOutput::Journal(line));
        self.outputs.push_back(SessionOutput::Over(outcome));
    }

    /// A server that stalled owes ticks: without them the recording would be shorter
    /// than the talk.
    fn make_up_ticks(&mut self, now: CallTime) {
        if self.recording == RecordingChoice::Off {
            return;
        }
        for _ in 0..TICKS_MADE_UP {
            if !self.standing.owes_ticks(now) {
                return;
            }
            self.tick(now);
            self.settle(now);
        }
    }
}

/// At this deadline nobody is to be had any more. Where somebody is, and hears the
/// whisper just now, the whisper is cut instead.
const fn is_giving_up(deadline: Deadline) -> bool {
    matches!(deadline, Deadline::FetchPerson | Deadline::QueueMax)
}
