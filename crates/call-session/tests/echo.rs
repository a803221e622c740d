//! A prompt that comes back from the caller's telephone interrupts nothing; the caller still does.

mod stage;

use stage::{Making, Stage};

/// A call whose greeting is spoken, and comes back 160 ms later at a quarter of its level.
fn on_an_echoing_line() -> Stage {
    let mut stage = Stage::making(Making::Spoken("slt/where-is-my-order"));
    stage.echo = Some((8, 0.25));
    stage.until("> PromptStarted 1");
    stage
}

fn count(stage: &Stage, what: &str) -> usize {
    stage.trace().matches(what).count()
}

#[test]
fn a_prompt_that_comes_back_is_not_taken_for_its_caller() {
    let mut stage = on_an_echoing_line();
    stage.until("> PromptEnded 1");
    assert!(count(&stage, "< Duck 1") <= 1, "{}", stage.timed_trace());
    assert_eq!(count(&stage, "BargedIn"), 0, "{}", stage.timed_trace());
    assert_eq!(count(&stage, "< StopPlaying 1"), 0);
}

#[test]
fn a_caller_over_a_prompt_that_comes_back_is_heard() {
    let mut stage = on_an_echoing_line();
    stage.advance(2_500);
    let before = count(&stage, "> SpeechStarted");
    stage.say("rms/order-status");
    stage.advance(1_000);
    let since = count(&stage, "> SpeechStarted") - before;
    assert_eq!(since, 1, "{}", stage.timed_trace());
}
