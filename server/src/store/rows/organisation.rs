//! What an administrator sets for the whole organisation.

use async_trait::async_trait;
use shared::organisation::OrganisationEdit;

use crate::store::Stored;

/// Reads of the organisation.
#[async_trait]
pub trait OrganisationReads: Send {
    /// The settings and their version.
    async fn organisation_find(&mut self) -> Stored<OrganisationEdit>;
}
