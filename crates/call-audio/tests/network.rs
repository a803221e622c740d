//! What is said is heard, whatever the network does to the packets on the way.

mod line;

use call_audio::{AudioLeg, RtpHeader, codec};
use call_model::{CallTime, Codec, PromptId};
use dsp::level::{rms, steepest_step, to_db};
use dsp::{Goertzel, tone};
use line::{FAIR, OneWay, ROUGH, Told, Weather, beep_delays, beeps, leg};
use std::time::Duration;

const HUM: f32 = 440.0;
const LOUDNESS: i16 = 12_000;
/// The steepest step of the hum itself, with G.711's rounding.
const HUM_STEP: u16 = 4_146 + 700;

fn hum(seconds: usize) -> Vec<i16> {
    tone(HUM, 8_000, seconds * 8_000, LOUDNESS)
}

/// What is heard of a hum of so many seconds.
fn humming(codec: Codec, weather: Weather, seconds: usize) -> OneWay {
    let mut way = OneWay::new(codec, weather);
    way.speaker.play(PromptId(1), hum(seconds).into());
    way.run(seconds as u64 * 50);
    way
}

/// The hum's share of what is heard, a tenth of a second at a time: where sound
/// was cut or stretched its phase leaps, which no ear minds.
fn purity(heard: &[i16]) -> f32 {
    let ear = Goertzel::new(HUM, 8_000);
    let shares: Vec<f32> = heard
        .chunks_exact(800)
        .map(|tenth| ear.share(tenth))
        .collect();
    shares.iter().sum::<f32>() / shares.len() as f32
}

#[test]
fn a_fair_line_brings_every_sample_and_settles_on_a_short_delay() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let way = humming(codec, FAIR, 20);
        let settled = &way.told.heard[80_000..];
        assert!(purity(settled) > 0.999);
        assert!(to_db(rms(settled) / rms(&hum(1))).abs() < 0.1);
        assert!(steepest_step(&way.told.heard) < HUM_STEP);
        let stats = way.listener.stats();
        assert_eq!((stats.received, stats.lost, stats.late), (1_000, 0, 0));
        assert_eq!(
            (stats.concealed_frames, stats.duplicates, stats.jitter),
            (0, 0, 0)
        );
        assert!(
            stats.buffered <= Duration::from_millis(20),
            "{:?}",
            stats.buffered
        );
    }
}

#[test]
fn a_minute_of_rough_line_sounds_well_and_its_delay_does_not_grow() {
    for keeps_order in [true, false] {
        let weather = Weather {
            keeps_order,
            ..ROUGH
        };
        let way = humming(Codec::Pcmu, weather, 60);
        for five_seconds in way.told.heard[1_600..].chunks_exact(40_000) {
            assert!(purity(five_seconds) > 0.97, "{}", purity(five_seconds));
            assert!(to_db(rms(five_seconds) / rms(&hum(1))).abs() < 0.5);
        }
        assert!(steepest_step(&way.told.heard) < HUM_STEP + 600);
        let stats = way.listener.stats();
        assert!((40..80).contains(&stats.lost), "{stats:?}");
        assert!(stats.concealed_frames < 3_000 * 35 / 1_000, "{stats:?}");
        assert!((20..160).contains(&stats.jitter), "{stats:?}");
        assert!(stats.buffered <= Duration::from_millis(80), "{stats:?}");
    }
}

#[test]
fn the_delay_heard_after_a_minute_of_rough_line_is_not_longer_than_at_first() {
    for keeps_order in [true, false] {
        let weather = Weather {
            keeps_order,
            ..ROUGH
        };
        let mut way = OneWay::new(Codec::Pcma, weather);
        way.speaker.play(PromptId(1), beeps(60).into());
        way.run(3_000);
        let delays: Vec<usize> = beep_delays(&way.told.heard).into_iter().flatten().collect();
        assert!(delays.len() >= 58, "{delays:?}");
        assert!(delays.iter().all(|&delay| delay <= 110), "{delays:?}");
        let mean = |delays: &[usize]| delays.iter().sum::<usize>() / delays.len();
        let (first, last) = (mean(&delays[..10]), mean(&delays[delays.len() - 10..]));
        assert!(last <= first + 5, "{first} ms, then {last} ms");
    }
}

