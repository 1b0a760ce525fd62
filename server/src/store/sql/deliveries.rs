//! Rows of customers of providers' channels, and of what was sent to them.

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::{ChannelKey, EntryId, WorkitemId};
use shared::time::Timestamp;

use super::channels::read_limit;
use super::rows::{at_maybe, id, ids_argument, int, int_maybe, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::rows::{DeliveryReads, DeliveryRow, DeliveryRows, IdentityRow};
use crate::store::{StoreError, Stored};

/// Whether a message of a workitem did not arrive, and none that was written after it did. Only what has failed is looked at, by
/// an index of its own.
macro_rules! undelivered {
    ($workitem:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM entries n WHERE n.workitem_id = ", $workitem, " AND n.delivery = 'failed'
                AND NOT EXISTS (SELECT 1 FROM entries a WHERE a.workitem_id = n.workitem_id AND a.seq > n.seq
                    AND a.delivery IN ('delivered', 'read')))"
        )
    };
}
pub(super) use undelivered;

macro_rules! select_identities {
    ($tail:literal) => {
        concat!(
            "SELECT i.id, i.channel_key, i.address, i.stopped_at, c.text_max, c.text_in_bytes,
                i.heard_at + c.answer_window_us AS answer_until
             FROM customer_identities i JOIN channels c ON c.key = i.channel_key ",
            $tail
        )
    };
}
const IDENTITY_AT: &str = select_identities!("WHERE i.channel_key = $1 AND i.address = $2");
const IDENTITY_KNOWN_AS: &str = select_identities!("WHERE i.channel_key = $1 AND i.user_id = $2");
const SET_KNOWN_AS: &str = "UPDATE customer_identities SET user_id = $2 WHERE id = $1";
const IDENTITY: &str = select_identities!("WHERE i.id = $1");
const IDENTITY_OF: &str = select_identities!(
    "JOIN customer_views v ON v.visitor = i.id AND v.channel_key = i.channel_key
     WHERE v.workitem_id = $1 AND c.kind <> 'chat'"
);
macro_rules! select_deliveries {
    ($tail:literal) => {
        concat!(
            "SELECT d.entry_id, e.workitem_id, e.customer_seq, d.identity_id, d.number, d.provider_id,
                d.unsettled_since, e.delivery, e.delivery_reason, e.delivery_code
             FROM deliveries d JOIN entries e ON e.id = d.entry_id ",
            $tail
        )
    };
}
const FIND: &str = select_deliveries!("WHERE d.entry_id = $1");
const NUMBERED: &str = select_deliveries!("WHERE d.identity_id = $1 AND d.number = $2");
const NAMED: &str = select_deliveries!(
    "JOIN customer_identities i ON i.id = d.identity_id
     WHERE d.provider_id = $1 AND i.channel_key = $2"
);
const HANDED: &str = select_deliveries!(
    "WHERE d.identity_id = $1 AND d.handed_at <= $2 ORDER BY d.number DESC LIMIT $3"
);
const UNDELIVERED: &str = concat!(
    "SELECT CASE WHEN ",
    undelivered!("$1"),
    " THEN 1 ELSE 0 END AS undelivered"
);
const KNOWN: &str = "SELECT provider_id FROM deliveries
    WHERE provider_id IN (SELECT value FROM json_each($1)) AND provider_id IS NOT NULL";
const KNOWN_BEFORE: &str = "SELECT 1 FROM former_deliveries WHERE hash = $1";
const NAME_OF_ENTRY: &str =
    "SELECT entry_id, provider_id FROM deliveries WHERE entry_id = $1 AND provider_id IS NOT NULL";
const REMEMBER: &str =
    "INSERT INTO former_deliveries (hash, entry_id) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
const IDENTITY_INSERT: &str =
    "INSERT INTO customer_identities (id, channel_key, address) VALUES ($1, $2, $3)";
const IDENTITY_DELETE: &str = "DELETE FROM customer_identities WHERE id = $1";
const HEARD: &str =
    "UPDATE customer_identities SET heard_at = MAX(COALESCE(heard_at, $2), $2) WHERE id = $1";
const SET_STOPPED: &str = "UPDATE customer_identities SET stopped_at = $2 WHERE id = $1";
const NEXT_NUMBER: &str =
    "UPDATE customer_identities SET sent = sent + 1 WHERE id = $1 RETURNING sent";
