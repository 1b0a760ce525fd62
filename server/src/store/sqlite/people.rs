//! Rows of users with their roles and teams.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::people::{Actor, PersonRef, Presence};

use super::rows::{code, person};
use super::runner::{Rows, Runner};
use super::sessions;
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::PeopleReads;

const SUPERVISORS: &str = "SELECT DISTINCT u.id, u.name, u.presence
    FROM team_members m
    JOIN team_supervisors s ON s.team_id = m.team_id
    JOIN users u ON u.id = s.user_id AND u.active = 1
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'supervisor'
    WHERE m.user_id = $1 AND u.id <> $1
    ORDER BY lower(u.name), u.id";

#[async_trait]
impl<R: Runner> PeopleReads for Rows<R> {
    async fn actor_find(&mut self, user: &UserId) -> Stored<Option<Actor>> {
        self.quick(|connection| sessions::load_actor(connection, user))
    }

    async fn supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<(PersonRef, Presence)>> {
        let agent = agent.clone();
        self.slow(move |connection| {
            let rows = sql(SUPERVISORS)
                .bind(agent.as_str())
                .fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((person(row)?, code(row, "presence", Presence::from_code)?)))
                .collect()
        })
        .await
    }
}
