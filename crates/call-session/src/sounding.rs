//! The sound of a call: frames in, frames out, both recorded.

use crate::io::SessionOutput;
use crate::session::CallSession;
use call_audio::LegOutput;
use call_model::{CallInput, CallTime, FRAME_SAMPLES, PcmFrame, RecordingChoice};
use voice_activity::VoiceNews;

/// The two sides of one tick.
pub(crate) struct Tick {
    caller: [i16; FRAME_SAMPLES],
    bot: [i16; FRAME_SAMPLES],
}

impl CallSession {
    pub(crate) fn tick(&mut self, now: CallTime) {
        self.leg.tick(now);
        let Some(Tick { caller, bot }) = self.drain_leg() else {
            return;
        };
        self.standing.ticked();
        if self.standing.is_talking() && self.recording == RecordingChoice::On {
            self.outputs
                .push_back(SessionOutput::Record { caller, bot });
        }
    }

    /// Passes on what the leg tells; the two sides of the tick, if it was one.
    pub(crate) fn drain_leg(&mut self) -> Option<Tick> {
        let (mut caller, mut bot) = (None, None);
        while let Some(output) = self.leg.poll_output() {
            match output {
                LegOutput::Frame(frame) => {
                    self.take_frame(&frame);
                    caller = Some(frame.samples);
                }
                LegOutput::Key(key) => self.tell(CallInput::KeyPressed(key)),
                LegOutput::Packet(packet) => self.outputs.push_back(SessionOutput::Packet(packet)),
                LegOutput::PromptStarted(prompt) => self.tell(CallInput::PromptStarted(prompt)),
                LegOutput::PromptEnded { prompt, end } => {
                    if self.prompts.end(prompt) {
                        self.tell_end(prompt, end);
                    }
                }
                LegOutput::Sent(frame) => bot = Some(frame.samples),
            }
        }
        let (caller, bot) = (caller?, bot?);
        Some(Tick { caller, bot })
    }

    fn take_frame(&mut self, frame: &PcmFrame) {
        if !self.standing.is_talking() {
            return;
        }
        self.ear.frame(frame, &mut self.outputs);
        match self.voice.push(frame) {
            None => {}
            Some(VoiceNews::SpeechStarted { since }) => {
                self.ear.speech_started(&mut self.outputs);
                self.tell(CallInput::SpeechStarted { since });
            }
            Some(VoiceNews::SpeechEnded { since }) => {
                self.ear.speech_ended();
                self.tell(CallInput::SpeechEnded { since });
            }
        }
    }
}
