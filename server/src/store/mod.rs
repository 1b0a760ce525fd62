//! The store: transactions and snapshots over named row operations (`rows`).
//!
//! The store knows no rule, no clock and no connection. A write is a [`Command`], which runs in one transaction, answers
//! after the commit is on disk, and says what changed; the desk publishes that.
//!
//! The customer's read path (`customer_*` reads) touches only the tables whose names begin with `customer_`
//! and `channels`.

mod command;
pub mod copying;
mod listeners;
mod measures;
pub mod postgres;
mod record;
pub mod rows;
#[cfg(test)]
pub(crate) mod simulated;
mod sql;
pub mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use shared::customer::CustomerFrame;
use shared::directory::Notification;
use shared::error::{ConflictCause, Problem};
use shared::ids::{ChannelKey, TeamId, TokenId, UserId, WorkitemId};
use shared::live::PeoplePatch;
use shared::people::PersonRef;
use shared::transcript::{Entry, WorkitemChange};

pub use command::*;
pub use measures::OwnedStore;
pub use record::*;
pub use rows::{Snapshot, Transaction};

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The right to do it is gone: it was taken away after the use-case asked. The caller is answered `NotFound`.
    #[error("{user} may not: {what} {about}")]
    Refused {
        /// Who wanted to.
        user: UserId,
        /// `workitem` or `action`, as the audit log names it.
        what: &'static str,
        /// Which workitem, or which action.
        about: String,
    },
    /// The token of the HTTP API may not, or not any more. The caller is answered `Unauthenticated` when it has ended, and
    /// else `NotFound`.
    #[error("the token {token} may not, or has ended ({ended})")]
    TokenRefused {
        /// Which.
        token: TokenId,
        /// Whether it was revoked or has expired.
        ended: bool,
    },
    /// It no longer applies.
    #[error("conflict: {0:?}")]
    Conflict(ConflictCause),
    /// Somebody coaches who may, but does not monitor the workitem.
    #[error("not monitoring")]
    NotMonitoring,
    /// An input clashes with what is stored.
    #[error("{field}: {problem:?}")]
    Invalid {
        /// The input's name on the wire.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A customer's message would begin a workitem and was sent to go on with one; nothing was changed.
    #[error("this would begin a workitem")]
    WouldBegin,
    /// As many workitems wait in the channel's queue as may; nothing was changed.
    #[error("the queue is full")]
    QueueFull,
    /// The disk or the database failed; nothing was changed.
    #[error("storage failed: {0}")]
    Storage(String),
    /// What stands in the database file cannot be understood; nothing was changed.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// It is being closed, because the program ends; nothing was changed.
    #[error("the store is closed")]
    Closed,
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Storage(format!("a stored value cannot be read: {error}"))
    }
}

/// The answer of the store.
pub type Stored<T> = Result<T, StoreError>;

