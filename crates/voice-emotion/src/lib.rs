//! How angry a voice sounds, and why.

pub mod analysis;
pub mod formants;
pub mod pitch;
pub mod spectrum;
pub mod tilt;
