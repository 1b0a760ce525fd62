//! Users as administrators change them. There is always an active administrator left.

use async_trait::async_trait;
use serde::Serialize;
use shared::admin::{CapacityChange, UserAccount};
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::ids::{EntryId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;
use shared::time::Timestamp;
use shared::workitem::{Channel, ChannelCounts};

use super::audit::Sender;
use super::departures::{Departure, leave, take_all};
use super::edits::{difference, edited_meanwhile, free};
use super::keys::IdempotencyKey;
use super::{audit, capacity, requests, rights, sessions};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Creates a user. `Invalid { field: "username" }` when the name is taken.
#[derive(Clone, Debug)]
pub struct UserCreate {
    /// The account.
    pub account: UserAccount,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Whether the user has to choose another password at the first sign-in.
    pub temporary: bool,
    /// The session of an administrator, which must have proved its password to create another one.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for UserCreate {
    type Answer = UserAccount;
    const NAME: &'static str = "user_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<UserAccount>> {
        let Self {
            account, context, ..
        } = self;
        let content = (&account.username, &account.name, &account.roles);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        if account.roles.contains(&Role::Administrator) {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let password = (&self.password_hash[..], self.temporary);
        insert(rows, Sender::Of(context), account, password).await?;
        key.keep(rows, context.at, account).await?;
        Ok(Written {
            value: account.clone(),
            changes: vec![Change::People],
        })
    }
}

/// Stores a new user, with the hash of the password and whether another one has to be chosen. `Invalid` when the name is taken.
pub(super) async fn insert(
    rows: &mut dyn Transaction,
    sender: Sender<'_>,
    account: &UserAccount,
    (password_hash, temporary): (&str, bool),
) -> Stored<()> {
    let holder = rows.username_holder(&account.username).await?;
    free(holder, "username")?;
    let id = &account.id;
    rows.user_insert(account, password_hash, sender.at())
        .await?;
    rows.user_set_roles(id, &account.roles).await?;
    rows.account_set_temporary(id, temporary).await?;
    let changes = audited(None, Some(account));
    audit::sent(rows, sender, (UserCreate::NAME, id.as_str()), changes).await
}

/// Creates the first user of an empty database. `NotFound` as soon as there is one.
#[derive(Clone, Debug)]
pub struct FirstUserCreate {
    /// The user; the operator creates them.
    pub create: UserCreate,
}

#[async_trait]
impl Command for FirstUserCreate {
    type Answer = UserAccount;
    const NAME: &'static str = "first_user_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<UserAccount>> {
        if rows.user_any().await? {
            return Err(StoreError::NotFound);
        }
        self.create.execute(rows).await
    }
}

/// What the audit log says of a change.
pub(super) fn audited(
    before: Option<&UserAccount>,
    after: Option<&UserAccount>,
) -> Vec<AuditChange> {
    let values = |account: &UserAccount| {
        let capacity = account.capacity.map(|own| {
            let own = Channel::ALL.map(|channel| own.of(channel).to_string());
            audit::listed(own)
        });
        [
            account.username.clone(),
            account.name.clone(),
            audit::listed(account.roles.iter().map(|role| role.code())),
            capacity.unwrap_or_default(),
            account.active.to_string(),
        ]
    };
    let fields = ["username", "name", "roles", "capacity", "active"];
    audit::differences(fields, before.map(values), after.map(values))
}

/// The stored hash of users who have none, because they sign in otherwise. No password has it.
pub(super) const NO_PASSWORD: &str = "";

/// Refuses to take away the last one who can let others in, and has a way in.
pub(super) async fn another_administrator(rows: &mut dyn Snapshot, user: &UserId) -> Stored<()> {
    if rows.administrators_beside(Some(user)).await? == 0 {
        return Err(StoreError::Conflict(ConflictCause::LastAdministrator));
    }
    Ok(())
}

/// Refuses a change that leaves nobody who can let others in, and has a way in.
pub(super) async fn some_administrator(rows: &mut dyn Snapshot) -> Stored<()> {
    if rows.administrators_beside(None).await? == 0 {
        return Err(StoreError::Conflict(ConflictCause::LastAdministrator));
    }
    Ok(())
}

/// Changes name, roles and an agent's capacity. When the roles change, the user's sessions end. A user who is an agent no
/// longer leaves their teams, and their open work goes back as at a deactivation; one who is a supervisor no longer leaves
/// the teams that they supervised. `Conflict` when somebody else edited the user since `version`.
#[derive(Clone, Debug, Serialize)]
pub struct UserUpdate {
    /// Whom.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// An agent's own numbers; `None` leaves them.
    // A command of an older release, which knew no capacity, stays the same command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityChange>,
    /// The version that this started from.
    pub version: i64,
    /// The session of the administrator, which must have proved its password to change roles or an administrator.
    #[serde(skip)]
    pub session: Option<String>,
    /// By whom, when and under which key.
    #[serde(skip)]
    pub context: CommandContext,
}