/// What a write changed, in the order in which it must reach the readers.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A workitem's staff log has a new head.
    Workitem {
        /// Which.
        id: WorkitemId,
        /// The new head.
        rev: i64,
        /// What stands there.
        change: WorkitemChange,
    },
    /// A workitem's staff log has a new head: coaching that not everybody who follows it may read.
    FormerCoaching {
        /// Which workitem.
        id: WorkitemId,
        /// The new head.
        rev: i64,
        /// The coaching.
        entry: Entry,
        /// Its author.
        author: UserId,
        /// The team that gave it.
        team: TeamId,
    },
    /// The customer's view of a workitem has a new head.
    Customer {
        /// Which.
        id: WorkitemId,
        /// What stands there.
        frame: CustomerFrame,
    },
    /// The customer's view of a workitem stands at least here; said by another node.
    CustomerHead {
        /// Which.
        id: WorkitemId,
        /// The head.
        seq: i64,
    },
    /// The customer of this workitem was forgotten or erased: who reads its customer's view is asked again whether they may.
    CustomerAccess(WorkitemId),
    /// The secret of this chat channel is another or gone, or the channel was switched or deleted: who reads there is asked
    /// again whether they may.
    ChatAccess(ChannelKey),
    /// The agent writes to the customer. Made by the desk, never by the store.
    AgentTyping {
        /// In which workitem.
        id: WorkitemId,
        /// The agent's name, as the customer reads it.
        name: String,
    },
    /// The customer writes. Made by the desk, never by the store.
    CustomerTyping(WorkitemId),
    /// Somebody writes who coaches or is coached. Made by the desk, never by the store.
    CoachingTyping {
        /// In which workitem.
        id: WorkitemId,
        /// Who, as staff read it.
        by: PersonRef,
    },
    /// Alerts changed of workitems that the supervisors of this team see.
    Alerts(TeamId),
    /// The rules that raise alerts are others. For the desk alone; nobody follows it.
    AlertRules,
    /// The flag for review of a workitem changed. No frame of it goes to those who may not review the workitem.
    Review(WorkitemId),
    /// The replies that this supervisor has not seen are others.
    Replies(UserId),
    /// A user's log has a new head.
    Notification {
        /// Whose.
        user: UserId,
        /// The new head.
        seq: i64,
        /// What stands there.
        event: Notification,
    },
    /// A workitem's staff log stands at least here; sent by the sweep, in case an event was lost.
    WorkitemHead {
        /// Which.
        id: WorkitemId,
        /// The head.
        rev: i64,
    },
    /// A user's log stands at least here; sent by the sweep, in case an event was lost.
    NotificationHead {
        /// Whose.
        user: UserId,
        /// The head.
        seq: i64,
    },
    /// A supervisor of whom the agent is not notified came or went: supervisors see it, and no frame goes to the agent.
    Monitors {
        /// In which workitem.
        id: WorkitemId,
        /// Who has it.
        agent: Option<UserId>,
    },
    /// The list of an agent's open workitems changed.
    Agent(UserId),
    /// The raised hands of an agent changed.
    Hands(UserId),
    /// The queue of a team changed.
    Queue(TeamId),
    /// Names, roles, teams, labels or how much work agents may have changed.
    People,
    /// Rows of the Company Directory changed. Made by the desk (`desk::people`), never by the store.
    PeopleRows {
        /// How often it changed since the program started.
        version: i64,
        /// What changed since the version before.
        patch: PeoplePatch,
    },
    /// The Company Directory stands at least here; sent by the sweep, in case an event was lost.
    PeopleHead(i64),
    /// Somebody chose another presence.
    Presence(UserId),
    /// Whether an active assistance template exists may have changed.
    Assistance,
    /// An event waits for a receiver of webhooks. For the worker alone; nobody follows it.
    EventQueued,
    /// What this user may do changed: their live topics are decided again.
    Authority(UserId),
    /// One session of this user ended: they signed out.
    SignedOut {
        /// Whose.
        user: UserId,
        /// The session's id.
        session: String,
    },
    /// Sessions of this user ended, all but the one named.
    SessionsEnded {
        /// Whose.
        user: UserId,
        /// The session that goes on.
        except: Option<String>,
    },
}

/// A write that is on disk.
#[derive(Clone, Debug)]
pub struct Written<T> {
    /// The answer to the sender. When a key was repeated: the first answer.
    pub value: T,
    /// What changed; empty when a key was repeated.
    pub changes: Vec<Change>,
}

impl<T> Written<T> {
    /// A write that changed nothing that anybody follows.
    pub fn unchanged(value: T) -> Self {
        Self {
            value,
            changes: Vec::new(),
        }
    }
}

/// See the module's head. All reads see committed data only, and none that is older than what was acknowledged.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Changes whenever numbers begin again (a new or restored database). Known since the opening: it reads no table.
    fn epoch(&self) -> &str;

    /// Carries out a command in one transaction; `execute` gives the answer its type back.
    async fn execute_erased(
        &self,
        command: Box<dyn ErasedCommand>,
    ) -> Stored<Written<ErasedAnswer>>;

    /// For reading: one state of the data, from its first operation on until it is dropped.
    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>>;

    /// For reading by one operation that is one statement, which needs no more than its own state of the data. What a second operation
    /// reads may be newer.
    async fn look(&self) -> Stored<Box<dyn Snapshot>> {
        self.snapshot().await
    }

    /// Whether an entry waits for its index of the history, so that a search does not find it yet. Where each is in its index from the
    /// beginning none does, and nobody is asked.
    async fn history_waits(&self) -> Stored<bool> {
        Ok(false)
    }

    /// Reports every later commit to a listener.
    fn listen(&self, listener: Arc<dyn CommitListener>);

    /// Writes something of no consequence to the disk and reads: whether the store works.
    async fn probe(&self) -> Stored<()>;
}

/// Hears of each commit, in the order of commits and before its command is answered. It is called by whatever commits, so it
/// is quick and waits for nothing.
pub trait CommitListener: Send + Sync {
    /// A command was committed.
    fn committed(&self, changes: &[Change]);
    /// A commit failed, and nobody knows what is stored.
    fn failed(&self);
}
