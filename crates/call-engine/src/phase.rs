//! Where the conversation stands; each phase owns what only it needs.

use call_model::{
    ApiOutcome, ApiRequestId, CallTime, EscalationReason, HangUpCause, Hypothesis, IntentNews, Key,
    PersonFailure, Private,
};
use dialplan::PersonWanted;
use std::collections::VecDeque;

/// The phases of a call.
#[derive(Debug)]
pub(crate) enum Phase {
    /// The caller cannot hear us yet.
    Ringing,
    /// Something is told that wants no answer.
    Telling(Telling),
    /// A question of the plan stands.
    Asking(Asking),
    /// The intent tier has the caller's question.
    Consulting(Consulting),
    /// A back end has ours.
    Calling(Calling),
    /// A person is offered; the plan's question can still be answered beside it.
    Offering(Offering),
    /// A person was promised and is being fetched.
    Fetching(Fetching),
    /// Nobody was to be had; the caller is asked what they want instead.
    Stranded(Stranded),
    /// Last words.
    Leaving(Leaving),
    /// A person has the caller.
    WithPerson,
    /// The person hung up and the caller stayed; they are asked whether they want another.
    Parted(Parted),
    /// The call is over.
    Over,
}

/// Who led the conversation to a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arrival {
    /// The caller, by what they said or keyed.
    ByCaller,
    /// The plan.
    ByPlan,
}

/// A say node.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    pub(crate) node: String,
    pub(crate) next: String,
    pub(crate) arrival: Arrival,
}

/// An ask or collect node.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) node: String,
    pub(crate) tries: Tries,
    /// Keys of an entry that is not complete.
    pub(crate) entry: Vec<(Key, CallTime)>,
    pub(crate) closing: Closing,
}

/// Whether the question is whether there is anything else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Closing {
    No,
    /// The intent tier would have ended the call: a no, or a goodbye, ends it now.
    Asked,
}

impl Asking {
    pub(crate) const fn new(node: String) -> Self {
        Self {
            node,
            tries: Tries {
                no_input: 0,
                no_match: 0,
            },
            entry: Vec::new(),
            closing: Closing::No,
        }
    }
}

/// How often a question brought nothing, by what went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tries {
    pub(crate) no_input: u32,
    pub(crate) no_match: u32,
}

/// What the rules left open, with the intent tier.
#[derive(Clone, Debug)]
pub(crate) struct Consulting {
    /// The question of the plan that was answered so.
    pub(crate) asking: Asking,
    pub(crate) readings: Vec<Hypothesis>,
    pub(crate) rejected: Option<Hypothesis>,
    /// Which try this is, from 1.
    pub(crate) attempt: u8,
    /// When this try began.
    pub(crate) since: CallTime,
    /// When the caller's words were taken up.
    pub(crate) began: CallTime,
    /// The latest piece of the answer; none before the first.
    pub(crate) news_at: Option<CallTime>,
    /// What is still to be said and done, in order.
    pub(crate) script: VecDeque<IntentNews>,
    pub(crate) stream: Stream,
    /// Pieces that were spoken, or begun.
    pub(crate) pieces: u32,
    /// Holding lines so far.
    pub(crate) held: u32,
}

/// Whether more of an answer comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stream {
    Open,
    Over,
}

/// A back end that owes an answer.
#[derive(Clone, Debug)]
pub(crate) struct Calling {
    pub(crate) node: String,
    pub(crate) arrival: Arrival,
    /// Who was asked; one for a node that asks one back end.
    pub(crate) asked: Vec<Asked>,
    pub(crate) since: CallTime,
    /// Holding lines so far.
    pub(crate) held: u32,
}

/// One request, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) request: ApiRequestId,
    pub(crate) answer: BackEndAnswer,
}

/// What a back end said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BackEndAnswer {
    /// Nothing yet.
    Owed,
    /// It could not be asked.
    NotAsked,
    /// This.
    Came(ApiOutcome),
}

impl Calling {
    /// Notes an answer; false where nobody waits for it.
    pub(crate) fn take(&mut self, request: ApiRequestId, outcome: &ApiOutcome) -> bool {
        let mut asked = self.asked.iter_mut();
        let is_owed =
            |asked: &&mut Asked| asked.request == request && asked.answer == BackEndAnswer::Owed;
        if let Some(asked) = asked.find(is_owed) {
            asked.answer = BackEndAnswer::Came(outcome.clone());
            return true;
        }
        false
    }

