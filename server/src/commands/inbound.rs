//! What a provider brings from outside: a customer's message, or their wish to get none.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::error::Problem;
use shared::ids::{ChannelKey, CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::Channel;

use super::intake::{Beginning, InboundMessage, append_customer_message, begin};
use super::keys::IdempotencyKey;
use super::message_content::{ComingFile, MessageContent};
use super::{deliveries, entries, states};
use crate::store::rows::{IdentityRow, NewEntry};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// What a customer wants from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// No messages (STOP).
    Stop,
    /// Messages again (START).
    Start,
}

/// What became of a message from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// It is noted.
    Taken,
    /// The provider has brought it before; nothing was changed.
    Repeated,
    /// The channel is switched off and no conversation is open: it went nowhere.
    Off,
}

/// A customer's message as a provider brought it. It goes on with the customer's open conversation or begins one, with a
/// line that leads to the one before. The provider's name for it is good once and for ever.
#[derive(Clone, Debug)]
pub struct InboundReceive {
    /// The channel of the provider.
    pub channel: ChannelKey,
    /// What a workitem that it begins is.
    pub as_channel: Channel,
    /// The provider's name for the message.
    pub message: CommandKey,
    /// The customer's address; where the provider withholds it, their user id.
    pub address: String,
    /// What else the provider calls them.
    pub user_id: Option<String>,
    /// How the customer is called.
    pub name: String,
    /// What is said; nothing where files came without words.
    pub text: Option<MessageText>,
    /// The files that came with it and are fetched.
    pub files: Vec<ComingFile>,
    /// The media types of what else came with it, which nobody fetches.
    pub attachments: Vec<String>,
    /// What the customer wants from now on.
    pub wish: Option<Wish>,
    /// When the customer wrote, where the provider says so: what it brings late cannot be answered for longer.
    pub written_at: Option<Timestamp>,
    /// Id for the customer, if they are new here.
    pub identity: String,
    /// Id for the workitem, if one begins.
    pub workitem: WorkitemId,
    /// The new entry's id; those of lines for staff are derived from it.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for InboundReceive {
    type Answer = Received;
    const NAME: &'static str = "inbound_receive";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Received>> {
        // Not of what it says: a provider that brings a message twice brings the same.
        let sender = format!("provider/{}", self.channel);
        let key = IdempotencyKey::of(sender, &self.message, Self::NAME, &())?;
        if key.first_answer::<Received>(rows).await?.is_some() {
            return Ok(Written::unchanged(Received::Repeated));
        }
        rows.channel_heard(&self.channel, self.at).await?;
        let identity = self.identity(rows).await?;
        let written_at = self.written_at.map_or(self.at, |at| at.min(self.at));
        rows.identity_heard(&identity.id, written_at).await?;
        let wish = self.wish(&identity);
        let mut changes = Vec::new();
        match wish {
            Some(Wish::Stop) => {
                deliveries::stop(rows, &identity.id, self.at, &mut changes).await?;
            }
            Some(Wish::Start) => rows.identity_set_stopped(&identity.id, None).await?,
            None => {}
        }
        let received = self.take(rows, &identity, wish, &mut changes).await?;
        key.keep(rows, self.at, &received).await?;
        Ok(Written {
            value: received,
            changes,
        })
    }
}

impl InboundReceive {
    /// Who writes; from now on known here. A provider that calls them by two names brings them with the one, the other or both.
    async fn identity(&self, rows: &mut dyn Transaction) -> Stored<IdentityRow> {
        let named = match &self.user_id {
            Some(user_id) => rows.identity_known_as(&self.channel, user_id).await?,
            None => None,
        };
        let known = rows.identity_at(&self.channel, &self.address).await?;
        let id = match (known, &named) {
            (Some(known), _) => known.id,
            (None, Some(named)) => return Ok(named.clone()),
            (None, None) => {
                let channel = rows.provider_channel_find(&self.channel).await?;
                channel.ok_or(StoreError::NotFound)?;
                rows.identity_insert(&self.identity, &self.channel, &self.address)
                    .await?;
                self.identity.clone()
            }
        };
        // Two that were taken for two people stay so.
        if let (Some(user_id), None) = (&self.user_id, named) {
            rows.identity_set_known_as(&id, user_id).await?;
        }
        let identity = rows.identity_find(&id).await?;
        identity.ok_or(StoreError::NotFound)
    }

    /// A word that means START means itself to somebody who never said STOP.
    fn wish(&self, identity: &IdentityRow) -> Option<Wish> {
        let stopped = identity.stopped_at.is_some();
        self.wish.filter(|wish| (*wish == Wish::Stop) != stopped)
    }

    async fn take(
        &self,
        rows: &mut dyn Transaction,
        identity: &IdentityRow,
        wish: Option<Wish>,
        changes: &mut Vec<Change>,
    ) -> Stored<Received> {
        let channel = rows.customer_channel_find(&self.channel).await?;
        let channel = channel.ok_or(StoreError::NotFound)?;
        let content = MessageContent::provided(self.text.clone(), &self.channel, &self.files);
        let content = content.ok_or(StoreError::Invalid {
            field: "text",
            problem: Problem::Missing,
        })?;
        let visit = rows
            .customer_visit_find(&self.channel, &identity.id)
            .await?;
        let open = visit.as_ref().filter(|visit| !visit.ended);
        let id = match open {
            Some(visit) => visit.workitem.clone(),
            // Nobody needs to answer a wish alone.
            None if wish.is_some() || self.wish == Some(Wish::Stop) => return Ok(Received::Taken),
            None if !channel.active => return Ok(Received::Off),
            None => {
                let beginning = Beginning {
                    workitem: &self.workitem,
                    channel: &channel,
                    as_channel: self.as_channel,
                    visitor: &identity.id,
                    name: &self.name,
                    content: &content,
                    entry: &self.entry,
                    at: self.at,
                };
                begin(rows, beginning, visit.as_ref(), changes).await?;
                self.workitem.clone()
            }
        };
        let mut row = rows.workitem_find(&id).await?.ok_or(StoreError::NotFound)?;
        // A begun one has a line with number 1.
        for (number, notice) in (2..).zip(self.notices(wish, &row.workitem.customer)) {
            let line = states::derived(&self.entry, number)?;
            let line = NewEntry::notice(line, self.at, notice);
            entries::append(rows, &id, line, changes).await?;
            row = rows.workitem_find(&id).await?.ok_or(StoreError::NotFound)?;
        }
        let message = InboundMessage {
            content: &content,
            entry: &self.entry,
            at: self.at,
            key: &self.message,
        };
        append_customer_message(rows, &row, message, changes).await?;
        Ok(Received::Taken)
    }

    /// Lines for staff.
    fn notices(&self, wish: Option<Wish>, customer: &str) -> Vec<Notice> {
        let customer = customer.to_owned();
        let wish = wish.map(|wish| match wish {
            Wish::Stop => Notice::StoppedByCustomer { customer },
            Wish::Start => Notice::StartedByCustomer { customer },
        });
        let attachments = (!self.attachments.is_empty()).then(|| Notice::Attachments {
            count: self.attachments.len() as i64,
            types: self.attachments.join(", "),
        });
        wish.into_iter().chain(attachments).collect()
    }
}
