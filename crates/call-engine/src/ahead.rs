//! The intent tier asked before a turn is over, as if it ended with the words so far. If it
//! does, the answer is adopted with all that came meanwhile; otherwise it is given up, and
//! nothing of it was said, done or remembered.
//!
//! The plan's own rules need no such haste: they answer within the news that ends the turn.

use crate::call::Call;
use crate::deadline::limits;
use crate::ear::{Speech, Turn};
use crate::meaning::Meaning;
use crate::phase::{Asking, Closing, Phase};
use crate::put_off::{TurnResult, Words};
use crate::tier::{Matter, Tier, named};
use call_model::{
    CallAction, CallTime, Hypothesis, IntentFact, IntentFailure, IntentNews, IntentQuestionId,
    Language, TurnId,
};
use spoken_text::normalise;

/// Whether the tier is asked before turns are over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Haste {
    #[default]
    AfterTurns,
    Ahead,
}

/// A question whose turn is not over.
#[derive(Debug)]
pub(crate) struct Ahead {
    question: IntentQuestionId,
    about: Foreseen,
    asked_at: CallTime,
    /// What came of it, which nobody has heard.
    news: Vec<IntentNews>,
}

/// What would be put to the tier if the turn were over now.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Foreseen {
    turn: TurnId,
    node: String,
    language: Language,
    /// The caller's words, normalised.
    words: String,
}

/// The tier's part in a turn that is not over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Foresight {
    /// Since when the words stand as they are.
    since: CallTime,
    /// It was judged whether to ask about them.
    is_judged: bool,
    /// Questions asked in this turn.
    asked: u8,
}

impl Foresight {
    pub(crate) const fn words_changed(&mut self, now: CallTime) {
        self.since = now;
        self.is_judged = false;
    }
}

impl Tier {
    pub(crate) fn is_ahead(&self, question: IntentQuestionId) -> bool {
        let ahead = self.ahead.as_ref();
        ahead.is_some_and(|ahead| ahead.question == question)
    }

    /// A tier that has failed in this call is asked no more than it must be.
    fn may_be_asked_ahead(&self) -> bool {
        self.haste == Haste::Ahead && self.failures == 0
    }
}

impl Call {
    /// When the words of the pause at hand are to be judged.
    pub(crate) fn ahead_due(&self) -> Option<CallTime> {
        let turn = self.ear.open_turn()?;
        let Speech::Paused { ended, .. } = turn.speech else {
            return None;
        };
        let is_wanted = self.tier.may_be_asked_ahead()
            && !turn.foresight.is_judged
            && turn.foresight.asked < limits::AHEAD_A_TURN
            && !turn.understood.text.is_empty();
        is_wanted.then(|| turn.foresight.since.max(ended) + limits::AHEAD_STEADY)
    }

    pub(crate) fn ask_ahead_if_due(&mut self) {
        if self.ahead_due().is_some_and(|due| due <= self.now) {
            self.ask_ahead();
        }
    }

    /// Puts the words so far to the tier, where the rules would leave them open.
    pub(crate) fn ask_ahead(&mut self) {
        if !self.tier.may_be_asked_ahead() {
            return;
        }
        self.give_up_ahead_if_left();
        let Some(turn) = self.ear.turn_mut() else {
            return;
        };
        turn.foresight.is_judged = true;
        let is_spent = turn.foresight.asked >= limits::AHEAD_A_TURN;
        if is_spent || self.tier.ahead.is_some() {
            return;
        }
        let Some(about) = self.foreseen() else {
            return;
        };
        let Some(result) = self.result_so_far() else {
            return;
        };
        // While nobody knows better the words' script tells their language.
        let own = std::mem::replace(&mut self.language, about.language);
        if self.is_left_open(&result) {
            self.put_ahead(about, result);
        }
        self.language = own;
    }

    fn put_ahead(&mut self, about: Foreseen, result: TurnResult) {
        if let Some(turn) = self.ear.turn_mut() {
            turn.foresight.asked += 1;
        }
        let matter = Matter {
            node: about.node.clone(),
            attempt: 1,
            history: self.story.heard_with(result.span.0, result.text()),
            readings: result.readings,
            rejected: None,
            is_ahead: true,
        };
        let question = self.put_to_tier(matter);
        self.tier.ahead = Some(Ahead {
            question,
            about,
            asked_at: self.now,
            news: Vec::new(),
        });
    }

