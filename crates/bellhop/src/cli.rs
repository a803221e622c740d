//! The command line.

mod anger;
mod ears;
mod hearing;
mod invented;
mod models;
mod plans;
mod understanding;

pub use anger::{AngerNumbers, EmotionCalibrate};
pub use ears::{EarServerOptions, Engine, EngineOptions};
pub use hearing::{EvalBargein, EvalTurns, EvalVad, Recordings};
pub use invented::EvalInvented;
pub use models::{ModelsCommand, ModelsPlace};
pub use plans::{Check, Diff, Graph, Import, OldSystem, Schema, Test};
pub use understanding::EvalUnderstanding;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// An IVR and voice-bot media server: answers calls, listens, speaks, and fetches a person.
#[derive(Parser, Debug)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Takes calls until a signal: SIGTERM drains, a second one ends at once
    Serve(ConfigFile),
    /// Reads a configuration as the server would and says what is wrong with it
    CheckConfig(ConfigFile),
    /// Has a running server read its plans and route table again; running calls keep theirs
    ///
    /// A problem anywhere changes nothing and is shown. SIGHUP does the same, with the log to tell.
    Reload(ConfigFile),
    /// Compiles dialplans and shows every problem with its place and remedy
    ///
    /// Warnings are told and refuse no plan. The exit status is 1 when a plan is refused.
    Check(Check),
    /// Prints the language of dialplans as a JSON Schema, for editors
    Schema(Schema),
    /// Draws a dialplan, if wanted with the ways of calls over it
    Graph(Graph),
    /// Tells what is otherwise in one dialplan than in another, as its callers would notice
    Diff(Diff),
    /// Plays the conversations beside dialplans in virtual time and shows where one departs from its script
    Test(Test),
    /// Makes a dialplan of an old system's menus, and a report of what became of every part
    ///
    /// Old key sequences lead where they led. What is otherwise, or not in the plan, is told with its line in
    /// `import-report.txt` beside it. The exit status is 1 when the plan has errors.
    Import(Import),
    /// Says which plan would answer a call, and why the rows before it do not fit
    Route {
        #[command(subcommand)]
        command: RouteCommand,
    },
    /// Puts thousands of odd callers through the engine in virtual time
    Simulate(Simulate),
    /// Makes every decision of stored calls again, and shows the first that differs
    ///
    /// With other numbers for anger: what stored calls would have done with them. Their scores are judged
    /// once more, with what words and behaviour added where the plan is in the archive; what follows
    /// a decision that is now another one stands as it was stored.
    ///
    /// With another plan or policy (--with): which stored calls would have gone another way, where first,
    /// and on what. What callers would have said after that nobody knows.
    Replay(Replay),
    /// Shows calls as they happen
    Watch {
        #[command(flatten)]
        archive: ArchiveDir,
        /// End when nothing has happened for so many seconds; 0: never
        #[arg(long, default_value_t = 0)]
        idle_s: u64,
    },
    /// Looks into the archive
    Recordings {
        #[command(flatten)]
        archive: ArchiveDir,
        #[command(subcommand)]
        command: RecordingsCommand,
    },
    /// Sums up how fast replies and interruptions were in stored calls
    Latency(Latency),
    /// Works with the bot's prompts
    Prompts {
        #[command(subcommand)]
        command: PromptsCommand,
    },
    /// Hears for other machines, with the engine of a configuration
    ///
    /// The protocol stands in crates/speech/REMOTE.md; '[speech.remote]' of the others names this machine.
    EarServer(EarServerOptions),
    /// Lists, brings and checks the models that recognisers read
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// Makes models of how angry a voice sounds, and fits them to a site
    Emotion {
        #[command(subcommand)]
        command: EmotionCommand,
    },
    /// Measures recognition on recorded speech
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
}

impl Command {
    /// Whether it takes calls or turns until it is ended, whatever becomes of its output.
    pub const fn serves(&self) -> bool {
        matches!(self, Self::Serve(_) | Self::EarServer(_))
    }
}

/// Where the configuration is.
#[derive(Args, Debug)]
pub struct ConfigFile {
    /// The TOML file
    #[arg(long, default_value = "bellhop.toml")]
    pub config: PathBuf,
}

/// Where the archive is.
#[derive(Args, Debug)]
pub struct ArchiveDir {
    /// The archive's folder
    #[arg(long, default_value = "bellhop-data/archive")]
    pub archive: PathBuf,
}

