//! The chat channels that feed a team.

use async_trait::async_trait;
use shared::admin::ChatChannel;
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference};
use shared::ids::{ChannelKey, TeamId};
use shared::policy::Action;

use super::chat_settings::ChatSettingsSave;
use super::edits::{difference, edited_by, free, last_edit};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// What makes another version of a chat channel.
pub(super) const EDITS: [&str; 3] = [
    ChannelUpdate::NAME,
    ChannelActivate::NAME,
    ChatSettingsSave::NAME,
];

/// Adds a chat channel to a team. `Invalid { field: "address" }` when an address that was chosen belongs to another one, or
/// belonged to one that was deleted.
#[derive(Clone, Debug)]
pub struct ChannelCreate {
    /// The team.
    pub team: TeamId,
    /// The channel.
    pub channel: ChatChannel,
    /// Whether its key was chosen, as the address of its page.
    pub chosen: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelCreate {
    type Answer = ChatChannel;
    const NAME: &'static str = "channel_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<ChatChannel>> {
        let Self {
            team,
            channel,
            chosen,
            context,
        } = self;
        // A key that the host makes is no part of the content.
        let key = match chosen {
            true => {
                let content = (team, &channel.name, &channel.key);
                IdempotencyKey::in_context(context, Self::NAME, &content)?
            }
            false => IdempotencyKey::in_context(context, Self::NAME, &(team, &channel.name))?,
        };
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
        let holder = rows.channel_key_holder(&channel.key).await?;
        if *chosen {
            free(holder, "address")?;
        } else if holder.is_some() {
            return Err(StoreError::Conflict(ConflictCause::ChannelKeyTaken));
        }
        rows.channel_insert(team, channel, context.at).await?;
        let mut changes = audited(None, Some(channel));
        let team = [team.to_string()];
        changes.extend(audit::differences(["team"], None, Some(team)));
        audit::changed(rows, context, Self::NAME, channel.key.as_str(), changes).await?;
        key.keep(rows, context.at, channel).await?;
        Ok(Written::unchanged(channel.clone()))
    }
}

/// A chat channel. `NotFound` for a provider's, which has a form of its own.
pub(super) async fn find(rows: &mut dyn Snapshot, channel: &ChannelKey) -> Stored<ChatChannel> {
    let provided = rows.provider_channel_find(channel).await?;
    let found = rows.channel_find(channel).await?;
    found
        .filter(|_| provided.is_none())
        .ok_or(StoreError::NotFound)
}

/// What the audit log says of a change.
pub(super) fn audited(
    before: Option<&ChatChannel>,
    after: Option<&ChatChannel>,
) -> Vec<AuditChange> {
    let values = |channel: &ChatChannel| [channel.name.clone()];
    audit::differences(["name"], before.map(values), after.map(values))
}

/// Renames a chat channel: the heading of its page. `Conflict` when somebody else edited it since the version that this
/// started from.
#[derive(Clone, Debug)]
pub struct ChannelUpdate {
    /// Which.
    pub channel: ChannelKey,
    /// The name.
    pub name: String,
    /// The version that this started from.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelUpdate {
    type Answer = ChatChannel;
    const NAME: &'static str = "channel_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<ChatChannel>> {
        let (channel, context) = (&self.channel, &self.context);
        let content = (channel, &self.name, self.version);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = find(rows, channel).await?;
        let edited = difference(&before.name, &self.name, Difference::Name);
        if let Some(now) = &edited
            && before.version != self.version
        {
            let (_, by) = last_edit(rows, channel.as_str(), &EDITS).await?;
            return Err(edited_by(by, vec![now.clone()], false));
        }
        let after = ChatChannel {
            name: self.name.clone(),
            version: before.version + i64::from(edited.is_some()),
            ..before.clone()
        };
        rows.channel_set_name(&after).await?;
        let changes = audited(Some(&before), Some(&after));
        audit::changed(rows, context, Self::NAME, channel.as_str(), changes).await?;
        key.keep(rows, context.at, &after).await?;
        Ok(Written::unchanged(after))
    }
}

/// Switches a chat channel on or off.
#[derive(Clone, Debug)]
pub struct ChannelActivate {
    /// Which.
    pub channel: ChannelKey,
    /// On or off.
    pub active: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelActivate {
    type Answer = ();
    const NAME: &'static str = "channel_activate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (channel, active, context) = (&self.channel, self.active, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(channel, active))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = rows.channel_find(channel).await?;
        let was = before.ok_or(StoreError::NotFound)?.active;
        rows.channel_set_active(channel, active).await?;
        let (was, is) = ([was.to_string()], [active.to_string()]);
        let changes = audit::differences(["active"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, channel.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::ChatAccess(channel.clone())],
        })
    }
}
