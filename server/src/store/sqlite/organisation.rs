//! What an administrator sets for the whole organisation.

use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::organisation::{OrganisationEdit, OrganisationSettings, SettingChange};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;

use super::commands::Command;
use super::rows::{int, json, text, unchanged};
use super::runner::{Rows, Runner};
use super::statement::{Connection, sql};
use super::{SqliteStore, audit, rights};
use crate::store::rows::OrganisationReads;
use crate::store::{StoreError, Stored, Written};

const LOAD: &str = "SELECT settings, version FROM organisation WHERE one = 1";
const SAVE: &str = "UPDATE organisation SET settings = $1, version = $2 WHERE one = 1";
const CHANGE_ADD: &str =
    "INSERT INTO organisation_changes (version, settings, by_id, at) VALUES ($1, $2, $3, $4)";
const CHANGE_FIND: &str = "SELECT settings FROM organisation_changes WHERE version = $1";
const CHANGED_BY: &str = "SELECT u.name FROM organisation_changes c JOIN users u ON u.id = c.by_id
    WHERE c.version = $1";

#[async_trait]
impl<R: Runner> OrganisationReads for Rows<R> {
    async fn organisation_find(&mut self) -> Stored<OrganisationEdit> {
        self.quick(edited)
    }
}

fn edited(connection: &Connection) -> Stored<OrganisationEdit> {
    let row = sql(LOAD).fetch_one(connection)?;
    Ok(OrganisationEdit {
        settings: json(&row, "settings")?,
        version: int(&row, "version")?,
    })
}

/// See the trait.
pub(super) async fn organisation_load(store: &SqliteStore) -> Stored<OrganisationEdit> {
    store.look(edited)
}

/// See the trait.
pub(super) async fn organisation_save(
    store: &SqliteStore,
    actor: &PersonRef,
    version: i64,
    changes: &[SettingChange],
    key: CommandKey,
    now: Timestamp,
) -> Stored<Written<OrganisationEdit>> {
    let (actor, changes) = (actor.clone(), changes.to_vec());
    store
        .write(move |connection| save(connection, &actor, version, &changes, &key, now))
        .await
}

fn save(
    connection: &Connection,
    actor: &PersonRef,
    version: i64,
    changes: &[SettingChange],
    key: &CommandKey,
    now: Timestamp,
) -> Stored<Written<OrganisationEdit>> {
    let content = (version, changes);
    let command = Command::of_user(&actor.id, key, "organisation_save", &content)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask(connection, &actor.id, Action::OrganisationManage)?;
    let before = edited(connection)?;
    if before.version != version {
        return Err(overtaken(connection, version, &before)?);
    }
    let settings = (before.settings.changed(changes)).map_err(|refused| StoreError::Invalid {
        field: refused.field,
        reason: refused.reason,
    })?;
    let after = OrganisationEdit {
        version: before.version + i64::from(settings != before.settings),
        settings,
    };
    if after.version != before.version {
        let text = serde_json::to_string(&after.settings)?;
        sql(SAVE)
            .bind(text.as_str())
            .bind(after.version)
            .execute(connection)?;
        sql(CHANGE_ADD)
            .bind(after.version)
            .bind(text.as_str())
            .bind(actor.id.as_str())
            .bind(now.0)
            .execute(connection)?;
        let about = before.settings.differences(&after.settings).join("; ");
        audit::note(
            connection,
            Some(&actor.id),
            "organisation_save",
            &about,
            now,
        )?;
    }
    command.keep(connection, now, &after)?;
    Ok(unchanged(after))
}

/// Somebody saved since this edit began: who, and what is different now.
fn overtaken(
    connection: &Connection,
    version: i64,
    present: &OrganisationEdit,
) -> Stored<StoreError> {
    let base = match version {
        0 => Some(OrganisationSettings::default()),
        _ => sql(CHANGE_FIND)
            .bind(version)
            .fetch_optional(connection)?
            .map(|row| json(&row, "settings"))
            .transpose()?,
    };
    let by = sql(CHANGED_BY)
        .bind(present.version)
        .fetch_optional(connection)?
        .map(|row| text(&row, "name"))
        .transpose()?;
    let by = by.as_deref().unwrap_or("Somebody else");
    let differences = base.map(|base| base.differences(&present.settings));
    let what = match differences {
        Some(lines) if !lines.is_empty() => format!(" {}.", lines.join("; ")),
        _ => String::new(),
    };
    Ok(StoreError::Conflict(format!(
        "{by} changed these settings in the meantime.{what} Nothing of yours was saved."
    )))
}
