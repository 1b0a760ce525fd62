//! Assigns queued work to the available agent with the fewest active workitems who has room for it.
//!
//! It never stalls: an error is tried again after a pause, a panic ends one round and not the next, and a round every few
//! seconds finds what no event announced.

use std::collections::HashSet;
use std::time::Duration;

use shared::ids::TeamId;
use shared::workitem::Channel;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Desk;
use crate::commands::WorkitemAssign;
use crate::queries;
use crate::store::{Candidate, Queued, StoreError};

/// How often the queue is read although nothing has happened.
const ROUND_EVERY: Duration = Duration::from_secs(5);
/// How long a round that failed waits for the next one, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// Runs as long as the process: each time the queue or somebody's presence changed, and every few seconds, assigns what
/// can be given. Work for which nobody is there waits.
pub(super) async fn run(desk: Desk) {
    let mut tick = interval(ROUND_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut pause = PAUSE.0;
    loop {
        tokio::select! {
            () = desk.0.queue.notified() => {}
            _ = tick.tick() => {}
        }
        // A task of its own, so that a panic ends the round alone.
        let round = {
            let desk = desk.clone();
            tokio::spawn(async move {
                desk.absences_look().await?;
                match desk.0.nodes.on_duty() {
                    true => assign_queued(&desk).await,
                    false => Ok(true),
                }
            })
        };
        let all_well = match round.await {
            Ok(Ok(all_well)) => all_well,
            Ok(Err(StoreError::Closed)) => return,
            Ok(Err(error)) => {
                tracing::error!(%error, "queued work could not be assigned");
                false
            }
            Err(error) if error.is_panic() => {
                tracing::error!("assigning work panicked");
                false
            }
            // The runtime is ending.
            Err(_) => return,
        };
        if all_well {
            pause = PAUSE.0;
        } else {
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            desk.0.queue.notify_one();
        }
    }
}

/// Assigns what can be assigned now. Answers whether everything went well; otherwise it is worth another try.
async fn assign_queued(desk: &Desk) -> Result<bool, StoreError> {
    let mut rows = desk.store().snapshot().await?;
    let waiting = rows.queue_list().await?;
    if waiting.is_empty() {
        return Ok(true);
    }
    let teams: HashSet<&TeamId> = waiting.iter().map(|work| &work.team).collect();
    let teams: Vec<TeamId> = teams.into_iter().cloned().collect();
    let mut agents = queries::queue_candidates(&mut *rows, &teams).await?;
    drop(rows);
    agents.retain(|candidate| desk.presence_connected(&candidate.agent));
    let mut all_well = true;
    // Teams and channels for which nobody is free: the rest of their queue waits for the next round.
    let mut nobody: HashSet<(TeamId, Channel)> = HashSet::new();
    for work in waiting {
        let place = (work.team.clone(), work.channel);
        if nobody.contains(&place) {
            continue;
        }
        let Some(candidate) = best(&mut agents, &work) else {
            nobody.insert(place);
            continue;
        };
        let now = desk.now();
        let command = WorkitemAssign {
            workitem: work.workitem.clone(),
            agent: candidate.agent.clone(),
            entry: desk.entry_id(),
            at: now,
        };
        match desk.store().execute(command).await {
            Ok(written) => {
                desk.publish(written);
                candidate.active.add(work.channel, 1);
                candidate.assigned_at = now;
            }
            // Somebody took it, or the agent cannot any more.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => all_well = false,
            Err(StoreError::Closed) => return Err(StoreError::Closed),
            // The others need not wait for this one.
            Err(error) => {
                tracing::error!(%error, workitem = %work.workitem, "a workitem could not be assigned");
                all_well = false;
            }
        }
    }
    Ok(all_well)
}

/// Who gets it: of those with room for it the one with the fewest active workitems, then the one who was assigned work
/// longest ago.
fn best<'a>(agents: &'a mut [Candidate], work: &Queued) -> Option<&'a mut Candidate> {
    agents
        .iter_mut()
        .filter(|candidate| candidate.teams.contains(&work.team))
        .filter(|candidate| candidate.active.of(work.channel) < candidate.capacity.of(work.channel))
        .min_by_key(|candidate| {
            let turn = (candidate.active.total(), candidate.assigned_at);
            (turn, candidate.agent.to_string())
        })
}
