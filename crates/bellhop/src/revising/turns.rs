//! The turns of a stored call in which its caller was listened to.

use call_model::{
    CallAction, CallInput, CallTime, Decision, GrammarId, Heard, JournalEntry, JournalLine,
    Language, Private, SAMPLE_RATE, TurnId,
};
use std::time::Duration;

/// The ear is given what was said so long before speech was noticed.
const PRE_ROLL: Duration = Duration::from_millis(400);

/// What of a call was spoken to the ear.
#[derive(Debug, Default)]
pub struct Spoken {
    /// When the recording begins.
    answered: CallTime,
    /// The turns in which the caller spoke, in order.
    pub turns: Vec<SpokenTurn>,
}

/// A turn in which the caller spoke.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpokenTurn {
    pub turn: TurnId,
    /// The part of the call that the ear was given.
    pub from: CallTime,
    pub to: CallTime,
    /// What was listened for.
    pub asked: Tongue,
    pub also: Option<Tongue>,
    /// Something sensitive was asked for meanwhile.
    pub is_sensitive: bool,
    /// What was understood in the call; empty: nothing.
    pub text: Private<String>,
}

/// A grammar of the plan, if any, and its language.
pub type Tongue = (Option<GrammarId>, Language);

impl Spoken {
    /// Reads a journal.
    pub fn of(journal: &[JournalLine]) -> Self {
        let mut reader = Reader::default();
        for line in journal {
            match line {
                JournalLine::At(at, JournalEntry::In(input)) => reader.news(*at, input),
                JournalLine::At(at, JournalEntry::Out(action)) => reader.action(*at, action),
                JournalLine::At(_, JournalEntry::Wake { .. })
                | JournalLine::Begin(_)
                | JournalLine::End(..) => {}
            }
        }
        reader.found
    }

    /// A turn's part of the caller's side of the recording, none where that ends before.
    pub fn sound<'s>(&self, turn: &SpokenTurn, caller: &'s [i16]) -> Option<&'s [i16]> {
        let place = |at: CallTime| {
            let micros = at.since(self.answered).as_micros();
            usize::try_from(micros * u128::from(SAMPLE_RATE) / 1_000_000).unwrap_or(usize::MAX)
        };
        let (from, to) = (place(turn.from), place(turn.to).min(caller.len()));
        caller.get(from..to).filter(|sound| !sound.is_empty())
    }
}

#[derive(Default)]
struct Reader {
    found: Spoken,
    is_speaking: bool,
    is_hushed: bool,
    /// Nothing from before then is heard: it belongs to a turn that is over, or was said where it is masked.
    not_before: CallTime,
    open: Option<Open>,
}

/// A turn that listens.
struct Open {
    turn: TurnId,
    asked: Tongue,
    also: Option<Tongue>,
    /// When its stream was opened; none: nobody spoke yet.
    began: Option<CallTime>,
    is_sensitive: bool,
}

impl Reader {
    fn news(&mut self, at: CallTime, input: &CallInput) {
        match input {
            CallInput::Answered => self.found.answered = at,
            CallInput::SpeechStarted { .. } => {
                self.is_speaking = true;
                if let Some(open) = &mut self.open {
                    open.began.get_or_insert(at);
                }
            }
            CallInput::SpeechEnded { .. } => self.is_speaking = false,
            CallInput::Heard(Heard::Final { turn, best, .. }) => {
                let mut turns = self.found.turns.iter_mut().rev();
                if let Some(heard) = turns.find(|it| it.turn == *turn) {
                    heard.text = best.text.clone();
                }
            }
            CallInput::Heard(Heard::NoMatch { .. } | Heard::Partial { .. })
            | CallInput::KeyPressed(_)
            | CallInput::PromptStarted(_)
            | CallInput::PromptEnded { .. }
            | CallInput::Emotion(_)
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::CallerHeld
            | CallInput::CallerReturned
            | CallInput::DeadlineReached
            | CallInput::Draining
            | CallInput::Failed { .. }
            | CallInput::HungUp(_) => {}
        }
    }

