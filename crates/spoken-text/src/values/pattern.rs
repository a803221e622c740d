//! Patterns of words in which parts mean something.

use crate::{fillers, units};
use call_model::{Language, Phrase};

/// What a word of a value tells, with a number beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// A year of four digits.
    Year,
    /// The last two digits of a year.
    ShortYear,
    /// One digit of a year.
    YearDigit,
    /// A year so many from this one, 1000 standing for this one.
    YearAway,
    /// A month from 1.
    Month,
    /// A month so many from this one, 1000 standing for this one.
    MonthAway,
    /// A day of a month from 1.
    Day,
    /// A day so many from today, 1000 standing for today.
    DayAway,
    /// A day of the week, Monday 0.
    Weekday,
    /// Weeks from this one, 1000 standing for this one; the week begins on Monday.
    WeekAway,
    /// 0: the latest such day before today; 1: the first after it.
    Side,
    /// An hour as it was said.
    Hour,
    /// Minutes past the hour.
    Minute,
    /// Minutes before the hour.
    MinuteTo,
    /// A part of the day, which tells 3 in the night from 3 in the afternoon.
    HalfDay,
    /// So little was said that it counts only where nothing else was said.
    Weak,
}

/// What was said, in order.
pub(super) type Meaning = Vec<(Part, u32)>;

/// Words, and what they mean.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// These words, as the units of a language.
    Words {
        text: String,
        units: Vec<String>,
        /// Whether they are only ever written: figures. No ear listens for them.
        is_written: bool,
    },
    All(Vec<Pattern>),
    Any(Vec<Pattern>),
    Maybe(Box<Pattern>),
    Means(Part, u32, Box<Pattern>),
}

impl Pattern {
    /// Any of some texts parted by `|`.
    pub(super) fn say(texts: &str, language: Language) -> Self {
        let mut ways: Vec<Self> = texts
            .split('|')
            .map(|text| Self::Words {
                text: text.to_owned(),
                units: units(text, language),
                is_written: text.bytes().any(|b| b.is_ascii_digit()),
            })
            .collect();
        match ways.len() {
            1 => ways.remove(0),
            _ => Self::Any(ways),
        }
    }

    pub(super) fn means(self, part: Part, number: u32) -> Self {
        Self::Means(part, number, Box::new(self))
    }

    pub(super) fn maybe(self) -> Self {
        Self::Maybe(Box::new(self))
    }

    /// The same, counting only where nothing else is said.
    pub(super) fn weak(self) -> Self {
        self.means(Part::Weak, 0)
    }

    /// The phrase that an ear listens for; none where all of it is only written.
    pub(super) fn phrase(&self, language: Language) -> Option<Phrase> {
        match self {
            Self::Words {
                is_written: true, ..
            } => None,
            Self::Words { text, .. } => {
                let words = crate::words(text, language).into_iter().map(Phrase::Word);
                Some(one_or(words.collect(), Phrase::Sequence))
            }
            Self::All(parts) => {
                let parts: Option<Vec<Phrase>> =
                    parts.iter().map(|part| part.phrase(language)).collect();
                Some(one_or(parts?, Phrase::Sequence))
            }
            Self::Any(parts) => {
                let parts = parts.iter().filter_map(|part| part.phrase(language));
                let mut distinct: Vec<Phrase> = Vec::new();
                for part in parts {
                    if !distinct.contains(&part) {
                        distinct.push(part);
                    }
                }
                (!distinct.is_empty()).then(|| one_or(distinct, Phrase::OneOf))
            }
            Self::Maybe(part) => Some(match part.phrase(language) {
                Some(part) => Phrase::Optional(Box::new(part)),
                None => Phrase::Sequence(Vec::new()),
            }),
            Self::Means(_, _, part) => part.phrase(language),
        }
    }