#[test]
fn a_burst_after_a_stall_is_mostly_heard_and_leaves_no_delay() {
    let mut way = OneWay::new(Codec::Pcmu, FAIR);
    way.speaker.play(PromptId(1), beeps(20).into());
    way.run(480);
    way.line.block_until(way.now() + Duration::from_millis(500));
    way.run(520);
    let delays: Vec<usize> = beep_delays(&way.told.heard).into_iter().flatten().collect();
    assert_eq!(delays.len(), 20, "the beep that was held up is heard too");
    assert!(
        delays[10] >= 100 && delays.iter().all(|&delay| delay <= 300),
        "{delays:?}"
    );
    let (before, after) = (&delays[3..10], &delays[15..]);
    assert!(
        before.iter().chain(after).all(|&delay| delay <= 40),
        "{delays:?}"
    );
}

#[test]
fn speech_without_a_pause_gets_rid_of_a_bursts_delay_too() {
    let mut way = humming(Codec::Pcmu, FAIR, 10);
    way.line.block_until(way.now() + Duration::from_millis(300));
    way.speaker.play(PromptId(2), hum(20).into());
    way.run(16);
    assert!(way.listener.stats().buffered >= Duration::from_millis(160));
    way.run(700);
    let buffered = way.listener.stats().buffered;
    assert!(buffered <= Duration::from_millis(40), "{buffered:?}");
    assert!(steepest_step(&way.told.heard) < HUM_STEP + 600);
}

#[test]
fn repeated_packets_change_nothing() {
    let weather = Weather {
        repeated_per_mille: 1_000,
        jitter: Duration::from_millis(15),
        ..FAIR
    };
    let way = humming(Codec::Pcmu, weather, 10);
    assert!(purity(&way.told.heard[1_600..]) > 0.99);
    let stats = way.listener.stats();
    assert_eq!(
        (stats.received, stats.lost, stats.concealed_frames),
        (500, 0, 0)
    );
    // The last packet's repetition may still be under way.
    assert!(stats.duplicates >= 498, "{stats:?}");
}

#[test]
fn a_sender_whose_clock_runs_apart_from_ours_is_followed() {
    for drift_ppm in [-300_i64, 300] {
        let mut way = OneWay::new(Codec::Pcmu, FAIR);
        way.speaker.play(PromptId(1), beeps(310).into());
        let (mut said, mut longest) = (0_i64, Duration::ZERO);
        for tick in 0..15_000_i64 {
            let now = CallTime::from_millis(tick as u64 * 20);
            while said * 20_000 * 1_000_000 / (1_000_000 + drift_ppm) <= tick * 20_000 {
                let mut told = Told::default();
                way.speaker.tick(now);
                told.drain(&mut way.speaker);
                way.line.send(now, told.packets[0].as_bytes());
                said += 1;
            }
            way.listen(now + Duration::from_millis(7));
            longest = longest.max(way.listener.stats().buffered);
        }
        let stats = way.listener.stats();
        assert!(
            longest <= Duration::from_millis(80),
            "{drift_ppm}: {longest:?}"
        );
        assert!(
            stats.concealed_frames <= 6 && stats.late <= 2,
            "{drift_ppm}: {stats:?}"
        );
    }
}

