//! Channels of providers: how administrators run them, and what comes in by them.

use std::time::Duration;

use app::backend::{ApiResult, Caller, Channels};
use async_trait::async_trait;
use shared::channels::{
    ChannelKind, ChannelTested, NamedSecret, NamedValue, ProviderChannel, ProviderChannelChange,
    ProviderChannels, VALUE_MAX,
};
use shared::delivery::Delivery;
use shared::error::{AppError, Problem};
use shared::files::{FileKind, FileRef, FileState};
use shared::ids::{ChannelKey, CommandKey};
use shared::people::Actor;
use shared::policy::Action;
use shared::text::{CustomerName, MessageText};
use shared::time::Timestamp;

use super::later::Unpublished;
use super::providers::{Account, Outgoing, Provider};
use super::{Desk, to_app_error};
use crate::commands::{
    ChannelTest, ComingFile, DeliveryReport, InboundReceive, ProviderChannelSave, Received,
    Reported, Wish,
};
use crate::secrets::SecretError;
use crate::store::rows::{ProviderChannelRow, SealedSecret};
use crate::store::{CommandContext, Stored};

/// A customer's message as a provider brought it.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The provider's name for it.
    pub message: CommandKey,
    /// The customer's address.
    pub address: String,
    /// What else the provider calls them, also where it withholds their address.
    pub user_id: Option<String>,
    /// How the customer is called.
    pub name: String,
    /// What is said; nothing where files came without words.
    pub text: Option<MessageText>,
    /// The files that came with it and are to be fetched.
    pub media: Vec<Media>,
    /// The media types of what else came with it.
    pub attachments: Vec<String>,
    /// What the customer wants from now on.
    pub wish: Option<Wish>,
    /// When the customer wrote, where the provider says so.
    pub written_at: Option<Timestamp>,
}

/// A file that the provider has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What the provider calls its type.
    pub media_type: String,
    /// How the customer calls it, if anybody knows.
    pub name: String,
    /// Where: an address or a name of the provider's.
    pub source: String,
}

/// Where a secret stands.
pub(crate) fn place_of(channel: &ChannelKey, name: &str) -> String {
    format!("channel_secrets/{channel}/{name}")
}

impl Desk {
    /// A channel of one of these kinds with its secrets in the clear; nothing where there is none. `Unavailable` when its
    /// secrets cannot be opened, which is logged.
    pub async fn account_find(
        &self,
        channel: &ChannelKey,
        kinds: &[&str],
    ) -> ApiResult<Option<(String, Account)>> {
        let mut rows = self.snapshot().await?;
        let found = rows.provider_channel_find(channel).await;
        let found = found.map_err(to_app_error)?;
        let Some(found) = found.filter(|found| kinds.contains(&found.kind.as_str())) else {
            return Ok(None);
        };
        let secrets = rows.channel_secrets_of(channel).await;
        let secrets = secrets.map_err(to_app_error)?;
        drop(rows);
        match self.account_of(&found, &secrets) {
            Ok(account) => Ok(Some((found.kind, account))),
            Err(error) => {
                tracing::error!(%channel, %error, "the secrets of a channel cannot be opened");
                Err(AppError::Unavailable)
            }
        }
    }

    pub(super) fn account_of(
        &self,
        channel: &ProviderChannelRow,
        secrets: &[SealedSecret],
    ) -> Result<Account, SecretError> {
        let opened = secrets.iter().map(|secret| {
            let place = place_of(&secret.channel, &secret.name);
            let keys = &self.config().keys;
            let opened = keys.open(&place, &secret.key_id, &secret.sealed)?;
            Ok::<_, SecretError>((secret.name.clone(), opened))
        });
        Ok(Account {
            channel: channel.key.clone(),
            address: channel.address.clone(),
            active: channel.active,
            settings: channel.settings.clone(),
            secrets: opened.collect::<Result<_, _>>()?,
        })
    }

    /// Takes what a provider brought. The provider is answered before staff hear of it, as a customer is.
    pub async fn inbound_receive(
        &self,
        channel: &ChannelKey,
        kind: &str,
        inbound: Inbound,
    ) -> Stored<(Received, Unpublished)> {
        let provider = self.config().providers.find(kind);
        let provider = provider.ok_or(crate::store::StoreError::NotFound)?;
        let identity = self.secret_id();
        let command = InboundReceive {
            channel: channel.clone(),
            as_channel: provider.channel(),
            message: inbound.message,
            address: inbound.address,
            user_id: inbound.user_id,
            name: inbound.name,
            text: inbound.text,
            files: inbound
                .media
                .into_iter()
                .map(|media| self.coming(media))
                .collect(),
            attachments: inbound.attachments,
            wish: inbound.wish,
            written_at: inbound.written_at,
            identity,
            workitem: self.workitem_id(),
            entry: self.entry_id(),
            at: self.now(),
        };
        let written = self.store().execute(command).await?;
        Ok(self.unpublished(written))
    }

