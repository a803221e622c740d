//! `loadtest call` and `loadtest demo`: scenarios, one after another.

use super::Outcome;
use super::back_end::answer_requests;
use super::scripted_intent::answer_questions;
use crate::back_end::BackEnd;
use crate::call::{self, Acted};
use crate::cli::{CallArgs, DemoArgs, Moved, TargetArgs};
use crate::judge::{Library, LibraryError};
use crate::report::{CallReport, Report, Skipped, tell};
use crate::scenario::{Action, ClipError, Clips, Run, Scenario, SharedSpeech};
use crate::scripted_mind::ScriptedMind;
use crate::wav;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A scenario of the demo: its name and its text.
macro_rules! scenario {
    ($folder:literal, $name:literal) => {
        (
            $name,
            include_str!(concat!("../../scenarios/", $folder, $name, ".call")),
        )
    };
}

/// The demo's scenarios, in their order.
const DEMO: [(&str, &str); 14] = [
    scenario!("", "1-order-status"),
    scenario!("", "2-spoken-over"),
    scenario!("", "3-murmured-over"),
    scenario!("people/", "4-complaint"),
    scenario!("people/", "5-agent-hangs-up"),
    scenario!("people/", "6-three-asks"),
    scenario!("people/", "7-three-asks-in-one-breath"),
    scenario!("people/", "8-kept-waiting"),
    scenario!("people/", "9-waits-on"),
    scenario!("people/", "10-open-question"),
    scenario!("people/", "11-complaint-zh"),
    scenario!("people/", "12-three-asks-zh"),
    scenario!("people/", "13-kept-waiting-zh"),
    scenario!("people/", "14-at-night"),
];

/// A scenario and the name of its file.
struct Told {
    name: String,
    scenario: Scenario,
    /// What the plan's back end answers during it, where that is told beside it.
    answers: Option<Arc<BackEnd>>,
    /// What the intent tier answers, likewise.
    mind: Option<Arc<ScriptedMind>>,
}

/// What the calls of one run share.
struct Setting<'a> {
    target: &'a TargetArgs,
    phones: &'a [Moved],
    fixtures: &'a Path,
    shared: SharedSpeech,
    out: &'a Path,
    libraries: Libraries,
    back_end: Option<SocketAddr>,
    intent: Option<SocketAddr>,
    json: bool,
}

/// The prompts that may be heard: of the plan that is called, where it has a folder of its own.
struct Libraries {
    usual: Arc<Library>,
    folder: Option<PathBuf>,
    by_plan: BTreeMap<String, Arc<Library>>,
}

/// A scenario ready to be acted out.
struct Ready {
    told: Told,
    clips: Clips,
    library: Arc<Library>,
}

pub async fn call(args: &CallArgs) -> Outcome {
    let told = read_script(&args.script)?;
    let setting = Setting {
        target: &args.target,
        phones: &args.phone,
        fixtures: &args.fixtures,
        shared: SharedSpeech::open(&args.speech.folder()),
        out: &args.out,
        libraries: Libraries::open(args.prompts.as_deref())?,
        back_end: None,
        intent: None,
        json: args.json,
    };
    setting.act_all(vec![told]).await
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
        phones: &args.phone,
        fixtures: &args.fixtures,
        shared: SharedSpeech::open(&args.speech.folder()),
        out: &args.out,
        libraries: Libraries::open(Some(&args.prompts))?,
        back_end: args.back_end,
        intent: args.intent,
        json: args.json,
    };
    setting.act_all(told).await
}

fn parse(name: &str, text: &str) -> Result<Told, Box<dyn Error>> {
    let scenario = text.parse().map_err(|error| format!("{name}: {error}"))?;
    Ok(Told {
        name: name.to_owned(),
        scenario,
        answers: None,
        mind: None,
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
    Ok(Told {
        answers: read_beside(&path.with_extension("yaml"), BackEnd::read)?,
        mind: read_beside(&path.with_extension("tier"), ScriptedMind::read)?,
        ..parse(&stem, &text)?
    })
}

/// What is served during a call, where there is such a file.
fn read_beside<T, E: std::fmt::Display>(
    path: &Path,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<Arc<T>>, Box<dyn Error>> {
    if !path.is_file() {
        return Ok(None);
    }
    let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| problem(&error))?;
    let told = read(&text).map_err(|error| problem(&error))?;
    Ok(Some(Arc::new(told)))
}

fn read_folder(folder: &Path) -> Result<Vec<Told>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "call")
        })
        .collect();
    paths.sort_by_cached_key(|path| by_number(path));
    if paths.is_empty() {
        return Err(format!("{} holds no scenarios (*.call)", folder.display()).into());
    }
    paths.iter().map(|path| read_file(path)).collect()
}

