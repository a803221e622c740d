//! A journal told as the call sounded: who said what, what was understood and
//! how surely, what was decided and why, how long each reply took.

use crate::latency::{Measured, Reply, Stopwatch};
use call_model::{
    ApiOutcome, ApiRequestId, CallAction, CallHeader, CallInput, CallOutcome, CallTime, Decision,
    Heard, HungUp, Hypothesis, IntentFact, IntentNews, JournalEntry, JournalLine, MASK,
    PersonOutcome, PromptEnd, PromptPiece, PromptText, SpottedWord, VoiceAnalysis,
};
use std::fmt::Write;

/// Tells one journal, line by line.
#[derive(Default, Debug)]
pub struct Timeline {
    stopwatch: Stopwatch,
    has_colour: bool,
    /// The conversation stands where what is said and keyed is masked.
    is_hushed: bool,
}

/// Who a line is about; sets its colour.
#[derive(Clone, Copy)]
enum Voice {
    Caller,
    Bot,
    Engine,
    Line,
}

impl Timeline {
    /// A teller; with colour for a terminal.
    pub fn new(has_colour: bool) -> Self {
        Self {
            stopwatch: Stopwatch::default(),
            has_colour,
            is_hushed: false,
        }
    }

    /// The text for one line of the journal, each of its lines ended; empty for
    /// lines that only machines need.
    pub fn tell(&mut self, line: &JournalLine) -> String {
        let measured = self.stopwatch.follow(line);
        let is_hushed = self.is_hushed;
        if let JournalLine::At(_, JournalEntry::Out(CallAction::Decide(decision))) = line
            && let Decision::Entered { is_sensitive, .. } = decision
        {
            self.is_hushed = *is_sensitive;
        }
        let mut told = match line {
            JournalLine::Begin(header) => begin(header),
            JournalLine::At(now, JournalEntry::In(input)) => {
                let news = if is_hushed { masked_news(input) } else { None };
                self.line(*now, news.or_else(|| self::news(input)))
            }
            JournalLine::At(now, JournalEntry::Out(action)) => {
                let deed = if is_hushed { masked_deed(action) } else { None };
                self.line(*now, deed.or_else(|| self::deed(action)))
            }
            JournalLine::At(_, JournalEntry::Wake { .. }) => String::new(),
            JournalLine::End(now, outcome) => format!("{now:>9}  ■ {}\n", ending(*outcome)),
        };
        if let (JournalLine::At(now, _), Some(measured)) = (line, measured) {
            told += &self.line(*now, Some((Voice::Engine, measure(measured))));
        }
        told
    }

    fn line(&self, now: CallTime, said: Option<(Voice, String)>) -> String {
        let Some((voice, text)) = said else {
            return String::new();
        };
        let (name, colour) = match voice {
            Voice::Caller => ("caller", "33"),
            Voice::Bot => ("bot", "36"),
            Voice::Engine => ("", "90"),
            Voice::Line => ("line", "35"),
        };
        if self.has_colour {
            format!("{now:>9}  \x1b[{colour}m{name:<7} {text}\x1b[0m\n")
        } else {
            format!("{now:>9}  {name:<7} {text}\n")
        }
    }
}

fn begin(header: &CallHeader) -> String {
    format!(
        "\n☎ call {}  {} → {}  plan {} ({}…)  {}\n",
        header.call,
        header.caller.reveal(),
        header.called,
        header.plan,
        &header.plan_digest.get(..8).unwrap_or_default(),
        header.language,
    )
}

fn ending(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Interrupted => "the server died under this call",
        CallOutcome::Ended(HungUp::ByCaller) => "the caller hung up",
        CallOutcome::Ended(HungUp::Cancelled) => "the caller gave up before the answer",
        CallOutcome::Ended(HungUp::ByBot) => "the bot hung up, as the plan says",
        CallOutcome::Ended(HungUp::Transferred) => "the caller went on to a person",
        CallOutcome::Ended(HungUp::NoAck) => "the caller's side never acknowledged the answer",
        CallOutcome::Ended(HungUp::MediaLost) => "no sound arrived any more",
        CallOutcome::Ended(HungUp::TooLong) => "the longest time for a call was reached",
        CallOutcome::Ended(HungUp::Drained) => "the server went down, with a goodbye",
        CallOutcome::Ended(HungUp::Fault) => "a part of ours failed",
    }
}

