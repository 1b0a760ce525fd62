//! News for browsers in which no page of Sideline is open, by their push services: raised hands and messages to somebody who is
//! not there, and alerts that they may see. A push names people and rules; the words themselves stand on the page that it opens.
//!
//! A push is a hint. It is sent once, from the node on which something happened, and what cannot be sent soon is no news any
//! more. Whether its reader may know of it is asked when it is sent.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::backend::{ApiResult, Caller};
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt};
use i18n::t;
use shared::directory::{DirectoryMessage, Notification};
use shared::error::{AppError, Problem};
use shared::language::Language;
use shared::opening_hours::{Zone, is_clock};
use shared::people::Actor;
use shared::policy::{Action, can};
use tokio::sync::{Semaphore, mpsc};

use super::{Desk, to_app_error};
use crate::commands::{PushSubscribe, PushUnsubscribe};
use crate::store::rows::{AlertKey, PushSubscription};
use crate::store::{Change, Stored};

/// How much waits to be sent. Beyond it news are left out: the log says so.
const WAITING: usize = 1_024;
/// How many news are sent at once, and each of them to how many browsers.
const NEWS_AT_ONCE: usize = 32;
const AT_ONCE: usize = 8;
/// What has waited longer than this is no news any more.
const FRESH: Duration = Duration::from_secs(120);
/// For how long a browser is left alone whose push service did not take a message: one that never answers may delay nobody else.
const REST: Duration = Duration::from_secs(60);
/// The longest address, in characters; those of today's services have some hundred.
const ENDPOINT_MAX: i64 = 1_000;
/// The longest name of a time zone, in characters.
const ZONE_MAX: usize = 64;

/// What is pushed to a browser. Nothing of it was written by a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushMessage {
    /// One line, in the reader's language.
    pub body: String,
    /// The page that it opens.
    pub path: String,
    /// What tells it from others: a later one with the same tag takes its place.
    pub tag: String,
}

/// Why nothing was pushed to a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushFailure {
    /// Its push service does not know it, or does not know this host, any more.
    Gone,
    /// Anything else, which passes.
    Failed,
}

/// Why a browser cannot be subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushRefusal {
    /// What it sent in this field is of no use.
    Field(&'static str),
    /// Its push service wants to know where to find who sends, and this host has no such address.
    NoContact,
}

/// What became of a browser's wish to be notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subscribed {
    /// It is notified from now on.
    Yes,
    /// See [`PushRefusal::NoContact`].
    NoContact,
}

/// Tells browsers. Implemented where there are sockets (`crate::push`).
#[async_trait]
pub trait PushSender: Send + Sync + 'static {
    /// By which key browsers know this host: a point of P-256 in base64url.
    fn key(&self) -> &str;
    /// Checks the address and the keys of a subscription.
    async fn check(&self, to: &PushSubscription) -> Result<(), PushRefusal>;
    /// Hands a message to the browser's push service.
    async fn push(&self, to: &PushSubscription, message: &PushMessage) -> Result<(), PushFailure>;
}

/// What tells browsers on this host. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pushes(Option<Arc<dyn PushSender>>);

impl fmt::Debug for Pushes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pushes").field(&self.0.is_some()).finish()
    }
}

impl Pushes {
    /// By this one. Without any, nothing is pushed.
    pub fn by(sender: impl PushSender) -> Self {
        Self(Some(Arc::new(sender)))
    }
}

/// Something of which somebody may be notified.
enum News {
    /// A message came for its recipient.
    Message(Box<DirectoryMessage>),
    /// An alert was raised.
    Alert(AlertKey),
}

/// What waits to be sent, each with when it happened.
pub(super) struct PushQueue {
    sender: mpsc::Sender<(News, Instant)>,
    receiver: Mutex<Option<mpsc::Receiver<(News, Instant)>>>,
    /// Sessions whose browsers are left alone until then.
    resting: Mutex<HashMap<String, Instant>>,
}

impl Default for PushQueue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            resting: Mutex::default(),
        }
    }
}

impl PushQueue {
    /// Takes a change that was made on this node. Never waits.
    pub(super) fn on_change(&self, change: &Change) {
        if let Change::Notification {
            user,
            event: Notification::Message(message),
            ..
        } = change
            && message.to.id == *user
        {
            self.add(News::Message(Box::new(message.clone())));
        }
    }

