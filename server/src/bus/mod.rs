//! Publishes events from the desk to the subscribers of a topic in this process, and hints to other nodes. The database is the
//! log: an event may be lost or late, and a subscriber whose queue overflows reads what it missed from the database.

pub mod hint;
pub mod link;
pub mod nats;

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::ws::Utf8Bytes;
use shared::ids::{ChannelKey, TeamId, UserId, WorkitemId};
use shared::live::ServerFrame;
use tokio::sync::mpsc;

use self::hint::{Hint, followed};
use self::link::Link;
use crate::store::Change;
use crate::traces::Origin;

/// What can be subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusTopic {
    /// A conversation, for staff.
    Workitem(WorkitemId),
    /// A conversation, for its customer. Nothing that only staff may see is published here.
    Customer(WorkitemId),
    /// A chat channel, for the customers who read there.
    ChatChannel(ChannelKey),
    /// A user's notifications.
    Notifications(UserId),
    /// An agent's list, and the agent's row on dashboards.
    Agent(UserId),
    /// A team's queue.
    Queue(TeamId),
    /// Names, roles and teams: for views that show people beside other things.
    People,
    /// The Company Directory: every user, with their presence.
    Directory,
    /// Assistance templates.
    Assistance,
    /// The alerts that the supervisors of a team see.
    Alerts(TeamId),
    /// The rules that raise alerts. Nobody subscribes: the desk reads them again.
    AlertRules,
    /// Events that wait for other systems. Nobody subscribes: their worker is woken by the desk.
    Events,
    /// A user's rights, and the end of their sessions.
    Control(UserId),
}

/// The kind of client behind a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A staff member's browser.
    Staff,
    /// A customer's event stream.
    Customer,
}

/// The subscriptions of one audience.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionStats {
    /// Open subscriptions.
    pub open: u64,
    /// Events in their queues.
    pub waiting: u64,
    /// Subscriptions whose queue overflowed, since the start.
    pub overflows: u64,
}

/// A published change. Its frame is encoded once, by the first subscriber that needs it.
#[derive(Debug)]
pub struct Event {
    topic: BusTopic,
    change: Change,
    origin: Origin,
    encoded: OnceLock<Option<Utf8Bytes>>,
}

impl Deref for Event {
    type Target = Change;
    fn deref(&self) -> &Change {
        &self.change
    }
}

impl Event {
    /// The topic it was published under.
    pub fn topic(&self) -> &BusTopic {
        &self.topic
    }

    /// What it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The change as a JSON frame for staff; `None` for a change without one.
    pub fn frame(&self) -> Option<Utf8Bytes> {
        self.encoded
            .get_or_init(|| {
                let frame = match &self.change {
                    Change::Workitem { id, rev, change } => ServerFrame::Workitem {
                        id: id.clone(),
                        rev: *rev,
                        change: change.clone(),
                    },
                    Change::Notification { seq, event, .. } => ServerFrame::Notification {
                        seq: *seq,
                        event: event.clone(),
                    },
                    Change::CustomerTyping(id) => ServerFrame::CustomerTyping { id: id.clone() },
                    Change::CoachingTyping { id, by } => ServerFrame::CoachingTyping {
                        id: id.clone(),
                        by: by.clone(),
                    },
                    Change::PeopleRows { patch, .. } => ServerFrame::PeoplePatch(patch.clone()),
                    _ => return None,
                };
                serde_json::to_string(&frame).ok().map(Utf8Bytes::from)
            })
            .clone()
    }
}

#[derive(Clone, Debug)]
struct Queue {
    audience: Audience,
    sender: mpsc::Sender<Arc<Event>>,
    overflowed: Arc<AtomicBool>,
}

/// A set of topics whose events arrive in one bounded queue. Dropping it leaves every topic.
#[derive(Debug)]
pub struct Subscription {
    id: u64,
    bus: Bus,
    queue: Queue,
    joined: Mutex<HashSet<BusTopic>>,
}

