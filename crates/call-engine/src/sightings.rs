//! Escalation words as they were found: by the ear's search, by the text, or by both.

use call_model::{CallTime, PerMille, SpottedWord, WordClass, WordSpan};
use dialplan::{Counts, EscalationPolicy, SetAside, WordFound};
use std::time::Duration;

/// One occurrence of an escalation word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sighting {
    pub(crate) word: String,
    pub(crate) class: WordClass,
    pub(crate) from: CallTime,
    pub(crate) to: CallTime,
    pub(crate) confidence: PerMille,
    /// Why it does not count, if it does not.
    pub(crate) set_aside: Option<SetAside>,
}

impl Sighting {
    /// The same as the ear's search would tell it.
    pub(crate) fn as_spotted(&self) -> SpottedWord {
        SpottedWord {
            word: self.word.clone(),
            class: self.class,
            from: self.from,
            to: self.to,
            confidence: self.confidence,
        }
    }
}

/// What the ear and the plan say of one stretch of speech.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    /// The ear's search.
    pub(crate) spotted: &'a [SpottedWord],
    /// The reading, and where its words stood in time, if the ear says so.
    pub(crate) text: &'a str,
    pub(crate) words: &'a [WordSpan],
    pub(crate) confidence: PerMille,
    /// The plan's findings in that text.
    pub(crate) found: &'a [WordFound],
    /// When it was said.
    pub(crate) span: (CallTime, CallTime),
}

/// Different words of one class nearer than this are one phrase: "human agent", 人工客服.
const ONE_PHRASE: Duration = Duration::from_millis(120);
/// A word is at least so long where nobody timed it.
const WORD_MIN: Duration = Duration::from_millis(200);

/// Every occurrence once, in order of time.
pub(crate) fn sightings(reading: &Reading<'_>, rules: &EscalationPolicy) -> Vec<Sighting> {
    let mut all = spotted(reading, rules);
    let mut by_text: Vec<(Sighting, Place)> = reading
        .found
        .iter()
        .zip(placed(reading))
        .map(|(found, place)| (of_text(found, &place, reading), place))
        .collect();
    for spot in &mut all {
        if let Some(n) = same_in_text(spot, &by_text, rules.stutter) {
            let (sighting, _) = by_text.remove(n);
            spot.set_aside = sighting.set_aside;
        }
    }
    all.extend(by_text.into_iter().map(|(sighting, _)| sighting));
    all.sort_by_key(|sighting| sighting.from);
    all
}

/// The finding of the text that is this one of the search: the nearest in time,
/// and where the ear timed the words only one at the same time.
fn same_in_text(
    spot: &Sighting,
    by_text: &[(Sighting, Place)],
    stutter: Duration,
) -> Option<usize> {
    by_text
        .iter()
        .enumerate()
        .filter(|(_, (sighting, place))| {
            sighting.class == spot.class && (!place.is_timed || is_same(sighting, spot, stutter))
        })
        .min_by_key(|(_, (sighting, _))| {
            sighting.from.since(spot.from) + spot.from.since(sighting.from)
        })
        .map(|(n, _)| n)
}

/// Whether two findings are one occurrence: they overlap, or begin too near
/// each other to be two.
pub(crate) fn is_same(a: &Sighting, b: &Sighting, stutter: Duration) -> bool {
    let (first, second) = if a.from <= b.from { (a, b) } else { (b, a) };
    a.class == b.class && (second.from < first.to || second.from.since(first.from) < stutter)
}

fn spotted(reading: &Reading<'_>, rules: &EscalationPolicy) -> Vec<Sighting> {
    let sure = reading
        .spotted
        .iter()
        .filter(|spot| spot.confidence >= rules.word_confidence);
    let mut all: Vec<Sighting> = sure
        .map(|spot| Sighting {
            word: spot.word.clone(),
            class: spot.class,
            from: spot.from,
            to: spot.to.max(spot.from),
            confidence: spot.confidence,
            set_aside: None,
        })
        .collect();
    all.sort_by_key(|sighting| sighting.from);
    merged(all, rules.stutter)
}

