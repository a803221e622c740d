//! The figures of the measurements of hearing: shown, printed for machines, held against bars.

use super::bars::{Bar, Held, read_bars, rounded};
use super::by_caller::{Basis, ByCaller, OfCaller};
use super::understood::Share;
use crate::cli::Recordings;
use anyhow::Context;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Named figures in the order in which they are told.
#[derive(Default)]
pub struct Figures {
    told: Vec<(String, Figure)>,
}

enum Figure {
    /// A share in percent, with its 95 % interval.
    Share(Share, Interval),
    /// Any other number.
    Number(f64),
    /// A number with its 95 % interval.
    Estimate(f64, Interval),
}

/// Where the true number lies with 95 % confidence.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Interval {
    low: f64,
    high: f64,
    basis: Basis,
}

/// The normal quantile of 97.5 %.
const Z: f64 = 1.959_964;

impl Figures {
    /// Tells a share in percent; its interval is Wilson's.
    pub fn share(&mut self, name: impl Into<String>, share: Share) {
        let (low, high) = share.interval();
        let basis = Basis::Recordings;
        let interval = Interval { low, high, basis };
        self.told
            .push((name.into(), Figure::Share(share, interval)));
    }

    /// Tells a share in percent, of recordings whose callers are known: how many came true of how many each.
    pub fn share_by_caller(&mut self, name: impl Into<String>, parts: &[OfCaller<'_, Share>]) {
        let sum = |parts: &mut dyn Iterator<Item = Share>| {
            parts.fold(Share(0, 0), |sum, it| Share(sum.0 + it.0, sum.1 + it.1))
        };
        let share = sum(&mut parts.iter().map(|(_, part)| *part));
        let callers = ByCaller::of(parts);
        let percent = |parts: &mut dyn Iterator<Item = Share>| match sum(parts) {
            Share(_, 0) => f64::NAN,
            share => share.percent(),
        };
        let (low, high) = callers.interval(share.interval(), percent);
        let basis = callers.basis();
        let interval = Interval { low, high, basis };
        self.told
            .push((name.into(), Figure::Share(share, interval)));
    }

    /// Tells a number.
    pub fn number(&mut self, name: impl Into<String>, number: f64) {
        self.told.push((name.into(), Figure::Number(number)));
    }

    /// Tells the median, the 95th percentile and the highest of times in milliseconds, as
    /// `NAME_p50_ms` and so on; nothing where there is none. The intervals of the first two are those between
    /// order statistics (H. A. David, Order Statistics, §2.5), which suppose nothing of how times spread.
    pub fn times(&mut self, name: &str, millis: Vec<i64>) {
        let nobodys: Vec<_> = millis.into_iter().map(|it| ("", it)).collect();
        self.times_by_caller(name, &nobodys);
    }

    /// The same of recordings whose callers are known.
    pub fn times_by_caller(&mut self, name: &str, times: &[OfCaller<'_, i64>]) {
        let mut millis: Vec<i64> = times.iter().map(|(_, millis)| *millis).collect();
        millis.sort_unstable();
        let callers = ByCaller::of(times);
        for (which, hundredths) in [("p50", 50), ("p95", 95), ("max", 100)] {
            let Some(at) = millis.get(rank(millis.len(), hundredths)) else {
                continue;
            };
            let (name, value) = (format!("{name}_{which}_ms"), *at as f64);
            if hundredths == 100 {
                self.number(name, value);
                continue;
            }
            let quantile = |drawn: &mut dyn Iterator<Item = i64>| {
                let mut drawn: Vec<i64> = drawn.collect();
                let rank = rank(drawn.len(), hundredths);
                *drawn.select_nth_unstable(rank).1 as f64
            };
            let (low, high) = callers.interval(between_ranks(&millis, hundredths), quantile);
            let basis = callers.basis();
            let interval = Interval { low, high, basis };
            self.told.push((name, Figure::Estimate(value, interval)));
        }
    }

    /// Tells the sum of the first over the sum of the second, times so much, e.g. of errors and words of each
    /// recording. The interval of recordings is that of a ratio of sums (W. G. Cochran, Sampling Techniques, §6.4).
    pub fn ratio(
        &mut self,
        name: impl Into<String>,
        times: f64,
        parts: &[OfCaller<'_, (f64, f64)>],
    ) {
        let sum = |parts: &mut dyn Iterator<Item = (f64, f64)>| {
            parts.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
        };
        let (over, under) = sum(&mut parts.iter().map(|(_, part)| *part));
        if under <= 0.0 {
            return;
        }
        let ratio = over / under;
        let count = parts.len() as f64;
        let off = |(_, part): &OfCaller<'_, (f64, f64)>| (part.0 - ratio * part.1).powi(2);
        let spread: f64 = parts.iter().map(off).sum();
        let reach = match parts.len() {
            0 | 1 => ratio,
            _ => Z * (spread * count / (count - 1.0)).sqrt() / under,
        };
        let of_recordings = ((ratio - reach).max(0.0), ratio + reach);
        let callers = ByCaller::of(parts);
        let (low, high) = callers.interval(of_recordings, |parts| {
            let (over, under) = sum(parts);
            over / under
        });
        let interval = Interval {
            low: times * low,
            high: times * high,
            basis: callers.basis(),
        };
        self.told
            .push((name.into(), Figure::Estimate(times * ratio, interval)));
    }

    /// Shows the figures as asked for, and how each bar that is required was met: behind the figures, or
    /// beside them where they are for machines.
    ///
    /// # Errors
    /// When the file of bars cannot be read, or names a figure that was not measured.
    pub fn conclude(&self, options: &Recordings) -> anyhow::Result<ExitCode> {
        let bars = options.require.as_deref().map(read_bars).transpose()?;
        let bars = self.against(&bars.unwrap_or_default())?;
        if options.json {
            println!("{:#}", self.as_json());
            bars.iter().for_each(|bar| eprintln!("{bar}"));
        } else {
            self.show();
            bars.iter().for_each(|bar| println!("{bar}"));
        }
        Ok(match bars.iter().all(|bar| bar.is_met) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    /// How every bar was met, in the order of their names.
    fn against(&self, bars: &BTreeMap<String, Bar>) -> anyhow::Result<Vec<Held>> {
        bars.iter()
            .map(|(name, bar)| {
                let value = self.value(name).with_context(|| {
                    let names: Vec<&str> =
                        self.told.iter().map(|(name, _)| name.as_str()).collect();
                    format!(
                        "no figure is called '{name}'; there are: {}",
                        names.join(", ")
                    )
                })?;
                Ok(bar.hold(name, value))
            })
            .collect()
    }

    fn value(&self, name: &str) -> Option<f64> {
        let found = self.told.iter().find(|(told, _)| told == name)?;
        match found.1 {
            // A share of nothing proves nothing.
            Figure::Share(Share(_, 0), _) => None,
            Figure::Share(share, _) => Some(share.percent()),
            Figure::Number(number) | Figure::Estimate(number, _) => Some(number),
        }
    }

    fn show(&self) {
        for (name, figure) in &self.told {
            match figure {
                Figure::Share(share, interval) => {
                    let Interval { low, high, basis } = interval;
                    let (count, of, percent) = (share.0, share.1, share.percent());
                    let by = basis.shown();
                    println!("{name:<44} {count} {percent:5.1} % ({low:.0}–{high:.0}) of {of}{by}");
                }
                Figure::Number(number) => println!("{name:<44} {}", rounded(*number)),
                Figure::Estimate(value, Interval { low, high, basis }) => {
                    let [value, low, high] = [value, low, high].map(|it| rounded(*it));
                    println!("{name:<44} {value} ({low}–{high}){}", basis.shown());
                }
            }
        }
    }

    fn as_json(&self) -> Value {
        let told = self.told.iter().map(|(name, figure)| {
            let value = match figure {
                Figure::Share(share, interval) => {
                    let mut told =
                        json!({ "count": share.0, "percent": share.percent(), "of": share.1 });
                    interval.tell(&mut told);
                    told
                }
                Figure::Number(number) => json!(number),
                Figure::Estimate(value, interval) => {
                    let mut told = json!({ "value": value });
                    interval.tell(&mut told);
                    told
                }
            };
            (name.clone(), value)
        });
        Value::Object(told.collect::<Map<_, _>>())
    }
}

impl Interval {
    fn tell(&self, told: &mut Value) {
        told["low"] = json!(self.low);
        told["high"] = json!(self.high);
        if let Some(callers) = self.basis.callers() {
            told["callers"] = json!(callers);
        }
    }
}

/// Where the value stands in order, from 0, that so many hundredths do not pass.
fn rank(count: usize, hundredths: usize) -> usize {
    (count * hundredths).div_ceil(100).max(1) - 1
}

/// The interval of a quantile between order statistics.
fn between_ranks(sorted: &[i64], hundredths: usize) -> (f64, f64) {
    let (count, share) = (sorted.len() as f64, hundredths as f64 / 100.0);
    let reach = Z * (count * share * (1.0 - share)).sqrt();
    let bound = |rank: f64| sorted[(rank as usize).clamp(1, sorted.len()) - 1] as f64;
    (
        bound((count * share - reach).floor()),
        bound((count * share + reach).ceil() + 1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let mut figures = Figures::default();
        figures.share("missed", Share(1, 100));
        figures.share("nothing", Share(0, 0));
        figures.times("onset", (1..=100).collect());
        figures
    }

    fn bars(text: &str) -> BTreeMap<String, Bar> {
        serde_json::from_str(text).expect("bars")
    }

    fn shown(bars: &BTreeMap<String, Bar>) -> Vec<String> {
        let held = figures().against(bars).expect("named");
        held.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_bar_is_listed_with_its_figure_met_or_not() {
        let kept = bars(r#"{"missed": {"max": 1}, "onset_p95_ms": {"min": 95, "max": 95}}"#);
        assert_eq!(
            shown(&kept),
            [
                "met      missed is 1.0, at most 1",
                "met      onset_p95_ms is 95.0, at least 95, at most 95"
            ]
        );
        let broken = bars(
            r#"{"missed": {"max": 0.5}, "onset_p50_ms": {"min": 51}, "onset_max_ms": {"max": 100}}"#,
        );
        assert_eq!(
            shown(&broken),
            [
                "NOT MET  missed is 1.0, at most 0.5",
                "met      onset_max_ms is 100.0, at most 100",
                "NOT MET  onset_p50_ms is 50.0, at least 51"
            ]
        );
    }

    #[test]
    fn a_share_of_a_few_callers_has_the_interval_of_callers() {
        let mut figures = Figures::default();
        let parts: Vec<_> = (0..30)
            .map(|number| {
                let caller = ["lin", "meg", "tom"][number % 3];
                (caller, Share(usize::from(caller != "tom"), 1))
            })
            .collect();
        figures.share_by_caller("right", &parts);
        let told = &figures.as_json()["right"];
        assert_eq!(
            (told["of"].clone(), told["callers"].clone()),
            (json!(30), json!(3))
        );
        // Two callers always right, one never: nearly anything may be true of others.
        assert_eq!(
            (told["low"].clone(), told["high"].clone()),
            (json!(0.0), json!(100.0))
        );
        let of_one: Vec<_> = (0..30).map(|_| ("lin", Share(1, 1))).collect();
        figures.share_by_caller("one", &of_one);
        let told = &figures.as_json()["one"];
        let (low, _) = Share(30, 30).interval();
        assert_eq!(
            (told["callers"].clone(), told["low"].clone()),
            (json!(1), json!(low))
        );
    }

    #[test]
    fn a_ratio_of_sums_stands_between_its_bounds() {
        let mut figures = Figures::default();
        let parts = [
            ("", (1.0, 4.0)),
            ("", (0.0, 4.0)),
            ("", (1.0, 4.0)),
            ("", (0.0, 4.0)),
        ];
        figures.ratio("errors", 100.0, &parts);
        figures.ratio("of_nothing", 100.0, &[]);
        let Some((_, Figure::Estimate(value, told))) = figures.told.first() else {
            panic!("nothing told");
        };
        // Off by half an error each: 1.96 · √(4 · 0.25 · 4 / 3) / 16.
        assert!((value - 12.5).abs() < 1e-9 && told.low == 0.0, "{told:?}");
        assert!((told.high - 26.6).abs() < 0.1, "{told:?}");
        assert_eq!(figures.told.len(), 1);
    }

    #[test]
    fn the_median_of_many_times_has_a_narrow_interval() {
        let mut figures = Figures::default();
        figures.times("onset", (1..=1_000).collect());
        let Some((_, Figure::Estimate(value, told))) = figures.told.first() else {
            panic!("nothing told");
        };
        assert_eq!((*value, told.low, told.high), (500.0, 469.0, 532.0));
        let slow_and_quick: Vec<_> = (0..100)
            .map(|number| match number % 2 {
                0 => ("slow", 900),
                _ => ("quick", 100 + number),
            })
            .collect();
        figures.times_by_caller("partial", &slow_and_quick);
        let told = &figures.as_json()["partial_p50_ms"];
        assert_eq!(
            (told["high"].clone(), told["callers"].clone()),
            (json!(900.0), json!(2))
        );
    }

    #[test]
    fn a_bar_on_what_was_not_measured_is_an_error() {
        for name in ["mised", "nothing", "offset_p50_ms"] {
            let bars = bars(&format!(r#"{{"{name}": {{"max": 1}}}}"#));
            figures().against(&bars).expect_err(name);
        }
    }
}
