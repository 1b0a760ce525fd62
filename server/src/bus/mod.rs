//! Carries hints from the desk to whoever follows a topic in this process. The database is the log: a hint
//! may be lost or late, and a reader that overflows loses its place, without anything being lost for good.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::ws::Utf8Bytes;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::live::ServerFrame;
use tokio::sync::mpsc;

use crate::store::Change;

/// What can be followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BusTopic {
    /// A conversation, for staff.
    Workitem(WorkitemId),
    /// A conversation, for its customer. Nothing of the staff's is ever published here.
    Customer(WorkitemId),
    /// What a user is told.
    Own(UserId),
    /// An agent's list, and the agent's row on dashboards.
    Agent(UserId),
    /// What waits in a team's queue.
    Queue(TeamId),
    /// Names, roles, teams: for what shows some people beside other things.
    People,
    /// The Company Directory: everybody, with their presence.
    Directory,
    /// Assistance templates.
    Assistance,
    /// What a user may do, and whether their sessions go on.
    Control(UserId),
}

/// For whom a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A browser of staff.
    Staff,
    /// A customer's event stream.
    Customer,
}

/// How the readers of one audience are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReaderStats {
    /// Readers that are there now.
    pub open: u64,
    /// Hints that wait in their queues.
    pub waiting: u64,
    /// Queues that were full when something came, since the start.
    pub overflows: u64,
}

/// A change on its way to the readers. Its frame is encoded once, by the first reader who needs it.
#[derive(Debug)]
pub struct Hint {
    topic: BusTopic,
    change: Change,
    encoded: OnceLock<Option<Utf8Bytes>>,
}

impl Deref for Hint {
    type Target = Change;
    fn deref(&self) -> &Change {
        &self.change
    }
}

impl Hint {
    /// Under which it was published.
    pub fn topic(&self) -> &BusTopic {
        &self.topic
    }

