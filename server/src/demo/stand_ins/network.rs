//! What all stand-ins have in common: they carry to simulated phones with the delays of a network, now and then one is out of
//! reach, and they call the host where it listens.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::backend::ApiResult;
use axum::body::Bytes;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use http_body_util::Full;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::time::Timestamp;
use shared::transcript::{Author, Entry, EntryBody};
use tokio::time::sleep;

use super::{HostAddress, NotTaken, lock};
use crate::demo::channels::{self, DemoAccount};
use crate::demo::dice::Dice;
use crate::demo::phones::{Phone, PhoneId, PhoneText, Phones, Service, Vendor};
use crate::desk::{Desk, to_app_error};
use crate::http_client::{HttpClient, TIME_LIMIT};

/// How much of a conversation a phone shows that was made in a run before.
const HISTORY: i64 = 100;
/// Of so many messages to simulated customers one does not arrive, where the vendor has a number for that.
const UNREACHABLE_EACH: usize = 12;
/// How long each step of a message takes, in tenths of a second.
const TO_NETWORK: (u64, u64) = (3, 10);
const TO_PHONE: (u64, u64) = (8, 30);
const TO_EYES: (u64, u64) = (20, 90);

/// The network. Cheap to clone; clones share it.
#[derive(Clone)]
pub(super) struct Network(Arc<Inner>);

struct Inner {
    desk: Desk,
    phones: Phones,
    accounts: Vec<DemoAccount>,
    host: HostAddress,
    client: HttpClient,
    carried: AtomicUsize,
    dice: Mutex<Dice>,
}

/// A message on its way to a phone.
pub(super) struct Carried {
    /// Whose.
    pub(super) phone: PhoneId,
    /// What the vendor calls it.
    pub(super) id: String,
    /// What is said.
    pub(super) text: String,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is on its way.
    Sent,
    /// It is on the phone.
    Delivered,
    /// Its owner has seen it.
    Read,
    /// It did not arrive: the vendor's number for that.
    Lost(i64),
}

/// A request to the host.
pub(super) struct Call<'a> {
    /// As the vendor knows it.
    pub(super) url: &'a str,
    /// Of which kind the body is.
    pub(super) content_type: &'static str,
    /// The name of the header with the signature, and the signature.
    pub(super) signature: (&'static str, String),
    /// What is said.
    pub(super) body: String,
}

impl Network {
    /// Of the demo's accounts that are there.
    pub(super) async fn new(desk: Desk, host: HostAddress) -> ApiResult<Self> {
        let accounts = channels::accounts(&desk).await?;
        Ok(Self(Arc::new(Inner {
            desk,
            phones: Phones::default(),
            accounts,
            host,
            client: HttpClient::new(TIME_LIMIT),
            carried: AtomicUsize::default(),
            dice: Mutex::default(),
        })))
    }

    /// The desk whose host is called.
    pub(super) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// The phones.
    pub(super) fn phones(&self) -> &Phones {
        &self.0.phones
    }

    /// The contact centre's accounts at a vendor.
    pub(super) fn accounts(&self, vendor: Vendor) -> impl Iterator<Item = &DemoAccount> {
        let accounts = self.0.accounts.iter();
        accounts.filter(move |account| account.service.vendor() == vendor)
    }

    /// The account of a service.
    pub(super) fn account(&self, service: Service) -> Option<&DemoAccount> {
        let mut accounts = self.0.accounts.iter();
        accounts.find(|account| account.service == service)
    }

    /// What time it is.
    pub(super) fn now(&self) -> Timestamp {
        self.0.desk.clock().now()
    }

    /// An id that nothing else has.
    pub(super) fn id(&self) -> String {
        self.0.desk.ids().next()
    }

    /// The address of the host at which it takes what is for this account, as the vendor knows it.
    pub(super) fn webhook(&self, account: &DemoAccount) -> String {
        format!("{}{}", self.0.host.public_url, account.webhook)
    }

    /// A phone as it is, or would be with what was said in runs before. None is made.
    pub(super) async fn phone_find(&self, id: &PhoneId) -> ApiResult<Phone> {
        match self.phones().find(id) {
            Some(phone) => Ok(phone),
            None => self.remembered(id).await,
        }
    }

    /// A phone. One that is not there is made, with what was said in runs before; nothing where there is no room for another.
    pub(super) async fn phone(&self, id: &PhoneId) -> ApiResult<Option<Phone>> {
        let phones = self.phones();
        if phones.find(id).is_none() {
            let remembered = self.remembered(id).await?;
            if phones.add(id, remembered).is_err() {
                return Ok(None);
            }
        }
        Ok(phones.find(id))
    }

    /// Makes a phone before the first text of this run is put on it, so that what was said before stands above it.
    pub(super) async fn prepare(&self, id: &PhoneId) -> Phone {
        let phone = self.phone(id).await.ok().flatten();
        phone.unwrap_or_default()
    }

