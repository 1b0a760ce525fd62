//! What an agent says to a customer, and what the agent has read.

use shared::customer::CustomerBody;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody, Sent};
use shared::workitem::{Workitem, WorkitemState};

use super::SqliteStore;
use super::commands::Command;
use super::entries;
use super::rows::{int, unchanged};
use super::statement::{Connection, sql};
use super::{coaching, customers, workitems};
use crate::commands::messages::{PREVIEW, one_line};
use crate::store::rows::NewEntry;
use crate::store::{Change, MessageAppend, StoreError, Stored, Written};

/// An agent who answers has read everything.
const SAID: &str = "UPDATE workitems SET waiting_since = NULL, unread = 0,
    read_through = last_entry, last_activity_at = $2, preview = $3, head = head + 1, rev = head + 1
    WHERE id = $1 RETURNING rev";
const READ: &str = "UPDATE workitems SET read_through = $2, unread = (
        SELECT COUNT(*) FROM entries e
        WHERE e.workitem_id = $1 AND e.kind = 'customer' AND e.seq > $2)
    WHERE id = $1 RETURNING unread";

/// See the trait.
pub(super) async fn message_append(
    store: &SqliteStore,
    message: MessageAppend,
) -> Stored<Written<Sent>> {
    store
        .write(move |connection| append(connection, message))
        .await
}

fn append(connection: &Connection, message: MessageAppend) -> Stored<Written<Sent>> {
    let content = (&message.workitem, message.text.as_str());
    let command = Command::of_user(&message.agent.id, &message.key, "message_append", &content)?;
    if let Some(first) = command.first_sent(connection, &message.workitem)? {
        return Ok(unchanged(first));
    }
    let row = workitems::load_of(connection, &message.workitem, &message.agent.id)?;
    answerable(&row.workitem)?;
    let mut changes = Vec::new();
    let words = Words {
        entry: message.entry,
        at: message.at,
        text: message.text,
    };
    let (workitem, agent) = (&row.workitem, &message.agent);
    let sent = say(connection, workitem, agent, words, &mut changes)?;
    changes.push(Change::Agent(message.agent.id));
    command.keep_sent(connection, message.at, &sent)?;
    Ok(Written {
        value: sent,
        changes,
    })
}

/// An agent has answered. Answers the revision of the workitem's row.
pub(super) fn set_answered(
    connection: &Connection,
    workitem: &WorkitemId,
    at: Timestamp,
    preview: &str,
) -> Stored<i64> {
    let row = sql(SAID)
        .bind(workitem.as_str())
        .bind(at.0)
        .bind(preview)
        .fetch_one(connection)?;
    int(&row, "rev")
}

/// Whether an agent can say something in it now.
fn answerable(workitem: &Workitem) -> Stored<()> {
    let reason = if workitem.state != WorkitemState::Active {
        "The conversation has ended."
    } else if !workitem.channel.coachable() {
        "Calls and mails are answered in their own system."
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict(reason.to_owned()))
}

/// What an agent is about to say.
struct Words {
    entry: EntryId,
    at: Timestamp,
    text: MessageText,
}

/// Appends an agent's words to both views and stops the waiting clock.
fn say(
    connection: &Connection,
    workitem: &Workitem,
    agent: &PersonRef,
    words: Words,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let preview = one_line(words.text.as_str(), PREVIEW);
    let theirs = CustomerBody::Theirs {
        name: agent.name.clone(),
        text: words.text.clone(),
    };
    let frame = customers::frame_append(connection, &workitem.id, words.at, theirs)?;
    let body = EntryBody::Message {
        author: Author::Agent,
        name: agent.name.clone(),
        text: words.text.into(),
    };
    let author = Some(agent.id.clone());
    let new = NewEntry::message(words.entry, words.at, author, body, frame.seq);
    let sent = entries::append(connection, &workitem.id, new, changes)?;
    changes.push(Change::Customer {
        id: workitem.id.clone(),
        frame,
    });
    let rev = set_answered(connection, &workitem.id, words.at, &preview)?;
    let after = Workitem {
        waiting_since: None,
        unread: 0,
        last_activity_at: words.at,
        preview,
        ..workitem.clone()
    };
    entries::looks(&after, rev, changes);
    Ok(sent)
}

/// See the trait. Lists change only when the number of unread messages or of unseen coaching does.
pub(super) async fn workitem_read(
    store: &SqliteStore,
    workitem: &WorkitemId,
    agent: &UserId,
    through: i64,
    at: Timestamp,
) -> Stored<Written<()>> {
    let (workitem, agent) = (workitem.clone(), agent.clone());
    store
        .write(move |connection| read(connection, workitem, agent, through, at))
        .await
}

fn read(
    connection: &Connection,
    workitem: WorkitemId,
    agent: UserId,
    through: i64,
    at: Timestamp,
) -> Stored<Written<()>> {
    let row = workitems::load_of(connection, &workitem, &agent)?;
    let through = through.min(row.last_entry);
    let mut changes = Vec::new();
    let mut news = false;
    if row.workitem.coaching_unseen > 0 {
        news = coaching::see(connection, &workitem, through, at, &mut changes)?;
    }
    if through > row.read_through {
        let marked = sql(READ)
            .bind(workitem.as_str())
            .bind(through)
            .fetch_one(connection)?;
        news |= int(&marked, "unread")? != row.workitem.unread;
    }
    if !news {
        return Ok(unchanged(()));
    }
    entries::touch_workitem(connection, &workitem, &mut changes)?;
    changes.push(Change::Agent(agent));
    Ok(Written { value: (), changes })
}
