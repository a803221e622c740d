//! An intent tier that answers as the script has it.

use super::script::Tier;
use call_model::{IntentFailure, IntentNews};
use std::time::Duration;

/// Between two pieces of an answer.
const PIECE: Duration = Duration::from_millis(200);

/// What is said to the next question; without anything there is no tier.
#[derive(Debug, Default)]
pub(super) struct Mind {
    next: Vec<IntentNews>,
    is_down: bool,
    /// What was answered so far, question by question.
    pub(super) answered: Vec<Vec<IntentNews>>,
}

impl Mind {
    pub(super) fn prepare(&mut self, tier: &Tier) {
        match tier {
            Tier::Says(news) => {
                self.is_down = false;
                self.next.push(news.clone());
            }
            Tier::IsDown => {
                self.is_down = true;
                self.next.clear();
            }
        }
    }

    /// The answer to a question, piece by piece, each with its time from the question on.
    pub(super) fn answer(&mut self) -> Vec<(Duration, IntentNews)> {
        let mut news = std::mem::take(&mut self.next);
        let is_closed = matches!(
            news.last(),
            Some(
                IntentNews::Ask { .. }
                    | IntentNews::Goto { .. }
                    | IntentNews::Escalate { .. }
                    | IntentNews::End
            )
        );
        if news.is_empty() {
            news.push(IntentNews::Failed {
                why: match self.is_down {
                    true => IntentFailure::Unreachable,
                    false => IntentFailure::NotConfigured,
                },
            });
        } else if !is_closed {
            news.push(IntentNews::Done);
        }
        self.answered.push(news.clone());
        let times = (1..).map(|number| PIECE * number);
        times.zip(news).collect()
    }
}
