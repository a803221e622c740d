//! Agent and caller: from the agent's answer to the end of the bridge.
//!
//! While the agent hears the whisper, the caller hears music, and neither hears the
//! other. From the bridge on each hears the other in the tick in which the sound left
//! the jitter buffer. What is said and keyed between people is theirs: the engine
//! hears nothing of it, nothing is recognised and nothing scored.

use crate::desk::{AgentLine, Answer, DeskDue, Stage, WHISPER};
use crate::io::SessionOutput;
use crate::session::{CallSession, leg_settings};
use crate::standing::Media;
use call_audio::{LegOutput, is_rtcp};
use call_model::{CallInput, CallTime, FRAME_SAMPLES, Key, PayloadMap, PersonOutcome, PromptEnd};
use std::sync::Arc;
use voice_activity::VoiceDetector;

impl CallSession {
    pub(crate) fn agent_answered(&mut self, now: CallTime, payloads: PayloadMap) {
        let leg = 1 + self.desk.legs_opened();
        let settings = leg_settings(self.seed, leg, payloads);
        match self.desk.answer(now, settings, &self.limits) {
            Answer::TooLate => self.outputs.push_back(SessionOutput::HangUpAgent),
            Answer::Taken => {}
            Answer::Brief(text) => self.outputs.push_back(SessionOutput::MakeWhisper { text }),
            Answer::Bridge => self.bridge(now),
        }
    }

    /// A malformed packet changes nothing but the leg's counts.
    pub(crate) fn agent_packet(&mut self, now: CallTime, packet: &[u8]) {
        let Some(line) = self.desk.line() else { return };
        if line.leg.handle_packet(now, packet).is_err() || is_rtcp(packet) {
            return;
        }
        line.heard_from(now);
        self.drain_agent(now);
    }

    /// None: it could not be made, and the agent is told nothing.
    pub(crate) fn whisper_ready(&mut self, now: CallTime, audio: Option<Arc<[i16]>>) {
        let Some(line) = self.desk.line() else { return };
        match audio {
            Some(audio) => {
                line.whisper(audio, now, &self.limits);
                self.drain_agent(now);
            }
            None => match line.stage {
                Stage::Waiting { .. } => self.bridge(now),
                Stage::Whispering { .. } | Stage::Bridged => {}
            },
        }
    }

    pub(crate) fn agent_media(&mut self, media: Media) {
        if let Some(line) = self.desk.line() {
            line.media = media;
        }
    }

    pub(crate) fn agent_payloads(&mut self, payloads: PayloadMap) {
        if let Some(line) = self.desk.line() {
            line.leg.set_payloads(payloads);
        }
    }

    /// The agent hung up. Before the bridge that is between the shell and its waiting
    /// room; after it the engine has the caller back.
    pub(crate) fn agent_gone(&mut self) {
        match self.close_agents_leg() {
            None | Some(Stage::Waiting { .. } | Stage::Whispering { .. }) => {}
            Some(Stage::Bridged) => {
                self.desk.want_nobody();
                self.tell(CallInput::Person(PersonOutcome::Left));
            }
        }
    }

    /// Ends the agent's leg from our side, if one is open.
    pub(crate) fn hang_up_agent(&mut self) {
        if self.close_agents_leg().is_some() {
            self.outputs.push_back(SessionOutput::HangUpAgent);
        }
    }

    /// Closes the agent's leg; how far the agent had come. After a bridge the caller is
    /// listened to anew.
    fn close_agents_leg(&mut self) -> Option<Stage> {
        let AgentLine { stage, .. } = self.desk.close()?;
        if stage == Stage::Bridged {
            self.voice = VoiceDetector::new(self.voice_settings);
        }
        Some(stage)
    }

    pub(crate) fn release_person(&mut self) {
        self.desk.want_nobody();
        self.hang_up_agent();
        self.outputs.push_back(SessionOutput::ReleasePerson);
    }

    pub(crate) fn serve_desk(&mut self, now: CallTime) {
        let due = self.desk.due(&self.limits);
        match due.filter(|(at, _)| *at <= now) {
            None => {}
            Some((_, DeskDue::Bridge)) => self.bridge(now),
            Some((_, DeskDue::AgentSilent)) => {
                self.outputs.push_back(SessionOutput::HangUpAgent);
                self.agent_gone();
            }
        }
    }

    /// Joins the two. What the engine is owed of before it gets first; speech under way is
    /// over for it, for its end belongs to the agent.
    pub(crate) fn bridge(&mut self, now: CallTime) {
        if self.voice.is_speaking() {
            self.tell(CallInput::SpeechEnded { since: now });
        }
        self.settle(now);
        let Some(line) = self.desk.line() else { return };
        line.stage = Stage::Bridged;
        line.leg.stop(WHISPER);
        self.drain_agent(now);
        self.ear.close(&mut self.outputs);
        self.score.drop_utterance(&mut self.outputs);
        self.outputs.push_back(SessionOutput::Connected);
        self.tell(CallInput::Person(PersonOutcome::Connected));
    }

    /// The first half of the agent's tick: their sound, if an agent is there.
    pub(crate) fn listen_to_agent(&mut self, now: CallTime) -> Option<[i16; FRAME_SAMPLES]> {
        self.desk.line()?.leg.listen(now);
        self.drain_agent(now)
    }

    /// Gives each the other's sound.
    pub(crate) fn exchange(&mut self, caller: &[i16; FRAME_SAMPLES], agent: &[i16; FRAME_SAMPLES]) {
        if let Some(line) = self.desk.line().filter(|line| line.is_through()) {
            line.leg.feed(caller);
            self.leg.feed(agent);
        }
    }

    /// The second half of the agent's tick.
    pub(crate) fn speak_to_agent(&mut self, now: CallTime) {
        if let Some(line) = self.desk.line() {
            line.leg.speak(now);
            self.drain_agent(now);
        }
    }

    /// Passes on what the agent's leg tells; the agent's sound, if a tick brought it.
    fn drain_agent(&mut self, now: CallTime) -> Option<[i16; FRAME_SAMPLES]> {
        let mut heard = None;
        while let Some(output) = self.desk.line().and_then(|line| line.leg.poll_output()) {
            match output {
                LegOutput::Frame(frame) => heard = Some(frame.samples),
                LegOutput::Packet(packet) => {
                    self.outputs.push_back(SessionOutput::AgentPacket(packet));
                }
                LegOutput::Key(key) => self.pass_to_caller(key),
                LegOutput::PromptEnded { end, .. } => match end {
                    PromptEnd::Finished | PromptEnd::Failed => self.bridge(now),
                    PromptEnd::Stopped { .. } => {}
                },
                LegOutput::PromptStarted(_) | LegOutput::Sent(_) | LegOutput::Moved(_) => {}
            }
        }
        heard
    }

    /// The caller pressed a key: the agent's, once there is a bridge.
    pub(crate) fn take_key(&mut self, key: Key) {
        match self.desk.bridged() {
            None => self.tell(CallInput::KeyPressed(key)),
            Some(line) => self.keys_not_passed += u64::from(line.leg.send_key(key).is_err()),
        }
    }

    fn pass_to_caller(&mut self, key: Key) {
        if self.desk.is_bridged() {
            self.keys_not_passed += u64::from(self.leg.send_key(key).is_err());
        }
    }
}
