//! `loadtest reaching`: from the end of a word that calls for a person to an agent's phone ringing.

use super::Outcome;
use super::people::{CALLER, DESK, Troupe};
use crate::call::Acted;
use crate::cli::ReachingArgs;
use crate::manifest;
use crate::report::{percentile, tell};
use crate::rtp::{TICK, speech_extent};
use crate::wav;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// A word that is not understood by then is missed.
const RINGS_WITHIN: &str = "6s";
/// Words that are owed a person at once, and three requests in one breath.
const COUNTING: [&str; 2] = ["demand", "asks"];

/// Something to be said.
struct Sentence {
    /// How a scenario says it.
    says: String,
    /// The word that counts, for the table.
    word: String,
    /// When that word begins, from the clip's beginning, where it is known.
    word_begins: Option<Duration>,
    /// When that word has been said, likewise.
    word_end: Duration,
    /// When speech begins in the clip.
    speech_begins: Duration,
}

/// What came of the calls that said one word.
#[derive(Default)]
struct Tally {
    calls: usize,
    times: Vec<Duration>,
}

pub async fn measure(args: &ReachingArgs) -> Outcome {
    let mut troupe = Troupe::gather(&args.people)?;
    let mut sentences = if args.mandarin {
        match mandarin(args, &troupe) {
            Ok(sentences) => sentences,
            Err(missing) => {
                tell(format_args!("SKIPPED: {missing}"));
                return Ok(true);
            }
        }
    } else {
        from_table(args)?
    };
    thin(&mut sentences, args.most.unwrap_or(usize::MAX));
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for sentence in &sentences {
        let text = scenario(args, &sentence.says);
        let acted = troupe.act(&text, &mut |_| {}).await??;
        if acted
            .calls
            .iter()
            .any(|(_, call)| call.answered_after.is_none())
        {
            return Err(format!("a call was not answered: {:?}", acted.calls[0].1.ending).into());
        }
        let took = reached_after(&acted, sentence);
        tell(match took {
            Some(took) => format!(
                "{}: {} ms after '{}'",
                sentence.says,
                took.as_millis(),
                sentence.word
            ),
            None => format!("{}: MISSED", sentence.says),
        });
        let tally = tallies.entry(sentence.word.clone()).or_default();
        tally.calls += 1;
        tally.times.extend(took);
    }
    Ok(judge(args, &tallies))
}

fn scenario(args: &ReachingArgs, says: &str) -> String {
    format!(
        "agent desk on {} never answers\n\
         caller: expect speech within 15s\ncaller: wait for quiet 700ms within 30s\ncaller: say {says}\n\
         desk: expect ring within {RINGS_WITHIN}\ncaller: hang up\ndesk: expect idle within 2s\n",
        args.people.agent
    )
}

/// None where the phone did not ring.
fn reached_after(acted: &Acted, sentence: &Sentence) -> Option<Duration> {
    let ring = acted.run.rings(DESK).first()?.ring.at;
    let onset = acted.run.said(CALLER)?.onset;
    sentence.reached_after(ring.checked_sub(onset)?)
}

impl Sentence {
    /// How long after its word, for a phone that rings so long after the caller's onset.
    ///
    /// A phone that rings before the word begins was rung by something else. One that rings while it
    /// dies away was rung by what was heard of it.
    fn reached_after(&self, ring: Duration) -> Option<Duration> {
        // The packet with a moment's sample leaves at the tick it belongs to.
        let ticks = |time: Duration| (time.as_millis() / TICK.as_millis()) as u32;
        let left = |time| TICK * ticks(time).saturating_sub(ticks(self.speech_begins));
        let begins = self.word_begins.unwrap_or(self.word_end);
        (ring >= left(begins)).then(|| ring.saturating_sub(left(self.word_end)))
    }
}

fn from_table(args: &ReachingArgs) -> Result<Vec<Sentence>, Box<dyn Error>> {
    let mut sentences = Vec::new();
    for word in manifest::words(&args.words)? {
        if COUNTING.contains(&word.kind.as_str()) {
            let audio = wav::read(&args.people.fixtures.join(Path::new(&word.path)))?;
            let begins = speech_extent(&audio).start as u64;
            sentences.push(Sentence {
                says: word.path,
                word: word.word,
                word_begins: None,
                word_end: word.end,
                speech_begins: Duration::from_micros(begins * 125),
            });
        }
    }
    if sentences.is_empty() {
        return Err(format!("{} names no sentence", args.words.display()).into());
    }
    Ok(sentences)
}

