//! What a call waits for, and what it does when the time has come.

use crate::asking::Failure;
use crate::call::{Call, LineState};
use crate::deadline::{Deadline, limits};
use crate::ear::{Hearing, Speech, Voice};
use crate::phase::{Consulting, Fetching, Phase, Place, Stage, Stream};
use call_model::{CallTime, Decision, EscalationReason, HangUpCause, IntentFact, PersonFailure};
use dialplan::{Line, Node};
use std::time::Duration;

type Due = Option<(CallTime, Deadline)>;

impl Call {
    /// The earliest deadline; none once the call is over.
    pub(crate) fn due(&self) -> Due {
        if self.is_over() {
            return None;
        }
        [
            self.mouth.due(),
            self.ear_due(),
            self.phase_due(),
            self.wait_due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Serves every deadline that has come.
    pub(crate) fn deadlines_reached(&mut self) {
        for _ in 0..limits::DUE_AT_ONCE {
            match self.due() {
                Some((at, deadline)) if at <= self.now => self.reached(deadline),
                Some(_) | None => return,
            }
        }
    }

    fn reached(&mut self, deadline: Deadline) {
        match deadline {
            Deadline::EndOfTurn => self.end_turn_if_due(),
            Deadline::AskAhead => self.ask_ahead_if_due(),
            Deadline::UtteranceMax => self.cut_off(),
            Deadline::Recognition => self.recognition_overdue(),
            Deadline::NoInput => self.no_input(),
            // Only one of the two stands.
            Deadline::InterDigit => {
                self.end_entry();
                self.end_number();
            }
            Deadline::BargeInConfirm => self.barge_in_if_confirmed(),
            Deadline::BargeInResume => {
                let why = self.why_nothing();
                self.resume(why);
            }
            Deadline::PromptReady | Deadline::PromptStop | Deadline::PromptLength => {
                self.prompt_overdue();
            }
            Deadline::WordWithdrawal => self.weigh_standing_words(),
            Deadline::WaitMax => {
                self.judged();
            }
            Deadline::NoProgress => self.offer(EscalationReason::NoProgress),
            Deadline::ApiAnswer => self.back_end_overdue(),
            Deadline::IntentFirstPiece | Deadline::IntentNextPiece => self.tier_is_late(),
            Deadline::IntentWhole => self.tier_overruns(),
            Deadline::HoldingLine => self.say_holding(),
            Deadline::FetchPerson | Deadline::QueueMax => {
                self.orders.release(&mut self.out);
                self.person_failed(PersonFailure::NoAnswer);
            }
            Deadline::CallbackOffer => self.offer_callback(),
            Deadline::StillHolding => {
                self.quiet_since = self.now;
                self.say_line(Line::StillHolding, call_model::Interruption::Never);
            }
            Deadline::Goodbye | Deadline::Drain => self.leave_now(),
        }
    }

    fn leave_now(&mut self) {
        let cause = match &self.phase {
            Phase::Leaving(leaving) => leaving.cause,
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => return,
        };
        self.hang_up(cause);
    }

    fn prompt_overdue(&mut self) {
        let floor = self.callers_floor();
        if let Some(over) = self.mouth.give_up(self.now, floor, &mut self.out) {
            self.prompt_over(over);
        }
    }

    fn no_input(&mut self) {
        match &self.phase {
            Phase::Asking(_) => {
                self.tell_of_silence();
                self.climb(Failure::NoInput);
            }
            Phase::Offering(_) => self.lapse_offer(Failure::NoInput),
            Phase::Stranded(stranded) => {
                let count = stranded.tries + 1;
                self.decide(Decision::NoInput { count });
                self.stranded_failed();
            }
            Phase::Parted(_) => self.part_in_silence(),
            Phase::Fetching(_) => self.keep_waiting(),
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
        }
    }

    fn tell_of_silence(&mut self) {
        if self.is_followed_by_tier() {
            let silent = self.now.since(self.quiet_since).as_millis();
            let ms = u32::try_from(silent).unwrap_or(u32::MAX);
            self.tell_tier(IntentFact::Silence { ms });
        }
    }

    fn ear_due(&self) -> Due {
        let cut = match self.ear.voice {
            Voice::Speaking { since } if !self.ear.is_lost() => Some(since + self.utterance_max()),
            Voice::Speaking { .. } | Voice::Quiet | Voice::Droning => None,
        };
        let of_turn = match &self.ear.hearing {
            Hearing::Off => None,
            Hearing::Open(_) => self.open_turn_due(),
            Hearing::Finishing { since, .. } => {
                Some((*since + limits::RECOGNITION, Deadline::Recognition))
            }
        };
        let cut = cut.map(|at| (at, Deadline::UtteranceMax));
        [cut, of_turn].into_iter().flatten().min()
    }

    fn open_turn_due(&self) -> Due {
        let turn = self.ear.open_turn()?;
        let window = self.rules().withdraw_window;
        let cut = match turn.speech {
            Speech::None => None,
            Speech::Going { began } | Speech::Paused { began, .. } => {
                Some(began + self.utterance_max())
            }
        };
        let words = match self.mouth.holds_notice() {
            true => None,
            false => turn.watch.due(window),
        };
        [
            (cut, Deadline::UtteranceMax),
            (words, Deadline::WordWithdrawal),
            (self.pause_due().map(|(at, _)| at), Deadline::EndOfTurn),
            (self.ahead_due(), Deadline::AskAhead),
            (self.barge_in_due(), Deadline::BargeInConfirm),
            (self.resume_due(), Deadline::BargeInResume),
        ]
        .into_iter()
        .filter_map(|(at, deadline)| at.map(|at| (at, deadline)))
        .min()
    }

    fn utterance_max(&self) -> Duration {
        self.plan.policy().listening.utterance_max
    }

    /// The caller could answer and does not.
    fn is_quiet(&self) -> bool {
        let says_nothing = match &self.ear.hearing {
            // Without an ear a voice is no answer.
            Hearing::Off => !self.ear.is_lost(),
            Hearing::Open(turn) => turn.speech != Speech::None,
            Hearing::Finishing { .. } => true,
        };
        !says_nothing && self.line == LineState::Open && self.mouth.is_silent()
    }

    fn phase_due(&self) -> Due {
        match &self.phase {
            Phase::Ringing | Phase::Telling(_) | Phase::WithPerson | Phase::Over => None,
            Phase::Asking(asking) => match asking.entry.last() {
                Some((_, at)) => {
                    let wait = self.inter_digit_at(&asking.node);
                    Some((*at + wait, Deadline::InterDigit))
                }
                None if !self.is_quiet() => None,
                None => {
                    let no_progress = self.progress + self.rules().no_progress;
                    let no_input = self.quiet_since + self.timeout_at(Some(&asking.node));
                    [
                        (no_progress, Deadline::NoProgress),
                        (no_input, Deadline::NoInput),
                    ]
                    .into_iter()
                    .min()
                }
            },
            Phase::Consulting(consulting) => self.consulting_due(consulting),
            Phase::Calling(calling) => {
                let answer = calling.since + self.back_end_max(calling);
                let holding = self.holding_due(calling.held, calling.since + limits::API_HOLDING);
                [Some((answer, Deadline::ApiAnswer)), holding]
                    .into_iter()
                    .flatten()
                    .min()
            }
            Phase::Offering(offering) => {
                let node = offering.question.as_ref().map(|q| q.node.as_str());
                self.no_input_due(node)
            }
            Phase::Stranded(stranded) => match stranded.number_due() {
                Some(at) => Some((at, Deadline::InterDigit)),
                None => self.no_input_due(None),
            },
            Phase::Parted(_) => self.no_input_due(None),
            Phase::Fetching(fetching) => self.fetching_due(fetching),
            Phase::Leaving(leaving) => Some(match leaving.cause {
                HangUpCause::Draining => (leaving.since + limits::DRAIN, Deadline::Drain),
                HangUpCause::PlanEnded | HangUpCause::CallbackBooked | HangUpCause::Fault => {
                    (leaving.since + limits::GOODBYE, Deadline::Goodbye)
                }
            }),
        }
    }

    /// A stream that is open owes its first word, its next one, and its end.
    fn consulting_due(&self, consulting: &Consulting) -> Due {
        let policy = self.plan.policy().intent.unwrap_or_default();
        // A caller who speaks waits for no answer.
        let is_open = consulting.stream == Stream::Open && !self.callers_floor();
        let piece = match consulting.news_at {
            None => Some((
                consulting.since + policy.first_piece,
                Deadline::IntentFirstPiece,
            )),
            Some(news) if consulting.script.is_empty() && self.mouth.is_silent() => {
                let since = news.max(self.hush_since);
                Some((since + policy.first_piece, Deadline::IntentNextPiece))
            }
            Some(_) => None,
        };
        let whole = (consulting.since + policy.whole, Deadline::IntentWhole);
        let held = consulting.held + consulting.pieces;
        let holding = self.holding_due(held, consulting.began + limits::TIER_HOLDING);
        [
            piece.filter(|_| is_open),
            Some(whole).filter(|_| is_open),
            holding,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The first holding line at its time, the next ones so that silence stays short.
    fn holding_due(&self, held: u32, first: CallTime) -> Due {
        let is_still =
            self.mouth.is_silent() && self.line == LineState::Open && !self.callers_floor();
        let at = match held {
            0 => first.max(self.hush_since),
            _ => self.hush_since + limits::HOLDING_AGAIN,
        };
        is_still.then_some((at, Deadline::HoldingLine))
    }

    fn fetching_due(&self, fetching: &Fetching) -> Due {
        let fetch = match (fetching.stage, fetching.place) {
            (Stage::AfterNotice, _) => None,
            (Stage::Transfer, Place::Queued { since }) => {
                Some((since + limits::QUEUE_MAX, Deadline::QueueMax))
            }
            (Stage::Transfer | Stage::OnCall, _) => {
                Some((fetching.since + limits::FETCH_PERSON, Deadline::FetchPerson))
            }
        };
        let reply = match fetching.is_offering() {
            true => self.no_input_due(None),
            false if self.mouth.is_silent() && self.line == LineState::Open => {
                let at = self.quiet_since + limits::STILL_HOLDING;
                Some((at, Deadline::StillHolding))
            }
            false => None,
        };
        let offer = self.callback_offer_due();
        let offer = offer.map(|at| (at, Deadline::CallbackOffer));
        [fetch, reply, offer].into_iter().flatten().min()
    }

    fn no_input_due(&self, node: Option<&str>) -> Due {
        self.is_quiet()
            .then(|| (self.quiet_since + self.timeout_at(node), Deadline::NoInput))
    }

    fn inter_digit_at(&self, node: &str) -> Duration {
        let usual = match self.plan.node(node) {
            Some(Node::Collect(collect)) => collect.inter_digit,
            Some(
                Node::Say(_)
                | Node::Ask(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => self.plan.policy().listening.inter_digit,
        };
        self.patience(usual)
    }

    /// The wait escalates once, unless the caller already stands ahead of everyone.
    fn wait_due(&self) -> Due {
        match &self.phase {
            Phase::Ringing | Phase::WithPerson | Phase::Over => None,
            Phase::Leaving(_) => None,
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_) => {
                let passes = self.wait.passes(self.rules().wait_max);
                passes
                    .filter(|_| self.ledger.may_gain_by_wait())
                    .map(|at| (at, Deadline::WaitMax))
            }
        }
    }
}
