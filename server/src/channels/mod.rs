//! How customers reach us: the chat page, and channels that go through a provider, a folder for each vendor.

mod twilio;
pub mod webchat;

use std::time::Duration;

use crate::desk::Desk;
use crate::desk::providers::Providers;
use crate::http::routes::Routes;
use crate::http_client::{HttpClient, TIME_LIMIT};

/// Where providers are reached, as an operator can set it: for a test, at a stand-in.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The beginning of every address of Twilio's API, without a slash at its end.
    pub twilio_url: String,
    /// How long a request to a provider may take.
    pub time_limit: Duration,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            twilio_url: "https://api.twilio.com".to_owned(),
            time_limit: TIME_LIMIT,
        }
    }
}

/// The kinds of channels that go through a provider: each kind is a line.
pub fn providers(config: &ProviderConfig) -> Providers {
    let client = HttpClient::new(config.time_limit);
    Providers::of(vec![
        Box::new(twilio::Twilio::sms(&client, config)),
        Box::new(twilio::Twilio::whatsapp(&client, config)),
    ])
}

/// The routes that providers call.
pub fn router(desk: Desk, trust_forwarded: bool) -> Routes {
    Routes::new().merge(twilio::router(desk, trust_forwarded))
}