fn news(input: &CallInput) -> Option<(Voice, String)> {
    Some(match input {
        CallInput::Answered => (Voice::Line, "answered".to_owned()),
        CallInput::Heard(heard) => return hearing(heard),
        CallInput::KeyPressed(key) => (Voice::Caller, format!("⌨ {key}")),
        CallInput::PromptEnded {
            end: PromptEnd::Stopped { heard_ms },
            ..
        } => (
            Voice::Bot,
            format!("… stopped; {} s of it were heard", seconds(*heard_ms)),
        ),
        CallInput::PromptEnded {
            end: PromptEnd::Failed,
            ..
        } => (Voice::Bot, "✗ this prompt could not be played".to_owned()),
        CallInput::Emotion(score) => (
            Voice::Engine,
            format!(
                "voice: anger {}, arousal {}{} ({})",
                score.anger,
                score.arousal,
                if score.is_calibrated {
                    ""
                } else {
                    ", uncalibrated"
                },
                score.reasons.join(", ")
            ),
        ),
        CallInput::EarLost => (Voice::Line, "✗ the recogniser is gone".to_owned()),
        CallInput::EarRestored => (Voice::Line, "the recogniser is back".to_owned()),
        CallInput::Person(outcome) => (Voice::Line, person(*outcome)),
        CallInput::Api { request, outcome } => (Voice::Line, back_end(*request, outcome)),
        CallInput::Intent { news, .. } => (Voice::Engine, mind(news)),
        CallInput::CallerHeld => (Voice::Line, "the caller put us on hold".to_owned()),
        CallInput::CallerReturned => (Voice::Line, "the caller is back from hold".to_owned()),
        CallInput::Draining => (Voice::Line, "the server goes down".to_owned()),
        CallInput::Failed { what } => (Voice::Line, format!("✗ {what}")),
        CallInput::SpeechStarted { .. }
        | CallInput::SpeechEnded { .. }
        | CallInput::PromptStarted(_)
        | CallInput::PromptEnded {
            end: PromptEnd::Finished,
            ..
        }
        | CallInput::DeadlineReached
        | CallInput::HungUp(_) => return None,
    })
}

/// What tells too much where something sensitive is asked for, without it.
fn masked_news(input: &CallInput) -> Option<(Voice, String)> {
    match input {
        CallInput::Heard(Heard::Final { .. } | Heard::NoMatch { .. }) => {
            Some((Voice::Caller, format!("“{MASK}”")))
        }
        CallInput::KeyPressed(_) => Some((Voice::Caller, format!("⌨ {MASK}"))),
        _ => None,
    }
}

fn masked_deed(action: &CallAction) -> Option<(Voice, String)> {
    let CallAction::Decide(Decision::Collected {
        slot, confidence, ..
    }) = action
    else {
        return None;
    };
    Some((Voice::Engine, format!("{slot} = {MASK}  {confidence}")))
}

fn hearing(heard: &Heard) -> Option<(Voice, String)> {
    let said = |text: String, spotted: &[SpottedWord]| {
        let mut text = text;
        for word in spotted {
            let _ = write!(text, "  ⚑ {} {}", word.word, word.confidence);
        }
        Some((Voice::Caller, text))
    };
    match heard {
        Heard::Partial { .. } => None,
        Heard::Final { best, spotted, .. } => said(reading(best), spotted),
        Heard::NoMatch {
            rejected, spotted, ..
        } => {
            let nearest = rejected.as_ref().map_or(String::new(), |nearest| {
                format!("; nearest was {}", reading(nearest))
            });
            said(format!("(not understood{nearest})"), spotted)
        }
    }
}

fn reading(hypothesis: &Hypothesis) -> String {
    format!("“{}”  {}", hypothesis.text.reveal(), hypothesis.confidence)
}

fn person(outcome: PersonOutcome) -> String {
    match outcome {
        PersonOutcome::Queued { ahead } => format!("waits for a person, {ahead} before them"),
        PersonOutcome::Ringing => "a person's phone rings".to_owned(),
        PersonOutcome::Connected => "a person has the caller".to_owned(),
        PersonOutcome::Failed(why) => format!("no person could be had: {why:?}"),
        PersonOutcome::Left => "the person left".to_owned(),
    }
}

fn back_end(request: ApiRequestId, outcome: &ApiOutcome) -> String {
    match outcome {
        ApiOutcome::Answered { status, .. } => {
            format!("the back end answered request {}: {status}", request.0)
        }
        ApiOutcome::Failed { why } => {
            format!(
                "✗ the back end gave no answer to request {}: {why:?}",
                request.0
            )
        }
    }
}

