//! Caller and agent, judged by who hears whom: each hums at a pitch of their own.

mod stage;

use call_model::{
    CallTime, EmotionScore, HungUp, JournalEntry, JournalLine, PerMille, PersonFailure,
    PersonOutcome, Score,
};
use call_session::SessionInput;
use dsp::Goertzel;
use dsp::level::{rms, steepest_step};
use stage::agent::{AGENT_HZ, AGENT_PAYLOADS, FAIR, ROUGH, Weather};
use stage::{MUSIC_HZ, Making, PROMPT_HZ, Stage, WHISPER_HZ, hum_of};
use std::time::Duration;

const CALLER_HZ: f32 = 310.0;
/// What any of the hums rises within one sample, with G.711's rounding.
const STEEPEST: u16 = 3_300;

/// Whose hum is heard: those that make up a fiftieth of the sound and more.
fn who(samples: &[i16]) -> Vec<&'static str> {
    let hums = [
        ("caller", CALLER_HZ),
        ("agent", AGENT_HZ),
        ("music", MUSIC_HZ),
        ("whisper", WHISPER_HZ),
        ("bot", PROMPT_HZ),
    ];
    let share = |hz| Goertzel::new(hz, 8_000).share(samples);
    let heard = hums.into_iter().filter(|(_, hz)| share(*hz) > 0.02);
    heard.map(|(name, _)| name).collect()
}

/// What is on the four ways during the next second.
#[derive(PartialEq, Debug)]
struct Heard {
    caller_hears: Vec<&'static str>,
    agent_hears: Vec<&'static str>,
    left: Vec<&'static str>,
    right: Vec<&'static str>,
}

fn listen(stage: &mut Stage) -> Heard {
    let caller = stage.caller.heard.len();
    let agent = stage.agent.as_ref().map_or(0, |a| a.ear.heard.len());
    let recorded = stage.recorded.len();
    stage.advance(1_000);
    let recorded = &stage.recorded[recorded..];
    let left: Vec<i16> = recorded.iter().flat_map(|tick| tick.caller).collect();
    let right: Vec<i16> = recorded.iter().flat_map(|tick| tick.bot).collect();
    let agent = stage.agent.as_ref().map(|a| a.ear.samples(agent));
    Heard {
        caller_hears: who(stage.caller.samples(caller)),
        agent_hears: agent.map(who).unwrap_or_default(),
        left: who(&left),
        right: who(&right),
    }
}

/// A caller who hums waits for a person and hears music.
fn waiting(weather: Weather) -> Stage {
    let mut stage = Stage::set();
    stage.line.weather = weather;
    stage.hum(CALLER_HZ, Duration::from_secs(120));
    wait(stage)
}

fn wait(mut stage: Stage) -> Stage {
    let sound = Some(hum_of(MUSIC_HZ, Duration::from_millis(3_017)));
    stage.feed(SessionInput::Music(sound));
    stage.until("> PromptEnded 1");
    let what = "disk".to_owned();
    stage.feed(SessionInput::Failed { what });
    stage.until("> PromptEnded 2");
    stage.advance(400);
    stage
}

/// The same caller with an agent, 300 ms after the two were joined.
fn bridged(weather: Weather) -> Stage {
    let mut stage = waiting(weather);
    stage.agent_answers();
    stage.agent().line.weather = weather;
    stage.until("> Person(Connected)");
    stage.advance(300);
    stage
}

fn wanted(stage: &Stage, what: &str) -> usize {
    stage.wants.iter().filter(|want| *want == what).count()
}

fn since(stage: &Stage, moment: CallTime) -> Duration {
    stage.now - moment
}

const HANG_UP: &str = "hang up the agent";

#[test]
fn at_every_step_each_hears_whom_they_should() {
    for weather in [FAIR, ROUGH] {
        let mut stage = waiting(weather);
        let queue = Heard {
            caller_hears: vec!["music"],
            agent_hears: vec![],
            left: vec!["caller"],
            right: vec!["music"],
        };
        assert_eq!(listen(&mut stage), queue);
        stage.agent_answers();
        stage.agent().line.weather = weather;
        let whisper = Heard {
            agent_hears: vec!["whisper"],
            ..queue
        };
        assert_eq!(listen(&mut stage), whisper);
        stage.until("> Person(Connected)");
        stage.advance(300);
        let bridge = Heard {
            caller_hears: vec!["agent"],
            agent_hears: vec!["caller"],
            left: vec!["caller"],
            right: vec!["agent"],
        };
        assert_eq!(listen(&mut stage), bridge);
        stage.agent_leaves();
        stage.until("> PromptStarted 3");
        let gone = Heard {
            caller_hears: vec!["bot"],
            agent_hears: vec![],
            left: vec!["caller"],
            right: vec!["bot"],
        };
        assert_eq!(listen(&mut stage), gone);
        assert_eq!(wanted(&stage, HANG_UP), 0);
    }
}

