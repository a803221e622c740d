//! The line to the scorer of the caller's voice: when an utterance is open, and when
//! nothing may be scored.
//!
//! An utterance outlasts a breath: it ends when the caller has been quiet for a while.
//! What came while the voice was not to be scored is not sent later either, and a
//! score of what was dropped is not taken.

use crate::io::{ScoreOrder, SessionOutput};
use crate::settings::VoiceScorer;
use call_model::{CallTime, EmotionScore, FRAME_TIME, Language, PcmFrame, VoiceAnalysis};
use std::collections::VecDeque;

/// Frames without speech that end an utterance: 600 ms, more than a breath takes.
const QUIET_FRAMES: u32 = 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Line {
    /// There is no scorer.
    Absent,
    /// The plan or the caller says no.
    Refused,
    /// The caller's next utterance is waited for.
    Waiting,
    /// The caller speaks.
    Speaking,
    /// The caller has been quiet for so many frames, perhaps for a breath.
    Pausing { frames: u32 },
}

/// The scorer's line of one call.
#[derive(Debug)]
pub(crate) struct ScoreLine {
    line: Line,
    analysis: VoiceAnalysis,
    /// Sound up to here was sent, or is not to be.
    past: CallTime,
    /// Scores of sound up to here are not wanted any more.
    dropped_until: CallTime,
}

type Outputs = VecDeque<SessionOutput>;

impl ScoreLine {
    pub(crate) const fn new(scorer: VoiceScorer, analysis: VoiceAnalysis) -> Self {
        Self {
            line: match (scorer, analysis) {
                (VoiceScorer::Absent, _) => Line::Absent,
                (VoiceScorer::Present, VoiceAnalysis::Off) => Line::Refused,
                (VoiceScorer::Present, VoiceAnalysis::On) => Line::Waiting,
            },
            analysis,
            past: CallTime::ZERO,
            dropped_until: CallTime::ZERO,
        }
    }

    /// From now on the voice may be scored, or may not. Speech that is under way at a yes
    /// was begun without it and is not scored.
    pub(crate) fn analyse(&mut self, analysis: VoiceAnalysis, out: &mut Outputs) {
        self.analysis = analysis;
        self.drop_utterance(out);
        match (self.line, analysis) {
            (Line::Absent, _) => {}
            (_, VoiceAnalysis::On) => self.line = Line::Waiting,
            (_, VoiceAnalysis::Off) => self.line = Line::Refused,
        }
    }

    /// What is under way is forgotten, and its scores that are still to come are not taken.
    pub(crate) fn drop_utterance(&mut self, out: &mut Outputs) {
        self.dropped_until = self.past;
        match self.line {
            Line::Absent | Line::Refused | Line::Waiting => {}
            Line::Speaking | Line::Pausing { .. } => {
                out.push_back(SessionOutput::Score(ScoreOrder::Drop));
                self.line = Line::Waiting;
            }
        }
    }

    /// The caller began to speak; `recent` are the last moments, this one included.
    pub(crate) fn speech_started<'a>(
        &mut self,
        language: Language,
        recent: impl Iterator<Item = &'a PcmFrame>,
        out: &mut Outputs,
    ) {
        match self.line {
            Line::Absent | Line::Refused => {}
            Line::Speaking | Line::Pausing { .. } => self.line = Line::Speaking,
            Line::Waiting => {
                self.line = Line::Speaking;
                out.push_back(SessionOutput::Score(ScoreOrder::Begin(language)));
                let past = self.past;
                for frame in recent.filter(|frame| frame.at >= past) {
                    out.push_back(audio(frame));
                    self.past = end_of(frame);
                }
            }
        }
    }

    /// The caller stopped speaking, if only for a breath.
    pub(crate) fn speech_ended(&mut self) {
        match self.line {
            Line::Absent | Line::Refused | Line::Waiting | Line::Pausing { .. } => {}
            Line::Speaking => self.line = Line::Pausing { frames: 0 },
        }
    }

    /// The caller's next 20 ms.
    pub(crate) fn frame(&mut self, frame: &PcmFrame, out: &mut Outputs) {
        match self.line {
            Line::Absent | Line::Waiting => return,
            Line::Refused => {}
            Line::Speaking => out.push_back(audio(frame)),
            Line::Pausing { frames } => {
                out.push_back(audio(frame));
                self.line = match frames + 1 {
                    QUIET_FRAMES => {
                        out.push_back(SessionOutput::Score(ScoreOrder::End));
                        Line::Waiting
                    }
                    frames => Line::Pausing { frames },
                };
            }
        }
        self.past = end_of(frame);
    }

    /// 20 ms in which a person has the caller.
    pub(crate) fn pass_over(&mut self, frame: &PcmFrame, out: &mut Outputs) {
        self.drop_utterance(out);
        self.past = end_of(frame);
    }

    /// Whether a score counts: it may be, and is not of something that was dropped.
    pub(crate) fn takes(&self, score: &EmotionScore) -> bool {
        self.analysis == VoiceAnalysis::On && score.at > self.dropped_until
    }
}

