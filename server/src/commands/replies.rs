//! What an agent answers to those who coach, and that they have seen it. Nothing here writes anything that a customer can see.

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::{Action, WorkitemAct, can};
use shared::text::ReplyText;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Sent};

use super::coaching::coachable;
use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::{entries, rights, workitems};
use crate::store::rows::{NewEntry, WorkitemRow};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Appends an agent's reply to those who coach. `NobodyCoaches` where no supervisor could read it. Touches nothing of the
/// customer's, no waiting clock, and settles no request: the agent asked it.
#[derive(Clone, Debug)]
pub struct CoachingReply {
    /// In which workitem; it must be active or in wrap-up.
    pub workitem: WorkitemId,
    /// Its agent.
    pub agent: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// What is said.
    pub text: ReplyText,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CoachingReply {
    type Answer = Sent;
    const NAME: &'static str = "coaching_reply";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let content = (&self.workitem, self.text.as_str());
        let key = IdempotencyKey::of_user(&self.agent.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let row = workitems::load_of(rows, &self.workitem, &self.agent.id).await?;
        coachable(&row.workitem)?;
        let readers = readers(rows, &row).await?;
        if readers.is_empty() {
            return Err(StoreError::Conflict(ConflictCause::NobodyCoaches));
        }
        let mut changes = Vec::new();
        let sent = entries::append(rows, &self.workitem, self.line(), &mut changes).await?;
        for reader in readers {
            rows.reply_address(&self.entry, &reader).await?;
            changes.push(Change::Replies(reader));
        }
        let event = Event::coached(&self.workitem, &self.entry);
        events::report(rows, &event, self.at, &mut changes).await?;
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

impl CoachingReply {
    fn line(&self) -> NewEntry {
        let body = EntryBody::CoachingReply {
            agent: self.agent.id.clone(),
            name: self.agent.name.clone(),
            text: self.text.clone().into(),
            seen: Vec::new(),
        };
        NewEntry::of_staff(self.entry.clone(), self.at, &self.agent, body)
    }
}

/// Those who are there now and those who have coached here, as long as they may follow the workitem.
async fn readers(rows: &mut dyn Snapshot, row: &WorkitemRow) -> Stored<Vec<UserId>> {
    let mut coaches = rows.coaching_authors(&row.workitem.id).await?;
    coaches.extend(row.workitem.monitors.iter().map(|who| who.id.clone()));
    coaches.sort();
    coaches.dedup();
    let facts = row.facts();
    let mut readers = Vec::new();
    for coach in coaches {
        let actor = rows.actor_find(&coach).await?;
        let follow = Action::Workitem(WorkitemAct::Monitor, &facts);
        if actor.is_some_and(|actor| can(&actor, follow).is_ok()) {
            readers.push(coach);
        }
    }
    Ok(readers)
}

/// What replies in a workitem say, or who may read them, is about to change: those for whom they wait are shown them again.
pub(super) async fn show_again(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let readers = rows.replies_wait_for(workitem).await?;
    changes.extend(readers.into_iter().map(Change::Replies));
    Ok(())
}

/// A supervisor has had the replies of a workitem in front of them, up to an entry. What was seen stays seen. Of somebody of
/// whom the agent is not notified nothing is noted.
#[derive(Clone, Debug)]
pub struct CoachingReplySeen {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Who.
    pub supervisor: UserId,
    /// The number of the last entry that was seen.
    pub through: i64,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for CoachingReplySeen {
    type Answer = ();
    const NAME: &'static str = "coaching_reply_seen";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (workitem, supervisor) = (&self.workitem, &self.supervisor);
        let row = rows.workitem_find(workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, supervisor, WorkitemAct::Monitor, &row).await?;
        if (row.workitem.unannounced.iter()).any(|who| who.id == *supervisor) {
            return Ok(Written::unchanged(()));
        }
        let seen = rows
            .replies_set_seen(workitem, supervisor, self.through, self.at)
            .await?;
        if seen.is_empty() {
            return Ok(Written::unchanged(()));
        }
        let mut changes = Vec::new();
        for entry in &seen {
            entries::touch(rows, workitem, entry, &mut changes).await?;
        }
        changes.push(Change::Replies(supervisor.clone()));
        Ok(Written { value: (), changes })
    }
}
