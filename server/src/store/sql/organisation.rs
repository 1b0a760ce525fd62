//! What an administrator sets for the whole organisation.

use async_trait::async_trait;
use serde_json::Value;
use shared::ids::UserId;
use shared::organisation::{OrganisationEdit, OrganisationSettings};
use shared::time::Timestamp;

use super::names::shown_name;
use super::rows::{int, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, sql};
use crate::store::Stored;
use crate::store::rows::{OrganisationReads, OrganisationRows};

const LOAD: &str = "SELECT settings, version FROM organisation WHERE one = 1";
const SAVE: &str = "UPDATE organisation SET settings = $1, version = $2 WHERE one = 1";
const CHANGE_ADD: &str =
    "INSERT INTO organisation_changes (version, settings, by_id, at) VALUES ($1, $2, $3, $4)";
const CHANGE_FIND: &str = "SELECT settings FROM organisation_changes WHERE version = $1";
const CHANGED_BY: &str = concat!(
    "SELECT ",
    shown_name!("u"),
    " AS name FROM organisation_changes c JOIN users u ON u.id = c.by_id
    WHERE c.version = $1"
);

#[async_trait]
impl<R: Runner> OrganisationReads for Rows<R> {
    async fn organisation_find(&mut self) -> Stored<OrganisationEdit> {
        self.quick(edited)
    }

    async fn organisation_at(&mut self, version: i64) -> Stored<Option<OrganisationSettings>> {
        self.quick(|connection| {
            let row = sql(CHANGE_FIND).bind(version).fetch_optional(connection)?;
            row.map(|row| json(&row, "settings")).transpose()
        })
    }

    async fn organisation_saved_by(&mut self, version: i64) -> Stored<Option<String>> {
        self.quick(|connection| {
            let row = sql(CHANGED_BY).bind(version).fetch_optional(connection)?;
            row.map(|row| text(&row, "name")).transpose()
        })
    }
}

#[async_trait]
impl OrganisationRows for Rows<Inline<'_>> {
    async fn organisation_set(
        &mut self,
        edit: &OrganisationEdit,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()> {
        let connection = self.connection();
        let row = sql(LOAD).fetch_one(connection)?;
        let before: OrganisationSettings = json(&row, "settings")?;
        let (before, after) = (
            serde_json::to_value(before)?,
            serde_json::to_value(&edit.settings)?,
        );
        let settings = laid_over(json(&row, "settings")?, &before, after).to_string();
        sql(SAVE)
            .bind(settings.as_str())
            .bind(edit.version)
            .execute(connection)?;
        sql(CHANGE_ADD)
            .bind(edit.version)
            .bind(settings.as_str())
            .bind(by.as_str())
            .bind(at.0)
            .execute(connection)?;
        Ok(())
    }
}

/// What changed from `before` to `after`, laid over what is stored. What only a later release knows is in neither, and stays.
fn laid_over(stored: Value, before: &Value, after: Value) -> Value {
    match (stored, before, after) {
        (stored, before, after) if *before == after => stored,
        (Value::Object(mut stored), Value::Object(before), Value::Object(after)) => {
            for (name, is) in after {
                let is = match (stored.remove(&name), before.get(&name)) {
                    (Some(stored), Some(was)) => laid_over(stored, was, is),
                    _ => is,
                };
                stored.insert(name, is);
            }
            Value::Object(stored)
        }
        (_, _, after) => after,
    }
}

pub(super) fn edited(connection: &Connection) -> Stored<OrganisationEdit> {
    let row = sql(LOAD).fetch_one(connection)?;
    Ok(OrganisationEdit {
        settings: json(&row, "settings")?,
        version: int(&row, "version")?,
    })
}
