//! Whole calls, from the answer to the end, as their journals tell them.

mod stage;

use call_engine::Call;
use call_model::{
    CallAction, CallInput, CallOutcome, CallTime, HungUp, JournalEntry, JournalLine, Key,
    PromptEnd, PromptId,
};
use call_session::SessionInput;
use stage::{Making, Stage};
use std::time::Duration;

/// From the greeting to the question for the order number, by voice.
fn ask_for_an_order(stage: &mut Stage) {
    stage.until("> PromptEnded 1");
    stage.advance(300);
    stage.say("slt/where-is-my-order");
    stage.until("> SpeechStarted");
    stage.advance(300);
    stage.hears_so_far(1, "where is my order");
    stage.until("< FinishHearing 1");
    stage.advance(60);
    stage.hears(1, "where is my order");
}

fn count(stage: &Stage, is_it: impl Fn(&JournalEntry) -> bool) -> usize {
    let entries = stage.journal.iter().filter_map(|line| match line {
        JournalLine::At(_, entry) => Some(entry),
        JournalLine::Begin(_) | JournalLine::End(..) => None,
    });
    entries.filter(|entry| is_it(entry)).count()
}

fn ends_of(stage: &Stage, of: u32) -> Vec<PromptEnd> {
    let ends = stage.journal.iter().filter_map(|line| match line {
        JournalLine::At(_, JournalEntry::In(CallInput::PromptEnded { prompt, end }))
            if *prompt == PromptId(of) =>
        {
            Some(*end)
        }
        JournalLine::At(..) | JournalLine::Begin(_) | JournalLine::End(..) => None,
    });
    ends.collect()
}

fn is_hung_up(entry: &JournalEntry) -> bool {
    matches!(entry, JournalEntry::In(CallInput::HungUp(_)))
}

