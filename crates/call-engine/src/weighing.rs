//! What the caller said is weighed for escalation words before it is an answer.

use crate::call::Call;
use crate::put_off::{TurnResult, Words};
use crate::sightings::{Reading, Sighting, sightings};
use call_model::{CallTime, Decision, PerMille, SpottedWord, WordClass, WordSpan};

impl Call {
    /// Every escalation word in a stretch of speech, with the plan's judgement.
    pub(crate) fn sightings_in(
        &self,
        text: &str,
        words: &[WordSpan],
        confidence: PerMille,
        spotted: &[SpottedWord],
        span: (CallTime, CallTime),
    ) -> Vec<Sighting> {
        let found = self
            .plan
            .escalation(self.place(), self.tongue_of(text), text);
        let reading = Reading {
            spotted,
            text,
            words,
            confidence,
            found: &found,
            span,
        };
        sightings(&reading, self.rules())
    }

    /// Escalation words first; then the answer, where it is one.
    pub(crate) fn weigh_result(&mut self, mut result: TurnResult) {
        if result.words == Words::Unweighed {
            result.words = Words::Weighed;
            self.learn_tongue(&result);
            let angry = self.plan.angry_words(self.language, result.text());
            self.ledger.add_angry_words(angry);
            let words = self.words_of(&result);
            let words = result.turn.watch.uncounted(words);
            if self.weigh_words(&words, result.text()) {
                return;
            }
        }
        self.answer(result);
    }

    fn words_of(&self, result: &TurnResult) -> Vec<Sighting> {
        let Some(best) = result.readings.first() else {
            return self.sightings_in("", &[], PerMille::ZERO, &result.spotted, result.span);
        };
        let mut words = self.sightings_in(
            best.text.reveal(),
            &best.words,
            best.confidence,
            &result.spotted,
            result.span,
        );
        // An unsure reading proves no word, but it can take back what the search found.
        let least = self.plan.policy().listening.confidence_min;
        words.retain(|word| word.confidence >= least || word.set_aside.is_some());
        words
    }

    /// Counts what stands; true if the conversation took another way by it.
    pub(crate) fn weigh_words(&mut self, words: &[Sighting], text: &str) -> bool {
        for sighting in words {
            if let Some(why) = sighting.set_aside {
                self.decide(Decision::WordSetAside {
                    word: sighting.word.clone(),
                    why: why.to_string(),
                });
            }
        }
        let stutter = self.rules().stutter;
        let before = self.ledger.asks();
        let fresh = self.ledger.count(words, text, stutter);
        for count in before + 1..=self.ledger.asks() {
            self.decide(Decision::AskCounted { count });
        }
        if self.judged() {
            return true;
        }
        let mut asks = fresh.iter().filter(|s| s.class == WordClass::Ask);
        match asks.next_back() {
            Some(last) => self.asked(last.from),
            None => false,
        }
    }

    /// Words that stood without contradiction are weighed before the turn's end,
    /// where they are owed a person.
    pub(crate) fn weigh_standing_words(&mut self) {
        let (now, window) = (self.now, self.rules().withdraw_window);
        let Some(turn) = self.ear.open_turn_mut() else {
            return;
        };
        let stood = turn.watch.stood(now, window);
        if !self
            .ledger
            .would_owe(&stood, self.treatment.rules(&self.plan))
        {
            return;
        }
        let text = match self.ear.open_turn_mut() {
            Some(turn) => {
                turn.watch.mark_counted(&stood);
                turn.understood.text.clone()
            }
            None => String::new(),
        };
        self.answer_in_tongue_of(&stood);
        self.weigh_words(&stood, &text);
    }
}
