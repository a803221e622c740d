//! Escalation words in running speech: how many are found, and how often one is found that nobody said.
//!
//! English sentences are spoken by made-up voices. Mandarin ones are put together from the real words
//! of one speaker, since no recogniser trained on people understands a made-up Mandarin voice. All
//! other speech at hand, without the words, is listened to for false alarms. Half of the
//! sentences, with voices and words of their own, is kept apart from all tuning.

mod report;
mod sentences;
mod sounds;

pub use report::{SpottingCount, SpottingReport};
pub use sentences::{Kind, Part, SetFolders, SpottingSet, Utterance};
pub use sounds::speak;

use super::{SILENCE, cpu_seconds, sound};
use crate::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use call_model::{
    CallTime, Codec, EscalationWord, EscalationWords, FRAME_TIME, Heard, Language, PcmFrame,
    SpottedWord, TurnId, WordClass,
};
use sounds::Sounds;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A word found while the caller speaks is acted on once it has stood for so long (the default of
/// a plan's `withdraw_window`).
const STANDS: Duration = Duration::from_millis(400);
/// Words that begin with so many letters alike are one word in two forms: complain, complaint.
const STEM: usize = 5;

/// A line that sounds come over, by its codec and a number for all that is random on it: the frames that the ear gets.
pub type SpottingLine<'a> = &'a dyn Fn(&[i16], Codec, u64) -> Vec<PcmFrame>;

/// How a set is listened to.
pub struct SpottingTask<'a> {
    /// The engine.
    pub recognizer: &'a dyn Recognizer,
    /// The words that are searched for. Those that stand in for real ones in the part that is tuned on are
    /// searched for beside them.
    pub words: &'a EscalationWords,
    /// So many turns make a call, after which what was learnt of the line is forgotten: with one, nobody was ever
    /// heard before.
    pub turns_a_call: usize,
    /// The callers' line.
    pub line: SpottingLine<'a>,
    /// A word that sounds like one that was said counts as said: Mandarin models know no tones, to them 克服 is 客服.
    pub sounds_alike: &'a dyn Fn(&str, &str) -> bool,
}

/// A line that brings every sound whole and clean.
pub fn clean(samples: &[i16], codec: Codec, number: u64) -> Vec<PcmFrame> {
    sound::clean_line(codec)(samples, number)
}

/// Listens to one part of a set, with nothing to listen for but escalation words.
///
/// # Errors
/// The engine's, and those of voices and files that cannot be had.
pub fn spot(
    task: &SpottingTask<'_>,
    set: &SpottingSet,
    part: Part,
) -> Result<SpottingReport, SpeechError> {
    let utterances: Vec<&Utterance> = set.utterances.iter().filter(|it| it.part == part).collect();
    let list = Arc::new(with_stand_ins(task.words, &utterances));
    task.recognizer.prepare(&[], std::slice::from_ref(&list))?;
    let mut report = SpottingReport::default();
    let mut sounds = Sounds::default();
    let mut calls: BTreeMap<&str, (CallerChannel, usize)> = BTreeMap::new();
    for (number, utterance) in (1..).zip(utterances) {
        let (channel, turns) = calls.entry(&utterance.voice).or_default();
        if turns.is_multiple_of(task.turns_a_call.max(1)) {
            *channel = CallerChannel::default();
        }
        *turns += 1;
        let codec = match utterance.language {
            Language::En => Codec::Pcmu,
            Language::Zh => Codec::Pcma,
        };
        let sound = sound::between_silences(&sounds.of(utterance)?, SILENCE);
        let frames = (task.line)(&sound, codec, number);
        let turn = listen(task.recognizer, &list, channel.clone(), &frames)?;
        report.add(utterance, &turn, &list, task.sounds_alike);
    }
    Ok(report)
}

/// What one turn brought.
struct SpottedTurn {
    /// Words found by the end.
    last: Vec<SpottedWord>,
    /// Words that stood long enough to be acted on before the end, also where the end took them back, and when.
    stood: Vec<(SpottedWord, CallTime)>,
    /// When the sound ended.
    ended: CallTime,
    audio_seconds: f64,
    cpu_seconds: f64,
}

fn listen(
    recognizer: &dyn Recognizer,
    words: &Arc<EscalationWords>,
    channel: CallerChannel,
    frames: &[PcmFrame],
) -> Result<SpottedTurn, SpeechError> {
    let cpu = cpu_seconds();
    let mut stream = recognizer.open(HearingRequest {
        turn: TurnId(1),
        grammar: None,
        escalation: Arc::clone(words),
        also: None,
        channel,
    })?;
    let mut now = CallTime::ZERO;
    let mut watch = Watch::default();
    for frame in frames {
        let news = stream.push(frame)?.map(spotted);
        now = frame.at + FRAME_TIME;
        watch.pass(now, news);
    }
    let last = spotted(stream.finish()?);
    Ok(SpottedTurn {
        last,
        stood: watch.stood,
        ended: now,
        audio_seconds: (FRAME_TIME * frames.len() as u32).as_secs_f64(),
        cpu_seconds: cpu_seconds() - cpu,
    })
}

