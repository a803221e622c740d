//! Reads a journal's times: how long callers waited for replies, how fast
//! prompts gave way.

use call_model::{CallAction, CallInput, CallTime, Heard, JournalEntry, JournalLine, PromptId};
use std::time::Duration;

/// One reply: from the end of the caller's speech to the first packet of the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Waiting whether the caller goes on.
    pub pause: Duration,
    /// From the turn's end to the final result.
    pub recognition: Duration,
    /// From the result to the order to play.
    pub decision: Duration,
    /// From the order to the first packet: making the prompt, waiting for the tick.
    pub playout: Duration,
}

impl Reply {
    /// The whole.
    pub fn total(&self) -> Duration {
        self.pause + self.recognition + self.decision + self.playout
    }
}

/// What one journal line completed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measured {
    /// The first packet of a reply went out.
    Replied(Reply),
    /// A prompt was ducked, so long after the first sound of speech.
    Ducked(Duration),
    /// A confirmed interruption silenced the prompt, so long after it was confirmed.
    Silenced(Duration),
}

/// Follows one journal line by line.
#[derive(Default, Debug)]
pub struct Stopwatch {
    speech_began: Option<CallTime>,
    speech_ended: Option<CallTime>,
    finished: Option<CallTime>,
    heard: Option<CallTime>,
    played: Option<(PromptId, CallTime)>,
    stopped: Option<(PromptId, CallTime)>,
}

impl Stopwatch {
    /// Takes the next line; tells what it completed.
    pub fn follow(&mut self, line: &JournalLine) -> Option<Measured> {
        let JournalLine::At(now, entry) = line else {
            return None;
        };
        match entry {
            JournalEntry::In(input) => self.hear(*now, input),
            JournalEntry::Out(action) => self.act(*now, action),
            JournalEntry::Wake { .. } => None,
        }
    }

    fn hear(&mut self, now: CallTime, input: &CallInput) -> Option<Measured> {
        match input {
            CallInput::SpeechStarted { since } => self.speech_began = Some(*since),
            CallInput::SpeechEnded { since } => self.speech_ended = Some(*since),
            CallInput::Heard(Heard::Final { .. } | Heard::NoMatch { .. }) => {
                self.heard = self.finished.map(|_| now);
            }
            CallInput::PromptStarted(prompt) => return self.reply(*prompt, now),
            CallInput::PromptEnded { prompt, .. } => {
                let (stopped, since) = self.stopped.take()?;
                return (stopped == *prompt).then(|| Measured::Silenced(now - since));
            }
            _ => {}
        }
        None
    }

    fn act(&mut self, now: CallTime, action: &CallAction) -> Option<Measured> {
        match action {
            CallAction::FinishHearing(_) => {
                self.finished = Some(now);
                self.heard = None;
            }
            CallAction::Play { prompt, .. } => self.played = Some((*prompt, now)),
            CallAction::StopPlaying(prompt) => self.stopped = Some((*prompt, now)),
            CallAction::Duck(_) => {
                return self
                    .speech_began
                    .take()
                    .map(|since| Measured::Ducked(now - since));
            }
            _ => {}
        }
        None
    }

    fn reply(&mut self, prompt: PromptId, now: CallTime) -> Option<Measured> {
        let (expected, played) = self.played?;
        let heard = self
            .heard
            .filter(|heard| expected == prompt && *heard <= played)?;
        let (ended, finished) = (self.speech_ended.take()?, self.finished.take()?);
        self.heard = None;
        Some(Measured::Replied(Reply {
            pause: finished - ended,
            recognition: heard - finished,
            decision: played - heard,
            playout: now - played,
        }))
    }
}

/// The value that so many hundredths of the samples do not exceed (nearest rank).
pub fn percentile(samples: &mut [Duration], hundredths: usize) -> Option<Duration> {
    samples.sort_unstable();
    let rank = (samples.len() * hundredths).div_ceil(100).max(1);
    samples.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::Pace;
    use call_model::{Interruption, Language, PromptText, TurnId};

    fn at(ms: u64, entry: JournalEntry) -> JournalLine {
        JournalLine::At(CallTime::from_millis(ms), entry)
    }

    #[test]
    fn a_reply_is_split_into_its_four_parts() {
        let text = PromptText {
            language: Language::Zh,
            pieces: vec![],
            pace: Pace::USUAL,
        };
        let heard = Heard::NoMatch {
            turn: TurnId(1),
            rejected: None,
            spotted: vec![],
            language: None,
        };
        let prompt = PromptId(2);
        let interruption = Interruption::Never;
        let since = CallTime::from_millis(1_000);
        let lines = [
            at(1_200, JournalEntry::In(CallInput::SpeechEnded { since })),
            at(
                1_500,
                JournalEntry::Out(CallAction::FinishHearing(TurnId(1))),
            ),
            at(1_540, JournalEntry::In(CallInput::Heard(heard))),
            at(
                1_541,
                JournalEntry::Out(CallAction::Play {
                    prompt,
                    text,
                    interruption,
                }),
            ),
            at(1_560, JournalEntry::In(CallInput::PromptStarted(prompt))),
        ];
        let mut watch = Stopwatch::default();
        let last = lines.iter().filter_map(|line| watch.follow(line)).last();
        let ms = Duration::from_millis;
        let expected = Reply {
            pause: ms(500),
            recognition: ms(40),
            decision: ms(1),
            playout: ms(19),
        };
        assert_eq!(last, Some(Measured::Replied(expected)));
        assert_eq!(expected.total(), ms(560));
    }

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let mut samples: Vec<_> = (1..=20).rev().map(Duration::from_millis).collect();
        assert_eq!(
            percentile(&mut samples, 50),
            Some(Duration::from_millis(10))
        );
        assert_eq!(
            percentile(&mut samples, 95),
            Some(Duration::from_millis(19))
        );
        assert_eq!(percentile(&mut [], 50), None);
    }
}
