//! One caller who needs a person, from the first word to the last.

use super::caller::{Caller, Cue, Deed, Reply, Step};
use super::faults::Trouble;
use super::people::People;
use super::table::Fate;
use crate::dice::Dice;
use crate::fault::PlantedFault;
use crate::subject::Subject;
use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallTime, Decision, EmotionScore, EscalationReason,
    HungUp, Key, Language, PerMille, PersonOutcome, PromptEnd, PromptId, PromptText,
    RecordingChoice, Score,
};
use dialplan::{Line, Plan, PlanSources};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// By then every call is long over.
const HORIZON: Duration = Duration::from_secs(60 * 60);
/// More events than any such call has.
const EVENTS_MAX: usize = 20_000;

/// Runs the caller of a seed.
pub(super) fn run(
    seed: u64,
    reason: EscalationReason,
    trouble: Trouble,
    fault: Option<PlantedFault>,
) -> Fate {
    let mut dice = Dice::new(seed);
    let language = *dice.one_of(&Language::ALL);
    let plan = plan();
    let header = header(seed, plan, language);
    let caller = Caller::draw(&mut dice, reason, trouble, language);
    let mut world = World {
        subject: Subject::new(&header, Arc::clone(plan), fault),
        people: People::new(&mut dice, reason, trouble, header.call, language),
        dice,
        plan,
        language,
        trouble,
        caller,
        queue: BTreeMap::new(),
        queued: 0,
        cue: None,
        ear: Ear::Well,
        said: None,
        utterances: 0,
        in_air: None,
        failed_last: false,
        reasons: Vec::new(),
        has_person: false,
        has_booked: false,
        now: CallTime::ZERO,
        is_over: false,
    };
    world.at(CallTime::from_millis(300), Event::News(CallInput::Answered));
    world.run();
    world.fate(reason)
}

fn plan() -> &'static Arc<Plan> {
    static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
        let text = include_str!("../../plans/escape.yaml");
        let plan = Plan::compile(&PlanSources::of_head(text));
        Arc::new(plan.unwrap_or_else(|problems| {
            unreachable!("a plan that is shipped compiles: {problems:?}")
        }))
    });
    &PLAN
}

fn header(seed: u64, plan: &Plan, language: Language) -> CallHeader {
    CallHeader {
        call: CallId::new(2, u128::from(seed)),
        sip_call_id: format!("seed-{seed}"),
        started_unix_millis: seed,
        trunk: "escape".to_owned(),
        caller: format!("seed-{seed}").into(),
        called: "100".to_owned(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: call_engine::ENGINE_VERSION.to_owned(),
        language,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed,
        recording: RecordingChoice::Off,
    }
}

/// Something that will happen.
#[derive(Debug)]
pub(super) enum Event {
    Deed(Deed),
    Reply(Reply),
    News(CallInput),
    PromptStarts(PromptId, PromptText),
    PromptOver(PromptId, PromptEnd),
}

/// Whether the recogniser answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ear {
    Well,
    /// Gone, and nobody was told.
    Silent,
    Lost,
}

pub(super) struct World {
    pub(super) dice: Dice,
    subject: Subject,
    people: People,
    plan: &'static Arc<Plan>,
    pub(super) language: Language,
    pub(super) trouble: Trouble,
    caller: Caller,
    queue: BTreeMap<(CallTime, u64), Event>,
    queued: u64,
    /// The cue that was last given.
    cue: Option<Cue>,
    pub(super) ear: Ear,
    /// What was said in the turn at hand.
    pub(super) said: Option<&'static str>,
    utterances: u32,
    in_air: Option<PromptId>,
    failed_last: bool,
    reasons: Vec<EscalationReason>,
    has_person: bool,
    has_booked: bool,
    now: CallTime,
    is_over: bool,
}

