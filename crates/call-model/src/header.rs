//! How a journal begins, goes on and ends.

use crate::{CallAction, CallId, CallInput, CallTime, HungUp, Language, Private};
use serde::{Deserialize, Serialize};

/// Whether a call is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingChoice {
    /// Both sides are recorded.
    On,
    /// Nothing is recorded but the journal.
    Off,
}

/// What is written down, and synced, before a call is answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CallHeader {
    /// The call.
    pub call: CallId,
    /// Its SIP Call-ID, to find it in a trace.
    pub sip_call_id: String,
    /// Wall-clock start, milliseconds of Unix time.
    pub started_unix_millis: u64,
    /// The trunk it came over, as the configuration names it.
    pub trunk: String,
    /// The caller's number or address.
    pub caller: Private<String>,
    /// The number or address that was called.
    pub called: String,
    /// The plan's name.
    pub plan: String,
    /// The compiled plan's digest: SHA-256, 64 hexadecimal digits.
    pub plan_digest: String,
    /// The version of the engine that runs the call.
    pub engine_version: String,
    /// The language the call begins in.
    pub language: Language,
    /// The route chose that language: no other is tried.
    #[serde(default)]
    pub language_is_fixed: bool,
    /// The intent tier may be asked before a turn is over.
    #[serde(default)]
    pub tier_is_asked_ahead: bool,
    /// Seeds whatever the call draws.
    pub seed: u64,
    /// Whether the call is recorded.
    pub recording: RecordingChoice,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It ran to an end.
    Ended(HungUp),
    /// The process died under it; start-up recovery wrote this.
    Interrupted,
}

/// What happened at one moment of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalEntry {
    /// News that went in.
    In(CallInput),
    /// An action that came out.
    Out(CallAction),
    /// The engine wants to be woken at this time for this deadline; the name of
    /// the deadline is for people.
    Wake {
        /// When.
        at: CallTime,
        /// For which deadline.
        deadline: String,
    },
}

/// One line of a journal file: JSON, one object a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalLine {
    /// The first line.
    Begin(Box<CallHeader>),
    /// Every line between.
    At(CallTime, JournalEntry),
    /// The last line of a call that ended.
    End(CallTime, CallOutcome),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Heard, Hypothesis, Key, PerMille, TurnId};

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        let best = Hypothesis {
            text: Private::new("查询 保单".to_owned()),
            confidence: PerMille::new(870),
            words: Vec::new(),
        };
        let heard = Heard::Final {
            turn: TurnId(3),
            best,
            others: vec![],
            spotted: vec![],
            language: None,
        };
        let lines = [
            JournalLine::At(
                CallTime::from_millis(7),
                JournalEntry::In(CallInput::Heard(heard)),
            ),
            JournalLine::At(
                CallTime::from_millis(9),
                JournalEntry::In(CallInput::KeyPressed(Key::ZERO)),
            ),
            JournalLine::End(CallTime::ZERO, CallOutcome::Ended(HungUp::ByCaller)),
        ];
        for line in lines {
            let json = serde_json::to_string(&line).expect("json");
            assert_eq!(
                serde_json::from_str::<JournalLine>(&json).expect("line"),
                line
            );
            assert!(!json.contains('\n'));
        }
    }
}
