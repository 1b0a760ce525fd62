//! A stand-in of Twilio: the two operations on messages that Sideline uses, and the webhooks that Twilio calls, with its
//! signature. It carries to simulated phones, with the delays of a network; now and then one is out of reach.

mod api;

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use form_urlencoded::Serializer;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use serde_json::Value;
use sha1::Sha1;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use super::{HostAddress, NotTaken};
use crate::demo::dice::Dice;
use crate::demo::phones::{PhoneId, PhoneText, Phones, Service};
use crate::desk::Desk;
use crate::desk::providers::Account;
use crate::http_client::{HttpClient, TIME_LIMIT};
use crate::serve::answer;

/// Of so many messages to simulated customers one does not arrive.
const UNREACHABLE_EACH: usize = 12;
/// How long each step of a message takes, in tenths of a second.
const TO_NETWORK: (u64, u64) = (3, 10);
const TO_PHONE: (u64, u64) = (8, 30);
const TO_EYES: (u64, u64) = (20, 90);
/// Twilio's numbers of what went wrong.
const UNREACHABLE_SMS: i64 = 30_003;
const UNREACHABLE_WHATSAPP: i64 = 63_018;

/// The stand-in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Twilio(Arc<Inner>);

struct Inner {
    desk: Desk,
    phones: Phones,
    /// The contact centre's accounts: service, account, and the path of its webhook.
    accounts: Vec<(Service, Account, String)>,
    host: HostAddress,
    client: HttpClient,
    /// What was taken, oldest first.
    messages: Mutex<VecDeque<Value>>,
    /// Who said STOP.
    stopped: Mutex<BTreeSet<PhoneId>>,
    carried: AtomicUsize,
    dice: Mutex<Dice>,
}

/// A message on its way to a phone.
struct Carried {
    phone: PhoneId,
    sid: String,
    account: Account,
    report_to: Option<String>,
}

impl Twilio {
    pub(super) fn new(
        desk: Desk,
        phones: Phones,
        accounts: Vec<(Service, Account, String)>,
        host: HostAddress,
    ) -> Self {
        Self(Arc::new(Inner {
            desk,
            phones,
            accounts,
            host,
            client: HttpClient::new(TIME_LIMIT),
            messages: Mutex::default(),
            stopped: Mutex::default(),
            carried: AtomicUsize::default(),
            dice: Mutex::default(),
        }))
    }

