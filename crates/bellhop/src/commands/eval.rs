//! `bellhop eval`: how well callers are understood.

use super::{eval_calls, eval_escalation};
use crate::cli::{EvalAsr, EvalCommand, LineCodec};
use anyhow::{Context, bail};
use call_model::{Codec, EscalationWords, GrammarId, PhraseGrammar};
use dialplan::phrase_of_jsgf;
use speech::eval::{EvalTask, Expectation, evaluate, read_manifest};
use speech::{Recognizer, SphinxModels, SphinxRecognizer, SphinxSettings};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;

/// Runs one of the measurements.
pub fn run(command: EvalCommand) -> anyhow::Result<ExitCode> {
    match command {
        EvalCommand::Asr(options) => asr(&options),
        EvalCommand::Escalation(options) => eval_escalation::run(&options),
        EvalCommand::Calls {
            archive,
            spoken,
            require_right,
            require_slots,
        } => {
            let bars = eval_calls::Bars {
                right: require_right,
                slots: require_slots,
            };
            eval_calls::run(&archive.archive, &spoken, &bars)
        }
    }
}

fn asr(options: &EvalAsr) -> anyhow::Result<ExitCode> {
    let mut clips = read_manifest(&options.manifest)?;
    clips.retain(|clip| {
        let is_of_corpus = options
            .corpus
            .as_ref()
            .is_none_or(|corpus| *corpus == clip.corpus);
        is_of_corpus && clip.language == options.language
    });
    if clips.is_empty() {
        bail!(
            "{}: no clip of this corpus and language",
            options.manifest.display()
        );
    }
    let models = SphinxModels::find(&options.models);
    let settings = SphinxSettings {
        models,
        max_decoders: DECODERS,
    };
    let recognizer = SphinxRecognizer::open(settings)?;
    let has_slots = clips.iter().any(|clip| !clip.slots.is_empty());
    let expectation = match (options.foreign, has_slots) {
        (true, _) => Expectation::NoMatch,
        (false, true) => Expectation::Slots,
        (false, false) => Expectation::Text,
    };
    let task = EvalTask {
        recognizer: &recognizer,
        grammar: Arc::new(grammar(options)?),
        escalation: Arc::new(EscalationWords {
            language: options.language,
            words: Vec::new(),
        }),
        codec: match options.codec {
            LineCodec::Ulaw => Codec::Pcmu,
            LineCodec::Alaw => Codec::Pcma,
        },
        expectation,
        sounds_alike: &|one, other| recognizer.sounds_alike(options.language, one, other),
    };
    let root = options.manifest.parent().unwrap_or(Path::new("."));
    let report = evaluate(&task, root, &clips)?;
    println!(
        "{} on {}\n{report}",
        recognizer.name(),
        options.manifest.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn grammar(options: &EvalAsr) -> anyhow::Result<PhraseGrammar> {
    let file = options.grammar.display().to_string();
    let text = std::fs::read_to_string(&options.grammar)
        .with_context(|| format!("cannot read the grammar {file}"))?;
    let root = phrase_of_jsgf(&file, &text, options.language).map_err(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(told.join("\n"))
    })?;
    Ok(PhraseGrammar {
        id: GrammarId(0),
        language: options.language,
        root,
    })
}
