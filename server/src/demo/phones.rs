//! Simulated phones: what stands on each of them. The stand-ins of vendors put there what the contact centre sends; the page
//! `/demo/phone` and the simulated customers read it. It is kept in memory alone: the database has the conversations.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::delivery::{Delivery, DeliveryState};
use shared::time::Timestamp;
use tokio::sync::watch;

/// How many phones there are at most: anybody who sees the page can make one.
const PHONES_MAX: usize = 200;
/// How many texts a phone keeps; older ones go first.
const TEXTS_MAX: usize = 200;

/// How many keys of texts a phone remembers: a browser tries the last one again.
const KEYS_MAX: usize = 20;
/// How long a key is at most, in bytes; a longer one is of no form of the page.
const KEY_MAX: usize = 64;

/// Who carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Twilio.
    Twilio,
    /// Meta.
    Meta,
}

/// By which service a phone writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Text messages, by Twilio.
    Sms,
    /// WhatsApp, by Twilio.
    WhatsApp,
    /// Messenger.
    Messenger,
    /// Instagram.
    Instagram,
    /// WhatsApp, by Meta itself.
    WhatsAppByMeta,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sms,
        Self::WhatsApp,
        Self::Messenger,
        Self::Instagram,
        Self::WhatsAppByMeta,
    ];

    /// Its name in addresses and forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::WhatsAppByMeta => "whatsapp_meta",
        }
    }

    /// The service of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.code() == code)
    }

    /// Who carries its messages to and from the contact centre.
    pub fn vendor(self) -> Vendor {
        match self {
            Self::Sms | Self::WhatsApp => Vendor::Twilio,
            Self::Messenger | Self::Instagram | Self::WhatsAppByMeta => Vendor::Meta,
        }
    }

    /// Whether its users are known by their number; else the vendor calls them by a number of its own.
    pub fn knows_numbers(self) -> bool {
        !matches!(self, Self::Messenger | Self::Instagram)
    }

    /// Whether it is an app with an account, in place of the phone's own network: it says when something was read, keeps what
    /// is sent to a phone that is off, and knows how its users call themselves.
    pub fn is_app(self) -> bool {
        self != Self::Sms
    }
}

/// Names a phone: what it writes by, and its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneId {
    /// The service.
    pub service: Service,
    /// The number with its country code; where the service knows no numbers, the digits that the vendor calls its owner by.
    pub number: String,
}

impl PhoneId {
    /// A phone that writes by this service.
    pub fn new(service: Service, number: &str) -> Self {
        let number = number.to_owned();
        Self { service, number }
    }

    /// What the vendor calls its owner when it speaks with the contact centre: Meta writes numbers without their plus.
    pub fn address(&self) -> &str {
        match self.service.vendor() {
            Vendor::Twilio => &self.number,
            Vendor::Meta => self.number.trim_start_matches('+'),
        }
    }
}

/// A text on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneText {
    /// What the vendor calls it.
    pub id: String,
    /// Whether the phone's owner wrote it.
    pub mine: bool,
    /// What is said.
    pub text: String,
    /// When it was written; when it arrived, once it has.
    pub at: Timestamp,
    /// How far it has come; nothing where nobody knows.
    pub delivery: Option<Delivery>,
}

impl PhoneText {
    /// Whether it is on its way.
    fn is_coming(&self) -> bool {
        let state = self.delivery.map(|delivery| delivery.state);
        matches!(state, Some(DeliveryState::Queued | DeliveryState::Sent))
    }

    /// Whether the phone has shown it to its owner.
    pub fn has_arrived(&self) -> bool {
        let state = self.delivery.map(|delivery| delivery.state);
        !matches!(
            state,
            Some(DeliveryState::Queued | DeliveryState::Sent | DeliveryState::Failed)
        )
    }
}

/// One phone.
#[derive(Clone, Debug, Default)]
pub struct Phone {
    /// As its owner is called in an app.
    pub name: Option<String>,
    /// It is switched off.
    pub off: bool,
    /// A person has written with it, so no simulated customer does any more.
    pub held: bool,
    /// What stands on it, oldest first.
    pub texts: Vec<PhoneText>,
}

/// There are as many phones as there may be, and none of them can make room.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// All phones. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub struct Phones(Arc<Inner>);

