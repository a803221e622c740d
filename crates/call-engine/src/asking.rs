//! Nodes entered, questions posed, and the ladders of those that brought nothing.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Arrival, Asking, Closing, Phase, Telling, Tries};
use crate::put_off::PutOff;
use crate::story::Topic;
use call_model::{
    Decision, EscalationReason, GrammarId, HangUpCause, Interruption, Language, PromptText,
};
use dialplan::{AnswerBy, Ladder, LadderEnd, Line, Listening, Node, Prompt, Wording};
use std::sync::Arc;

/// What went wrong with a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// Nothing was said or keyed: never an "invalid entry".
    NoInput,
    /// What was said or keyed fits nothing.
    NoMatch,
}

impl Call {
    /// Moves the conversation to a node.
    pub(crate) fn enter(&mut self, name: &str, arrival: Arrival) {
        self.steps += 1;
        if self.steps > limits::STEPS {
            self.failed("the plan goes in a circle");
            return;
        }
        self.take_time_back();
        self.judge_profile();
        self.note_entry(name);
        if arrival == Arrival::ByCaller {
            self.progress = self.now;
        }
        let plan = Arc::clone(&self.plan);
        if plan.title(name, self.language).is_some() {
            self.story.topic = Some(Topic::Node(name.to_owned()));
        }
        match plan.node(name) {
            Some(Node::Say(say)) => {
                self.phase = Phase::Telling(Telling {
                    node: name.to_owned(),
                    next: say.next.clone(),
                    arrival,
                });
                let interruption = self.telling_interruption(&say.prompt, &say.next);
                self.say_prompt(&say.prompt, interruption);
            }
            Some(Node::Ask(_) | Node::Collect(_)) => {
                self.wishes.comes_to(name);
                self.phase = Phase::Asking(Asking::new(name.to_owned()));
                self.pose();
            }
            Some(Node::Api(_) | Node::ApiAll(_)) => self.call_back_end(name, arrival),
            Some(Node::Decide(decide)) => {
                let to = decide.target(&self.known_slots()).to_owned();
                self.enter(&to, arrival);
            }
            Some(Node::Set(note)) => {
                self.fill(note.values(&self.known_slots()));
                self.enter(&note.next, arrival);
            }
            Some(Node::Handoff(handoff)) => {
                let said = handoff
                    .prompt
                    .as_ref()
                    .map(|prompt| (self.render(&prompt.wording), prompt.interruption));
                let person = &handoff.person;
                if plan.title(name, self.language).is_none()
                    && let Some(skill) = &person.skill
                {
                    self.story.topic = Some(Topic::Skill(skill.clone()));
                }
                self.hand_off(said, person.clone());
            }
            Some(Node::End(end)) => {
                let said = end
                    .prompt
                    .as_ref()
                    .map(|prompt| (self.render(&prompt.wording), prompt.interruption));
                self.leave(HangUpCause::PlanEnded, said);
            }
            None => self.failed("the plan leads to a node it does not have"),
        }
    }

    /// The conversation stands at this node from here on.
    pub(crate) fn note_entry(&mut self, name: &str) {
        let is_sensitive = self.plan.is_sensitive_at(name);
        self.story.is_hushed = is_sensitive;
        self.decide(Decision::Entered {
            node: name.to_owned(),
            is_sensitive,
        });
        self.follow_voice_switch(name);
        if self.plan.is_task_done_at(name) && self.tasks_done.insert(name.to_owned()) {
            self.wishes.goes_back_no_further();
            self.decide(Decision::TaskDone {
                node: name.to_owned(),
            });
        }
    }

    /// What may interrupt a say node: nothing where no question follows that the
    /// caller could answer instead.
    fn telling_interruption(&self, prompt: &Prompt, next: &str) -> Interruption {
        match prompt.interruption {
            Interruption::LegalNotice => Interruption::LegalNotice,
            Interruption::ByVoiceAndKeys
            | Interruption::ByVoice
            | Interruption::ByKeys
            | Interruption::Never => match self.question_after(next) {
                Some(_) => prompt.interruption,
                None => Interruption::Never,
            },
        }
    }

