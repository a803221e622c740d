//! The configuration: one TOML file, every key documented here and shown in
//! `deploy/bellhop.toml`. A key nobody reads is an error with its place.

mod again;
mod outside;
mod people;
mod speech;
mod whisper;

pub use again::AgainKeys;
pub use outside::{IntentKeys, IntentKind, OutboundKeys, VoiceServiceKeys, WebhookKeys};
pub use people::{AgentKeys, PeopleKeys, QueueKeys};
pub use speech::{RecognizerKind, RemoteEarKind, RemoteKeys, Speech};
pub use whisper::WhisperKeys;

use crate::routes::{Route, Schedule};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub sip: Sip,
    pub media: Media,
    pub http: Http,
    pub limits: Limits,
    pub plans: Plans,
    pub speech: Speech,
    pub voice: Voice,
    /// How angry callers sound; without it no voice is scored.
    pub emotion: Option<EmotionKeys>,
    pub archive: ArchiveKeys,
    pub drain: Drain,
    /// The remote mind; without it plans live by their own rules.
    pub intent: Option<IntentKeys>,
    /// Who is told of handoffs; without it nobody is.
    pub webhook: Option<WebhookKeys>,
    pub outbound: OutboundKeys,
    /// Time zone of every `[[route]]` schedule, an IANA name.
    pub timezone: Option<String>,
    pub trunk: Vec<TrunkKeys>,
    pub people: PeopleKeys,
    pub agent: Vec<AgentKeys>,
    pub queue: Vec<QueueKeys>,
    pub route: Vec<Route>,
}

/// `[sip]`: where calls arrive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// Where SIP over UDP is received.
    pub listen: SocketAddr,
    /// The address peers reach us at, when it is not the one we listen on.
    pub public_address: Option<IpAddr>,
    /// Whether SIP over TCP is received too, on the same port.
    pub tcp: bool,
}

/// `[media]`: RTP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// The address RTP sockets are bound to.
    pub listen: IpAddr,
    /// First and last UDP port for RTP; each call takes one even port.
    pub ports: PortRange,
    /// Media threads; 0: one a core.
    pub shards: usize,
    /// Accept RTP from another address than SDP named, once, and lock to it.
    pub nat: bool,
    /// A call without any RTP for so long is over.
    pub inactivity_s: u64,
    /// A call is over after so long.
    pub longest_call_s: u64,
}

/// An inclusive range of UDP ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

/// `[http]`: health and metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The environment variable with the bearer token for `/metrics`; without it only loopback may read them.
    pub metrics_token_env: Option<String>,
}

/// `[limits]`: what all trunks share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls at the same time; the next one gets 503 with Retry-After.
    pub calls: usize,
}

/// `[plans]`: the dialplans.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plans {
    /// A folder that holds one folder a plan.
    pub dir: PathBuf,
}

/// Which program speaks what no audio file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoiceKind {
    /// flite for English where it is installed, espeak-ng for the rest.
    Installed,
    EspeakNg,
    Flite,
    /// A voice elsewhere, by HTTP, for the languages that it has voices for.
    Service,
}

/// `[voice]`: the bot's voice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Voice {
    pub engine: VoiceKind,
    /// Where spoken prompts are kept between starts.
    pub cache: PathBuf,
    /// With `engine = "service"`: where it is.
    pub service: Option<VoiceServiceKeys>,
}

/// `[emotion]`: the score of anger in the caller's voice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmotionKeys {
    /// The model's file, as `bellhop emotion train` writes it.
    pub model: PathBuf,
    /// Where running statistics of this site's voices are kept between starts: how its lines
    /// and callers as a whole stand off those of the model. None: they are learnt anew.
    pub site: Option<PathBuf>,
    /// Threads that score; 0: one a core.
    #[serde(default)]
    pub workers: usize,
}

impl EmotionKeys {
    fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [&mut self.model].into_iter().chain(&mut self.site)
    }
}

/// What happens to calls when nothing can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnArchiveFailure {
    RefuseCalls,
    GoOnUnrecorded,
}

/// `[archive]`: recordings, journals, index.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArchiveKeys {
    pub dir: PathBuf,
    pub on_failure: OnArchiveFailure,
}

/// `[drain]`: what SIGTERM does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drain {
    /// Running calls may go on for so long; then they are told goodbye.
    pub limit_s: u64,
}

/// `[[trunk]]`: a peer that may send calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkKeys {
    pub name: String,
    /// Addresses or networks, e.g. `127.0.0.0/8`.
    pub allow: Vec<String>,
    /// Calls at the same time.
    #[serde(default = "default_trunk_calls")]
    pub calls: usize,
    /// New calls a second.
    pub calls_per_second: Option<u32>,
}

