//! Other plans while calls run: read, checked, compiled and made ready, then swapped in one
//! step. A call keeps the plan it began with; a problem anywhere leaves everything as it was.

use super::call::Workers;
use super::control::{Control, RoutedPlan};
use super::start;
use super::telemetry::RELOADS;
use crate::config::Config;
use crate::plans::Shelf;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The route table that answers new calls.
pub struct RouteTable<T = RoutedPlan> {
    now: RwLock<Arc<Vec<T>>>,
    /// Whoever replaces the table holds it, so that one who read older files cannot come last.
    turn: Mutex<()>,
}

impl<T> RouteTable<T> {
    /// Begins with these rows.
    pub fn new(rows: Vec<T>) -> Self {
        Self {
            now: RwLock::new(Arc::new(rows)),
            turn: Mutex::default(),
        }
    }

    /// The rows of this moment; they stay as they are for whoever holds them.
    pub fn now(&self) -> Arc<Vec<T>> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other rows in place, unless making them fails. One replacement at a time: the
    /// next one is made after this one stands.
    pub fn replace<E>(&self, make: impl FnOnce() -> Result<Vec<T>, E>) -> Result<Replaced<T>, E> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let new = Arc::new(make()?);
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *now, Arc::clone(&new));
        Ok(Replaced { old, new })
    }
}

/// What a replacement did.
pub struct Replaced<T> {
    pub old: Arc<Vec<T>>,
    pub new: Arc<Vec<T>>,
}

/// Reads plans and route table again when somebody asks for it.
pub struct Reloader {
    /// The configuration's file.
    pub config: PathBuf,
    pub control: Arc<Control>,
    pub workers: Arc<Workers>,
}

impl Reloader {
    /// Reads, checks, compiles, makes ready and swaps; what the route table answers with
    /// now, one line a plan. Takes as long as new prompts take to be made: not for a thread
    /// that calls wait for.
    ///
    /// # Errors
    /// Whatever a start of the server would say. The plans of before go on.
    pub fn reload(&self) -> anyhow::Result<Vec<String>> {
        let outcome = self.control.routes.replace(|| self.make());
        let label = if outcome.is_ok() { "taken" } else { "refused" };
        metrics::counter!(RELOADS, "outcome" => label).increment(1);
        match outcome {
            Ok(replaced) => {
                let lines = tell(&replaced);
                tracing::info!(plans = lines.join("; "), "plans were read again");
                Ok(lines)
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the plans are refused; those of before go on"
                );
                Err(error)
            }
        }
    }

    fn make(&self) -> anyhow::Result<Vec<RoutedPlan>> {
        let control = &self.control;
        let config = Config::read(&self.config)?;
        let shelf = Shelf::read(&config.plans.dir)?;
        let routes = start::routes(&config, &shelf, &control.archive)?;
        start::check_queues(&routes, &control.people)?;
        start::make_ready(&self.workers, &routes)?;
        start::keep_plans(&control.archive, &shelf)?;
        Ok(routes)
    }
}

/// The plans that are answered with, once each.
fn tell(replaced: &Replaced<RoutedPlan>) -> Vec<String> {
    let mut lines = Vec::new();
    for row in replaced.new.iter() {
        let plan = &row.plan.plan;
        let was = |old: &&RoutedPlan| old.plan.plan.digest() == plan.digest();
        let state = match replaced.old.iter().find(was) {
            Some(_) => "as before",
            None => "new",
        };
        let line = format!("{} {} {state}", plan.name(), plan.digest());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn of_replacements_that_race_the_one_read_last_stands_and_bad_ones_change_nothing() {
        let table = RouteTable::new(vec![0]);
        let file = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _ = table.replace(|| {
                            let read = file.fetch_add(1, Ordering::SeqCst) + 1;
                            match read % 3 {
                                0 => Err(()),
                                _ => Ok(vec![read]),
                            }
                        });
                        let now = table.now()[0];
                        assert!(now % 3 != 0 || now == 0, "a refused table stands");
                    }
                });
            }
        });
        assert_eq!(
            *table.now(),
            [1_600],
            "1,600 is no multiple of three and was read last"
        );
    }

    #[test]
    fn whoever_holds_the_rows_keeps_them() {
        let table = RouteTable::new(vec!["old"]);
        let held = table.now();
        let replaced = table.replace(|| Ok::<_, ()>(vec!["new"])).expect("taken");
        assert_eq!((held[0], table.now()[0]), ("old", "new"));
        assert_eq!((replaced.old[0], replaced.new[0]), ("old", "new"));
    }
}
