//! What an identity provider says of users and nobody else asks for.

use async_trait::async_trait;
use shared::fold::identified;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::Stored;

/// A user of whom an identity provider has said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedRow {
    /// Who.
    pub user: UserId,
    /// What the provider calls them.
    pub name: String,
    /// The provider's own id of them.
    pub external_id: Option<String>,
    /// When the provider deleted them.
    pub removed_at: Option<Timestamp>,
}

/// A provider's name as it is compared: its case does not matter (RFC 7643, 4.1.1), nor how it is composed.
pub fn provider_key(name: &str) -> String {
    identified(name)
}

/// Reads of what an identity provider said.
#[async_trait]
pub trait ProvisioningReads: Send {
    /// All rows.
    async fn provisioned_list(&mut self) -> Stored<Vec<ProvisionedRow>>;
    /// What was said of a user.
    async fn provisioned_find(&mut self, user: &UserId) -> Stored<Option<ProvisionedRow>>;
    /// Whom this name stands for: of those of whom nothing was said it is the username, unless they were deleted.
    async fn provisioned_named(&mut self, name: &str) -> Stored<Vec<UserId>>;
}

/// Writes of what an identity provider said.
#[async_trait]
pub trait ProvisioningRows: Send {
    /// Stores what was said of a user, in the place of what stood there.
    async fn provisioned_set(&mut self, row: &ProvisionedRow) -> Stored<()>;
    /// Takes the mark from a user whom the provider deleted.
    async fn provisioned_restore(&mut self, user: &UserId) -> Stored<()>;
    /// Forgets what was said of a user.
    async fn provisioned_delete(&mut self, user: &UserId) -> Stored<()>;
}
