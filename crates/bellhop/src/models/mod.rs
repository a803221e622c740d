//! Bringing published models here.

mod fetch;
mod progress;
#[cfg(test)]
mod tests;

pub use fetch::{Fetcher, Source};
pub use progress::Progress;
