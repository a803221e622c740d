//! One call in virtual time: a caller, an ear, a voice, people, and the engine
//! between them.

use crate::answers::Answers;
use crate::caller::{Doing, Manners, Script};
use crate::check::{Broken, Checks, Facts};
use crate::dice::Dice;
use crate::ear::{Ear, Hears, Truth};
use crate::fault::PlantedFault;
use crate::people::{Odds, People, Search};
use crate::phrases::Phrase;
use crate::plans::plans;
use crate::subject::Subject;
use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallOutcome, CallTime, Handoff, Heard, HungUp,
    IntentNews, IntentQuestionId, JournalEntry, JournalLine, Language, PersonOutcome, PromptEnd,
    PromptId, RecordingChoice, TurnId,
};
use dialplan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A voice is missed so long after it ends.
const VOICE_MISSED: Duration = Duration::from_millis(200);
/// Between two utterances of one mouth.
const BREATH: Duration = Duration::from_millis(250);
/// A call is over so long after its caller did the last thing.
const PATIENCE: Duration = Duration::from_secs(90 * 60);
/// More events than any honest call has.
const EVENTS_MAX: usize = 20_000;
/// More actions than any news should cause.
const ACTIONS_KEPT: usize = 200;

/// A simulated call that has not begun.
#[derive(Debug)]
pub struct World {
    dice: Dice,
    header: CallHeader,
    plan: Arc<Plan>,
    script: Script,
    /// The caller's language, which need not be the one the call begins in.
    language: Language,
    answers: Answers,
    fault: Option<PlantedFault>,
}

/// A simulated call that is over.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended, in a word or two, e.g. `by caller after demand`.
    pub outcome: String,
    /// The rules that were broken, each once, with what was wrong.
    pub broken: Vec<Broken>,
    /// The whole call, as a journal has it.
    pub journal: Vec<JournalLine>,
    /// The plan it ran over.
    pub plan: Arc<Plan>,
}

impl World {
    /// The call of a seed: its plan, language, caller and circumstances.
    pub fn from_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Arc::clone(dice.one_of(plans()));
        let language = *dice.one_of(&[Language::En, Language::Zh]);
        let script = Script::draw(&mut dice, language);
        let answers = Answers::draw(&mut dice);
        let language_is_fixed = dice.percent(60);
        let begins_in = match language_is_fixed {
            true => language,
            false => *dice.one_of(&Language::ALL),
        };
        // Drawn apart, so that the rest of a seed's call stays as it is. An ear for free speech
        // has partial words for what is left open, which is what may be asked about ahead.
        let tier_is_asked_ahead = Dice::new(seed.rotate_left(32)).percent(50);
        let header = CallHeader {
            call: CallId::new(seed, u128::from(seed)),
            sip_call_id: format!("seed-{seed}"),
            started_unix_millis: seed,
            trunk: format!("{:?}", script.persona).to_lowercase(),
            // One in eight withholds their number.
            caller: match seed % 8 {
                5 => String::new().into(),
                _ => format!("seed-{seed}").into(),
            },
            called: "100".to_owned(),
            plan: plan.name().to_owned(),
            plan_digest: plan.digest().to_owned(),
            engine_version: call_engine::ENGINE_VERSION.to_owned(),
            language: begins_in,
            language_is_fixed,
            tier_is_asked_ahead,
            seed,
            recording: RecordingChoice::Off,
        };
        Self {
            dice,
            header,
            plan,
            script,
            language,
            answers,
            fault: None,
        }
    }

    /// The same call over an engine with a fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Option<PlantedFault>) -> Self {
        self.fault = fault;
        self
    }

    /// Runs the call to its end, checks included.
    pub fn run(self) -> Run {
        let subject = Subject::new(&self.header, Arc::clone(&self.plan), self.fault);
        let mut running = Running {
            checks: Checks::new(Arc::clone(&self.plan), self.header.language),
            journal: vec![JournalLine::Begin(Box::new(self.header.clone()))],
            language: self.language,
            manners: self.script.manners,
            dice: self.dice,
            subject,
            queue: BTreeMap::new(),
            queued: 0,
            ear: Ear::that_hears(match self.header.tier_is_asked_ahead {
                true => Hears::FreeSpeech,
                false => Hears::Grammars,
            }),
            people: People::default(),
            tries_both: false,
            answers: self.answers,
            cancelled: None,
            awaited: None,
            speech_until: CallTime::ZERO,
            in_air: BTreeMap::new(),
            now: CallTime::ZERO,
            hung_up: None,
        };
        let last = self
            .script
            .doings
            .last()
            .map_or(CallTime::ZERO, |(at, _)| *at);
        for (at, doing) in self.script.doings {
            running.at(at, Event::Doing(doing));
        }
        running.run(last + PATIENCE);
        running.finish(self.header, self.plan)
    }
}

