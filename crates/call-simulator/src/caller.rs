//! Odd callers, and the odd world around them, each drawn from a seed.

use crate::dice::Dice;
use crate::phrases::{Kind, Phrase, of_kind, phrases};
use call_model::{CallInput, CallTime, EmotionScore, HungUp, Key, Language, PerMille, Score};
use std::time::Duration;

/// What drives a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Persona {
    Plain,
    Mumbler,
    Overspeaker,
    Silent,
    KeyMasher,
    Asker,
    Demander,
    Angry,
    Holder,
    Impatient,
    /// Nothing is wrong with this one, but the ear comes and goes.
    BadEar,
    /// The prompts are slow, or cannot be made.
    BadVoice,
    /// Asks for a person, and waits, and asks again.
    Waiter,
    /// The server goes down under the call.
    Drained,
    /// Asks what no route covers, and has matters of its own.
    Questioner,
}

const PERSONAS: [Persona; 18] = [
    Persona::Plain,
    Persona::Mumbler,
    Persona::Overspeaker,
    Persona::Silent,
    Persona::KeyMasher,
    Persona::Asker,
    Persona::Demander,
    Persona::Angry,
    Persona::Holder,
    Persona::Impatient,
    Persona::BadEar,
    Persona::BadVoice,
    Persona::Waiter,
    Persona::Drained,
    Persona::Questioner,
    Persona::Questioner,
    Persona::Questioner,
    Persona::Questioner,
];

/// Something that is done to the call.
#[derive(Clone, Debug)]
pub(crate) enum Doing {
    Speak { phrase: Phrase, length: Duration },
    News(CallInput),
}

/// Times between two bounds, in milliseconds.
pub(crate) type Span = (u64, u64);

/// One call's script, and the manners of the world around it.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) persona: Persona,
    pub(crate) doings: Vec<(CallTime, Doing)>,
    pub(crate) manners: Manners,
}

/// How the world around a call behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) prompt_starts: Span,
    pub(crate) prompt_lasts: Span,
    pub(crate) prompts_fail_percent: u64,
    pub(crate) result_takes: Span,
    pub(crate) results_lost_percent: u64,
    /// The search finds this share of escalation words.
    pub(crate) search_percent: u64,
    pub(crate) person_takes: Span,
    pub(crate) person_connects_percent: u64,
    pub(crate) person_never_percent: u64,
}

impl Script {
    pub(crate) fn draw(dice: &mut Dice, language: Language) -> Self {
        let persona = *dice.one_of(&PERSONAS);
        let mut writer = Writer {
            dice,
            persona,
            language,
            at: CallTime::ZERO,
            utterance: 0,
            doings: Vec::new(),
        };
        writer.write();
        let doings = writer.doings;
        let manners = manners(dice, persona);
        Self {
            persona,
            doings,
            manners,
        }
    }
}

fn manners(dice: &mut Dice, persona: Persona) -> Manners {
    let usual = Manners {
        prompt_starts: (10, 40),
        prompt_lasts: (800, 6_000),
        prompts_fail_percent: 0,
        result_takes: (40, 300),
        results_lost_percent: 0,
        search_percent: *dice.one_of(&[0, 70, 100]),
        person_takes: (50, 20_000),
        person_connects_percent: 50,
        person_never_percent: 5,
    };
    match persona {
        Persona::BadVoice => Manners {
            prompt_starts: *dice.one_of(&[(10, 40), (10, 4_900), (4_000, 4_900), (4_000, 4_900)]),
            prompt_lasts: (300, 1_500),
            prompts_fail_percent: *dice.one_of(&[0, 0, 0, 30, 100]),
            ..usual
        },
        Persona::BadEar => Manners {
            result_takes: (40, *dice.one_of(&[300, 2_400])),
            results_lost_percent: *dice.one_of(&[0, 20, 100]),
            ..usual
        },
        Persona::Waiter => Manners {
            person_takes: (40_000, 59_000),
            person_connects_percent: 10,
            person_never_percent: 30,
            ..usual
        },
        Persona::Plain
        | Persona::Mumbler
        | Persona::Overspeaker
        | Persona::Silent
        | Persona::KeyMasher
        | Persona::Asker
        | Persona::Demander
        | Persona::Angry
        | Persona::Holder
        | Persona::Impatient
        | Persona::Drained
        | Persona::Questioner => usual,
    }
}

