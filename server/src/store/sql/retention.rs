//! Deleting what is too old. After each step everything that `verify` asks for holds.

use async_trait::async_trait;
use shared::erasure::ERASED;
use shared::ids::WorkitemId;
use shared::time::Timestamp;

use super::history;
use super::notifications::notifications_without_words;
use super::rows::{blob, id, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Sql, sql};
use crate::store::rows::{RetentionReads, RetentionRows};
use crate::store::{StoreError, Stored};

const EXPIRED: Sql = Sql::of(
    "SELECT id FROM workitems INDEXED BY workitems_closed
    WHERE state = 'closed' AND last_activity_at < $1
    ORDER BY last_activity_at LIMIT 1",
    "SELECT id FROM workitems WHERE state = 'closed' AND closed_at < $1 ORDER BY closed_at LIMIT 1",
);
const EXPIRED_WORKITEMS: Sql = Sql::of(
    "SELECT COUNT(*) AS count FROM workitems INDEXED BY workitems_closed
    WHERE state = 'closed' AND last_activity_at < $1",
    "SELECT COUNT(*) AS count FROM workitems WHERE state = 'closed' AND closed_at < $1",
);
const EXPIRED_MESSAGES: &str = "SELECT COUNT(*) AS count FROM directory_messages m WHERE m.at < $1";
const EXPIRED_AUDIT: &str = "SELECT COUNT(*) AS count FROM audit a WHERE a.at < $1";
const LENGTH: &str = "SELECT last_entry FROM workitems WHERE id = $1 AND state = 'closed'";

/// What is cut off: the entries of $1 behind $2, with everything that points to them. In this order.
const CUT: [&str; 15] = [
    "DELETE FROM customer_ratings WHERE workitem_id = $1 AND $2 >= 0",
    "UPDATE coaching SET forwarded_at = NULL, forwarded_entry = NULL
        WHERE forwarded_entry IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM coaching WHERE entry_id IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM jobs WHERE about IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM former_deliveries WHERE entry_id IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM deliveries WHERE entry_id IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM notices WHERE entry_id IN (SELECT id FROM entries WHERE workitem_id = $1 AND seq > $2)",
    "DELETE FROM jobs WHERE about IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1
        AND f.seq >= (SELECT MIN(e.customer_seq) FROM entries e WHERE e.workitem_id = $1 AND e.seq > $2))",
    "DELETE FROM file_sources WHERE file_id IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1
        AND f.seq >= (SELECT MIN(e.customer_seq) FROM entries e WHERE e.workitem_id = $1 AND e.seq > $2))",
    "DELETE FROM customer_file_contents WHERE file_id IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1
        AND f.seq >= (SELECT MIN(e.customer_seq) FROM entries e WHERE e.workitem_id = $1 AND e.seq > $2))",
    "DELETE FROM customer_files WHERE workitem_id = $1 AND seq >= (SELECT MIN(e.customer_seq) FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2)",
    // The line that ends the conversation is nobody's entry and stands last.
    "DELETE FROM customer_entries WHERE workitem_id = $1 AND seq >= (SELECT MIN(e.customer_seq) FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2)",
    "UPDATE customer_views SET
        head = (SELECT COALESCE(MAX(c.seq), 0) FROM customer_entries c WHERE c.workitem_id = $1),
        ended = COALESCE((SELECT CASE WHEN c.kind = 'ended' AND c.resumed = 0 THEN 1 ELSE 0 END FROM customer_entries c
            WHERE c.workitem_id = $1 ORDER BY c.seq DESC LIMIT 1), 0)
        WHERE workitem_id = $1 AND $2 >= 0",
    "DELETE FROM entries WHERE workitem_id = $1 AND seq > $2",
    "UPDATE workitems SET last_entry = $2, read_through = MIN(read_through, $2), expiring = 1,
        head = MAX(rev, (SELECT COALESCE(MAX(e.rev), 0) FROM entries e WHERE e.workitem_id = $1)) WHERE id = $1",
];
/// What users were notified of keeps its number and loses title and customer.
const NOTIFIED: &str = notifications_without_words!("WHERE workitem_id = $1");
/// What is left of $1 without entries. In this order.
const REST: [&str; 12] = [
    "UPDATE requests SET workitem_id = NULL, subject = NULL WHERE workitem_id = $1",
    "DELETE FROM monitoring WHERE workitem_id = $1",
    "DELETE FROM workitem_labels WHERE workitem_id = $1",
    "DELETE FROM alerts WHERE workitem_id = $1",
    "DELETE FROM workitem_reviews WHERE workitem_id = $1",
    "DELETE FROM customer_visitors WHERE workitem_id = $1",
    "DELETE FROM customer_entries WHERE workitem_id = $1",
    // A customer of whom this was the last conversation.
    "DELETE FROM customer_identities WHERE id = (SELECT v.visitor FROM customer_views v WHERE v.workitem_id = $1)
        AND NOT EXISTS (SELECT 1 FROM customer_views o WHERE o.visitor = customer_identities.id
            AND o.workitem_id <> $1)",
    "DELETE FROM customer_contacts WHERE id = (SELECT v.visitor FROM customer_views v WHERE v.workitem_id = $1)
        AND NOT EXISTS (SELECT 1 FROM customer_views o WHERE o.visitor = customer_contacts.id
            AND o.workitem_id <> $1)",
    "DELETE FROM customer_views WHERE workitem_id = $1",
    "DELETE FROM name_words WHERE workitem_id = $1",
    "DELETE FROM workitems WHERE id = $1",
];

