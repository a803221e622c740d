//! Back ends and intent tiers, with the faults they have.

use crate::dice::Dice;
use call_model::{
    ApiFailure, ApiOutcome, ApiRequest, CallTime, IntentFailure, IntentNews, IntentQuestion,
    Private,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// How the intent tier of one call behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tier {
    Quick,
    Slow,
    /// Says nothing at all.
    Dead,
    /// Cannot be understood.
    Garbled,
    /// Stops in the middle.
    Stalls,
    /// Never stops.
    Endless,
    Absent,
    /// Leads here and there, fills slots, and would end calls.
    Wilful,
}

const TIERS: [Tier; 10] = [
    Tier::Quick,
    Tier::Quick,
    Tier::Slow,
    Tier::Dead,
    Tier::Garbled,
    Tier::Stalls,
    Tier::Endless,
    Tier::Absent,
    Tier::Wilful,
    Tier::Wilful,
];

/// What answers a call's questions.
#[derive(Debug)]
pub(crate) struct Answers {
    tier: Tier,
    /// So many of a hundred requests are never answered.
    back_end_dead_percent: u64,
}

impl Answers {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self {
            tier: *dice.one_of(&TIERS),
            back_end_dead_percent: *dice.one_of(&[0, 10, 100]),
        }
    }

    /// What the tier will say to a question, and when.
    pub(crate) fn ask(
        &self,
        at: CallTime,
        question: &IntentQuestion,
        dice: &mut Dice,
    ) -> Vec<(CallTime, IntentNews)> {
        // Now and then even the worst of them has a good moment.
        let tier = match dice.percent(20) {
            true => *dice.one_of(&TIERS),
            false => self.tier,
        };
        let first = match tier {
            Tier::Slow => dice.millis(500, 2_600),
            Tier::Quick
            | Tier::Dead
            | Tier::Garbled
            | Tier::Stalls
            | Tier::Endless
            | Tier::Absent
            | Tier::Wilful => dice.millis(20, 1_200),
        };
        let mut said = Said {
            at: at + first,
            question: question.question.0,
            news: Vec::new(),
        };
        match tier {
            Tier::Dead => {}
            Tier::Absent => said.fails(IntentFailure::NotConfigured),
            Tier::Garbled => {
                said.pieces(dice.below(2), dice);
                let why = [IntentFailure::Garbled, IntentFailure::Unreachable];
                said.fails(*dice.one_of(&why));
            }
            Tier::Stalls => said.pieces(1 + dice.below(2), dice),
            Tier::Endless => {
                said.pieces(20 + dice.below(60), dice);
                if dice.percent(50) {
                    said.fails(IntentFailure::Overrun);
                }
            }
            Tier::Quick | Tier::Slow => {
                said.pieces(1 + dice.below(3), dice);
                said.then(IntentNews::Done, dice);
            }
            Tier::Wilful => said.wilful(question, dice),
        }
        said.news
    }

    /// What a back end answers, and when; nothing where it never does.
    pub(crate) fn call(
        &self,
        at: CallTime,
        request: &ApiRequest,
        dice: &mut Dice,
    ) -> Option<(CallTime, ApiOutcome)> {
        if dice.percent(self.back_end_dead_percent) {
            return None;
        }
        let longest = u64::from(request.deadline_ms) * (u64::from(request.retries) + 1);
        let takes = match dice.below(4) {
            0 => Duration::from_millis(longest),
            1 => dice.millis(1_000, longest),
            _ => dice.millis(20, 1_500),
        };
        let failed = |why| ApiOutcome::Failed { why };
        let outcome = match dice.below(9) {
            0 => failed(ApiFailure::TimedOut),
            1 => failed(ApiFailure::Unreachable),
            2 => failed(ApiFailure::Garbled),
            3 => failed(ApiFailure::Status(*dice.one_of(&[404, 409, 500]))),
            4 => answered(*dice.one_of(&[200, 404, 409, 503]), request, 0),
            _ => answered(200, request, usize::MAX),
        };
        Some((at + takes, outcome))
    }
}

fn answered(status: u16, request: &ApiRequest, fields: usize) -> ApiOutcome {
    let kept = request.keep.keys().take(fields);
    let value = |slot: &String| (slot.clone(), Private::new("on its way".to_owned()));
    ApiOutcome::Answered {
        status,
        fields: kept.map(value).collect::<BTreeMap<_, _>>(),
    }
}

/// An answer as it grows.
struct Said {
    at: CallTime,
    question: u32,
    news: Vec<(CallTime, IntentNews)>,
}

const PIECES: [&str; 4] = [
    "Yes, of course.",
    "Small dogs are welcome in all our shops.",
    "可以。",
    "小型犬可以进店，请牵好绳子。",
];

impl Said {
    fn push(&mut self, news: IntentNews) {
        self.news.push((self.at, news));
    }

    fn then(&mut self, news: IntentNews, dice: &mut Dice) {
        self.at = self.at + dice.millis(0, 700);
        self.push(news);
    }

    /// No two questions are answered in the same words.
    fn words(&self, piece: &str) -> Private<String> {
        Private::new(format!("{piece} ({})", self.question))
    }

    fn pieces(&mut self, count: u64, dice: &mut Dice) {
        for _ in 0..count {
            let piece = *dice.one_of(&PIECES);
            let text = self.words(piece);
            self.then(IntentNews::Say { text }, dice);
        }
    }

    fn fails(&mut self, why: IntentFailure) {
        self.push(IntentNews::Failed { why });
    }

    fn wilful(&mut self, question: &IntentQuestion, dice: &mut Dice) {
        self.pieces(dice.below(3), dice);
        if dice.percent(40) {
            let slot = (*dice.one_of(&["order", "state", "nonsense"])).to_owned();
            let value = Private::new((*dice.one_of(&["4271", "..", ""])).to_owned());
            self.then(IntentNews::Set { slot, value }, dice);
        }
        let wish = match dice.below(8) {
            0 => IntentNews::Ask { text: None },
            1 => IntentNews::Ask {
                text: Some(self.words("Which one?")),
            },
            2 | 3 => IntentNews::Goto {
                node: dice.one_of(&question.nodes).clone(),
            },
            4 => IntentNews::Goto {
                node: "nowhere".to_owned(),
            },
            5 => IntentNews::Escalate {
                why: "it is beyond me".to_owned(),
            },
            _ => IntentNews::End,
        };
        self.then(wish, dice);
        self.then(IntentNews::Done, dice);
    }
}
