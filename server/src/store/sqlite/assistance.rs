//! Raised hands: who can be asked, asking, and being answered.
//!
//! A request keeps a copy of the template's text; it knows nothing of the template afterwards.

use shared::directory::{OwnEvent, RequestRef};
use shared::ids::{RequestId, UserId};
use shared::people::{PersonRef, Presence};
use shared::policy::Action;
use shared::time::Timestamp;

use super::commands::Command;
use super::directory::{self, NewMessage};
use super::rows::{code, id, person, unchanged};
use super::statement::{Connection, sql};
use super::{SqliteStore, own, rights, templates, workitems};
use crate::store::{Change, RequestCreate, StoreError, Stored, Written};

const SUPERVISORS: &str = "SELECT DISTINCT u.id, u.name, u.presence
    FROM team_members m
    JOIN team_supervisors s ON s.team_id = m.team_id
    JOIN users u ON u.id = s.user_id AND u.active = 1
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'supervisor'
    WHERE m.user_id = $1 AND u.id <> $1
    ORDER BY lower(u.name), u.id";
const CREATE: &str = "INSERT INTO requests (id, agent_id, text, choice, workitem_id, subject, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// The requests of an agent that this supervisor was asked in and nobody has answered, or one of them.
const OPEN: &str = "SELECT r.id FROM requests r
    WHERE r.agent_id = $1 AND r.answered_at IS NULL AND ($4 IS NULL OR r.id = $4)
      AND EXISTS (SELECT 1 FROM directory_messages m
        WHERE m.request_id = r.id AND m.low = $2 AND m.high = $3)
    ORDER BY r.at, r.id";
const ASKED: &str = "SELECT r.id FROM requests r WHERE r.agent_id = $1 AND r.id = $4
    AND EXISTS (SELECT 1 FROM directory_messages m
        WHERE m.request_id = r.id AND m.low = $2 AND m.high = $3)";
const ANSWER: &str = "UPDATE requests SET answered_at = $2, answered_by = $3 WHERE id = $1";
const RECIPIENTS: &str = "SELECT DISTINCT CASE from_id WHEN low THEN high ELSE low END AS id
    FROM directory_messages WHERE request_id = $1 ORDER BY 1";

/// See the trait.
pub(super) async fn supervisors_of(
    store: &SqliteStore,
    agent: &UserId,
) -> Stored<Vec<(PersonRef, Presence)>> {
    let agent = agent.clone();
    store
        .read(move |connection| supervisors(connection, &agent))
        .await
}

fn supervisors(connection: &Connection, agent: &UserId) -> Stored<Vec<(PersonRef, Presence)>> {
    let rows = sql(SUPERVISORS)
        .bind(agent.as_str())
        .fetch_all(connection)?;
    rows.iter()
        .map(|row| Ok((person(row)?, code(row, "presence", Presence::from_code)?)))
        .collect()
}

/// See the trait. `Conflict` when the template is no longer offered.
pub(super) async fn request_create(
    store: &SqliteStore,
    request: RequestCreate,
) -> Stored<Written<()>> {
    store
        .write(move |connection| create(connection, request))
        .await
}

fn create(connection: &Connection, request: RequestCreate) -> Stored<Written<()>> {
    let agent = &request.agent;
    // Who can be reached is another matter each time; whom the agent named is not.
    let named = request
        .recipients
        .first()
        .filter(|_| request.choice == "one");
    let content = (
        &request.template,
        request.choice,
        named.map(|(person, _)| &person.id),
        &request.workitem,
    );
    let command = Command::of_user(&agent.id, &request.key, "request_create", &content)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    rights::ask(connection, &agent.id, Action::AssistanceRequest)?;
    let template = templates::find(connection, &request.template)?
        .filter(|template| template.active)
        .ok_or_else(|| StoreError::Conflict("This message is no longer offered.".to_owned()))?;
    let workitem = match &request.workitem {
        Some(workitem) => {
            let row = workitems::load_of(connection, workitem, &agent.id)?;
            Some((row.workitem.id, row.workitem.subject))
        }
        None => None,
    };
    let supervisors = supervisors(connection, &agent.id)?;
    let mut recipients = request.recipients;
    recipients.retain(|(asked, _)| supervisors.iter().any(|(who, _)| who.id == asked.id));
    if recipients.is_empty() {
        return Err(StoreError::Conflict(
            "Nobody whom you asked supervises you any more.".to_owned(),
        ));
    }
    sql(CREATE)
        .bind(request.request.as_str())
        .bind(agent.id.as_str())
        .bind(template.text.as_str())
        .bind(request.choice)
        .bind(workitem.as_ref().map(|(workitem, _)| workitem.as_str()))
        .bind(workitem.as_ref().map(|(_, subject)| subject.as_str()))
        .bind(request.at.0)
        .execute(connection)?;
    let mut changes = Vec::new();
    for (recipient, message) in recipients {
        let new = NewMessage {
            id: message,
            from: agent,
            to: &recipient,
            at: request.at,
            text: &template.text,
            request: Some(RequestRef {
                id: request.request.clone(),
                workitem: workitem.clone(),
                answered_by: None,
            }),
        };
        directory::deliver(connection, new, &mut changes)?;
    }
    changes.push(Change::Hands(agent.id.clone()));
    command.keep(connection, request.at, &())?;
    Ok(Written { value: (), changes })
}

/// A message from a supervisor to an agent, as far as it answers raised hands.
pub(super) struct Answer<'a> {
    /// Who writes.
    pub(super) by: &'a PersonRef,
    /// To whom.
    pub(super) agent: &'a UserId,
    /// The request that it answers; without one, all that are open between the two.
    pub(super) request: Option<&'a RequestId>,
    /// When.
    pub(super) at: Timestamp,
}

/// Marks requests as answered and tells the agent and everybody who was asked. `NotFound` when the named request
/// is none of this agent to this supervisor; one that somebody has answered already stays theirs.
pub(super) fn answer(
    connection: &Connection,
    answer: Answer<'_>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (low, high) = directory::pair(&answer.by.id, answer.agent);
    let asked = |statement| {
        sql(statement)
            .bind(answer.agent.as_str())
            .bind(low)
            .bind(high)
            .bind(answer.request.map(RequestId::as_str))
    };
    if answer.request.is_some() {
        asked(ASKED)
            .fetch_optional(connection)?
            .ok_or(StoreError::NotFound)?;
    }
    let open = asked(OPEN).fetch_all(connection)?;
    for row in &open {
        let request: RequestId = id(row, "id")?;
        sql(ANSWER)
            .bind(request.as_str())
            .bind(answer.at.0)
            .bind(answer.by.id.as_str())
            .execute(connection)?;
        let recipients = sql(RECIPIENTS)
            .bind(request.as_str())
            .fetch_all(connection)?;
        let mut told = vec![answer.agent.clone()];
        for row in &recipients {
            told.push(id(row, "id")?);
        }
        for user in &told {
            let event = OwnEvent::RequestAnswered {
                request: request.clone(),
                by: answer.by.clone(),
            };
            own::append(connection, user, event, changes)?;
        }
    }
    if !open.is_empty() {
        changes.push(Change::Hands(answer.agent.clone()));
    }
    Ok(())
}
