//! A caller who brings about one reason, and waits for a person to the end.

use super::faults::Trouble;
use crate::dice::Dice;
use call_model::{EscalationReason, Language};
use std::collections::VecDeque;
use std::time::Duration;

/// What a caller waits for before they do something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cue {
    /// The conversation came to this node.
    Node(&'static str),
    /// A back end is asked.
    BackEnd,
    /// The intent tier is asked.
    Tier,
    /// A person is being fetched.
    Fetching,
    /// Nothing: right after the step before.
    Now,
}

/// Something a caller does, or that happens to their call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Say(&'static str),
    Keys(&'static str),
    /// Three seconds of an angry voice.
    Rage,
    /// The recogniser goes, and the call is told.
    EarLost,
    /// The recogniser goes, and nobody is told: no result ever comes.
    EarSilent,
    /// A part of ours fails.
    Failure,
}

/// One step of a caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) cue: Cue,
    pub(super) after: Duration,
    pub(super) deed: Deed,
}

/// How a caller replies to a question of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    Key(&'static str),
    Say(&'static str),
    Silence,
}

#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) steps: VecDeque<Step>,
    /// To the offer of a person.
    pub(super) to_person_offer: Reply,
    /// To the offer of a call back while they wait.
    pub(super) to_callback_offer: Reply,
    /// When nobody was to be had: now one, now the other.
    pub(super) to_nobody: Vec<Reply>,
}

/// The words, English and Mandarin.
struct Words {
    demand: &'static str,
    ask: &'static str,
    asks: &'static str,
    yes: &'static str,
    open: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::En => Words {
            demand: "i want to make a complaint",
            ask: "agent",
            asks: "agent agent agent",
            yes: "yes please",
            open: "my neighbour has a dog",
        },
        Language::Zh => Words {
            demand: "我要投诉",
            ask: "人工",
            asks: "人工人工人工",
            yes: "好的",
            open: "隔壁有一只狗",
        },
    }
}

impl Caller {
    pub(super) fn draw(
        dice: &mut Dice,
        reason: EscalationReason,
        trouble: Trouble,
        language: Language,
    ) -> Self {
        let mut writer = Writer {
            words: words(language),
            by_voice: dice.percent(50) && trouble != Trouble::DeadRecogniser,
            steps: VecDeque::new(),
            dice,
        };
        let cue = writer.prologue(reason, trouble);
        writer.bring_about(reason, trouble, cue);
        if trouble == Trouble::DeadRecogniser && needs_ear(reason) {
            writer.step(Cue::Fetching, 100, 3_000, Deed::EarLost);
        }
        let yes = match writer.by_voice {
            true => Reply::Say(writer.words.yes),
            false => Reply::Key("1"),
        };
        let again = match writer.by_voice {
            true => Reply::Say(writer.words.ask),
            false => Reply::Key("0"),
        };
        let by_voice = writer.by_voice;
        let dice = writer.dice;
        let steps = writer.steps;
        Self {
            steps,
            to_person_offer: match reason {
                // At the menu key 1 is an answer to the menu: asking again is the choice.
                EscalationReason::Asked if by_voice => *dice.one_of(&[yes, again]),
                EscalationReason::Asked => again,
                EscalationReason::NoProgress => yes,
                EscalationReason::Demand
                | EscalationReason::Anger
                | EscalationReason::RepeatedRequest
                | EscalationReason::Wait
                | EscalationReason::PlanHandoff
                | EscalationReason::IntentTransfer
                | EscalationReason::Ladder
                | EscalationReason::EarLost
                | EscalationReason::Fault => Reply::Silence,
            },
            to_callback_offer: *dice.one_of(&[yes, Reply::Silence, Reply::Key("2"), again]),
            to_nobody: (0..3)
                .map(|_| *dice.one_of(&[yes, Reply::Silence, again]))
                .collect(),
        }
    }
}

/// Reasons that only an ear can bring about: it goes after them.
const fn needs_ear(reason: EscalationReason) -> bool {
    matches!(
        reason,
        EscalationReason::Demand | EscalationReason::IntentTransfer
    )
}

struct Writer<'d> {
    dice: &'d mut Dice,
    words: Words,
    by_voice: bool,
    steps: VecDeque<Step>,
}

