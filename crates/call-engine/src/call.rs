//! One call: every piece of news meets its answer here.

use crate::closing_key::ClosingKey;
use crate::commands::Wishes;
use crate::deadline::Deadline;
use crate::ear::Ear;
use crate::hold_on::Leave;
use crate::known::Known;
use crate::ledger::Ledger;
use crate::mouth::{Attempt, Author, Mouth, Reading, Saying};
use crate::phase::{
    Arrival, Asking, Fetching, Offering, Parted, Phase, Stranded, Stream, WaitOffer,
};
use crate::profile::Treatment;
use crate::put_off::PutOffs;
use crate::rejudging::Behaviour;
use crate::standing_orders::StandingOrders;
use crate::story::{Story, heard_of};
use crate::tier::Tier;
use crate::tongue::Tongue;

use crate::wait_clock::WaitClock;
use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallTime, Decision, IntentFact, Interruption,
    Language, Private, PromptEnd, PromptId, PromptText, VoiceAnalysis,
};
use dialplan::{EscalationPolicy, Line, Plan};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The life of one call, from ringing to its end: a pure value.
///
/// [`handle`](Self::handle) takes one piece of news with its time;
/// [`poll_action`](Self::poll_action) gives what is to be done, in order, and is
/// to be called until it gives none; [`poll_timeout`](Self::poll_timeout) tells
/// when to feed [`CallInput::DeadlineReached`]. The same news at the same times
/// gives the same actions, always.
#[derive(Debug)]
pub struct Call {
    pub(crate) id: CallId,
    pub(crate) plan: Arc<Plan>,
    pub(crate) language: Language,
    /// The time of the latest news.
    pub(crate) now: CallTime,
    pub(crate) phase: Phase,
    pub(crate) mouth: Mouth,
    pub(crate) ear: Ear,
    pub(crate) ledger: Ledger,
    pub(crate) wait: WaitClock,
    pub(crate) known: Known,
    pub(crate) story: Story,
    pub(crate) put_offs: PutOffs,
    pub(crate) orders: StandingOrders,
    pub(crate) line: LineState,
    pub(crate) tier: Tier,
    /// Whether the caller's language is known.
    pub(crate) tongue: Tongue,
    pub(crate) wishes: Wishes,
    pub(crate) leave_given: Leave,
    pub(crate) treatment: Treatment,
    pub(crate) voice_analysis: VoiceAnalysis,
    /// Requests to back ends so far.
    pub(crate) requests: u32,
    /// By node how often its back end was sent something that is done once.
    pub(crate) orders_sent: BTreeMap<String, u32>,
    /// When anything last sounded, ours or theirs.
    pub(crate) hush_since: CallTime,
    /// Since when the caller could answer and did not.
    pub(crate) quiet_since: CallTime,
    /// When the caller last got anywhere.
    pub(crate) progress: CallTime,
    /// Nodes at which something was done for the caller.
    pub(crate) tasks_done: BTreeSet<String>,
    /// What may yet be pressed to end an entry that is over.
    pub(crate) closing_key: Option<ClosingKey>,
    /// The question whose value is being read back.
    pub(crate) read_back: Option<Asking>,
    /// Nodes entered since the latest news.
    pub(crate) steps: u32,
    pub(crate) out: VecDeque<CallAction>,
}

/// Whether the caller holds us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineState {
    Open,
    HeldByCaller,
}

impl Call {
    /// A call that rings; it lives by `plan`, which the header names.
    pub fn new(header: &CallHeader, plan: Arc<Plan>) -> Self {
        let known = plan.languages();
        let language = match known.contains(&header.language) {
            true => header.language,
            false => known.first().copied().unwrap_or(header.language),
        };
        Self {
            id: header.call,
            language,
            now: CallTime::ZERO,
            phase: Phase::Ringing,
            mouth: Mouth::new(),
            ear: Ear::new(),
            ledger: Ledger::default(),
            wait: WaitClock::default(),
            known: Known::of(header),
            story: Story::default(),
            put_offs: PutOffs::default(),
            orders: StandingOrders::default(),
            line: LineState::Open,
            tier: Tier::of(header),
            tongue: Tongue::of(header, known),
            wishes: Wishes::default(),
            leave_given: Leave::default(),
            treatment: Treatment::default(),
            voice_analysis: plan.voice_analysis(),
            requests: 0,
            orders_sent: BTreeMap::new(),
            tasks_done: BTreeSet::new(),
            hush_since: CallTime::ZERO,
            quiet_since: CallTime::ZERO,
            progress: CallTime::ZERO,
            closing_key: None,
            read_back: None,
            steps: 0,
            out: VecDeque::new(),
            plan,
        }
    }

