//! An ear that hears what a test tells it to.

use crate::automaton::PhraseAutomaton;
use crate::{HearingRequest, HearingStream, Recognizer, SpeechError};
use call_model::{
    CallTime, EscalationWords, Heard, Hypothesis, Language, PcmFrame, PerMille, PhraseGrammar,
    Private, SpottedWord, TurnId,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Louder than this is speech to the scripted ear, dBFS.
const LOUD_DBFS: f32 = -40.0;
/// So many frames in a row make a burst, or a gap between two.
const RUN_FRAMES: u32 = 3;

/// What the scripted ear says of one turn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ScriptedTurn {
    /// What is understood so far, from so long after the first frame.
    pub partials: Vec<(Duration, String)>,
    /// What is understood in the end; none: no match.
    pub text: Option<String>,
    /// The language it is spoken in, which matters where two are listened for or another one is;
    /// none: the one asked for.
    pub language: Option<Language>,
    /// How sure the ear is.
    pub confidence: PerMille,
    /// Escalation words, each from so long after the first frame.
    pub spotted: Vec<(Duration, SpottedWord)>,
}

impl ScriptedTurn {
    /// A turn understood for certain at its end, without partials.
    pub fn saying(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            confidence: PerMille::ONE,
            ..Self::default()
        }
    }
}

/// A deterministic [`Recognizer`] for tests: no model, no clock.
#[derive(Clone, Debug)]
pub struct ScriptedRecognizer {
    script: Arc<Script>,
}

#[derive(Debug)]
enum Script {
    ByTurn(BTreeMap<TurnId, ScriptedTurn>),
    ByBursts(BTreeMap<u32, ScriptedTurn>),
}

impl ScriptedRecognizer {
    /// Answers each turn by its number; a turn without a script is a no-match.
    pub fn by_turn(turns: impl IntoIterator<Item = (TurnId, ScriptedTurn)>) -> Self {
        Self {
            script: Arc::new(Script::ByTurn(turns.into_iter().collect())),
        }
    }

    /// Answers by how many bursts of sound were heard (60 ms or longer, 60 ms or more
    /// apart); a count without a script is a no-match. Partials are not given.
    pub fn by_bursts(turns: impl IntoIterator<Item = (u32, ScriptedTurn)>) -> Self {
        Self {
            script: Arc::new(Script::ByBursts(turns.into_iter().collect())),
        }
    }
}

impl ScriptedTurn {
    /// The same turn in a language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self {
            language: Some(language),
            ..self
        }
    }
}

impl Recognizer for ScriptedRecognizer {
    fn prepare(
        &self,
        _grammars: &[Arc<PhraseGrammar>],
        _words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let asked = Ear::of(request.grammar.as_ref(), &request.escalation)?;
        let also = match &request.also {
            Some((grammar, words)) => Some(Ear::of(grammar.as_ref(), words)?),
            None => None,
        };
        Ok(Box::new(ScriptedStream {
            script: Arc::clone(&self.script),
            turn: request.turn,
            asked,
            also,
            first: None,
            now: CallTime::ZERO,
            bursts: Bursts::default(),
            last: None,
        }))
    }

    fn name(&self) -> &str {
        "scripted"
    }
}

/// What is listened for in one language.
struct Ear {
    language: Language,
    automaton: Option<PhraseAutomaton>,
}

impl Ear {
    fn of(
        grammar: Option<&Arc<PhraseGrammar>>,
        words: &EscalationWords,
    ) -> Result<Self, SpeechError> {
        let automaton = grammar.map(|grammar| PhraseAutomaton::of(grammar));
        Ok(Self {
            language: grammar.map_or(words.language, |grammar| grammar.language),
            automaton: automaton.transpose()?,
        })
    }
}

struct ScriptedStream {
    script: Arc<Script>,
    turn: TurnId,
    asked: Ear,
    also: Option<Ear>,
    first: Option<CallTime>,
    now: CallTime,
    bursts: Bursts,
    last: Option<Heard>,
}

