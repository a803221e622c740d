//! The line to the ear: which turn is listened to, and when its stream is open.
//!
//! The engine's turns outlast the caller's speech, the ear's streams do not: one is
//! opened at the first speech of a turn, so that the number of decoders follows the
//! number of people speaking. The frames of the last moments are kept, because the
//! onset of a word lies before the news of it.

use crate::io::{AlsoHeard, EarOrder, SessionOutput};
use call_model::{CallTime, EscalationWords, FRAME_TIME, Heard, PcmFrame, PhraseGrammar, TurnId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Frames kept for the next stream, and for the next utterance to be scored: 400 ms. Of real speech 95 % is noticed within 230 ms.
const PRE_ROLL_FRAMES: usize = 20;

/// A turn as the engine wants it heard.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) turn: TurnId,
    pub(crate) grammar: Option<Arc<PhraseGrammar>>,
    pub(crate) escalation: Arc<EscalationWords>,
    pub(crate) also: Option<AlsoHeard>,
}

/// What became of a turn that was to be finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Finishing {
    /// The ear was asked for its last word.
    Asked,
    /// The ear heard nothing of this turn and owes nothing.
    NothingHeard,
}

/// Whether the caller is speaking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Voice {
    Quiet,
    Speaking,
}

#[derive(Debug)]
enum Line {
    /// Nobody listens.
    Idle,
    /// A turn waits for speech.
    Waiting(Wanted),
    /// A turn's stream is open.
    Streaming(Wanted),
    /// The ear owes the last word of a turn.
    Finishing(TurnId),
}

/// The ear's line of one call.
#[derive(Debug)]
pub(crate) struct EarLine {
    line: Line,
    voice: Voice,
    is_lost: bool,
    pre_roll: VecDeque<PcmFrame>,
    /// Sound up to here belongs to a turn that was finished.
    heard_until: CallTime,
    dropped: u64,
}

type Outputs = VecDeque<SessionOutput>;

impl EarLine {
    pub(crate) fn new() -> Self {
        Self {
            line: Line::Idle,
            voice: Voice::Quiet,
            is_lost: false,
            pre_roll: VecDeque::with_capacity(PRE_ROLL_FRAMES),
            heard_until: CallTime::ZERO,
            dropped: 0,
        }
    }

    /// The engine wants this turn heard; speech that is under way belongs to it.
    pub(crate) fn listen(&mut self, wanted: Wanted, out: &mut Outputs) {
        self.hang_up(out);
        self.line = Line::Waiting(wanted);
        self.open_if_spoken(out);
    }

    /// The turn is over: the ear is asked for its last word on it.
    pub(crate) fn finish(&mut self, turn: TurnId, out: &mut Outputs) -> Finishing {
        match &self.line {
            Line::Streaming(wanted) if wanted.turn == turn => {
                out.push_back(SessionOutput::Ear(EarOrder::Finish(turn)));
                self.line = Line::Finishing(turn);
                self.heard_until = self.pre_roll.back().map_or(CallTime::ZERO, end_of);
                Finishing::Asked
            }
            Line::Finishing(owed) if *owed == turn => Finishing::Asked,
            Line::Waiting(wanted) if wanted.turn == turn => {
                self.line = Line::Idle;
                Finishing::NothingHeard
            }
            Line::Idle | Line::Waiting(_) | Line::Streaming(_) | Line::Finishing(_) => {
                Finishing::NothingHeard
            }
        }
    }

    /// Nothing more is wanted from the turn.
    pub(crate) fn stop(&mut self, turn: TurnId, out: &mut Outputs) {
        if self.turn() == Some(turn) {
            self.hang_up(out);
        }
    }

    /// Nothing more is wanted from any turn.
    pub(crate) fn hang_up(&mut self, out: &mut Outputs) {
        match std::mem::replace(&mut self.line, Line::Idle) {
            Line::Idle | Line::Waiting(_) => {}
            Line::Streaming(Wanted { turn, .. }) | Line::Finishing(turn) => {
                out.push_back(SessionOutput::Ear(EarOrder::Cancel(turn)));
            }
        }
    }

    /// What was taken for the caller's speech was our own sound: it is not heard, and the turn
    /// waits for speech.
    pub(crate) fn forget_speech(&mut self, out: &mut Outputs) {
        self.line = match std::mem::replace(&mut self.line, Line::Idle) {
            Line::Streaming(wanted) => {
                let turn = wanted.turn;
                out.push_back(SessionOutput::Ear(EarOrder::Cancel(turn)));
                Line::Waiting(wanted)
            }
            other @ (Line::Idle | Line::Waiting(_) | Line::Finishing(_)) => other,
        };
        self.voice = Voice::Quiet;
        self.pre_roll.clear();
    }

    /// From now on the caller speaks to a person: nothing of it is heard, nor is what was
    /// said before heard later.
    pub(crate) fn close(&mut self, out: &mut Outputs) {
        self.hang_up(out);
        self.voice = Voice::Quiet;
        self.pre_roll.clear();
    }