    /// Takes one piece of news. Time never runs backwards: news from before the
    /// latest is taken as of the latest. After the call's end nothing happens.
    pub fn handle(&mut self, now: CallTime, input: &CallInput) {
        if self.is_over() {
            return;
        }
        self.now = self.now.max(now);
        self.steps = 0;
        match input {
            CallInput::Answered => self.answered(),
            CallInput::SpeechStarted { since } => self.speech_started(*since),
            CallInput::SpeechEnded { since } => self.speech_ended(*since),
            CallInput::Heard(heard) => self.heard(heard),
            CallInput::KeyPressed(key) => self.key_pressed(*key),
            CallInput::PromptStarted(prompt) => self.prompt_started(*prompt),
            CallInput::PromptEnded { prompt, end } => self.prompt_ended(*prompt, *end),
            CallInput::Emotion(score) => self.emotion(score),
            CallInput::EarLost => self.ear_lost(),
            CallInput::EarRestored => self.ear_restored(),
            CallInput::Person(outcome) => self.person(*outcome),
            CallInput::Api { request, outcome } => self.back_end_answered(*request, outcome),
            CallInput::Intent { question, news } => self.tier_said(*question, news),
            CallInput::CallerHeld => self.line = LineState::HeldByCaller,
            CallInput::CallerReturned => self.caller_returned(),
            CallInput::DeadlineReached => self.deadlines_reached(),
            CallInput::Draining => self.draining(),
            CallInput::Failed { what } => self.failed(what),
            CallInput::HungUp(by) => self.hung_up(*by),
        }
        self.settle();
    }

    /// The next thing to do, if there is one.
    pub fn poll_action(&mut self) -> Option<CallAction> {
        self.out.pop_front()
    }

    /// When [`CallInput::DeadlineReached`] is due next, and for which deadline.
    pub fn poll_timeout(&self) -> Option<(CallTime, Deadline)> {
        self.due()
    }

    /// The call is over: it has no deadline and takes no news.
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// A person has the caller.
    pub const fn is_with_person(&self) -> bool {
        matches!(self.phase, Phase::WithPerson)
    }

    /// What the caller said and did so far that adds to the anger of the voice.
    pub fn behaviour(&self) -> Behaviour {
        self.ledger.behaviour()
    }

    /// What follows from the state, whatever the news was.
    fn settle(&mut self) {
        self.take_up_put_offs();
        self.give_up_ahead_if_left();
        self.follow_tier();
        self.cancel_if_left();
        self.hang_up_when_heard_out();
        match self.wanted() {
            Some(wanted) => self.ear.listen(wanted, self.now, &mut self.out),
            None if self.is_over() => {}
            None => self.ear.stop(&mut self.out),
        }
        // Only now is it known who has the floor: a turn may have been given up.
        if !self.callers_floor() && !self.is_over() {
            self.mouth.release(self.now, &mut self.out);
        }
        if !self.is_over() {
            let (wanted, may_begin) = (self.wants_music(), self.mouth.is_silent());
            self.orders.music(wanted, may_begin, &mut self.out);
        }
        let is_ours = self.wait_is_ours();
        self.wait.run(self.now, is_ours);
    }

    /// Time in which the caller waits for us.
    fn wait_is_ours(&self) -> bool {
        if self.line == LineState::HeldByCaller {
            return false;
        }
        match &self.phase {
            Phase::Ringing | Phase::WithPerson | Phase::Over => false,
            Phase::Fetching(_) | Phase::Calling(_) => true,
            // Once all of an answer is there, saying it is service.
            Phase::Consulting(consulting) => {
                let owes = consulting.stream == Stream::Open && !self.mouth.speaks_for_tier();
                owes || self.mouth.is_making() || self.ear.is_finishing()
            }
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Offering(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_) => self.mouth.is_making() || self.ear.is_finishing(),
        }
    }

    /// The node whose rules judge what the caller says.
    pub(crate) fn place(&self) -> &str {
        match &self.phase {
            Phase::Telling(telling) => &telling.node,
            Phase::Asking(asking) => &asking.node,
            Phase::Consulting(consulting) => &consulting.asking.node,
            Phase::Calling(calling) => &calling.node,
            Phase::Offering(offering) => &offering.back,
            Phase::Ringing
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => "",
        }
    }

    fn answered(&mut self) {
        match self.phase {
            Phase::Ringing => {
                self.progress = self.now;
                self.quiet_since = self.now;
                self.hush_since = self.now;
                let start = self.plan.start().to_owned();
                self.enter(&start, Arrival::ByPlan);
            }
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => {}
        }
    }

