//! `loadtest wait-clock`: how long a caller really waits until the limit is said to be passed.

use super::Outcome;
use super::people::{DESK, Troupe};
use crate::call::Acted;
use crate::cli::WaitClockArgs;
use crate::report::tell;
use std::fmt::Write;
use std::time::Duration;

/// So long after the limit the prompt is still waited for.
const TOO_LATE: f64 = 10.0;

pub async fn measure(args: &WaitClockArgs) -> Outcome {
    let mut troupe = Troupe::gather(&args.people)?;
    if !troupe.knows(&args.prompt) {
        return Err(format!(
            "there is no prompt '{}' to compare with (--prompts)",
            args.prompt
        )
        .into());
    }
    let mut worst = Duration::ZERO;
    let mut missed = 0;
    for call in 1..=args.calls.max(1) {
        let acted = troupe.act(&scenario(args), &mut |_| {}).await??;
        match waited(&acted, &args.prompt) {
            Some(waited) => {
                let limit = Duration::from_secs_f64(args.limit);
                let error = waited.abs_diff(limit);
                worst = worst.max(error);
                let sign = if waited < limit { '-' } else { '+' };
                tell(format_args!(
                    "call {call}: {:.3} s by the wall, {sign}{} ms",
                    waited.as_secs_f64(),
                    error.as_millis()
                ));
            }
            None => {
                missed += 1;
                let last = acted.run.verdicts().last();
                tell(format_args!(
                    "call {call}: MISSED: {}",
                    last.map_or(String::new(), ToString::to_string)
                ));
            }
        }
    }
    tell(format_args!(
        "{} calls, the largest error {} ms, missed {missed}",
        args.calls,
        worst.as_millis()
    ));
    let is_exact = args
        .require_error
        .is_none_or(|most| worst.as_millis() <= u128::from(most));
    Ok(is_exact && missed == 0)
}

/// The phone rings from the moment the wait begins, and is never answered.
fn scenario(args: &WaitClockArgs) -> String {
    let mut text = format!("agent desk on {} never answers\n", args.people.agent);
    text += "caller: expect speech within 15s\n";
    for (place, said) in args.says.iter().enumerate() {
        if place > 0 {
            text += "caller: expect speech within 5s\n";
        }
        let act = match said.strip_prefix("key:") {
            Some(keys) => format!("key {keys}"),
            None => format!("say {said}"),
        };
        let _ = writeln!(
            text,
            "caller: wait for quiet 700ms within 30s\ncaller: {act}"
        );
    }
    let _ = write!(
        text,
        "desk: expect ring within 5s\ncaller: expect prompt {} within {:.1}s\n\
         caller: hang up\ndesk: expect idle within 2s\n",
        args.prompt,
        args.limit + TOO_LATE
    );
    text
}

/// From the first ring, which comes with the place in the queue, to the prompt's first sound.
fn waited(acted: &Acted, prompt: &str) -> Option<Duration> {
    let began = acted.run.rings(DESK).first()?.ring.at;
    let ended = acted.run.sounded(prompt)?;
    ended.checked_sub(began)
}
