//! `bellhop emotion calibrate`: where 80 lies at a site, by its own stored and reviewed calls.
//!
//! Each call's voice is judged once more by the engine's rules as they are by default, words and behaviour
//! left out: pooled over three utterances, weighted by the speech in them, with four seconds of it at least. The
//! point is put as low as keeps the budget of calm calls.
//!
//! Two things are assumed. The stored log-odds had the site's offset of their time taken off, and are
//! taken as they are: the offset had settled when the calls were scored, and the site's file goes on from there.
//! And the calls are like those to come: their lines, callers and plans.

use super::calibration_report::{remarks, table};
use super::journals;
use super::stored_anger::StoredAnger;
use crate::cli::EmotionCalibrate;
use crate::site_file;
use anyhow::{Context, bail, ensure};
use call_model::{CallId, Score};
use dialplan::EscalationPolicy;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use voice_emotion::{ModelMark, Scale, SiteCalibration, VoiceModel, VoiceSite};

/// Fewer calm calls than this say nothing of one in a hundred.
const CALM_LEAST: usize = 50;
/// The point lies within these log-odds: lower, what is hardly more than even odds would be anger.
pub const POINT_LEAST: f32 = 0.5;
const POINT_MOST: f32 = 20.0;
/// Halvings of that stretch.
const STEPS: usize = 20;

/// What a reviewer found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Calm,
    Angry,
}

#[derive(Deserialize)]
struct Row {
    call: String,
    verdict: Verdict,
}

/// Calls by their verdicts.
#[derive(Default)]
pub struct Calls {
    pub calm: Vec<StoredAnger>,
    pub angry: Vec<StoredAnger>,
    /// Whose voice was never scored.
    pub unscored: usize,
    /// Whom no reviewer looked at, though there is a review.
    pub unreviewed: usize,
}

