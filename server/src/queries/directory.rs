//! Pages of a direct conversation, and the requests that wait for a user.

use shared::directory::{DirectoryMessage, DirectoryPage};
use shared::ids::UserId;

use crate::commands::rights;
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
    for message in messages.iter_mut().filter(|message| message.to.id == *user) {
        rights::mark_unreadable(rows, message).await?;
    }
    Ok(DirectoryPage { messages, older })
}

/// The raised hands to a user that nobody has settled and that the user has not dismissed, oldest first.
pub async fn requests_waiting(
    rows: &mut dyn Snapshot,
    user: &UserId,
) -> Stored<Vec<DirectoryMessage>> {
    let mut waiting = rows.requests_open_to(user).await?;
    for message in &mut waiting {
        rights::mark_unreadable(rows, message).await?;
    }
    Ok(waiting)
}
