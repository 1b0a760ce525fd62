//! What a claim and the end of a request both say of it: whose it is, and whom it concerns.

use shared::audit::AuditChange;
use shared::ids::{RequestId, UserId};

use super::audit;
use crate::store::rows::RequestRow;
use crate::store::{Snapshot, Stored};

/// What the audit log says of a request beside its id: whose it is, and from which workitem. Never its words.
pub(super) fn audited(row: &RequestRow) -> Vec<AuditChange> {
    let mut said = audit::of_agent(Some(&row.agent));
    let workitem = row.workitem.as_ref();
    said.extend(workitem.map(|workitem| audit::noted("workitem", workitem.as_str())));
    said
}

/// Who hears what becomes of a request: the agent, everybody who was asked, and everybody who could answer.
pub(super) async fn concerned(
    rows: &mut dyn Snapshot,
    request: &RequestId,
    agent: &UserId,
) -> Stored<Vec<UserId>> {
    let mut concerned = vec![agent.clone()];
    concerned.extend(rows.request_recipients(request).await?);
    for (supervisor, _) in rows.supervisors_of(agent).await? {
        if !concerned.contains(&supervisor.id) {
            concerned.push(supervisor.id);
        }
    }
    Ok(concerned)
}
