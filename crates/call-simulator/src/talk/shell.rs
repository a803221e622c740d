//! What stands around a call in virtual time: a mouth, an ear, back ends, people.

use super::backends::BackEnds;
use super::coverage::Walk;
use super::ear::{Ear, Listeners, Utterance, is_han};
use super::expecting::Standing;
use super::report::{FETCHES, HANGS_UP, Line, Who};
use super::seen::{Seen, Spoken};
use super::tier::Mind;
use call_engine::{Call, Deadline};
use call_model::{
    CallAction, CallHeader, CallInput, CallTime, Decision, EmotionScore, Handoff, IntentNews,
    IntentQuestionId, Language, PerMille, PersonFailure, PersonOutcome, Private, PromptEnd,
    PromptId, PromptPiece, PromptText, Score, TurnId, VoiceAnalysis,
};
use dialplan::{CallSlot, Day, Node, Plan, Slots};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// From `Play` to the first sound.
const PROMPT_STARTS: Duration = Duration::from_millis(20);
/// A voice is noticed so long after it begins, and missed so long after it ends.
const VOICE_NOTICED: Duration = Duration::from_millis(80);
const VOICE_MISSED: Duration = Duration::from_millis(200);
/// Words are understood so long after they were said; the last word on a turn takes as long again.
const WORD_LAG: Duration = Duration::from_millis(120);
const RESULT: Duration = Duration::from_millis(80);
/// The score of a voice comes so long after it fell silent.
const SCORE: Duration = Duration::from_millis(40);
/// News of people takes so long.
const PEOPLE: Duration = Duration::from_millis(20);
/// A prompt from a file, whose words nobody knows here.
const FILE: Duration = Duration::from_secs(3);
/// How long words take to say, in either language.
const WORD: Duration = Duration::from_millis(350);
const CHARACTER: Duration = Duration::from_millis(220);
const SHORTEST: Duration = Duration::from_millis(600);
/// Nobody is given longer to speak than the engine listens for.
const LONGEST: Duration = Duration::from_secs(15);
/// More events than any honest conversation has.
const EVENTS_MAX: u32 = 20_000;

/// Something that will happen.
#[derive(Debug)]
enum Event {
    News(CallInput),
    VoiceOn(Utterance),
    Words,
    VoiceOff(Utterance),
    PromptOver(PromptId),
    Finish(TurnId),
    Tier(IntentQuestionId, IntentNews),
    /// Nothing; time has passed.
    Rest,
}

/// A prompt that sounds.
#[derive(Clone, Debug)]
pub(super) struct InAir {
    prompt: PromptId,
    pub(super) began: CallTime,
    pub(super) lasts: Duration,
    pub(super) text: PromptText,
}

/// One call and what stands around it.
pub(super) struct Shell<'p> {
    plan: &'p Arc<Plan>,
    listeners: &'p Listeners,
    header: CallHeader,
    call: Call,
    pub(super) now: CallTime,
    queue: BTreeMap<(CallTime, u64), Event>,
    queued: u64,
    served: u32,
    ear: Ear,
    in_air: Option<InAir>,
    pub(super) back_ends: BackEnds,
    pub(super) mind: Mind,
    /// A person is being fetched, and nobody has said what came of it.
    wants_person: bool,
    is_queued: bool,
    /// A person took part who was in no queue.
    pub(super) is_transferred: bool,
    /// From now on the voice is scored so, where it may be.
    pub(super) anger: Option<Score>,
    voice_analysis: VoiceAnalysis,
    utterances: u32,
    /// The node at which the conversation stands.
    pub(super) node: String,
    requests_here: usize,
    slots: Slots,
    pub(super) language: Language,
    asks: u32,
    pub(super) seen: Seen,
    pub(super) walk: Walk<'p>,
    pub(super) lines: Vec<Line>,
    /// What the script fails to say.
    pub(super) complaint: Option<(String, String)>,
}

