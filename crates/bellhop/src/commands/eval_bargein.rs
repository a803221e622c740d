//! `bellhop eval bargein`: do prompts give way to callers, and to nobody else?

use super::hearing_bars::Figures;
use super::hearing_others::{Kind, Others};
use super::hearing_sounds::{Recording, by_corpus, line, long_prompts, recordings};
use super::understood::Share;
use crate::cli::EvalBargein;
use anyhow::Context;
use call_model::{Key, Language};
use hearing_trials::{Asked, Disturbance, Disturbed, Scene};
use speech::{SphinxModels, SphinxRecognizer, SphinxSettings};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;
/// Prompts last at least so many samples: 14 s.
const PROMPT: usize = 14 * 8_000;
/// A prompt that is lowered later than this is shown with `--misses`.
const PROMPT_MS: i64 = 250;
/// Keys that are pressed over prompts.
const KEYS: u64 = 100;

/// Speaks over prompts with every recording, disturbs them with everything else.
pub fn run(options: &EvalBargein) -> anyhow::Result<ExitCode> {
    let recordings = recordings(&options.recordings)?;
    let prompts = long_prompts(&options.prompts, PROMPT)?;
    let recognizer = SphinxRecognizer::open(SphinxSettings {
        models: SphinxModels::find(&options.models),
        max_decoders: DECODERS,
    })?;
    let mut trials = Trials {
        options,
        recognizer: &recognizer,
        prompts,
        figures: Figures::default(),
    };
    trials.speech(&recordings)?;
    trials.keys()?;
    trials.others(&recordings)?;
    trials.figures.conclude(&options.recordings)
}

struct Trials<'a> {
    options: &'a EvalBargein,
    recognizer: &'a SphinxRecognizer,
    prompts: Vec<Arc<[i16]>>,
    figures: Figures,
}

#[derive(Default)]
struct Spoken {
    clips: usize,
    lowered: usize,
    stopped: usize,
    lowered_ms: Vec<i64>,
    silent_ms: Vec<i64>,
}

impl Spoken {
    fn add(&mut self, other: Self) {
        self.clips += other.clips;
        self.lowered += other.lowered;
        self.stopped += other.stopped;
        self.lowered_ms.extend(other.lowered_ms);
        self.silent_ms.extend(other.silent_ms);
    }

    fn tell(&self, figures: &mut Figures, of: &str) {
        figures.share(format!("{of}detected"), Share(self.lowered, self.clips));
        figures.share(format!("{of}stopped"), Share(self.stopped, self.clips));
        figures.times(&format!("{of}onset_to_lowered"), self.lowered_ms.clone());
        figures.times(&format!("{of}confirmed_to_silence"), self.silent_ms.clone());
    }
}

