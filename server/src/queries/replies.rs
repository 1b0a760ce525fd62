//! Replies of agents to those who coach.

use shared::ids::UserId;
use shared::policy::{Action, WorkitemAct, can};
use shared::workitem::ReplyNotice;

use crate::store::{Snapshot, Stored};

/// Of how many workitems the replies are listed at most.
const LISTED: i64 = 50;

/// The replies that a supervisor has not seen, in workitems that they may still follow.
pub async fn replies_unseen(rows: &mut dyn Snapshot, user: &UserId) -> Stored<Vec<ReplyNotice>> {
    let Some(actor) = rows.actor_find(user).await? else {
        return Ok(Vec::new());
    };
    let mut notices = Vec::new();
    for notice in rows.replies_unseen(user, LISTED).await? {
        let row = rows.workitem_find(&notice.workitem).await?;
        let may = row.is_some_and(|row| {
            let facts = row.facts();
            can(&actor, Action::Workitem(WorkitemAct::Monitor, &facts)).is_ok()
        });
        if may {
            notices.push(notice);
        }
    }
    Ok(notices)
}