/// The conversation whose first message is the oldest of those that may go.
const OLDEST: &str = "SELECT m.low, m.high, c.pruned FROM directory_messages m
    CROSS JOIN directory_conversations c ON c.low = m.low AND c.high = m.high
    WHERE m.at < $1 AND m.seq = c.pruned + 1 AND NOT EXISTS (SELECT 1 FROM requests r
        WHERE r.id = m.request_id AND r.answered_at IS NULL)
    ORDER BY m.at LIMIT 1";
/// The first message that stays, of those behind $3 up to $4.
const STAYS: &str = "SELECT COALESCE(MIN(m.seq), $4 + 1) AS seq FROM directory_messages m
    WHERE m.low = $1 AND m.high = $2 AND m.seq > $3 AND m.seq <= $4 AND (m.at >= $5 OR EXISTS (
        SELECT 1 FROM requests r WHERE r.id = m.request_id AND r.answered_at IS NULL))";
/// What goes with the messages of $1 and $2 up to $3. Their places in the logs of the two keep what is true of them without
/// words: they were read. In this order.
const PRUNE: [&str; 5] = [
    "DELETE FROM dismissals WHERE message_id IN (SELECT m.id FROM directory_messages m
        WHERE m.low = $1 AND m.high = $2 AND m.seq <= $3)",
    "UPDATE own_log SET event = json_object('Read', json_object('with', $2, 'through', $3)) WHERE user_id = $1
        AND CAST(json_extract(event, '$.Message.seq') AS BIGINT) <= $3
        AND $2 IN (json_extract(event, '$.Message.from.id'), json_extract(event, '$.Message.to.id'))",
    "UPDATE own_log SET event = json_object('Read', json_object('with', $1, 'through', $3)) WHERE user_id = $2
        AND CAST(json_extract(event, '$.Message.seq') AS BIGINT) <= $3
        AND $1 IN (json_extract(event, '$.Message.from.id'), json_extract(event, '$.Message.to.id'))",
    "DELETE FROM directory_messages WHERE low = $1 AND high = $2 AND seq <= $3",
    "UPDATE directory_conversations SET pruned = MIN($3, head), low_read = MAX(low_read, MIN($3, head)),
        high_read = MAX(high_read, MIN($3, head)) WHERE low = $1 AND high = $2",
];

const AUDIT_FRONT: &str = "SELECT a.id, a.at, a.digest FROM audit a
    WHERE a.id > (SELECT last_id FROM audit_anchor WHERE one = 1) ORDER BY a.id LIMIT $1";
const AUDIT_ANCHOR: &str = "UPDATE audit_anchor SET last_id = $1, digest = $2 WHERE one = 1";
const AUDIT_CUT: &str = "DELETE FROM audit WHERE id <= $1";