#[test]
fn nothing_clicks_from_the_queue_to_the_goodbye() {
    let mut stage = bridged(FAIR);
    stage.feed(SessionInput::AgentHeld);
    stage.advance(500);
    stage.feed(SessionInput::AgentReturned);
    stage.advance(500);
    stage.agent_leaves();
    stage.until("> PromptEnded 3");
    let caller = steepest_step(stage.caller.samples(0));
    let agent = steepest_step(stage.agent().ear.samples(0));
    assert!(caller < STEEPEST && agent < STEEPEST, "{caller}, {agent}");
}

#[test]
fn both_ways_open_in_the_same_tick_and_at_full_level() {
    let mut stage = waiting(FAIR);
    stage.agent_answers();
    let joined = stage.until("> Person(Connected)");
    let (caller, agent) = (stage.caller.heard.len(), stage.agent().ear.heard.len());
    stage.advance(20);
    assert_eq!(stage.now, joined + Duration::from_millis(20));
    let ways = [
        (stage.caller.samples(caller), AGENT_HZ),
        (
            stage.agent.as_ref().expect("there").ear.samples(agent),
            CALLER_HZ,
        ),
    ];
    for (heard, hz) in ways {
        let half = &heard[80..];
        assert!(Goertzel::new(hz, 8_000).share(half) > 0.9, "{hz} Hz");
        assert!((3_700.0..4_700.0).contains(&rms(half)), "{}", rms(half));
    }
}

#[test]
fn a_whisper_is_cut_after_four_seconds() {
    let mut stage = waiting(FAIR);
    stage.whisper = Making::Hum(Duration::from_secs(9));
    let answered = stage.now;
    stage.agent_answers();
    let joined = stage.until("> Person(Connected)");
    let waited = joined - answered;
    assert!((4_000..=4_020).contains(&waited.as_millis()), "{waited:?}");
    let heard = stage.agent().ear.samples(0);
    assert!(heard.len() <= 32_160 && who(&heard[..31_840]) == ["whisper"]);
    stage.advance(500);
    let step = steepest_step(stage.agent().ear.samples(0));
    assert!(step < STEEPEST, "{step}");
}

#[test]
fn an_agent_who_answers_at_the_last_moment_has_the_caller_all_the_same() {
    let mut stage = waiting(FAIR);
    stage.whisper = Making::Hum(Duration::from_secs(4));
    while stage.now < CallTime::from_millis(60_000) {
        stage.advance(20);
    }
    stage.agent_answers();
    // The engine waits a minute for a person.
    let last = stage.first("< FetchPerson") + Duration::from_secs(60);
    let joined = stage.until("> Person(Connected)");
    assert_eq!(joined, last, "{}", stage.timed_trace());
    stage.advance(1_000);
    assert_eq!(wanted(&stage, HANG_UP), 0);
    assert_eq!(listen(&mut stage).agent_hears, ["caller"]);
}

#[test]
fn without_a_whisper_the_bridge_stands_at_once() {
    let mut stage = waiting(FAIR);
    stage.whisper = Making::Fails;
    let answered = stage.now;
    stage.agent_answers();
    assert_eq!(
        stage.wants.last().map(String::as_str),
        Some("two people joined")
    );
    assert_eq!(since(&stage, answered), Duration::ZERO);
}

#[test]
fn a_whisper_that_is_not_made_is_waited_for_no_longer_than_1500_ms() {
    let mut stage = waiting(FAIR);
    stage.whisper = Making::Never;
    let answered = stage.now;
    stage.agent_answers();
    let joined = stage.until("> Person(Connected)");
    let waited = joined - answered;
    assert!((1_500..=1_520).contains(&waited.as_millis()), "{waited:?}");
    let audio = Some(hum_of(WHISPER_HZ, Duration::from_secs(1)));
    stage.feed(SessionInput::WhisperReady { audio });
    stage.advance(300);
    assert_eq!(listen(&mut stage).agent_hears, ["caller"]);
}

