//! `cargo run -p call-simulator --example seeds -- 10000 [FROM]`: outcomes, and
//! the first violation of each rule with its trace.

use call_simulator::simulate;
use std::collections::BTreeMap;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let count: u64 = arguments.next().unwrap_or(1_000);
    let from: u64 = arguments.next().unwrap_or(0);
    let summary = simulate(from..from + count, None);
    for (outcome, count) in &summary.outcomes {
        println!("{count:>8}  {outcome}");
    }
    let mut first = BTreeMap::new();
    for violation in &summary.violations {
        first.entry(violation.rule).or_insert(violation);
    }
    for (rule, violation) in first {
        println!(
            "\nseed {} breaks {rule:?} {}",
            violation.seed, violation.trace
        );
    }
    println!("\n{} violations", summary.violations.len());
}
