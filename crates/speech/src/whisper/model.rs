//! The model itself, by way of whisper.cpp.

use super::guide::Guide;
use super::guided::{self, Likely, Vocabulary};
use super::look::{Guided, Look, Pass, Piece, Sound, Stop, WIDE_RATE};
use crate::{Catalogue, CataloguedModel, SpeechError};
use call_model::Language;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Instant;
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
    WhisperTokenId,
};

/// Positions of a second in what the model's first half makes of sound.
const POSITIONS_A_SECOND: usize = 50;
/// Quiet that the model is given behind the voice, in positions: without it words at the end are lost.
const MARGIN: usize = 64;
/// Sound is fitted to a multiple of so many positions, and to no fewer than …
const STEP: usize = 64;
/// … these: a model trained on thirty seconds writes a short utterance again and again if it is given less.
const POSITIONS_MIN: usize = 512;
/// Sound is filled up with silence to so many samples, 1.1 s; shorter sound is looked at badly, or not at all.
const SAMPLES_MIN: usize = WIDE_RATE * 11 / 10;
/// The most tokens of a hint.
const HINT_MAX: usize = 96;
/// Tokens of a text of any length, and as many more for each second as the fastest speech in either language has.
const TOKENS_ALWAYS: usize = 16;
const TOKENS_A_SECOND: usize = 20;
/// A file's first bytes: its mark and eleven numbers.
const HEAD: usize = 48;
/// Tokens of the smallest whisper models.
const TOKENS_OF_ENGLISH: u64 = 51_864;
const PART: &str = "it is only a part of a model; fetch it again";
/// Tokens that a text of this many characters never passes.
const TOKENS_MAX: usize = 1_024;

/// A model's file, opened once for all who look.
pub(super) struct Model {
    context: WhisperContext,
    path: PathBuf,
    threads: i32,
    /// The bytes of each token of text.
    tokens: Vec<Vec<u8>>,
}

/// One who looks: a state of its own over the shared model.
pub(super) struct Looker {
    model: Arc<Model>,
    state: WhisperState,
    /// How to look in each language. They are made once: whisper-rs 0.16 never frees what a
    /// parameter's setter allocates.
    ways: Vec<(Language, FullParams<'static, 'static>)>,
    stop: Arc<Mutex<Option<Arc<Stop>>>>,
}

impl Model {
    /// Opens the file.
    ///
    /// # Errors
    /// [`SpeechError::ModelUnusable`] says what is wrong with it.
    pub(super) fn open(path: &Path, threads: usize) -> Result<Self, SpeechError> {
        let unusable = |what: String| SpeechError::ModelUnusable {
            path: path.to_owned(),
            what,
        };
        checked_machine().map_err(unusable)?;
        // A published model must be just what was published.
        let folder = path.parent().unwrap_or(Path::new("."));
        let published = Catalogue::shipped().model_in(folder);
        let is_of = |model: &&CataloguedModel| {
            let mut names = model.files.iter().map(|file| folder.join(&file.name));
            names.any(|name| name == path)
        };
        if let Some(model) = published.filter(is_of) {
            model.check_quickly(folder)?;
        }
        checked_file(path).map_err(unusable)?;
        // What it would print on its own holds callers' words.
        static QUIET: Once = Once::new();
        QUIET.call_once(whisper_rs::install_logging_hooks);
        let context = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map_err(|_| unusable(PART.to_owned()))?;
        let of_token = |token| context.token_to_bytes(token).unwrap_or_default().to_vec();
        let tokens = (0..context.token_eot()).map(of_token).collect();
        Ok(Self {
            tokens,
            context,
            path: path.to_owned(),
            threads: i32::try_from(threads.max(1)).unwrap_or(i32::MAX),
        })
    }

    /// Whether the model knows a language: those of English alone know no other.
    pub(super) fn hears(&self, language: Language) -> bool {
        match language {
            Language::En => true,
            Language::Zh => self.context.is_multilingual(),
        }
    }
}

impl Looker {
    pub(super) fn of(model: Arc<Model>) -> Result<Self, SpeechError> {
        let state = model.context.create_state().map_err(|error| {
            let path = model.path.clone();
            let what = format!("it cannot be worked with: {error}");
            SpeechError::ModelUnusable { path, what }
        })?;
        let stop: Arc<Mutex<Option<Arc<Stop>>>> = Arc::default();
        let mut ways = Vec::new();
        for language in Language::ALL {
            ways.push((language, way(language, model.threads, &stop)));
        }
        Ok(Self {
            model,
            state,
            ways,
            stop,
        })
    }