#[derive(Default)]
struct Inner {
    kept: Mutex<PhoneBook>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct PhoneBook {
    phones: BTreeMap<PhoneId, PhoneRecord>,
    /// How often any of them was used.
    uses: u64,
}

#[derive(Default)]
struct PhoneRecord {
    phone: Phone,
    /// Which use was its last.
    used: u64,
    /// The texts that are on their way to it.
    coming: BTreeSet<String>,
    /// The last texts that its owner wrote, each behind its key.
    taken: VecDeque<(String, String)>,
    /// It belongs to a customer of the demo's own and never makes room.
    stays: bool,
}

impl PhoneBook {
    /// Lets the phone that was used longest ago make room. What was said on it is in the database; a phone to which something
    /// is on its way has to be there when it comes.
    fn make_room(&mut self) -> Result<(), Full> {
        if self.phones.len() < PHONES_MAX {
            return Ok(());
        }
        let free = self.phones.iter();
        let free = free.filter(|(_, kept)| !kept.stays && kept.coming.is_empty());
        let longest_ago = free.min_by_key(|(_, kept)| kept.used);
        let id = longest_ago.map(|(id, _)| id.clone()).ok_or(Full)?;
        self.phones.remove(&id);
        Ok(())
    }
}

impl Phones {
    /// Each phone with the name of its owner, by service and number.
    pub fn list(&self) -> Vec<(PhoneId, Option<String>)> {
        let kept = self.lock();
        let each = kept.phones.iter();
        each.map(|(id, kept)| (id.clone(), kept.phone.name.clone()))
            .collect()
    }

    /// A phone as it stands.
    pub fn find(&self, id: &PhoneId) -> Option<Phone> {
        let kept = self.lock();
        kept.phones.get(id).map(|kept| kept.phone.clone())
    }

    /// Adds a phone, unless it is there. Where there are as many as there may be, the one that was used longest ago makes room.
    pub fn add(&self, id: &PhoneId, phone: Phone) -> Result<(), Full> {
        let mut kept = self.lock();
        if kept.phones.contains_key(id) {
            return Ok(());
        }
        kept.make_room()?;
        kept.uses += 1;
        let added = PhoneRecord {
            phone,
            used: kept.uses,
            ..PhoneRecord::default()
        };
        kept.phones.insert(id.clone(), added);
        Ok(())
    }

    /// A phone that is there never makes room from now on.
    pub fn settle(&self, id: &PhoneId) {
        if let Some(kept) = self.lock().phones.get_mut(id) {
            kept.stays = true;
        }
    }

    /// Takes a text of the owner's under the key of its form. False: it came before, and its browser has no answer. The text
    /// counts too: somebody who goes back in their browser writes another one in the same form.
    pub fn take(&self, id: &PhoneId, key: &str, text: &str) -> bool {
        let mut kept = self.lock();
        let Some(kept) = kept.phones.get_mut(id) else {
            return true;
        };
        if key.is_empty() || key.len() > KEY_MAX {
            return true;
        }
        let taken = &mut kept.taken;
        if taken
            .iter()
            .any(|(known, said)| known == key && said == text)
        {
            return false;
        }
        if taken.len() >= KEYS_MAX {
            taken.pop_front();
        }
        taken.push_back((key.to_owned(), text.to_owned()));
        true
    }

    /// Puts a text on a phone; one that nobody has made is made, where there is room.
    pub fn put(&self, id: &PhoneId, text: PhoneText) {
        // A text to a number that is nobody's: the vendor takes it all the same.
        if self.add(id, Phone::default()).is_err() {
            return;
        }
        self.change(id, |kept| {
            let texts = &mut kept.phone.texts;
            if texts.len() >= TEXTS_MAX {
                texts.remove(0);
            }
            if !text.mine && text.is_coming() {
                kept.coming.insert(text.id.clone());
            }
            texts.push(text);
        });
    }

    /// Notes how far a text has come; `at`: when it arrived.
    pub fn mark(&self, id: &PhoneId, text: &str, delivery: Delivery, at: Option<Timestamp>) {
        self.change(id, |kept| {
            if delivery.state != DeliveryState::Sent {
                kept.coming.remove(text);
            }
            let texts = &mut kept.phone.texts;
            if let Some(found) = texts.iter_mut().find(|known| known.id == text) {
                found.delivery = Some(delivery);
                found.at = at.unwrap_or(found.at);
            }
        });
    }

    /// Its owner is called so.
    pub fn rename(&self, id: &PhoneId, name: &str) {
        self.change(id, |kept| kept.phone.name = Some(name.to_owned()));
    }

    /// Switches a phone off or on.
    pub fn switch(&self, id: &PhoneId, off: bool) {
        self.change(id, |kept| kept.phone.off = off);
    }

    /// A person writes with it from now on.
    pub fn hold(&self, id: &PhoneId) {
        self.change(id, |kept| kept.phone.held = true);
    }

