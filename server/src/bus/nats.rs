//! A link over NATS: core subjects, without anything that NATS stores.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::future::ready;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, HeaderMap, Server, ServerAddr};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::hint::{ALL, Hint};
use super::link::{Heard, Link, LinkState, Obstacle};
use crate::traces::{Origin, TRACEPARENT};

/// How many hints wait to be sent; further ones are dropped.
const OUTGOING: usize = 4_096;
/// How many hints of other nodes wait to be heard; further ones are dropped.
const INCOMING: usize = 4_096;
/// How many of one subject wait.
const OF_SUBJECT: usize = 256;
/// How often the server is asked whether it is there. One that does not answer twice counts as gone.
const PING: Duration = Duration::from_secs(3);
/// How long connecting may take.
const REACHED_WITHIN: Duration = Duration::from_secs(3);
/// How long the client may take to accept a hint.
const ACCEPTED_WITHIN: Duration = Duration::from_millis(200);
/// The longest pause between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(2);

/// Where NATS is, and who asks: `nats://user:password@host:port` or `nats://token@host:port`, several with commas.
#[derive(Clone)]
pub struct BusAddress {
    /// Without names and passwords: the client writes addresses into the log, at the level debug.
    servers: Vec<ServerAddr>,
    login: Option<Login>,
}

/// Who asks. The client has one login for all servers.
#[derive(Clone)]
enum Login {
    User(String, String),
    Token(String),
}

impl Login {
    /// The login that an address holds: a name with its password, or a token, which stands alone.
    fn of(server: &ServerAddr) -> Option<Self> {
        let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let name = plain(server.username()?);
        Some(match server.password() {
            Some(password) => Self::User(name, plain(password)),
            None => Self::Token(name),
        })
    }
}

impl FromStr for BusAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Nothing of it is said again: it may hold a password.
        let expected = "expected nats://host:4222 or tls://host:4222, several with commas";
        let (mut servers, mut login) = (Vec::new(), None);
        for part in text.split(',').map(str::trim) {
            let known = ["nats://", "tls://"];
            if !known.iter().any(|scheme| part.starts_with(scheme)) {
                return Err(expected);
            }
            let server: ServerAddr = part.parse().map_err(|_| expected)?;
            login = login.or_else(|| Login::of(&server));
            let mut url = server.into_inner();
            let bare = url.set_password(None).and_then(|()| url.set_username(""));
            bare.map_err(|()| expected)?;
            servers.push(ServerAddr::from_url(url).map_err(|_| expected)?);
        }
        Ok(Self { servers, login })
    }
}

impl BusAddress {
    /// How the client connects: who asks, and whom it trusts.
    fn options(
        &self,
        credentials: Option<&str>,
        authorities: Option<&Path>,
    ) -> Result<ConnectOptions, String> {
        let mut options = ConnectOptions::new()
            .name("sideline")
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(PING)
            .connection_timeout(REACHED_WITHIN)
            .subscription_capacity(OF_SUBJECT)
            .reconnect_delay_callback(|attempts| {
                let exponent = u32::try_from(attempts.min(8)).unwrap_or_default();
                (Duration::from_millis(20) * 2_u32.pow(exponent)).min(AGAIN)
            });
        options = match self.login.clone() {
            Some(Login::User(user, password)) => options.user_and_password(user, password),
            Some(Login::Token(token)) => options.token(token),
            None => options,
        };
        if let Some(credentials) = credentials {
            let with = options.credentials(credentials);
            options = with.map_err(|error| error.to_string())?;
        }
        if let Some(authorities) = authorities {
            options = options.add_root_certificates(authorities.to_owned());
        }
        // A cluster names further servers, and its addresses do not say whether they want TLS.
        let by_tls = authorities.is_some() || self.servers.iter().all(ServerAddr::tls_required);
        Ok(options.require_tls(by_tls))
    }
}

