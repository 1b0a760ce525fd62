//! What customers do: a message begins or continues a workitem; a customer ends it, or is forgotten.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::customer::{CustomerBody, CustomerFrame};
use shared::error::ConflictCause;
use shared::ids::{ChannelKey, CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody};
use shared::workitem::{Channel, Workitem};

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::message_content::{MessageContent, NewFile};
use super::messages::PREVIEW;
use super::{entries, files, states, workitems};
use crate::store::rows::{NewEntry, NewWorkitem, WorkitemRow};
use crate::store::{
    Change, ChannelRecord, Command, CustomerSent, CustomerVisit, Snapshot, StoreError, Stored,
    Transaction, Written,
};

/// How often the time of a channel's last message is written, in microseconds. Every message would change a row that all
/// customers of the channel read.
const HEARD_EVERY_US: i64 = 60_000_000;
/// The longest subject that is made from a first message, in characters.
const SUBJECT: usize = 60;

/// What a customer writes on a chat page. Appends it; begins (queues) a workitem where none is open, unless the channel's
/// queue is as long as it may be. Starts the waiting clock. `NotFound` for a visitor who was forgotten.
#[derive(Clone, Debug)]
pub struct CustomerSend {
    /// The chat channel.
    pub channel: ChannelKey,
    /// Hash of the visitor's token, in hex; of a customer who is proven to be known, nothing.
    pub visitor: String,
    /// Who the customer is by a proof that was checked.
    pub known: Option<KnownCustomer>,
    /// How they are reached, where they write by the form for the time in which no conversation begins.
    pub contact: Option<Contact>,
    /// How the customer introduces themselves; used when a new workitem begins.
    pub name: String,
    /// What is said.
    pub content: MessageContent,
    /// When.
    pub at: Timestamp,
    /// Id for the workitem, if a new one begins (none yet, or the last one ended).
    pub workitem: WorkitemId,
    /// The new entry's id.
    pub entry: EntryId,
    /// Repeating it (per visitor) gives the first answer.
    pub key: CommandKey,
    /// Whether it may begin a workitem. Where it would and may not, nothing is written ([`StoreError::WouldBegin`]): the
    /// caller counts new workitems, and only the transaction knows whether this is one.
    pub begins: bool,
}

/// A customer whom the channel's secret proves: one customer, whatever device they write from.
#[derive(Clone, Debug)]
pub struct KnownCustomer {
    /// Their id on the pages that prove it.
    pub user: String,
    /// The id that they get here, if they are new.
    pub identity: String,
}

/// How a customer is reached who does not wait in the chat; one of the two at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// By mail.
    pub email: Option<String>,
    /// By telephone.
    pub number: Option<String>,
}

/// What is kept of a line as the answer to the command that sent it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptFrame {
    /// Its place in the customer's view.
    At(i64),
    /// As the release before kept it.
    Whole(Box<CustomerFrame>),
}

#[async_trait]
impl Command for CustomerSend {
    type Answer = CustomerSent;
    const NAME: &'static str = "customer_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<CustomerSent>> {
        let visitor = self.visitor(rows).await?;
        let sender = format!("visitor/{}/{visitor}", self.channel);
        let said = self.content.told_apart();
        let key = match &self.contact {
            None => IdempotencyKey::of(sender, &self.key, Self::NAME, &said),
            Some(contact) => IdempotencyKey::of(sender, &self.key, Self::NAME, &(said, contact)),
        }?;
        if let Some(first) = first_sent(rows, &key, &visitor).await? {
            return Ok(Written::unchanged(first));
        }
        let channel = rows.customer_channel_find(&self.channel).await?;
        let channel = channel.filter(ChannelRecord::is_chat);
        let channel = channel.ok_or(StoreError::NotFound)?;
        let visit = rows.customer_visit_find(&self.channel, &visitor).await?;
        let open = visit.as_ref().filter(|visit| !visit.ended);
        let begun = open.is_none();
        let mut changes = Vec::new();
        let id = match open {
            Some(visit) => visit.workitem.clone(),
            None => {
                self.begin(rows, (&channel, &visitor), visit.as_ref(), &mut changes)
                    .await?;
                self.workitem.clone()
            }
        };
        if let Some(contact) = &self.contact {
            // A conversation that begins has a line with number 1.
            let line = states::derived(&self.entry, 2)?;
            let line = NewEntry::notice(line, self.at, contact.notice());
            entries::append(rows, &id, line, &mut changes).await?;
        }
        let row = rows.workitem_find(&id).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let message = InboundMessage {
            content: &self.content,
            entry: &self.entry,
            at: self.at,
            key: &self.key,
        };
        let frame = append_customer_message(rows, &row, message, &mut changes).await?;
        let heard = |heard: Timestamp| heard.0 > self.at.0 - HEARD_EVERY_US;
        if !channel.heard_at.is_some_and(heard) {
            rows.channel_heard(&self.channel, self.at).await?;
        }
        let kept = (&id, KeptFrame::At(frame.seq), begun);
        key.keep(rows, self.at, &kept).await?;
        Ok(Written {
            value: CustomerSent {
                workitem: id,
                frame,
                begun,
            },
            changes,
        })
    }
}

