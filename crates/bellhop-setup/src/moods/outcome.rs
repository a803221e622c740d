//! Who reached a person, beside what was promised of the same people.

use super::lists::Caller;
use std::collections::BTreeMap;

/// What became of one call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// The collection of the speaker's recordings.
    pub collection: String,
    /// How the speaker spoke.
    pub character: String,
    /// Whether a person was owed.
    pub is_owed: bool,
    /// Whether one was reached.
    pub is_reached: bool,
}

impl Reached {
    /// Reads what `loadtest moods --report` wrote of a caller.
    pub fn read(report: &str, caller: &Caller) -> Result<Vec<Self>, String> {
        let rows = report.lines().skip(1).map(|row| {
            let odd = || format!("the report of the calls has an odd row: {row}");
            // The character may have commas of its own.
            let fields: Vec<&str> = row.splitn(5, ',').collect();
            let [speaker, is_owed, is_reached, _utterances, character] = fields.as_slice() else {
                return Err(odd());
            };
            if caller.speaker != *speaker {
                return Err(odd());
            }
            let truth = |field: &str| field.parse::<bool>().map_err(|_| odd());
            Ok(Self {
                collection: caller.collection.clone(),
                character: character.trim_matches('"').to_owned(),
                is_owed: truth(is_owed)?,
                is_reached: truth(is_reached)?,
            })
        });
        rows.collect()
    }
}

/// The share of simulated angry callers that is found within four angry utterances, by how many calls there were.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Promise {
    calls: f64,
    found: f64,
}

impl Promise {
    /// Reads the output of `bellhop eval emotion --calls --json`. Every speaker makes as many of those calls as any other,
    /// so that each collection weighs as it has callers.
    pub fn read(json: &str) -> Result<Self, String> {
        let numbers = |name: &str| -> Vec<f64> {
            let name = format!("\"{name}\":");
            let lines = json
                .lines()
                .filter_map(|line| line.trim().strip_prefix(&name));
            let number = |text: &str| text.trim().trim_end_matches(',').parse().ok();
            lines.filter_map(number).collect()
        };
        let (calls, shares) = (numbers("angry_calls"), numbers("detected_soon"));
        if calls.is_empty() || calls.len() != shares.len() {
            return Err("the figures of the simulated calls are not as they were".to_owned());
        }
        Ok(Self {
            calls: calls.iter().sum(),
            found: calls
                .iter()
                .zip(&shares)
                .map(|(calls, share)| calls * share)
                .sum(),
        })
    }

    /// That of all of them together.
    pub fn sum(promises: impl Iterator<Item = Self>) -> Self {
        promises.fold(Self::default(), |sum, one| Self {
            calls: sum.calls + one.calls,
            found: sum.found + one.found,
        })
    }

    /// In percent.
    pub fn percent(self) -> f64 {
        100.0 * self.found / self.calls.max(1.0)
    }
}

/// Tells what became of the calls, and whether enough of the angry and few enough of the others reached a person.
pub fn judge(reached: &[Reached], promise: Promise, others_most: f64) -> Result<(), String> {
    let mut rows: BTreeMap<(&str, &str), Vec<&Reached>> = BTreeMap::new();
    for one in reached {
        let row = rows.entry((&one.character, &one.collection)).or_default();
        row.push(one);
    }
    println!(
        "\n{:<18} {:<12} {:>6} {:>8}",
        "caller", "of", "calls", "reached"
    );
    for ((character, collection), calls) in rows {
        let came = calls.iter().filter(|one| one.is_reached).count();
        println!(
            "{character:<18} {collection:<12} {:>6} {came:>8}",
            calls.len()
        );
    }
    let (angry, others) = (share(reached, true), share(reached, false));
    println!(
        "angry callers who reached a person {angry:.1} %, where simulated calls of the same people, judged \
         by the same models, promise {:.1} %; others {others:.1} %",
        promise.percent()
    );
    if angry < promise.percent() {
        return Err("too few of the angry reached a person".to_owned());
    }
    if others > others_most {
        return Err("too many reached a person who were not angry".to_owned());
    }
    Ok(())
}

/// The share that reached a person, in percent, of those who are owed one or of the others.
fn share(reached: &[Reached], is_owed: bool) -> f64 {
    let calls = reached.iter().filter(|one| one.is_owed == is_owed);
    let came = calls.clone().filter(|one| one.is_reached).count();
    100.0 * came as f64 / calls.count().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: &str = r#"{
  "calls": {
    "cold": {
      "angry_calls": 100,
      "detected": 0.5,
      "detected_soon": 0.1
    },
    "loud": {
      "angry_calls": 300,
      "detected": 0.9,
      "detected_soon": 0.7
    }
  }
}"#;

    fn calls(angry: (usize, usize), others: (usize, usize)) -> Vec<Reached> {
        let call = |is_owed: bool, is_reached: bool| Reached {
            collection: "loud".to_owned(),
            character: "of some kind".to_owned(),
            is_owed,
            is_reached,
        };
        let of = |is_owed: bool, (came, all): (usize, usize)| {
            (0..all).map(move |place| call(is_owed, place < came))
        };
        of(true, angry).chain(of(false, others)).collect()
    }

    #[test]
    fn the_promise_weighs_each_collection_by_who_calls() {
        let promise = Promise::read(FIGURES).expect("figures");
        assert!((promise.percent() - 55.0).abs() < 1e-9);
        let two = Promise::sum(
            [
                promise,
                Promise {
                    calls: 400.0,
                    found: 0.0,
                },
            ]
            .into_iter(),
        );
        assert!((two.percent() - 27.5).abs() < 1e-9);
        assert!(Promise::read("{}").is_err());
    }

    #[test]
    fn enough_of_the_angry_and_hardly_anybody_else_must_come() {
        let promise = Promise {
            calls: 100.0,
            found: 50.0,
        };
        for (angry, others, holds) in [
            ((12, 24), (0, 72), true),
            ((11, 24), (0, 72), false),
            ((24, 24), (3, 72), true),
            ((24, 24), (4, 72), false),
        ] {
            let judged = judge(&calls(angry, others), promise, 5.0);
            assert_eq!(judged.is_ok(), holds, "{angry:?} {others:?}");
        }
    }

    #[test]
    fn a_report_is_read_with_the_commas_of_its_characters() {
        let anna = Caller {
            speaker: "anna".to_owned(),
            collection: "one".to_owned(),
            list: "anna.csv".into(),
        };
        let report =
            "speaker,owed,reached,utterances,character\nanna,true,false,0,\"calm, then angry\"\n";
        let read = Reached::read(report, &anna).expect("a report");
        assert_eq!(read[0].character, "calm, then angry");
        assert!(read[0].is_owed && !read[0].is_reached && read[0].collection == "one");
        assert!(Reached::read("head\nben,true,false,0,merry\n", &anna).is_err());
    }
}
