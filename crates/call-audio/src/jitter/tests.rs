use super::settings::DELAY_MAX;
use super::*;

/// A stream of packets of 20 ms whose n-th sample is n, one packet a tick.
fn ramp(packet: Samples) -> Vec<i16> {
    (packet * FRAME..(packet + 1) * FRAME)
        .map(|n| n as i16)
        .collect()
}

fn insert(buffer: &mut JitterBuffer, packet: Samples) -> Arrival {
    buffer.insert(stamp(packet), &ramp(packet))
}

/// Timestamps begin shortly before they wrap.
fn stamp(packet: Samples) -> u32 {
    (packet * FRAME - 480) as u32
}

/// The first sample of the next frame, if it is there.
fn pull(buffer: &mut JitterBuffer) -> Option<Samples> {
    buffer.pull().samples[0].map(Samples::from)
}

fn buffer() -> JitterBuffer {
    JitterBuffer::new(JitterSettings::default())
}

/// A buffer that has played packets 0 to `packets` − 1 and holds three more.
fn running(packets: Samples) -> JitterBuffer {
    let mut buffer = buffer();
    for packet in 0..packets + 3 {
        insert(&mut buffer, packet);
        pull(&mut buffer);
    }
    buffer
}

#[test]
fn sound_waits_60_ms_and_then_runs_without_a_hole() {
    let mut buffer = buffer();
    let heard: Vec<_> = (0..10)
        .map(|packet| {
            insert(&mut buffer, packet);
            pull(&mut buffer)
        })
        .collect();
    assert_eq!(heard[..3], [None; 3]);
    assert!((3..10).all(|tick| heard[tick] == Some((tick as Samples - 3) * FRAME)));
}

#[test]
fn before_the_first_sound_and_in_a_rest_nothing_is_lost() {
    let mut buffer = buffer();
    assert!(!buffer.pull().is_lossy);
    insert(&mut buffer, 0);
    let lossy: Vec<_> = (0..5).map(|_| buffer.pull().is_lossy).collect();
    assert_eq!(lossy, [false, false, false, false, true]);
    buffer.rest();
    assert!(!buffer.pull().is_lossy);
}

#[test]
fn packets_of_any_length_and_order_make_the_same_sound() {
    let sound: Vec<i16> = (0..1_440).collect();
    for length in [80, 160, 240, 320, 480] {
        let mut packets: Vec<_> = sound.chunks(length).zip((0..).step_by(length)).collect();
        for pair in packets[1..].chunks_exact_mut(2) {
            pair.swap(0, 1);
        }
        let mut buffer = buffer();
        for (codes, timestamp) in packets {
            assert_eq!(buffer.insert(timestamp, codes), Arrival::InTime);
        }
        let frames = (0..12).map(|_| buffer.pull().samples);
        let heard: Vec<_> = frames.skip(3).flatten().collect();
        assert!(
            heard.iter().copied().eq(sound.iter().copied().map(Some)),
            "{length}"
        );
    }
}

#[test]
fn a_packet_that_comes_late_after_a_stall_is_heard_and_costs_just_its_lateness() {
    let mut buffer = running(20);
    for _ in 0..5 {
        pull(&mut buffer);
    }
    assert_eq!(insert(&mut buffer, 23), Arrival::InTime);
    assert_eq!(pull(&mut buffer), Some(23 * FRAME));
}

#[test]
fn a_late_packet_is_not_played_twice() {
    let mut buffer = running(20);
    // 24 overtakes 23; when it was heard, 23 is late for good.
    insert(&mut buffer, 24);
    while pull(&mut buffer) != Some(24 * FRAME) {}
    assert_eq!(insert(&mut buffer, 23), Arrival::Late);
    assert_eq!(pull(&mut buffer), None);
}

#[test]
fn a_packet_late_for_good_buys_time_for_the_next_one() {
    let mut buffer = running(20);
    // From now on every second packet takes 120 ms longer and is overtaken.
    let mut late = 0;
    for packet in 23..200 {
        if packet % 2 == 1 {
            insert(&mut buffer, packet);
        } else if packet > 28 && insert(&mut buffer, packet - 6) == Arrival::Late {
            late += 1;
        }
        pull(&mut buffer);
    }
    assert!((1..4).contains(&late), "{late} late packets");
}

