//! Old systems made into plans: the plans are good, and the old keys lead where they led.

mod asterisk;
mod flatten;
mod freeswitch;
mod mutilated;
mod support;
mod told;
mod vxml;