/// Words found so far in a turn that goes on.
#[derive(Default)]
struct Watch {
    waiting: Vec<(SpottedWord, CallTime)>,
    stood: Vec<(SpottedWord, CallTime)>,
}

impl Watch {
    /// A moment, with what a newer look at the turn found.
    fn pass(&mut self, now: CallTime, news: Option<Vec<SpottedWord>>) {
        if let Some(found) = news {
            let earlier = std::mem::take(&mut self.waiting);
            self.waiting.extend(found.into_iter().map(|word| {
                let known = earlier.iter().find(|(known, _)| known.word == word.word);
                let since = known.map_or(now, |(_, since)| *since);
                (word, since)
            }));
        }
        for (word, since) in &self.waiting {
            let is_known = self.stood.iter().any(|(known, _)| known.word == word.word);
            if *since + STANDS <= now && !is_known {
                self.stood.push((word.clone(), now));
            }
        }
    }
}

impl SpottedTurn {
    /// Each word that was acted on, before the end or at it, and when.
    fn acted_on(&self) -> impl Iterator<Item = (&SpottedWord, CallTime)> {
        let at_the_end = self.last.iter().filter(|last| {
            let is_same = |(stood, _): &(SpottedWord, CallTime)| stood.word == last.word;
            !self.stood.iter().any(is_same)
        });
        let stood = self.stood.iter().map(|(word, at)| (word, *at));
        stood.chain(at_the_end.map(|word| (word, self.ended)))
    }
}

fn spotted(heard: Heard) -> Vec<SpottedWord> {
    match heard {
        Heard::Partial { spotted, .. }
        | Heard::Final { spotted, .. }
        | Heard::NoMatch { spotted, .. } => spotted,
    }
}

fn with_stand_ins(words: &EscalationWords, utterances: &[&Utterance]) -> EscalationWords {
    let mut list = words.clone();
    for utterance in utterances {
        let Kind::Holding { word, class } = &utterance.kind else {
            continue;
        };
        let is_known = list
            .words
            .iter()
            .any(|known| is_kin(&known.text, word, list.language));
        if !is_known {
            list.words.push(EscalationWord {
                text: word.clone(),
                class: *class,
            });
        }
    }
    list
}

/// Whether one word is another in a longer or a different form, or asks for the same: a real
/// person, to talk to a person.
fn is_kin(one: &str, other: &str, language: Language) -> bool {
    let stem = |word: &str| word.chars().take(STEM).collect::<String>();
    let stems = |phrase: &str| -> Vec<String> {
        let words = phrase.split(' ').filter(|word| word.len() >= STEM);
        words.map(stem).collect()
    };
    match language {
        Language::En => {
            let known = stems(other);
            holds(one, other)
                || holds(other, one)
                || stems(one).iter().any(|stem| known.contains(stem))
        }
        Language::Zh => one.contains(other) || other.contains(one),
    }
}

/// Whether whole words of an English text are these.
fn holds(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

/// Whether a text says a word of the list.
fn says(text: &str, word: &str, language: Language) -> bool {
    match language {
        Language::En => holds(text, word),
        Language::Zh => text.replace(' ', "").contains(word),
    }
}

/// The class of a word that is written in a manifest.
fn class(written: &str) -> Option<WordClass> {
    match written {
        "demand" => Some(WordClass::Demand),
        "ask" => Some(WordClass::Ask),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::PerMille;

    #[test]
    fn a_word_that_stood_counts_even_if_the_end_takes_it_back() {
        let word = |text: &str| SpottedWord {
            word: text.to_owned(),
            class: WordClass::Demand,
            from: CallTime::ZERO,
            to: CallTime::from_millis(300),
            confidence: PerMille::ONE,
        };
        let mut watch = Watch::default();
        watch.pass(CallTime::from_millis(500), Some(vec![word("sue")]));
        watch.pass(
            CallTime::from_millis(700),
            Some(vec![word("sue"), word("lawyer")]),
        );
        watch.pass(CallTime::from_millis(900), None);
        watch.pass(CallTime::from_millis(920), Some(Vec::new()));
        watch.pass(CallTime::from_millis(1_300), Some(vec![word("refund")]));
        let turn = SpottedTurn {
            last: vec![word("sue"), word("refund")],
            stood: watch.stood,
            ended: CallTime::from_millis(1_400),
            audio_seconds: 0.0,
            cpu_seconds: 0.0,
        };
        let acted_on: Vec<(&str, CallTime)> = turn
            .acted_on()
            .map(|(it, at)| (it.word.as_str(), at))
            .collect();
        let at = CallTime::from_millis;
        assert_eq!(acted_on, [("sue", at(900)), ("refund", at(1_400))]);
    }

    #[test]
    fn a_word_is_found_in_any_of_its_forms_and_no_other_word_is() {
        for (one, other, expected) in [
            ("make a complaint", "complaint", true),
            ("complain", "complaint", true),
            ("lawyer", "lawyers", true),
            ("talk to a person", "real person", true),
            ("sue", "suit", false),
            ("man", "manager", false),
        ] {
            assert_eq!(is_kin(one, other, Language::En), expected, "{one} {other}");
        }
        assert!(is_kin("人工服务", "人工", Language::Zh));
        assert!(!is_kin("律师", "老师", Language::Zh));
    }
}
