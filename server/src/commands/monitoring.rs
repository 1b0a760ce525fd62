//! Who monitors what: a line in the conversation at both ends.

use async_trait::async_trait;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::WorkitemAct;
use shared::time::Timestamp;
use shared::transcript::{EndReason, EntryBody};
use shared::workitem::{Workitem, WorkitemState};

use super::{entries, notifications, rights};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// A supervisor is there: a line, unless they already are. Answers whether a line was written. `Conflict` when the
/// workitem is closed.
#[derive(Clone, Debug)]
pub struct MonitoringBegin {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Who.
    pub supervisor: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for MonitoringBegin {
    type Answer = bool;
    const NAME: &'static str = "monitoring_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let supervisor = &self.supervisor;
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &supervisor.id, WorkitemAct::Monitor, &row).await?;
        let workitem = row.workitem;
        if workitem.state == WorkitemState::Closed {
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        if monitor(&workitem, &supervisor.id).is_some() {
            return Ok(Written::unchanged(false));
        }
        rows.monitoring_insert(&workitem.id, &supervisor.id, self.at)
            .await?;
        let mut changes = Vec::new();
        let body = EntryBody::MonitoringStarted {
            supervisor: supervisor.id.clone(),
            name: supervisor.name.clone(),
        };
        let line = NewEntry::of_staff(self.entry.clone(), self.at, supervisor, body);
        entries::append(rows, &workitem.id, line, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        if let Some(agent) = &workitem.agent {
            let event = Notification::MonitoringStarted {
                workitem: workitem.id.clone(),
                subject: workitem.subject.clone(),
                customer: workitem.customer.clone(),
                supervisor: supervisor.clone(),
            };
            notifications::append(rows, &agent.id, event, &mut changes).await?;
            changes.push(Change::Agent(agent.id.clone()));
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}

fn monitor<'a>(workitem: &'a Workitem, supervisor: &UserId) -> Option<&'a PersonRef> {
    workitem.monitors.iter().find(|who| who.id == *supervisor)
}

/// A supervisor is gone: a line, if they were there. Answers whether they were.
#[derive(Clone, Debug)]
pub struct MonitoringEnd {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Who.
    pub supervisor: UserId,
    /// Why.
    pub reason: EndReason,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for MonitoringEnd {
    type Answer = bool;
    const NAME: &'static str = "monitoring_end";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let Some(row) = rows.workitem_find(&self.workitem).await? else {
            return Ok(Written::unchanged(false));
        };
        let workitem = &row.workitem;
        let Some(supervisor) = monitor(workitem, &self.supervisor) else {
            return Ok(Written::unchanged(false));
        };
        let mut changes = Vec::new();
        let line = (self.entry.clone(), self.at);
        leave(rows, workitem, supervisor, self.reason, line, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        notify(rows, workitem, supervisor, &mut changes).await?;
        if let Some(agent) = &workitem.agent {
            changes.push(Change::Agent(agent.id.clone()));
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}

/// Takes a supervisor out and writes the line. The workitem's row has yet to get its revision, and the agent has yet to
/// be notified.
pub(super) async fn leave(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    supervisor: &PersonRef,
    reason: EndReason,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.monitoring_delete(&workitem.id, &supervisor.id).await?;
    let body = EntryBody::MonitoringEnded {
        supervisor: supervisor.id.clone(),
        name: supervisor.name.clone(),
        reason,
    };
    let line = NewEntry::of_staff(entry, at, supervisor, body);
    entries::append(rows, &workitem.id, line, changes).await?;
    Ok(())
}

/// Notifies the agent, if there is one, that a supervisor is gone.
pub(super) async fn notify(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    supervisor: &PersonRef,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let Some(agent) = &workitem.agent else {
        return Ok(());
    };
    let event = Notification::MonitoringEnded {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        customer: workitem.customer.clone(),
        supervisor: supervisor.clone(),
    };
    notifications::append(rows, &agent.id, event, changes).await
}