/// Sentences of recorded words, of the half that no threshold was fitted on.
fn mandarin(args: &ReachingArgs, troupe: &Troupe<'_>) -> Result<Vec<Sentence>, Box<dyn Error>> {
    let mut sentences = Vec::new();
    for line in manifest::sentences(&args.sentences)? {
        let words: Vec<String> = line
            .text
            .split(' ')
            .map(|word| format!("zh:{word}"))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let counts = line.text.split(' ').position(|word| word == line.word);
        if let (Some(counts), "held", "demand") = (counts, line.part.as_str(), line.class.as_str())
        {
            // All of it must be here, not only the part up to the word.
            troupe.spoken_until(&words)?;
            sentences.push(Sentence {
                says: words.join(" "),
                word: line.word,
                word_begins: Some(match counts {
                    0 => Duration::ZERO,
                    _ => troupe.spoken_until(&words[..counts])?,
                }),
                word_end: troupe.spoken_until(&words[..=counts])?,
                speech_begins: Duration::from_millis(20),
            });
        }
    }
    Ok(sentences)
}

/// Leaves so many, spread evenly.
fn thin(sentences: &mut Vec<Sentence>, most: usize) {
    let all = sentences.len();
    if most < all {
        let mut place = 0;
        sentences.retain(|_| {
            let keeps = (place + 1) * most / all > place * most / all;
            place += 1;
            keeps
        });
    }
}

fn judge(args: &ReachingArgs, tallies: &BTreeMap<String, Tally>) -> bool {
    tell(format_args!(
        "\n{:<16} {:>6} {:>6} {:>8} {:>8} {:>8}",
        "word", "calls", "found", "p50 ms", "p95 ms", "worst"
    ));
    let mut all = Tally::default();
    for (word, tally) in tallies {
        tell_tally(word, tally);
        all.calls += tally.calls;
        all.times.extend(&tally.times);
    }
    tell_tally("all", &all);
    all.times.sort();
    let p95 = percentile(&all.times, 95).map_or(u128::MAX, Duration::as_millis);
    let found = all.times.len() as f64 * 100.0 / all.calls.max(1) as f64;
    let is_fast = args.require_p95.is_none_or(|most| p95 <= u128::from(most));
    let is_heard = args.require_found.is_none_or(|least| found >= least);
    if !is_fast {
        tell("NOT: the slowest but 5 % took longer than required");
    }
    if !is_heard {
        tell(format_args!("NOT: {found:.1} % reached an agent"));
    }
    is_fast && is_heard && all.calls > 0
}

fn tell_tally(word: &str, tally: &Tally) {
    let mut times = tally.times.clone();
    times.sort();
    let millis = |share| {
        percentile(&times, share).map_or("-".to_owned(), |time| time.as_millis().to_string())
    };
    tell(format_args!(
        "{word:<16} {:>6} {:>6} {:>8} {:>8} {:>8}",
        tally.calls,
        times.len(),
        millis(50),
        millis(95),
        millis(100)
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(says: usize) -> Sentence {
        Sentence {
            says: says.to_string(),
            word: "w".into(),
            word_begins: Some(Duration::from_millis(1_000)),
            word_end: Duration::from_millis(1_600),
            speech_begins: Duration::from_millis(20),
        }
    }

    #[test]
    fn a_phone_that_rings_while_the_word_dies_away_was_reached_at_once() {
        let after = |millis| sentence(0).reached_after(Duration::from_millis(millis));
        assert_eq!(after(700), None);
        assert_eq!(after(1_400), Some(Duration::ZERO));
        assert_eq!(after(2_000), Some(Duration::from_millis(420)));
    }

    #[test]
    fn fewer_calls_are_spread_over_the_table() {
        let mut sentences: Vec<Sentence> = (0..10).map(sentence).collect();
        thin(&mut sentences, 3);
        let kept: Vec<&str> = sentences.iter().map(|each| each.says.as_str()).collect();
        assert_eq!(kept, ["3", "6", "9"]);
        thin(&mut sentences, 99);
        assert_eq!(sentences.len(), 3);
    }
}