/// Sends a hum in packets of `length` samples, by hand. From packet `takeover` on
/// another source sends them, with counters of its own.
fn hum_in_packets(length: usize, seconds: usize, takeover: usize) -> (AudioLeg, Told) {
    let mut listener = leg(Codec::Pcma, 1);
    let mut told = Told::default();
    let sound = hum(seconds);
    let mut packets = sound.chunks_exact(length).enumerate().peekable();
    for tick in 0..seconds * 50 {
        while let Some((n, samples)) =
            packets.next_if(|(n, _)| (n + 1) * length <= (tick + 1) * 160)
        {
            let source = u32::from(n >= takeover);
            let header = RtpHeader {
                marker: false,
                payload_type: 8,
                sequence: n as u16 + 20_000 * source as u16,
                timestamp: (n * length) as u32 + 3_000_000 * source,
                ssrc: 7 + source,
            };
            let mut packet = header.to_bytes().to_vec();
            packet.resize(12 + length, 0);
            codec::encode(Codec::Pcma, samples, &mut packet[12..]);
            let now = CallTime::from_millis(tick as u64 * 20);
            listener
                .handle_packet(now, &packet)
                .expect("a packet in order");
        }
        listener.tick(CallTime::from_millis(tick as u64 * 20 + 7));
        told.drain(&mut listener);
    }
    (listener, told)
}

#[test]
fn packets_of_every_usual_length_are_heard_without_a_hole() {
    for ms in [10, 20, 30, 40, 60, 120] {
        let (listener, told) = hum_in_packets(ms * 8, 12, usize::MAX);
        assert!(purity(&told.heard[56_000..]) > 0.999, "{ms} ms");
        assert!(steepest_step(&told.heard) < HUM_STEP, "{ms} ms");
        assert_eq!(listener.stats().concealed_frames, 0, "{ms} ms");
        assert!(
            listener.stats().buffered <= Duration::from_millis(40 + ms as u64),
            "{ms} ms"
        );
    }
}

#[test]
fn another_source_takes_over_within_a_fifth_of_a_second() {
    let (listener, told) = hum_in_packets(160, 6, 150);
    assert!(purity(&told.heard[1_000..24_000]) > 0.99);
    assert!(purity(&told.heard[25_600..]) > 0.99);
    assert!(steepest_step(&told.heard) < HUM_STEP + 600);
    assert_eq!(listener.stats().strays, 1);
}

#[test]
fn what_no_packet_brought_is_marked_and_what_was_brought_is_not() {
    let mut way = humming(Codec::Pcmu, FAIR, 10);
    way.line.block_until(way.now() + Duration::from_millis(100));
    way.run(8);
    let marked: Vec<bool> = way.told.frames[500..]
        .iter()
        .map(|frame| frame.concealed)
        .collect();
    assert!(
        marked.contains(&true) && marked.contains(&false),
        "{marked:?}"
    );
    let count = way
        .told
        .frames
        .iter()
        .filter(|frame| frame.concealed)
        .count();
    assert_eq!(way.listener.stats().concealed_frames, count as u64);
}

#[test]
fn comfort_noise_and_reports_are_passed_over_politely() {
    let mut listener = leg(Codec::Pcmu, 1);
    let header = |payload_type, sequence| {
        RtpHeader {
            marker: false,
            payload_type,
            sequence,
            timestamp: 160 * u32::from(sequence),
            ssrc: 7,
        }
        .to_bytes()
    };
    let sound = [&header(0, 1)[..], &[0x80; 160]].concat();
    let noise = [&header(13, 2)[..], &[60]].concat();
    let report = [&[0x81, 200, 0, 6][..], &[0; 24]].concat();
    for packet in [&sound, &noise, &report] {
        assert_eq!(listener.handle_packet(CallTime::ZERO, packet), Ok(()));
    }
    let video = [&header(96, 3)[..], &[1; 20]].concat();
    assert!(listener.handle_packet(CallTime::ZERO, &video).is_err());
    let mut told = Told::default();
    for tick in 0..50 {
        listener.tick(CallTime::from_millis(tick * 20));
        told.drain(&mut listener);
    }
    let stats = listener.stats();
    assert_eq!(
        (stats.received, stats.rtcp, stats.wrong_payload_type),
        (2, 1, 1)
    );
    // A rest that was announced is no loss.
    assert_eq!((stats.concealed_frames, stats.lost), (0, 0));
    assert!(told.heard[2_400..].iter().all(|&sample| sample == 0));
}
