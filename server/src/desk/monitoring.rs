//! Who stands beside whom. A monitoring lives as long as a live connection holds it, and a grace time longer,
//! so that a page reload writes no leave and no join, and no ghost stays behind.

use std::pin::pin;
use std::time::Duration;

use app::backend::Answer;
use shared::ids::{UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::EndReason;
use shared::workitem::{Workitem, WorkitemState};

use super::Desk;
use super::monitors::{Held, Place};
use crate::commands::{MonitoringBegin, MonitoringEnd};
use crate::store::StoreError;

/// After how long something that failed is tried again; each time twice as long, up to [`RETRY_MAX`].
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How long somebody's coaching waits at most for their live connection, which is on its way.
const ARRIVAL: Duration = Duration::from_secs(2);

/// How a connection let go of a monitoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// For good, and why.
    Now(EndReason),
    /// Perhaps not: the connection was lost and may come back.
    Lost,
}

impl Desk {
    /// A supervisor is there, on this live connection.
    pub async fn monitoring_join(
        &self,
        actor: &Actor,
        workitem: &WorkitemId,
        connection: u64,
    ) -> Answer<()> {
        self.workitem_for(actor, workitem, WorkitemAct::Monitor)
            .await?;
        let place = (workitem.clone(), actor.id.clone());
        let mut held = self.0.monitors.hold(&place).await;
        let command = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
        };
        match self.store().execute(command).await {
            Ok(written) => {
                held.watch.present = true;
                held.watch.held_by.insert(connection);
                held.watch.turn += 1;
                self.publish(written);
                self.0.monitors.arrivals().notify_waiters();
                Ok(())
            }
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// Whether the actor monitors the workitem after all: at once, or within a short time in which their live connection
    /// can come. Nobody is waited for where there is nobody to coach.
    pub(super) async fn monitoring_arrives(&self, actor: &Actor, workitem: &WorkitemId) -> bool {
        let coming = async {
            loop {
                let mut arrival = pin!(self.0.monitors.arrivals().notified());
                // From here on nobody arrives unnoticed.
                arrival.as_mut().enable();
                let record = self.reads().workitem_find(workitem).await.ok().flatten();
                let Some(Workitem {
                    state: WorkitemState::Active | WorkitemState::WrapUp,
                    monitors,
                    ..
                }) = record.map(|record| record.workitem)
                else {
                    return false;
                };
                if monitors.iter().any(|who| who.id == actor.id) {
                    return true;
                }
                arrival.await;
            }
        };
        let patience = ARRIVAL.min(self.0.config.grace);
        tokio::time::timeout(patience, coming)
            .await
            .unwrap_or(false)
    }

    /// A live connection holds it no longer.
    pub async fn monitoring_leave(
        &self,
        user: &UserId,
        workitem: &WorkitemId,
        connection: u64,
        leaving: Leaving,
    ) {
        let place = (workitem.clone(), user.clone());
        let mut held = self.0.monitors.hold(&place).await;
        if !held.watch.held_by.remove(&connection) {
            return;
        }
        held.watch.turn += 1;
        if !held.watch.held_by.is_empty() {
            return;
        }
        match leaving {
            Leaving::Now(reason) => self.monitoring_end(held, place, reason, RETRY_FIRST).await,
            Leaving::Lost => {
                let (turn, grace) = (held.watch.turn, self.0.config.grace);
                self.monitoring_end_later(
                    place,
                    turn,
                    EndReason::ConnectionLost,
                    (grace, RETRY_FIRST),
                );
            }
        }
    }

    /// Takes over what a run before this one left behind: who does not come back in time is gone.
    pub(super) async fn monitoring_adopt(&self) -> Result<(), StoreError> {
        let left = self.store().snapshot().await?.monitoring_list().await?;
        for place in left {
            self.0.monitors.hold(&place).await.watch.present = true;
            let grace = self.0.config.grace;
            self.monitoring_end_later(place, 0, EndReason::ConnectionLost, (grace, RETRY_FIRST));
        }
        Ok(())
    }

    /// Ends the monitorings at these places whose supervisors may not be there any more. Runs beside the task that asked for
    /// it.
    pub(super) fn monitoring_review(&self, places: Vec<Place>) {
        for place in places {
            let desk = self.clone();
            tokio::spawn(async move { desk.monitoring_review_one(place).await });
        }
    }

    async fn monitoring_review_one(&self, place: Place) {
        let mut pause = RETRY_FIRST;
        loop {
            let mut held = self.0.monitors.hold(&place).await;
            if !held.watch.present {
                return;
            }
            match self.monitoring_allowed(&place).await {
                Ok(true) | Err(StoreError::Closed) => return,
                Ok(false) => {
                    held.watch.held_by.clear();
                    held.watch.turn += 1;
                    let reason = EndReason::AuthorityLost;
                    return self.monitoring_end(held, place, reason, RETRY_FIRST).await;
                }
                Err(error) => tracing::error!(%error, "a monitoring could not be reviewed"),
            }
            drop(held);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    async fn monitoring_allowed(&self, (workitem, user): &Place) -> Result<bool, StoreError> {
        let actor = self.actor_load(user).await?;
        let record = self.reads().workitem_find(workitem).await?;
        Ok(match (actor, record) {
            (Some(actor), Some(record)) => {
                let monitor = Action::Workitem(WorkitemAct::Monitor, &record.facts);
                can(&actor, monitor).is_ok()
            }
            _ => false,
        })
    }

    /// Ends it, unless a connection takes it up meanwhile: after `wait`, and if that fails again after `pause`.
    fn monitoring_end_later(
        &self,
        place: Place,
        turn: u64,
        reason: EndReason,
        (wait, pause): (Duration, Duration),
    ) {
        let desk = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let held = desk.0.monitors.hold(&place).await;
            if held.watch.present && held.watch.held_by.is_empty() && held.watch.turn == turn {
                desk.monitoring_end(held, place, reason, pause).await;
            }
        });
    }

    async fn monitoring_end(
        &self,
        mut held: Held,
        place: Place,
        reason: EndReason,
        pause: Duration,
    ) {
        let (workitem, supervisor) = place.clone();
        let command = MonitoringEnd {
            workitem,
            supervisor,
            reason,
            entry: self.entry_id(),
            at: self.now(),
        };
        match self.store().execute(command).await {
            Ok(written) => {
                held.watch.present = false;
                self.publish(written);
            }
            // It stays in the database and is taken over, and ended, by the next start.
            Err(StoreError::Closed) => {}
            Err(error) => {
                tracing::error!(%error, "a monitoring could not be ended, and is tried again");
                let next = (pause * 2).min(RETRY_MAX);
                self.monitoring_end_later(place, held.watch.turn, reason, (pause, next));
            }
        }
    }
}
