//! A scenario acted out by everybody in it: callers place their calls, phones take theirs.

use super::phone_line::{PhoneCall, PhoneLine};
use super::{CallRecord, Dial, Director, Ending, Wish, place_since};
use crate::rtp::{Ear, Mouth, TICK};
use crate::scenario::{OnAir, PhoneOrder, Role, Run, Verdict};
use crate::sip::PhoneEvent;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, LocalSet, spawn_local};

/// After everybody has left a phone may ring on for so long.
const RINGS_ON: Duration = Duration::from_secs(1);
/// How long a scenario may last in all.
const LONGEST: Duration = Duration::from_secs(900);
/// The seeds of two parties' calls lie so far apart.
const SEEDS_APART: u64 = 1 << 20;

/// Who is told of each step as it is settled.
pub type Cast<'a> = &'a mut dyn FnMut(&Verdict);

/// What is left of a scenario.
#[derive(Debug)]
pub struct Acted {
    /// Its steps and what became of them.
    pub run: Run,
    /// Every caller's call, in the order in which they were placed, with its party.
    pub calls: Vec<(usize, CallRecord)>,
    /// Every call that a phone answered, with its party.
    pub answered: Vec<(usize, PhoneCall)>,
}

/// Acts a scenario out to its end. Every caller calls as `dial` says, from its own number.
///
/// # Errors
/// Only where this machine's sockets fail, such as a phone's port that is taken.
pub async fn act(dial: &Dial, run: Run, told: Cast<'_>) -> io::Result<Acted> {
    LocalSet::new()
        .run_until(act_locally(dial, run, told))
        .await
}

/// A party's place in a scenario that is being acted.
#[derive(Clone)]
pub struct Seat {
    run: Rc<RefCell<Run>>,
    who: usize,
    is_idle: Rc<Cell<bool>>,
    is_closed: Rc<Cell<bool>>,
}

impl Seat {
    fn of(run: &Rc<RefCell<Run>>, who: usize) -> Self {
        Self {
            run: Rc::clone(run),
            who,
            is_idle: Rc::new(Cell::new(true)),
            is_closed: Rc::new(Cell::new(false)),
        }
    }

    pub fn set_idle(&self, is_idle: bool) {
        self.is_idle.set(is_idle);
    }

    /// Whether the phone is put away.
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    pub fn is_over(&self) -> bool {
        self.run.borrow().is_over()
    }

    pub fn tick_phone(&self, now: Duration, air: Option<OnAir<'_>>) {
        self.run.borrow_mut().tick_phone(self.who, now, air);
    }

    pub fn take_order(&self) -> Option<PhoneOrder> {
        self.run.borrow_mut().take_order(self.who)
    }

    pub fn phone_news(&self, now: Duration, event: &PhoneEvent) {
        self.run.borrow_mut().phone_news(self.who, now, event);
    }
}

impl Director for Seat {
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        self.run.borrow_mut().tick_caller(self.who, now, ear, mouth)
    }

    fn ended(&mut self, now: Duration, _ear: &Ear, ending: &Ending) {
        self.run.borrow_mut().caller_ended(self.who, now, ending);
    }
}

type Calling = JoinHandle<io::Result<(usize, CallRecord)>>;
type Attending = JoinHandle<io::Result<Vec<PhoneCall>>>;

async fn act_locally(dial: &Dial, run: Run, told: Cast<'_>) -> io::Result<Acted> {
    let epoch = Instant::now();
    let run = Rc::new(RefCell::new(run));
    let phones = open_phones(dial, &run, epoch).await?;
    let mut calling: Vec<Calling> = Vec::new();
    let mut narrated = 0;
    loop {
        tokio::time::sleep(TICK / 2).await;
        let now = epoch.elapsed();
        run.borrow_mut().tick_off_air(now);
        if let Some(who) = run.borrow_mut().take_due_caller() {
            calling.push(spawn_local(call(dial.clone(), Seat::of(&run, who), epoch)));
        }
        narrate(&run, &mut narrated, told);
        let is_over = run.borrow().is_over();
        if (is_over && calling.iter().all(JoinHandle::is_finished)) || now > LONGEST {
            break;
        }
    }
    let mut calls = Vec::new();
    for each in calling {
        each.abort();
        if let Ok(record) = each.await {
            calls.push(record?);
        }
    }
    await_silence(&phones, epoch).await;
    run.borrow_mut().close(epoch.elapsed());
    narrate(&run, &mut narrated, told);
    let mut answered = Vec::new();
    for (seat, attending) in phones {
        seat.is_closed.set(true);
        let calls = attending.await.map_err(io::Error::other)??;
        answered.extend(calls.into_iter().map(|call| (seat.who, call)));
    }
    let run = Rc::into_inner(run).ok_or_else(|| io::Error::other("a call is still under way"))?;
    Ok(Acted {
        run: run.into_inner(),
        calls,
        answered,
    })
}

async fn open_phones(
    dial: &Dial,
    run: &Rc<RefCell<Run>>,
    epoch: Instant,
) -> io::Result<Vec<(Seat, Attending)>> {
    let parties = run.borrow().scenario().parties.clone();
    let mut phones = Vec::new();
    for (who, party) in parties.iter().enumerate() {
        if let Role::Agent { address, manner } = party.role {
            let seed = dial.seed.wrapping_add(who as u64 * SEEDS_APART);
            let line =
                PhoneLine::open(address, manner, &party.name, dial.allow_remote, seed, epoch)
                    .await?;
            let seat = Seat::of(run, who);
            phones.push((seat.clone(), spawn_local(line.run(seat))));
        }
    }
    Ok(phones)
}

async fn call(mut dial: Dial, mut seat: Seat, epoch: Instant) -> io::Result<(usize, CallRecord)> {
    let who = seat.who;
    dial.seed = dial.seed.wrapping_add(who as u64 * SEEDS_APART);
    seat.run.borrow().number(who).clone_into(&mut dial.from);
    if let Some(to) = &seat.run.borrow().scenario().to {
        dial.callee.user.clone_from(to);
    }
    let record = place_since(&dial, epoch, &mut seat).await?;
    if record.answered_after.is_none() {
        // Nobody ticked this call, so nobody was told of its end either.
        let mut run = seat.run.borrow_mut();
        run.caller_ended(who, epoch.elapsed(), &record.ending);
    }
    Ok((who, record))
}

/// Gives the phones a moment to fall silent.
async fn await_silence(phones: &[(Seat, Attending)], epoch: Instant) {
    let until = epoch.elapsed() + RINGS_ON;
    while epoch.elapsed() < until && !phones.iter().all(|(seat, _)| seat.is_idle.get()) {
        tokio::time::sleep(TICK).await;
    }
}

fn narrate(run: &Rc<RefCell<Run>>, narrated: &mut usize, told: Cast<'_>) {
    let run = run.borrow();
    let verdicts = run.verdicts();
    for verdict in &verdicts[*narrated..] {
        told(verdict);
    }
    *narrated = verdicts.len();
}
