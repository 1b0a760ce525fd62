//! How a chat channel is set up: its settings, and the secret by which pages prove who their customers are.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::chat_settings::{ChatSettings, NAMES};
use shared::ids::ChannelKey;
use shared::policy::Action;

use super::chat_channels::EDITS;
use super::edits::{edited_by, last_edit};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::rows::SealedSecret;
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

/// Replaces the settings of a chat channel. `Conflict` when somebody else edited the channel since the version that this
/// started from. Answers the version that the channel has then.
#[derive(Clone, Debug)]
pub struct ChatSettingsSave {
    /// Which.
    pub channel: ChannelKey,
    /// As they shall be.
    pub settings: ChatSettings,
    /// The version that this started from.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChatSettingsSave {
    type Answer = i64;
    const NAME: &'static str = "chat_settings_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<i64>> {
        let (channel, context) = (&self.channel, &self.context);
        let texts = self.settings.texts();
        let content = (channel, &texts, self.version);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let stored = rows.channel_settings_find(channel).await?;
        let before = ChatSettings::stored(&stored.ok_or(StoreError::NotFound)?);
        let found = rows.channel_find(channel).await?;
        let found = found.ok_or(StoreError::NotFound)?.version;
        let edits = before != self.settings;
        if edits && found != self.version {
            let (_, by) = last_edit(rows, channel.as_str(), &EDITS).await?;
            return Err(edited_by(by, Vec::new(), false));
        }
        let version = found + i64::from(edits);
        let json = serde_json::to_string(&texts)?;
        rows.channel_set_settings(channel, &json, version).await?;
        let changes = self.audited(&before);
        audit::changed(rows, context, Self::NAME, channel.as_str(), changes).await?;
        key.keep(rows, context.at, &version).await?;
        Ok(Written::unchanged(version))
    }
}

impl ChatSettingsSave {
    /// What the audit log says of it.
    fn audited(&self, before: &ChatSettings) -> Vec<AuditChange> {
        let values = |settings: &ChatSettings| {
            let texts = settings.texts();
            NAMES.map(|name| texts.get(name).cloned().unwrap_or_default())
        };
        audit::differences(NAMES, Some(values(before)), Some(values(&self.settings)))
    }
}

/// Sets the secret by which pages prove who their customers are, or takes it away. Answers whether it was done now: under a
/// repeated key it was done before, and the secret was shown then. Needs a session that has just proved its password: who has the
/// secret writes as any known customer.
#[derive(Clone, Debug)]
pub struct ChatSecretSet {
    /// Which channel's.
    pub channel: ChannelKey,
    /// The name of the secret.
    pub name: String,
    /// The secret, sealed; `None`: no more.
    pub secret: Option<SealedSecret>,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChatSecretSet {
    type Answer = bool;
    const NAME: &'static str = "chat_secret_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let (channel, name, context) = (&self.channel, &self.name, &self.context);
        // What a secret says is made by the host, each time it is asked.
        let content = (channel, name, self.secret.is_some());
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        let stored = rows.channel_settings_find(channel).await?;
        stored.ok_or(StoreError::NotFound)?;
        let known = rows.channel_secrets_of(channel).await?;
        let had = known.iter().any(|known| known.name == *name);
        match &self.secret {
            Some(secret) => rows.channel_secret_set(secret).await?,
            None => rows.channel_secret_delete(channel, name).await?,
        }
        let changes = vec![AuditChange {
            field: "secrets".to_owned(),
            was: had.then(|| name.clone()),
            is: self.secret.as_ref().map(|secret| secret.name.clone()),
        }];
        audit::changed(rows, context, Self::NAME, channel.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: true,
            changes: vec![Change::ChatAccess(channel.clone())],
        })
    }
}
