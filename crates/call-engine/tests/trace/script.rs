//! The script of a trace: lines such as `  1.200 > says "yes" for 0.4`.

use call_model::{
    ApiFailure, ApiOutcome, CallInput, CallTime, EmotionScore, HungUp, IntentFailure, IntentNews,
    Key, PerMille, PersonFailure, PersonOutcome, Score,
};
use std::time::Duration;

/// What a trace's lines with `>` ask for.
#[derive(Debug)]
pub struct Script {
    /// The comments and the plan's name, as they stand at the top.
    pub head: Vec<String>,
    pub plan: String,
    /// The route chose the language, unless a line says `# language: unknown`.
    pub language_is_fixed: bool,
    /// With a line `# tier: asked ahead`.
    pub tier_is_asked_ahead: bool,
    pub is_number_withheld: bool,
    /// The clock on the wall as the call begins, in milliseconds of Unix time: `# started: …`.
    pub started: u64,
    pub steps: Vec<Step>,
    /// The script ends the trace here.
    pub until: CallTime,
}

/// One line of the script.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: CallTime,
    /// The line as written, without its time.
    pub written: String,
    pub act: Act,
}

/// What happens at a step.
#[derive(Clone, Debug)]
pub enum Act {
    Speaks(Utterance),
    Presses(Vec<Key>),
    News(CallInput),
    /// The intent tier says this to the latest question.
    Tier(IntentNews),
    /// The back end does this with the request of this number, or with the latest.
    BackEnd(Option<u32>, ApiOutcome),
    /// From now on prompts cannot be played, or results do not come.
    Breaks(Broken),
    /// From now on all is well again.
    Mends,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// Prompts end as failed.
    Prompts,
    /// Prompts never begin to sound.
    Sound,
    Results,
}

/// Something the caller says.
#[derive(Clone, Debug)]
pub struct Utterance {
    /// Empty: sound without words.
    pub text: String,
    pub length: Duration,
    pub fit: Fit,
    /// Escalation words the ear's search finds, with the share of the utterance
    /// (in percent) at which each begins.
    pub spots: Vec<(String, u32)>,
}

/// How the words fit the grammar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    Complete,
    /// Complete, and hardly understood.
    Unsure,
    Open,
    Incomplete,
    /// The ear rejects them.
    None,
    /// It rejects them, and is not sure of the words either.
    Guess,
    /// It guesses words while they sound, believes none of them, and rejects them in the end.
    Doubtful,
}

pub fn parse(text: &str) -> Script {
    let mut script = Script {
        head: Vec::new(),
        plan: "desk".to_owned(),
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        is_number_withheld: false,
        started: 1,
        steps: Vec::new(),
        until: CallTime::ZERO,
    };
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            if script.steps.is_empty() {
                script.head.push(line.to_owned());
            }
            if line == "# language: unknown" {
                script.language_is_fixed = false;
            }
            if line == "# number: withheld" {
                script.is_number_withheld = true;
            }
            if line == "# tier: asked ahead" {
                script.tier_is_asked_ahead = true;
            }
            if let Some(started) = line.strip_prefix("# started: ") {
                let millis = started.split_whitespace().next().unwrap_or_default();
                script.started = millis.parse().expect("milliseconds");
            }
            if let Some(plan) = line.strip_prefix("# plan: ") {
                script.plan = plan.trim().to_owned();
            }
        } else if let Some((at, written)) = line.split_once(" > ") {
            let at = time(at);
            let written = written.trim().to_owned();
            if written == "end" {
                script.until = at;
            } else {
                let act = act(&written, at);
                script.steps.push(Step { at, written, act });
            }
        }
    }
    assert!(
        script.until > CallTime::ZERO,
        "a script ends with 'T > end'"
    );
    script
}

pub fn time(text: &str) -> CallTime {
    CallTime::ZERO + seconds(text)
}