    fn action(&mut self, at: CallTime, action: &CallAction) {
        match action {
            CallAction::Listen {
                turn,
                grammar,
                language,
                also,
            } => {
                self.open = Some(Open {
                    turn: *turn,
                    asked: (*grammar, *language),
                    also: *also,
                    began: self.is_speaking.then_some(at),
                    is_sensitive: self.is_hushed,
                });
            }
            CallAction::FinishHearing(turn) => self.finish(at, *turn),
            CallAction::StopListening(turn) => {
                self.open.take_if(|open| open.turn == *turn);
            }
            CallAction::Decide(Decision::Entered { is_sensitive, .. }) => {
                if self.is_hushed && !is_sensitive {
                    self.not_before = at;
                }
                self.is_hushed = *is_sensitive;
                if let Some(open) = &mut self.open {
                    open.is_sensitive |= is_sensitive;
                }
            }
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Escalate { .. }
            | CallAction::FetchPerson(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::BookCallback(_)
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
    }

    fn finish(&mut self, at: CallTime, turn: TurnId) {
        let Some(open) = self.open.take_if(|open| open.turn == turn) else {
            return;
        };
        let Some(began) = open.began else {
            return;
        };
        let from = began.back(PRE_ROLL).max(self.not_before);
        self.not_before = at;
        self.found.turns.push(SpokenTurn {
            turn,
            from: from.max(self.found.answered),
            to: at,
            asked: open.asked,
            also: open.also,
            is_sensitive: open.is_sensitive,
            text: Private::default(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{Hypothesis, PerMille};

    fn heard(turn: u32, text: &str) -> CallInput {
        CallInput::Heard(Heard::Final {
            turn: TurnId(turn),
            best: Hypothesis {
                text: text.to_owned().into(),
                confidence: PerMille::new(900),
                words: Vec::new(),
            },
            others: Vec::new(),
            spotted: Vec::new(),
            language: None,
        })
    }

    fn listen(turn: u32) -> CallAction {
        CallAction::Listen {
            turn: TurnId(turn),
            grammar: Some(GrammarId(3)),
            language: Language::Zh,
            also: None,
        }
    }

    fn entered(is_sensitive: bool) -> CallAction {
        CallAction::Decide(Decision::Entered {
            node: "somewhere".to_owned(),
            is_sensitive,
        })
    }

    /// A journal written short: milliseconds, and what went in or came out.
    fn spoken(entries: Vec<(u64, JournalEntry)>) -> Spoken {
        let lines = entries.into_iter();
        let at = |(ms, entry)| JournalLine::At(CallTime::from_millis(ms), entry);
        Spoken::of(&lines.map(at).collect::<Vec<_>>())
    }

    fn went_in(ms: u64, input: CallInput) -> (u64, JournalEntry) {
        (ms, JournalEntry::In(input))
    }

    fn came_out(ms: u64, action: CallAction) -> (u64, JournalEntry) {
        (ms, JournalEntry::Out(action))
    }

    fn started(ms: u64) -> (u64, JournalEntry) {
        let since = CallTime::from_millis(ms);
        went_in(ms, CallInput::SpeechStarted { since })
    }

    fn ended(ms: u64) -> (u64, JournalEntry) {
        let since = CallTime::from_millis(ms);
        went_in(ms, CallInput::SpeechEnded { since })
    }

    fn finished(ms: u64, turn: u32) -> (u64, JournalEntry) {
        came_out(ms, CallAction::FinishHearing(TurnId(turn)))
    }

    fn windows(spoken: &Spoken) -> Vec<(u32, u64, u64, bool)> {
        let of = |it: &SpokenTurn| {
            (
                it.turn.0,
                it.from.as_millis(),
                it.to.as_millis(),
                it.is_sensitive,
            )
        };
        spoken.turns.iter().map(of).collect()
    }

    #[test]
    fn a_turn_reaches_from_before_its_first_speech_to_its_end() {
        let spoken = spoken(vec![
            went_in(100, CallInput::Answered),
            came_out(200, listen(1)),
            started(1_000),
            ended(1_500),
            started(1_700),
            ended(2_000),
            finished(2_600, 1),
            went_in(2_650, heard(1, "退保")),
        ]);
        assert_eq!(windows(&spoken), [(1, 600, 2_600, false)]);
        let turn = &spoken.turns[0];
        assert_eq!(turn.asked, (Some(GrammarId(3)), Language::Zh));
        assert_eq!(turn.text.reveal(), "退保");
        // Half a second after the answer the recording is half a second long.
        let caller: Vec<i16> = (0..30_000).map(|n| (n / 8) as i16).collect();
        let sound = spoken.sound(turn, &caller).expect("sound");
        assert_eq!((sound[0], sound.len()), (500, 16_000));
        assert!(spoken.sound(turn, &caller[..3_000]).is_none());
        assert_eq!(
            spoken.sound(turn, &caller[..8_000]).map(<[i16]>::len),
            Some(4_000)
        );
    }

    #[test]
    fn a_turn_in_which_nobody_spoke_or_that_was_given_up_is_none() {
        let spoken = spoken(vec![
            came_out(200, listen(1)),
            finished(5_000, 1),
            came_out(5_100, listen(2)),
            started(6_000),
            came_out(6_500, CallAction::StopListening(TurnId(2))),
            finished(6_600, 2),
        ]);
        assert_eq!(windows(&spoken), []);
    }

    #[test]
    fn speech_that_is_under_way_belongs_to_the_next_turn_from_where_the_last_one_ended() {
        let spoken = spoken(vec![
            came_out(200, listen(1)),
            started(1_000),
            finished(2_000, 1),
            came_out(2_100, listen(2)),
            ended(2_800),
            finished(3_400, 2),
        ]);
        assert_eq!(
            windows(&spoken),
            [(1, 600, 2_000, false), (2, 2_000, 3_400, false)]
        );
    }

    #[test]
    fn what_is_said_where_something_sensitive_is_asked_for_is_marked_and_no_later_turn_reaches_into_it()
     {
        let spoken = spoken(vec![
            came_out(100, entered(true)),
            came_out(200, listen(1)),
            started(1_000),
            finished(2_000, 1),
            came_out(2_300, entered(false)),
            came_out(2_300, listen(2)),
            started(2_400),
            finished(3_000, 2),
            came_out(3_100, listen(3)),
            started(3_200),
            came_out(3_300, entered(true)),
            finished(4_000, 3),
        ]);
        assert_eq!(
            windows(&spoken),
            [
                (1, 600, 2_000, true),
                (2, 2_300, 3_000, false),
                (3, 3_000, 4_000, true)
            ]
        );
    }
}