fn audio(frame: &PcmFrame) -> SessionOutput {
    SessionOutput::Score(ScoreOrder::Audio(frame.clone()))
}

fn end_of(frame: &PcmFrame) -> CallTime {
    frame.at + FRAME_TIME
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear_line::EarLine;
    use call_model::{PerMille, Score};

    /// A line and what it told the scorer, written short: `b` begin, `40` audio of 40 ms,
    /// `e` end, `d` drop; a run of audio is `0..400`, its first and last frame.
    struct Story {
        line: ScoreLine,
        ear: EarLine,
        out: Outputs,
        next_frame: u64,
    }

    impl Story {
        fn new() -> Self {
            Self::of(VoiceScorer::Present, VoiceAnalysis::On)
        }

        fn of(scorer: VoiceScorer, analysis: VoiceAnalysis) -> Self {
            Self {
                line: ScoreLine::new(scorer, analysis),
                ear: EarLine::new(),
                out: Outputs::new(),
                next_frame: 0,
            }
        }

        fn next(&mut self) -> PcmFrame {
            let frame = PcmFrame::silent(CallTime::from_millis(self.next_frame));
            self.next_frame += 20;
            self.ear.frame(&frame, &mut self.out);
            frame
        }

        fn frames(&mut self, count: usize) -> &mut Self {
            for _ in 0..count {
                let frame = self.next();
                self.line.frame(&frame, &mut self.out);
            }
            self
        }

        fn frames_with_a_person(&mut self, count: usize) -> &mut Self {
            for _ in 0..count {
                let frame = self.next();
                self.line.pass_over(&frame, &mut self.out);
            }
            self
        }

        fn speech_starts(&mut self) -> &mut Self {
            let recent = self.ear.recent();
            self.line
                .speech_started(Language::En, recent, &mut self.out);
            self
        }

        fn speech_ends(&mut self) -> &mut Self {
            self.line.speech_ended();
            self
        }

        fn analyse(&mut self, analysis: VoiceAnalysis) -> &mut Self {
            self.line.analyse(analysis, &mut self.out);
            self
        }

        fn told(&mut self) -> String {
            let mut told = Vec::new();
            let mut run: Option<(u128, u128)> = None;
            let runs = |run: Option<(u128, u128)>| run.map(|(from, to)| format!("{from}..{to}"));
            for output in self.out.drain(..) {
                let SessionOutput::Score(order) = output else {
                    panic!("{output:?} is nothing for the scorer")
                };
                let short = match order {
                    ScoreOrder::Begin(language) => format!("b{language}"),
                    ScoreOrder::Audio(frame) => {
                        let at = u128::from(frame.at.as_millis());
                        run = match run {
                            Some((from, to)) if to + 20 == at => Some((from, at)),
                            other => {
                                told.extend(runs(other));
                                Some((at, at))
                            }
                        };
                        continue;
                    }
                    ScoreOrder::End => "e".to_owned(),
                    ScoreOrder::Drop => "d".to_owned(),
                };
                told.extend(runs(run.take()));
                told.push(short);
            }
            told.extend(runs(run));
            told.join(" ")
        }
    }

    fn score(at: u64) -> EmotionScore {
        EmotionScore {
            utterance: 1,
            at: CallTime::from_millis(at),
            anger: Score::MAX,
            log_odds_milli: 0,
            probability: PerMille::ONE,
            arousal: Score::MAX,
            speech_micros: 5_000_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: vec![],
        }
    }

    #[test]
    fn an_utterance_has_the_moments_before_it_and_600_ms_of_quiet() {
        let mut story = Story::new();
        story.frames(100);
        assert_eq!(story.told(), "");
        story.speech_starts().frames(10).speech_ends().frames(40);
        assert_eq!(story.told(), "ben 1600..2780 e");
    }

    #[test]
    fn a_breath_does_not_cut_an_utterance() {
        let mut story = Story::new();
        story.speech_starts().frames(5).speech_ends().frames(29);
        story.speech_starts().frames(5).speech_ends().frames(29);
        assert_eq!(story.told(), "ben 0..1340");
        story.frames(1);
        assert_eq!(story.told(), "1360..1360 e");
    }

    #[test]
    fn frames_of_the_last_utterance_are_not_sent_again() {
        let mut story = Story::new();
        story.speech_starts().frames(5).speech_ends().frames(32);
        story.speech_starts().frames(1);
        assert_eq!(story.told(), "ben 0..680 e ben 700..740");
    }

    #[test]
    fn what_is_under_way_is_dropped_once_and_the_next_utterance_is_scored() {
        let mut story = Story::new();
        story.line.drop_utterance(&mut story.out);
        story.speech_starts().frames(2);
        for _ in 0..2 {
            story.line.drop_utterance(&mut story.out);
        }
        story.frames(3).speech_ends().frames(3);
        assert_eq!(story.told(), "ben 0..20 d");
        story.speech_starts().frames(1);
        assert_eq!(story.told(), "ben 40..160");
    }

    #[test]
    fn what_is_said_to_a_person_is_not_sent_nor_sent_later() {
        let mut story = Story::new();
        story.speech_starts().frames(2).frames_with_a_person(3);
        assert_eq!(story.told(), "ben 0..20 d");
        story.frames(1).speech_ends().speech_starts();
        assert_eq!(story.told(), "ben 100..100");
    }

    #[test]
    fn a_no_drops_what_is_under_way_and_lets_nothing_through() {
        let mut story = Story::new();
        story.speech_starts().frames(2);
        story.analyse(VoiceAnalysis::Off);
        story
            .frames(3)
            .speech_ends()
            .frames(3)
            .speech_starts()
            .frames(3);
        assert_eq!(story.told(), "ben 0..20 d");
    }

    #[test]
    fn a_yes_counts_from_the_next_utterance_and_nothing_of_before_is_sent() {
        let mut story = Story::of(VoiceScorer::Present, VoiceAnalysis::Off);
        story.frames(10).speech_starts().frames(2);
        story.analyse(VoiceAnalysis::On);
        story.frames(3).speech_ends().frames(2);
        assert_eq!(story.told(), "");
        story.speech_starts().frames(1);
        assert_eq!(story.told(), "ben 240..340");
    }

    #[test]
    fn without_a_scorer_nothing_is_sent_whatever_the_plan_says() {
        let mut story = Story::of(VoiceScorer::Absent, VoiceAnalysis::On);
        story.frames(3).speech_starts().frames(3).speech_ends();
        story.analyse(VoiceAnalysis::Off);
        story.analyse(VoiceAnalysis::On);
        story.frames(3).speech_starts().frames(3);
        story.line.drop_utterance(&mut story.out);
        assert_eq!(story.told(), "");
    }

    #[test]
    fn scores_of_what_was_dropped_come_too_late() {
        let mut story = Story::new();
        story.speech_starts().frames(100);
        assert!(story.line.takes(&score(1_980)));
        story.analyse(VoiceAnalysis::Off);
        assert!(!story.line.takes(&score(1_980)), "not now");
        story.analyse(VoiceAnalysis::On);
        assert!(!story.line.takes(&score(2_000)), "nor after another yes");
        story.frames(2).speech_ends().frames(1).speech_starts();
        assert!(story.line.takes(&score(2_040)));
    }
}
