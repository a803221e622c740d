//! What callers ask of the conversation itself: the question before, slower words, the other language.

use crate::call::Call;
use crate::phase::{Arrival, Phase};
use crate::tongue::Tongue;
use call_model::Pace;
use dialplan::Command;

/// How much slower each request makes the words, in per cent of the usual rate.
const A_STEP: u8 = 15;
/// Beyond this slowness words are no better understood.
const STEPS_MAX: u8 = 3;

/// What the caller has asked of the conversation so far.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// How often for slower words.
    slower: u8,
    /// The questions on the way here, each once, the one that stands last.
    trail: Vec<String>,
}

impl Wishes {
    /// A question is come to; who comes to one again has left what lay between.
    pub(crate) fn comes_to(&mut self, question: &str) {
        if let Some(place) = self.trail.iter().position(|known| known == question) {
            self.trail.truncate(place);
        }
        self.trail.push(question.to_owned());
    }

    /// Something was done that no going back undoes.
    pub(crate) fn goes_back_no_further(&mut self) {
        self.trail.clear();
    }

    /// The question before the one that stands; before none where one is only being led up to.
    fn before(&mut self, standing: Option<&str>) -> Option<String> {
        if self.trail.last().map(String::as_str) == standing {
            self.trail.pop();
        }
        self.trail.pop()
    }
}

impl Call {
    /// Does what the caller asked of the conversation.
    pub(crate) fn obey(&mut self, command: Command) {
        if self.mouth.level().is_some() && self.barge_in() {
            return;
        }
        match command {
            Command::Back => self.go_back(),
            Command::Slower => {
                self.remark("the caller asked for slower words");
                self.wishes.slower = (self.wishes.slower + 1).min(STEPS_MAX);
                self.say_again();
            }
            Command::OtherLanguage => self.change_language(),
        }
    }

    /// How fast words are spoken to this caller.
    pub(crate) fn pace(&self) -> Pace {
        let profile = self.treatment.profile();
        let usual = profile
            .map_or(Pace::USUAL, |profile| profile.pace)
            .percent();
        Pace::of_percent(usual.saturating_sub(self.wishes.slower * A_STEP))
    }

    fn go_back(&mut self) {
        let standing = match &self.phase {
            Phase::Asking(asking) => Some(asking.node.clone()),
            Phase::Consulting(consulting) => Some(consulting.asking.node.clone()),
            Phase::Offering(offering) => offering.question.as_ref().map(|q| q.node.clone()),
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => None,
        };
        match self.wishes.before(standing.as_deref()) {
            Some(question) => {
                self.remark("the caller goes back a question");
                self.mouth.forget_waiting();
                self.enter(&question, Arrival::ByCaller);
            }
            None => {
                self.remark("the caller would go back, and there is nothing to go back to");
                self.say_again();
            }
        }
    }

    fn change_language(&mut self) {
        let mut languages = self.plan.languages().iter();
        let other = languages.find(|language| **language != self.language);
        if let Some(other) = other.copied() {
            self.tongue = Tongue::Known;
            self.mouth.forget_waiting();
            self.speak(other);
            self.say_again();
        }
    }
}
