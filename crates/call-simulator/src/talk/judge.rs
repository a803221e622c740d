//! A call that was played on a real line, held against its conversation by its journal.

use super::expecting::Standing;
use super::report::Departure;
use super::run::Rehearsal;
use super::script::{Act, Person, Step, Talk, What};
use super::seen::{Seen, Spoken};
use call_model::{
    CallAction, CallHeader, CallInput, CallOutcome, Decision, Heard, HungUp, JournalEntry,
    JournalLine, Key, Language, PersonFailure, PersonOutcome,
};
use dialplan::{CallSlot, Plan, Slots};

impl Rehearsal {
    /// Where a real call departed from its script; none where it went as written.
    pub fn departure(&self, talk: &Talk, journal: &[JournalLine]) -> Option<Departure> {
        let departs = |step: &Step, got| Departure {
            line: step.line,
            expected: step.written.clone(),
            got,
        };
        let Some(JournalLine::Begin(header)) = journal.first() else {
            let got = "the journal has no beginning".to_owned();
            return talk.steps.first().map(|step| departs(step, got));
        };
        let mut record = Record::of(self.plan(), header);
        let mut acts = acts(talk, journal).into_iter();
        let mut next = acts.next().flatten();
        let (mut from, mut to) = (0, next.unwrap_or(journal.len()));
        record.follow(&journal[from..to]);
        for step in &talk.steps {
            match &step.what {
                What::Caller { act, .. } => {
                    if let Some(got) = was_done(act, &journal[to..], &record, next) {
                        return Some(departs(step, got));
                    }
                    next = acts.next().flatten();
                    (from, to) = (to, next.unwrap_or(journal.len()).max(to));
                    record.seen = Seen::default();
                    record.follow(&journal[from..to]);
                }
                What::Expect(expected) if !expected.holds(&record) => {
                    return Some(departs(step, expected.instead(&record)));
                }
                What::Person(news) => {
                    let Some(at) = came_about(*news, &journal[from..to]) else {
                        let place = record.whereabouts();
                        return Some(departs(step, format!("it did not come about: {place}")));
                    };
                    from += at;
                    // As it stood when the news came.
                    record = Record::of(self.plan(), header);
                    record.follow(&journal[..from]);
                    record.seen = Seen::default();
                    record.follow(&journal[from..to]);
                }
                What::Expect(_)
                | What::BackEnd { .. }
                | What::Tier(_)
                | What::Angry(_)
                | What::Ear(_) => {}
            }
        }
        None
    }
}

/// Where the news of a person came, in these lines.
fn came_about(news: Person, lines: &[JournalLine]) -> Option<usize> {
    let is_it = |outcome: PersonOutcome| match news {
        Person::Answers => outcome == PersonOutcome::Connected,
        Person::HangsUp => outcome == PersonOutcome::Left,
        Person::IsBusy => outcome == PersonOutcome::Failed(PersonFailure::Busy),
        Person::Refuses => outcome == PersonOutcome::Failed(PersonFailure::Refused),
        Person::NobodyAnswers => outcome == PersonOutcome::Failed(PersonFailure::NoAnswer),
        Person::NobodyIsThere => outcome == PersonOutcome::Failed(PersonFailure::AfterHours),
        Person::QueueIsFull => outcome == PersonOutcome::Failed(PersonFailure::QueueFull),
    };
    lines.iter().position(|line| {
        let JournalLine::At(_, JournalEntry::In(CallInput::Person(outcome))) = line else {
            return false;
        };
        is_it(*outcome)
    })
}

/// What came instead of an act; nothing where it reached the bot.
fn was_done(
    act: &Act,
    rest: &[JournalLine],
    record: &Record<'_>,
    place: Option<usize>,
) -> Option<String> {
    if place.is_none() {
        let place = record.whereabouts();
        return Some(format!("nothing of it reached the bot: {place}"));
    }
    let Act::Keys(keys) = act else {
        return None;
    };
    let pressed: Vec<Key> = rest.iter().filter_map(key).take(keys.len()).collect();
    let faces = |keys: &[Key]| keys.iter().copied().map(Key::face).collect::<String>();
    (pressed != *keys).then(|| format!("keys {}", faces(&pressed)))
}

/// By act of the caller's the line of the journal at which it begins.
fn acts(talk: &Talk, journal: &[JournalLine]) -> Vec<Option<usize>> {
    let mut from = 0;
    let mut places = Vec::new();
    for step in &talk.steps {
        let What::Caller { act, .. } = &step.what else {
            continue;
        };
        let found = begins(act, journal, from);
        if let Some((_, until)) = found {
            from = until;
        }
        places.push(found.map(|(at, _)| at));
    }
    places
}

