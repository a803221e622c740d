//! `cargo run -p call-simulator --example sessions -- 300 [FROM]`: what whole
//! sessions, sound included, came to, and every rule they broke.

use call_simulator::session::simulate_sessions;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let count: u64 = arguments.next().unwrap_or(100);
    let from: u64 = arguments.next().unwrap_or(0);
    println!("{}", simulate_sessions(from..from + count));
}
