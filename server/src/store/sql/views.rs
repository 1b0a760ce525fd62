//! Views of the dashboard, and what it keeps for somebody.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, ViewId};
use shared::people::PersonRef;
use shared::views::{DashboardChoice, DashboardView};

use super::names::shown_name;
use super::rows::{id, id_maybe, ids_argument, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{ViewReads, ViewRows};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT v.id, v.name, v.filter, v.team_id, v.owner_id, ",
            shown_name!("u"),
            " AS owner_name, v.version FROM dashboard_views v JOIN users u ON u.id = v.owner_id ",
            $tail
        )
    };
}
const FIND: &str = select!("WHERE v.id = $1");
const LIST: &str = select!(
    "WHERE v.owner_id = $1 OR v.team_id IN (SELECT value FROM json_each($2)) ORDER BY v.id"
);
const COUNT: &str = "SELECT COUNT(*) AS count FROM dashboard_views WHERE owner_id = $1";
const QUEUED: &str = "SELECT t.id, COUNT(w.id) AS queued
    FROM teams t LEFT JOIN workitems w ON w.team_id = t.id AND w.state = 'queued'
    WHERE t.deleted_at IS NULL GROUP BY t.id";
const CHOICE: &str = "SELECT view_id, hidden FROM dashboard_choices WHERE user_id = $1";
const INSERT: &str = "INSERT INTO dashboard_views (id, owner_id, team_id, name, filter, version)
    VALUES ($1, $2, $3, $4, $5, $6)";
const SET: &str =
    "UPDATE dashboard_views SET team_id = $2, name = $3, filter = $4, version = $5 WHERE id = $1";
const DELETE: &str = "DELETE FROM dashboard_views WHERE id = $1";
const CHOICE_SET: &str =
    "INSERT INTO dashboard_choices (user_id, view_id, hidden) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET view_id = excluded.view_id, hidden = excluded.hidden";

fn read(row: &Row) -> Stored<DashboardView> {
    Ok(DashboardView {
        id: id(row, "id")?,
        name: text(row, "name")?,
        filter: text(row, "filter")?,
        team: id_maybe(row, "team_id")?,
        by: PersonRef {
            id: id(row, "owner_id")?,
            name: text(row, "owner_name")?,
        },
        version: int(row, "version")?,
    })
}

#[async_trait]
impl<R: Runner> ViewReads for Rows<R> {
    async fn view_find(&mut self, view: &ViewId) -> Stored<Option<DashboardView>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(view.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn view_list(&mut self, owner: &UserId, teams: &[TeamId]) -> Stored<Vec<DashboardView>> {
        let (owner, teams) = (owner.clone(), ids_argument(teams));
        self.slow(move |connection| {
            let rows = sql(LIST)
                .bind(owner.as_str())
                .bind(teams)
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn view_count(&mut self, owner: &UserId) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(COUNT).bind(owner.as_str()).fetch_one(connection)?;
            int(&row, "count")
        })
    }

    async fn queued_counts(&mut self) -> Stored<Vec<(TeamId, i64)>> {
        self.slow(|connection| {
            let rows = sql(QUEUED).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, int(row, "queued")?)))
                .collect()
        })
        .await
    }

    async fn dashboard_choice(&mut self, user: &UserId) -> Stored<DashboardChoice> {
        self.quick(|connection| {
            let row = sql(CHOICE).bind(user.as_str()).fetch_optional(connection)?;
            Ok(match row {
                Some(row) => DashboardChoice {
                    view: id_maybe(&row, "view_id")?,
                    hidden: text(&row, "hidden")?,
                },
                None => DashboardChoice::default(),
            })
        })
    }
}

#[async_trait]
impl ViewRows for Rows<Inline<'_>> {
    async fn view_insert(&mut self, view: &DashboardView) -> Stored<()> {
        sql(INSERT)
            .bind(view.id.as_str())
            .bind(view.by.id.as_str())
            .bind(view.team.as_ref().map(TeamId::as_str))
            .bind(view.name.as_str())
            .bind(view.filter.as_str())
            .bind(view.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn view_set(&mut self, view: &DashboardView) -> Stored<()> {
        sql(SET)
            .bind(view.id.as_str())
            .bind(view.team.as_ref().map(TeamId::as_str))
            .bind(view.name.as_str())
            .bind(view.filter.as_str())
            .bind(view.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn view_delete(&mut self, view: &ViewId) -> Stored<()> {
        sql(DELETE).bind(view.as_str()).execute(self.connection())?;
        Ok(())
    }

    async fn dashboard_choice_set(
        &mut self,
        user: &UserId,
        choice: &DashboardChoice,
    ) -> Stored<()> {
        sql(CHOICE_SET)
            .bind(user.as_str())
            .bind(choice.view.as_ref().map(ViewId::as_str))
            .bind(choice.hidden.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
