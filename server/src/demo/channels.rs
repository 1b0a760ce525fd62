//! The channels of the demo's simulated providers: numbers for text messages and WhatsApp, a page on Messenger and an account on
//! Instagram, all of team Care. The operator makes them, with secrets of chance.

use app::backend::ApiResult;
use shared::channels::{NamedSecret, NamedValue, ProviderChannelChange, TypedSecret};
use shared::ids::{ChannelKey, CommandKey, TeamId};

use super::CARE;
use super::phones::{Service, Vendor};
use crate::desk::providers::Account;
use crate::desk::{Desk, to_app_error};

/// The page through which messages of the Instagram account are sent.
const INSTAGRAM_PAGE: &str = "100000000000020";

/// A channel of the demo.
struct DemoChannel {
    service: Service,
    kind: &'static str,
    name: &'static str,
    /// Of the numbers that no network gives to anybody; at Meta an id, which means nothing outside of this program.
    address: &'static str,
    /// What customers know it by.
    known_as: &'static str,
}

const CHANNELS: [DemoChannel; 5] = [
    DemoChannel {
        service: Service::Sms,
        kind: "twilio_sms",
        name: "Larkfield by SMS (simulated)",
        address: "+442079460018",
        known_as: "+442079460018",
    },
    DemoChannel {
        service: Service::WhatsApp,
        kind: "twilio_whatsapp",
        name: "Larkfield on WhatsApp (simulated)",
        address: "+442079460019",
        known_as: "+442079460019",
    },
    DemoChannel {
        service: Service::Messenger,
        kind: "meta_messenger",
        name: "Larkfield on Messenger (simulated)",
        address: "100000000000018",
        known_as: "Larkfield",
    },
    DemoChannel {
        service: Service::Instagram,
        kind: "meta_instagram",
        name: "Larkfield on Instagram (simulated)",
        address: "17841400000000018",
        known_as: "@larkfield",
    },
    DemoChannel {
        service: Service::WhatsAppByMeta,
        kind: "meta_whatsapp",
        name: "Larkfield on WhatsApp by Meta (simulated)",
        address: "100000000000019",
        known_as: "+442079460020",
    },
];

/// A channel that is there and whose secrets can be opened.
pub(super) struct DemoAccount {
    /// By which phones write to it.
    pub(super) service: Service,
    /// The channel with its secrets.
    pub(super) account: Account,
    /// The path to which its messages are brought.
    pub(super) webhook: String,
    /// What customers know it by.
    pub(super) known_as: &'static str,
}

impl DemoChannel {
    async fn find(&self, desk: &Desk) -> ApiResult<Option<ChannelKey>> {
        let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
        let found = rows.provider_channel_at(self.kind, self.address).await;
        found.map_err(to_app_error)
    }

    async fn create(&self, desk: &Desk) -> ApiResult<()> {
        let key = CommandKey::parse(desk.ids().next())?;
        let change = ProviderChannelChange {
            kind: self.kind.to_owned(),
            name: self.name.to_owned(),
            team: TeamId::parse(CARE)?,
            address: self.address.to_owned(),
            settings: self.settings(desk),
            secrets: self.secrets(desk),
            version: 0,
        };
        desk.provider_channel_seed(key, change).await.map(|_| ())
    }

    fn settings(&self, desk: &Desk) -> Vec<NamedValue> {
        let (name, value) = match self.service {
            Service::Sms | Service::WhatsApp => {
                let account = desk.ids().secret().split_off(32);
                ("account_sid", format!("AC{account}"))
            }
            Service::Instagram => ("page_id", INSTAGRAM_PAGE.to_owned()),
            Service::Messenger | Service::WhatsAppByMeta => return Vec::new(),
        };
        let name = name.to_owned();
        vec![NamedValue { name, value }]
    }

    fn secrets(&self, desk: &Desk) -> Vec<NamedSecret> {
        let names: &[&str] = match self.service.vendor() {
            Vendor::Twilio => &["auth_token"],
            Vendor::Meta => &["access_token", "app_secret"],
        };
        let secrets = names.iter().map(|name| NamedSecret {
            name: (*name).to_owned(),
            value: TypedSecret::new(desk.ids().secret()),
        });
        secrets.collect()
    }
}

/// Creates those that are not there.
pub(super) async fn create(desk: &Desk) -> ApiResult<()> {
    for channel in &CHANNELS {
        if channel.find(desk).await?.is_none() {
            channel.create(desk).await?;
        }
    }
    Ok(())
}

/// The channel by which phones of a service write; nothing where somebody has taken its address away.
pub(super) async fn find(desk: &Desk, service: Service) -> ApiResult<Option<ChannelKey>> {
    match CHANNELS.iter().find(|channel| channel.service == service) {
        Some(channel) => channel.find(desk).await,
        None => Ok(None),
    }
}

/// The accounts that are there and whose secrets can be opened.
pub(super) async fn accounts(desk: &Desk) -> ApiResult<Vec<DemoAccount>> {
    let mut accounts = Vec::new();
    for channel in &CHANNELS {
        let Some(key) = channel.find(desk).await? else {
            continue;
        };
        let found = desk.account_find(&key, &[channel.kind]).await;
        let provider = desk.config().providers.find(channel.kind);
        if let (Ok(Some((_, account))), Some(provider)) = (found, provider) {
            accounts.push(DemoAccount {
                service: channel.service,
                account,
                webhook: provider.webhook(&key),
                known_as: channel.known_as,
            });
        }
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_a_channel_that_says_what_it_is() {
        for service in Service::ALL {
            let own = CHANNELS.iter().filter(|channel| channel.service == service);
            assert_eq!(own.count(), 1, "{service:?}");
        }
        for channel in &CHANNELS {
            assert!(channel.name.contains("simulated"), "{}", channel.name);
        }
    }
}
