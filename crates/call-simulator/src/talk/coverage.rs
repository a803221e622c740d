//! Which nodes, and which ways out of them, conversations have walked.

use call_model::{
    ApiFailure, ApiOutcome, ApiRequest, ApiRequestId, CallAction, CallInput, Decision,
    EscalationReason,
};
use dialplan::{Decide, LadderEnd, Next, Node, Plan, Slots};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One way out of a node, or the way into it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Exit {
    /// The node.
    pub node: String,
    /// The way.
    pub way: Way,
}

/// The ways of nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Way {
    /// Into it.
    Entered,
    /// To the node that follows.
    Next,
    /// By an answer, to this node.
    Route(String),
    /// After a yes.
    Yes,
    /// After a no.
    No,
    /// By this case of a decision, from 1.
    Case(usize),
    /// Where no case holds.
    Otherwise,
    /// After this status of a back end.
    Status(u16),
    /// Where only some of several back ends did it.
    Partly,
    /// Where no back end answered.
    Error,
    /// By the end of the ladder for silence.
    NoInput,
    /// By the end of the ladder for what fits nothing.
    NoMatch,
    /// Where nobody of a waiting room was to be had.
    Overflow,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entered => f.write_str("never entered"),
            Self::Next => f.write_str("next"),
            Self::Route(to) => write!(f, "to {to}"),
            Self::Yes => f.write_str("yes"),
            Self::No => f.write_str("no"),
            Self::Case(number) => write!(f, "case {number}"),
            Self::Otherwise => f.write_str("otherwise"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Partly => f.write_str("partly"),
            Self::Error => f.write_str("error"),
            Self::NoInput => f.write_str("end of no_input"),
            Self::NoMatch => f.write_str("end of no_match"),
            Self::Overflow => f.write_str("overflow"),
        }
    }
}

/// `menu: to order_number`
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.node, self.way)
    }
}

/// All nodes and ways of a plan, each with how many conversations walked it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    walked: BTreeMap<Exit, u32>,
}

impl Coverage {
    /// A plan that nobody has talked to yet.
    pub fn of(plan: &Plan) -> Self {
        let all = plan.nodes().flat_map(|(name, node)| {
            let ways = ways(node).into_iter();
            std::iter::once(Way::Entered).chain(ways).map(|way| Exit {
                node: name.to_owned(),
                way,
            })
        });
        Self {
            walked: all.map(|exit| (exit, 0)).collect(),
        }
    }

    /// Counts what one conversation walked.
    pub fn add(&mut self, walked: &BTreeSet<Exit>) {
        for exit in walked {
            if let Some(count) = self.walked.get_mut(exit) {
                *count += 1;
            }
        }
    }

    /// Nodes and ways altogether.
    pub fn all(&self) -> usize {
        self.walked.len()
    }

    /// Those that were walked.
    pub fn walked(&self) -> usize {
        self.walked.values().filter(|count| **count > 0).count()
    }

    /// The share that was walked, in percent.
    #[expect(clippy::cast_precision_loss, reason = "plans are small")]
    pub fn percent(&self) -> f64 {
        100.0 * self.walked() as f64 / self.all().max(1) as f64
    }

    /// Those that nobody walked, sorted by node. Of a node that nobody entered that alone is told.
    pub fn missing(&self) -> Vec<&Exit> {
        let missing = || {
            let missing = self.walked.iter().filter(|(_, count)| **count == 0);
            missing.map(|(exit, _)| exit)
        };
        let unentered = missing().filter(|exit| exit.way == Way::Entered);
        let unentered: BTreeSet<&str> = unentered.map(|exit| exit.node.as_str()).collect();
        missing()
            .filter(|exit| exit.way == Way::Entered || !unentered.contains(exit.node.as_str()))
            .collect()
    }
}

/// Every way out of a node, in the plan's order.
fn ways(node: &Node) -> Vec<Way> {
    let mut ways = match node {
        Node::Say(_) | Node::Set(_) => vec![Way::Next],
        Node::Ask(ask) => {
            let routes = ask.choices.iter();
            routes.map(|choice| Way::Route(choice.to.clone())).collect()
        }
        Node::Collect(collect) => match &collect.next {
            Next::Always(_) => vec![Way::Next],
            Next::ByAnswer { .. } => vec![Way::Yes, Way::No],
        },
        Node::Api(api) => {
            let statuses = api.on_status.keys().map(|status| Way::Status(*status));
            let ways = std::iter::once(Way::Next).chain(statuses);
            ways.chain([Way::Error]).collect()
        }
        Node::ApiAll(_) => vec![Way::Next, Way::Partly, Way::Error],
        Node::Decide(decide) => {
            let cases = (1..=decide.cases.len()).map(Way::Case);
            cases.chain([Way::Otherwise]).collect()
        }
        Node::Handoff(handoff) => {
            let overflow = handoff.person.overflow_node();
            overflow.map(|_| Way::Overflow).into_iter().collect()
        }
        Node::End(_) => Vec::new(),
    };
    if node.listening().is_some() {
        ways.extend([Way::NoInput, Way::NoMatch]);
    }
    ways
}

/// Follows one call over its plan, by what goes in and what comes out.
#[derive(Debug)]
pub(super) struct Walk<'p> {
    plan: &'p Plan,
    at: String,
    /// The rung that the ladder last climbed, if nothing was understood since.
    failed: Option<Way>,
    /// What the back ends of the node did, as far as they answered.
    outcomes: BTreeMap<ApiRequestId, ApiOutcome>,
    requests: Vec<ApiRequest>,
    given_up: bool,
    walked: BTreeSet<Exit>,
}

