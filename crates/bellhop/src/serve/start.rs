//! From the configuration to the parts that run.

use super::api::ApiClient;
use super::backend::HttpClient;
use super::call::Workers;
use super::control::RoutedPlan;
use super::ear::EarPool;
use super::hearing::{recognizer, recognizer_afterwards};
use super::legs::Legs;
use super::minds::{Haste, Minds};
use super::people::{People, Queue};
use super::phones::WayOut;
use super::ports::Ports;
use super::scoring::{ScorePool, Site};
use super::services;
use super::voice::VoicePool;
use super::webhook::Webhook;
use crate::config::{Config, EmotionKeys, OnArchiveFailure, Voice, VoiceKind, VoiceServiceKeys};
use crate::plans::{Shelf, ShelvedPlan};
use crate::revising::{Attention, Worker, WorkerSettings};
use anyhow::{Context, bail};
use call_archive::{Archive, ArchiveSettings, OnFailure};
use call_engine::waiting_room::{self, Agent, AgentName, RoomSettings, WaitingRoom};
use dialplan::Plan;
use sip_trunk::{TcpSettings, TrunkEntry, TrunkSettings};
use speech::{
    EspeakSynthesizer, FliteSynthesizer, PromptStore, PromptStoreSettings, Synthesizer,
    VoiceByLanguage, VoiceService, VoiceServiceSettings,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use voice_emotion::{VoiceModel, VoiceSite};

/// Threads that make prompts no cache holds.
const VOICE_WORKERS: usize = 2;

/// Opens the archive, mends what a crash left, and keeps today's plans.
pub fn open_archive(config: &Config, shelf: &Shelf) -> anyhow::Result<Archive> {
    let mut settings = ArchiveSettings::new(&config.archive.dir);
    settings.on_failure = match config.archive.on_failure {
        OnArchiveFailure::RefuseCalls => OnFailure::RefuseCalls,
        OnArchiveFailure::GoOnUnrecorded => OnFailure::GoOnUnrecorded,
    };
    let (archive, recovery) = Archive::open(settings)
        .with_context(|| format!("cannot open the archive {}", config.archive.dir.display()))?;
    tracing::info!(?recovery, "archive open");
    keep_plans(&archive, shelf)?;
    Ok(archive)
}

/// Keeps the compiled form of every plan, so that its calls can be replayed.
pub fn keep_plans(archive: &Archive, shelf: &Shelf) -> anyhow::Result<()> {
    for shelved in shelf.iter() {
        archive.keep_plan(shelved.plan.digest(), &shelved.plan.to_json())?;
    }
    Ok(())
}

/// Finds each route's plan: today's by name, or a kept version by the beginning of its digest.
pub fn routes(
    config: &Config,
    shelf: &Shelf,
    archive: &Archive,
) -> anyhow::Result<Vec<RoutedPlan>> {
    let mut table = Vec::new();
    for (index, route) in config.route.iter().enumerate() {
        let Some(today) = shelf.named(&route.plan) else {
            let (number, names) = (index + 1, shelf.names());
            bail!(
                "route {number}: there is no plan '{}'; there are: {names}",
                route.plan
            );
        };
        let plan = match &route.version {
            None => today.clone(),
            Some(version) => {
                let json = archive.plan_beginning(version)?.with_context(|| {
                    format!("route {}: no kept plan begins with '{version}'", index + 1)
                })?;
                let plan = Arc::new(Plan::from_json(&json)?);
                ShelvedPlan {
                    plan,
                    folder: today.folder.clone(),
                }
            }
        };
        let language = route
            .language
            .filter(|one| !plan.plan.languages().contains(one));
        if let Some(language) = language {
            bail!(
                "route {}: plan '{}' does not speak '{language}'",
                index + 1,
                route.plan
            );
        }
        table.push(RoutedPlan {
            route: route.clone(),
            plan,
        });
    }
    Ok(table)
}

/// Starts the ear, the voice and the scorer.
pub fn workers(config: &Config) -> anyhow::Result<Workers> {
    let prompts = Arc::new(open_prompts(&config.voice)?);
    let ear = match recognizer(&config.speech)? {
        Some(recognizer) => {
            tracing::info!(engine = recognizer.name(), "the ear listens");
            let workers = Config::threads(config.speech.workers);
            Some(EarPool::start(&recognizer, workers)?)
        }
        None => {
            tracing::warn!("no recogniser is configured: plans live by keys alone");
            None
        }
    };
    let score = config.emotion.as_ref().map(start_scorers).transpose()?;
    Ok(Workers {
        ear,
        voice: VoicePool::start(prompts, VOICE_WORKERS)?,
        score,
    })
}

/// Starts to hear calls again that are over, where that is asked for. Callers come first: while more of them than
/// configured are in a call, or the ear falls behind, it waits.
pub fn revising(
    config: &Config,
    archive: &Archive,
    legs: &Legs,
    workers: &Arc<Workers>,
) -> anyhow::Result<Option<Worker>> {
    let Some(again) = &config.speech.again else {
        return Ok(None);
    };
    let (speech, kind, calls_max) = (config.speech.clone(), again.engine, again.calls_max);
    let (legs, workers) = (legs.clone(), Arc::clone(workers));
    let mut dropped_before = 0;
    let attention = move || {
        let ear = workers.ear.as_ref();
        let dropped = ear.map_or(0, EarPool::dropped_frames);
        let falls_behind = std::mem::replace(&mut dropped_before, dropped) < dropped;
        match falls_behind || legs.count() > calls_max {
            true => Attention::Busy,
            false => Attention::Idle,
        }
    };
    let worker = Worker::start(WorkerSettings {
        archive: archive.reader(),
        revisions: archive.revisions(),
        engine: Box::new(move || recognizer_afterwards(&speech, kind)),
        attention: Box::new(attention),
        within: again.within(),
    })?;
    Ok(Some(worker))
}

/// Makes ready what the routed plans will need: their constant prompts, and the ear for their words.
pub fn make_ready(workers: &Workers, routes: &[RoutedPlan]) -> anyhow::Result<()> {
    for row in routes {
        if let Some(ear) = &workers.ear {
            ear.prepare(&row.plan.plan)?;
        }
        warm(workers.voice.store(), &row.plan);
    }
    Ok(())
}

/// Reads the model of anger and starts its workers.
fn start_scorers(keys: &EmotionKeys) -> anyhow::Result<ScorePool> {
    let path = &keys.model;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("emotion.model: cannot read {}", path.display()))?;
    let model = VoiceModel::read(&text)
        .with_context(|| format!("emotion.model: {} cannot be used", path.display()))?;
    let site = match &keys.site {
        Some(path) if path.exists() => crate::site_file::read(path)
            .with_context(|| format!("emotion.site: cannot read {}", path.display()))?,
        Some(_) | None => VoiceSite::default(),
    };
    if site.has_foreign_calibration(&model) {
        tracing::warn!(
            model = model.name,
            "emotion.site was calibrated with another model, whose point is not used; calibrate \
             again with 'bellhop emotion calibrate'"
        );
    }
    if site.has_foreign_statistics(&model) {
        tracing::warn!(
            model = model.name,
            "emotion.site was learnt with another model; none of it is used, and the site's voices are learnt \
             anew into that file"
        );
    }
    tracing::info!(
        model = model.name,
        licence = model.card.licence,
        calibrated = site.is_calibrated(&model),
        log_odds_at_80 = site.scale(&model).log_odds_at_80,
        "voices are scored for anger; the weights have a licence of their own; 'bellhop emotion \
         train' makes a model from recordings of yours"
    );
    let site = Site::new(Arc::new(model), site, keys.site.clone());
    Ok(ScorePool::start(site, Config::threads(keys.workers))?)
}

