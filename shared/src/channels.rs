//! Channels that go through a provider, as administrators run them. What a kind of channel asks for is said by the host, so
//! a page knows no kind.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelKey, TeamId};
use crate::time::Timestamp;

/// The longest setting or secret of a channel, in characters.
pub const VALUE_MAX: usize = 400;

/// A kind of channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelKind {
    /// Its code, such as `twilio_sms`.
    pub code: String,
    /// The names of its settings.
    pub settings: Vec<String>,
    /// The names of what is stored sealed and never shown again.
    pub secrets: Vec<String>,
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// Its name, as a [`ChannelKind`] lists it.
    pub name: String,
    /// What is set.
    pub value: String,
}

/// A secret as it was typed. Nothing prints it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypedSecret(String);

impl TypedSecret {
    /// What was typed.
    pub fn new(typed: String) -> Self {
        Self(typed)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TypedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedSecret(…)")
    }
}

/// A secret with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSecret {
    /// Its name, as a [`ChannelKind`] lists it.
    pub name: String,
    /// What was typed.
    pub value: TypedSecret,
}

/// A channel of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderChannel {
    /// Which.
    pub key: ChannelKey,
    /// The code of its kind.
    pub kind: String,
    /// What administrators call it.
    pub name: String,
    /// The team that it feeds.
    pub team: TeamId,
    /// That team's name.
    pub team_name: String,
    /// To which customers write: a telephone number, or the provider's id of a page or an account.
    pub address: String,
    /// Its settings by name.
    pub settings: Vec<NamedValue>,
    /// The names of the secrets that are stored.
    pub secrets: Vec<String>,
    /// Switched off, it begins no conversation; those under way go on.
    pub active: bool,
    /// How often it was edited; an edit names the version that it started from.
    pub version: i64,
    /// Where the provider reports to: a URL, or only its path while the host does not know its public address.
    pub webhook: String,
    /// The token that the provider asks for when the webhook address is entered there; nothing where it asks for none.
    #[serde(default)]
    pub verify_token: Option<String>,
    /// When the provider last reported something.
    pub heard_at: Option<Timestamp>,
}

/// What the page of channels begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderChannels {
    /// The kinds that there are.
    pub kinds: Vec<ChannelKind>,
    /// The channels, by name.
    pub channels: Vec<ProviderChannel>,
    /// Whether the host knows its public address, without which no provider can report to it.
    pub reachable: bool,
}

/// What a channel shall be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderChannelChange {
    /// The code of its kind; that of a channel that is there never changes.
    pub kind: String,
    /// What administrators call it.
    pub name: String,
    /// The team that it feeds.
    pub team: TeamId,
    /// To which customers write.
    pub address: String,
    /// Its settings by name.
    pub settings: Vec<NamedValue>,
    /// Secrets that replace those that are stored; the others stay.
    pub secrets: Vec<NamedSecret>,
    /// The version that this started from; 0 for a new one.
    pub version: i64,
}

/// What came of a test message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTested {
    /// Whether the provider took it.
    pub accepted: bool,
    /// The provider's own words: an error, or its name for the message.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = NamedSecret {
            name: "auth_token".to_owned(),
            value: TypedSecret::new("hunter2".to_owned()),
        };
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
