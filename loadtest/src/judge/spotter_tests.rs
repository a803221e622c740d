//! Calls as a list of what sounds: which prompts are seen in them.

use super::super::library::Reference;
use super::*;
use crate::stage::{babble, packet, remote};
use std::time::Duration;

fn library() -> Arc<Library> {
    let mut shared_start = babble(1, 8_000);
    shared_start.extend(babble(7, 8_000));
    let prompts = [
        ("greeting.en", babble(1, 16_000)),
        ("menu.en", babble(2, 12_000)),
        ("menu.again.en", shared_start),
        ("next.en", babble(3, 2_000)),
        ("again.en", babble(8, 6_000)),
        ("again.longer.en", babble(8, 7_500)),
    ];
    let prompts = prompts.map(|(name, samples)| Reference::new(name.to_owned(), samples.into()));
    Arc::new(Library::new(prompts.into()))
}

/// Plays samples through µ-law packets and lets the spotter look after every one of them.
fn hear(samples: &[i16]) -> (Spotter, Ear) {
    hear_with(library(), samples)
}

fn hear_with(library: Arc<Library>, samples: &[i16]) -> (Spotter, Ear) {
    let (mut ear, mut spotter) = (Ear::new(remote(), true), Spotter::new(library));
    for (tick, frame) in samples.chunks(FRAME).enumerate() {
        ear.handle_packet(
            Duration::from_millis(tick as u64 * 20),
            &packet(tick, frame),
        );
        spotter.tick(&ear);
    }
    (spotter, ear)
}

fn seen(spotter: &Spotter) -> Vec<Vec<&str>> {
    spotter
        .sightings()
        .iter()
        .map(|sighting| spotter.names(sighting))
        .collect()
}

fn silence(samples: usize) -> Vec<i16> {
    vec![0; samples]
}

#[test]
fn prompts_are_named_in_order_also_where_they_follow_without_a_gap() {
    let call = [
        silence(4_000),
        babble(2, 12_000),
        babble(3, 2_000),
        silence(3_000),
        babble(2, 12_000),
        silence(4_000),
    ];
    let (spotter, _) = hear(&call.concat());
    assert_eq!(seen(&spotter), [["menu.en"], ["next.en"], ["menu.en"]]);
    let first = &spotter.sightings()[0];
    assert_eq!(first.track.last_offset(), 4_000);
    assert_eq!(first.end, Some(End::Finished(100)));
}

#[test]
fn prompts_with_the_same_beginning_are_told_apart_by_their_ends() {
    let (spotter, _) = hear(&[silence(800), babble(1, 16_000), silence(800)].concat());
    assert_eq!(seen(&spotter), [["greeting.en"]]);
    let (spotter, _) = hear(
        &[
            silence(800),
            babble(1, 8_000),
            babble(7, 8_000),
            silence(800),
        ]
        .concat(),
    );
    assert_eq!(seen(&spotter), [["menu.again.en"]]);
}

#[test]
fn a_prompt_and_a_longer_one_that_begins_with_it_are_told_apart_by_their_length() {
    for (samples, name) in [(6_000, "again.en"), (7_500, "again.longer.en")] {
        let (spotter, _) = hear(&[silence(800), babble(8, samples), silence(8_000)].concat());
        assert_eq!(seen(&spotter), [[name]]);
    }
}

#[test]
fn what_nobody_knows_is_no_prompt_and_hides_none_after_a_pause() {
    let call = [
        babble(5, 9_000),
        silence(800),
        babble(2, 12_000),
        silence(4_000),
    ]
    .concat();
    let (spotter, _) = hear(&call);
    assert_eq!(seen(&spotter), [["menu.en"]]);
}

#[test]
fn a_prompt_that_begins_in_the_middle_of_music_is_seen() {
    let music = babble(77, 27_123);
    let call = [music.clone(), babble(2, 12_000), music, babble(1, 16_000)].concat();
    let (spotter, ear) = hear(&call);
    assert_eq!(seen(&spotter), [["menu.en"], ["greeting.en"]]);
    let begins = spotter.sightings()[0].from;
    assert!(begins.abs_diff(27_123 / FRAME) <= 1, "{begins}");
    assert_eq!(
        spotter.sightings()[0].end,
        Some(End::Finished((27_123 + 12_000) / FRAME))
    );
    assert!(ear.frames() > 500);
}

#[test]
fn a_prompt_that_is_stopped_ends_there() {
    let mut call = [
        silence(800),
        babble(2, 12_000)[..8_000].to_vec(),
        silence(8_000),
    ]
    .concat();
    call.extend(babble(3, 2_000));
    call.extend(silence(4_000));
    let (spotter, ear) = hear(&call);
    assert_eq!(seen(&spotter), [["menu.en"], ["next.en"]]);
    let Some(End::Stopped(at)) = spotter.sightings()[0].end else {
        panic!("it was stopped: {:?}", spotter.sightings()[0]);
    };
    assert!((53..58).contains(&at), "{at}");
    let share = spotter
        .playback(&spotter.sightings()[0], &ear)
        .similarity(0..at)
        .share();
    assert_eq!(share, 1.0);
}

#[test]
fn a_prompt_that_stands_still_for_a_moment_is_the_same_prompt_later() {
    for still in [160, 480, 1_600] {
        let prompt = babble(2, 12_000);
        let call = [
            silence(800),
            prompt[..6_400].to_vec(),
            silence(still),
            prompt[6_400..].to_vec(),
            silence(8_000),
        ];
        let (spotter, ear) = hear(&call.concat());
        assert_eq!(seen(&spotter), [["menu.en"]], "{still}");
        let sighting = &spotter.sightings()[0];
        assert_eq!(sighting.track.last_offset(), 800 + still as isize);
        let last = (800 + still + 12_000) / FRAME;
        assert_eq!(sighting.end, Some(End::Finished(last)));
        let share = spotter.playback(sighting, &ear).similarity(0..last).share();
        assert!(share > 0.75, "{still}: {share}");
    }
}

#[test]
fn what_only_begins_like_a_prompt_is_none() {
    let call = [
        silence(800),
        babble(2, 4_000),
        babble(9, 9_000),
        silence(2_000),
        babble(3, 2_000),
        silence(4_000),
    ];
    let (spotter, _) = hear(&call.concat());
    assert_eq!(seen(&spotter), [["next.en"]]);
}

#[test]
fn a_prompt_that_begins_softly_behind_the_last_of_the_music_is_seen() {
    let soft = dsp::tone(200.0, 8_000, 640, 260);
    let prompt = [soft, babble(12, 1_800), silence(640), babble(13, 8_000)].concat();
    let reference = Reference::new("sorry.en".to_owned(), prompt.clone().into());
    assert!(reference.onset >= 640, "it begins softly");
    let chord = dsp::tone(440.0, 8_000, 320, 2_000);
    let heard = [silence(4_000), chord, prompt, silence(4_000)].concat();
    let library = Arc::new(Library::new(vec![reference]));
    let spotter = hear_with(library, &heard).0;
    assert_eq!(seen(&spotter), [["sorry.en"]]);
}
