//! The customer's view of a workitem: what the customer is shown, numbered without gaps.

use async_trait::async_trait;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::ids::{ChannelKey, WorkitemId};
use shared::time::Timestamp;

use super::CustomerFileReads;
use crate::store::{ChannelRecord, CustomerVisit, Stored};

/// Where the customer of a conversation is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhereCustomer {
    /// It is their latest one on its channel.
    Here,
    /// They have begun another one on its channel since.
    Elsewhere,
    /// Nothing leads them to it any more.
    Gone,
    /// It is of no channel here: a call, a mail, what was imported.
    OnNoPage,
}

/// Reads of the customer's side. They touch `channels` and what is the customers' own.
#[async_trait]
pub trait CustomerReads: CustomerFileReads + Send {
    /// A chat channel.
    async fn customer_channel_find(&mut self, key: &ChannelKey) -> Stored<Option<ChannelRecord>>;
    /// The visitor's latest conversation on this channel.
    async fn customer_visit_find(
        &mut self,
        key: &ChannelKey,
        visitor: &str,
    ) -> Stored<Option<CustomerVisit>>;
    /// The channels on which a visitor is known.
    async fn customer_channels_of(&mut self, visitor: &str) -> Stored<Vec<ChannelKey>>;
    /// The numbers of the last lines of these views.
    async fn customer_heads(&mut self, workitems: &[WorkitemId]) -> Stored<Vec<(WorkitemId, i64)>>;
    /// Whether the conversation is over for the customer; `None` when there is no such view.
    async fn customer_view_ended(&mut self, workitem: &WorkitemId) -> Stored<Option<bool>>;
    /// Where the customer of this conversation is.
    async fn customer_where(&mut self, workitem: &WorkitemId) -> Stored<WhereCustomer>;
    /// A line of a view.
    async fn customer_frame_find(
        &mut self,
        workitem: &WorkitemId,
        seq: i64,
    ) -> Stored<Option<CustomerFrame>>;
    /// The last lines of a view before number `before`, the oldest first, at most `limit`.
    async fn customer_frames_before(
        &mut self,
        workitem: &WorkitemId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<CustomerFrame>>;
    /// The lines of a view after number `after`, the oldest first, at most `limit`.
    async fn customer_frames_after(
        &mut self,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Stored<Vec<CustomerFrame>>;
    /// The same for a visitor whom a chat channel knows; `None` where it does not, or is not there any more.
    async fn customer_frames_for(
        &mut self,
        key: &ChannelKey,
        visitor: &str,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Stored<Option<Vec<CustomerFrame>>>;
}

/// Writes of the customer's side.
#[async_trait]
pub trait CustomerRows: Send {
    /// Begins the view of a workitem.
    async fn customer_view_insert(&mut self, workitem: &WorkitemId) -> Stored<()>;
    /// Appends a line under the view's next number; a line that ends the conversation ends the view. The files that it names
    /// are added apart. `NotFound` without a view.
    async fn customer_frame_append(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        body: CustomerBody,
    ) -> Stored<CustomerFrame>;
    /// Sets where a visitor is now on a channel, and on which channel and by whom that conversation was begun.
    async fn customer_visit_set(
        &mut self,
        key: &ChannelKey,
        visitor: &str,
        workitem: &WorkitemId,
        name: &str,
    ) -> Stored<()>;
    /// From now on the conversations that this visitor began are known as those of another one.
    async fn customer_visitor_rename(&mut self, visitor: &str, name: &str) -> Stored<()>;
    /// Deletes where a visitor was on a channel.
    async fn customer_visit_delete(&mut self, key: &ChannelKey, visitor: &str) -> Stored<()>;
}