impl World {
    fn at(&mut self, at: CallTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), event);
    }

    pub(super) fn after(&mut self, from: u64, to: u64, event: Event) {
        let after = self.dice.millis(from, to);
        self.at(self.now + after, event);
    }

    /// We wake up late under load.
    fn wake(&mut self) -> Option<CallTime> {
        let late = match self.trouble {
            Trouble::Overload => Duration::from_millis(150),
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::DeadIntentTier
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::AgentRefuses
            | Trouble::TrunkDead => Duration::ZERO,
        };
        self.subject.poll_timeout().map(|(at, _)| at + late)
    }

    fn run(&mut self) {
        let horizon = CallTime::ZERO + HORIZON;
        for _ in 0..EVENTS_MAX {
            if self.is_over || self.subject.is_over() {
                return;
            }
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let wake = self.wake();
            let people = self.people.due();
            let Some(next) = [event, wake, people].into_iter().flatten().min() else {
                return;
            };
            if next > horizon {
                return;
            }
            self.now = self.now.max(next);
            if people == Some(next) {
                for outcome in self.people.happens(self.now, &mut self.dice) {
                    self.told(outcome);
                }
            } else if wake == Some(next) {
                self.feed(&CallInput::DeadlineReached);
            } else if let Some((_, event)) = self.queue.pop_first() {
                self.happens(event);
            }
        }
    }

    fn told(&mut self, outcome: PersonOutcome) {
        self.feed(&CallInput::Person(outcome));
        if outcome == PersonOutcome::Connected && self.has_person {
            let ends = match self.dice.percent(20) {
                true => CallInput::Person(PersonOutcome::Left),
                false => CallInput::HungUp(HungUp::ByCaller),
            };
            self.after(5_000, 60_000, Event::News(ends));
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Deed(deed) => self.does(deed),
            Event::Reply(Reply::Key(keys)) => self.does(Deed::Keys(keys)),
            Event::Reply(Reply::Say(words)) => self.does(Deed::Say(words)),
            Event::Reply(Reply::Silence) => {}
            Event::News(input) => self.feed(&input),
            Event::PromptStarts(prompt, text) => {
                if self.in_air == Some(prompt) {
                    self.feed(&CallInput::PromptStarted(prompt));
                    self.hears(&text);
                }
            }
            Event::PromptOver(prompt, end) => {
                if self.in_air == Some(prompt) {
                    self.in_air = None;
                    self.feed(&CallInput::PromptEnded { prompt, end });
                }
            }
        }
    }

    fn does(&mut self, deed: Deed) {
        match deed {
            Deed::Say(words) => self.speaks(words),
            Deed::Keys(keys) => {
                for face in keys.chars() {
                    if let Ok(key) = Key::try_from(face) {
                        self.feed(&CallInput::KeyPressed(key));
                        self.now = self.now + Duration::from_millis(150);
                    }
                }
            }
            Deed::Rage => self.rages(),
            Deed::EarLost => {
                self.ear = Ear::Lost;
                self.feed(&CallInput::EarLost);
            }
            Deed::EarSilent => self.ear = Ear::Silent,
            Deed::Failure => {
                let what = "the disk is full".to_owned();
                self.feed(&CallInput::Failed { what });
            }
        }
        self.next_step(Cue::Now);
    }

    /// The next step waits for this cue: it will be done.
    pub(super) fn next_step(&mut self, cue: Cue) {
        let next = self.caller.steps.front().copied();
        let Some(Step { after, deed, .. }) = next.filter(|step| step.cue == cue) else {
            return;
        };
        self.caller.steps.pop_front();
        self.at(self.now + after, Event::Deed(deed));
    }

    fn speaks(&mut self, words: &'static str) {
        let since = self.now;
        self.now = self.now + Duration::from_millis(80);
        self.feed(&CallInput::SpeechStarted { since });
        let length = Duration::from_millis(1_200);
        self.said = Some(words);
        let ended = since + length;
        self.at(
            ended + Duration::from_millis(200),
            Event::News(CallInput::SpeechEnded { since: ended }),
        );
    }

    fn rages(&mut self) {
        self.utterances += 1;
        let score = EmotionScore {
            utterance: self.utterances,
            at: self.now,
            anger: Score::from_points(92),
            log_odds_milli: 3_000,
            probability: PerMille::new(900),
            arousal: Score::from_points(80),
            speech_micros: 3_000_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        };
        self.feed(&CallInput::Emotion(score));
    }

    /// A question of the system was heard: the caller replies, as they are.
    fn hears(&mut self, text: &PromptText) {
        let is = |line: Line| *text == self.plan.line(line, text.language);
        let promises = |line: Line| {
            EscalationReason::ALL.iter().any(|reason| {
                let within = self.plan.policy().people.callback_within(*reason);
                *text == self.plan.line_within(line, within, text.language)
            })
        };
        let reply = if is(Line::PersonOffer) || is(Line::NoProgressOffer) {
            Some(self.caller.to_person_offer)
        } else if is(Line::CallbackOffer) {
            Some(self.caller.to_callback_offer)
        } else if is(Line::NobodyFree) || promises(Line::AfterHours) {
            self.caller.to_nobody.pop()
        } else {
            None
        };
        if let Some(reply) = reply {
            self.after(1_500, 4_000, Event::Reply(reply));
        }
    }

    fn feed(&mut self, input: &CallInput) {
        if let CallInput::HungUp(_) = input {
            self.is_over = true;
        }
        self.subject.handle(self.now, input);
        while let Some(action) = self.subject.poll_action() {
            self.act(action);
        }
    }

    fn act(&mut self, action: CallAction) {
        match action {
            CallAction::Play { prompt, text, .. } => self.play(prompt, text),
            CallAction::StopPlaying(prompt) => {
                let end = PromptEnd::Stopped { heard_ms: 300 };
                self.at(self.now, Event::PromptOver(prompt, end));
            }
            CallAction::FinishHearing(turn) => self.finish(turn),
            CallAction::Escalate { reason, .. } => self.reasons.push(reason),
            CallAction::FetchPerson(handoff) => {
                self.next_step(Cue::Fetching);
                let told = self.people.fetch(self.now, &handoff, &mut self.dice);
                for outcome in told {
                    self.after(1, 20, Event::News(CallInput::Person(outcome)));
                }
            }
            CallAction::ReleasePerson => self.people.release(self.now, &mut self.dice),
            CallAction::BookCallback(handoff) => {
                self.has_booked |= handoff.callback_within_s.is_some();
            }
            CallAction::CallApi(request) => self.call_api(&request),
            CallAction::AskIntent(question) => self.ask_tier(&question),
            CallAction::Decide(decision) => self.decided(&decision),
            CallAction::HangUp(_) => self.is_over = true,
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::Listen { .. }
            | CallAction::StopListening(_)
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_) => {}
        }
    }

    fn decided(&mut self, decision: &Decision) {
        match decision {
            Decision::Entered { node, .. } => {
                for known in ["menu", "by_voice"] {
                    if node == known {
                        self.cue = Some(Cue::Node(known));
                        self.next_step(Cue::Node(known));
                    }
                }
            }
            Decision::Remarked { what, .. } if what == "a person has the caller" => {
                self.has_person = true;
            }
            Decision::Routed { .. }
            | Decision::Collected { .. }
            | Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::NoInput { .. }
            | Decision::NoMatch { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::PersonOffered { .. }
            | Decision::DeclinedPerson
            | Decision::HandoffGivenUp
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    fn play(&mut self, prompt: PromptId, text: PromptText) {
        self.in_air = Some(prompt);
        let is_overload = self.trouble == Trouble::Overload;
        // One prompt may fail; two in a row are a fault of their own, and an offer that
        // fails is not taken.
        let may_fail = is_overload && !self.reasons.is_empty() && !self.failed_last;
        let fails = may_fail && self.dice.percent(20);
        self.failed_last = fails;
        if fails {
            return self.after(100, 900, Event::PromptOver(prompt, PromptEnd::Failed));
        }
        let (from, to) = if is_overload { (20, 4_500) } else { (10, 40) };
        let starts = self.dice.millis(from, to);
        let lasts = self.dice.millis(1_500, 5_000);
        self.at(self.now + starts, Event::PromptStarts(prompt, text));
        let over = Event::PromptOver(prompt, PromptEnd::Finished);
        self.at(self.now + starts + lasts, over);
    }

    fn fate(&self, reason: EscalationReason) -> Fate {
        if self.has_person {
            match self.reasons.contains(&reason) {
                true => Fate::Person,
                false => Fate::Unreached,
            }
        } else if !self.reasons.contains(&reason) {
            // Whoever brought the reason about and was not heard is lost.
            match self.caller.steps.is_empty() && self.reasons.is_empty() {
                true => Fate::Lost,
                false => Fate::Unreached,
            }
        } else if self.has_booked {
            Fate::Booked
        } else {
            Fate::Lost
        }
    }
}