impl Subscription {
    /// Adds a topic. Returns whether it is a new one.
    pub fn join(&self, topic: BusTopic) -> bool {
        {
            let mut topics = lock(&self.bus.0.topics);
            let subscribers = topics.entry(topic.clone()).or_default();
            if subscribers.queues.is_empty()
                && let Some(link) = &self.bus.0.link
                && let Some(subject) = followed(&topic)
            {
                link.follow(subject);
            }
            subscribers.queues.insert(self.id, self.queue.clone());
        }
        lock(&self.joined).insert(topic)
    }

    /// Removes a topic.
    pub fn leave(&self, topic: &BusTopic) {
        self.bus.forget(self.id, topic);
        lock(&self.joined).remove(topic);
    }

    /// Whether the queue was full when an event arrived: the subscriber must subscribe again.
    pub fn overflowed(&self) -> bool {
        self.queue.overflowed.load(Ordering::Relaxed)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for topic in lock(&self.joined).drain() {
            self.bus.forget(self.id, &topic);
        }
        lock(&self.bus.0.queues).remove(&self.id);
    }
}

/// The subscribers of a topic.
#[derive(Debug, Default)]
struct Subscribers {
    queues: HashMap<u64, Queue>,
    /// The highest number published since the first of them subscribed; 0 for a topic without numbers.
    last_published: i64,
}

#[derive(Debug, Default)]
struct Inner {
    topics: Mutex<HashMap<BusTopic, Subscribers>>,
    /// Each subscription once, whatever its topics.
    queues: Mutex<HashMap<u64, Queue>>,
    overflows: [AtomicU64; 2],
    repaired: AtomicU64,
    next: AtomicU64,
    /// The way to other nodes, where there are any.
    link: Option<Arc<dyn Link>>,
}