/// In order of the numbers that names begin with: 9 comes before 10.
fn by_number(path: &Path) -> (u64, PathBuf) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(u64::MAX), path.to_owned())
}

impl Libraries {
    fn open(folder: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(folder) = folder else {
            return Ok(Self {
                usual: Arc::default(),
                folder: None,
                by_plan: BTreeMap::new(),
            });
        };
        let usual = match Library::open(folder) {
            // Every plan may have a folder of its own, and then none is needed here.
            Err(LibraryError::Empty(_)) => Library::default(),
            other => other?,
        };
        Ok(Self {
            usual: Arc::new(usual),
            folder: Some(folder.to_owned()),
            by_plan: BTreeMap::new(),
        })
    }

    /// The prompts of the plan that a scenario calls.
    fn of(&mut self, to: Option<&str>) -> Result<Arc<Library>, LibraryError> {
        let Some((plan, folder)) = to
            .zip(self.folder.as_deref())
            .map(|(plan, folder)| (plan, folder.join(plan)))
            .filter(|(_, folder)| folder.is_dir())
        else {
            return Ok(Arc::clone(&self.usual));
        };
        if !self.by_plan.contains_key(plan) {
            let library = Arc::new(Library::open(&folder)?);
            self.by_plan.insert(plan.to_owned(), library);
        }
        Ok(Arc::clone(&self.by_plan[plan]))
    }
}

impl Setting<'_> {
    async fn act_all(mut self, told: Vec<Told>) -> Outcome {
        fs::create_dir_all(self.out)?;
        // Every clip is read and every name checked before the first call is placed.
        let (mut ready, mut skipped) = (Vec::new(), Vec::new());
        for told in told {
            match self.prepare(told)? {
                Ok(prepared) => ready.push(prepared),
                Err(missing) => skipped.push(missing),
            }
        }
        for each in skipped.iter().filter(|_| !self.json) {
            tell(format_args!("\n{each}"));
        }
        let mut calls = Vec::new();
        for (number, each) in (0u64..).zip(ready) {
            calls.push(self.act(number, each).await?);
        }
        let report = Report::new(calls, skipped);
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(self.out.join("report.json"), &json)?;
        if self.json {
            tell(&json);
        } else {
            tell(format_args!("\n{report}"));
        }
        Ok(report.went_as_told)
    }

    /// Reads what a scenario needs; one whose recorded words are not on this machine is skipped.
    fn prepare(&mut self, mut told: Told) -> Result<Result<Ready, Skipped>, Box<dyn Error>> {
        for moved in self.phones {
            told.scenario.move_phone(moved.from, moved.to);
        }
        let library = self.libraries.of(told.scenario.to.as_deref())?;
        check_names(&told, &library)?;
        match Clips::read(&told.scenario, self.fixtures, &self.shared) {
            Ok(clips) => Ok(Ok(Ready {
                told,
                clips,
                library,
            })),
            Err(error @ ClipError::NotHere { .. }) => Ok(Err(Skipped {
                name: told.name,
                title: told.scenario.title,
                why: error.to_string(),
            })),
            Err(error @ ClipError::Unreadable { .. }) => {
                Err(format!("{}: {error}", told.name).into())
            }
        }
    }

    /// Serves during a call what lies beside it, where both are told.
    async fn serve<T, F>(
        &self,
        at: Option<SocketAddr>,
        what: Option<Arc<T>>,
        answer: impl FnOnce(TcpListener, Arc<T>) -> F,
    ) -> Result<Option<JoinHandle<()>>, Box<dyn Error>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some((at, what)) = at.zip(what) else {
            return Ok(None);
        };
        let listener = TcpListener::bind(at)
            .await
            .map_err(|error| format!("{at}: {error}"))?;
        Ok(Some(tokio::spawn(answer(listener, what))))
    }

    async fn act(&self, number: u64, ready: Ready) -> Result<CallReport, Box<dyn Error>> {
        let Ready {
            told:
                Told {
                    name,
                    scenario,
                    answers,
                    mind,
                },
            clips,
            library,
        } = ready;
        let title = scenario.title.clone();
        if !self.json {
            tell(format_args!(
                "\n{}",
                format!("{name}: {title}").trim_end_matches(": ")
            ));
        }
        let dial = self.target.dial(number)?;
        let run = Run::new(scenario, clips, library, &dial.from);
        let is_told = !self.json;
        let served = [
            self.serve(self.back_end, answers, answer_requests).await?,
            self.serve(self.intent, mind, answer_questions).await?,
        ];
        let acted = call::act(&dial, run, &mut |verdict| {
            if is_told {
                tell(verdict);
            }
        })
        .await
        .map_err(|error| format!("{name}: {error}"));
        for served in served.into_iter().flatten() {
            served.abort();
            // Its address is free for the next.
            let _ = served.await;
        }
        let acted = acted?;
        let report = CallReport::new(&name, &title, &acted, self.out);
        if is_told {
            report.tell_endings();
        }
        keep_sound(&report, &acted)?;
        Ok(report)
    }
}

