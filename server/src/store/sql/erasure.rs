//! Finding a customer by name, and erasing their words wherever they stand. What `verify` asks for holds afterwards.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::erasure::{CustomerWorkitem, ERASED, Erasure};
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use shared::workitem::{Channel, WorkitemState};

use super::deliveries::remember;
use super::history;
use super::names::words;
use super::notifications::notifications_without_words;
use super::rows::{at, code, id, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::rows::{ErasureReads, ErasureRows};
use crate::store::{StoreError, Stored};

/// How many workitems are looked at for each customer that is asked for.
const WORKITEMS_EACH: i64 = 10;
/// By the first word that begins with $1, and so stands before $2; $3 holds the beginnings of further words. The latest workitems
/// come first.
const FIND: &str = "SELECT w.id, w.customer, w.channel, w.state, w.started_at,
        (SELECT v.visitor FROM customer_views v WHERE v.workitem_id = w.id) AS visitor,
        (SELECT i.address FROM customer_views v JOIN customer_identities i ON i.id = v.visitor
            WHERE v.workitem_id = w.id) AS address,
        (SELECT c.contact FROM customer_views v JOIN customer_contacts c ON c.id = v.visitor
            WHERE v.workitem_id = w.id) AS contact,
        (SELECT COUNT(*) FROM customer_views v JOIN customer_views o ON o.visitor = v.visitor
            WHERE v.workitem_id = w.id) AS workitems
    FROM name_words n
    CROSS JOIN workitems w ON w.id = n.workitem_id
    WHERE n.word >= $1 AND n.word < $2 AND NOT EXISTS (SELECT 1 FROM name_words b
            WHERE b.workitem_id = n.workitem_id AND b.word >= $1 AND b.word < n.word)
        AND NOT EXISTS (SELECT 1 FROM json_each($3) further
        WHERE NOT EXISTS (SELECT 1 FROM name_words o WHERE o.workitem_id = w.id
            AND o.word >= further.value AND o.word < further.value || char(1114111)))
    ORDER BY n.word, n.started_at DESC LIMIT $4";
const OF_CUSTOMER: &str = "SELECT v.workitem_id AS id FROM customer_views v
    WHERE v.visitor = (SELECT o.visitor FROM customer_views o WHERE o.workitem_id = $1)
    UNION SELECT w.id FROM workitems w WHERE w.id = $1 ORDER BY 1";
const EXTENT: &str = "SELECT w.state <> 'closed' AS open,
        (SELECT COUNT(*) FROM entries e WHERE e.workitem_id = w.id AND e.customer_seq IS NOT NULL) AS messages,
        (SELECT COUNT(*) FROM entries e WHERE e.workitem_id = w.id AND e.kind = 'coaching') AS coaching,
        (SELECT COUNT(*) FROM entries e WHERE e.workitem_id = w.id AND e.kind = 'notice') AS notices,
        (SELECT COUNT(*) FROM customer_files f WHERE f.workitem_id = w.id) AS files,
        (SELECT COUNT(*) FROM requests r WHERE r.workitem_id = w.id) AS requests
    FROM workitems w WHERE w.id = $1";

/// What is written over: $1 the workitem, $2 what stands there then.
const ERASE: [&str; 17] = [
    "DELETE FROM jobs WHERE about IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1)",
    "DELETE FROM file_sources WHERE file_id IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1)",
    "DELETE FROM customer_file_contents WHERE file_id IN (SELECT f.id FROM customer_files f WHERE f.workitem_id = $1)",
    "DELETE FROM customer_files WHERE workitem_id = $1",
    "UPDATE customer_entries SET text = $2, files = 0 WHERE workitem_id = $1 AND kind <> 'ended'",
    "UPDATE coaching SET text = $2 WHERE entry_id IN (SELECT e.id FROM entries e
        WHERE e.workitem_id = $1 AND e.kind = 'coaching')",
    // A rating is the customer's own, number and words: what is left of its line says neither.
    "DELETE FROM customer_ratings WHERE workitem_id = $1",
    "UPDATE notices SET notice = json_object('kind', 'text', 'text', $2) WHERE json_extract(notice, '$.kind') = 'rated'
        AND entry_id IN (SELECT e.id FROM entries e WHERE e.workitem_id = $1 AND e.kind = 'notice')",
    "UPDATE notices SET notice = json_replace(notice, '$.customer', $2, '$.number', $2, '$.email', $2, '$.text', $2, '$.subject', $2)
        WHERE entry_id IN (SELECT e.id FROM entries e WHERE e.workitem_id = $1 AND e.kind = 'notice')",
    "UPDATE entries SET name = $2 WHERE workitem_id = $1 AND kind = 'customer'",
    "UPDATE requests SET subject = $2 WHERE workitem_id = $1 AND subject IS NOT NULL",
    "UPDATE workitem_reviews SET comment = $2 WHERE workitem_id = $1",
    // What waits to be sent has no words any more.
    "UPDATE entries SET delivery = 'failed', delivery_reason = 'undelivered' WHERE workitem_id = $1
        AND delivery = 'queued'",
    "DELETE FROM jobs WHERE about IN (SELECT e.id FROM entries e WHERE e.workitem_id = $1)",
    "UPDATE deliveries SET provider_id = NULL
        WHERE entry_id IN (SELECT e.id FROM entries e WHERE e.workitem_id = $1)",
    "UPDATE customer_identities SET address = $2 || id, user_id = NULL
        WHERE id = (SELECT v.visitor FROM customer_views v WHERE v.workitem_id = $1)",
    // A later caller or sender from there is somebody new.
    "DELETE FROM customer_contacts WHERE id = (SELECT v.visitor FROM customer_views v WHERE v.workitem_id = $1)",
];
/// What providers call its messages. A provider still lists them under that name.
const NAMES: &str =
    "SELECT d.entry_id, d.provider_id FROM entries e JOIN deliveries d ON d.entry_id = e.id
    WHERE e.workitem_id = $1 AND d.provider_id IS NOT NULL";