fn default_trunk_calls() -> usize {
    200
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(LOOPBACK, 5060),
            public_address: None,
            tcp: false,
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            listen: LOOPBACK,
            ports: PortRange {
                first: 20_000,
                last: 29_999,
            },
            shards: 0,
            nat: false,
            inactivity_s: 30,
            longest_call_s: 3_600,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(LOOPBACK, 8080),
            metrics_token_env: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 500 }
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            dir: "dialplans".into(),
        }
    }
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            engine: VoiceKind::Installed,
            cache: "bellhop-data/voice".into(),
            service: None,
        }
    }
}

impl Default for ArchiveKeys {
    fn default() -> Self {
        Self {
            dir: "bellhop-data/archive".into(),
            on_failure: OnArchiveFailure::RefuseCalls,
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self { limit_s: 30 }
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Why a configuration cannot be used; the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}; give the file with --config")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}: {message}")]
    Malformed { path: PathBuf, message: String },
    #[error("{path}: {problem}")]
    Meaningless { path: PathBuf, problem: String },
}

impl Config {
    /// Reads and checks a file; paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| ConfigError::Malformed {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        config.anchor(path.parent().unwrap_or(Path::new(".")));
        match config.problems().into_iter().next() {
            Some(problem) => Err(ConfigError::Meaningless {
                path: path.to_owned(),
                problem,
            }),
            None => Ok(config),
        }
    }

    fn anchor(&mut self, folder: &Path) {
        let paths = [
            &mut self.plans.dir,
            &mut self.voice.cache,
            &mut self.archive.dir,
        ];
        let music = self
            .queue
            .iter_mut()
            .filter_map(|queue| queue.music.as_mut());
        for path in paths
            .into_iter()
            .chain(&mut self.speech.models)
            .chain(self.speech.whisper.iter_mut().map(|keys| &mut keys.model))
            .chain(self.emotion.iter_mut().flat_map(EmotionKeys::paths))
            .chain(music)
        {
            *path = folder.join(&*path);
        }
    }

    /// The time zone of the route schedules; UTC where none is named.
    pub fn zone(&self) -> Result<jiff::tz::TimeZone, jiff::Error> {
        match &self.timezone {
            Some(name) => jiff::tz::TimeZone::get(name),
            None => Ok(jiff::tz::TimeZone::UTC),
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let ports = self.media.ports;
        if ports.first < 1_024 || ports.last <= ports.first {
            found.push(format!(
                "media.ports: {} to {} is no range of ports above 1023; give a larger last",
                ports.first, ports.last
            ));
        }
        if let Err(error) = self.zone() {
            found.push(format!(
                "timezone: {error}; give an IANA name such as \"Asia/Shanghai\""
            ));
        }
        for trunk in &self.trunk {
            if trunk.allow.is_empty() {
                found.push(format!(
                    "trunk '{}': allow is empty, so nobody could call; name addresses or networks",
                    trunk.name
                ));
            }
        }
        found.extend(people::problems(&self.agent, &self.queue));
        found.extend(self.speech_problems());
        for (index, route) in self.route.iter().enumerate() {
            found.extend(self.route_problems(index + 1, route));
        }
        found.extend(self.outside_problems());
        found
    }

    fn route_problems(&self, number: usize, route: &Route) -> Vec<String> {
        let mut found = Vec::new();
        let known = |name: &String| self.trunk.iter().any(|trunk| &trunk.name == name);
        if let Some(name) = route.trunk.as_ref().filter(|name| !known(name)) {
            found.push(format!(
                "route {number}: trunk '{name}' is not a [[trunk]] of this file"
            ));
        }
        if let Some(Err(error)) = route.time.as_deref().map(str::parse::<Schedule>) {
            found.push(format!("route {number}: {error}"));
        }
        found
    }

    /// Threads to start for a setting where 0 means one a core.
    pub fn threads(setting: usize) -> usize {
        match setting {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bellhop.toml");
        std::fs::write(&path, text).expect("written");
        Config::read(&path)
    }

    #[test]
    fn a_mistyped_key_is_refused_with_its_line() {
        let error = read("[sip]\nlisten = \"127.0.0.1:5060\"\n\n[media]\nport = 3\n").unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.contains("line 5") && shown.contains("port"),
            "{shown}"
        );
        assert!(shown.contains("bellhop.toml"), "{shown}");
    }

    #[test]
    fn a_route_names_a_trunk_that_exists_and_a_time_that_is_one() {
        let trunk = "[[trunk]]\nname = \"a\"\nallow = [\"127.0.0.1\"]\n";
        let route = "[[route]]\nplan = \"p\"\ntrunk = \"b\"\n";
        assert!(
            read(&format!("{trunk}{route}"))
                .unwrap_err()
                .to_string()
                .contains("'b'")
        );
        let route = "[[route]]\nplan = \"p\"\ntime = \"mon-fri 9\"\n";
        assert!(
            read(&format!("{trunk}{route}"))
                .unwrap_err()
                .to_string()
                .contains("route 1")
        );
    }

    #[test]
    fn the_commented_example_is_a_valid_configuration() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/bellhop.toml");
        let config = Config::read(Path::new(example)).expect("the example holds");
        assert!(config.sip.listen.ip().is_loopback() && config.http.listen.ip().is_loopback());
    }
}
