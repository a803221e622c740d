//! Whether the caller's voice may be scored, as the plan and the caller say.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::Phase;
use call_model::{CallAction, Language, VoiceAnalysis};
use dialplan::Node;
use std::sync::Arc;

impl Call {
    /// The language the caller is spoken to in.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether the caller's voice may be scored.
    pub const fn voice_analysis(&self) -> VoiceAnalysis {
        self.voice_analysis
    }

    /// From this node on, as the plan says.
    pub(crate) fn follow_voice_switch(&mut self, node: &str) {
        if let Some(choice) = self.plan.voice_analysis_from(node) {
            self.analyse_voice(choice);
        }
    }

    /// What follows what is being told, if something is.
    pub(crate) fn untold(&self) -> Option<String> {
        match &self.phase {
            Phase::Telling(telling) => Some(telling.next.clone()),
            Phase::Ringing
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => None,
        }
    }

    /// What would have been told up to the next question is given up; a no that stands
    /// there is a no all the same.
    pub(crate) fn decline_voice_of(&mut self, untold: Option<String>) {
        let plan = Arc::clone(&self.plan);
        let mut ahead = untold.as_deref();
        for _ in 0..limits::STEPS {
            let Some((name, Node::Say(say))) =
                ahead.and_then(|name| Some((name, plan.node(name)?)))
            else {
                return;
            };
            if plan.voice_analysis_from(name) == Some(VoiceAnalysis::Off) {
                self.analyse_voice(VoiceAnalysis::Off);
            }
            ahead = Some(&say.next);
        }
    }

    /// After a no, nothing of the voice counts that was scored before.
    fn analyse_voice(&mut self, choice: VoiceAnalysis) {
        if choice == self.voice_analysis {
            return;
        }
        self.voice_analysis = choice;
        match choice {
            VoiceAnalysis::On => {}
            VoiceAnalysis::Off => self.ledger.forget_voice(),
        }
        self.act(CallAction::AnalyseVoice(choice));
    }
}
