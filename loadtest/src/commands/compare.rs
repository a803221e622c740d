//! `loadtest compare`: is this prompt in that recording?

use super::Outcome;
use crate::cli::CompareArgs;
use crate::judge::{self, Reference};
use crate::report::tell;
use crate::wav;

pub fn compare(args: &CompareArgs) -> Outcome {
    let heard = wav::read(&args.recording)?;
    let name = args.reference.display().to_string();
    let reference = Reference::new(name.clone(), wav::read(&args.reference)?);
    let slack = args.slack_ms.min(1_000) as usize * 8;
    let Some(found) = judge::compare(&heard, &reference, slack) else {
        tell(format_args!("{name}: too short or silent to compare"));
        return Ok(false);
    };
    let share = found.similarity.share();
    let (same, all) = (found.similarity.same, found.similarity.all);
    tell(format_args!(
        "heard sound matches {name}: {share:.2} of windows ({same} of {all})"
    ));
    if let Some(gain) = found.gain_db {
        let begins = found.starts_at.as_secs_f64();
        tell(format_args!(
            "begins at {begins:.2} s, {gain:+.1} dB, parts moved by {} samples",
            found.moved
        ));
    }
    Ok(share >= args.least)
}