    fn prompt_started(&mut self, prompt: PromptId) {
        if !self.mouth.started(prompt, self.now) || self.mouth.has_next() {
            return;
        }
        match &mut self.phase {
            Phase::Offering(Offering { heard_from, .. })
            | Phase::Stranded(Stranded { heard_from, .. })
            | Phase::Parted(Parted { heard_from, .. })
            | Phase::Fetching(Fetching {
                offer: WaitOffer::Open { heard_from, .. },
                ..
            }) => {
                heard_from.get_or_insert(self.now);
            }
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
        }
    }

    fn prompt_ended(&mut self, prompt: PromptId, end: PromptEnd) {
        let floor = self.callers_floor();
        let over = self
            .mouth
            .ended(self.now, prompt, end, floor, &mut self.out);
        if let Some(over) = over {
            self.prompt_over(over);
        }
    }

    pub(crate) fn prompt_over(&mut self, over: crate::mouth::Over) {
        self.story.bot_said(self.now, &over.saying.text, over.end);
        self.tell_of_heard(&over);
        self.quiet_since = self.now;
        self.hush_since = self.now;
        if !self.mouth.holds_notice() {
            self.fetch_after_notice();
        }
        let stands = self.ledger.standing().is_some();
        let may_fail = !stands && !self.is_leaving();
        if over.reading == Reading::Failed && may_fail {
            self.failed("a legal notice could not be read out");
        } else if self.mouth.is_failing() && may_fail {
            self.failed("prompts cannot be played");
        } else if over.is_last {
            self.go_on();
        }
    }

    /// The tier learns how much of its words reached the caller.
    fn tell_of_heard(&mut self, over: &crate::mouth::Over) {
        if over.saying.author == Author::Plan || over.sounded.is_zero() {
            return;
        }
        let ms = u32::try_from(over.sounded.as_millis()).unwrap_or(u32::MAX);
        let text = heard_of(&over.saying.text, over.end);
        self.tell_tier(IntentFact::Heard {
            ms,
            text: Private::new(text),
        });
    }

    /// Whoever leaves is not helped by a person any more.
    const fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving(_))
    }

    /// The prompt is over and nothing else is to be said: what next?
    fn go_on(&mut self) {
        match &self.phase {
            Phase::Telling(telling) => {
                if self.line == LineState::HeldByCaller {
                    return;
                }
                let (next, arrival) = (telling.next.clone(), telling.arrival);
                if arrival == Arrival::ByCaller {
                    self.wait.reset(self.now);
                }
                self.enter(&next, arrival);
            }
            Phase::Leaving(_) => self.hang_up_when_heard_out(),
            // What the tier says next follows of itself.
            Phase::Consulting(_) => {}
            Phase::Ringing
            | Phase::Calling(_)
            | Phase::Asking(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => {}
        }
    }

    /// Only a caller who held us can return: any other re-INVITE changes nothing.
    fn caller_returned(&mut self) {
        if self.line == LineState::Open {
            return;
        }
        self.line = LineState::Open;
        self.quiet_since = self.now;
        self.ear.forget_before(self.now);
        if !self.mouth.is_silent() {
            return;
        }
        self.say_again();
    }

    pub(crate) fn is_line_open(&self) -> bool {
        self.line == LineState::Open
    }

    /// The caller has the floor; what sounds while they hold us is not said to us.
    pub(crate) fn callers_floor(&self) -> bool {
        self.line == LineState::Open && self.ear.callers_floor()
    }

    /// Says something, as soon as the floor allows.
    pub(crate) fn say(&mut self, text: PromptText, interruption: Interruption) {
        self.say_by(Author::Plan, text, interruption);
    }

    /// The same in somebody's words.
    pub(crate) fn say_by(&mut self, author: Author, text: PromptText, interruption: Interruption) {
        let saying = Saying {
            text: PromptText {
                pace: self.pace(),
                ..text
            },
            interruption,
            attempt: Attempt::First,
            author,
        };
        let floor = self.callers_floor() || !self.put_offs.is_empty();
        self.mouth.say(self.now, saying, floor, &mut self.out);
    }

    /// Says a line of the system.
    pub(crate) fn say_line(&mut self, line: Line, interruption: Interruption) {
        let text = self.plan.line(line, self.language);
        self.say(text, interruption);
    }

    pub(crate) fn act(&mut self, action: CallAction) {
        self.out.push_back(action);
    }

    pub(crate) fn decide(&mut self, decision: Decision) {
        self.act(CallAction::Decide(decision));
    }

    pub(crate) fn remark(&mut self, what: impl Into<String>) {
        let (what, at) = (what.into(), self.now);
        self.decide(Decision::Remarked { what, at });
    }

    pub(crate) fn rules(&self) -> &EscalationPolicy {
        self.treatment.rules(&self.plan)
    }
}