/// Has every constant prompt made before the first call; one that fails is told, and tried again in the call.
fn warm(prompts: &PromptStore, shelved: &ShelvedPlan) {
    let texts = shelved.plan.all_prompts();
    let (count, mut failed) = (texts.len(), 0);
    for text in texts {
        let text = shelved.plan.say_as().spoken(text);
        if let Err(error) = prompts.warm(&text, &shelved.folder) {
            failed += 1;
            tracing::error!(plan = shelved.plan.name(), %error, "a prompt cannot be made");
        }
    }
    tracing::info!(plan = shelved.plan.name(), count, failed, "prompts made");
}

/// The store of prompts over the configured voice.
pub fn open_prompts(voice: &Voice) -> anyhow::Result<PromptStore> {
    let synthesizer: Arc<dyn Synthesizer> = match voice.engine {
        VoiceKind::Installed => Arc::new(VoiceByLanguage::installed()?),
        VoiceKind::EspeakNg => Arc::new(EspeakSynthesizer::find()?),
        VoiceKind::Flite => Arc::new(FliteSynthesizer::find()?),
        VoiceKind::Service => {
            let keys = voice.service.as_ref();
            Arc::new(voice_elsewhere(keys.context("no [voice.service]")?)?)
        }
    };
    tracing::info!(voice = synthesizer.name(), "the bot's voice");
    Ok(PromptStore::open(
        &PromptStoreSettings::in_dir(&voice.cache),
        synthesizer,
    )?)
}

/// The configured voice elsewhere; what is installed speaks the languages that it has no voice for.
fn voice_elsewhere(keys: &VoiceServiceKeys) -> anyhow::Result<VoiceByLanguage> {
    let key = keys.key_env.as_deref();
    let key = key.map(|name| services::secret("voice.service.key_env", name));
    let service: Arc<dyn Synthesizer> = Arc::new(VoiceService::new(VoiceServiceSettings {
        url: keys.url.clone(),
        model: keys.model.clone(),
        voices: keys.voices.clone(),
        key: key.transpose()?,
        limit: Duration::from_millis(keys.limit_ms),
    })?);
    let its_own = keys.voices.keys();
    let its_own = its_own
        .map(|language| (*language, Arc::clone(&service)))
        .collect();
    Ok(match VoiceByLanguage::installed() {
        Ok(installed) => installed.with(its_own),
        Err(_) => VoiceByLanguage::new(its_own),
    })
}