#[test]
fn a_caller_is_served_by_voice_and_by_keys() {
    let mut stage = Stage::set();
    ask_for_an_order(&mut stage);
    stage.until("> PromptEnded 2");
    stage.advance(500);
    stage.press("4711");
    stage.until("> HungUp");
    let golden = "\
Begin shop
> Answered
  < Entered { node: \"welcome\", is_sensitive: false }
  < Play 1 'What can I do for you?'
  < Listen 1
> PromptStarted 1
> PromptEnded 1 Finished
> SpeechStarted
> Heard 'where is my order' …
> SpeechEnded
> DeadlineReached
  < FinishHearing 1
  < TurnEnded { pause_ms: 200, why: \"grammar complete\" }
> Heard 'where is my order'
  < Routed { node: \"welcome\", to: \"number\", by: <private>, confidence: PerMille(900) }
  < Entered { node: \"number\", is_sensitive: false }
  < Play 2 'Please say your order number.'
  < Listen 2
> PromptStarted 2
> PromptEnded 2 Finished
> KeyPressed 4
> KeyPressed 7
> KeyPressed 1
> KeyPressed 1
  < Collected { slot: \"order\", value: <private>, confidence: PerMille(1000) }
  < Entered { node: \"done\", is_sensitive: false }
  < Play 3 'Order four seven one one is on its way.'
  < StopListening 2
  < Listen 3
> PromptStarted 3
> PromptEnded 3 Finished
  < Entered { node: \"bye\", is_sensitive: false }
  < Play 4 'Thank you. Goodbye.'
> PromptStarted 4
> PromptEnded 4 Finished
  < StopListening 3
  < HangUp PlanEnded
> HungUp(ByBot)
Ended(ByBot)
";
    assert_eq!(stage.trace(), golden, "{}", stage.timed_trace());
    assert_eq!(stage.ear, ["start 1", "finish 1"]);
    let said = stage::voice("slt/where-is-my-order").len() as u64 / 8;
    let heard = stage.ear_ms;
    assert!((said..said + 900).contains(&heard), "{heard} ms of {said}");
    assert_eq!(stage.wants, ["hang up, PlanEnded"]);
}

#[test]
fn a_key_by_sip_info_counts_where_no_telephone_events_are_agreed() {
    let key = || SessionInput::InfoKey(Key::try_from('1').expect("a key"));
    let mut stage = Stage::with(|settings| settings.payloads.telephone_event = None);
    stage.until("> PromptEnded 1");
    stage.feed(key());
    assert!(
        stage.trace().contains("> KeyPressed 1"),
        "{}",
        stage.trace()
    );

    // A phone that sends both would press it twice.
    let mut both = Stage::set();
    both.until("> PromptEnded 1");
    both.feed(key());
    assert!(!both.trace().contains("> KeyPressed"), "{}", both.trace());
}

#[test]
fn the_same_news_bring_the_same_actions() {
    let mut stage = Stage::set();
    ask_for_an_order(&mut stage);
    stage.until("> PromptStarted 2");
    stage.say("awb/operator");
    stage.until("> SpeechEnded");
    stage.hang_up();
    let plan = stage::shop();
    let mut again = Call::new(&stage::header(&plan), plan);
    for line in &stage.journal {
        match line {
            JournalLine::At(at, JournalEntry::In(input)) => again.handle(*at, input),
            JournalLine::At(_, JournalEntry::Out(action)) => {
                assert_eq!(again.poll_action().as_ref(), Some(action));
            }
            JournalLine::At(_, JournalEntry::Wake { .. })
            | JournalLine::Begin(_)
            | JournalLine::End(..) => {}
        }
    }
    assert_eq!(again.poll_action(), None);
}

#[test]
fn a_caller_whose_packets_do_not_come_is_greeted_300_ms_after_the_ack() {
    let mut stage = Stage::before_ack();
    stage.phone_sends(false);
    stage.advance(2_000);
    stage.feed(SessionInput::Acked);
    let greet = CallTime::from_millis(2_300);
    assert_eq!(stage.session.poll_timeout(), Some(greet));
    assert_eq!(stage.until("> Answered"), greet);
}

#[test]
fn nobody_is_greeted_before_the_ack() {
    let mut stage = Stage::before_ack();
    stage.advance(5_000);
    assert!(stage.spoken.is_empty() && stage.recorded.is_empty());
    assert_eq!(stage.session.poll_timeout(), None);
    assert_eq!(stage.caller.heard.len(), 250, "silence keeps the way open");
}

#[test]
fn a_caller_of_whom_nothing_came_for_30_s_is_gone() {
    let mut stage = Stage::set();
    stage.until("> PromptStarted 1");
    stage.phone_sends(false);
    let last_packet = stage.now;
    let gone = stage.until("> HungUp(MediaLost)");
    let waited = gone - last_packet;
    assert!(
        (30_000..=30_020).contains(&waited.as_millis()),
        "{waited:?}"
    );
    assert_eq!(stage.over, Some(CallOutcome::Ended(HungUp::MediaLost)));
}

#[test]
fn a_caller_who_holds_us_is_not_taken_for_gone() {
    let mut stage = Stage::set();
    stage.until("> PromptEnded 1");
    stage.phone_sends(false);
    stage.feed(SessionInput::CallerHeld);
    stage.advance(120_000);
    assert_eq!(stage.over, None);
    stage.feed(SessionInput::CallerReturned);
    stage.advance(29_000);
    assert_eq!(stage.over, None);
    stage.until("> HungUp(MediaLost)");
}

#[test]
fn no_call_lasts_longer_than_the_longest() {
    let mut stage = Stage::with(|settings| {
        settings.limits.longest_call = Duration::from_secs(3);
    });
    stage.until("> HungUp(TooLong)");
    assert_eq!(stage.now, CallTime::from_millis(3_100));
    assert_eq!(stage.over, Some(CallOutcome::Ended(HungUp::TooLong)));
}

#[test]
fn a_promise_outlives_the_call_that_our_limit_ends() {
    let mut stage = Stage::with(|settings| {
        settings.limits.longest_call = Duration::from_secs(3);
    });
    stage.until("> PromptStarted 1");
    let what = "disk".to_owned();
    stage.feed(SessionInput::Failed { what });
    stage.until("> HungUp(TooLong)");
    assert_eq!(stage.wants, ["person for fault", "call back"]);
}

#[test]
fn prompts_that_cannot_be_made_fail_once_each_and_bring_a_person() {
    let mut stage = Stage::making(Making::Fails);
    stage.until("< FetchPerson fault");
    for prompt in stage.spoken.clone() {
        assert_eq!(ends_of(&stage, prompt.0), [PromptEnd::Failed]);
    }
    assert_eq!(stage.wants, ["person for fault"]);
}

#[test]
fn a_prompt_that_comes_too_late_is_not_heard() {
    let mut stage = Stage::making(Making::Never);
    stage.until("> PromptEnded 1");
    assert_eq!(ends_of(&stage, 1), [PromptEnd::Stopped { heard_ms: 0 }]);
    let audio = Some(stage::hum(Duration::from_secs(1)));
    let prompt = PromptId(1);
    stage.feed(SessionInput::PromptReady { prompt, audio });
    stage.advance(1_000);
    assert!(
        stage
            .caller
            .heard
            .as_flattened()
            .iter()
            .all(|sample| *sample == 0)
    );
    assert_eq!(stage.session.stats().prompts_too_late, 1);
}

#[test]
fn a_hang_up_ends_the_prompt_and_the_ear_and_then_the_journal() {
    let mut stage = Stage::set();
    stage.until("> PromptStarted 1");
    stage.say("rms/order-status");
    stage.until("> SpeechStarted");
    stage.hang_up();
    stage.feed(SessionInput::Tick);
    stage.hang_up();
    let [PromptEnd::Stopped { heard_ms }] = ends_of(&stage, 1)[..] else {
        panic!("{}", stage.timed_trace());
    };
    assert!(heard_ms > 100);
    assert_eq!(count(&stage, is_hung_up), 1);
    assert_eq!(stage.ear, ["start 1", "cancel 1"]);
    assert!(matches!(stage.journal.last(), Some(JournalLine::End(..))));
    assert_eq!(stage.session.poll_timeout(), None);
}

#[test]
fn what_the_ear_says_too_late_is_dropped_and_counted() {
    let mut stage = Stage::set();
    ask_for_an_order(&mut stage);
    stage.until("> PromptStarted 2");
    stage.hears(1, "order status");
    stage.hears_so_far(9, "order status");
    assert_eq!(stage.session.stats().heard_too_late, 2);
    let heard = count(&stage, |e| {
        matches!(e, JournalEntry::In(CallInput::Heard(_)))
    });
    assert_eq!(heard, 2);
}

#[test]
fn a_server_that_goes_down_says_goodbye_first() {
    let mut stage = Stage::set();
    stage.until("> PromptEnded 1");
    stage.feed(SessionInput::Draining);
    stage.until("> PromptEnded 2 Finished");
    stage.until("> HungUp(Drained)");
    assert_eq!(stage.wants, ["hang up, Draining"]);
}

#[test]
fn a_failed_part_brings_the_caller_to_a_person() {
    let mut stage = Stage::set();
    stage.until("> PromptStarted 1");
    let what = "the disk is full".to_owned();
    stage.feed(SessionInput::Failed { what });
    assert_eq!(stage.wants, ["person for fault"]);
}

#[test]
fn a_call_that_is_cancelled_before_its_answer_leaves_a_whole_journal() {
    let mut stage = Stage::before_ack();
    stage.feed(SessionInput::HungUp(HungUp::Cancelled));
    assert_eq!(
        stage.trace(),
        "Begin shop\n> HungUp(Cancelled)\nEnded(Cancelled)\n"
    );
}

#[test]
fn every_listening_turn_ends_and_the_ear_is_asked_for_nothing_it_did_not_hear() {
    let mut stage = Stage::set();
    stage.until("> PromptEnded 1");
    stage.say("slt/order-status");
    stage.until("> SpeechStarted");
    stage.feed(SessionInput::EarLost);
    stage.advance(3_000);
    stage.hang_up();
    let finished = count(&stage, |e| {
        matches!(e, JournalEntry::Out(CallAction::FinishHearing(_)))
    });
    assert_eq!(finished, 0, "{}", stage.timed_trace());
    assert_eq!(stage.ear, ["start 1"], "streams died with the ear");
}

#[test]
fn a_server_that_goes_down_declines_a_caller_who_heard_nothing_yet() {
    let mut stage = Stage::before_ack();
    stage.feed(SessionInput::Draining);
    stage.advance(100);
    let declined =
        "Begin shop\n> Draining\n  < HangUp Draining\n> HungUp(Drained)\nEnded(Drained)\n";
    assert_eq!(stage.trace(), declined);
    assert!(stage.recorded.is_empty());
}

#[test]
fn a_server_that_stalls_when_the_call_ends_still_records_all_of_it() {
    let mut stage = Stage::set();
    stage.until("> PromptStarted 1");
    stage.now = stage.now + Duration::from_millis(400);
    stage.hang_up();
    let talk = stage.now - CallTime::from_millis(100);
    let recorded = Duration::from_millis(20) * stage.recorded.len() as u32;
    assert!(
        talk.abs_diff(recorded) <= Duration::from_millis(40),
        "{recorded:?} of {talk:?}"
    );
}
