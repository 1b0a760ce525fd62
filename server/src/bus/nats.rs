//! A link over NATS: core subjects, without anything that NATS stores.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, HeaderMap, ServerAddr};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::hint::{ALL, Hint};
use super::link::{Heard, Link, LinkState};
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

/// Where NATS is, and who asks: `nats://user:password@host:port`, several with commas.
#[derive(Clone)]
pub struct BusAddress(Vec<ServerAddr>);

impl FromStr for BusAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Nothing of it is said again: it may hold a password.
        let expected = || "expected nats://host:4222 or tls://host:4222, several with commas";
        let one = |part: &str| {
            let known = ["nats://", "tls://"];
            let part = part.trim();
            let known = known.iter().any(|scheme| part.starts_with(scheme));
            let parsed = part.parse::<ServerAddr>();
            parsed
                .ok()
                .filter(|_| known)
                .ok_or_else(|| expected().to_owned())
        };
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}

impl BusAddress {
    /// The name and password of the first server that has one; the client has one for all of them.
    fn user(&self) -> Option<(String, String)> {
        let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let mut servers = self.0.iter();
        servers.find_map(|server| {
            let user = server.username()?;
            Some((plain(user), plain(server.password().unwrap_or_default())))
        })
    }
}

/// Without names and passwords.
impl fmt::Display for BusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.0.iter().map(|server| {
            let scheme = if server.tls_required() { "tls" } else { "nats" };
            format!("{scheme}://{}:{}", server.host(), server.port())
        });
        f.write_str(&each.collect::<Vec<_>>().join(","))
    }
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
    sent: AtomicU64,
    dropped: AtomicU64,
    heard: AtomicU64,
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
    /// `credentials`: the content of a file that `nsc` made. To be made in the runtime in which it works.
    ///
    /// # Errors
    /// What is wrong with the credentials.
    pub async fn open(
        address: &BusAddress,
        credentials: Option<&str>,
        space: &str,
    ) -> Result<Self, String> {
        let counters = Arc::new(Counters::default());
        let (hear, heard) = mpsc::channel(INCOMING);
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
        if let Some((user, password)) = address.user() {
            options = options.user_and_password(user, password);
        }
        if let Some(credentials) = credentials {
            let with = options.credentials(credentials);
            options = with.map_err(|error| error.to_string())?;
        }
        let (known, gap) = (counters.clone(), hear.clone());
        let options = options.event_callback(move |event| {
            let (known, gap) = (known.clone(), gap.clone());
            async move { on_event(&event, &known, &gap) }
        });
        let client = options.connect(address.0.clone()).await;
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
                // One of a later release says what this one does not know.
                let Ok(hint) = serde_json::from_slice::<Hint>(&message.payload) else {
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
            sent: count(&self.counters.sent),
            dropped: count(&self.counters.dropped),
            heard: count(&self.counters.heard),
        }
    }
}