impl Writer<'_> {
    fn step(&mut self, cue: Cue, from: u64, to: u64, deed: Deed) {
        let after = self.dice.millis(from, to);
        self.steps.push_back(Step { cue, after, deed });
    }

    /// What is wrong before the reason comes about; the cue for what follows.
    fn prologue(&mut self, reason: EscalationReason, trouble: Trouble) -> Cue {
        let menu = Cue::Node("menu");
        match trouble {
            Trouble::SlowApi if reason != EscalationReason::Wait => {
                self.step(menu, 300, 2_000, Deed::Keys("1"));
                match self.dice.percent(50) && can_happen_anywhere(reason) {
                    true => Cue::BackEnd,
                    false => Cue::Node("menu"),
                }
            }
            Trouble::DeadIntentTier => {
                let open = self.words.open;
                self.step(menu, 1_500, 4_000, Deed::Say(open));
                match self.dice.percent(50) && can_happen_anywhere(reason) {
                    true => Cue::Tier,
                    false => {
                        // By then the tier has been given up, and the question stands again.
                        self.step(Cue::Tier, 9_000, 10_000, Deed::Keys(""));
                        Cue::Now
                    }
                }
            }
            Trouble::DeadRecogniser
                if !needs_ear(reason) && reason != EscalationReason::EarLost =>
            {
                self.step(menu, 0, 500, Deed::EarLost);
                Cue::Now
            }
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::Overload
            | Trouble::AgentRefuses
            | Trouble::TrunkDead => menu,
        }
    }

    fn bring_about(&mut self, reason: EscalationReason, trouble: Trouble, cue: Cue) {
        match reason {
            EscalationReason::Demand => {
                let demand = self.words.demand;
                self.step(cue, 1_000, 4_000, Deed::Say(demand));
            }
            EscalationReason::Anger => {
                self.step(cue, 1_000, 3_000, Deed::Rage);
                self.step(Cue::Now, 500, 1_500, Deed::Rage);
            }
            EscalationReason::RepeatedRequest => {
                let deed = match self.by_voice {
                    true => Deed::Say(self.words.asks),
                    false => Deed::Keys("000"),
                };
                self.step(cue, 1_000, 4_000, deed);
            }
            EscalationReason::Asked => {
                let deed = match self.by_voice {
                    true => Deed::Say(self.words.ask),
                    false => Deed::Keys("0"),
                };
                self.step(cue, 1_000, 4_000, deed);
            }
            EscalationReason::Wait => {
                let is_queue = match trouble {
                    Trouble::None
                    | Trouble::DeadRecogniser
                    | Trouble::DeadIntentTier
                    | Trouble::Overload => self.dice.percent(50),
                    Trouble::SlowApi
                    | Trouble::FullQueue
                    | Trouble::Night
                    | Trouble::AgentRefuses
                    | Trouble::TrunkDead => false,
                };
                let key = if is_queue { "3" } else { "2" };
                self.step(cue, 500, 3_000, Deed::Keys(key));
            }
            EscalationReason::NoProgress => self.step(cue, 500, 3_000, Deed::Keys("5")),
            EscalationReason::PlanHandoff => self.step(cue, 500, 3_000, Deed::Keys("3")),
            EscalationReason::IntentTransfer => {
                let open = self.words.open;
                self.step(cue, 1_500, 4_000, Deed::Say(open));
            }
            EscalationReason::Ladder => {
                if self.dice.percent(50) {
                    self.step(cue, 500, 3_000, Deed::Keys("7"));
                    self.step(Cue::Now, 500, 3_000, Deed::Keys("7"));
                }
            }
            EscalationReason::EarLost => {
                self.step(cue, 500, 3_000, Deed::Keys("4"));
                let voice = Cue::Node("by_voice");
                match trouble {
                    Trouble::DeadRecogniser if self.dice.percent(50) => {
                        // Two results that never come are a lost ear; one more, in case
                        // the first was no turn of its own.
                        let ask = self.words.ask;
                        self.step(voice, 0, 10, Deed::EarSilent);
                        self.step(Cue::Now, 3_000, 4_000, Deed::Say(ask));
                        self.step(Cue::Now, 7_000, 8_000, Deed::Say(ask));
                        self.step(Cue::Now, 9_000, 10_000, Deed::Say(ask));
                    }
                    Trouble::None
                    | Trouble::DeadRecogniser
                    | Trouble::DeadIntentTier
                    | Trouble::SlowApi
                    | Trouble::FullQueue
                    | Trouble::Night
                    | Trouble::Overload
                    | Trouble::AgentRefuses
                    | Trouble::TrunkDead => self.step(voice, 500, 3_000, Deed::EarLost),
                }
            }
            EscalationReason::Fault => self.step(cue, 500, 3_000, Deed::Failure),
        }
    }
}

/// Reasons that need no question of the plan to come about.
const fn can_happen_anywhere(reason: EscalationReason) -> bool {
    matches!(
        reason,
        EscalationReason::Demand
            | EscalationReason::Anger
            | EscalationReason::RepeatedRequest
            | EscalationReason::Asked
            | EscalationReason::Fault
    )
}
