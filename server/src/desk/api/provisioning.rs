//! What an identity provider does: it reads users and changes them.

use std::collections::HashMap;

use shared::error::AppError;
use shared::ids::UserId;
use shared::policy::TokenAct;
use shared::tokens::{ApiToken, Scope};

use super::Given;
use crate::commands::{
    ProfileEdit, ProvisionContext, ProvisionedUser, UserProfile, UserProvision, UserReprovision,
    UserUnprovision,
};
use crate::desk::{Desk, to_app_error};

impl Desk {
    fn provisioning(&self, token: &ApiToken) -> ProvisionContext {
        ProvisionContext {
            token: token.id.clone(),
            at: self.now(),
        }
    }

    /// Whether the token may provision users: it has the scope, and is no team's.
    pub(crate) async fn may_provision(&self, token: &ApiToken) -> Given<()> {
        let act = TokenAct::UseEverywhere(Scope::UsersWrite);
        self.token_may(token, act).await
    }

    /// All users whom a provider finds, by name; of those only the ones whom it calls so.
    pub(crate) async fn provisioned_list(
        &self,
        token: &ApiToken,
        named: Option<&str>,
    ) -> Given<Vec<ProvisionedUser>> {
        self.may_provision(token).await?;
        let mut rows = self.snapshot().await?;
        let mut found = Vec::new();
        if let Some(name) = named {
            // A provider asks so for each user, one after the other.
            for user in rows.provisioned_named(name).await.map_err(to_app_error)? {
                let account = rows.user_find(&user).await.map_err(to_app_error)?;
                let said = rows.provisioned_find(&user).await.map_err(to_app_error)?;
                found.extend(account.and_then(|account| ProvisionedUser::of(account, said)));
            }
            return Ok(found);
        }
        let accounts = rows.user_list().await.map_err(to_app_error)?;
        let said = rows.provisioned_list().await.map_err(to_app_error)?;
        let said = said.into_iter().map(|row| (row.user.clone(), row));
        let mut said: HashMap<_, _> = said.collect();
        found.extend(accounts.into_iter().filter_map(|account| {
            let row = said.remove(&account.id);
            ProvisionedUser::of(account, row)
        }));
        Ok(found)
    }

    /// A user whom a provider finds.
    pub(crate) async fn provisioned_user(
        &self,
        token: &ApiToken,
        user: &UserId,
    ) -> Given<ProvisionedUser> {
        self.may_provision(token).await?;
        let mut rows = self.snapshot().await?;
        let account = rows.user_find(user).await.map_err(to_app_error)?;
        let account = account.ok_or(AppError::NotFound)?;
        let said = rows.provisioned_find(user).await.map_err(to_app_error)?;
        let found = ProvisionedUser::of(account, said);
        Ok(found.ok_or(AppError::NotFound)?)
    }

    /// A provider creates a user.
    pub(crate) async fn provision(
        &self,
        token: &ApiToken,
        profile: UserProfile,
    ) -> Given<ProvisionedUser> {
        self.may_provision(token).await?;
        let provision = UserProvision {
            user: UserId::parse(self.ids().next())?,
            profile,
            context: self.provisioning(token),
        };
        Ok(self.execute(provision).await?)
    }

    /// A provider changes a user, if they have one of the versions that it expects. Answers nothing otherwise.
    pub(crate) async fn reprovision(
        &self,
        token: &ApiToken,
        (user, expected): (UserId, Option<Vec<String>>),
        edits: Vec<ProfileEdit>,
    ) -> Given<Option<ProvisionedUser>> {
        self.may_provision(token).await?;
        let reprovision = UserReprovision {
            user,
            expected,
            edits,
            entries: self.entry_ids(),
            context: self.provisioning(token),
        };
        Ok(self.execute(reprovision).await?)
    }

    /// A provider deletes a user, if they have one of the versions that it expects. Answers whether it did.
    pub(crate) async fn unprovision(
        &self,
        token: &ApiToken,
        user: UserId,
        expected: Option<Vec<String>>,
    ) -> Given<bool> {
        self.may_provision(token).await?;
        let unprovision = UserUnprovision {
            user,
            expected,
            entries: self.entry_ids(),
            context: self.provisioning(token),
        };
        Ok(self.execute(unprovision).await?)
    }
}