fn seconds(text: &str) -> Duration {
    let text = text.trim();
    let value: f64 = text
        .parse()
        .unwrap_or_else(|_| panic!("'{text}' is no time"));
    Duration::from_millis((value * 1_000.0).round() as u64)
}

fn act(written: &str, at: CallTime) -> Act {
    let (verb, rest) = written.split_once(' ').unwrap_or((written, ""));
    match verb {
        "says" | "slurs" | "whispers" | "mutters" | "grunts" | "begins" | "trails" => {
            Act::Speaks(utterance(verb, rest))
        }
        "coughs" => Act::Speaks(sound("0.2")),
        "mumbles" => Act::Speaks(sound(rest)),
        "presses" => {
            let key = |face| Key::try_from(face).expect("a key");
            Act::Presses(rest.chars().map(key).collect())
        }
        "breaks" => Act::Breaks(match rest {
            "prompts" => Broken::Prompts,
            "sound" => Broken::Sound,
            "results" => Broken::Results,
            other => panic!("what breaks: '{other}'?"),
        }),
        "mends" => Act::Mends,
        "tier" => Act::Tier(tier(rest)),
        "back" => {
            let number = rest.split_whitespace().nth(1).unwrap_or_default();
            match number.parse() {
                Ok(number) => {
                    let rest = rest.replacen(&format!("{number} "), "", 1);
                    Act::BackEnd(Some(number), back_end(&rest))
                }
                Err(_) => Act::BackEnd(None, back_end(rest)),
            }
        }
        _ => Act::News(news(written, at)),
    }
}

/// `tier says "…"`, `asks "…"`, `sets slot to "…"`, `goes to node`, `escalates`,
/// `ends`, `is done`, `fails garbled`.
fn tier(rest: &str) -> IntentNews {
    let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let quoted = || rest.split('"').nth(1).map(|text| text.to_owned().into());
    match verb {
        "says" => IntentNews::Say {
            text: quoted().expect("words in quotes"),
        },
        "asks" => IntentNews::Ask { text: quoted() },
        "sets" => IntentNews::Set {
            slot: rest.split_whitespace().next().expect("a slot").to_owned(),
            value: quoted().expect("a value in quotes"),
        },
        "goes" => IntentNews::Goto {
            node: rest.trim_start_matches("to ").to_owned(),
        },
        "escalates" => IntentNews::Escalate {
            why: "it is beyond me".to_owned(),
        },
        "ends" => IntentNews::End,
        "is" => IntentNews::Done,
        "fails" => IntentNews::Failed {
            why: match rest {
                "absent" => IntentFailure::NotConfigured,
                "unreachable" => IntentFailure::Unreachable,
                "late" => IntentFailure::TimedOut,
                "garbled" => IntentFailure::Garbled,
                "endless" => IntentFailure::Overrun,
                other => panic!("how does the tier fail: '{other}'?"),
            },
        },
        other => panic!("the tier '{other}'?"),
    }
}

/// `back end answers 200 state=shipped`, `back end fails late`; `back end 2 answers 200` for the
/// second request of the call.
fn back_end(rest: &str) -> ApiOutcome {
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.as_slice() {
        ["end", "answers", status, fields @ ..] => ApiOutcome::Answered {
            status: status.parse().expect("a status"),
            fields: fields
                .iter()
                .map(|field| {
                    let (slot, value) = field.split_once('=').expect("slot=value");
                    (slot.to_owned(), value.to_owned().into())
                })
                .collect(),
        },
        ["end", "fails", "late"] => ApiOutcome::Failed {
            why: ApiFailure::TimedOut,
        },
        ["end", "fails", "unreachable"] => ApiOutcome::Failed {
            why: ApiFailure::Unreachable,
        },
        ["end", "fails", "garbled"] => ApiOutcome::Failed {
            why: ApiFailure::Garbled,
        },
        ["end", "fails", status] => ApiOutcome::Failed {
            why: ApiFailure::Status(status.parse().expect("a status")),
        },
        _ => panic!("'back {rest}'?"),
    }
}

