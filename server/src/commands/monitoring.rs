//! Who monitors what: a line in the conversation and a row of the audit log at both ends.
//!
//! An organisation can decide that agents are not notified (`OrganisationSettings::monitoring_announced`). Then there is no line
//! and no notification, and nothing that reaches the agent says who is there; the rows of the audit log are the same. Who
//! coaches or writes to the customer is announced in any case.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{EntryId, NodeId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::WorkitemAct;
use shared::time::Timestamp;
use shared::transcript::{EndReason, EntryBody};
use shared::workitem::{Workitem, WorkitemState};

use super::{audit, entries, notifications, rights};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// A supervisor is there: a line, unless they already are, on this node or another one. Answers whether they have just come.
/// `Conflict` when the workitem is closed.
#[derive(Clone, Debug)]
pub struct MonitoringBegin {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Who.
    pub supervisor: PersonRef,
    /// The node that has their live connection, where there are several.
    pub node: Option<NodeId>,
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
        if let Some(node) = &self.node {
            rows.monitoring_hold(&workitem.id, &supervisor.id, node)
                .await?;
        }
        let there = workitem.monitor(&supervisor.id);
        if there.is_some_and(|me| !workitem.unannounced.contains(me)) {
            return Ok(Written::unchanged(false));
        }
        let announced = announced(rows, &workitem.id, &supervisor.id).await?;
        if there.is_some() {
            return match announced {
                true => self.now_announced(rows, &workitem).await,
                false => Ok(Written::unchanged(false)),
            };
        }
        rows.monitoring_insert(&workitem.id, &supervisor.id, self.at, announced)
            .await?;
        let mut changes = Vec::new();
        if announced {
            let line = (self.entry.clone(), self.at);
            arrive(rows, &workitem, supervisor, line, &mut changes).await?;
            entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
            if let Some(agent) = &workitem.agent {
                changes.push(Change::Agent(agent.id.clone()));
            }
        } else {
            changes.push(unannounced(&workitem));
        }
        let act = (Self::NAME, workitem.id.as_str());
        let said = audited(&workitem, announced);
        audit::done(rows, Some(&supervisor.id), act, &said, self.at).await?;
        Ok(Written {
            value: true,
            changes,
        })
    }
}

impl MonitoringBegin {
    /// The supervisor was there before agents were notified of it.
    async fn now_announced(
        &self,
        rows: &mut dyn Transaction,
        workitem: &Workitem,
    ) -> Stored<Written<bool>> {
        let mut changes = vec![unannounced(workitem)];
        let line = (self.entry.clone(), self.at);
        announce(rows, workitem, &self.supervisor.id, line, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        if let Some(agent) = &workitem.agent {
            changes.push(Change::Agent(agent.id.clone()));
        }
        Ok(Written {
            value: false,
            changes,
        })
    }
}

/// Whether the agent is notified of this supervisor. The agent knows already who has said something here.
async fn announced(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    supervisor: &UserId,
) -> Stored<bool> {
    Ok(rows
        .organisation_find()
        .await?
        .settings
        .monitoring_announced
        || rows.coaching_authors(workitem).await?.contains(supervisor)
        || rows.barged(workitem, supervisor).await?)
}

/// What the audit log says of either end beside the workitem: whose it is, and whether its agent was notified.
fn audited(workitem: &Workitem, notified: bool) -> Vec<AuditChange> {
    let mut said = audit::of_agent(workitem.agent.as_ref());
    said.push(audit::noted("notified", &notified.to_string()));
    said
}

/// What follows when somebody of whom the agent is not notified comes or goes.
fn unannounced(workitem: &Workitem) -> Change {
    Change::Monitors {
        id: workitem.id.clone(),
        agent: workitem.agent.as_ref().map(|agent| agent.id.clone()),
    }
}

/// Writes the line that says who is there, and notifies the agent. The workitem's row has yet to get its revision.
async fn arrive(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    supervisor: &PersonRef,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let body = EntryBody::MonitoringStarted {
        supervisor: supervisor.id.clone(),
        name: supervisor.name.clone(),
    };
    let line = NewEntry::of_staff(entry, at, supervisor, body);
    entries::append(rows, &workitem.id, line, changes).await?;
    let Some(agent) = &workitem.agent else {
        return Ok(());
    };
    let event = Notification::MonitoringStarted {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        customer: workitem.customer.clone(),
        supervisor: supervisor.clone(),
    };
    notifications::append(rows, &agent.id, event, changes).await
}

/// Before a supervisor says something in a workitem: a line says that they are there, if none did. `NotMonitoring` when they
/// are not. The workitem's row has yet to get its revision.
pub(super) async fn announce(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    supervisor: &UserId,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let me = workitem.monitor(supervisor);
    let me = me.ok_or(StoreError::NotMonitoring)?;
    if workitem.unannounced.contains(me) {
        rows.monitoring_announce(&workitem.id, supervisor).await?;
        arrive(rows, workitem, me, line, changes).await?;
    }
    Ok(())
}

/// A supervisor is gone: a line, if they were there. Where another node has a live connection of theirs they stay, unless they may not.
/// Answers whether they were there and are not any more.
#[derive(Clone, Debug)]
pub struct MonitoringEnd {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Who.
    pub supervisor: UserId,
    /// The node that had their live connection, where there are several.
    pub node: Option<NodeId>,
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
        let Some(supervisor) = workitem.monitor(&self.supervisor) else {
            return Ok(Written::unchanged(false));
        };
        if let Some(node) = &self.node {
            rows.monitoring_release(&workitem.id, &supervisor.id, node)
                .await?;
        }
        let held = rows.monitoring_held(&workitem.id, &supervisor.id).await?;
        if held && self.reason != EndReason::AuthorityLost {
            return Ok(Written::unchanged(false));
        }
        let mut changes = Vec::new();
        let line = (self.entry.clone(), self.at);
        leave(rows, workitem, supervisor, self.reason, line, &mut changes).await?;
        if workitem.monitors.contains(supervisor) {
            entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
            notify(rows, workitem, supervisor, &mut changes).await?;
            if let Some(agent) = &workitem.agent {
                changes.push(Change::Agent(agent.id.clone()));
            }
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}

/// Takes a supervisor out, with a row of the audit log and, where the agent was notified, a line: every monitoring ends here. The
/// workitem's row has yet to get its revision, and the agent has yet to be notified.
pub(super) async fn leave(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    supervisor: &PersonRef,
    reason: EndReason,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.monitoring_delete(&workitem.id, &supervisor.id).await?;
    let announced = !workitem.unannounced.contains(supervisor);
    let act = (MonitoringEnd::NAME, workitem.id.as_str());
    let mut said = audited(workitem, announced);
    said.push(audit::noted("reason", reason.code()));
    audit::done(rows, Some(&supervisor.id), act, &said, at).await?;
    if !announced {
        changes.push(unannounced(workitem));
        return Ok(());
    }
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
