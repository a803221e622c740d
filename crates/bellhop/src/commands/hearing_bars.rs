//! The figures of the measurements of hearing: shown, printed for machines, held against bars.

use super::understood::Share;
use crate::cli::Recordings;
use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Named figures in the order in which they are told.
#[derive(Default)]
pub struct Figures {
    told: Vec<(String, Figure)>,
}

enum Figure {
    /// A share in percent, with its 95 % interval.
    Share(Share),
    /// Any other number.
    Number(f64),
    /// A number with its 95 % interval.
    Estimate(Estimate),
}

/// A number and where the true one lies with 95 % confidence.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Estimate {
    value: f64,
    low: f64,
    high: f64,
}

/// The normal quantile of 97.5 %.
const Z: f64 = 1.959_964;

/// The bounds of one figure; both are within.
#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(deny_unknown_fields)]
struct Bar {
    max: Option<f64>,
    min: Option<f64>,
}

impl Figures {
    /// Tells a share in percent.
    pub fn share(&mut self, name: impl Into<String>, share: Share) {
        self.told.push((name.into(), Figure::Share(share)));
    }

    /// Tells a number.
    pub fn number(&mut self, name: impl Into<String>, number: f64) {
        self.told.push((name.into(), Figure::Number(number)));
    }

    /// Tells the median, the 95th percentile and the highest of times in milliseconds, as
    /// `NAME_p50_ms` and so on; nothing where there is none. The intervals of the first two are those between
    /// order statistics (H. A. David, Order Statistics, §2.5), which suppose nothing of how times spread.
    pub fn times(&mut self, name: &str, mut millis: Vec<i64>) {
        millis.sort_unstable();
        for (which, hundredths) in [("p50", 50), ("p95", 95), ("max", 100)] {
            let rank = (millis.len() * hundredths).div_ceil(100).max(1);
            let Some(at) = millis.get(rank - 1) else {
                continue;
            };
            let (name, value) = (format!("{name}_{which}_ms"), *at as f64);
            if hundredths == 100 {
                self.number(name, value);
                continue;
            }
            let (count, share) = (millis.len() as f64, hundredths as f64 / 100.0);
            let reach = Z * (count * share * (1.0 - share)).sqrt();
            let bound = |rank: f64| millis[(rank as usize).clamp(1, millis.len()) - 1] as f64;
            let estimate = Estimate {
                value,
                low: bound((count * share - reach).floor()),
                high: bound((count * share + reach).ceil() + 1.0),
            };
            self.told.push((name, Figure::Estimate(estimate)));
        }
    }

    /// Tells the sum of the first over the sum of the second, times so much, e.g. of errors and words of each
    /// recording. The interval is that of a ratio of sums (W. G. Cochran, Sampling Techniques, §6.4).
    pub fn ratio(&mut self, name: impl Into<String>, times: f64, parts: &[(f64, f64)]) {
        let count = parts.len() as f64;
        let (over, under) = parts
            .iter()
            .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        if under <= 0.0 {
            return;
        }
        let ratio = over / under;
        let off = |part: &(f64, f64)| (part.0 - ratio * part.1).powi(2);
        let spread: f64 = parts.iter().map(off).sum();
        let reach = match parts.len() {
            0 | 1 => ratio,
            _ => Z * (spread * count / (count - 1.0)).sqrt() / under,
        };
        let estimate = Estimate {
            value: times * ratio,
            low: times * (ratio - reach).max(0.0),
            high: times * (ratio + reach),
        };
        self.told.push((name.into(), Figure::Estimate(estimate)));
    }