/// The bus of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bus {
    /// A subscription without topics, whose queue holds `capacity` events.
    pub fn subscribe(
        &self,
        audience: Audience,
        capacity: usize,
    ) -> (Subscription, mpsc::Receiver<Arc<Event>>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let queue = Queue {
            audience,
            sender,
            overflowed: Arc::default(),
        };
        lock(&self.0.queues).insert(id, queue.clone());
        let subscription = Subscription {
            id,
            bus: self.clone(),
            queue,
            joined: Mutex::default(),
        };
        (subscription, receiver)
    }

    /// A bus that tells other nodes as well.
    pub fn linked(link: Option<Arc<dyn Link>>) -> Self {
        Self(Arc::new(Inner {
            link,
            ..Inner::default()
        }))
    }

    /// Delivers a change to the subscribers of its topic, and a hint of it to other nodes. Never waits: a full queue overflows.
    pub fn publish(&self, change: Change) {
        self.tell(std::slice::from_ref(&change));
        self.publish_here(change);
    }

    /// Tells other nodes that this was changed together.
    pub fn tell(&self, changes: &[Change]) {
        if let Some(link) = &self.0.link {
            for hint in Hint::of_all(changes) {
                link.send(&hint);
            }
        }
    }

    /// Delivers a change that concerns this node alone, or that another node has made or was told of.
    pub fn publish_here(&self, change: Change) {
        self.deliver(change, i64::MAX);
    }

    /// Publishes the head of a log, unless its number or a later one of the topic was published before: the subscribers
    /// have that event in their queue, or overflowed and read from the database.
    pub fn publish_head_if_newer(&self, head: Change) {
        let number = number(&head);
        self.deliver(head, number - 1);
    }

    /// The same for the sweep: the head of a topic of which something was published before counts as repaired.
    pub fn repair(&self, head: Change) {
        let published = lock(&self.0.topics)
            .get(&topic(&head))
            .map(|topic| topic.last_published);
        if published.is_some_and(|last| last > 0 && last < number(&head)) {
            self.0.repaired.fetch_add(1, Ordering::Relaxed);
        }
        self.publish_head_if_newer(head);
    }

    /// How many topics the sweep found behind, since the start.
    pub fn repaired(&self) -> u64 {
        self.0.repaired.load(Ordering::Relaxed)
    }

    /// Delivers a change to the subscribers of its topic, unless a number above `published_at_most` was published.
    fn deliver(&self, change: Change, published_at_most: i64) {
        let topic = topic(&change);
        let mut all = lock(&self.0.topics);
        let Some(subscribers) = all.get_mut(&topic) else {
            return;
        };
        if subscribers.last_published > published_at_most {
            return;
        }
        subscribers.last_published = subscribers.last_published.max(number(&change));
        let event = Arc::new(Event {
            topic,
            change,
            origin: Origin::here(),
            encoded: OnceLock::new(),
        });
        for queue in subscribers.queues.values() {
            if queue.sender.try_send(Arc::clone(&event)).is_err()
                && !queue.overflowed.swap(true, Ordering::Relaxed)
            {
                self.0.overflows[queue.audience as usize].fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The subscriptions of an audience.
    pub fn subscription_stats(&self, audience: Audience) -> SubscriptionStats {
        let mut stats = SubscriptionStats {
            overflows: self.0.overflows[audience as usize].load(Ordering::Relaxed),
            ..SubscriptionStats::default()
        };
        let queues = lock(&self.0.queues);
        for queue in queues.values().filter(|queue| queue.audience == audience) {
            stats.open += 1;
            stats.waiting += (queue.sender.max_capacity() - queue.sender.capacity()) as u64;
        }
        stats
    }

    /// The topics that have a subscriber now, in an order that does not depend on chance.
    pub fn topics(&self) -> Vec<BusTopic> {
        let mut topics: Vec<BusTopic> = lock(&self.0.topics).keys().cloned().collect();
        topics.sort_unstable();
        topics
    }

    fn forget(&self, id: u64, topic: &BusTopic) {
        let mut all = lock(&self.0.topics);
        if let Some(subscribers) = all.get_mut(topic) {
            subscribers.queues.remove(&id);
            if subscribers.queues.is_empty() {
                all.remove(topic);
                if let Some(link) = &self.0.link
                    && let Some(subject) = followed(topic)
                {
                    link.leave(subject);
                }
            }
        }
    }
}

/// The topic that a change is published under.
fn topic(change: &Change) -> BusTopic {
    match change {
        Change::Workitem { id, .. }
        | Change::FormerCoaching { id, .. }
        | Change::WorkitemHead { id, .. }
        | Change::CoachingTyping { id, .. } => BusTopic::Workitem(id.clone()),
        Change::Customer { id, .. } | Change::CustomerHead { id, .. } => {
            BusTopic::Customer(id.clone())
        }
        Change::Notification { user, .. }
        | Change::NotificationHead { user, .. }
        | Change::Replies(user) => BusTopic::Notifications(user.clone()),
        Change::Agent(user)
        | Change::Hands(user)
        | Change::Presence(user)
        | Change::Monitors {
            agent: Some(user), ..
        } => BusTopic::Agent(user.clone()),
        Change::Monitors { id, agent: None } => BusTopic::Workitem(id.clone()),
        Change::AgentTyping { id, .. } | Change::CustomerAccess(id) => {
            BusTopic::Customer(id.clone())
        }
        Change::ChatAccess(channel) => BusTopic::ChatChannel(channel.clone()),
        Change::CustomerTyping(id) | Change::Review(id) => BusTopic::Workitem(id.clone()),
        Change::Queue(team) => BusTopic::Queue(team.clone()),
        Change::Alerts(team) => BusTopic::Alerts(team.clone()),
        Change::AlertRules => BusTopic::AlertRules,
        Change::People => BusTopic::People,
        Change::PeopleRows { .. } | Change::PeopleHead(_) => BusTopic::Directory,
        Change::Assistance => BusTopic::Assistance,
        Change::EventQueued => BusTopic::Events,
        Change::Authority(user)
        | Change::SignedOut { user, .. }
        | Change::SessionsEnded { user, .. } => BusTopic::Control(user.clone()),
    }
}

/// Its number in the log of its topic; 0 for a topic without numbers.
fn number(change: &Change) -> i64 {
    match change {
        Change::Workitem { rev, .. }
        | Change::FormerCoaching { rev, .. }
        | Change::WorkitemHead { rev, .. } => *rev,
        Change::Notification { seq, .. } | Change::NotificationHead { seq, .. } => *seq,
        Change::Customer { frame, .. } => frame.seq,
        Change::CustomerHead { seq, .. } => *seq,
        Change::PeopleRows { version, .. } | Change::PeopleHead(version) => *version,
        Change::AgentTyping { .. }
        | Change::CustomerAccess(_)
        | Change::ChatAccess(_)
        | Change::CustomerTyping(_)
        | Change::CoachingTyping { .. }
        | Change::Replies(_)
        | Change::Review(_)
        | Change::Monitors { .. }
        | Change::Alerts(_)
        | Change::AlertRules
        | Change::Agent(_)
        | Change::Hands(_)
        | Change::Queue(_)
        | Change::People
        | Change::Presence(_)
        | Change::Assistance
        | Change::EventQueued
        | Change::Authority(_)
        | Change::SignedOut { .. }
        | Change::SessionsEnded { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amy() -> UserId {
        UserId::parse("amy").unwrap()
    }

    #[test]
    fn an_event_reaches_only_its_topic() {
        let bus = Bus::default();
        let (subscription, mut events) = bus.subscribe(Audience::Staff, 4);
        subscription.join(BusTopic::Agent(amy()));
        bus.publish(Change::People);
        bus.publish(Change::Agent(amy()));
        assert_eq!(**events.try_recv().unwrap(), Change::Agent(amy()));
        assert!(events.try_recv().is_err());
    }

    #[test]
    fn a_head_that_was_published_is_not_published_again() {
        let bus = Bus::default();
        let (subscription, mut events) = bus.subscribe(Audience::Staff, 8);
        let head = |seq| Change::NotificationHead { user: amy(), seq };
        subscription.join(BusTopic::Notifications(amy()));
        // What was published before the subscription is unknown to it.
        bus.publish_head_if_newer(head(4));
        bus.publish_head_if_newer(head(4));
        bus.publish(head(6));
        bus.publish_head_if_newer(head(5));
        bus.publish_head_if_newer(head(6));
        bus.publish_head_if_newer(head(7));
        bus.publish(head(7));
        let delivered: Vec<Change> = std::iter::from_fn(|| events.try_recv().ok())
            .map(|event| (**event).clone())
            .collect();
        assert_eq!(delivered, [head(4), head(6), head(7), head(7)]);
    }

    #[test]
    fn a_slow_subscriber_overflows_and_delays_no_other() {
        let bus = Bus::default();
        let (slow, _unread) = bus.subscribe(Audience::Staff, 1);
        let (quick, mut events) = bus.subscribe(Audience::Staff, 8);
        slow.join(BusTopic::People);
        quick.join(BusTopic::People);
        for _ in 0..3 {
            bus.publish(Change::People);
        }
        assert!(slow.overflowed());
        assert!(!quick.overflowed());
        let stats = SubscriptionStats {
            open: 2,
            waiting: 4,
            overflows: 1,
        };
        assert_eq!(bus.subscription_stats(Audience::Staff), stats);
        assert_eq!(
            bus.subscription_stats(Audience::Customer),
            SubscriptionStats::default()
        );
        assert_eq!(std::iter::from_fn(|| events.try_recv().ok()).count(), 3);
    }

    #[test]
    fn a_dropped_subscription_leaves_no_topic_behind() {
        let bus = Bus::default();
        let (subscription, _events) = bus.subscribe(Audience::Staff, 1);
        subscription.join(BusTopic::Notifications(amy()));
        assert_eq!(bus.topics(), [BusTopic::Notifications(amy())]);
        drop(subscription);
        assert!(bus.topics().is_empty());
        assert_eq!(bus.subscription_stats(Audience::Staff).open, 0);
    }
}
