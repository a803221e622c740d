//! A whole call is heard again when it is over, and reviewers see both.

mod support;

use call_model::{EscalationWords, Heard, Hypothesis, PcmFrame, PerMille, PhraseGrammar, TurnId};
use speech::remote::{EarServer, EarServerSettings};
use speech::{HearingRequest, HearingStream, Recognizer, SpeechError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use support::{Caller, Server, bellhop};

/// A plan that asks for something anybody may hear, then for something sensitive.
const PLAN: &str = "
plan: desk
languages: [en]
start: menu
recording: on
notice: none
people: {otherwise: callback}
nodes:
  menu:
    ask: Yes?
    routes: {card: {en: [opening hours], key: 1}}
    no_input: [Yes?, then: person]
    no_match: [Yes?, then: person]
  card:
    collect: Your card?
    slot: card
    digits: {min: 4, max: 4}
    sensitive: true
    no_input: [Your card?, then: person]
    no_match: [Your card?, then: person]
    next: menu
";

const FIRST: &str = "opening hours";
const SECRET: &str = "four one one one";
const AFTERWARDS: &str = "opening flowers";

/// Understands the two answers while the call goes on, and the first one otherwise afterwards.
#[derive(Default)]
struct Ear {
    is_over: AtomicBool,
    /// Nobody is in a call.
    is_quiet: AtomicBool,
    /// A call was heard again while somebody was.
    was_rude: AtomicBool,
    live: AtomicUsize,
    afterwards: AtomicUsize,
}

struct Stream(TurnId, &'static str);

impl Recognizer for Ear {
    fn prepare(
        &self,
        _: &[Arc<PhraseGrammar>],
        _: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let says = if self.is_over.load(SeqCst) {
            self.afterwards.fetch_add(1, SeqCst);
            self.was_rude.fetch_or(!self.is_quiet.load(SeqCst), SeqCst);
            AFTERWARDS
        } else if self.live.fetch_add(1, SeqCst) == 0 {
            FIRST
        } else {
            SECRET
        };
        Ok(Box::new(Stream(request.turn, says)))
    }

    fn name(&self) -> &str {
        "test"
    }
}

impl HearingStream for Stream {
    fn push(&mut self, _: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        Ok(None)
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        Ok(Heard::Final {
            turn: self.0,
            best: Hypothesis {
                text: self.1.to_owned().into(),
                confidence: PerMille::new(900),
                words: Vec::new(),
            },
            others: Vec::new(),
            spotted: Vec::new(),
            language: None,
        })
    }
}

fn server(ear: &EarServer) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plans/desk");
    std::fs::create_dir_all(&plan).expect("a folder");
    std::fs::write(plan.join("flow.yaml"), PLAN).expect("a plan");
    let plans = folder.path().join("plans");
    let more = format!(
        "[speech.remote]\nkind = \"bellhop\"\nurls = [\"ws://{}/\"]\nfall_back = \"none\"\n\
         [speech.again]\nengine = \"remote\"\ncalls_max = 0\n",
        ear.address()
    );
    Server::start_with(folder, "remote", &plans, "desk", &more)
}

fn recording(name: &str) -> Vec<i16> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../audio-fixtures/kal16");
    speech::eval::read_sound(&fixtures.join(name)).expect("a recording")
}

#[test]
fn a_call_that_is_over_is_heard_again_and_shown_beside_what_was_understood() {
    let engine = Arc::new(Ear::default());
    let settings = EarServerSettings::new("127.0.0.1:0".parse().expect("an address"), 8);
    let ear = EarServer::start(Arc::clone(&engine) as Arc<dyn Recognizer>, settings);
    let ear = ear.expect("an ear server");
    let server = server(&ear);
    let folder = server.folder.path().to_owned();
    let shown = |call: &str| {
        bellhop(
            &["recordings", "--archive", "archive", "show", call],
            &folder,
        )
        .0
    };

    let mut caller = Caller::call(&server, "100");
    caller.stay(Duration::from_secs(1));
    for (answer, turns) in [("opening-hours.wav", 1), ("digit-4.wav", 2)] {
        while engine.live.load(SeqCst) < turns {
            caller.say(&recording(answer));
            caller.stay(Duration::from_secs(2));
        }
    }
    caller.stay(Duration::from_secs(1));
    assert_eq!(server.nice_of("revising"), [19]);
    engine.is_over.store(true, SeqCst);
    // Somebody else is still in a call, for longer than it takes to look for calls that are due.
    let mut other = Caller::call(&server, "101");
    caller.hang_up();
    let metrics = || server.get("/metrics");
    server.wait_until("over", || metrics().contains("how=\"ByCaller\"} 1"));
    other.stay(Duration::from_secs(6));
    engine.is_quiet.store(true, SeqCst);
    other.hang_up();
    server.wait_until("heard again", || {
        metrics().contains("bellhop_calls_heard_again_total{outcome=\"revised\"} 2")
    });
    let (list, _) = bellhop(&["recordings", "--archive", "archive", "list"], &folder);
    let call = list.lines().nth(2).and_then(|line| line.split(' ').next());
    let call = call.expect("a call").to_owned();
    let told = shown(&call);
    assert!(told.contains("heard again  by remote at"), "{told}");
    assert!(
        told.contains("“opening hours” → “opening flowers”  [-hours +flowers]"),
        "{told}"
    );
    assert!(
        told.contains("not listened to") && !told.contains(SECRET),
        "{told}"
    );
    assert!(!engine.was_rude.load(SeqCst), "callers come first");
    assert_eq!(
        engine.afterwards.load(SeqCst),
        1,
        "what is sensitive is not heard again"
    );
    let log = server.log();
    assert!(!log.contains("flowers"), "words in the log:\n{log}");

    let replay = ["replay", "--archive", "archive", "archive/calls"];
    let (told, is_same) = bellhop(&replay, &folder);
    assert!(is_same && told.contains("2 journals"), "{told}");

    let verify = || bellhop(&["recordings", "--archive", "archive", "verify"], &folder);
    assert!(verify().1, "{}", verify().0);
    let revised = revision(&server.archive(), &call);
    let kept = std::fs::read_to_string(&revised).expect("a revision");
    assert!(!kept.contains(SECRET), "{kept}");
    std::fs::write(&revised, kept.replace("flowers", "powers")).expect("written");
    let (told, is_good) = verify();
    assert!(
        !is_good && told.contains("heard afterwards CHANGED"),
        "{told}"
    );

    // The engine dies: the call stays as it is, and the reason is told.
    std::fs::write(&revised, &kept).expect("written");
    drop(ear);
    let again = [
        "recordings",
        "--archive",
        "archive",
        "revise",
        call.as_str(),
    ];
    let (told, is_good) = bellhop(&again, &folder);
    assert!(!is_good && told.contains("left as it is"), "{told}");
    assert_eq!(std::fs::read_to_string(&revised).expect("a revision"), kept);
    assert!(verify().1, "{}", verify().0);
}

/// The revision of a call.
fn revision(folder: &Path, call: &str) -> std::path::PathBuf {
    let mut folders = vec![folder.join("calls")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(format!("{call}.revised.json")) {
                return path;
            }
        }
    }
    panic!("no revision");
}