impl Contact {
    fn notice(&self) -> Notice {
        Notice::OfflineForm {
            email: self.email.clone(),
            number: self.number.clone(),
        }
    }
}

impl CustomerSend {
    /// Whose conversations it goes on with.
    async fn visitor(&self, rows: &mut dyn Transaction) -> Stored<String> {
        let Some(known) = &self.known else {
            return Ok(self.visitor.clone());
        };
        let found = rows.identity_at(&self.channel, &known.user).await?;
        Ok(found.map_or_else(|| known.identity.clone(), |found| found.id))
    }

    /// Whether the channel takes what would begin a conversation: a message while it is open, and the form while it is not.
    fn may_begin(&self, channel: &ChannelRecord) -> bool {
        let settings = channel.chat_settings();
        match self.contact {
            Some(_) => settings.offline_form,
            None => channel.active && settings.is_open(self.at),
        }
    }

    /// Begins a workitem in the channel's queue, where it may.
    async fn begin(
        &self,
        rows: &mut dyn Transaction,
        (channel, visitor): (&ChannelRecord, &str),
        earlier: Option<&CustomerVisit>,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        // Whom the channel knows was not forgotten since.
        if earlier.is_none() && was_forgotten(rows, visitor).await? {
            return Err(StoreError::NotFound);
        }
        if !self.begins {
            return Err(StoreError::WouldBegin);
        }
        // Only what is under way goes on.
        if !self.may_begin(channel) {
            return Err(StoreError::Conflict(ConflictCause::ChannelClosed));
        }
        has_room(rows, channel).await?;
        if let Some(known) = &self.known
            && known.identity == visitor
        {
            rows.identity_insert(visitor, &self.channel, &known.user)
                .await?;
        }
        let beginning = Beginning {
            workitem: &self.workitem,
            channel,
            as_channel: Channel::Chat,
            visitor,
            name: &self.name,
            content: &self.content,
            entry: &self.entry,
            at: self.at,
        };
        begin(rows, beginning, earlier, changes).await
    }
}

/// What a message was answered that was stored before. Nobody who was forgotten is answered like a customer.
async fn first_sent(
    rows: &mut dyn Snapshot,
    key: &IdempotencyKey,
    visitor: &str,
) -> Stored<Option<CustomerSent>> {
    let Some((workitem, kept, begun)) = key.first_answer(rows).await? else {
        return Ok(None);
    };
    if was_forgotten(rows, visitor).await? {
        return Err(StoreError::NotFound);
    }
    let frame = match kept {
        KeptFrame::Whole(frame) => *frame,
        KeptFrame::At(seq) => {
            let frame = rows.customer_frame_find(&workitem, seq).await?;
            frame.ok_or(StoreError::NotFound)?
        }
    };
    Ok(Some(CustomerSent {
        workitem,
        frame,
        begun,
    }))
}

/// A conversation that a customer's message begins.
pub(super) struct Beginning<'a> {
    pub(super) workitem: &'a WorkitemId,
    pub(super) channel: &'a ChannelRecord,
    pub(super) as_channel: Channel,
    pub(super) visitor: &'a str,
    pub(super) name: &'a str,
    pub(super) content: &'a MessageContent,
    /// The entry of the message, from which the id of a line for staff is derived.
    pub(super) entry: &'a EntryId,
    pub(super) at: Timestamp,
}

