//! The command line.

use crate::call::Dial;
use crate::sip::{Callee, Codec};
use clap::{Args, Parser, Subcommand};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

/// The longest call of any command but `hold`.
const LONGEST_CALL: Duration = Duration::from_secs(600);

/// A caller made of software: real SIP, real RTP, judged by sound.
#[derive(Parser, Debug)]
#[command(name = "loadtest", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Place one call and play a scenario.
    Call(CallArgs),
    /// Place the demo's calls, one after another, and print what was measured.
    Demo(DemoArgs),
    /// Speak the clips of a manifest through real calls.
    Speech(SpeechArgs),
    /// Hold many silent calls at once.
    Hold(HoldArgs),
    /// Place many short calls at a rate.
    Rate(RateArgs),
    /// Compare a recording with a prompt.
    Compare(CompareArgs),
    /// Try every outcome of an agent's phone with a caller who leaves at every step.
    AgentsMatrix(MatrixArgs),
    /// Measure from the end of a word that calls for a person to an agent's phone ringing.
    Reaching(ReachingArgs),
    /// Measure whether angry callers reach an agent by the sound of their voice, and only they.
    Moods(MoodsArgs),
    /// Measure the clock of a caller who is kept waiting against the wall.
    WaitClock(WaitClockArgs),
    /// Answer open questions over the intent contract, well or badly.
    IntentService(IntentServiceArgs),
    /// Answer a plan's requests as its backend.yaml tells.
    BackEnd(BackEndArgs),
}

/// Whom to call, and as whom.
#[derive(Args, Clone, Debug)]
pub struct TargetArgs {
    /// sip:HOST:PORT, or with a user: sip:USER@HOST:PORT.
    #[arg(long)]
    pub target: String,
    /// The called user or number; otherwise the target's own.
    #[arg(long)]
    pub to: Option<String>,
    /// The calling user or number.
    #[arg(long, default_value = "loadtest")]
    pub from: String,
    /// The codec offered.
    #[arg(long, value_enum, default_value_t = Codec::Pcmu)]
    pub codec: Codec,
    /// Call a target, and send media to an address, that is not on this machine's loopback.
    #[arg(long)]
    pub allow_remote: bool,
}

/// Where recorded speech lies that is no part of the project.
#[derive(Args, Debug)]
pub struct SpeechFolder {
    /// A folder with a manifest.csv (path, language, text) for `say zh:人工`; otherwise
    /// $BELLHOP_SHARED/speech, or ../shared/speech.
    #[arg(long = "speech", value_name = "DIR")]
    named: Option<PathBuf>,
}

impl SpeechFolder {
    /// The folder, which need not be there.
    pub fn folder(&self) -> PathBuf {
        self.named.clone().unwrap_or_else(|| {
            let shared = std::env::var_os("BELLHOP_SHARED");
            PathBuf::from(shared.unwrap_or_else(|| "../shared".into())).join("speech")
        })
    }
}

/// A phone that is elsewhere than scenarios say, `FROM=TO`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Its address in the scenarios.
    pub from: SocketAddr,
    /// Its address now.
    pub to: SocketAddr,
}

impl std::str::FromStr for Moved {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once('=').ok_or("FROM=TO is expected")?;
        let address = |text: &str| {
            let read: Result<SocketAddr, _> = text.parse();
            read.map_err(|_| format!("'{text}' is no address: 127.0.0.1:15071 is one"))
        };
        Ok(Self {
            from: address(from)?,
            to: address(to)?,
        })
    }
}

