//! Requests for assistance, and whom they reached.

use async_trait::async_trait;
use shared::assistance::{Settled, SettledHow};
use shared::directory::OwnEvent;
use shared::ids::{RequestId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{RaisedHand, WorkitemState};

use super::rows::{at, at_maybe, code, id, id_maybe, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use super::{directory, own, people};
use crate::store::rows::{NewRequest, RequestReads, RequestRow, RequestRows, WorkitemRow};
use crate::store::{Change, StoreError, Stored};

const CREATE: &str = "INSERT INTO requests (id, agent_id, text, choice, workitem_id, subject, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const FIND: &str = "SELECT r.text, r.agent_id, a.name AS agent_name, r.answered_at, r.settled_how,
        r.answered_by, b.name AS answered_name
    FROM requests r JOIN users a ON a.id = r.agent_id LEFT JOIN users b ON b.id = r.answered_by
    WHERE r.id = $1";
const SETTLE: &str = "UPDATE requests SET answered_at = $2, answered_by = $3, settled_how = $4
    WHERE id = $1 AND answered_at IS NULL";
const RECIPIENTS: &str = "SELECT DISTINCT CASE from_id WHEN low THEN high ELSE low END AS id
    FROM directory_messages WHERE request_id = $1 ORDER BY 1";
const WAS_ASKED: &str = "SELECT 1 AS asked FROM directory_messages
    WHERE request_id = $1 AND low = $2 AND high = $3";
/// The open requests of an agent in which this supervisor was asked.
const OPEN_BETWEEN: &str = "SELECT r.id FROM requests r
    WHERE r.agent_id = $1 AND r.answered_at IS NULL
      AND EXISTS (SELECT 1 FROM directory_messages m
        WHERE m.request_id = r.id AND m.low = $2 AND m.high = $3)
    ORDER BY r.at, r.id";
const OPEN_IN: &str = "SELECT id, agent_id FROM requests
    WHERE workitem_id = $1 AND answered_at IS NULL ORDER BY at, id";
const OPEN_OF: &str = "SELECT id, text, at, workitem_id FROM requests
    WHERE agent_id = $1 AND answered_at IS NULL ORDER BY at, id";
const LAST_ENTRY_AT: &str = "SELECT at FROM entries WHERE workitem_id = $1 AND seq = $2";
/// Requests that nobody can answer or that nobody needs an answer to any more. (The comparison with '' lets the index of
/// open requests find them.)
const STRANDED: &str = "SELECT r.id,
        CASE WHEN NOT EXISTS (SELECT 1 FROM users u
                JOIN user_roles a ON a.user_id = u.id AND a.role = 'agent'
                WHERE u.id = r.agent_id AND u.active = 1) THEN 'agent_gone'
            WHEN w.state = 'closed' THEN 'workitem_closed'
            WHEN w.id IS NOT NULL AND w.agent_id IS NOT r.agent_id THEN 'workitem_moved'
            WHEN NOT EXISTS (SELECT 1 FROM team_members m
                JOIN team_supervisors s ON s.team_id = m.team_id
                JOIN users u ON u.id = s.user_id AND u.active = 1
                JOIN user_roles a ON a.user_id = u.id AND a.role = 'supervisor'
                WHERE m.user_id = r.agent_id AND u.id <> r.agent_id) THEN 'nobody_left'
        END AS how
    FROM requests r LEFT JOIN workitems w ON w.id = r.workitem_id
    WHERE r.answered_at IS NULL AND r.agent_id > '' ORDER BY r.at, r.id";

#[async_trait]
impl<R: Runner> RequestReads for Rows<R> {
    async fn request_find(&mut self, request: &RequestId) -> Stored<Option<RequestRow>> {
        self.quick(|connection| find(connection, request))
    }

    async fn requests_open_in(
        &mut self,
        workitem: &WorkitemId,
    ) -> Stored<Vec<(RequestId, UserId)>> {
        self.quick(|connection| {
            let rows = sql(OPEN_IN).bind(workitem.as_str()).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, id(row, "agent_id")?)))
                .collect()
        })
    }

    async fn requests_open_of(&mut self, agent: &UserId) -> Stored<Vec<RaisedHand>> {
        self.quick(|connection| {
            let rows = sql(OPEN_OF).bind(agent.as_str()).fetch_all(connection)?;
            rows.iter()
                .map(|row| {
                    Ok(RaisedHand {
                        request: id(row, "id")?,
                        text: text(row, "text")?,
                        at: at(row, "at")?,
                        workitem: id_maybe(row, "workitem_id")?,
                    })
                })
                .collect()
        })
    }

    async fn requests_open_between(
        &mut self,
        agent: &UserId,
        supervisor: &UserId,
    ) -> Stored<Vec<RequestId>> {
        let (low, high) = directory::pair(agent, supervisor);
        self.quick(|connection| {
            let rows = sql(OPEN_BETWEEN)
                .bind(agent.as_str())
                .bind(low)
                .bind(high)
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }

    async fn requests_stranded(&mut self) -> Stored<Vec<(RequestId, SettledHow)>> {
        self.slow(stranded).await
    }

    async fn request_was_sent(
        &mut self,
        request: &RequestId,
        agent: &UserId,
        to: &UserId,
    ) -> Stored<bool> {
        let (low, high) = directory::pair(agent, to);
        self.quick(|connection| {
            let row = sql(WAS_ASKED)
                .bind(request.as_str())
                .bind(low)
                .bind(high)
                .fetch_optional(connection)?;
            Ok(row.is_some())
        })
    }

    async fn request_recipients(&mut self, request: &RequestId) -> Stored<Vec<UserId>> {
        self.quick(|connection| recipients(connection, request))
    }
}

#[async_trait]
impl RequestRows for Rows<Inline<'_>> {
    async fn request_insert(&mut self, request: &NewRequest) -> Stored<()> {
        let workitem = request.workitem.as_ref();
        sql(CREATE)
            .bind(request.id.as_str())
            .bind(request.agent.as_str())
            .bind(request.text.as_str())
            .bind(request.choice)
            .bind(workitem.map(|(workitem, _)| workitem.as_str()))
            .bind(workitem.map(|(_, subject)| subject.as_str()))
            .bind(request.at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn request_settle(&mut self, request: &RequestId, settled: &Settled) -> Stored<bool> {
        set_settled(self.connection(), request, settled)
    }
}

/// How a request was settled, from its columns; `answered_name` is the name of who did it.
pub(super) fn settled(row: &Row) -> Stored<Option<Settled>> {
    let Some(at) = at_maybe(row, "answered_at")? else {
        return Ok(None);
    };
    let how = match text_maybe(row, "settled_how")? {
        Some(_) => code(row, "settled_how", SettledHow::from_code)?,
        None => SettledHow::Answered,
    };
    let by = id_maybe(row, "answered_by")?
        .zip(text_maybe(row, "answered_name")?)
        .map(|(id, name)| PersonRef { id, name });
    Ok(Some(Settled { how, by, at }))
}

fn find(connection: &Connection, request: &RequestId) -> Stored<Option<RequestRow>> {
    let row = sql(FIND)
        .bind(request.as_str())
        .fetch_optional(connection)?;
    row.map(|row| {
        Ok(RequestRow {
            text: text(&row, "text")?,
            agent: PersonRef {
                id: id(&row, "agent_id")?,
                name: text(&row, "agent_name")?,
            },
            settled: settled(&row)?,
        })
    })
    .transpose()
}

fn recipients(connection: &Connection, request: &RequestId) -> Stored<Vec<UserId>> {
    let rows = sql(RECIPIENTS)
        .bind(request.as_str())
        .fetch_all(connection)?;
    rows.iter().map(|row| id(row, "id")).collect()
}

fn set_settled(connection: &Connection, request: &RequestId, settled: &Settled) -> Stored<bool> {
    let updated = sql(SETTLE)
        .bind(request.as_str())
        .bind(settled.at.0)
        .bind(settled.by.as_ref().map(|by| by.id.as_str()))
        .bind(settled.how.code())
        .execute(connection)?;
    Ok(updated > 0)
}

/// Settles a request that is open, and tells the agent and everybody who was asked or could have answered. One that
/// is settled already stays as it is.
fn settle(
    connection: &Connection,
    request: &RequestId,
    settled: &Settled,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if !set_settled(connection, request, settled)? {
        return Ok(());
    }
    let RequestRow { agent, text, .. } = find(connection, request)?.ok_or(StoreError::NotFound)?;
    let mut told = vec![agent.id.clone()];
    told.extend(recipients(connection, request)?);
    for (supervisor, _) in people::supervisors(connection, &agent.id)? {
        if !told.contains(&supervisor.id) {
            told.push(supervisor.id);
        }
    }
    for user in &told {
        let event = OwnEvent::RequestAnswered {
            request: request.clone(),
            by: settled.by.clone().unwrap_or_else(|| agent.clone()),
            how: settled.how,
            at: Some(settled.at),
            agent: Some(agent.clone()),
            text: text.clone(),
        };
        own::append(connection, user, event, changes)?;
    }
    changes.push(Change::Hands(agent.id));
    Ok(())
}

/// A workitem's row has changed: what its former agent asked from it, or what was asked before it was closed, is
/// settled.
pub(super) fn follow(
    connection: &Connection,
    row: &WorkitemRow,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let workitem = &row.workitem;
    let open = sql(OPEN_IN)
        .bind(workitem.id.as_str())
        .fetch_all(connection)?;
    let has_it = workitem.agent.as_ref().map(|agent| &agent.id);
    for request in &open {
        let agent: UserId = id(request, "agent_id")?;
        let how = match workitem.state {
            WorkitemState::Closed => SettledHow::WorkitemClosed,
            _ if has_it != Some(&agent) => SettledHow::WorkitemMoved,
            _ => continue,
        };
        // Whatever moves or closes a workitem writes a line first.
        let line = sql(LAST_ENTRY_AT)
            .bind(workitem.id.as_str())
            .bind(row.last_entry)
            .fetch_one(connection)?;
        let settled = Settled {
            how,
            by: None,
            at: at(&line, "at")?,
        };
        settle(connection, &id(request, "id")?, &settled, changes)?;
    }
    Ok(())
}

/// People, roles or teams have changed: settles what nobody can answer any more.
pub(super) fn review(
    connection: &Connection,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for (request, how) in stranded(connection)? {
        let settled = Settled { how, by: None, at };
        settle(connection, &request, &settled, changes)?;
    }
    Ok(())
}

fn stranded(connection: &Connection) -> Stored<Vec<(RequestId, SettledHow)>> {
    let mut stranded = Vec::new();
    for row in &sql(STRANDED).fetch_all(connection)? {
        if text_maybe(row, "how")?.is_some() {
            let how = code(row, "how", SettledHow::from_code)?;
            stranded.push((id(row, "id")?, how));
        }
    }
    Ok(stranded)
}
