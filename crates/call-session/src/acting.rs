//! What the engine wants, done.

use crate::ear_line::{Finishing, Wanted};
use crate::io::{AlsoHeard, SessionOutput};
use crate::prompts::Stopping;
use crate::session::{CallSession, HoldMusic};
use call_model::{
    CallAction, CallInput, CallTime, GrammarId, Heard, Language, PromptEnd, PromptId, TurnId,
};
use std::sync::Arc;

/// A grammar of the plan, if there is one, and its language.
type Tongue = (Option<GrammarId>, Language);

impl CallSession {
    pub(crate) fn act(&mut self, now: CallTime, action: CallAction) {
        match action {
            CallAction::Play { prompt, .. } if self.standing.is_over() => {
                self.tell_end(prompt, PromptEnd::Failed);
            }
            CallAction::Play { prompt, text, .. } => {
                self.prompts.begin(prompt, now + self.limits.prompt_making);
                self.outputs
                    .push_back(SessionOutput::Speak { prompt, text });
            }
            CallAction::Duck(prompt) => self.leg.duck(prompt),
            CallAction::Unduck(prompt) => self.leg.unduck(prompt),
            CallAction::StopPlaying(prompt) => self.stop_playing(prompt),
            CallAction::Listen {
                turn,
                grammar,
                language,
                also,
            } => self.listen(turn, (grammar, language), also),
            CallAction::FinishHearing(turn) => self.finish_hearing(turn),
            CallAction::StopListening(turn) => self.ear.stop(turn, &mut self.outputs),
            CallAction::FetchPerson(_) if self.standing.is_over() => {}
            CallAction::FetchPerson(handoff) => {
                self.desk.want(handoff.whisper.clone());
                self.outputs.push_back(SessionOutput::FetchPerson(handoff));
            }
            CallAction::BookCallback(handoff) => {
                self.outputs.push_back(SessionOutput::BookCallback(handoff));
            }
            CallAction::ReleasePerson => self.release_person(),
            CallAction::CallApi(request) => {
                self.outputs.push_back(SessionOutput::CallApi(request));
            }
            CallAction::AskIntent(question) => {
                self.outputs.push_back(SessionOutput::AskIntent(question));
            }
            CallAction::CancelIntent(question) => {
                self.outputs
                    .push_back(SessionOutput::CancelIntent(question));
            }
            CallAction::TellIntent(fact) => {
                self.outputs.push_back(SessionOutput::TellIntent(fact));
            }
            CallAction::AnalyseVoice(analysis) => self.score.analyse(analysis, &mut self.outputs),
            CallAction::StartMusic => self.music = HoldMusic::On,
            CallAction::StopMusic => self.music = HoldMusic::Off,
            CallAction::HangUp(cause) => self.standing.leave(cause, now, &self.limits),
            CallAction::Escalate { .. } | CallAction::Decide(_) => {}
        }
    }

    pub(crate) fn stop_playing(&mut self, prompt: PromptId) {
        match self.prompts.stop(prompt) {
            Stopping::NotBegun => self.tell_end(prompt, PromptEnd::Stopped { heard_ms: 0 }),
            Stopping::OnTheLeg => {
                self.leg.stop(prompt);
                self.drain_leg();
            }
            Stopping::Unknown => {}
        }
    }

    fn listen(&mut self, turn: TurnId, asked: Tongue, also: Option<Tongue>) {
        let (grammar, escalation) = self.spoken(asked);
        let wanted = Wanted {
            turn,
            grammar,
            escalation,
            also: also.map(|also| self.spoken(also)),
        };
        self.ear.listen(wanted, &mut self.outputs);
    }

    /// What may be said in a language, by the plan's grammar.
    fn spoken(&self, (grammar, language): Tongue) -> AlsoHeard {
        let grammar = grammar.and_then(|id| self.plan.grammar(id)).cloned();
        (grammar, Arc::clone(self.plan.escalation_words(language)))
    }

    /// A turn of which the ear heard nothing is answered here, so that nobody waits.
    fn finish_hearing(&mut self, turn: TurnId) {
        if self.ear.finish(turn, &mut self.outputs) == Finishing::NothingHeard {
            self.tell(CallInput::Heard(Heard::NoMatch {
                turn,
                rejected: None,
                spotted: vec![],
                language: None,
            }));
        }
    }
}
