//! Steps of an agent's phone: what rings, and what becomes of it.

use super::Action;
use super::player::{LineState, PhoneOrder, Player, RingEnd, Standing};
use super::run::Event;
use super::verdict::{Measure, MeasureKind};
use crate::call::Ending;
use crate::rtp::TICK;
use crate::sip::{Decline, Manner};
use std::time::Duration;

/// So long a phone is waited for that is to say or hear something and is on no call.
const CALL_WITHIN: Duration = Duration::from_secs(10);

impl Player {
    /// How a step stands that needs no sound.
    pub(super) fn stand_off_air(
        &mut self,
        action: &Action,
        events: &[Event],
        now: Duration,
    ) -> Standing {
        match action {
            Action::ExpectRing { within } => self.expect_ring(*within, events, now),
            Action::ExpectNoRing { lasting } => self.expect_no_ring(*lasting, now),
            Action::ExpectDisplay(texts) => self.expect_display(texts),
            Action::ExpectHeader { name, texts } => self.expect_header(name, texts),
            Action::ExpectStopsRinging { within } => {
                self.expect_stops_ringing(*within, events, now)
            }
            Action::ExpectIdle { within } => self.expect_idle(*within, now),
            Action::ExpectBye { within } => self.expect_bye(*within, now),
            Action::Answer => self.order(PhoneOrder::Answer),
            Action::DeclineCall(with) => self.order(PhoneOrder::Decline(*with)),
            Action::Behave(manner) => {
                self.manner = Some(*manner);
                self.orders.push_back(PhoneOrder::Behave(*manner));
                Standing::passed("")
            }
            Action::HangUp if !self.party.is_agent() => {
                self.wants_out = true;
                Standing::passed("")
            }
            Action::HangUp => match self.line {
                LineState::On { .. } => self.order(PhoneOrder::HangUp),
                LineState::Off | LineState::Coming | LineState::Over { .. } => {
                    Standing::Failed("the phone is on no call".into())
                }
            },
            Action::Wait(pause) if now >= self.since + *pause => Standing::passed(""),
            Action::Wait(_) => Standing::Pending,
            Action::ExpectPrompt { .. }
            | Action::ExpectSpeech { .. }
            | Action::ExpectAnswer { .. }
            | Action::WaitForQuiet { .. }
            | Action::Say { .. }
            | Action::Key { .. }
            | Action::ExpectDucking { .. }
            | Action::ExpectStop { .. }
            | Action::ExpectGoesOn { .. }
            | Action::ExpectMusic { .. }
            | Action::ExpectVoiceOf { .. }
            | Action::ExpectWhisper { .. }
            | Action::ExpectNoWhisper
            | Action::ExpectNoSilence { .. }
            | Action::ExpectDone { .. }
            | Action::ExpectServedBefore { .. }
            | Action::ExpectNumberOf(_)
            | Action::Call => self.await_call(now),
        }
    }

    fn await_call(&self, now: Duration) -> Standing {
        match &self.line {
            LineState::Over { ending, .. } => Standing::Failed(told(ending)),
            LineState::Off | LineState::Coming if now > self.since + CALL_WITHIN => {
                Standing::Failed("the phone is on no call".into())
            }
            LineState::Off | LineState::Coming | LineState::On { .. } => Standing::Pending,
        }
    }

    fn order(&mut self, order: PhoneOrder) -> Standing {
        let is_ringing = self.rings.last().is_some_and(|log| log.end.is_none());
        if !is_ringing && order != PhoneOrder::HangUp {
            return Standing::Failed("nothing rings".into());
        }
        self.orders.push_back(order);
        Standing::passed("")
    }

    fn expect_ring(&mut self, within: Duration, events: &[Event], now: Duration) -> Standing {
        let Some(log) = self.rings.get(self.expected_rings) else {
            if now <= self.since + within + TICK * 2 {
                return Standing::Pending;
            }
            return Standing::Failed("nothing rang".into());
        };
        let ring = &log.ring;
        let shown = format!("\"{}\" <{}>", ring.display, ring.number);
        if ring.at > self.since + within {
            let late = (ring.at - self.since).as_millis();
            return Standing::Failed(format!("{shown} rang only after {late} ms"));
        }
        self.expected_rings += 1;
        self.expected_byes = self.byes.iter().filter(|&&at| at <= ring.at).count();
        let speech = events
            .iter()
            .rev()
            .find(|event| event.is_speech && event.at <= ring.at);
        let Some(speech) = speech else {
            return Standing::passed(shown);
        };
        let took = ring.at - speech.at;
        let told = format!("{shown}, {} ms after {}", took.as_millis(), speech.what);
        let kind = MeasureKind::SpeechToRing;
        Standing::Passed(told, vec![Measure { kind, took }])
    }