impl HearingStream for ScriptedStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        let first = *self.first.get_or_insert(frame.at);
        self.now = frame.at;
        self.bursts
            .push(dsp::level::dbfs(&frame.samples) > LOUD_DBFS);
        let Script::ByTurn(turns) = self.script.as_ref() else {
            return Ok(None);
        };
        let Some(turn) = turns.get(&self.turn) else {
            return Ok(None);
        };
        let elapsed = frame.at.since(first);
        let text = turn
            .partials
            .iter()
            .rev()
            .find(|(from, _)| *from <= elapsed);
        let spotted = spotted_by(turn, elapsed);
        if text.is_none() && spotted.is_empty() {
            return Ok(None);
        }
        let Some(ear) = self.ear_for(turn) else {
            return Ok(None);
        };
        let text = text.map_or("", |(_, text)| text.as_str());
        let news = self.partial(ear, text, spotted);
        if self.last.as_ref() == Some(&news) {
            return Ok(None);
        }
        self.last = Some(news.clone());
        Ok(Some(news))
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let turn = match self.script.as_ref() {
            Script::ByTurn(turns) => turns.get(&self.turn),
            Script::ByBursts(turns) => turns.get(&self.bursts.count),
        };
        let heard = turn.and_then(|turn| Some((turn, self.ear_for(turn)?)));
        Ok(match heard {
            Some((script, ear)) => self.end(ear, script),
            None => self.no_match(Vec::new(), self.asked.language),
        })
    }
}

impl ScriptedStream {
    /// The ear that understands a turn; none where its language is not listened for.
    fn ear_for(&self, turn: &ScriptedTurn) -> Option<&Ear> {
        let language = turn.language.unwrap_or(self.asked.language);
        let ears = [Some(&self.asked), self.also.as_ref()];
        ears.into_iter()
            .flatten()
            .find(|ear| ear.language == language)
    }

    fn partial(&self, ear: &Ear, text: &str, spotted: Vec<SpottedWord>) -> Heard {
        let automaton = ear.automaton.as_ref();
        let place = automaton.and_then(|automaton| automaton.place_of_text(text));
        Heard::Partial {
            turn: self.turn,
            text: Private::new(text.to_owned()),
            is_complete: place.is_some_and(|place| place.is_complete),
            can_continue: place.is_some_and(|place| place.can_continue),
            is_doubtful: false,
            spotted,
        }
    }

    fn end(&self, ear: &Ear, script: &ScriptedTurn) -> Heard {
        let spotted = spotted_by(script, Duration::MAX);
        match &script.text {
            Some(text) => Heard::Final {
                turn: self.turn,
                best: Hypothesis {
                    text: Private::new(text.clone()),
                    confidence: script.confidence,
                    words: Vec::new(),
                },
                others: Vec::new(),
                spotted,
                language: self.told(ear.language),
            },
            None => self.no_match(spotted, ear.language),
        }
    }

    fn no_match(&self, spotted: Vec<SpottedWord>, language: Language) -> Heard {
        Heard::NoMatch {
            turn: self.turn,
            rejected: None,
            spotted,
            language: self.told(language),
        }
    }

    /// The language that won, named where two are listened for.
    fn told(&self, language: Language) -> Option<Language> {
        self.also.is_some().then_some(language)
    }
}

fn spotted_by(turn: &ScriptedTurn, elapsed: Duration) -> Vec<SpottedWord> {
    turn.spotted
        .iter()
        .filter(|(from, _)| *from <= elapsed)
        .map(|(_, word)| word.clone())
        .collect()
}

/// Counts bursts of sound.
#[derive(Debug, Default)]
struct Bursts {
    count: u32,
    is_loud: bool,
    run: u32,
}