#[async_trait]
impl<R: Runner> RetentionReads for Rows<R> {
    async fn expired_workitem(&mut self, before: Timestamp) -> Stored<Option<WorkitemId>> {
        self.quick(|connection| {
            let row = sql(EXPIRED).bind(before.0).fetch_optional(connection)?;
            row.map(|row| id(&row, "id")).transpose()
        })
    }

    async fn expired_counts(&mut self, before: [Timestamp; 3]) -> Stored<[i64; 3]> {
        self.slow(move |connection| {
            let count = |statement: Sql, before: Timestamp| {
                let row = sql(statement).bind(before.0).fetch_one(connection)?;
                int(&row, "count")
            };
            let [workitems, messages, audit_rows] = before;
            Ok([
                count(EXPIRED_WORKITEMS, workitems)?,
                count(EXPIRED_MESSAGES.into(), messages)?,
                count(EXPIRED_AUDIT.into(), audit_rows)?,
            ])
        })
        .await
    }
}

#[async_trait]
impl RetentionRows for Rows<Inline<'_>> {
    async fn workitem_cut(&mut self, workitem: &WorkitemId, limit: i64) -> Stored<(i64, bool)> {
        let connection = self.connection();
        let length = sql(LENGTH)
            .bind(workitem.as_str())
            .fetch_optional(connection)?;
        let length = int(&length.ok_or(StoreError::NotFound)?, "last_entry")?;
        let left = (length - limit).max(0);
        for statement in history::CUT.into_iter().chain(CUT) {
            sql(statement)
                .bind(workitem.as_str())
                .bind(left)
                .execute(connection)?;
        }
        if left == 0 {
            sql(NOTIFIED)
                .bind(workitem.as_str())
                .bind(ERASED)
                .execute(connection)?;
            for statement in REST {
                sql(statement).bind(workitem.as_str()).execute(connection)?;
            }
        }
        Ok((length - left, left == 0))
    }

    async fn messages_prune(&mut self, before: Timestamp, limit: i64) -> Stored<i64> {
        let connection = self.connection();
        let Some(row) = sql(OLDEST).bind(before.0).fetch_optional(connection)? else {
            return Ok(0);
        };
        let (low, high) = (text(&row, "low")?, text(&row, "high")?);
        let pruned = int(&row, "pruned")?;
        let through = through(connection, (&low, &high), (pruned, limit), before)?;
        for statement in PRUNE {
            sql(statement)
                .bind(low.as_str())
                .bind(high.as_str())
                .bind(through)
                .execute(connection)?;
        }
        Ok(through - pruned)
    }

    async fn audit_prune(&mut self, before: Timestamp, limit: i64) -> Stored<i64> {
        let connection = self.connection();
        let front = sql(AUDIT_FRONT).bind(limit).fetch_all(connection)?;
        let mut old = Vec::new();
        for row in &front {
            if int(row, "at")? >= before.0 {
                break;
            }
            old.push(row);
        }
        let Some(last) = old.last() else { return Ok(0) };
        let number = int(last, "id")?;
        sql(AUDIT_ANCHOR)
            .bind(number)
            .bind(blob(last, "digest")?)
            .execute(connection)?;
        sql(AUDIT_CUT).bind(number).execute(connection)?;
        Ok(i64::try_from(old.len()).unwrap_or(i64::MAX))
    }
}

/// The last message of those two that goes.
fn through(
    connection: &Connection,
    (low, high): (&str, &str),
    (pruned, limit): (i64, i64),
    before: Timestamp,
) -> Stored<i64> {
    let head = sql("SELECT head FROM directory_conversations WHERE low = $1 AND high = $2")
        .bind(low)
        .bind(high)
        .fetch_one(connection)?;
    let most = (pruned + limit).min(int(&head, "head")?);
    let stays = sql(STAYS)
        .bind(low)
        .bind(high)
        .bind(pruned)
        .bind(most)
        .bind(before.0)
        .fetch_one(connection)?;
    Ok(int(&stays, "seq")? - 1)
}
