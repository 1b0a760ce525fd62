//! Texts that people keep to use again.

use async_trait::async_trait;
use shared::ids::{SavedTextId, TeamId, UserId};
use shared::saved_texts::SavedText;

use crate::store::Stored;

/// Whose a saved text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedTextHolder<'a> {
    /// One person's own.
    User(&'a UserId),
    /// A team's.
    Team(&'a TeamId),
}

/// Reads of saved texts.
#[async_trait]
pub trait SavedTextReads: Send {
    /// A saved text, with its owner when it is somebody's own.
    async fn saved_text_find(
        &mut self,
        text: &SavedTextId,
    ) -> Stored<Option<(SavedText, Option<UserId>)>>;
    /// Somebody's own texts and those of teams.
    async fn saved_text_list(&mut self, owner: &UserId, teams: &[TeamId])
    -> Stored<Vec<SavedText>>;
    /// How many there are of one person or team.
    async fn saved_text_count(&mut self, of: SavedTextHolder<'_>) -> Stored<i64>;
}

/// Writes of saved texts.
#[async_trait]
pub trait SavedTextRows: Send {
    /// Inserts one.
    async fn saved_text_insert(&mut self, text: &SavedText, of: SavedTextHolder<'_>) -> Stored<()>;
    /// Sets title, text and version.
    async fn saved_text_set(&mut self, text: &SavedText) -> Stored<()>;
    /// Deletes one.
    async fn saved_text_delete(&mut self, text: &SavedTextId) -> Stored<()>;
}