    /// Nobody owes an answer any more.
    pub(crate) fn is_answered(&self) -> bool {
        let mut asked = self.asked.iter();
        asked.all(|asked| asked.answer != BackEndAnswer::Owed)
    }
}

/// The offer of a person.
#[derive(Clone, Debug)]
pub(crate) struct Offering {
    /// The reason of the escalation if the offer is taken.
    pub(crate) reason: EscalationReason,
    /// When the offer began to sound.
    pub(crate) heard_from: Option<CallTime>,
    /// The question that can be answered beside it.
    pub(crate) question: Option<Asking>,
    /// The node to go on with when the caller wants to.
    pub(crate) back: String,
    /// The back end that was being asked: it is not asked twice.
    pub(crate) pending: Option<Calling>,
}

/// A person is being fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetching {
    pub(crate) reason: EscalationReason,
    /// Who is wanted.
    pub(crate) person: PersonWanted,
    pub(crate) since: CallTime,
    pub(crate) stage: Stage,
    pub(crate) standing: Standing,
    pub(crate) place: Place,
    pub(crate) offer: WaitOffer,
    /// How often the caller had us try again.
    pub(crate) again: u32,
    /// Where the caller was, if they should choose to go on.
    pub(crate) back: Option<String>,
}

/// How far fetching has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// A legal notice is finished first.
    AfterNotice,
    /// The plan's own place is tried.
    Transfer,
    /// Whoever is on call is tried.
    OnCall,
}

/// Whether the caller stands in a waiting room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// A person's phone is tried at once, as far as we know.
    Nowhere,
    /// They wait for their turn.
    Queued { since: CallTime },
}

/// How the caller stands among others who wait, as the shell was told last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Ordinary,
    Ahead,
}

/// The offer of a call back to one who waited above the limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WaitOffer {
    NotMade,
    Open {
        tries: u32,
        /// When it began to sound: nobody answers what they have not heard.
        heard_from: Option<CallTime>,
    },
    Made,
}

impl WaitOffer {
    /// The wait is over before the offer was answered; who never heard it was not offered
    /// anything.
    pub(crate) const fn broken_off(self) -> Self {
        match self {
            Self::NotMade
            | Self::Open {
                heard_from: None, ..
            } => Self::NotMade,
            Self::Made
            | Self::Open {
                heard_from: Some(_),
                ..
            } => Self::Made,
        }
    }
}

impl Fetching {
    pub(crate) const fn is_offering(&self) -> bool {
        matches!(self.offer, WaitOffer::Open { .. })
    }

    /// The offer that stands was heard.
    pub(crate) const fn has_offered(&self) -> bool {
        matches!(
            self.offer,
            WaitOffer::Open {
                heard_from: Some(_),
                ..
            }
        )
    }
}

/// The person hung up while the caller stayed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parted {
    pub(crate) tries: u32,
    /// When the question began to sound.
    pub(crate) heard_from: Option<CallTime>,
}

/// Nobody was to be had.
#[derive(Clone, Debug)]
pub(crate) struct Stranded {
    pub(crate) fetching: Fetching,
    pub(crate) why: PersonFailure,
    pub(crate) tries: u32,
    /// When the question began to sound: nobody answers what they have not heard.
    pub(crate) heard_from: Option<CallTime>,
    pub(crate) number: CallbackNumber,
    /// The caller gave up their place in a waiting room for the call back.
    pub(crate) gave_up_place: bool,
}

/// The number to call back on, of a caller whose own is withheld.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum CallbackNumber {
    /// It is not asked for, or not yet.
    NotAsked,
    /// It is being keyed in.
    Keyed(Vec<(Key, CallTime)>),
    /// It was keyed in, and the caller is asked whether it is right.
    Check(Private<String>),
    /// None was given.
    Refused,
}

impl Stranded {
    pub(crate) const fn new(fetching: Fetching, why: PersonFailure) -> Self {
        Self {
            fetching,
            why,
            tries: 0,
            heard_from: None,
            number: CallbackNumber::NotAsked,
            gave_up_place: false,
        }
    }
}

/// Last words.
#[derive(Clone, Debug)]
pub(crate) struct Leaving {
    pub(crate) cause: HangUpCause,
    pub(crate) since: CallTime,
    /// Where the caller was, should they ask for a person now.
    pub(crate) back: Option<String>,
}
