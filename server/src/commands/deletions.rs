//! Users, teams, channels, labels and rules for alerts that an administrator deletes. Their rows stay, so that what people wrote,
//! what workitems are labelled with and what the audit log says keeps its names.

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{AlertRuleId, ChannelKey, EntryId, LabelId, TeamId, UserId};
use shared::people::Role;
use shared::policy::Action;

use super::departures::leave;
use super::edits::edited_meanwhile;
use super::keys::IdempotencyKey;
use super::users::{another_administrator, person};
use super::{alerts, audit, channels, chat_channels, deliveries, labels, rights, teams, users};
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

/// Deletes a user, who cannot sign in any more; their work goes back to its queues as at a deactivation. The username stays
/// theirs. `Conflict` for oneself, for the last active administrator, and at another version than the one that was seen.
#[derive(Clone, Debug)]
pub struct UserDelete {
    /// Whom.
    pub user: UserId,
    /// The version of the account that was seen.
    pub version: i64,
    /// Ids for the entries that this writes, one for each open workitem.
    pub entries: Vec<EntryId>,
    /// The session of the administrator, which must have proved its password.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for UserDelete {
    type Answer = ();
    const NAME: &'static str = "user_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, context) = (&self.user, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(user, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        if context.actor.as_ref() == Some(user) {
            return Err(StoreError::Conflict(ConflictCause::OwnDeletion));
        }
        let before = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        if before.version != self.version {
            let act = "user_update";
            let refusal = edited_meanwhile(rows, user.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        if before.active && before.roles.contains(&Role::Administrator) {
            another_administrator(rows, user).await?;
        }
        let audited = users::audited(Some(&before), None);
        audit::changed(rows, context, Self::NAME, user.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        rows.user_set_active(user, false).await?;
        let mut changes = Vec::new();
        let agent = person(&before);
        leave(rows, &agent, &self.entries, context.at, &mut changes).await?;
        // Their supervisors lose authority over them.
        for supervisor in rows.team_supervisors_of(user).await? {
            changes.push(Change::Authority(supervisor));
        }
        rows.user_delete(user, context.at).await?;
        changes.push(Change::Authority(user.clone()));
        changes.push(Change::People);
        Ok(Written { value: (), changes })
    }
}

/// Deletes a team. `Conflict` while it has agents, chat channels or open work, and at another version than the one that was
/// seen. Its supervisors go on reading its closed work; its name stays its own.
#[derive(Clone, Debug)]
pub struct TeamDelete {
    /// Which.
    pub team: TeamId,
    /// The version that was seen.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TeamDelete {
    type Answer = ();
    const NAME: &'static str = "team_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (team, context) = (&self.team, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(team, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
        if before.version != self.version {
            let act = "team_update";
            let refusal = edited_meanwhile(rows, team.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        let extent = rows.team_extent(team).await?;
        if !extent.is_empty() {
            return Err(StoreError::Conflict(ConflictCause::TeamInUse { extent }));
        }
        let audited = teams::audited(Some(&before), None);
        audit::changed(rows, context, Self::NAME, team.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        rows.team_delete(team, context.at).await?;
        let supervisors = before.supervisors.into_iter();
        let mut changes: Vec<Change> = supervisors
            .map(|supervisor| Change::Authority(supervisor.id))
            .collect();
        changes.push(Change::Queue(team.clone()));
        changes.push(Change::People);
        Ok(Written { value: (), changes })
    }
}

/// Deletes a channel with its secrets. The page of a chat channel is not found any more, and nothing else ever has its address; a
/// provider's channel takes nothing any more, what waits for its customers ends as not delivered, and another channel can have its
/// number. `Conflict` while a conversation that was begun on it is open.
#[derive(Clone, Debug)]
pub struct ChannelDelete {
    /// Which.
    pub channel: ChannelKey,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelDelete {
    type Answer = ();
    const NAME: &'static str = "channel_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (channel, context) = (&self.channel, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, channel)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = rows.channel_find(channel).await?;
        let before = before.ok_or(StoreError::NotFound)?;
        let provided = rows.provider_channel_find(channel).await?;
        let open = rows.channel_extent(channel).await?.open;
        if open > 0 {
            return Err(StoreError::Conflict(ConflictCause::ChannelInUse { open }));
        }
        let audited = match &provided {
            Some(provided) => channels::audited(Some(provided), None),
            None => chat_channels::audited(Some(&before), None),
        };
        audit::changed(rows, context, Self::NAME, channel.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        rows.channel_delete(channel, context.at).await?;
        for secret in rows.channel_secrets_of(channel).await? {
            rows.channel_secret_delete(channel, &secret.name).await?;
        }
        let mut changes = vec![Change::ChatAccess(channel.clone())];
        deliveries::give_up(rows, channel, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Deletes a label. Nobody is offered it any more, and another one can have its name; workitems that have it keep it, with its name
/// in history and figures. Where somebody else has deleted it nothing changes. `Conflict` at another version than the one that was
/// seen.
#[derive(Clone, Debug)]
pub struct LabelDelete {
    /// Which.
    pub label: LabelId,
    /// The version that was seen.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for LabelDelete {
    type Answer = ();
    const NAME: &'static str = "label_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (label, context) = (&self.label, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(label, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        let Some(before) = rows.label_find(label).await? else {
            if !rows.label_is_deleted(label).await? {
                return Err(StoreError::NotFound);
            }
            key.keep(rows, context.at, &()).await?;
            return Ok(Written::unchanged(()));
        };
        if before.version != self.version {
            let act = "label_update";
            let refusal = edited_meanwhile(rows, label.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        let audited = labels::audited(Some(&before), None);
        audit::changed(rows, context, Self::NAME, label.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        rows.label_delete(label, context.at).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::People],
        })
    }
}

/// Deletes a rule for alerts. What it found is over, and another one can have its name. Where somebody else has deleted it nothing
/// changes. `Conflict` at another version than the one that was seen.
#[derive(Clone, Debug)]
pub struct AlertRuleDelete {
    /// Which.
    pub rule: AlertRuleId,
    /// The version that was seen.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for AlertRuleDelete {
    type Answer = ();
    const NAME: &'static str = "alert_rule_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (rule, context) = (&self.rule, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(rule, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        let Some(before) = rows.alert_rule_find(rule).await? else {
            if !rows.alert_rule_is_deleted(rule).await? {
                return Err(StoreError::NotFound);
            }
            key.keep(rows, context.at, &()).await?;
            return Ok(Written::unchanged(()));
        };
        if before.version != self.version {
            let act = "alert_rule_update";
            let refusal = edited_meanwhile(rows, rule.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        let audited = alerts::audited(Some(&before), None)?;
        audit::changed(rows, context, Self::NAME, rule.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        alerts::settle_of(rows, rule, context.at).await?;
        rows.alert_rule_delete(rule, context.at).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::AlertRules, Change::People],
        })
    }
}
