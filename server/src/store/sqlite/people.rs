//! Rows of users with their roles and teams.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::people::{Actor, PersonRef, Presence};

use super::runner::{Rows, Runner};
use super::{assistance, sessions};
use crate::store::Stored;
use crate::store::rows::PeopleReads;

#[async_trait]
impl<R: Runner> PeopleReads for Rows<R> {
    async fn actor_find(&mut self, user: &UserId) -> Stored<Option<Actor>> {
        self.quick(|connection| sessions::load_actor(connection, user))
    }

    async fn supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<(PersonRef, Presence)>> {
        let agent = agent.clone();
        self.slow(move |connection| assistance::supervisors(connection, &agent))
            .await
    }
}
