//! Replies of agents to those who coach.

use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::workitem::ReplyNotice;

use crate::store::{Snapshot, Stored};

/// Of how many workitems the replies are listed at most.
const LISTED: usize = 50;

/// The replies that a supervisor has not seen, in workitems that they may still follow, the oldest first.
pub(super) async fn replies_unseen(
    rows: &mut dyn Snapshot,
    actor: &Actor,
) -> Stored<Vec<ReplyNotice>> {
    let mut notices = Vec::new();
    let mut unseen = rows.replies_unseen(&actor.id).await?;
    unseen.sort_by(|a, b| (a.at, &a.workitem).cmp(&(b.at, &b.workitem)));
    unseen.truncate(LISTED);
    for notice in unseen {
        let row = rows.workitem_find(&notice.workitem).await?;
        let may = row.is_some_and(|row| {
            let facts = row.facts();
            can(actor, Action::Workitem(WorkitemAct::Monitor, &facts)).is_ok()
        });
        if may {
            notices.push(notice);
        }
    }
    Ok(notices)
}
