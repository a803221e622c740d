//! A prompt that comes back, a caller over it, and a line without any echo.

use super::*;
use call_model::CallTime;

/// Something like speech: a voice whose pitch and colour glide from syllable to syllable, with pauses.
fn speech(seed: u64, frames: usize) -> Vec<Frame> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let (mut phase, mut smooth, mut hum) = (0.0_f32, 0.0_f32, 0.0_f32);
    let mut sound: Vec<i16> = Vec::new();
    while sound.len() < frames * FRAME_SAMPLES {
        let (pitch, glide) = (90.0 + 120.0 * draw(), 60.0 * (draw() - 0.5));
        let (colour, level) = (0.1 + 0.6 * draw(), 3_000.0 + 6_000.0 * draw());
        let length = (800.0 + 1_600.0 * draw()) as usize;
        for at in 0..length {
            let along = at as f32 / length as f32;
            phase = (phase + (pitch + glide * along) / 8_000.0).fract();
            let pulse = if phase < 0.1 { 1.0 } else { -0.1 };
            smooth += colour * (pulse + 0.8 * (draw() - 0.5) - smooth);
            hum += 0.2 * (smooth - hum);
            let swell = (along * std::f32::consts::PI).sin();
            sound.push((level * swell * (smooth - hum)) as i16);
        }
        sound.extend(std::iter::repeat_n(0, (400.0 * draw()) as usize));
    }
    sound.as_chunks().0[..frames].to_vec()
}

/// A call of so many frames: what the guard made of each, and what came in.
struct Heard {
    came: Vec<Frame>,
    cleaned: Vec<Frame>,
}

/// Plays `sent`, whose echo comes back so many samples later at so much of its level, to a caller
/// who says `caller`.
fn call(sent: &[Frame], caller: &[Frame], echo: f32, delay: usize) -> Heard {
    let mut guard = EchoGuard::new();
    let line = sent.as_flattened();
    let (mut came, mut cleaned) = (Vec::new(), Vec::new());
    for (number, frame) in sent.iter().enumerate() {
        let samples = std::array::from_fn(|n| {
            let back = (number * FRAME_SAMPLES + n).checked_sub(delay);
            let back = back.map_or(0.0, |at| f32::from(line[at]) * echo);
            caller[number][n].saturating_add(back as i16)
        });
        let frame_heard = PcmFrame {
            at: CallTime::from_millis(20 * number as u64),
            samples,
            concealed: false,
        };
        cleaned.push(guard.clean(&frame_heard).samples);
        came.push(samples);
        guard.sent(frame);
    }
    Heard { came, cleaned }
}

fn level(frames: &[Frame]) -> f32 {
    dbfs(frames.as_flattened())
}

#[test]
fn a_line_without_echo_is_passed_on_as_it_came() {
    let (sent, caller) = (speech(3, 400), speech(8, 400));
    let heard = call(&sent, &caller, 0.0, 1_000);
    assert!(heard.came == heard.cleaned);
}

#[test]
fn an_echo_is_taken_out_within_half_a_second_of_its_beginning() {
    let sent = speech(3, 300);
    let silence = vec![[0; FRAME_SAMPLES]; 300];
    for (echo, delay) in [(0.3, 900), (0.1, 2_500), (-0.05, 1_337)] {
        let heard = call(&sent, &silence, echo, delay);
        let from = delay / FRAME_SAMPLES + 25;
        let (came, left) = (level(&heard.came[from..]), level(&heard.cleaned[from..]));
        assert!(left < came - 15.0, "{echo} {delay}: {came} to {left}");
    }
}

#[test]
fn a_caller_over_the_echo_is_heard_as_loud_as_they_are() {
    let (sent, mut caller) = (speech(3, 400), speech(8, 400));
    caller[..250].fill([0; FRAME_SAMPLES]);
    let heard = call(&sent, &caller, 0.2, 1_000);
    let (said, left) = (level(&caller[250..]), level(&heard.cleaned[250..]));
    assert!((said - left).abs() < 1.0, "{said} to {left}");
}

/// A quiet caller's line whose echo, a quarter of what is sent, comes back `delay` samples later in
/// each frame; where the guard is told so, the jitter buffer moved by so many samples.
fn moving(sent: &[Frame], delay: impl Fn(usize) -> usize, told: Option<(usize, i64)>) -> Heard {
    let (mut guard, line) = (EchoGuard::new(), sent.as_flattened());
    let (mut came, mut cleaned) = (Vec::new(), Vec::new());
    for (number, frame) in sent.iter().enumerate() {
        if let Some((_, samples)) = told.filter(|(at, _)| *at == number) {
            guard.moved(samples);
        }
        let samples = std::array::from_fn(|n| {
            let at = (number * FRAME_SAMPLES + n).checked_sub(delay(number));
            at.map_or(0, |at| line[at] / 4)
        });
        let heard = PcmFrame {
            samples,
            ..PcmFrame::silent(CallTime::from_millis(20 * number as u64))
        };
        cleaned.push(guard.clean(&heard).samples);
        came.push(samples);
        guard.sent(frame);
    }
    Heard { came, cleaned }
}

#[test]
fn an_echo_that_comes_later_from_now_on_is_found_anew() {
    let delay = |number| if number < 300 { 1_000 } else { 1_160 };
    let heard = moving(&speech(3, 600), delay, None);
    let (came, left) = (level(&heard.came[360..]), level(&heard.cleaned[360..]));
    assert!(left < came - 15.0, "{came} to {left}");
}

#[test]
fn an_echo_is_known_on_where_the_jitter_buffer_cuts_sound_out() {
    let delay = |number| if number < 200 { 900 } else { 740 };
    let heard = moving(&speech(3, 400), delay, Some((200, 160)));
    // At once: a path that is looked for anew takes half a second.
    let (came, left) = (
        level(&heard.came[200..225]),
        level(&heard.cleaned[200..225]),
    );
    assert!(left < came - 15.0, "{came} to {left}");
}
