//! What stored calls tell of anger, and what the engine's own rules make of it once more.

use super::journals;
use call_engine::{AngerJudge, Behaviour, Call};
use call_model::{
    CallAction, CallId, CallInput, CallTime, Decision, EmotionScore, EscalationReason,
    JournalEntry, JournalLine, PersonOutcome, Score, VoiceAnalysis,
};
use dialplan::{EscalationPolicy, Plan};
use std::sync::Arc;

/// The anger of one stored call: what was scored, and what happened beside it.
#[derive(Debug)]
pub struct StoredAnger {
    /// The call.
    pub call: CallId,
    /// The digest of the plan that it ran with.
    pub plan_digest: String,
    /// When a person was owed for anger.
    pub then: Vec<CallTime>,
    /// Whether words and behaviour are known at every moment, or only where an escalation told them.
    pub behaviour: Known,
    moments: Vec<(CallTime, Moment)>,
}

/// How much is known of what callers said and did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// All of it: the call was made again with its plan.
    Always,
    /// What the evidence of its escalations holds.
    WhereEscalated,
    /// Nothing.
    Never,
}

#[derive(Debug)]
enum Moment {
    Scored(EmotionScore),
    Behaved(Behaviour),
    AnalysisDeclined,
    /// For another reason than anger.
    Escalated(EscalationReason),
    /// A person has the caller, or was declined.
    Closed,
}

impl StoredAnger {
    /// Reads a journal. With its plan the call is made again beside it, which tells what words and
    /// behaviour added at every moment; none where the text has no header.
    pub fn read(text: &str, plan_of: impl Fn(&str) -> Option<Arc<Plan>>) -> Option<Self> {
        let mut lines = journals::lines(text);
        let Some(JournalLine::Begin(header)) = lines.next() else {
            return None;
        };
        let plan = plan_of(&header.plan_digest);
        let mut reader = Reader {
            analysis: plan
                .as_ref()
                .map_or(VoiceAnalysis::On, |plan| plan.voice_analysis()),
            replayed: plan.map(|plan| Call::new(&header, plan)),
            behaviour: Behaviour::default(),
            with_person: false,
            found: Self {
                call: header.call,
                plan_digest: header.plan_digest.clone(),
                then: Vec::new(),
                behaviour: Known::Never,
                moments: Vec::new(),
            },
        };
        if reader.replayed.is_some() {
            reader.found.behaviour = Known::Always;
        }
        for line in lines {
            match line {
                JournalLine::At(at, JournalEntry::In(input)) => reader.news(at, input),
                JournalLine::At(at, JournalEntry::Out(action)) => reader.action(at, action),
                JournalLine::At(_, JournalEntry::Wake { .. })
                | JournalLine::Begin(_)
                | JournalLine::End(..) => {}
            }
        }
        Some(reader.found)
    }

    /// Every score, in order.
    pub fn scores(&self) -> impl Iterator<Item = &EmotionScore> {
        self.moments.iter().filter_map(|(_, moment)| match moment {
            Moment::Scored(score) => Some(score),
            Moment::Behaved(_)
            | Moment::AnalysisDeclined
            | Moment::Escalated(_)
            | Moment::Closed => None,
        })
    }

    /// When a person would have been owed for anger under this policy, as the call went.
    pub fn judged(&self, policy: &EscalationPolicy) -> Vec<CallTime> {
        let mut judge = AngerJudge::new(policy);
        let mut owed = Vec::new();
        for (at, moment) in &self.moments {
            let owes = match moment {
                Moment::Scored(score) => judge.scored(*at, score),
                Moment::Behaved(behaviour) => judge.behaved(*at, *behaviour),
                Moment::AnalysisDeclined => {
                    judge.declined_analysis();
                    false
                }
                Moment::Escalated(reason) => {
                    judge.escalated(*at, *reason);
                    false
                }
                Moment::Closed => {
                    judge.closed(*at);
                    false
                }
            };
            if owes {
                owed.push(*at);
            }
        }
        owed
    }

    /// Whether the voice alone, put on another scale, is owed a person at any moment.
    pub fn passes(&self, policy: &EscalationPolicy, points: &dyn Fn(f32) -> Score) -> bool {
        let mut judge = AngerJudge::new(policy);
        self.moments.iter().any(|(at, moment)| match moment {
            Moment::Scored(score) => {
                let anger = points(score.log_odds_milli as f32 / 1_000.0);
                let score = EmotionScore {
                    anger,
                    ..score.clone()
                };
                judge.scored(*at, &score)
            }
            Moment::AnalysisDeclined => {
                judge.declined_analysis();
                false
            }
            Moment::Behaved(_) | Moment::Escalated(_) | Moment::Closed => false,
        })
    }
}

struct Reader {
    analysis: VoiceAnalysis,
    /// The call again, where its plan is at hand.
    replayed: Option<Call>,
    behaviour: Behaviour,
    with_person: bool,
    found: StoredAnger,
}

