//! Whole calls in virtual time, with a bot made of closures: what the caller makes of them.

use super::*;
use crate::judge::Reference;
use crate::rtp::{FRAME, TICK};
use crate::scenario::MeasureKind;
use crate::stage::{babble, packet, remote};

/// What the bot knows when it makes the next frame.
struct Moment<'a> {
    tick: usize,
    /// The caller's act, once its voice has begun.
    act: Option<Act>,
    now: Duration,
    prompts: &'a Library,
}

impl Moment<'_> {
    /// Ticks since the caller's onset.
    fn since_onset(&self) -> Option<usize> {
        let since = self.now.checked_sub(self.act?.onset)?;
        Some((since.as_millis() / 20) as usize)
    }

    /// Frame number `frame` of a prompt, silence before its beginning and past its end.
    fn frame(&self, name: &str, frame: Option<usize>, gain: f32) -> [i16; FRAME] {
        let prompt = self
            .prompts
            .references()
            .iter()
            .find(|prompt| prompt.answers_to(name))
            .unwrap();
        let mut samples = [0; FRAME];
        let Some(frame) = frame else {
            return samples;
        };
        for (slot, &sample) in samples
            .iter_mut()
            .zip(prompt.samples.iter().skip(frame * FRAME))
        {
            *slot = (f32::from(sample) * gain) as i16;
        }
        samples
    }
}

fn library() -> Arc<Library> {
    let prompts = [
        ("greeting.en", 1, 32_000),
        ("menu.en", 2, 12_000),
        ("sorry.en", 3, 12_000),
    ];
    let prompts = prompts
        .map(|(name, seed, length)| Reference::new(name.to_owned(), babble(seed, length).into()));
    Arc::new(Library::new(prompts.into()))
}