#[test]
fn a_caller_whom_the_agent_holds_hears_music_and_is_not_heard() {
    let mut stage = bridged(FAIR);
    stage.feed(SessionInput::AgentHeld);
    stage.agent().sends = false;
    stage.advance(300);
    let held = listen(&mut stage);
    assert_eq!(held.caller_hears, ["music"]);
    assert_eq!(held.right, ["music"]);
    assert!(held.agent_hears.is_empty());
    stage.advance(60_000);
    assert_eq!(wanted(&stage, HANG_UP), 0, "a hold is no silence");
    stage.agent().sends = true;
    stage.feed(SessionInput::AgentReturned);
    stage.advance(300);
    let back = listen(&mut stage);
    assert_eq!(back.caller_hears, ["agent"]);
}

#[test]
fn a_caller_who_holds_the_agent_is_not_taken_for_gone() {
    let mut stage = bridged(FAIR);
    stage.feed(SessionInput::CallerHeld);
    stage.phone_sends(false);
    stage.advance(40_000);
    assert_eq!((stage.over, wanted(&stage, HANG_UP)), (None, 0));
    stage.phone_sends(true);
    stage.feed(SessionInput::CallerReturned);
    stage.advance(500);
    let back = listen(&mut stage);
    assert_eq!(
        (back.caller_hears, back.agent_hears),
        (vec!["agent"], vec!["caller"])
    );
}

#[test]
fn an_agent_of_whom_nothing_comes_for_30_s_has_left() {
    let mut stage = bridged(FAIR);
    stage.agent().sends = false;
    let last = stage.now;
    stage.until("> Person(Left)");
    let waited = since(&stage, last).as_millis();
    assert!((30_000..=30_040).contains(&waited), "{waited}");
    stage.until("> HungUp");
    assert_eq!(wanted(&stage, HANG_UP), 1);
}

#[test]
fn whenever_the_caller_leaves_an_open_leg_is_hung_up_on_once() {
    for (step, hang_ups) in [
        ("queue", 0),
        ("whisper", 1),
        ("bridge", 1),
        ("hold", 1),
        ("left", 0),
    ] {
        let mut stage = waiting(FAIR);
        if step != "queue" {
            stage.agent_answers();
            stage.advance(500);
        }
        if ["bridge", "hold", "left"].contains(&step) {
            stage.until("> Person(Connected)");
            stage.advance(500);
        }
        match step {
            "hold" => stage.feed(SessionInput::AgentHeld),
            "left" => stage.agent_leaves(),
            _ => {}
        }
        stage.advance(100);
        stage.hang_up();
        if step != "queue" {
            stage.feed(SessionInput::AgentGone);
        }
        assert_eq!(wanted(&stage, HANG_UP), hang_ups, "{step}");
        assert_eq!(stage.session.poll_timeout(), None);
    }
}

#[test]
fn an_agent_who_leaves_within_the_whisper_leaves_the_caller_waiting_with_music() {
    let mut stage = waiting(FAIR);
    stage.agent_answers();
    stage.advance(1_000);
    let entries = stage.journal.len();
    stage.agent_leaves();
    stage.advance(300);
    assert_eq!(
        stage.journal.len(),
        entries,
        "the waiting room may ring another"
    );
    assert_eq!(listen(&mut stage).caller_hears, ["music"]);
    stage.agent_answers();
    stage.until("> Person(Connected)");
    stage.advance(300);
    let second = listen(&mut stage);
    assert_eq!(
        (second.caller_hears, second.agent_hears),
        (vec!["agent"], vec!["caller"])
    );
}

#[test]
fn a_second_agent_takes_over_when_the_first_has_left() {
    let mut stage = bridged(FAIR);
    stage.agent_leaves();
    stage.until("> PromptStarted 3");
    stage.press("0");
    stage.until("< FetchPerson");
    stage.until("> PromptEnded");
    stage.agent_answers();
    stage.until("> Person(Connected)");
    stage.advance(300);
    let second = listen(&mut stage);
    assert_eq!(
        (second.caller_hears, second.agent_hears),
        (vec!["agent"], vec!["caller"])
    );
    stage.hang_up();
    assert_eq!(wanted(&stage, "two people joined"), 2);
    assert_eq!(wanted(&stage, HANG_UP), 1);
}

