//! `bellhop prompts export`: what the bot says, as files one can listen to and compare with.

use crate::cli::PromptsCommand;
use crate::config::Config;
use crate::plans::{Shelf, ShelvedPlan};
use crate::serve::open_prompts;
use anyhow::Context;
use call_model::{Language, PromptPiece, PromptText, SAMPLE_RATE};
use dialplan::{Line, Node, Plan, Slots, Wording};
use speech::PromptStore;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// The list beside the files: name, tab, words.
const LIST: &str = "prompts.tsv";

/// Writes every wording that no slot changes.
pub fn run(command: PromptsCommand) -> anyhow::Result<ExitCode> {
    let PromptsCommand::Export { config, plan, out } = command;
    let config = Config::read(&config.config)?;
    let shelf = Shelf::read(&config.plans.dir)?;
    let shelved = shelf
        .named(&plan)
        .with_context(|| format!("there is no plan '{plan}'; there are: {}", shelf.names()))?;
    let store = open_prompts(&config.voice)?;
    let count = export(shelved, &store, &out)?;
    println!(
        "{count} prompts of plan '{plan}' written to {}",
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn export(shelved: &ShelvedPlan, store: &PromptStore, out: &Path) -> anyhow::Result<usize> {
    std::fs::create_dir_all(out)?;
    let mut list = String::new();
    let named = named_prompts(&shelved.plan);
    for (name, text) in &named {
        let spoken = shelved.plan.say_as().spoken(text.clone());
        let audio = store.warm(&spoken, &shelved.folder)?;
        write_wav(&out.join(format!("{name}.wav")), &audio)?;
        let _ = writeln!(list, "{name}\t{}", words(text));
    }
    std::fs::write(out.join(LIST), list)?;
    Ok(named.len())
}

/// Every constant prompt under the name of its place: `node.en`, `node.no_input1.zh`,
/// `line.goodbye.en`.
fn named_prompts(plan: &Plan) -> Vec<(String, PromptText)> {
    let mut named = Vec::new();
    for &language in plan.languages() {
        for (name, node) in plan.nodes() {
            for (suffix, wording) in wordings(node) {
                if is_constant(wording, language) {
                    let text = plan.render(wording, &Slots::new(), language);
                    named.push((format!("{name}{suffix}.{language}"), text));
                }
            }
        }
        for line in Line::ALL {
            named.push((
                format!("line.{}.{language}", line.name()),
                plan.line(line, language),
            ));
        }
    }
    named
}

fn wordings(node: &Node) -> Vec<(String, &Wording)> {
    let mut found: Vec<_> = node
        .prompt()
        .map(|prompt| (String::new(), &prompt.wording))
        .into_iter()
        .collect();
    if let Some(listening) = node.listening() {
        let ladders = [
            ("no_input", &listening.no_input),
            ("no_match", &listening.no_match),
        ];
        for (ladder, rungs) in ladders {
            let numbered = rungs.tries.iter().enumerate();
            found.extend(numbered.map(|(rung, words)| (format!(".{ladder}{}", rung + 1), words)));
        }
    }
    found
}

fn is_constant(wording: &Wording, language: Language) -> bool {
    let pieces = wording.0.get(&language).map_or(&[][..], Vec::as_slice);
    !pieces.is_empty() && !pieces.iter().any(|piece| piece.slot().is_some())
}

fn words(text: &PromptText) -> String {
    let mut words = String::new();
    for piece in &text.pieces {
        if let PromptPiece::Text(text) = piece {
            words += text.reveal();
        }
    }
    words
}

fn write_wav(path: &Path, audio: &[i16]) -> anyhow::Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec)?;
    for &sample in audio {
        wav.write_sample(sample)?;
    }
    Ok(wav.finalize()?)
}
