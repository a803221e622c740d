use super::*;
use call_archive::{Archive, ArchiveSettings};
use call_model::{
    CallAction, CallHeader, CallInput, CallOutcome, Decision, HungUp, Hypothesis, JournalEntry,
    JournalLine, PerMille, Private, RecordingChoice, TurnId,
};
use dialplan::PlanSources;
use speech::HearingStream;
use std::path::Path;
use std::sync::Mutex;

/// An engine that says a line a turn, `None` where it fails, and keeps what it was given.
#[derive(Default)]
pub(super) struct Lines {
    says: Vec<Option<&'static str>>,
    given: Mutex<Vec<(u32, Vec<i16>)>>,
}

struct LineStream {
    turn: TurnId,
    says: Option<&'static str>,
}

/// An engine that is to say this panics.
pub(super) const PANIC: &str = "panic";
pub(super) const ENGINE_FAILED: &str = "the engine is gone";

impl Lines {
    pub(super) fn saying(says: &[Option<&'static str>]) -> Arc<Self> {
        Arc::new(Self {
            says: says.to_vec(),
            given: Mutex::default(),
        })
    }

    fn given(&self) -> Vec<(u32, Vec<i16>)> {
        self.given.lock().expect("whole").clone()
    }
}

/// The engine and what listens for it.
pub(super) struct Ear(pub(super) Arc<Lines>);

impl Recognizer for Ear {
    fn prepare(
        &self,
        _: &[Arc<call_model::PhraseGrammar>],
        _: &[Arc<call_model::EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let mut given = self.0.given.lock().expect("whole");
        let says = self.0.says.get(given.len()).copied().flatten();
        given.push((request.turn.0, Vec::new()));
        let stream = LineStream {
            turn: request.turn,
            says,
        };
        Ok(Box::new(Noting(stream, Arc::clone(&self.0))))
    }

    fn name(&self) -> &str {
        "better"
    }
}

struct Noting(LineStream, Arc<Lines>);

impl HearingStream for Noting {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        let mut given = self.1.given.lock().expect("whole");
        if let Some((_, sound)) = given.last_mut() {
            sound.extend(frame.samples);
        }
        Ok(None)
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        let LineStream { turn, says } = self.0;
        assert_ne!(says, Some(PANIC), "as it was told to");
        let Some(says) = says else {
            return Err(SpeechError::Engine(ENGINE_FAILED.to_owned()));
        };
        let spotted = Vec::new();
        Ok(match says {
            "" => Heard::NoMatch {
                turn,
                rejected: None,
                spotted,
                language: None,
            },
            says => Heard::Final {
                turn,
                best: reading(says),
                others: Vec::new(),
                spotted,
                language: None,
            },
        })
    }
}

fn reading(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.to_owned().into(),
        confidence: PerMille::new(900),
        words: Vec::new(),
    }
}

/// An archive with the plan of all its calls.
pub(super) struct Stored {
    /// Goes with it.
    _folder: tempfile::TempDir,
    pub(super) archive: Archive,
    plan: Plan,
}

impl Stored {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(ArchiveSettings::new(folder.path()))
            .expect("opens")
            .0;
        let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans/front-desk");
        let plan = Plan::compile(&PlanSources::read(&plans).expect("reads")).expect("compiles");
        archive
            .keep_plan(plan.digest(), &plan.to_json())
            .expect("kept");
        Self {
            _folder: folder,
            archive,
            plan,
        }
    }

    pub(super) fn header(&self, number: u64, recording: RecordingChoice) -> CallHeader {
        let started = 1_767_225_600_000 + number * 60_000;
        CallHeader {
            call: CallId::new(started, u128::from(number)),
            sip_call_id: String::new(),
            started_unix_millis: started,
            trunk: "test".to_owned(),
            caller: Private::default(),
            called: "100".to_owned(),
            plan: self.plan.name().to_owned(),
            plan_digest: self.plan.digest().to_owned(),
            engine_version: String::new(),
            language: Language::En,
            language_is_fixed: true,
            tier_is_asked_ahead: false,
            seed: number,
            recording,
        }
    }

    /// Stores a call in which "one" was understood from 1.4 to 2 s, and something sensitive from 3.4 to 4 s. The
    /// caller's samples count the milliseconds of the recording, which begins 100 ms after the call.
    pub(super) fn call(&self, number: u64, recording: RecordingChoice) -> CallId {
        let header = self.header(number, recording);
        let mut writer = self.archive.begin(&header).expect("begun");
        for frame in 0..200_i16 {
            let caller = std::array::from_fn(|at| frame * 20 + (at / 8) as i16);
            writer.append_audio(&caller, &[0; FRAME_SAMPLES]);
        }
        let entered = |is_sensitive| {
            CallAction::Decide(Decision::Entered {
                node: "ask".to_owned(),
                is_sensitive,
            })
        };
        let listen = |turn| CallAction::Listen {
            turn: TurnId(turn),
            grammar: None,
            language: Language::En,
            also: None,
        };
        let started = |ms| CallInput::SpeechStarted {
            since: CallTime::from_millis(ms),
        };
        let heard = |turn, text| {
            CallInput::Heard(Heard::Final {
                turn: TurnId(turn),
                best: reading(text),
                others: Vec::new(),
                spotted: Vec::new(),
                language: None,
            })
        };
        let story = [
            (100, JournalEntry::In(CallInput::Answered)),
            (200, JournalEntry::Out(listen(1))),
            (1_400, JournalEntry::In(started(1_400))),
            (
                2_000,
                JournalEntry::Out(CallAction::FinishHearing(TurnId(1))),
            ),
            (2_010, JournalEntry::In(heard(1, "one"))),
            (2_020, JournalEntry::Out(entered(true))),
            (2_030, JournalEntry::Out(listen(2))),
            (3_400, JournalEntry::In(started(3_400))),
            (
                4_000,
                JournalEntry::Out(CallAction::FinishHearing(TurnId(2))),
            ),
            (4_010, JournalEntry::In(heard(2, "four one one one"))),
        ];
        for (ms, entry) in story {
            let line = JournalLine::At(CallTime::from_millis(ms), entry);
            writer.append_journal(&line).expect("kept");
        }
        let end = CallOutcome::Ended(HungUp::ByCaller);
        writer.seal(CallTime::from_millis(4_100), end);
        self.archive.flush().expect("written");
        header.call
    }

    fn reviser(&self, engine: &Arc<Lines>) -> Reviser {
        let engine = Arc::new(Ear(Arc::clone(engine)));
        Reviser::new(self.archive.reader(), self.archive.revisions(), engine)
    }

    fn files(&self, call: CallId) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let paths = self.archive.paths(call);
        let read = |path: &Path| std::fs::read(path).expect("a file");
        (read(&paths.wav), read(&paths.journal), read(&paths.seal))
    }
}

