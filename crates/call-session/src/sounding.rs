//! The sound of a call: frames in, frames out, both recorded.
//!
//! The recording's right channel is what the caller hears: the bot, music (also while
//! an agent who has answered hears the whisper), then the agent.

use crate::io::SessionOutput;
use crate::session::{CallSession, HoldMusic};
use call_audio::LegOutput;
use call_model::{CallInput, CallTime, FRAME_SAMPLES, PcmFrame, RecordingChoice};
use voice_activity::{VoiceDetector, VoiceNews};

/// What the caller's leg told of one half of a tick, or of both.
#[derive(Default)]
pub(crate) struct Told {
    /// The caller's sound.
    heard: Option<[i16; FRAME_SAMPLES]>,
    /// What went to the caller.
    sent: Option<[i16; FRAME_SAMPLES]>,
}

impl CallSession {
    pub(crate) fn tick(&mut self, now: CallTime) {
        self.leg.listen(now);
        let caller = self.drain_leg().heard;
        let agent = self.listen_to_agent(now);
        if let (Some(caller), Some(agent)) = (&caller, &agent) {
            self.exchange(caller, agent);
        }
        // What follows from what was heard is in this tick's packet already.
        self.settle(now);
        self.direct_music();
        self.leg.speak(now);
        let sent = self.drain_leg().sent;
        self.speak_to_agent(now);
        if !self.standing.records(now) {
            return;
        }
        self.standing.ticked();
        if let (Some(caller), Some(bot)) = (caller, sent)
            && self.recording == RecordingChoice::On
        {
            self.outputs
                .push_back(SessionOutput::Record { caller, bot });
        }
    }

    /// The caller hears music where the engine wants it, and whenever an agent has
    /// them wait; otherwise nobody plays music to two people who talk.
    fn direct_music(&mut self) {
        let is_wanted = match self.desk.is_bridged() {
            true => self.desk.keeps_caller_waiting(),
            false => self.desk.keeps_caller_waiting() || self.music == HoldMusic::On,
        };
        match is_wanted {
            true => self.leg.start_music(),
            false => self.leg.stop_music(),
        }
    }

    /// Passes on what the leg tells.
    pub(crate) fn drain_leg(&mut self) -> Told {
        let mut told = Told::default();
        while let Some(output) = self.leg.poll_output() {
            match output {
                LegOutput::Frame(frame) => {
                    self.take_frame(&frame);
                    told.heard = Some(frame.samples);
                }
                LegOutput::Moved(samples) => self.echo.moved(samples),
                LegOutput::Key(key) => self.take_key(key),
                LegOutput::Packet(packet) => self.outputs.push_back(SessionOutput::Packet(packet)),
                LegOutput::PromptStarted(prompt) => self.tell(CallInput::PromptStarted(prompt)),
                LegOutput::PromptEnded { prompt, end } => {
                    if self.prompts.end(prompt) {
                        self.tell_end(prompt, end);
                    }
                }
                LegOutput::Sent(frame) => {
                    self.echo.sent(&frame.samples);
                    told.sent = Some(frame.samples);
                }
            }
        }
        told
    }

    fn take_frame(&mut self, frame: &PcmFrame) {
        if !self.standing.is_talking() || self.desk.is_bridged() {
            return;
        }
        let frame = &self.echo.clean(frame);
        if self.echo.take_found() && self.voice.is_speaking() {
            self.unhear(frame.at);
        }
        self.ear.frame(frame, &mut self.outputs);
        match self.is_with_person() {
            true => self.score.pass_over(frame, &mut self.outputs),
            false => self.score.frame(frame, &mut self.outputs),
        }
        match self.voice.push(frame) {
            None => {}
            Some(VoiceNews::SpeechStarted { since }) => {
                self.ear.speech_started(&mut self.outputs);
                self.score_speech();
                self.tell(CallInput::SpeechStarted { since });
            }
            Some(VoiceNews::SpeechEnded { since }) => {
                self.ear.speech_ended();
                self.score.speech_ended();
                self.tell(CallInput::SpeechEnded { since });
            }
        }
    }

    /// What was taken for the caller's speech was the bot's own.
    fn unhear(&mut self, now: CallTime) {
        self.voice = VoiceDetector::new(self.voice_settings);
        self.ear.forget_speech(&mut self.outputs);
        self.score.drop_utterance(&mut self.outputs);
        self.tell(CallInput::SpeechEnded { since: now });
    }

    fn score_speech(&mut self) {
        if !self.is_with_person() {
            let language = self.call.language();
            self.score
                .speech_started(language, self.ear.recent(), &mut self.outputs);
        }
    }
}
