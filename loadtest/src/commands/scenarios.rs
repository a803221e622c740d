//! `loadtest call` and `loadtest demo`: scenarios, one call after another.

use super::Outcome;
use crate::call::{self, CallRecord, Director, Ending, Wish};
use crate::cli::{CallArgs, DemoArgs, TargetArgs};
use crate::judge::Library;
use crate::report::{CallReport, Report, tell};
use crate::rtp::{Ear, Mouth};
use crate::scenario::{Action, Clips, Run, Scenario};
use crate::wav;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The demo's calls: name and text.
const DEMO: [(&str, &str); 3] = [
    (
        "1-order-status",
        include_str!("../../scenarios/1-order-status.call"),
    ),
    (
        "2-spoken-over",
        include_str!("../../scenarios/2-spoken-over.call"),
    ),
    (
        "3-murmured-over",
        include_str!("../../scenarios/3-murmured-over.call"),
    ),
];

/// A scenario and the name of its file.
struct Told {
    name: String,
    scenario: Scenario,
}

/// What the calls of one run share.
struct Setting<'a> {
    target: &'a TargetArgs,
    fixtures: &'a Path,
    out: &'a Path,
    library: Arc<Library>,
    json: bool,
}

pub async fn call(args: &CallArgs) -> Outcome {
    let told = read_script(&args.script)?;
    let library = match &args.prompts {
        Some(folder) => Library::open(folder)?,
        None => Library::default(),
    };
    let setting = Setting {
        target: &args.target,
        fixtures: &args.fixtures,
        out: &args.out,
        library: Arc::new(library),
        json: args.json,
    };
    setting.place_all(vec![told]).await
}

pub async fn demo(args: &DemoArgs) -> Outcome {
    let told = match &args.scenarios {
        Some(folder) => read_folder(folder)?,
        None => DEMO
            .into_iter()
            .map(|(name, text)| parse(name, text))
            .collect::<Result<_, _>>()?,
    };
    let setting = Setting {
        target: &args.target,
        fixtures: &args.fixtures,
        out: &args.out,
        library: Arc::new(Library::open(&args.prompts)?),
        json: args.json,
    };
    setting.place_all(told).await
}

fn parse(name: &str, text: &str) -> Result<Told, Box<dyn Error>> {
    let scenario = text.parse().map_err(|error| format!("{name}: {error}"))?;
    Ok(Told {
        name: name.to_owned(),
        scenario,
    })
}

fn read_script(script: &str) -> Result<Told, Box<dyn Error>> {
    let path = Path::new(script);
    if path.is_file() {
        return read_file(path);
    }
    if script.ends_with(".call") {
        return Err(format!("{script}: no such scenario").into());
    }
    parse("call", &script.replace(';', "\n"))
}

fn read_file(path: &Path) -> Result<Told, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&stem, &text)
}

fn read_folder(folder: &Path) -> Result<Vec<Told>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "call")
        })
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{} holds no scenarios (*.call)", folder.display()).into());
    }
    paths.iter().map(|path| read_file(path)).collect()
}

impl Setting<'_> {
    async fn place_all(&self, told: Vec<Told>) -> Outcome {
        fs::create_dir_all(self.out)?;
        // Every clip is read and every name checked before the first call is placed.
        let mut runs = Vec::new();
        for each in told {
            self.check_names(&each)?;
            let clips = Clips::read(&each.scenario, self.fixtures)
                .map_err(|error| format!("{}: {error}", each.name))?;
            runs.push((each, clips));
        }
        let mut calls = Vec::new();
        for (number, (each, clips)) in (0u64..).zip(runs) {
            calls.push(self.place(number, each, clips).await?);
        }
        let report = Report::new(calls);
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(self.out.join("report.json"), &json)?;
        if self.json {
            tell(&json);
        } else {
            tell(format_args!("\n{report}"));
        }
        Ok(report.went_as_told)
    }

    /// A prompt that is expected but not in the folder could never be heard.
    fn check_names(&self, told: &Told) -> Result<(), String> {
        for step in &told.scenario.steps {
            if let Action::ExpectPrompt { names, .. } = &step.action
                && let Some(unknown) = names.iter().find(|name| !self.library.knows(name))
            {
                return Err(format!(
                    "{}: line {}: there is no prompt '{unknown}' to compare with",
                    told.name, step.line
                ));
            }
        }
        Ok(())
    }

    async fn place(
        &self,
        number: u64,
        told: Told,
        clips: Clips,
    ) -> Result<CallReport, Box<dyn Error>> {
        let Told { name, scenario } = told;
        let title = scenario.title.clone();
        if !self.json {
            tell(format_args!(
                "\n{}",
                format!("{name}: {title}").trim_end_matches(": ")
            ));
        }
        let run = Run::new(scenario, clips, Arc::clone(&self.library));
        let mut narrator = Narrator {
            run,
            told: 0,
            is_silent: self.json,
        };
        let record = call::place(&self.target.dial(number)?, &mut narrator).await?;
        narrator.narrate();
        if !self.json {
            narrate_ending(&record);
        }
        let recording = self.out.join(format!("{name}.wav"));
        wav::write(&recording, &[&record.said, &record.heard])?;
        wav::write(
            &self.out.join(format!("{name}.heard.wav")),
            &[&record.heard],
        )?;
        Ok(CallReport::new(
            &name,
            &title,
            &narrator.run,
            &record,
            recording,
        ))
    }
}

fn narrate_ending(record: &CallRecord) {
    let told = match &record.ending {
        Ending::ByUs => "I hung up".to_owned(),
        Ending::ByPeer => "the other side hung up".to_owned(),
        Ending::Refused(status, reason) => format!("refused: {status} {reason}"),
        Ending::Failed(what) => format!("failed: {what}"),
    };
    tell(format_args!(
        "          {told} (Call-ID {})",
        record.call_id
    ));
}

/// Prints each verdict as soon as it stands.
struct Narrator {
    run: Run,
    told: usize,
    is_silent: bool,
}

impl Narrator {
    fn narrate(&mut self) {
        let verdicts = self.run.verdicts();
        if !self.is_silent {
            for verdict in &verdicts[self.told..] {
                tell(verdict);
            }
        }
        self.told = verdicts.len();
    }
}

impl Director for Narrator {
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        let wish = self.run.tick(now, ear, mouth);
        self.narrate();
        wish
    }

    fn ended(&mut self, now: Duration, ear: &Ear, ending: &Ending) {
        self.run.ended(now, ear, ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_own_scenarios_read() {
        for (name, text) in DEMO {
            parse(name, text).unwrap();
        }
    }

    #[test]
    fn steps_may_stand_on_the_command_line() {
        let told = read_script("expect speech within 2s; key 1; hang up").unwrap();
        assert_eq!(told.scenario.steps.len(), 3);
        assert!(read_script("missing.call").is_err());
    }
}