fn sound(length: &str) -> Utterance {
    Utterance {
        text: String::new(),
        length: seconds(length),
        fit: Fit::None,
        spots: Vec::new(),
    }
}

/// `says "…" for 0.8 spots agent@50`: *says* is a complete answer, *slurs* one
/// that is not understood for sure, *begins* one that could go on, *trails* one that breaks off, *whispers* one that is rejected,
/// *mutters* one that is rejected and hardly understood, *grunts* one of whose words none is believed.
fn utterance(verb: &str, rest: &str) -> Utterance {
    let mut parts = rest.splitn(3, '"');
    let text = parts.nth(1).expect("words in quotes").to_owned();
    let rest = parts.next().unwrap_or_default();
    let (length, spots) = rest.split_once(" spots ").unwrap_or((rest, ""));
    let length = length.trim().trim_start_matches("for ").trim();
    Utterance {
        text,
        length: seconds(length),
        fit: match verb {
            "says" => Fit::Complete,
            "slurs" => Fit::Unsure,
            "begins" => Fit::Open,
            "trails" => Fit::Incomplete,
            "mutters" => Fit::Guess,
            "grunts" => Fit::Doubtful,
            _ => Fit::None,
        },
        spots: spots.split_whitespace().map(spot).collect(),
    }
}

fn spot(text: &str) -> (String, u32) {
    let (word, share) = text.split_once('@').expect("word@percent");
    (word.replace('_', " "), share.parse().expect("a percentage"))
}

fn news(written: &str, at: CallTime) -> CallInput {
    match written {
        "answered" => CallInput::Answered,
        "holds" => CallInput::CallerHeld,
        "returns" => CallInput::CallerReturned,
        "hangs up" => CallInput::HungUp(HungUp::ByCaller),
        "longest call is over" => CallInput::HungUp(HungUp::TooLong),
        "sound is lost" => CallInput::HungUp(HungUp::MediaLost),
        "server stops" => CallInput::HungUp(HungUp::Drained),
        "ear is lost" => CallInput::EarLost,
        "ear is back" => CallInput::EarRestored,
        "server drains" => CallInput::Draining,
        "a part fails" => CallInput::Failed {
            what: "disk".to_owned(),
        },
        "person rings" => CallInput::Person(PersonOutcome::Ringing),
        "room is full" => CallInput::Person(PersonOutcome::Failed(PersonFailure::QueueFull)),
        "everybody is at home" => {
            CallInput::Person(PersonOutcome::Failed(PersonFailure::AfterHours))
        }
        "person connects" => CallInput::Person(PersonOutcome::Connected),
        "person leaves" => CallInput::Person(PersonOutcome::Left),
        "nobody answers" => CallInput::Person(PersonOutcome::Failed(PersonFailure::NoAnswer)),
        "nobody is configured" => {
            CallInput::Person(PersonOutcome::Failed(PersonFailure::NoneConfigured))
        }
        _ => match written.strip_prefix("stands behind ") {
            Some(ahead) => CallInput::Person(PersonOutcome::Queued {
                ahead: ahead.parse().expect("a number"),
            }),
            None => anger(written, at),
        },
    }
}

/// `anger 2 at 85.0 over 3.5`: utterance 2, points, seconds of speech.
fn anger(written: &str, at: CallTime) -> CallInput {
    let words: Vec<&str> = written.split_whitespace().collect();
    let ["anger", utterance, "at", points, "over", speech] = words.as_slice() else {
        panic!("'{written}' says nothing known");
    };
    let tenths: f64 = points.parse().expect("points");
    CallInput::Emotion(EmotionScore {
        utterance: utterance.parse().expect("a number"),
        at,
        anger: Score::from_tenths((tenths * 10.0).round() as u16),
        log_odds_milli: 0,
        probability: PerMille::ZERO,
        arousal: Score::ZERO,
        speech_micros: u64::try_from(seconds(speech).as_micros()).expect("short"),
        confidence: PerMille::ONE,
        is_calibrated: false,
        reasons: Vec::new(),
    })
}