/// `bellhop route …`
#[derive(Subcommand, Debug)]
pub enum RouteCommand {
    /// Explains one imagined call
    Explain {
        #[command(flatten)]
        config: ConfigFile,
        /// The trunk it comes over
        #[arg(long)]
        trunk: String,
        /// The number that is called
        #[arg(long)]
        called: String,
        /// The caller's number
        #[arg(long, default_value = "")]
        caller: String,
        /// The moment, e.g. 2026-11-20T09:30:00Z; without it: now
        #[arg(long)]
        at: Option<String>,
    },
}

/// `bellhop simulate …`
#[derive(Args, Debug)]
pub struct Simulate {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    pub seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    pub first: u64,
    /// Run whole sessions, with packets over a bad network
    #[arg(long)]
    pub sessions: bool,
    /// Run so many waiting rooms, each with several agents, from the first seed on
    #[arg(long, value_name = "N", conflicts_with = "sessions")]
    pub queues: Option<u64>,
    /// The proof of the escape: every reason for a person under every fault, as a table
    #[arg(long, conflicts_with_all = ["sessions", "queues"])]
    pub escape: bool,
    /// Plant each known fault and show that it is found
    #[arg(long, conflicts_with_all = ["sessions", "queues", "escape"])]
    pub plant_faults: bool,
}

/// `bellhop replay …`
#[derive(Args, Debug)]
pub struct Replay {
    /// Where the compiled plans are kept
    #[command(flatten)]
    pub archive: ArchiveDir,
    /// Journals, or folders of journals; with numbers for anger or --with they may be left out: all of the archive's
    #[arg(required_unless_present_any = ["anger_above", "anger_leave", "anger_speech", "with"])]
    pub journals: Vec<PathBuf>,
    /// A plan's folder, for the calls of the plan of its name; or a YAML file with rules as under a plan's 'policy:', for all
    #[arg(long, value_name = "PLAN|POLICY", conflicts_with_all = ["anger_above", "anger_leave", "anger_speech"])]
    pub with: Option<PathBuf>,
    #[command(flatten)]
    pub anger: AngerNumbers,
}

/// `bellhop recordings …`
#[derive(Subcommand, Debug)]
pub enum RecordingsCommand {
    /// Lists calls, the latest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Only calls that were owed a person for this reason
        #[arg(long)]
        reason: Option<String>,
    },
    /// Tells one call
    Show {
        /// The call's id
        call: call_model::CallId,
    },
    /// Reads audio and journals again and compares their hashes
    Verify {
        /// Call ids; without any: every call
        calls: Vec<call_model::CallId>,
    },
    /// Hears calls again that are over, with the engine of [speech.again], and keeps what it hears beside them
    Revise {
        #[command(flatten)]
        config: ConfigFile,
        /// Call ids; without any: every call of which nothing is kept yet
        calls: Vec<call_model::CallId>,
    },
    /// Lists the callbacks that were promised
    Callbacks,
}

/// `bellhop prompts …`
#[derive(Subcommand, Debug)]
pub enum PromptsCommand {
    /// Writes the constant prompts of a plan as WAV files, one a wording, with a list of their words
    Export {
        #[command(flatten)]
        config: ConfigFile,
        /// The plan's name
        #[arg(long)]
        plan: String,
        /// The folder for the files
        #[arg(long)]
        out: PathBuf,
    },
}

/// `bellhop eval …`
#[derive(Subcommand, Debug)]
pub enum EvalCommand {
    /// Recognises the clips of a manifest with a grammar
    Asr(EvalAsr),
    /// Looks for escalation words in sentences, and counts false ones in other speech
    Escalation(EvalEscalation),
    /// Tells which of two languages each clip of a manifest is in
    Languages(EvalLanguages),
    /// Counts what is understood in silence, noise, music and tones, where nobody speaks
    Invented(EvalInvented),
    /// Tells anger from other moods in recordings, and holds the figures against what is asked
    Emotion(EvalEmotion),
    /// Holds what plans make of written utterances against what their callers meant
    ///
    /// Each text goes the way it would in a call without an intent tier: escalation words first, then the
    /// question's routes, where a tie is not sure.
    Understanding(EvalUnderstanding),
    /// Tells when speech is noticed on a line, and what else is taken for speech
    ///
    /// Times count from the sound's arrival, so the delay of the jitter buffer is in them.
    Vad(EvalVad),
    /// Lets callers speak over prompts in whole calls, and lets sounds disturb prompts that are no interruption
    ///
    /// The call's session, recogniser and codec are the real ones; time is virtual, so the
    /// recogniser's own thinking takes none of it.
    Bargein(EvalBargein),
    /// Lets callers answer questions with pauses in what they say, and tells when their turns were taken to be over
    ///
    /// Digits in groups, yes and no, words, and sentences are put together of recordings, so that
    /// their ends are known.
    Turns(EvalTurns),
    /// Compares what real calls understood with what was spoken in them
    Calls {
        #[command(flatten)]
        archive: ArchiveDir,
        /// What was spoken, as `loadtest speech` writes it
        #[arg(long)]
        spoken: PathBuf,
        /// Fail when fewer utterances are right, in percent
        #[arg(long)]
        require_right: Option<f64>,
        /// Fail when fewer slots are understood, in percent
        #[arg(long)]
        require_slots: Option<f64>,
    },
}