#[test]
fn a_burst_after_a_stall_leaves_a_bounded_delay_that_goes_away() {
    let mut buffer = running(50);
    for _ in 0..25 {
        pull(&mut buffer);
    }
    for packet in 53..78 {
        insert(&mut buffer, packet);
    }
    pull(&mut buffer);
    assert!(
        buffer.buffered() <= Duration::from_millis(240),
        "{:?}",
        buffer.buffered()
    );
    assert!(
        buffer.buffered() >= Duration::from_millis(200),
        "{:?}",
        buffer.buffered()
    );
    let mut delays = Vec::new();
    for packet in 78..578 {
        insert(&mut buffer, packet);
        pull(&mut buffer);
        delays.push(buffer.buffered());
    }
    assert!(
        delays[499] <= Duration::from_millis(40),
        "{:?}",
        delays[499]
    );
}

#[test]
fn quiet_sound_is_cut_after_two_seconds_and_loud_sound_after_six() {
    for (level, seconds) in [(20, 2), (12_000, 6)] {
        let mut buffer = JitterBuffer::new(JitterSettings {
            start: Duration::from_millis(200),
            ..JitterSettings::default()
        });
        let mut ticks = 0;
        while buffer.buffered() != Duration::from_millis(20) {
            buffer.insert(ticks * 160, &[level; 160]);
            buffer.pull();
            ticks += 1;
            assert!(ticks < 1_000, "never cut");
        }
        let earliest = seconds * 50 + 8;
        assert!(
            (earliest..earliest + 5).contains(&ticks),
            "{level}: {ticks} ticks"
        );
    }
}

#[test]
fn every_step_of_the_reading_place_is_told_as_far_as_it_goes() {
    let mut buffer = running(20);
    // A stall, what it held up, and later the delay that it left, cut out.
    let steps: Vec<Samples> = (0..5).map(|_| buffer.pull().moved).collect();
    assert_eq!(steps, [0; 5]);
    for packet in 23..28 {
        insert(&mut buffer, packet);
    }
    let (mut place, mut told) = (25 * FRAME, Vec::new());
    for packet in 28..500 {
        insert(&mut buffer, packet);
        let pulled = buffer.pull();
        place += FRAME + pulled.moved;
        told.extend((pulled.moved != 0).then_some(pulled.moved));
        // A frame at a cut ends where the sound goes on.
        let last = Some((place - 1) as i16);
        assert_eq!(pulled.samples[FRAME_SAMPLES - 1], last, "packet {packet}");
    }
    assert_eq!(told[0], -2 * FRAME);
    assert!(
        told.len() > 1 && told[1..].iter().all(|it| *it > 0),
        "{told:?}"
    );
}

#[test]
fn a_leap_of_timestamps_is_followed_after_two_packets_that_agree() {
    for leap in [1_000_000, u32::MAX / 2, 0_u32.wrapping_sub(100_000)] {
        let mut buffer = running(20);
        let leapt = |packet| stamp(packet).wrapping_add(leap);
        let first = buffer.insert(leapt(23), &ramp(23));
        assert!(first != Arrival::InTime, "{leap}");
        pull(&mut buffer);
        assert_eq!(buffer.insert(leapt(24), &ramp(24)), Arrival::InTime);
        for packet in 25..28 {
            pull(&mut buffer);
            buffer.insert(leapt(packet), &ramp(packet));
        }
        assert_eq!(pull(&mut buffer), Some(24 * FRAME), "{leap}");
    }
}

#[test]
fn one_stray_timestamp_is_not_followed() {
    let mut buffer = running(20);
    buffer.insert(stamp(23).wrapping_add(1_000_000), &ramp(23));
    for packet in 23..40 {
        assert_eq!(insert(&mut buffer, packet), Arrival::InTime);
        assert_eq!(pull(&mut buffer), Some((packet - 3) * FRAME));
    }
}

#[test]
fn a_sender_that_paused_its_clock_is_heard_again() {
    let mut buffer = running(20);
    for _ in 0..100 {
        pull(&mut buffer);
    }
    let mut heard = 0;
    for packet in 23..33 {
        insert(&mut buffer, packet);
        heard += usize::from(pull(&mut buffer).is_some());
    }
    assert!(heard >= 5, "{heard} of 10 frames");
}

#[test]
fn odd_settings_are_brought_within_bounds() {
    let bounds = Bounds::from(JitterSettings {
        start: Duration::from_secs(9),
        margin: Duration::MAX,
        max: Duration::from_secs(5),
    });
    assert_eq!([bounds.start, bounds.margin, bounds.max], [DELAY_MAX; 3]);
    assert!(DELAY_MAX + PACKET_MAX as Samples <= CAPACITY);
}