/// `loadtest call`.
#[derive(Args, Debug)]
pub struct CallArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// A scenario file, or its steps in place, separated by ';'.
    #[arg(long)]
    pub script: String,
    /// The folder of reference prompts, NAME.LANGUAGE.wav; those of a plan that a scenario calls by
    /// its `to:` may lie in a folder of that name inside.
    #[arg(long)]
    pub prompts: Option<PathBuf>,
    /// An agent's phone that is elsewhere than scenarios say: FROM=TO, such as
    /// 127.0.0.1:15071=127.0.0.1:25071.
    #[arg(long)]
    pub phone: Vec<Moved>,
    /// The folder of callers' voices.
    #[arg(long, default_value = "audio-fixtures")]
    pub fixtures: PathBuf,
    /// Recorded speech.
    #[command(flatten)]
    pub speech: SpeechFolder,
    /// Where the recording and the report go.
    #[arg(long)]
    pub out: PathBuf,
    /// Print the report as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `loadtest demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// The folder of reference prompts, NAME.LANGUAGE.wav; those of a plan that a scenario calls by
    /// its `to:` may lie in a folder of that name inside.
    #[arg(long)]
    pub prompts: PathBuf,
    /// An agent's phone that is elsewhere than scenarios say: FROM=TO, such as
    /// 127.0.0.1:15071=127.0.0.1:25071.
    #[arg(long)]
    pub phone: Vec<Moved>,
    /// The folder of callers' voices.
    #[arg(long, default_value = "audio-fixtures")]
    pub fixtures: PathBuf,
    /// Recorded speech.
    #[command(flatten)]
    pub speech: SpeechFolder,
    /// Where recordings and the report go.
    #[arg(long)]
    pub out: PathBuf,
    /// Other scenarios than the demo's own: a folder of *.call, taken in order of their names.
    #[arg(long)]
    pub scenarios: Option<PathBuf>,
    /// Where the plan's back end is expected: during each call NAME.call the answers of the NAME.yaml
    /// beside it are served there, if there is one.
    #[arg(long, value_name = "HOST:PORT", requires = "scenarios")]
    pub back_end: Option<SocketAddr>,
    /// Where the server expects its intent tier: during each call NAME.call one is served there that
    /// answers as the NAME.tier beside it has it, if there is one.
    #[arg(long, value_name = "HOST:PORT", requires = "scenarios")]
    pub intent: Option<SocketAddr>,
    /// Print the report as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `loadtest speech`.
#[derive(Args, Debug)]
pub struct SpeechArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// A CSV with the columns path, corpus, speaker, text and slots; paths are beside it.
    #[arg(long)]
    pub manifest: PathBuf,
    /// Only this corpus of the manifest.
    #[arg(long)]
    pub corpus: String,
    /// The CSV to write: what was said in which call.
    #[arg(long)]
    pub out: PathBuf,
    /// Clips a call.
    #[arg(long, default_value_t = 20)]
    pub per_call: usize,
    /// Calls at once.
    #[arg(long, default_value_t = 1)]
    pub parallel: usize,
    /// So long the prompt must have been quiet before a clip is spoken, in milliseconds.
    #[arg(long, default_value_t = 400)]
    pub quiet_ms: u64,
    /// The longest wait for an answer, in seconds; then the next clip is spoken, and after two
    /// without an answer the call is left.
    #[arg(long, default_value_t = 5)]
    pub patience: u64,
    /// No more clips than this, from the manifest's beginning.
    #[arg(long)]
    pub most: Option<usize>,
}

/// `loadtest hold`.
#[derive(Args, Debug)]
pub struct HoldArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Calls at once.
    #[arg(long, default_value_t = 200)]
    pub calls: usize,
    /// How long each is held once answered, in seconds.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Calls placed a second.
    #[arg(long, default_value_t = 50.0)]
    pub cps: f64,
    /// Print the figures as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `loadtest rate`.
#[derive(Args, Debug)]
pub struct RateArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Calls in all.
    #[arg(long, default_value_t = 2_000)]
    pub calls: usize,
    /// Calls placed a second.
    #[arg(long, default_value_t = 50.0)]
    pub cps: f64,
    /// How long each lasts once answered, in milliseconds.
    #[arg(long, default_value_t = 500)]
    pub hold_ms: u64,
    /// Print the figures as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `loadtest compare`.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// What was recorded: WAV or FLAC, one channel.
    pub recording: PathBuf,
    /// The prompt as it should sound.
    pub reference: PathBuf,
    /// How far each 200 ms may stand beside the one before, in milliseconds, for recorders that
    /// drop or insert sound.
    #[arg(long, default_value_t = 20)]
    pub slack_ms: u32,
    /// The least share of windows that must match.
    #[arg(long, default_value_t = 0.9)]
    pub least: f32,
}

/// What every measurement with an agent's phone needs.
#[derive(Args, Debug)]
pub struct PeopleArgs {
    /// Whom to call.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Where this agent's phone is reached; the server must know it as the one agent of the queue.
    #[arg(long, default_value = "127.0.0.1:15071")]
    pub agent: SocketAddr,
    /// The folder of reference prompts, NAME.LANGUAGE.wav.
    #[arg(long)]
    pub prompts: Option<PathBuf>,
    /// The folder of callers' voices.
    #[arg(long, default_value = "audio-fixtures")]
    pub fixtures: PathBuf,
    /// Recorded speech.
    #[command(flatten)]
    pub speech: SpeechFolder,
}

