//! A caller who says one clip after another, each after a prompt.

use crate::call::{Director, Ending, Wish};
use crate::rtp::{Ear, Mouth};
use std::sync::Arc;
use std::time::Duration;

/// A clip with a pause in it may be answered in that pause, and then not once more at its end: so
/// long an answer at the end is waited for.
const AFTER_EARLY: Duration = Duration::from_secs(2);

/// How patient the caller is.
#[derive(Clone, Copy)]
pub struct Pace {
    /// So long it must have been quiet before a clip is spoken.
    pub quiet: Duration,
    /// The longest wait for something to sound.
    pub patience: Duration,
}

/// One utterance, as it was spoken.
#[derive(Clone, Copy)]
pub struct Turn {
    /// When the first packet with voice left.
    pub onset: Duration,
    /// When the last did.
    pub end: Duration,
    /// From the last packet with voice to the first packet of sound heard; zero where that came
    /// before the end.
    pub reply: Option<Duration>,
}

/// Waits for a prompt, lets it end, speaks a clip, waits for the next.
pub struct Speaker {
    clips: Vec<Arc<[i16]>>,
    pace: Pace,
    turns: Vec<Turn>,
    phase: Phase,
}

#[derive(Clone, Copy)]
enum Phase {
    /// Since then something should sound.
    AwaitingPrompt {
        since: Duration,
    },
    /// Something sounds since then; it should end.
    Listening {
        since: Duration,
    },
    Speaking,
}

impl Speaker {
    /// A caller about to speak these.
    pub const fn new(clips: Vec<Arc<[i16]>>, pace: Pace) -> Self {
        Self {
            clips,
            pace,
            turns: Vec::new(),
            phase: Phase::AwaitingPrompt {
                since: Duration::ZERO,
            },
        }
    }

    /// What was spoken, in order.
    pub fn into_turns(self) -> Vec<Turn> {
        self.turns
    }

    fn await_prompt(&mut self, since: Duration, now: Duration, ear: &Ear) -> Wish {
        let newest = ear.bursts().last().map(|burst| ear.arrival(burst.from));
        let Some(turn) = self.turns.last_mut() else {
            return self.go_on(newest.is_some(), since, now);
        };
        let is_early = newest.is_some_and(|began| began > turn.onset && began <= turn.end);
        match newest.filter(|&began| began > turn.end) {
            Some(began) => turn.reply = Some(began - turn.end),
            None if is_early && now > turn.end + AFTER_EARLY => turn.reply = Some(Duration::ZERO),
            None => {}
        }
        let is_answered = turn.reply.is_some();
        self.go_on(is_answered, since, now)
    }

    fn go_on(&mut self, is_prompted: bool, since: Duration, now: Duration) -> Wish {
        let is_overdue = now > since + self.pace.patience;
        if is_overdue && !is_prompted && self.was_ignored_before() {
            return Wish::HangUp;
        }
        if is_prompted || is_overdue {
            self.phase = Phase::Listening { since: now };
        }
        Wish::GoOn
    }

    /// Whether the clip before the last was not answered either, or nothing was spoken at all: a
    /// single one may have been too faint to be noticed, and the other side listens on.
    fn was_ignored_before(&self) -> bool {
        match self.turns.as_slice() {
            [.., before, _] => before.reply.is_none(),
            [_] => false,
            [] => true,
        }
    }
}

impl Director for Speaker {
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        match self.phase {
            Phase::AwaitingPrompt { since } => return self.await_prompt(since, now, ear),
            Phase::Listening { .. } if ear.quiet_for() >= self.pace.quiet => {
                let Some(clip) = self.clips.get(self.turns.len()) else {
                    return Wish::HangUp;
                };
                mouth.say(Arc::clone(clip));
                self.phase = Phase::Speaking;
            }
            Phase::Listening { since } if now > since + self.pace.patience * 6 => {
                return Wish::HangUp;
            }
            Phase::Listening { .. } => {}
            Phase::Speaking if mouth.is_idle() => {
                let (onset, end) = mouth.act().map_or((now, now), |act| (act.onset, act.end));
                self.turns.push(Turn {
                    onset,
                    end,
                    reply: None,
                });
                self.phase = Phase::AwaitingPrompt { since: end };
            }
            Phase::Speaking => {}
        }
        Wish::GoOn
    }

    fn ended(&mut self, _now: Duration, _ear: &Ear, _ending: &Ending) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::{FRAME, TICK};
    use crate::stage::{packet, remote};

    /// Says `clips` clips of 400 ms to a bot that beeps in the ticks `beeps` names.
    fn speak(clips: usize, beeps: impl Fn(usize) -> bool) -> Vec<(u128, Option<u128>)> {
        let (mut ear, mut mouth) = (Ear::new(remote(), true), Mouth::new(remote(), 1));
        let clip: Arc<[i16]> = dsp::tone(300.0, 8_000, 3_200, 8_000).into();
        let pace = Pace {
            quiet: Duration::from_millis(200),
            patience: Duration::from_secs(3),
        };
        let mut speaker = Speaker::new(vec![clip; clips], pace);
        let mut datagram = Vec::new();
        for tick in 0..1_000usize {
            let now = TICK * tick as u32;
            let sample = if beeps(tick) { 8_000 } else { 0 };
            ear.handle_packet(now, &packet(tick, &[sample; FRAME]));
            mouth.tick(now, &mut datagram);
            if speaker.tick(now, &ear, &mut mouth) == Wish::HangUp {
                break;
            }
        }
        let millis = |time: Duration| time.as_millis();
        let turns = speaker.into_turns().into_iter();
        turns
            .map(|turn| (millis(turn.onset), turn.reply.map(millis)))
            .collect()
    }

    #[test]
    fn each_clip_is_spoken_after_a_beep_and_its_answer_timed() {
        // Beeps of 100 ms at 0, 1 and 2 s; each is quiet for 200 ms at 300 ms.
        let turns = speak(2, |tick| tick < 150 && tick % 50 < 5);
        assert_eq!(turns, [(300, Some(320)), (1_300, Some(320))]);
    }

    #[test]
    fn an_answer_in_the_middle_of_a_clip_does_not_end_the_call() {
        let turns = speak(2, |tick| {
            tick < 5 || (25..30).contains(&tick) || (200..205).contains(&tick)
        });
        assert_eq!(turns[0], (300, Some(0)));
        assert_eq!(turns.len(), 2);
    }

    #[test]
    fn a_clip_that_is_not_answered_is_waited_for_and_the_next_one_spoken() {
        let turns = speak(2, |tick| tick < 5 || (300..305).contains(&tick));
        assert_eq!(turns[0], (300, None));
        assert_eq!(turns[1].1, Some(1_880));
    }

    #[test]
    fn a_bot_that_falls_silent_is_left_after_two_clips() {
        let turns = speak(9, |tick| tick < 5);
        assert_eq!(
            turns.iter().map(|turn| turn.1).collect::<Vec<_>>(),
            [None, None]
        );
        assert_eq!(speak(2, |_| false), []);
    }
}
