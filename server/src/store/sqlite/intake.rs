//! What comes in from customers: a message begins a workitem or goes on with one; a customer ends it, or is forgotten.

use serde::{Deserialize, Serialize};
use shared::customer::{CustomerBody, CustomerFrame};
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody};
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::SqliteStore;
use super::commands::Command;
use super::entries;
use super::rows::{at_maybe, int, unchanged};
use super::statement::{Connection, sql};
use super::{customers, organisation, states, workitems};
use crate::commands::messages::{PREVIEW, one_line};
use crate::store::rows::{NewEntry, NewWorkitem};
use crate::store::{
    Change, ChannelRecord, CustomerEnd, CustomerSend, CustomerSent, StoreError, Stored, Written,
};

/// The longest subject that is made from a first message, in characters.
const SUBJECT: usize = 60;

const ADD: &str = "INSERT INTO workitems
    (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
/// How many workitems of a channel wait in its team's queue, counted no further than needed.
const WAITING: &str = "SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM workitems w
    CROSS JOIN customer_views v ON v.workitem_id = w.id
    WHERE w.state = 'queued' AND w.team_id = $1 AND v.channel_key = $2 LIMIT $3)";
const HEARD: &str = "UPDATE workitems SET waiting_since = COALESCE(waiting_since, $2),
    unread = unread + 1, last_activity_at = $2, preview = $3, head = head + 1, rev = head + 1
    WHERE id = $1 RETURNING rev, waiting_since, unread";

/// Begins a workitem and the customer's view of it.
pub(super) fn begin(connection: &Connection, new: &NewWorkitem) -> Stored<()> {
    insert(connection, new)?;
    customers::view_begin(connection, &new.id)
}

/// Writes the row of a workitem that begins.
pub(super) fn insert(connection: &Connection, new: &NewWorkitem) -> Stored<()> {
    let state = match new.agent {
        Some(_) => WorkitemState::Active,
        None => WorkitemState::Queued,
    };
    sql(ADD)
        .bind(new.id.as_str())
        .bind(new.channel.code())
        .bind(new.customer.as_str())
        .bind(new.subject.as_str())
        .bind(state.code())
        .bind(new.agent.as_ref().map(UserId::as_str))
        .bind(new.team.as_str())
        .bind(new.started_at.0)
        .execute(connection)?;
    Ok(())
}

/// See the trait.
pub(super) async fn customer_append(
    store: &SqliteStore,
    send: CustomerSend,
) -> Stored<Written<CustomerSent>> {
    store
        .write(move |connection| append(connection, send))
        .await
}

/// What is kept of a line as the answer to the command that sent it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptFrame {
    /// Its place in the customer's view.
    At(i64),
    /// As the release before kept it.
    Whole(Box<CustomerFrame>),
}

fn append(connection: &Connection, send: CustomerSend) -> Stored<Written<CustomerSent>> {
    let sender = format!("visitor/{}/{}", send.channel, send.visitor);
    let command = Command::of(sender, &send.key, "customer_append", &send.text.as_str())?;
    if let Some((workitem, kept, begun)) = command.first_answer(connection)? {
        let frame = match kept {
            KeptFrame::Whole(frame) => *frame,
            KeptFrame::At(seq) => customers::frame(connection, &workitem, seq)?,
        };
        return Ok(unchanged(CustomerSent {
            workitem,
            frame,
            begun,
        }));
    }
    let channel = customers::channel(connection, &send.channel)?.ok_or(StoreError::NotFound)?;
    let visit =
        customers::visit(connection, &send.channel, &send.visitor)?.filter(|visit| !visit.ended);
    let begun = visit.is_none();
    let id = match visit {
        Some(visit) => visit.workitem,
        None if !send.begins => return Err(StoreError::WouldBegin),
        // Only what is under way goes on.
        None if !channel.active => return Err(StoreError::NotFound),
        None => {
            has_room(connection, &channel)?;
            let new = NewWorkitem {
                id: send.workitem.clone(),
                channel: Channel::Chat,
                customer: send.name.clone(),
                subject: one_line(send.text.as_str(), SUBJECT),
                agent: None,
                team: channel.team.clone(),
                started_at: send.at,
            };
            begin(connection, &new)?;
            let (key, visitor, name) = (&send.channel, &send.visitor, &send.name);
            customers::arrive(connection, key, visitor, &send.workitem, name)?;
            send.workitem
        }
    };
    let workitem = workitems::load(connection, &id)?
        .ok_or(StoreError::NotFound)?
        .workitem;
    let mut changes = Vec::new();
    let said = Said {
        text: send.text,
        entry: send.entry,
        at: send.at,
        key: &send.key,
    };
    let frame = hear(connection, &workitem, said, &mut changes)?;
    let kept = (&id, KeptFrame::At(frame.seq), begun);
    command.keep(connection, send.at, &kept)?;
    Ok(Written {
        value: CustomerSent {
            workitem: id,
            frame,
            begun,
        },
        changes,
    })
}

/// Refuses what would make the channel's queue longer than the organisation wants it.
fn has_room(connection: &Connection, channel: &ChannelRecord) -> Stored<()> {
    let most = organisation::load(connection)?.queue_max;
    let row = sql(WAITING)
        .bind(channel.team.as_str())
        .bind(channel.key.as_str())
        .bind(most)
        .fetch_one(connection)?;
    match int(&row, "waiting")? < most {
        true => Ok(()),
        false => Err(StoreError::QueueFull),
    }
}

