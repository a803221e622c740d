//! The rules between caller and agent, held against what a session sends and records.

use super::agents::AGENT_HZ;
use super::order::PacketOrder;
use super::rules::SessionRule;
use call_audio::{RtpHeader, RtpPacket, codec};
use call_model::{FRAME_SAMPLES, Key, PayloadMap};
use call_session::SessionInput;
use dsp::Goertzel;
use dsp::level::rms;

/// What is quieter says nothing about who is heard.
const LOUD: f32 = 400.0;
/// Two frames so alike are the same sound.
const ALIKE: f64 = 0.95;

/// The ticks in which one who was just joined fades in.
const FADED_IN: u32 = 2;
/// A frame with so much of a hum is the hummer's, even where the jitter buffer has just
/// cut and cross-faded it.
const MARKED: f32 = 0.1;

type Frame = [i16; FRAME_SAMPLES];
/// A rule that was broken, and how.
pub(crate) type Finding = (SessionRule, String);

/// What was seen of the agents' legs.
#[derive(Default)]
pub(crate) struct BridgeChecks {
    leg: Option<Leg>,
    /// The agent hums, and nothing keeps the hum from the caller.
    pub(crate) is_agent_steady: bool,
    /// Times the two were joined.
    pub(crate) bridges: u64,
}

/// An agent's open leg.
struct Leg {
    payloads: PayloadMap,
    order: PacketOrder,
    packet: Option<RtpPacket>,
    is_joined: bool,
    is_held: bool,
    /// Ticks in a row in which sound went both ways.
    ticks_through: u32,
}

impl BridgeChecks {
    /// What the session is told of its agent.
    pub(crate) fn told(&mut self, input: &SessionInput<'_>) {
        match input {
            SessionInput::AgentAnswered { payloads } => self.leg = Some(Leg::new(*payloads)),
            SessionInput::AgentGone => self.leg = None,
            SessionInput::AgentHeld => self.hold(true),
            SessionInput::AgentReturned => self.hold(false),
            SessionInput::AgentPayloads(_)
            | SessionInput::AgentPacket(_)
            | SessionInput::WhisperReady { .. }
            | SessionInput::Music(_)
            | SessionInput::Acked
            | SessionInput::Packet(_)
            | SessionInput::Tick
            | SessionInput::Woken
            | SessionInput::Heard(_)
            | SessionInput::PromptReady { .. }
            | SessionInput::EarLost
            | SessionInput::EarRestored
            | SessionInput::Person(_)
            | SessionInput::Api { .. }
            | SessionInput::Intent { .. }
            | SessionInput::Emotion(_)
            | SessionInput::InfoKey(_)
            | SessionInput::CallerHeld
            | SessionInput::CallerReturned
            | SessionInput::Payloads(_)
            | SessionInput::Draining
            | SessionInput::Failed { .. }
            | SessionInput::HungUp(_) => {}
        }
    }

    fn hold(&mut self, is_held: bool) {
        if let Some(leg) = &mut self.leg {
            leg.is_held = is_held;
            leg.ticks_through = 0;
        }
    }

    pub(crate) const fn is_joined(&self) -> bool {
        matches!(&self.leg, Some(leg) if leg.is_joined)
    }

    pub(crate) fn joined(&mut self) -> Option<Finding> {
        self.bridges += 1;
        match &mut self.leg {
            Some(leg) if !leg.is_joined => {
                leg.is_joined = true;
                None
            }
            Some(_) => Some((SessionRule::AgentLegEndsOnce, "joined twice".to_owned())),
            None => Some((SessionRule::AgentLegEndsOnce, "joined to nobody".to_owned())),
        }
    }

    pub(crate) fn hung_up(&mut self) -> Option<Finding> {
        let what = || "hung up on nobody".to_owned();
        match self.leg.take() {
            Some(_) => None,
            None => Some((SessionRule::AgentLegEndsOnce, what())),
        }
    }

    /// The call is over; no leg may be open.
    pub(crate) fn over(&mut self) -> Option<Finding> {
        let what = || "a leg is open after the end".to_owned();
        let open = self.leg.take();
        open.map(|_| (SessionRule::AgentLegEndsOnce, what()))
    }

