//! Rows of users with their roles and teams.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::people::{Actor, BuiltRole, PersonRef, Presence, Role};

use super::custom_roles::permissions;
use super::names::{has_namesake, shown_name};
use super::rows::{id, json, person, presence, text};
use super::runner::{Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::PeopleReads;

/// In no order: SQLite would make a table for each of the lists, each time.
macro_rules! select_actors {
    ($columns:literal, $tail:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " u.id, u.name, u.username,
                (SELECT json_group_array(json_array(r.place, r.role)) FROM user_roles r
                 WHERE r.user_id = u.id) AS roles,
                (SELECT json_group_array(json_array(r.role, c.permissions, c.more_permissions)) FROM user_roles r
                 JOIN custom_roles c ON c.id = r.custom_id WHERE r.user_id = u.id) AS built,
                (SELECT json_group_array(m.team_id) FROM team_members m
                 WHERE m.user_id = u.id) AS member_of,
                (SELECT json_group_array(s.team_id) FROM team_supervisors s
                 WHERE s.user_id = u.id) AS supervises
             FROM ",
            $tail
        )
    };
}
pub(super) use select_actors;

const ACTOR: &str = select_actors!("", "users u WHERE u.id = $1 AND u.active = 1");
const NAMESAKE: &str = concat!(
    "SELECT u.username FROM users u WHERE u.id = $1 AND ",
    has_namesake!("u")
);
const SUPERVISORS: &str = concat!(
    "SELECT DISTINCT u.id, ",
    shown_name!("u"),
    " AS name, u.presence, u.name_key
    FROM team_members m
    JOIN team_supervisors s ON s.team_id = m.team_id
    JOIN users u ON u.id = s.user_id AND u.active = 1
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'supervisor'
    WHERE m.user_id = $1 AND u.id <> $1
    ORDER BY u.name_key, u.id"
);

/// A user from the columns of `select_actors`.
pub(super) fn actor(row: &Row) -> Stored<Actor> {
    Ok(Actor {
        id: id(row, "id")?,
        name: text(row, "name")?,
        username: text(row, "username")?,
        roles: roles(row)?,
        member_of: teams(row, "member_of")?,
        supervises: teams(row, "supervises")?,
        built: built(row)?,
    })
}

/// The roles of the user, the first one first, without those that only a later release knows.
fn roles(row: &Row) -> Stored<Vec<Role>> {
    let mut placed: Vec<(i64, String)> = json(row, "roles")?;
    placed.sort_by_key(|(place, _)| *place);
    let roles = placed.iter().map(|(_, role)| Role::from_code(role));
    Ok(roles.flatten().collect())
}

/// Teams of the user, by id.
fn teams(row: &Row, column: &str) -> Stored<Vec<TeamId>> {
    let mut teams: Vec<TeamId> = json(row, column)?;
    teams.sort();
    Ok(teams)
}

/// What administrators made of the roles of the user.
fn built(row: &Row) -> Stored<Vec<BuiltRole>> {
    let roles: Vec<(Role, String, String)> = json(row, "built")?;
    let role = |(kind, known, later): (Role, String, String)| {
        let permissions = permissions(&known, &later)?;
        Ok(BuiltRole { kind, permissions })
    };
    roles.into_iter().map(role).collect()
}

#[async_trait]
impl<R: Runner> PeopleReads for Rows<R> {
    async fn actor_find(&mut self, user: &UserId) -> Stored<Option<Actor>> {
        self.quick(|connection| {
            let row = sql(ACTOR).bind(user.as_str()).fetch_optional(connection)?;
            row.as_ref().map(actor).transpose()
        })
    }

    async fn username_of_namesake(&mut self, user: &UserId) -> Stored<Option<String>> {
        self.quick(|connection| {
            let row = sql(NAMESAKE)
                .bind(user.as_str())
                .fetch_optional(connection)?;
            row.map(|row| text(&row, "username")).transpose()
        })
    }

    async fn supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<(PersonRef, Presence)>> {
        let agent = agent.clone();
        self.slow(move |connection| {
            let rows = sql(SUPERVISORS)
                .bind(agent.as_str())
                .fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((person(row)?, presence(row)?)))
                .collect()
        })
        .await
    }
}
