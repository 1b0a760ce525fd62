//! What an administrator sets for the whole organisation.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::organisation::{OrganisationEdit, OrganisationSettings};
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of the organisation.
#[async_trait]
pub trait OrganisationReads: Send {
    /// The settings and their version.
    async fn organisation_find(&mut self) -> Stored<OrganisationEdit>;
    /// The settings as they were at a version that somebody saved.
    async fn organisation_at(&mut self, version: i64) -> Stored<Option<OrganisationSettings>>;
    /// The name of the user who saved a version.
    async fn organisation_saved_by(&mut self, version: i64) -> Stored<Option<String>>;
}

/// Writes of the organisation.
#[async_trait]
pub trait OrganisationRows: Send {
    /// Sets the settings and their version, and keeps them as what this version was.
    async fn organisation_set(
        &mut self,
        edit: &OrganisationEdit,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()>;
}
