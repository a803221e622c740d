//! The rules of a plan as data: every number that decides about a caller, with
//! the sentence that asked for it.

use call_model::{EscalationReason, Language, PerMille, RecordingChoice, Score, VoiceAnalysis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// All rules of one plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// When a caller is taken to a person.
    pub escalation: EscalationPolicy,
    /// How long a pause ends a turn, per language.
    pub turn_taking: BTreeMap<Language, TurnTaking>,
    /// How speech over a prompt is weighed.
    pub barge_in: BargeInPolicy,
    /// How long callers are listened to.
    pub listening: ListeningPolicy,
    /// Whether calls are recorded.
    pub recording: RecordingChoice,
    /// The node that tells callers of the recording; it is the start node.
    pub recording_notice: Option<String>,
    /// Whether callers' voices are scored, until a node says otherwise.
    #[serde(default, skip_serializing_if = "VoiceAnalysis::is_on")]
    pub voice_analysis: VoiceAnalysis,
    /// Where people are, and what happens when none is to be had.
    pub people: People,
    /// How long the intent tier is waited for; none: the plan has no such tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentPolicy>,
}

/// How long the intent tier is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IntentPolicy {
    /// "A deadline on the first streamed piece."
    #[serde(with = "crate::millis")]
    pub first_piece: Duration,
    /// The whole answer is there by then, or is no answer.
    #[serde(with = "crate::millis")]
    pub whole: Duration,
}

impl Default for IntentPolicy {
    fn default() -> Self {
        Self {
            first_piece: Duration::from_secs(2),
            whole: Duration::from_secs(20),
        }
    }
}

/// When a caller is taken to a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EscalationPolicy {
    /// "The third occurrence anywhere escalates with priority, no question asked.
    /// Three is a ceiling, not a toll; a plan may set it to 1." From 1 to 3.
    pub ask_limit: u8,
    /// "An ask in reply to that offer, or a yes, is a choice: the caller is put through."
    pub ask_in_reply: AskInReply,
    /// "80 is the point at which a stated budget of calm calls would be transferred by it";
    /// strictly above.
    pub anger_above: Score,
    /// "Leaving needs 60 or less."
    pub anger_leave: Score,
    /// "The fused score is judged, but only where the voice alone stands at 60 or more."
    pub anger_voice_floor: Score,
    /// "With at least 4 s of speech behind it."
    #[serde(with = "crate::millis")]
    pub anger_speech: Duration,
    /// Anger that was judged is not judged again for so long.
    #[serde(with = "crate::millis")]
    pub anger_rest: Duration,
    /// "The score pooled over the caller's last three utterances."
    pub anger_utterances: u8,
    /// What words and behaviour add to the voice's score.
    pub anger_fusion: AngerFusion,
    /// "Above 90 s the caller is escalated."
    #[serde(with = "crate::millis")]
    pub wait_max: Duration,
    /// "No slot filled, answer given or node reached by the caller's own input for 180 s":
    /// a person is offered.
    #[serde(with = "crate::millis")]
    pub no_progress: Duration,
    /// "A word found in a partial waits for the end of the turn or 400 ms without contradiction."
    #[serde(with = "crate::millis")]
    pub withdraw_window: Duration,
    /// "Told apart by their times so that a recogniser's stutter is one": two findings of a word
    /// whose beginnings lie nearer than this are one request.
    #[serde(with = "crate::millis")]
    pub stutter: Duration,
    /// Findings of the escalation search less sure than this do not count.
    pub word_confidence: PerMille,
}

impl Default for EscalationPolicy {
    fn default() -> Self {
        Self {
            ask_limit: 3,
            ask_in_reply: AskInReply::Transfer,
            anger_above: Score::from_points(80),
            anger_leave: Score::from_points(60),
            anger_voice_floor: Score::from_points(60),
            anger_speech: Duration::from_secs(4),
            anger_rest: Duration::from_secs(10),
            anger_utterances: 3,
            anger_fusion: AngerFusion::default(),
            wait_max: Duration::from_secs(90),
            no_progress: Duration::from_secs(180),
            withdraw_window: Duration::from_millis(400),
            stutter: Duration::from_millis(250),
            word_confidence: PerMille::new(500),
        }
    }
}

/// What an ask in reply to the offer of a person does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskInReply {
    /// It takes the offer: the caller is put through.
    #[default]
    Transfer,
    /// It is one more request, and counts.
    Count,
}

