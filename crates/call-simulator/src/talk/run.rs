//! Plays a conversation, line by line.

use super::ear::{Listeners, listeners};
use super::expecting::{Standing, says};
use super::report::{ANSWERS, Departure, Played, Who};
use super::script::{Act, BackEnd, EarState, Person, Spoken, Stage, Step, Talk, Tier, What};
use super::seen::Seen;
use super::shell::{InAir, Shell, words};
use call_model::{
    CallHeader, CallId, CallInput, CallTime, HungUp, Key, PersonFailure, PersonOutcome,
    RecordingChoice,
};
use dialplan::{Plan, Zone};
use std::sync::Arc;
use std::time::Duration;

/// A caller thinks so long before they speak.
const THOUGHT: Duration = Duration::from_millis(300);
/// Between two keys.
const KEY_GAP: Duration = Duration::from_millis(200);
/// A phone rings after so long, and is answered, or not, after so long again.
const RINGS: Duration = Duration::from_secs(1);
/// Where a script names no moment: a Monday morning.
const USUAL_MOMENT: (&str, &str) = ("2026-01-05", "10:00");

/// A plan that conversations are played with.
#[derive(Debug)]
pub struct Rehearsal {
    plan: Arc<Plan>,
    listeners: Listeners,
}

impl Rehearsal {
    /// Makes a plan ready to be talked to.
    pub fn of(plan: Arc<Plan>) -> Self {
        Self {
            listeners: listeners(&plan),
            plan,
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plays a conversation to its end, or to where it departs from its script.
    pub fn run(&self, talk: &Talk) -> Played {
        let mut shell = Shell::new(&self.plan, &self.listeners, self.header(&talk.stage));
        shell.answer();
        let mut departure = None;
        for step in &talk.steps {
            departure = play(&mut shell, step)
                .err()
                .or_else(|| complaint(&mut shell, step));
            if departure.is_some() {
                break;
            }
        }
        if let (None, Some(last)) = (&departure, talk.steps.last()) {
            shell.settle();
            departure = complaint(&mut shell, last);
        }
        Played {
            departure,
            lasted: shell.now,
            lines: shell.lines,
            walked: shell.walk.into_walked(),
            given: shell.back_ends.given,
            tier_answers: shell.mind.answered,
            is_transferred: shell.is_transferred,
        }
    }

    pub(super) fn header(&self, stage: &Stage) -> CallHeader {
        let plan = &self.plan;
        let (language, language_is_fixed) = match stage.language {
            Spoken::Any => (plan.languages()[0], false),
            Spoken::Fixed(language) => (language, true),
        };
        let zone = plan.hours().map_or(Zone::UTC, |hours| hours.zone);
        let (date, clock) = match &stage.at {
            Some((date, clock)) => (date.as_str(), clock.as_str()),
            None => USUAL_MOMENT,
        };
        let started = zone.moment(date, clock).unwrap_or_default();
        CallHeader {
            call: CallId::new(started, 1),
            sip_call_id: "talk".to_owned(),
            started_unix_millis: started,
            trunk: "talk".to_owned(),
            caller: stage.caller.known().to_owned().into(),
            called: stage.called.clone(),
            plan: plan.name().to_owned(),
            plan_digest: plan.digest().to_owned(),
            engine_version: call_engine::ENGINE_VERSION.to_owned(),
            language,
            language_is_fixed,
            tier_is_asked_ahead: false,
            seed: 1,
            recording: RecordingChoice::Off,
        }
    }
}

/// What the script fails to say, told at the line that was being played.
fn complaint(shell: &mut Shell<'_>, step: &Step) -> Option<Departure> {
    let (expected, got) = shell.complaint.take()?;
    Some(Departure {
        line: step.line,
        expected,
        got,
    })
}

fn play(shell: &mut Shell<'_>, step: &Step) -> Result<(), Departure> {
    let departs = |got: String| Departure {
        line: step.line,
        expected: step.written.clone(),
        got,
    };
    match &step.what {
        What::BackEnd { node, part, answer } => {
            shell
                .back_ends
                .answer_so(node, part.as_deref(), answer.clone());
            shell.note(Who::Service, answer_told(node, answer));
            Ok(())
        }
        What::Tier(tier) => {
            shell.mind.prepare(tier);
            shell.note(Who::Service, tier_told(tier));
            Ok(())
        }
        What::Angry(score) => {
            shell.anger = Some(*score);
            Ok(())
        }
        What::Caller { over, act, .. } => caller(shell, over.as_deref(), act).map_err(departs),
        What::Person(news) => person(shell, *news).map_err(departs),
        What::Ear(state) => {
            shell.settle();
            let input = match state {
                EarState::Lost => CallInput::EarLost,
                EarState::Back => CallInput::EarRestored,
            };
            fresh(shell);
            shell.tell(shell.now, input);
            Ok(())
        }
        What::Expect(expected) => expected.awaited(shell).map_err(departs),
    }
}

/// What happens from here on is what follows of the line.
fn fresh(shell: &mut Shell<'_>) {
    shell.seen = Seen::default();
}

/// The caller does something: when the bot has said all it has to say, or over its words.
fn caller(shell: &mut Shell<'_>, over: Option<&str>, act: &Act) -> Result<(), String> {
    let at = match over {
        Some(words) => over_words(shell, words)?,
        None => {
            shell.settle();
            shell.now + THOUGHT
        }
    };
    // A script without a word for a back end is told first.
    if shell.complaint.is_some() {
        return Ok(());
    }
    if shell.is_over() || shell.is_with_person() {
        return Err(shell.whereabouts());
    }
    fresh(shell);
    match act {
        Act::Says(words) => {
            shell.note(Who::Caller, words.clone());
            shell.speak(at, Some(words.clone()));
        }
        Act::Unclear => {
            shell.note(Who::Caller, "(unclear)");
            shell.speak(at, None);
        }
        Act::Keys(keys) => {
            let faces: String = keys.iter().map(|key| key.face()).collect();
            shell.note(Who::Caller, format!("keys {faces}"));
            presses(shell, at, keys);
        }
        Act::Silence(Some(span)) => {
            shell.note(
                Who::Caller,
                format!("(silent for {} s)", span.as_secs_f32()),
            );
            shell.rest(*span);
        }
        Act::Silence(None) => {
            shell.note(Who::Caller, "(silent)");
            if !shell.wait_in_silence() {
                let place = shell.whereabouts();
                return Err(format!(
                    "{place}, and nothing there waits for the caller's words: write how long the \
                     silence lasts, as 'silence 30s'"
                ));
            }
        }
        Act::HangsUp => {
            shell.note(Who::Caller, "hangs up");
            shell.tell(at, CallInput::HungUp(HungUp::ByCaller));
        }
    }
    Ok(())
}

fn presses(shell: &mut Shell<'_>, at: CallTime, keys: &[Key]) {
    for (number, key) in (0_u32..).zip(keys) {
        shell.tell(at + KEY_GAP * number, CallInput::KeyPressed(*key));
    }
}

/// The moment at which these words of the bot have just been said.
fn over_words(shell: &mut Shell<'_>, wanted: &str) -> Result<CallTime, String> {
    loop {
        if let Some(in_air) = shell.in_air()
            && says(&in_air.text, wanted)
        {
            return Ok(said_by(in_air, wanted).max(shell.now));
        }
        if !shell.step() {
            let place = shell.whereabouts();
            return Err(format!("the bot does not say these words: {place}"));
        }
    }
}

/// When the words have been said, as far as their place in the prompt tells; always before its end.
fn said_by(in_air: &InAir, wanted: &str) -> CallTime {
    let text = words(&in_air.text);
    let end = text.find(wanted).map_or(0, |from| from + wanted.len());
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let share = in_air.lasts * count(&text[..end]) / count(&text).max(1);
    let latest = in_air.lasts.saturating_sub(THOUGHT);
    in_air.began + share.max(THOUGHT).min(latest)
}

fn person(shell: &mut Shell<'_>, news: Person) -> Result<(), String> {
    shell.settle();
    if shell.complaint.is_some() {
        return Ok(());
    }
    let is_possible = match news {
        Person::HangsUp => shell.is_with_person(),
        Person::Answers
        | Person::IsBusy
        | Person::Refuses
        | Person::NobodyAnswers
        | Person::NobodyIsThere
        | Person::QueueIsFull => shell.wants_person(),
    };
    if !is_possible {
        let place = shell.whereabouts();
        return Err(match news {
            Person::HangsUp => format!("no person has the caller: {place}"),
            _ => format!("no person is being fetched: {place}"),
        });
    }
    fresh(shell);
    shell.is_transferred |= shell.is_transferring();
    let failed = PersonOutcome::Failed;
    let (told, rings, outcome) = match news {
        Person::Answers => (ANSWERS, true, PersonOutcome::Connected),
        Person::HangsUp => ("hangs up", false, PersonOutcome::Left),
        Person::IsBusy => ("is busy", false, failed(PersonFailure::Busy)),
        Person::Refuses => ("refuses", true, failed(PersonFailure::Refused)),
        Person::NobodyAnswers => ("nobody answers", true, failed(PersonFailure::NoAnswer)),
        Person::NobodyIsThere => ("nobody is there", false, failed(PersonFailure::AfterHours)),
        Person::QueueIsFull => ("the queue is full", false, failed(PersonFailure::QueueFull)),
    };
    shell.note(Who::Person, told);
    let mut at = shell.now + RINGS;
    if rings {
        shell.tell(at, CallInput::Person(PersonOutcome::Ringing));
        at = at + RINGS;
    }
    shell.tell(at, CallInput::Person(outcome));
    Ok(())
}

fn answer_told(node: &str, answer: &BackEnd) -> String {
    match answer {
        BackEnd::Down => format!("{node} is down"),
        BackEnd::Silent => format!("{node} is silent"),
        BackEnd::Answers { status, .. } => format!("{node} answers {status}"),
    }
}

fn tier_told(tier: &Tier) -> String {
    match tier {
        Tier::IsDown => "the intent tier is down".to_owned(),
        Tier::Says(_) => "the intent tier has an answer".to_owned(),
    }
}
