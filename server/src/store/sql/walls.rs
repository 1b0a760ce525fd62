//! Links to walls.

use async_trait::async_trait;
use shared::ids::WallId;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::walls::Wall;

use super::names::shown_name;
use super::rows::{at, at_maybe, id, ids_argument, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{WallReads, WallRows};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT w.id, w.name, w.teams, w.created_by, ",
            shown_name!("u"),
            " AS created_by_name, w.created_at, w.last_used_at, w.revoked_at
             FROM walls w JOIN users u ON u.id = w.created_by ",
            $tail
        )
    };
}
const FIND: &str = select!("WHERE w.id = $1");
const OF_HASH: &str = select!("WHERE w.hash = $1");
const LIST: &str = select!("ORDER BY w.created_at DESC, w.id DESC");
const INSERT: &str = "INSERT INTO walls (id, hash, name, teams, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const SET_REVOKED: &str = "UPDATE walls SET revoked_at = $2 WHERE id = $1";
const SET_USED: &str =
    "UPDATE walls SET last_used_at = $2 WHERE id = $1 AND COALESCE(last_used_at, 0) < $2";

fn read(row: &Row) -> Stored<Wall> {
    Ok(Wall {
        id: id(row, "id")?,
        name: text(row, "name")?,
        teams: json(row, "teams")?,
        created_by: PersonRef {
            id: id(row, "created_by")?,
            name: text(row, "created_by_name")?,
        },
        created_at: at(row, "created_at")?,
        last_used_at: at_maybe(row, "last_used_at")?,
        revoked_at: at_maybe(row, "revoked_at")?,
    })
}

#[async_trait]
impl<R: Runner> WallReads for Rows<R> {
    async fn wall_find(&mut self, wall: &WallId) -> Stored<Option<Wall>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(wall.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn wall_of(&mut self, hash: &str) -> Stored<Option<Wall>> {
        self.quick(|connection| {
            let row = sql(OF_HASH).bind(hash).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn wall_list(&mut self) -> Stored<Vec<Wall>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }
}

#[async_trait]
impl WallRows for Rows<Inline<'_>> {
    async fn wall_insert(&mut self, wall: &Wall, hash: &str) -> Stored<()> {
        sql(INSERT)
            .bind(wall.id.as_str())
            .bind(hash)
            .bind(wall.name.as_str())
            .bind(ids_argument(&wall.teams))
            .bind(wall.created_by.id.as_str())
            .bind(wall.created_at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn wall_set_revoked(&mut self, wall: &WallId, at: Timestamp) -> Stored<()> {
        sql(SET_REVOKED)
            .bind(wall.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn wall_set_used(&mut self, wall: &WallId, at: Timestamp) -> Stored<()> {
        sql(SET_USED)
            .bind(wall.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
