//! Many users at once, out of a file: all of them or none.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::error::Problem;
use shared::ids::{RoleId, TeamId, UserId};
use shared::people::Role;
use shared::policy::Action;

use super::audit::Sender;
use super::custom_roles::RoleGive;
use super::keys::IdempotencyKey;
use super::{audit, rights, teams, users};
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

/// A user who is created with others.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// The account.
    pub account: UserAccount,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Built roles, with the kind that each takes the place of.
    pub built: Vec<(Role, RoleId)>,
    /// Where an agent works and what a supervisor supervises.
    pub teams: Vec<TeamId>,
}

/// Creates users and puts them into teams; whether it was done now, and not before under the same key. All have to choose another
/// password at the first sign-in. `Invalid` when a name is taken or a team is gone; then there is none of them.
#[derive(Clone, Debug)]
pub struct UserImport {
    /// The rows of the file, as they were written: what the key stands for.
    pub rows: Vec<[String; 4]>,
    /// Who. Nobody asks for the first answer of a repeated key: `NotFound` without one.
    pub users: Vec<ImportedUser>,
    /// The session of the administrator, which must have proved its password to create another one or somebody who supervises.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for UserImport {
    type Answer = bool;
    const NAME: &'static str = "user_import";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let Self { users, context, .. } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, &self.rows)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        self.ask(rows).await?;
        if users.is_empty() {
            return Err(StoreError::NotFound);
        }
        let mut joining: BTreeMap<&TeamId, (Vec<UserId>, Vec<UserId>)> = BTreeMap::new();
        for user in users {
            let account = &user.account;
            let password = (&user.password_hash[..], true);
            users::insert(rows, Sender::Of(context), account, password).await?;
            for (kind, role) in &user.built {
                give(rows, context, &account.id, (*kind, role)).await?;
            }
            for team in &user.teams {
                let (members, supervisors) = joining.entry(team).or_default();
                if account.roles.contains(&Role::Agent) {
                    members.push(account.id.clone());
                }
                if account.roles.contains(&Role::Supervisor) {
                    supervisors.push(account.id.clone());
                }
            }
        }
        let mut changes = vec![Change::People];
        for (team, (members, supervisors)) in joining {
            let people = (&members[..], &supervisors[..]);
            teams::join(rows, context, team, people, &mut changes).await?;
        }
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: true,
            changes,
        })
    }
}

impl UserImport {
    async fn ask(&self, rows: &mut dyn Transaction) -> Stored<()> {
        let context = &self.context;
        rights::ask_for(rows, context, Action::UserManage).await?;
        if self.users.iter().any(|user| !user.teams.is_empty()) {
            rights::ask_for(rows, context, Action::TeamManage).await?;
        }
        let proves = |user: &ImportedUser| {
            let supervises =
                user.account.roles.contains(&Role::Supervisor) && !user.teams.is_empty();
            user.account.roles.contains(&Role::Administrator)
                || !user.built.is_empty()
                || supervises
        };
        if self.users.iter().any(proves) {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        Ok(())
    }
}

/// Gives somebody who was just created a built role. `Invalid` when it is gone.
async fn give(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    user: &UserId,
    (kind, role): (Role, &RoleId),
) -> Stored<()> {
    let found = rows.custom_role_find(role).await?;
    let found = found.filter(|found| found.kind == kind);
    let found = found.ok_or(StoreError::Invalid {
        field: "roles",
        problem: Problem::NoneChosen,
    })?;
    rows.custom_role_give(user, kind, Some(role)).await?;
    let given = audit::differences(["role"], None, Some([found.name]));
    audit::changed(rows, context, RoleGive::NAME, user.as_str(), given).await
}