    /// A file that is fetched when its message is stored. Until then it is called as its type is, where nobody says how.
    fn coming(&self, media: Media) -> ComingFile {
        let kind = FileKind::of_media_type(&media.media_type);
        let name = match kind {
            Some(kind) => kind.file_name(&media.name),
            None => media.media_type.clone(),
        };
        let file = FileRef {
            id: self.file_id(),
            name,
            media_type: media.media_type,
            size: 0,
            state: FileState::Coming,
        };
        // PostgreSQL holds no NUL, and no place has one.
        let source = media.source.replace('\0', "");
        ComingFile { file, source }
    }

    /// The channel of a kind to which customers write at this address.
    pub async fn channel_at(&self, kind: &str, address: &str) -> Stored<Option<ChannelKey>> {
        // PostgreSQL holds no NUL.
        if address.contains('\0') {
            return Ok(None);
        }
        let mut rows = self.store().snapshot().await?;
        rows.provider_channel_at(kind, address).await
    }

    /// Notes how far messages have come. Answers whether there are such messages.
    pub async fn delivery_report(
        &self,
        channel: &ChannelKey,
        about: Reported,
        delivery: Delivery,
    ) -> Stored<bool> {
        if !about.is_nameable() {
            return Ok(false);
        }
        let command = DeliveryReport {
            channel: channel.clone(),
            about,
            delivery,
            at: self.now(),
        };
        let written = self.store().execute(command).await?;
        Ok(self.publish(written))
    }

    fn provider(&self, kind: &str) -> ApiResult<&dyn Provider> {
        let provider = self.config().providers.find(kind);
        provider.ok_or_else(|| AppError::invalid("kind", Problem::NoneChosen))
    }

    /// A channel as administrators see it.
    fn shown(&self, row: ProviderChannelRow, secrets: &[SealedSecret]) -> ProviderChannel {
        let base = self.config().public_url.as_deref().unwrap_or_default();
        let provider = self.config().providers.find(&row.kind);
        let path = provider.map(|provider| provider.webhook(&row.key));
        let secrets = secrets.iter().filter(|secret| secret.channel == row.key);
        let secrets: Vec<SealedSecret> = secrets.cloned().collect();
        // Without its secrets it has none; what cannot be opened is said where it is needed.
        let account = self.account_of(&row, &secrets).ok();
        let verify_token = provider
            .zip(account)
            .and_then(|(provider, account)| provider.verify_token(&account));
        ProviderChannel {
            secrets: secrets.into_iter().map(|secret| secret.name).collect(),
            verify_token,
            webhook: [base, &path.unwrap_or_default()].concat(),
            key: row.key,
            kind: row.kind,
            name: row.name,
            team: row.team,
            team_name: row.team_name,
            address: row.address,
            settings: row.settings,
            active: row.active,
            version: row.version,
            heard_at: row.heard_at,
        }
    }

