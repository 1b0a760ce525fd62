//! Stand-ins of the vendors that carry messages, a module for each: the part of a vendor's interface that Sideline uses, on a
//! loopback address of its own, and the calls that the vendor makes, signed as the vendor signs them. Behind them lie the
//! simulated phones.

mod meta;
mod network;
mod twilio;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::backend::ApiResult;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::meta::Meta;
use self::network::Network;
use self::twilio::Twilio;
use super::phones::{Phone, PhoneId, Phones, Vendor};
use crate::desk::Desk;
use crate::serve::answer;

/// Addresses at which stand-ins are going to answer. They are open before the program knows its accounts, because it has to
/// know the addresses.
pub struct Doors {
    twilio: Door,
    meta: Door,
}

/// The address of one of them.
struct Door {
    listener: TcpListener,
    url: String,
}

impl Doors {
    /// Opens them on free ports of this machine.
    pub async fn open() -> std::io::Result<Self> {
        let (twilio, meta) = (Door::open().await?, Door::open().await?);
        Ok(Self { twilio, meta })
    }

    /// Where Twilio is.
    pub fn twilio_url(&self) -> &str {
        &self.twilio.url
    }

    /// Where Meta is.
    pub fn meta_url(&self) -> &str {
        &self.meta.url
    }
}

impl Door {
    async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, url })
    }

    /// Answers until `stopped` turns true.
    fn serve(self, router: Router, mut stopped: watch::Receiver<bool>) {
        tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            answer(self.listener, router, stop).await;
        });
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
    network: Network,
    twilio: Twilio,
    meta: Meta,
}

impl StandIns {
    /// Lets them answer until `stopped` turns true.
    pub async fn start(
        doors: Doors,
        desk: Desk,
        host: HostAddress,
        stopped: watch::Receiver<bool>,
    ) -> ApiResult<Self> {
        let network = Network::new(desk, host).await?;
        let twilio = Twilio::new(network.clone());
        let meta = Meta::new(network.clone());
        doors.twilio.serve(twilio.router(), stopped.clone());
        doors.meta.serve(meta.router(), stopped);
        let stand_ins = Self {
            network,
            twilio,
            meta,
        };
        for phone in super::stories::phones() {
            stand_ins.own_phone(&phone).await?;
        }
        Ok(stand_ins)
    }

    /// The phones.
    pub fn phones(&self) -> &Phones {
        self.network.phones()
    }

    /// The desk that they reach.
    pub fn desk(&self) -> &Desk {
        self.network.desk()
    }

    /// What phones of this service know the contact centre by: a number, or the name of a page; nothing where it has none.
    pub fn known_as(&self, phone: &PhoneId) -> Option<&str> {
        let account = self.network.account(phone.service)?;
        Some(account.known_as)
    }

    /// A phone as it is, or would be with what was said in runs before. Looking makes none.
    pub async fn phone_find(&self, id: &PhoneId) -> ApiResult<Phone> {
        self.network.phone_find(id).await
    }

    /// A phone. One that is not there is made, with what was said in runs before; nothing where there is no room for another.
    pub async fn phone(&self, id: &PhoneId) -> ApiResult<Option<Phone>> {
        self.network.phone(id).await
    }

    /// Makes the phone of a customer of the demo's own, which never makes room for another.
    pub async fn own_phone(&self, id: &PhoneId) -> ApiResult<()> {
        self.phone(id).await?;
        self.phones().settle(id);
        Ok(())
    }

    /// The owner of a phone writes a text.
    pub async fn write(&self, id: &PhoneId, text: &str) -> Result<(), NotTaken> {
        match id.service.vendor() {
            Vendor::Twilio => self.twilio.bring(id, text).await,
            Vendor::Meta => self.meta.bring(id, text).await,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