    pub(crate) fn packet(&mut self, packet: &RtpPacket) -> Option<Finding> {
        let Some(leg) = &mut self.leg else {
            let what = "a packet for nobody".to_owned();
            return Some((SessionRule::NothingToAClosedLeg, what));
        };
        leg.packet = Some(*packet);
        let broken = leg.order.broken_by(packet, leg.payloads);
        broken.map(|what| (SessionRule::PacketsAreInOrder, what))
    }

    /// The two sides of the tick in which the agent's last packet went out.
    pub(crate) fn record(
        &mut self,
        caller: &Frame,
        sent: Option<&RtpPacket>,
        bot: &Frame,
    ) -> Vec<Finding> {
        let is_key = sent.is_some_and(|packet| packet.as_bytes().len() < FRAME_SAMPLES);
        let should_hum = self.is_agent_steady && !is_key;
        let Some(leg) = &mut self.leg else {
            return vec![];
        };
        let Some(packet) = leg.packet.take() else {
            return vec![];
        };
        let heard = leg.sound(&packet);
        if !leg.is_joined || leg.is_held {
            leg.ticks_through = 0;
            return overheard(caller, heard).into_iter().collect();
        }
        // After a key the sound fades in anew.
        leg.ticks_through = heard.map_or(0, |_| leg.ticks_through + 1);
        if leg.ticks_through <= FADED_IN {
            return vec![];
        }
        let coded = leg.coded(caller);
        let misheard = heard.filter(|heard| *heard != coded).map(|_| {
            let what = "the agent hears another sound than the caller's".to_owned();
            (SessionRule::EachHearsTheOther, what)
        });
        let echoed = are_alike(caller, bot).then(|| {
            let what = "the caller hears himself".to_owned();
            (SessionRule::NobodyHearsThemselves, what)
        });
        let unheard = should_hum.then(|| unheard(bot)).flatten();
        [misheard, echoed, unheard].into_iter().flatten().collect()
    }
}

/// Before the bridge and while the agent holds the caller, neither is to hear the other.
fn overheard(caller: &Frame, heard: Option<Frame>) -> Option<Finding> {
    let heard = heard.filter(|heard| are_alike(caller, heard));
    heard.map(|_| {
        let what = "the agent hears a caller who is not theirs".to_owned();
        (SessionRule::EachHearsTheOther, what)
    })
}

/// The caller is to hear the agent's hum.
fn unheard(bot: &Frame) -> Option<Finding> {
    let share = Goertzel::new(AGENT_HZ, 8_000).share(bot);
    (share < MARKED).then(|| {
        let what = format!("the caller hears {share:.2} of the agent");
        (SessionRule::EachHearsTheOther, what)
    })
}

impl Leg {
    fn new(payloads: PayloadMap) -> Self {
        Self {
            payloads,
            order: PacketOrder::default(),
            packet: None,
            is_joined: false,
            is_held: false,
            ticks_through: 0,
        }
    }

    /// What a packet sounds like; none: it is a key.
    fn sound(&self, packet: &RtpPacket) -> Option<Frame> {
        let (header, payload) = RtpHeader::parse(packet.as_bytes()).ok()?;
        let mut sound = [0; FRAME_SAMPLES];
        codec::decode(self.payloads.codec, payload, &mut sound);
        (header.payload_type == self.payloads.audio).then_some(sound)
    }

    /// A sound as it is after this leg's codec.
    fn coded(&self, sound: &Frame) -> Frame {
        let codec = self.payloads.codec;
        sound.map(|s| codec::decode_sample(codec, codec::encode_sample(codec, s)))
    }
}

/// Loud, and the same but for its level.
fn are_alike(one: &Frame, other: &Frame) -> bool {
    if rms(one) < LOUD || rms(other) < LOUD {
        return false;
    }
    let product = |a: &Frame, b: &Frame| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    let both = product(one, other).abs();
    both > ALIKE * (product(one, one) * product(other, other)).sqrt()
}

/// Whether these keys were pressed in this order, some of them perhaps in between.
pub(crate) fn is_part_of(heard: &[Key], pressed: &[Key]) -> bool {
    let mut pressed = pressed.iter();
    heard.iter().all(|key| pressed.any(|other| other == key))
}
