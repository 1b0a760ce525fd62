//! A stand-in of Twilio: the two operations on messages that Sideline uses, and the webhooks that Twilio calls, with its
//! signature.

mod api;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use form_urlencoded::Serializer;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;

use super::network::{Call, Carried, Network, Step};
use super::{NotTaken, lock};
use crate::demo::phones::{PhoneId, Service};
use crate::desk::providers::Account;

/// Twilio's numbers of a phone that is out of reach.
const UNREACHABLE_SMS: i64 = 30_003;
const UNREACHABLE_WHATSAPP: i64 = 63_018;

/// The stand-in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Twilio(Arc<Inner>);

struct Inner {
    network: Network,
    /// What was taken, oldest first.
    messages: Mutex<VecDeque<Value>>,
    /// Who said STOP.
    stopped: Mutex<BTreeSet<PhoneId>>,
}

/// A message that was taken.
struct Taken {
    message: Carried,
    account: Account,
    report_to: Option<String>,
}

impl Twilio {
    pub(super) fn new(network: Network) -> Self {
        Self(Arc::new(Inner {
            network,
            messages: Mutex::default(),
            stopped: Mutex::default(),
        }))
    }

    /// The part of Twilio's interface that there is.
    pub(super) fn router(&self) -> Router {
        let path = "/2010-04-01/Accounts/{account}/Messages.json";
        Router::new()
            .route(path, get(api::list).post(api::create))
            .with_state(self.clone())
    }

    /// Brings what the owner of a phone wrote, as Twilio brings it.
    pub(super) async fn bring(&self, phone: &PhoneId, text: &str) -> Result<(), NotTaken> {
        let inner = &*self.0;
        let network = &inner.network;
        let own = network.account(phone.service).ok_or(NotTaken(None))?;
        let account = &own.account;
        let sid = inner.sid();
        inner.obey(phone, text);
        let name = network.phones().find(phone).and_then(|phone| phone.name);
        let (from, to) = (
            written(phone.service, &phone.number),
            written(phone.service, &account.address),
        );
        let mut form = vec![
            ("MessageSid", sid.clone()),
            ("SmsMessageSid", sid.clone()),
            ("AccountSid", own_sid(account).to_owned()),
            ("From", from),
            ("To", to),
            ("Body", text.to_owned()),
            ("NumMedia", "0".to_owned()),
            ("NumSegments", "1".to_owned()),
            ("SmsStatus", "received".to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        if let Some(name) = name.filter(|_| phone.service.is_app()) {
            form.push(("ProfileName", name));
        }
        let taken = inner.call(account, &network.webhook(own), &form).await;
        network.wrote(phone, sid, text, taken);
        taken
    }
}

impl Inner {
    fn sid(&self) -> String {
        format!("SM{}", self.network.id())
    }

    /// Takes a message to its phone, and reports each step.
    async fn carry(&self, taken: Taken) {
        let lost = match taken.message.phone.service.is_app() {
            true => UNREACHABLE_WHATSAPP,
            false => UNREACHABLE_SMS,
        };
        let report = |step| self.report(&taken, step);
        self.network.carry(&taken.message, Some(lost), report).await;
    }

    async fn report(&self, taken: &Taken, step: Step) {
        let Some(url) = &taken.report_to else {
            return;
        };
        let (status, code) = match step {
            Step::Sent => ("sent", None),
            Step::Delivered => ("delivered", None),
            Step::Read => ("read", None),
            Step::Lost(code) => ("undelivered", Some(code)),
        };
        let (own, message) = (&taken.account, &taken.message);
        let mut form = vec![
            ("MessageSid", message.id.clone()),
            ("SmsSid", message.id.clone()),
            ("AccountSid", own_sid(own).to_owned()),
            ("MessageStatus", status.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("From", written(message.phone.service, &own.address)),
            ("To", written(message.phone.service, &message.phone.number)),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        if let Some(code) = code {
            form.push(("ErrorCode", code.to_string()));
        }
        if let Err(NotTaken(answered)) = self.call(own, url, &form).await {
            tracing::warn!(
                status,
                answered,
                "a simulated report of Twilio's was not taken"
            );
        }
    }

    /// Calls the host, signed with the account's token over the address that the host is known by.
    async fn call(
        &self,
        account: &Account,
        url: &str,
        form: &[(&str, String)],
    ) -> Result<(), NotTaken> {
        let signature = signature(account.secret("auth_token"), url, form);
        let call = Call {
            url,
            content_type: "application/x-www-form-urlencoded; charset=utf-8",
            signature: ("x-twilio-signature", signature),
            body: Serializer::new(String::new()).extend_pairs(form).finish(),
        };
        self.network.call(call).await
    }

    /// Twilio obeys these words before it brings them.
    fn obey(&self, phone: &PhoneId, text: &str) {
        let mut stopped = lock(&self.stopped);
        match text.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE"
            | "OPTOUT" => {
                stopped.insert(phone.clone());
            }
            "START" | "YES" | "UNSTOP" => {
                stopped.remove(phone);
            }
            _ => {}
        }
    }
}

fn own_sid(account: &Account) -> &str {
    account.setting("account_sid")
}

/// A number as it is written for a service.
fn written(service: Service, number: &str) -> String {
    match service {
        Service::WhatsApp => format!("whatsapp:{number}"),
        _ => number.to_owned(),
    }
}

/// What Twilio puts into `X-Twilio-Signature` (<https://www.twilio.com/docs/usage/security>).
fn signature(token: &str, url: &str, form: &[(&str, String)]) -> String {
    let mut form: Vec<_> = form.iter().collect();
    form.sort();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("any key will do");
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_signed_as_twilios_libraries_sign_it() {
        let form = [
            ("CallSid", "CA1234567890ABCDE".to_owned()),
            ("Caller", "+14158675309".to_owned()),
            ("Digits", "1234".to_owned()),
            ("From", "+14158675309".to_owned()),
            ("To", "+18005551212".to_owned()),
        ];
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(
            signature("12345", url, &form),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        );
    }
}