/// Begins a workitem in the channel's queue, with a line for staff that leads to the customer's conversation before.
pub(super) async fn begin(
    rows: &mut dyn Transaction,
    beginning: Beginning<'_>,
    earlier: Option<&CustomerVisit>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let Beginning {
        workitem,
        channel,
        visitor,
        name,
        ..
    } = beginning;
    let new = NewWorkitem {
        id: workitem.clone(),
        channel: beginning.as_channel,
        customer: name.to_owned(),
        subject: beginning.content.in_one_line(SUBJECT),
        agent: None,
        team: channel.team.clone(),
        started_at: beginning.at,
    };
    workitems::begin(rows, &new, changes).await?;
    rows.customer_visit_set(&channel.key, visitor, workitem, name)
        .await?;
    let Some(earlier) = earlier else {
        return Ok(());
    };
    let line = (states::derived(beginning.entry, 1)?, beginning.at);
    lead_to_earlier(rows, workitem, &earlier.workitem, line, changes).await
}

/// Appends a line for staff that leads to the customer's workitem before, where it is still there.
pub(super) async fn lead_to_earlier(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    earlier: &WorkitemId,
    (line, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if rows.workitem_find(earlier).await?.is_none() {
        return Ok(());
    }
    let notice = Notice::Earlier {
        workitem: earlier.clone(),
    };
    let line = NewEntry::notice(line, at, notice);
    entries::append(rows, workitem, line, changes).await?;
    Ok(())
}

/// Refuses what would make the channel's queue longer than the organisation wants it.
async fn has_room(rows: &mut dyn Snapshot, channel: &ChannelRecord) -> Stored<()> {
    let most = rows.organisation_find().await?.settings.queue_max;
    let waiting = rows.queue_count(&channel.team, &channel.key, most).await?;
    match waiting < most {
        true => Ok(()),
        false => Err(StoreError::QueueFull),
    }
}

/// Ends the visitor's open conversation: to wrap-up where an agent has it, else the workitem is closed. Answers the last
/// line of the customer's view; `NotFound` when the visitor never had a conversation.
#[derive(Clone, Debug)]
pub struct CustomerEnd {
    /// The chat channel.
    pub channel: ChannelKey,
    /// Hash of the visitor's token, in hex.
    pub visitor: String,
    /// Id for the notice to staff.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it (per visitor) gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CustomerEnd {
    type Answer = CustomerFrame;
    const NAME: &'static str = "customer_end";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<CustomerFrame>> {
        let sender = format!("visitor/{}/{}", self.channel, self.visitor);
        let key = IdempotencyKey::of(sender, &self.key, Self::NAME, &())?;
        if let Some(frame) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(frame));
        }
        let visit = rows.customer_visit_find(&self.channel, &self.visitor);
        let visit = visit.await?.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        if !visit.ended {
            let line = (self.entry.clone(), self.at);
            let notice = |customer| Notice::EndedByCustomer { customer };
            ended(rows, &visit.workitem, notice, line, &mut changes).await?;
        }
        let last = rows.customer_frames_before(&visit.workitem, i64::MAX, 1);
        let frame = last.await?.pop().ok_or(StoreError::NotFound)?;
        key.keep(rows, self.at, &frame).await?;
        Ok(Written {
            value: frame,
            changes,
        })
    }
}

/// Forgets a visitor on every channel, so that nothing leads from their token to a conversation any more, and so that their token
/// begins none: a message may still be on its way. Ends their open conversations.
#[derive(Clone, Debug)]
pub struct CustomerForget {
    /// Hash of the visitor's token, in hex.
    pub visitor: String,
    /// The id of the first notice; others are derived from it.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for CustomerForget {
    type Answer = ();
    const NAME: &'static str = "customer_forget";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let visitor = &self.visitor;
        let mut changes = Vec::new();
        let channels = rows.customer_channels_of(visitor).await?;
        for (number, channel) in (1..).zip(channels) {
            let visit = rows.customer_visit_find(&channel, visitor).await?;
            let read = visit.as_ref().map(|visit| visit.workitem.clone());
            if let Some(visit) = visit.filter(|visit| !visit.ended) {
                let line = (states::derived(&self.entry, number)?, self.at);
                let notice = |customer| Notice::CustomerForgotten { customer };
                ended(rows, &visit.workitem, notice, line, &mut changes).await?;
            }
            rows.customer_visit_delete(&channel, visitor).await?;
            changes.extend(read.map(Change::CustomerAccess));
        }
        // Their conversations still belong together, but not to the token.
        let nobody = format!("forgotten/{}", self.entry);
        rows.customer_visitor_rename(visitor, &nobody).await?;
        // The id by which the page around the chat knows them.
        rows.identity_delete(visitor).await?;
        if !was_forgotten(rows, visitor).await? {
            forgotten(visitor)?.keep(rows, self.at, &()).await?;
        }
        Ok(Written { value: (), changes })
    }
}