/// Plays a scenario against a bot for 20 s at most; the bot hangs up when it says nothing.
fn play(scenario: &str, bot: impl Fn(&Moment<'_>) -> Option<[i16; FRAME]>) -> Run {
    let (mut ear, mut mouth) = (Ear::new(remote(), true), Mouth::new(remote(), 1));
    let prompts = library();
    let clips = Clips::from([("yes", dsp::tone(300.0, 8_000, 4_800, 8_000).into())]);
    let mut run = Run::new(
        scenario.parse().unwrap(),
        clips,
        Arc::clone(&prompts),
        "loadtest",
    );
    let mut datagram = Vec::new();
    for tick in 0..1_000usize {
        let now = TICK * tick as u32;
        let moment = Moment {
            tick,
            act: mouth.act(),
            now,
            prompts: &prompts,
        };
        let Some(frame) = bot(&moment) else {
            run.caller_ended(0, now, &Ending::ByPeer);
            return run;
        };
        ear.handle_packet(now, &packet(tick, &frame));
        mouth.tick(now, &mut datagram);
        if run.tick(now, &ear, &mut mouth) == Wish::HangUp {
            return run;
        }
    }
    panic!("the scenario does not end: {:?}", run.verdicts());
}

fn measured(run: &Run, kind: MeasureKind) -> Vec<u128> {
    let measures = run.verdicts().iter().flat_map(|verdict| &verdict.measures);
    measures
        .filter(|measure| measure.kind == kind)
        .map(|measure| measure.took.as_millis())
        .collect()
}

#[test]
fn a_turn_is_heard_answered_and_timed() {
    let text = "expect prompt menu within 1s\nwait for quiet 300ms within 10s\nsay yes\nexpect prompt sorry within 2s\n\
                wait for quiet 200ms within 5s\nexpect bye within 1s";
    let run = play(text, |moment| match moment.since_onset() {
        None => Some(moment.frame("menu", moment.tick.checked_sub(5), 1.0)),
        // The clip is 600 ms long: its last packet leaves 29 ticks after its first.
        Some(since) if since < 150 => Some(moment.frame("sorry", since.checked_sub(29 + 20), 1.0)),
        Some(_) => None,
    });
    assert!(run.went_as_told(), "{:#?}", run.verdicts());
    assert_eq!(measured(&run, MeasureKind::ReplyToSpeech), [400]);
}

#[test]
fn another_prompt_than_expected_fails_and_is_named() {
    let run = play("expect prompt menu within 1s\nhang up", |moment| {
        Some(moment.frame("sorry", moment.tick.checked_sub(10), 1.0))
    });
    assert!(!run.went_as_told());
    assert_eq!(run.verdicts()[0].finding, "heard sorry.en at 0.20 s");
    assert_eq!(run.unreached().len(), 1);
}

#[test]
fn silence_and_early_answers_and_a_sudden_end_fail() {
    let run = play("expect speech within 1s", |_| Some([0; FRAME]));
    assert_eq!(run.verdicts()[0].finding, "heard nothing");
    let run = play("say yes\nexpect speech within 1s", |moment| {
        let since = moment.since_onset().unwrap_or(0);
        Some(moment.frame("sorry", since.checked_sub(10), 1.0))
    });
    let told = &run.verdicts()[1].finding;
    assert!(
        !run.went_as_told() && told.contains("before I had finished"),
        "{told}"
    );
    let run = play("expect speech within 10s\nhang up", |moment| {
        (moment.tick < 10).then_some([0; FRAME])
    });
    assert_eq!(run.verdicts()[0].finding, "the other side hung up");
}

const BARGE_IN: &str = "expect prompt greeting within 1s\nsay yes after 1s of prompt\nexpect ducking within 300ms\n\
                        expect stop within 600ms\nhang up";

#[test]
fn ducking_and_stop_are_timed_from_the_callers_onset() {
    let run = play(BARGE_IN, |moment| {
        let since = moment.since_onset().unwrap_or(0);
        let gain = [1.0, 0.25, 0.0][usize::from(since >= 8) + usize::from(since >= 20)];
        Some(moment.frame("greeting", Some(moment.tick), gain))
    });
    assert!(run.went_as_told(), "{:#?}", run.verdicts());
    assert_eq!(measured(&run, MeasureKind::Duck), [160]);
    assert_eq!(measured(&run, MeasureKind::Stop), [400]);
}

#[test]
fn a_prompt_that_ducks_late_or_never_stops_fails() {
    let run = play(BARGE_IN, |moment| {
        let since = moment.since_onset().unwrap_or(0);
        Some(moment.frame(
            "greeting",
            Some(moment.tick),
            if since >= 20 { 0.25 } else { 1.0 },
        ))
    });
    assert_eq!(
        run.verdicts()[2].finding,
        "12 dB lower 400 ms after my onset"
    );
    let run = play(BARGE_IN, |moment| {
        let since = moment.since_onset().unwrap_or(0);
        Some(moment.frame(
            "greeting",
            Some(moment.tick),
            if since >= 10 { 0.25 } else { 1.0 },
        ))
    });
    assert_eq!(run.verdicts()[3].finding, "the prompt played on");
}

const MURMUR: &str = "expect prompt greeting within 1s\nsay yes after 1s of prompt\n\
                      expect prompt goes on for 500ms\nhang up";

#[test]
fn a_prompt_that_ducks_and_comes_back_goes_on() {
    let run = play(MURMUR, |moment| {
        let since = moment.since_onset().unwrap_or(0);
        Some(moment.frame(
            "greeting",
            Some(moment.tick),
            if (8..36).contains(&since) { 0.25 } else { 1.0 },
        ))
    });
    assert!(run.went_as_told(), "{:#?}", run.verdicts());
    assert_eq!(
        run.verdicts()[2].finding,
        "ducked for 560 ms, goes on sample for sample"
    );
}

#[test]
fn a_prompt_that_stops_begins_again_or_stays_low_does_not_go_on() {
    for (finding, changes_at, gain) in [
        ("the prompt stopped 400 ms after my onset", 20, 0.0),
        ("the prompt did not come back to its level", 8, 0.25),
    ] {
        let run = play(MURMUR, |moment| {
            let since = moment.since_onset().unwrap_or(0);
            let gain = if since >= changes_at { gain } else { 1.0 };
            Some(moment.frame("greeting", Some(moment.tick), gain))
        });
        assert_eq!(run.verdicts()[2].finding, finding);
    }
    let run = play(MURMUR, |moment| match moment.since_onset() {
        Some(since) if since >= 10 => Some(moment.frame("greeting", Some(since - 10), 1.0)),
        _ => Some(moment.frame("greeting", Some(moment.tick), 1.0)),
    });
    assert!(
        run.verdicts()[2].finding.starts_with("the prompt stopped"),
        "{:?}",
        run.verdicts()
    );
}
