//! Callers whose number is withheld: nobody can call them back before they have keyed in one.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{CallbackNumber, Phase, Stranded};
use call_model::{CallTime, Interruption, Key, PersonFailure, Private};
use dialplan::Line;

/// The fewest keys that are a number, and the most (ITU-T E.164).
const DIGITS: (usize, usize) = (5, 15);

impl Call {
    /// Whether a call back is of no use until a number is known that it may go to.
    pub(crate) fn lacks_number(&self) -> bool {
        let is_asked = matches!(
            &self.phase,
            Phase::Stranded(stranded) if stranded.number != CallbackNumber::NotAsked
        );
        self.is_number_withheld() && !is_asked
    }

    /// Asks for the number, from the beginning.
    pub(crate) fn ask_number(&mut self) {
        let mut stranded = if let Phase::Stranded(stranded) = &self.phase {
            stranded.clone()
        } else if let Phase::Fetching(fetching) = &self.phase {
            // Who takes a call back gives up their place.
            let mut fetching = fetching.clone();
            fetching.offer = fetching.offer.broken_off();
            self.orders.release(&mut self.out);
            Stranded {
                gave_up_place: true,
                ..Stranded::new(fetching, PersonFailure::NoAnswer)
            }
        } else {
            return;
        };
        stranded.tries = 0;
        stranded.number = CallbackNumber::Keyed(Vec::new());
        self.phase = Phase::Stranded(stranded);
        self.say_stranded();
    }

    /// A key of the number; # ends it, and * begins it anew.
    pub(crate) fn key_of_number(&mut self, key: Key, at: CallTime) {
        self.stop_for_key();
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        let CallbackNumber::Keyed(entry) = &mut stranded.number else {
            return;
        };
        match key.face() {
            '#' => self.end_number(),
            '*' => entry.clear(),
            face if face.is_ascii_digit() => {
                entry.push((key, at));
                if entry.len() == DIGITS.1 {
                    self.end_number();
                }
            }
            _ => {}
        }
    }

    /// No further key comes: the caller hears what was keyed in, or is asked again.
    pub(crate) fn end_number(&mut self) {
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        let CallbackNumber::Keyed(entry) = &mut stranded.number else {
            return;
        };
        let number: String = entry.iter().map(|(key, _)| key.face()).collect();
        entry.clear();
        if number.len() < DIGITS.0 {
            return self.stranded_failed();
        }
        stranded.tries = 0;
        stranded.number = CallbackNumber::Check(Private::new(number));
        self.say_stranded();
    }

    /// The number cannot be had. Who waited for a person waits again; for others the escalation stands in
    /// the records all the same.
    pub(crate) fn give_up_number(&mut self) {
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        stranded.number = CallbackNumber::Refused;
        match stranded.gave_up_place {
            true => self.fetch_again(),
            false => self.promise_callback(),
        }
    }

    pub(crate) fn say_number_question(&mut self, number: &CallbackNumber) {
        let text = match number {
            CallbackNumber::Check(number) => {
                let (line, number) = (Line::CallbackNumberCheck, number.reveal());
                self.plan.line_on(line, number, self.language)
            }
            CallbackNumber::NotAsked | CallbackNumber::Keyed(_) | CallbackNumber::Refused => {
                self.plan.line(Line::CallbackNumber, self.language)
            }
        };
        self.say(text, Interruption::ByVoiceAndKeys);
    }
}

impl Stranded {
    /// When the key entry that stands is over, unless another key comes.
    pub(crate) fn number_due(&self) -> Option<CallTime> {
        let CallbackNumber::Keyed(entry) = &self.number else {
            return None;
        };
        let (_, last) = entry.last()?;
        Some(*last + limits::NUMBER_PAUSE)
    }
}
