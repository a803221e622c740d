//! What stored calls would have done with another plan: the news of a journal goes into a call
//! over that plan, and the way it takes is laid beside the way it took.
//!
//! Callers answer what they hear: after the first step that differs nobody knows what would have
//! been said, so that step is told and the rest is not judged. News names prompts, turns and
//! requests by numbers that another plan may count otherwise; each is matched with what the new
//! call does at the same moment. Deadlines are the new plan's own.

mod parting;

pub use parting::{Parting, Step};

use crate::replay::{self, ReplayError};
use call_engine::Call;
use call_model::{
    ApiRequestId, CallAction, CallHeader, CallId, CallInput, CallTime, Heard, IntentQuestionId,
    JournalEntry, JournalLine, PromptEnd, PromptId, TurnId,
};
use dialplan::Plan;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// A step that comes so much sooner or later is another one.
const SAME_TIME: Duration = Duration::from_secs(1);

/// A call is woken at most so late for a deadline; one that waits longer was not the stored call's.
const LATE: Duration = Duration::from_millis(100);
/// Deadlines between two pieces of news at the most.
const DEADLINES_MAX: usize = 1_000;

/// How one stored call compares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backtest {
    /// The call.
    pub call: CallId,
    /// Where it goes another way first; none: it goes the same way to its end.
    pub parting: Option<Parting>,
}

/// Lays a stored call beside the same caller over another plan.
///
/// # Errors
/// When the journal has no header or an unreadable line.
pub fn backtest(
    journal: &str,
    plan_of: impl FnOnce(&CallHeader) -> Option<Arc<Plan>>,
) -> Result<Backtest, ReplayError> {
    let (lines, _) = replay::read(journal)?;
    let Some((_, JournalLine::Begin(header))) = lines.first() else {
        return Err(ReplayError::NoHeader);
    };
    let plan = plan_of(header).ok_or_else(|| ReplayError::NoPlan {
        digest: header.plan_digest.clone(),
    })?;
    let mut beside = Beside::new(header, plan);
    for (number, line) in &lines[1..] {
        match line {
            JournalLine::Begin(_) => return Err(ReplayError::SecondHeader(*number)),
            JournalLine::At(at, JournalEntry::In(input)) => beside.news(*at, input),
            JournalLine::At(at, JournalEntry::Out(action)) => beside.was(*at, action),
            JournalLine::At(_, JournalEntry::Wake { .. }) | JournalLine::End(..) => {}
        }
    }
    Ok(Backtest {
        call: header.call,
        parting: beside.parting(),
    })
}

/// A step, when it was taken, and after which news.
#[derive(Clone, Debug)]
struct Taken {
    at: CallTime,
    step: Step,
    after: String,
}

struct Beside {
    call: Call,
    then: Vec<Taken>,
    now: Vec<Taken>,
    prompts: Pairs<PromptId>,
    turns: Pairs<TurnId>,
    requests: Pairs<ApiRequestId>,
    questions: Pairs<IntentQuestionId>,
    after: String,
    at: CallTime,
}

impl Beside {
    fn new(header: &CallHeader, plan: Arc<Plan>) -> Self {
        Self {
            call: Call::new(header, plan),
            then: Vec::new(),
            now: Vec::new(),
            prompts: Pairs::default(),
            turns: Pairs::default(),
            requests: Pairs::default(),
            questions: Pairs::default(),
            after: "at the beginning".to_owned(),
            at: CallTime::ZERO,
        }
    }

    /// What the stored call was told.
    fn news(&mut self, at: CallTime, input: &CallInput) {
        self.deadlines_before(at);
        self.end_what_was_never_said(at);
        if let Some(told) = told(input) {
            told.clone_into(&mut self.after);
        }
        if let Some(input) = self.renumbered(input) {
            self.tell(at, &input);
        }
    }

    /// A deadline may have come due while something else held it up: time never runs backwards.
    fn tell(&mut self, at: CallTime, input: &CallInput) {
        let at = at.max(self.at);
        self.at = at;
        self.call.handle(at, input);
        while let Some(action) = self.call.poll_action() {
            match &action {
                CallAction::Play { prompt, .. } => self.prompts.new.push_back(*prompt),
                CallAction::Listen { turn, .. } => self.turns.new.push_back(*turn),
                CallAction::CallApi(request) => self.requests.new.push_back(request.request),
                CallAction::AskIntent(question) => self.questions.new.push_back(question.question),
                _ => {}
            }
            let after = &self.after;
            self.now.extend(Step::of(&action).map(|step| Taken {
                at,
                step,
                after: after.clone(),
            }));
        }
    }