/// What is added to the anger of the voice: "angry words, no-match, speaking over prompts, re-prompts,
/// each term capped".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AngerFusion {
    /// For angry words.
    pub word: AngerTerm,
    /// For the times that the caller spoke over a prompt.
    pub interruption: AngerTerm,
    /// For turns that fitted nothing.
    pub no_match: AngerTerm,
    /// For turns in which nothing was said, so that the question came again.
    #[serde(default, skip_serializing_if = "AngerTerm::is_nothing")]
    pub no_input: AngerTerm,
    /// All of them together add at most this.
    pub cap: Score,
}

impl Default for AngerFusion {
    fn default() -> Self {
        let term = |each, most| AngerTerm {
            each: Score::from_points(each),
            most: Score::from_points(most),
        };
        Self {
            word: term(5, 10),
            interruption: term(2, 6),
            no_match: term(2, 6),
            no_input: term(2, 4),
            cap: Score::from_points(15),
        }
    }
}

/// What one kind of word or behaviour adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "KeptTerm", into = "KeptTerm")]
pub struct AngerTerm {
    /// Each time.
    pub each: Score,
    /// However often.
    pub most: Score,
}

impl AngerTerm {
    /// What so many times add.
    pub fn of(self, times: u32) -> Score {
        let added = u32::from(self.each.tenths()).saturating_mul(times);
        let added = added.min(u32::from(self.most.tenths()));
        Score::from_tenths(u16::try_from(added).unwrap_or(u16::MAX))
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A term as compiled plans keep it. Those from before each term had a cap of its own hold a number
/// alone, under which their calls must come out as they went.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptTerm {
    Each(Score),
    Capped { each: Score, most: Score },
}

impl From<KeptTerm> for AngerTerm {
    fn from(kept: KeptTerm) -> Self {
        match kept {
            KeptTerm::Each(each) => Self {
                each,
                most: Score::MAX,
            },
            KeptTerm::Capped { each, most } => Self { each, most },
        }
    }
}

impl From<AngerTerm> for KeptTerm {
    fn from(term: AngerTerm) -> Self {
        match term {
            AngerTerm {
                each,
                most: Score::MAX,
            } => Self::Each(each),
            AngerTerm { each, most } => Self::Capped { each, most },
        }
    }
}

/// How long a pause ends a turn, by the kind of answer that is awaited. All
/// pauses run from the last voiced moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TurnTaking {
    /// After an open question.
    pub choice: Pauses,
    /// While digits are said, which people group.
    pub digits: Pauses,
    /// After a yes-or-no question.
    pub yes_no: Pauses,
}

/// The pauses for one kind of answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pauses {
    /// The grammar is complete and cannot go on.
    #[serde(with = "crate::millis")]
    pub complete: Duration,
    /// The grammar could end here, or go on.
    #[serde(with = "crate::millis")]
    pub open: Duration,
    /// The grammar cannot end here, or nothing is understood yet.
    #[serde(with = "crate::millis")]
    pub incomplete: Duration,
}

impl Pauses {
    pub(crate) const fn of(complete: u64, open: u64, incomplete: u64) -> Self {
        Self {
            complete: Duration::from_millis(complete),
            open: Duration::from_millis(open),
            incomplete: Duration::from_millis(incomplete),
        }
    }
}

impl TurnTaking {
    /// What holds in a language unless the plan says otherwise.
    pub const fn usual(language: Language) -> Self {
        match language {
            Language::En => Self {
                choice: Pauses::of(200, 420, 900),
                digits: Pauses::of(200, 900, 1_500),
                yes_no: Pauses::of(200, 400, 800),
            },
            Language::Zh => Self {
                choice: Pauses::of(200, 420, 900),
                digits: Pauses::of(200, 900, 1_500),
                yes_no: Pauses::of(200, 450, 800),
            },
        }
    }
}

/// How speech over a prompt is weighed: duck at once, then stop or go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BargeInPolicy {
    /// Speech that lasts so long without a word understood is an interruption all the same.
    #[serde(with = "crate::millis")]
    pub confirm_after: Duration,
    /// A mere backchannel lasts at most so long.
    #[serde(with = "crate::millis")]
    pub backchannel_max: Duration,
    /// Silence so long after unconfirmed speech brings the prompt back to its level.
    #[serde(with = "crate::millis")]
    pub resume_after: Duration,
}

impl Default for BargeInPolicy {
    fn default() -> Self {
        Self {
            confirm_after: Duration::from_millis(900),
            backchannel_max: Duration::from_millis(900),
            resume_after: Duration::from_millis(400),
        }
    }
}