/// Stutters and phrases become one.
fn merged(sorted: Vec<Sighting>, stutter: Duration) -> Vec<Sighting> {
    let mut all: Vec<Sighting> = Vec::with_capacity(sorted.len());
    for next in sorted {
        let joins = |last: &Sighting| {
            // "a human" behind "human" is no phrase with it, but the same asked again.
            let is_again = last.word.contains(&next.word) || next.word.contains(&last.word);
            let is_phrase =
                last.class == next.class && !is_again && next.from.since(last.to) < ONE_PHRASE;
            last.set_aside == next.set_aside && (is_same(last, &next, stutter) || is_phrase)
        };
        match all.iter_mut().rev().find(|last| joins(last)) {
            Some(last) => last.to = last.to.max(next.to),
            None => all.push(next),
        }
    }
    all
}

/// Where a finding of the text stood in time.
#[derive(Clone, Copy, Debug)]
struct Place {
    from: CallTime,
    to: CallTime,
    /// The ear timed it; otherwise it is a share of the whole stretch.
    is_timed: bool,
}

fn of_text(found: &WordFound, place: &Place, reading: &Reading<'_>) -> Sighting {
    Sighting {
        word: found.word.clone(),
        class: found.class,
        from: place.from,
        to: place.to,
        confidence: reading.confidence,
        set_aside: match found.counts {
            Counts::Yes => None,
            Counts::SetAside(why) => Some(why),
        },
    }
}

fn placed(reading: &Reading<'_>) -> Vec<Place> {
    let offsets = offsets(reading.text, reading.words);
    reading
        .found
        .iter()
        .map(|found| {
            let end = found.at + found.word.chars().count();
            timed(&offsets, reading.words, found.at, end)
                .unwrap_or_else(|| share(reading, found.at, end))
        })
        .collect()
}

/// The characters each timed word covers.
fn offsets(text: &str, words: &[WordSpan]) -> Vec<(usize, usize)> {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    words
        .iter()
        .map(|word| {
            while chars.get(at).is_some_and(|c| c.is_whitespace()) {
                at += 1;
            }
            let from = at;
            at += word.word.reveal().chars().count();
            (from, at)
        })
        .collect()
}

fn timed(offsets: &[(usize, usize)], words: &[WordSpan], at: usize, end: usize) -> Option<Place> {
    let covers = |&(from, to): &(usize, usize)| from < end && at < to;
    let first = offsets.iter().position(covers)?;
    let last = offsets.iter().rposition(covers)?;
    Some(Place {
        from: words[first].from,
        to: words[last].to,
        is_timed: true,
    })
}

