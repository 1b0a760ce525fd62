//! The end of a request for assistance.
//!
//! `settle` is the one place where a request comes to its end. Every way goes through it, and the first one counts.

use shared::assistance::{Settled, SettledHow};
use shared::directory::OwnEvent;
use shared::ids::{RequestId, WorkitemId};
use shared::workitem::WorkitemState;

use super::notifications;
use crate::store::rows::WorkitemRow;
use crate::store::{Change, StoreError, Stored, Transaction};

/// Settles a request that is open, and notifies the agent and everybody who was asked or could have answered. One that
/// is settled already stays as it is.
async fn settle(
    rows: &mut dyn Transaction,
    request: &RequestId,
    settled: &Settled,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if !rows.request_settle(request, settled).await? {
        return Ok(());
    }
    let row = rows.request_find(request).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let agent = row.agent;
    let mut concerned = vec![agent.id.clone()];
    concerned.extend(rows.request_recipients(request).await?);
    for (supervisor, _) in rows.supervisors_of(&agent.id).await? {
        if !concerned.contains(&supervisor.id) {
            concerned.push(supervisor.id);
        }
    }
    for user in &concerned {
        let event = OwnEvent::RequestAnswered {
            request: request.clone(),
            by: settled.by.clone().unwrap_or_else(|| agent.clone()),
            how: settled.how,
            at: Some(settled.at),
            agent: Some(agent.clone()),
            text: row.text.clone(),
        };
        notifications::append(rows, user, event, changes).await?;
    }
    changes.push(Change::Hands(agent.id));
    Ok(())
}

/// Settles what was asked from a workitem: somebody coached in it, or its conversation ended.
pub(super) async fn settle_in(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    settled: &Settled,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for (request, _) in rows.requests_open_in(workitem).await? {
        settle(rows, &request, settled, changes).await?;
    }
    Ok(())
}

/// A workitem's row has changed: what its former agent asked from it, or what was asked before it was closed, is
/// settled.
pub(super) async fn follow(
    rows: &mut dyn Transaction,
    row: &WorkitemRow,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let workitem = &row.workitem;
    let has_it = workitem.agent.as_ref().map(|agent| &agent.id);
    for (request, agent) in rows.requests_open_in(&workitem.id).await? {
        let how = match workitem.state {
            WorkitemState::Closed => SettledHow::WorkitemClosed,
            _ if has_it != Some(&agent) => SettledHow::WorkitemMoved,
            _ => continue,
        };
        // What moves or closes a workitem writes a line first.
        let at = rows.entry_time(&workitem.id, row.last_entry).await?;
        let settled = Settled { how, by: None, at };
        settle(rows, &request, &settled, changes).await?;
    }
    Ok(())
}
