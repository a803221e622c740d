//! What a person sees while a large file comes.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// The bar is drawn anew so often.
const EVERY: Duration = Duration::from_millis(200);
/// The width of the bar, in characters.
const WIDTH: usize = 30;

/// Draws on a terminal, and is silent elsewhere.
pub struct Progress {
    is_shown: bool,
    name: String,
    from: u64,
    whole: u64,
    began: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// Of a file of so many bytes, the first `from` of which are here already.
    pub fn new(name: &str, from: u64, whole: u64) -> Self {
        Self {
            is_shown: std::io::stderr().is_terminal(),
            name: name.to_owned(),
            from,
            whole,
            began: Instant::now(),
            drawn: None,
        }
    }

    /// So many bytes are here now.
    pub fn at(&mut self, bytes: u64) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= EVERY);
        if self.is_shown && (is_due || bytes == self.whole) {
            self.drawn = Some(Instant::now());
            let came = bytes.saturating_sub(self.from);
            let line = line(&self.name, bytes, self.whole, came, self.began.elapsed());
            eprint!("\r{line}\x1b[K");
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    /// Leaves the line to whoever writes next.
    fn drop(&mut self) {
        if self.drawn.is_some() {
            eprintln!();
        }
    }
}

fn line(name: &str, bytes: u64, whole: u64, came: u64, within: Duration) -> String {
    let part = bytes as f64 / whole.max(1) as f64;
    let filled = ((part * WIDTH as f64) as usize).min(WIDTH);
    let bar = format!("{}{}", "=".repeat(filled), " ".repeat(WIDTH - filled));
    let mega = |bytes: u64| bytes as f64 / 1e6;
    let speed = mega(came) / within.as_secs_f64().max(0.001);
    format!(
        "{name} [{bar}] {:.1} of {:.1} MB, {speed:.1} MB/s",
        mega(bytes),
        mega(whole)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_much_is_here_and_how_fast_the_rest_comes() {
        let half = line(
            "a/b",
            5_000_000,
            10_000_000,
            2_000_000,
            Duration::from_secs(1),
        );
        assert!(half.contains(&"=".repeat(15)) && !half.contains(&"=".repeat(16)));
        assert!(half.ends_with("5.0 of 10.0 MB, 2.0 MB/s"), "{half}");
        assert!(line("a", 0, 0, 0, Duration::ZERO).contains("0.0 of 0.0"));
    }
}