impl<'p> Walk<'p> {
    pub(super) const fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            at: String::new(),
            failed: None,
            outcomes: BTreeMap::new(),
            requests: Vec::new(),
            given_up: false,
            walked: BTreeSet::new(),
        }
    }

    pub(super) fn into_walked(self) -> BTreeSet<Exit> {
        self.walked
    }

    fn walks(&mut self, node: &str, way: Way) {
        self.walked.insert(Exit {
            node: node.to_owned(),
            way,
        });
    }

    fn walks_here(&mut self, way: Way) {
        let at = self.at.clone();
        self.walks(&at, way);
    }

    pub(super) fn input(&mut self, input: &CallInput) {
        if let CallInput::Api { request, outcome } = input {
            self.outcomes.insert(*request, outcome.clone());
        }
    }

    /// The slots as they stand when the call decides at a node.
    pub(super) fn decides(&mut self, node: &str, decide: &Decide, slots: &Slots) {
        let case = decide.cases.iter().position(|case| case.holds(slots));
        let way = case.map_or(Way::Otherwise, |case| Way::Case(case + 1));
        self.walks(node, way);
    }

    pub(super) fn action(&mut self, action: &CallAction) {
        match action {
            CallAction::CallApi(request) => self.requests.push((**request).clone()),
            CallAction::Escalate { reason, .. } => self.escalated(*reason),
            CallAction::Decide(decision) => self.decided(decision),
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::FetchPerson(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::BookCallback(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_) => {}
        }
    }

    fn escalated(&mut self, reason: EscalationReason) {
        let is_back_end = matches!(
            self.plan.node(&self.at),
            Some(Node::Api(_) | Node::ApiAll(_))
        );
        match (reason, self.failed.take()) {
            (EscalationReason::Ladder, Some(way)) => self.walks_here(way),
            (EscalationReason::Fault, _) if is_back_end => self.walks_here(Way::Error),
            (_, _) => {}
        }
    }

    fn decided(&mut self, decision: &Decision) {
        match decision {
            Decision::Entered { node, .. } => self.entered(node),
            Decision::Routed { node, to, .. } => {
                self.failed = None;
                self.walks(node, Way::Route(to.clone()));
            }
            Decision::Collected { slot, value, .. } => self.collected(slot, value.reveal()),
            Decision::NoInput { .. } => self.failed = Some(Way::NoInput),
            Decision::NoMatch { .. } => self.failed = Some(Way::NoMatch),
            Decision::HandoffGivenUp => self.given_up = true,
            Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::PersonOffered { .. }
            | Decision::DeclinedPerson
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    fn collected(&mut self, slot: &str, value: &str) {
        let Some(Node::Collect(collect)) = self.plan.node(&self.at) else {
            return;
        };
        if collect.slot != slot {
            return;
        }
        self.failed = None;
        self.walks_here(match (&collect.next, value) {
            (Next::Always(_), _) => Way::Next,
            (Next::ByAnswer { .. }, "yes") => Way::Yes,
            (Next::ByAnswer { .. }, _) => Way::No,
        });
    }

    fn entered(&mut self, to: &str) {
        if let Some(way) = self.way_to(to) {
            self.walks_here(way);
        }
        to.clone_into(&mut self.at);
        self.failed = None;
        self.given_up = false;
        self.outcomes.clear();
        self.requests.clear();
        self.walks_here(Way::Entered);
    }

    /// The way from where the call stands, where no decision tells of it by itself.
    fn way_to(&self, to: &str) -> Option<Way> {
        match self.plan.node(&self.at)? {
            Node::Say(say) => (say.next == to).then_some(Way::Next),
            Node::Set(note) => (note.next == to).then_some(Way::Next),
            Node::Ask(_) | Node::Collect(_) => {
                let listening = self.plan.node(&self.at)?.listening()?;
                let failed = self.failed.clone()?;
                let ladder = match failed {
                    Way::NoInput => &listening.no_input,
                    _ => &listening.no_match,
                };
                let is_end = matches!(&ladder.then, LadderEnd::Goto(node) if node == to);
                is_end.then_some(failed)
            }
            Node::Api(api) => Some(match self.outcomes.values().next().and_then(status_of) {
                Some(status) if api.on_status.contains_key(&status) => Way::Status(status),
                Some(_) if api.next == to && self.did() == 1 => Way::Next,
                Some(_) | None => Way::Error,
            }),
            Node::ApiAll(all) => Some(match self.did() {
                0 => Way::Error,
                did if did == all.parts.len() => Way::Next,
                _ => Way::Partly,
            }),
            Node::Handoff(_) => self.given_up.then_some(Way::Overflow),
            Node::Decide(_) | Node::End(_) => None,
        }
    }

    /// How many back ends of the node gave all that is kept of their answers.
    fn did(&self) -> usize {
        let did = |request: &&ApiRequest| match self.outcomes.get(&request.request) {
            Some(ApiOutcome::Answered { fields, .. }) => {
                request.keep.keys().all(|slot| fields.contains_key(slot))
            }
            Some(ApiOutcome::Failed { .. }) | None => false,
        };
        self.requests.iter().filter(did).count()
    }
}

const fn status_of(outcome: &ApiOutcome) -> Option<u16> {
    match outcome {
        ApiOutcome::Answered { status, .. }
        | ApiOutcome::Failed {
            why: ApiFailure::Status(status),
        } => Some(*status),
        ApiOutcome::Failed { .. } => None,
    }
}