/// Without names and passwords.
impl fmt::Display for BusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.servers.iter().map(|server| {
            let scheme = if server.tls_required() { "tls" } else { "nats" };
            format!("{scheme}://{}", place(server))
        });
        f.write_str(&each.collect::<Vec<_>>().join(","))
    }
}

/// Where a server is.
fn place(server: &ServerAddr) -> String {
    format!("{}:{}", server.host(), server.port())
}

impl fmt::Debug for BusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the link's task is asked to do.
enum Order {
    Send(String, Vec<u8>, Origin),
    Follow(String),
    Leave(String),
}

#[derive(Debug, Default)]
struct Counters {
    connected: AtomicBool,
    trouble: Mutex<Trouble>,
    sent: AtomicU64,
    dropped: AtomicU64,
    heard: AtomicU64,
    unknown: AtomicU64,
}

impl Counters {
    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What keeps the link from its servers since it was last there.
#[derive(Debug, Default)]
struct Trouble {
    obstacle: Obstacle,
    /// What the log has of it.
    said: BTreeSet<String>,
}

impl Trouble {
    /// Says what the client met at each server: each thing once, because the client tries again for ever.
    fn note(&mut self, servers: &[Server]) {
        self.obstacle = Obstacle::default();
        for server in servers {
            let Some(error) = server.last_error.as_deref() else {
                continue;
            };
            let (place, obstacle) = (place(&server.addr), obstacle(error));
            self.obstacle = self.obstacle.max(obstacle);
            if !self.said.insert(format!("{place} {error}")) {
                continue;
            }
            match obstacle {
                Obstacle::Refused => tracing::error!(
                    error,
                    "bus: NATS at {place} refuses this node; check its user, token or credentials"
                ),
                Obstacle::Untrusted => tracing::error!(
                    error,
                    "bus: NATS at {place} speaks no TLS that can be trusted; check its address, its certificate and --bus-ca"
                ),
                Obstacle::Unreachable => {
                    tracing::warn!(error, "bus: NATS at {place} cannot be reached");
                }
            }
        }
    }
}

/// What an error means. The client keeps no more of one than its words.
fn obstacle(error: &str) -> Obstacle {
    let error = error.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if says(&["authorization", "authentication", "signing nonce"]) {
        Obstacle::Refused
    } else if says(&["certificate", "corrupt message", "tls"]) {
        Obstacle::Untrusted
    } else {
        Obstacle::Unreachable
    }
}

/// The link of one node. It connects beside whatever uses it, and again when the connection was lost.
pub struct NatsLink {
    orders: mpsc::Sender<Order>,
    interests: mpsc::UnboundedSender<Order>,
    heard: Mutex<Option<mpsc::Receiver<Heard>>>,
    counters: Arc<Counters>,
}

impl fmt::Debug for NatsLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsLink")
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl NatsLink {
    /// A link among the nodes of one database, which `space` names. Answers at once, whether a server can be reached or not.
    /// `credentials`: the content of a file that `nsc` made. `authorities`: a file in PEM with those that may vouch for a server, in
    /// place of the machine's; with it nothing is said without TLS. To be made in the runtime in which it works.
    ///
    /// # Errors
    /// What is wrong with the credentials.
    pub async fn open(
        address: &BusAddress,
        credentials: Option<&str>,
        authorities: Option<&Path>,
        space: &str,
    ) -> Result<Self, String> {
        let counters = Arc::new(Counters::default());
        let (hear, heard) = mpsc::channel(INCOMING);
        let options = address.options(credentials, authorities)?;
        let (known, gap) = (counters.clone(), hear.clone());
        let options = options.event_callback(move |event| {
            let (known, gap) = (known.clone(), gap.clone());
            async move { on_event(&event, &known, &gap) }
        });
        // Here alone the client says why it did not get through. It chooses the next server as it would unasked.
        let known = counters.clone();
        let options = options.reconnect_to_server_callback(move |servers, _| {
            known.trouble().note(&servers);
            ready(None)
        });
        let client = options.connect(address.servers.clone()).await;
        let client = client.map_err(|error| error.to_string())?;
        let (orders, to_send) = mpsc::channel(OUTGOING);
        let (interests, wanted) = mpsc::unbounded_channel();
        tokio::spawn(sending(
            client.clone(),
            space.to_owned(),
            to_send,
            counters.clone(),
        ));
        let following = Following {
            client,
            space: space.to_owned(),
            hear,
            counters: counters.clone(),
        };
        tokio::spawn(following.run(wanted));
        let (asked, known) = (address.to_string(), counters.clone());
        tokio::spawn(async move {
            tokio::time::sleep(REACHED_WITHIN).await;
            if !known.connected.load(Ordering::Relaxed) {
                tracing::warn!(
                    "bus: NATS cannot be reached at {asked}; other nodes hear of changes later"
                );
            }
        });
        let link = Self {
            orders,
            interests,
            heard: Mutex::new(Some(heard)),
            counters,
        };
        link.follow(ALL.to_owned());
        Ok(link)
    }
}

fn on_event(event: &Event, counters: &Counters, gap: &mpsc::Sender<Heard>) {
    match event {
        Event::Connected => {
            counters.connected.store(true, Ordering::Relaxed);
            *counters.trouble() = Trouble::default();
            tracing::info!("bus: NATS can be reached");
            let _ = gap.try_send(Heard::Gap);
        }
        Event::Disconnected | Event::Closed => {
            if counters.connected.swap(false, Ordering::Relaxed) {
                tracing::warn!(
                    "bus: the connection to NATS was lost; other nodes hear of changes later"
                );
            }
        }
        Event::SlowConsumer(_) => {
            let _ = gap.try_send(Heard::Gap);
        }
        event => tracing::debug!(%event, "bus: NATS"),
    }
}

async fn sending(
    client: Client,
    space: String,
    mut orders: mpsc::Receiver<Order>,
    counters: Arc<Counters>,
) {
    while let Some(order) = orders.recv().await {
        let Order::Send(subject, hint, origin) = order else {
            continue;
        };
        let sent = counters.connected.load(Ordering::Relaxed) && {
            let subject = format!("sideline.{space}.{subject}");
            let publishing = async {
                // Headers cost every hint some bytes, and a server may be set not to take them.
                if !origin.is_known() {
                    return client.publish(subject, hint.into()).await;
                }
                let mut headers = HeaderMap::new();
                headers.insert(TRACEPARENT, origin.to_string().as_str());
                let publishing = client.publish_with_headers(subject, headers, hint.into());
                publishing.await
            };
            matches!(
                tokio::time::timeout(ACCEPTED_WITHIN, publishing).await,
                Ok(Ok(()))
            )
        };
        let counter = if sent {
            &counters.sent
        } else {
            &counters.dropped
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is followed.
struct Following {
    client: Client,
    space: String,
    hear: mpsc::Sender<Heard>,
    counters: Arc<Counters>,
}

impl Following {
    async fn run(self, mut wanted: mpsc::UnboundedReceiver<Order>) {
        let mut followed: HashMap<String, AbortHandle> = HashMap::new();
        while let Some(order) = wanted.recv().await {
            match order {
                Order::Follow(subject) if !followed.contains_key(&subject) => {
                    if let Some(task) = self.follow(&subject).await {
                        followed.insert(subject, task);
                    }
                }
                Order::Leave(subject) => {
                    // Dropping the subscription ends it.
                    if let Some(task) = followed.remove(&subject) {
                        task.abort();
                    }
                }
                Order::Follow(_) | Order::Send(..) => {}
            }
        }
        for task in followed.into_values() {
            task.abort();
        }
    }

    async fn follow(&self, subject: &str) -> Option<AbortHandle> {
        let subscribed = self
            .client
            .subscribe(format!("sideline.{}.{subject}", self.space));
        let mut messages = match subscribed.await {
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(%error, "bus: NATS does not let a node subscribe");
                return None;
            }
        };
        let (hear, counters) = (self.hear.clone(), self.counters.clone());
        let following = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                // One of a later release says what this one does not know. The sweep finds it.
                let Ok(hint) = serde_json::from_slice::<Hint>(&message.payload) else {
                    counters.unknown.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!("bus: a hint was not understood");
                    continue;
                };
                counters.heard.fetch_add(1, Ordering::Relaxed);
                let headers = message.headers.as_ref();
                let origin = headers.and_then(|headers| headers.get(TRACEPARENT));
                let origin = origin.map(|origin| Origin::said(origin.as_str()));
                let heard = Heard::Hint(hint, origin.unwrap_or_default());
                if hear.send(heard).await.is_err() {
                    return;
                }
            }
        });
        Some(following.abort_handle())
    }
}

