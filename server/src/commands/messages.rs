//! What an agent says to a customer.

use shared::customer::CustomerBody;
use shared::ids::EntryId;
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody, Sent};
use shared::workitem::{Workitem, WorkitemState};

use super::entries;
use crate::store::rows::NewEntry;
use crate::store::{Change, StoreError, Stored, Transaction};

/// How many characters of the last message a list shows.
pub(crate) const PREVIEW: usize = 120;

/// The beginning of a text on one line: at most `max` characters, blanks and line breaks become one blank.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(max).collect()
}

/// Whether an agent can say something in it now.
pub(super) fn answerable(workitem: &Workitem) -> Stored<()> {
    let reason = if workitem.state != WorkitemState::Active {
        "The conversation has ended."
    } else if !workitem.channel.coachable() {
        "Calls and mails are answered in their own system."
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict(reason.to_owned()))
}

/// What an agent is about to say.
pub(super) struct OutgoingMessage {
    pub(super) entry: EntryId,
    pub(super) at: Timestamp,
    pub(super) text: MessageText,
}

/// Appends an agent's message to the customer's view and to the staff's log. The workitem's row changes with
/// [`answered`], after everything else that the command writes to the log.
pub(super) async fn append(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    agent: &PersonRef,
    message: &OutgoingMessage,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let (id, at) = (&workitem.id, message.at);
    let theirs = CustomerBody::Theirs {
        name: agent.name.clone(),
        text: message.text.clone(),
    };
    let frame = rows.customer_frame_append(id, at, theirs).await?;
    let body = EntryBody::Message {
        author: Author::Agent,
        name: agent.name.clone(),
        text: message.text.clone().into(),
    };
    let (entry, author) = (message.entry.clone(), Some(agent.id.clone()));
    let new = NewEntry::message(entry, at, author, body, frame.seq);
    let sent = entries::append(rows, id, new, changes).await?;
    changes.push(Change::Customer {
        id: id.clone(),
        frame,
    });
    Ok(sent)
}

/// The agent has answered: nobody waits any more, and everything is read.
pub(super) async fn answered(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    message: &OutgoingMessage,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let preview = one_line(message.text.as_str(), PREVIEW);
    let answered = rows.workitem_set_answered(&workitem.id, message.at, &preview);
    let rev = answered.await?;
    let after = Workitem {
        waiting_since: None,
        unread: 0,
        last_activity_at: message.at,
        preview,
        ..workitem.clone()
    };
    entries::push_workitem(&after, rev, changes);
    Ok(())
}