#[test]
fn whoever_answers_without_being_wanted_is_hung_up_on() {
    let mut stage = Stage::set();
    stage.agent_answers();
    stage.advance(1_000);
    assert_eq!(stage.wants, [HANG_UP]);
    assert!(stage.agent().ear.heard.is_empty());
}

#[test]
fn whoever_answers_when_nobody_was_to_be_had_is_hung_up_on() {
    let mut stage = waiting(FAIR);
    let why = PersonFailure::NoAnswer;
    stage.feed(SessionInput::Person(PersonOutcome::Failed(why)));
    stage.agent_answers();
    stage.advance(500);
    assert_eq!(wanted(&stage, HANG_UP), 1);
    assert!(stage.agent().ear.heard.is_empty());
}

#[test]
fn keys_go_from_one_to_the_other_and_are_not_written_down() {
    for weather in [FAIR, ROUGH] {
        let mut stage = bridged(weather);
        stage.press("4711#");
        stage.agent().press("90*");
        stage.advance(2_000);
        assert_eq!(stage.agent().ear.keys, "4711#");
        assert_eq!(stage.caller.keys, "90*");
        let is_key = |line: &JournalLine| {
            matches!(
                line,
                JournalLine::At(_, JournalEntry::In(call_model::CallInput::KeyPressed(_)))
            )
        };
        assert!(!stage.journal.iter().any(is_key));
    }
}

#[test]
fn keys_that_the_other_telephone_does_not_take_are_counted() {
    let mut stage = bridged(FAIR);
    let payloads = call_model::PayloadMap {
        telephone_event: None,
        ..AGENT_PAYLOADS
    };
    stage.feed(SessionInput::AgentPayloads(payloads));
    stage.press("12");
    stage.advance(1_000);
    assert_eq!(stage.session.stats().keys_not_passed, 2);
    assert_eq!(listen(&mut stage).agent_hears, ["caller"]);
}

#[test]
fn what_people_say_to_each_other_is_not_listened_to() {
    let mut stage = wait(Stage::set());
    stage.agent_answers();
    stage.until("> Person(Connected)");
    let (entries, orders) = (stage.journal.len(), stage.ear.len());
    stage.feed(SessionInput::Emotion(EmotionScore {
        utterance: 1,
        at: stage.now,
        anger: Score::MAX,
        log_odds_milli: 3_000,
        probability: PerMille::ONE,
        arousal: Score::MAX,
        speech_micros: 5_000_000,
        confidence: PerMille::ONE,
        is_calibrated: false,
        reasons: vec![],
    }));
    for _ in 0..3 {
        stage.say("slt/agent");
        stage.advance(2_500);
    }
    assert_eq!(stage.journal.len(), entries, "{}", stage.timed_trace());
    assert_eq!(stage.ear.len(), orders);
}

#[test]
fn speech_under_way_when_the_bridge_comes_is_over_for_the_engine() {
    let mut stage = wait(Stage::set());
    stage.agent_answers();
    stage.advance(1_200);
    stage.say("slt/where-is-my-order");
    stage.until("> SpeechStarted");
    stage.until("> Person(Connected)");
    let trace = stage.trace();
    let told: Vec<&str> = trace.lines().filter(|line| line.starts_with('>')).collect();
    assert!(
        told.ends_with(&["> SpeechEnded", "> Person(Connected)"]),
        "{trace}"
    );
}

#[test]
fn the_recording_lasts_as_long_as_the_talk_with_agents_in_it() {
    for how in [HungUp::ByCaller, HungUp::MediaLost] {
        let mut stage = bridged(ROUGH);
        stage.advance(3_000);
        stage.agent_leaves();
        stage.until("> PromptStarted 3");
        // A server that stalls makes up for it.
        stage.now = stage.now + Duration::from_millis(400);
        stage.feed(SessionInput::HungUp(how));
        let talk = stage.now - CallTime::from_millis(100);
        let recorded = Duration::from_millis(20) * stage.recorded.len() as u32;
        assert!(
            talk.abs_diff(recorded) <= Duration::from_millis(40),
            "{recorded:?} of {talk:?}"
        );
    }
}
