//! Real voices, where `../shared` is at hand: speakers that a small model was not trained on.

use call_model::Codec;
use std::path::{Path, PathBuf};
use voice_emotion::evaluate::{BaselineUse, Panel, figures, judge, learn_sites, simulate_calls};
use voice_emotion::train::conditions::Condition;
use voice_emotion::train::set::{ClipInfo, Sample, Set, over_line};
use voice_emotion::train::{TrainSettings, train};
use voice_emotion::{Dice, VoiceModel};

fn shared_emotion(tests: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BELLHOP_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let emotion = root.join("emotion");
    if emotion.is_dir() {
        return Some(emotion);
    }
    eprintln!("SKIPPED 1 tests: {tests}: no folder {}", emotion.display());
    None
}

/// The recordings of twelve English speakers.
fn recordings(folder: &Path) -> (Vec<ClipInfo>, Vec<Vec<i16>>) {
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).expect("manifest");
    let (mut clips, mut sounds) = (Vec::new(), Vec::new());
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [path, corpus, speaker, gender, language, emotion, ..] = fields[..] else {
            panic!("an odd row: {line}");
        };
        if corpus != "ravdess" || speaker > "ravdess_12" {
            continue;
        }
        let mut reader = claxon::FlacReader::open(folder.join(path)).expect("flac");
        sounds.push(
            reader
                .samples()
                .map(|s| s.expect("sample") as i16)
                .collect(),
        );
        clips.push(ClipInfo {
            path: path.to_owned(),
            corpus: corpus.to_owned(),
            speaker: speaker.to_owned(),
            gender: gender.to_owned(),
            language: language.to_owned(),
            emotion: emotion.to_owned(),
            licence: String::new(),
        });
    }
    (clips, sounds)
}

#[test]
fn anger_is_told_of_speakers_that_were_left_out_and_loudness_is_not_anger() {
    let Some(folder) = shared_emotion("anger of speakers that were left out") else {
        return;
    };
    let (clips, sounds) = recordings(&folder);
    let plain = |gain_db: f32| Condition {
        gain_db,
        ..Condition::clean(Codec::Pcmu)
    };
    let over = |line: &dyn Fn(&mut Dice) -> Condition, number, seed| {
        over_line(&clips, &sounds, line, number, seed)
    };
    let quiet: Vec<Sample> = over(&|_| plain(0.0), 0, 1);
    let loud = over(&|_| plain(12.0), 0, 1);
    let mut samples = quiet.clone();
    samples.extend(over(&Condition::any, 1, 2));
    let set = Set {
        clips: clips.clone(),
        samples,
    };
    let is_left_out = |clip: &ClipInfo| clip.speaker.as_str() > "ravdess_08";
    let settings = TrainSettings::default();
    let is_in = |clip: &ClipInfo| !is_left_out(clip);
    let model = train(&set, &is_in, &settings).expect("a model");
    let again = train(&set, &is_in, &settings).expect("a model");
    assert_eq!(model, again, "the same seed gives the same model");
    let read: VoiceModel = VoiceModel::read(&model.write().expect("text")).expect("read again");
    assert_eq!(read.card.speakers.len(), 8);

    let panel = Panel::of(model);
    let left_out = |of: &[Sample]| -> Vec<Sample> {
        let own = of.iter().filter(|s| is_left_out(&set.clips[s.clip]));
        own.cloned().collect()
    };
    let (quiet, loud) = (left_out(&quiet), left_out(&loud));
    let sites = learn_sites(&set, &quiet, &panel);
    let of = |samples: &[Sample], baseline| {
        let judged = judge(&set, samples, &panel, baseline, &sites);
        figures(&judged.iter().collect::<Vec<_>>())
    };
    let alone = of(&quiet, BaselineUse::None);
    let auc = alone.auc.expect("both classes");
    assert!(auc > 0.75, "AUC {auc}");
    let louder = of(&loud, BaselineUse::None);
    let change = (louder.auc.expect("both classes") - auc).abs();
    assert!(change < 0.04, "12 dB change the AUC by {change}");
    assert!(louder.above_80["neutral"] < 0.05, "{:?}", louder.above_80);
    assert!(louder.above_80["calm"] < 0.05, "{:?}", louder.above_80);

    let calls = simulate_calls(&set, &quiet, &panel, &sites, 50);
    let calls = &calls["ravdess"];
    assert!(calls.false_share < 0.1, "{calls:?}");
    assert!(calls.detected > 0.3, "{calls:?}");
    let (beside, plain) = calls.angry_from_start;
    assert!(beside >= 0.9 * plain, "{calls:?}");
}
