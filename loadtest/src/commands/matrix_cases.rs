//! Every outcome of an agent's phone with a caller who leaves at every step, as scenarios.

use std::fmt::Write;
use std::net::SocketAddr;

/// What comes of the phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It answers, and the agent stays.
    Answers,
    /// It is busy.
    Busy,
    /// Nobody answers.
    NoAnswer,
    /// The agent refuses.
    Refuses,
    /// It answers, and the agent hangs up first.
    HangsUp,
    /// Not a word comes back.
    Dead,
}

impl Outcome {
    pub const ALL: [Self; 6] = [
        Self::Answers,
        Self::Busy,
        Self::NoAnswer,
        Self::Refuses,
        Self::HangsUp,
        Self::Dead,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Refuses => "refuses",
            Self::HangsUp => "hangs-up",
            Self::Dead => "dead",
        }
    }
}

/// When the caller leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves {
    /// With its last word, before anybody can have been fetched.
    BeforeTheQueue,
    /// While the phone rings.
    WhileRinging,
    /// While the agent is told why.
    DuringWhisper,
    /// When both have heard each other.
    Bridged,
    /// Not until the agent has left, or its patience ends.
    Never,
}

impl Leaves {
    pub const ALL: [Self; 5] = [
        Self::BeforeTheQueue,
        Self::WhileRinging,
        Self::DuringWhisper,
        Self::Bridged,
        Self::Never,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforeTheQueue => "before-queue",
            Self::WhileRinging => "ringing",
            Self::DuringWhisper => "whisper",
            Self::Bridged => "bridged",
            Self::Never => "never",
        }
    }
}

/// What all cases of one run share.
pub struct Circumstances<'a> {
    /// Where the phone is.
    pub agent: SocketAddr,
    /// What the caller says to be owed a person.
    pub says: &'a str,
    /// How long a caller waits who never leaves, in seconds.
    pub patience: u64,
}

/// The case as a scenario; none where there is no such case.
pub fn scenario(outcome: Outcome, leaves: Leaves, of: &Circumstances<'_>) -> Option<String> {
    let connects = matches!(outcome, Outcome::Answers | Outcome::HangsUp);
    let manner = match (outcome, leaves) {
        (Outcome::HangsUp, Leaves::Never) => "rings 500ms then answers then hangs up after 700ms",
        (Outcome::Answers | Outcome::HangsUp, Leaves::WhileRinging) => "rings 8s then answers",
        (Outcome::Answers | Outcome::HangsUp, _) => "rings 500ms then answers",
        (Outcome::Busy, Leaves::WhileRinging) => "rings 8s then is busy",
        (Outcome::Busy, _) => "is busy",
        (Outcome::Refuses, Leaves::WhileRinging) => "rings 8s then refuses",
        (Outcome::Refuses, _) => "rings 1s then refuses",
        (Outcome::NoAnswer, _) => "never answers",
        (Outcome::Dead, _) => "is dead",
    };
    let Circumstances {
        agent,
        says,
        patience,
    } = of;
    let mut text = format!(
        "title: {}, the caller leaves: {}\nagent desk on {agent} voice slt {manner}\n\
         caller: expect speech within 15s\ncaller: wait for quiet 700ms within 30s\ncaller: say {says}\n",
        outcome.name(),
        leaves.name()
    );
    let rest = match leaves {
        Leaves::BeforeTheQueue => "caller: hang up\ndesk: wait 1s\n".to_owned(),
        Leaves::WhileRinging => {
            let stops = match outcome {
                // A phone that says nothing cannot be told either.
                Outcome::Dead => "",
                Outcome::Answers
                | Outcome::Busy
                | Outcome::NoAnswer
                | Outcome::Refuses
                | Outcome::HangsUp => "desk: expect stops ringing within 1s\n",
            };
            format!(
                "desk: expect ring within 5s\ncaller: wait 1s\ncaller: expect no silence above 4s\n\
                 caller: hang up\n{stops}"
            )
        }
        Leaves::DuringWhisper if connects => {
            format!(
                "desk: expect ring within 5s\ndesk: expect speech within 4s\n{}",
                parting(outcome)
            )
        }
        Leaves::Bridged if connects => {
            format!("{CONVERSATION}{}", parting(outcome))
        }
        Leaves::DuringWhisper | Leaves::Bridged => return None,
        Leaves::Never => match outcome {
            Outcome::Answers => format!(
                "{CONVERSATION}desk: hang up\ncaller: expect speech within 4s\n\
                 caller: wait for quiet 500ms within 15s\ncaller: hang up\n"
            ),
            Outcome::Busy
            | Outcome::NoAnswer
            | Outcome::Refuses
            | Outcome::HangsUp
            | Outcome::Dead => format!(
                "desk: expect ring within 5s\ncaller: wait {patience}s\n\
                 caller: expect no silence above 4s\ncaller: hang up\n"
            ),
        },
    };
    let _ = writeln!(text, "{rest}desk: expect idle within 1s");
    Some(text)
}

/// Both hear each other.
const CONVERSATION: &str = "\
desk: expect ring within 5s
desk: expect whisper within 3s
caller: expect no whisper
caller: say rms/printer-is-broken.wav
desk: expect voice of caller within 1s
desk: say this-is-the-desk
caller: expect voice of desk within 1s
";

/// The caller hangs up, and the agent is hung up on, or does so in the same moment.
const fn parting(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::HangsUp => "desk: hang up\ncaller: hang up\n",
        Outcome::Answers | Outcome::Busy | Outcome::NoAnswer | Outcome::Refuses | Outcome::Dead => {
            "caller: hang up\ndesk: expect bye within 1s\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn every_case_that_can_be_reads_as_a_scenario() {
        let of = Circumstances {
            agent: "127.0.0.1:15071".parse().unwrap(),
            says: "rms/complaint.wav",
            patience: 12,
        };
        let mut count = 0;
        for outcome in Outcome::ALL {
            for leaves in Leaves::ALL {
                if let Some(text) = scenario(outcome, leaves, &of) {
                    let read: Scenario = text
                        .parse()
                        .unwrap_or_else(|error| panic!("{error} in\n{text}"));
                    assert!(read.title.starts_with(outcome.name()));
                    count += 1;
                }
            }
        }
        assert_eq!(
            count, 22,
            "a phone that never answers has no whisper and no bridge"
        );
    }
}