    /// Calls the host where it listens.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<(), NotTaken> {
        let reached = self.0.host.reached(call.url).ok_or(NotTaken(None))?;
        let (name, signature) = call.signature;
        let request = Request::post(reached)
            .header(CONTENT_TYPE, call.content_type)
            .header(name, signature)
            .body(Full::new(Bytes::from(call.body)))
            .map_err(|_| NotTaken(None))?;
        let answer = self.0.client.send(request).await;
        let status = answer.map_err(|_| NotTaken(None))?.status;
        match status.is_success() {
            true => Ok(()),
            false => Err(NotTaken(Some(status.as_u16()))),
        }
    }

    /// Puts on a phone what its owner wrote, with what became of it.
    pub(super) fn wrote(
        &self,
        phone: &PhoneId,
        id: String,
        text: &str,
        taken: Result<(), NotTaken>,
    ) {
        let delivery = match taken {
            Ok(()) => Delivery::of(DeliveryState::Delivered),
            Err(NotTaken(status)) => {
                Delivery::failed(DeliveryReason::Refused, status.map(i64::from))
            }
        };
        let text = PhoneText {
            id,
            mine: true,
            text: text.to_owned(),
            at: self.now(),
            delivery: Some(delivery),
        };
        self.phones().put(phone, text);
    }

    /// Takes a message to its phone, and reports each step. `lost`: the vendor's number for a phone that is out of reach; without
    /// one every message arrives in the end.
    pub(super) async fn carry<R: Future<Output = ()>>(
        &self,
        message: &Carried,
        lost: Option<i64>,
        report: impl Fn(Step) -> R,
    ) {
        let (phone, phones) = (&message.phone, self.phones());
        let on_its_way = PhoneText {
            id: message.id.clone(),
            mine: false,
            text: message.text.clone(),
            at: self.now(),
            delivery: Some(Delivery::of(DeliveryState::Sent)),
        };
        phones.put(phone, on_its_way);
        self.pause(TO_NETWORK).await;
        report(Step::Sent).await;
        self.pause(TO_PHONE).await;
        if let Some(code) = self.out_of_reach(phone, lost).await {
            let failed = Delivery::failed(DeliveryReason::Undelivered, Some(code));
            phones.mark(phone, &message.id, failed, None);
            return report(Step::Lost(code)).await;
        }
        let delivered = Delivery::of(DeliveryState::Delivered);
        phones.mark(phone, &message.id, delivered, Some(self.now()));
        report(Step::Delivered).await;
        if phone.service.is_app() {
            self.pause(TO_EYES).await;
            let read = Delivery::of(DeliveryState::Read);
            phones.mark(phone, &message.id, read, None);
            report(Step::Read).await;
        }
    }

    /// Why a message does not arrive. An app waits for a phone that is off; a network gives up.
    async fn out_of_reach(&self, id: &PhoneId, lost: Option<i64>) -> Option<i64> {
        if id.service.is_app() {
            self.phones().switched_on(id).await;
        }
        let code = lost?;
        let phone = self.phones().find(id).unwrap_or_default();
        let count = self.0.carried.fetch_add(1, Ordering::Relaxed) + 1;
        let lost = phone.off || (!phone.held && count.is_multiple_of(UNREACHABLE_EACH));
        lost.then_some(code)
    }

    /// Waits, in tenths of a second.
    async fn pause(&self, tenths: (u64, u64)) {
        let tenths = lock(&self.0.dice).between(tenths);
        sleep(Duration::from_millis(tenths * 100)).await;
    }

    /// What the database knows of a phone. The staff's view is read, because it says how far each message has come.
    async fn remembered(&self, id: &PhoneId) -> ApiResult<Phone> {
        let desk = self.desk();
        let Some(key) = channels::find(desk, id.service).await? else {
            return Ok(Phone::default());
        };
        let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
        let identity = rows.identity_at(&key, id.address()).await;
        let Some(identity) = identity.map_err(to_app_error)? else {
            return Ok(Phone::default());
        };
        let visit = rows.customer_visit_find(&key, &identity.id).await;
        let Some(visit) = visit.map_err(to_app_error)? else {
            return Ok(Phone::default());
        };
        let entries = rows
            .entries_before(&visit.workitem, i64::MAX, HISTORY)
            .await;
        let entries = entries.map_err(to_app_error)?.into_iter().rev();
        let texts = entries.filter_map(|row| remembered_text(row.entry));
        Ok(Phone {
            name: Some(visit.name).filter(|name| is_name(id, name)),
            texts: texts.collect(),
            ..Phone::default()
        })
    }
}

/// Whether the contact centre has a name of the customer's, and not one that it made of their number.
fn is_name(id: &PhoneId, name: &str) -> bool {
    let end = id.address().len().saturating_sub(4);
    !name.starts_with('+') && !name.ends_with(&id.address()[end..])
}

/// A message as it stands on the phone; nothing for what no customer sees, nor for what is still going to be sent.
fn remembered_text(entry: Entry) -> Option<PhoneText> {
    let EntryBody::Message {
        author,
        text,
        delivery,
        ..
    } = entry.body
    else {
        return None;
    };
    let waits = delivery.is_some_and(|delivery| delivery.state == DeliveryState::Queued);
    (!waits).then(|| PhoneText {
        id: entry.id.to_string(),
        mine: author == Author::Customer,
        text,
        at: entry.at,
        delivery,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_made_of_a_number_is_none() {
        let messenger = PhoneId::new(Service::Messenger, "6543217890123401");
        assert!(is_name(&messenger, "Jonas Petrov"));
        assert!(!is_name(&messenger, "Messenger 3401"));
        let sms = PhoneId::new(Service::Sms, "+4915123456789");
        assert!(!is_name(&sms, "+49 151 23456789"));
        assert!(is_name(&sms, "Karin Vogel"));
    }
}
