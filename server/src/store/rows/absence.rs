//! Since when people are without a live connection, and the work that waits for them.

use async_trait::async_trait;
use shared::ids::{RequestId, UserId, WorkitemId};
use shared::time::Timestamp;

use crate::store::Stored;

/// Since when somebody's presence is what it is; nothing where it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceTimes {
    /// Whose.
    pub user: UserId,
    /// When they chose the presence that they have chosen.
    pub chosen: Option<Timestamp>,
    /// Since when they have had a live connection; nothing while they have none. A program that ends suddenly leaves it.
    pub present: Option<Timestamp>,
}

/// Reads of what absent agents have.
#[async_trait]
pub trait AbsenceReads: Send {
    /// What is taken from these agents when they have been away since `until`, with who has it: active conversations in which the
    /// customer waits, and work in wrap-up in which nothing has happened since. What they were given later is left to them.
    async fn workitems_lost_of(
        &mut self,
        agents: &[UserId],
        until: Timestamp,
    ) -> Stored<Vec<(WorkitemId, UserId)>>;
    /// Active workitems that these agents were given after `given_after`, with who has them.
    async fn workitems_given_after(
        &mut self,
        agents: &[UserId],
        given_after: Timestamp,
    ) -> Stored<Vec<(WorkitemId, UserId)>>;
    /// When a workitem was assigned to its agent.
    async fn workitem_given_at(&mut self, workitem: &WorkitemId) -> Stored<Timestamp>;
    /// Open requests, the oldest first, that somebody has claimed who is gone, with who that is. Gone is who signed out and has not
    /// signed in since, and who has had no live connection since `lost_until` or longer; what they claimed later is left to them.
    async fn claims_lost(&mut self, lost_until: Timestamp) -> Stored<Vec<(RequestId, UserId)>>;
    /// Since when agents are absent, and whether they signed out.
    async fn agents_absent(&mut self) -> Stored<Vec<(UserId, Timestamp, bool)>>;
    /// Since when everybody active has the presence that they have.
    async fn presence_times(&mut self) -> Stored<Vec<PresenceTimes>>;
    /// How many messages an agent has written in a workitem since a time.
    async fn agent_answer_count(
        &mut self,
        workitem: &WorkitemId,
        agent: &UserId,
        since: Timestamp,
    ) -> Stored<i64>;
}

/// Writes of absences.
#[async_trait]
pub trait AbsenceRows: Send {
    /// Sets since when a user has no live connection, and whether they signed out; `None`: they have one, since `present`.
    async fn user_set_absent(
        &mut self,
        user: &UserId,
        since: Option<(Timestamp, bool)>,
        present: Option<Timestamp>,
    ) -> Stored<()>;
    /// Sets it to `since` for everybody of whom no node has a live connection and who is not absent yet: agents who have a session or
    /// were ever given work, and users with a session who have claimed a request.
    async fn absences_set(&mut self, since: Timestamp) -> Stored<()>;
}