fn mind(news: &IntentNews) -> String {
    let what = match news {
        IntentNews::Say { text } => format!("say “{}”", text.reveal()),
        IntentNews::Ask { text: Some(text) } => format!("ask “{}”", text.reveal()),
        IntentNews::Ask { text: None } => "listen".to_owned(),
        IntentNews::Set { slot, value } => format!("{slot} = {}", value.reveal()),
        IntentNews::Goto { node } => format!("go to {node}"),
        IntentNews::Escalate { why } => format!("fetch a person: {why}"),
        IntentNews::End => "end the call".to_owned(),
        IntentNews::Done => "that is all".to_owned(),
        IntentNews::Failed { why } => return format!("✗ the intent tier gave no answer: {why:?}"),
    };
    format!("the intent tier: {what}")
}

fn deed(action: &CallAction) -> Option<(Voice, String)> {
    Some(match action {
        CallAction::Play { text, .. } => (Voice::Bot, format!("“{}”", words(text))),
        CallAction::Duck(_) => (Voice::Bot, "… lowers its voice".to_owned()),
        CallAction::Unduck(_) => (Voice::Bot, "… goes on".to_owned()),
        CallAction::Escalate { reason, evidence } => (
            Voice::Engine,
            format!(
                "⇧ owed a person: {reason} (demand words {}, requests {}, anger {}, unserved {} s)",
                evidence.demands.len(),
                evidence.asks.len(),
                evidence.anger.fused,
                evidence.unserved_micros / 1_000_000,
            ),
        ),
        CallAction::FetchPerson(handoff) => {
            let ahead = if handoff.has_priority {
                ", ahead of others"
            } else {
                ""
            };
            (
                Voice::Engine,
                format!("⇧ fetches a person: {}{ahead}", handoff.reason),
            )
        }
        CallAction::ReleasePerson => {
            let text = "the caller waits for nobody any more";
            (Voice::Engine, text.to_owned())
        }
        CallAction::StartMusic => (Voice::Bot, "♪ music".to_owned()),
        CallAction::StopMusic => (Voice::Bot, "♪ ends".to_owned()),
        CallAction::CallApi(request) => (
            Voice::Engine,
            format!("asks a back end: {}", request.url.reveal()),
        ),
        CallAction::AskIntent(question) if question.is_ahead => {
            let text = "asks the intent tier ahead; nothing of its answer is heard yet";
            (Voice::Engine, text.to_owned())
        }
        CallAction::AskIntent(question) => (
            Voice::Engine,
            format!("asks the intent tier, try {}", question.attempt),
        ),
        CallAction::CancelIntent(_) => {
            let text = "the intent tier's answer no longer matters";
            (Voice::Engine, text.to_owned())
        }
        CallAction::TellIntent(IntentFact::Adopted { .. }) => {
            let text = "the intent tier's answer to what it was asked ahead counts";
            (Voice::Engine, text.to_owned())
        }
        CallAction::TellIntent(
            IntentFact::Heard { .. }
            | IntentFact::Key { .. }
            | IntentFact::Silence { .. }
            | IntentFact::Emotion(_)
            | IntentFact::Partial { .. }
            | IntentFact::Bye { .. },
        ) => return None,
        CallAction::AnalyseVoice(choice) => {
            let text = match choice {
                VoiceAnalysis::On => "the voice is scored from here on",
                VoiceAnalysis::Off => "the voice is not scored from here on",
            };
            (Voice::Engine, text.to_owned())
        }
        CallAction::BookCallback(handoff) => (
            Voice::Engine,
            format!("⇧ books a callback: {}", handoff.reason),
        ),
        CallAction::HangUp(_) => (Voice::Bot, "hangs up".to_owned()),
        CallAction::Decide(decision) => return decided(decision),
        CallAction::StopPlaying(_)
        | CallAction::Listen { .. }
        | CallAction::FinishHearing(_)
        | CallAction::StopListening(_) => return None,
    })
}

fn decided(decision: &Decision) -> Option<(Voice, String)> {
    let text = match decision {
        Decision::Entered { node, .. } => format!("→ {node}"),
        Decision::Routed {
            node,
            to,
            by,
            confidence,
        } => {
            format!("{node}: “{}” {confidence} leads to {to}", by.reveal())
        }
        Decision::Collected {
            slot,
            value,
            confidence,
        } => {
            format!("{slot} = {}  {confidence}", value.reveal())
        }
        Decision::TurnEnded { pause_ms, why } => format!("turn over after {pause_ms} ms: {why}"),
        Decision::BargedIn => "the caller interrupts; the prompt stops".to_owned(),
        Decision::Resumed { why } => format!("no interruption: {why}"),
        Decision::NoInput { count } => format!("silence, time {count}"),
        Decision::NoMatch { count } => format!("fits nothing here, time {count}"),
        Decision::AskCounted { count } => format!("asked for a person, time {count}"),
        Decision::WordSetAside { word, why } => format!("“{word}” does not count: {why}"),
        Decision::PersonOffered { reason } => format!("a person is offered: {reason}"),
        Decision::DeclinedPerson => "the caller stays without a person".to_owned(),
        Decision::HandoffGivenUp => "the plan goes on without a person".to_owned(),
        Decision::LanguageChosen { language } => format!("the caller speaks '{language}'"),
        Decision::TaskDone { node } => format!("what the caller came for is done at '{node}'"),
        Decision::Remarked { what, .. } => what.clone(),
    };
    Some((Voice::Engine, text))
}