    /// Looks at a second of silence, however long that takes.
    ///
    /// # Errors
    /// The model cannot be worked with.
    pub(super) fn try_out(&mut self) -> Result<(), SpeechError> {
        self.look_in(Language::En, &[0.0; SAMPLES_MIN], "")
            .map(drop)
    }

    /// Looks as if the sound were in this language.
    fn look_in(
        &mut self,
        language: Language,
        samples: &[f32],
        hint: &str,
    ) -> Result<Look, SpeechError> {
        let known = self.ways.iter().find(|(known, _)| *known == language);
        let Some((_, way)) = known else {
            return Err(failed("no such language"));
        };
        let hint = self.model.tokens(hint);
        let mut way = way.clone();
        way.set_tokens(&hint);
        way.set_audio_ctx(positions(samples.len(), self.model.context.n_audio_ctx()));
        way.set_max_tokens(tokens_within(samples.len()));
        self.state
            .full(way, samples)
            .map_err(|error| failed(&error.to_string()))?;
        Ok(self.seen(language))
    }

    fn seen(&self, language: Language) -> Look {
        let end = self.model.context.token_eot();
        let (mut pieces, mut no_speech) = (Vec::new(), 0.0_f32);
        for segment in self.state.as_iter() {
            no_speech = no_speech.max(segment.no_speech_probability());
            for number in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(number) else {
                    continue;
                };
                // What comes from here on are marks of time and the like.
                if token.token_id() >= end {
                    continue;
                }
                let data = token.token_data();
                pieces.push(Piece {
                    bytes: token.to_bytes().unwrap_or_default().to_vec(),
                    probability: token.token_probability(),
                    from_ms: milliseconds(data.t0),
                    to_ms: milliseconds(data.t1),
                });
            }
        }
        Look {
            language,
            pieces,
            no_speech,
            guided: None,
        }
    }

    /// Writes again what was just looked at, as the grammar has it. The first half of the model need not work again.
    fn guided(
        &mut self,
        language: Language,
        hint: &str,
        guide: &Guide,
        stop: &Stop,
    ) -> Result<Option<Guided>, SpeechError> {
        let context = &self.model.context;
        let mut prompt = Vec::new();
        let hint = self.model.tokens(hint);
        if !hint.is_empty() {
            prompt.push(context.token_prev());
            prompt.extend(hint);
        }
        prompt.push(context.token_sot());
        if context.is_multilingual()
            && let Some(id) = whisper_rs::get_lang_id(code(language))
        {
            prompt.extend([context.token_lang(id), context.token_transcribe()]);
        }
        prompt.push(context.token_not());
        let mut writing = Writing {
            state: &mut self.state,
            threads: usize::try_from(self.model.threads).unwrap_or(1),
            prompt,
            written: Vec::new(),
        };
        let vocabulary = Vocabulary {
            tokens: &self.model.tokens,
            end: context.token_eot(),
        };
        // What was seen first must still be told in time.
        let left = stop.until().saturating_duration_since(Instant::now());
        let until = Instant::now() + left / 2;
        let is_due = || stop.is_due() || Instant::now() >= until;
        guided::search(&mut writing, vocabulary, guide, &is_due)
    }

    /// Which of two languages the sound that was just looked at is in. The first half of the model need not
    /// work again for that: its view of the sound is still there.
    fn is_rather(&mut self, also: Language, than: Language) -> Result<bool, SpeechError> {
        let context = &self.model.context;
        let threads = usize::try_from(self.model.threads).unwrap_or(1);
        let begin = [context.token_sot()];
        self.state
            .decode(&begin, 0, threads)
            .map_err(|error| failed(&error.to_string()))?;
        let likely = self.state.get_logits();
        let likely = likely.map_err(|error| failed(&error.to_string()))?;
        let of = |language: Language| {
            let id = whisper_rs::get_lang_id(code(language))?;
            let token = usize::try_from(context.token_lang(id)).ok()?;
            likely.get(token).copied()
        };
        Ok(of(also) > of(than))
    }
}

/// The model's second half at what was looked at.
struct Writing<'s> {
    state: &'s mut WhisperState,
    threads: usize,
    prompt: Vec<WhisperTokenId>,
    /// The tokens that it knows the consequences of, the prompt's first.
    written: Vec<WhisperTokenId>,
}

