//! The ear: whether the caller speaks, and the turn that is listened to.

use crate::ahead::Foresight;
use crate::deadline::limits;
use crate::word_watch::WordWatch;
use call_model::{CallAction, CallTime, GrammarId, Language, TurnId};
use std::collections::VecDeque;
use std::time::Duration;

/// What the ear is asked to listen for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) grammar: Option<GrammarId>,
    pub(crate) language: Language,
    /// What is tried at the same time, while nobody knows the caller's language.
    pub(crate) also: Option<(Option<GrammarId>, Language)>,
}

impl Wanted {
    /// The same once it is known which language is spoken.
    pub(crate) fn in_one(self, language: Language) -> Self {
        match self.also {
            Some((grammar, other)) if other == language => Self {
                grammar,
                language: other,
                also: None,
            },
            Some(_) | None => Self { also: None, ..self },
        }
    }
}

/// The caller's voice and the recogniser's attention.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) voice: Voice,
    pub(crate) hearing: Hearing,
    health: Health,
    last_turn: u32,
}

/// Whether the caller's voice is on the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Voice {
    Quiet,
    /// Speech, from this moment on.
    Speaking {
        since: CallTime,
    },
    /// Sound that outlasted an utterance: it no longer holds the floor.
    Droning,
}

/// What becomes of the caller's words.
#[derive(Debug)]
pub(crate) enum Hearing {
    /// Nobody listens.
    Off,
    /// A turn stands open.
    Open(Turn),
    /// The turn is over; its result is owed.
    Finishing { turn: Turn, since: CallTime },
}

/// Whether the recogniser answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    /// It does, but for so many results in a row.
    Well {
        overdue: u32,
    },
    Lost,
}

/// One turn of the caller.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) id: TurnId,
    pub(crate) wanted: Wanted,
    pub(crate) speech: Speech,
    pub(crate) understood: Understood,
    pub(crate) watch: WordWatch,
    pub(crate) foresight: Foresight,
}

/// The speech of one turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Speech {
    None,
    Going {
        began: CallTime,
    },
    /// A pause, which may be the end of the turn.
    Paused {
        began: CallTime,
        ended: CallTime,
    },
}

impl Speech {
    /// From its beginning to its end, or to `now`.
    pub(crate) fn span(self, now: CallTime) -> (CallTime, CallTime) {
        match self {
            Self::None => (now, now),
            Self::Going { began } => (began, now),
            Self::Paused { began, ended } => (began, ended),
        }
    }

    pub(crate) fn length(self, now: CallTime) -> Duration {
        let (began, ended) = self.span(now);
        ended.since(began)
    }
}

/// The latest partial result of a turn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Understood {
    pub(crate) text: String,
    pub(crate) is_complete: bool,
    pub(crate) can_continue: bool,
    /// The words fit worse than other sounds would.
    pub(crate) is_doubtful: bool,
}

impl Ear {
    pub(crate) const fn new() -> Self {
        Self {
            voice: Voice::Quiet,
            hearing: Hearing::Off,
            health: Health::Well { overdue: 0 },
            last_turn: 0,
        }
    }

    /// The caller has the floor: they speak, or what they said is not yet understood.
    /// A voice that nobody understands rules nothing.
    pub(crate) fn callers_floor(&self) -> bool {
        if self.is_lost() {
            return false;
        }
        match self.voice {
            Voice::Speaking { .. } => true,
            Voice::Droning => false,
            Voice::Quiet => match &self.hearing {
                Hearing::Off => false,
                Hearing::Open(turn) => turn.speech != Speech::None,
                Hearing::Finishing { .. } => true,
            },
        }
    }

    /// The open turn, if one is open.
    pub(crate) const fn open_turn(&self) -> Option<&Turn> {
        match &self.hearing {
            Hearing::Open(turn) => Some(turn),
            Hearing::Off | Hearing::Finishing { .. } => None,
        }
    }

    /// The open turn, to be changed.
    pub(crate) const fn open_turn_mut(&mut self) -> Option<&mut Turn> {
        match &mut self.hearing {
            Hearing::Open(turn) => Some(turn),
            Hearing::Off | Hearing::Finishing { .. } => None,
        }
    }

    /// The turn at hand, open or finishing.
    pub(crate) const fn turn(&self) -> Option<&Turn> {
        match &self.hearing {
            Hearing::Open(turn) | Hearing::Finishing { turn, .. } => Some(turn),
            Hearing::Off => None,
        }
    }

    /// The turn at hand, to be changed.
    pub(crate) const fn turn_mut(&mut self) -> Option<&mut Turn> {
        match &mut self.hearing {
            Hearing::Open(turn) | Hearing::Finishing { turn, .. } => Some(turn),
            Hearing::Off => None,
        }
    }

    /// The result of a turn is owed.
    pub(crate) const fn is_finishing(&self) -> bool {
        matches!(self.hearing, Hearing::Finishing { .. })
    }