/// The key under which it is kept that a visitor was forgotten: the hash of their token, and no word. Keys stay. That is as long as
/// it takes: a browser may bring the token back for as long as it keeps the cookie, and a copy of the browser's data for longer.
fn forgotten(visitor: &str) -> Stored<IdempotencyKey> {
    let key = CommandKey::parse("forgotten");
    let key = key.unwrap_or_else(|_| unreachable!("it is a key"));
    let sender = format!("visitor/{visitor}");
    IdempotencyKey::of(sender, &key, CustomerForget::NAME, &())
}

/// Whether a visitor was forgotten: nothing more is taken from them.
pub(crate) async fn was_forgotten(rows: &mut dyn Snapshot, visitor: &str) -> Stored<bool> {
    let first = forgotten(visitor)?.first_answer::<()>(rows).await?;
    Ok(first.is_some())
}

/// The customer ended the conversation of this workitem.
async fn ended(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    notice: fn(String) -> Notice,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let row = rows.workitem_find(workitem).await?;
    let workitem = row.ok_or(StoreError::NotFound)?.workitem;
    let notice = notice(workitem.customer.clone());
    states::end(rows, &workitem, notice, line, changes).await
}

/// Appends a customer's message to an existing open workitem (simulated customers, other channels).
#[derive(Clone, Debug)]
pub struct CustomerAnswer {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// What is said.
    pub text: MessageText,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CustomerAnswer {
    type Answer = ();
    const NAME: &'static str = "customer_append_to";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let sender = format!("customer/{}", self.workitem);
        let key = IdempotencyKey::of(sender, &self.key, Self::NAME, &self.text.as_str())?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        if rows.customer_view_ended(&self.workitem).await? != Some(false) {
            return Err(StoreError::Conflict(ConflictCause::ConversationEnded));
        }
        let mut changes = Vec::new();
        let message = InboundMessage {
            content: &MessageContent::text(self.text.clone()),
            entry: &self.entry,
            at: self.at,
            key: &self.key,
        };
        append_customer_message(rows, &row, message, &mut changes).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// A message of a customer.
pub(super) struct InboundMessage<'a> {
    pub(super) content: &'a MessageContent,
    pub(super) entry: &'a EntryId,
    pub(super) at: Timestamp,
    pub(super) key: &'a CommandKey,
}

/// Appends a customer's message to both views and starts the waiting clock. `Invalid { field: "file" }` where the
/// conversation has no room for its file.
///
/// `row` is the workitem as it is now: nothing was written to its log since it was read.
pub(super) async fn append_customer_message(
    rows: &mut dyn Transaction,
    row: &WorkitemRow,
    message: InboundMessage<'_>,
    changes: &mut Vec<Change>,
) -> Stored<CustomerFrame> {
    let (workitem, place) = (&row.workitem, row.next_entry());
    let content = message.content;
    let preview = content.in_one_line(PREVIEW);
    let text = content.text.clone();
    let files = content.shown();
    let mine = CustomerBody::Mine {
        text: text.clone(),
        files: files.clone(),
        key: message.key.as_str().to_owned(),
    };
    let frame = rows
        .customer_frame_append(&workitem.id, message.at, mine)
        .await?;
    content.insert_files(rows, &workitem.id, frame.seq).await?;
    rows.workitem_set_heard(&workitem.id, message.at, &preview)
        .await?;
    let body = EntryBody::Message {
        author: Author::Customer,
        name: workitem.customer.clone(),
        text: text.map_or_else(String::new, String::from),
        files,
        delivery: None,
    };
    let new = NewEntry::message(message.entry.clone(), message.at, None, body, frame.seq);
    entries::insert(rows, &workitem.id, place, new, changes).await?;
    for new in &content.files {
        if let NewFile::Coming(channel, coming) = new {
            files::queue(rows, message.entry, (channel, coming), message.at).await?;
        }
    }
    let after = Workitem {
        waiting_since: workitem.waiting_since.or(Some(message.at)),
        unread: workitem.unread + 1,
        last_activity_at: message.at,
        preview,
        ..workitem.clone()
    };
    entries::push_workitem(&after, place.rev + 1, changes);
    let event = Event::message(&workitem.id, frame.seq);
    events::report(rows, &event, message.at, changes).await?;
    changes.push(Change::Customer {
        id: workitem.id.clone(),
        frame: frame.clone(),
    });
    changes.push(workitems::list_change(&after));
    Ok(frame)
}
