//! Who stands beside whom. A monitoring lives as long as a live connection holds it, and a grace time longer,
//! so that a page reload writes no leave and no join, and no ghost stays behind.

use std::collections::{HashMap, HashSet};

use app::backend::Answer;
use shared::ids::{UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::EndReason;
use tokio::sync::Mutex;

use super::Desk;
use crate::store::StoreError;

#[derive(Debug, Default)]
struct Watch {
    /// The live connections that hold it.
    held_by: HashSet<u64>,
    /// Counts changes, so that an old grace timer can tell that it is out of date.
    turn: u64,
}

/// Every monitoring of this process. The lock is held across the store's commit, so that lines in the
/// conversation come in the order in which people came and went.
#[derive(Debug, Default)]
pub struct Monitors(Mutex<HashMap<(WorkitemId, UserId), Watch>>);

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
        let mut all = self.0.monitors.0.lock().await;
        let written = self
            .store()
            .monitoring_begin(workitem, &actor.person(), self.entry_id(), self.now())
            .await;
        let written = match written {
            Ok(written) => written,
            Err(error) => return Err(self.answered(error).await),
        };
        let watch = all.entry((workitem.clone(), actor.id.clone())).or_default();
        watch.held_by.insert(connection);
        watch.turn += 1;
        self.publish(written);
        Ok(())
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
        let mut all = self.0.monitors.0.lock().await;
        let Some(watch) = all.get_mut(&place) else {
            return;
        };
        watch.held_by.remove(&connection);
        watch.turn += 1;
        let turn = watch.turn;
        if !watch.held_by.is_empty() {
            return;
        }
        match leaving {
            Leaving::Now(reason) => {
                all.remove(&place);
                self.monitoring_end(workitem, user, reason).await;
            }
            Leaving::Lost => self.monitoring_expire(place, turn),
        }
    }

    /// Takes over what a run before this one left behind: whoever does not come back in time is gone.
    pub(super) async fn monitoring_adopt(&self) -> Result<(), StoreError> {
        let left = self.store().monitoring_list().await?;
        let mut all = self.0.monitors.0.lock().await;
        for place in left {
            all.insert(place.clone(), Watch::default());
            self.monitoring_expire(place, 0);
        }
        Ok(())
    }

    /// Ends every monitoring whose supervisor may not be there any more. Runs beside whoever asked for it.
    pub(super) fn monitoring_review(&self) {
        let desk = self.clone();
        tokio::spawn(async move {
            let mut all = desk.0.monitors.0.lock().await;
            let places: Vec<_> = all.keys().cloned().collect();
            for (workitem, user) in places {
                match desk.monitoring_allowed(&workitem, &user).await {
                    Ok(true) => {}
                    Ok(false) => {
                        all.remove(&(workitem.clone(), user.clone()));
                        desk.monitoring_end(&workitem, &user, EndReason::AuthorityLost)
                            .await;
                    }
                    Err(error) => tracing::error!(%error, "a monitoring could not be reviewed"),
                }
            }
        });
    }

    async fn monitoring_allowed(
        &self,
        workitem: &WorkitemId,
        user: &UserId,
    ) -> Result<bool, StoreError> {
        let actor = self.store().actor_load(user).await?;
        let record = self.store().workitem_find(workitem).await?;
        Ok(match (actor, record) {
            (Some(actor), Some(record)) => can(
                &actor,
                Action::Workitem(WorkitemAct::Monitor, &record.facts),
            )
            .is_ok(),
            _ => false,
        })
    }

    /// Ends it after the grace time, unless a connection took it up again meanwhile.
    fn monitoring_expire(&self, place: (WorkitemId, UserId), turn: u64) {
        let desk = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(desk.0.config.grace).await;
            let mut all = desk.0.monitors.0.lock().await;
            if all
                .get(&place)
                .is_some_and(|watch| watch.held_by.is_empty() && watch.turn == turn)
            {
                all.remove(&place);
                desk.monitoring_end(&place.0, &place.1, EndReason::ConnectionLost)
                    .await;
            }
        });
    }

    async fn monitoring_end(&self, workitem: &WorkitemId, user: &UserId, reason: EndReason) {
        let written = self
            .store()
            .monitoring_end(workitem, user, reason, self.entry_id(), self.now())
            .await;
        match written {
            Ok(written) => {
                self.publish(written);
            }
            // It stays in the database and is taken over, and ended, by the next start.
            Err(StoreError::Closed) => {}
            Err(error) => tracing::error!(%error, "a monitoring could not be ended"),
        }
    }
}
