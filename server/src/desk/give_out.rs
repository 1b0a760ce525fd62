//! Gives queued work to the available agent with the fewest active workitems.

use shared::people::Presence;

use super::Desk;
use crate::store::StoreError;

/// Runs as long as the process: each time the queue or somebody's presence changed, gives out what can be
/// given. Work for which nobody is there waits.
pub(super) async fn run(desk: Desk) {
    loop {
        desk.0.queue.notified().await;
        if let Err(error) = give_out(&desk).await {
            tracing::error!(%error, "queued work could not be given out");
        }
    }
}

async fn give_out(desk: &Desk) -> Result<(), StoreError> {
    for (workitem, team) in desk.store().queue_list().await? {
        let candidates = desk.store().queue_candidates(&team).await?;
        let free = candidates.into_iter().find(|(agent, _)| {
            desk.presence_seen(agent, Presence::Available) == Presence::Available
        });
        let Some((agent, _)) = free else { continue };
        match desk
            .store()
            .workitem_assign(&workitem, &agent, desk.entry_id(), desk.now())
            .await
        {
            Ok(written) => {
                desk.publish(written);
                // Who monitored it while it was queued may not supervise the agent who has it now.
                desk.monitoring_review();
            }
            // Somebody took it or closed it meanwhile: fine.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