    /// Every way in which the pattern fits from `at` on: where it ends, and what it means.
    fn fits(&self, units: &[String], at: usize) -> Vec<(usize, Meaning)> {
        match self {
            Self::Words { units: wanted, .. } => {
                let fits = units.get(at..).is_some_and(|rest| rest.starts_with(wanted));
                match fits {
                    true => vec![(at + wanted.len(), Meaning::new())],
                    false => Vec::new(),
                }
            }
            Self::All(parts) => {
                let mut ways = vec![(at, Meaning::new())];
                for part in parts {
                    let mut longer = Vec::new();
                    for (end, meaning) in ways {
                        for (further, more) in part.fits(units, end) {
                            let mut meaning = meaning.clone();
                            meaning.extend(more);
                            push_new(&mut longer, (further, meaning));
                        }
                    }
                    ways = longer;
                }
                ways
            }
            Self::Any(parts) => {
                let mut ways = Vec::new();
                for way in parts.iter().flat_map(|part| part.fits(units, at)) {
                    push_new(&mut ways, way);
                }
                ways
            }
            Self::Maybe(part) => {
                let mut ways = part.fits(units, at);
                push_new(&mut ways, (at, Meaning::new()));
                ways
            }
            Self::Means(part, number, inner) => {
                let mut ways = inner.fits(units, at);
                for (_, meaning) in &mut ways {
                    meaning.insert(0, (*part, *number));
                }
                ways
            }
        }
    }

    /// The values that a text tells, by what `value` makes of a meaning, the longest ways first. Weak
    /// ones count where nothing else is said but what may stand `beside` them and means nothing.
    pub(super) fn find<T>(
        &self,
        text: &str,
        language: Language,
        beside: Option<&Self>,
        value: impl Fn(&Meaning) -> Option<T>,
    ) -> Vec<T> {
        let mut units = units(text, language);
        units.retain(|unit| !fillers(language).contains(&unit.as_str()));
        let mut found = Vec::new();
        let mut rest = 0;
        let mut at = 0;
        while at < units.len() {
            let end_beside = beside.and_then(|beside| {
                let ways = beside.fits(&units, at).into_iter();
                ways.map(|(end, _)| end).max()
            });
            let mut ways = self.fits(&units, at);
            ways.retain(|(end, _)| *end > at && end_beside.is_none_or(|beside| *end >= beside));
            ways.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
            if ways.is_empty() {
                let is_beside = end_beside.is_some_and(|end| end > at);
                rest += usize::from(!is_beside && !is_carrier(&units[at], language));
                at = end_beside.unwrap_or(at).max(at + 1);
                continue;
            }
            let way = ways.into_iter().find_map(|(end, meaning)| {
                let is_weak = meaning.iter().any(|(part, _)| *part == Part::Weak);
                Some((end, value(&meaning)?, is_weak))
            });
            // Of "february thirtieth" no part is a day of its own.
            let Some((end, value, is_weak)) = way else {
                return Vec::new();
            };
            found.push((value, is_weak));
            at = end;
        }
        let is_alone = rest == 0;
        let found = found.into_iter();
        found
            .filter(|(_, is_weak)| is_alone || !is_weak)
            .map(|(value, _)| value)
            .collect()
    }
}

/// Words that may stand around a value and mean nothing beside it.
pub(super) fn is_carrier(unit: &str, language: Language) -> bool {
    let more: &[&str] = match language {
        Language::En => &[
            "at", "on", "in", "around", "about", "was", "a", "an", "for", "of", "think", "i",
            "around", "maybe", "be", "will", "would", "thanks", "thank", "you", "by", "from",
        ],
        Language::Zh => &[
            "在", "大", "约", "概", "左", "右", "就", "了", "差", "不", "多", "谢", "吧", "应",
            "该", "于", "大", "约",
        ],
    };
    crate::digits::carriers(language).contains(&unit) || more.contains(&unit)
}

fn push_new(ways: &mut Vec<(usize, Meaning)>, way: (usize, Meaning)) {
    if !ways.contains(&way) {
        ways.push(way);
    }
}

fn one_or(mut parts: Vec<Phrase>, several: fn(Vec<Phrase>) -> Phrase) -> Phrase {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}
