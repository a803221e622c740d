//! A caller's telephone, and what the caller does with it.

use super::voice::voice;
use crate::dice::Dice;
use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, RtpPacket};
use call_model::{CallTime, Codec, HungUp, Key, PayloadMap, PromptId};
use call_session::SessionInput;
use std::sync::Arc;

/// What the telephone and the session agreed on.
pub(crate) const PAYLOADS: PayloadMap = PayloadMap {
    codec: Codec::Pcma,
    audio: 8,
    telephone_event: Some(101),
};

pub(crate) struct Phone {
    leg: AudioLeg,
    dice: Dice,
    acts_at: CallTime,
    mute_until: CallTime,
    sounds: u32,
    /// The keys that were pressed, in order.
    pub(crate) pressed: Vec<Key>,
    /// Its packets changed their source, or stopped for a while.
    pub(crate) was_broken: bool,
}

const HUMS_HZ: [f32; 5] = [300.0, 440.0, 900.0, 1_200.0, 2_300.0];

/// What a caller does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Speak,
    Press,
    Hum,
    Rustle,
    ChangeSource,
    FallSilent,
    Hold,
    Return,
    HangUp,
}

/// More often in the list is more often done.
const ACTS: [Act; 20] = [
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Speak,
    Act::Press,
    Act::Press,
    Act::Press,
    Act::Press,
    Act::Hum,
    Act::Rustle,
    Act::ChangeSource,
    Act::FallSilent,
    Act::Hold,
    Act::Return,
    Act::HangUp,
];

impl Phone {
    pub(crate) fn draw(mut dice: Dice) -> Self {
        Self {
            leg: new_leg(&mut dice),
            acts_at: CallTime::ZERO + dice.millis(200, 5_000),
            dice,
            mute_until: CallTime::ZERO,
            sounds: 0,
            pressed: Vec::new(),
            was_broken: false,
        }
    }

    /// 20 ms of the telephone: a packet, unless it sends none now, and perhaps news
    /// that travels by signalling.
    pub(crate) fn tick(
        &mut self,
        now: CallTime,
    ) -> (Option<RtpPacket>, Option<SessionInput<'static>>) {
        let mut news = None;
        if now >= self.acts_at {
            news = self.act(now);
            self.acts_at = now + self.dice.millis(300, 7_000);
        }
        self.leg.tick(now);
        let mut packet = None;
        while let Some(output) = self.leg.poll_output() {
            if let LegOutput::Packet(sent) = output {
                packet = Some(sent);
            }
        }
        (packet.filter(|_| now >= self.mute_until), news)
    }

    fn act(&mut self, now: CallTime) -> Option<SessionInput<'static>> {
        match *self.dice.one_of(&ACTS) {
            Act::Speak => {
                let pitch = 90 + self.dice.below(150);
                let millis = 150 + self.dice.below(2_500);
                let spoken = voice(pitch as f32, usize::try_from(millis).unwrap_or(0));
                self.sound(spoken);
            }
            Act::Press => self.press(),
            Act::Hum => {
                // Far from what agents, prompts and music hum at.
                let hz = self.dice.one_of(&HUMS_HZ);
                self.sound(dsp::tone(*hz, 8_000, 8_000, 6_000).into());
            }
            Act::Rustle => {
                let dice = &mut self.dice;
                let rustle = (0..8_000).map(|_| dice.below(4_000) as i16 - 2_000);
                let rustle: Vec<i16> = rustle.collect();
                self.sound(rustle.into());
            }
            Act::ChangeSource => {
                self.leg = new_leg(&mut self.dice);
                self.was_broken = true;
            }
            Act::FallSilent => {
                self.mute_until = now + self.dice.millis(500, 40_000);
                self.was_broken = true;
            }
            Act::Hold => return Some(SessionInput::CallerHeld),
            Act::Return => return Some(SessionInput::CallerReturned),
            Act::HangUp => return Some(SessionInput::HungUp(HungUp::ByCaller)),
        }
        None
    }

    fn sound(&mut self, sound: Arc<[i16]>) {
        self.sounds += 1;
        self.leg.play(PromptId(self.sounds), sound);
    }

    fn press(&mut self) {
        for _ in 0..1 + self.dice.below(5) {
            let key = Key::from_event(self.dice.below(12) as u8);
            if let Ok(key) = key
                && self.leg.send_key(key).is_ok()
            {
                self.pressed.push(key);
            }
        }
    }
}

fn new_leg(dice: &mut Dice) -> AudioLeg {
    AudioLeg::new(LegSettings {
        payloads: PAYLOADS,
        ssrc: dice.throw() as u32,
        first_sequence: dice.throw() as u16,
        first_timestamp: dice.throw() as u32,
        jitter: JitterSettings::default(),
    })
}
