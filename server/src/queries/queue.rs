//! The queue: what waits in it, and the agents who could take it.

use shared::ids::{TeamId, UserId};
use shared::policy::Action;
use shared::workitem::Workitem;

use crate::commands::rights;
use crate::store::{Candidate, Snapshot, Stored};

/// How many waiting workitems are listed at most.
const LISTED: i64 = 100;

/// The agents of these teams who chose `available`, with how much work they may have.
pub async fn queue_candidates(rows: &mut dyn Snapshot, teams: &[TeamId]) -> Stored<Vec<Candidate>> {
    let usual = rows.organisation_find().await?.settings.capacity;
    rows.queue_candidates(teams, usual).await
}

/// The workitems that wait in the queue of a team, the first in turn first. `NotFound` for those who do not supervise it.
pub async fn queue_of(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    team: &TeamId,
) -> Stored<Vec<Workitem>> {
    rights::ask(rows, viewer, Action::QueueView(team)).await?;
    let waiting = rows.workitems_queued_in(team, LISTED).await?;
    Ok(waiting.into_iter().map(|row| row.workitem).collect())
}
