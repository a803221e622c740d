//! `bellhop eval`: how well callers are understood.

use super::{
    eval_asr, eval_bargein, eval_calls, eval_emotion, eval_escalation, eval_invented, eval_turns,
    eval_understanding, eval_vad,
};
use crate::cli::{EvalCommand, EvalLanguages};
use anyhow::Context;
use call_model::{GrammarId, Language, PhraseGrammar};
use dialplan::phrase_of_jsgf;
use speech::eval::{LanguageTask, read_manifest, tell_languages};
use speech::{PhraseAutomaton, SphinxModels, SphinxRecognizer, SphinxSettings};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Decoders for one stream at a time.
const DECODERS: usize = 8;

/// Runs one of the measurements.
pub fn run(command: EvalCommand) -> anyhow::Result<ExitCode> {
    match command {
        EvalCommand::Asr(options) => eval_asr::run(&options),
        EvalCommand::Languages(options) => languages(&options),
        EvalCommand::Escalation(options) => eval_escalation::run(&options),
        EvalCommand::Invented(options) => eval_invented::run(&options),
        EvalCommand::Emotion(options) => eval_emotion::run(&options),
        EvalCommand::Understanding(options) => eval_understanding::run(&options),
        EvalCommand::Bargein(options) => eval_bargein::run(&options),
        EvalCommand::Turns(options) => eval_turns::run(&options),
        EvalCommand::Vad(options) => eval_vad::run(&options),
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

/// Both languages at once, on clips of both that their grammars can say.
fn languages(options: &EvalLanguages) -> anyhow::Result<ExitCode> {
    let settings = SphinxSettings {
        models: SphinxModels::find(&options.models),
        max_decoders: DECODERS,
    };
    let recognizer = SphinxRecognizer::open(settings)?;
    let task = LanguageTask {
        recognizer: &recognizer,
        asked: Arc::new(grammar_file(&options.english, Language::En)?),
        also: Arc::new(grammar_file(&options.mandarin, Language::Zh)?),
    };
    let mut clips = read_manifest(&options.manifest)?;
    let automata = [
        PhraseAutomaton::of(&task.asked)?,
        PhraseAutomaton::of(&task.also)?,
    ];
    clips.retain(|clip| {
        let automaton = match clip.language {
            Language::En => &automata[0],
            Language::Zh => &automata[1],
        };
        // Clips of which only the slots are written down are taken as sayable.
        let place = automaton.place_of_text(&clip.text);
        let is_sayable = clip.text.is_empty() || place.is_some_and(|place| place.is_complete);
        is_sayable && (options.corpus.is_empty() || options.corpus.contains(&clip.corpus))
    });
    let root = options.manifest.parent().unwrap_or(Path::new("."));
    let counts = tell_languages(&task, root, &clips)?;
    let mut is_good = !counts.is_empty();
    for (language, count) in counts {
        let right = 100.0 * count.right as f64 / count.clips.max(1) as f64;
        is_good &= options.require_right.is_none_or(|least| right >= least);
        println!(
            "{language}: {} of {} given to it ({right:.1} %); {} understood, {} of them in the other language; {:.3} CPU s/s",
            count.right,
            count.clips,
            count.understood,
            count.understood_wrong,
            count.cpu_seconds / count.audio_seconds.max(f64::MIN_POSITIVE),
        );
    }
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The grammar of a JSGF file.
pub fn grammar_file(path: &Path, language: Language) -> anyhow::Result<PhraseGrammar> {
    let file = path.display().to_string();
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the grammar {file}"))?;
    let root = phrase_of_jsgf(&file, &text, language).map_err(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(told.join("\n"))
    })?;
    // Grammars of two languages have numbers of their own.
    let id = match language {
        Language::En => GrammarId(0),
        Language::Zh => GrammarId(1),
    };
    Ok(PhraseGrammar { id, language, root })
}