const SET: &str = "INSERT INTO deliveries (entry_id, identity_id, number) VALUES ($1, $2, $3)
    ON CONFLICT (entry_id) DO UPDATE SET number = $3, provider_id = NULL, handed_at = NULL";
const SET_HANDED: &str = "UPDATE deliveries SET provider_id = $2, handed_at = $3, unsettled_since = NULL WHERE entry_id = $1";
const SET_UNSETTLED: &str =
    "UPDATE deliveries SET unsettled_since = COALESCE(unsettled_since, $2) WHERE entry_id = $1";
const SET_DELIVERY: &str =
    "UPDATE entries SET delivery = $2, delivery_reason = $3, delivery_code = $4 WHERE id = $1";

/// Remembers what a provider calls messages before it is forgotten: a hash that leads back to nobody.
pub(super) fn remember(connection: &Connection, names: &'static str, argument: &str) -> Stored<()> {
    let names = sql(names).bind(argument).fetch_all(connection)?;
    for row in &names {
        sql(REMEMBER)
            .bind(hashed(&text(row, "provider_id")?))
            .bind(text(row, "entry_id")?)
            .execute(connection)?;
    }
    Ok(())
}

fn hashed(provider_id: &str) -> Vec<u8> {
    Sha256::digest(provider_id.as_bytes()).to_vec()
}

fn read_identity(row: &Row) -> Stored<IdentityRow> {
    Ok(IdentityRow {
        id: text(row, "id")?,
        channel: id(row, "channel_key")?,
        address: text(row, "address")?,
        stopped_at: at_maybe(row, "stopped_at")?,
        text_limit: read_limit(row)?,
        answer_until: at_maybe(row, "answer_until")?,
    })
}

/// How far the message of an entry has come; nothing where no provider carries it, or only a later release knows.
pub(super) fn read_delivery(row: &Row) -> Stored<Option<Delivery>> {
    let state = text_maybe(row, "delivery")?;
    let Some(state) = state.and_then(|state| DeliveryState::from_code(&state)) else {
        return Ok(None);
    };
    let reason = text_maybe(row, "delivery_reason")?;
    Ok(Some(Delivery {
        state,
        reason: reason.and_then(|reason| DeliveryReason::from_code(&reason)),
        code: int_maybe(row, "delivery_code")?,
    }))
}

fn read(row: &Row) -> Stored<DeliveryRow> {
    Ok(DeliveryRow {
        entry: id(row, "entry_id")?,
        workitem: id(row, "workitem_id")?,
        customer_seq: int(row, "customer_seq")?,
        identity: text(row, "identity_id")?,
        number: int(row, "number")?,
        provider_id: text_maybe(row, "provider_id")?,
        unsettled_since: at_maybe(row, "unsettled_since")?,
        delivery: read_delivery(row)?
            .ok_or_else(|| StoreError::Storage("a delivery without a state".to_owned()))?,
    })
}

#[async_trait]
impl<R: Runner> DeliveryReads for Rows<R> {
    async fn identity_at(
        &mut self,
        channel: &ChannelKey,
        address: &str,
    ) -> Stored<Option<IdentityRow>> {
        self.quick(|connection| {
            let row = sql(IDENTITY_AT)
                .bind(channel.as_str())
                .bind(address)
                .fetch_optional(connection)?;
            row.as_ref().map(read_identity).transpose()
        })
    }

    async fn identity_known_as(
        &mut self,
        channel: &ChannelKey,
        user_id: &str,
    ) -> Stored<Option<IdentityRow>> {
        self.quick(|connection| {
            let row = sql(IDENTITY_KNOWN_AS)
                .bind(channel.as_str())
                .bind(user_id)
                .fetch_optional(connection)?;
            row.as_ref().map(read_identity).transpose()
        })
    }

    async fn identity_find(&mut self, identity: &str) -> Stored<Option<IdentityRow>> {
        self.quick(|connection| {
            let row = sql(IDENTITY).bind(identity).fetch_optional(connection)?;
            row.as_ref().map(read_identity).transpose()
        })
    }