    /// The staff's frame of this change as JSON text; `None` for a change that has no frame of its own.
    pub fn frame(&self) -> Option<Utf8Bytes> {
        self.encoded
            .get_or_init(|| {
                let frame = match &self.change {
                    Change::Workitem { id, rev, change } => ServerFrame::Workitem {
                        id: id.clone(),
                        rev: *rev,
                        change: change.clone(),
                    },
                    Change::Own { seq, event, .. } => ServerFrame::Own {
                        seq: *seq,
                        event: event.clone(),
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
struct Reader {
    audience: Audience,
    sender: mpsc::Sender<Arc<Hint>>,
    overflowed: Arc<AtomicBool>,
}

/// One reader's bounded queue. Dropping it leaves every topic.
#[derive(Debug)]
pub struct Tap {
    id: u64,
    bus: Bus,
    reader: Reader,
    joined: Mutex<HashSet<BusTopic>>,
}

impl Tap {
    /// Follows a topic from now on. Answers whether it did not before.
    pub fn join(&self, topic: BusTopic) -> bool {
        lock(&self.bus.0.topics)
            .entry(topic.clone())
            .or_default()
            .readers
            .insert(self.id, self.reader.clone());
        lock(&self.joined).insert(topic)
    }

    /// Follows it no longer.
    pub fn leave(&self, topic: &BusTopic) {
        self.bus.forget(self.id, topic);
        lock(&self.joined).remove(topic);
    }

    /// Whether the queue was full when something came: this reader must begin anew.
    pub fn overflowed(&self) -> bool {
        self.reader.overflowed.load(Ordering::Relaxed)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        for topic in lock(&self.joined).drain() {
            self.bus.forget(self.id, &topic);
        }
        lock(&self.bus.0.readers).remove(&self.id);
    }
}

/// Who follows a topic.
#[derive(Debug, Default)]
struct Followers {
    readers: HashMap<u64, Reader>,
    /// The latest number that was published while anybody was there; 0 for a topic without numbers.
    told: i64,
}

#[derive(Debug, Default)]
struct Inner {
    topics: Mutex<HashMap<BusTopic, Followers>>,
    /// Every reader once, whatever it follows.
    readers: Mutex<HashMap<u64, Reader>>,
    overflows: [AtomicU64; 2],
    next: AtomicU64,
}

/// The bus of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bus {
    /// A new reader with a queue of `capacity` hints.
    pub fn tap(&self, audience: Audience, capacity: usize) -> (Tap, mpsc::Receiver<Arc<Hint>>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let reader = Reader {
            audience,
            sender,
            overflowed: Arc::default(),
        };
        lock(&self.0.readers).insert(id, reader.clone());
        let tap = Tap {
            id,
            bus: self.clone(),
            reader,
            joined: Mutex::default(),
        };
        (tap, receiver)
    }

    /// Hands a change to all who follow its topic. Never waits: who is full overflows.
    pub fn publish(&self, change: Change) {
        self.tell(change, i64::MAX);
    }

    /// Hands on where a log stands, unless that number or a later one of the topic was published before: whoever was there
    /// then has it in their queue, or overflowed and begins anew.
    pub fn remind(&self, head: Change) {
        let number = number(&head);
        self.tell(head, number - 1);
    }

    /// Hands a change to all who follow its topic, unless the topic was told of a number above this one.
    fn tell(&self, change: Change, told_at_most: i64) {
        let topic = topic(&change);
        let mut all = lock(&self.0.topics);
        let Some(followers) = all.get_mut(&topic) else {
            return;
        };
        if followers.told > told_at_most {
            return;
        }
        followers.told = followers.told.max(number(&change));
        let hint = Arc::new(Hint {
            topic,
            change,
            encoded: OnceLock::new(),
        });
        for reader in followers.readers.values() {
            if reader.sender.try_send(Arc::clone(&hint)).is_err()
                && !reader.overflowed.swap(true, Ordering::Relaxed)
            {
                self.0.overflows[reader.audience as usize].fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How the readers of an audience are doing.
    pub fn reader_stats(&self, audience: Audience) -> ReaderStats {
        let mut stats = ReaderStats {
            overflows: self.0.overflows[audience as usize].load(Ordering::Relaxed),
            ..ReaderStats::default()
        };
        let readers = lock(&self.0.readers);
        for reader in readers
            .values()
            .filter(|reader| reader.audience == audience)
        {
            stats.open += 1;
            stats.waiting += (reader.sender.max_capacity() - reader.sender.capacity()) as u64;
        }
        stats
    }

    /// The conversations and user logs that somebody follows now.
    pub fn followed(&self) -> (Vec<WorkitemId>, Vec<UserId>) {
        let mut workitems = Vec::new();
        let mut users = Vec::new();
        for topic in lock(&self.0.topics).keys() {
            match topic {
                BusTopic::Workitem(id) => workitems.push(id.clone()),
                BusTopic::Own(user) => users.push(user.clone()),
                _ => {}
            }
        }
        (workitems, users)
    }

    fn forget(&self, id: u64, topic: &BusTopic) {
        let mut all = lock(&self.0.topics);
        if let Some(followers) = all.get_mut(topic) {
            followers.readers.remove(&id);
            if followers.readers.is_empty() {
                all.remove(topic);
            }
        }
    }
}

/// Under which topic a change is published.
fn topic(change: &Change) -> BusTopic {
    match change {
        Change::Workitem { id, .. }
        | Change::FormerCoaching { id, .. }
        | Change::WorkitemHead { id, .. } => BusTopic::Workitem(id.clone()),
        Change::Customer { id, .. } => BusTopic::Customer(id.clone()),
        Change::Own { user, .. } | Change::OwnHead { user, .. } => BusTopic::Own(user.clone()),
        Change::Agent(user) | Change::Hands(user) | Change::Presence(user) => {
            BusTopic::Agent(user.clone())
        }
        Change::Queue(team) => BusTopic::Queue(team.clone()),
        Change::People => BusTopic::People,
        Change::PeopleRows { .. } | Change::PeopleHead(_) => BusTopic::Directory,
        Change::Assistance => BusTopic::Assistance,
        Change::Authority(user)
        | Change::SignedOut { user, .. }
        | Change::SessionsEnded { user, .. } => BusTopic::Control(user.clone()),
    }
}

/// Its place in its topic's log; 0 for a change that has none.
fn number(change: &Change) -> i64 {
    match change {
        Change::Workitem { rev, .. }
        | Change::FormerCoaching { rev, .. }
        | Change::WorkitemHead { rev, .. } => *rev,
        Change::Own { seq, .. } | Change::OwnHead { seq, .. } => *seq,
        Change::Customer { frame, .. } => frame.seq,
        Change::PeopleRows { version, .. } | Change::PeopleHead(version) => *version,
        Change::Agent(_)
        | Change::Hands(_)
        | Change::Queue(_)
        | Change::People
        | Change::Presence(_)
        | Change::Assistance
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
    fn a_hint_reaches_its_topic_only() {
        let bus = Bus::default();
        let (tap, mut hints) = bus.tap(Audience::Staff, 4);
        tap.join(BusTopic::Agent(amy()));
        bus.publish(Change::People);
        bus.publish(Change::Agent(amy()));
        assert_eq!(**hints.try_recv().unwrap(), Change::Agent(amy()));
        assert!(hints.try_recv().is_err());
    }

    #[test]
    fn nobody_is_reminded_of_what_was_published() {
        let bus = Bus::default();
        let (tap, mut hints) = bus.tap(Audience::Staff, 8);
        let head = |seq| Change::OwnHead { user: amy(), seq };
        tap.join(BusTopic::Own(amy()));
        // What came before anybody was there may be news.
        bus.remind(head(4));
        bus.remind(head(4));
        bus.publish(head(6));
        bus.remind(head(5));
        bus.remind(head(6));
        bus.remind(head(7));
        bus.publish(head(7));
        let told: Vec<Change> = std::iter::from_fn(|| hints.try_recv().ok())
            .map(|hint| (**hint).clone())
            .collect();
        assert_eq!(told, [head(4), head(6), head(7), head(7)]);
    }

    #[test]
    fn a_slow_reader_overflows_and_slows_nobody() {
        let bus = Bus::default();
        let (slow, _unread) = bus.tap(Audience::Staff, 1);
        let (quick, mut hints) = bus.tap(Audience::Staff, 8);
        slow.join(BusTopic::People);
        quick.join(BusTopic::People);
        for _ in 0..3 {
            bus.publish(Change::People);
        }
        assert!(slow.overflowed());
        assert!(!quick.overflowed());
        let stats = ReaderStats {
            open: 2,
            waiting: 4,
            overflows: 1,
        };
        assert_eq!(bus.reader_stats(Audience::Staff), stats);
        assert_eq!(bus.reader_stats(Audience::Customer), ReaderStats::default());
        assert_eq!(std::iter::from_fn(|| hints.try_recv().ok()).count(), 3);
    }

    #[test]
    fn a_dropped_tap_leaves_no_topic_behind() {
        let bus = Bus::default();
        let (tap, _hints) = bus.tap(Audience::Staff, 1);
        tap.join(BusTopic::Own(amy()));
        assert_eq!(bus.followed().1, [amy()]);
        drop(tap);
        assert!(bus.followed().1.is_empty());
        assert_eq!(bus.reader_stats(Audience::Staff).open, 0);
    }
}
