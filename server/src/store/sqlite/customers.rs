//! The customer's side: what a customer's page reads, and the log of what the customer is shown.
//!
//! Nothing here names a table of the staff's; a test at the end reads every statement to prove it.

use async_trait::async_trait;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::ids::{ChannelKey, WorkitemId};
use shared::time::Timestamp;

use super::SqliteStore;
use super::rows::{at, flag, id, int, message, text};
use super::runner::{Inline, Rows};
use super::statement::{Connection, Row, sql};
use crate::store::rows::CustomerRows;
use crate::store::{ChannelRecord, CustomerVisit, StoreError, Stored};

const CHANNEL: &str = "SELECT key, name, team_id, active FROM channels WHERE key = $1";
const VISIT: &str = "SELECT v.workitem_id, v.name, c.ended, c.head, e.at FROM customer_visitors v
    JOIN customer_views c ON c.workitem_id = v.workitem_id
    JOIN customer_entries e ON e.workitem_id = v.workitem_id AND e.seq = 1
    WHERE v.channel_key = $1 AND v.visitor = $2";
const CHANNELS: &str = "SELECT v.channel_key FROM channels c
    JOIN customer_visitors v ON v.channel_key = c.key AND v.visitor = $1";
const FRAMES: &str = "SELECT seq, at, kind, name, text, key FROM customer_entries
    WHERE workitem_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
/// From the end, so that it reads no more than it answers.
const PAGE: &str = "SELECT seq, at, kind, name, text, key FROM customer_entries
    WHERE workitem_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
const ENDED: &str = "SELECT ended FROM customer_views WHERE workitem_id = $1";
const BEGIN: &str = "INSERT INTO customer_views (workitem_id) VALUES ($1)";
const NEXT: &str = "UPDATE customer_views SET head = head + 1, ended = ended OR $2
    WHERE workitem_id = $1 RETURNING head";
const ADD: &str = "INSERT INTO customer_entries (workitem_id, seq, at, kind, name, text, key)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ARRIVE: &str = "INSERT INTO customer_visitors (channel_key, visitor, workitem_id, name)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (channel_key, visitor) DO UPDATE SET workitem_id = $3, name = $4";
const BEGUN_ON: &str = "UPDATE customer_views SET channel_key = $2 WHERE workitem_id = $1";
const FORGET: &str = "DELETE FROM customer_visitors WHERE channel_key = $1 AND visitor = $2";

#[async_trait]
impl CustomerRows for Rows<Inline<'_>> {
    async fn customer_view_insert(&mut self, workitem: &WorkitemId) -> Stored<()> {
        view_begin(self.connection(), workitem)
    }

    async fn customer_frame_append(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        body: CustomerBody,
    ) -> Stored<CustomerFrame> {
        frame_append(self.connection(), workitem, at, body)
    }
}

/// A chat channel.
pub(super) fn channel(connection: &Connection, key: &ChannelKey) -> Stored<Option<ChannelRecord>> {
    let row = sql(CHANNEL).bind(key.as_str()).fetch_optional(connection)?;
    row.map(|row| {
        Ok(ChannelRecord {
            key: id(&row, "key")?,
            name: text(&row, "name")?,
            team: id(&row, "team_id")?,
            active: flag(&row, "active")?,
        })
    })
    .transpose()
}

/// Where a visitor was last.
pub(super) fn visit(
    connection: &Connection,
    key: &ChannelKey,
    visitor: &str,
) -> Stored<Option<CustomerVisit>> {
    let row = sql(VISIT)
        .bind(key.as_str())
        .bind(visitor)
        .fetch_optional(connection)?;
    row.map(|row| {
        Ok(CustomerVisit {
            workitem: id(&row, "workitem_id")?,
            name: text(&row, "name")?,
            ended: flag(&row, "ended")?,
            head: int(&row, "head")?,
            began: at(&row, "at")?,
        })
    })
    .transpose()
}

/// The channels on which a visitor is known.
pub(super) fn channels_of(connection: &Connection, visitor: &str) -> Stored<Vec<ChannelKey>> {
    let rows = sql(CHANNELS).bind(visitor).fetch_all(connection)?;
    rows.iter().map(|row| id(row, "channel_key")).collect()
}

/// Forgets a visitor on a channel.
pub(super) fn forget(connection: &Connection, key: &ChannelKey, visitor: &str) -> Stored<()> {
    sql(FORGET)
        .bind(key.as_str())
        .bind(visitor)
        .execute(connection)?;
    Ok(())
}

/// The last line of a view.
pub(super) fn last_line(
    connection: &Connection,
    workitem: &WorkitemId,
) -> Stored<Option<CustomerFrame>> {
    Ok(page(connection, workitem, None, 1)?.pop())
}

