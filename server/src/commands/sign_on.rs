//! Single sign-on: how it is set up. Whom a provider lets in stands in `sign_on_use`, what it says of sessions in `sign_on_sessions`.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::Problem;
use shared::ids::UserId;
use shared::policy::{Action, can};

use super::edits::edited_meanwhile;
use super::keys::IdempotencyKey;
use super::users::some_administrator;
use super::{audit, rights, sessions};
use crate::store::rows::{GivenRole, SignOnRow, SignOnSettings};
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// What the audit log calls it: there is one.
const ABOUT: &str = "single_sign_on";
/// The longest secret of a client, in characters. Providers make some forty.
pub(crate) const SECRET_MAX: usize = 500;

/// What an administrator decides about it.
#[derive(Clone, Debug)]
pub struct SignOnChange {
    /// What users call the provider.
    pub name: String,
    /// The provider's identifier.
    pub issuer: String,
    /// What the provider calls Sideline.
    pub client_id: String,
    /// Who may come in, and as what.
    pub settings: SignOnSettings,
}

/// Sets it up, or changes how it is. A new one is off. `Conflict` when somebody else edited it since the version that this
/// started from, `Invalid` for another provider without its own secret: the one before would go there. Needs a session that has
/// just proved itself.
#[derive(Clone)]
pub struct SignOnSave {
    /// What it shall be.
    pub change: SignOnChange,
    /// The id of a key and what it sealed: the client's secret, if it is another one.
    pub secret: Option<(String, Vec<u8>)>,
    /// The version that this started from; none: there was nothing.
    pub version: Option<i64>,
    /// The administrator's session.
    pub session: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SignOnSave {
    type Answer = ();
    const NAME: &'static str = "sign_on_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (change, context) = (&self.change, &self.context);
        // What a secret says is no part of it: its digest could be guessed.
        let content = (
            (&change.name, &change.issuer, &change.client_id),
            (&change.settings, self.version, self.secret.is_some()),
        );
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, Some(&self.session)).await?;
        let before = rows.sign_on_find().await?;
        if before.as_ref().map(|before| before.version) != self.version {
            return Err(edited_meanwhile(rows, ABOUT, Self::NAME, Vec::new(), false).await?);
        }
        for given in &change.settings.roles {
            known(rows, given).await?;
        }
        let kept = before.as_ref().filter(|row| row.issuer == change.issuer);
        let kept = kept.map(|row| (row.key_id.clone(), row.sealed.clone()));
        let (key_id, sealed) = self
            .secret
            .clone()
            .or(kept)
            .ok_or_else(|| StoreError::Invalid {
                field: "secret",
                problem: Problem::Empty {
                    max: SECRET_MAX as i64,
                },
            })?;
        let row = SignOnRow {
            active: before.as_ref().is_some_and(|before| before.active),
            name: change.name.clone(),
            issuer: change.issuer.clone(),
            client_id: change.client_id.clone(),
            key_id,
            sealed,
            settings: change.settings.clone(),
            version: before.as_ref().map_or(0, |before| before.version + 1),
        };
        rows.sign_on_set(&row).await?;
        if row.active {
            // At another provider nobody is known.
            some_administrator(rows).await?;
        }
        let mut changes = audited(before.as_ref(), Some(&row));
        if self.secret.is_some() {
            changes.push(audit::noted("secret", "replaced"));
        }
        audit::changed(rows, context, Self::NAME, ABOUT, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// `Invalid` for a role that is gone, or of another kind.
async fn known(rows: &mut dyn Snapshot, given: &GivenRole) -> Stored<()> {
    let Some(role) = &given.role else {
        return Ok(());
    };
    let found = rows.custom_role_find(role).await?;
    match found.is_some_and(|found| found.kind == given.kind) {
        true => Ok(()),
        false => Err(StoreError::Invalid {
            field: "roles",
            problem: Problem::NoneChosen,
        }),
    }
}

/// Switches it on or off. Switching it on needs a session that has just proved itself: it lets others in.
#[derive(Clone, Debug)]
pub struct SignOnActivate {
    /// On or off.
    pub active: bool,
    /// The administrator's session.
    pub session: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SignOnActivate {
    type Answer = ();
    const NAME: &'static str = "sign_on_activate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &self.active)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        if self.active {
            rights::proved_for(rows, context, Some(&self.session)).await?;
        }
        let before = rows.sign_on_find().await?.ok_or(StoreError::NotFound)?;
        let after = SignOnRow {
            active: self.active,
            version: before.version + 1,
            ..before.clone()
        };
        rows.sign_on_set(&after).await?;
        if before.active && !after.active {
            some_administrator(rows).await?;
        }
        let changes = audited(Some(&before), Some(&after));
        audit::changed(rows, context, Self::NAME, ABOUT, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Removes it with its secret. Sessions that began by it go on.
#[derive(Clone, Debug)]
pub struct SignOnDelete {
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SignOnDelete {
    type Answer = ();
    const NAME: &'static str = "sign_on_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &())?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        let before = rows.sign_on_find().await?.ok_or(StoreError::NotFound)?;
        rows.sign_on_delete().await?;
        if before.active {
            some_administrator(rows).await?;
        }
        let changes = audited(Some(&before), None);
        audit::changed(rows, context, Self::NAME, ABOUT, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Takes away what leads from a subject of a provider to a user, and ends the user's sessions that began there. It names the state
/// that is wanted: where the subject leads to that user no more, nothing is done. Needs a session that has just proved itself.
#[derive(Clone, Debug)]
pub struct SignOnUnlink {
    /// Who.
    pub user: UserId,
    /// The provider's identifier.
    pub issuer: String,
    /// What the provider calls them.
    pub subject: String,
    /// The administrator's session.
    pub session: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SignOnUnlink {
    type Answer = ();
    const NAME: &'static str = "sign_on_unlink";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, context) = (&self.user, &self.context);
        let content = (user, &self.issuer, &self.subject);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, Some(&self.session)).await?;
        key.keep(rows, context.at, &()).await?;
        let leads_to = rows.subject_find(&self.issuer, &self.subject).await?;
        if leads_to.as_ref() != Some(user) {
            return Ok(Written::unchanged(()));
        }
        rows.subject_unlink(&self.issuer, &self.subject).await?;
        some_administrator(rows).await?;
        let mut changes = Vec::new();
        for session in rows.sessions_begun_at(&self.issuer, user).await? {
            sessions::end(rows, &session, &mut changes).await?;
        }
        let said = vec![audit::noted("issuer", &self.issuer)];
        audit::changed(rows, context, Self::NAME, user.as_str(), said).await?;
        Ok(Written { value: (), changes })
    }
}

/// Whether a user may sign in with what Sideline itself knows of them: a password or a passkey. Where the provider is the only way
/// in, only those may who can repair it.
pub(super) async fn own_way_in(rows: &mut dyn Snapshot, user: &UserId) -> Stored<bool> {
    let set_up = rows.sign_on_find().await?;
    if set_up.is_none_or(|row| !row.active || row.settings.passwords) {
        return Ok(true);
    }
    let actor = rows.actor_find(user).await?;
    Ok(actor.is_some_and(|actor| can(&actor, Action::UserManage).is_ok()))
}

/// What the audit log says of roles: `supervisor`, or `supervisor/ID` of one that was built.
pub(super) fn listed(roles: &[GivenRole]) -> String {
    audit::listed(roles.iter().map(|given| match &given.role {
        Some(role) => format!("{}/{role}", given.kind.code()),
        None => given.kind.code().to_owned(),
    }))
}

/// What the audit log says of a change, without the secret.
fn audited(before: Option<&SignOnRow>, after: Option<&SignOnRow>) -> Vec<AuditChange> {
    let values = |row: &SignOnRow| {
        let settings = &row.settings;
        [
            row.active.to_string(),
            row.name.clone(),
            row.issuer.clone(),
            row.client_id.clone(),
            settings.create.to_string(),
            listed(&settings.roles),
            settings.roles_claim.clone(),
            settings.username_claim.clone(),
            settings.link.to_string(),
            settings.passwords.to_string(),
        ]
    };
    let fields = [
        "active",
        "name",
        "issuer",
        "client_id",
        "create",
        "roles",
        "roles_claim",
        "username_claim",
        "link",
        "passwords",
    ];
    audit::differences(fields, before.map(values), after.map(values))
}
