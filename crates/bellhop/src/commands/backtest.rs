//! `bellhop replay --with PLAN|POLICY`: which stored calls would have gone another way, and on what.

use super::journals;
use crate::cli::Replay;
use crate::plans::compile;
use anyhow::{Context, bail};
use call_model::CallHeader;
use call_simulator::backtest::{Backtest, backtest};
use call_simulator::replay::ReplayError;
use dialplan::{Plan, Problem};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Lays every call beside the same caller over another plan, or under another policy.
pub fn run(
    options: &Replay,
    with: &Path,
    plan_of: impl Fn(&str) -> Option<Arc<Plan>>,
) -> anyhow::Result<ExitCode> {
    let mut other = Other::read(with)?;
    let mut totals = Totals::default();
    for path in journals::of(options)? {
        let text = journals::text(&path)?;
        let mut chosen = Ok(Choice::NotMeant);
        let found = backtest(&text, |header| {
            chosen = other.choose(header, &plan_of);
            match &chosen {
                Ok(Choice::Plan(plan)) => Some(Arc::clone(plan)),
                Ok(Choice::NotMeant) | Err(_) => None,
            }
        });
        match (found, chosen) {
            (_, Err(problems)) => bail!("{}", told(&problems)),
            (Ok(found), _) => totals.count(&found),
            (Err(ReplayError::NoPlan { .. }), Ok(Choice::NotMeant)) => totals.not_meant += 1,
            (Err(error), _) => {
                totals.unreadable += 1;
                println!("{}: {error}", path.display());
            }
        }
    }
    print!("{}", totals.tell());
    Ok(ExitCode::SUCCESS)
}

/// What stored calls are laid beside.
enum Other {
    /// This plan, for the calls of the plan of its name.
    Plan(Arc<Plan>),
    /// Their own plans under other rules, each made once.
    Policy {
        file: String,
        text: String,
        made: BTreeMap<String, Arc<Plan>>,
    },
}

/// What one call is laid beside.
enum Choice {
    Plan(Arc<Plan>),
    /// The call is of another plan, or its own is not in the archive.
    NotMeant,
}

impl Other {
    fn read(with: &Path) -> anyhow::Result<Self> {
        if with.is_dir() {
            return match compile(with)? {
                Ok(plan) => Ok(Self::Plan(Arc::new(plan))),
                Err(problems) => bail!("{}", problems.join("\n")),
            };
        }
        let file = with.display().to_string();
        let text = std::fs::read_to_string(with).with_context(|| {
            format!("--with {file}: a plan's folder is expected, or a file of rules")
        })?;
        let made = BTreeMap::new();
        Ok(Self::Policy { file, text, made })
    }

    fn choose(
        &mut self,
        header: &CallHeader,
        plan_of: impl Fn(&str) -> Option<Arc<Plan>>,
    ) -> Result<Choice, Vec<Problem>> {
        let (file, text, made) = match self {
            Self::Plan(plan) if plan.name() == header.plan => {
                return Ok(Choice::Plan(Arc::clone(plan)));
            }
            Self::Plan(_) => return Ok(Choice::NotMeant),
            Self::Policy { file, text, made } => (file, text, made),
        };
        let plan = match made.entry(header.plan_digest.clone()) {
            Entry::Occupied(entry) => Arc::clone(entry.get()),
            Entry::Vacant(entry) => match plan_of(&header.plan_digest) {
                Some(plan) => Arc::clone(entry.insert(Arc::new(plan.with_policy(file, text)?))),
                None => return Ok(Choice::NotMeant),
            },
        };
        Ok(Choice::Plan(plan))
    }
}

fn told(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// What the calls came to.
#[derive(Default)]
struct Totals {
    calls: usize,
    /// Those that go another way.
    parting: usize,
    not_meant: usize,
    unreadable: usize,
}

impl Totals {
    fn count(&mut self, found: &Backtest) {
        self.calls += 1;
        if let Some(parting) = &found.parting {
            self.parting += 1;
            println!("{}  {parting}", found.call);
        }
    }

    fn tell(&self) -> String {
        let Self {
            calls,
            parting,
            not_meant,
            unreadable,
        } = self;
        let mut text = format!("{calls} calls, {parting} would have gone another way\n");
        if *not_meant > 0 {
            text += &format!(
                "{not_meant} left out: of another plan, or their plan is not in the archive\n"
            );
        }
        if *unreadable > 0 {
            text += &format!("{unreadable} journals cannot be read\n");
        }
        text
    }
}
