//! Which supervisor monitors which workitem. A monitoring lasts while a live connection holds it, and a grace time
//! longer, so that a page reload writes neither a leave nor a join.

use std::pin::pin;
use std::time::Duration;

use app::backend::ApiResult;
use shared::ids::{UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::EndReason;

use super::Desk;
use super::monitors::{MonitorGuard, MonitorKey};
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
    /// Perhaps not: the browser said that it leaves the page, and a reload comes back.
    PageLeft,
}

impl Desk {
    /// A supervisor is there, on this live connection.
    pub async fn monitoring_join(
        &self,
        actor: &Actor,
        workitem: &WorkitemId,
        connection: u64,
    ) -> ApiResult<()> {
        self.workitem_for(actor, workitem, WorkitemAct::Monitor)
            .await?;
        let key = (workitem.clone(), actor.id.clone());
        let mut guard = self.0.monitors.lock(&key).await;
        let command = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: actor.person(),
            node: self.0.nodes.id(),
            entry: self.entry_id(),
            at: self.now(),
        };
        match self.store().execute(command).await {
            Ok(written) => {
                guard.state.present = true;
                guard.state.held_by.insert(connection);
                guard.state.turn += 1;
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
                let workitem = record.map(|record| record.workitem);
                let Some(workitem) = workitem.filter(|found| found.state.is_at_agent()) else {
                    return false;
                };
                if workitem.monitor(&actor.id).is_some() {
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
        let key = (workitem.clone(), user.clone());
        let mut guard = self.0.monitors.lock(&key).await;
        if !guard.state.held_by.remove(&connection) {
            return;
        }
        guard.state.turn += 1;
        if !guard.state.held_by.is_empty() {
            return;
        }
        match leaving {
            Leaving::Now(reason) => self.monitoring_end(guard, key, reason, RETRY_FIRST).await,
            Leaving::Lost | Leaving::PageLeft => {
                let (turn, grace) = (guard.state.turn, self.0.config.grace);
                let reason = match leaving {
                    Leaving::PageLeft => EndReason::Left,
                    _ => EndReason::ConnectionLost,
                };
                self.monitoring_end_later(key, turn, reason, (grace, RETRY_FIRST));
            }
        }
    }

    /// Takes over what a run before this one, or a node that is gone, left behind: a supervisor who does not come back in time is gone.
    pub(super) async fn monitoring_adopt(&self) -> Result<(), StoreError> {
        let left = self.store().snapshot().await?.monitoring_list().await?;
        for key in left {
            let mut guard = self.0.monitors.lock(&key).await;
            guard.state.present = true;
            let turn = guard.state.turn;
            drop(guard);
            let grace = self.0.config.grace;
            self.monitoring_end_later(key, turn, EndReason::ConnectionLost, (grace, RETRY_FIRST));
        }
        Ok(())
    }

    /// What live connections of this process hold is stored once more: other nodes took this one for dead, or agents are notified of
    /// monitoring from now on.
    pub(super) async fn monitoring_hold_again(&self) {
        for key in self.0.monitors.all() {
            let Ok(Some(actor)) = self.actor_load(&key.1).await else {
                continue;
            };
            let mut guard = self.0.monitors.lock(&key).await;
            // The last connection may have let go meanwhile.
            if guard.state.held_by.is_empty() {
                continue;
            }
            let begin = MonitoringBegin {
                workitem: key.0,
                supervisor: actor.person(),
                node: self.0.nodes.id(),
                entry: self.entry_id(),
                at: self.now(),
            };
            match self.store().execute(begin).await {
                Ok(written) => {
                    guard.state.present = true;
                    self.publish(written);
                }
                Err(error) => tracing::warn!(%error, "a monitoring could not be held again"),
            }
        }
    }

    /// Ends those of these monitorings whose supervisors may not be there any more. Runs beside the task that asked for
    /// it.
    pub(super) fn monitoring_review(&self, keys: Vec<MonitorKey>) {
        for key in keys {
            let desk = self.clone();
            tokio::spawn(async move { desk.monitoring_review_one(key).await });
        }
    }

    async fn monitoring_review_one(&self, key: MonitorKey) {
        let mut pause = RETRY_FIRST;
        loop {
            let mut guard = self.0.monitors.lock(&key).await;
            if !guard.state.present {
                return;
            }
            match self.monitoring_allowed(&key).await {
                Ok(true) | Err(StoreError::Closed) => return,
                Ok(false) => {
                    guard.state.held_by.clear();
                    guard.state.turn += 1;
                    let reason = EndReason::AuthorityLost;
                    return self.monitoring_end(guard, key, reason, RETRY_FIRST).await;
                }
                Err(error) => tracing::error!(%error, "a monitoring could not be reviewed"),
            }
            drop(guard);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    async fn monitoring_allowed(&self, (workitem, user): &MonitorKey) -> Result<bool, StoreError> {
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
        key: MonitorKey,
        turn: u64,
        reason: EndReason,
        (wait, pause): (Duration, Duration),
    ) {
        let desk = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let guard = desk.0.monitors.lock(&key).await;
            if guard.state.present && guard.state.held_by.is_empty() && guard.state.turn == turn {
                desk.monitoring_end(guard, key, reason, pause).await;
            }
        });
    }

    async fn monitoring_end(
        &self,
        mut guard: MonitorGuard,
        key: MonitorKey,
        reason: EndReason,
        pause: Duration,
    ) {
        let (workitem, supervisor) = key.clone();
        let command = MonitoringEnd {
            workitem,
            supervisor,
            node: self.0.nodes.id(),
            reason,
            entry: self.entry_id(),
            at: self.now(),
        };
        match self.store().execute(command).await {
            Ok(written) => {
                guard.state.present = false;
                self.publish(written);
            }
            // It stays in the database and is taken over, and ended, by the next start.
            Err(StoreError::Closed) => {}
            Err(error) => {
                tracing::error!(%error, "a monitoring could not be ended, and is tried again");
                let next = (pause * 2).min(RETRY_MAX);
                self.monitoring_end_later(key, guard.state.turn, reason, (pause, next));
            }
        }
    }
}