impl Bursts {
    fn push(&mut self, is_loud: bool) {
        if is_loud == self.is_loud {
            self.run = 0;
            return;
        }
        self.run += 1;
        if self.run == RUN_FRAMES {
            self.is_loud = is_loud;
            self.run = 0;
            self.count += u32::from(is_loud);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallerChannel;
    use call_model::{FRAME_SAMPLES, GrammarId, Phrase};

    fn request(turn: u32) -> HearingRequest {
        HearingRequest {
            turn: TurnId(turn),
            grammar: Some(Arc::new(PhraseGrammar {
                id: GrammarId(1),
                language: Language::Zh,
                root: Phrase::Sequence(vec![
                    Phrase::Word("查询".to_owned()),
                    Phrase::Optional(Box::new(Phrase::Word("账单".to_owned()))),
                ]),
            })),
            escalation: Arc::new(EscalationWords {
                language: Language::Zh,
                words: Vec::new(),
            }),
            also: None,
            channel: CallerChannel::default(),
        }
    }

    fn frame(index: u64, amplitude: i16) -> PcmFrame {
        let mut frame = PcmFrame::silent(CallTime::from_millis(500 + index * 20));
        for (at, sample) in frame.samples.iter_mut().enumerate() {
            *sample = if at % 8 < 4 { amplitude } else { -amplitude };
        }
        assert_eq!(frame.samples.len(), FRAME_SAMPLES);
        frame
    }

    #[test]
    fn partials_come_once_each_at_their_time_with_their_place_in_the_grammar() {
        let mut script = ScriptedTurn::saying("查询账单");
        script.partials = vec![
            (Duration::from_millis(40), "查询".to_owned()),
            (Duration::from_millis(100), "查询账单".to_owned()),
        ];
        let ear = ScriptedRecognizer::by_turn([(TurnId(2), script)]);
        let mut stream = ear.open(request(2)).expect("opens");
        let news: Vec<(u64, Heard)> = (0..10)
            .filter_map(|index| {
                let heard = stream.push(&frame(index, 0)).expect("hears");
                heard.map(|heard| (index * 20, heard))
            })
            .collect();
        let partial = |text: &str, can_continue| Heard::Partial {
            turn: TurnId(2),
            text: Private::new(text.to_owned()),
            is_complete: true,
            can_continue,
            is_doubtful: false,
            spotted: Vec::new(),
        };
        assert_eq!(
            news,
            [
                (40, partial("查询", true)),
                (100, partial("查询账单", false))
            ]
        );
        let Heard::Final { best, .. } = stream.finish().expect("ends") else {
            panic!("a final result was scripted");
        };
        assert_eq!(best.text.reveal(), "查询账单");
    }

    #[test]
    fn a_turn_without_a_script_is_no_match() {
        let ear = ScriptedRecognizer::by_turn([(TurnId(1), ScriptedTurn::saying("查询"))]);
        let stream = ear.open(request(2)).expect("opens");
        let heard = stream.finish().expect("ends");
        assert!(matches!(
            heard,
            Heard::NoMatch {
                turn: TurnId(2),
                ..
            }
        ));
    }

    #[test]
    fn the_language_that_won_is_named_where_two_are_listened_for() {
        let yes = ScriptedTurn::saying("yes").in_language(Language::En);
        let ear = ScriptedRecognizer::by_turn([(TurnId(1), yes)]);
        let alone = ear.open(request(1)).expect("opens");
        assert!(matches!(
            alone.finish(),
            Ok(Heard::NoMatch { language: None, .. })
        ));
        let english = EscalationWords {
            language: Language::En,
            words: Vec::new(),
        };
        let both = HearingRequest {
            also: Some((None, Arc::new(english))),
            ..request(1)
        };
        let heard = ear.open(both).expect("opens").finish();
        let Ok(Heard::Final { best, language, .. }) = heard else {
            panic!("it was scripted in a language that is listened for");
        };
        assert_eq!(best.text.reveal(), "yes");
        assert_eq!(language, Some(Language::En));
    }

    #[test]
    fn bursts_of_sound_choose_the_answer() {
        let ear = ScriptedRecognizer::by_bursts([
            (1, ScriptedTurn::saying("查询")),
            (2, ScriptedTurn::saying("查询账单")),
        ]);
        for (pattern, expected) in [
            ("____#####____", Some("查询")),
            ("__#####_____####", Some("查询账单")),
            ("__##____#__", None),
        ] {
            let mut stream = ear.open(request(1)).expect("opens");
            for (index, mark) in pattern.chars().enumerate() {
                let amplitude = if mark == '#' { 8_000 } else { 0 };
                stream.push(&frame(index as u64, amplitude)).expect("hears");
            }
            let understood = match stream.finish().expect("ends") {
                Heard::Final { best, .. } => Some(best.text.into_revealed()),
                Heard::NoMatch { .. } | Heard::Partial { .. } => None,
            };
            assert_eq!(understood.as_deref(), expected, "{pattern}");
        }
    }
}
