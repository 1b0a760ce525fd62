//! Channels of providers, as administrators run them. Secrets come sealed; their names are recorded, never their values.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::ids::ChannelKey;
use shared::policy::Action;

use super::chat_channels::ChannelActivate;
use super::edits::{difference, edited_by, last_edit};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::rows::{ProviderChannelRow, SealedSecret};
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Creates a channel or replaces it. `Invalid` when its address belongs to another one of its kind, `Conflict` when somebody
/// else edited it since the version that this started from. To set a secret needs a session that has just proved its password.
#[derive(Clone, Debug)]
pub struct ProviderChannelSave {
    /// As it shall be; its version is the one that this started from.
    pub channel: ProviderChannelRow,
    /// Whether it is a new one.
    pub create: bool,
    /// Secrets that are set or replaced.
    pub secrets: Vec<SealedSecret>,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ProviderChannelSave {
    type Answer = ChannelKey;
    const NAME: &'static str = "provider_channel_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<ChannelKey>> {
        let (channel, context) = (&self.channel, &self.context);
        let key = self.key()?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        if !self.secrets.is_empty() {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let before = rows.provider_channel_find(&channel.key).await?;
        let row = ProviderChannelRow {
            version: self.version(rows, before.as_ref()).await?,
            // Switching is another act.
            active: before.as_ref().is_none_or(|before| before.active),
            ..channel.clone()
        };
        if rows.team_find(&channel.team).await?.is_none() {
            return Err(invalid("team", Problem::NotATeam));
        }
        let holder = rows
            .provider_channel_at(&channel.kind, &channel.address)
            .await?;
        if holder.is_some_and(|holder| holder != channel.key) {
            return Err(invalid("address", Problem::NumberTaken));
        }
        rows.provider_channel_set(&row, context.at).await?;
        let known = rows.channel_secrets_of(&channel.key).await?;
        for secret in &self.secrets {
            rows.channel_secret_set(secret).await?;
        }
        let mut changes = audited(before.as_ref(), Some(&self.channel));
        changes.extend(self.audited_secrets(&known));
        audit::changed(rows, context, self.act(), channel.key.as_str(), changes).await?;
        key.keep(rows, context.at, &channel.key).await?;
        Ok(Written::unchanged(channel.key.clone()))
    }
}

fn invalid(field: &'static str, problem: Problem) -> StoreError {
    StoreError::Invalid { field, problem }
}

impl ProviderChannelSave {
    /// How the audit log and the key call it.
    fn act(&self) -> &'static str {
        match self.create {
            true => "provider_channel_create",
            false => "provider_channel_update",
        }
    }

    /// The key of a new one is no part of the content: the host makes it. Nor is what a secret says, whose digest could be
    /// guessed.
    fn key(&self) -> Stored<IdempotencyKey> {
        let ProviderChannelRow {
            key,
            kind,
            name,
            team,
            address,
            settings,
            version,
            ..
        } = &self.channel;
        let secrets = self.secrets.iter().map(|secret| &secret.name);
        let content = (
            (!self.create).then_some(key),
            (kind, name, team, address, settings),
            secrets.collect::<Vec<_>>(),
            version,
        );
        IdempotencyKey::in_context(&self.context, self.act(), &content)
    }

    /// The version that it has from now on.
    async fn version(
        &self,
        rows: &mut dyn Snapshot,
        before: Option<&ProviderChannelRow>,
    ) -> Stored<i64> {
        let wanted = &self.channel;
        let stored = match (before, self.create) {
            (None, true) => return Ok(0),
            (Some(_), true) => return Err(StoreError::Conflict(ConflictCause::ChannelKeyTaken)),
            (None, false) => return Err(StoreError::NotFound),
            (Some(stored), false) if stored.kind != wanted.kind => {
                return Err(StoreError::NotFound);
            }
            (Some(stored), false) => stored,
        };
        if stored.version != wanted.version {
            return Err(self.overtaken(rows, stored).await?);
        }
        Ok(stored.version + 1)
    }

    /// The refusal of an edit of a channel that was edited or switched meanwhile. A switch is no part of an edit and stays as it
    /// is, but who edits what takes no messages any more should know.
    async fn overtaken(
        &self,
        rows: &mut dyn Snapshot,
        stored: &ProviderChannelRow,
    ) -> Stored<StoreError> {
        let (wanted, switch) = (&self.channel, ChannelActivate::NAME);
        let (act, by) = last_edit(rows, wanted.key.as_str(), &[self.act(), switch]).await?;
        let renamed = difference(&stored.name, &wanted.name, Difference::Name);
        let switched = (act == Some(switch)).then_some(Difference::Active(stored.active));
        let now = renamed.into_iter().chain(switched).collect();
        Ok(edited_by(by, now, false))
    }

    /// The names of the secrets that it sets, and of those among them that replace one.
    fn audited_secrets(&self, known: &[SealedSecret]) -> Option<AuditChange> {
        let names = || self.secrets.iter().map(|one| &one.name);
        let replaced = names().filter(|name| known.iter().any(|one| one.name == **name));
        let was = audit::listed(replaced);
        (!self.secrets.is_empty()).then(|| AuditChange {
            field: "secrets".to_owned(),
            was: (!was.is_empty()).then_some(was),
            is: Some(audit::listed(names())),
        })
    }
}

/// What the audit log says of a change, without the secrets.
pub(super) fn audited(
    before: Option<&ProviderChannelRow>,
    after: Option<&ProviderChannelRow>,
) -> Vec<AuditChange> {
    let values = |row: &ProviderChannelRow| {
        let settings = row.settings.iter();
        let settings = settings.map(|setting| format!("{}={}", setting.name, setting.value));
        [
            row.kind.clone(),
            row.name.clone(),
            row.team.to_string(),
            row.address.clone(),
            audit::listed(settings),
        ]
    };
    let fields = ["kind", "name", "team", "address", "settings"];
    audit::differences(fields, before.map(values), after.map(values))
}

/// Records that a channel is tried out, before it is: a message goes out at somebody's cost. `Conflict` when the customer at that
/// address has said STOP.
#[derive(Clone, Debug)]
pub struct ChannelTest {
    /// Which.
    pub channel: ChannelKey,
    /// To which address, as a customer's is stored.
    pub to: String,
    /// By whom and when.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelTest {
    type Answer = ();
    const NAME: &'static str = "channel_test";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rights::ask_for(rows, &self.context, Action::TeamManage).await?;
        let channel = rows.provider_channel_find(&self.channel).await?;
        channel.ok_or(StoreError::NotFound)?;
        let customer = rows.identity_at(&self.channel, &self.to).await?;
        if customer.is_some_and(|customer| customer.stopped_at.is_some()) {
            return Err(StoreError::Conflict(ConflictCause::CustomerStopped));
        }
        audit::act(rows, &self.context, Self::NAME, self.channel.as_str()).await?;
        Ok(Written::unchanged(()))
    }
}