/// The RTP ports.
pub fn ports(config: &Config) -> Ports {
    Ports::new(
        config.media.listen,
        config.media.ports.first,
        config.media.ports.last,
    )
}

/// What the trunk is told.
pub fn trunk_settings(config: &Config) -> anyhow::Result<TrunkSettings> {
    let mut settings = TrunkSettings::new(config.sip.listen);
    settings.public_address = config.sip.public_address;
    settings.max_calls = config.limits.calls;
    settings.tcp = config.sip.tcp.then(TcpSettings::default);
    for trunk in &config.trunk {
        let mut allow = Vec::new();
        for network in &trunk.allow {
            let parsed = network.parse();
            allow.push(parsed.with_context(|| format!("trunk '{}': allow", trunk.name))?);
        }
        settings.trunks.push(TrunkEntry {
            name: trunk.name.clone(),
            allow,
            max_calls: trunk.calls,
            max_calls_per_second: trunk.calls_per_second,
        });
    }
    Ok(settings)
}

/// The waiting rooms, and the way to the agents' phones.
pub fn people(config: &Config) -> anyhow::Result<People> {
    let mut queues = BTreeMap::new();
    for keys in &config.queue {
        let hours = keys.hours.as_deref().map(str::parse).transpose()?;
        let music = keys.music.as_deref().map(music).transpose();
        let queue = Queue {
            hours,
            music: music.with_context(|| format!("queue '{}': music", keys.name))?,
            overflow: keys.overflow.clone(),
        };
        queues.insert(keys.name.clone(), queue);
    }
    let room = WaitingRoom::new(room_settings(config));
    let way_out = WayOut::new(&config.outbound)?;
    Ok(People::new(room, queues, config.zone()?, way_out))
}

fn room_settings(config: &Config) -> RoomSettings {
    let agents = config.agent.iter().map(|keys| Agent {
        name: AgentName::new(&keys.name),
        address: keys.address.clone(),
        skills: keys.skills.iter().cloned().collect(),
        languages: keys.languages.iter().copied().collect(),
    });
    let queues = config.queue.iter().map(|keys| waiting_room::Queue {
        name: keys.name.clone(),
        agents: keys.agents.iter().map(AgentName::new).collect(),
        ring: Duration::from_secs(keys.ring_s),
        size_max: keys.size_max,
        overflow: keys.overflow.clone(),
    });
    RoomSettings {
        agents: agents.collect(),
        queues: queues.collect(),
        rest: Duration::from_secs(config.people.rest_s),
        wrap_up: Duration::from_millis(config.people.wrap_up_ms),
    }
}

/// The machines elsewhere that calls ask, and the one that is told of handoffs.
pub fn minds(config: &Config) -> anyhow::Result<(Minds, Option<Webhook>)> {
    let http = HttpClient::new();
    let tier = config
        .intent
        .as_ref()
        .map(services::intent_tier)
        .transpose()?;
    let is_hasty = config.intent.as_ref().is_some_and(|keys| keys.ahead);
    let haste = match is_hasty {
        true => Haste::Ahead,
        false => Haste::AfterTurns,
    };
    let webhook = match &config.webhook {
        Some(keys) => Some(services::webhook(keys, http.clone())?),
        None => None,
    };
    Ok((Minds::new(ApiClient::new(http), tier, haste), webhook))
}

/// Every queue that a routed plan names must be one of the configuration.
pub fn check_queues(routes: &[RoutedPlan], people: &People) -> anyhow::Result<()> {
    for row in routes {
        let plan = &row.plan.plan;
        let mut queues = plan.queues();
        if let Some(name) = queues.find(|name| people.queue(name).is_none()) {
            bail!(
                "plan '{}' sends callers to the queue '{name}', which is no [[queue]] of the \
                 configuration; add one, or name another in the plan",
                plan.name()
            );
        }
    }
    Ok(())
}

/// Hold music from a file: 8 kHz, 16 bits, one channel.
fn music(path: &Path) -> anyhow::Result<Arc<[i16]>> {
    let mut file =
        hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = file.spec();
    if (spec.sample_rate, spec.bits_per_sample, spec.channels) != (8_000, 16, 1) {
        bail!(
            "{} has {} Hz, {} bits and {} channels; make it 8000 Hz, 16 bits, 1 channel, e.g. \
             with 'sox in.wav -r 8000 -b 16 -c 1 out.wav'",
            path.display(),
            spec.sample_rate,
            spec.bits_per_sample,
            spec.channels
        );
    }
    let samples: Vec<i16> = file.samples().collect::<Result<_, _>>()?;
    Ok(samples.into())
}
