//! Where callers and people meet: the waiting rooms, and the agents' phones.
//!
//! The waiting room is pure and decides who rings when; this gives it the time, dials
//! what it wants dialled, and brings back what became of it.

use super::agent_side::NewAgent;
use super::control::Control;
use super::news::CallNews;
use super::phones::{Dialled, Phone, Phones};
use super::shard::ShardOrder;
use crate::config::Config;
use crate::routes::Schedule;
use call_engine::waiting_room::{
    RoomInput, RoomOutput, RoomSettings, RoomTime, Waiter, WaitingRoom,
};
use call_model::{CallId, Handoff, PersonFailure, PersonOutcome};
use sip_trunk::{AgreedMedia, LegEnd, LegId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often it is looked whether a queue opened or closed.
const HOURS: Duration = Duration::from_secs(5);
