use super::*;
use call_model::{CallTime, Language, PcmFrame, PerMille};
use speech::{FinishSink, SpeechError};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Hears how many frames it was given; panics on a frame that is concealed.
struct Counting;

struct CountingStream(TurnId, usize);

impl Recognizer for Counting {
    fn prepare(
        &self,
        _: &[Arc<PhraseGrammar>],
        _: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }
    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        Ok(Box::new(CountingStream(request.turn, 0)))
    }
    fn name(&self) -> &str {
        "counting"
    }
}

impl HearingStream for CountingStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        assert!(!frame.concealed, "planted");
        self.1 += 1;
        Ok(None)
    }
    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let text = call_model::Private::new(self.1.to_string());
        let best = call_model::Hypothesis {
            text,
            confidence: PerMille::ONE,
            words: vec![],
        };
        Ok(Heard::Final {
            turn: self.0,
            best,
            others: vec![],
            spotted: vec![],
            language: None,
        })
    }
}

struct Told(Sender<EarNews>);

impl EarListener for Told {
    fn hear(&self, news: EarNews) {
        self.0.send(news).expect("the test listens");
    }
}

fn pool(workers: usize) -> EarPool {
    let recognizer: Arc<dyn Recognizer> = Arc::new(Counting);
    EarPool::start(&recognizer, workers).expect("threads")
}

fn start(pool: &EarPool, worker: usize, turn: u32) -> (StreamId, Receiver<EarNews>) {
    let (sender, told) = channel();
    let stream = StreamId {
        call: CallId::new(1, 1),
        turn: TurnId(turn),
    };
    let escalation = Arc::new(EscalationWords {
        language: Language::En,
        words: vec![],
    });
    let job = EarJob::Start {
        turn: stream.turn,
        grammar: None,
        escalation,
        also: None,
        channel: CallerChannel::default(),
        listener: Box::new(Told(sender)),
    };
    assert!(pool.post(worker, stream, job));
    (stream, told)
}

fn frame(concealed: bool) -> EarJob {
    EarJob::Frame(PcmFrame {
        concealed,
        ..PcmFrame::silent(CallTime::ZERO)
    })
}

fn text(told: &Receiver<EarNews>) -> String {
    match told.recv_timeout(Duration::from_secs(10)).expect("news") {
        EarNews::Heard(Heard::Final { best, .. }) => best.text.into_revealed(),
        EarNews::Heard(_) => "not understood".to_owned(),
        EarNews::Lost => "lost".to_owned(),
    }
}

#[test]
fn a_stream_hears_its_frames_and_no_other_streams() {
    let pool = pool(1);
    let (first, told_first) = start(&pool, 0, 1);
    let (second, told_second) = start(&pool, 0, 2);
    for _ in 0..3 {
        pool.post(0, first, frame(false));
    }
    pool.post(0, second, frame(false));
    pool.post(0, first, EarJob::Finish);
    pool.post(0, second, EarJob::Finish);
    assert_eq!(
        (text(&told_first), text(&told_second)),
        ("3".into(), "1".into())
    );
    pool.stop();
    assert_eq!(pool.open_streams(), 0);
}

#[test]
fn a_panic_of_the_recogniser_costs_one_turn_of_one_caller() {
    let pool = pool(1);
    let (broken, told_broken) = start(&pool, 0, 1);
    let (whole, told_whole) = start(&pool, 0, 2);
    pool.post(0, broken, frame(true));
    pool.post(0, whole, frame(false));
    pool.post(0, broken, EarJob::Finish);
    pool.post(0, whole, EarJob::Finish);
    assert_eq!(
        (text(&told_broken), text(&told_whole)),
        ("not understood".into(), "1".into())
    );
    assert!(!pool.is_lost());
    pool.stop();
    assert_eq!(pool.open_streams(), 0);
}

#[test]
fn streams_that_fail_one_after_another_are_a_lost_ear() {
    let pool = pool(1);
    let mut last = None;
    for turn in 1..=3 {
        let (stream, told) = start(&pool, 0, turn);
        pool.post(0, stream, frame(true));
        last = Some(told);
    }
    assert_eq!(text(&last.expect("three")), "lost");
    assert!(pool.is_lost());
    pool.stop();
}

#[test]
fn the_next_stream_goes_where_least_is_open() {
    let pool = pool(2);
    assert_eq!(pool.least_busy(), 0);
    let (_, _told) = start(&pool, 0, 1);
    assert_eq!(pool.least_busy(), 1);
    pool.stop();
}

/// Answers only when it is asked to, as an engine elsewhere does.
#[derive(Clone, Default)]
struct Later(Arc<Mutex<Vec<FinishSink>>>);

struct LaterStream(Later);

impl Recognizer for Later {
    fn prepare(
        &self,
        _: &[Arc<PhraseGrammar>],
        _: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }
    fn open(&self, _: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        Ok(Box::new(LaterStream(self.clone())))
    }
    fn name(&self) -> &str {
        "later"
    }
}

impl HearingStream for LaterStream {
    fn push(&mut self, _: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        Ok(None)
    }
    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        Err(SpeechError::Engine("nobody waits here".to_owned()))
    }
    fn finish_to(self: Box<Self>, told: FinishSink) {
        lock(&self.0.0).push(told);
    }
}

#[test]
fn who_answers_later_holds_up_nobody_and_every_turn_has_an_end() {
    let later = Later::default();
    let recognizer: Arc<dyn Recognizer> = Arc::new(later.clone());
    let pool = EarPool::start(&recognizer, 1).expect("threads");
    let turns: Vec<_> = (1..=3).map(|turn| start(&pool, 0, turn)).collect();
    for (stream, _) in &turns {
        pool.post(0, *stream, EarJob::Finish);
    }
    // The worker has handed all three on once it is gone; they still count as open.
    pool.stop();
    assert_eq!(pool.open_streams(), 3);
    let mut sinks = std::mem::take(&mut *lock(&later.0)).into_iter();
    let turn = turns[0].0.turn;
    let heard = Heard::NoMatch {
        turn,
        rejected: None,
        spotted: vec![],
        language: None,
    };
    sinks.next().expect("the first")(Ok(heard));
    sinks.next().expect("the second")(Err(SpeechError::Engine("planted".to_owned())));
    // One that is let go without a word is a turn that was not understood, too.
    drop(sinks);
    for (_, told) in &turns {
        assert_eq!(text(told), "not understood");
    }
    assert_eq!(pool.open_streams(), 0);
}
