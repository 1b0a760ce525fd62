//! Raised hands: who can be asked, and asking. What becomes of a request then is in `requests`.
//!
//! A request keeps a copy of the template's text; it knows nothing of the template afterwards.

use shared::directory::RequestRef;
use shared::ids::UserId;
use shared::people::{PersonRef, Presence};
use shared::policy::Action;
use shared::workitem::WorkitemState;

use super::commands::Command;
use super::directory::{self, NewMessage};
use super::rows::{code, person, unchanged};
use super::statement::{Connection, sql};
use super::{SqliteStore, rights, templates, workitems};
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

/// The active supervisors of an agent, by name, with the presence that they chose.
pub(super) fn supervisors(
    connection: &Connection,
    agent: &UserId,
) -> Stored<Vec<(PersonRef, Presence)>> {
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
) -> Stored<Written<Vec<PersonRef>>> {
    store
        .write(move |connection| create(connection, request))
        .await
}

fn create(connection: &Connection, request: RequestCreate) -> Stored<Written<Vec<PersonRef>>> {
    let agent = &request.agent;
    // Who can be reached is another matter each time; whom the agent named is not.
    let content = (
        &request.template,
        request.choice,
        &request.named,
        &request.workitem,
        &request.text,
    );
    let command = Command::of_user(&agent.id, &request.key, "request_create", &content)?;
    if let Some(first) = command.first_answer::<Option<Vec<PersonRef>>>(connection)? {
        // The release before did not keep who was asked.
        let now = || request.recipients.iter().map(|(who, _)| who.clone());
        return Ok(unchanged(first.unwrap_or_else(|| now().collect())));
    }
    rights::ask(connection, &agent.id, Action::AssistanceRequest)?;
    let template = templates::find(connection, &request.template)?
        .filter(|template| template.active)
        .ok_or_else(|| StoreError::Conflict("This message is no longer offered.".to_owned()))?;
    if request.text.is_some_and(|seen| seen != template.text) {
        return Err(StoreError::Conflict(format!(
            "This message was edited meanwhile. It now says: “{}”. Send it again if that is what you mean.",
            template.text
        )));
    }
    let workitem = match &request.workitem {
        Some(workitem) => {
            let row = workitems::load_of(connection, workitem, &agent.id)?;
            if row.workitem.state == WorkitemState::Closed {
                return Err(StoreError::Conflict("This workitem is closed.".to_owned()));
            }
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
    let asked: Vec<PersonRef> = recipients.iter().map(|(who, _)| who.clone()).collect();
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
                settled: None,
            }),
        };
        directory::deliver(connection, new, &mut changes)?;
    }
    changes.push(Change::Hands(agent.id.clone()));
    command.keep(connection, request.at, &asked)?;
    Ok(Written {
        value: asked,
        changes,
    })
}