fn share(reading: &Reading<'_>, at: usize, end: usize) -> Place {
    let (began, ended) = reading.span;
    let whole = reading.text.chars().count().max(end).max(1);
    let length = ended
        .since(began)
        .max(WORD_MIN * u32::try_from(reading.found.len()).unwrap_or(1));
    let part = |chars: usize| {
        let micros = length.as_micros() * chars as u128 / whole as u128;
        began + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    };
    Place {
        from: part(at),
        to: part(end),
        is_timed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::Private;

    fn at(millis: u64) -> CallTime {
        CallTime::from_millis(millis)
    }

    fn spot(word: &str, from: u64, to: u64) -> SpottedWord {
        SpottedWord {
            word: word.to_owned(),
            class: WordClass::Ask,
            from: at(from),
            to: at(to),
            confidence: PerMille::new(900),
        }
    }

    fn found(word: &str, place: usize, counts: Counts) -> WordFound {
        WordFound {
            word: word.to_owned(),
            class: WordClass::Ask,
            at: place,
            counts,
        }
    }

    fn reading<'a>(
        spotted: &'a [SpottedWord],
        text: &'a str,
        words: &'a [WordSpan],
        found: &'a [WordFound],
    ) -> Reading<'a> {
        Reading {
            spotted,
            text,
            words,
            confidence: PerMille::new(800),
            found,
            span: (at(0), at(2_000)),
        }
    }

    fn counted(reading: &Reading<'_>) -> usize {
        let all = sightings(reading, &EscalationPolicy::default());
        all.iter().filter(|s| s.set_aside.is_none()).count()
    }

    #[test]
    fn three_in_one_breath_are_three_and_a_stutter_is_one() {
        let three = [
            spot("人工", 0, 350),
            spot("人工", 400, 750),
            spot("人工", 800, 1_150),
        ];
        assert_eq!(counted(&reading(&three, "", &[], &[])), 3);
        let stutter = [
            spot("人工", 0, 350),
            spot("人工", 120, 360),
            spot("转人工", 0, 400),
        ];
        assert_eq!(counted(&reading(&stutter, "", &[], &[])), 1);
    }

    #[test]
    fn the_same_request_in_other_words_close_behind_is_another() {
        let three = [
            spot("human", 0, 440),
            spot("a human", 540, 980),
            spot("a human", 1_090, 1_540),
        ];
        assert_eq!(counted(&reading(&three, "", &[], &[])), 3);
    }

    #[test]
    fn what_both_the_search_and_the_text_found_counts_once() {
        let spots = [spot("人工", 400, 800)];
        let by_text = [found("人工", 2, Counts::Yes)];
        assert_eq!(counted(&reading(&spots, "我要人工", &[], &by_text)), 1);
        let by_text = [found("人工", 0, Counts::Yes), found("人工", 2, Counts::Yes)];
        assert_eq!(counted(&reading(&spots, "人工人工", &[], &by_text)), 2);
    }

    #[test]
    fn the_search_may_miss_some_of_the_words_that_the_text_has() {
        let three = [
            found("人工", 0, Counts::Yes),
            found("人工", 2, Counts::Yes),
            found("人工", 4, Counts::Yes),
        ];
        let spots = [spot("人工", 700, 1_200)];
        assert_eq!(counted(&reading(&spots, "人工人工人工", &[], &three)), 3);
    }

    #[test]
    fn what_the_text_sets_aside_the_search_cannot_count() {
        let spots = [spot("agent", 900, 1_300)];
        let by_text = [found("agent", 13, Counts::SetAside(SetAside::Negated))];
        assert_eq!(
            counted(&reading(&spots, "i don't want agent", &[], &by_text)),
            0
        );
    }

    #[test]
    fn a_timed_word_meets_its_own_spot() {
        let span = |word: &str, from, to| WordSpan {
            word: Private::new(word.to_owned()),
            from: at(from),
            to: at(to),
            confidence: PerMille::ONE,
        };
        let words = [
            span("agent", 100, 500),
            span("please", 500, 900),
            span("agent", 1_000, 1_400),
        ];
        let by_text = [
            found("agent", 0, Counts::Yes),
            found("agent", 13, Counts::Yes),
        ];
        let spots = [spot("agent", 1_020, 1_390)];
        let reading = reading(&spots, "agent please agent", &words, &by_text);
        let all = sightings(&reading, &EscalationPolicy::default());
        let begins: Vec<u64> = all.iter().map(|s| s.from.as_millis()).collect();
        assert_eq!(begins, [100, 1_020]);
    }

    #[test]
    fn two_words_of_one_phrase_are_one_request() {
        for (first, second) in [("human", "agent"), ("人工", "客服")] {
            let phrase = [spot(first, 0, 400), spot(second, 450, 900)];
            assert_eq!(
                counted(&reading(&phrase, "", &[], &[])),
                1,
                "{first} {second}"
            );
        }
        let apart = [spot("human", 0, 400), spot("agent", 700, 1_100)];
        assert_eq!(counted(&reading(&apart, "", &[], &[])), 2);
    }

    #[test]
    fn an_unsure_finding_does_not_count() {
        let mut unsure = spot("operator", 0, 500);
        unsure.confidence = PerMille::new(499);
        assert_eq!(counted(&reading(&[unsure], "", &[], &[])), 0);
    }
}
