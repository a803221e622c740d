//! What is wrong on purpose, so that the checks are checked.

use super::rules::SessionRule;
use call_audio::{RtpHeader, RtpPacket};
use call_model::{
    CallAction, CallInput, CallTime, Codec, FRAME_SAMPLES, JournalEntry, JournalLine, Language,
    PcmFrame, TurnId, VoiceAnalysis,
};
use call_session::{EarOrder, ScoreOrder, SessionOutput};

/// Something wrong between a session and its checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlantedSessionFault {
    /// Every tenth tick is not recorded.
    TicksLost,
    /// The bot's side is recorded too quietly.
    BotFaded,
    /// Ends of prompts are swallowed.
    EndsSwallowed,
    /// Ends of prompts come twice.
    EndsDoubled,
    /// The journal's last line is missing.
    JournalTorn,
    /// Actions are missing from the journal.
    ActionsLost,
    /// Every tenth packet is not sent.
    PacketsLost,
    /// The ear is told to finish what it never began.
    EarConfused,
    /// `Over` comes twice.
    OverDoubled,
    /// Keys are doubled.
    KeysDoubled,
    /// The caller is sent what he said.
    CallerEchoed,
    /// The agent is sent something else than what the caller said.
    AgentMisled,
    /// Agents are not hung up on.
    AgentsForgotten,
    /// Agents are hung up on twice.
    AgentsHungUpTwice,
    /// A packet goes to an agent who was hung up on.
    AgentsHaunted,
    /// The ear listens to people who talk.
    EarAtTheDoor,
    /// The scorer listens to people who talk.
    ScorerAtTheDoor,
    /// The voice is scored of one who said no.
    ScoredUnasked,
    /// Utterances are never ended.
    UtterancesForgotten,
}

impl PlantedSessionFault {
    /// Every fault.
    pub const ALL: [Self; 19] = [
        Self::TicksLost,
        Self::BotFaded,
        Self::EndsSwallowed,
        Self::EndsDoubled,
        Self::JournalTorn,
        Self::ActionsLost,
        Self::PacketsLost,
        Self::EarConfused,
        Self::OverDoubled,
        Self::KeysDoubled,
        Self::CallerEchoed,
        Self::AgentMisled,
        Self::AgentsForgotten,
        Self::AgentsHungUpTwice,
        Self::AgentsHaunted,
        Self::EarAtTheDoor,
        Self::ScorerAtTheDoor,
        Self::ScoredUnasked,
        Self::UtterancesForgotten,
    ];

    /// The rule that it breaks.
    pub const fn breaks(self) -> SessionRule {
        match self {
            Self::TicksLost => SessionRule::RecordingIsWhole,
            Self::BotFaded => SessionRule::RecordingIsTrue,
            Self::EndsSwallowed | Self::EndsDoubled => SessionRule::PromptEndsOnce,
            Self::JournalTorn => SessionRule::JournalIsWhole,
            Self::ActionsLost => SessionRule::ReplayIsSame,
            Self::PacketsLost => SessionRule::PacketsAreInOrder,
            Self::EarConfused => SessionRule::EarIsInOrder,
            Self::OverDoubled => SessionRule::NothingAfterOver,
            Self::KeysDoubled => SessionRule::KeysAreTrue,
            Self::CallerEchoed => SessionRule::NobodyHearsThemselves,
            Self::AgentMisled => SessionRule::EachHearsTheOther,
            Self::AgentsForgotten | Self::AgentsHungUpTwice => SessionRule::AgentLegEndsOnce,
            Self::AgentsHaunted => SessionRule::NothingToAClosedLeg,
            Self::EarAtTheDoor => SessionRule::PeopleAreAlone,
            Self::ScorerAtTheDoor | Self::ScoredUnasked | Self::UtterancesForgotten => {
                SessionRule::VoiceIsScoredByLeave
            }
        }
    }