impl Writing<'_> {
    /// Writes the tokens from this place on.
    fn write(&mut self, tokens: &[WhisperTokenId], from: usize) -> Result<(), SpeechError> {
        if tokens.is_empty() {
            return Ok(());
        }
        let told = self.state.decode(tokens, from, self.threads);
        told.map_err(|error| failed(&error.to_string()))
    }
}

impl Likely for Writing<'_> {
    fn after(&mut self, tokens: &[WhisperTokenId]) -> Result<&[f32], SpeechError> {
        let all: Vec<WhisperTokenId> = self.prompt.iter().chain(tokens).copied().collect();
        let same = all.iter().zip(&self.written);
        let known = same.take_while(|(one, other)| one == other).count();
        // What follows the last token alone can be asked for.
        let last = all.len() - 1;
        let known = known.min(last);
        self.write(&all[known..last], known)?;
        self.write(&all[last..], last)?;
        self.written = all;
        let told = self.state.get_logits();
        told.map_err(|error| failed(&error.to_string()))
    }
}

impl Pass for Looker {
    fn look(&mut self, at: &Sound) -> Result<Look, SpeechError> {
        let stop = Some(Arc::clone(&at.stop));
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = stop;
        let mut samples = at.samples.clone();
        if samples.len() < SAMPLES_MIN {
            samples.resize(SAMPLES_MIN, 0.0);
        }
        let [hint, other_hint] = &at.hints;
        let [guide, other_guide] = &at.guides;
        let mut look = self.look_in(at.language, &samples, hint)?;
        let (mut hint, mut guide) = (hint, guide);
        if let Some(also) = at.also
            && self.model.hears(also)
            && self.is_rather(also, at.language)?
        {
            look = self.look_in(also, &samples, other_hint)?;
            (hint, guide) = (other_hint, other_guide);
        }
        look.guided = match guide {
            Some(guide) => match guide.words_of(&look) {
                Some(words) => Some(Guided::as_written(words, &look)),
                None => self.guided(look.language, hint, guide, &at.stop)?,
            },
            None => None,
        };
        Ok(look)
    }
}

impl Model {
    /// The tokens of a hint. One that the model cannot read is none.
    fn tokens(&self, hint: &str) -> Vec<WhisperTokenId> {
        if hint.is_empty() {
            return Vec::new();
        }
        let tokens = self.context.tokenize(hint, TOKENS_MAX);
        let mut tokens = tokens.unwrap_or_default();
        tokens.truncate(HINT_MAX);
        tokens
    }
}

/// One greedy look, no second try at a higher temperature: that is where inventions come from, and what
/// would be tried again our guards refuse.
fn way(
    language: Language,
    threads: i32,
    stop: &Arc<Mutex<Option<Arc<Stop>>>>,
) -> FullParams<'static, 'static> {
    let mut way = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    way.set_n_threads(threads);
    way.set_language(Some(code(language)));
    way.set_temperature_inc(0.0);
    way.set_no_context(true);
    way.set_single_segment(true);
    way.set_token_timestamps(true);
    way.set_suppress_nst(true);
    // Nothing is left out silently: the guards judge.
    way.set_no_speech_thold(1.0);
    way.set_print_progress(false);
    way.set_print_realtime(false);
    way.set_print_special(false);
    way.set_print_timestamps(false);
    let stop = Arc::clone(stop);
    // Boxed on purpose: whisper-rs 0.16 calls the closure as what it is only if its type is this one.
    let is_due: Box<dyn FnMut() -> bool> = Box::new(move || {
        let stop = stop.lock().unwrap_or_else(PoisonError::into_inner);
        stop.as_ref().is_some_and(|stop| stop.is_due())
    });
    way.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(is_due);
    way
}

/// How many positions sound of so many samples is given, of at most `most`.
fn positions(samples: usize, most: i32) -> i32 {
    let needed = (samples * POSITIONS_A_SECOND).div_ceil(WIDE_RATE) + MARGIN;
    let fitted = needed.next_multiple_of(STEP).max(POSITIONS_MIN);
    i32::try_from(fitted).unwrap_or(i32::MAX).min(most)
}

/// Tokens that can be said in so many samples: a text that goes on after them runs in circles.
fn tokens_within(samples: usize) -> i32 {
    let most = TOKENS_ALWAYS + samples * TOKENS_A_SECOND / WIDE_RATE;
    i32::try_from(most).unwrap_or(i32::MAX)
}

fn milliseconds(hundredths: i64) -> u64 {
    u64::try_from(hundredths).unwrap_or(0) * 10
}

const fn code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Zh => "zh",
    }
}

