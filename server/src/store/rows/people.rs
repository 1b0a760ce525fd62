//! Users with their roles and teams.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::people::{Actor, PersonRef, Presence};

use crate::store::Stored;

/// Reads of people.
#[async_trait]
pub trait PeopleReads: Send {
    /// The user with roles and teams; `None` when there is none or they are deactivated.
    async fn actor_find(&mut self, user: &UserId) -> Stored<Option<Actor>>;
    /// The username of somebody whose name an active user has as well.
    async fn username_of_namesake(&mut self, user: &UserId) -> Stored<Option<String>>;
    /// The active supervisors of an agent, by name, with the presence that they chose.
    async fn supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<(PersonRef, Presence)>>;
}
