//! Rows of providers' channels and of their sealed secrets.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::channels::NamedValue;
use shared::ids::{ChannelKey, TeamId};
use shared::text::TextLimit;
use shared::time::Timestamp;

use super::rows::{at_maybe, blob, flag, id, int, int_maybe, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::rows::{ChannelReads, ChannelRows, ProviderChannelRow, SealedSecret};
use crate::store::{ChannelRecord, Stored};

macro_rules! select_channels {
    ($tail:literal) => {
        concat!(
            "SELECT c.key, c.kind, c.name, c.team_id, t.name AS team_name, c.address, c.settings, c.text_max,
                c.text_in_bytes, c.answer_window_us, c.active, c.version, c.heard_at
             FROM channels c JOIN teams t ON t.id = c.team_id ",
            $tail
        )
    };
}
const LIST: &str =
    select_channels!("WHERE c.kind <> 'chat' AND c.deleted_at IS NULL ORDER BY c.name, c.key");
const FIND: &str =
    select_channels!("WHERE c.key = $1 AND c.kind <> 'chat' AND c.deleted_at IS NULL");
const AT: &str = "SELECT key FROM channels WHERE kind = $1 AND address = $2 AND kind <> 'chat'";
const SECRETS_OF: &str =
    "SELECT channel_key, name, key_id, sealed FROM channel_secrets WHERE channel_key = $1
    ORDER BY name";
const SECRETS: &str =
    "SELECT channel_key, name, key_id, sealed FROM channel_secrets ORDER BY channel_key, name";
const UPDATE: &str =
    "UPDATE channels SET name = $3, team_id = $4, address = $5, settings = $6, text_max = $7,
    active = $8, version = $9, text_in_bytes = $11, answer_window_us = $12 WHERE key = $1 AND kind = $2";
const INSERT: &str = "INSERT INTO channels
    (key, kind, name, team_id, address, settings, text_max, active, version, created_at, text_in_bytes,
        answer_window_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const SECRET_SET: &str = "INSERT INTO channel_secrets (channel_key, name, key_id, sealed)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (channel_key, name) DO UPDATE SET key_id = $3, sealed = $4";
const SECRET_DELETE: &str = "DELETE FROM channel_secrets WHERE channel_key = $1 AND name = $2";
const HEARD: &str = "UPDATE channels SET heard_at = $2 WHERE key = $1";

fn read(row: &Row) -> Stored<ProviderChannelRow> {
    let settings: BTreeMap<String, String> = json(row, "settings")?;
    let settings = settings.into_iter();
    Ok(ProviderChannelRow {
        key: id(row, "key")?,
        kind: text(row, "kind")?,
        name: text(row, "name")?,
        team: id::<TeamId>(row, "team_id")?,
        team_name: text(row, "team_name")?,
        address: text(row, "address")?,
        settings: settings
            .map(|(name, value)| NamedValue { name, value })
            .collect(),
        text_limit: read_limit(row)?,
        answer_window: int_maybe(row, "answer_window_us")?,
        active: flag(row, "active")?,
        version: int(row, "version")?,
        heard_at: at_maybe(row, "heard_at")?,
    })
}

/// The longest message of a channel.
pub(super) fn read_limit(row: &Row) -> Stored<TextLimit> {
    Ok(TextLimit {
        max: int(row, "text_max")?,
        in_bytes: flag(row, "text_in_bytes")?,
    })
}

fn read_secret(row: &Row) -> Stored<SealedSecret> {
    Ok(SealedSecret {
        channel: id(row, "channel_key")?,
        name: text(row, "name")?,
        key_id: text(row, "key_id")?,
        sealed: blob(row, "sealed")?,
    })
}

#[async_trait]
impl<R: Runner> ChannelReads for Rows<R> {
    async fn provider_channel_list(&mut self) -> Stored<Vec<ProviderChannelRow>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn provider_channel_find(
        &mut self,
        channel: &ChannelKey,
    ) -> Stored<Option<ProviderChannelRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(channel.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn provider_channel_at(
        &mut self,
        kind: &str,
        address: &str,
    ) -> Stored<Option<ChannelKey>> {
        self.quick(|connection| {
            let row = sql(AT)
                .bind(kind)
                .bind(address)
                .fetch_optional(connection)?;
            row.map(|row| id(&row, "key")).transpose()
        })
    }

    async fn channel_secrets_of(&mut self, channel: &ChannelKey) -> Stored<Vec<SealedSecret>> {
        self.quick(|connection| {
            let rows = sql(SECRETS_OF)
                .bind(channel.as_str())
                .fetch_all(connection)?;
            rows.iter().map(read_secret).collect()
        })
    }

    async fn channel_secrets_list(&mut self) -> Stored<Vec<SealedSecret>> {
        self.quick(|connection| {
            let rows = sql(SECRETS).fetch_all(connection)?;
            rows.iter().map(read_secret).collect()
        })
    }
}

#[async_trait]
impl ChannelRows for Rows<Inline<'_>> {
    async fn provider_channel_set(
        &mut self,
        row: &ProviderChannelRow,
        at: Timestamp,
    ) -> Stored<()> {
        debug_assert_ne!(row.kind, ChannelRecord::CHAT);
        let settings = row.settings.iter();
        let settings: BTreeMap<&str, &str> = settings
            .map(|setting| (setting.name.as_str(), setting.value.as_str()))
            .collect();
        let settings = serde_json::to_string(&settings)?;
        // Not as one upsert: SQLite would look for everything that points to the channel.
        for statement in [UPDATE, INSERT] {
            let written = sql(statement)
                .bind(row.key.as_str())
                .bind(row.kind.as_str())
                .bind(row.name.as_str())
                .bind(row.team.as_str())
                .bind(row.address.as_str())
                .bind(settings.as_str())
                .bind(row.text_limit.max)
                .bind(i64::from(row.active))
                .bind(row.version)
                .bind(at.0)
                .bind(i64::from(row.text_limit.in_bytes))
                .bind(row.answer_window)
                .execute(self.connection())?;
            if written > 0 {
                break;
            }
        }
        Ok(())
    }

    async fn channel_secret_set(&mut self, secret: &SealedSecret) -> Stored<()> {
        sql(SECRET_SET)
            .bind(secret.channel.as_str())
            .bind(secret.name.as_str())
            .bind(secret.key_id.as_str())
            .bind(secret.sealed.as_slice())
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_secret_delete(&mut self, channel: &ChannelKey, name: &str) -> Stored<()> {
        sql(SECRET_DELETE)
            .bind(channel.as_str())
            .bind(name)
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_heard(&mut self, channel: &ChannelKey, at: Timestamp) -> Stored<()> {
        sql(HEARD)
            .bind(channel.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
