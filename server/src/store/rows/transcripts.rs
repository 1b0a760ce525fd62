//! The staff's log of a workitem. Each change takes the workitem's next revision, and an entry stands at its last one.

use async_trait::async_trait;
use shared::ids::{EntryId, TeamId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::{Entry, EntryBody};

use crate::store::Stored;

/// An entry as it stands.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// Its revision.
    pub rev: i64,
    /// The entry.
    pub entry: Entry,
    /// For coaching whose workitem has moved to another team since: its author and the team that gave it.
    pub former: Option<(UserId, TeamId)>,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryPlace {
    /// Its number in the workitem.
    pub seq: i64,
    /// Its revision.
    pub rev: i64,
}

/// An entry about to be appended.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// The member of staff who caused it, for the record.
    pub author: Option<UserId>,
    /// What it is.
    pub body: EntryBody,
    /// Where the text of a message stands in the customer's view.
    pub customer_seq: Option<i64>,
}

impl NewEntry {
    /// A line of the program for staff.
    pub fn notice(id: EntryId, at: Timestamp, notice: Notice) -> Self {
        Self {
            id,
            at,
            author: None,
            body: EntryBody::Notice(notice),
            customer_seq: None,
        }
    }

    /// A line that is about a member of staff, and no message to the customer.
    pub fn of_staff(id: EntryId, at: Timestamp, who: &PersonRef, body: EntryBody) -> Self {
        Self {
            id,
            at,
            author: Some(who.id.clone()),
            body,
            customer_seq: None,
        }
    }

    /// A message whose text is number `customer_seq` of the customer's view.
    pub fn message(
        id: EntryId,
        at: Timestamp,
        author: Option<UserId>,
        body: EntryBody,
        customer_seq: i64,
    ) -> Self {
        Self {
            id,
            at,
            author,
            body,
            customer_seq: Some(customer_seq),
        }
    }
}

/// Reads of transcripts.
#[async_trait]
pub trait TranscriptReads: Send {
    /// An entry.
    async fn entry_find(&mut self, entry: &EntryId) -> Stored<Option<EntryRow>>;
    /// When the entry with this number was written. `NotFound` without one.
    async fn entry_time(&mut self, workitem: &WorkitemId, seq: i64) -> Stored<Timestamp>;
    /// Whether it was the customer who ended the conversation the last time.
    async fn ended_by_customer(&mut self, workitem: &WorkitemId) -> Stored<bool>;
    /// Whether this supervisor has written to the customer here.
    async fn barged(&mut self, workitem: &WorkitemId, supervisor: &UserId) -> Stored<bool>;
    /// At most `limit` entries before number `before`, the last one first.
    async fn entries_before(
        &mut self,
        workitem: &WorkitemId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<EntryRow>>;
}

/// Writes of transcripts.
#[async_trait]
pub trait TranscriptRows: Send {
    /// Appends an entry at the workitem's next number and revision. `NotFound` without such a workitem.
    async fn entry_append(&mut self, workitem: &WorkitemId, entry: &NewEntry)
    -> Stored<EntryPlace>;
    /// Inserts an entry of a workitem whose numbers and revisions are set afterwards.
    async fn entry_insert(
        &mut self,
        workitem: &WorkitemId,
        place: EntryPlace,
        entry: &NewEntry,
    ) -> Stored<()>;
    /// Moves a changed entry to the workitem's next revision, which it answers.
    async fn entry_touch(&mut self, workitem: &WorkitemId, entry: &EntryId) -> Stored<i64>;
}
