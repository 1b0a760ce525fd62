//! The life of a raised hand after it was raised: who may answer it, and how it is settled.
//!
//! `settle` is the one place where a request comes to its end. Every way goes through it, and the first one counts.

use async_trait::async_trait;
use shared::assistance::{Settled, SettledHow};
use shared::directory::OwnEvent;
use shared::ids::{CommandKey, RequestId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::{Action, AgentFacts};
use shared::time::Timestamp;
use shared::workitem::{RaisedHand, WorkitemState};

use super::commands::Command;
use super::rows::{at, at_maybe, code, id, id_maybe, text, text_maybe, unchanged};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, agents, assistance, directory, own, rights};
use crate::store::rows::{RequestReads, RequestRow, RequestRows, WorkitemRow};
use crate::store::{Change, StoreError, Stored, Written};

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

    async fn request_recipients(&mut self, request: &RequestId) -> Stored<Vec<UserId>> {
        self.quick(|connection| recipients(connection, request))
    }
}

#[async_trait]
impl RequestRows for Rows<Inline<'_>> {
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
    for (supervisor, _) in assistance::supervisors(connection, &agent.id)? {
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

/// Whether somebody is offered to answer: who was asked, and who supervises the agent now.
fn may_answer(
    connection: &Connection,
    request: &RequestId,
    agent: &UserId,
    user: &UserId,
) -> Stored<bool> {
    let (low, high) = directory::pair(agent, user);
    let asked = sql(WAS_ASKED)
        .bind(request.as_str())
        .bind(low)
        .bind(high)
        .fetch_optional(connection)?;
    if asked.is_some() {
        return Ok(true);
    }
    let facts = AgentFacts {
        teams: agents::teams(connection, agent)?,
    };
    match rights::ask(connection, user, Action::AgentView(&facts)) {
        Ok(_) => Ok(user != agent),
        Err(StoreError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A message to an agent, as far as it answers a raised hand.
pub(super) struct Answer<'a> {
    /// Who writes.
    pub(super) by: &'a PersonRef,
    /// To whom.
    pub(super) agent: &'a UserId,
    /// The request that it answers. Without one it answers the only one that is open between the two; of several it
    /// answers none, for nobody can tell which.
    pub(super) request: Option<&'a RequestId>,
    /// When.
    pub(super) at: Timestamp,
}

/// Settles the request that a message answers. `NotFound` when the named one is not this agent's, or is not for the
/// one who writes to answer; one that is settled already stays as it is.
pub(super) fn answer(
    connection: &Connection,
    answer: Answer<'_>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (low, high) = directory::pair(&answer.by.id, answer.agent);
    let request = match answer.request {
        Some(named) => {
            find(connection, named)?
                .filter(|request| request.agent.id == *answer.agent)
                .ok_or(StoreError::NotFound)?;
            if !may_answer(connection, named, answer.agent, &answer.by.id)? {
                return Err(StoreError::NotFound);
            }
            named.clone()
        }
        None => {
            let open = sql(OPEN_BETWEEN)
                .bind(answer.agent.as_str())
                .bind(low)
                .bind(high)
                .fetch_all(connection)?;
            match &open[..] {
                [only] => id(only, "id")?,
                _ => return Ok(()),
            }
        }
    };
    let settled = Settled {
        how: SettledHow::Answered,
        by: Some(answer.by.clone()),
        at: answer.at,
    };
    settle(connection, &request, &settled, changes)
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
    let open = sql(STRANDED).fetch_all(connection)?;
    for row in &open {
        if text_maybe(row, "how")?.is_none() {
            continue;
        }
        let settled = Settled {
            how: code(row, "how", SettledHow::from_code)?,
            by: None,
            at,
        };
        settle(connection, &id(row, "id")?, &settled, changes)?;
    }
    Ok(())
}

/// See the trait.
pub(super) async fn requests_review(store: &SqliteStore, at: Timestamp) -> Stored<Written<()>> {
    store
        .write(move |connection| {
            let mut changes = Vec::new();
            review(connection, at, &mut changes)?;
            Ok(Written { value: (), changes })
        })
        .await
}

/// See the trait.
pub(super) async fn request_handle(
    store: &SqliteStore,
    request: &RequestId,
    by: &PersonRef,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<Settled>> {
    let (request, by) = (request.clone(), by.clone());
    store
        .write(move |connection| {
            let command = Command::of_user(&by.id, &key, "request_handle", &request)?;
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            rights::ask(connection, &by.id, Action::DirectoryUse)?;
            let agent = find(connection, &request)?
                .ok_or(StoreError::NotFound)?
                .agent;
            if !may_answer(connection, &request, &agent.id, &by.id)? {
                return Err(StoreError::Refused {
                    user: by.id,
                    what: "request",
                    about: request.to_string(),
                });
            }
            let settled = Settled {
                how: SettledHow::Handled,
                by: Some(by),
                at,
            };
            finish(connection, &command, &request, &settled)
        })
        .await
}

/// See the trait.
pub(super) async fn request_withdraw(
    store: &SqliteStore,
    request: &RequestId,
    agent: &PersonRef,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<Settled>> {
    let (request, agent) = (request.clone(), agent.clone());
    store
        .write(move |connection| {
            let command = Command::of_user(&agent.id, &key, "request_withdraw", &request)?;
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            rights::ask(connection, &agent.id, Action::AssistanceRequest)?;
            find(connection, &request)?
                .filter(|request| request.agent.id == agent.id)
                .ok_or(StoreError::NotFound)?;
            let settled = Settled {
                how: SettledHow::Withdrawn,
                by: Some(agent),
                at,
            };
            finish(connection, &command, &request, &settled)
        })
        .await
}

/// Settles by command: the answer says how the request was settled, by this command or before it.
fn finish(
    connection: &Connection,
    command: &Command,
    request: &RequestId,
    settled: &Settled,
) -> Stored<Written<Settled>> {
    let mut changes = Vec::new();
    settle(connection, request, settled, &mut changes)?;
    let stands = find(connection, request)?.and_then(|request| request.settled);
    let value = stands.ok_or(StoreError::NotFound)?;
    command.keep(connection, settled.at, &value)?;
    Ok(Written { value, changes })
}

/// See the trait.
pub(super) async fn agent_hands(store: &SqliteStore, agent: &UserId) -> Stored<Vec<RaisedHand>> {
    store.look(|connection| {
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