    /// Turns whenever anything stands on any phone that did not.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Done when the phone is on.
    pub async fn switched_on(&self, id: &PhoneId) {
        let mut changes = self.changes();
        while self.find(id).is_some_and(|phone| phone.off) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn change(&self, id: &PhoneId, change: impl FnOnce(&mut PhoneRecord)) {
        let mut kept = self.lock();
        kept.uses += 1;
        let used = kept.uses;
        if let Some(kept) = kept.phones.get_mut(id) {
            kept.used = used;
            change(kept);
        }
        drop(kept);
        self.0.changed.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, PhoneBook> {
        // Nothing under this lock can panic half-way through a change.
        let kept = self.0.kept.lock();
        kept.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> PhoneId {
        PhoneId::new(Service::Sms, &format!("+4477009{number:05}"))
    }

    fn text(id: &str, state: DeliveryState) -> PhoneText {
        PhoneText {
            id: id.to_owned(),
            mine: false,
            text: id.to_owned(),
            at: Timestamp(0),
            delivery: Some(Delivery::of(state)),
        }
    }

    #[test]
    fn a_phone_is_called_as_its_vendor_calls_it() {
        for (service, number, address) in [
            (Service::Sms, "+447700900142", "+447700900142"),
            (Service::WhatsApp, "+447700900142", "+447700900142"),
            (Service::WhatsAppByMeta, "+447700900142", "447700900142"),
            (Service::Messenger, "6543217890123401", "6543217890123401"),
        ] {
            assert_eq!(PhoneId::new(service, number).address(), address);
            assert_eq!(Service::from_code(service.code()), Some(service));
        }
    }

    #[test]
    fn there_is_an_end_to_phones_and_to_what_one_keeps() {
        let phones = Phones::default();
        for number in 0..PHONES_MAX {
            assert_eq!(phones.add(&id(number), Phone::default()), Ok(()));
        }
        for number in 0..PHONES_MAX {
            phones.put(&id(number), text("coming", DeliveryState::Sent));
        }
        assert_eq!(phones.add(&id(PHONES_MAX), Phone::default()), Err(Full));
        assert_eq!(phones.add(&id(0), Phone::default()), Ok(()));
        for number in 0..=TEXTS_MAX {
            phones.put(&id(0), text(&number.to_string(), DeliveryState::Sent));
            phones.put(&id(PHONES_MAX), text("nobody's", DeliveryState::Sent));
        }
        let kept = phones.find(&id(0)).unwrap().texts;
        assert_eq!((kept.len(), kept[0].id.as_str()), (TEXTS_MAX, "1"));
    }

    #[test]
    fn the_phone_that_was_used_longest_ago_makes_room() {
        let phones = Phones::default();
        let is_there = |number: usize| phones.find(&id(number)).is_some();
        for number in 0..PHONES_MAX {
            phones.add(&id(number), Phone::default()).unwrap();
        }
        phones.settle(&id(0));
        phones.put(&id(1), text("coming", DeliveryState::Sent));
        phones.put(&id(2), text("read", DeliveryState::Read));
        for more in 0..PHONES_MAX - 3 {
            phones
                .add(&id(PHONES_MAX + more), Phone::default())
                .unwrap();
        }
        assert!(is_there(0), "it belongs to the demo");
        assert!(is_there(1), "something is on its way to it");
        assert!(is_there(2), "it was used later than the others");
        assert!((3..PHONES_MAX).all(|number| !is_there(number)));
        let delivered = Delivery::of(DeliveryState::Delivered);
        phones.mark(&id(1), "coming", delivered, None);
        for more in 0..PHONES_MAX - 1 {
            phones
                .add(&id(3 * PHONES_MAX + more), Phone::default())
                .unwrap();
        }
        assert!(is_there(0) && !is_there(1) && !is_there(2));
        assert_eq!(phones.list().len(), PHONES_MAX);
    }

    #[test]
    fn a_text_is_taken_once_under_its_key() {
        let phones = Phones::default();
        phones.add(&id(0), Phone::default()).unwrap();
        phones.add(&id(1), Phone::default()).unwrap();
        assert!(phones.take(&id(0), "a", "Hello"));
        assert!(!phones.take(&id(0), "a", "Hello"));
        assert!(phones.take(&id(0), "a", "Hello?"), "another text");
        assert!(phones.take(&id(1), "a", "Hello"), "another phone");
        for _ in 0..2 {
            assert!(phones.take(&id(0), "", "Hello"), "no key");
            assert!(phones.take(&id(0), &"k".repeat(KEY_MAX + 1), "Hello"));
        }
        for number in 0..KEYS_MAX {
            assert!(phones.take(&id(0), &number.to_string(), "Hello"));
        }
        assert!(phones.take(&id(0), "a", "Hello"), "there is an end to keys");
    }

    #[test]
    fn a_text_is_read_when_it_has_arrived() {
        let phones = Phones::default();
        phones.put(&id(0), text("a", DeliveryState::Sent));
        assert!(!phones.find(&id(0)).unwrap().texts[0].has_arrived());
        let delivered = Delivery::of(DeliveryState::Delivered);
        phones.mark(&id(0), "a", delivered, Some(Timestamp(7)));
        let arrived = phones.find(&id(0)).unwrap().texts.remove(0);
        assert!(arrived.has_arrived() && arrived.at == Timestamp(7));
    }

    #[tokio::test]
    async fn what_waits_for_a_phone_goes_on_when_it_is_switched_on() {
        let phones = Phones::default();
        phones.add(&id(0), Phone::default()).unwrap();
        phones.switch(&id(0), true);
        let (waiting, on) = (phones.clone(), phones.clone());
        let waits = tokio::spawn(async move { waiting.switched_on(&id(0)).await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        on.switch(&id(0), false);
        waits.await.unwrap();
    }
}
