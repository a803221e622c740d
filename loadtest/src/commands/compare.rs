//! `loadtest compare`: is this prompt in that recording?

use super::Outcome;
use crate::cli::CompareArgs;
use crate::judge::{self, Reference};
use crate::wav;

pub fn compare(args: &CompareArgs) -> Outcome {
    let heard = wav::read(&args.recording)?;
    let name = args.reference.display().to_string();
    let reference = Reference::new(name.clone(), wav::read(&args.reference)?);
    let slack = args.slack_ms.min(1_000) as usize * 8;
    let Some(found) = judge::compare(&heard, &reference, slack) else {
        println!("{name}: too short or silent to compare");
        return Ok(false);
    };
    let share = found.similarity.share();
    println!(
        "heard sound matches {name}: {share:.2} of windows ({} of {})\nbegins at {:.2} s, {:+.1} dB, parts moved by {} samples",
        found.similarity.same,
        found.similarity.all,
        found.starts_at.as_secs_f64(),
        found.gain_db,
        found.moved,
    );
    Ok(share >= args.least)
}