    fn expect_no_ring(&self, lasting: Duration, now: Duration) -> Standing {
        if let Some(log) = self.rings.get(self.expected_rings) {
            let ring = &log.ring;
            return Standing::Failed(format!("\"{}\" <{}> rang", ring.display, ring.number));
        }
        if now < self.since + lasting {
            return Standing::Pending;
        }
        Standing::passed("")
    }

    fn expect_display(&self, texts: &[String]) -> Standing {
        let Some(log) = self.expected_ring() else {
            return Standing::Failed("nothing was expected to ring before this step".into());
        };
        holds(&log.ring.display, texts)
    }

    fn expect_header(&self, name: &str, texts: &[String]) -> Standing {
        let Some(log) = self.expected_ring() else {
            return Standing::Failed("nothing was expected to ring before this step".into());
        };
        match log.ring.header(name) {
            Some(value) => holds(value, texts),
            None => {
                let known: Vec<&str> = log
                    .ring
                    .headers
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect();
                Standing::Failed(format!("it has {}", listed(&known)))
            }
        }
    }

    pub(super) fn expect_number(&self, number: &str) -> Standing {
        let Some(log) = self.expected_ring() else {
            return Standing::Failed("nothing was expected to ring before this step".into());
        };
        let shown = format!("<{}>", log.ring.number);
        if log.ring.number == number {
            Standing::passed(shown)
        } else {
            Standing::Failed(format!("it is {shown}, not <{number}>"))
        }
    }

    fn expect_stops_ringing(&self, within: Duration, events: &[Event], now: Duration) -> Standing {
        let Some(log) = self.rings.last() else {
            return Standing::Failed("nothing rang".into());
        };
        let before = |at: Duration| events.iter().rev().find(|event| event.at <= at);
        match log.end {
            Some((at, RingEnd::TakenBack)) => {
                let Some(event) = before(at) else {
                    return Standing::passed("");
                };
                let took = at - event.at;
                let told = format!("{} ms after {}", took.as_millis(), event.what);
                if took > within {
                    return Standing::Failed(told);
                }
                let kind = MeasureKind::StopsRinging;
                Standing::Passed(told, vec![Measure { kind, took }])
            }
            Some((_, RingEnd::Answered)) => Standing::Failed("it was answered".into()),
            Some((_, RingEnd::Declined(status))) => {
                Standing::Failed(format!("it was declined with {status}"))
            }
            None => {
                let from = before(now).map_or(self.since, |event| event.at.max(self.since));
                if now <= from + within + TICK * 2 {
                    return Standing::Pending;
                }
                Standing::Failed("it rings on".into())
            }
        }
    }

    fn expect_idle(&self, within: Duration, now: Duration) -> Standing {
        let rings = self.rings.last().is_some_and(|log| log.end.is_none());
        let talks = matches!(self.line, LineState::On { .. });
        match (rings && self.manner != Some(Manner::Dead), talks) {
            (false, false) => Standing::passed(""),
            _ if now <= self.since + within => Standing::Pending,
            (true, _) => Standing::Failed("it rings".into()),
            (false, true) => Standing::Failed("it is on a call".into()),
        }
    }

    fn expect_bye(&mut self, within: Duration, now: Duration) -> Standing {
        // A phone that is hung up on may ring again in the same moment.
        if let Some(at) = self.byes.get(self.expected_byes) {
            self.expected_byes += 1;
            let waited = at.saturating_sub(self.since).as_secs_f64();
            return Standing::passed(format!("after {waited:.1} s"));
        }
        match &self.line {
            LineState::Over { ending, .. } => Standing::Failed(told(ending)),
            LineState::Off | LineState::Coming | LineState::On { .. }
                if now > self.since + within =>
            {
                Standing::Failed("the other side did not hang up".into())
            }
            LineState::Off | LineState::Coming | LineState::On { .. } => Standing::Pending,
        }
    }
}

/// How a call ended, in words.
pub(super) fn told(ending: &Ending) -> String {
    match ending {
        Ending::ByUs => "I had hung up".to_owned(),
        Ending::ByPeer => "the other side hung up".to_owned(),
        Ending::Refused(status, reason) => format!("refused: {status} {reason}"),
        Ending::Failed(what) => what.clone(),
    }
}

fn holds(value: &str, texts: &[String]) -> Standing {
    let folded = value.to_lowercase();
    let is_in = |text: &String| folded.contains(&text.to_lowercase());
    if texts.iter().any(is_in) {
        Standing::passed(format!("\"{value}\""))
    } else {
        Standing::Failed(format!("it says \"{value}\""))
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "no headers of its own".to_owned(),
        names => format!("only {}", names.join(", ")),
    }
}

/// Kept beside the words of the language: what a phone says it does.
pub(super) const fn declined(status: u16) -> &'static str {
    if status == Decline::Busy.status().0 {
        "was busy"
    } else {
        "refused"
    }
}