    /// The caller began to speak.
    pub(crate) fn speech_started(&mut self, out: &mut Outputs) {
        self.voice = Voice::Speaking;
        self.open_if_spoken(out);
    }

    /// The caller stopped speaking; the stream stays, for it may be a breath.
    pub(crate) fn speech_ended(&mut self) {
        self.voice = Voice::Quiet;
    }

    /// The caller's next 20 ms.
    pub(crate) fn frame(&mut self, frame: &PcmFrame, out: &mut Outputs) {
        if self.pre_roll.len() == PRE_ROLL_FRAMES {
            self.pre_roll.pop_front();
        }
        self.pre_roll.push_back(frame.clone());
        if let Line::Streaming(Wanted { turn, .. }) = self.line {
            let frame = frame.clone();
            out.push_back(SessionOutput::Ear(EarOrder::Audio { turn, frame }));
        }
    }

    /// The caller's last moments, up to now.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &PcmFrame> {
        self.pre_roll.iter()
    }

    /// Whether this news is about a turn that still listens; what comes too late is counted.
    pub(crate) fn takes(&mut self, heard: &Heard) -> bool {
        let is_awaited = match &self.line {
            Line::Streaming(wanted) => wanted.turn == heard.turn(),
            Line::Finishing(turn) => *turn == heard.turn(),
            Line::Idle | Line::Waiting(_) => false,
        };
        match heard {
            Heard::Final { .. } | Heard::NoMatch { .. } if is_awaited => self.line = Line::Idle,
            Heard::Final { .. } | Heard::NoMatch { .. } | Heard::Partial { .. } => {}
        }
        self.dropped += u64::from(!is_awaited);
        is_awaited
    }

    /// The recogniser is gone, and a stream with it; the turn waits for another. False
    /// if it was gone before.
    pub(crate) fn lost(&mut self) -> bool {
        let is_news = !std::mem::replace(&mut self.is_lost, true);
        self.line = match std::mem::replace(&mut self.line, Line::Idle) {
            Line::Streaming(wanted) | Line::Waiting(wanted) => Line::Waiting(wanted),
            Line::Idle | Line::Finishing(_) => Line::Idle,
        };
        is_news
    }

    /// The recogniser is back; false if it was there.
    pub(crate) fn restored(&mut self, out: &mut Outputs) -> bool {
        let is_news = std::mem::replace(&mut self.is_lost, false);
        self.open_if_spoken(out);
        is_news
    }

    /// News of the ear that came too late to be used.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    const fn turn(&self) -> Option<TurnId> {
        match &self.line {
            Line::Idle => None,
            Line::Waiting(wanted) | Line::Streaming(wanted) => Some(wanted.turn),
            Line::Finishing(turn) => Some(*turn),
        }
    }

    fn open_if_spoken(&mut self, out: &mut Outputs) {
        if self.voice == Voice::Quiet || self.is_lost {
            return;
        }
        match std::mem::replace(&mut self.line, Line::Idle) {
            Line::Waiting(wanted) => {
                self.open(&wanted, out);
                self.line = Line::Streaming(wanted);
            }
            other @ (Line::Idle | Line::Streaming(_) | Line::Finishing(_)) => self.line = other,
        }
    }

    fn open(&self, wanted: &Wanted, out: &mut Outputs) {
        let turn = wanted.turn;
        out.push_back(SessionOutput::Ear(EarOrder::Start {
            turn,
            grammar: wanted.grammar.clone(),
            escalation: Arc::clone(&wanted.escalation),
            also: wanted.also.clone(),
        }));
        let unheard = self.pre_roll.iter().filter(|f| f.at >= self.heard_until);
        out.extend(unheard.map(|frame| {
            let frame = frame.clone();
            SessionOutput::Ear(EarOrder::Audio { turn, frame })
        }));
    }
}

