//! A voice elsewhere: text by HTTP, sound back.
//!
//! What is asked is the request for speech of OpenAI's interface, which many voices that one can run oneself
//! answer too: `POST` of `{"model", "input", "voice", "response_format": "wav", "speed"}`, and a WAV
//! file of any usual rate in return.

use crate::voices::{checked, decoded};
use crate::{SpeechError, Synthesizer};
use call_model::{Language, Pace, Private};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outside_line::{Address, Connector};
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The most bytes that are taken: ten minutes of 16-bit sound at 24 kHz.
const SOUND_MAX: usize = 28_800_000;
/// After a service that was busy or could not be reached, so long until it is asked once more.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// How long an unused connection is kept for the next text.
const CONNECTION_KEPT: Duration = Duration::from_secs(60);

/// Where a voice is, and how it is to sound.
#[derive(Clone, Debug)]
pub struct VoiceServiceSettings {
    /// The whole address, e.g. `https://…/v1/audio/speech`.
    pub url: String,
    /// The model's name, as the service knows it.
    pub model: String,
    /// The name of a voice for each language that it is to speak.
    pub voices: BTreeMap<Language, String>,
    /// Sent as `Authorization: Bearer …`.
    pub key: Option<Private<String>>,
    /// How long one text may take, a second try included.
    pub limit: Duration,
}