const HEAD: &str = "SELECT head FROM workitems WHERE id = $1 AND state = 'closed'";
const TOUCH_ALL: &str = "UPDATE entries SET rev = rev + $2 WHERE workitem_id = $1";
const ROW: &str = "UPDATE workitems SET customer = $2, customer_key = $2, subject = $2, preview = '', erased_at = $3,
    head = $4, rev = $4 WHERE id = $1";
const WORDS: &str = "DELETE FROM name_words WHERE workitem_id = $1";
const VISITS: &str = "DELETE FROM customer_visitors WHERE workitem_id = $1";
/// What the release before kept whole of a visitor's messages.
const ANSWERS: &str = "UPDATE commands SET answer = json_replace(answer, '$[1].body.Mine.text', $2)
    WHERE sender IN (SELECT 'visitor/' || v.channel_key || '/' || v.visitor FROM customer_views v
        WHERE v.workitem_id = $1) AND json_type(answer, '$[1].body.Mine.text') = 'text'";
const USERS: &str = "SELECT u.id FROM users u ORDER BY u.name_key, u.id";
/// What a user was notified of, also by a node of the release before, which does not note the workitem.
const NOTIFIED: &str = notifications_without_words!("WHERE user_id = $3 AND instr(event, $1) > 0");

/// The order in which workitems came in; an open one stands for the customer where two came at once.
fn later(one: &CustomerWorkitem) -> (Timestamp, bool) {
    (one.started_at, one.state != WorkitemState::Closed)
}

fn customer(row: &Row) -> Stored<CustomerWorkitem> {
    let address = text_maybe(row, "address")?;
    Ok(CustomerWorkitem {
        id: id(row, "id")?,
        customer: text(row, "customer")?,
        channel: code(row, "channel", Channel::from_code)?,
        state: code(row, "state", WorkitemState::from_code)?,
        started_at: at(row, "started_at")?,
        address: address.or(text_maybe(row, "contact")?),
        workitems: int(row, "workitems")?.max(1),
    })
}

#[async_trait]
impl<R: Runner> ErasureReads for Rows<R> {
    async fn customers_find(&mut self, name: &str, limit: i64) -> Stored<Vec<CustomerWorkitem>> {
        // The longest word is the rarest.
        let mut further = Vec::from_iter(words(name));
        further.sort_by_key(String::len);
        let word = further.pop().unwrap_or_default();
        self.slow(move |connection| {
            let behind = [&word, "\u{10ffff}"].concat();
            let rows = sql(FIND)
                .bind(word.as_str())
                .bind(behind)
                .bind(serde_json::to_string(&further)?)
                .bind(limit.saturating_mul(WORKITEMS_EACH))
                .fetch_all(connection)?;
            let mut found: Vec<CustomerWorkitem> = Vec::new();
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            for row in &rows {
                let one = customer(row)?;
                // A workitem that nobody is known by is a customer of its own.
                let who = text_maybe(row, "visitor")?.unwrap_or_else(|| one.id.to_string());
                match places.get(&who).copied() {
                    Some(place) if later(&found[place]) < later(&one) => {
                        found[place] = one;
                    }
                    Some(_) => {}
                    None if found.len() as i64 >= limit => {}
                    None => {
                        places.insert(who, found.len());
                        found.push(one);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn workitems_of_customer(&mut self, workitem: &WorkitemId) -> Stored<Vec<WorkitemId>> {
        self.quick(|connection| {
            let rows = sql(OF_CUSTOMER)
                .bind(workitem.as_str())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }

    async fn workitem_extent(&mut self, workitem: &WorkitemId) -> Stored<Erasure> {
        let workitem = workitem.clone();
        self.slow(move |connection| {
            let row = sql(EXTENT)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            let row = row.ok_or(StoreError::NotFound)?;
            Ok(Erasure {
                workitems: 1,
                open: int(&row, "open")?,
                messages: int(&row, "messages")?,
                files: int(&row, "files")?,
                coaching: int(&row, "coaching")?,
                notices: int(&row, "notices")?,
                requests: int(&row, "requests")?,
            })
        })
        .await
    }
}

#[async_trait]
impl ErasureRows for Rows<Inline<'_>> {
    async fn workitem_erase(&mut self, workitem: &WorkitemId, at: Timestamp) -> Stored<()> {
        let (connection, workitem) = (self.connection(), workitem.as_str());
        let head = sql(HEAD).bind(workitem).fetch_optional(connection)?;
        let head = int(&head.ok_or(StoreError::NotFound)?, "head")?;
        remember(connection, NAMES, workitem)?;
        // The words that were found. What is left has none.
        for statement in history::CUT {
            sql(statement).bind(workitem).bind(0).execute(connection)?;
        }
        for statement in ERASE.into_iter().chain([ANSWERS]) {
            sql(statement)
                .bind(workitem)
                .bind(ERASED)
                .execute(connection)?;
        }
        let users = sql(USERS).fetch_all(connection)?;
        for user in &users {
            sql(NOTIFIED)
                .bind(workitem)
                .bind(ERASED)
                .bind(text(user, "id")?)
                .execute(connection)?;
        }
        for statement in [VISITS, WORDS] {
            sql(statement).bind(workitem).execute(connection)?;
        }
        sql(TOUCH_ALL)
            .bind(workitem)
            .bind(head)
            .execute(connection)?;
        sql(ROW)
            .bind(workitem)
            .bind(ERASED)
            .bind(at.0)
            .bind(2 * head + 1)
            .execute(connection)?;
        Ok(())
    }
}
