//! The rules that every session keeps.

use call_model::CallTime;
use std::fmt;

/// A rule, named for what is true while it holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SessionRule {
    /// The recording lasts as long as the talk, within 40 ms.
    RecordingIsWhole,
    /// What was recorded of the bot is what was sent.
    RecordingIsTrue,
    /// Each prompt that is played ends exactly once.
    PromptEndsOnce,
    /// One prompt sounds at a time.
    OnePromptAtATime,
    /// `Over` comes once, and nothing after it.
    NothingAfterOver,
    /// The journal begins, goes forward in time, learns of one hang-up, and ends.
    JournalIsWhole,
    /// The journal's news bring the journal's actions again.
    ReplayIsSame,
    /// Packets follow one another by one number and 160 samples, from one source.
    PacketsAreInOrder,
    /// The ear has one stream at a time, and sound only within it.
    EarIsInOrder,
    /// Every leg of an agent ends, once: by them or by us.
    AgentLegEndsOnce,
    /// No packet goes to an agent who is not there.
    NothingToAClosedLeg,
    /// Neither caller nor agent hears himself.
    NobodyHearsThemselves,
    /// From the bridge on, and not before it, each hears the other.
    EachHearsTheOther,
    /// Of what people say and key to each other the engine and the ear learn nothing.
    PeopleAreAlone,
    /// The voice is scored only where it may be: where there is a scorer, with the leave of
    /// plan and caller, within an utterance, and while no person has the caller.
    VoiceIsScoredByLeave,
    /// No key counts that was not pressed; on a perfect line every pressed key does.
    KeysAreTrue,
}

/// A rule that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionViolation {
    /// When.
    pub at: CallTime,
    /// Which.
    pub rule: SessionRule,
    /// How.
    pub what: String,
}

impl fmt::Display for SessionViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}: {}", self.at, self.rule, self.what)
    }
}