    /// The new plan's deadlines that came due well before the next news, of which the stored
    /// call knew nothing.
    fn deadlines_before(&mut self, at: CallTime) {
        for _ in 0..DEADLINES_MAX {
            match self.call.poll_timeout().map(|(due, _)| due.max(self.at)) {
                Some(due) if due + LATE < at && !self.call.is_over() => {
                    "as time passed".clone_into(&mut self.after);
                    self.tell(due, &CallInput::DeadlineReached);
                }
                Some(_) | None => return,
            }
        }
    }

    /// A prompt that the stored call never played is over at once.
    fn end_what_was_never_said(&mut self, at: CallTime) {
        while let Some(prompt) = self.prompts.new.pop_front() {
            self.tell(at, &CallInput::PromptStarted(prompt));
            let end = PromptEnd::Finished;
            self.tell(at, &CallInput::PromptEnded { prompt, end });
        }
    }

    /// The news with the new call's numbers; none where it is about nothing that it did.
    fn renumbered(&self, input: &CallInput) -> Option<CallInput> {
        let turn_of = |turn: &TurnId| self.turns.of(*turn);
        Some(match input {
            CallInput::PromptStarted(prompt) => CallInput::PromptStarted(self.prompts.of(*prompt)?),
            CallInput::PromptEnded { prompt, end } => CallInput::PromptEnded {
                prompt: self.prompts.of(*prompt)?,
                end: *end,
            },
            CallInput::Heard(heard) => CallInput::Heard(renumber_heard(heard, turn_of)?),
            CallInput::Api { request, outcome } => CallInput::Api {
                request: self.requests.of(*request)?,
                outcome: outcome.clone(),
            },
            CallInput::Intent { question, news } => CallInput::Intent {
                question: self.questions.of(*question)?,
                news: news.clone(),
            },
            CallInput::DeadlineReached
            | CallInput::Answered
            | CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::KeyPressed(_)
            | CallInput::Emotion(_)
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::CallerHeld
            | CallInput::CallerReturned
            | CallInput::Draining
            | CallInput::Failed { .. }
            | CallInput::HungUp(_) => input.clone(),
        })
    }

    /// What the stored call did.
    fn was(&mut self, at: CallTime, action: &CallAction) {
        match action {
            CallAction::Play { prompt, .. } => self.prompts.pair(*prompt),
            CallAction::Listen { turn, .. } => self.turns.pair(*turn),
            CallAction::CallApi(request) => self.requests.pair(request.request),
            CallAction::AskIntent(question) => self.questions.pair(question.question),
            _ => {}
        }
        let after = &self.after;
        self.then.extend(Step::of(action).map(|step| Taken {
            at,
            step,
            after: after.clone(),
        }));
    }

    fn parting(&self) -> Option<Parting> {
        let length = self.then.len().max(self.now.len());
        let differs = |place: &usize| match (self.then.get(*place), self.now.get(*place)) {
            (Some(then), Some(now)) => then.step != now.step || apart(then.at, now.at) > SAME_TIME,
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        };
        let place = (0..length).find(differs)?;
        let (then, now) = (self.then.get(place), self.now.get(place));
        let first = match (then, now) {
            (Some(then), Some(now)) if now.at < then.at => now,
            (Some(taken), _) | (None, Some(taken)) => taken,
            (None, None) => return None,
        };
        let before = &self.then[..place.min(self.then.len())];
        let node = before.iter().rev().find_map(|taken| match &taken.step {
            Step::To(node) => Some(node.clone()),
            _ => None,
        });
        let told = |taken: &Taken| (taken.at, taken.step.clone());
        Some(Parting {
            node: node.unwrap_or_else(|| "the beginning".to_owned()),
            after: first.after.clone(),
            then: then.map(told),
            now: now.map(told),
        })
    }
}

fn apart(one: CallTime, other: CallTime) -> Duration {
    Duration::from_millis(one.as_millis().abs_diff(other.as_millis()))
}