impl Reader {
    fn news(&mut self, at: CallTime, input: CallInput) {
        if let Some(call) = &mut self.replayed {
            call.handle(at, &input);
            while call.poll_action().is_some() {}
            let behaviour = call.behaviour();
            self.behaved(at, behaviour);
        }
        match input {
            CallInput::Emotion(score) if self.analysis.is_on() && !self.with_person => {
                // Reasons are words for reviewers, and nothing to judge by.
                let reasons = Vec::new();
                self.note(at, Moment::Scored(EmotionScore { reasons, ..score }));
            }
            CallInput::Person(PersonOutcome::Connected) => {
                self.with_person = true;
                self.note(at, Moment::Closed);
            }
            CallInput::Person(PersonOutcome::Left) => self.with_person = false,
            _ => {}
        }
    }

    fn action(&mut self, at: CallTime, action: CallAction) {
        match action {
            CallAction::Escalate { reason, evidence } => {
                if self.found.behaviour == Known::Never {
                    self.found.behaviour = Known::WhereEscalated;
                }
                self.behaved(at, Behaviour::from(evidence.as_ref()));
                match reason {
                    EscalationReason::Anger => self.found.then.push(at),
                    other => self.note(at, Moment::Escalated(other)),
                }
            }
            CallAction::AnalyseVoice(choice) => {
                self.analysis = choice;
                if !choice.is_on() {
                    self.note(at, Moment::AnalysisDeclined);
                }
            }
            CallAction::Decide(Decision::DeclinedPerson | Decision::HandoffGivenUp) => {
                self.note(at, Moment::Closed)
            }
            _ => {}
        }
    }

    fn behaved(&mut self, at: CallTime, behaviour: Behaviour) {
        if behaviour != self.behaviour {
            self.behaviour = behaviour;
            self.note(at, Moment::Behaved(behaviour));
        }
    }

    fn note(&mut self, at: CallTime, moment: Moment) {
        self.found.moments.push((at, moment));
    }
}

/// Journals of made calls, for tests.
#[cfg(test)]
pub mod made {
    use super::*;
    use call_model::{CallHeader, Evidence, Language, PerMille, Private, RecordingChoice};

    /// The header of a made call; its plan is nowhere kept.
    pub fn begin(number: u128) -> JournalLine {
        JournalLine::Begin(Box::new(CallHeader {
            call: CallId::new(1_764_000_000_000, number),
            sip_call_id: "made".to_owned(),
            started_unix_millis: 1_764_000_000_000,
            trunk: "local".to_owned(),
            caller: Private::new(String::new()),
            called: "100".to_owned(),
            plan: "front-desk".to_owned(),
            plan_digest: "0".repeat(64),
            engine_version: call_engine::ENGINE_VERSION.to_owned(),
            language: Language::En,
            language_is_fixed: false,
            tier_is_asked_ahead: false,
            seed: 1,
            recording: RecordingChoice::Off,
        }))
    }

    /// The n-th utterance, of three seconds, at 10 n seconds, at so many log-odds; 80 lies at 1.25 of them.
    pub fn scored(n: u32, log_odds: f32) -> JournalLine {
        let at = CallTime::from_millis(u64::from(n) * 10_000);
        let points = (50.0 + 24.0 * log_odds).clamp(0.0, 100.0);
        let score = EmotionScore {
            utterance: n,
            at,
            anger: Score::from_tenths((points * 10.0).round() as u16),
            log_odds_milli: (log_odds * 1_000.0).round() as i32,
            probability: PerMille::ZERO,
            arousal: Score::ZERO,
            speech_micros: 3_000_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: vec!["loud".to_owned()],
        };
        JournalLine::At(at, JournalEntry::In(CallInput::Emotion(score)))
    }

    /// A person was owed after the n-th utterance, with so many angry words in the evidence.
    pub fn escalated(n: u32, reason: EscalationReason, angry_words: u32) -> JournalLine {
        let at = CallTime::from_millis(u64::from(n) * 10_000);
        let evidence = Box::new(Evidence {
            angry_words,
            ..Evidence::default()
        });
        let action = CallAction::Escalate { reason, evidence };
        JournalLine::At(at, JournalEntry::Out(action))
    }

    /// The lines as a journal has them.
    pub fn text(lines: &[JournalLine]) -> String {
        let json = |line: &JournalLine| serde_json::to_string(line).expect("json") + "\n";
        lines.iter().map(json).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_simulator::World;

    /// Under its own plan's rules every call must come out as it went, whatever happened in it.
    #[test]
    fn by_the_rules_that_it_ran_with_anger_is_owed_when_it_was() {
        let (mut scored, mut owed) = (0, 0);
        for seed in 0..2_000 {
            let run = World::from_seed(seed).run();
            let text = made::text(&run.journal);
            let plan = |_: &str| Some(Arc::clone(&run.plan));
            let call = StoredAnger::read(&text, plan).expect("a journal");
            let now = call.judged(&run.plan.policy().escalation);
            assert_eq!(now, call.then, "seed {seed}:\n{text}");
            scored += usize::from(call.scores().next().is_some());
            owed += usize::from(!now.is_empty());
        }
        assert!(scored > 100 && owed > 10, "{scored} scored, {owed} owed");
    }
}