    /// Shows the figures as asked for and holds them against the bars that are required.
    ///
    /// # Errors
    /// When the file of bars cannot be read, or names a figure that was not measured.
    pub fn conclude(&self, options: &Recordings) -> anyhow::Result<ExitCode> {
        let bars = options.require.as_deref().map(read_bars).transpose()?;
        let failed = self.against(&bars.unwrap_or_default())?;
        match options.json {
            true => println!("{:#}", self.as_json()),
            false => self.show(),
        }
        for line in &failed {
            eprintln!("{line}");
        }
        Ok(match failed.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    /// What is out of its bounds, a line for each.
    fn against(&self, bars: &BTreeMap<String, Bar>) -> anyhow::Result<Vec<String>> {
        let mut failed = Vec::new();
        for (name, bar) in bars {
            let Some(value) = self.value(name) else {
                let names: Vec<&str> = self.told.iter().map(|(name, _)| name.as_str()).collect();
                bail!(
                    "no figure is called '{name}'; there are: {}",
                    names.join(", ")
                );
            };
            if let Some(max) = bar.max.filter(|max| value > *max) {
                failed.push(format!("{name} is {value:.1}, above {max}"));
            }
            if let Some(min) = bar.min.filter(|min| value < *min) {
                failed.push(format!("{name} is {value:.1}, below {min}"));
            }
        }
        Ok(failed)
    }

    fn value(&self, name: &str) -> Option<f64> {
        let found = self.told.iter().find(|(told, _)| told == name)?;
        match found.1 {
            // A share of nothing proves nothing.
            Figure::Share(Share(_, 0)) => None,
            Figure::Share(share) => Some(share.percent()),
            Figure::Number(number) => Some(number),
            Figure::Estimate(estimate) => Some(estimate.value),
        }
    }

    fn show(&self) {
        for (name, figure) in &self.told {
            match figure {
                Figure::Share(share) => println!("{name:<44} {share} of {}", share.1),
                Figure::Number(number) => println!("{name:<44} {}", rounded(*number)),
                Figure::Estimate(Estimate { value, low, high }) => {
                    let [value, low, high] = [value, low, high].map(|it| rounded(*it));
                    println!("{name:<44} {value} ({low}–{high})");
                }
            }
        }
    }

    fn as_json(&self) -> Value {
        let told = self.told.iter().map(|(name, figure)| {
            let value = match figure {
                Figure::Share(share) => {
                    let mut told = share.as_json();
                    told["of"] = json!(share.1);
                    told
                }
                Figure::Number(number) => json!(number),
                Figure::Estimate(Estimate { value, low, high }) => {
                    json!({ "value": value, "low": low, "high": high })
                }
            };
            (name.clone(), value)
        });
        Value::Object(told.collect::<Map<_, _>>())
    }
}

/// With one digit after the point, small numbers with three.
fn rounded(number: f64) -> String {
    match number.abs() < 1.0 {
        true => format!("{number:.3}"),
        false => format!("{number:.1}"),
    }
}

fn read_bars(file: &Path) -> anyhow::Result<BTreeMap<String, Bar>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{shown} is not of the form {{\"name\": {{\"max\": 1}}}}"))
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

    #[test]
    fn a_figure_on_its_bar_passes_and_one_beyond_it_is_told() {
        let kept = bars(r#"{"missed": {"max": 1}, "onset_p95_ms": {"min": 95, "max": 95}}"#);
        assert!(figures().against(&kept).expect("named").is_empty());
        let broken = bars(r#"{"missed": {"max": 0.5}, "onset_p50_ms": {"min": 51}}"#);
        let told = figures().against(&broken).expect("named");
        assert_eq!(
            told,
            ["missed is 1.0, above 0.5", "onset_p50_ms is 50.0, below 51"]
        );
    }

    #[test]
    fn a_ratio_of_sums_stands_between_its_bounds() {
        let mut figures = Figures::default();
        figures.ratio(
            "errors",
            100.0,
            &[(1.0, 4.0), (0.0, 4.0), (1.0, 4.0), (0.0, 4.0)],
        );
        figures.ratio("of_nothing", 100.0, &[]);
        let Some((_, Figure::Estimate(told))) = figures.told.first() else {
            panic!("nothing told");
        };
        // Off by half an error each: 1.96 · √(4 · 0.25 · 4 / 3) / 16.
        assert!(
            (told.value - 12.5).abs() < 1e-9 && told.low == 0.0,
            "{told:?}"
        );
        assert!((told.high - 26.6).abs() < 0.1, "{told:?}");
        assert_eq!(figures.told.len(), 1);
    }

    #[test]
    fn the_median_of_many_times_has_a_narrow_interval() {
        let mut figures = Figures::default();
        figures.times("onset", (1..=1_000).collect());
        let Some((_, Figure::Estimate(told))) = figures.told.first() else {
            panic!("nothing told");
        };
        assert_eq!((told.value, told.low, told.high), (500.0, 469.0, 532.0));
    }

    #[test]
    fn a_bar_on_what_was_not_measured_is_an_error() {
        for name in ["mised", "nothing", "offset_p50_ms"] {
            let bars = bars(&format!(r#"{{"{name}": {{"max": 1}}}}"#));
            figures().against(&bars).expect_err(name);
        }
    }

    #[test]
    fn a_misspelt_bound_is_refused() {
        serde_json::from_str::<Bar>(r#"{"maximum": 1}"#).expect_err("no such bound");
    }
}
