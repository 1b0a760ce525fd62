//! What the desk asks of a kind of channel that goes through a provider. `channels` implements it; the desk knows no vendor,
//! no address of one and no socket.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use app::backend::ApiResult;
use async_trait::async_trait;
use shared::channels::{ChannelKind, NamedValue};
use shared::delivery::DeliveryReason;
use shared::files::FileState;
use shared::ids::ChannelKey;
use shared::text::{MessageText, TextLimit};
use shared::time::Timestamp;
use shared::workitem::Channel;

use crate::secrets::Secret;

/// A kind of channel.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Its code, and what an administrator has to fill in.
    fn kind(&self) -> ChannelKind;
    /// What its workitems are.
    fn channel(&self) -> Channel;
    /// The longest message.
    fn text_limit(&self) -> TextLimit;
    /// For how long after a customer's message they can be answered; nothing: for ever.
    fn answer_window(&self) -> Option<Duration> {
        None
    }
    /// The address to which customers write, as it is stored. `Invalid` for what is none.
    fn address(&self, typed: &str) -> ApiResult<String>;
    /// An address of a customer, where it is of another kind than the channel's own.
    fn recipient(&self, typed: &str) -> ApiResult<String> {
        self.address(typed)
    }
    /// A setting as it is stored. `Invalid` for what it cannot be.
    fn setting(&self, name: &str, typed: &str) -> ApiResult<String>;
    /// Whether a setting may be left empty.
    fn is_optional(&self, _setting: &str) -> bool {
        false
    }
    /// How many messages one node hands over in a second at most; nothing where the provider queues them itself.
    fn rate(&self, _account: &Account) -> Option<u32> {
        None
    }
    /// The path to which the provider brings messages.
    fn webhook(&self, channel: &ChannelKey) -> String;
    /// The token that the provider asks for when that address is entered there.
    fn verify_token(&self, _account: &Account) -> Option<String> {
        None
    }
    /// The path to which the provider reports how far a message has come, where each message names one; its reference is added as
    /// a query.
    fn report(&self, _channel: &ChannelKey) -> Option<String> {
        None
    }
    /// Hands a message to the provider: what the provider calls it.
    async fn send(&self, account: &Account, message: &Outgoing) -> Result<String, SendError>;
    /// The provider's names of messages that say the same to the same customer and were made since then, the newest first.
    /// They tell whether an attempt of which nobody knows the end was carried out; what the provider took and says that it did
    /// not deliver is left out. An error, a refusal too, settles nothing: the question is asked again. Nothing from a provider that cannot be asked:
    /// then the message is handed over once more.
    async fn find(
        &self,
        _account: &Account,
        _message: &Outgoing,
        _since: Timestamp,
    ) -> Result<Option<Vec<String>>, SendError> {
        Ok(None)
    }
    /// Fetches a file that came with a customer's message, of at most `max` bytes, from where the message said. It is an address or a
    /// name of the provider's; what leads elsewhere is not followed.
    async fn fetch(
        &self,
        _account: &Account,
        _source: &str,
        _max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Failed(FileState::NotSetUp))
    }
}

/// Why a file was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// It may work later. Where it never does, this is what the file is in the end.
    Later(FileState),
    /// It will never work.
    Failed(FileState),
}

/// A channel with its secrets in the clear.
#[derive(Clone, Debug)]
pub struct Account {
    /// Which.
    pub channel: ChannelKey,
    /// To which customers write.
    pub address: String,
    /// Whether it begins conversations.
    pub active: bool,
    /// Its settings by name.
    pub settings: Vec<NamedValue>,
    /// Its secrets by name.
    pub secrets: Vec<(String, Secret)>,
}

impl Account {
    /// A setting; empty where it is missing.
    pub fn setting(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|setting| setting.name == name);
        found.map_or("", |setting| setting.value.as_str())
    }

    /// A secret; empty where it is missing.
    pub fn secret(&self, name: &str) -> &str {
        let found = self.secrets.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, secret)| secret.reveal())
    }
}

/// A message on its way to a customer. Its text is of the type that the customer's view holds, which no coaching fits (see
/// [`shared::customer`]).
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The customer's address.
    pub to: String,
    /// What is said.
    pub text: MessageText,
    /// Names the message in reports of how far it has come ([`Reported::referenced`]); none for one that nobody follows.
    ///
    /// [`Reported::referenced`]: crate::commands::Reported::referenced
    pub reference: Option<String>,
    /// The URL to which the provider reports that; none while nobody knows the host's public address.
    pub report_to: Option<String>,
}

/// Why a message was not handed over.
#[derive(Clone, Debug)]
pub enum SendError {
    /// It may work later.
    Later {
        /// When the provider wants to be asked again.
        after: Option<Duration>,
        /// The provider may have taken it nevertheless.
        unsettled: bool,
        /// Whether it says so because of too many requests, which is no failed attempt.
        throttled: bool,
        /// With which HTTP status the provider answered, if it did.
        status: Option<u16>,
        /// What happened. For an administrator, not for the log: a provider's words may name the customer.
        detail: String,
    },
    /// It will never work as it is.
    Refused {
        /// Why.
        reason: DeliveryReason,
        /// The provider's number for that.
        code: Option<i64>,
        /// With which HTTP status it said so; nothing when it was not asked.
        status: Option<u16>,
        /// The provider's own words. For an administrator, not for the log.
        detail: String,
    },
}

impl SendError {
    /// What happened, in the provider's own words where it said something.
    pub fn detail(&self) -> &str {
        match self {
            Self::Later { detail, .. } | Self::Refused { detail, .. } => detail,
        }
    }
}

/// The kinds of channels that this host offers. Cheap to clone.
#[derive(Clone)]
pub struct Providers(Arc<[Box<dyn Provider>]>);

impl Default for Providers {
    /// None.
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kinds()).finish()
    }
}

impl Providers {
    /// These.
    pub fn of(providers: Vec<Box<dyn Provider>>) -> Self {
        Self(providers.into())
    }

    /// The one with this code.
    pub fn find(&self, code: &str) -> Option<&dyn Provider> {
        let found = self.0.iter().find(|provider| provider.kind().code == code);
        found.map(|provider| &**provider)
    }

    /// All of them, as an administrator chooses among them.
    pub fn kinds(&self) -> Vec<ChannelKind> {
        self.0.iter().map(|provider| provider.kind()).collect()
    }
}
