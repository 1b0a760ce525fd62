//! Workitems, as lists show them and as the policy judges them.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::policy::WorkitemFacts;
use shared::time::Timestamp;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::EntryPlace;
use crate::store::{Stored, WorkitemRecord};

/// A workitem with its place in the log.
#[derive(Clone, Debug)]
pub struct WorkitemRow {
    /// As lists show it.
    pub workitem: Workitem,
    /// The teams of its agent.
    pub agent_teams: Vec<TeamId>,
    /// The last entry that the agent has read.
    pub read_through: i64,
    /// The number of the last entry.
    pub last_entry: i64,
    /// The last revision of its log.
    pub head: i64,
    /// The revision of the row itself.
    pub rev: i64,
}

impl WorkitemRow {
    /// For the policy.
    pub fn facts(&self) -> WorkitemFacts {
        // Closed work stays with its team, wherever its agent goes.
        let agent_teams = match self.workitem.state {
            WorkitemState::Closed => Vec::new(),
            _ => self.agent_teams.clone(),
        };
        WorkitemFacts {
            agent: self.workitem.agent.as_ref().map(|agent| agent.id.clone()),
            agent_teams,
            team: self.workitem.team.clone(),
        }
    }

    /// Where the next entry stands, unless anything else is written to the log before it.
    pub fn next_entry(&self) -> EntryPlace {
        EntryPlace {
            seq: self.last_entry + 1,
            rev: self.head + 1,
        }
    }

    /// Without its place in the log.
    pub fn record(self) -> WorkitemRecord {
        WorkitemRecord {
            facts: self.facts(),
            workitem: self.workitem,
        }
    }
}

/// A workitem about to begin.
#[derive(Clone, Debug)]
pub struct NewWorkitem {
    /// Its id.
    pub id: WorkitemId,
    /// On which way the customer came.
    pub channel: Channel,
    /// The customer's name.
    pub customer: String,
    /// The title.
    pub subject: String,
    /// Who has it; nobody: queued.
    pub agent: Option<UserId>,
    /// The team.
    pub team: TeamId,
    /// When it came in.
    pub started_at: Timestamp,
}

/// Where a conversation stands after some of its messages.
#[derive(Clone, Debug)]
pub struct WorkitemStanding {
    /// How many entries there are; each has its number as its revision.
    pub entries: i64,
    /// When something was last said.
    pub last_activity_at: Timestamp,
    /// Since when the customer waits.
    pub waiting_since: Option<Timestamp>,
    /// The beginning of the last message.
    pub preview: String,
    /// The last entry that the agent has read.
    pub read_through: i64,
    /// How many messages are unread.
    pub unread: i64,
    /// When its agent was given it, where that was not at its beginning.
    pub first_given_at: Option<Timestamp>,
}

/// Reads of workitems.
#[async_trait]
pub trait WorkitemReads: Send {
    /// A workitem.
    async fn workitem_find(&mut self, workitem: &WorkitemId) -> Stored<Option<WorkitemRow>>;
    /// The open (active, wrap-up) workitems of an agent, the oldest first.
    async fn workitems_open_of(&mut self, agent: &UserId) -> Stored<Vec<WorkitemRow>>;
    /// The workitems of an agent that were closed, the one with the newest message first.
    async fn workitems_closed_of(&mut self, agent: &UserId, limit: i64)
    -> Stored<Vec<WorkitemRow>>;
    /// The workitems that wait in the queue of a team, the oldest first.
    async fn workitems_queued_in(&mut self, team: &TeamId, limit: i64) -> Stored<Vec<WorkitemRow>>;
    /// The open workitems of each of these agents, in the order of [`WorkitemReads::workitems_open_of`].
    async fn workitems_open_of_each(
        &mut self,
        agents: &[UserId],
    ) -> Stored<Vec<(UserId, Vec<WorkitemRow>)>>;
    /// At most `limit` workitems that were begun before this place (a time, and an id within it), of one team or of all, the
    /// newest first.
    async fn workitems_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        id: &str,
        limit: i64,
    ) -> Stored<Vec<WorkitemRow>>;
    /// The last revisions of these workitems.
    async fn workitem_heads(&mut self, workitems: &[WorkitemId]) -> Stored<Vec<(WorkitemId, i64)>>;
}

/// Writes of workitems.
#[async_trait]
pub trait WorkitemRows: Send {
    /// Inserts a workitem, active where an agent has it, who was given it then, and else queued.
    async fn workitem_insert(&mut self, workitem: &NewWorkitem) -> Stored<()>;
    /// Sets who has a workitem, since when, and whose it is: active where an agent has it and else queued. When an agent first
    /// was given it stays noted.
    async fn workitem_set_place(
        &mut self,
        workitem: &WorkitemId,
        agent: Option<&UserId>,
        team: &TeamId,
        at: Timestamp,
    ) -> Stored<()>;
    /// Notes from whom the supervisor who has it took it over.
    async fn workitem_set_taken_from(
        &mut self,
        workitem: &WorkitemId,
        agent: &UserId,
    ) -> Stored<()>;
    /// Moves the row itself to the workitem's next revision.
    async fn workitem_touch(&mut self, workitem: &WorkitemId) -> Stored<()>;
    /// Sets where an imported conversation stands.
    async fn workitem_set_standing(
        &mut self,
        workitem: &WorkitemId,
        standing: &WorkitemStanding,
    ) -> Stored<()>;
    /// A customer has written and waits. The message's entry has the next place ([`WorkitemRow::next_entry`]), and the row the
    /// revision behind it.
    async fn workitem_set_heard(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        preview: &str,
    ) -> Stored<()>;
    /// The customer was answered: nobody waits; with `read` everything is read. Entry and row have their places as those of a
    /// customer's message do.
    async fn workitem_set_answered(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        preview: &str,
        read: bool,
    ) -> Stored<()>;
    /// Sets the last entry that the agent has read. Answers how many messages are unread after it.
    async fn workitem_set_read(&mut self, workitem: &WorkitemId, through: i64) -> Stored<i64>;
    /// The conversation is over: moves it to wrap-up, or closes it and notes when; nobody waits.
    async fn workitem_end(
        &mut self,
        workitem: &WorkitemId,
        state: WorkitemState,
        at: Timestamp,
    ) -> Stored<()>;
    /// The conversation goes on: moves it back to active. A customer who was not answered waits again, since they wrote.
    async fn workitem_reopen(&mut self, workitem: &WorkitemId) -> Stored<()>;
}