    /// What the turn at hand would be about. Nothing where a person is asked for or owed, where
    /// the question was not heard to its end, and where what is said is told to nobody.
    fn foreseen(&self) -> Option<Foreseen> {
        let Phase::Asking(asking) = &self.phase else {
            return None;
        };
        let turn = self.ear.turn()?;
        let is_plain = asking.entry.is_empty()
            && asking.closing == Closing::No
            && turn.watch.is_empty()
            && !turn.understood.is_doubtful
            && !self.ledger.has_open_ask()
            && self.ledger.standing().is_none()
            && self.mouth.is_silent()
            && self.put_offs.is_empty()
            && self.is_line_open()
            && !self.story.is_hushed;
        let language = self.tongue_of(&turn.understood.text);
        let words = normalise(&turn.understood.text, language);
        (is_plain && !words.is_empty()).then(|| Foreseen {
            turn: turn.id,
            node: asking.node.clone(),
            language,
            words,
        })
    }

    /// The turn as if it were over. How sure the ear is it has not said: as sure as it must be
    /// for the answer to be adopted.
    fn result_so_far(&self) -> Option<TurnResult> {
        let turn: &Turn = self.ear.turn()?;
        let reading = Hypothesis {
            text: turn.understood.text.clone().into(),
            confidence: self.plan.policy().listening.confidence_min,
            words: Vec::new(),
        };
        Some(TurnResult {
            turn: turn.clone(),
            span: turn.speech.span(self.now),
            readings: vec![reading],
            rejected: None,
            spotted: Vec::new(),
            language: None,
            words: Words::Weighed,
        })
    }

    fn is_left_open(&self, result: &TurnResult) -> bool {
        let Phase::Asking(asking) = &self.phase else {
            return false;
        };
        match self.meaning(&asking.node, result) {
            Meaning::Open | Meaning::Nothing => self.is_for_tier(&asking.node, result),
            Meaning::Goes(_)
            | Meaning::Repeat
            | Meaning::HoldOn
            | Meaning::Command(_)
            | Meaning::Backchannel => false,
        }
    }

    /// The tier says something that nobody may hear yet.
    pub(crate) fn tier_said_ahead(&mut self, news: &IntentNews) {
        let Some(ahead) = &mut self.tier.ahead else {
            return;
        };
        if let IntentNews::Failed { why } = news {
            self.tier.ahead = None;
            return self.tier_failed_ahead(*why);
        }
        if ahead.news.len() < limits::TIER_SCRIPT {
            return ahead.news.push(news.clone());
        }
        self.give_up_ahead();
        self.tier_failed_ahead(IntentFailure::Overrun);
    }

    /// The turn's end asks as ever; until then, and from then on, nobody is in a hurry.
    fn tier_failed_ahead(&mut self, why: IntentFailure) {
        self.tier.haste = Haste::AfterTurns;
        let why = named(why);
        self.remark(format!("the intent tier, asked ahead, failed: {why}"));
    }

    /// The question asked ahead, if it is the one that this turn leaves open; one about anything
    /// else is given up.
    pub(crate) fn take_ahead(&mut self, asking: &Asking, result: &TurnResult) -> Option<Ahead> {
        let least = self.plan.policy().listening.confidence_min;
        let is_same = |ahead: &Ahead| {
            let about = &ahead.about;
            let is_understood =
                (result.readings.first()).is_some_and(|best| best.confidence >= least);
            about.turn == result.turn.id
                && about.node == asking.node
                && about.language == self.language
                && is_understood
                && about.words == normalise(result.text(), self.language)
        };
        if self.tier.ahead.as_ref().is_some_and(is_same) {
            return self.tier.ahead.take();
        }
        self.give_up_ahead();
        None
    }

    /// The turn was what was foreseen: what has come is said and done, as if it came now.
    pub(crate) fn adopt(&mut self, ahead: Ahead) {
        let question = ahead.question;
        self.tier.open = Some(question);
        if let Phase::Consulting(consulting) = &mut self.phase {
            consulting.since = ahead.asked_at;
        }
        self.tell_tier(IntentFact::Adopted { question });
        for news in &ahead.news {
            self.tier_said(question, news);
        }
    }

    /// The turn became another one, or something came between.
    pub(crate) fn give_up_ahead_if_left(&mut self) {
        let Some(ahead) = &self.tier.ahead else {
            return;
        };
        if self.is_over() {
            return;
        }
        if self.foreseen().as_ref() != Some(&ahead.about) {
            self.give_up_ahead();
        }
    }

    fn give_up_ahead(&mut self) {
        if let Some(ahead) = self.tier.ahead.take() {
            self.act(CallAction::CancelIntent(ahead.question));
        }
    }
}
