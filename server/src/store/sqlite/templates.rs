//! Assistance templates, in the administrators' order.

use shared::assistance::Template;
use shared::ids::TemplateId;
use shared::policy::Action;

use super::commands::Command;
use super::edits::{Difference, NOT_SAVED, edited_meanwhile, quoted};
use super::rows::{flag, id, int, text, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, audit, rights};
use crate::store::{Change, CommandContext, StoreError, Stored, Written};

const LIST: &str = "SELECT id, title, text, active, version FROM templates
    WHERE active >= $1 ORDER BY place, id";
const FIND: &str = "SELECT id, title, text, active, version FROM templates WHERE id = $1";
const CREATE: &str = "INSERT INTO templates (id, title, text, active, place)
    SELECT $1, $2, $3, $4, COALESCE(MAX(place), 0) + 1 FROM templates";
const UPDATE: &str = "UPDATE templates SET title = $2, text = $3, active = $4, version = $5
    WHERE id = $1";
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
        version: int(row, "version")?,
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
    context: CommandContext,
) -> Stored<Written<Template>> {
    store
        .write(move |connection| create(connection, template, context))
        .await
}

fn create(
    connection: &Connection,
    template: Template,
    context: CommandContext,
) -> Stored<Written<Template>> {
    let content = (&template.title, &template.text, template.active);
    let command = Command::in_context(&context, "template_create", &content)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &context, Action::TemplateManage)?;
    sql(CREATE)
        .bind(template.id.as_str())
        .bind(template.title.as_str())
        .bind(template.text.as_str())
        .bind(i64::from(template.active))
        .execute(connection)?;
    audit::act(
        connection,
        &context,
        "template_create",
        template.id.as_str(),
    )?;
    command.keep(connection, context.at, &template)?;
    Ok(changed(template))
}

/// See the trait.
pub(super) async fn template_update(
    store: &SqliteStore,
    template: Template,
    context: CommandContext,
) -> Stored<Written<Template>> {
    store
        .write(move |connection| update(connection, template, context))
        .await
}

fn update(
    connection: &Connection,
    template: Template,
    context: CommandContext,
) -> Stored<Written<Template>> {
    let command = Command::in_context(&context, "template_update", &template)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &context, Action::TemplateManage)?;
    let stored = find(connection, &template.id)?.ok_or(StoreError::NotFound)?;
    let differences = differences(&stored, &template);
    if !differences.is_empty() && stored.version != template.version {
        let id = template.id.as_str();
        return Err(edited_meanwhile(
            connection,
            id,
            "template_update",
            &differences,
            NOT_SAVED,
        )?);
    }
    let after = Template {
        version: stored.version + i64::from(!differences.is_empty()),
        ..template
    };
    sql(UPDATE)
        .bind(after.id.as_str())
        .bind(after.title.as_str())
        .bind(after.text.as_str())
        .bind(i64::from(after.active))
        .bind(after.version)
        .execute(connection)?;
    audit::act(connection, &context, "template_update", after.id.as_str())?;
    command.keep(connection, context.at, &after)?;
    Ok(changed(after))
}

fn differences(stored: &Template, wanted: &Template) -> Vec<Difference> {
    let on_or_off = |active: &bool| if *active { "now on" } else { "now off" }.to_owned();
    [
        Difference::of("Title", &stored.title, &wanted.title, quoted),
        Difference::of("Message", &stored.text, &wanted.text, quoted),
        Difference::of("Active", &stored.active, &wanted.active, on_or_off),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// See the trait. At the end of the list nothing happens.
pub(super) async fn template_move(
    store: &SqliteStore,
    template: &TemplateId,
    up: bool,
    context: CommandContext,
) -> Stored<Written<()>> {
    let template = template.clone();
    store
        .write(move |connection| {
            let command = Command::in_context(&context, "template_move", &(&template, up))?;
            if command.first_answer::<()>(connection)?.is_some() {
                return Ok(unchanged(()));
            }
            rights::ask_for(connection, &context, Action::TemplateManage)?;
            audit::act(connection, &context, "template_move", template.as_str())?;
            command.keep(connection, context.at, &())?;
            swap(connection, template, up)
        })
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
    version: Option<i64>,
    context: CommandContext,
) -> Stored<Written<()>> {
    let template = template.clone();
    store
        .write(move |connection| delete(connection, template, version, context))
        .await
}

fn delete(
    connection: &Connection,
    template: TemplateId,
    version: Option<i64>,
    context: CommandContext,
) -> Stored<Written<()>> {
    let command = Command::in_context(&context, "template_delete", &(&template, version))?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    rights::ask_for(connection, &context, Action::TemplateManage)?;
    let stored = find(connection, &template)?.ok_or(StoreError::NotFound)?;
    if version.is_some_and(|seen| seen != stored.version) {
        let (id, kept) = (template.as_str(), "It is not deleted.");
        return Err(edited_meanwhile(
            connection,
            id,
            "template_update",
            &[],
            kept,
        )?);
    }
    sql(DELETE).bind(template.as_str()).execute(connection)?;
    audit::act(connection, &context, "template_delete", template.as_str())?;
    command.keep(connection, context.at, &())?;
    Ok(changed(()))
}
