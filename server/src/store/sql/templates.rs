//! Assistance templates, in the administrators' order.

use async_trait::async_trait;
use shared::assistance::Template;
use shared::ids::TemplateId;

use super::rows::{flag, id, int, int_maybe, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{TemplateReads, TemplateRows};

const LIST: &str = "SELECT id, title, text, active, version, target_min FROM templates
    WHERE active >= $1 ORDER BY place, id";
const FIND: &str =
    "SELECT id, title, text, active, version, target_min FROM templates WHERE id = $1";
const CREATE: &str = "INSERT INTO templates (id, title, text, active, target_min, place)
    SELECT $1, $2, $3, $4, $5, COALESCE(MAX(place), 0) + 1 FROM templates";
const UPDATE: &str =
    "UPDATE templates SET title = $2, text = $3, active = $4, version = $5, target_min = $6
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
        target_min: int_maybe(row, "target_min")?,
    })
}

#[async_trait]
impl<R: Runner> TemplateReads for Rows<R> {
    async fn template_find(&mut self, template: &TemplateId) -> Stored<Option<Template>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(template.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn template_list(&mut self, active_only: bool) -> Stored<Vec<Template>> {
        self.slow(move |connection| {
            let rows = sql(LIST).bind(active_only).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn template_place(&mut self, template: &TemplateId) -> Stored<Option<i64>> {
        self.quick(|connection| {
            let row = sql(PLACE)
                .bind(template.as_str())
                .fetch_optional(connection)?;
            row.map(|row| int(&row, "place")).transpose()
        })
    }

    async fn template_beside(&mut self, place: i64, up: bool) -> Stored<Option<(TemplateId, i64)>> {
        self.quick(|connection| {
            let row = sql(if up { ABOVE } else { BELOW })
                .bind(place)
                .fetch_optional(connection)?;
            row.map(|row| Ok((id(&row, "id")?, int(&row, "place")?)))
                .transpose()
        })
    }
}

#[async_trait]
impl TemplateRows for Rows<Inline<'_>> {
    async fn template_insert(&mut self, template: &Template) -> Stored<()> {
        sql(CREATE)
            .bind(template.id.as_str())
            .bind(template.title.as_str())
            .bind(template.text.as_str())
            .bind(i64::from(template.active))
            .bind(template.target_min)
            .execute(self.connection())?;
        Ok(())
    }

    async fn template_set(&mut self, template: &Template) -> Stored<()> {
        sql(UPDATE)
            .bind(template.id.as_str())
            .bind(template.title.as_str())
            .bind(template.text.as_str())
            .bind(i64::from(template.active))
            .bind(template.version)
            .bind(template.target_min)
            .execute(self.connection())?;
        Ok(())
    }

    async fn template_set_place(&mut self, template: &TemplateId, place: i64) -> Stored<()> {
        sql(MOVE)
            .bind(template.as_str())
            .bind(place)
            .execute(self.connection())?;
        Ok(())
    }

    async fn template_delete(&mut self, template: &TemplateId) -> Stored<()> {
        sql(DELETE)
            .bind(template.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