/// `loadtest agents-matrix`.
#[derive(Args, Debug)]
pub struct MatrixArgs {
    /// Whom to call, and what rings.
    #[command(flatten)]
    pub people: PeopleArgs,
    /// What the caller says to be owed a person at once: VOICE/CLIP.
    #[arg(long, default_value = "rms/complaint.wav")]
    pub says: String,
    /// How long a caller waits who never leaves by itself, in seconds.
    #[arg(long, default_value_t = 12)]
    pub patience: u64,
    /// Where the server tells its metrics, HOST:PORT: no call may be left there in the end.
    #[arg(long)]
    pub metrics: Option<SocketAddr>,
    /// After the last call, so many seconds later nothing may be left.
    #[arg(long, default_value_t = 35)]
    pub settle: u64,
    /// Only cases whose name holds this, such as `busy` or `whisper`.
    #[arg(long)]
    pub only: Option<String>,
}

/// `loadtest reaching`.
#[derive(Args, Debug)]
pub struct ReachingArgs {
    /// Whom to call, and what rings.
    #[command(flatten)]
    pub people: PeopleArgs,
    /// A CSV with the columns path, word, kind and end_ms; paths are in the fixtures.
    #[arg(long, default_value = "audio-fixtures/words.csv")]
    pub words: PathBuf,
    /// Say sentences made of recorded Mandarin words instead.
    #[arg(long)]
    pub mandarin: bool,
    /// A CSV with those sentences: the columns part, class, word and text, words apart.
    #[arg(long, default_value = "audio-fixtures/escalation/sentences-zh.csv")]
    pub sentences: PathBuf,
    /// No more calls than this, spread over the table.
    #[arg(long)]
    pub most: Option<usize>,
    /// The slowest that all calls but 5 % may be, in milliseconds.
    #[arg(long)]
    pub require_p95: Option<u64>,
    /// The share of sentences that must reach an agent, in percent.
    #[arg(long)]
    pub require_found: Option<f64>,
}

/// `loadtest moods`.
#[derive(Args, Debug)]
pub struct MoodsArgs {
    /// Whom to call, and what rings. The called plan listens on whatever is said.
    #[command(flatten)]
    pub people: PeopleArgs,
    /// A CSV with the callers' voices: the columns path, speaker, emotion and level_dbov.
    #[arg(long)]
    pub clips: PathBuf,
    /// Where what they say is written.
    #[arg(long)]
    pub out: PathBuf,
    /// Only callers of this character, for instance "calm, then angry".
    #[arg(long)]
    pub only: Option<String>,
    /// The place of the list's first speaker among all who call: by it they are calm for longer or less long
    /// before they are angry.
    #[arg(long, default_value_t = 0)]
    pub place: usize,
    /// Where a row a call is written: speaker, owed, reached, utterances, character.
    #[arg(long, value_name = "CSV")]
    pub report: Option<PathBuf>,
    /// The share of angry callers who must reach an agent, in percent.
    #[arg(long)]
    pub require_angry: Option<f64>,
    /// The share of the others who may, in percent.
    #[arg(long)]
    pub require_others: Option<f64>,
}

/// `loadtest wait-clock`.
#[derive(Args, Debug)]
pub struct WaitClockArgs {
    /// Whom to call, and what rings.
    #[command(flatten)]
    pub people: PeopleArgs,
    /// The limit that the called plan's policy sets, in seconds.
    #[arg(long)]
    pub limit: f64,
    /// What ends the wait: the prompt that begins when the limit is passed.
    #[arg(long, default_value = "line.callback_offer")]
    pub prompt: String,
    /// What the caller says or keys, one after another, each after a pause of the bot's: VOICE/CLIP,
    /// or `key:` and keys. Words want hearing, and that is a wait of its own before the queue's.
    #[arg(long, value_delimiter = ',', default_value = "key:0,key:0")]
    pub says: Vec<String>,
    /// Calls, one after another.
    #[arg(long, default_value_t = 5)]
    pub calls: u64,
    /// The largest error of any call, in milliseconds.
    #[arg(long)]
    pub require_error: Option<u64>,
}

/// `loadtest intent-service`.
#[derive(Args, Debug)]
pub struct IntentServiceArgs {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8765")]
    pub listen: SocketAddr,
    /// How long it thinks before the first sentence, in milliseconds.
    #[arg(long, default_value_t = 200)]
    pub after_ms: u64,
    /// How long it thinks before each further sentence, in milliseconds.
    #[arg(long, default_value_t = 100)]
    pub between_ms: u64,
    /// What it does wrong.
    #[arg(long, value_enum, default_value_t = Fault::None)]
    pub fault: Fault,
    /// Ends by itself after so many seconds; otherwise when it is told to.
    #[arg(long)]
    pub seconds: Option<u64>,
}

