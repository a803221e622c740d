//! Which acoustic models there are, and whether their files can be trusted to the library.

use super::sounds::Sounds;
use crate::recognizer::{CEPSTRUM, ChannelMean};
use crate::{Catalogue, SpeechError};
use call_model::Language;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where Debian's `pocketsphinx-en-us` lies.
const DEBIAN_EN: &str = "/usr/share/pocketsphinx/model/en-us";
/// Files without which the library ends the process.
const NEEDED: [&str; 5] = [
    "mdef",
    "means",
    "variances",
    "transition_matrices",
    "feat.params",
];
/// The parameters of a model's features that decoder and front end are told; the
/// treatment of the mean is ours and not among them.
const FEATURES: [&str; 16] = [
    "-alpha",
    "-ceplen",
    "-feat",
    "-frate",
    "-lifter",
    "-lowerf",
    "-ncep",
    "-nfft",
    "-nfilt",
    "-remove_dc",
    "-remove_noise",
    "-round_filters",
    "-svspec",
    "-transform",
    "-upperf",
    "-wlen",
];
/// How much a model's own idea of the mean weighs, in windows of 10 ms.
const PRIOR_WINDOWS: f32 = 30.0;

/// Samples a second that a model was trained on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModelRate {
    /// Telephone band.
    Hz8000,
    /// Wide band; the caller's sound is doubled for it.
    Hz16000,
}

impl ModelRate {
    /// Samples a second.
    pub const fn hz(self) -> u32 {
        match self {
            Self::Hz8000 => 8_000,
            Self::Hz16000 => 16_000,
        }
    }
}

/// One language's acoustic model and pronouncing dictionary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SphinxModel {
    /// The folder of the acoustic model.
    pub acoustic: PathBuf,
    /// The pronouncing dictionary.
    pub dictionary: PathBuf,
    /// The rate it was trained on.
    pub rate: ModelRate,
}

/// The models at hand, by language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SphinxModels {
    /// One model for each language.
    pub by_language: BTreeMap<Language, SphinxModel>,
}

impl SphinxModels {
    /// Looks for the telephone-band models `sphinx-en-8k` and `sphinx-zh-8k` in these folders, in order,
    /// and for Debian's English one where no other is found. Finding none is no error here.
    /// A model of the operator's own lies in a folder whose name goes on with `-own`, and comes first.
    pub fn find(dirs: &[PathBuf]) -> Self {
        let mut models = Self::default();
        for language in Language::ALL {
            let published = format!("sphinx-{language}-8k");
            let names = [format!("{published}-own"), published];
            let folders = names
                .iter()
                .flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
            if let Some(model) = folders.filter_map(|folder| telephone(&folder)).next() {
                models.by_language.insert(language, model);
            }
        }
        if let Some(model) = debian_english(Path::new(DEBIAN_EN)) {
            models.by_language.entry(Language::En).or_insert(model);
        }
        models
    }

    /// The model of a language.
    pub(super) fn of(&self, language: Language) -> Result<&SphinxModel, SpeechError> {
        self.by_language
            .get(&language)
            .ok_or_else(|| SpeechError::ModelMissing {
                language,
                remedy: match language {
                    Language::En => {
                        "install one with 'apt install pocketsphinx-en-us' or 'bellhop models fetch sphinx-en-8k'"
                    }
                    Language::Zh => {
                        "'bellhop models fetch sphinx-zh-8k', or name a folder that holds it"
                    }
                }
                .to_owned(),
            })
    }
}

fn telephone(dir: &Path) -> Option<SphinxModel> {
    let mut dictionaries: Vec<PathBuf> = fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "dic" || end == "dict")
        })
        .collect();
    dictionaries.sort();
    Some(SphinxModel {
        acoustic: dir.to_owned(),
        dictionary: dictionaries.into_iter().next()?,
        rate: ModelRate::Hz8000,
    })
}

fn debian_english(dir: &Path) -> Option<SphinxModel> {
    let model = SphinxModel {
        acoustic: dir.join("en-us"),
        dictionary: dir.join("cmudict-en-us.dict"),
        rate: ModelRate::Hz16000,
    };
    (model.acoustic.is_dir() && model.dictionary.is_file()).then_some(model)
}

/// A model whose files were looked at.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct CheckedModel {
    pub(super) rate: ModelRate,
    pub(super) dictionary: PathBuf,
    pub(super) options: Vec<(&'static str, String)>,
    /// The mean to begin a call with.
    pub(super) prior: ChannelMean,
    /// What its speech sounds like; none where its form is another.
    pub(super) sounds: Option<Arc<Sounds>>,
}

/// What a decoder is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Duty {
    /// To find what was said.
    Understanding,
    /// To find escalation words among everything else.
    Spotting,
}

