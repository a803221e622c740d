//! The ear is asked sensible things.

use super::{Report, Rule};
use call_model::{CallAction, CallInput, Decision, Heard, Language, TurnId};

#[derive(Debug)]
pub(super) struct Turns {
    language: Language,
    state: State,
    last: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Off,
    Open(TurnId),
    Finishing(TurnId),
}

impl Turns {
    pub(super) const fn new(language: Language) -> Self {
        Self {
            language,
            state: State::Off,
            last: 0,
        }
    }

    pub(super) fn input(&mut self, input: &CallInput) {
        if let CallInput::Heard(Heard::Final { turn, .. } | Heard::NoMatch { turn, .. }) = input
            && (self.state == State::Open(*turn) || self.state == State::Finishing(*turn))
        {
            self.state = State::Off;
        }
    }

    pub(super) fn action(&mut self, action: &CallAction, report: Report<'_>) {
        let is_sensible = match action {
            CallAction::Listen { turn, language, .. } => {
                let is_new = turn.0 > self.last && *language == self.language;
                let was_off = self.state == State::Off;
                self.last = turn.0;
                self.state = State::Open(*turn);
                is_new && was_off
            }
            CallAction::FinishHearing(turn) => {
                let was_open = self.state == State::Open(*turn);
                self.state = State::Finishing(*turn);
                was_open
            }
            CallAction::StopListening(turn) => {
                let was_on =
                    self.state == State::Open(*turn) || self.state == State::Finishing(*turn);
                self.state = State::Off;
                was_on
            }
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Escalate { .. }
            | CallAction::FetchPerson(_)
            | CallAction::BookCallback(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_) => true,
            CallAction::Decide(decision) => {
                if let Decision::LanguageChosen { language } = decision {
                    self.language = *language;
                }
                true
            }
        };
        if !is_sensible {
            report(
                Rule::ActionsMakeSense,
                format!("{} out of turn", super::name(action)),
            );
        }
    }
}
