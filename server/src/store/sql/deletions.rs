//! Marks of what administrators delete, and what hangs on it.

use async_trait::async_trait;
use shared::deletion::DeletionExtent;
use shared::ids::{AlertRuleId, ChannelKey, LabelId, TeamId, UserId};
use shared::time::Timestamp;

use super::rows::{flag, int};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{DeletionReads, DeletionRows, NameHolder};

const OF_USER: &str = "SELECT COUNT(*) AS open, 0 AS agents, 0 AS channels FROM workitems
    WHERE agent_id = $1 AND state IN ('queued', 'active', 'wrap_up')";
const OF_TEAM: &str = "SELECT
        (SELECT COUNT(*) FROM workitems WHERE team_id = $1 AND state IN ('queued', 'active', 'wrap_up')) AS open,
        (SELECT COUNT(*) FROM team_members WHERE team_id = $1) AS agents,
        (SELECT COUNT(*) FROM channels WHERE team_id = $1 AND deleted_at IS NULL) AS channels";
/// From the open workitems, of which there are few: most are closed, which the planner cannot know.
const OF_CHANNEL: &str = "SELECT COUNT(*) AS open, 0 AS agents, 0 AS channels FROM workitems w
    INDEXED BY workitems_queue CROSS JOIN customer_views v ON v.workitem_id = w.id
    WHERE w.state IN ('queued', 'active', 'wrap_up') AND v.channel_key = $1";

const LABEL_IS_DELETED: &str =
    "SELECT EXISTS (SELECT 1 FROM labels WHERE id = $1 AND deleted_at IS NOT NULL) AS deleted";
const ALERT_RULE_IS_DELETED: &str =
    "SELECT EXISTS (SELECT 1 FROM alert_rules WHERE id = $1 AND deleted_at IS NOT NULL) AS deleted";

/// A hash that no password has.
const USER: &str =
    "UPDATE users SET active = 0, deleted_at = $2, password_hash = '', capacity = NULL,
    absent_since = NULL WHERE id = $1";
/// What belongs to the account and to no history.
const OF_ACCOUNT: [&str; 10] = [
    "DELETE FROM sign_ins WHERE user_id = $1",
    "DELETE FROM second_factors WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
    "DELETE FROM passkeys WHERE user_id = $1",
    "DELETE FROM user_identities WHERE user_id = $1",
    "DELETE FROM known_browsers WHERE user_id = $1",
    "DELETE FROM team_members WHERE user_id = $1",
    "DELETE FROM team_supervisors WHERE user_id = $1",
    "DELETE FROM user_roles WHERE user_id = $1",
    "DELETE FROM provisioned_users WHERE user_id = $1",
];
const TEAM: &str = "UPDATE teams SET deleted_at = $2 WHERE id = $1";
/// The number of a provider's channel is free again, because no two rows of a kind have the same.
const CHANNEL: &str = "UPDATE channels SET active = 0, deleted_at = $2, version = version + 1,
    address = CASE kind WHEN 'chat' THEN address ELSE 'deleted ' || key END WHERE key = $1";
/// Switched off as well: a release before knows nothing of the mark.
const LABEL: &str = "UPDATE labels SET active = 0, deleted_at = $2 WHERE id = $1";
const ALERT_RULE: &str = "UPDATE alert_rules SET active = 0, deleted_at = $2 WHERE id = $1";

fn extent(row: &Row) -> Stored<DeletionExtent> {
    Ok(DeletionExtent {
        open: int(row, "open")?,
        agents: int(row, "agents")?,
        channels: int(row, "channels")?,
    })
}

/// Who has a name, from the column `deleted`.
pub(super) fn holder(row: &Row) -> Stored<NameHolder> {
    Ok(match flag(row, "deleted")? {
        true => NameHolder::Deleted,
        false => NameHolder::Present,
    })
}

#[async_trait]
impl<R: Runner> DeletionReads for Rows<R> {
    async fn user_extent(&mut self, user: &UserId) -> Stored<DeletionExtent> {
        self.quick(|connection| extent(&sql(OF_USER).bind(user.as_str()).fetch_one(connection)?))
    }

    async fn team_extent(&mut self, team: &TeamId) -> Stored<DeletionExtent> {
        self.quick(|connection| extent(&sql(OF_TEAM).bind(team.as_str()).fetch_one(connection)?))
    }

    async fn channel_extent(&mut self, channel: &ChannelKey) -> Stored<DeletionExtent> {
        self.quick(|connection| {
            let row = sql(OF_CHANNEL)
                .bind(channel.as_str())
                .fetch_one(connection)?;
            extent(&row)
        })
    }

    async fn label_is_deleted(&mut self, label: &LabelId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(LABEL_IS_DELETED)
                .bind(label.as_str())
                .fetch_one(connection)?;
            flag(&row, "deleted")
        })
    }

    async fn alert_rule_is_deleted(&mut self, rule: &AlertRuleId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(ALERT_RULE_IS_DELETED)
                .bind(rule.as_str())
                .fetch_one(connection)?;
            flag(&row, "deleted")
        })
    }
}

#[async_trait]
impl DeletionRows for Rows<Inline<'_>> {
    async fn user_delete(&mut self, user: &UserId, at: Timestamp) -> Stored<()> {
        let connection = self.connection();
        for statement in OF_ACCOUNT {
            sql(statement).bind(user.as_str()).execute(connection)?;
        }
        sql(USER)
            .bind(user.as_str())
            .bind(at.0)
            .execute(connection)?;
        Ok(())
    }

    async fn team_delete(&mut self, team: &TeamId, at: Timestamp) -> Stored<()> {
        sql(TEAM)
            .bind(team.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_delete(&mut self, channel: &ChannelKey, at: Timestamp) -> Stored<()> {
        sql(CHANNEL)
            .bind(channel.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn label_delete(&mut self, label: &LabelId, at: Timestamp) -> Stored<()> {
        sql(LABEL)
            .bind(label.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn alert_rule_delete(&mut self, rule: &AlertRuleId, at: Timestamp) -> Stored<()> {
        sql(ALERT_RULE)
            .bind(rule.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
