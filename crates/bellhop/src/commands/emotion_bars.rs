//! What is asked of the anger score, and how far it is met.

use super::eval_emotion::Measured;
use serde::Serialize;
use std::collections::BTreeMap;
use voice_emotion::evaluate::Figures;

/// One thing that is asked.
#[derive(Serialize, Clone, PartialEq, Debug)]
pub struct Bar {
    /// What.
    pub what: String,
    /// What was measured.
    pub figure: f64,
    /// What it must be.
    pub must: Limit,
    /// What would lead, where that is said.
    pub lead: Option<Limit>,
}

/// A limit to one side.
#[derive(Serialize, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

impl Limit {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }
}

use Limit::{AtLeast, AtMost};

type Groups = BTreeMap<String, Figures>;

fn bar(what: impl Into<String>, figure: f64, must: Limit, lead: Option<Limit>) -> Bar {
    Bar {
        what: what.into(),
        figure,
        must,
        lead,
    }
}

/// The bars that the measurements tell of.
pub fn bars(measured: &Measured) -> Vec<Bar> {
    let mut bars = Vec::new();
    let Some(plain) = measured.conditions.get("plain") else {
        return bars;
    };
    of_plain(plain, &mut bars);
    if let Some(beside) = measured.conditions.get("with caller baseline") {
        let auc = mean(corpora(beside).filter_map(|(_, of)| of.auc));
        bars.push(bar(
            "AUC with caller baseline, mean",
            auc,
            AtLeast(0.85),
            Some(AtLeast(0.88)),
        ));
    }
    for (name, groups) in &measured.conditions {
        of_line(name, groups, plain, &mut bars);
    }
    of_calls(measured, &mut bars);
    if let Some(share) = measured.five_short_turns {
        bars.push(bar(
            "five turns of a second: usable score",
            share,
            AtLeast(0.9),
            None,
        ));
    }
    if let Some((seconds, bytes)) = measured.cost {
        bars.push(bar(
            "CPU, ms a second of speech",
            1e3 * seconds,
            AtMost(3.0),
            Some(AtMost(1.5)),
        ));
        bars.push(bar(
            "memory a call, KB",
            bytes as f64 / 1_024.0,
            AtMost(24.0),
            None,
        ));
    }
    bars
}

fn of_plain(plain: &Groups, bars: &mut Vec<Bar>) {
    for (name, of) in corpora(plain) {
        let (must, lead) = match name {
            "ravdess" => (0.91, 0.94),
            "nemo" => (0.78, 0.83),
            _ => (0.84, 0.84),
        };
        if let Some(auc) = of.auc {
            bars.push(bar(
                format!("AUC, {name}"),
                auc,
                AtLeast(must),
                Some(AtLeast(lead)),
            ));
        }
    }
    let recall = mean(corpora(plain).map(|(_, of)| of.recall_at_5));
    bars.push(bar(
        "recall at 5 %, mean of corpora",
        recall,
        AtLeast(0.45),
        Some(AtLeast(0.55)),
    ));
    let error = mean(corpora(plain).map(|(_, of)| of.calibration_error));
    bars.push(bar(
        "calibration error, mean of corpora",
        error,
        AtMost(0.10),
        Some(AtMost(0.06)),
    ));
    for (emotion, must, lead) in [("neutral", 0.02, 0.01), ("happy", 0.12, 0.08)] {
        if let Some(share) = plain["all"].above_80.get(emotion) {
            bars.push(bar(
                format!("{emotion} above 80"),
                *share,
                AtMost(must),
                Some(AtMost(lead)),
            ));
        }
    }
    let of = |who: &str| plain.get(&format!("gender {who}")).and_then(|of| of.auc);
    if let (Some(women), Some(men)) = (of("f"), of("m")) {
        let gap = (women - men).abs();
        bars.push(bar(
            "gap between women and men, AUC",
            gap,
            AtMost(0.08),
            Some(AtMost(0.05)),
        ));
    }
}

