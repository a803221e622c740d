//! Callers whom the plan treats otherwise, from the moment it knows that they are such.

use crate::call::Call;
use dialplan::{EscalationPolicy, Plan, Profile};
use std::sync::Arc;
use std::time::Duration;

/// How this caller is treated.
#[derive(Debug, Default)]
pub(crate) struct Treatment {
    of: Option<Profiled>,
}

/// What a profile changes.
#[derive(Debug)]
struct Profiled {
    /// Its place in the plan.
    number: usize,
    profile: Profile,
    rules: EscalationPolicy,
}

impl Treatment {
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.of.as_ref().map(|of| &of.profile)
    }

    /// The rules of escalation for this caller.
    pub(crate) fn rules<'a>(&'a self, plan: &'a Plan) -> &'a EscalationPolicy {
        match &self.of {
            Some(of) => &of.rules,
            None => &plan.policy().escalation,
        }
    }
}

impl Call {
    /// More is known of the caller: one of the plan's profiles may hold now, or no longer.
    pub(crate) fn judge_profile(&mut self) {
        let plan = Arc::clone(&self.plan);
        if plan.profiles().is_empty() {
            return;
        }
        let slots = self.known_slots();
        let holding = |(_, profile): &(usize, &Profile)| profile.holds(&slots);
        let found = plan.profiles().iter().enumerate().find(holding);
        let before = self.treatment.of.as_ref().map(|of| of.number);
        if found.map(|(number, _)| number) == before {
            return;
        }
        self.remark(match found {
            Some((_, profile)) => format!("treated as '{}' from here on", profile.name),
            None => "treated as everybody from here on".to_owned(),
        });
        self.treatment.of = found.map(|(number, profile)| Profiled {
            number,
            profile: profile.clone(),
            rules: EscalationPolicy {
                ask_limit: profile
                    .ask_limit
                    .unwrap_or(plan.policy().escalation.ask_limit),
                ..plan.policy().escalation.clone()
            },
        });
    }

    /// How long this caller may pause where others may for `usual`.
    pub(crate) fn patience(&self, usual: Duration) -> Duration {
        let profile = self.treatment.profile();
        profile.map_or(usual, |profile| profile.patience(usual))
    }
}
