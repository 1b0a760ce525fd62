//! The Company Directory: people, the conversations of two of them, and what each of the two has read.

use async_trait::async_trait;
use shared::directory::{DirectoryMessage, Unread};
use shared::ids::{DirectoryMessageId, RequestId, UserId};
use shared::people::{Person, PersonRef};
use shared::time::Timestamp;

use crate::store::Stored;

/// Where a conversation of two stands, as one of them sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryPlace {
    /// The number of its last message.
    pub head: i64,
    /// The last message that this one of the two has read.
    pub read: i64,
}

/// A message about to be appended.
#[derive(Clone, Debug)]
pub struct NewDirectoryMessage {
    /// Its id.
    pub id: DirectoryMessageId,
    /// Who writes.
    pub from: UserId,
    /// To whom.
    pub to: UserId,
    /// When.
    pub at: Timestamp,
    /// What is said.
    pub text: String,
    /// The request that it carries.
    pub request: Option<RequestId>,
}

/// Reads of the directory.
#[async_trait]
pub trait DirectoryReads: Send {
    /// Everybody active, by name, with the presence that they chose.
    async fn people_list(&mut self) -> Stored<Vec<Person>>;
    /// A person; `active_only` leaves out those who were deactivated.
    async fn person_find(&mut self, user: &UserId, active_only: bool) -> Stored<Option<PersonRef>>;
    /// People who were deactivated and with whom the user has a conversation, by name.
    async fn former_contacts(&mut self, user: &UserId) -> Stored<Vec<PersonRef>>;
    /// With whom the user has exchanged messages, the last one first, at most twenty.
    async fn recent_contacts(&mut self, user: &UserId) -> Stored<Vec<UserId>>;
    /// The message with this number in the conversation of two.
    async fn directory_message_find(
        &mut self,
        one: &UserId,
        other: &UserId,
        seq: i64,
    ) -> Stored<Option<DirectoryMessage>>;
    /// The last messages before number `before` of the conversation of two, the newest first, at most `limit`.
    async fn directory_messages(
        &mut self,
        one: &UserId,
        other: &UserId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<DirectoryMessage>>;
    /// Where a conversation stands for its reader; `None` where nobody has written yet.
    async fn directory_place(
        &mut self,
        reader: &UserId,
        other: &UserId,
    ) -> Stored<Option<DirectoryPlace>>;
    /// How many messages of the other one stand after number `after` and before number `before`.
    async fn directory_unread_between(
        &mut self,
        reader: &UserId,
        other: &UserId,
        after: i64,
        before: i64,
    ) -> Stored<i64>;
    /// Unread messages by sender.
    async fn directory_unread(&mut self, user: &UserId) -> Stored<Vec<Unread>>;
    /// The messages of open requests to this user that they have not dismissed, the oldest first.
    async fn requests_open_to(&mut self, user: &UserId) -> Stored<Vec<DirectoryMessage>>;
}

/// Writes of the directory.
#[async_trait]
pub trait DirectoryRows: Send {
    /// Appends a message at the conversation's next number and begins the conversation where there is none. Answers that
    /// number, and what its author had read before.
    async fn directory_message_append(
        &mut self,
        message: &NewDirectoryMessage,
    ) -> Stored<DirectoryPlace>;
    /// Sets up to which message a reader has read.
    async fn directory_set_read(
        &mut self,
        reader: &UserId,
        other: &UserId,
        through: i64,
    ) -> Stored<()>;
}