fn end_of(frame: &PcmFrame) -> CallTime {
    frame.at + FRAME_TIME
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{Language, Private};

    /// A line and what it told the ear, written short: `s1` start, `a1@40` audio of 40 ms,
    /// `f1` finish, `c1` cancel.
    struct Story {
        line: EarLine,
        out: Outputs,
        next_frame: u64,
    }

    impl Story {
        fn new() -> Self {
            Self {
                line: EarLine::new(),
                out: Outputs::new(),
                next_frame: 0,
            }
        }

        fn frames(&mut self, count: usize) -> &mut Self {
            for _ in 0..count {
                let frame = PcmFrame::silent(CallTime::from_millis(self.next_frame));
                self.next_frame += 20;
                self.line.frame(&frame, &mut self.out);
            }
            self
        }

        fn listen(&mut self, turn: u32) -> &mut Self {
            let words = EscalationWords {
                language: Language::En,
                words: vec![],
            };
            let wanted = Wanted {
                turn: TurnId(turn),
                grammar: None,
                escalation: Arc::new(words),
                also: None,
            };
            self.line.listen(wanted, &mut self.out);
            self
        }

        fn speech_starts(&mut self) -> &mut Self {
            self.line.speech_started(&mut self.out);
            self
        }

        fn finish(&mut self, turn: u32) -> Finishing {
            self.line.finish(TurnId(turn), &mut self.out)
        }

        fn told(&mut self) -> String {
            let told: Vec<String> = self
                .out
                .drain(..)
                .map(|output| match output {
                    SessionOutput::Ear(EarOrder::Start { turn, .. }) => format!("s{}", turn.0),
                    SessionOutput::Ear(EarOrder::Audio { turn, frame }) => {
                        format!("a{}@{}", turn.0, frame.at.as_millis())
                    }
                    SessionOutput::Ear(EarOrder::Finish(turn)) => format!("f{}", turn.0),
                    SessionOutput::Ear(EarOrder::Cancel(turn)) => format!("c{}", turn.0),
                    other => panic!("{other:?} is nothing for the ear"),
                })
                .collect();
            told.join(" ")
        }
    }

    fn partial(turn: u32) -> Heard {
        Heard::Partial {
            turn: TurnId(turn),
            text: Private::default(),
            is_complete: false,
            can_continue: true,
            is_doubtful: false,
            spotted: vec![],
        }
    }

    fn no_match(turn: u32) -> Heard {
        Heard::NoMatch {
            turn: TurnId(turn),
            rejected: None,
            spotted: vec![],
            language: None,
        }
    }

    #[test]
    fn a_stream_opens_with_the_first_speech_and_brings_the_moments_before_it() {
        let mut story = Story::new();
        story.frames(3).listen(1).frames(2);
        assert_eq!(story.told(), "");
        story.speech_starts().frames(1);
        assert_eq!(story.told(), "s1 a1@0 a1@20 a1@40 a1@60 a1@80 a1@100");
        assert_eq!(story.finish(1), Finishing::Asked);
        assert_eq!(story.told(), "f1");
    }

    #[test]
    fn the_moments_before_are_400_ms() {
        let mut story = Story::new();
        story.listen(1).frames(100).speech_starts();
        let told = story.told();
        assert!(told.starts_with("s1 a1@1600 "), "{told}");
        assert!(told.ends_with(" a1@1980"), "{told}");
    }

    #[test]
    fn a_turn_that_begins_in_mid_speech_is_streamed_at_once() {
        let mut story = Story::new();
        story.frames(2).speech_starts().listen(1);
        assert_eq!(story.told(), "s1 a1@0 a1@20");
    }

    #[test]
    fn a_breath_does_not_close_the_stream() {
        let mut story = Story::new();
        story.listen(1).speech_starts();
        story.line.speech_ended();
        story.frames(1).speech_starts().frames(1);
        assert_eq!(story.told(), "s1 a1@0 a1@20");
    }

    #[test]
    fn what_a_finished_turn_heard_is_not_heard_again() {
        let mut story = Story::new();
        story.listen(1).speech_starts().frames(2);
        story.finish(1);
        story.told();
        story.frames(1).listen(2);
        assert_eq!(story.told(), "c1 s2 a2@40");
    }

    #[test]
    fn what_a_cancelled_turn_heard_is_heard_again() {
        let mut story = Story::new();
        story.listen(1).speech_starts().frames(2);
        story.line.stop(TurnId(1), &mut story.out);
        story.listen(2);
        assert_eq!(story.told(), "s1 a1@0 a1@20 c1 s2 a2@0 a2@20");
    }

    #[test]
    fn speech_that_was_our_own_is_forgotten_and_the_turn_waits() {
        let mut story = Story::new();
        story.listen(1).speech_starts().frames(2);
        story.line.forget_speech(&mut story.out);
        story.frames(1);
        assert_eq!(story.told(), "s1 a1@0 a1@20 c1");
        story.speech_starts();
        assert_eq!(story.told(), "s1 a1@40");
    }

    #[test]
    fn news_of_a_dead_turn_is_dropped_and_counted() {
        let mut story = Story::new();
        story.listen(1).speech_starts();
        assert!(story.line.takes(&partial(1)));
        story.finish(1);
        assert!(story.line.takes(&no_match(1)));
        assert!(!story.line.takes(&no_match(1)), "a second last word");
        story.listen(2);
        assert!(!story.line.takes(&partial(1)));
        story.line.stop(TurnId(2), &mut story.out);
        assert!(!story.line.takes(&partial(2)));
        assert_eq!(story.line.dropped(), 3);
    }

    #[test]
    fn a_turn_without_speech_owes_no_last_word() {
        let mut story = Story::new();
        story.listen(1).frames(1);
        assert_eq!(story.finish(1), Finishing::NothingHeard);
        assert_eq!(story.told(), "");
    }

    #[test]
    fn an_ear_that_comes_back_in_mid_speech_hears_the_rest() {
        let mut story = Story::new();
        story.listen(1).speech_starts();
        story.told();
        assert!(story.line.lost());
        assert!(!story.line.lost(), "lost already");
        story.frames(2);
        assert_eq!(story.told(), "");
        assert!(story.line.restored(&mut story.out));
        assert_eq!(story.told(), "s1 a1@0 a1@20");
    }
}