    /// Takes an alert that was raised on this node.
    pub(super) fn hear_alert(&self, alert: AlertKey) {
        self.add(News::Alert(alert));
    }

    fn add(&self, news: News) {
        let news = (news, Instant::now());
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(news) {
            tracing::warn!("too much waits to be pushed to browsers; something was left out");
        }
    }

    fn rest(&self, session: &str, now: Instant) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, until| *until > now);
        resting.insert(session.to_owned(), now + REST);
    }

    fn is_resting(&self, session: &str, now: Instant) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(session).is_some_and(|until| *until > now)
    }
}

/// Whether it is a time at which the browser's user wants to hear of nothing.
fn is_quiet(subscription: &PushSubscription, now: &str) -> bool {
    let (from, until) = (&*subscription.quiet.0, &*subscription.quiet.1);
    match from.cmp(until) {
        std::cmp::Ordering::Equal => false,
        _ if from.is_empty() || until.is_empty() => false,
        std::cmp::Ordering::Less => from <= now && now < until,
        std::cmp::Ordering::Greater => from <= now || now < until,
    }
}

fn unreadable(field: &str, expected: &str) -> AppError {
    let detail = format!("expected {expected}");
    AppError::invalid(field, Problem::Unreadable { detail })
}

fn message_words(language: Language, message: &DirectoryMessage) -> PushMessage {
    let from = &message.from;
    let Some(request) = &message.request else {
        return PushMessage {
            body: t!(language, push.message, name = from.name),
            path: "/".to_owned(),
            tag: format!("message:{}", from.id),
        };
    };
    PushMessage {
        body: t!(language, push.request, name = from.name),
        path: match &request.workitem {
            Some((workitem, _)) if !request.unreadable => {
                format!("/coaching/{}/{workitem}", from.id)
            }
            Some(_) | None => "/dashboard".to_owned(),
        },
        tag: format!("request:{}", request.id),
    }
}

impl Desk {
    /// The key by which browsers know this host, and whether the caller's browser is subscribed.
    ///
    /// # Errors
    /// `NotFound` on a host that tells no browser.
    pub(crate) async fn push_state(&self, caller: &Caller) -> ApiResult<(String, bool)> {
        let sender = self.pushes()?;
        let mut rows = self.snapshot().await?;
        let found = rows.push_find(&caller.session).await;
        Ok((
            sender.key().to_owned(),
            found.map_err(to_app_error)?.is_some(),
        ))
    }

    /// Subscribes a browser until its session ends.
    ///
    /// # Errors
    /// `Invalid` with the field that is wrong.
    pub(crate) async fn push_subscribe(&self, wanted: PushSubscription) -> ApiResult<Subscribed> {
        let sender = self.pushes()?;
        let actual = wanted.endpoint.chars().count() as i64;
        if actual > ENDPOINT_MAX {
            let max = ENDPOINT_MAX;
            return Err(AppError::invalid(
                "endpoint",
                Problem::TooLong { max, actual },
            ));
        }
        if wanted.zone.len() > ZONE_MAX || Zone::parse(&wanted.zone).is_none() {
            return Err(unreadable("zone", "a time zone such as Europe/Berlin"));
        }
        let (from, until) = &wanted.quiet;
        for (field, clock) in [("quiet_from", from), ("quiet_until", until)] {
            if !clock.is_empty() && !is_clock(clock) {
                return Err(unreadable(field, "a time such as 07:30"));
            }
        }
        match sender.check(&wanted).await {
            Ok(()) => {}
            Err(PushRefusal::NoContact) => {
                tracing::warn!(
                    "browsers of Apple cannot be notified without an https --public-url"
                );
                return Ok(Subscribed::NoContact);
            }
            Err(PushRefusal::Field(field)) => {
                return Err(unreadable(field, "what a browser's push service answers"));
            }
        }
        let subscribe = PushSubscribe {
            subscription: wanted,
            at: self.now(),
        };
        self.execute(subscribe).await?;
        Ok(Subscribed::Yes)
    }

