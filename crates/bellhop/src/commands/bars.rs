//! Bars that figures are held against.

use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The bounds of one figure; both are within.
#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// At most this.
    pub max: Option<f64>,
    /// At least this.
    pub min: Option<f64>,
}

impl Bar {
    /// Holds a figure against it.
    pub fn hold(self, name: &str, value: f64) -> Held {
        Held {
            name: name.to_owned(),
            value,
            bar: self,
            is_met: self.min.is_none_or(|min| value >= min)
                && self.max.is_none_or(|max| value <= max),
        }
    }
}

/// A bar and how it was met.
#[derive(PartialEq, Debug)]
pub struct Held {
    name: String,
    value: f64,
    bar: Bar,
    /// It is within.
    pub is_met: bool,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.is_met {
            true => "met",
            false => "NOT MET",
        };
        let least = self.bar.min.map(|min| format!(", at least {min}"));
        let most = self.bar.max.map(|max| format!(", at most {max}"));
        write!(
            f,
            "{verdict:<8} {} is {}{}{}",
            self.name,
            rounded(self.value),
            least.unwrap_or_default(),
            most.unwrap_or_default()
        )
    }
}

/// With one digit after the point, small numbers with three.
pub fn rounded(number: f64) -> String {
    match number.abs() < 1.0 {
        true => format!("{number:.3}"),
        false => format!("{number:.1}"),
    }
}

/// The bars of a JSON file, by the names of their figures.
pub fn read_bars(file: &Path) -> anyhow::Result<BTreeMap<String, Bar>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{shown} is not of the form {{\"name\": {{\"max\": 1}}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_bound_is_refused() {
        serde_json::from_str::<Bar>(r#"{"maximum": 1}"#).expect_err("no such bound");
    }
}