/// `bellhop latency …`
#[derive(Args, Debug)]
pub struct Latency {
    /// Journals, or folders of journals
    #[arg(required = true)]
    pub journals: Vec<PathBuf>,
    /// Fail when the median reply takes more milliseconds
    #[arg(long)]
    pub require_reply_p50: Option<u64>,
    /// Fail when more than 5 % of the replies take more milliseconds
    #[arg(long)]
    pub require_reply_p95: Option<u64>,
    /// Fail when more than 5 % of the prompts are lowered later than so many milliseconds
    #[arg(long)]
    pub require_duck_p95: Option<u64>,
    /// Fail when an interrupted prompt is silent later than so many milliseconds
    #[arg(long)]
    pub require_silence_max: Option<u64>,
}

/// `bellhop eval asr …`
#[derive(Args, Debug)]
pub struct EvalAsr {
    #[command(flatten)]
    pub recordings: Recordings,
    /// What may be said, a JSGF file in the language of --language, or of its own script; without one,
    /// any text of the recordings
    #[arg(long)]
    pub grammar: Option<PathBuf>,
    /// The recordings are foreign to the grammar and must be rejected
    #[arg(long, requires = "grammar")]
    pub foreign: bool,
    /// Also hear as foreign speech what these corpora of the manifest hold, in any language, that the grammar cannot
    /// say: how much of it is accepted, as shipped and where 95 % of the others are
    #[arg(long, value_name = "CORPUS", conflicts_with = "foreign")]
    pub against: Vec<String>,
    /// Search for the usual escalation words beside the grammar, as in a call
    #[arg(long)]
    pub escalation: bool,
    /// Turns that are heard at once for what each takes of memory and CPU time
    #[arg(long, default_value_t = 4, value_name = "TURNS")]
    pub at_once: usize,
    /// Show each recording that was not understood rightly, with what was
    #[arg(long)]
    pub misses: bool,
    #[command(flatten)]
    pub engine: EngineOptions,
}

/// `bellhop eval escalation …`
#[derive(Args, Debug)]
pub struct EvalEscalation {
    /// Only this language
    #[arg(long)]
    pub language: Option<call_model::Language>,
    /// Which half of the set
    #[arg(long, value_enum, default_value_t = SetPart::Both)]
    pub part: SetPart,
    #[command(flatten)]
    pub engine: EngineOptions,
    /// The folder with the lists of sentences
    #[arg(long, default_value = "audio-fixtures/escalation")]
    pub lists: PathBuf,
    /// A folder of real speech with its manifest.csv
    #[arg(long, default_value = "../shared/speech")]
    pub speech: PathBuf,
    /// A folder of telephone prompts
    #[arg(long, default_value = "/usr/share/asterisk/sounds/en_US_f_Allison")]
    pub prompts: PathBuf,
    /// Take only every so manieth utterance
    #[arg(long, default_value_t = 1)]
    pub every: usize,
    /// Turns of a call, after which what was learnt of the line is forgotten; with 1 nobody was ever heard before
    #[arg(long, default_value_t = 4)]
    pub turns_a_call: usize,
    /// A sound that lies beneath all speech
    #[arg(long, requires = "snr")]
    pub noise: Option<PathBuf>,
    /// So many decibels beneath it
    #[arg(long, requires = "noise", allow_hyphen_values = true)]
    pub snr: Option<f32>,
    /// Print the counts as JSON
    #[arg(long)]
    pub json: bool,
    /// Fail when fewer words are found in a language, in percent
    #[arg(long)]
    pub require_found: Option<f64>,
    /// Fail when more words that nobody said are found in a language, in an hour of speech
    #[arg(long)]
    pub require_false_per_hour: Option<f64>,
}

