//! One answer on its way: its deadlines, its limits, and its one end.

use crate::limits;
use crate::tier::{AskHandle, NewsSink};
use crate::trouble::Trouble;
use call_model::{IntentFailure, IntentNews, IntentQuestion, Private};
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// Where an answer comes from, piece by piece. Once it failed it is not asked again.
pub(crate) trait Source: Send + 'static {
    /// The next piece; `Done` where the answer is complete.
    fn next(&mut self) -> impl Future<Output = Result<IntentNews, Trouble>> + Send;
}

/// Brings a question's answer from its source to its asker, on a task of its own.
pub(crate) fn follow(
    runtime: &Handle,
    question: &IntentQuestion,
    news: NewsSink,
    source: impl Source,
) -> AskHandle {
    let is_cancelled = Arc::<AtomicBool>::default();
    let answer = Answer::new(question, news, Arc::clone(&is_cancelled));
    let now = Instant::now();
    let whole = now + Duration::from_millis(question.whole_ms.into());
    let first = now + Duration::from_millis(question.first_piece_ms.into());
    let task = runtime.spawn(pass_on(answer, first.min(whole), whole, source));
    AskHandle::new(task.abort_handle(), is_cancelled)
}

async fn pass_on(mut answer: Answer, first: Instant, whole: Instant, mut source: impl Source) {
    loop {
        let (until, missing) = match answer.has_begun {
            false => (first, "no piece within first_piece_ms"),
            true => (whole, "not complete within whole_ms"),
        };
        let step = match timeout_at(until, source.next()).await {
            Ok(Ok(news)) => answer.take(news),
            Ok(Err(trouble)) => Err(trouble),
            Err(_) => Err(Trouble::new(IntentFailure::TimedOut, missing)),
        };
        match step {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return answer.end(IntentNews::Done),
            Err(trouble) => return answer.fail(&trouble),
        }
    }
}

/// What was passed on of one answer.
struct Answer {
    news: NewsSink,
    is_cancelled: Arc<AtomicBool>,
    /// Who is answered, for the log.
    name: String,
    nodes: Vec<String>,
    pieces: usize,
    bytes: usize,
    slots: usize,
    has_begun: bool,
    has_spoken: bool,
    is_over: bool,
}

impl Answer {
    fn new(question: &IntentQuestion, news: NewsSink, is_cancelled: Arc<AtomicBool>) -> Self {
        Self {
            news,
            is_cancelled,
            name: format!("{}/{}", question.call, question.question.0),
            nodes: question.nodes.clone(),
            pieces: 0,
            bytes: 0,
            slots: 0,
            has_begun: false,
            has_spoken: false,
            is_over: false,
        }
    }

    /// Passes on what is allowed; breaks where the answer is complete.
    fn take(&mut self, news: IntentNews) -> Result<ControlFlow<()>, Trouble> {
        let is_last = match &news {
            IntentNews::Say { text } => {
                self.count_words(text)?;
                if text.reveal().trim().is_empty() {
                    return Ok(ControlFlow::Continue(()));
                }
                self.has_spoken = true;
                false
            }
            IntentNews::Ask { text } => {
                text.iter().try_for_each(|text| self.count_words(text))?;
                true
            }
            IntentNews::Set { slot, value } => {
                self.count_slot(slot, value)?;
                false
            }
            IntentNews::Goto { node } => {
                if !self.nodes.contains(node) {
                    return Err(Trouble::garbled(
                        "goto leads where the question allows none",
                    ));
                }
                true
            }
            IntentNews::Escalate { .. } | IntentNews::End => true,
            IntentNews::Done => {
                if !self.has_spoken {
                    return Err(Trouble::garbled("the answer says nothing"));
                }
                return Ok(ControlFlow::Break(()));
            }
            IntentNews::Failed { why } => return Err(Trouble::new(*why, "the service gave up")),
        };
        self.has_begun = true;
        self.deliver(clipped(news));
        Ok(match is_last {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
    }

    fn count_words(&mut self, text: &Private<String>) -> Result<(), Trouble> {
        let bytes = text.reveal().len();
        self.pieces += 1;
        self.bytes += bytes;
        let is_within = bytes <= limits::PIECE_BYTES
            && self.pieces <= limits::PIECES
            && self.bytes <= limits::ANSWER_BYTES;
        is_within.then_some(()).ok_or_else(|| {
            let (pieces, bytes) = (self.pieces, self.bytes);
            Trouble::overrun(format!("the answer has {pieces} pieces, {bytes} bytes"))
        })
    }

    fn count_slot(&mut self, slot: &str, value: &Private<String>) -> Result<(), Trouble> {
        self.slots += 1;
        let is_within = self.slots <= limits::SLOTS
            && slot.len() <= limits::NAME_BYTES
            && value.reveal().len() <= limits::PIECE_BYTES;
        match (is_within, slot.is_empty()) {
            (false, _) => Err(Trouble::overrun("too many slots, or too large a one")),
            (true, true) => Err(Trouble::garbled("a slot without a name")),
            (true, false) => Ok(()),
        }
    }

    fn deliver(&self, news: IntentNews) {
        if !self.is_cancelled.load(Ordering::Acquire) {
            (self.news)(news);
        }
    }

    fn fail(mut self, trouble: &Trouble) {
        tracing::warn!(
            question = self.name, why = ?trouble.why, what = trouble.what,
            "the intent tier gave no whole answer"
        );
        self.finish(IntentNews::Failed { why: trouble.why });
    }

    fn end(mut self, news: IntentNews) {
        self.finish(news);
    }

    fn finish(&mut self, news: IntentNews) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.deliver(news);
        }
    }
}

