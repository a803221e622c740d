//! Every deadline of a call by name, so that a journal can say why we woke.

use std::fmt;

/// What a call waits for until a stated time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Deadline {
    /// The pause that ends the caller's turn.
    EndOfTurn,
    /// The words of a pause have stood for long enough to ask the intent tier about them.
    AskAhead,
    /// An utterance is cut off after so long.
    UtteranceMax,
    /// The ear owes the result of a turn.
    Recognition,
    /// The caller says and keys nothing.
    NoInput,
    /// The next key of an entry.
    InterDigit,
    /// Speech over a prompt becomes an interruption.
    BargeInConfirm,
    /// Unconfirmed speech over a prompt is over: the prompt comes back to its level.
    BargeInResume,
    /// A prompt must begin to sound.
    PromptReady,
    /// A prompt that was told to stop must be over.
    PromptStop,
    /// A prompt must be over at all.
    PromptLength,
    /// An escalation word has stood without contradiction.
    WordWithdrawal,
    /// The caller was unserved for the longest time allowed.
    WaitMax,
    /// Nothing came of the conversation for long.
    NoProgress,
    /// A back end owes an answer.
    ApiAnswer,
    /// The intent tier owes its first word.
    IntentFirstPiece,
    /// The intent tier owes its next word.
    IntentNextPiece,
    /// The intent tier's answer must be whole.
    IntentWhole,
    /// A caller who waits for an answer is told that we are at it.
    HoldingLine,
    /// A person must answer.
    FetchPerson,
    /// The caller stood in a waiting room for the longest time anybody does.
    QueueMax,
    /// One who waited above the limit is offered a call back.
    CallbackOffer,
    /// A waiting caller is told that we are still there.
    StillHolding,
    /// A goodbye must be over.
    Goodbye,
    /// The server goes down now.
    Drain,
}

impl Deadline {
    /// Its name in a journal, e.g. `end_of_turn`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndOfTurn => "end_of_turn",
            Self::AskAhead => "ask_ahead",
            Self::UtteranceMax => "utterance_max",
            Self::Recognition => "recognition",
            Self::NoInput => "no_input",
            Self::InterDigit => "inter_digit",
            Self::BargeInConfirm => "barge_in_confirm",
            Self::BargeInResume => "barge_in_resume",
            Self::PromptReady => "prompt_ready",
            Self::PromptStop => "prompt_stop",
            Self::PromptLength => "prompt_length",
            Self::WordWithdrawal => "word_withdrawal",
            Self::WaitMax => "wait_max",
            Self::NoProgress => "no_progress",
            Self::ApiAnswer => "api_answer",
            Self::IntentFirstPiece => "intent_first_piece",
            Self::IntentNextPiece => "intent_next_piece",
            Self::IntentWhole => "intent_whole",
            Self::HoldingLine => "holding_line",
            Self::FetchPerson => "fetch_person",
            Self::QueueMax => "queue_max",
            Self::CallbackOffer => "callback_offer",
            Self::StillHolding => "still_holding",
            Self::Goodbye => "goodbye",
            Self::Drain => "drain",
        }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The limits that no plan sets.
pub(crate) mod limits {
    use std::time::Duration;

    /// A voice detector tells the end of speech so long after it.
    pub(crate) const VOICE_HANGOVER: Duration = Duration::from_millis(200);
    /// Speech without words that is shorter is a cough, a click, a breath.
    pub(crate) const COUGH: Duration = Duration::from_millis(300);
    /// The ear's last word on a turn; on a good day it takes a tenth of a second.
    pub(crate) const RECOGNITION: Duration = Duration::from_millis(2_500);
    /// So many results overdue in a row, and the ear counts as lost.
    pub(crate) const RECOGNITIONS_OVERDUE: u32 = 2;
    /// From `Play` to the first packet; most prompts are made before the call.
    pub(crate) const PROMPT_READY: Duration = Duration::from_secs(5);
    /// From `StopPlaying` to the end of the prompt.
    pub(crate) const PROMPT_STOP: Duration = Duration::from_secs(1);
    /// No prompt is longer.
    pub(crate) const PROMPT_LENGTH: Duration = Duration::from_secs(300);
    /// So many prompts in a row that cannot be played are a fault.
    pub(crate) const PROMPTS_FAILED: u32 = 2;
    /// A person's phone rings at most so long, where no waiting room has the caller.
    pub(crate) const FETCH_PERSON: Duration = Duration::from_secs(60);
    /// Nobody stands in a waiting room for longer, whatever the room says of itself.
    pub(crate) const QUEUE_MAX: Duration = Duration::from_secs(30 * 60);
    /// A phone that has only just begun to ring is waited for before a call back is offered.
    pub(crate) const CALLBACK_OFFER: Duration = Duration::from_secs(10);
    /// So often a person is tried again because the caller asks again.
    pub(crate) const FETCHES_AGAIN: u32 = 2;
    /// Between two holding lines.
    pub(crate) const STILL_HOLDING: Duration = Duration::from_secs(20);
    /// The shell tells of a request so long after its last try at most.
    pub(crate) const API_GRACE: Duration = Duration::from_secs(1);
    /// A back end that answers sooner needs no holding line.
    pub(crate) const API_HOLDING: Duration = Duration::from_secs(1);
    /// An intent tier that answers sooner needs no holding line: with the pause that
    /// ended the turn the caller has then waited for two seconds.
    pub(crate) const TIER_HOLDING: Duration = Duration::from_millis(1_100);
    /// After so much silence another holding line follows: silence stays below four seconds.
    pub(crate) const HOLDING_AGAIN: Duration = Duration::from_secs(3);
    /// Words that stand so long in a pause may be the whole turn.
    pub(crate) const AHEAD_STEADY: Duration = Duration::from_millis(200);
    /// So often the intent tier is asked before one turn is over.
    pub(crate) const AHEAD_A_TURN: u8 = 2;
    /// So often a question is put to the intent tier that says nothing.
    pub(crate) const TIER_ATTEMPTS: u8 = 2;
    /// So many questions without an answer, and a person is offered.
    pub(crate) const TIER_FAILURES: u32 = 2;
    /// An answer has no more pieces than this, spoken or not.
    pub(crate) const TIER_SCRIPT: usize = 64;
    /// The most characters of one piece.
    pub(crate) const TIER_PIECE: usize = 1_000;
    /// The most characters of a value that the intent tier fills in.
    pub(crate) const TIER_VALUE: usize = 200;
    /// The last words of a call are over by then.
    pub(crate) const GOODBYE: Duration = Duration::from_secs(20);
    /// The last words when the server goes down.
    pub(crate) const DRAIN: Duration = Duration::from_secs(10);
    /// An offer was heard once so much of it sounded: an ask after that is a reply.
    pub(crate) const OFFER_HEARD: Duration = Duration::from_millis(1_000);
    /// A number to call back on is over when no key came for so long.
    pub(crate) const NUMBER_PAUSE: Duration = Duration::from_secs(4);
    /// So many failed tries at a question of the system end it.
    pub(crate) const SYSTEM_TRIES: u32 = 2;
    /// More nodes than this entered without a breath between are a circle.
    pub(crate) const STEPS: u32 = 32;
    /// What is heard during a legal notice is kept up to so many pieces.
    pub(crate) const PUT_OFF: usize = 32;
    /// Deadlines that one awakening may serve.
    pub(crate) const DUE_AT_ONCE: usize = 16;
}