fn page(
    connection: &Connection,
    workitem: &WorkitemId,
    before: Option<i64>,
    limit: i64,
) -> Stored<Vec<CustomerFrame>> {
    let rows = sql(PAGE)
        .bind(workitem.as_str())
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(connection)?;
    rows.iter().rev().map(read).collect()
}

/// Notes where a visitor is now, in a conversation that begins.
pub(super) fn arrive(
    connection: &Connection,
    key: &ChannelKey,
    visitor: &str,
    workitem: &WorkitemId,
    name: &str,
) -> Stored<()> {
    sql(ARRIVE)
        .bind(key.as_str())
        .bind(visitor)
        .bind(workitem.as_str())
        .bind(name)
        .execute(connection)?;
    sql(BEGUN_ON)
        .bind(workitem.as_str())
        .bind(key.as_str())
        .execute(connection)?;
    Ok(())
}

/// Begins the customer's view of a workitem.
pub(super) fn view_begin(connection: &Connection, workitem: &WorkitemId) -> Stored<()> {
    sql(BEGIN).bind(workitem.as_str()).execute(connection)?;
    Ok(())
}

/// Whether the conversation is over for the customer; `None` when there is no such view.
pub(super) fn view_ended(connection: &Connection, workitem: &WorkitemId) -> Stored<Option<bool>> {
    sql(ENDED)
        .bind(workitem.as_str())
        .fetch_optional(connection)?
        .map(|row| flag(&row, "ended"))
        .transpose()
}

/// Appends to the customer's view.
pub(super) fn frame_append(
    connection: &Connection,
    workitem: &WorkitemId,
    at: Timestamp,
    body: CustomerBody,
) -> Stored<CustomerFrame> {
    let row = sql(NEXT)
        .bind(workitem.as_str())
        .bind(i64::from(body == CustomerBody::Ended))
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    let seq = int(&row, "head")?;
    let (kind, name, text, key) = match &body {
        CustomerBody::Mine { text, key } => ("mine", "", text.as_str(), key.as_str()),
        CustomerBody::Theirs { name, text } => ("theirs", name.as_str(), text.as_str(), ""),
        CustomerBody::Ended => ("ended", "", "", ""),
    };
    sql(ADD)
        .bind(workitem.as_str())
        .bind(seq)
        .bind(at.0)
        .bind(kind)
        .bind(name)
        .bind(text)
        .bind(key)
        .execute(connection)?;
    Ok(CustomerFrame { seq, at, body })
}

fn read(row: &Row) -> Stored<CustomerFrame> {
    let body = match text(row, "kind")?.as_str() {
        "mine" => CustomerBody::Mine {
            text: message(row, "text")?,
            key: text(row, "key")?,
        },
        "theirs" => CustomerBody::Theirs {
            name: text(row, "name")?,
            text: message(row, "text")?,
        },
        _ => CustomerBody::Ended,
    };
    Ok(CustomerFrame {
        seq: int(row, "seq")?,
        at: at(row, "at")?,
        body,
    })
}

/// One line of the customer's view.
pub(super) fn frame(
    connection: &Connection,
    workitem: &WorkitemId,
    seq: i64,
) -> Stored<CustomerFrame> {
    let row = sql(FRAMES)
        .bind(workitem.as_str())
        .bind(seq - 1)
        .bind(1)
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    let frame = read(&row)?;
    // What is gone is not answered with what stands behind it.
    if frame.seq == seq {
        Ok(frame)
    } else {
        Err(StoreError::NotFound)
    }
}

/// See the trait.
pub(super) async fn customer_channel(
    store: &SqliteStore,
    key: &ChannelKey,
) -> Stored<Option<ChannelRecord>> {
    store.look(|connection| channel(connection, key))
}

/// See the trait.
pub(super) async fn customer_visit(
    store: &SqliteStore,
    key: &ChannelKey,
    visitor: &str,
) -> Stored<Option<CustomerVisit>> {
    store.look(|connection| visit(connection, key, visitor))
}

/// See the trait.
pub(super) async fn customer_page(
    store: &SqliteStore,
    workitem: &WorkitemId,
    before: Option<i64>,
    limit: i64,
) -> Stored<Vec<CustomerFrame>> {
    let workitem = workitem.clone();
    store
        .read(move |connection| page(connection, &workitem, before, limit))
        .await
}

/// See the trait.
pub(super) async fn customer_frames(
    store: &SqliteStore,
    workitem: &WorkitemId,
    after: i64,
    limit: i64,
) -> Stored<Vec<CustomerFrame>> {
    let workitem = workitem.clone();
    store
        .read(move |connection| {
            let rows = sql(FRAMES)
                .bind(workitem.as_str())
                .bind(after)
                .bind(limit)
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
}
