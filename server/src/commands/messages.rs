//! What an agent says to a customer, and what the agent has read.

use async_trait::async_trait;
use shared::customer::CustomerBody;
use shared::delivery::{Delivery, DeliveryState};
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody, Sent};
use shared::workitem::{Workitem, WorkitemState};

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::message_content::MessageContent;
use super::{deliveries, entries, workitems};
use crate::store::rows::{NewEntry, WorkitemRow};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// How many characters of the last message a list shows.
pub(crate) const PREVIEW: usize = 120;

/// Appends an agent's message, with its files: to the customer's view and to the staff's. Stops the waiting clock.
#[derive(Clone, Debug)]
pub struct MessageAppend {
    /// In which workitem; it must be active, and its agent must still be `agent`.
    pub workitem: WorkitemId,
    /// Who answers.
    pub agent: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// What is said. `Invalid { field: "file" }` for a file that its customer cannot get.
    pub content: MessageContent,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for MessageAppend {
    type Answer = Sent;
    const NAME: &'static str = "message_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let said = (&self.workitem, self.content.told_apart());
        let key = IdempotencyKey::of_user(&self.agent.id, &self.key, Self::NAME, &said)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let row = workitems::load_of(rows, &self.workitem, &self.agent.id).await?;
        self.content.carried_by(row.workitem.channel)?;
        answerable(&row.workitem)?;
        let message = OutgoingMessage {
            author: Author::Agent,
            entry: self.entry.clone(),
            at: self.at,
            content: self.content.clone(),
        };
        let mut changes = Vec::new();
        let sent = append(rows, &row, &self.agent, message, &mut changes).await?;
        changes.push(Change::Agent(self.agent.id.clone()));
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

/// Moves the agent's read mark forward, never back, and marks the coaching up to there as seen. Lists change only when
/// the number of unread messages or of unseen coaching does.
#[derive(Clone, Debug)]
pub struct WorkitemRead {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Its agent.
    pub agent: UserId,
    /// The number of the last entry that was read.
    pub through: i64,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for WorkitemRead {
    type Answer = ();
    const NAME: &'static str = "workitem_read";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let workitem = &self.workitem;
        let row = workitems::load_of(rows, workitem, &self.agent).await?;
        let through = self.through.min(row.last_entry);
        let mut changes = Vec::new();
        let mut news = false;
        if row.workitem.coaching_unseen > 0 {
            let seen = rows.coaching_set_seen(workitem, through, self.at).await?;
            for entry in &seen {
                entries::touch(rows, workitem, entry, &mut changes).await?;
            }
            news = !seen.is_empty();
        }
        if through > row.read_through {
            let unread = rows.workitem_set_read(workitem, through).await?;
            news |= unread != row.workitem.unread;
        }
        if !news {
            return Ok(Written::unchanged(()));
        }
        entries::touch_workitem(rows, workitem, &mut changes).await?;
        changes.push(Change::Agent(self.agent.clone()));
        Ok(Written { value: (), changes })
    }
}

/// Whether staff can say something to its customer now.
pub(super) fn answerable(workitem: &Workitem) -> Stored<()> {
    let cause = if workitem.state == WorkitemState::Queued {
        ConflictCause::NobodyHasIt
    } else if workitem.state != WorkitemState::Active {
        ConflictCause::ConversationEnded
    } else if !workitem.channel.coachable() {
        ConflictCause::AnsweredElsewhere
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict(cause))
}

/// What somebody is about to say to a customer.
pub(super) struct OutgoingMessage {
    /// The agent, or a supervisor beside them.
    pub(super) author: Author,
    pub(super) entry: EntryId,
    pub(super) at: Timestamp,
    pub(super) content: MessageContent,
}

/// Appends a message to the customer's view and to the staff's log, and queues it where a provider carries it. The customer has an
/// answer: nobody waits any more. An agent who answers has read everything; a supervisor reads nothing for them.
///
/// `row` is the workitem as it is now: nothing was written to its log since it was read.
pub(super) async fn append(
    rows: &mut dyn Transaction,
    row: &WorkitemRow,
    who: &PersonRef,
    message: OutgoingMessage,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let OutgoingMessage {
        author,
        entry,
        at,
        content,
    } = message;
    let (workitem, place) = (&row.workitem, row.next_entry());
    let id = &workitem.id;
    let (text, files) = (content.text.clone(), content.shown());
    let carried = deliveries::carried_to(rows, workitem, text.as_ref(), at).await?;
    let theirs = CustomerBody::Theirs {
        name: who.name.clone(),
        text: text.clone(),
        files: files.clone(),
    };
    let frame = rows.customer_frame_append(id, at, theirs).await?;
    content.insert_files(rows, id, frame.seq).await?;
    let (preview, read) = (content.in_one_line(PREVIEW), author == Author::Agent);
    rows.workitem_set_answered(id, at, &preview, read).await?;
    let queued = Delivery::of(DeliveryState::Queued);
    let body = EntryBody::Message {
        author,
        name: who.name.clone(),
        text: text.map_or_else(String::new, String::from),
        files,
        delivery: carried.as_ref().map(|_| queued),
    };
    let new = NewEntry::message(entry, at, Some(who.id.clone()), body, frame.seq);
    let sent = entries::insert(rows, id, place, new, changes).await?;
    if let Some(identity) = carried {
        deliveries::queue(rows, &identity, &sent.entry.id, at).await?;
    }
    events::report(rows, &Event::message(id, frame.seq), at, changes).await?;
    changes.push(Change::Customer {
        id: id.clone(),
        frame,
    });
    let after = Workitem {
        waiting_since: None,
        unread: if read { 0 } else { workitem.unread },
        last_activity_at: at,
        preview,
        ..workitem.clone()
    };
    entries::push_workitem(&after, place.rev + 1, changes);
    Ok(sent)
}
