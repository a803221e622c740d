//! From the configuration to the services beyond the trunk.

use super::backend::HttpClient;
use super::webhook::{Webhook, WebhookSettings};
use crate::config::{IntentKeys, IntentKind, WebhookKeys};
use anyhow::Context;
use call_model::Private;
use intent_tier::{ChatSettings, ChatTier, IntentTier, WebSocketSettings, WebSocketTier};
use std::sync::Arc;
use tokio::runtime::Handle;

/// The configured remote mind.
pub fn intent_tier(keys: &IntentKeys) -> anyhow::Result<Arc<dyn IntentTier>> {
    let runtime = Handle::current();
    let url = keys.url.clone();
    let key = keys.key_env.as_deref();
    let key = key.map(|name| secret("intent.key_env", name)).transpose()?;
    Ok(match keys.kind {
        IntentKind::WebSocket => {
            let settings = WebSocketSettings { url, key };
            Arc::new(WebSocketTier::new(runtime, &settings)?)
        }
        IntentKind::Chat => {
            let model = keys.model.clone().unwrap_or_default();
            let settings = ChatSettings { url, model, key };
            Arc::new(ChatTier::new(runtime, &settings)?)
        }
    })
}

/// The configured webhook, its courier started.
pub fn webhook(keys: &WebhookKeys, http: HttpClient) -> anyhow::Result<Webhook> {
    let url = keys.url.parse().context("webhook.url is no URL")?;
    let secret = secret("webhook.secret_env", &keys.secret_env)?;
    Ok(Webhook::start(http, WebhookSettings::new(url, secret)))
}

/// What an environment variable holds.
pub fn secret(key: &str, variable: &str) -> anyhow::Result<Private<String>> {
    let value = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty());
    let value = value
        .with_context(|| format!("{key} names {variable}, which is not in the environment"))?;
    Ok(value.into())
}
