//! Notes: what staff write down in a workitem for each other. Nothing here writes anything that a customer can see.

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::policy::WorkitemAct;
use shared::text::NoteText;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Sent};
use shared::workitem::WorkitemState;

use super::keys::IdempotencyKey;
use super::{entries, rights};
use crate::store::rows::NewEntry;
use crate::store::{Command, StoreError, Stored, Transaction, Written};

/// Appends a note of somebody who works on a workitem or has authority over it. Touches nothing of the customer's and no
/// waiting clock.
#[derive(Clone, Debug)]
pub struct NoteAppend {
    /// In which workitem; it must not be closed.
    pub workitem: WorkitemId,
    /// Who writes it.
    pub author: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// What is noted.
    pub text: NoteText,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for NoteAppend {
    type Answer = Sent;
    const NAME: &'static str = "note_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let content = (&self.workitem, self.text.as_str());
        let key = IdempotencyKey::of_user(&self.author.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.author.id, WorkitemAct::Note, &row).await?;
        if row.workitem.state == WorkitemState::Closed {
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        let mut changes = Vec::new();
        let line = note((self.entry.clone(), self.at), &self.author, &self.text);
        let sent = entries::append(rows, &self.workitem, line, &mut changes).await?;
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

/// The line of a note of a member of staff.
pub(super) fn note(
    (entry, at): (EntryId, Timestamp),
    author: &PersonRef,
    text: &NoteText,
) -> NewEntry {
    let notice = Notice::Note {
        by: author.name.clone(),
        text: text.as_str().to_owned(),
        author: Some(author.id.clone()),
    };
    NewEntry::of_staff(entry, at, author, EntryBody::Notice(notice))
}
