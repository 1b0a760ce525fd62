//! Agents, as the policy judges them and as the User Dashboard counts their work.

use shared::ids::UserId;
use shared::policy::AgentFacts;
use shared::time::Timestamp;
use shared::workitem::{AgentRow, Channel, ChannelWait, HandAbout, Workitem, WorkitemState};

use crate::store::{AgentRecord, Snapshot, Stored};

/// An active user with the agent role, and their teams.
pub async fn agent_record(rows: &mut dyn Snapshot, agent: &UserId) -> Stored<Option<AgentRecord>> {
    let Some((person, presence)) = rows.agent_find(agent).await? else {
        return Ok(None);
    };
    let facts = AgentFacts {
        teams: rows.agent_teams(agent).await?,
    };
    Ok(Some(AgentRecord {
        person,
        facts,
        presence,
    }))
}

/// Counts what is open at an agent, and says whom their requests are about. In wrap-up nobody waits any more.
pub fn count_open<'a>(row: &mut AgentRow, open: impl IntoIterator<Item = &'a Workitem>) {
    for workitem in open {
        row.counts.add(workitem.channel, 1);
        if workitem.state == WorkitemState::WrapUp {
            row.wrap_up.add(workitem.channel, 1);
        }
        row.monitored += i64::from(workitem.all_monitors().next().is_some());
        if workitem.state == WorkitemState::Active {
            let waits = [row.waiting_since, workitem.waiting_since];
            row.waiting_since = waits.into_iter().flatten().min();
            if let Some(since) = workitem.waiting_since {
                wait_on(&mut row.waits, workitem.channel, since);
            }
        }
        let asked = row.hands.iter_mut();
        for hand in asked.filter(|hand| hand.workitem.as_ref() == Some(&workitem.id)) {
            hand.about = Some(HandAbout {
                channel: workitem.channel,
                customer: workitem.customer.clone(),
            });
        }
    }
}

/// Keeps the longest wait of each channel. Their order is always the same, so that rows that say the same are equal.
fn wait_on(waits: &mut Vec<ChannelWait>, channel: Channel, since: Timestamp) {
    match waits.iter_mut().find(|wait| wait.channel == channel) {
        Some(wait) => wait.since = wait.since.min(since),
        None => {
            waits.push(ChannelWait { channel, since });
            waits.sort_unstable_by_key(|wait| wait.channel.code());
        }
    }
}