    /// Voice came on. True where it begins speech that nobody knew of.
    pub(crate) fn speech_started(&mut self, since: CallTime) {
        self.voice = Voice::Speaking { since };
        if let Hearing::Open(turn) = &mut self.hearing {
            let began = match turn.speech {
                Speech::None => since,
                Speech::Going { began } | Speech::Paused { began, .. } => began,
            };
            turn.speech = Speech::Going { began };
        }
    }

    /// A voice that is still on counts from `now`: what came before was not for us.
    pub(crate) fn forget_before(&mut self, now: CallTime) {
        if let Voice::Speaking { since } = &mut self.voice {
            *since = (*since).max(now);
        }
    }

    /// Voice went off; its last sound was at `since`.
    pub(crate) fn speech_ended(&mut self, since: CallTime) {
        self.voice = Voice::Quiet;
        if let Hearing::Open(turn) = &mut self.hearing
            && let Speech::Going { began } = turn.speech
        {
            turn.speech = Speech::Paused {
                began,
                ended: since.max(began),
            };
        }
    }

    /// Listens for what is wanted; a turn that already does so stays.
    pub(crate) fn listen(&mut self, wanted: Wanted, now: CallTime, out: &mut VecDeque<CallAction>) {
        match &self.hearing {
            Hearing::Finishing { .. } => {}
            Hearing::Open(turn) if turn.wanted == wanted => {}
            Hearing::Open(_) => {
                self.stop(out);
                self.open(wanted, now, out);
            }
            Hearing::Off => self.open(wanted, now, out),
        }
    }

    fn open(&mut self, wanted: Wanted, now: CallTime, out: &mut VecDeque<CallAction>) {
        self.last_turn += 1;
        let id = TurnId(self.last_turn);
        let speech = match self.voice {
            Voice::Quiet => Speech::None,
            Voice::Speaking { since } => Speech::Going { began: since },
            Voice::Droning => Speech::Going { began: now },
        };
        self.hearing = Hearing::Open(Turn {
            id,
            wanted,
            speech,
            understood: Understood::default(),
            watch: WordWatch::default(),
            foresight: Foresight::default(),
        });
        out.push_back(CallAction::Listen {
            turn: id,
            grammar: wanted.grammar,
            language: wanted.language,
            also: wanted.also,
        });
    }

    /// Wants nothing more from the turn.
    pub(crate) fn stop(&mut self, out: &mut VecDeque<CallAction>) {
        self.take_any(out);
    }

    /// Gives up the turn at hand, open or finishing.
    pub(crate) fn take_any(&mut self, out: &mut VecDeque<CallAction>) -> Option<Turn> {
        match std::mem::replace(&mut self.hearing, Hearing::Off) {
            Hearing::Off => None,
            Hearing::Open(turn) | Hearing::Finishing { turn, .. } => {
                out.push_back(CallAction::StopListening(turn.id));
                Some(turn)
            }
        }
    }

    /// The open turn is over.
    pub(crate) fn finish(&mut self, now: CallTime, out: &mut VecDeque<CallAction>) {
        match std::mem::replace(&mut self.hearing, Hearing::Off) {
            Hearing::Open(turn) => {
                out.push_back(CallAction::FinishHearing(turn.id));
                self.hearing = Hearing::Finishing { turn, since: now };
            }
            other @ (Hearing::Off | Hearing::Finishing { .. }) => self.hearing = other,
        }
    }

    /// The turn whose last word has come, if it is the one at hand.
    pub(crate) fn take(&mut self, id: TurnId) -> Option<Turn> {
        match std::mem::replace(&mut self.hearing, Hearing::Off) {
            Hearing::Open(turn) | Hearing::Finishing { turn, .. } if turn.id == id => {
                self.health = Health::Well { overdue: 0 };
                Some(turn)
            }
            other => {
                self.hearing = other;
                None
            }
        }
    }

    /// The result never came: the turn is given up. True when the ear must count as lost.
    pub(crate) fn give_up(&mut self, out: &mut VecDeque<CallAction>) -> Option<Turn> {
        let Hearing::Finishing { turn, .. } = std::mem::replace(&mut self.hearing, Hearing::Off)
        else {
            return None;
        };
        out.push_back(CallAction::StopListening(turn.id));
        if let Health::Well { overdue } = &mut self.health {
            *overdue += 1;
        }
        Some(turn)
    }

    /// Too many results in a row never came.
    pub(crate) const fn is_failing(&self) -> bool {
        matches!(self.health, Health::Well { overdue } if overdue >= limits::RECOGNITIONS_OVERDUE)
    }

    pub(crate) const fn is_lost(&self) -> bool {
        matches!(self.health, Health::Lost)
    }

    pub(crate) const fn lose(&mut self) {
        self.health = Health::Lost;
    }

    pub(crate) const fn restore(&mut self) {
        self.health = Health::Well { overdue: 0 };
    }
}