impl Link for NatsLink {
    fn send(&self, hint: &Hint) {
        let Ok(encoded) = serde_json::to_vec(hint) else {
            return;
        };
        if self
            .orders
            .try_send(Order::Send(hint.subject(), encoded, Origin::here()))
            .is_err()
        {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn follow(&self, subject: String) {
        let _ = self.interests.send(Order::Follow(subject));
    }

    fn leave(&self, subject: String) {
        let _ = self.interests.send(Order::Leave(subject));
    }

    fn listen(&self) -> Option<mpsc::Receiver<Heard>> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn state(&self) -> LinkState {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LinkState {
            connected: self.counters.connected.load(Ordering::Relaxed),
            obstacle: self.counters.trouble().obstacle,
            sent: count(&self.counters.sent),
            dropped: count(&self.counters.dropped),
            heard: count(&self.counters.heard),
            unknown: count(&self.counters.unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_name_who_asks_and_never_says_so_again() {
        let address: BusAddress = "tls://desk:p%40ss@one:4222, nats://two".parse().unwrap();
        for said in [address.to_string(), format!("{address:?}")] {
            assert_eq!(said, "tls://one:4222,nats://two:4222");
        }
        let servers = format!("{:?}", address.servers);
        assert!(
            !servers.contains("desk") && !servers.contains("p%40ss"),
            "{servers}"
        );
        let Some(Login::User(user, password)) = address.login else {
            panic!("a user and a password");
        };
        assert_eq!((user.as_str(), password.as_str()), ("desk", "p@ss"));

        let address: BusAddress = "nats://hush@one".parse().unwrap();
        assert!(matches!(address.login, Some(Login::Token(token)) if token == "hush"));
        let address: BusAddress = "nats://[::1]:4333".parse().unwrap();
        assert!(address.login.is_none());
        assert_eq!(address.to_string(), "nats://::1:4333");
    }

    #[test]
    fn an_address_that_is_none_is_not_said_again() {
        for bad in [
            "",
            "one:4222",
            "ws://desk:hush@one",
            "redis://desk:hush@one",
            "nats://",
            "nats://desk:hush@one:no-port",
            "nats://one,desk:hush@two",
        ] {
            let error = bad.parse::<BusAddress>().err();
            let error = error.unwrap_or_else(|| panic!("{bad} is taken"));
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn an_error_of_the_client_is_told_by_its_words() {
        for (error, expected) in [
            (
                "authorization violation: nats: authorization violation",
                Obstacle::Refused,
            ),
            (
                "IO error: nats: User Authentication Expired",
                Obstacle::Refused,
            ),
            (
                "IO error: invalid peer certificate: UnknownIssuer",
                Obstacle::Untrusted,
            ),
            (
                "IO error: received corrupt message of type InvalidContentType",
                Obstacle::Untrusted,
            ),
            (
                "IO error: Connection refused (os error 111)",
                Obstacle::Unreachable,
            ),
            ("timed out", Obstacle::Unreachable),
        ] {
            assert_eq!(obstacle(error), expected, "{error}");
        }
    }
}
