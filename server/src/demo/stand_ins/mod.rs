//! Stand-ins of the vendors that carry messages, a module for each: the part of a vendor's interface that Sideline uses, on a
//! loopback address of its own, and the calls that the vendor makes, signed as the vendor signs them. Behind them lie the
//! simulated phones.

mod twilio;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use app::backend::Answer;
use shared::delivery::DeliveryState;
use shared::transcript::{Author, Entry, EntryBody};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::twilio::Twilio;
use super::channels;
use super::phones::{Phone, PhoneId, PhoneText, Phones};
use crate::desk::{Desk, to_app_error};

/// How much of a conversation a phone shows that was made in a run before.
const HISTORY: i64 = 100;

/// Addresses at which stand-ins are going to answer. They are open before the program knows its accounts, because it has to
/// know the addresses.
pub struct Doors {
    twilio: TcpListener,
    twilio_url: String,
}

impl Doors {
    /// Opens them on free ports of this machine.
    pub async fn open() -> std::io::Result<Self> {
        let twilio = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let twilio_url = format!("http://{}", twilio.local_addr()?);
        Ok(Self { twilio, twilio_url })
    }

    /// Where Twilio is.
    pub fn twilio_url(&self) -> &str {
        &self.twilio_url
    }
}

/// How the host is called by the vendors.
#[derive(Clone, Debug)]
pub struct HostAddress {
    /// The address that they sign, without a slash at its end.
    pub public_url: String,
    /// Where it listens.
    pub listens: SocketAddr,
}

impl HostAddress {
    /// Of a host that listens there; without a public address it is called by that one.
    pub fn new(public_url: Option<&str>, listens: SocketAddr) -> Self {
        let ip = match listens.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let listens = SocketAddr::new(ip, listens.port());
        let public_url = public_url.map_or_else(|| format!("http://{listens}"), str::to_owned);
        Self {
            public_url,
            listens,
        }
    }

    /// Where a URL of the host is really reached; nothing for one of somebody else.
    fn reached(&self, url: &str) -> Option<String> {
        let path = url.strip_prefix(&self.public_url)?;
        let listens = self.listens;
        path.starts_with('/')
            .then(|| format!("http://{listens}{path}"))
    }
}

/// Why a text on its way to the contact centre was not taken: the status of the answer, none where there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTaken(pub Option<u16>);

/// All stand-ins, and the phones behind them. Cheap to clone.
#[derive(Clone)]
pub struct StandIns {
    desk: Desk,
    phones: Phones,
    twilio: Twilio,
}

impl StandIns {
    /// Lets them answer until `stopped` turns true.
    pub async fn start(
        doors: Doors,
        desk: Desk,
        host: HostAddress,
        stopped: watch::Receiver<bool>,
    ) -> Answer<Self> {
        let phones = Phones::default();
        let accounts = channels::accounts(&desk).await?;
        let twilio = Twilio::new(desk.clone(), phones.clone(), accounts, host);
        twilio.serve(doors.twilio, stopped);
        let stand_ins = Self {
            desk,
            phones,
            twilio,
        };
        for phone in super::stories::phones() {
            stand_ins.phone(&phone).await?;
        }
        Ok(stand_ins)
    }

    /// The phones.
    pub fn phones(&self) -> &Phones {
        &self.phones
    }

    /// The desk that they reach.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The contact centre's number for phones of this service; nothing where it has none.
    pub fn number(&self, phone: &PhoneId) -> Option<&str> {
        self.twilio.number(phone.service)
    }

    /// A phone. One that is not there is made, with what was said in runs before; nothing where there is no room for another.
    pub async fn phone(&self, id: &PhoneId) -> Answer<Option<Phone>> {
        if self.phones.find(id).is_none() {
            let remembered = self.remembered(id).await?;
            if self.phones.add(id, remembered).is_err() {
                return Ok(None);
            }
        }
        Ok(self.phones.find(id))
    }

    /// The owner of a phone writes a text.
    pub async fn write(&self, id: &PhoneId, text: &str) -> Result<(), NotTaken> {
        self.twilio.bring(id, text).await
    }

    /// What the database knows of a phone. The staff's view is read, because it says how far each message has come.
    async fn remembered(&self, id: &PhoneId) -> Answer<Phone> {
        let Some(key) = channels::find(&self.desk, id.service).await? else {
            return Ok(Phone::default());
        };
        let mut rows = self.desk.store().snapshot().await.map_err(to_app_error)?;
        let identity = rows.identity_at(&key, &id.number).await;
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
            name: Some(visit.name).filter(|name| !name.starts_with('+')),
            texts: texts.collect(),
            ..Phone::default()
        })
    }
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
    fn the_host_is_called_where_it_listens_whatever_it_is_called_by() {
        let listens = "0.0.0.0:3000".parse().unwrap();
        let host = HostAddress::new(None, listens);
        assert_eq!(host.public_url, "http://127.0.0.1:3000");
        let host = HostAddress::new(Some("https://desk.example.com"), listens);
        let reached = host.reached("https://desk.example.com/channels/twilio/a/status?message=1");
        assert_eq!(
            reached.as_deref(),
            Some("http://127.0.0.1:3000/channels/twilio/a/status?message=1")
        );
        assert_eq!(host.reached("https://desk.example.com.evil.test/"), None);
        assert_eq!(host.reached("https://elsewhere.example.com/"), None);
    }
}
