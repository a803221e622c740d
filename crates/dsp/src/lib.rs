//! Signals of the telephone band: G.711, levels, tones, fades and changes of
//! sample rate.
//!
//! Everything here works on linear samples of 16 bits and knows nothing of
//! calls. The streaming parts ([`Gain`], [`Doubler`], [`Halver`], [`Interpolator`],
//! [`Decimator`]) allocate nothing once they are made; the offline ones ([`tone`], [`resample`]) return a vector.

pub mod fade;
pub mod g711;
mod gain;
mod goertzel;
mod halfband;
pub mod level;
#[cfg(feature = "opus")]
mod opus;
mod polyphase;
mod resample;
mod tone;

pub use gain::Gain;
pub use goertzel::Goertzel;
pub use halfband::{Doubler, Halver};
#[cfg(feature = "opus")]
pub use opus::{OPUS_FRAME, OpusLeg};
pub use polyphase::{Decimator, Interpolator};
pub use resample::resample;
pub use tone::tone;

/// The sample nearest to `value`; what is too loud is clipped, not a number is silence.
fn to_sample(value: f32) -> i16 {
    value.round() as i16
}