fn failed(what: &str) -> SpeechError {
    SpeechError::Engine(format!("whisper: {what}"))
}

/// Whether this machine can do what the library was built for: on x86-64 that is the instructions of the last ten
/// years, unless the build was told otherwise (`GGML_AVX2=OFF`). One that cannot would be ended by its first look.
fn checked_machine() -> Result<(), String> {
    #[cfg(target_arch = "x86_64")]
    {
        let is_plain = option_env!("GGML_AVX2") == Some("OFF");
        let has_all = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("fma")
            && std::is_x86_feature_detected!("f16c")
            && std::is_x86_feature_detected!("bmi2");
        if !is_plain && !has_all {
            return Err(
                "this machine lacks AVX2, FMA, F16C or BMI2; build with GGML_AVX2=OFF GGML_FMA=OFF \
                 GGML_F16C=OFF GGML_BMI2=OFF in the environment"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

/// Whether there is a file that begins as a model does and is long enough for what it says of itself: the library
/// takes one without any weights for a model, and what is wrong is to be said in words.
fn checked_file(path: &Path) -> Result<(), String> {
    use std::io::Read;
    let opened = std::fs::File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, mut file) = opened.map_err(|error| {
        format!("{error}; name a ggml file of whisper.cpp, which `bellhop models fetch` gets")
    })?;
    let mut head = [0_u8; HEAD];
    if file.read_exact(&mut head).is_err() {
        return Err(PART.to_owned());
    }
    match head.first_chunk::<4>() {
        Some(b"lmgg") => {}
        Some(b"GGUF") => {
            return Err("it is of the GGUF form; whisper.cpp reads ggml files".to_owned());
        }
        Some(_) | None => return Err("it is no ggml file of whisper.cpp".to_owned()),
    }
    let number = |place: usize| -> u64 {
        let bytes = head[4 * place..].first_chunk().copied();
        u64::from(u32::from_le_bytes(bytes.unwrap_or_default()))
    };
    let (tokens, width, mels) = (number(1), number(7), number(10));
    if tokens < TOKENS_OF_ENGLISH || !(80..=128).contains(&mels) {
        return Err("it is a ggml file, but of no whisper model".to_owned());
    }
    // The vectors of the tokens alone, at four bits a number: the least that there is.
    match length > tokens.saturating_mul(width) / 2 {
        true => Ok(()),
        false => Err(PART.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_fitted_to_its_length_in_steps_and_never_beyond_the_model() {
        let second = WIDE_RATE;
        let table = [
            (second / 2, 512),
            (3 * second, 512),
            (8 * second, 512),
            (10 * second, 576),
            (28 * second, 1_472),
            (60 * second, 1_500),
        ];
        for (samples, expected) in table {
            assert_eq!(positions(samples, 1_500), expected, "{samples}");
        }
        assert_eq!(positions(second, 128), 128);
    }

    #[test]
    fn a_text_is_no_longer_than_its_sound_allows() {
        assert_eq!(tokens_within(SAMPLES_MIN), 38);
        assert_eq!(tokens_within(10 * WIDE_RATE), 216);
    }

    #[test]
    fn what_is_no_model_is_named_with_its_remedy() {
        let missing = Model::open(Path::new("/nowhere/ggml-base.bin"), 1).err();
        let told = missing.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            told.contains("/nowhere/ggml-base.bin") && told.contains("bellhop models fetch"),
            "{told}"
        );
        let scratch = crate::scratch::Scratch::new("bin").expect("a file");
        let mut other = [0_u8; 2 * HEAD];
        other[..4].copy_from_slice(b"GGUF");
        let mut small = [0_u8; 2 * HEAD];
        small[..4].copy_from_slice(b"lmgg");
        let mut part = small;
        for (place, number) in [(1, TOKENS_OF_ENGLISH as u32), (7, 384), (10, 80)] {
            part[4 * place..4 * place + 4].copy_from_slice(&number.to_le_bytes());
        }
        let table: [(&[u8], &str); 5] = [
            (&other, "GGUF form"),
            (&[0; 2 * HEAD], "no ggml file"),
            (&small, "no whisper model"),
            (&part, "only a part"),
            (b"lmgg", "only a part"),
        ];
        for (bytes, expected) in table {
            std::fs::write(&scratch.path, bytes).expect("written");
            let told = Model::open(&scratch.path, 1).err().map(|it| it.to_string());
            assert!(
                told.is_some_and(|told| told.contains(expected)),
                "{expected}"
            );
        }
    }
}
