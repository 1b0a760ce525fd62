//! Texts that people keep to use again.

use async_trait::async_trait;
use shared::ids::{SavedTextId, TeamId, UserId};
use shared::saved_texts::{SavedFor, SavedText, SavedTextTeam};

use super::rows::{code, id, id_maybe, ids_argument, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{SavedTextHolder, SavedTextReads, SavedTextRows};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT s.id, s.written_for, s.owner_id, s.team_id, t.name AS team_name, s.title, s.text, s.version
             FROM saved_texts s LEFT JOIN teams t ON t.id = s.team_id ",
            $tail
        )
    };
}
const FIND: &str = select!("WHERE s.id = $1");
const LIST: &str = select!(
    "WHERE s.owner_id = $1
        OR (s.team_id IN (SELECT value FROM json_each($2)) AND t.deleted_at IS NULL)
     ORDER BY s.id"
);
const COUNT_OF_USER: &str = "SELECT COUNT(*) AS count FROM saved_texts WHERE owner_id = $1";
const COUNT_OF_TEAM: &str = "SELECT COUNT(*) AS count FROM saved_texts WHERE team_id = $1";
const INSERT: &str =
    "INSERT INTO saved_texts (id, written_for, owner_id, team_id, title, text, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET: &str = "UPDATE saved_texts SET title = $2, text = $3, version = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM saved_texts WHERE id = $1";

fn read(row: &Row) -> Stored<SavedText> {
    let team: Option<TeamId> = id_maybe(row, "team_id")?;
    let team = match team {
        Some(id) => Some(SavedTextTeam {
            id,
            name: text(row, "team_name")?,
        }),
        None => None,
    };
    Ok(SavedText {
        id: id(row, "id")?,
        written_for: code(row, "written_for", SavedFor::from_code)?,
        team,
        title: text(row, "title")?,
        text: text(row, "text")?,
        version: int(row, "version")?,
    })
}

#[async_trait]
impl<R: Runner> SavedTextReads for Rows<R> {
    async fn saved_text_find(
        &mut self,
        text: &SavedTextId,
    ) -> Stored<Option<(SavedText, Option<UserId>)>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(text.as_str()).fetch_optional(connection)?;
            row.map(|row| Ok((read(&row)?, id_maybe(&row, "owner_id")?)))
                .transpose()
        })
    }

    async fn saved_text_list(
        &mut self,
        owner: &UserId,
        teams: &[TeamId],
    ) -> Stored<Vec<SavedText>> {
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

    async fn saved_text_count(&mut self, of: SavedTextHolder<'_>) -> Stored<i64> {
        self.quick(|connection| {
            let count = match of {
                SavedTextHolder::User(user) => sql(COUNT_OF_USER).bind(user.as_str()),
                SavedTextHolder::Team(team) => sql(COUNT_OF_TEAM).bind(team.as_str()),
            };
            int(&count.fetch_one(connection)?, "count")
        })
    }
}

#[async_trait]
impl SavedTextRows for Rows<Inline<'_>> {
    async fn saved_text_insert(&mut self, text: &SavedText, of: SavedTextHolder<'_>) -> Stored<()> {
        let (owner, team) = match of {
            SavedTextHolder::User(user) => (Some(user.as_str()), None),
            SavedTextHolder::Team(team) => (None, Some(team.as_str())),
        };
        sql(INSERT)
            .bind(text.id.as_str())
            .bind(text.written_for.code())
            .bind(owner)
            .bind(team)
            .bind(text.title.as_str())
            .bind(text.text.as_str())
            .bind(text.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn saved_text_set(&mut self, text: &SavedText) -> Stored<()> {
        sql(SET)
            .bind(text.id.as_str())
            .bind(text.title.as_str())
            .bind(text.text.as_str())
            .bind(text.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn saved_text_delete(&mut self, text: &SavedTextId) -> Stored<()> {
        sql(DELETE).bind(text.as_str()).execute(self.connection())?;
        Ok(())
    }
}
