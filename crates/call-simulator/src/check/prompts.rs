//! One prompt at a time, and each ends once.

use super::{Report, Rule};
use call_model::{CallAction, CallInput, CallTime, PromptId};
use std::time::Duration;

/// No simulated prompt takes longer from `Play` to its end.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Prompts {
    in_air: Option<InAir>,
    last: u32,
}

#[derive(Debug)]
struct InAir {
    id: PromptId,
    since: CallTime,
    is_ducked: bool,
    is_stopped: bool,
}

impl Prompts {
    pub(super) fn input(&mut self, _at: CallTime, input: &CallInput) {
        if let CallInput::PromptEnded { prompt, .. } = input
            && self.in_air.as_ref().is_some_and(|p| p.id == *prompt)
        {
            self.in_air = None;
        }
    }

    pub(super) fn action(&mut self, at: CallTime, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Play { prompt, .. } => {
                if let Some(earlier) = &self.in_air {
                    let rule = match at.since(earlier.since) > LONGEST {
                        true => Rule::EveryPlayEnds,
                        false => Rule::OnePromptAtATime,
                    };
                    report(
                        rule,
                        format!("{prompt:?} while {:?} is in the air", earlier.id),
                    );
                }
                if prompt.0 <= self.last {
                    report(Rule::EveryPlayEnds, format!("{prompt:?} is played again"));
                }
                self.last = prompt.0;
                self.in_air = Some(InAir {
                    id: *prompt,
                    since: at,
                    is_ducked: false,
                    is_stopped: false,
                });
            }
            CallAction::Duck(id) => self.change(*id, "Duck", report, |p| {
                !p.is_stopped && !std::mem::replace(&mut p.is_ducked, true)
            }),
            CallAction::Unduck(id) => self.change(*id, "Unduck", report, |p| {
                !p.is_stopped && std::mem::replace(&mut p.is_ducked, false)
            }),
            CallAction::StopPlaying(id) => self.change(*id, "StopPlaying", report, |p| {
                !std::mem::replace(&mut p.is_stopped, true)
            }),
            CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::Escalate { .. }
            | CallAction::FetchPerson(_)
            | CallAction::BookCallback(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
    }

    fn change(
        &mut self,
        id: PromptId,
        what: &str,
        report: Report<'_>,
        makes_sense: impl Fn(&mut InAir) -> bool,
    ) {
        let in_air = self.in_air.as_mut().filter(|prompt| prompt.id == id);
        if !in_air.is_some_and(makes_sense) {
            report(
                Rule::ActionsMakeSense,
                format!("{what} of {id:?}, which is not so"),
            );
        }
    }

    pub(super) fn end(&self, at: CallTime, report: Report<'_>) {
        if let Some(prompt) = &self.in_air
            && at.since(prompt.since) > LONGEST
        {
            report(Rule::EveryPlayEnds, format!("{:?} never ended", prompt.id));
        }
    }
}