impl Drop for Answer {
    /// The runtime goes down, or a part of ours broke: there is an end all the same.
    fn drop(&mut self) {
        let why = IntentFailure::Unreachable;
        self.finish(IntentNews::Failed { why });
    }
}

/// A long reason must not cost a caller the person.
fn clipped(news: IntentNews) -> IntentNews {
    match news {
        IntentNews::Escalate { why } => IntentNews::Escalate {
            why: why.chars().take(limits::WHY_CHARS).collect(),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::tests::question;
    use std::collections::VecDeque;
    use std::sync::Mutex;

    /// Pieces, each after so many milliseconds; then nothing for ever.
    struct Script(VecDeque<(u64, Result<IntentNews, Trouble>)>);

    impl Source for Script {
        async fn next(&mut self) -> Result<IntentNews, Trouble> {
            match self.0.pop_front() {
                Some((after, piece)) => {
                    tokio::time::sleep(Duration::from_millis(after)).await;
                    piece
                }
                None => std::future::pending().await,
            }
        }
    }

    fn say(text: &str) -> Result<IntentNews, Trouble> {
        let text = text.to_owned().into();
        Ok(IntentNews::Say { text })
    }

    const fn failed(why: IntentFailure) -> IntentNews {
        IntentNews::Failed { why }
    }

    /// What the asker hears; the clock is virtual and runs on whenever all wait.
    async fn heard(pieces: Vec<(u64, Result<IntentNews, Trouble>)>) -> Vec<IntentNews> {
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let handle = follow(
            &Handle::current(),
            &question(),
            Box::new(move |news| sink.lock().expect("a lock").push(news)),
            Script(pieces.into()),
        );
        while !handle.is_over() {
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        let told = told.lock().expect("a lock");
        told.clone()
    }

    #[tokio::test(start_paused = true)]
    async fn each_piece_is_passed_on_and_done_ends_it() {
        let news = heard(vec![
            (200, say("One.")),
            (900, say("二。")),
            (0, Ok(IntentNews::Done)),
        ]);
        let news = news.await;
        assert_eq!(
            news,
            [
                say("One.").expect("a piece"),
                say("二。").expect("a piece"),
                IntentNews::Done
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_piece_has_a_deadline_of_its_own() {
        let news = heard(vec![(600, say("late"))]).await;
        assert_eq!(news, [failed(IntentFailure::TimedOut)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_answer_has_a_deadline() {
        let news = heard(vec![(100, say("One.")), (2_000, say("late"))]).await;
        assert_eq!(
            news,
            [
                say("One.").expect("a piece"),
                failed(IntentFailure::TimedOut)
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_last_word_ends_the_answer_by_itself() {
        let why = "他".repeat(1_000);
        let news = heard(vec![
            (0, Ok(IntentNews::Escalate { why })),
            (0, say("more")),
        ]);
        let news = news.await;
        let why = "他".repeat(limits::WHY_CHARS);
        assert_eq!(news, [IntentNews::Escalate { why }, IntentNews::Done]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_goto_leads_only_where_the_question_allows() {
        let node = "nowhere".to_owned();
        let news = heard(vec![(0, Ok(IntentNews::Goto { node }))]).await;
        assert_eq!(news, [failed(IntentFailure::Garbled)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_says_nothing_is_none() {
        let garbled = || failed(IntentFailure::Garbled);
        for pieces in [vec![], vec![(0, say("  "))]] {
            let pieces = [pieces, vec![(0, Ok(IntentNews::Done))]].concat();
            assert_eq!(heard(pieces).await, [garbled()]);
        }
        let set = IntentNews::Set {
            slot: "order".to_owned(),
            value: "1234".to_owned().into(),
        };
        let news = heard(vec![(0, Ok(set.clone())), (0, Ok(IntentNews::Done))]).await;
        assert_eq!(news, [set, garbled()]);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_pieces_and_too_large_ones_are_an_overrun() {
        let many = vec![(0, say("a")); limits::PIECES + 1];
        let news = heard(many).await;
        assert_eq!(news.len(), limits::PIECES + 1);
        assert_eq!(news.last(), Some(&failed(IntentFailure::Overrun)));
        let large = heard(vec![(0, say(&"大".repeat(limits::PIECE_BYTES)))]).await;
        assert_eq!(large, [failed(IntentFailure::Overrun)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_question_tells_nothing_more() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let handle = follow(
            &Handle::current(),
            &question(),
            Box::new(move |news| sink.lock().expect("a lock").push(news)),
            Script(vec![(50, say("One.")), (50, say("Two."))].into()),
        );
        let look = || told.lock().expect("a lock").len();
        while look() < 1 {
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        handle.cancel();
        tokio::time::advance(Duration::from_secs(10)).await;
        tokio::task::yield_now().await;
        assert_eq!(look(), 1);
    }
}
