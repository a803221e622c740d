//! The machines that hear, and the connections to them that wait for the next turn.

use super::dialect::Refusal;
use crate::SpeechError;
use call_model::Private;
use outside_line::{Address, AddressError, GreetingError, Socket, connect};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// A message of a service is no larger.
const MESSAGE_MAX: usize = 256 * 1_024;
/// A machine that cannot be reached, or says nothing, is left alone for so long: turns do not wait
/// for it one after another.
const REST: Duration = Duration::from_secs(5);
/// One that refuses a turn is left alone for so long.
const SHORT_REST: Duration = Duration::from_millis(500);
/// A connection waits for its next turn no longer than this.
const IDLE_MAX: Duration = Duration::from_secs(15);
/// So many connections wait.
const IDLE_COUNT: usize = 256;

/// The machines, in a circle.
pub(super) struct Roster {
    machines: Vec<Machine>,
    next: AtomicUsize,
    idle: Mutex<Vec<Line>>,
}

struct Machine {
    address: Address,
    rests_until: Mutex<Option<Instant>>,
    /// It does not know the subprotocol that was named.
    is_plain: AtomicBool,
}

/// A connection to one of them.
pub(super) struct Line {
    machine: usize,
    pub(super) socket: Socket,
    /// It has served a turn before, and may have died while it waited.
    pub(super) is_used: bool,
    since: Instant,
}

impl Roster {
    pub(super) fn new(
        urls: &[String],
        token: Option<&Private<String>>,
    ) -> Result<Self, SpeechError> {
        let machine = |url: &String| {
            let address = Address::new(url, ["ws", "wss"], "ws:// or wss://", token);
            address.map(|address| Machine {
                address,
                rests_until: Mutex::default(),
                is_plain: AtomicBool::new(false),
            })
        };
        let machines: Result<Vec<_>, AddressError> = urls.iter().map(machine).collect();
        let machines = machines.map_err(|error| SpeechError::Remote(error.to_string()))?;
        if machines.is_empty() {
            return Err(SpeechError::Remote("no address is given".to_owned()));
        }
        Ok(Self {
            machines,
            next: AtomicUsize::new(0),
            idle: Mutex::default(),
        })
    }

    /// How many machines there are.
    pub(super) fn len(&self) -> usize {
        self.machines.len()
    }

    /// A connection to the next machine that does not rest, within so long.
    pub(super) async fn line(
        &self,
        subprotocol: Option<&'static str>,
        longest: Duration,
    ) -> Result<Line, Refusal> {
        let machine = self.next_machine();
        let machine =
            machine.ok_or_else(|| Refusal::new("no machine could be reached just now"))?;
        if let Some(line) = self.idle_line(machine) {
            return Ok(line);
        }
        let it = &self.machines[machine];
        let named = subprotocol.filter(|_| !it.is_plain.load(Ordering::Relaxed));
        let greeting = async {
            match connect(&it.address, named, MESSAGE_MAX).await {
                Err(GreetingError::Subprotocol) if named.is_some() => {
                    it.is_plain.store(true, Ordering::Relaxed);
                    connect(&it.address, None, MESSAGE_MAX).await
                }
                greeted => greeted,
            }
        };
        let greeted = timeout(longest, greeting).await.unwrap_or_else(|_| {
            let late = "no connection was made in time".to_owned();
            Err(GreetingError::Unreachable(late))
        });
        match greeted {
            Ok(socket) => Ok(Line {
                machine,
                socket,
                is_used: false,
                since: Instant::now(),
            }),
            Err(error) => {
                self.rest(machine, REST);
                Err(Refusal::new(error.to_string()))
            }
        }
    }

    /// The line's machine said nothing: others are asked for a while.
    pub(super) fn was_silent(&self, line: &Line) {
        self.rest(line.machine, REST);
    }

    /// The line's machine does not take this turn.
    pub(super) fn refused(&self, line: &Line) {
        self.rest(line.machine, SHORT_REST);
    }

    /// The connection waits for another turn.
    pub(super) fn keep(&self, line: Line) {
        let mut idle = self.idle();
        idle.retain(|line| line.since.elapsed() < IDLE_MAX);
        if idle.len() < IDLE_COUNT {
            idle.push(Line {
                is_used: true,
                since: Instant::now(),
                ..line
            });
        }
    }

    fn next_machine(&self) -> Option<usize> {
        let count = self.machines.len();
        let now = Instant::now();
        (0..count).find_map(|_| {
            let machine = self.next.fetch_add(1, Ordering::Relaxed) % count;
            let rests = lock(&self.machines[machine].rests_until);
            rests.is_none_or(|until| until <= now).then_some(machine)
        })
    }

    fn idle_line(&self, machine: usize) -> Option<Line> {
        let mut idle = self.idle();
        idle.retain(|line| line.since.elapsed() < IDLE_MAX);
        let at = idle.iter().rposition(|line| line.machine == machine)?;
        Some(idle.swap_remove(at))
    }

    fn rest(&self, machine: usize, for_so_long: Duration) {
        *lock(&self.machines[machine].rests_until) = Some(Instant::now() + for_so_long);
        self.idle().retain(|line| line.machine != machine);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Line>> {
        lock(&self.idle)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