struct Writer<'d> {
    dice: &'d mut Dice,
    persona: Persona,
    language: Language,
    at: CallTime,
    utterance: u32,
    doings: Vec<(CallTime, Doing)>,
}

impl Writer<'_> {
    fn write(&mut self) {
        if self.dice.percent(10) {
            self.speak(Kind::Foreign);
        }
        self.at = self.at + self.dice.millis(0, 800);
        self.news(CallInput::Answered);
        let most = if self.persona == Persona::BadVoice {
            45
        } else {
            14
        };
        for _ in 0..self.dice.below(most) {
            let (from, to) = self.gaps();
            self.at = self.at + self.dice.millis(from, to);
            self.act();
        }
        let leaves = match self.persona {
            Persona::Impatient | Persona::Holder => true,
            Persona::Plain
            | Persona::Mumbler
            | Persona::Overspeaker
            | Persona::Silent
            | Persona::KeyMasher
            | Persona::Asker
            | Persona::Demander
            | Persona::Angry
            | Persona::BadEar
            | Persona::BadVoice
            | Persona::Waiter
            | Persona::Drained
            | Persona::Questioner => self.dice.percent(40),
        };
        if leaves {
            self.at = self.at + self.dice.millis(0, 60_000);
            let by = self.end();
            self.news(CallInput::HungUp(by));
        }
    }

    /// Most calls are ended by the caller; now and then by what happens around them.
    fn end(&mut self) -> HungUp {
        match self.dice.below(8) {
            0 => HungUp::MediaLost,
            1 => HungUp::TooLong,
            2 => HungUp::Drained,
            3 => HungUp::Fault,
            _ => HungUp::ByCaller,
        }
    }

    /// From one doing to the next.
    fn gaps(&self) -> Span {
        match self.persona {
            Persona::Overspeaker => (100, 2_500),
            Persona::KeyMasher => (50, 1_500),
            Persona::Silent => (5_000, 40_000),
            Persona::Waiter => (5_000, 50_000),
            Persona::Plain
            | Persona::Mumbler
            | Persona::Asker
            | Persona::Demander
            | Persona::Angry
            | Persona::Holder
            | Persona::Impatient
            | Persona::BadEar
            | Persona::BadVoice
            | Persona::Drained
            | Persona::Questioner => (300, 9_000),
        }
    }

    fn act(&mut self) {
        if self.dice.percent(15) {
            return self.act_at_random();
        }
        match self.persona {
            Persona::Plain | Persona::Overspeaker => self.sensible(),
            Persona::BadVoice => match self.dice.below(10) {
                0..=6 => self.speak(Kind::Repeat),
                _ => self.sensible(),
            },
            Persona::Mumbler => {
                let kind = *self
                    .dice
                    .one_of(&[Kind::Foreign, Kind::Noise, Kind::Backchannel]);
                self.speak(kind);
            }
            Persona::Silent => self.press(),
            Persona::KeyMasher => self.mash(),
            Persona::Asker => match self.dice.below(3) {
                0 => self.key('0'),
                1 => self.speak(Kind::Ask),
                _ => self.sensible(),
            },
            Persona::Demander => match self.dice.below(3) {
                0 => self.speak(Kind::Demand),
                1 => self.speak(Kind::Denied),
                _ => self.sensible(),
            },
            Persona::Angry => self.emotion((600, 1_000)),
            Persona::Holder => self.hold(),
            Persona::Impatient => self.news(CallInput::HungUp(HungUp::ByCaller)),
            Persona::BadEar => match self.dice.below(4) {
                0 => self.news(CallInput::EarLost),
                1 => self.news(CallInput::EarRestored),
                _ => self.sensible(),
            },
            Persona::Waiter => match self.dice.below(3) {
                0 => self.speak(Kind::Demand),
                1 => self.speak(Kind::Ask),
                _ => self.key('0'),
            },
            Persona::Questioner => match self.dice.below(7) {
                0..=3 => self.speak(Kind::Foreign),
                4 => self.key('3'),
                5 => self.order(),
                _ => self.sensible(),
            },
            Persona::Drained => match self.dice.below(5) {
                0 => self.news(CallInput::Draining),
                1 => self.fails(),
                _ => self.sensible(),
            },
        }
    }

    fn act_at_random(&mut self) {
        match self.dice.below(12) {
            0..=3 => {
                let phrase = *self.dice.one_of(phrases(self.language));
                self.say(phrase);
            }
            4..=5 => self.press(),
            6 => self.key('0'),
            7 => self.emotion((50, 900)),
            8 => self.hold(),
            9 => self.news(CallInput::EarLost),
            10 => self.news(CallInput::EarRestored),
            _ => self.fails(),
        }
    }

    fn sensible(&mut self) {
        match self.dice.below(10) {
            0..=4 => self.speak(Kind::Matter),
            5 => self.speak(Kind::Yes),
            6 => self.speak(Kind::No),
            7 => self.speak(Kind::Backchannel),
            8 => self.speak(Kind::Repeat),
            _ => self.press(),
        }
    }

    fn fails(&mut self) {
        if self.dice.percent(20) {
            let what = "a disk".to_owned();
            self.news(CallInput::Failed { what });
        }
    }

    fn hold(&mut self) {
        self.news(CallInput::CallerHeld);
        self.at = self.at + self.dice.millis(500, 120_000);
        self.news(CallInput::CallerReturned);
    }

    fn emotion(&mut self, (from, to): (u64, u64)) {
        if self.utterance == 0 || !self.dice.percent(20) {
            self.utterance += 1;
        }
        let tenths = from + self.dice.below(to - from + 1);
        let score = EmotionScore {
            utterance: self.utterance,
            at: self.at,
            anger: Score::from_tenths(u16::try_from(tenths).unwrap_or(1_000)),
            log_odds_milli: 0,
            probability: PerMille::new(500),
            arousal: Score::ZERO,
            speech_micros: 300_000 + self.dice.below(4_000_000),
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        };
        self.news(CallInput::Emotion(score));
    }

    fn press(&mut self) {
        let key = *self.dice.one_of(&['1', '2', '3', '4', '9', '#']);
        self.key(key);
    }

    fn mash(&mut self) {
        for _ in 0..=self.dice.below(5) {
            let key = *self.dice.one_of(&['0', '1', '2', '3', '5', '9', '*', '#']);
            self.key(key);
            self.at = self.at + self.dice.millis(60, 400);
        }
    }

    /// The way to a back end, by keys.
    fn order(&mut self) {
        for face in ['1', '4', '2', '7', '1'] {
            self.key(face);
            self.at = self.at + self.dice.millis(100, 600);
        }
    }

    fn key(&mut self, face: char) {
        if let Ok(key) = Key::try_from(face) {
            self.news(CallInput::KeyPressed(key));
        }
    }

    fn speak(&mut self, kind: Kind) {
        let all = of_kind(self.language, kind);
        let phrase = *self.dice.one_of(&all);
        self.say(phrase);
    }

    fn say(&mut self, phrase: Phrase) {
        let words = phrase.words.split_whitespace().count() as u64;
        let length = match words {
            0 => self.dice.millis(120, 2_500),
            words => self.dice.millis(350 * words, 600 * words),
        };
        self.doings.push((self.at, Doing::Speak { phrase, length }));
    }

    fn news(&mut self, news: CallInput) {
        self.doings.push((self.at, Doing::News(news)));
    }
}
