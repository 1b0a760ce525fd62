//! The agents who could take queued work.

use shared::ids::TeamId;

use crate::store::{Candidate, Snapshot, Stored};

/// The agents of these teams who chose `available`, with how much work they may have.
pub async fn queue_candidates(rows: &mut dyn Snapshot, teams: &[TeamId]) -> Stored<Vec<Candidate>> {
    let usual = rows.organisation_find().await?.settings.capacity;
    rows.queue_candidates(teams, usual).await
}
