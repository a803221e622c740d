//! Nobody of a waiting room was to be had, and the plan names a node for that.

use crate::call::Call;
use crate::phase::{Arrival, Phase, Stage};
use call_model::{Decision, EscalationReason};

impl Call {
    /// Where the plan goes on now. Only what the plan itself wanted may it give up: who came to be
    /// owed a person meanwhile, by request, demand, anger or wait, stays owed one.
    pub(crate) fn overflow_node(&self) -> Option<String> {
        let Phase::Fetching(fetching) = &self.phase else {
            return None;
        };
        let is_the_plans =
            fetching.reason == EscalationReason::PlanHandoff && fetching.stage != Stage::OnCall;
        let node = fetching.person.overflow_node().filter(|_| is_the_plans);
        node.map(str::to_owned)
    }

    pub(crate) fn overflow_to(&mut self, node: &str) {
        self.decide(Decision::HandoffGivenUp);
        self.ledger.take_back();
        self.quiet_since = self.now;
        self.ear.forget_before(self.now);
        self.enter(node, Arrival::ByPlan);
    }
}
