//! How customers reach us: the chat page, and channels that go through a provider, a folder for each vendor.

mod exchange;
mod media;
mod meta;
mod twilio;
pub mod webchat;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use crate::clock_and_ids::{Clock, SystemClock};
use crate::desk::Desk;
use crate::desk::providers::{Provider, Providers};
use crate::http::routes::Routes;
use crate::http_client::{HttpClient, TIME_LIMIT};

/// Where providers are reached, as an operator can set it: for a test, at a stand-in.
#[derive(Clone)]
pub struct ProviderConfig {
    /// The beginning of every address of Twilio's API, without a slash at its end.
    pub twilio_url: String,
    /// The same of Meta's Graph API.
    pub meta_url: String,
    /// How long a request to a provider may take.
    pub time_limit: Duration,
    /// Reads the dates in what they answer; the machine's but in tests.
    pub clock: Arc<dyn Clock>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            twilio_url: "https://api.twilio.com".to_owned(),
            meta_url: "https://graph.facebook.com".to_owned(),
            time_limit: TIME_LIMIT,
            clock: Arc::new(SystemClock),
        }
    }
}

/// The kinds of channels that go through a provider: each vendor is a line or two.
pub fn providers(config: &ProviderConfig) -> Providers {
    let client = HttpClient::new(config.time_limit);
    let mut providers: Vec<Box<dyn Provider>> = vec![
        Box::new(twilio::Twilio::sms(&client, config)),
        Box::new(twilio::Twilio::whatsapp(&client, config)),
    ];
    providers.extend(meta::Meta::kinds(&client, config));
    Providers::of(providers)
}

/// The routes that providers call.
pub fn router(desk: Desk, trust_forwarded: bool) -> Routes {
    Routes::new()
        .merge(twilio::router(desk.clone(), trust_forwarded))
        .merge(meta::router(desk))
}
