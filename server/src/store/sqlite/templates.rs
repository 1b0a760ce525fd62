//! Assistance templates, in the administrators' order.

use shared::assistance::Template;
use shared::ids::{CommandKey, TemplateId};
use shared::time::Timestamp;

use super::SqliteStore;
use super::commands::Command;
use super::rows::{flag, id, int, text, unchanged};
use super::statement::{Connection, Row, sql};
use crate::store::{Change, StoreError, Stored, Written};

const LIST: &str = "SELECT id, title, text, active FROM templates
    WHERE active >= $1 ORDER BY place, id";
const FIND: &str = "SELECT id, title, text, active FROM templates WHERE id = $1";
const CREATE: &str = "INSERT INTO templates (id, title, text, active, place)
    SELECT $1, $2, $3, $4, COALESCE(MAX(place), 0) + 1 FROM templates";
const UPDATE: &str = "UPDATE templates SET title = $2, text = $3, active = $4 WHERE id = $1";
const PLACE: &str = "SELECT place FROM templates WHERE id = $1";
const ABOVE: &str = "SELECT id, place FROM templates WHERE place < $1 ORDER BY place DESC LIMIT 1";
const BELOW: &str = "SELECT id, place FROM templates WHERE place > $1 ORDER BY place LIMIT 1";
const MOVE: &str = "UPDATE templates SET place = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM templates WHERE id = $1";

fn read(row: &Row) -> Stored<Template> {
    Ok(Template {
        id: id(row, "id")?,
        title: text(row, "title")?,
        text: text(row, "text")?,
        active: flag(row, "active")?,
    })
}

fn changed<T>(value: T) -> Written<T> {
    Written {
        value,
        changes: vec![Change::Assistance],
    }
}

/// A template.
pub(super) fn find(connection: &Connection, template: &TemplateId) -> Stored<Option<Template>> {
    sql(FIND)
        .bind(template.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(read)
        .transpose()
}

/// See the trait.
pub(super) async fn template_list(store: &SqliteStore, active_only: bool) -> Stored<Vec<Template>> {
    store
        .read(move |connection| {
            let rows = sql(LIST).bind(active_only).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
}

/// See the trait.
pub(super) async fn template_create(
    store: &SqliteStore,
    template: Template,
    key: CommandKey,
    now: Timestamp,
) -> Stored<Written<Template>> {
    store
        .write(move |connection| {
            let command = Command::of("templates".to_owned(), &key, "template_create");
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            sql(CREATE)
                .bind(template.id.as_str())
                .bind(template.title.as_str())
                .bind(template.text.as_str())
                .bind(i64::from(template.active))
                .execute(connection)?;
            command.keep(connection, now, &template)?;
            Ok(changed(template))
        })
        .await
}

/// See the trait.
pub(super) async fn template_update(
    store: &SqliteStore,
    template: Template,
    _now: Timestamp,
) -> Stored<Written<Template>> {
    store
        .write(move |connection| {
            let updated = sql(UPDATE)
                .bind(template.id.as_str())
                .bind(template.title.as_str())
                .bind(template.text.as_str())
                .bind(i64::from(template.active))
                .execute(connection)?;
            match updated {
                0 => Err(StoreError::NotFound),
                _ => Ok(changed(template)),
            }
        })
        .await
}

/// See the trait. At the end of the list nothing happens.
pub(super) async fn template_move(
    store: &SqliteStore,
    template: &TemplateId,
    up: bool,
) -> Stored<Written<()>> {
    let template = template.clone();
    store
        .write(move |connection| swap(connection, template, up))
        .await
}

fn swap(connection: &Connection, template: TemplateId, up: bool) -> Stored<Written<()>> {
    let row = sql(PLACE)
        .bind(template.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    let place = int(&row, "place")?;
    let neighbour = sql(if up { ABOVE } else { BELOW })
        .bind(place)
        .fetch_optional(connection)?;
    let Some(neighbour) = neighbour else {
        return Ok(unchanged(()));
    };
    let moves = [
        (text(&neighbour, "id")?, place),
        (String::from(template), int(&neighbour, "place")?),
    ];
    for (template, place) in moves {
        sql(MOVE).bind(template).bind(place).execute(connection)?;
    }
    Ok(changed(()))
}

/// See the trait.
pub(super) async fn template_delete(
    store: &SqliteStore,
    template: &TemplateId,
) -> Stored<Written<()>> {
    let template = template.clone();
    store
        .write(move |connection| {
            let deleted = sql(DELETE).bind(template.as_str()).execute(connection)?;
            match deleted {
                0 => Err(StoreError::NotFound),
                _ => Ok(changed(())),
            }
        })
        .await
}
