//! How much a frame sounds like a voice.

use call_model::FRAME_SAMPLES;
use earshot::Detector;

/// What the net takes: 16 ms at 16 kHz.
const NET_FRAME: usize = 256;
/// Samples of one of our frames at twice the rate.
const DOUBLED: usize = 2 * FRAME_SAMPLES;

/// The level that the net judges best. At −14 dBFS it takes any noise for a voice, at
/// −44 dBFS it loses one digit in eight; here it takes no steady noise and loses none.
const BEST_DBFS: f32 = -28.0;
/// How fast the gain recovers after a loud sound, in decibels a frame: 10 dB a second.
const RECOVERY_DB: f32 = 0.2;

/// `earshot`'s recurrent net, fed with telephone frames.
///
/// The net wants 16 kHz. The samples between ours are drawn on the straight line:
/// a clean interpolator costs delay and, by leaving the upper half band empty, makes
/// the net take white noise for speech (122 of 125 frames, against 3 of 125).
pub(crate) struct VoiceLikeness {
    net: Box<Detector>,
    /// The level of the loudest recent frame, which the gain brings down to the best.
    loudest_dbfs: f32,
    waiting: [i16; NET_FRAME + DOUBLED],
    waiting_len: usize,
    last_sample: i16,
    last_score: f32,
}

impl VoiceLikeness {
    pub(crate) fn new() -> Self {
        Self {
            net: Detector::default_boxed(),
            loudest_dbfs: BEST_DBFS,
            waiting: [0; NET_FRAME + DOUBLED],
            waiting_len: 0,
            last_sample: 0,
            last_score: 0.0,
        }
    }

    /// The likeness of the newest frame to a voice, 0 to 1: the highest score of the
    /// one or two net frames that it completes.
    pub(crate) fn score(&mut self, samples: &[i16; FRAME_SAMPLES], level_dbfs: f32) -> f32 {
        let gain = self.gain(level_dbfs);
        self.take_doubled(&samples.map(|sample| (f32::from(sample) * gain) as i16));
        let complete = self.waiting_len / NET_FRAME;
        let (frames, _) = self.waiting[..self.waiting_len].as_chunks::<NET_FRAME>();
        let highest = frames
            .iter()
            .map(|frame| self.net.predict_i16(frame))
            .reduce(f32::max);
        self.waiting
            .copy_within(complete * NET_FRAME..self.waiting_len, 0);
        self.waiting_len -= complete * NET_FRAME;
        self.last_score = highest.unwrap_or(self.last_score);
        self.last_score
    }

    /// Never above one: what is quiet stays quiet.
    fn gain(&mut self, level_dbfs: f32) -> f32 {
        let recovered = (self.loudest_dbfs - RECOVERY_DB).max(BEST_DBFS);
        self.loudest_dbfs = level_dbfs.max(recovered);
        dsp::level::from_db(BEST_DBFS - self.loudest_dbfs)
    }

    fn take_doubled(&mut self, samples: &[i16; FRAME_SAMPLES]) {
        let room = &mut self.waiting[self.waiting_len..][..DOUBLED];
        for (pair, &sample) in room.as_chunks_mut::<2>().0.iter_mut().zip(samples) {
            *pair = [i16::midpoint(self.last_sample, sample), sample];
            self.last_sample = sample;
        }
        self.waiting_len += DOUBLED;
    }
}

impl std::fmt::Debug for VoiceLikeness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceLikeness")
            .field("last_score", &self.last_score)
            .finish_non_exhaustive()
    }
}
