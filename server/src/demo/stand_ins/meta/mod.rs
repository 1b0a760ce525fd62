//! A stand-in of Meta: the one operation of the Graph API that Sideline uses, and the webhook that Meta calls, with its
//! signature. Messenger reports by moments, Instagram by messages and only what was read, WhatsApp by states.

mod api;
mod events;

use axum::Router;
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
#[cfg(test)]
use shared::ids::ChannelKey;
use shared::time::Timestamp;

use super::NotTaken;
use super::network::{Call, Carried, Network, Step};
use crate::demo::channels::DemoAccount;
use crate::demo::phones::{PhoneId, Service};
#[cfg(test)]
use crate::{desk::providers::Account, secrets::Secret};

/// WhatsApp's number of a phone that is out of reach; on Messenger and Instagram every message arrives.
const UNREACHABLE_WHATSAPP: i64 = 131_026;
/// The names of an account's secrets.
const ACCESS_TOKEN: &str = "access_token";
const APP_SECRET: &str = "app_secret";

/// The stand-in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Meta(Network);

/// A message that was taken.
struct Taken {
    message: Carried,
    at: Timestamp,
    /// What WhatsApp gives back with each report.
    reference: Option<String>,
}

impl Meta {
    pub(super) fn new(network: Network) -> Self {
        Self(network)
    }

    /// The part of the Graph API that there is, in whichever release.
    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/{version}/{sender}/messages", post(api::send))
            .with_state(self.clone())
    }

    /// Brings what the owner of a phone wrote, as Meta brings it.
    pub(super) async fn bring(&self, phone: &PhoneId, text: &str) -> Result<(), NotTaken> {
        let own = self.0.account(phone.service).ok_or(NotTaken(None))?;
        let id = self.id(phone.service);
        let known = self.0.phones().find(phone).unwrap_or_default();
        let event = events::Event {
            own,
            phone,
            at: self.0.now(),
        };
        let event = event.message(&id, text, known.name.as_deref());
        let taken = self.call(own, &event).await;
        self.0.wrote(phone, id, text, taken);
        taken
    }

    /// What Meta calls a message.
    fn id(&self, service: Service) -> String {
        let id = self.0.id();
        match service {
            Service::WhatsAppByMeta => format!("wamid.{id}"),
            _ => format!("m_{id}"),
        }
    }

    /// Takes a message to its phone, and reports each step.
    async fn carry(&self, taken: Taken) {
        let service = taken.message.phone.service;
        let lost = (service == Service::WhatsAppByMeta).then_some(UNREACHABLE_WHATSAPP);
        let report = |step| self.report(&taken, step);
        self.0.carry(&taken.message, lost, report).await;
    }

    async fn report(&self, taken: &Taken, step: Step) {
        let phone = &taken.message.phone;
        let Some(own) = self.0.account(phone.service) else {
            return;
        };
        let at = self.0.now();
        let Some(event) = (events::Event { own, phone, at }).report(taken, step) else {
            return;
        };
        if let Err(NotTaken(answered)) = self.call(own, &event).await {
            tracing::warn!(
                ?step,
                answered,
                "a simulated report of Meta's was not taken"
            );
        }
    }

    /// Calls the host, signed with the app's secret over the bytes that are sent.
    async fn call(&self, own: &DemoAccount, event: &Value) -> Result<(), NotTaken> {
        let body = event.to_string();
        let signature = digest(own.account.secret(APP_SECRET), &body);
        let call = Call {
            url: &self.0.webhook(own),
            content_type: "application/json",
            signature: ("x-hub-signature-256", format!("sha256={signature}")),
            body,
        };
        self.0.call(call).await
    }
}

/// HMAC-SHA256 in hexadecimal, as Meta signs its calls and has tokens proven
/// (<https://developers.facebook.com/docs/messenger-platform/webhooks>).
fn digest(secret: &str, said: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(said.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
fn test_account(service: Service) -> DemoAccount {
    let secret = |name: &str| (name.to_owned(), Secret::new(format!("the {name}")));
    DemoAccount {
        service,
        account: Account {
            channel: ChannelKey::parse("social").unwrap(),
            address: "7".to_owned(),
            active: true,
            settings: Vec::new(),
            secrets: [ACCESS_TOKEN, APP_SECRET].map(secret).into(),
        },
        webhook: "/channels/meta/social".to_owned(),
        known_as: "+442079460020",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn a_call_is_signed_as_meta_signs_it() {
        assert_eq!(
            digest("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