    fn say_prompt(&mut self, prompt: &Prompt, interruption: Interruption) {
        let text = self.render(&prompt.wording);
        self.say(text, interruption);
    }

    pub(crate) fn render(&self, wording: &Wording) -> PromptText {
        self.plan
            .render(wording, &self.known_slots(), self.language)
    }

    /// The question that the plan reaches from `node` by mere telling.
    pub(crate) fn question_after(&self, node: &str) -> Option<String> {
        let slots = self.known_slots();
        let mut name = node;
        for _ in 0..limits::STEPS {
            match self.plan.node(name)? {
                Node::Say(say) => name = &say.next,
                Node::Ask(_) | Node::Collect(_) => return Some(name.to_owned()),
                Node::Decide(decide) => name = decide.target(&slots),
                // Where a back end leads only its answer tells, and nobody answers ahead of what
                // is still to be noted.
                Node::Api(_) | Node::ApiAll(_) | Node::Set(_) | Node::Handoff(_) | Node::End(_) => {
                    return None;
                }
            }
        }
        None
    }

    fn listening_at(&self, node: &str) -> Option<&Listening> {
        self.plan.node(node)?.listening()
    }

    /// The grammar of a question; none where voice means nothing.
    pub(crate) fn grammar_at(&self, node: &str, language: Language) -> Option<GrammarId> {
        let listening = self.listening_at(node)?;
        match listening.by {
            AnswerBy::VoiceAndKeys | AnswerBy::Voice => listening.grammars.get(&language).copied(),
            AnswerBy::Keys => None,
        }
    }

    pub(crate) fn offer_grammar_at(&self, node: &str, language: Language) -> Option<GrammarId> {
        let listening = self.listening_at(node)?;
        let own = listening.offer_grammars.get(&language).copied();
        own.or_else(|| self.plan.yes_no_grammar(language))
    }

    pub(crate) fn answer_by(&self, node: &str) -> AnswerBy {
        self.listening_at(node)
            .map_or(AnswerBy::VoiceAndKeys, |listening| listening.by)
    }

    /// How long the caller may be silent after the question.
    pub(crate) fn timeout_at(&self, node: Option<&str>) -> std::time::Duration {
        let of_node = node.and_then(|node| self.listening_at(node));
        let usual = of_node.map_or(self.plan.policy().listening.timeout, |l| l.timeout);
        self.silence_allowed(usual)
    }

    /// Whether keys can answer a question.
    pub(crate) fn is_answerable_by_keys(&self, node: &str) -> bool {
        let by_keys = match self.answer_by(node) {
            AnswerBy::VoiceAndKeys | AnswerBy::Keys => true,
            AnswerBy::Voice => false,
        };
        by_keys
            && match self.plan.node(node) {
                Some(Node::Ask(ask)) => ask.choices.iter().any(|choice| !choice.keys.is_empty()),
                Some(Node::Collect(collect)) => collect.wanted.is_keyable(),
                Some(
                    Node::Say(_)
                    | Node::Api(_)
                    | Node::ApiAll(_)
                    | Node::Decide(_)
                    | Node::Set(_)
                    | Node::Handoff(_)
                    | Node::End(_),
                )
                | None => false,
            }
    }

    /// Asks the question that stands, by keys where the ear is gone.
    pub(crate) fn pose(&mut self) {
        self.pose_after(None);
    }

    /// Asks the question that stands, with some words before it.
    pub(crate) fn pose_after(&mut self, lead: Option<PromptText>) {
        let Phase::Asking(asking) = &self.phase else {
            return;
        };
        let node = asking.node.clone();
        let plan = Arc::clone(&self.plan);
        let Some(prompt) = plan.node(&node).and_then(Node::prompt) else {
            return;
        };
        let mut text = self.render(&prompt.wording);
        if self.ear.is_lost() {
            if !self.is_answerable_by_keys(&node) {
                self.escalate(EscalationReason::EarLost, None);
                return;
            }
            text = joined(self.plan.line(Line::UseKeys, self.language), text);
        }
        let text = lead.map_or(text.clone(), |lead| joined(lead, text));
        self.say(text, prompt.interruption);
    }