/// How long callers are listened to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListeningPolicy {
    /// Silence after a prompt that makes a no-input, where the node says nothing else.
    #[serde(with = "crate::millis")]
    pub timeout: Duration,
    /// Silence between two keys that ends an entry, where the node says nothing else.
    #[serde(with = "crate::millis")]
    pub inter_digit: Duration,
    /// An utterance is cut off after so long.
    #[serde(with = "crate::millis")]
    pub utterance_max: Duration,
    /// Silence after a caller asked for a moment that makes a no-input.
    #[serde(
        default = "hold_on",
        skip_serializing_if = "is_usual_hold_on",
        with = "crate::millis"
    )]
    pub hold_on: Duration,
    /// What is understood less surely than this fits nothing.
    pub confidence_min: PerMille,
    /// A value that is understood less surely than this is read back where its node says
    /// `confirm: low`.
    #[serde(default = "confirm_below", skip_serializing_if = "is_usual")]
    pub confirm_below: PerMille,
}

/// Where a plan says nothing.
const fn hold_on() -> Duration {
    Duration::from_secs(30)
}

fn is_usual_hold_on(time: &Duration) -> bool {
    *time == hold_on()
}

/// Where a plan says nothing.
const fn confirm_below() -> PerMille {
    PerMille::new(700)
}

/// The usual one stands in no compiled plan: those of before stay what they were.
fn is_usual(confidence: &PerMille) -> bool {
    *confidence == confirm_below()
}

impl Default for ListeningPolicy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(6),
            inter_digit: Duration::from_secs(3),
            hold_on: hold_on(),
            utterance_max: Duration::from_secs(20),
            confidence_min: PerMille::new(300),
            confirm_below: confirm_below(),
        }
    }
}

/// Where people are, and what happens when none is to be had.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct People {
    /// The waiting room callers stand in until a person is free, by the configuration's name
    /// for it; none: `transfer` is tried at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The SIP address to which callers are transferred; none: nobody is to be had.
    pub transfer: Option<String>,
    /// The slot that is filled once the caller is known to be who they say they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
    /// Where a caller goes who stays when the person hangs up; none: they are asked whether they
    /// want another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_person: Option<String>,
    /// "Every escalation reason has an after-hours way": one for each, also when a transfer fails.
    pub otherwise: BTreeMap<EscalationReason, Otherwise>,
}

impl People {
    /// The way for a reason when nobody is to be had.
    pub fn otherwise(&self, reason: EscalationReason) -> &Otherwise {
        self.otherwise.get(&reason).unwrap_or(&USUAL_OTHERWISE)
    }

    /// The time within which a call back is promised when it comes to one.
    pub fn callback_within(&self, reason: EscalationReason) -> Duration {
        match self.otherwise(reason) {
            Otherwise::Callback { within } => *within,
            Otherwise::OnCall { .. } => USUAL_WITHIN,
        }
    }
}

const USUAL_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
const USUAL_OTHERWISE: Otherwise = Otherwise::Callback {
    within: USUAL_WITHIN,
};

/// What is done for a caller when nobody is to be had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// A call back is offered and booked.
    Callback {
        /// Promised within this time.
        #[serde(with = "crate::millis")]
        within: Duration,
    },
    /// This SIP address is tried; when it fails too, a call back is offered.
    OnCall {
        /// The address of whoever is on call.
        number: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fusion_from_before_each_term_had_a_cap_adds_what_it_added_and_is_kept_as_it_was() {
        let kept = r#"{"word":50,"interruption":20,"no_match":20,"cap":150}"#;
        let fusion: AngerFusion = serde_json::from_str(kept).expect("read");
        for (term, times, tenths) in [
            (fusion.word, 3, 150),
            (fusion.interruption, 9, 180),
            (fusion.no_match, 1, 20),
            (fusion.no_input, 9, 0),
        ] {
            assert_eq!(term.of(times), Score::from_tenths(tenths), "{term:?}");
        }
        assert_eq!(serde_json::to_string(&fusion).expect("written"), kept);
    }

    #[test]
    fn a_fusion_is_read_as_it_was_written() {
        let fusion = AngerFusion::default();
        let kept = serde_json::to_string(&fusion).expect("written");
        assert_eq!(
            serde_json::from_str::<AngerFusion>(&kept).expect("read"),
            fusion
        );
    }
}
