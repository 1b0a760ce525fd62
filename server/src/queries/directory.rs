//! Pages of a direct conversation.

use shared::directory::DirectoryPage;
use shared::ids::UserId;

use crate::store::{Snapshot, StoreError, Stored};

/// How many messages a page holds.
const PAGE: i64 = 50;

/// The newest page of a conversation, or the one before number `before`. `NotFound` when there is no such person.
pub async fn directory_page(
    rows: &mut dyn Snapshot,
    user: &UserId,
    with: &UserId,
    before: Option<i64>,
) -> Stored<DirectoryPage> {
    let person = rows.person_find(with, false).await?;
    person.ok_or(StoreError::NotFound)?;
    let before = before.unwrap_or(i64::MAX);
    let last = rows.directory_messages(user, with, before, PAGE + 1);
    let mut messages = last.await?;
    let older = messages.len() as i64 > PAGE;
    if older {
        messages.pop();
    }
    messages.reverse();
    Ok(DirectoryPage { messages, older })
}
