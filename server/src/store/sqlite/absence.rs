//! Since when agents are without a live connection, and work that is taken from them (SPEC, E10).

use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::handover;
use super::rows::{at, id, ids_argument, int};
use super::statement::{Connection, sql};
use super::{SqliteStore, own, workitems};
use crate::store::{Change, Reclaim, StoreError, Stored, Written};

const SET: &str = "UPDATE users SET absent_since = $2 WHERE id = $1";
const ADOPT: &str = "UPDATE users SET absent_since = COALESCE(absent_since, $1)
    WHERE active = 1 AND id IN (SELECT user_id FROM user_roles WHERE role = 'agent')
        AND (absent_since IS NOT NULL OR assigned_at > 0
            OR EXISTS (SELECT 1 FROM sessions WHERE sessions.user_id = users.id))
    RETURNING id, absent_since";
const WAITED_FOR: &str = "SELECT id, agent_id FROM workitems
    WHERE agent_id IN (SELECT value FROM json_each($1)) AND state = 'active'
        AND channel IN ('chat', 'social', 'sms') AND waiting_since IS NOT NULL
        AND given_at <= $2
    ORDER BY waiting_since, id";
const UNSEEN: &str = "SELECT id, agent_id FROM workitems
    WHERE agent_id IN (SELECT value FROM json_each($1)) AND state = 'active' AND given_at > $2
    ORDER BY started_at, id";
const GIVEN_AT: &str = "SELECT given_at FROM workitems WHERE id = $1";
const ANSWERED: &str = "SELECT COUNT(*) AS count FROM entries
    WHERE workitem_id = $1 AND author_id = $2 AND kind = 'agent' AND at >= $3";

/// See the trait.
pub(super) async fn absence_set(
    store: &SqliteStore,
    user: &UserId,
    since: Option<Timestamp>,
) -> Stored<()> {
    let user = user.clone();
    store
        .write(move |connection| {
            sql(SET)
                .bind(user.as_str())
                .bind(since.map(|since| since.0))
                .execute(connection)?;
            Ok(())
        })
        .await
}

/// See the trait.
pub(super) async fn absences_adopt(
    store: &SqliteStore,
    now: Timestamp,
) -> Stored<Vec<(UserId, Timestamp)>> {
    let adopted = store.write(move |connection| {
        let rows = sql(ADOPT).bind(now.0).fetch_all(connection)?;
        let absences = rows
            .iter()
            .map(|row| Ok((id(row, "id")?, at(row, "absent_since")?)))
            .collect::<Stored<Vec<_>>>()?;
        Ok(Written {
            value: absences,
            changes: Vec::new(),
        })
    });
    Ok(adopted.await?.value)
}

/// See the trait.
pub(super) async fn reclaimable(
    store: &SqliteStore,
    agents: &[UserId],
    why: Reclaim,
) -> Stored<Vec<(WorkitemId, UserId)>> {
    let agents = ids_argument(agents);
    store
        .read(move |connection| {
            let rows = match why {
                Reclaim::Lost { given_until, .. } => sql(WAITED_FOR)
                    .bind(agents)
                    .bind(given_until.0)
                    .fetch_all(connection)?,
                Reclaim::Unseen(heard) => sql(UNSEEN)
                    .bind(agents)
                    .bind(heard.0)
                    .fetch_all(connection)?,
            };
            rows.iter()
                .map(|row| Ok((id(row, "id")?, id(row, "agent_id")?)))
                .collect()
        })
        .await
}

/// See the trait.
pub(super) async fn workitem_reclaim(
    store: &SqliteStore,
    workitem: &WorkitemId,
    agent: &UserId,
    why: Reclaim,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let (workitem, agent) = (workitem.clone(), agent.clone());
    store
        .write(move |connection| reclaim(connection, &workitem, &agent, why, entry, at))
        .await
}

fn reclaim(
    connection: &Connection,
    workitem: &WorkitemId,
    agent: &UserId,
    why: Reclaim,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let workitem = workitems::load_of(connection, workitem, agent)?.workitem;
    if workitem.state != WorkitemState::Active || !applies(connection, &workitem, agent, why)? {
        return Err(StoreError::Conflict(
            "There is no reason any more.".to_owned(),
        ));
    }
    let agent = workitem.agent.clone().ok_or(StoreError::NotFound)?;
    let mut changes = Vec::new();
    let text = sentence(&agent, &workitem, why);
    let (line, team) = ((entry, at), &workitem.team);
    handover::requeue(connection, &workitem, team, line, text, &mut changes)?;
    own::append(
        connection,
        &agent.id,
        handover::taken(&workitem, None, None),
        &mut changes,
    )?;
    changes.push(Change::Agent(agent.id));
    Ok(Written { value: (), changes })
}

/// Whether the reason holds in this transaction.
fn applies(
    connection: &Connection,
    workitem: &Workitem,
    agent: &UserId,
    why: Reclaim,
) -> Stored<bool> {
    match why {
        Reclaim::Lost { given_until, .. } => Ok(workitem.channel.coachable()
            && workitem.waiting_since.is_some()
            && given_at(connection, &workitem.id)? <= given_until.0),
        Reclaim::Unseen(heard) => {
            let given = given_at(connection, &workitem.id)?;
            // Who has answered has seen it, whatever became of the connection.
            let answers = sql(ANSWERED)
                .bind(workitem.id.as_str())
                .bind(agent.as_str())
                .bind(given)
                .fetch_one(connection)?;
            Ok(given > heard.0 && int(&answers, "count")? == 0)
        }
    }
}

fn given_at(connection: &Connection, workitem: &WorkitemId) -> Stored<i64> {
    let row = sql(GIVEN_AT)
        .bind(workitem.as_str())
        .fetch_one(connection)?;
    int(&row, "given_at")
}

fn sentence(agent: &PersonRef, workitem: &Workitem, why: Reclaim) -> String {
    let team = &workitem.team_name;
    match why {
        Reclaim::Lost { seconds, .. } => format!(
            "{} has had no connection for {}. Back in the queue of {team}.",
            agent.name,
            duration(seconds)
        ),
        Reclaim::Unseen(_) => format!(
            "{} lost the connection before this arrived. Back in the queue of {team}.",
            agent.name
        ),
    }
}

fn duration(seconds: i64) -> String {
    match (seconds, seconds / 60) {
        (1, _) => "1 second".to_owned(),
        (seconds, minutes) if minutes < 2 => format!("{seconds} seconds"),
        (_, minutes) => format!("{minutes} minutes"),
    }
}
