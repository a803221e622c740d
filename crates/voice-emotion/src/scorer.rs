//! One caller's voice, scored as the call goes on.

use crate::baseline::Baseline;
use crate::features::Features;
use crate::model::{Reading, Scale, SiteOffset, VoiceModel};
use crate::reasons::reasons;
use crate::site::SiteStatistics;
use crate::utterance::UtteranceEar;
use call_model::{CallTime, EmotionScore, FRAME_TIME, Language, PcmFrame, PerMille, Score};
use std::sync::Arc;

/// Nothing is said of less speech than this.
const SPEECH_LEAST_S: f32 = 1.0;
/// Of less than this only with low confidence, and the next utterance goes on with it.
const SPEECH_SURE_S: f32 = 1.5;
/// The confidence of a score behind which less than that stands.
const LOW_CONFIDENCE: f32 = 0.3;
/// From so much speech on more of it adds no confidence.
const SPEECH_FULL_S: f32 = 4.0;

/// Scores the voice of one caller, utterance by utterance; one a call.
///
/// It is made only where plan and caller allow it: where there is no scorer, nothing is computed.
/// Between [`begin_utterance`](Self::begin_utterance) and [`end_utterance`](Self::end_utterance) it is
/// given the caller's frames, pauses and concealed frames with them; it finds the speech in
/// them by itself. It allocates nothing but the scores, and holds about 12 KB.
#[derive(Debug)]
pub struct EmotionScorer {
    model: Arc<VoiceModel>,
    scale: Scale,
    site: SiteOffset,
    language: Language,
    ear: UtteranceEar,
    baseline: Baseline,
    utterance: u32,
    phase: Phase,
    end: CallTime,
    /// The last finished utterance's reading, and whether there was a baseline beside it.
    finished: Option<(Reading, bool)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Nobody speaks; the next utterance is a new one.
    Quiet,
    /// Nobody speaks; the last utterance was so short that the next goes on with it.
    Short,
    /// The caller speaks.
    Speaking,
}

impl EmotionScorer {
    /// A scorer for a call that begins. `site` is what running statistics taught of this site;
    /// the default where nothing has been learnt yet.
    pub fn new(model: Arc<VoiceModel>, site: SiteOffset, language: Language) -> Self {
        Self {
            scale: model.scale,
            model,
            site,
            language,
            ear: UtteranceEar::new(),
            baseline: Baseline::new(),
            utterance: 0,
            phase: Phase::Quiet,
            end: CallTime::ZERO,
            finished: None,
        }
    }

    /// The same on another scale than the model's own: the one that a site's calls fixed.
    #[must_use]
    pub const fn on_scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Bytes that it holds, the model apart, which all calls share.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.ear.heap_bytes()
    }

    /// Reasons are told in another language from now on.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// The caller begins to speak. An utterance of under 1.5 s of speech before it is
    /// taken together with this one, under the same number.
    pub fn begin_utterance(&mut self) {
        match self.phase {
            Phase::Speaking => {}
            Phase::Short => self.ear.go_on(),
            Phase::Quiet => {
                self.ear.begin();
                self.utterance += 1;
            }
        }
        self.phase = Phase::Speaking;
    }

    /// Takes the next frame of an utterance; tells a score at every half second of speech, from
    /// 1 s of it on. Outside an utterance it does nothing.
    pub fn push(&mut self, frame: &PcmFrame) -> Option<EmotionScore> {
        if self.phase != Phase::Speaking {
            return None;
        }
        self.end = frame.at + FRAME_TIME;
        if !self.ear.push(frame) {
            return None;
        }
        let (features, reading) = self.read()?;
        Some(self.score(&features, &reading))
    }

    /// The caller's turn is over: the utterance's last score, where there is enough speech. A calm
    /// utterance becomes part of the caller's baseline.
    pub fn end_utterance(&mut self) -> Option<EmotionScore> {
        if self.phase != Phase::Speaking {
            return None;
        }
        self.ear.end();
        self.phase = if self.ear.speech_s() < SPEECH_SURE_S {
            Phase::Short
        } else {
            Phase::Quiet
        };
        let (features, reading) = self.read()?;
        let score = self.score(&features, &reading);
        self.finished = Some((reading, !self.baseline.is_empty()));
        if self.phase == Phase::Quiet && reading.log_odds < 0.0 {
            self.baseline.learn(&features);
        }
        Some(score)
    }

    /// The utterance is forgotten unscored: it is no longer the bot's to score. The next one
    /// is another.
    pub fn drop_utterance(&mut self) {
        if self.phase == Phase::Speaking {
            self.ear.end();
            self.phase = Phase::Quiet;
        }
    }

    /// Teaches the site's statistics the last finished utterance, once.
    pub fn teach(&mut self, statistics: &mut SiteStatistics) {
        if let Some((reading, has_baseline)) = self.finished.take() {
            statistics.learn(&reading, &self.site, has_baseline);
        }
    }

    fn read(&self) -> Option<(Features, Reading)> {
        if self.ear.speech_s() < SPEECH_LEAST_S {
            return None;
        }
        let features = Features::of(&self.ear.window())?;
        let reading = self.model.reading(&features, &self.baseline, &self.site);
        Some((features, reading))
    }

    fn score(&self, features: &Features, reading: &Reading) -> EmotionScore {
        let speech_s = self.ear.speech_s();
        let scale = &self.scale;
        let arousal = 100.0 / (1.0 + (-reading.arousal).exp());
        EmotionScore {
            utterance: self.utterance,
            at: self.end,
            anger: points(scale.points(reading.log_odds)),
            log_odds_milli: (reading.log_odds * 1_000.0).round() as i32,
            probability: PerMille::from_share(scale.probability(reading.log_odds)),
            arousal: points(arousal),
            speech_micros: (speech_s * 100.0).round() as u64 * 10_000,
            confidence: confidence(speech_s),
            is_calibrated: false,
            reasons: reasons(&self.model, features, &self.baseline, self.language),
        }
    }
}

fn points(points: f32) -> Score {
    Score::from_tenths((points.clamp(0.0, 100.0) * 10.0).round() as u16)
}

fn confidence(speech_s: f32) -> PerMille {
    PerMille::from_share(if speech_s < SPEECH_SURE_S {
        LOW_CONFIDENCE
    } else {
        speech_s / SPEECH_FULL_S
    })
}