/// `loadtest back-end`.
#[derive(Args, Debug)]
pub struct BackEndArgs {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8099")]
    pub listen: SocketAddr,
    /// What it answers: a plan's backend.yaml.
    #[arg(long)]
    pub answers: PathBuf,
}

/// What an intent service does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Fault {
    /// Nothing.
    None,
    /// It takes questions and never says a word.
    Dead,
    /// What it says is no JSON.
    Garbled,
    /// It never comes to an end.
    Endless,
    /// It goes away after its first sentence.
    BreaksOff,
}

/// Why a target cannot be called.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TargetError {
    /// Not `sip:[USER@]HOST[:PORT]`, or a name nobody knows.
    #[error("'{0}' is no target: sip:HOST:PORT is expected")]
    Unreadable(String),
    /// It leaves this machine.
    #[error("{0} is not on this machine; --allow-remote calls it all the same")]
    Remote(SocketAddr),
}

impl TargetArgs {
    /// The callee, once it is sure that it may be called.
    pub fn callee(&self) -> Result<Callee, TargetError> {
        let unreadable = || TargetError::Unreadable(self.target.clone());
        let rest = self.target.strip_prefix("sip:").unwrap_or(&self.target);
        let (user, host) = match rest.split_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, rest),
        };
        let has_port = host.parse::<SocketAddr>().is_ok() || host.split(':').count() == 2;
        let host = if has_port {
            host.to_owned()
        } else {
            format!("{host}:5060")
        };
        let mut addresses = host.to_socket_addrs().map_err(|_| unreadable())?;
        let address = addresses.next().ok_or_else(unreadable)?;
        if !address.ip().is_loopback() && !self.allow_remote {
            return Err(TargetError::Remote(address));
        }
        let user = self.to.as_deref().or(user).unwrap_or("front-desk");
        Ok(Callee {
            user: user.to_owned(),
            address,
        })
    }

    /// A call to that callee. `number` tells the calls of one run apart.
    pub fn dial(&self, number: u64) -> Result<Dial, TargetError> {
        Ok(Dial {
            callee: self.callee()?,
            from: self.from.clone(),
            codec: self.codec,
            seed: run_seed().wrapping_add(number),
            keep_audio: true,
            answer_within: Duration::from_secs(10),
            allow_remote: self.allow_remote,
            longest: LONGEST_CALL,
        })
    }
}

/// Other for every run, so that no two runs share a Call-ID.
fn run_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::OnceLock;
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| RandomState::new().hash_one(std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(target: &str, allow_remote: bool) -> Result<Callee, TargetError> {
        let args = TargetArgs {
            target: target.to_owned(),
            to: None,
            from: "a".into(),
            codec: Codec::Pcmu,
            allow_remote,
        };
        args.callee()
    }

    #[test]
    fn a_target_is_read_with_and_without_user_and_port() {
        for (text, user, address) in [
            ("sip:127.0.0.1:5070", "front-desk", "127.0.0.1:5070"),
            ("sip:4711@127.0.0.1", "4711", "127.0.0.1:5060"),
            ("127.0.0.1", "front-desk", "127.0.0.1:5060"),
            ("sip:[::1]:5070", "front-desk", "[::1]:5070"),
        ] {
            let callee = target(text, false).unwrap();
            assert_eq!(
                (callee.user.as_str(), callee.address),
                (user, address.parse().unwrap())
            );
        }
    }

    #[test]
    fn nothing_leaves_this_machine_unasked() {
        let error = target("sip:192.0.2.1:5060", false).unwrap_err();
        assert_eq!(
            error,
            TargetError::Remote("192.0.2.1:5060".parse().unwrap())
        );
        assert!(target("sip:192.0.2.1:5060", true).is_ok());
        assert!(matches!(
            target("sip:a b c", true),
            Err(TargetError::Unreadable(_))
        ));
    }

    #[test]
    fn a_phone_is_moved_from_one_address_to_another() {
        let moved: Moved = "127.0.0.1:15071=127.0.0.1:25071".parse().unwrap();
        assert_eq!((moved.from.port(), moved.to.port()), (15_071, 25_071));
        for bad in ["127.0.0.1:1", "x=127.0.0.1:1", "127.0.0.1:1=x"] {
            assert!(bad.parse::<Moved>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
