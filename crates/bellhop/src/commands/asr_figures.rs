//! The figures of `bellhop eval asr`, each by its recordings' callers.

use super::by_caller::OfCaller;
use super::hearing_bars::Figures;
use super::understood::Share;
use speech::eval::{EvalReport, Judged, TextErrors};
use std::time::Duration;

/// So many percent of the good recordings are accepted where false accepts are told beside those as shipped.
const GOOD_ACCEPTED: usize = 95;

/// A value of each recording that has one, with its caller.
fn of_each<T>(report: &EvalReport, of: impl Fn(&Judged) -> Option<T>) -> Vec<OfCaller<'_, T>> {
    let each = report.recordings.iter();
    each.filter_map(|it| Some((it.speaker.as_str(), of(it)?)))
        .collect()
}

/// Of each recording, whether something is so.
fn shares(report: &EvalReport, is_so: impl Fn(&Judged) -> bool) -> Vec<OfCaller<'_, Share>> {
    of_each(report, |it| Some(Share(usize::from(is_so(it)), 1)))
}

/// How much foreign speech is accepted as shipped, and where enough of the good recordings would be.
pub fn tell_false_accepts(
    figures: &mut Figures,
    of: &str,
    good: &EvalReport,
    foreign: &EvalReport,
) {
    let accepted = shares(foreign, |it| it.is_accepted);
    figures.share_by_caller(format!("{of}false_accepts"), &accepted);
    if let Some(point) = good.working_point(GOOD_ACCEPTED) {
        let accepted = shares(foreign, |it| it.reaches(point));
        figures.share_by_caller(format!("{of}false_accepts_at_{GOOD_ACCEPTED}"), &accepted);
    }
}

/// Where enough of the good recordings are accepted, and how many those are.
pub fn tell_working_point(figures: &mut Figures, of: &str, good: &EvalReport) {
    let Some(point) = good.working_point(GOOD_ACCEPTED) else {
        eprintln!(
            "{of}: fewer than {GOOD_ACCEPTED} % of the good recordings have any reading, so as many are accepted at no \
             threshold"
        );
        return;
    };
    let accepted = shares(good, |it| it.reaches(point));
    figures.share_by_caller(format!("{of}accepted_at_{GOOD_ACCEPTED}"), &accepted);
    figures.number(
        format!("{of}confidence_at_{GOOD_ACCEPTED}"),
        f64::from(point.thousandths()) / 1_000.0,
    );
}

/// What was heard of recordings that the grammar has.
pub fn tell(figures: &mut Figures, of: &str, report: &EvalReport) {
    figures.share_by_caller(format!("{of}right"), &shares(report, |it| it.is_right));
    let accepted = shares(report, |it| it.is_accepted);
    figures.share_by_caller(format!("{of}accepted"), &accepted);
    if report.slots() > 0 {
        let slots = of_each(report, |it| Some(Share(it.slots_found, it.slots)));
        figures.share_by_caller(format!("{of}slots"), &slots);
    }
    let errors = |of: fn(&Judged) -> Option<TextErrors>| {
        of_each(report, |it| {
            of(it).map(|it| (it.errors as f64, it.said as f64))
        })
    };
    let words = errors(|it| it.words);
    figures.ratio(format!("{of}word_errors_percent"), 100.0, &words);
    let letters = errors(|it| it.letters);
    figures.ratio(format!("{of}character_errors_percent"), 100.0, &letters);
    if let Some(error) = report.calibration_error() {
        figures.number(format!("{of}confidence_error"), error);
    }
    let millis = |of: fn(&Judged) -> Option<Duration>| {
        of_each(report, |it| {
            of(it).map(|it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
        })
    };
    let first = millis(|it| it.first_partial);
    figures.times_by_caller(&format!("{of}first_partial"), &first);
    let standing = millis(|it| it.standing_partial);
    figures.times_by_caller(&format!("{of}standing_partial"), &standing);
    let last = millis(|it| Some(it.final_latency));
    figures.times_by_caller(&format!("{of}final"), &last);
    let spent = of_each(report, |it| {
        Some((it.spent.cpu_seconds, it.spent.audio_seconds))
    });
    figures.ratio(format!("{of}cpu_seconds_a_second"), 1.0, &spent);
}
