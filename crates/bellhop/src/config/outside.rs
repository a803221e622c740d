//! What lies beyond the trunk: `[intent]`, `[webhook]`, `[outbound]`, `[voice.service]`.

use super::{Config, Voice, VoiceKind};
use call_model::Language;
use http::Uri;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How the remote mind is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntentKind {
    /// Our streaming contract, JSON over WebSocket.
    WebSocket,
    /// An OpenAI-compatible chat-completion endpoint.
    Chat,
}

/// `[intent]`: the remote mind, for what plans leave open.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentKeys {
    pub kind: IntentKind,
    /// Where it is: `ws://` or `wss://`, for chat `http://` or `https://`.
    pub url: String,
    /// The model, for chat alone.
    pub model: Option<String>,
    /// The environment variable with the key that is sent as a bearer token.
    pub key_env: Option<String>,
    /// It is asked in a pause that may be a turn's end already.
    #[serde(default)]
    pub ahead: bool,
}

/// `[webhook]`: who is told of every handoff.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookKeys {
    /// Where handoffs are posted, `http://` or `https://`.
    pub url: String,
    /// The environment variable with the secret that signs them.
    pub secret_env: String,
}

/// `[voice.service]`: a voice elsewhere that answers OpenAI's requests for speech.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceServiceKeys {
    /// Where it is, `http://` or `https://`.
    pub url: String,
    /// The model, as the service knows it.
    pub model: String,
    /// The name of a voice for each language; the others are spoken by what is installed.
    pub voices: BTreeMap<Language, String>,
    /// The environment variable with the key that is sent as a bearer token.
    pub key_env: Option<String>,
    /// How long one text may take.
    #[serde(default = "usual_limit_ms")]
    pub limit_ms: u64,
}

const fn usual_limit_ms() -> u64 {
    10_000
}

/// `[outbound]`: how calls of ours go out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundKeys {
    /// Every call goes by this address; without it, by its target's own.
    pub proxy: Option<SocketAddr>,
    /// Who we are, where the other side asks (digest).
    pub user: Option<String>,
    /// The environment variable with the password.
    pub password_env: Option<String>,
}

impl Config {
    pub(super) fn outside_problems(&self) -> Vec<String> {
        let intent = self.intent.iter().flat_map(IntentKeys::problems);
        let webhook = self.webhook.iter().flat_map(WebhookKeys::problems);
        let outbound = self.outbound.problems();
        let voice = self.voice.problems();
        intent.chain(webhook).chain(outbound).chain(voice).collect()
    }

    /// The variables that the file names and the environment lacks, with where they are named.
    pub fn absent_variables(&self) -> Vec<String> {
        let named = [
            ("http.metrics_token_env", &self.http.metrics_token_env),
            ("outbound.password_env", &self.outbound.password_env),
        ];
        let named = named.map(|(key, name)| (key, name.as_deref()));
        let intent = self
            .intent
            .as_ref()
            .and_then(|keys| keys.key_env.as_deref());
        let webhook = self.webhook.as_ref().map(|keys| keys.secret_env.as_str());
        let ears = self.speech.remote.as_ref();
        let ears = ears.and_then(|keys| keys.token_env.as_deref());
        let voice = self.voice.service.as_ref();
        let voice = voice.and_then(|keys| keys.key_env.as_deref());
        let outside = [
            ("voice.service.key_env", voice),
            ("intent.key_env", intent),
            ("webhook.secret_env", webhook),
            ("speech.remote.token_env", ears),
        ];
        let is_absent = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
        let named = named.into_iter().chain(outside);
        named
            .filter_map(|(key, name)| Some((key, name.filter(|name| is_absent(name))?)))
            .map(|(key, name)| {
                format!("{key} names {name}, which is not in the environment; set it")
            })
            .collect()
    }
}

impl IntentKeys {
    fn problems(&self) -> Vec<String> {
        let schemes = match self.kind {
            IntentKind::WebSocket => ["ws", "wss"],
            IntentKind::Chat => ["http", "https"],
        };
        let mut found: Vec<_> = address_problem("intent.url", &self.url, schemes)
            .into_iter()
            .collect();
        let model = match (self.kind, &self.model) {
            (IntentKind::Chat, None) => {
                Some("intent.model: chat needs the name of a model; give one")
            }
            (IntentKind::WebSocket, Some(_)) => {
                Some("intent.model: a model is for kind = \"chat\"; leave it out")
            }
            (IntentKind::Chat, Some(_)) | (IntentKind::WebSocket, None) => None,
        };
        found.extend(model.map(str::to_owned));
        found
    }
}

impl WebhookKeys {
    fn problems(&self) -> Option<String> {
        address_problem("webhook.url", &self.url, ["http", "https"])
    }
}

