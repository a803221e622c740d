//! What `bellhop emotion calibrate` tells of a calibration.

use super::emotion_calibrate::{Calls, POINT_LEAST, Verdict, above};
use super::stored_anger::StoredAnger;
use call_model::CallId;
use std::collections::BTreeMap;
use voice_emotion::Scale;

/// The two points, and what they do to the calls.
pub fn table(calls: &Calls, old: &Scale, new: &Scale) -> String {
    let all = calls.calm.len() + calls.angry.len();
    let part = |of: &[StoredAnger], scale: &Scale| {
        let passed = above(of, scale);
        match of.len() {
            0 => "-".to_owned(),
            count => {
                let percent = 100.0 * passed as f64 / count as f64;
                format!("{passed} ({percent:.1} %)")
            }
        }
    };
    let mut text = format!(
        "calls with scores {all}, calm {}, angry {}\n{:<24}{:>14}{:>14}\n",
        calls.calm.len(),
        calls.angry.len(),
        "",
        "before",
        "now"
    );
    text += &format!(
        "{:<24}{:>14.3}{:>14.3}\n",
        "log-odds at 80", old.log_odds_at_80, new.log_odds_at_80
    );
    for (name, of) in [
        ("calm calls above 80", &calls.calm),
        ("angry calls above 80", &calls.angry),
    ] {
        text += &format!("{name:<24}{:>14}{:>14}\n", part(of, old), part(of, new));
    }
    text
}

/// What a reader of the table must know.
pub fn remarks(
    calls: &Calls,
    reviewed: Option<&BTreeMap<CallId, Verdict>>,
    new: &Scale,
    is_new: bool,
) -> Vec<String> {
    let mut told = Vec::new();
    match reviewed {
        None => told.push(
            "nobody reviewed these calls: whoever was owed no person for anger counts as calm, the others as \
             angry, so calm callers who were transferred do not move the point up; --reviewed lets them"
                .to_owned(),
        ),
        Some(reviewed) => {
            let used = calls.calm.len() + calls.angry.len();
            told.push(format!(
                "{} calls were reviewed, {} of them are not in the archive or have no scores; {} others have scores \
                 and were left out",
                reviewed.len(),
                reviewed.len().saturating_sub(used),
                calls.unreviewed
            ));
        }
    }
    if calls.unscored > 0 {
        let unscored = calls.unscored;
        told.push(format!("{unscored} calls have no scores and were left out"));
    }
    let allowed = usize::from(new.budget_per_mille) * calls.calm.len();
    if allowed < 1_000 {
        told.push(format!(
            "{} calm calls are too few to let one in {} through: none passes now, and of the next calls up to \
             {:.1} % may (95 % sure)",
            calls.calm.len(),
            1_000 / usize::from(new.budget_per_mille).max(1),
            300.0 / calls.calm.len() as f64
        ));
    }
    if new.log_odds_at_80 <= POINT_LEAST {
        told.push(format!(
            "no calm call comes near: the point is put no lower than {POINT_LEAST}, where a voice is hardly more \
             likely angry than not"
        ));
    }
    let early = calls.calm.iter().chain(&calls.angry);
    let early = early
        .filter(|call| call.scores().any(|score| !score.is_calibrated))
        .count();
    if early > 0 {
        told.push(format!(
            "{early} calls were scored before the site had been heard enough; their log-odds have less of its \
             offset taken off than the calls to come"
        ));
    }
    if is_new {
        told.push(
            "the file is new and its running statistics begin from nothing: where the server has a site's file, \
             calibrate into a copy of that"
                .to_owned(),
        );
    }
    told
}