/// A voice elsewhere. It has one thread of its own, whatever the number of texts under way.
pub struct VoiceService {
    name: String,
    settings: VoiceServiceSettings,
    address: Address,
    client: Client<Connector, Full<Bytes>>,
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

/// Why a text brought no sound.
enum Trouble {
    /// Another try may help.
    Passing(String),
    /// None will.
    Lasting(String),
}

impl VoiceService {
    /// Checks the settings; nothing is connected before the first text.
    ///
    /// # Errors
    /// [`SpeechError::Voice`] when address or key cannot be used, or no thread can be had.
    pub fn new(settings: VoiceServiceSettings) -> Result<Self, SpeechError> {
        let unusable = |what: String| SpeechError::Voice {
            program: PROGRAM.to_owned(),
            what,
        };
        let (schemes, key) = (["http", "https"], settings.key.as_ref());
        let address = Address::new(&settings.url, schemes, "http:// or https://", key)
            .map_err(|error| unusable(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bellhop-voice-line")
            .enable_all()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(CONNECTION_KEPT)
            .build(address.connector.clone());
        let voices: Vec<String> = settings
            .voices
            .iter()
            .map(|(language, voice)| format!("{language}:{voice}"))
            .collect();
        Ok(Self {
            // The address is no matter of the sound, and may hold a key.
            name: format!("service {} {}", settings.model, voices.join(",")),
            settings,
            address,
            client,
            runtime: Some(runtime),
        })
    }

    fn request(&self, text: &str, voice: &str, pace: Pace) -> Request<Full<Bytes>> {
        let body = serde_json::json!({
            "model": self.settings.model,
            "input": text,
            "voice": voice,
            "response_format": "wav",
            "speed": f64::from(pace.percent()) / 100.0,
        });
        let mut request = Request::new(Full::new(Bytes::from(body.to_string())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.address.uri.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(value) = &self.address.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        request
    }
}

/// What errors call it; its address may hold a key.
const PROGRAM: &str = "the voice service";

impl Synthesizer for VoiceService {
    fn speak(&self, text: &str, language: Language, pace: Pace) -> Result<Vec<i16>, SpeechError> {
        let Some(voice) = self.settings.voices.get(&language) else {
            return Err(SpeechError::VoiceMissing {
                language,
                remedy: format!(
                    "name a voice of the service for it: voice.service.voices.{language}"
                ),
            });
        };
        let request = self.request(checked(PROGRAM, text)?, voice, pace);
        let (client, limit) = (self.client.clone(), self.settings.limit);
        // A channel rather than a wait inside the runtime: whoever asks may run in one of their own.
        let (sender, receiver) = sync_channel(1);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                let sound = tokio::time::timeout(limit, tries(&client, request)).await;
                // Nobody listens any more when the deadline came first.
                let _ = sender.send(sound);
            });
        }
        match receiver.recv() {
            Ok(Ok(Ok(sound))) => decoded(PROGRAM, &sound),
            Ok(Ok(Err(Trouble::Passing(what) | Trouble::Lasting(what)))) => {
                Err(SpeechError::Voice {
                    program: PROGRAM.to_owned(),
                    what,
                })
            }
            Ok(Err(_)) | Err(_) => Err(SpeechError::VoiceTooSlow {
                program: PROGRAM.to_owned(),
                limit,
            }),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for VoiceService {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn tries(
    client: &Client<Connector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Bytes, Trouble> {
    match ask(client, request.clone()).await {
        Err(Trouble::Passing(_)) => {
            tokio::time::sleep(AGAIN_AFTER).await;
            ask(client, request).await
        }
        outcome => outcome,
    }
}

async fn ask(
    client: &Client<Connector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Bytes, Trouble> {
    let response = client
        .request(request)
        .await
        .map_err(|error| Trouble::Passing(format!("it cannot be reached: {error}")))?;
    let status = response.status();
    if !status.is_success() {
        let what = format!("it answered {status}");
        let is_passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        return Err(match is_passing {
            true => Trouble::Passing(what),
            false => Trouble::Lasting(what),
        });
    }
    let body = Limited::new(response.into_body(), SOUND_MAX)
        .collect()
        .await;
    let body = body.map_err(|error| Trouble::Lasting(format!("its sound broke off: {error}")))?;
    Ok(body.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::wav;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    /// What a service does with one request.
    enum Does {
        Speaks(u32),
        Says(&'static str),
        Breaks,
        Waits,
    }

    /// A service that does these things in turn, one connection each; it gives the requests back.
    fn service(does: Vec<Does>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let served = std::thread::spawn(move || {
            let serve = |does| {
                let (mut line, _) = listener.accept().expect("a caller");
                let mut asked = Vec::new();
                let mut part = [0; 4_096];
                while !asked.ends_with(b"}") {
                    let count = line.read(&mut part).expect("a request");
                    asked.extend(&part[..count]);
                }
                match does {
                    Does::Speaks(rate) => {
                        let tone = dsp::tone(300.0, rate, rate as usize, 8_000);
                        let sound = wav::write(&tone, rate);
                        let head = format!(
                            "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                            sound.len()
                        );
                        line.write_all(head.as_bytes()).expect("taken");
                        line.write_all(&sound).expect("taken");
                    }
                    Does::Says(status) => {
                        let head = format!(
                            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        );
                        line.write_all(head.as_bytes()).expect("taken");
                    }
                    Does::Breaks => {}
                    Does::Waits => std::thread::sleep(Duration::from_secs(1)),
                }
                String::from_utf8(asked).expect("text")
            };
            does.into_iter().map(serve).collect()
        });
        (format!("http://{address}/v1/audio/speech"), served)
    }

    fn voice(url: &str) -> VoiceService {
        VoiceService::new(VoiceServiceSettings {
            url: url.to_owned(),
            model: "small".to_owned(),
            voices: BTreeMap::from([(Language::Zh, "xiaobei".to_owned())]),
            key: Some("sesame".to_owned().into()),
            limit: Duration::from_secs(20),
        })
        .expect("a voice")
    }

    #[test]
    fn a_text_is_asked_for_and_its_sound_brought_to_8_khz() {
        let (url, served) = service(vec![Does::Speaks(24_000)]);
        let sound = voice(&url).speak("您好", Language::Zh, Pace::of_percent(85));
        let sound = sound.expect("speaks");
        assert!((7_900..8_100).contains(&sound.len()), "{}", sound.len());
        let asked = served.join().expect("served").remove(0);
        let (head, body) = asked.split_once("\r\n\r\n").expect("a body");
        assert!(head.to_lowercase().contains("authorization: bearer sesame"));
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({"model": "small", "input": "您好", "voice": "xiaobei", "response_format": "wav", "speed": 0.85})
        );
    }

    #[test]
    fn a_service_that_is_busy_or_breaks_off_is_asked_once_more() {
        for first in [Does::Says("503 Busy"), Does::Breaks] {
            let (url, served) = service(vec![first, Does::Speaks(8_000)]);
            let sound = voice(&url).speak("您好", Language::Zh, Pace::USUAL);
            assert_eq!(sound.expect("speaks").len(), 8_000);
            assert_eq!(served.join().expect("served").len(), 2);
        }
    }

    #[test]
    fn a_service_that_refuses_is_not_asked_again_and_what_it_said_is_told() {
        let (url, _) = service(vec![Does::Says("401 Unauthorized")]);
        let told = voice(&url).speak("您好", Language::Zh, Pace::USUAL);
        let told = told.expect_err("refused").to_string();
        assert!(
            told.contains("401") && !told.contains("127.0.0.1"),
            "{told}"
        );
    }

    #[test]
    fn a_service_that_does_not_answer_is_given_up_at_its_deadline() {
        let (url, _) = service(vec![Does::Waits]);
        let voice = VoiceService::new(VoiceServiceSettings {
            limit: Duration::from_millis(100),
            ..voice(&url).settings.clone()
        });
        let told = voice
            .expect("a voice")
            .speak("您好", Language::Zh, Pace::USUAL);
        assert!(matches!(told, Err(SpeechError::VoiceTooSlow { .. })));
    }

    #[test]
    fn a_language_without_a_voice_and_an_address_that_is_none_are_told_with_their_remedy() {
        let missing = voice("http://127.0.0.1:9/").speak("hello", Language::En, Pace::USUAL);
        let missing = missing.expect_err("no voice").to_string();
        assert!(missing.contains("voice.service.voices.en"), "{missing}");
        let unusable = VoiceService::new(VoiceServiceSettings {
            url: "ftp://voice".to_owned(),
            ..voice("http://a/").settings.clone()
        });
        let unusable = unusable.err().expect("unusable").to_string();
        assert!(unusable.contains("http://"), "{unusable}");
    }
}