    /// What the checks see instead of the session's output number `count`.
    pub(crate) fn disturb(self, count: u64, output: SessionOutput) -> Vec<SessionOutput> {
        let tenth = count.is_multiple_of(10);
        match (self, output) {
            (Self::TicksLost, SessionOutput::Record { .. }) if tenth => vec![],
            (Self::BotFaded, SessionOutput::Record { caller, bot }) => {
                let bot = bot.map(|sample| sample / 4);
                vec![SessionOutput::Record { caller, bot }]
            }
            (Self::JournalTorn, SessionOutput::Journal(JournalLine::End(..))) => vec![],
            (Self::PacketsLost, SessionOutput::Packet(_)) if tenth => vec![],
            (Self::EarConfused, SessionOutput::Ear(order)) => {
                let strange = SessionOutput::Ear(EarOrder::Finish(TurnId(999)));
                vec![SessionOutput::Ear(order), strange]
            }
            (Self::OverDoubled, SessionOutput::Over(outcome)) => {
                vec![SessionOutput::Over(outcome), SessionOutput::Over(outcome)]
            }
            (Self::CallerEchoed, SessionOutput::Record { caller, .. }) => {
                let bot = caller;
                vec![SessionOutput::Record { caller, bot }]
            }
            (Self::AgentMisled, SessionOutput::AgentPacket(packet)) => {
                vec![SessionOutput::AgentPacket(hushed(&packet))]
            }
            (Self::AgentsForgotten, SessionOutput::HangUpAgent) => vec![],
            (Self::AgentsHungUpTwice, SessionOutput::HangUpAgent) => {
                vec![SessionOutput::HangUpAgent, SessionOutput::HangUpAgent]
            }
            (Self::AgentsHaunted, SessionOutput::HangUpAgent) => {
                let haunting = SessionOutput::AgentPacket(silence());
                vec![SessionOutput::HangUpAgent, haunting]
            }
            (Self::EarAtTheDoor, SessionOutput::Connected) => {
                let audio = EarOrder::Audio {
                    turn: TurnId(1),
                    frame: PcmFrame::silent(CallTime::ZERO),
                };
                vec![SessionOutput::Connected, SessionOutput::Ear(audio)]
            }
            (Self::ScorerAtTheDoor, SessionOutput::Connected) => {
                let begin = SessionOutput::Score(ScoreOrder::Begin(Language::En));
                vec![SessionOutput::Connected, begin]
            }
            (Self::ScoredUnasked, SessionOutput::Journal(line)) if is_no(&line) => {
                let begin = SessionOutput::Score(ScoreOrder::Begin(Language::En));
                vec![SessionOutput::Journal(line), begin]
            }
            (Self::UtterancesForgotten, SessionOutput::Score(ScoreOrder::End)) => vec![],
            (_, SessionOutput::Journal(line)) => {
                let copies = self.copies(&line);
                let copy = || SessionOutput::Journal(line.clone());
                std::iter::repeat_with(copy).take(copies).collect()
            }
            (_, output) => vec![output],
        }
    }

    /// How often a line of the journal is seen.
    fn copies(self, line: &JournalLine) -> usize {
        match (self, line) {
            (Self::EndsSwallowed, JournalLine::At(_, entry)) if is_end(entry) => 0,
            (Self::EndsDoubled, JournalLine::At(_, entry)) if is_end(entry) => 2,
            (Self::ActionsLost, JournalLine::At(_, JournalEntry::Out(_))) => 0,
            (Self::KeysDoubled, JournalLine::At(_, JournalEntry::In(CallInput::KeyPressed(_)))) => {
                2
            }
            _ => 1,
        }
    }
}

/// The packet without its sound.
fn hushed(packet: &RtpPacket) -> RtpPacket {
    match RtpHeader::parse(packet.as_bytes()) {
        Ok((header, payload)) if payload.len() == FRAME_SAMPLES => {
            RtpPacket::audio(header, Codec::Pcmu, &[0; FRAME_SAMPLES])
        }
        Ok(_) | Err(_) => *packet,
    }
}

fn silence() -> RtpPacket {
    let header = RtpHeader {
        marker: false,
        payload_type: 0,
        sequence: 0,
        timestamp: 0,
        ssrc: 0,
    };
    RtpPacket::audio(header, Codec::Pcmu, &[0; FRAME_SAMPLES])
}

/// The voice is not to be scored any more.
const fn is_no(line: &JournalLine) -> bool {
    matches!(
        line,
        JournalLine::At(
            _,
            JournalEntry::Out(CallAction::AnalyseVoice(VoiceAnalysis::Off))
        )
    )
}

const fn is_end(entry: &JournalEntry) -> bool {
    matches!(entry, JournalEntry::In(CallInput::PromptEnded { .. }))
}
