//! What a line of a scenario asks for.

use crate::rtp::Key;
use crate::sip::{Decline, Manner};
use std::time::Duration;

/// What a step does or expects.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// `expect prompt greeting or menu within 5s`: one of these begins by then.
    ExpectPrompt {
        /// The names, of which one must be heard.
        names: Vec<String>,
        /// Counted from the end of what the party did last, or from the step's beginning.
        within: Duration,
    },
    /// `expect speech within 2s`: something begins to sound by then.
    ExpectSpeech {
        /// Counted like a prompt's.
        within: Duration,
    },
    /// `expect answer within 4s`: speech begins by then that is none of the known prompts.
    ExpectAnswer {
        /// Counted like a prompt's.
        within: Duration,
    },
    /// `wait for quiet 300ms within 20s`: what sounds has ended.
    WaitForQuiet {
        /// So long it must have been quiet.
        quiet: Duration,
        /// The longest wait.
        within: Duration,
    },
    /// `wait 2s`.
    Wait(Duration),
    /// `say order-status`, `say yes after 1.5s of prompt`, `say zh:我 zh:要 zh:人工`.
    Say {
        /// The clips' names, spoken as one.
        clips: Vec<String>,
        /// Only once the prompt has sounded for so long.
        after: Option<Duration>,
    },
    /// `key 4712#`.
    Key {
        /// The keys in order.
        keys: Vec<Key>,
        /// Only once the prompt has sounded for so long.
        after: Option<Duration>,
    },
    /// `expect ducking within 400ms`: the prompt spoken over falls by 12 dB, counted from the
    /// caller's onset.
    ExpectDucking {
        /// From the caller's onset.
        within: Duration,
    },
    /// `expect stop within 1s`: the prompt spoken over stops, counted from the caller's onset.
    ExpectStop {
        /// From the caller's onset.
        within: Duration,
    },
    /// `expect prompt goes on for 2s`: the prompt spoken over is back at its level within a second
    /// of the caller's end and plays on for so long, or to its own end.
    ExpectGoesOn {
        /// So long it must go on.
        lasting: Duration,
    },
    /// `expect music within 3s`: hold music sounds.
    ExpectMusic {
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `expect voice of agent within 3s`: what the other said last is heard.
    ExpectVoiceOf {
        /// Whose voice: a place among the parties.
        whom: usize,
        /// Counted from the end of what the other said.
        within: Duration,
    },
    /// `expect whisper within 2s`, of an agent: speech before the bridge, four seconds at most.
    ExpectWhisper {
        /// Counted from the phone's answer.
        within: Duration,
    },
    /// `expect no whisper`, of a caller: nothing was heard of what an agent was told alone.
    ExpectNoWhisper,
    /// `expect no silence above 4s`: since the party's last own sound there was never so long
    /// nothing.
    ExpectNoSilence {
        /// The longest silence that is borne.
        above: Duration,
    },
    /// `expect done within 60s`: so long the call has lasted at most, from the answer on.
    ExpectDone {
        /// The longest that is borne.
        within: Duration,
    },
    /// `expect served before other within 20s`: an agent answers this caller, and not the other
    /// one first.
    ExpectServedBefore {
        /// The other caller: a place among the parties.
        whom: usize,
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `expect bye within 10s`: the other side hangs up.
    ExpectBye {
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `hang up`.
    HangUp,
    /// `call`: a caller's call is placed and answered; a caller's first line does so by itself.
    Call,
    /// `expect ring within 4s`, of an agent: a call comes.
    ExpectRing {
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `expect no ring for 5s`, of an agent.
    ExpectNoRing {
        /// So long none may come.
        lasting: Duration,
    },
    /// `expect display "complaint" or "投诉"`: the ringing call's display name holds one of these.
    ExpectDisplay(Vec<String>),
    /// `expect header X-Bellhop-Reason "demand"`: a header of the ringing call holds one of these.
    ExpectHeader {
        /// The header's name.
        name: String,
        /// Of which its value holds one.
        texts: Vec<String>,
    },
    /// `expect number of caller`: the call comes with this caller's own number.
    ExpectNumberOf(usize),
    /// `expect stops ringing within 1s`: the call is taken back, counted from the last event.
    ExpectStopsRinging {
        /// From the event before it.
        within: Duration,
    },
    /// `expect idle within 1s`: the phone neither rings nor is on a call.
    ExpectIdle {
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `answer`: what rings.
    Answer,
    /// `refuse` or `be busy`: what rings.
    DeclineCall(Decline),
    /// `now never answers`: from here on the phone takes calls so.
    Behave(Manner),
}

impl Action {
    /// Whether only an agent's phone can do or expect it.
    pub const fn is_agents(&self) -> bool {
        match self {
            Self::ExpectRing { .. }
            | Self::ExpectNoRing { .. }
            | Self::ExpectDisplay(_)
            | Self::ExpectHeader { .. }
            | Self::ExpectNumberOf(_)
            | Self::ExpectStopsRinging { .. }
            | Self::ExpectIdle { .. }
            | Self::ExpectWhisper { .. }
            | Self::Answer
            | Self::DeclineCall(_)
            | Self::Behave(_) => true,
            Self::ExpectPrompt { .. }
            | Self::ExpectSpeech { .. }
            | Self::ExpectAnswer { .. }
            | Self::WaitForQuiet { .. }
            | Self::Wait(_)
            | Self::Say { .. }
            | Self::Key { .. }
            | Self::ExpectDucking { .. }
            | Self::ExpectStop { .. }
            | Self::ExpectGoesOn { .. }
            | Self::ExpectMusic { .. }
            | Self::ExpectVoiceOf { .. }
            | Self::ExpectNoWhisper
            | Self::ExpectNoSilence { .. }
            | Self::ExpectDone { .. }
            | Self::ExpectServedBefore { .. }
            | Self::ExpectBye { .. }
            | Self::HangUp
            | Self::Call => false,
        }
    }

    /// Whether only a caller can do or expect it.
    pub const fn is_callers(&self) -> bool {
        matches!(
            self,
            Self::Call | Self::ExpectNoWhisper | Self::ExpectServedBefore { .. }
        )
    }

    /// Whether it can stand though the caller's call is over.
    pub(super) const fn outlives_the_call(&self) -> bool {
        matches!(
            self,
            Self::ExpectBye { .. } | Self::ExpectServedBefore { .. }
        )
    }

    /// Whether it is done or judged by sound, and so on a call alone.
    pub(super) const fn needs_air(&self) -> bool {
        match self {
            Self::ExpectPrompt { .. }
            | Self::ExpectSpeech { .. }
            | Self::ExpectAnswer { .. }
            | Self::WaitForQuiet { .. }
            | Self::Say { .. }
            | Self::Key { .. }
            | Self::ExpectDucking { .. }
            | Self::ExpectStop { .. }
            | Self::ExpectGoesOn { .. }
            | Self::ExpectMusic { .. }
            | Self::ExpectVoiceOf { .. }
            | Self::ExpectWhisper { .. }
            | Self::ExpectNoWhisper
            | Self::ExpectNoSilence { .. }
            | Self::ExpectDone { .. }
            | Self::Call => true,
            Self::ExpectServedBefore { .. }
            | Self::ExpectBye { .. }
            | Self::HangUp
            | Self::Wait(_)
            | Self::ExpectRing { .. }
            | Self::ExpectNoRing { .. }
            | Self::ExpectDisplay(_)
            | Self::ExpectHeader { .. }
            | Self::ExpectNumberOf(_)
            | Self::ExpectStopsRinging { .. }
            | Self::ExpectIdle { .. }
            | Self::Answer
            | Self::DeclineCall(_)
            | Self::Behave(_) => false,
        }
    }
}
