//! Coaching: what a supervisor says to an agent, what the agent thinks of it, and forwarding it.
//!
//! Only forwarding writes anything that a customer can see, and that is the agent's own message.

use shared::assistance::{Settled, SettledHow};
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::{Action, WorkitemAct};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction, Sent};
use shared::workitem::WorkitemState;

use super::SqliteStore;
use super::commands::Command;
use super::entries::{self, NewEntry};
use super::messages::{self, Words};
use super::rows::{self, id, id_maybe, text_maybe, unchanged};
use super::statement::{Connection, sql};
use super::{organisation, requests, rights, transcripts, workitems};
use crate::store::{Change, CoachingAppend, CommandContext, StoreError, Stored, Written};

const FIND: &str =
    "SELECT c.text, c.reaction, c.forwarded_entry, c.sealed_team, e.author_id FROM coaching c
    JOIN entries e ON e.id = c.entry_id WHERE e.workitem_id = $1 AND e.id = $2";
const REACT: &str = "UPDATE coaching SET reaction = $2 WHERE entry_id = $1";
/// The coaching that an agent has in front of them now for the first time.
const SEE: &str = "UPDATE coaching SET seen_at = $3
    WHERE seen_at IS NULL AND sealed_team IS NULL AND entry_id IN (
        SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching' AND seq <= $2)
    RETURNING entry_id";
const DISMISS: &str =
    "UPDATE coaching SET dismissed_at = $2 WHERE entry_id = $1 AND dismissed_at IS NULL";
const FORWARD: &str =
    "UPDATE coaching SET forwarded_at = $2, forwarded_entry = $3 WHERE entry_id = $1";

const SEAL: &str = "UPDATE coaching SET sealed_team = $2 WHERE sealed_team IS NULL AND entry_id IN
    (SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching')";

/// See the trait.
pub(super) async fn coaching_append(
    store: &SqliteStore,
    coaching: CoachingAppend,
) -> Stored<Written<Sent>> {
    store
        .write(move |connection| append(connection, coaching))
        .await
}

fn append(connection: &Connection, coaching: CoachingAppend) -> Stored<Written<Sent>> {
    let supervisor = &coaching.supervisor;
    let content = (&coaching.workitem, coaching.text.as_str());
    let command = Command::of_user(&supervisor.id, &coaching.key, "coaching_append", &content)?;
    if let Some(first) = command.first_sent(connection, &coaching.workitem)? {
        return Ok(unchanged(first));
    }
    let row = workitems::load(connection, &coaching.workitem)?.ok_or(StoreError::NotFound)?;
    rights::ask_in(connection, &supervisor.id, WorkitemAct::Coach, &row)?;
    let workitem = row.workitem;
    if !workitem.channel.coachable() {
        return Err(StoreError::Invalid {
            field: "workitem",
            reason: "phone and email workitems cannot be coached".to_owned(),
        });
    }
    match workitem.state {
        WorkitemState::Active | WorkitemState::WrapUp => {}
        WorkitemState::Queued => {
            return Err(StoreError::Conflict(
                "Nobody has this workitem yet.".to_owned(),
            ));
        }
        WorkitemState::Closed => {
            return Err(StoreError::Conflict("This workitem is closed.".to_owned()));
        }
    }
    if !workitem.monitors.iter().any(|who| who.id == supervisor.id) {
        // Nobody coaches unseen: a line in the conversation says who is there.
        return Err(StoreError::NotMonitoring);
    }
    let body = EntryBody::Coaching {
        supervisor: supervisor.id.clone(),
        name: supervisor.name.clone(),
        text: coaching.text.into(),
        reaction: None,
        forwarded_at: None,
        seen_at: None,
    };
    let new = NewEntry::of_supervisor(coaching.entry, coaching.at, supervisor, body);
    let mut changes = Vec::new();
    let sent = entries::append(connection, &workitem.id, new, &mut changes)?;
    // What the agent asked from here has been answered.
    let settled = Settled {
        how: SettledHow::Coached,
        by: Some(supervisor.clone()),
        at: coaching.at,
    };
    requests::settle_in(connection, &workitem.id, &settled, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    if let Some(agent) = workitem.agent {
        changes.push(Change::Agent(agent.id));
    }
    command.keep_sent(connection, coaching.at, &sent)?;
    Ok(Written {
        value: sent,
        changes,
    })
}

/// Keeps what was said so far for the team that a workitem is about to leave, unless the organisation lets coaching go
/// along.
pub(super) fn seal(connection: &Connection, workitem: &WorkitemId, leaves: &TeamId) -> Stored<()> {
    if organisation::load(connection)?.coaching_crosses_teams {
        return Ok(());
    }
    sql(SEAL)
        .bind(workitem.as_str())
        .bind(leaves.as_str())
        .execute(connection)?;
    Ok(())
}

/// Marks coaching up to number `through` as seen. Answers whether any was new.
pub(super) fn see(
    connection: &Connection,
    workitem: &WorkitemId,
    through: i64,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<bool> {
    let seen = sql(SEE)
        .bind(workitem.as_str())
        .bind(through)
        .bind(at.0)
        .fetch_all(connection)?;
    for row in &seen {
        entries::touch(connection, workitem, &rows::id(row, "entry_id")?, changes)?;
    }
    Ok(!seen.is_empty())
}

/// See the trait.
pub(super) async fn coaching_dismiss(
    store: &SqliteStore,
    workitem: &WorkitemId,
    agent: &UserId,
    entry: &EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let (workitem, agent, entry) = (workitem.clone(), agent.clone(), entry.clone());
    store
        .write(move |connection| {
            let row = workitems::load_of(connection, &workitem, &agent)?;
            rights::ask_in(connection, &agent, WorkitemAct::Handle, &row)?;
            find(connection, &workitem, &agent, &entry)?;
            let dismissed = sql(DISMISS)
                .bind(entry.as_str())
                .bind(at.0)
                .execute(connection)?;
            if dismissed == 0 {
                return Ok(unchanged(()));
            }
            let mut changes = Vec::new();
            entries::touch_workitem(connection, &workitem, &mut changes)?;
            changes.push(Change::Agent(agent));
            Ok(Written { value: (), changes })
        })
        .await
}

/// A coaching message as its own table holds it.
struct Source {
    text: CoachingText,
    reaction: Option<String>,
    forwarded_entry: Option<EntryId>,
}

/// Finds coaching for the agent who is about to use it. `Refused` for another team's.
fn find(
    connection: &Connection,
    workitem: &WorkitemId,
    agent: &UserId,
    entry: &EntryId,
) -> Stored<Source> {
    let row = sql(FIND)
        .bind(workitem.as_str())
        .bind(entry.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    if let Some(team) = id_maybe(&row, "sealed_team")? {
        let author = id(&row, "author_id")?;
        let former = Action::FormerCoaching {
            team: &team,
            author: &author,
        };
        rights::ask(connection, agent, former)?;
    }
    Ok(Source {
        text: rows::coaching(&row, "text")?,
        reaction: text_maybe(&row, "reaction")?,
        forwarded_entry: id_maybe(&row, "forwarded_entry")?,
    })
}

/// See the trait. When the agent changed their mind is not kept.
pub(super) async fn reaction_set(
    store: &SqliteStore,
    workitem: &WorkitemId,
    agent: &UserId,
    entry: &EntryId,
    reaction: Option<Reaction>,
    context: CommandContext,
) -> Stored<Written<()>> {
    let (workitem, agent, entry) = (workitem.clone(), agent.clone(), entry.clone());
    store
        .write(move |connection| react(connection, workitem, agent, entry, reaction, context))
        .await
}

fn react(
    connection: &Connection,
    workitem: WorkitemId,
    agent: UserId,
    entry: EntryId,
    reaction: Option<Reaction>,
    context: CommandContext,
) -> Stored<Written<()>> {
    let reaction = reaction.map(Reaction::code);
    let content = (&workitem, &entry, reaction);
    let command = Command::in_context(&context, "reaction_set", &content)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    workitems::load_of(connection, &workitem, &agent)?;
    let source = find(connection, &workitem, &agent, &entry)?;
    command.keep(connection, context.at, &())?;
    if source.reaction.as_deref() == reaction {
        return Ok(unchanged(()));
    }
    sql(REACT)
        .bind(entry.as_str())
        .bind(reaction)
        .execute(connection)?;
    let mut changes = Vec::new();
    entries::touch(connection, &workitem, &entry, &mut changes)?;
    Ok(Written { value: (), changes })
}

/// See the trait.
pub(super) async fn coaching_forward(
    store: &SqliteStore,
    workitem: &WorkitemId,
    source: &EntryId,
    agent: &PersonRef,
    entry: EntryId,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<Sent>> {
    let (workitem, source, agent) = (workitem.clone(), source.clone(), agent.clone());
    store
        .write(move |connection| forward(connection, workitem, source, agent, entry, at, key))
        .await
}

fn forward(
    connection: &Connection,
    workitem: WorkitemId,
    source: EntryId,
    agent: PersonRef,
    entry: EntryId,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<Sent>> {
    let content = (&workitem, &source);
    let command = Command::of_user(&agent.id, &key, "coaching_forward", &content)?;
    if let Some(first) = command.first_sent(connection, &workitem)? {
        return Ok(unchanged(first));
    }
    let row = workitems::load_of(connection, &workitem, &agent.id)?;
    let coaching = find(connection, &workitem, &agent.id, &source)?;
    if let Some(first) = coaching.forwarded_entry {
        let line = transcripts::find(connection, &first)?.ok_or(StoreError::NotFound)?;
        let sent = Sent {
            workitem,
            rev: line.rev,
            entry: line.entry,
        };
        command.keep_sent(connection, at, &sent)?;
        return Ok(unchanged(sent));
    }
    messages::answerable(&row.workitem)?;
    let mut changes = Vec::new();
    let words = Words {
        entry,
        at,
        text: coaching.text.forwarded(),
    };
    let mark = |sent: &Sent, changes: &mut Vec<Change>| {
        sql(FORWARD)
            .bind(source.as_str())
            .bind(at.0)
            .bind(sent.entry.id.as_str())
            .execute(connection)?;
        entries::touch(connection, &workitem, &source, changes)
    };
    let sent = messages::say(connection, &row.workitem, &agent, words, mark, &mut changes)?;
    changes.push(Change::Agent(agent.id));
    command.keep_sent(connection, at, &sent)?;
    Ok(Written {
        value: sent,
        changes,
    })
}