#[test]
fn a_call_is_heard_again_turn_by_turn_beside_what_it_was() {
    let stored = Stored::new();
    let call = stored.call(1, RecordingChoice::On);
    let before = stored.files(call);
    let engine = Lines::saying(&[Some("nine")]);
    let revised = stored
        .reviser(&engine)
        .revise(call, &mut || true)
        .expect("revised");
    assert_eq!(
        revised,
        Revised {
            turns: 1,
            changed: 1
        }
    );

    // From 400 ms before speech was noticed: 1,000 ms of the call are 900 ms of its recording.
    let given = engine.given();
    assert_eq!(given.len(), 1, "what is sensitive is not listened to");
    let (turn, sound) = &given[0];
    assert_eq!(
        (*turn, sound.len(), sound[0], sound[7_999]),
        (1, 8_000, 900, 1_899)
    );

    let story = stored.archive.show(call).expect("a story");
    let shown = show(&story);
    assert!(shown.contains("heard again  by better"), "{shown}");
    assert!(shown.contains("“one” → “nine”  [-one +nine]"), "{shown}");
    assert!(
        shown.contains("sensitive") && !shown.contains("four"),
        "{shown}"
    );
    let revision = story.revision.expect("kept");
    assert_eq!(revision.turns[1].heard, HeardAgain::Sensitive);
    assert_eq!(stored.files(call), before);
    let report = stored
        .archive
        .verify(call)
        .expect("a look")
        .expect("sealed");
    assert!(report.is_intact(), "{report:?}");
}

#[test]
fn an_engine_that_fails_leaves_the_call_and_says_why() {
    let stored = Stored::new();
    let call = stored.call(1, RecordingChoice::On);
    let reviser = &mut stored.reviser(&Lines::saying(&[None]));
    let why = match reviser.revise(call, &mut || true) {
        Err(Unrevised::Failed(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(!stored.archive.revisions().has(call));
    reviser.leave(call, &why).expect("kept");
    let story = stored.archive.show(call).expect("a story");
    let shown = show(&story);
    assert!(
        shown.starts_with("left as it is") && shown.contains(ENGINE_FAILED),
        "{shown}"
    );
    assert!(
        stored
            .archive
            .verify(call)
            .expect("a look")
            .expect("sealed")
            .is_intact()
    );

    // Where the engine is well again, the call can be heard after all.
    let well = Lines::saying(&[Some("one")]);
    let revised = stored
        .reviser(&well)
        .revise(call, &mut || true)
        .expect("revised");
    assert_eq!(
        revised,
        Revised {
            turns: 1,
            changed: 0
        }
    );
}

#[test]
fn what_was_not_recorded_or_is_not_what_was_sealed_is_not_heard() {
    let stored = Stored::new();
    let engine = Lines::saying(&[Some("one"), Some("one")]);
    let left = |call| match stored.reviser(&engine).revise(call, &mut || true) {
        Err(Unrevised::Left(why)) => why,
        other => panic!("{other:?}"),
    };
    let unrecorded = stored.call(1, RecordingChoice::Off);
    assert!(left(unrecorded).contains("not recorded"));
    let changed = stored.call(2, RecordingChoice::On);
    let wav = stored.archive.paths(changed).wav;
    let mut sound = std::fs::read(&wav).expect("sound");
    sound[1_000] ^= 1;
    std::fs::write(&wav, sound).expect("written");
    assert!(left(changed).contains("sealed"));
    assert!(engine.given().is_empty());
}

#[test]
fn between_two_turns_it_stops_where_there_is_no_more_time() {
    let stored = Stored::new();
    let call = stored.call(1, RecordingChoice::On);
    let engine = Lines::saying(&[Some("one")]);
    let stopped = stored.reviser(&engine).revise(call, &mut || false);
    assert!(matches!(stopped, Err(Unrevised::Stopped)));
    assert!(engine.given().is_empty() && !stored.archive.revisions().has(call));
}
