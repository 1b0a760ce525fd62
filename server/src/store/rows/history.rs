//! The history: entries by their words, and workitems of any state, of those that somebody may read.

use async_trait::async_trait;
use shared::history::{HistoryCursor, HistoryFilter};
use shared::ids::{EntryId, LabelId, TeamId, UserId, WorkitemId};
use shared::search::Search;

use crate::store::Stored;

/// In which workitems somebody searches. The policy decides about each that is found; this keeps what it would refuse from being
/// found at all.
#[derive(Clone, Debug)]
pub struct HistoryScope {
    /// Who.
    pub viewer: UserId,
    /// Whether what they handle counts.
    pub handles: bool,
    /// The teams over which they have authority.
    pub supervises: Vec<TeamId>,
    /// The teams whose former coaching they may read.
    pub teams: Vec<TeamId>,
    /// The agents whose work is asked for; nothing: of all.
    pub agents: Option<Vec<UserId>>,
    /// Of which labels one is asked for; nothing: any or none.
    pub labels: Option<Vec<LabelId>>,
}

/// Which index is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchIndex {
    /// What customers and agents wrote to each other.
    Messages,
    /// Coaching.
    Coaching,
}

/// An entry that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Its number in the order of time.
    pub place: i64,
    /// Which.
    pub entry: EntryId,
    /// In which workitem.
    pub workitem: WorkitemId,
}

/// Reads of the history.
#[async_trait]
pub trait HistoryReads: Send {
    /// At most `limit` entries before this place that have what is searched for, the newest first.
    async fn entries_search(
        &mut self,
        index: SearchIndex,
        search: &Search,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<FoundRow>>;
    /// At most `limit` workitems that were begun before this place, the newest first.
    async fn workitems_search(
        &mut self,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        before: &HistoryCursor,
        limit: i64,
    ) -> Stored<Vec<WorkitemId>>;
    /// The subjects of at most `limit` workitems, the latest first.
    async fn subjects_latest(
        &mut self,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        limit: i64,
    ) -> Stored<Vec<(WorkitemId, String)>>;
    /// Everybody of this username, or with every word of it in their name, whether or not they are still there.
    async fn people_named(&mut self, name: &str) -> Stored<Vec<UserId>>;
}

/// Writes of the history.
#[async_trait]
pub trait HistoryRows: Send {
    /// Adds entries that wait to their indexes, with their words as they are now and so many that no write waits long for it. Answers
    /// whether more may wait. Where entries are in an index from the beginning it does nothing.
    async fn history_index(&mut self) -> Stored<bool>;
}