/// See the trait.
pub(super) async fn customer_end(
    store: &SqliteStore,
    command: CustomerEnd,
) -> Stored<Written<CustomerFrame>> {
    store
        .write(move |connection| end(connection, command))
        .await
}

fn end(connection: &Connection, end: CustomerEnd) -> Stored<Written<CustomerFrame>> {
    let sender = format!("visitor/{}/{}", end.channel, end.visitor);
    let command = Command::of(sender, &end.key, "customer_end", &())?;
    if let Some(frame) = command.first_answer(connection)? {
        return Ok(unchanged(frame));
    }
    let visit =
        customers::visit(connection, &end.channel, &end.visitor)?.ok_or(StoreError::NotFound)?;
    let mut changes = Vec::new();
    if !visit.ended {
        let because = "ended the conversation.";
        ended(
            connection,
            &visit.workitem,
            because,
            (end.entry, end.at),
            &mut changes,
        )?;
    }
    let frame = customers::last_line(connection, &visit.workitem)?.ok_or(StoreError::NotFound)?;
    command.keep(connection, end.at, &frame)?;
    Ok(Written {
        value: frame,
        changes,
    })
}

/// See the trait.
pub(super) async fn customer_forget(
    store: &SqliteStore,
    visitor: &str,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let known = store.look(|connection| customers::channels_of(connection, visitor))?;
    if known.is_empty() {
        return Ok(unchanged(()));
    }
    let visitor = visitor.to_owned();
    store
        .write(move |connection| forget(connection, &visitor, &entry, at))
        .await
}

fn forget(
    connection: &Connection,
    visitor: &str,
    entry: &EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let mut changes = Vec::new();
    for (number, channel) in (1..).zip(customers::channels_of(connection, visitor)?) {
        let visit = customers::visit(connection, &channel, visitor)?;
        if let Some(visit) = visit.filter(|visit| !visit.ended) {
            let because = "ended the conversation and can't come back to it.";
            let line = (states::derived(entry, number)?, at);
            ended(connection, &visit.workitem, because, line, &mut changes)?;
        }
        customers::forget(connection, &channel, visitor)?;
    }
    Ok(Written { value: (), changes })
}

/// The customer ended the conversation of this workitem.
fn ended(
    connection: &Connection,
    workitem: &WorkitemId,
    because: &str,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let workitem = workitems::load(connection, workitem)?
        .ok_or(StoreError::NotFound)?
        .workitem;
    let text = format!("{} {because}", workitem.customer);
    states::end(connection, &workitem, text, line, changes)
}

/// See the trait.
pub(super) async fn customer_append_to(
    store: &SqliteStore,
    workitem: &WorkitemId,
    text: MessageText,
    entry: EntryId,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<()>> {
    let workitem = workitem.clone();
    store
        .write(move |connection| append_to(connection, workitem, text, entry, at, key))
        .await
}

fn append_to(
    connection: &Connection,
    workitem: WorkitemId,
    text: MessageText,
    entry: EntryId,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<()>> {
    let sender = format!("customer/{workitem}");
    let command = Command::of(sender, &key, "customer_append_to", &text.as_str())?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    let workitem = workitems::load(connection, &workitem)?
        .ok_or(StoreError::NotFound)?
        .workitem;
    if customers::view_ended(connection, &workitem.id)? != Some(false) {
        return Err(StoreError::Conflict(
            "The conversation has ended.".to_owned(),
        ));
    }
    let mut changes = Vec::new();
    let said = Said {
        text,
        entry,
        at,
        key: &key,
    };
    hear(connection, &workitem, said, &mut changes)?;
    command.keep(connection, at, &())?;
    Ok(Written { value: (), changes })
}

/// What a customer said.
struct Said<'a> {
    text: MessageText,
    entry: EntryId,
    at: Timestamp,
    key: &'a CommandKey,
}

/// Appends a customer's message to both views and starts the waiting clock.
fn hear(
    connection: &Connection,
    workitem: &Workitem,
    said: Said<'_>,
    changes: &mut Vec<Change>,
) -> Stored<CustomerFrame> {
    let preview = one_line(said.text.as_str(), PREVIEW);
    let mine = CustomerBody::Mine {
        text: said.text.clone(),
        key: said.key.as_str().to_owned(),
    };
    let frame = customers::frame_append(connection, &workitem.id, said.at, mine)?;
    let body = EntryBody::Message {
        author: Author::Customer,
        name: workitem.customer.clone(),
        text: said.text.into(),
    };
    let new = NewEntry::message(said.entry, said.at, None, body, frame.seq);
    entries::append(connection, &workitem.id, new, changes)?;
    let row = sql(HEARD)
        .bind(workitem.id.as_str())
        .bind(said.at.0)
        .bind(preview.as_str())
        .fetch_one(connection)?;
    let after = Workitem {
        waiting_since: at_maybe(&row, "waiting_since")?,
        unread: int(&row, "unread")?,
        last_activity_at: said.at,
        preview,
        ..workitem.clone()
    };
    entries::looks(&after, int(&row, "rev")?, changes);
    changes.push(Change::Customer {
        id: workitem.id.clone(),
        frame: frame.clone(),
    });
    changes.push(workitems::list_change(&after));
    Ok(frame)
}