    /// The question brought nothing: one rung up its ladder.
    pub(crate) fn climb(&mut self, failure: Failure) {
        self.take_time_back();
        let plan = Arc::clone(&self.plan);
        let Phase::Asking(asking) = &mut self.phase else {
            return;
        };
        let Some(node) = plan.node(&asking.node) else {
            return;
        };
        let (Some(listening), Some(prompt)) = (node.listening(), node.prompt()) else {
            return;
        };
        asking.entry.clear();
        let (count, ladder) = match failure {
            Failure::NoInput => (&mut asking.tries.no_input, &listening.no_input),
            Failure::NoMatch => (&mut asking.tries.no_match, &listening.no_match),
        };
        *count += 1;
        let count = *count;
        self.note_failure(failure, count);
        if !self.judged() {
            self.next_rung(ladder, count, prompt.interruption);
        }
    }

    fn note_failure(&mut self, failure: Failure, count: u32) {
        match failure {
            Failure::NoInput => {
                self.ledger.add_no_input();
                self.decide(Decision::NoInput { count });
            }
            Failure::NoMatch => {
                self.ledger.add_no_match();
                self.decide(Decision::NoMatch { count });
            }
        }
    }

    fn next_rung(&mut self, ladder: &Ladder, count: u32, interruption: Interruption) {
        let rung = usize::try_from(count).unwrap_or(usize::MAX) - 1;
        match (ladder.tries.get(rung), &ladder.then) {
            (Some(wording), _) => {
                let text = self.render(wording);
                self.say(text, after_first(interruption));
            }
            (None, LadderEnd::Person) => self.escalate(EscalationReason::Ladder, None),
            (None, LadderEnd::Goto(node)) => {
                let node = node.clone();
                self.enter(&node, Arrival::ByPlan);
            }
        }
    }

    /// The question is asked again, as if for the first time.
    pub(crate) fn ask_again(&mut self, question: Asking) {
        let tries: Tries = question.tries;
        self.phase = Phase::Asking(Asking {
            tries,
            entry: Vec::new(),
            node: question.node,
            closing: Closing::No,
        });
        self.pose();
    }

    /// News that waited for a prompt takes effect, as far as it may now.
    pub(crate) fn take_up_put_offs(&mut self) {
        for _ in 0..=limits::PUT_OFF {
            if self.put_offs.is_empty() || self.is_put_off_still() {
                return;
            }
            match self.put_offs.take() {
                Some(PutOff::Turn(result)) => self.weigh_result(*result),
                Some(PutOff::Key { key, at, words }) => self.key(key, at, words),
                None => return,
            }
        }
    }

    fn is_put_off_still(&mut self) -> bool {
        match &self.phase {
            // What the caller asked for is told before older news is looked at.
            Phase::Telling(telling)
                if telling.arrival == Arrival::ByCaller && !self.put_offs.is_passing() =>
            {
                true
            }
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Offering(_)
            | Phase::Stranded(_)
            | Phase::Parted(_) => {
                let is_stopping = self.mouth.is_stopping();
                match (self.mouth.interruption(), self.put_offs.first()) {
                    (None, _) => is_stopping && matches!(self.phase, Phase::Telling(_)),
                    (Some(by), Some(PutOff::Turn(_))) => !crate::barge_in::by_voice(by),
                    (Some(by), Some(PutOff::Key { .. })) => !crate::barge_in::by_keys(by),
                    (Some(_), None) => false,
                }
            }
            Phase::Calling(_) | Phase::Fetching(_) | Phase::Leaving(_) => self.mouth.holds_notice(),
            Phase::Ringing | Phase::WithPerson | Phase::Over => {
                self.put_offs.clear();
                true
            }
        }
    }
}

/// One prompt after the other, without a gap.
pub(crate) fn joined(mut first: PromptText, mut second: PromptText) -> PromptText {
    first.pieces.append(&mut second.pieces);
    first
}

/// What may interrupt a later wording of a question: a notice is read out once.
const fn after_first(interruption: Interruption) -> Interruption {
    match interruption {
        Interruption::LegalNotice => Interruption::ByVoiceAndKeys,
        Interruption::ByVoiceAndKeys
        | Interruption::ByVoice
        | Interruption::ByKeys
        | Interruption::Never => interruption,
    }
}