impl Trials<'_> {
    fn scene(&self, asked: &Asked, language: Language) -> anyhow::Result<Scene<'_>> {
        let line = line(&self.options.recordings)?;
        let prompts = self.prompts.clone();
        Ok(Scene::new(asked, language, self.recognizer, prompts, line)?)
    }

    /// What a corpus may say: by its grammar, else by its texts.
    fn asked(&self, corpus: &str, clips: &[&Recording]) -> anyhow::Result<Asked> {
        let mut named = self.options.grammar.iter();
        if let Some((_, file)) = named.find(|(of, _)| of == corpus) {
            let shown = file.display();
            let text = std::fs::read_to_string(file);
            return Ok(Asked::Grammar(
                text.with_context(|| format!("cannot read {shown}"))?,
            ));
        }
        let texts = clips.iter().map(|it| it.clip.text.as_str());
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        Ok(match texts.is_empty() {
            true => Asked::one_of(&["anything else"]),
            false => Asked::one_of(&texts),
        })
    }

    fn speech(&mut self, recordings: &[Recording]) -> anyhow::Result<()> {
        let mut all = Spoken::default();
        for (corpus, clips) in by_corpus(recordings) {
            let language = clips[0].clip.language;
            let scene = self.scene(&self.asked(corpus, &clips)?, language)?;
            let mut spoken = Spoken::default();
            for (seed, recording) in (1..).zip(clips) {
                let Some(came) = scene.interrupt(&recording.sound, seed)? else {
                    continue;
                };
                spoken.clips += 1;
                spoken.lowered += usize::from(came.lowered_ms.is_some());
                spoken.stopped += usize::from(came.is_stopped);
                spoken.lowered_ms.extend(came.lowered_ms);
                spoken.silent_ms.extend(came.silent_ms);
                let is_prompt = came.lowered_ms.is_some_and(|it| it <= PROMPT_MS);
                if self.options.misses && !(came.is_stopped && is_prompt) {
                    eprintln!("{}: {came:?}", recording.clip.path);
                }
            }
            spoken.tell(&mut self.figures, &format!("{corpus}."));
            all.add(spoken);
        }
        all.tell(&mut self.figures, "");
        Ok(())
    }

    fn keys(&mut self) -> anyhow::Result<()> {
        let asked = Asked::Open(vec!["go on".to_owned()]);
        let scene = self.scene(&asked, Language::En)?;
        let key = Key::try_from('1')?;
        let pressed: Result<Vec<_>, _> = (0..KEYS).map(|seed| scene.press(key, seed)).collect();
        let pressed = pressed?;
        let silent: Vec<i64> = pressed.iter().copied().flatten().collect();
        self.figures
            .share("key_detected", Share(silent.len(), pressed.len()));
        self.figures.times("key_to_silence", silent);
        Ok(())
    }

    fn others(&mut self, recordings: &[Recording]) -> anyhow::Result<()> {
        let others = Others::gather(self.options, recordings)?;
        let languages: BTreeSet<Language> = recordings.iter().map(|it| it.clip.language).collect();
        let mut counts: BTreeMap<Kind, Count> = BTreeMap::new();
        let share = languages.len().max(1);
        for (place, language) in languages.into_iter().enumerate() {
            let scene = self.scene(&open_question(language), language)?;
            for (seed, (kind, by)) in (1_000_000..).zip(others.of(language, place, share)) {
                let came = scene.disturb(&by, seed)?;
                if self.options.misses && came.is_stuck {
                    eprintln!("{language} {kind} {seed} {}: {came:?}", shown(&by));
                }
                counts.entry(kind).or_default().add(came);
            }
        }
        self.tell_others(&counts);
        Ok(())
    }

    fn tell_others(&mut self, counts: &BTreeMap<Kind, Count>) {
        let mut all = Share(0, 0);
        for (kind, count) in counts {
            let figures = &mut self.figures;
            if *kind == Kind::Babble {
                figures.number("babble.ducks_a_minute", count.a_minute(count.ducks));
                figures.number("babble.stops_a_minute", count.a_minute(count.stopped));
                continue;
            }
            all = Share(all.0 + count.stuck, all.1 + count.sounds);
            figures.share(
                format!("{kind}.not_resumed"),
                Share(count.stuck, count.sounds),
            );
            figures.share(
                format!("{kind}.stopped"),
                Share(count.stopped as usize, count.sounds),
            );
            figures.share(
                format!("{kind}.lowered"),
                Share(count.lowered, count.sounds),
            );
            figures.share(
                format!("{kind}.understood"),
                Share(count.understood, count.sounds),
            );
        }
        self.figures.share("not_resumed", all);
    }
}

/// The question that is disturbed: what do you want?
fn open_question(language: Language) -> Asked {
    let phrases: &[&str] = match language {
        Language::En => &[
            "where is my order",
            "the status of my order",
            "track my parcel",
            "your opening hours",
            "return something",
            "send it back",
            "report a fault",
            "my internet is down",
            "pay my bill",
            "change my address",
        ],
        Language::Zh => &[
            "查订单",
            "我的订单到哪了",
            "查快递",
            "营业时间",
            "几点开门",
            "我要退货",
            "报修",
            "网络坏了",
            "交话费",
            "改地址",
        ],
    };
    Asked::Open(phrases.iter().map(|it| (*it).to_owned()).collect())
}

/// A disturbance, short, for who looks at single ones.
fn shown(by: &Disturbance) -> String {
    match by {
        Disturbance::Sound(sound) => format!("of {} ms", sound.len() / 8),
        Disturbance::Lasting(_) | Disturbance::Beneath(_) => "that lasts".to_owned(),
        Disturbance::Echo(echo) => format!("{echo:?}"),
    }
}

#[derive(Default)]
struct Count {
    sounds: usize,
    stuck: usize,
    stopped: u32,
    lowered: usize,
    understood: usize,
    ducks: u32,
    minutes: f64,
}

impl Count {
    fn add(&mut self, came: Disturbed) {
        self.sounds += 1;
        self.stuck += usize::from(came.is_stuck);
        self.stopped += u32::from(came.is_stopped);
        self.lowered += usize::from(came.ducks > 0);
        self.understood += usize::from(came.understood > 0);
        self.ducks += came.ducks;
        self.minutes += came.played.as_secs_f64() / 60.0;
    }

    fn a_minute(&self, count: u32) -> f64 {
        f64::from(count) / self.minutes.max(f64::MIN_POSITIVE)
    }
}
