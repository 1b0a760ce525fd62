//! Idempotency keys: a command that is repeated under its key gets the first answer again, however old it is.
//!
//! Read and written in the transaction of the command, so that no repeat can pass in between. Nothing is
//! ever deleted here, so a row is small: beside the key it holds a digest of what was asked for, and of what became part
//! of a conversation only where it stands.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::delivery::{Delivery, DeliveryState};
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Sent};

use crate::store::rows::CommandRow;
use crate::store::{CommandContext, Snapshot, StoreError, Stored, Transaction};

/// How much of the digest is kept: enough that no two commands of one sender ever share it by chance.
const DIGEST: usize = 16;

/// The key of one command of one sender.
pub(super) struct IdempotencyKey {
    sender: String,
    key: CommandKey,
    kind: &'static str,
    digest: Vec<u8>,
}

fn sender_of(user: &UserId) -> String {
    format!("user/{user}")
}

/// Whether the user has carried out a command under this key.
pub(crate) async fn known(
    rows: &mut dyn Snapshot,
    user: &UserId,
    key: &CommandKey,
) -> Stored<bool> {
    let row = rows.command_find(&sender_of(user), key).await?;
    Ok(row.is_some())
}

impl IdempotencyKey {
    /// For a command of somebody who is signed in. `content` is everything that they decided; never a password, whose
    /// digest would be easier to guess than the hash that is stored of it.
    pub(super) fn of_user(
        user: &UserId,
        key: &CommandKey,
        kind: &'static str,
        content: &impl Serialize,
    ) -> Stored<Self> {
        Self::of(sender_of(user), key, kind, content)
    }

    /// For a command with its context; without an actor it is the operator's.
    pub(super) fn in_context(
        context: &CommandContext,
        kind: &'static str,
        content: &impl Serialize,
    ) -> Stored<Self> {
        let sender = context
            .actor
            .as_ref()
            .map_or_else(|| "operator".to_owned(), sender_of);
        Self::of(sender, &context.key, kind, content)
    }

    /// For a command of somebody else; the sender's text begins with a word that says on which way it came.
    pub(super) fn of(
        sender: String,
        key: &CommandKey,
        kind: &'static str,
        content: &impl Serialize,
    ) -> Stored<Self> {
        let content = serde_json::to_vec(content)?;
        Ok(Self {
            sender,
            key: key.clone(),
            kind,
            digest: Sha256::digest(content)[..DIGEST].to_vec(),
        })
    }

    /// The first answer, if the command was carried out before. `Conflict` when the key was used for something else.
    pub(super) async fn first_answer<T: DeserializeOwned>(
        &self,
        rows: &mut dyn Snapshot,
    ) -> Stored<Option<T>> {
        let Some(row) = rows.command_find(&self.sender, &self.key).await? else {
            return Ok(None);
        };
        // The release before kept only the kind.
        let same = row.digest.is_none_or(|digest| digest == self.digest);
        if !same || row.kind != self.kind {
            return Err(StoreError::Conflict(ConflictCause::KeyReused));
        }
        Ok(Some(serde_json::from_str(&row.answer)?))
    }

    /// Remembers the answer.
    pub(super) async fn keep<T: Serialize>(
        &self,
        rows: &mut dyn Transaction,
        at: Timestamp,
        answer: &T,
    ) -> Stored<()> {
        let row = CommandRow {
            kind: self.kind.to_owned(),
            digest: Some(self.digest.clone()),
            answer: serde_json::to_string(answer)?,
        };
        rows.command_insert(&self.sender, &self.key, at, &row).await
    }

    /// The first answer of a command that appended an entry to this workitem.
    pub(super) async fn first_sent(
        &self,
        rows: &mut dyn Snapshot,
        workitem: &WorkitemId,
    ) -> Stored<Option<Sent>> {
        let (entry, rev) = match self.first_answer(rows).await? {
            None => return Ok(None),
            Some(KeptSent::Whole(sent)) => return Ok(Some(*sent)),
            Some(KeptSent::At(entry, rev)) => (entry, rev),
        };
        let row = rows.entry_find(&entry).await?;
        let mut entry = row.ok_or(StoreError::NotFound)?.entry;
        // As it was when it was said.
        match &mut entry.body {
            EntryBody::Coaching {
                reaction,
                reaction_by,
                forwarded_at,
                seen_at,
                ..
            } => {
                *reaction = None;
                *reaction_by = None;
                *forwarded_at = None;
                *seen_at = None;
            }
            EntryBody::CoachingReply { seen, .. } => seen.clear(),
            EntryBody::Message {
                delivery: Some(delivery),
                ..
            } => *delivery = Delivery::of(DeliveryState::Queued),
            _ => {}
        }
        Ok(Some(Sent {
            workitem: workitem.clone(),
            rev,
            entry,
        }))
    }

    /// Remembers where the entry stands.
    pub(super) async fn keep_sent(
        &self,
        rows: &mut dyn Transaction,
        at: Timestamp,
        sent: &Sent,
    ) -> Stored<()> {
        let kept = KeptSent::At(sent.entry.id.clone(), sent.rev);
        self.keep(rows, at, &kept).await
    }
}

/// What is kept of a [`Sent`].
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptSent {
    /// The entry, and the revision that it had at first.
    At(EntryId, i64),
    /// As the release before kept it.
    Whole(Box<Sent>),
}
