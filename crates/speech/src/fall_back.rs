//! An engine that may fail, with another one that goes on in the middle of the utterance.

use crate::{FinishSink, HearingRequest, HearingStream, Recognizer, SpeechError};
use call_model::{EscalationWords, Heard, PcmFrame, PhraseGrammar};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A turn is kept for so many frames (60 s); what is said later the second engine hears alone.
const KEPT_MAX: usize = 3_000;
/// So many frames the second engine catches up with at each new one: it is there in a
/// twentieth of what was said, and no worker is held up for long.
const CATCH_UP: usize = 20;

/// Hears with the first engine. A turn in which it fails is heard by the second one, from its
/// beginning.
pub struct FallBack {
    first: Arc<dyn Recognizer>,
    second: Arc<Second>,
    name: String,
}

/// The engine that goes on, and how often it had to.
struct Second {
    engine: Arc<dyn Recognizer>,
    turns: AtomicU64,
}

impl FallBack {
    /// The engine that is asked, and the one that goes on where it fails.
    pub fn new(first: Arc<dyn Recognizer>, second: Arc<dyn Recognizer>) -> Self {
        let name = format!("{}, else {}", first.name(), second.name());
        Self {
            first,
            second: Arc::new(Second {
                engine: second,
                turns: AtomicU64::new(0),
            }),
            name,
        }
    }
}

impl Recognizer for FallBack {
    /// What only the second engine lacks is told in the log: turns go without it.
    fn prepare(
        &self,
        grammars: &[Arc<PhraseGrammar>],
        words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        if let Err(error) = self.second.engine.prepare(grammars, words) {
            let engine = self.second.engine.name();
            tracing::warn!(engine, %error, "the engine that would go on cannot hear all of this");
        }
        self.first.prepare(grammars, words)
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let ear = match self.first.open(request.clone()) {
            Ok(stream) => Ear::First {
                stream,
                kept: Vec::new(),
            },
            Err(error) => Ear::Second(begin_again(&self.second, &request, Vec::new(), &error)?),
        };
        Ok(Box::new(FallBackStream {
            second: Arc::clone(&self.second),
            request,
            ear,
        }))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn turns_without(&self) -> u64 {
        let Second { engine, turns } = &*self.second;
        turns.load(Ordering::Relaxed) + self.first.turns_without() + engine.turns_without()
    }
}

struct FallBackStream {
    second: Arc<Second>,
    request: HearingRequest,
    ear: Ear,
}

/// Who hears the turn.
enum Ear {
    First {
        stream: Box<dyn HearingStream>,
        kept: Vec<PcmFrame>,
    },
    Second(Catching),
}

/// The second engine, and what it has still to hear of what was said.
struct Catching {
    stream: Box<dyn HearingStream>,
    behind: VecDeque<PcmFrame>,
}

fn begin_again(
    second: &Second,
    request: &HearingRequest,
    kept: Vec<PcmFrame>,
    why: &SpeechError,
) -> Result<Catching, SpeechError> {
    second.turns.fetch_add(1, Ordering::Relaxed);
    let (engine, frames) = (second.engine.name(), kept.len());
    tracing::warn!(engine, frames, %why, "another engine goes on with a turn");
    let stream = second.engine.open(request.clone())?;
    let behind = kept.into();
    Ok(Catching { stream, behind })
}

impl Catching {
    /// Hears some of what it missed, and the frame itself once nothing is missing.
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        self.behind.push_back(frame.clone());
        let mut news = None;
        for _ in 0..=CATCH_UP {
            let Some(frame) = self.behind.pop_front() else {
                break;
            };
            news = self.stream.push(&frame)?.or(news);
        }
        Ok(news)
    }

    fn finish(mut self) -> Result<Heard, SpeechError> {
        for frame in self.behind {
            self.stream.push(&frame)?;
        }
        self.stream.finish()
    }
}