/// `bellhop eval languages …`
#[derive(Args, Debug)]
pub struct EvalLanguages {
    /// A CSV file: path, corpus, speaker, language, text, slots …
    #[arg(long)]
    pub manifest: PathBuf,
    /// What may be said in English, a JSGF file
    #[arg(long)]
    pub english: PathBuf,
    /// What may be said in Mandarin, a JSGF file
    #[arg(long)]
    pub mandarin: PathBuf,
    /// Only these corpora of the manifest
    #[arg(long)]
    pub corpus: Vec<String>,
    /// Folders with models
    #[arg(long, default_value = "/usr/share/pocketsphinx/model")]
    pub models: Vec<PathBuf>,
    /// Fail when fewer clips of a language are given to it, in percent
    #[arg(long)]
    pub require_right: Option<f64>,
}

/// `bellhop emotion …`
#[derive(Subcommand, Debug)]
pub enum EmotionCommand {
    /// Trains a model on labelled recordings
    Train(EmotionTrain),
    /// Fixes where 80 lies at this site, by its stored calls
    ///
    /// The point is put as low as keeps the budget of calm calls: each call's voice is judged once more,
    /// pooled over three utterances with four seconds of speech behind them. The stored log-odds are
    /// taken as they are, with the site's offset of their time taken off: calls from before it had
    /// settled are better left out.
    Calibrate(EmotionCalibrate),
}

/// `bellhop emotion train …`
#[derive(Args, Debug)]
pub struct EmotionTrain {
    /// A CSV file: path, corpus, speaker, emotion, better also gender, language, licence
    #[arg(long)]
    pub manifest: PathBuf,
    /// The model file
    #[arg(long)]
    pub out: PathBuf,
    /// The model's name
    #[arg(long, default_value = "anger-acted")]
    pub name: String,
    /// The licence of the weights, which may follow from that of the recordings
    #[arg(long, default_value = "as the recordings")]
    pub licence: String,
    /// Of all that is random in it: the same seed gives the same model
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// No figures in the model's card: they take six trainings more
    #[arg(long)]
    pub no_figures: bool,
}

/// `bellhop eval emotion …`
#[derive(Args, Debug)]
pub struct EvalEmotion {
    /// A CSV file: path, corpus, speaker, emotion, better also gender, language
    #[arg(long)]
    pub manifest: PathBuf,
    /// The model; speakers that it was trained on are judged by models trained without them
    #[arg(long, default_value = "crates/voice-emotion/models/anger-acted.json")]
    pub model: PathBuf,
    /// Also beside one to six calm utterances of the same speaker
    #[arg(long)]
    pub caller_baseline: bool,
    /// Also over lines that are so many dB louder and quieter
    #[arg(long, allow_hyphen_values = true, value_delimiter = ',')]
    pub gain: Vec<f32>,
    /// Also with white and babble noise so many dB below the speech
    #[arg(long, value_delimiter = ',')]
    pub snr: Vec<f32>,
    /// Also with so many percent of the frames lost
    #[arg(long, value_delimiter = ',')]
    pub loss: Vec<f32>,
    /// Also on so many seconds from somewhere within each recording
    #[arg(long, value_delimiter = ',')]
    pub cut: Vec<f32>,
    /// Also in simulated calls of fourteen utterances, and in calls of five short ones
    #[arg(long)]
    pub calls: bool,
    /// Also what it costs
    #[arg(long)]
    pub cost: bool,
    /// Also by models that are trained on one corpus and judge another
    #[arg(long)]
    pub cross_corpus: bool,
    /// All of these, with 12 dB, 10 dB, 5 % and 1 s
    #[arg(long)]
    pub all: bool,
    /// Draw reliability, ROC and one call's curve into this folder
    #[arg(long)]
    pub plots: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// A half of a set, or both.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetPart {
    /// The half that thresholds may be fitted on
    Tune,
    /// The half that is only measured
    Held,
    /// Both
    Both,
}

/// What callers' telephones speak.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineCodec {
    /// µ-law, as in North America and Japan.
    Ulaw,
    /// A-law, as elsewhere.
    Alaw,
    /// Opus (8 kHz, 12 kbit/s), as far as a gateway that makes µ-law of it; --loss is lost before the gateway,
    /// which conceals it.
    Opus,
}
