//! Labels, and which workitem has which.

use async_trait::async_trait;
use shared::fold::folded;
use shared::ids::{LabelId, TeamId, WorkitemId};
use shared::labels::{Label, LabelKind, LabelRef};

use super::rows::{code, id, id_maybe, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{LabelReads, LabelRows};

const FIND: &str = "SELECT id, kind, name, team_id, active, version FROM labels
    WHERE id = $1 AND deleted_at IS NULL";
const LIST: &str = "SELECT id, kind, name, team_id, active, version FROM labels
    WHERE deleted_at IS NULL ORDER BY kind, name_key, id";
const NAMES: &str = "SELECT id, name FROM labels ORDER BY id";
const OFFERED: &str = "SELECT id, kind, name FROM labels
    WHERE active = 1 AND deleted_at IS NULL AND (team_id IS NULL OR team_id = $1)
    ORDER BY kind, name_key, id";
const NAME_TAKEN: &str =
    "SELECT EXISTS (SELECT 1 FROM labels WHERE kind = $1 AND name_key = $2 AND id <> $4
        AND deleted_at IS NULL AND ($3 IS NULL OR team_id IS NULL OR team_id = $3)) AS taken";
const INSERT: &str = "INSERT INTO labels (id, kind, name, name_key, team_id, active, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET: &str =
    "UPDATE labels SET name = $2, name_key = $3, active = $4, version = $5 WHERE id = $1";
const PUT: &str = "INSERT INTO workitem_labels (workitem_id, label_id, team_id, started_at)
    SELECT w.id, $2, w.team_id, w.started_at FROM workitems w WHERE w.id = $1 ON CONFLICT DO NOTHING";
const TAKE: &str = "DELETE FROM workitem_labels WHERE workitem_id = $1 AND label_id = $2";

fn read(row: &Row) -> Stored<Label> {
    Ok(Label {
        id: id(row, "id")?,
        kind: code(row, "kind", LabelKind::from_code)?,
        name: text(row, "name")?,
        team: id_maybe(row, "team_id")?,
        active: int(row, "active")? == 1,
        version: int(row, "version")?,
    })
}

#[async_trait]
impl<R: Runner> LabelReads for Rows<R> {
    async fn label_find(&mut self, label: &LabelId) -> Stored<Option<Label>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(label.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn label_list(&mut self) -> Stored<Vec<Label>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn label_names(&mut self) -> Stored<Vec<(LabelId, String)>> {
        self.quick(|connection| {
            let rows = sql(NAMES).fetch_all(connection)?;
            let named = |row: &Row| -> Stored<(LabelId, String)> {
                Ok((id(row, "id")?, text(row, "name")?))
            };
            rows.iter().map(named).collect()
        })
    }

    async fn labels_offered(&mut self, team: &TeamId) -> Stored<Vec<LabelRef>> {
        self.quick(|connection| {
            let rows = sql(OFFERED).bind(team.as_str()).fetch_all(connection)?;
            let label = |row: &Row| {
                Ok(LabelRef {
                    kind: code(row, "kind", LabelKind::from_code)?,
                    name: text(row, "name")?,
                    id: id(row, "id")?,
                })
            };
            rows.iter().map(label).collect()
        })
    }

    async fn label_name_taken(&mut self, label: &Label) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(NAME_TAKEN)
                .bind(label.kind.code())
                .bind(folded(&label.name))
                .bind(label.team.as_ref().map(TeamId::as_str))
                .bind(label.id.as_str())
                .fetch_one(connection)?;
            Ok(int(&row, "taken")? == 1)
        })
    }
}

#[async_trait]
impl LabelRows for Rows<Inline<'_>> {
    async fn label_insert(&mut self, label: &Label) -> Stored<()> {
        sql(INSERT)
            .bind(label.id.as_str())
            .bind(label.kind.code())
            .bind(label.name.as_str())
            .bind(folded(&label.name))
            .bind(label.team.as_ref().map(TeamId::as_str))
            .bind(i64::from(label.active))
            .bind(label.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn label_set(&mut self, label: &Label) -> Stored<()> {
        sql(SET)
            .bind(label.id.as_str())
            .bind(label.name.as_str())
            .bind(folded(&label.name))
            .bind(i64::from(label.active))
            .bind(label.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn label_put(&mut self, workitem: &WorkitemId, label: &LabelId) -> Stored<()> {
        sql(PUT)
            .bind(workitem.as_str())
            .bind(label.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn label_take(&mut self, workitem: &WorkitemId, label: &LabelId) -> Stored<()> {
        sql(TAKE)
            .bind(workitem.as_str())
            .bind(label.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
