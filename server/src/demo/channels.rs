//! The channels of the demo's simulated providers: a number for text messages and one for WhatsApp, both of team Care. They are
//! made as an administrator makes them, with secrets of chance.

use app::backend::{Answer, Channels};
use shared::channels::{NamedSecret, NamedValue, ProviderChannelChange, TypedSecret};
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, TeamId, UserId};

use super::CARE;
use super::phones::Service;
use crate::desk::providers::Account;
use crate::desk::{Desk, to_app_error};

/// Who makes them.
const ADMINISTRATOR: &str = "ada";

/// A channel of the demo.
struct DemoChannel {
    service: Service,
    kind: &'static str,
    name: &'static str,
    /// Of the numbers that no network gives to anybody.
    number: &'static str,
}

const CHANNELS: [DemoChannel; 2] = [
    DemoChannel {
        service: Service::Sms,
        kind: "twilio_sms",
        name: "Larkfield by SMS (simulated)",
        number: "+442079460018",
    },
    DemoChannel {
        service: Service::WhatsApp,
        kind: "twilio_whatsapp",
        name: "Larkfield on WhatsApp (simulated)",
        number: "+442079460019",
    },
];

impl DemoChannel {
    async fn find(&self, desk: &Desk) -> Answer<Option<ChannelKey>> {
        let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
        let found = rows.provider_channel_at(self.kind, self.number).await;
        found.map_err(to_app_error)
    }

    async fn create(&self, desk: &Desk) -> Answer<()> {
        let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
        let administrator = rows.actor_find(&UserId::parse(ADMINISTRATOR)?).await;
        drop(rows);
        let administrator = administrator.map_err(to_app_error)?;
        let administrator = administrator.ok_or(AppError::NotFound)?;
        let key = CommandKey::parse(desk.ids().next())?;
        let account = desk.ids().secret().split_off(32);
        let change = ProviderChannelChange {
            kind: self.kind.to_owned(),
            name: self.name.to_owned(),
            team: TeamId::parse(CARE)?,
            address: self.number.to_owned(),
            settings: vec![NamedValue {
                name: "account_sid".to_owned(),
                value: format!("AC{account}"),
            }],
            secrets: vec![NamedSecret {
                name: "auth_token".to_owned(),
                value: TypedSecret::new(desk.ids().secret()),
            }],
            version: 0,
        };
        let created = desk.provider_channel_create(&administrator, key, change);
        created.await.map(|_| ())
    }
}

/// Creates those that are not there.
pub(super) async fn create(desk: &Desk) -> Answer<()> {
    for channel in &CHANNELS {
        if channel.find(desk).await?.is_none() {
            channel.create(desk).await?;
        }
    }
    Ok(())
}

/// The channel by which phones of a service write; nothing where somebody has taken its number away.
pub(super) async fn find(desk: &Desk, service: Service) -> Answer<Option<ChannelKey>> {
    match CHANNELS.iter().find(|channel| channel.service == service) {
        Some(channel) => channel.find(desk).await,
        None => Ok(None),
    }
}

/// The accounts that are there and whose secrets can be opened, each with the service and the path to which it brings messages.
pub(super) async fn accounts(desk: &Desk) -> Answer<Vec<(Service, Account, String)>> {
    let mut accounts = Vec::new();
    for channel in &CHANNELS {
        let Some(key) = channel.find(desk).await? else {
            continue;
        };
        let found = desk.account_find(&key, &[channel.kind]).await;
        let provider = desk.config().providers.find(channel.kind);
        if let (Ok(Some((_, account))), Some(provider)) = (found, provider) {
            accounts.push((channel.service, account, provider.webhook(&key)));
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