    /// Creates one for the operator, who proves nothing.
    pub(crate) async fn provider_channel_seed(
        &self,
        key: CommandKey,
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel> {
        let channel = ChannelKey::parse(self.secret_id())?;
        self.provider_channel_save(None, key, (channel, true), change)
            .await
    }

    /// `caller`: who does it; nobody: the operator.
    async fn provider_channel_save(
        &self,
        caller: Option<&Caller>,
        key: CommandKey,
        (channel, create): (ChannelKey, bool),
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel> {
        let provider = self.provider(&change.kind)?;
        let kind = provider.kind();
        let row = ProviderChannelRow {
            key: channel.clone(),
            name: CustomerName::parse(&change.name)?.into(),
            team: change.team,
            team_name: String::new(),
            address: provider.address(&change.address)?,
            settings: settings(provider, &kind, &change.settings)?,
            kind: change.kind,
            text_limit: provider.text_limit(),
            answer_window: provider.answer_window().map(micros),
            active: true,
            version: change.version,
            heard_at: None,
        };
        let typed = change.secrets.iter();
        let typed = typed.map(|secret| (&secret.name, secret.value.reveal()));
        known("secrets", &kind.secrets, typed)?;
        let secrets = self.sealed(&channel, &kind, &change.secrets, create)?;
        if let Some(caller) = caller.filter(|_| !secrets.is_empty()) {
            self.proved(caller).await?;
        }
        let save = ProviderChannelSave {
            channel: row,
            create,
            secrets,
            session: caller.map(|caller| caller.session.clone()),
            context: CommandContext {
                actor: caller.map(|caller| caller.actor.id.clone()),
                key,
                at: self.now(),
            },
        };
        let saved = self.execute(save).await?;
        let mut rows = self.snapshot().await?;
        let row = rows.provider_channel_find(&saved).await;
        let row = row.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        let secrets = rows.channel_secrets_of(&saved).await;
        Ok(self.shown(row, &secrets.map_err(to_app_error)?))
    }

    /// The secrets that were typed, sealed. A new channel needs each of them.
    fn sealed(
        &self,
        channel: &ChannelKey,
        kind: &ChannelKind,
        typed: &[NamedSecret],
        create: bool,
    ) -> ApiResult<Vec<SealedSecret>> {
        let mut sealed = Vec::new();
        for name in &kind.secrets {
            let value = typed.iter().find(|secret| secret.name == *name);
            let value = value.map_or("", |secret| secret.value.reveal().trim());
            if value.is_empty() && !create {
                continue;
            }
            checked(name, value)?;
            let (key_id, bytes) = self.config().keys.seal(&place_of(channel, name), value);
            sealed.push(SealedSecret {
                channel: channel.clone(),
                name: name.clone(),
                key_id,
                sealed: bytes,
            });
        }
        Ok(sealed)
    }
}

/// Each setting of a kind as it is stored, without those that may be left empty and are.
fn settings(
    provider: &dyn Provider,
    kind: &ChannelKind,
    typed: &[NamedValue],
) -> ApiResult<Vec<NamedValue>> {
    let named = typed.iter();
    let named = named.map(|setting| (&setting.name, setting.value.as_str()));
    known("settings", &kind.settings, named)?;
    let stored = |name: &String| -> ApiResult<Option<NamedValue>> {
        let value = typed.iter().find(|setting| setting.name == *name);
        let value = value.map_or("", |setting| setting.value.trim());
        if value.is_empty() && provider.is_optional(name) {
            return Ok(None);
        }
        checked(name, value)?;
        let value = provider.setting(name, value)?;
        let name = name.clone();
        Ok(Some(NamedValue { name, value }))
    };
    let each = kind.settings.iter();
    each.filter_map(|name| stored(name).transpose()).collect()
}

/// Refuses a value for a name that the kind does not have: it would go nowhere.
fn known<'a>(
    field: &str,
    names: &[String],
    mut typed: impl Iterator<Item = (&'a String, &'a str)>,
) -> ApiResult<()> {
    match typed.all(|(name, value)| value.trim().is_empty() || names.contains(name)) {
        true => Ok(()),
        false => Err(AppError::invalid(field, Problem::UnknownSetting)),
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn checked(field: &str, value: &str) -> ApiResult<()> {
    let (max, actual) = (VALUE_MAX as i64, value.chars().count() as i64);
    let problem = match actual {
        0 => Problem::Empty { max },
        actual if actual > max => Problem::TooLong { max, actual },
        _ => return Ok(()),
    };
    Err(AppError::invalid(field, problem))
}

#[async_trait]
impl Channels for Desk {
    async fn provider_channel_list(&self, actor: &Actor) -> ApiResult<ProviderChannels> {
        self.allow(actor, Action::TeamManage).await?;
        let mut rows = self.snapshot().await?;
        let channels = rows.provider_channel_list().await.map_err(to_app_error)?;
        let secrets = rows.channel_secrets_list().await.map_err(to_app_error)?;
        drop(rows);
        let channels = channels.into_iter().map(|row| self.shown(row, &secrets));
        Ok(ProviderChannels {
            kinds: self.config().providers.kinds(),
            channels: channels.collect(),
            reachable: self.config().public_url.is_some(),
        })
    }

    async fn provider_channel_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        let channel = ChannelKey::parse(self.secret_id())?;
        self.provider_channel_save(Some(caller), key, (channel, true), change)
            .await
    }

    async fn provider_channel_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        channel: ChannelKey,
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        self.provider_channel_save(Some(caller), key, (channel, false), change)
            .await
    }

    async fn channel_test(
        &self,
        actor: &Actor,
        channel: ChannelKey,
        to: String,
        text: MessageText,
    ) -> ApiResult<ChannelTested> {
        self.allow(actor, Action::TeamManage).await?;
        let kinds = self.config().providers.kinds();
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.code.as_str()).collect();
        let found = self.account_find(&channel, &kinds).await?;
        let (kind, account) = found.ok_or(AppError::NotFound)?;
        let provider = self.provider(&kind)?;
        let to = provider.recipient(&to).map_err(|error| error.at("to"))?;
        if let Some(problem) = provider.text_limit().problem(text.as_str()) {
            return Err(AppError::invalid("text", problem));
        }
        let context = self.context(actor, CommandKey::parse(self.ids().next())?);
        let test = ChannelTest {
            channel,
            to: to.clone(),
            context,
        };
        self.execute(test).await?;
        let message = Outgoing {
            to,
            text,
            reference: None,
            report_to: None,
        };
        Ok(match provider.send(&account, &message).await {
            Ok(detail) => ChannelTested {
                accepted: true,
                detail,
            },
            Err(error) => ChannelTested {
                accepted: false,
                detail: error.detail().to_owned(),
            },
        })
    }
}