impl Voice {
    fn problems(&self) -> Vec<String> {
        match (self.engine, &self.service) {
            (VoiceKind::Service, Some(keys)) => {
                let address = address_problem("voice.service.url", &keys.url, ["http", "https"]);
                let voices = keys.voices.is_empty().then(|| {
                    "voice.service.voices: no language has a voice; give e.g. { en = \"NAME\" }"
                        .to_owned()
                });
                address.into_iter().chain(voices).collect()
            }
            (VoiceKind::Service, None) => {
                vec!["voice: engine = \"service\" needs a section [voice.service]; give one".to_owned()]
            }
            (VoiceKind::Installed | VoiceKind::EspeakNg | VoiceKind::Flite, Some(_)) => vec![
                "voice.service: it is for engine = \"service\" alone; leave it out, or set the engine"
                    .to_owned(),
            ],
            (VoiceKind::Installed | VoiceKind::EspeakNg | VoiceKind::Flite, None) => Vec::new(),
        }
    }
}

impl OutboundKeys {
    fn problems(&self) -> Option<String> {
        (self.user.is_some() != self.password_env.is_some()).then(|| {
            "outbound: user and password_env belong together; give both or neither".to_owned()
        })
    }
}

/// What is wrong with an address; it may hold a key, so it is not shown.
pub(super) fn address_problem(key: &str, url: &str, schemes: [&str; 2]) -> Option<String> {
    let is_good = url.parse::<Uri>().is_ok_and(|uri| {
        let scheme = uri.scheme_str().unwrap_or_default();
        schemes.contains(&scheme) && uri.host().is_some_and(|host| !host.is_empty())
    });
    let [plain, secure] = schemes;
    (!is_good).then(|| {
        format!("{key}: no address that can be asked; give {plain}://HOST… or {secure}://HOST…")
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use crate::config::IntentKind;

    fn problem(text: &str) -> String {
        read(text).expect_err("a problem").to_string()
    }

    #[test]
    fn an_intent_tier_has_an_address_of_its_kind_and_a_model_only_for_chat() {
        let socket = "[intent]\nkind = \"websocket\"\n";
        assert!(problem(&format!("{socket}url = \"http://a/\"")).contains("ws://HOST"));
        let chat = "[intent]\nkind = \"chat\"\nurl = \"http://a/v1\"\n";
        assert!(problem(chat).contains("intent.model"));
        assert!(
            problem(&format!("{socket}url = \"ws://a/\"\nmodel = \"m\"")).contains("leave it out")
        );
        let config = read(&format!("{chat}model = \"m\"")).expect("good");
        let keys = config.intent.expect("an intent tier");
        assert_eq!((keys.kind, keys.ahead), (IntentKind::Chat, false));
        let config = read(&format!("{socket}url = \"ws://a/\"\nahead = true")).expect("good");
        assert!(config.intent.expect("an intent tier").ahead);
    }

    #[test]
    fn a_webhook_and_a_user_come_with_their_secrets() {
        assert!(problem("[webhook]\nurl = \"http://a/\"").contains("secret_env"));
        let ftp = "[webhook]\nurl = \"ftp://token@a/\"\nsecret_env = \"S\"";
        assert!(problem(ftp).contains("https://HOST") && !problem(ftp).contains("token"));
        assert!(problem("[outbound]\nuser = \"bot\"").contains("password_env"));
    }

    #[test]
    fn a_voice_elsewhere_has_an_address_and_a_voice_and_is_asked_for() {
        let engine = "[voice]\nengine = \"service\"\n";
        assert!(problem(engine).contains("[voice.service]"));
        let service = |voices| {
            format!("[voice.service]\nurl = \"http://a/\"\nmodel = \"m\"\nvoices = {{ {voices} }}")
        };
        assert!(problem(&service("en = \"amy\"")).contains("set the engine"));
        assert!(problem(&format!("{engine}{}", service(""))).contains("no language"));
        assert!(problem(&format!("{engine}{}", service("fr = \"amy\""))).contains("fr"));
        let config = read(&format!("{engine}{}", service("zh = \"xiaobei\""))).expect("good");
        let keys = config.voice.service.expect("a service");
        assert_eq!(keys.limit_ms, 10_000);
    }

    #[test]
    fn variables_that_are_not_set_are_told_with_the_key_that_names_them() {
        let webhook = "[webhook]\nurl = \"http://a/\"\nsecret_env = \"BELLHOP_TEST_NEVER_SET\"";
        let absent = read(webhook).expect("good").absent_variables();
        assert_eq!(absent.len(), 1);
        assert!(absent[0].contains("webhook.secret_env") && absent[0].contains("NEVER_SET"));
    }
}
