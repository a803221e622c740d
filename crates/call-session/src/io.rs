//! What goes into a session and what comes out.

use call_audio::RtpPacket;
use call_model::{
    ApiOutcome, ApiRequest, ApiRequestId, CallOutcome, EmotionScore, EscalationWords,
    FRAME_SAMPLES, Handoff, HangUpCause, Heard, HungUp, IntentFact, IntentNews, IntentQuestion,
    IntentQuestionId, JournalLine, Key, Language, PayloadMap, PcmFrame, PersonOutcome,
    PhraseGrammar, PromptId, PromptText, TurnId,
};
use std::sync::Arc;

/// News for a session.
#[derive(Debug)]
pub enum SessionInput<'a> {
    /// The caller acknowledged our answer.
    Acked,
    /// A datagram came from the caller's media address, whatever it holds.
    Packet(&'a [u8]),
    /// 20 ms of the media clock have gone by.
    Tick,
    /// Nothing but time: what is due by now is done.
    Woken,
    /// The ear understood, or did not.
    Heard(Heard),
    /// A prompt was made, 8 kHz; none: it could not be.
    PromptReady {
        /// Which.
        prompt: PromptId,
        /// Its sound.
        audio: Option<Arc<[i16]>>,
    },
    /// The recogniser is gone, and every stream with it.
    EarLost,
    /// The recogniser is back.
    EarRestored,
    /// News of the person who was fetched.
    Person(PersonOutcome),
    /// News of a request to a back end.
    Api {
        /// Which.
        request: ApiRequestId,
        /// What became of it.
        outcome: ApiOutcome,
    },
    /// News of the intent tier.
    Intent {
        /// The question it answers.
        question: IntentQuestionId,
        /// The news.
        news: IntentNews,
    },
    /// A key that came by SIP INFO; it counts only where no telephone events are agreed,
    /// so that a phone which sends both presses it once.
    InfoKey(Key),
    /// The voice was scored.
    Emotion(EmotionScore),
    /// Hold music, a loop of 8 kHz, given once; none: where there would be music there
    /// is silence.
    Music(Option<Arc<[i16]>>),
    /// The person who was fetched answered the telephone; not before this does their leg
    /// exist here. One who is not wanted any more is hung up on.
    AgentAnswered {
        /// What their offer and answer agreed on.
        payloads: PayloadMap,
    },
    /// A datagram came from the agent's media address, whatever it holds.
    AgentPacket(&'a [u8]),
    /// Offer and answer with the agent agreed anew.
    AgentPayloads(PayloadMap),
    /// The whisper was made, 8 kHz; none: it could not be.
    WhisperReady {
        /// Its sound.
        audio: Option<Arc<[i16]>>,
    },
    /// The agent holds the caller: no packets are expected, and the caller hears music.
    AgentHeld,
    /// The agent took the caller back from hold.
    AgentReturned,
    /// The agent's leg ended, and not by us. Before `Connected` the engine is not told: the
    /// shell may ring somebody else, or says by `Person` that nobody is to be had.
    AgentGone,
    /// The caller put us on hold; no packets are expected.
    CallerHeld,
    /// The caller took us back from hold.
    CallerReturned,
    /// Offer and answer agreed anew.
    Payloads(PayloadMap),
    /// The server is going down: say goodbye.
    Draining,
    /// A part of ours failed for this call.
    Failed {
        /// What, in an operator's words; holds no words of the caller.
        what: String,
    },
    /// The call is over.
    HungUp(HungUp),
}

/// What a session wants done.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "sound moves by value: a box would be an allocation at every tick"
)]
pub enum SessionOutput {
    /// Send this to the caller's media address now.
    Packet(RtpPacket),
    /// For the ear.
    Ear(EarOrder),
    /// For the scorer of the caller's voice.
    Score(ScoreOrder),
    /// Make this prompt; answered by `PromptReady`.
    Speak {
        /// Its number.
        prompt: PromptId,
        /// What to say.
        text: PromptText,
    },
    /// 20 ms of both sides, one at each tick from the answer on, without a gap.
    Record {
        /// What the caller said, as it left the jitter buffer.
        caller: [i16; FRAME_SAMPLES],
        /// What was sent to the caller in this tick: bot, music, or the agent once there is
        /// a bridge.
        bot: [i16; FRAME_SAMPLES],
    },
    /// The journal's next line; the first is `Begin`, the last `End`.
    Journal(JournalLine),
    /// Fetch a person; answered by `Person`.
    FetchPerson(Box<Handoff>),
    /// Nobody is to be fetched any more: phones stop ringing.
    ReleasePerson,
    /// Ask a back end; answered by `Api`.
    CallApi(Box<ApiRequest>),
    /// Ask the intent tier; answered by `Intent`.
    AskIntent(Box<IntentQuestion>),
    /// The question no longer matters.
    CancelIntent(IntentQuestionId),
    /// A fact for the intent tier.
    TellIntent(IntentFact),
    /// Book a call back.
    BookCallback(Box<Handoff>),
    /// Send this to the agent's media address now.
    AgentPacket(RtpPacket),
    /// Make the whisper for the agent who answered; answered by `WhisperReady`.
    MakeWhisper {
        /// What to say.
        text: PromptText,
    },
    /// The bridge stands: the whisper is over, caller and agent hear each other. The
    /// engine knows.
    Connected,
    /// End the agent's leg: once for each that is open when the call ends, when nobody is
    /// wanted any more, or when nothing has come from it for too long.
    HangUpAgent,
    /// The bot ends the call: say BYE. `Over` follows at once.
    HangUp(HangUpCause),
    /// The last output. Whatever stands of the dialog is to be ended, as after 30 s
    /// without a packet nobody else does.
    Over(CallOutcome),
}

/// Another language's grammar and escalation words, tried beside the turn's own while
/// nobody knows which of the two the caller speaks.
pub type AlsoHeard = (Option<Arc<PhraseGrammar>>, Arc<EscalationWords>);

/// What the ear is to do. A stream lives from the caller's first sound in a turn to
/// `Finish` or `Cancel`; `Finish` is answered by one final `Heard`.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "sound moves by value: a box would be an allocation at every tick"
)]
pub enum EarOrder {
    /// Open a stream for this turn.
    Start {
        /// The turn.
        turn: TurnId,
        /// What may be said; none: only escalation words.
        grammar: Option<Arc<PhraseGrammar>>,
        /// What is searched for beside it.
        escalation: Arc<EscalationWords>,
        /// Another language to try on the same sound.
        also: Option<AlsoHeard>,
    },
    /// The turn's next 20 ms, in order; the first come from before the onset.
    Audio {
        /// The turn.
        turn: TurnId,
        /// Its sound.
        frame: PcmFrame,
    },
    /// Say what was understood.
    Finish(TurnId),
    /// Forget the turn.
    Cancel(TurnId),
}

/// What the scorer of this call's voice is to do, utterance by utterance; answered by
/// `Emotion` as it goes on. An utterance lives from `Begin` to `End` or `Drop`. Nothing of it
/// comes where the plan or the caller says no, and nothing while a person has the caller.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "sound moves by value: a box would be an allocation at every tick"
)]
pub enum ScoreOrder {
    /// The caller begins to speak; reasons are told in this language.
    Begin(Language),
    /// The utterance's next 20 ms, in order, pauses too; the first come from before the onset.
    Audio(PcmFrame),
    /// The utterance is over: tell its last score.
    End,
    /// Forget the utterance unscored: a person takes over, or the voice is not to be scored any more.
    Drop,
}