    /// Answers until `stopped` turns true.
    pub(super) fn serve(&self, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
        let path = "/2010-04-01/Accounts/{account}/Messages.json";
        let router = Router::new()
            .route(path, get(api::list).post(api::create))
            .with_state(self.clone());
        tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            answer(listener, router, stop).await;
        });
    }

    /// The contact centre's number of a service.
    pub(super) fn number(&self, service: Service) -> Option<&str> {
        let found = self.0.accounts.iter().find(|known| known.0 == service);
        found.map(|(_, account, _)| account.address.as_str())
    }

    /// Brings what the owner of a phone wrote, as Twilio brings it.
    pub(super) async fn bring(&self, phone: &PhoneId, text: &str) -> Result<(), NotTaken> {
        let inner = &*self.0;
        let found = inner.accounts.iter().find(|known| known.0 == phone.service);
        let (_, account, webhook) = found.ok_or(NotTaken(None))?;
        let sid = inner.sid();
        inner.obey(phone, text);
        let name = inner.phones.find(phone).and_then(|phone| phone.name);
        let (from, to) = (
            written(phone.service, &phone.number),
            written(phone.service, &account.address),
        );
        let mut form = vec![
            ("MessageSid", sid.clone()),
            ("SmsMessageSid", sid.clone()),
            ("AccountSid", account.setting("account_sid").to_owned()),
            ("From", from),
            ("To", to),
            ("Body", text.to_owned()),
            ("NumMedia", "0".to_owned()),
            ("NumSegments", "1".to_owned()),
            ("SmsStatus", "received".to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        if let Some(name) = name.filter(|_| phone.service == Service::WhatsApp) {
            form.push(("ProfileName", name));
        }
        let url = format!("{}{webhook}", inner.host.public_url);
        let taken = inner.call(account, &url, &form).await;
        let delivery = match taken {
            Ok(()) => Delivery::of(DeliveryState::Delivered),
            Err(NotTaken(status)) => {
                Delivery::failed(DeliveryReason::Refused, status.map(i64::from))
            }
        };
        let text = PhoneText {
            id: sid,
            mine: true,
            text: text.to_owned(),
            at: inner.desk.clock().now(),
            delivery: Some(delivery),
        };
        inner.phones.put(phone, text);
        taken
    }
}

impl Inner {
    fn sid(&self) -> String {
        format!("SM{}", self.desk.ids().next())
    }

    /// Takes a message to its phone, and reports each step.
    async fn carry(&self, message: Carried) {
        let phone = &message.phone;
        let text = {
            let messages = lock(&self.messages);
            let found = messages.iter().rev().find(|one| one["sid"] == message.sid);
            found.map_or_else(String::new, |one| {
                one["body"].as_str().unwrap_or_default().to_owned()
            })
        };
        let on_its_way = PhoneText {
            id: message.sid.clone(),
            mine: false,
            text,
            at: self.desk.clock().now(),
            delivery: Some(Delivery::of(DeliveryState::Sent)),
        };
        self.phones.put(phone, on_its_way);
        self.pause(TO_NETWORK).await;
        self.report(&message, "sent", None).await;
        self.pause(TO_PHONE).await;
        if let Some(code) = self.out_of_reach(phone).await {
            let lost = Delivery::failed(DeliveryReason::Undelivered, Some(code));
            self.phones.mark(phone, &message.sid, lost, None);
            return self.report(&message, "undelivered", Some(code)).await;
        }
        let arrived = Some(self.desk.clock().now());
        let delivered = Delivery::of(DeliveryState::Delivered);
        self.phones.mark(phone, &message.sid, delivered, arrived);
        self.report(&message, "delivered", None).await;
        if phone.service == Service::WhatsApp {
            self.pause(TO_EYES).await;
            let read = Delivery::of(DeliveryState::Read);
            self.phones.mark(phone, &message.sid, read, None);
            self.report(&message, "read", None).await;
        }
    }

    /// Why a message does not arrive. WhatsApp waits for a phone that is off; a network gives up.
    async fn out_of_reach(&self, id: &PhoneId) -> Option<i64> {
        if id.service == Service::WhatsApp {
            self.phones.switched_on(id).await;
        }
        let phone = self.phones.find(id).unwrap_or_default();
        let count = self.carried.fetch_add(1, Ordering::Relaxed) + 1;
        let lost = phone.off || (!phone.held && count.is_multiple_of(UNREACHABLE_EACH));
        lost.then_some(match id.service {
            Service::Sms => UNREACHABLE_SMS,
            Service::WhatsApp => UNREACHABLE_WHATSAPP,
        })
    }

    async fn report(&self, message: &Carried, status: &str, code: Option<i64>) {
        let Some(url) = &message.report_to else {
            return;
        };
        let own = &message.account;
        let mut form = vec![
            ("MessageSid", message.sid.clone()),
            ("SmsSid", message.sid.clone()),
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
        let reached = self.host.reached(url).ok_or(NotTaken(None))?;
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let signature = signature(account.secret("auth_token"), url, form);
        let request = Request::post(reached)
            .header(
                CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .header("x-twilio-signature", signature)
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| NotTaken(None))?;
        let answer = self.client.send(request).await;
        let status = answer.map_err(|_| NotTaken(None))?.status;
        match status.is_success() {
            true => Ok(()),
            false => Err(NotTaken(Some(status.as_u16()))),
        }
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

    /// Waits, in tenths of a second.
    async fn pause(&self, tenths: (u64, u64)) {
        let tenths = lock(&self.dice).between(tenths);
        sleep(Duration::from_millis(tenths * 100)).await;
    }
}

fn own_sid(account: &Account) -> &str {
    account.setting("account_sid")
}

/// A number as it is written for a service.
fn written(service: Service, number: &str) -> String {
    match service {
        Service::Sms => number.to_owned(),
        Service::WhatsApp => format!("whatsapp:{number}"),
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
