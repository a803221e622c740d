//! Golden traces: a script of what the caller does, and beside it all that the
//! call does. The shell around the call is the plainest there is: a prompt
//! starts 20 ms after `Play` and lasts three seconds, a voice is noticed 80 ms
//! after it begins and missed 200 ms after it ends, words are understood
//! 120 ms after they were said, and a result takes 80 ms.

mod script;
mod shell;
mod shown;

use call_engine::Call;
use call_model::{CallHeader, CallId, Language, RecordingChoice};
use dialplan::{Plan, PlanSources};
use std::path::PathBuf;
use std::sync::Arc;

/// Plays the script in `traces/<name>.<language>.trace` and compares; with
/// `BELLHOP_BLESS=1` writes down what happened instead, for a person to read.
pub fn check(name: &str, language: Language) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/traces")
        .join(format!("{name}.{language}.trace"));
    let written = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let script = script::parse(&written);
    let plan = Arc::new(plan(&script.plan));
    let caller = match script.is_number_withheld {
        true => "",
        false => "caller",
    };
    let header = CallHeader {
        caller: caller.to_owned().into(),
        language_is_fixed: script.language_is_fixed,
        tier_is_asked_ahead: script.tier_is_asked_ahead,
        started_unix_millis: script.started,
        ..header(&plan, language)
    };
    let call = Call::new(&header, Arc::clone(&plan));
    let played = shell::play(call, &script);
    if std::env::var_os("BELLHOP_BLESS").is_some() {
        std::fs::write(&path, &played).expect("the trace can be written");
        return;
    }
    assert_eq!(played, written, "{path:?} (left: what happened now)");
}

fn plan(name: &str) -> Plan {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/plans")
        .join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let mut sources = PlanSources::of_head(text);
    for language in [Language::En, Language::Zh] {
        let grammar = format!("{name}.{}.jsgf", language.tag());
        if let Ok(text) = std::fs::read_to_string(path.with_file_name(&grammar)) {
            sources.texts.insert(grammar, text);
        }
    }
    let parts = path.with_file_name("parts");
    for file in std::fs::read_dir(&parts).expect("parts of plans") {
        let file = file.expect("a part").path();
        let name = file.file_name().and_then(|name| name.to_str());
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        let name = format!("parts/{}", name.expect("a name"));
        sources.texts.insert(name, text);
    }
    match Plan::compile(&sources) {
        Ok(plan) => plan,
        Err(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{name}:\n{}", problems.join("\n"));
        }
    }
}

fn header(plan: &Plan, language: Language) -> CallHeader {
    CallHeader {
        call: CallId::new(1, 1),
        sip_call_id: "trace".to_owned(),
        started_unix_millis: 1,
        trunk: "test".to_owned(),
        caller: "caller".to_owned().into(),
        called: "100".to_owned(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: call_engine::ENGINE_VERSION.to_owned(),
        language,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: 1,
        recording: RecordingChoice::Off,
    }
}