/// What a line that is not the plain one changes.
fn of_line(name: &str, groups: &Groups, plain: &Groups, bars: &mut Vec<Bar>) {
    let auc = |of: &Groups| mean(corpora(of).filter_map(|(_, of)| of.auc));
    let fall = auc(plain) - auc(groups);
    let recall = |of: &Groups| of["all"].angry_above_80;
    let alarms = |of: &Groups| of["all"].rest_above_80;
    if name.starts_with("gain") {
        bars.push(bar(
            format!("{name}: change of AUC"),
            fall.abs(),
            AtMost(0.02),
            Some(AtMost(0.01)),
        ));
        for (what, change) in [
            ("anger", recall(groups) - recall(plain)),
            ("the rest", alarms(groups) - alarms(plain)),
        ] {
            let what = format!("{name}: change of {what} above 80");
            bars.push(bar(what, change.abs(), AtMost(0.03), None));
        }
    } else if name.contains("noise") {
        bars.push(bar(format!("{name}: AUC fall"), fall, AtMost(0.03), None));
        let kept = recall(groups) / recall(plain).max(1e-9);
        bars.push(bar(
            format!("{name}: recall at 80 kept"),
            kept,
            AtLeast(0.6),
            Some(AtLeast(0.8)),
        ));
        let more = alarms(groups) - alarms(plain);
        bars.push(bar(
            format!("{name}: more false alarms"),
            more,
            AtMost(0.0),
            None,
        ));
    } else if name.starts_with("loss") {
        bars.push(bar(format!("{name}: AUC fall"), fall, AtMost(0.02), None));
    } else if name == "cut 1 s" {
        bars.push(bar(
            "1 s of speech: AUC",
            auc(groups),
            AtLeast(0.79),
            Some(AtLeast(0.82)),
        ));
    }
}

fn of_calls(measured: &Measured, bars: &mut Vec<Bar>) {
    let calls = &measured.calls;
    if calls.is_empty() {
        return;
    }
    let at_5 = calls
        .values()
        .filter_map(|of| of.at_budget.last())
        .map(|of| of.1);
    bars.push(bar(
        "calls detected where 5 % of calm ones are transferred",
        mean(at_5),
        AtLeast(0.55),
        Some(AtLeast(0.70)),
    ));
    let calm = mean(calls.values().map(|of| of.false_share));
    bars.push(bar(
        "calm calls above 80 as shipped",
        calm,
        AtMost(0.02),
        Some(AtMost(0.01)),
    ));
    let share = |pick: &dyn Fn(&(f64, f64)) -> f64| {
        mean(calls.values().map(|of| pick(&of.angry_from_start)))
    };
    let kept = share(&|of| of.0) / share(&|of| of.1).max(1e-9);
    bars.push(bar(
        "angry from the start: recall against no baseline",
        kept,
        AtLeast(0.9),
        Some(AtLeast(1.0)),
    ));
}

fn corpora(groups: &Groups) -> impl Iterator<Item = (&str, &Figures)> {
    let named = groups.iter();
    named.filter_map(|(name, of)| Some((name.strip_prefix("corpus ")?, of)))
}

fn mean(of: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in of {
        sum += value;
        count += 1.0;
    }
    sum / f64::max(count, 1.0)
}

/// Prints each bar with whether it is met.
pub fn tell_bars(bars: &[Bar]) {
    let told = |limit: Limit| match limit {
        AtLeast(least) => format!("≥ {least}"),
        AtMost(most) => format!("≤ {most}"),
    };
    println!();
    for bar in bars {
        let is_leading = bar.lead.is_some_and(|lead| lead.holds(bar.figure));
        let verdict = match (bar.must.holds(bar.figure), is_leading) {
            (_, true) => "leads",
            (true, false) => "met",
            (false, false) => "NOT MET",
        };
        println!(
            "{:<62} {:>7.3}  {:<8} {verdict}",
            bar.what,
            bar.figure,
            told(bar.must)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_holds_on_its_own_side() {
        for (limit, figure, expected) in [
            (AtLeast(0.9), 0.9, true),
            (AtLeast(0.9), 0.89, false),
            (AtMost(0.02), 0.02, true),
            (AtMost(0.02), 0.021, false),
        ] {
            assert_eq!(limit.holds(figure), expected, "{limit:?} {figure}");
        }
    }
}
