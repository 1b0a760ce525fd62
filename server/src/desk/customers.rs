//! What customers do. A customer is not an actor: the channel's public key and the visitor's secret are all that
//! they have, and the only conversation that they reach is their own.

use app::backend::ApiResult;
use shared::customer::CustomerFrame;
use shared::ids::{ChannelKey, CommandKey, FileId, WorkitemId};
use shared::rating::Rating;
use shared::text::{CustomerName, MessageText};
use shared::time::Timestamp;

use super::later::Unpublished;
use super::{Desk, to_app_error};
use crate::checked_file::CheckedFile;
use crate::commands::intake::was_forgotten;
use crate::commands::{
    Contact, CustomerAnswer, CustomerEnd, CustomerForget, CustomerRate, CustomerSend,
    KnownCustomer, MessageContent,
};
use crate::store::{CustomerSent, Stored};

/// What a customer writes on a chat page.
#[derive(Clone, Debug)]
pub struct CustomerMessage {
    /// How they introduce themselves.
    pub name: CustomerName,
    /// What is said.
    pub content: CustomerContent,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
    /// How they are reached, where they write by the form for the time in which no conversation begins.
    pub contact: Option<Contact>,
}

/// What a customer sends on a chat page at a time.
#[derive(Clone, Debug)]
pub enum CustomerContent {
    /// Words.
    Text(MessageText),
    /// A file.
    File(CheckedFile),
}

/// Who writes or reads on a chat page.
#[derive(Clone, Copy, Debug)]
pub enum Writer<'a> {
    /// A visitor, by the hash of their secret in hex.
    Visitor(&'a str),
    /// A customer whose page has proved this id of theirs.
    Known(&'a str),
}

impl Desk {
    /// Takes what a customer writes. It may begin a workitem only where `begins` says so: the caller counts those.
    ///
    /// The answer goes out before staff hear of it, so that nobody can tell by its time whether somebody follows.
    pub async fn customer_send(
        &self,
        channel: &ChannelKey,
        writer: Writer<'_>,
        message: CustomerMessage,
        begins: bool,
    ) -> Stored<(CustomerSent, Unpublished)> {
        let (visitor, known) = match writer {
            Writer::Visitor(hash) => (hash.to_owned(), None),
            Writer::Known(user) => (String::new(), Some(self.known_customer(user))),
        };
        let command = CustomerSend {
            channel: channel.clone(),
            visitor,
            known,
            contact: message.contact,
            name: message.name.into(),
            content: self.message_content(message.content),
            at: self.now(),
            workitem: self.workitem_id(),
            entry: self.entry_id(),
            key: message.key,
            begins,
        };
        let written = self.store().execute(command).await?;
        Ok(self.unpublished(written))
    }

    fn message_content(&self, content: CustomerContent) -> MessageContent {
        match content {
            CustomerContent::Text(text) => MessageContent::text(text),
            CustomerContent::File(file) => MessageContent::file(self.file_id(), file),
        }
    }

    pub(super) fn file_id(&self) -> FileId {
        FileId::parse(self.secret_id()).unwrap_or_else(|_| unreachable!("ids are ids"))
    }

    fn known_customer(&self, user: &str) -> KnownCustomer {
        KnownCustomer {
            user: user.to_owned(),
            identity: self.secret_id(),
        }
    }

    /// The customer ends their conversation: its last line.
    pub async fn customer_end(
        &self,
        channel: &ChannelKey,
        visitor: &str,
        key: CommandKey,
    ) -> ApiResult<(CustomerFrame, Unpublished)> {
        let command = CustomerEnd {
            channel: channel.clone(),
            visitor: visitor.to_owned(),
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        let written = self.store().execute(command).await;
        Ok(self.unpublished(written.map_err(to_app_error)?))
    }

    /// The customer says how their conversation was: the one that began then, or their latest.
    pub async fn customer_rate(
        &self,
        channel: &ChannelKey,
        visitor: &str,
        began: Option<Timestamp>,
        rating: Rating,
        key: CommandKey,
    ) -> ApiResult<Unpublished> {
        let command = CustomerRate {
            channel: channel.clone(),
            visitor: visitor.to_owned(),
            began,
            rating,
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        let written = self.store().execute(command).await;
        let ((), unpublished) = self.unpublished(written.map_err(to_app_error)?);
        Ok(unpublished)
    }

    /// Whether the visitor has a conversation on any channel.
    pub async fn customer_is_known(&self, visitor: &str) -> ApiResult<bool> {
        let mut rows = self.snapshot().await?;
        let known = rows.customer_channels_of(visitor).await;
        Ok(!known.map_err(to_app_error)?.is_empty())
    }

    /// Nothing leads from the visitor's secret to a conversation any more; open ones end, and none begins.
    pub async fn customer_forget(&self, visitor: &str) -> ApiResult<Unpublished> {
        let command = CustomerForget {
            visitor: visitor.to_owned(),
            entry: self.entry_id(),
            at: self.now(),
        };
        let written = self.store().execute(command).await;
        let ((), unpublished) = self.unpublished(written.map_err(to_app_error)?);
        Ok(unpublished)
    }

    /// Whether the visitor was forgotten.
    pub async fn customer_was_forgotten(&self, visitor: &str) -> ApiResult<bool> {
        let mut rows = self.snapshot().await?;
        let forgotten = was_forgotten(&mut *rows, visitor).await;
        forgotten.map_err(to_app_error)
    }

    /// What a simulated customer answers in a workitem that exists.
    pub async fn customer_answer(&self, workitem: &WorkitemId, text: MessageText) -> ApiResult<()> {
        let key = CommandKey::parse(self.ids().next())?;
        let command = CustomerAnswer {
            workitem: workitem.clone(),
            text,
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    pub(super) fn workitem_id(&self) -> WorkitemId {
        WorkitemId::parse(self.ids().next()).unwrap_or_else(|_| unreachable!("ids are ids"))
    }
}
