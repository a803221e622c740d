//! A media shard: one plain thread that owns many calls, wakes on an absolute
//! 20 ms wheel, on packets and on news, and sends what is due in one pass.

use super::agent_side::NewAgent;
use super::call::{LiveCall, Sending, Workers};
use super::news::{CallNews, NewCall};
use super::request::{Outbox, Request};
use super::telemetry::{CALLS_ACTIVE, TICK_LATE_SECONDS};
use call_model::{CallId, FRAME_TIME, HungUp};
use mio::{Events, Interest, Poll, Token, Waker};
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// News and orders that may wait for a shard.
const ORDERS_MAX: usize = 8_192;
/// Orders taken between two looks at the sockets.
const ORDERS_A_PASS: usize = 512;
/// Ticks made up for at most after the thread stood still; what is beyond is skipped by the wheel.
const TICKS_MADE_UP: u128 = 50;
const WAKER: Token = Token(usize::MAX);

/// Whose socket it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Caller,
    Agent,
}

/// The sockets of the call at a place are named by two tokens.
fn token_of(place: usize, side: Side) -> Token {
    Token(place * 2 + usize::from(side == Side::Agent))
}

fn side_of(token: Token) -> Option<(usize, Side)> {
    if token == WAKER {
        return None;
    }
    let side = match token.0 % 2 {
        0 => Side::Caller,
        _ => Side::Agent,
    };
    Some((token.0 / 2, side))
}

/// What a shard is told.
pub enum ShardOrder {
    /// Take this call.
    Open(Box<NewCall>),
    /// News for one call; dropped when the call is over.
    Tell(CallId, CallNews),
    /// An agent's phone was answered for one of the calls.
    Agent(Box<NewAgent>),
    /// Every call says goodbye.
    Drain,
    /// End the thread; calls still here are sealed as drained.
    Stop,
}

/// The way to one shard.
#[derive(Clone)]
pub struct ShardHandle {
    orders: SyncSender<ShardOrder>,
    waker: Arc<Waker>,
    active: Arc<AtomicUsize>,
    is_alive: Arc<AtomicBool>,
}

impl ShardHandle {
    /// Gives an order; false when the shard is gone. Waits while its mailbox is
    /// full, so it is for control and worker threads, never for a shard's own.
    pub fn send(&self, order: ShardOrder) -> bool {
        let opens = matches!(order, ShardOrder::Open(_));
        if self.orders.send(order).is_err() {
            tracing::error!("a media shard is gone");
            return false;
        }
        if opens {
            self.active.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "a media shard cannot be woken");
        }
        true
    }

    /// Whether its thread still runs.
    pub fn is_alive(&self) -> bool {
        self.is_alive.load(Ordering::Relaxed)
    }

    /// Calls it owns.
    pub fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }
}

/// Starts one shard; its thread ends after [`ShardOrder::Stop`].
pub fn start(
    number: usize,
    workers: Arc<Workers>,
    outbox: Outbox,
) -> io::Result<(ShardHandle, JoinHandle<()>)> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    let (orders, inbox) = sync_channel(ORDERS_MAX);
    let handle = ShardHandle {
        orders,
        waker,
        active: Arc::default(),
        is_alive: Arc::new(AtomicBool::new(true)),
    };
    let mut shard = Shard {
        poll,
        inbox,
        handle: handle.clone(),
        workers,
        outbox,
        calls: Vec::new(),
        places: HashMap::new(),
        is_stopping: false,
    };
    let thread = std::thread::Builder::new()
        .name(format!("media-{number}"))
        .spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| shard.run()));
            shard.handle.is_alive.store(false, Ordering::Relaxed);
            if outcome.is_err() {
                tracing::error!("a media shard panicked; its calls are lost");
            }
        })?;
    Ok((handle, thread))
}

struct Shard {
    poll: Poll,
    inbox: Receiver<ShardOrder>,
    handle: ShardHandle,
    workers: Arc<Workers>,
    outbox: Outbox,
    calls: Vec<Option<LiveCall>>,
    places: HashMap<CallId, usize>,
    is_stopping: bool,
}