/// Where an act begins, and where the next may.
fn begins(act: &Act, journal: &[JournalLine], from: usize) -> Option<(usize, usize)> {
    let find = |from: usize, is_it: &dyn Fn(&JournalLine) -> bool| {
        let found = journal.iter().skip(from).position(is_it);
        found.map(|found| from + found)
    };
    match act {
        Act::Says(_) | Act::Unclear => {
            let at = find(from, &is_speech)?;
            Some((at, find(at, &is_understood).map_or(at + 1, |end| end + 1)))
        }
        Act::Keys(keys) => {
            let at = find(from, &|line| key(line).is_some())?;
            let mut end = at;
            for _ in keys {
                end = find(end, &|line| key(line).is_some()).map_or(end, |key| key + 1);
            }
            Some((at, end))
        }
        Act::Silence(None) => {
            let at = find(from, &is_no_input)?;
            Some((at, at + 1))
        }
        Act::Silence(Some(_)) => Some((from, from)),
        Act::HangsUp => {
            let at = find(from, &is_left)?;
            Some((at, at + 1))
        }
    }
}

fn key(line: &JournalLine) -> Option<Key> {
    match line {
        JournalLine::At(_, JournalEntry::In(CallInput::KeyPressed(key))) => Some(*key),
        _ => None,
    }
}

fn is_speech(line: &JournalLine) -> bool {
    matches!(
        line,
        JournalLine::At(_, JournalEntry::In(CallInput::SpeechStarted { .. }))
    )
}

/// What was said is over: it was understood, or was not, or fetched a person before it ended.
fn is_understood(line: &JournalLine) -> bool {
    matches!(
        line,
        JournalLine::At(
            _,
            JournalEntry::In(CallInput::Heard(
                Heard::Final { .. } | Heard::NoMatch { .. }
            )) | JournalEntry::Out(CallAction::Escalate { .. })
        )
    )
}

fn is_no_input(line: &JournalLine) -> bool {
    matches!(
        line,
        JournalLine::At(
            _,
            JournalEntry::Out(CallAction::Decide(Decision::NoInput { .. }))
        )
    )
}

fn is_left(line: &JournalLine) -> bool {
    matches!(
        line,
        JournalLine::At(_, JournalEntry::In(CallInput::HungUp(HungUp::ByCaller)))
            | JournalLine::End(_, CallOutcome::Ended(HungUp::ByCaller))
    )
}

/// How a call stands after some lines of its journal.
struct Record<'p> {
    plan: &'p Plan,
    header: &'p CallHeader,
    /// What has happened since the caller last did something.
    seen: Seen,
    node: String,
    slots: Slots,
    language: Language,
    asks: u32,
    now_millis: u64,
    outcome: Option<CallOutcome>,
}

impl<'p> Record<'p> {
    fn of(plan: &'p Plan, header: &'p CallHeader) -> Self {
        Self {
            plan,
            header,
            seen: Seen::default(),
            node: String::new(),
            slots: Slots::new(),
            language: header.language,
            asks: 0,
            now_millis: header.started_unix_millis,
            outcome: None,
        }
    }

    fn follow(&mut self, lines: &[JournalLine]) {
        for line in lines {
            match line {
                JournalLine::At(at, JournalEntry::Out(action)) => {
                    self.now_millis = self.header.started_unix_millis + at.as_millis();
                    self.seen.action(action);
                    self.action(action);
                }
                JournalLine::End(_, outcome) => self.outcome = Some(*outcome),
                JournalLine::Begin(_)
                | JournalLine::At(_, JournalEntry::In(_) | JournalEntry::Wake { .. }) => {}
            }
        }
    }

    fn action(&mut self, action: &CallAction) {
        match action {
            CallAction::Play { text, .. } => {
                self.language = text.language;
                self.seen.spoken.push(Spoken {
                    node: self.node.clone(),
                    text: text.clone(),
                });
            }
            CallAction::Decide(Decision::Entered { node, .. }) => node.clone_into(&mut self.node),
            CallAction::Decide(Decision::Collected { slot, value, .. }) => {
                self.slots.insert(slot.clone(), value.clone());
            }
            CallAction::Decide(Decision::AskCounted { count }) => self.asks = *count,
            CallAction::Decide(Decision::LanguageChosen { language }) => self.language = *language,
            _ => {}
        }
    }
}

impl Standing for Record<'_> {
    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn language(&self) -> Language {
        self.language
    }

    fn slot(&self, name: &str) -> String {
        match CallSlot::named(name) {
            Some(CallSlot::Language) => self.language.tag().to_owned(),
            Some(CallSlot::Number) => self.header.caller.reveal().clone(),
            Some(CallSlot::Asks) => self.asks.to_string(),
            Some(CallSlot::Open) => {
                let mut hours = self.plan.hours().into_iter();
                let is_open = hours.all(|hours| hours.is_open(self.now_millis));
                if is_open { "yes" } else { "no" }.to_owned()
            }
            None => {
                let value = self.slots.get(name);
                value.map_or(String::new(), |value| value.reveal().clone())
            }
        }
    }

    fn whereabouts(&self) -> String {
        match self.outcome {
            Some(CallOutcome::Ended(how)) => {
                format!("the call ended at '{}' ({how:?})", self.node)
            }
            Some(CallOutcome::Interrupted) => "the server died under the call".to_owned(),
            None => format!("the conversation stands at '{}'", self.node),
        }
    }
}
