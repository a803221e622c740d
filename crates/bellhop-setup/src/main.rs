//! Sets up what a fresh machine lacks, behind `cargo demo` and `cargo verify`.
//! It knows the standard library alone: nothing else can be linked before the set-up.

mod cast;
mod demo;
mod held;
mod moods;
mod packages;
mod plan_demo;
mod plan_talks;
mod privacy;
mod process;
mod reach;
mod reload;
mod server;
mod sipp;
mod softphone;
mod spoken;
mod steps;
mod stored;
mod unanswered;
mod usage;
mod verify;
mod workshop;

use demo::Afterwards;
use packages::Purpose;
use plan_demo::Callers;
use std::process::ExitCode;
use workshop::Workshop;

const USAGE: &str = "\
cargo demo [--keep]     places real calls and shows them as they happen;
                        --keep: the server stays up afterwards, for your softphone
cargo demo -- --plan NAME [--keep]
                        places the calls that lie beside one plan, to that plan
cargo demo -- --plan NAME --talks [TITLE]
                        has callers play the plan's conversations, or those whose
                        titles hold this text, and judges them by their journals
cargo verify [full]     passes every check and test; full: the slow ones too
cargo run -p bellhop-setup -- setup
                        installs what both want
cargo run -p bellhop-setup -- sipp CALLS
                        places so many calls at 50 a second
cargo run -p bellhop-setup -- held CALLS
                        holds so many calls at once: what each costs
cargo run -p bellhop-setup -- reload CALLS
                        has plans read again and again under so many calls
cargo run -p bellhop-setup -- softphone
                        has baresip call, and compares what it hears
cargo run -p bellhop-setup -- speech digits
cargo run -p bellhop-setup -- speech commands
                        speaks recorded speech over calls, if there is any
cargo run -p bellhop-setup -- people english
cargo run -p bellhop-setup -- people mandarin
                        has callers ask for a person: how soon a phone rings
cargo run -p bellhop-setup -- people wait
                        keeps callers waiting: how exact the limit is
cargo run -p bellhop-setup -- people outcomes
                        every outcome of a phone, callers who leave at every step
cargo run -p bellhop-setup -- moods
                        angry callers, and others: who reaches a person by their voice
cargo run -p bellhop-setup -- unanswered
                        open questions to services that are dead, slow, garbled …
cargo run -p bellhop-setup -- replay
                        decides again every call that demo and verify left";

fn main() -> ExitCode {
    // `cargo demo -- --keep` hands the dashes over too.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = Workshop::here().and_then(|workshop| match words.as_slice() {
        ["demo"] => demo::run(&workshop, Afterwards::Stop),
        ["demo", "--keep"] => demo::run(&workshop, Afterwards::StayUp),
        ["demo", "--plan", plan, rest @ ..] => match rest {
            [] => Ok((Callers::Beside, Afterwards::Stop)),
            ["--keep"] => Ok((Callers::Beside, Afterwards::StayUp)),
            ["--talks"] => Ok((Callers::OfTalks(""), Afterwards::Stop)),
            ["--talks", title] => Ok((Callers::OfTalks(title), Afterwards::Stop)),
            _ => Err(USAGE.to_owned()),
        }
        .and_then(|(who, afterwards)| plan_demo::run(&workshop, plan, who, afterwards)),
        ["verify"] => verify::run(&workshop, verify::Extent::Quick),
        ["verify", "full"] => verify::run(&workshop, verify::Extent::Full),
        ["sipp", calls] => match calls.parse() {
            Ok(calls) => sipp::run(&workshop, calls).map(drop),
            Err(_) => Err(USAGE.to_owned()),
        },
        ["held", calls] => match calls.parse() {
            Ok(calls) => held::run(&workshop, calls).map(drop),
            Err(_) => Err(USAGE.to_owned()),
        },
        ["reload", calls] => match calls.parse() {
            Ok(calls) => reload::run(&workshop, calls).map(drop),
            Err(_) => Err(USAGE.to_owned()),
        },
        ["softphone"] => softphone::run(&workshop).map(drop),
        ["speech", "digits"] => spoken::run(&workshop, &spoken::DIGITS).map(drop),
        ["speech", "commands"] => spoken::run(&workshop, &spoken::COMMANDS).map(drop),
        ["moods"] => moods::run(&workshop).map(drop),
        ["unanswered"] => unanswered::run(&workshop).map(drop),
        ["people", word] => match reach::ALL.iter().find(|measure| measure.word == *word) {
            Some(measure) => reach::run(&workshop, measure).map(drop),
            None => Err(USAGE.to_owned()),
        },
        ["replay"] => stored::run(&workshop).map(drop),
        ["setup"] => packages::provide(Purpose::VerifyFully),
        _ => Err(USAGE.to_owned()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why}");
            ExitCode::FAILURE
        }
    }
}