impl CheckedModel {
    /// What a decoder for this duty is told.
    pub(super) fn options_for(
        &self,
        language: Language,
        duty: Duty,
    ) -> Vec<(&'static str, String)> {
        let mut options = self.options.clone();
        match duty {
            // Wider than the library's own beams: commands 92.3 to 94.1 % right for a third more
            // time. Where everything may be said, the library's own cost enough.
            Duty::Understanding => {
                let wide = [("-beam", "1e-80"), ("-pbeam", "1e-80"), ("-wbeam", "1e-60")];
                options.extend(wide.map(|(name, value)| (name, value.to_owned())));
                match self.rate {
                    ModelRate::Hz8000 => options.push(("-topn", "8".to_owned())),
                    // Wide-band models measure every path by the best sound among those that are
                    // searched for, so that the words of a long list fit worse than those of a
                    // short one. By the best of all sounds they fit alike: commands 44.0 to 84.2 %
                    // right at the same limits, for 0.15 CPU seconds a second instead of 0.08.
                    ModelRate::Hz16000 => options.push(("-compallsen", "yes".to_owned())),
                }
            }
            // Commonness weighs more than in dictation, which finds more words at fewer false ones
            // (Mandarin stand-ins 55 to 65 %) and halves the cost; so does a limit to what is
            // followed at once. A second pass over the same words finds no more of them.
            Duty::Spotting => {
                let (weight, densities) = match (language, self.rate) {
                    (Language::En, ModelRate::Hz8000) => ("8", "8"),
                    (Language::En, ModelRate::Hz16000) => ("6.5", "4"),
                    (Language::Zh, ModelRate::Hz8000 | ModelRate::Hz16000) => ("9", "4"),
                };
                let lean = [
                    ("-lw", weight),
                    ("-topn", densities),
                    ("-maxhmmpf", "2000"),
                    ("-maxwpf", "10"),
                    ("-fwdflat", "no"),
                ];
                options.extend(lean.map(|(name, value)| (name, value.to_owned())));
            }
        }
        options
    }

    /// Looks at a model's files; those of a published model must be just what was published.
    ///
    /// # Errors
    /// [`SpeechError::ModelUnusable`] names the first one that is missing or not what it should be.
    pub(super) fn of(language: Language, model: &SphinxModel) -> Result<Self, SpeechError> {
        if let Some(published) = Catalogue::shipped().model_in(&model.acoustic) {
            published.check_quickly(&model.acoustic)?;
        }
        for name in NEEDED {
            filled(&model.acoustic.join(name))?;
        }
        let weights = ["sendump", "mixture_weights"].map(|name| model.acoustic.join(name));
        if !weights.iter().any(|path| filled(path).is_ok()) {
            filled(&weights[0])?;
        }
        filled(&model.dictionary)?;
        let path = model.acoustic.join("feat.params");
        let parameters = fs::read_to_string(&path).map_err(|error| unusable(&path, error))?;
        let words: Vec<&str> = parameters.split_whitespace().collect();
        Ok(Self {
            rate: model.rate,
            dictionary: model.dictionary.clone(),
            options: options(language, model, &words),
            prior: prior(&words),
            sounds: Sounds::of(&model.acoustic)?.map(Arc::new),
        })
    }
}

/// What the library is told. Its own file of parameters would override what is said
/// here about the mean, so it is given an empty one and the parameters one by one.
fn options(
    language: Language,
    model: &SphinxModel,
    parameters: &[&str],
) -> Vec<(&'static str, String)> {
    let mut options = vec![
        ("-hmm", model.acoustic.to_string_lossy().into_owned()),
        ("-samprate", model.rate.hz().to_string()),
        ("-featparams", "/dev/null".to_owned()),
        ("-cmn", "none".to_owned()),
        ("-agc", "none".to_owned()),
        ("-remove_silence", "no".to_owned()),
        ("-bestpath", "no".to_owned()),
        // Phones of the free loop stand alone: as good a measure as in their contexts, at a tenth of the cost.
        ("-allphone_ci", "yes".to_owned()),
        ("-pip", phone_bonus(language).to_owned()),
    ];
    for pair in parameters.chunks_exact(2) {
        if let Some(name) = FEATURES.into_iter().find(|name| *name == pair[0]) {
            options.push((name, pair[1].to_owned()));
        }
    }
    options
}

/// What each phone of a path gains: English words otherwise lose out to shorter ones
/// (digits 93.0 to 94.3 % right); Mandarin syllables do not.
const fn phone_bonus(language: Language) -> &'static str {
    match language {
        Language::En => "3",
        Language::Zh => "1",
    }
}

fn prior(parameters: &[&str]) -> ChannelMean {
    let told = parameters
        .windows(2)
        .find(|pair| pair[0] == "-cmninit")
        .map_or("", |pair| pair[1]);
    let mut mean = [0.0; CEPSTRUM];
    for (place, number) in mean.iter_mut().zip(told.split(',')) {
        *place = number.parse().unwrap_or(0.0);
    }
    ChannelMean {
        mean,
        windows: PRIOR_WINDOWS,
    }
}

fn filled(path: &Path) -> Result<(), SpeechError> {
    let about = fs::metadata(path).map_err(|error| unusable(path, error))?;
    if !about.is_file() || about.len() == 0 {
        return Err(unusable(path, "it is empty"));
    }
    Ok(())
}

fn unusable(path: &Path, what: impl ToString) -> SpeechError {
    SpeechError::ModelUnusable {
        path: path.to_owned(),
        what: what.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_model_that_is_not_what_was_published_is_refused_and_an_own_one_is_not() {
        let models = tempfile::tempdir().expect("a folder");
        let checked = |name: &str| {
            let folder = models.path().join(name);
            fs::create_dir(&folder).expect("made");
            for file in NEEDED.into_iter().chain(["sendump", "words.dict"]) {
                fs::write(folder.join(file), "-nfilt 20 -cmninit 45,-3,1").expect("written");
            }
            let found = SphinxModels::find(&[models.path().to_owned()]);
            let model = found.of(Language::En).expect("found");
            assert_eq!(model.acoustic, folder);
            CheckedModel::of(Language::En, model)
        };
        let error = checked("sphinx-en-8k").expect_err("refused").to_string();
        assert!(error.contains("models fetch sphinx-en-8k"), "{error}");
        assert!(checked("sphinx-en-8k-own").is_ok());
    }
}