fn check_names(told: &Told, library: &Library) -> Result<(), Box<dyn Error>> {
    for step in &told.scenario.steps {
        if let Action::ExpectPrompt { names, .. } = &step.action
            && let Some(unknown) = names.iter().find(|name| !library.knows(name))
        {
            return Err(format!(
                "{}: line {}: there is no prompt '{unknown}' to compare with",
                told.name, step.line
            )
            .into());
        }
    }
    Ok(())
}

/// Each party's recording: what it said on the left, what it heard on the right.
fn keep_sound(report: &CallReport, acted: &Acted) -> Result<(), wav::AudioError> {
    let callers = acted
        .calls
        .iter()
        .map(|(_, call)| (&call.said, &call.heard));
    let agents = acted
        .answered
        .iter()
        .map(|(_, call)| (&call.said, &call.heard));
    for (party, (said, heard)) in report.parties.iter().zip(callers.chain(agents)) {
        wav::write(&party.recording, &[said, heard])?;
        wav::write(&party.recording.with_extension("heard.wav"), &[heard])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_own_scenarios_read() {
        let numbers: Vec<u64> = DEMO
            .into_iter()
            .map(|(name, text)| {
                parse(name, text).unwrap();
                name.split('-').next().unwrap().parse().unwrap()
            })
            .collect();
        assert_eq!(numbers, (1..=14).collect::<Vec<u64>>());
    }

    #[test]
    fn the_scenarios_of_people_read_in_the_order_of_their_numbers() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/people");
        let told = read_folder(&folder).unwrap();
        let names: Vec<&str> = told.iter().map(|told| told.name.as_str()).collect();
        let numbers: Vec<u64> = names
            .iter()
            .map(|name| name.split('-').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(numbers, (4..=14).collect::<Vec<u64>>(), "{names:?}");
        let fixtures = folder.join("../../../audio-fixtures");
        let nowhere = SharedSpeech::open(Path::new("nowhere"));
        for each in &told {
            match Clips::read(&each.scenario, &fixtures, &nowhere) {
                Ok(_) => assert!(!each.name.ends_with("zh"), "{}", each.name),
                Err(ClipError::NotHere { .. }) => assert!(each.name.ends_with("zh")),
                Err(error) => panic!("{}: {error}", each.name),
            }
        }
    }

    #[test]
    fn what_lies_beside_our_plans_reads() {
        let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dialplans");
        let (mut calls, mut back_ends) = (0, 0);
        for entry in fs::read_dir(plans).unwrap() {
            let plan = entry.unwrap().path();
            let answers = plan.join("backend.yaml");
            if answers.is_file() {
                let text = fs::read_to_string(&answers).unwrap();
                let read = crate::back_end::BackEnd::read(&text);
                assert!(read.is_ok(), "{}: {read:?}", answers.display());
                back_ends += 1;
            }
            if plan.join("callers").is_dir() {
                calls += read_folder(&plan.join("callers")).unwrap().len();
            }
        }
        assert!(calls >= 2 * back_ends && back_ends > 0);
    }

    #[test]
    fn steps_may_stand_on_the_command_line() {
        let told = read_script("expect speech within 2s; key 1; hang up").unwrap();
        assert_eq!(told.scenario.steps.len(), 3);
        assert!(read_script("missing.call").is_err());
    }
}