impl Shard {
    fn run(&mut self) {
        let mut events = Events::with_capacity(1_024);
        let mut next_tick = Instant::now() + FRAME_TIME;
        while !self.is_stopping {
            let wait = next_tick.saturating_duration_since(Instant::now());
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    tracing::error!(%error, "a media shard cannot wait for its sockets");
                    // Otherwise it would spin and write the log full; calls are served by the ticks.
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => {}
            }
            for event in &events {
                match side_of(event.token()) {
                    None => {}
                    Some((place, Side::Caller)) => self.with_call(place, LiveCall::read_packets),
                    Some((place, Side::Agent)) => {
                        self.with_call(place, LiveCall::read_agents_packets);
                    }
                }
            }
            self.take_orders();
            next_tick = self.tick_until_now(next_tick);
        }
        for place in 0..self.calls.len() {
            self.with_call(place, LiveCall::drained);
        }
        self.outbox.flush();
    }

    /// Runs every tick that is due and tells when the next one is.
    fn tick_until_now(&mut self, mut due: Instant) -> Instant {
        let now = Instant::now();
        if now < due {
            return due;
        }
        metrics::histogram!(TICK_LATE_SECONDS).record(now - due);
        let mut owed = (now - due).as_micros() / FRAME_TIME.as_micros() + 1;
        if owed > TICKS_MADE_UP {
            tracing::warn!(
                ticks = owed as u64,
                "the media thread stood still; sound was lost"
            );
        }
        while due <= now {
            due += FRAME_TIME;
            owed -= 1;
            // Of ticks that are made up only the last sends: nobody is served by a burst.
            let sending = if owed == 0 {
                Sending::Now
            } else {
                Sending::TooLate
            };
            if owed < TICKS_MADE_UP {
                for place in 0..self.calls.len() {
                    self.with_call(place, |live, outbox| live.tick(sending, outbox));
                }
            }
        }
        self.outbox.flush();
        due
    }

    fn take_orders(&mut self) {
        for _ in 0..ORDERS_A_PASS {
            match self.inbox.try_recv() {
                Ok(ShardOrder::Open(call)) => self.open(*call),
                Ok(ShardOrder::Tell(call, news)) => {
                    if let Some(&place) = self.places.get(&call) {
                        self.with_call(place, |live, outbox| live.hear(news, outbox));
                    }
                }
                Ok(ShardOrder::Agent(agent)) => self.open_agent(*agent),
                Ok(ShardOrder::Drain) => {
                    for place in 0..self.calls.len() {
                        self.with_call(place, LiveCall::drain);
                    }
                }
                Ok(ShardOrder::Stop) | Err(TryRecvError::Disconnected) => {
                    self.is_stopping = true;
                    return;
                }
                Err(TryRecvError::Empty) => return,
            }
        }
        // More may wait: look again at once, after the sockets had their turn.
        if let Err(error) = self.handle.waker.wake() {
            tracing::error!(%error, "a media shard cannot be woken");
        }
    }

    fn open(&mut self, call: NewCall) {
        let place = self
            .calls
            .iter()
            .position(Option::is_none)
            .unwrap_or_else(|| {
                self.calls.push(None);
                self.calls.len() - 1
            });
        let (id, leg) = (call.session.header.call, call.leg);
        let (workers, handle) = (Arc::clone(&self.workers), self.handle.clone());
        let made = catch_unwind(AssertUnwindSafe(|| LiveCall::new(call, workers, handle)));
        let Ok(mut live) = made else {
            tracing::error!(call = %id, "a panic while a call was opened; it is given up");
            self.handle.active.fetch_sub(1, Ordering::Relaxed);
            return self.outbox.push(Request::Closed(leg, id, HungUp::Fault));
        };
        let registry = self.poll.registry();
        let token = token_of(place, Side::Caller);
        if let Err(error) = registry.register(live.socket(), token, Interest::READABLE) {
            tracing::error!(%error, "a call's socket cannot be watched");
            live.fail("its socket cannot be watched", &mut self.outbox);
        }
        metrics::gauge!(CALLS_ACTIVE).increment(1.0);
        self.places.insert(id, place);
        self.calls[place] = Some(live);
        self.with_call(place, LiveCall::begin);
    }

    /// A call that is over meanwhile, or whose socket cannot be watched, has no use for the agent.
    fn open_agent(&mut self, mut agent: NewAgent) {
        let place = self.places.get(&agent.call).copied();
        let watched = place.is_some_and(|place| {
            let token = token_of(place, Side::Agent);
            let registry = self.poll.registry();
            let watched = registry.register(&mut agent.socket, token, Interest::READABLE);
            if let Err(error) = &watched {
                tracing::error!(%error, "an agent's socket cannot be watched");
            }
            watched.is_ok()
        });
        match place.filter(|_| watched) {
            Some(place) => {
                self.with_call(place, |live, outbox| live.agent_answered(agent, outbox));
            }
            None => self.outbox.push(Request::HangUpAgent(agent.leg)),
        }
    }

    /// Does something with a call, and lets go of it when it is over.
    fn with_call(&mut self, place: usize, act: impl FnOnce(&mut LiveCall, &mut Outbox)) {
        let Some(Some(live)) = self.calls.get_mut(place) else {
            return;
        };
        // A panic ends the bot's part of this call alone.
        let outbox = &mut self.outbox;
        if catch_unwind(AssertUnwindSafe(|| act(live, outbox))).is_err() {
            live.break_off(&mut self.outbox);
        }
        if !live.is_over() {
            return;
        }
        if let Some(mut over) = self.calls[place].take() {
            if let Err(error) = self.poll.registry().deregister(over.socket()) {
                tracing::warn!(%error, "a socket was not being watched");
            }
            self.places.remove(&over.id());
            self.handle.active.fetch_sub(1, Ordering::Relaxed);
            metrics::gauge!(CALLS_ACTIVE).decrement(1.0);
        }
    }
}
