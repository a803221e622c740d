//! The commands beside `serve`, one file each.

pub mod backtest;
pub mod calibration_report;
pub mod check;
pub mod diff;
pub mod emotion;
pub mod emotion_bars;
pub mod emotion_calibrate;
pub mod emotion_plots;
pub mod emotion_set;
pub mod emotion_turns;
pub mod eval;
pub mod eval_calls;
pub mod eval_emotion;
pub mod eval_escalation;
pub mod graph;
pub mod journals;
pub mod latency;
pub mod prompts;
pub mod recordings;
pub mod reload;
pub mod replay;
pub mod replay_anger;
pub mod route;
pub mod simulate;
pub mod stored_anger;
pub mod watch;