#[async_trait]
impl Command for UserUpdate {
    type Answer = UserAccount;
    const NAME: &'static str = "user_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<UserAccount>> {
        let (user, context) = (&self.user, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, self)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        let before = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        if before.roles != self.roles || before.roles.contains(&Role::Administrator) {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let capacity = self.capacity(&before)?;
        let differences = self.differences(&before, capacity);
        let edited = !differences.is_empty();
        if edited && self.version != before.version {
            let id = user.as_str();
            let refusal = edited_meanwhile(rows, id, Self::NAME, differences, false);
            return Err(refusal.await?);
        }
        let after = UserAccount {
            name: self.name.clone(),
            roles: self.roles.clone(),
            capacity,
            version: before.version + i64::from(edited),
            ..before.clone()
        };
        let (id, changes) = (user.as_str(), audited(Some(&before), Some(&after)));
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, &after).await?;
        if after == before {
            return Ok(Written::unchanged(after));
        }
        let mut changes = Vec::new();
        apply(rows, context.at, (&before, &after), &mut changes).await?;
        Ok(Written {
            value: after,
            changes,
        })
    }
}

impl UserUpdate {
    /// The agent's own numbers from now on; a user without the agent role has none.
    fn capacity(&self, stored: &UserAccount) -> Stored<Option<ChannelCounts>> {
        let agent = self.roles.contains(&Role::Agent);
        match (self.capacity, agent) {
            (Some(CapacityChange::Own(own)), true) => capacity::within_limits(own).map(Some),
            (Some(CapacityChange::Own(_)), false) => Err(StoreError::Invalid {
                field: "capacity",
                problem: Problem::OnlyForRole { role: Role::Agent },
            }),
            (None, true) => Ok(stored.capacity),
            (Some(CapacityChange::Organisation), _) | (None, false) => Ok(None),
        }
    }

    /// The fields in which the stored account is another one.
    fn differences(
        &self,
        stored: &UserAccount,
        capacity: Option<ChannelCounts>,
    ) -> Vec<Difference> {
        [
            difference(&stored.name, &self.name, Difference::Name),
            difference(&stored.roles, &self.roles, Difference::Roles),
            difference(&stored.capacity, &capacity, Difference::Capacity),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Writes another name, other roles and another capacity of a user, and what follows from roles that are gone.
pub(super) async fn apply(
    rows: &mut dyn Transaction,
    at: Timestamp,
    (before, after): (&UserAccount, &UserAccount),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let user = &after.id;
    let lost = |role| before.roles.contains(&role) && !after.roles.contains(&role);
    if before.active && lost(Role::Administrator) {
        another_administrator(rows, user).await?;
    }
    rows.user_set(after).await?;
    if after.roles != before.roles {
        rows.user_set_roles(user, &after.roles).await?;
        requests::review(rows, at, changes).await?;
        if lost(Role::Agent) {
            let agent = person(after);
            take_all(rows, &agent, Departure::Agent, &[], at, changes).await?;
            // Their supervisors lose authority over them.
            for supervisor in rows.team_supervisors_of(user).await? {
                changes.push(Change::Authority(supervisor));
            }
            rows.user_delete_memberships(user).await?;
        }
        if lost(Role::Supervisor) {
            rows.user_delete_supervisions(user).await?;
            requests::review(rows, at, changes).await?;
        }
        sessions::end_of(rows, user, None, changes).await?;
    }
    // Live connections of the user go by the new name at once.
    changes.push(Change::Authority(user.clone()));
    changes.push(Change::Agent(user.clone()));
    changes.push(Change::People);
    Ok(())
}

pub(super) fn person(account: &UserAccount) -> PersonRef {
    PersonRef {
        id: account.id.clone(),
        name: account.name.clone(),
    }
}

/// Activates a user, or deactivates them: their sessions end, and their open work goes back to its team's queue. What is
/// in wrap-up is closed: the conversation is over, nobody can go on with it.
#[derive(Clone, Debug)]
pub struct UserActivate {
    /// Whom.
    pub user: UserId,
    /// On or off.
    pub active: bool,
    /// Ids for the entries that a deactivation writes, one for each open workitem.
    pub entries: Vec<EntryId>,
    /// The session of the administrator, which must have proved its password to let somebody in again.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for UserActivate {
    type Answer = UserAccount;
    const NAME: &'static str = "user_activate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<UserAccount>> {
        let (user, context) = (&self.user, &self.context);
        let act = match self.active {
            true => Self::NAME,
            false => "user_deactivate",
        };
        let key = IdempotencyKey::in_context(context, act, user)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        if self.active {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let before = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        let after = UserAccount {
            active: self.active,
            ..before.clone()
        };
        let changes = audited(Some(&before), Some(&after));
        audit::changed(rows, context, act, user.as_str(), changes).await?;
        key.keep(rows, context.at, &after).await?;
        if after == before {
            return Ok(Written::unchanged(after));
        }
        let mut changes = Vec::new();
        switch(rows, context.at, &after, &self.entries, &mut changes).await?;
        Ok(Written {
            value: after,
            changes,
        })
    }
}

/// Switches a user on or off who was not so, as `account` has it, with what follows. `Conflict` for the last active administrator.
pub(super) async fn switch(
    rows: &mut dyn Transaction,
    at: Timestamp,
    account: &UserAccount,
    entries: &[EntryId],
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (user, active) = (&account.id, account.active);
    if !active && account.roles.contains(&Role::Administrator) {
        another_administrator(rows, user).await?;
    }
    rows.user_set_active(user, active).await?;
    match active {
        true => {
            // An identity provider that deleted them finds them again.
            rows.provisioned_restore(user).await?;
            changes.push(Change::Agent(user.clone()));
        }
        false => leave(rows, &person(account), entries, at, changes).await?,
    }
    changes.push(Change::Authority(user.clone()));
    changes.push(Change::People);
    Ok(())
}
