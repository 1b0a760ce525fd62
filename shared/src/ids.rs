//! Ids of things. Opaque text: a holder may compare it and send it back, nothing else.

use serde::{Deserialize, Serialize, Serializer};

use crate::error::AppError;

/// The longest id, in bytes.
pub const ID_MAX: usize = 64;

fn is_id(text: &str) -> bool {
    (1..=ID_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A text that is nothing's id, for parsers; everywhere else it is what is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl std::fmt::Display for NotAnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an id has 1 to {ID_MAX} letters, digits, '-' and '_'")
    }
}

impl std::error::Error for NotAnId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to [`ID_MAX`] ASCII letters, digits, `-` and `_`; anything else is nothing's id, so
            /// it answers `NotFound` like an unknown one.
            pub fn parse(text: impl Into<String>) -> Result<Self, AppError> {
                let text = text.into();
                if is_id(&text) { Ok(Self(text)) } else { Err(AppError::NotFound) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::parse(text).map_err(|_| NotAnId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(NotAnId) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A person who can sign in.
    UserId,
    /// A team: its agents, its supervisors, the chat channels that feed it.
    TeamId,
    /// One interaction that an agent handles.
    WorkitemId,
    /// One line of a conversation.
    EntryId,
    /// A predefined assistance message.
    TemplateId,
    /// One raised hand.
    RequestId,
    /// A message between two people of the organisation.
    DirectoryMessageId,
    /// A session of a user: the hash of its token.
    SessionId,
    /// A token of the HTTP API.
    TokenId,
    /// A passkey of a user.
    PasskeyId,
    /// A receiver of webhooks.
    ReceiverId,
    /// A file of a message.
    FileId,
    /// A link to a wall.
    WallId,
    /// A view of the dashboard that somebody keeps.
    ViewId,
    /// A text that somebody keeps to use again.
    SavedTextId,
    /// A label of workitems.
    LabelId,
    /// A role that an administrator built.
    RoleId,
    /// A rule that raises alerts.
    AlertRuleId,
    /// One process of several on one database.
    NodeId,
    /// The public key of a chat channel, part of its page's address.
    ChannelKey,
    /// Made by the sender of a command. Repeating a command with its key gives the first answer again.
    CommandKey,
}
