//! Steps taken one after the other until one fails, and what each cost.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

/// What became of a step that did not fail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// It passed.
    Passed,
    /// It was left out, for this reason.
    Skipped(String),
}

/// The work of a step; an error says what went wrong.
pub type Work<'a> = Box<dyn FnOnce() -> Result<Done, String> + 'a>;

/// One step.
pub struct Step<'a> {
    /// Its headline.
    pub name: String,
    /// The command that runs it alone.
    pub alone: String,
    /// What it does.
    pub work: Work<'a>,
}

/// What a step cost.
struct Taken {
    name: String,
    done: Done,
    wall: Duration,
    cpu: Option<Duration>,
}

/// Takes the steps; stops at the first that fails and says how to run it alone.
pub fn take(steps: Vec<Step<'_>>) -> Result<(), String> {
    let count = steps.len();
    let mut taken = Vec::with_capacity(count);
    for (number, step) in (1..).zip(steps) {
        println!("\n== {number}/{count} {}", step.name);
        let (began, cpu_before) = (Instant::now(), cpu_of_children());
        let done = (step.work)().map_err(|why| {
            let table = table(&taken);
            let passed = passed(&taken);
            format!(
                "{table}{passed} passed, 1 failed\n\n{} failed: {why}\nalone: {}",
                step.name, step.alone
            )
        })?;
        let cpu = cpu_of_children().zip(cpu_before);
        let entry = Taken {
            name: step.name,
            done,
            wall: began.elapsed(),
            cpu: cpu.map(|(after, before)| after.saturating_sub(before)),
        };
        println!("{entry}");
        taken.push(entry);
    }
    println!("\n{}{} passed, 0 failed", table(&taken), passed(&taken));
    Ok(())
}

fn passed(taken: &[Taken]) -> usize {
    taken
        .iter()
        .filter(|step| step.done == Done::Passed)
        .count()
}

fn table(taken: &[Taken]) -> String {
    taken.iter().map(|step| format!("{step}\n")).collect()
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wall = self.wall.as_secs_f32();
        write!(f, "   {:<52} {wall:>7.1} s", self.name)?;
        if let Some(cpu) = self.cpu {
            write!(f, "  cpu {:>7.1} s", cpu.as_secs_f32())?;
        }
        match &self.done {
            Done::Passed => Ok(()),
            Done::Skipped(why) => write!(f, "  skipped: {why}"),
        }
    }
}

/// CPU time of all programs that have ended so far, as Linux counts it for their
/// parent (proc(5), `/proc/pid/stat`, cutime and cstime, in hundredths of a second).
fn cpu_of_children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut ticks = after_name.split(' ').skip(13).map(str::parse::<u64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, result: Result<Done, String>) -> Step<'static> {
        Step {
            name: name.into(),
            alone: format!("run {name}"),
            work: Box::new(move || result),
        }
    }

    #[test]
    fn the_first_step_that_fails_is_the_last_and_says_how_to_run_it() {
        let never = Step {
            work: Box::new(|| panic!("taken after a failure")),
            ..step("third", Ok(Done::Passed))
        };
        let failed = step("second", Err("it broke".into()));
        let why = take(vec![step("first", Ok(Done::Passed)), failed, never])
            .expect_err("the second failed");
        assert!(why.contains("1 passed, 1 failed"), "{why}");
        assert!(
            why.contains("second failed: it broke\nalone: run second"),
            "{why}"
        );
    }

    #[test]
    fn a_skipped_step_is_not_counted_as_passed() {
        let taken = [Done::Passed, Done::Skipped("why".into())].map(|done| Taken {
            name: "a".into(),
            done,
            wall: Duration::ZERO,
            cpu: None,
        });
        assert_eq!(passed(&taken), 1);
        assert!(table(&taken).contains("skipped: why"));
    }
}