/// Something that will happen.
#[derive(Debug)]
enum Event {
    Doing(Doing),
    News(CallInput),
    Result(Heard, Truth),
    Tier {
        question: IntentQuestionId,
        news: IntentNews,
    },
    VoiceOn(CallTime),
    VoiceOff(CallTime),
    Partial,
    PromptStarts(PromptId),
    PromptOver(PromptId),
    PromptFails(PromptId),
    Person(Search, PersonOutcome),
}

struct Running {
    dice: Dice,
    language: Language,
    manners: Manners,
    subject: Subject,
    checks: Checks,
    journal: Vec<JournalLine>,
    queue: BTreeMap<(CallTime, u64), Event>,
    queued: u64,
    ear: Ear,
    people: People,
    /// The ear tries two languages in the turn at hand.
    tries_both: bool,
    answers: Answers,
    /// What the tier has to say to this question, or an earlier one, is held back.
    cancelled: Option<IntentQuestionId>,
    awaited: Option<TurnId>,
    speech_until: CallTime,
    /// Prompts in the air with the time they began to sound, if they did.
    in_air: BTreeMap<PromptId, Option<CallTime>>,
    now: CallTime,
    hung_up: Option<HungUp>,
}

impl Running {
    fn at(&mut self, at: CallTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), event);
    }

    fn run(&mut self, limit: CallTime) {
        for _ in 0..EVENTS_MAX {
            if self.hung_up.is_some() || self.subject.is_over() {
                return;
            }
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let wake = self.subject.poll_timeout();
            match (event, wake) {
                (_, Some((at, due))) if event.is_none_or(|event| at <= event) => {
                    if at > limit {
                        return;
                    }
                    let at = at.max(self.now);
                    self.feed(at, &CallInput::DeadlineReached, Truth::default());
                    let again = self.subject.poll_timeout();
                    self.checks.served(at, due, again);
                }
                (Some(at), _) if at <= limit => {
                    if let Some(((at, _), event)) = self.queue.pop_first() {
                        self.happens(at, event);
                    }
                }
                (Some(_) | None, _) => return,
            }
        }
    }

    fn happens(&mut self, at: CallTime, event: Event) {
        let doubtless = Truth::default();
        match event {
            Event::Doing(Doing::Speak { phrase, length }) => self.speak(at, phrase, length),
            Event::Doing(Doing::News(input)) | Event::News(input) => {
                self.feed(at, &input, doubtless);
            }
            Event::Result(heard, truth) => {
                // A result that nobody waits for any more may still arrive.
                let is_awaited = self.awaited.take_if(|turn| *turn == heard.turn()).is_some();
                let truth = if is_awaited { truth } else { doubtless };
                self.feed(at, &CallInput::Heard(heard), truth);
            }
            Event::Tier { question, news } => {
                if self.cancelled.is_none_or(|cancelled| cancelled < question) {
                    self.feed(at, &CallInput::Intent { question, news }, doubtless);
                }
            }
            Event::VoiceOn(since) => {
                self.feed(at, &CallInput::SpeechStarted { since }, doubtless);
            }
            Event::VoiceOff(since) => self.feed(at, &CallInput::SpeechEnded { since }, doubtless),
            Event::Partial => {
                if let Some(heard) = self.ear.partial(at, self.language, &mut self.dice) {
                    self.feed(at, &CallInput::Heard(heard), doubtless);
                }
            }
            Event::Person(search, outcome) => self.person(at, search, outcome),
            Event::PromptStarts(prompt) => {
                if let Some(started) = self.in_air.get_mut(&prompt) {
                    *started = Some(at);
                    self.feed(at, &CallInput::PromptStarted(prompt), doubtless);
                }
            }
            Event::PromptFails(prompt) => {
                if self.in_air.remove(&prompt).is_some() {
                    let end = PromptEnd::Failed;
                    self.feed(at, &CallInput::PromptEnded { prompt, end }, doubtless);
                }
            }
            Event::PromptOver(prompt) => {
                if self.in_air.remove(&prompt).is_some() && !self.subject.loses_prompt_end() {
                    let end = PromptEnd::Finished;
                    self.feed(at, &CallInput::PromptEnded { prompt, end }, doubtless);
                }
            }
        }
    }

    fn speak(&mut self, at: CallTime, phrase: Phrase, length: Duration) {
        let began = at.max(self.speech_until + BREATH);
        let ended = began + length;
        self.speech_until = ended;
        let search = self.manners.search_percent;
        let times = self.ear.hear(phrase, began, length, search, &mut self.dice);
        let noticed = began + self.dice.millis(60, 100);
        self.at(noticed, Event::VoiceOn(began));
        for time in times {
            self.at(time, Event::Partial);
        }
        self.at((ended + VOICE_MISSED).max(noticed), Event::VoiceOff(ended));
    }

    fn feed(&mut self, at: CallTime, input: &CallInput, truth: Truth) {
        self.now = at;
        self.journal
            .push(JournalLine::At(at, JournalEntry::In(input.clone())));
        if let CallInput::HungUp(by) = input {
            self.hung_up = Some(*by);
        }
        let facts = Facts {
            truth,
            asks_begun: self.ear.asks_begun(at),
            demands_begun: self.ear.demands_begun(at),
        };
        self.checks.input(at, input, facts);
        self.subject.handle(at, input);
        let mut actions = Vec::new();
        while let Some(action) = self.subject.poll_action() {
            actions.push(action);
        }
        for (n, action) in actions.into_iter().enumerate() {
            self.checks.action(at, &action);
            if n < ACTIONS_KEPT {
                let entry = JournalEntry::Out(action.clone());
                self.journal.push(JournalLine::At(at, entry));
                self.act(at, action);
            }
        }
        let wake = self.subject.poll_timeout();
        self.checks.handled(at, wake);
    }

    fn act(&mut self, at: CallTime, action: CallAction) {
        match action {
            CallAction::Play { prompt, .. } => self.play(at, prompt),
            CallAction::StopPlaying(prompt) => {
                if let Some(started) = self.in_air.remove(&prompt) {
                    let heard = started.map_or(0, |started| at.since(started).as_millis());
                    let end = PromptEnd::Stopped {
                        heard_ms: u32::try_from(heard).unwrap_or(u32::MAX),
                    };
                    let over = CallInput::PromptEnded { prompt, end };
                    let after = self.dice.millis(0, 20);
                    self.at(at + after, Event::News(over));
                }
            }
            CallAction::Listen { turn, also, .. } => {
                self.ear.listen(turn, at);
                self.tries_both = also.is_some();
            }
            CallAction::CallApi(request) => {
                if let Some((at, outcome)) = self.answers.call(at, &request, &mut self.dice) {
                    let request = request.request;
                    self.at(at, Event::News(CallInput::Api { request, outcome }));
                }
            }
            CallAction::AskIntent(question) => {
                for (at, news) in self.answers.ask(at, &question, &mut self.dice) {
                    let question = question.question;
                    self.at(at, Event::Tier { question, news });
                }
            }
            CallAction::CancelIntent(question) => {
                // What is under way may still arrive.
                let is_quick = self.dice.percent(80);
                self.cancelled = is_quick.then_some(question);
            }
            CallAction::StopListening(_) => {
                self.awaited = None;
                self.ear.stop();
            }
            CallAction::FinishHearing(turn) => {
                self.awaited = Some(turn);
                self.finish_hearing(at);
            }
            CallAction::FetchPerson(handoff) => self.fetch(at, &handoff),
            CallAction::ReleasePerson => self.people.release(),
            CallAction::HangUp(cause) => {
                self.hung_up = Some(cause.into());
            }
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::Escalate { .. }
            | CallAction::BookCallback(_)
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::Decide(_) => {}
        }
    }

    fn play(&mut self, at: CallTime, prompt: PromptId) {
        let (from, to) = self.manners.prompt_starts;
        let starts = at + self.dice.millis(from, to);
        if self.dice.percent(self.manners.prompts_fail_percent) {
            self.in_air.insert(prompt, None);
            self.at(starts, Event::PromptFails(prompt));
            return;
        }
        self.in_air.insert(prompt, None);
        let (from, to) = self.manners.prompt_lasts;
        let lasts = self.dice.millis(from, to);
        self.at(starts, Event::PromptStarts(prompt));
        self.at(starts + lasts, Event::PromptOver(prompt));
    }

    fn finish_hearing(&mut self, at: CallTime) {
        let mut result = self.ear.finish(at, self.language, &mut self.dice);
        if let Some((Heard::Final { language, .. } | Heard::NoMatch { language, .. }, _)) =
            &mut result
        {
            *language = self.tries_both.then_some(self.language);
        }
        let (from, to) = self.manners.result_takes;
        let takes = self.dice.millis(from, to);
        if let Some((heard, truth)) = result
            && !self.dice.percent(self.manners.results_lost_percent)
        {
            self.at(at + takes, Event::Result(heard, truth));
        }
    }

    fn fetch(&mut self, at: CallTime, handoff: &Handoff) {
        let odds = Odds {
            takes: self.manners.person_takes,
            connects_percent: self.manners.person_connects_percent,
            never_percent: self.manners.person_never_percent,
        };
        let coming = self.people.fetch(at, handoff, odds, &mut self.dice);
        for (at, search, outcome) in coming {
            self.at(at, Event::Person(search, outcome));
        }
    }

    fn person(&mut self, at: CallTime, search: Search, outcome: PersonOutcome) {
        if !self.people.is_current(search) {
            return;
        }
        self.people.told(outcome);
        if outcome == PersonOutcome::Connected {
            let (talks, hangs_up) = self.people.talk(&mut self.dice);
            let then = match hangs_up {
                true => CallInput::Person(PersonOutcome::Left),
                false => CallInput::HungUp(HungUp::Transferred),
            };
            self.at(at + talks, Event::News(then));
        }
        self.feed(at, &CallInput::Person(outcome), Truth::default());
    }

    fn finish(mut self, header: CallHeader, plan: Arc<Plan>) -> Run {
        let timeout = self.subject.poll_timeout();
        self.checks.end(self.now, self.hung_up, timeout);
        if let Some(by) = self.hung_up {
            let outcome = CallOutcome::Ended(by);
            self.journal.push(JournalLine::End(self.now, outcome));
        }
        self.checks.replayed(&header, &plan, &self.journal);
        Run {
            outcome: self.checks.outcome(self.hung_up),
            broken: self.checks.into_broken(),
            journal: self.journal,
            plan,
        }
    }
}