impl HearingStream for FallBackStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        let (stream, kept) = match &mut self.ear {
            Ear::First { stream, kept } => (stream, kept),
            Ear::Second(catching) => return catching.push(frame),
        };
        match stream.push(frame) {
            Ok(news) => {
                if kept.len() < KEPT_MAX {
                    kept.push(frame.clone());
                }
                Ok(news)
            }
            Err(error) => {
                let kept = std::mem::take(kept);
                let mut catching = begin_again(&self.second, &self.request, kept, &error)?;
                let news = catching.push(frame);
                self.ear = Ear::Second(catching);
                news
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let it = *self;
        match it.ear {
            Ear::First { stream, kept } => match stream.finish() {
                Err(error) => begin_again(&it.second, &it.request, kept, &error)?.finish(),
                heard => heard,
            },
            Ear::Second(catching) => catching.finish(),
        }
    }

    fn finish_to(self: Box<Self>, told: FinishSink) {
        let it = *self;
        match it.ear {
            Ear::First { stream, kept } => stream.finish_to(Box::new(move |heard| {
                told(match heard {
                    Err(error) => begin_again(&it.second, &it.request, kept, &error)
                        .and_then(Catching::finish),
                    heard => heard,
                });
            })),
            Ear::Second(catching) => told(catching.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallerChannel, ScriptedRecognizer, ScriptedTurn};
    use call_model::{CallTime, Language, TurnId};
    use std::sync::Mutex;

    /// Fails at the frame of this number; none: at the end.
    struct Failing(Option<usize>);
    struct FailingStream(Option<usize>, usize);

    impl Recognizer for Failing {
        fn prepare(
            &self,
            _: &[Arc<PhraseGrammar>],
            _: &[Arc<EscalationWords>],
        ) -> Result<(), SpeechError> {
            Ok(())
        }
        fn open(&self, _: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
            Ok(Box::new(FailingStream(self.0, 0)))
        }
        fn name(&self) -> &str {
            "failing"
        }
    }

    impl HearingStream for FailingStream {
        fn push(&mut self, _: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
            self.1 += 1;
            match self.0 {
                Some(at) if self.1 > at => Err(SpeechError::Engine("planted".to_owned())),
                _ => Ok(None),
            }
        }
        fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
            Err(SpeechError::Engine("planted".to_owned()))
        }
    }

    fn request() -> HearingRequest {
        HearingRequest {
            turn: TurnId(1),
            grammar: None,
            escalation: Arc::new(EscalationWords {
                language: Language::Zh,
                words: Vec::new(),
            }),
            also: None,
            channel: CallerChannel::default(),
        }
    }

    /// Two bursts, each heard only by who hears the turn from its beginning.
    fn frames() -> Vec<PcmFrame> {
        let loud = |n: u64| (10..20).contains(&n) || (80..90).contains(&n);
        let frame = |n: u64| {
            let mut frame = PcmFrame::silent(CallTime::from_millis(n * 20));
            if loud(n) {
                for (at, sample) in frame.samples.iter_mut().enumerate() {
                    *sample = if at % 8 < 4 { 8_000 } else { -8_000 };
                }
            }
            frame
        };
        (0..100).map(frame).collect()
    }

    fn ear(fails_at: Option<usize>) -> FallBack {
        let said = [
            (1, ScriptedTurn::saying("一声")),
            (2, ScriptedTurn::saying("两声")),
        ];
        let second = ScriptedRecognizer::by_bursts(said);
        FallBack::new(Arc::new(Failing(fails_at)), Arc::new(second))
    }

    fn text(heard: Result<Heard, SpeechError>) -> String {
        match heard.expect("heard") {
            Heard::Final { best, .. } => best.text.into_revealed(),
            Heard::NoMatch { .. } | Heard::Partial { .. } => String::new(),
        }
    }

    #[test]
    fn wherever_the_first_engine_fails_the_second_hears_the_whole_turn() {
        for at in [Some(0), Some(15), Some(85), Some(99), None] {
            let ear = ear(at);
            let mut stream = ear.open(request()).expect("opens");
            for frame in frames() {
                stream.push(&frame).expect("hears");
            }
            assert_eq!(text(stream.finish()), "两声", "{at:?}");
            assert_eq!(ear.turns_without(), 1);
        }
    }

    #[test]
    fn who_is_told_later_is_told_what_the_second_engine_heard() {
        let mut stream = ear(None).open(request()).expect("opens");
        for frame in frames() {
            stream.push(&frame).expect("hears");
        }
        let outcome = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&outcome);
        stream.finish_to(Box::new(move |heard| {
            *kept.lock().expect("kept") = Some(text(heard));
        }));
        assert_eq!(outcome.lock().expect("kept").as_deref(), Some("两声"));
    }
}
