//! Keys of commands that were carried out.

use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::time::Timestamp;

use crate::store::Stored;

/// What is kept of a command beside its sender and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// Its name.
    pub kind: String,
    /// Of what was asked for. `None` for rows of releases that kept only the kind.
    pub digest: Option<Vec<u8>>,
    /// What finds the first answer again, as JSON.
    pub answer: String,
}

/// Reads of commands.
#[async_trait]
pub trait CommandReads: Send {
    /// The command that this sender carried out under this key.
    async fn command_find(&mut self, sender: &str, key: &CommandKey) -> Stored<Option<CommandRow>>;
}

/// Writes of commands.
#[async_trait]
pub trait CommandRows: Send {
    /// Keeps a command.
    async fn command_insert(
        &mut self,
        sender: &str,
        key: &CommandKey,
        at: Timestamp,
        row: &CommandRow,
    ) -> Stored<()>;
}
