//! What live connections ask for, many of them at a time.

use async_trait::async_trait;
use shared::ids::{UserId, WorkitemId};
use shared::people::Presence;
use shared::time::Timestamp;
use shared::workitem::RaisedHand;

use super::{EntryRow, SessionRow, WorkitemRow};
use crate::store::Stored;

/// What is read together.
#[derive(Clone, Debug, Default)]
pub struct LiveRowsAsked {
    /// These sessions, as they are at a time.
    pub sessions: Option<(Vec<String>, Timestamp)>,
    /// These workitems.
    pub workitems: Vec<WorkitemId>,
    /// What stands behind these revisions, unless the log has more than so many behind one. None is below 0.
    pub logs: Vec<(WorkitemId, i64, i64)>,
    /// What is open at these agents.
    pub open_of: Vec<UserId>,
    /// What these agents chose and asked for.
    pub standing_of: Vec<UserId>,
}

/// What was found of it.
#[derive(Debug, Default)]
pub struct LiveRows {
    /// The sessions that belong to active users and are not over, each with its id.
    pub sessions: Vec<(String, SessionRow)>,
    /// The workitems that there are, in no order.
    pub workitems: Vec<WorkitemRow>,
    /// Of each log the entries behind the first revision that was asked for and is near enough, in order of revision.
    pub entries: Vec<(WorkitemId, EntryRow)>,
    /// Active workitems and those in wrap-up, the oldest first.
    pub open: Vec<WorkitemRow>,
    /// Open requests, each with its agent, the oldest first.
    pub hands: Vec<(UserId, RaisedHand)>,
    /// Presences, as they were chosen.
    pub presences: Vec<(UserId, Presence)>,
}

/// Reads for live connections.
#[async_trait]
pub trait LiveReads: Send {
    /// All of it is of one state of the data, and one statement where a database takes several as one.
    async fn live_rows(&mut self, asked: LiveRowsAsked) -> Stored<LiveRows>;
}
