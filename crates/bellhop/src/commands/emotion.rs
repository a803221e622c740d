//! `bellhop emotion`: makes the model by which anger is told, and fits it to a site.

use super::emotion_set::{Recordings, plain_line};
use crate::cli::{EmotionCommand, EmotionTrain};
use anyhow::Context;
use std::process::ExitCode;
use voice_emotion::evaluate::{BaselineUse, Panel, figures, figures_by, judge, learn_sites};
use voice_emotion::train::conditions::{Condition, Noise};
use voice_emotion::train::set::Set;
use voice_emotion::train::{TrainSettings, train};
use voice_emotion::{CardFigure, Dice, VoiceModel};

/// Lines beside the plain one over which every speaker is heard in training: each kind of noise twice.
const LINES: usize = 6;

/// Runs one of the commands.
pub fn run(command: EmotionCommand) -> anyhow::Result<ExitCode> {
    match command {
        EmotionCommand::Train(options) => train_model(&options),
        EmotionCommand::Calibrate(options) => super::emotion_calibrate::run(&options),
    }
}

/// Recordings over the lines that a model is trained on; the plain one has number 0.
pub fn training_set(recordings: &Recordings, seed: u64) -> Set {
    let mut samples = recordings.over(&plain_line, 0, seed);
    for line in 1..=LINES {
        let noise = [None, Some(Noise::White), Some(Noise::Babble)][line % 3];
        let noisy = |dice: &mut Dice| Condition {
            noise: noise.map(|kind| (kind, 5.0 + 15.0 * dice.share())),
            ..Condition::any(dice)
        };
        samples.extend(recordings.over(&noisy, line, seed + line as u64));
    }
    Set {
        clips: recordings.clips.clone(),
        samples,
    }
}

fn train_model(options: &EmotionTrain) -> anyhow::Result<ExitCode> {
    let recordings = Recordings::read(&options.manifest)?;
    eprintln!("{} recordings are measured", recordings.clips.len());
    let set = training_set(&recordings, options.seed);
    let settings = TrainSettings {
        name: options.name.clone(),
        seed: options.seed,
        ..TrainSettings::default()
    };
    let mut model = train(&set, &|_| true, &settings)?;
    model.card.purpose =
        "Tells from a caller's voice how angry it sounds, so that a person can be fetched. \
        Not for judging people at work, not for telling who somebody is."
            .to_owned();
    model.card.licence = options.licence.clone();
    if !options.no_figures {
        eprintln!("judged by folds of speakers that are left out");
        let panel = Panel::around(&model, &set, &settings)?;
        model.card.figures = card_figures(&set, &panel);
    }
    model.card.limits = limits();
    std::fs::write(&options.out, model.write()?)
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    tell(&model);
    println!("written to {}", options.out.display());
    Ok(ExitCode::SUCCESS)
}

fn card_figures(set: &Set, panel: &Panel) -> Vec<CardFigure> {
    let plain: Vec<_> = set
        .samples
        .iter()
        .filter(|s| s.line == 0)
        .cloned()
        .collect();
    let sites = learn_sites(set, &plain, panel);
    let alone = judge(set, &plain, panel, BaselineUse::None, &sites);
    let beside = judge(set, &plain, panel, BaselineUse::Calm, &sites);
    let beside = figures_by(&beside, &|clip| clip.corpus.clone());
    let mut told = Vec::new();
    for (corpus, of) in figures_by(&alone, &|clip| clip.corpus.clone()) {
        let of_gender = |gender: &str| {
            let own: Vec<_> = alone
                .iter()
                .filter(|j| j.clip.corpus == corpus && j.clip.gender == gender)
                .collect();
            figures(&own).auc.map(rounded)
        };
        told.push(CardFigure {
            auc: rounded(of.auc.unwrap_or_default()),
            auc_women: of_gender("f"),
            auc_men: of_gender("m"),
            auc_with_baseline: (beside.get(&corpus).and_then(|of| of.auc)).map_or(0.0, rounded),
            corpus,
        });
    }
    told
}

/// To thousandths: more is not known of so few speakers.
fn rounded(auc: f64) -> f64 {
    (auc * 1_000.0).round() / 1_000.0
}

fn limits() -> Vec<String> {
    [
        "Trained on acted emotion; how real callers sound when angry was not measured.",
        "Over the telephone band, 8 kHz through G.711, only.",
        "Anger is confused with loud joy, fear and disgust before it is with anything calm.",
        "The scale's budget holds for simulated calls of the training recordings; calibrate on own calls.",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn tell(model: &VoiceModel) {
    for figure in &model.card.figures {
        let part = |auc: Option<f64>| auc.map_or("-".to_owned(), |auc| format!("{auc:.3}"));
        println!(
            "{}: AUC {:.3} (women {}, men {}), with the caller's baseline {:.3}",
            figure.corpus,
            figure.auc,
            part(figure.auc_women),
            part(figure.auc_men),
            figure.auc_with_baseline
        );
    }
}
