//! Chat channels as administrators set them up: settings, and the secret by which pages prove who their customers are.

use app::backend::{ApiResult, Caller};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::admin::ChatChannel;
use shared::chat_settings::ChatSettings;
use shared::error::{AppError, Problem};
use shared::ids::{ChannelKey, CommandKey};
use shared::people::Actor;
use shared::policy::Action;

use super::channels::place_of;
use super::{Desk, to_app_error};
use crate::commands::{ChatSecretSet, ChatSettingsSave};
use crate::store::rows::SealedSecret;

/// The name of the secret.
const SECRET: &str = "identity";
/// What a secret begins with, so that people and programs that look for lost secrets know one.
pub const PREFIX: &str = "sli_";

/// A chat channel with what it is set to.
#[derive(Clone, Debug)]
pub struct ChatChannelSetUp {
    /// The channel.
    pub channel: ChatChannel,
    /// Its settings.
    pub settings: ChatSettings,
    /// Whether it has a secret.
    pub has_secret: bool,
}

/// What a page says of its customer, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityClaim {
    /// The customer's id there.
    pub user: String,
    /// HMAC-SHA256 of the id by the channel's secret.
    pub proof: Vec<u8>,
}

impl Desk {
    /// A chat channel for its page of settings.
    pub async fn chat_channel_load(
        &self,
        actor: &Actor,
        channel: &ChannelKey,
    ) -> ApiResult<ChatChannelSetUp> {
        self.allow(actor, Action::TeamManage).await?;
        let mut rows = self.snapshot().await?;
        let stored = rows.channel_settings_find(channel).await;
        let stored = stored.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        let found = rows.channel_find(channel).await.map_err(to_app_error)?;
        let secrets = rows.channel_secrets_of(channel).await;
        let secrets = secrets.map_err(to_app_error)?;
        Ok(ChatChannelSetUp {
            channel: found.ok_or(AppError::NotFound)?,
            settings: ChatSettings::stored(&stored),
            has_secret: secrets.iter().any(|secret| secret.name == SECRET),
        })
    }

    /// Replaces the settings of a chat channel.
    pub async fn chat_settings_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        (settings, version): (ChatSettings, i64),
    ) -> ApiResult<()> {
        self.allow(actor, Action::TeamManage).await?;
        let save = ChatSettingsSave {
            channel,
            settings,
            version,
            context: self.context(actor, key),
        };
        self.execute(save).await.map(drop)
    }

    /// Makes the channel's secret, in place of the one it had, and answers it; `None` when the key was repeated: it was
    /// answered then. Asks for the caller's password once more.
    pub async fn chat_secret_make(
        &self,
        caller: &Caller,
        key: CommandKey,
        channel: ChannelKey,
    ) -> ApiResult<Option<String>> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        self.proved(caller).await?;
        let secret = [PREFIX, &self.ids().secret()].concat();
        let place = place_of(&channel, SECRET);
        let (key_id, sealed) = self.config().keys.seal(&place, &secret);
        let sealed = SealedSecret {
            channel: channel.clone(),
            name: SECRET.to_owned(),
            key_id,
            sealed,
        };
        let made = self.chat_secret_set(caller, key, channel, Some(sealed));
        Ok(made.await?.then_some(secret))
    }

    /// Takes the channel's secret away: from then on no page proves anybody. Asks for the caller's password once more.
    pub async fn chat_secret_remove(
        &self,
        caller: &Caller,
        key: CommandKey,
        channel: ChannelKey,
    ) -> ApiResult<()> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        self.proved(caller).await?;
        let removed = self.chat_secret_set(caller, key, channel, None);
        removed.await.map(drop)
    }

    async fn chat_secret_set(
        &self,
        caller: &Caller,
        key: CommandKey,
        channel: ChannelKey,
        secret: Option<SealedSecret>,
    ) -> ApiResult<bool> {
        let set = ChatSecretSet {
            channel,
            name: SECRET.to_owned(),
            secret,
            session: Some(caller.session.clone()),
            context: self.context(&caller.actor, key),
        };
        self.execute(set).await
    }

    /// The id of the customer whom a page proves; `None` for one who has not written yet. `Invalid { field: "identity" }` for a
    /// proof that the channel's secret does not make, and where there is no secret.
    pub async fn identity_prove(
        &self,
        channel: &ChannelKey,
        claim: &IdentityClaim,
    ) -> ApiResult<Option<String>> {
        let mut rows = self.snapshot().await?;
        let secrets = rows.channel_secrets_of(channel).await;
        let secrets = secrets.map_err(to_app_error)?;
        let known = rows.identity_at(channel, &claim.user).await;
        let known = known.map_err(to_app_error)?;
        drop(rows);
        let wrong = || AppError::invalid("identity", Problem::WrongIdentity);
        let sealed = secrets.iter().find(|secret| secret.name == SECRET);
        let sealed = sealed.ok_or_else(wrong)?;
        let (place, keys) = (place_of(channel, SECRET), &self.config().keys);
        let secret = keys.open(&place, &sealed.key_id, &sealed.sealed);
        let secret = secret.map_err(|error| {
            tracing::error!(%channel, %error, "the identity secret of a chat channel cannot be opened");
            AppError::Unavailable
        })?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
            .map_err(|_| AppError::Unavailable)?;
        mac.update(claim.user.as_bytes());
        mac.verify_slice(&claim.proof).map_err(|_| wrong())?;
        Ok(known.map(|known| known.id))
    }
}