impl<'p> Shell<'p> {
    pub(super) fn new(plan: &'p Arc<Plan>, listeners: &'p Listeners, header: CallHeader) -> Self {
        let call = Call::new(&header, Arc::clone(plan));
        Self {
            plan,
            listeners,
            language: header.language,
            header,
            call,
            now: CallTime::ZERO,
            queue: BTreeMap::new(),
            queued: 0,
            served: 0,
            ear: Ear::default(),
            in_air: None,
            back_ends: BackEnds::default(),
            mind: Mind::default(),
            wants_person: false,
            is_queued: false,
            is_transferred: false,
            anger: None,
            voice_analysis: plan.voice_analysis(),
            utterances: 0,
            node: String::new(),
            requests_here: 0,
            slots: Slots::new(),
            asks: 0,
            seen: Seen::default(),
            walk: Walk::new(plan),
            lines: Vec::new(),
            complaint: None,
        }
    }

    fn at(&mut self, at: CallTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), event);
    }

    pub(super) fn note(&mut self, who: Who, what: impl Into<String>) {
        self.lines.push(Line {
            at: self.now,
            who,
            what: what.into(),
        });
    }

    /// The next thing that happens of itself; false where nothing does before the caller or a
    /// person does something.
    pub(super) fn step(&mut self) -> bool {
        if self.call.is_over() || self.complaint.is_some() {
            return false;
        }
        self.served += 1;
        if self.served > EVENTS_MAX {
            let expected = "a conversation that comes to rest".to_owned();
            self.complaint = Some((expected, self.whereabouts()));
            return false;
        }
        let event = self.queue.first_key_value().map(|((at, _), _)| *at);
        match (event, self.call.poll_timeout()) {
            (None, Some((_, deadline))) if waits_for_somebody(deadline) => false,
            (_, Some((at, _))) if event.is_none_or(|event| at <= event) => {
                self.feed(at.max(self.now), &CallInput::DeadlineReached);
                true
            }
            (Some(_), _) => {
                if let Some(((at, _), event)) = self.queue.pop_first() {
                    self.happens(at, event);
                }
                true
            }
            (None, _) => false,
        }
    }

    /// Lets everything happen that happens of itself.
    pub(super) fn settle(&mut self) {
        while self.step() {}
    }

    /// The caller says nothing until the call has waited long enough; false where it waits for
    /// nothing of theirs.
    pub(super) fn wait_in_silence(&mut self) -> bool {
        match self.call.poll_timeout() {
            Some((at, Deadline::NoInput | Deadline::NoProgress)) => {
                self.feed(at.max(self.now), &CallInput::DeadlineReached);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Time passes.
    pub(super) fn rest(&mut self, span: Duration) {
        let until = self.now + span;
        self.at(until, Event::Rest);
        while self.now < until && self.step() {}
    }

    pub(super) fn answer(&mut self) {
        self.feed(CallTime::ZERO, &CallInput::Answered);
    }

    /// Somebody speaks, from `began` on; nothing: sound that nobody understands.
    pub(super) fn speak(&mut self, began: CallTime, words: Option<String>) {
        let length = words.as_deref().map_or(SHORTEST * 2, spoken_for);
        let utterance = Utterance {
            words,
            began,
            ended: began + length,
            anger: self.anger,
        };
        self.at(began + VOICE_NOTICED, Event::VoiceOn(utterance));
    }

    pub(super) fn tell(&mut self, at: CallTime, input: CallInput) {
        self.at(at, Event::News(input));
    }

    pub(super) const fn wants_person(&self) -> bool {
        self.wants_person
    }

    /// A person is being fetched who is in no queue.
    pub(super) const fn is_transferring(&self) -> bool {
        self.wants_person && !self.is_queued
    }

    pub(super) const fn is_over(&self) -> bool {
        self.call.is_over()
    }

    pub(super) const fn is_with_person(&self) -> bool {
        self.call.is_with_person()
    }

    pub(super) const fn in_air(&self) -> Option<&InAir> {
        self.in_air.as_ref()
    }

    fn call_slot(&self, slot: CallSlot) -> String {
        match slot {
            CallSlot::Language => self.language.tag().to_owned(),
            CallSlot::Number => self.header.caller.reveal().clone(),
            CallSlot::Asks => self.asks.to_string(),
            CallSlot::Open => {
                let now = self.header.started_unix_millis + self.now.as_millis();
                let is_open = self.plan.hours().is_none_or(|hours| hours.is_open(now));
                if is_open { "yes" } else { "no" }.to_owned()
            }
        }
    }

    fn today(&self) -> Day {
        let now = self.header.started_unix_millis + self.now.as_millis();
        self.plan.today(now)
    }

    fn known_slots(&self) -> Slots {
        let mut slots = self.slots.clone();
        for slot in CallSlot::ALL {
            slots.insert(slot.name().to_owned(), Private::new(self.call_slot(slot)));
        }
        slots
    }

    fn happens(&mut self, at: CallTime, event: Event) {
        match event {
            Event::News(input) => self.feed(at, &input),
            Event::VoiceOn(utterance) => {
                let (began, ended) = (utterance.began, utterance.ended);
                self.ear.hear(utterance.clone());
                self.at(ended + WORD_LAG, Event::Words);
                self.at(ended + VOICE_MISSED, Event::VoiceOff(utterance));
                self.feed(at, &CallInput::SpeechStarted { since: began });
            }
            Event::Words => {
                self.now = at;
                if let Some(partial) = self.ear.partial(self.plan, self.listeners, self.today()) {
                    self.feed(at, &CallInput::Heard(partial));
                }
            }
            Event::VoiceOff(utterance) => {
                self.score(at, &utterance);
                let since = utterance.ended;
                self.feed(at, &CallInput::SpeechEnded { since });
            }
            Event::PromptOver(prompt) => {
                self.now = at;
                if self
                    .in_air
                    .take_if(|in_air| in_air.prompt == prompt)
                    .is_some()
                {
                    let end = PromptEnd::Finished;
                    self.feed(at, &CallInput::PromptEnded { prompt, end });
                }
            }
            Event::Finish(turn) => {
                let today = self.today();
                let heard = self.ear.finish(turn, self.plan, self.listeners, today);
                self.feed(at, &CallInput::Heard(heard));
            }
            Event::Tier(question, news) => self.feed(at, &CallInput::Intent { question, news }),
            Event::Rest => self.now = at,
        }
    }

    fn score(&mut self, at: CallTime, utterance: &Utterance) {
        let Some(anger) = utterance.anger.filter(|_| self.voice_analysis.is_on()) else {
            return;
        };
        self.utterances += 1;
        // Whoever writes a score means one that counts.
        let least = self.plan.policy().escalation.anger_speech;
        let speech = utterance.ended.since(utterance.began).max(least);
        let score = EmotionScore {
            utterance: self.utterances,
            at: utterance.ended,
            anger,
            log_odds_milli: 0,
            probability: PerMille::ZERO,
            arousal: Score::ZERO,
            speech_micros: u64::try_from(speech.as_micros()).unwrap_or(u64::MAX),
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        };
        self.at(at + SCORE, Event::News(CallInput::Emotion(score)));
    }

    fn feed(&mut self, at: CallTime, input: &CallInput) {
        self.now = at;
        self.walk.input(input);
        if let CallInput::Person(outcome) = input {
            self.told(*outcome);
        }
        self.call.handle(at, input);
        while let Some(action) = self.call.poll_action() {
            self.seen.action(&action);
            if let CallAction::Decide(decision) = &action {
                self.follow(decision);
            }
            self.walk.action(&action);
            self.act(action);
        }
    }

    fn told(&mut self, outcome: PersonOutcome) {
        match outcome {
            PersonOutcome::Queued { .. } | PersonOutcome::Ringing => {}
            PersonOutcome::Connected | PersonOutcome::Failed(_) | PersonOutcome::Left => {
                self.wants_person = false;
                self.is_queued = false;
            }
        }
    }

    /// Keeps up with what the call decided.
    fn follow(&mut self, decision: &Decision) {
        match decision {
            Decision::Entered { node, .. } => {
                node.clone_into(&mut self.node);
                self.requests_here = 0;
                if let Some(Node::Decide(decide)) = self.plan.node(node) {
                    self.walk.decides(node, decide, &self.known_slots());
                }
            }
            Decision::Collected { slot, value, .. } => {
                self.slots.insert(slot.clone(), value.clone());
            }
            Decision::AskCounted { count } => self.asks = *count,
            Decision::LanguageChosen { language } => self.language = *language,
            Decision::Routed { .. }
            | Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::NoInput { .. }
            | Decision::NoMatch { .. }
            | Decision::WordSetAside { .. }
            | Decision::PersonOffered { .. }
            | Decision::DeclinedPerson
            | Decision::HandoffGivenUp
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    fn act(&mut self, action: CallAction) {
        let now = self.now;
        match action {
            CallAction::Play { prompt, text, .. } => self.play(prompt, text),
            CallAction::StopPlaying(prompt) => {
                if let Some(was) = self.in_air.take_if(|in_air| in_air.prompt == prompt) {
                    // Its end comes now; left in the queue, time would run on to where it was due.
                    self.queue.retain(
                        |_, event| !matches!(event, Event::PromptOver(over) if *over == prompt),
                    );
                    let heard = now.since(was.began).as_millis();
                    let end = PromptEnd::Stopped {
                        heard_ms: u32::try_from(heard).unwrap_or(u32::MAX),
                    };
                    self.tell(now, CallInput::PromptEnded { prompt, end });
                }
            }
            CallAction::Listen {
                turn,
                grammar,
                language,
                also,
            } => self.ear.listen(turn, now, (grammar, language), also),
            CallAction::StopListening(_) => self.ear.stop(),
            CallAction::FinishHearing(turn) => self.at(now + RESULT, Event::Finish(turn)),
            CallAction::CallApi(request) => self.call_api(&request),
            CallAction::AskIntent(question) => {
                for (after, news) in self.mind.answer() {
                    self.at(now + after, Event::Tier(question.question, news));
                }
            }
            CallAction::FetchPerson(handoff) => self.fetch(&handoff),
            CallAction::ReleasePerson => {
                self.wants_person = false;
                self.is_queued = false;
            }
            CallAction::AnalyseVoice(may) => self.voice_analysis = may,
            CallAction::HangUp(_) => self.note(Who::Bot, HANGS_UP),
            CallAction::BookCallback(_) => self.note(Who::Bot, "books a call back"),
            CallAction::Escalate { reason, .. } => {
                self.note(Who::Bot, format!("{FETCHES}: {reason}"));
            }
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::Decide(_) => {}
        }
    }

    fn play(&mut self, prompt: PromptId, text: PromptText) {
        let began = self.now + PROMPT_STARTS;
        let lasts = length(&text);
        self.language = text.language;
        self.tell(began, CallInput::PromptStarted(prompt));
        self.at(began + lasts, Event::PromptOver(prompt));
        self.note(Who::Bot, format!("{}: {}", self.node, words(&text)));
        self.seen.spoken.push(Spoken {
            node: self.node.clone(),
            text: text.clone(),
        });
        self.in_air = Some(InAir {
            prompt,
            began,
            lasts,
            text,
        });
    }

    fn call_api(&mut self, request: &call_model::ApiRequest) {
        let number = self.requests_here;
        self.requests_here += 1;
        match self
            .back_ends
            .outcome(self.plan, &self.node, number, request)
        {
            Ok((after, outcome)) => {
                let request = request.request;
                self.tell(self.now + after, CallInput::Api { request, outcome });
            }
            Err(place) => {
                let expected = format!("a line that says what the back end of '{place}' answers");
                let got = format!("none: write 'api {place}: 200 {{…}}' above this line");
                self.complaint.get_or_insert((expected, got));
            }
        }
    }

    fn fetch(&mut self, handoff: &Handoff) {
        let soon = self.now + PEOPLE;
        if handoff.queue.is_some() {
            self.wants_person = true;
            if !std::mem::replace(&mut self.is_queued, true) {
                self.tell(soon, CallInput::Person(PersonOutcome::Queued { ahead: 0 }));
            }
        } else if handoff.target.is_some() {
            self.wants_person = true;
        } else {
            let why = PersonFailure::NoneConfigured;
            self.tell(soon, CallInput::Person(PersonOutcome::Failed(why)));
        }
    }
}

impl Standing for Shell<'_> {
    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn language(&self) -> Language {
        self.language
    }

    fn whereabouts(&self) -> String {
        if self.is_over() {
            "the call is over".to_owned()
        } else if self.is_with_person() {
            "a person has the caller".to_owned()
        } else if self.wants_person {
            "the caller waits for a person".to_owned()
        } else {
            format!("the conversation stands at '{}'", self.node)
        }
    }

    fn slot(&self, name: &str) -> String {
        match CallSlot::named(name) {
            Some(slot) => self.call_slot(slot),
            None => self
                .slots
                .get(name)
                .map_or(String::new(), |value| value.reveal().clone()),
        }
    }
}

/// Whether a deadline comes only because the caller, or a person, does nothing.
const fn waits_for_somebody(deadline: Deadline) -> bool {
    match deadline {
        Deadline::NoInput
        | Deadline::NoProgress
        | Deadline::WaitMax
        | Deadline::FetchPerson
        | Deadline::QueueMax
        | Deadline::StillHolding => true,
        Deadline::EndOfTurn
        | Deadline::AskAhead
        | Deadline::UtteranceMax
        | Deadline::Recognition
        | Deadline::InterDigit
        | Deadline::BargeInConfirm
        | Deadline::BargeInResume
        | Deadline::PromptReady
        | Deadline::PromptStop
        | Deadline::PromptLength
        | Deadline::WordWithdrawal
        | Deadline::ApiAnswer
        | Deadline::IntentFirstPiece
        | Deadline::IntentNextPiece
        | Deadline::IntentWhole
        | Deadline::HoldingLine
        | Deadline::CallbackOffer
        | Deadline::Goodbye
        | Deadline::Drain => false,
    }
}

/// How long words take to say.
fn spoken_for(words: &str) -> Duration {
    let han = words.chars().filter(|c| is_han(*c)).count();
    let others = words.split(|c: char| is_han(c) || !c.is_alphanumeric());
    let others = others.filter(|word| !word.is_empty()).count();
    let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let length = CHARACTER
        .saturating_mul(times(han))
        .saturating_add(WORD.saturating_mul(times(others)));
    length.clamp(SHORTEST, LONGEST)
}

/// How long a prompt sounds.
fn length(text: &PromptText) -> Duration {
    let pieces = text.pieces.iter().map(|piece| match piece {
        PromptPiece::Text(text) => spoken_for(text.reveal()),
        PromptPiece::File(_) => FILE,
        PromptPiece::Pause(millis) => Duration::from_millis((*millis).into()),
    });
    pieces.sum::<Duration>().max(PROMPT_STARTS)
}

/// What a prompt says, for people.
pub(super) fn words(text: &PromptText) -> String {
    let pieces = text.pieces.iter().filter_map(|piece| match piece {
        PromptPiece::Text(text) => Some(text.reveal().trim().to_owned()),
        PromptPiece::File(file) => Some(format!("<{file}>")),
        PromptPiece::Pause(_) => None,
    });
    pieces.collect::<Vec<_>>().join(" ")
}