/// Calibrates a site.
pub fn run(options: &EmotionCalibrate) -> anyhow::Result<ExitCode> {
    let budget = options.budget;
    ensure!(
        (0.001..=0.5).contains(&budget),
        "--budget {budget} is no share of calls from 0.001 to 0.5; 0.01 is one in a hundred"
    );
    let model = std::fs::read_to_string(&options.model)
        .with_context(|| format!("cannot read {}", options.model.display()))?;
    let model = VoiceModel::read(&model)
        .with_context(|| format!("{} cannot be used", options.model.display()))?;
    let is_new = !options.out.exists();
    let mut site = match is_new {
        true => VoiceSite::default(),
        false => site_file::read(&options.out)
            .with_context(|| format!("{} is no site's file", options.out.display()))?,
    };
    let reviewed = options.reviewed.as_deref().map(verdicts).transpose()?;
    let calls = Calls::find(&options.archive, reviewed.as_ref())?;
    let old = site.scale(&model);
    let new = point(&calls.calm, budget, old)?;
    site.calibration = Some(SiteCalibration {
        model: ModelMark::of(&model),
        log_odds_at_80: new.log_odds_at_80,
        budget_per_mille: new.budget_per_mille,
        calm_calls: u32::try_from(calls.calm.len()).unwrap_or(u32::MAX),
        angry_calls: u32::try_from(calls.angry.len()).unwrap_or(u32::MAX),
    });
    site_file::write(&options.out, &site)
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    print!("{}", table(&calls, &old, &new));
    for remark in remarks(&calls, reviewed.as_ref(), &new, is_new) {
        println!("{remark}");
    }
    if site.has_foreign_statistics(&model) {
        println!(
            "what the file's speech taught was learnt with another model and is not used: the server learns it \
             anew, and until it has, scores stand off those that this point was fixed by"
        );
    }
    println!(
        "written to {}; it holds from the server's next start on",
        options.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

impl Calls {
    /// Every call of an archive whose verdict is known. Without a review, whoever was owed no person for
    /// anger was calm.
    fn find(archive: &Path, reviewed: Option<&BTreeMap<CallId, Verdict>>) -> anyhow::Result<Self> {
        let mut calls = Self::default();
        for path in journals::find(&[archive.join("calls")])? {
            let Some(call) = StoredAnger::read(&journals::text(&path)?, |_| None) else {
                continue;
            };
            let verdict = match reviewed {
                Some(reviewed) => reviewed.get(&call.call).copied(),
                None if call.then.is_empty() => Some(Verdict::Calm),
                None => Some(Verdict::Angry),
            };
            if call.scores().next().is_none() {
                calls.unscored += 1;
                continue;
            }
            match verdict {
                Some(Verdict::Calm) => calls.calm.push(call),
                Some(Verdict::Angry) => calls.angry.push(call),
                None => calls.unreviewed += 1,
            }
        }
        Ok(calls)
    }
}

fn verdicts(path: &Path) -> anyhow::Result<BTreeMap<CallId, Verdict>> {
    let mut rows =
        csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut found = BTreeMap::new();
    for (number, row) in (2..).zip(rows.deserialize()) {
        let place = || {
            format!(
                "{}, row {number}: columns are call, verdict (calm or angry)",
                path.display()
            )
        };
        let row: Row = row.with_context(place)?;
        let call: CallId = row.call.trim().parse().with_context(place)?;
        found.insert(call, row.verdict);
    }
    Ok(found)
}

/// The lowest point at which no more than this share of the calm calls passes 80.
fn point(calm: &[StoredAnger], budget: f64, scale: Scale) -> anyhow::Result<Scale> {
    ensure!(
        calm.len() >= CALM_LEAST,
        "{} calm calls with scores are there, {CALM_LEAST} are wanted at least: score more calls, or review more",
        calm.len()
    );
    let at = |log_odds_at_80: f32| Scale {
        log_odds_at_80,
        budget_per_mille: (budget * 1_000.0).round() as u16,
        ..scale
    };
    let is_kept = |point: f32| above(calm, &at(point)) as f64 <= budget * calm.len() as f64;
    if !is_kept(POINT_MOST) {
        bail!(
            "no point keeps this budget: more calm calls than that sound furious; is the review right?"
        );
    }
    if is_kept(POINT_LEAST) {
        return Ok(at(POINT_LEAST));
    }
    let (mut low, mut high) = (POINT_LEAST, POINT_MOST);
    for _ in 0..STEPS {
        let middle = (low + high) / 2.0;
        match is_kept(middle) {
            true => high = middle,
            false => low = middle,
        }
    }
    Ok(at(high))
}

/// How many of these calls pass 80 on a scale.
pub fn above(calls: &[StoredAnger], scale: &Scale) -> usize {
    let policy = EscalationPolicy::default();
    let points = |log_odds: f32| {
        let tenths = (scale.points(log_odds).clamp(0.0, 100.0) * 10.0).round();
        Score::from_tenths(tenths as u16)
    };
    calls
        .iter()
        .filter(|call| call.passes(&policy, &points))
        .count()
}

#[cfg(test)]
mod tests {
    use super::super::stored_anger::made;
    use super::*;
    use call_model::EscalationReason;
    use std::path::PathBuf;
    use voice_emotion::{Reading, SiteOffset};

    const MODEL: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../voice-emotion/models/anger-acted.json"
    );

    /// A call of four utterances that all sound so.
    fn call(number: u128, log_odds: f32) -> String {
        let mut lines = vec![made::begin(number)];
        lines.extend((1..=4).map(|n| made::scored(n, log_odds)));
        if log_odds > 1.25 {
            lines.push(made::escalated(4, EscalationReason::Anger, 0));
        }
        made::text(&lines)
    }

    fn read(text: &str) -> StoredAnger {
        StoredAnger::read(text, |_| None).expect("a journal")
    }

    fn id(number: u128) -> CallId {
        CallId::new(1_764_000_000_000, number)
    }

    struct Archive(tempfile::TempDir);

    impl Archive {
        /// So many calm calls at 0.1, 0.2 … and two furious ones, the first of which was calm in truth.
        fn of(calm: u128) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let calls = folder.path().join("calls/2025/11/24");
            std::fs::create_dir_all(&calls).expect("a folder");
            let voices = (0..calm)
                .map(|n| (n, n as f32 / 100.0))
                .chain([(900, 1.5), (901, 3.0)]);
            for (number, log_odds) in voices {
                let path = calls.join(format!("{}.jsonl", id(number)));
                std::fs::write(path, call(number, log_odds)).expect("a journal");
            }
            Self(folder)
        }

        fn options(&self, reviewed: Option<PathBuf>, budget: f64) -> EmotionCalibrate {
            EmotionCalibrate {
                archive: self.0.path().to_owned(),
                model: MODEL.into(),
                out: self.0.path().join("site.json"),
                reviewed,
                budget,
            }
        }
    }

    #[test]
    fn the_point_is_as_low_as_the_budget_of_calm_calls_allows() {
        let scale = Scale {
            log_odds_at_80: 1.25,
            budget_per_mille: 10,
            prior: 0.05,
        };
        let calm: Vec<_> = (0..100).map(|n| read(&call(n, n as f32 / 50.0))).collect();
        for (budget, expected) in [(0.01, 1.96), (0.05, 1.88), (0.5, 0.98)] {
            let new = point(&calm, budget, scale).expect("a point");
            assert!(
                (new.log_odds_at_80 - expected).abs() < 0.02,
                "{budget}: {new:?}"
            );
            assert!(above(&calm, &new) as f64 <= budget * 100.0);
        }
        let quiet: Vec<_> = (0..60).map(|n| read(&call(n, -1.0))).collect();
        let new = point(&quiet, 0.01, scale).expect("a point");
        assert!((new.log_odds_at_80 - POINT_LEAST).abs() < 1e-6);
    }

    #[test]
    fn too_few_calm_calls_are_refused_with_their_number_and_nothing_is_written() {
        let archive = Archive::of(20);
        let options = archive.options(None, 0.01);
        let refused = run(&options).expect_err("too few").to_string();
        assert!(
            refused.starts_with("20 calm calls") && refused.contains("50"),
            "{refused}"
        );
        assert!(!options.out.exists());
    }

    #[test]
    fn a_site_is_calibrated_into_its_file_and_the_statistics_there_stay() {
        let archive = Archive::of(60);
        let options = archive.options(None, 0.01);
        let model = VoiceModel::read(&std::fs::read_to_string(MODEL).expect("text"));
        let model = model.expect("the model that is shipped");
        let mut before = VoiceSite::default();
        before.statistics_to_teach(&model).learn(
            &Reading {
                population: 0.4,
                relative: 0.1,
                log_odds: 0.1,
                arousal: 0.0,
            },
            &SiteOffset::default(),
            true,
        );
        site_file::write(&options.out, &before).expect("a site's file");
        run(&options).expect("calibrated");
        let site = site_file::read(&options.out).expect("read");
        assert!(before.statistics_of(&model).is_some());
        assert_eq!(site.statistics_of(&model), before.statistics_of(&model));
        let own = site.calibration.expect("a calibration");
        assert_eq!(
            (own.calm_calls, own.angry_calls, own.budget_per_mille),
            (60, 2, 10)
        );
        assert!((own.log_odds_at_80 - 0.59).abs() < 0.02, "{own:?}");
    }

    #[test]
    fn a_review_decides_who_was_calm() {
        let archive = Archive::of(60);
        let csv = archive.0.path().join("reviewed.csv");
        let rows = (0..55).map(|n| format!("{},calm\n", id(n)));
        let rows: String =
            rows.collect::<String>() + &format!("{},calm\n{},angry\n", id(900), id(901));
        std::fs::write(&csv, format!("call,verdict\n{rows}")).expect("a review");
        let options = archive.options(Some(csv.clone()), 0.01);
        run(&options).expect("calibrated");
        let own = site_file::read(&options.out).expect("read").calibration;
        let own = own.expect("a calibration");
        assert_eq!((own.calm_calls, own.angry_calls), (56, 1));
        assert!((own.log_odds_at_80 - 1.5).abs() < 0.02, "{own:?}");

        std::fs::write(&csv, "call,verdict\nno-call,cross\n").expect("a review");
        let refused = format!("{:#}", run(&options).expect_err("an odd row"));
        assert!(
            refused.contains("row 2") && refused.contains("calm or angry"),
            "{refused}"
        );
    }
}