    /// Unsubscribes the caller's browser.
    pub(crate) async fn push_unsubscribe(&self, caller: &Caller) -> ApiResult<()> {
        self.execute(PushUnsubscribe {
            session: caller.session.clone(),
            endpoint: None,
            user: caller.actor.id.clone(),
        })
        .await
    }

    fn pushes(&self) -> ApiResult<&Arc<dyn PushSender>> {
        self.config().pushes.0.as_ref().ok_or(AppError::NotFound)
    }

    /// Sends as long as the process lives. There is one such task.
    pub(super) async fn push_run(self) {
        let receiver = &self.0.push.receiver;
        let receiver = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let (Some(mut receiver), Ok(sender)) = (receiver, self.pushes().cloned()) else {
            return;
        };
        let turns = Arc::new(Semaphore::new(NEWS_AT_ONCE));
        while let Some((news, happened)) = receiver.recv().await {
            let Ok(turn) = turns.clone().acquire_owned().await else {
                return;
            };
            if happened.elapsed() > FRESH {
                continue;
            }
            let (desk, sender) = (self.clone(), sender.clone());
            tokio::spawn(async move {
                if let Err(error) = desk.push_news(&*sender, news).await {
                    tracing::warn!(%error, "browsers could not be told of news");
                }
                drop(turn);
            });
        }
    }

    async fn push_news(&self, sender: &dyn PushSender, news: News) -> Stored<()> {
        let mut rows = self.store().snapshot().await?;
        let asked = match &news {
            News::Message(message) => rows.push_of(&message.to.id).await?,
            News::Alert(_) => rows.push_of_alerts().await?,
        };
        drop(rows);
        let sends = asked.into_iter();
        let sends = sends.map(|to| self.push_to(sender, to, &news));
        let mut sends = stream::iter(sends).buffer_unordered(AT_ONCE);
        while let Some(sent) = sends.next().await {
            if let Err(error) = sent {
                tracing::warn!(%error, "a browser could not be told of news");
            }
        }
        Ok(())
    }

    /// Notifies one browser, unless its user has a page open and is notified there.
    async fn push_to(
        &self,
        sender: &dyn PushSender,
        to: PushSubscription,
        news: &News,
    ) -> Stored<()> {
        let now = self.now();
        let clock = Zone::parse(&to.zone).map(|zone| zone.clock(now));
        let is_quiet = clock.is_some_and(|clock| is_quiet(&to, &clock));
        let is_resting = self.0.push.is_resting(&to.session, Instant::now());
        if is_quiet || is_resting || self.presence_connected(&to.user) {
            return Ok(());
        }
        let Some(message) = self.push_for(&to, news).await? else {
            return Ok(());
        };
        match sender.push(&to, &message).await {
            Ok(()) => {}
            Err(PushFailure::Gone) => {
                let forget = PushUnsubscribe {
                    session: to.session,
                    endpoint: Some(to.endpoint),
                    user: to.user,
                };
                self.store().execute(forget).await?;
            }
            Err(PushFailure::Failed) => {
                self.0.push.rest(&to.session, Instant::now());
                tracing::info!(user = %to.user, "a push service did not take a message");
            }
        }
        Ok(())
    }

    /// What is pushed to a browser; nothing when its session is over, or its user may not know of it.
    async fn push_for(&self, to: &PushSubscription, news: &News) -> Stored<Option<PushMessage>> {
        let mut rows = self.store().snapshot().await?;
        let Some(session) = rows.session_find(&to.session, self.now()).await? else {
            return Ok(None);
        };
        match news {
            News::Message(message) => Ok(Some(message_words(to.language, message))),
            News::Alert(key) => {
                let actor: &Actor = &session.actor;
                if can(actor, Action::DashboardView).is_err() {
                    return Ok(None);
                }
                let alert = rows.alert_shown(&actor.supervises, &actor.id, key).await?;
                Ok(alert.map(|alert| {
                    let agent = alert.agent.as_ref().map_or(&to.user, |agent| &agent.id);
                    PushMessage {
                        body: t!(to.language, alert.of, name = alert.name),
                        path: format!("/coaching/{agent}/{}", alert.workitem),
                        tag: format!("alert:{}:{}", alert.rule, alert.workitem),
                    }
                }))
            }
        }
    }
}