/// What a reader is told of news that may move a call.
fn told(input: &CallInput) -> Option<&'static str> {
    Some(match input {
        CallInput::Heard(_) => "on what was heard",
        CallInput::KeyPressed(_) => "on a key",
        CallInput::Emotion(_) => "on a score of the voice",
        CallInput::Api { .. } => "on a back end's answer",
        CallInput::Intent { .. } => "on the intent tier's answer",
        CallInput::Person(_) => "on news of a person",
        CallInput::DeadlineReached => "as time passed",
        CallInput::PromptEnded { .. } => "after a prompt",
        CallInput::EarLost => "without an ear",
        CallInput::Draining => "as the server went down",
        CallInput::Failed { .. } => "after a failure",
        CallInput::HungUp(_) => "at the end of the call",
        CallInput::Answered
        | CallInput::SpeechStarted { .. }
        | CallInput::SpeechEnded { .. }
        | CallInput::PromptStarted(_)
        | CallInput::EarRestored
        | CallInput::CallerHeld
        | CallInput::CallerReturned => return None,
    })
}

fn renumber_heard(heard: &Heard, of: impl Fn(&TurnId) -> Option<TurnId>) -> Option<Heard> {
    let mut heard = heard.clone();
    match &mut heard {
        Heard::Partial { turn, .. } | Heard::Final { turn, .. } | Heard::NoMatch { turn, .. } => {
            *turn = of(turn)?;
        }
    }
    Some(heard)
}

/// Numbers of the stored call and of the new one for the same thing.
#[derive(Debug)]
struct Pairs<T> {
    /// What the new call did and no stored action was matched with.
    new: VecDeque<T>,
    matched: BTreeMap<T, T>,
}

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self {
            new: VecDeque::new(),
            matched: BTreeMap::new(),
        }
    }
}

impl<T: Ord + Copy> Pairs<T> {
    fn pair(&mut self, stored: T) {
        if let Some(new) = self.new.pop_front() {
            self.matched.insert(stored, new);
        }
    }

    fn of(&self, stored: T) -> Option<T> {
        self.matched.get(&stored).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Run, World};
    use call_model::EscalationReason;

    fn text(run: &Run) -> String {
        let lines = run.journal.iter();
        let lines = lines.map(|line| serde_json::to_string(line).expect("json"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn parting(run: &Run, plan: &Arc<Plan>) -> Option<Parting> {
        let found = backtest(&text(run), |_| Some(Arc::clone(plan)));
        found.expect("a journal").parting
    }

    #[test]
    fn over_its_own_plan_every_call_goes_the_way_it_went() {
        for seed in 0..400 {
            let run = World::from_seed(seed).run();
            let found = parting(&run, &run.plan);
            assert_eq!(found, None, "seed {seed}: {found:?}");
        }
    }

    /// The calls of 300 seeds, each over its own plan under other rules.
    fn partings(rules: &str) -> Vec<Parting> {
        let under = |run: &Run| Arc::new(run.plan.with_policy("rules.yaml", rules).expect("rules"));
        let runs = (0..300).map(|seed| World::from_seed(seed).run());
        runs.filter_map(|run| parting(&run, &under(&run))).collect()
    }

    #[test]
    fn a_lower_limit_of_requests_owes_a_person_where_it_was_counted() {
        let found = partings("ask_limit: 1");
        assert!(found.len() > 5, "{} calls part", found.len());
        for parting in &found {
            let (_, now) = parting.now.as_ref().expect("something happens now");
            let owed = Step::Owed(EscalationReason::RepeatedRequest);
            assert!(*now == owed || *now == Step::AskCounted(1), "{parting}");
        }
    }

    #[test]
    fn a_shorter_wait_is_told_as_time_that_passed() {
        let found = partings("{wait_max: 5s}");
        assert!(found.iter().any(|parting| {
            parting.after == "as time passed"
                && matches!(parting.now, Some((_, Step::Owed(EscalationReason::Wait))))
        }));
    }

    #[test]
    fn a_plan_that_cannot_be_had_is_said_so() {
        let run = World::from_seed(1).run();
        let found = backtest(&text(&run), |_| None);
        assert!(matches!(found, Err(ReplayError::NoPlan { .. })));
    }
}