fn words(text: &PromptText) -> String {
    let mut said = String::new();
    for piece in &text.pieces {
        match piece {
            PromptPiece::Text(words) => {
                let is_sentence_before = said.ends_with(|last: char| last.is_ascii_punctuation());
                said += if is_sentence_before { " " } else { "" };
                said += words.reveal();
            }
            PromptPiece::File(name) => {
                let _ = write!(said, "♪{name}");
            }
            PromptPiece::Pause(_) => said += " … ",
        }
    }
    said
}

fn measure(measured: Measured) -> String {
    match measured {
        Measured::Replied(reply) => replied(reply),
        Measured::Ducked(after) => {
            format!("⏱ −12 dB {} ms after the first sound", after.as_millis())
        }
        Measured::Silenced(after) => {
            format!("⏱ silent {} ms after it was confirmed", after.as_millis())
        }
    }
}

fn replied(reply: Reply) -> String {
    format!(
        "⏱ replied in {} ms = pause {} + recognition {} + decision {} + playout {}",
        reply.total().as_millis(),
        reply.pause.as_millis(),
        reply.recognition.as_millis(),
        reply.decision.as_millis(),
        reply.playout.as_millis(),
    )
}

fn seconds(ms: u32) -> String {
    format!("{}.{}", ms / 1_000, ms % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::Pace;
    use call_model::{Key, Language, PerMille, Private, PromptId, TurnId};

    #[test]
    fn a_turn_reads_like_it_sounded() {
        let at = |ms, entry| JournalLine::At(CallTime::from_millis(ms), entry);
        let best = Hypothesis {
            text: Private::new("查询 订单".into()),
            confidence: PerMille::new(914),
            words: vec![],
        };
        let heard = Heard::Final {
            turn: TurnId(1),
            best,
            others: vec![],
            spotted: vec![],
            language: None,
        };
        let text = PromptText {
            language: Language::Zh,
            pieces: vec![PromptPiece::Text(Private::new("请说订单号。".into()))],
            pace: Pace::USUAL,
        };
        let play = CallAction::Play {
            prompt: PromptId(2),
            text,
            interruption: Default::default(),
        };
        let lines = [
            at(900, JournalEntry::In(CallInput::Heard(heard))),
            at(901, JournalEntry::Out(play)),
            at(2_000, JournalEntry::In(CallInput::KeyPressed(Key::ZERO))),
            JournalLine::End(
                CallTime::from_millis(2_500),
                CallOutcome::Ended(HungUp::ByCaller),
            ),
        ];
        let mut timeline = Timeline::new(false);
        let told: String = lines.iter().map(|line| timeline.tell(line)).collect();
        let expected = "    0.900  caller  “查询 订单”  0.91\n    \
                            0.901  bot     “请说订单号。”\n    \
                            2.000  caller  ⌨ 0\n    \
                            2.500  ■ the caller hung up\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_said_and_keyed_where_it_is_sensitive_is_masked() {
        let decided = |decision| JournalEntry::Out(CallAction::Decide(decision));
        let entered = |node: &str, is_sensitive| {
            decided(Decision::Entered {
                node: node.to_owned(),
                is_sensitive,
            })
        };
        let keyed = || JournalEntry::In(CallInput::KeyPressed(Key::ZERO));
        let collected = decided(Decision::Collected {
            slot: "card".to_owned(),
            value: Private::new("4271".to_owned()),
            confidence: PerMille::ONE,
        });
        let mut timeline = Timeline::new(false);
        let mut tell = |entry| timeline.tell(&JournalLine::At(CallTime::ZERO, entry));
        assert!(tell(entered("card", true)).contains("→ card"));
        assert!(tell(keyed()).ends_with("⌨ ••••\n"));
        assert!(tell(collected).contains("card = ••••  1.00"));
        tell(entered("menu", false));
        assert!(tell(keyed()).ends_with("⌨ 0\n"));
    }
}
