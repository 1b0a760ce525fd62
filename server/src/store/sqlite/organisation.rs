//! What an administrator sets for the whole organisation.

use shared::organisation::OrganisationSettings;

use super::SqliteStore;
use super::rows::json;
use super::statement::{Connection, sql};
use crate::store::Stored;

const LOAD: &str = "SELECT settings FROM organisation WHERE one = 1";

/// The settings, for a transaction that rests on them.
pub(super) fn load(connection: &Connection) -> Stored<OrganisationSettings> {
    json(&sql(LOAD).fetch_one(connection)?, "settings")
}

/// See the trait.
pub(super) async fn organisation_load(store: &SqliteStore) -> Stored<OrganisationSettings> {
    store.look(load)
}
