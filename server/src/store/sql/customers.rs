//! The customer's side: what a customer's page reads, and the log of what the customer is shown.
//!
//! What a customer's page reads needs no table of the staff's: `tests/webchat/silence.rs` drops these tables, and the pages stay the same.

use async_trait::async_trait;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::ids::{ChannelKey, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;

use super::customer_files::{files_of, read_files};
use super::rows::{
    at, at_maybe, flag, id, id_maybe, ids_argument, int, int_maybe, message, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, returning, sql};
use crate::store::rows::{CustomerReads, CustomerRows, WhereCustomer};
use crate::store::{ChannelRecord, CustomerVisit, StoreError, Stored};

const CHANNEL: &str = "SELECT key, kind, name, team_id, active, settings, heard_at FROM channels
    WHERE key = $1 AND deleted_at IS NULL";
const VISIT: &str = "SELECT v.workitem_id, v.name, c.ended, c.head, e.at, l.asks,
        EXISTS (SELECT 1 FROM customer_ratings r WHERE r.workitem_id = v.workitem_id) AS rated
    FROM customer_visitors v
    JOIN customer_views c ON c.workitem_id = v.workitem_id
    JOIN customer_entries e ON e.workitem_id = v.workitem_id AND e.seq = 1
    JOIN customer_entries l ON l.workitem_id = v.workitem_id AND l.seq = c.head
    WHERE v.channel_key = $1 AND v.visitor = $2";
const CHANNELS: &str = "SELECT v.channel_key FROM channels c
    JOIN customer_visitors v ON v.channel_key = c.key AND v.visitor = $1";
macro_rules! select_frames {
    ($tail:literal) => {
        concat!(
            "SELECT m.seq, m.at, m.kind, m.resumed, m.asks, m.name, m.text, m.key, ",
            files_of!("m"),
            " FROM ",
            $tail
        )
    };
}
const FRAMES: &str = select_frames!(
    "customer_entries m WHERE m.workitem_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3"
);
/// From the end, so that it reads no more than it answers.
const PAGE: &str = select_frames!(
    "customer_entries m WHERE m.workitem_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3"
);
/// A row at least for whom the channel knows, as `VISIT` finds them: one without a line where there is no more to read.
const FRAMES_FOR: &str = select_frames!(
    "channels k
    JOIN customer_visitors v ON v.channel_key = k.key AND v.visitor = $5
    JOIN customer_views c ON c.workitem_id = v.workitem_id
    JOIN customer_entries e ON e.workitem_id = v.workitem_id AND e.seq = 1
    JOIN customer_entries l ON l.workitem_id = v.workitem_id AND l.seq = c.head
    LEFT JOIN customer_entries m ON m.workitem_id = $1 AND m.seq > $2
    WHERE k.key = $4 AND k.kind = 'chat' AND k.deleted_at IS NULL
    ORDER BY m.seq LIMIT $3"
);
const ENDED: &str = "SELECT ended FROM customer_views WHERE workitem_id = $1";
const WHERE: &str = "SELECT v.channel_key, l.workitem_id AS latest FROM customer_views v
    LEFT JOIN customer_visitors l ON l.channel_key = v.channel_key AND l.visitor = v.visitor
    WHERE v.workitem_id = $1";
const BEGIN: &str = "INSERT INTO customer_views (workitem_id) VALUES ($1)";
const HEADS: &str = "SELECT workitem_id, head FROM customer_views
    WHERE workitem_id IN (SELECT value FROM json_each($1))";
const NEXT: Sql = returning!(
    "UPDATE customer_views SET head = head + 1, ended = COALESCE($2, ended) WHERE workitem_id = $1",
    "head"
);
const HEAD: &str = "SELECT head FROM customer_views WHERE workitem_id = $1";
const ADD: &str =
    "INSERT INTO customer_entries (workitem_id, seq, at, kind, name, text, key, files, resumed, asks)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const ARRIVE: &str = "INSERT INTO customer_visitors (channel_key, visitor, workitem_id, name)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (channel_key, visitor) DO UPDATE SET workitem_id = $3, name = $4";
const BEGUN_ON: &str =
    "UPDATE customer_views SET channel_key = $2, visitor = $3 WHERE workitem_id = $1";
const RENAME: &str = "UPDATE customer_views SET visitor = $2 WHERE visitor = $1";
const FORGET: &str = "DELETE FROM customer_visitors WHERE channel_key = $1 AND visitor = $2";

#[async_trait]
impl<R: Runner> CustomerReads for Rows<R> {
    async fn customer_channel_find(&mut self, key: &ChannelKey) -> Stored<Option<ChannelRecord>> {
        self.quick(|connection| {
            let row = sql(CHANNEL).bind(key.as_str()).fetch_optional(connection)?;
            row.map(|row| {
                Ok(ChannelRecord {
                    key: id(&row, "key")?,
                    kind: text(&row, "kind")?,
                    name: text(&row, "name")?,
                    team: id(&row, "team_id")?,
                    active: flag(&row, "active")?,
                    settings: text(&row, "settings")?,
                    heard_at: at_maybe(&row, "heard_at")?,
                })
            })
            .transpose()
        })
    }

    async fn customer_visit_find(
        &mut self,
        key: &ChannelKey,
        visitor: &str,
    ) -> Stored<Option<CustomerVisit>> {
        self.quick(|connection| {
            let row = sql(VISIT)
                .bind(key.as_str())
                .bind(visitor)
                .fetch_optional(connection)?;
            row.map(|row| {
                Ok(CustomerVisit {
                    workitem: id(&row, "workitem_id")?,
                    name: text(&row, "name")?,
                    ended: flag(&row, "ended")?,
                    asks: flag(&row, "asks")?,
                    rated: flag(&row, "rated")?,
                    head: int(&row, "head")?,
                    began: at(&row, "at")?,
                })
            })
            .transpose()
        })
    }

    async fn customer_channels_of(&mut self, visitor: &str) -> Stored<Vec<ChannelKey>> {
        self.quick(|connection| {
            let rows = sql(CHANNELS).bind(visitor).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "channel_key")).collect()
        })
    }

    async fn customer_heads(&mut self, workitems: &[WorkitemId]) -> Stored<Vec<(WorkitemId, i64)>> {
        let workitems = ids_argument(workitems);
        self.slow(move |connection| {
            let rows = sql(HEADS).bind(workitems).fetch_all(connection)?;
            let head = |row| Ok((id(row, "workitem_id")?, int(row, "head")?));
            rows.iter().map(head).collect()
        })
        .await
    }

    async fn customer_view_ended(&mut self, workitem: &WorkitemId) -> Stored<Option<bool>> {
        self.quick(|connection| {
            sql(ENDED)
                .bind(workitem.as_str())
                .fetch_optional(connection)?
                .map(|row| flag(&row, "ended"))
                .transpose()
        })
    }

    async fn customer_where(&mut self, workitem: &WorkitemId) -> Stored<WhereCustomer> {
        self.quick(|connection| {
            let row = sql(WHERE).bind(workitem.as_str()).fetch_one(connection)?;
            let latest = id_maybe::<WorkitemId>(&row, "latest")?;
            Ok(match (text_maybe(&row, "channel_key")?, latest) {
                (None, _) => WhereCustomer::OnNoPage,
                (Some(_), None) => WhereCustomer::Gone,
                (Some(_), Some(latest)) if latest == *workitem => WhereCustomer::Here,
                (Some(_), Some(_)) => WhereCustomer::Elsewhere,
            })
        })
    }

    async fn customer_frame_find(
        &mut self,
        workitem: &WorkitemId,
        seq: i64,
    ) -> Stored<Option<CustomerFrame>> {
        self.quick(|connection| {
            let mut found = list(connection, FRAMES, workitem, seq - 1, 1)?;
            // What is gone is not answered with what stands behind it.
            Ok(found.pop().filter(|frame| frame.seq == seq))
        })
    }

    async fn customer_frames_before(
        &mut self,
        workitem: &WorkitemId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<CustomerFrame>> {
        let workitem = workitem.clone();
        self.slow(move |connection| {
            let mut lines = list(connection, PAGE, &workitem, before, limit)?;
            lines.reverse();
            Ok(lines)
        })
        .await
    }

    async fn customer_frames_after(
        &mut self,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Stored<Vec<CustomerFrame>> {
        let workitem = workitem.clone();
        self.slow(move |connection| list(connection, FRAMES, &workitem, after, limit))
            .await
    }

    async fn customer_frames_for(
        &mut self,
        key: &ChannelKey,
        visitor: &str,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Stored<Option<Vec<CustomerFrame>>> {
        self.quick(|connection| {
            let rows = sql(FRAMES_FOR)
                .bind(workitem.as_str())
                .bind(after)
                .bind(limit)
                .bind(key.as_str())
                .bind(visitor)
                .fetch_all(connection)?;
            if rows.is_empty() {
                return Ok(None);
            }
            let lines = rows.iter().filter_map(|row| match int_maybe(row, "seq") {
                Ok(None) => None,
                Ok(Some(_)) => Some(read(row)),
                Err(error) => Some(Err(error)),
            });
            lines.collect::<Stored<Vec<CustomerFrame>>>().map(Some)
        })
    }
}

#[async_trait]
impl CustomerRows for Rows<Inline<'_>> {
    async fn customer_view_insert(&mut self, workitem: &WorkitemId) -> Stored<()> {
        sql(BEGIN)
            .bind(workitem.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn customer_frame_append(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        body: CustomerBody,
    ) -> Stored<CustomerFrame> {
        let row = sql(NEXT)
            .bind(workitem.as_str())
            .bind(match body {
                CustomerBody::Ended { .. } => Some(1_i64),
                CustomerBody::Resumed => Some(0),
                CustomerBody::Mine { .. } | CustomerBody::Theirs { .. } => None,
            })
            .fetch_changed(self.connection(), HEAD)?
            .ok_or(StoreError::NotFound)?;
        let seq = int(&row, "head")?;
        let (kind, name, text, key, files) = match &body {
            CustomerBody::Mine { text, files, key } => {
                ("mine", "", words(text), key.as_str(), files.len() as i64)
            }
            CustomerBody::Theirs { name, text, files } => {
                let files = files.len() as i64;
                ("theirs", name.as_str(), words(text), "", files)
            }
            // To the release before it is one more end: no kind could be added to what the table allows.
            CustomerBody::Ended { .. } | CustomerBody::Resumed => ("ended", "", "", "", 0),
        };
        sql(ADD)
            .bind(workitem.as_str())
            .bind(seq)
            .bind(at.0)
            .bind(kind)
            .bind(name)
            .bind(text)
            .bind(key)
            .bind(files)
            .bind(i64::from(body == CustomerBody::Resumed))
            .bind(i64::from(body == CustomerBody::Ended { asks: true }))
            .execute(self.connection())?;
        Ok(CustomerFrame { seq, at, body })
    }

    async fn customer_visit_set(
        &mut self,
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
            .execute(self.connection())?;
        sql(BEGUN_ON)
            .bind(workitem.as_str())
            .bind(key.as_str())
            .bind(visitor)
            .execute(self.connection())?;
        Ok(())
    }

    async fn customer_visitor_rename(&mut self, visitor: &str, name: &str) -> Stored<()> {
        sql(RENAME)
            .bind(visitor)
            .bind(name)
            .execute(self.connection())?;
        Ok(())
    }

    async fn customer_visit_delete(&mut self, key: &ChannelKey, visitor: &str) -> Stored<()> {
        sql(FORGET)
            .bind(key.as_str())
            .bind(visitor)
            .execute(self.connection())?;
        Ok(())
    }
}

/// At most `limit` lines of a view, from a number on.
fn list(
    connection: &Connection,
    statement: &'static str,
    workitem: &WorkitemId,
    from: i64,
    limit: i64,
) -> Stored<Vec<CustomerFrame>> {
    let rows = sql(statement)
        .bind(workitem.as_str())
        .bind(from)
        .bind(limit)
        .fetch_all(connection)?;
    rows.iter().map(read).collect()
}

/// A message without words has a file.
fn words(text: &Option<MessageText>) -> &str {
    text.as_ref().map_or("", MessageText::as_str)
}

fn said(row: &Row) -> Stored<Option<MessageText>> {
    match text(row, "text")?.is_empty() {
        true => Ok(None),
        false => message(row, "text").map(Some),
    }
}

fn read(row: &Row) -> Stored<CustomerFrame> {
    let body = match text(row, "kind")?.as_str() {
        "mine" => CustomerBody::Mine {
            text: said(row)?,
            files: read_files(row)?,
            key: text(row, "key")?,
        },
        "theirs" => CustomerBody::Theirs {
            name: text(row, "name")?,
            text: said(row)?,
            files: read_files(row)?,
        },
        _ if flag(row, "resumed")? => CustomerBody::Resumed,
        _ => CustomerBody::Ended {
            asks: flag(row, "asks")?,
        },
    };
    Ok(CustomerFrame {
        seq: int(row, "seq")?,
        at: at(row, "at")?,
        body,
    })
}