    async fn identity_of_workitem(&mut self, workitem: &WorkitemId) -> Stored<Option<IdentityRow>> {
        self.quick(|connection| {
            let row = sql(IDENTITY_OF)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read_identity).transpose()
        })
    }

    async fn delivery_find(&mut self, entry: &EntryId) -> Stored<Option<DeliveryRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(entry.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn delivery_numbered(
        &mut self,
        identity: &str,
        number: i64,
    ) -> Stored<Option<DeliveryRow>> {
        self.quick(|connection| {
            let row = sql(NUMBERED)
                .bind(identity)
                .bind(number)
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn delivery_named(
        &mut self,
        channel: &ChannelKey,
        provider_id: &str,
    ) -> Stored<Option<DeliveryRow>> {
        self.quick(|connection| {
            let row = sql(NAMED)
                .bind(provider_id)
                .bind(channel.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn deliveries_handed(
        &mut self,
        identity: &str,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<DeliveryRow>> {
        self.quick(|connection| {
            let rows = sql(HANDED)
                .bind(identity)
                .bind(until.0)
                .bind(limit)
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn workitem_undelivered(&mut self, workitem: &WorkitemId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(UNDELIVERED)
                .bind(workitem.as_str())
                .fetch_one(connection)?;
            Ok(int(&row, "undelivered")? != 0)
        })
    }

    async fn provider_ids_known(&mut self, ids: &[String]) -> Stored<Vec<String>> {
        let argument = ids_argument(ids);
        self.quick(|connection| {
            let rows = sql(KNOWN).bind(argument).fetch_all(connection)?;
            let mut known = rows
                .iter()
                .map(|row| text(row, "provider_id"))
                .collect::<Stored<Vec<String>>>()?;
            for id in ids {
                let former = sql(KNOWN_BEFORE)
                    .bind(hashed(id))
                    .fetch_optional(connection)?;
                if former.is_some() {
                    known.push(id.clone());
                }
            }
            Ok(known)
        })
    }
}

#[async_trait]
impl DeliveryRows for Rows<Inline<'_>> {
    async fn identity_insert(
        &mut self,
        identity: &str,
        channel: &ChannelKey,
        address: &str,
    ) -> Stored<()> {
        sql(IDENTITY_INSERT)
            .bind(identity)
            .bind(channel.as_str())
            .bind(address)
            .execute(self.connection())?;
        Ok(())
    }

    async fn identity_set_known_as(&mut self, identity: &str, user_id: &str) -> Stored<()> {
        sql(SET_KNOWN_AS)
            .bind(identity)
            .bind(user_id)
            .execute(self.connection())?;
        Ok(())
    }

    async fn identity_delete(&mut self, identity: &str) -> Stored<()> {
        let connection = self.connection();
        sql(IDENTITY_DELETE).bind(identity).execute(connection)?;
        Ok(())
    }

    async fn identity_heard(&mut self, identity: &str, at: Timestamp) -> Stored<()> {
        sql(HEARD)
            .bind(identity)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn identity_set_stopped(&mut self, identity: &str, at: Option<Timestamp>) -> Stored<()> {
        sql(SET_STOPPED)
            .bind(identity)
            .bind(at.map(|at| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn identity_next_number(&mut self, identity: &str) -> Stored<i64> {
        let row = sql(NEXT_NUMBER)
            .bind(identity)
            .fetch_optional(self.connection())?;
        int(&row.ok_or(StoreError::NotFound)?, "sent")
    }

    async fn delivery_set(&mut self, entry: &EntryId, identity: &str, number: i64) -> Stored<()> {
        remember(self.connection(), NAME_OF_ENTRY, entry.as_str())?;
        sql(SET)
            .bind(entry.as_str())
            .bind(identity)
            .bind(number)
            .execute(self.connection())?;
        Ok(())
    }

    async fn delivery_set_handed(
        &mut self,
        entry: &EntryId,
        provider_id: &str,
        at: Option<Timestamp>,
    ) -> Stored<()> {
        sql(SET_HANDED)
            .bind(entry.as_str())
            .bind(provider_id)
            .bind(at.map(|at| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn delivery_set_unsettled(&mut self, entry: &EntryId, since: Timestamp) -> Stored<()> {
        sql(SET_UNSETTLED)
            .bind(entry.as_str())
            .bind(since.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn entry_set_delivery(&mut self, entry: &EntryId, delivery: &Delivery) -> Stored<()> {
        sql(SET_DELIVERY)
            .bind(entry.as_str())
            .bind(delivery.state.code())
            .bind(delivery.reason.map(DeliveryReason::code))
            .bind(delivery.code)
            .execute(self.connection())?;
        Ok(())
    }
}
