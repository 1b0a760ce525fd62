//! What an administrator sets for the whole organisation.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::ConflictCause;
use shared::ids::CommandKey;
use shared::organisation::{
    OrganisationEdit, OrganisationSettings, PASSKEYS, SECOND_FACTOR, SettingChange,
    SettingDifference,
};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Changes some settings, with a row in the audit log. `Conflict` says what changed since `version`.
#[derive(Clone, Debug)]
pub struct OrganisationSave {
    /// Who.
    pub actor: PersonRef,
    /// The version that the edit started from.
    pub version: i64,
    /// What shall be different.
    pub changes: Vec<SettingChange>,
    /// The session, which must have proved its password to change who needs a second factor, or to delete something sooner.
    pub session: String,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for OrganisationSave {
    type Answer = OrganisationEdit;
    const NAME: &'static str = "organisation_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<OrganisationEdit>> {
        let actor = &self.actor.id;
        let content = (self.version, &self.changes);
        let key = IdempotencyKey::of_user(actor, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, actor, Action::OrganisationManage).await?;
        let before = rows.organisation_find().await?;
        let sensitive =
            |change: &SettingChange| [SECOND_FACTOR, PASSKEYS].contains(&change.name.as_str());
        if self.changes.iter().any(sensitive) || before.settings.deletes_sooner(&self.changes) {
            rights::proved(rows, actor, &self.session, self.at).await?;
        }
        if before.version != self.version {
            return Err(overtaken(rows, self.version, &before).await?);
        }
        let settings =
            (before.settings.changed(&self.changes)).map_err(|refused| StoreError::Invalid {
                field: refused.field,
                problem: refused.problem,
            })?;
        let after = OrganisationEdit {
            version: before.version + i64::from(settings != before.settings),
            settings,
        };
        if after.version != before.version {
            rows.organisation_set(&after, actor, self.at).await?;
            let differences = before.settings.differences(&after.settings);
            let changes: Vec<_> = differences.into_iter().map(audited).collect();
            let act = (Self::NAME, "");
            audit::done(rows, Some(actor), act, &changes, self.at).await?;
        }
        key.keep(rows, self.at, &after).await?;
        let mut changes = Vec::new();
        if after.settings.capacity != before.settings.capacity {
            // It stands on every dashboard.
            changes.push(Change::People);
        }
        Ok(Written {
            value: after,
            changes,
        })
    }
}

/// What the audit log says of a setting.
fn audited(difference: SettingDifference) -> AuditChange {
    AuditChange {
        field: difference.name,
        was: Some(difference.was.to_string()),
        is: Some(difference.is.to_string()),
    }
}

/// Somebody saved since this edit began: who, and what is different now.
async fn overtaken(
    rows: &mut dyn Snapshot,
    version: i64,
    present: &OrganisationEdit,
) -> Stored<StoreError> {
    let base = match version {
        0 => Some(OrganisationSettings::default()),
        _ => rows.organisation_at(version).await?,
    };
    let by = rows.organisation_saved_by(present.version).await?;
    let changes = base.map(|base| base.differences(&present.settings));
    Ok(StoreError::Conflict(ConflictCause::SettingsChanged {
        by,
        changes: changes.unwrap_or_default(),
    }))
}
