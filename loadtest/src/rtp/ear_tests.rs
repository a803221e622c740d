//! Streams as a list of packets: what is heard of them.

use super::*;
use crate::stage::{CODEC, remote};

struct Stream {
    ear: Ear,
    sequence: u16,
}

impl Stream {
    fn new() -> Self {
        Self {
            ear: Ear::new(remote(), true),
            sequence: 0,
        }
    }

    /// A packet whose samples are all `value`, `tick` steps into the stream.
    fn packet(&mut self, arrived_ms: u64, tick: u32, ssrc: u32, value: i16) {
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: self.sequence,
            timestamp: (tick * 160).wrapping_sub(400),
            ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let mut datagram = Vec::new();
        header.write(&[CODEC.encode(value); 160], &mut datagram);
        self.ear
            .handle_packet(Duration::from_millis(arrived_ms), &datagram);
    }

    fn run(&mut self, ticks: std::ops::Range<u32>, value: i16) {
        for tick in ticks {
            self.packet(u64::from(tick) * 20, tick, 1, value);
        }
    }
}

#[test]
fn bursts_are_found_with_their_edges() {
    let mut stream = Stream::new();
    stream.run(0..10, 0);
    stream.run(10..30, 6_000);
    stream.run(30..34, 0);
    stream.run(34..40, 6_000);
    stream.run(40..60, 0);
    assert_eq!(
        stream.ear.bursts(),
        [Burst {
            from: 10,
            to: Some(40)
        }],
        "80 ms is no silence"
    );
    assert_eq!(stream.ear.quiet_for(), Duration::from_millis(400));
    assert_eq!(stream.ear.arrival(10), Duration::from_millis(200));
    assert_eq!(stream.ear.frame_at(Duration::from_millis(200)), 10);
}

#[test]
fn packets_out_of_order_are_put_in_order_and_a_lost_one_is_silence() {
    let mut stream = Stream::new();
    for tick in [0, 1, 3, 2, 4, 6, 7, 8, 9] {
        stream.packet(u64::from(tick) * 20, tick, 1, 1_000 * tick as i16);
    }
    let frames: Vec<bool> = (0..10)
        .map(|frame| stream.ear.samples()[frame * 160] != 0)
        .collect();
    assert_eq!(
        frames,
        [false, true, true, true, true, false, true, true, true, true]
    );
    assert_eq!(stream.ear.frames(), 10);
    let near = (stream.ear.samples()[2 * 160] - 2_000).abs();
    assert!(near < 100, "frame 2 is in its own place");
}

#[test]
fn a_new_source_is_placed_by_the_clock_and_not_by_its_timestamps() {
    let mut stream = Stream::new();
    stream.run(0..10, 0);
    for tick in 0..10u32 {
        stream.packet(200 + u64::from(tick) * 20, tick + 70_000, 2, 6_000);
    }
    assert_eq!(stream.ear.frames(), 20);
    assert_eq!(stream.ear.bursts(), [Burst { from: 10, to: None }]);
}

#[test]
fn silence_without_packets_is_silence_too() {
    let mut stream = Stream::new();
    stream.run(0..10, 6_000);
    for millis in (200..900).step_by(20) {
        stream.ear.tick(Duration::from_millis(millis));
    }
    assert_eq!(
        stream.ear.bursts(),
        [Burst {
            from: 0,
            to: Some(10)
        }]
    );
    stream.packet(900, 10, 1, 6_000);
    stream.packet(920, 11, 1, 6_000);
    assert_eq!(
        stream.ear.bursts().len(),
        2,
        "a stream that stood still goes on where it is heard"
    );
    assert!(stream.ear.bursts()[1].from >= 40);
}
